"""Several connections to OKX at a time: by which one a request goes, what the end of one means, and that each push is told once."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from gateway._fast.ports.recorders import RecordingFrameSink

MS = 1_000_000


@pytest.fixture
def two(rig: Any) -> Any:
    """Requests go by `rig.new`; `rig.sink` went before, and still answers. Both bring pushes."""
    rig.api.stream_opened(rig.sink)
    rig.new = RecordingFrameSink()
    rig.api.stream_opened(rig.new)
    return rig


def hand_over(rig: Any) -> None:
    rig.api.connection_opened(rig.new)


def names(sink: RecordingFrameSink) -> list[str]:
    return [row.get("clOrdId") or row["ordId"] for frame in sink.sent for row in json.loads(frame)["args"]]


def acknowledge(rig: Any, sink: RecordingFrameSink, *ord_ids: str) -> None:
    """OKX accepts the newest frame of this connection."""
    sent = json.loads(sink.sent[-1])
    stamp = {"tag": "", "ts": "1700000000120", "sCode": "0", "sMsg": ""}
    items = [
        {"clOrdId": row.get("clOrdId", ""), "ordId": row.get("ordId", ord_id), **stamp}
        for row, ord_id in zip(sent["args"], ord_ids, strict=True)
    ]
    rig.ack(sent["id"], sent["op"], *items)


# ------------------------------------------------------------------ by which one


def test_new_orders_go_by_the_new_connection(two: Any) -> None:
    two.send(two.order("o1", clOrdId="A"))
    hand_over(two)
    two.send(two.order("o2", clOrdId="B"))
    assert (names(two.sink), names(two.new)) == (["A"], ["B"])


@pytest.mark.parametrize("op", ["cancel", "amend"])
def test_one_order_one_road(two: Any, op: str) -> None:
    """What is about an order in flight on the old connection goes by it, so that nothing overtakes; then by the new one."""
    two.send(two.order("o1", clOrdId="A"))
    hand_over(two)
    two.send(getattr(two, op)("x1", clOrdId="A"))
    assert (names(two.sink), names(two.new)) == (["A", "A"], [])
    acknowledge(two, two.sink, "801")
    two.send(two.amend("x2", clOrdId="A"))
    assert names(two.new) == ["A"], "the amend or cancel on the old one is acked"


def test_an_order_that_was_acked_goes_by_the_new_connection_at_once(two: Any) -> None:
    two.place("A", "801")
    hand_over(two)
    two.send(two.cancel("c1", ordId="801"))
    assert names(two.new) == ["801"]


def test_an_order_in_flight_on_a_connection_that_is_gone_has_no_road_but_the_new_one(two: Any) -> None:
    two.send(two.order("o1", clOrdId="A"))
    hand_over(two)
    two.api.connection_lost(two.sink)
    two.send(two.cancel("c1", clOrdId="A"))
    assert names(two.new) == ["A"]


def test_a_batch_whose_orders_stand_on_both_waits_for_the_acks(two: Any) -> None:
    """Even where it may not wait: it is the gateway that changes connections."""
    two.send(two.order("o1", clOrdId="A"))
    hand_over(two)
    two.send(two.order("o2", clOrdId="B"))
    rows = [{"instId": "BTC-USDT", "clOrdId": name} for name in "AB"]
    two.send({"id": "c1", "op": "batch-cancel-orders", "args": rows, "gw": {"maxWaitMs": 0}})
    assert (names(two.sink), names(two.new)) == (["A"], ["B"])
    assert two.replies == []
    acknowledge(two, two.sink, "801")
    two.api.tick_at(two.now + MS)
    assert names(two.new) == ["B", "A", "B"]


# ------------------------------------------------------------------ the end of one


def test_the_loss_of_one_makes_only_its_own_requests_unknown(two: Any) -> None:
    two.send(two.order("o1", clOrdId="A"))
    hand_over(two)
    two.send(two.order("o2", clOrdId="B"))
    assert [two.api.in_flight_count(one) for one in (two.sink, two.new)] == [1, 1]
    two.api.connection_lost(two.sink)
    assert (two.row("o1")["result"], two.row("o1")["reason"]) == ("unknown", "connection_lost")
    assert two.api.in_flight_count() == 1
    assert two.api.is_ready()
    acknowledge(two, two.new, "802")
    assert two.row("o2")["result"] == "accepted"


def test_the_loss_of_the_new_one_leaves_what_the_old_one_has(two: Any) -> None:
    two.send(two.order("o1", clOrdId="A"))
    hand_over(two)
    two.api.connection_lost(two.new)
    assert not two.api.is_ready()
    acknowledge(two, two.sink, "801")
    assert two.row("o1")["result"] == "accepted"


def test_a_pong_proves_nothing_of_another_connection(new_rig: Any) -> None:
    rig = new_rig(window_ns=2_000 * MS)
    rig.send(rig.order("o1", clOrdId="A"))
    rig.new = RecordingFrameSink()
    hand_over(rig)
    rig.api.tick_at(rig.now + 3_600_000 * MS)
    held = [rig.api.usage("BTC-USDT", "order")[1]]
    for socket in (rig.new, rig.sink):
        rig.api.pong_received(rig.now + 3_600_000 * MS, socket)
        held.append(rig.api.usage("BTC-USDT", "order")[1])
    assert held == [1, 1, 0]


# ------------------------------------------------------------------ pushes, each once


def bring(rig: Any, socket: RecordingFrameSink, frame: dict[str, Any]) -> None:
    """OKX's frame, without spaces as it writes them, on one of the connections."""
    rig.api.on_frame(json.dumps(frame, separators=(",", ":")).encode(), rig.now, 1_700_000_000_000_000_007, socket)


def balance(number: int, p_time: int = 0, event_type: str = "filled") -> dict[str, Any]:
    """A push of balance_and_position (OKX docs, WS / Balance and position channel), shortened."""
    row = {
        "pTime": str(1_700_000_000_000 + p_time),
        "eventType": event_type,
        "balData": [{"ccy": "BTC", "cashBal": str(number)}],
    }
    return {"arg": {"channel": "balance_and_position", "uid": "77982378738415879"}, "data": [row]}


def told_balances(rig: Any) -> list[str]:
    events = rig.on("account.balance_and_position")
    return [event["data"]["data"][0]["balData"][0]["cashBal"] for event in events]


def interleavings(rng: random.Random, count: int) -> Iterator[tuple[list[str], int]]:
    """In which order two connections bring `count` pushes each; and after how many frames the second takes over."""
    for _ in range(200):
        order = ["old"] * count + ["new"] * count
        rng.shuffle(order)
        yield order, rng.randrange(2 * count + 1)


@pytest.mark.parametrize("seed", range(3))
def test_each_push_about_the_account_is_told_once_however_they_interleave(new_rig: Any, seed: int) -> None:
    """Each connection brings all of them in OKX's order, with its own pTime; the lead passes at any moment, and none is left out."""
    for order, switch in interleavings(random.Random(seed), 5):
        rig = new_rig()
        rig.new = RecordingFrameSink()
        rig.api.stream_opened(rig.sink)
        rig.api.stream_opened(rig.new)
        brought = {"old": 0, "new": 0}
        for at, one in enumerate(order):
            if at == switch:
                rig.api.stream_leads(rig.new)
            bring(rig, rig.sink if one == "old" else rig.new, balance(brought[one], p_time=at))
            brought[one] += 1
        if switch == len(order):
            rig.api.stream_leads(rig.new)
        assert sorted(told_balances(rig)) == ["0", "1", "2", "3", "4"], (seed, order, switch)


def test_what_only_the_new_one_has_brought_is_told_when_it_takes_the_lead(two: Any) -> None:
    bring(two, two.sink, balance(1))
    bring(two, two.new, balance(1))
    bring(two, two.new, balance(2))
    assert told_balances(two) == ["1"]
    two.api.stream_leads(two.new)
    assert told_balances(two) == ["1", "2"]
    bring(two, two.sink, balance(2))
    two.api.stream_lost(two.sink)
    bring(two, two.new, balance(3))
    assert told_balances(two) == ["1", "2", "3"]


def test_the_same_push_twice_on_one_connection_is_two(two: Any) -> None:
    for socket in (two.sink, two.sink, two.new, two.new):
        bring(two, socket, balance(1))
    assert told_balances(two) == ["1", "1"]


def test_a_snapshot_counts_only_on_the_leader(two: Any) -> None:
    """A connection that has just subscribed begins with them."""
    bring(two, two.new, balance(1, event_type="snapshot"))
    two.api.stream_leads(two.new)
    assert told_balances(two) == []
    bring(two, two.new, balance(2, event_type="snapshot"))
    assert told_balances(two) == ["2"]


def life(wire: Any) -> list[dict[str, Any]]:
    """Placed, amended and partly filled within one millisecond of OKX's, then filled."""
    stamp = {"clOrdId": "A", "ordId": "801", "uTime": "1700000000120"}
    amended = {**stamp, "px": "20001"}
    return [
        wire.order_row(**stamp),
        wire.order_row(**amended, reqId="r1", amendResult="0"),
        wire.order_row(**amended, **wire.filled("7", "0.004", "0.004")),
        wire.order_row(
            **{**amended, "uTime": "1700000000121"}, **{**wire.filled("8", "0.006", "0.01"), "state": "filled"}
        ),
    ]


def test_each_news_of_an_order_is_told_once_and_in_order_however_they_interleave(new_rig: Any, wire: Any) -> None:
    """All 70 ways in which two connections can bring the same four pushes."""
    for chosen in itertools.combinations(range(8), 4):
        rig = new_rig()
        rig.new = RecordingFrameSink()
        rig.api.stream_opened(rig.sink)
        rig.api.stream_opened(rig.new)
        rig.send(rig.order("o1", clOrdId="A"))
        brought = {True: 0, False: 0}
        for at in range(8):
            is_old = at in chosen
            bring(rig, rig.sink if is_old else rig.new, wire.orders_push(life(wire)[brought[is_old]]))
            brought[is_old] += 1
        told = [(one["state"], one["data"]["px"], one["accFillSz"]) for one in rig.on("alpha.order")]
        assert told == [
            ("live", "20000", "0"),
            ("live", "20001", "0"),
            ("partially_filled", "20001", "0.004"),
            ("filled", "20001", "0.01"),
        ], chosen
        assert [one["tradeId"] for one in rig.on("alpha.fill")] == ["7", "8"], chosen
