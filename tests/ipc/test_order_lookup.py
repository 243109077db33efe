"""How `get-order` reads the name of an order. Names after docs/protocol.md."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gateway.ipc.answers import BadArgs
from gateway.ipc.order_lookup import find_named

ORDER, ALGO, PLACED = {"ordId": "801"}, {"algoId": "5"}, {"ordId": "802"}


def find(arg: dict[str, Any] | None, *, placed_by_algo: bool = False) -> Any:
    """Fakes of the two control APIs that know one order each: `clOrdId` A1 or `ordId` 801, `algoId` 5, request o1."""
    api: Any = SimpleNamespace(
        find_order=lambda ord_id, cl_ord_id: ORDER if (ord_id, cl_ord_id) in (("801", ""), ("", "A1")) else None,
        find_placed=lambda owner, name, row: PLACED if (owner, name, row) == (2, "o1", 1) else None,
    )
    algos: Any = SimpleNamespace(
        find=lambda algo_id, algo_cl_ord_id: ALGO if (algo_id, algo_cl_ord_id) in (("5", ""), ("", "T1")) else None,
        find_placed=lambda owner, name, row: ALGO if placed_by_algo else None,
    )
    return find_named(api, algos, 2, {"args": [] if arg is None else [arg]})


@pytest.mark.parametrize(
    ("arg", "order"),
    [
        ({"ordId": "801"}, ORDER),
        ({"clOrdId": "A1"}, ORDER),
        ({"clOrdId": "A2"}, None),
        ({"algoId": "5"}, ALGO),
        ({"algoClOrdId": "T1"}, ALGO),
        ({"algoId": "6"}, None),
        ({"id": "o1", "row": 1}, PLACED),
        ({"id": "o1"}, None),
        ({"id": "o2", "row": 1}, None),
    ],
)
def test_an_order_is_found_by_one_name(arg: dict[str, Any], order: dict[str, Any] | None) -> None:
    assert find(arg) == order


def test_a_request_can_have_placed_an_algo_order() -> None:
    assert find({"id": "t1"}, placed_by_algo=True) == ALGO


@pytest.mark.parametrize(
    "arg",
    [None, {}, {"ordId": "801", "clOrdId": "A1"}, {"row": 1}, {"ordId": 801}, {"id": "o1", "row": -1}, {"name": "A1"}],
)
def test_any_other_naming_is_refused(arg: dict[str, Any] | None) -> None:
    with pytest.raises(BadArgs):
        find(arg)
