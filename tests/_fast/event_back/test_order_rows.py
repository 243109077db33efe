"""Which order a row of OKX's is about, whose it is, and whether fills of it are missing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests._fast.test_order_pushes import CLOSED, GONE, MORE, PART, WHOLE


def test_orders_that_nobody_here_owns_go_to_the_account(rig: Any, wire: Any) -> None:
    rig.push(clOrdId="manual1", ordId="901")
    rig.push(clOrdId="manual1", ordId="901", **wire.filled("5", "0.01", "0.01", state="filled"))
    assert [(topic, body["seq"], body["id"], body["row"]) for topic, body in rig.events] == [
        ("account.order", 1, "", 0),
        ("account.fill", 2, "", 0),
        ("account.order", 3, "", 0),
    ]
    assert sorted(rig.on("account.fill")[0]["gw"]) == ["pubNs", "venueNs"]


@pytest.mark.parametrize(
    ("cl_ord_id", "topic"),
    [
        ("9001234567880000001", "alpha.order"),  # minted for number 900 by an earlier run
        ("71234567880000001", "beta.order"),
        ("8001234567880000001", "account.order"),
        ("900123456788000000", "account.order"),
        ("90012345678800000011", "account.order"),
        ("900123456788000000x", "account.order"),
        ("0071234567880000001", "beta.order"),
        ("", "account.order"),
    ],
)
def test_a_minted_id_names_its_owner_after_a_restart(rig: Any, cl_ord_id: str, topic: str) -> None:
    rig.push(clOrdId=cl_ord_id, ordId="901")
    assert [shown for shown, _ in rig.events] == [topic]


def test_a_late_repeat_of_an_ended_order_whose_place_was_given_away(new_rig: Any) -> None:
    rig = new_rig(order_capacity=2)
    rig.push(ordId="901", state="canceled", cancelSource="1")
    for number in range(902, 905):
        rig.push(ordId=str(number), state="canceled", cancelSource="1")
    rig.forget()
    rig.push(ordId="901", state="canceled", cancelSource="1")
    rig.push(ordId="901", state="live")
    assert rig.events == []


def test_an_order_that_is_seen_alive_after_all_is_open_again(rig: Any) -> None:
    """A rejected row's order that OKX then shows must not lose its slot while it lives."""
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.ack(rig.frames[0]["id"], "order", code="60013", msg="Invalid args")
    rig.push(clOrdId="A1", ordId="801")
    assert [order["clOrdId"] for order in rig.api.open_orders(rig.alpha)] == ["A1"]
    assert [body["state"] for body in rig.on("alpha.order")] == ["live"]


# ------------------------------------------------------------------ fills that are missing


@pytest.fixture
def missing(rig: Any) -> list[str]:
    """The orders of which fills were found missing."""
    found: list[str] = []
    rig.on_fills_missing = lambda ord_id: found.append(ord_id.decode())
    return found


@pytest.mark.parametrize("by", ["stream", "rest"])
@pytest.mark.parametrize(
    ("news", "is_missing"),
    [
        (MORE, True),  # 0.001 of 0.005
        (WHOLE | {"fillSz": "0.006"}, True),
        (CLOSED, True),
        (GONE | {"accFillSz": "0.004"}, True),
        (GONE, False),
        (PART, False),
        (WHOLE, False),
        ({}, False),
    ],
)
def test_a_state_with_more_filled_than_was_told(
    rig: Any, wire: Any, missing: list[str], news: dict[str, Any], is_missing: bool, by: str
) -> None:
    rig.place("A1", "801")
    if by == "rest":
        rig.api.reconcile_orders(json.dumps([wire.rest_row("A1", "801", **news)]).encode())
        assert missing == (["801"] if news.get("accFillSz") else [])
    else:
        rig.push(clOrdId="A1", ordId="801", **news)
        assert missing == (["801"] if is_missing else [])


def test_fills_that_are_missing_are_told_of_once_until_they_have_come(rig: Any, missing: list[str]) -> None:
    rig.place("A1", "801")
    rig.push(clOrdId="A1", ordId="801", **MORE)
    rig.push(clOrdId="A1", ordId="801", **MORE | {"tradeId": "80", "accFillSz": "0.006"})
    assert missing == ["801"]
    rig.push(clOrdId="A1", ordId="801", **PART)
    assert rig.api.find_order(ord_id="801")["publishedFillSz"] == "0.006000000000000000"
    rig.push(clOrdId="A1", ordId="801", **WHOLE | {"fillSz": "0.001"})
    assert missing == ["801", "801"]


def test_what_an_order_had_filled_before_it_was_first_heard_of_is_not_missing(rig: Any, missing: list[str]) -> None:
    rig.push(ordId="901", **MORE)
    assert missing == [] and len(rig.on("account.fill")) == 1
    rig.push(ordId="901", **WHOLE | {"fillSz": "0.001"})
    assert missing == ["901"]
