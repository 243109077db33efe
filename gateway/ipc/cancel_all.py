"""`cancel-all`: ordinary cancels, which the limits, the journal and the events treat as such."""

from __future__ import annotations

from typing import Any, Final

import orjson

from gateway._fast.algo_handle import AlgoHandle
from gateway._fast.pipeline_handle import PipelineHandle
from gateway.ipc.answers import Json, cancel_rows

# Of requests that the gateway makes itself: nobody waits for their answers on the orders socket.
NO_SESSION: Final = -1


def cancel_all(
    handle: PipelineHandle, algos: AlgoHandle, family: int, request_id: str, inst_id: str, wait_ms: int
) -> Json:
    """Cancels what a strategy has open, of one instrument or ("") of all; their ids are `request_id` + .1, .2, …"""
    orders = [order for order in handle.open_orders(family) if inst_id in ("", order["instId"])]
    withdrawn = sum(order["unsent"] for order in orders)
    number = refused = 0
    for rows in cancel_rows(orders):
        number += 1
        while handle.knows_request(family, f"{request_id}.{number}"):  # of an earlier cancel-all
            number += 1
        cancel: dict[str, Any] = {
            "id": f"{request_id}.{number}",
            "op": "batch-cancel-orders",
            "args": rows,
            "gw": {"maxWaitMs": wait_ms},
        }
        handle.on_request(NO_SESSION, 0, family, False, orjson.dumps(cancel))
        refused += handle.refused_rows(family, f"{request_id}.{number}")
    return {"cancelled": len(orders) - withdrawn - refused, "withdrawn": withdrawn}
