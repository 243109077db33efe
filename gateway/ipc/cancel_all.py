"""`cancel-all`: ordinary cancels, which the limits, the journal and the events treat as such."""

from __future__ import annotations

from typing import Any, Final

import orjson

from gateway._fast.control.algos import AlgoHandle
from gateway._fast.control.pipeline import PipelineHandle
from gateway.ipc.answers import Json, cancel_rows

# Of requests that the gateway makes itself: nobody waits for their answers on the orders socket.
NO_SESSION: Final = -1


def cancel_all(
    handle: PipelineHandle, algos: AlgoHandle, family: int, request_id: str, inst_id: str, wait_ms: int
) -> Json:
    """Cancels what a strategy has open, algo orders too, of one instrument or ("") of all.

    Their ids are `request_id` + .1, .2, …
    """
    found = withdrawn = refused = number = 0
    held = {"batch-cancel-orders": handle.open_orders(family), "cancel-algos": algos.open_algos(family)}
    for op, orders in held.items():
        wanted = [order for order in orders if inst_id in ("", order["instId"])]
        found += len(wanted)
        withdrawn += sum(order["unsent"] for order in wanted)
        for rows in cancel_rows(wanted, op):
            number += 1
            while handle.knows_request(family, f"{request_id}.{number}"):  # of an earlier cancel-all
                number += 1
            cancel: dict[str, Any] = {
                "id": f"{request_id}.{number}",
                "op": op,
                "args": rows,
                "gw": {"maxWaitMs": wait_ms},
            }
            handle.on_request(NO_SESSION, 0, family, False, orjson.dumps(cancel))
            refused += handle.refused_rows(family, f"{request_id}.{number}")
    return {"cancelled": found - withdrawn - refused, "withdrawn": withdrawn}
