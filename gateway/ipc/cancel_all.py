"""`cancel-all`: ordinary cancels, which the limits, the journal and the events treat as such."""

from __future__ import annotations

from typing import Any, Final

import orjson

from gateway._fast.control.algos import AlgoControl
from gateway._fast.control.pipeline import PipelineControl
from gateway.ipc.answers import Json, cancel_rows

# Of requests that the gateway makes itself: nobody waits for their answers on the orders socket.
NO_SESSION: Final = -1


def cancel_all(
    api: PipelineControl, algos: AlgoControl, owner: int, request_id: str, inst_id: str, wait_ms: int
) -> Json:
    """Cancels what a strategy has open, algo orders too, of one instrument or ("") of all.

    Their ids are `request_id` + .1, .2, …
    """
    found = withdrawn = refused = number = 0
    open_by_op = {"batch-cancel-orders": api.open_orders(owner), "cancel-algos": algos.open_algos(owner)}
    for op, orders in open_by_op.items():
        wanted = [order for order in orders if inst_id in ("", order["instId"])]
        found += len(wanted)
        withdrawn += sum(order["unsent"] for order in wanted)
        for rows in cancel_rows(wanted, op):
            number += 1
            while api.knows_request(owner, f"{request_id}.{number}"):  # of an earlier cancel-all
                number += 1
            cancel: dict[str, Any] = {
                "id": f"{request_id}.{number}",
                "op": op,
                "args": rows,
                "gw": {"maxWaitMs": wait_ms},
            }
            api.on_request(NO_SESSION, 0, owner, False, orjson.dumps(cancel))
            refused += api.refused_rows(owner, f"{request_id}.{number}")
    return {"cancelled": found - withdrawn - refused, "withdrawn": withdrawn}
