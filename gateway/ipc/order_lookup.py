"""Pure. The order or algo order that the argument of `get-order` names."""

from __future__ import annotations

from typing import Final

from gateway._fast.control.algos import AlgoControl
from gateway._fast.control.pipeline import PipelineControl
from gateway.ipc import answers
from gateway.ipc.answers import BadArgs, Json

NAMES: Final = ("clOrdId", "ordId", "algoClOrdId", "algoId", "id")
ROW_MAX: Final = 19


def find_named(api: PipelineControl, algos: AlgoControl, owner: int, message: Json) -> Json | None:
    """None if none is known by that name. BadArgs unless it is exactly one name."""
    arg = answers.first_arg(message, frozenset({*NAMES, "row"}))
    cl_ord_id, ord_id, algo_cl_ord_id, algo_id, placed_by = given = [answers.text(arg, name) for name in NAMES]
    if sum(map(bool, given)) != 1:
        raise BadArgs(f"args[0] must name the order by one of {', '.join(NAMES)}")
    if placed_by:
        row = answers.integer(arg, "row", 0, 0, ROW_MAX)
        return api.find_placed(owner, placed_by, row) or algos.find_placed(owner, placed_by, row)
    if algo_id or algo_cl_ord_id:
        return algos.find(algo_id, algo_cl_ord_id)
    return api.find_order(ord_id, cl_ord_id)
