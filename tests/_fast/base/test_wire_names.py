"""The words on the wire, cell by cell. Sources: the reasons of docs/protocol.md; `cancelSource` and `state` of OKX docs, WS / Order channel."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gateway._fast.base.wire_names import (
    ENDED_ALGO_STATES,
    ENDED_STATES,
    USERS_CANCEL_SOURCES,
    all_reasons,
    reason_text,
)

PROTOCOL = Path(__file__).parents[3] / "docs" / "protocol.md"

# OKX's documented causes, in a word of ours.
CANCEL_SOURCES = {
    "0": "system",
    "1": "user",
    "2": "margin_short",
    "3": "margin_short",
    "4": "borrow_cap",
    "6": "adl",
    "7": "futures_expiry",
    "9": "funding_fee",
    "10": "option_expiry",
    "13": "fok_not_filled",
    "14": "ioc_remainder",
    "15": "price_limit",
    "17": "position_closed",
    "20": "cancel_all_after",
    "21": "tp_sl_of_closed_position",
    "22": "reduce_only",
    "23": "reduce_only",
    "27": "slippage",
    "31": "post_only_would_take",
    "32": "self_trade",
    "33": "too_many_makers",
    "36": "linked_stop_triggered",
    "37": "linked_stop_canceled",
    "38": "mmp_canceled_by_user",
    "39": "mmp",
    "42": "chase_distance",
    "43": "pre_quote_end",
    "44": "auto_conversion",
    "45": "rpi_price",
    "46": "delta_reduction",
}
UNKNOWN_SOURCES = [str(number) for number in range(100) if str(number) not in CANCEL_SOURCES]
UNKNOWN_SOURCES += ["00", "01", "100", "999", "1x", "-1", "user", "1.", "٣"]


@pytest.mark.parametrize(("source", "reason"), CANCEL_SOURCES.items())
def test_each_cancel_source_has_its_word(rig: Any, source: str, reason: str) -> None:
    rig.push(ordId="801", state="canceled", cancelSource=source)
    assert rig.on("account.order")[0]["reason"] == reason


def test_an_unknown_cancel_source_still_ends_the_order(new_rig: Any) -> None:
    rig = new_rig(order_capacity=256)
    for number, source in enumerate(UNKNOWN_SOURCES):
        rig.push(ordId=str(1_000 + number), state="canceled", cancelSource=source)
    told = dict(zip(UNKNOWN_SOURCES, [body["reason"] for body in rig.on("account.order")], strict=True))
    assert {source: reason for source, reason in told.items() if reason != "canceled"} == {"00": "system", "01": "user"}


def test_no_cause_no_word(rig: Any) -> None:
    rig.push(ordId="801", state="canceled", cancelSource="")
    rig.push(ordId="802", state="filled", cancelSource="")
    rig.push(ordId="803", state="live", cancelSource="1")
    assert [body["reason"] for body in rig.on("account.order")] == ["", "", ""]


@pytest.mark.parametrize(
    ("state", "terminal"),
    [("live", False), ("partially_filled", False), ("filled", True), ("canceled", True), ("mmp_canceled", True)],
)
def test_each_state(rig: Any, state: str, terminal: bool) -> None:
    rig.push(ordId="801", state=state)
    (event,) = rig.on("account.order")
    assert (event["state"], event["terminal"]) == (state, terminal)


@pytest.mark.parametrize("state", ["pending", "rejected", "Live", "live ", "liv", "", "effective", "order_failed"])
def test_states_of_our_own_or_of_other_orders_are_none_of_okx_s(rig: Any, state: str) -> None:
    rig.push(ordId="801", state=state)
    assert [topic for topic, _ in rig.events] == ["gateway.alarm"]


def test_the_protocols_table_lists_every_reason() -> None:
    text = PROTOCOL.read_text("utf-8").partition("## Reasons")[2].partition("## What a careful client does")[0]
    table = [
        name
        for line in text.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`([a-z_]+)`", line.split("|")[1])
    ]
    table.remove("reason")  # the head of the table
    unknown = re.findall(r"`([a-z_]+)`", text.rpartition("`unknown` rows have")[2])
    assert sorted(table + unknown) == sorted(all_reasons())


def test_reasons_by_their_numbers() -> None:
    assert [reason_text(number + 1) for number in range(len(all_reasons()))] == all_reasons()
    assert reason_text(0) == ""


def test_states_in_which_an_order_has_ended() -> None:
    """OKX docs, Get order details, `state`; `rejected` is the gateway's own."""
    assert {"filled", "canceled", "mmp_canceled", "rejected"} == ENDED_STATES


def test_states_in_which_an_algo_order_has_ended() -> None:
    """OKX docs, Get algo order list: live, pause and partially_effective are pending; `rejected` is the gateway's own."""
    assert {"effective", "canceled", "rejected", "order_failed", "partially_failed"} == ENDED_ALGO_STATES


def test_whose_cancel_it_was() -> None:
    """OKX docs, WS / Order channel, `cancelSource`: 1 a user's, 38 a user's of an MMP order; empty: not said."""
    assert {"", "1", "38"} == USERS_CANCEL_SOURCES
