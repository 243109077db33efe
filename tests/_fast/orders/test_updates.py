"""What one row of OKX's tells of an order: which of its values must be good for which use, and what is older news.

OKX docs, WS / Order channel: sizes and prices are texts in plain decimals; `uTime` is the last change of the order.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

FILL = {
    "tradeId": "77", "fillSz": "0.004", "fillPx": "20000", "fillFee": "-0.01", "accFillSz": "0.004",
    "state": "partially_filled", "fillFeeCcy": "USDT", "fillTime": "1700000000123", "execType": "M",
}  # fmt: skip
MALFORMED = ["", "abc", "1e3", "0x1", "1.2.3", "--1", "-", " 1", "1 ", "١", "NaN", "+1", "1,5"]
PLAIN = ["0.004", "1", "-1", "0.", ".5", "00.40", "12345678901234567890.123456789012345678"]


@pytest.fixture
def placed(rig: Any) -> Any:
    """A rig with the live order A1 / 801."""
    rig.place("A1", "801")
    return rig


def push(rig: Any, **changes: Any) -> list[str]:
    """A push on the order; the topics of what it published."""
    before = len(rig.events)
    rig.push(clOrdId="A1", ordId="801", **changes)
    return [topic.partition(".")[2] for topic, _ in rig.events[before:] if not topic.startswith("gateway.")]


def unrecognised(rig: Any) -> int:
    return int(rig.api.status()["counters"]["pushes_unrecognised"])


# ---------------------------------------------------------------- what a fill cannot be booked without


@pytest.mark.parametrize("member", ["fillSz", "fillPx", "fillFee", "accFillSz"])
@pytest.mark.parametrize("text", MALFORMED)
def test_a_fill_with_a_malformed_number_is_not_published_and_comes_later_in_full(
    placed: Any, member: str, text: str
) -> None:
    assert push(placed, **FILL | {member: text}) == []
    assert unrecognised(placed) == 1
    assert push(placed, **FILL) == ["fill", "order"]


@pytest.mark.parametrize("member", ["fillPx", "fillFee"])
@pytest.mark.parametrize("text", PLAIN)
def test_a_fill_goes_out_with_the_numbers_as_okx_wrote_them(placed: Any, member: str, text: str) -> None:
    assert push(placed, **FILL | {member: text}) == ["fill", "order"]
    assert placed.on("alpha.fill")[0][member] == text


@pytest.mark.parametrize("size", ["0", "0.0", "0.000", "00"])
def test_a_row_with_a_trade_of_size_zero_has_no_fill(placed: Any, size: str) -> None:
    assert push(placed, **FILL | {"fillSz": size}) == ["order"]


def test_a_row_without_a_trade_id_has_no_fill(placed: Any) -> None:
    assert push(placed, **FILL | {"tradeId": ""}) == ["order"]


@pytest.mark.parametrize("member", ["fillPx", "fillFee"])
def test_without_a_fill_its_numbers_do_not_matter(placed: Any, member: str) -> None:
    changes = {"tradeId": "", "fillSz": "0", "px": "20001", member: "x", "amendResult": "0", "reqId": "r1"}
    assert push(placed, **changes) == ["order"]


# ---------------------------------------------------------------- what an order's state cannot be told without


@pytest.mark.parametrize("member", ["accFillSz", "sz"])
@pytest.mark.parametrize("text", MALFORMED)
def test_a_row_with_a_malformed_size_moves_nothing(placed: Any, member: str, text: str) -> None:
    """Another size than was asked for would be told to the strategy."""
    assert push(placed, state="canceled", **{member: text}) == []
    assert placed.api.find_order(ord_id="801")["state"] == "live"
    assert unrecognised(placed) == 1
    assert push(placed, state="canceled") == ["order"]


@pytest.mark.parametrize("state", ["", "LIVE", "expired", "order_placed", "pending", "rejected", "unknown"])
def test_a_state_that_okx_does_not_document_moves_nothing(placed: Any, state: str) -> None:
    assert push(placed, state=state, px="1", amendResult="0", reqId="r1") == []
    shown = placed.api.find_order(ord_id="801")
    assert (shown["state"], shown["px"]) == ("live", "20000")
    assert unrecognised(placed) == 1


@pytest.mark.parametrize("state", ["live", "partially_filled", "filled", "canceled", "mmp_canceled"])
def test_each_state_of_okx_is_told_as_okx_names_it(placed: Any, state: str) -> None:
    acc = "0.01" if state == "filled" else "0"
    push(placed, state=state, accFillSz=acc, px="20001", amendResult="0", reqId="r1")
    assert placed.on("alpha.order")[-1]["state"] == state


# ---------------------------------------------------------------- what the order then is


@pytest.mark.parametrize(
    ("member", "value"),
    [("px", "20001"), ("sz", "0.02"), ("accFillSz", "0.004"), ("side", "sell"), ("ordType", "post_only"),
     ("cTime", "1700000000001"), ("uTime", "1700000000999"), ("state", "partially_filled")],
)  # fmt: skip
def test_the_order_is_brought_up_to_the_row(placed: Any, member: str, value: str) -> None:
    changes = {"px": "20001", "sz": "0.02", "accFillSz": "0.004", "side": "sell", "ordType": "post_only"}
    push(placed, state="partially_filled", cTime="1700000000001", uTime="1700000000999", **changes)
    assert placed.api.find_order(ord_id="801")[member] == value


@pytest.mark.parametrize(
    ("u_time", "is_news"), [("1700000000119", False), ("1700000000120", True), ("1700000000121", True), ("", True)]
)
def test_a_row_from_before_what_is_known_is_no_news(placed: Any, u_time: str, is_news: bool) -> None:
    """The order's `uTime` is 1700000000120."""
    assert push(placed, px="20001", uTime=u_time, amendResult="0") == (["order"] if is_news else [])


def test_a_row_with_less_filled_than_is_known_is_no_news(placed: Any) -> None:
    push(placed, **FILL)
    later = {"uTime": "1700000009999", "px": "20005", "amendResult": "0"}
    assert push(placed, state="partially_filled", accFillSz="0.003", **later) == []


@pytest.mark.parametrize(
    ("asked", "shown", "is_change"), [("20000", "20000", False), ("20000", "20001", True), ("20000", "", False)]
)
def test_a_row_of_rest_is_news_if_price_or_state_differ(
    placed: Any, wire: Any, asked: str, shown: str, is_change: bool
) -> None:
    row = wire.rest_row("A1", "801", px=shown, uTime="1700000009999")
    placed.api.reconcile_orders(json.dumps([row]).encode())
    assert [body["source"] for body in placed.on("alpha.order")] == (["reconcile"] if is_change else [])


# ---------------------------------------------------------------- the sum of the fills


sizes = st.decimals("0.00000001", "1000000", places=8)


@given(fills=st.lists(sizes, min_size=1, max_size=8), lost=st.sets(st.integers(0, 7)))
def test_fills_are_missing_exactly_while_their_sum_is_less_than_what_is_filled(
    new_rig: Any, wire: Any, fills: list[Decimal], lost: set[int]
) -> None:
    """Some of them never come; then REST says what is filled in all, and brings them."""
    rig = new_rig()
    missing: list[bytes] = []
    rig.on_fills_missing = missing.append
    rig.place("A1", "801")
    total, kept = Decimal(0), Decimal(0)
    for number, size in enumerate(fills):
        total += size
        is_lost = number in lost
        kept += 0 if is_lost else size
        if not is_lost:
            push(
                rig,
                **FILL | {"tradeId": str(number + 1), "fillSz": f"{size:f}", "accFillSz": f"{total:f}"},
            )
    row = wire.rest_row("A1", "801", state="partially_filled", accFillSz=f"{total:f}", uTime="1700000009999")
    rig.api.reconcile_orders(json.dumps([row]).encode())
    shown = rig.api.find_order(ord_id="801")
    assert Decimal(shown["publishedFillSz"]) == kept
    assert bool(missing) is (kept < total)
    late = [
        {
            "instId": "BTC-USDT",
            "ordId": "801",
            "clOrdId": "A1",
            **FILL,
            "tradeId": str(number + 1),
            "fillSz": f"{size:f}",
        }
        for number, size in enumerate(fills)
    ]
    rig.api.reconcile_fills(json.dumps(late).encode())
    assert Decimal(rig.api.find_order(ord_id="801")["publishedFillSz"]) == total, "each counted once"
