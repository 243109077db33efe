"""How a call of REST ends: by an answer, by no proof, or with nothing sent; and what that proves."""

from __future__ import annotations

from typing import Any

import pytest

from tests._fast.rest_orders import ACK_TIMEOUT_MS, AFTER_IT_NS, SL, RestOrders


@pytest.fixture
def rig(new_rig: Any) -> Any:
    return new_rig(ack_timeout_ms=ACK_TIMEOUT_MS)


@pytest.fixture
def rest(rig: Any) -> RestOrders:
    return RestOrders(rig)


def test_an_answer_is_an_ack(rig: Any, rest: RestOrders) -> None:
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL]))
    rest.answer(0, {"clOrdId": "A", "ordId": "77", "sCode": "0", "sMsg": "Order placed", "tag": "", "ts": "1"})
    (ack,) = rig.on("alpha.ack")
    row = ack["data"][0]
    assert (row["result"], row["ordId"], row["okx"]["sMsg"]) == ("accepted", "77", "Order placed")
    assert ack["gw"]["route"] == "rest" and rig.api.status()["inFlight"] == 0 and rest.api.calls() == 0


def test_a_refusal_row_by_row(rig: Any, rest: RestOrders) -> None:
    batch = rig.batch("b1", "A", "B")
    batch["args"][0]["attachAlgoOrds"] = [SL]
    rig.send(batch)
    refused = {"clOrdId": "B", "ordId": "", "sCode": "51008", "sMsg": "Insufficient balance"}
    rest.answer(0, {"clOrdId": "A", "ordId": "77", "sCode": "0", "sMsg": ""}, refused, code="2")
    assert [(row["result"], row["sCode"]) for row in rig.rows("b1")] == [("accepted", "0"), ("rejected", "51008")]


@pytest.mark.parametrize(("code", "result"), [("50011", "rejected"), ("50001", "unknown"), ("59999", "unknown")])
def test_a_refusal_as_a_whole(rig: Any, rest: RestOrders, code: str, result: str) -> None:
    rig.send(rig.order("o1", attachAlgoOrds=[SL]))
    rest.answer(0, code=code, msg="words")
    assert rig.row("o1")["result"] == result


def test_an_answer_without_rows_proves_nothing(rig: Any, rest: RestOrders) -> None:
    rig.send(rig.order("o1", attachAlgoOrds=[SL]))
    rest.answer(0)
    assert (rig.row("o1")["result"], rig.row("o1")["reason"]) == ("unknown", "okx_unknown")


def test_an_answer_about_nothing_that_we_know(rig: Any, rest: RestOrders) -> None:
    rig.send(rig.order("o1", attachAlgoOrds=[SL]))
    rest.api.answered(rest.port.sent[0][0], b'{"id":"x","op":"order","code":"0","data":[]}', rig.now, 7)
    assert rig.row("o1")["result"] == "unknown"


@pytest.mark.parametrize("reason", ["ack_timeout", "connection_lost", "okx_unknown"])
def test_no_proof_is_unknown_and_the_tokens_come_back_late(rig: Any, rest: RestOrders, reason: str) -> None:
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL]))
    rest.no_proof(0, reason)
    assert (rig.row("o1")["result"], rig.row("o1")["reason"]) == ("unknown", reason)
    assert rig.api.usage("BTC-USDT", "order")[:2] == (1, 0)
    rig.push(clOrdId="A", ordId="5")
    assert rig.on("alpha.ack", "resolved")[0]["result"] == "accepted"


def test_what_was_not_sent_is_refused_and_gives_its_token_back(rig: Any, rest: RestOrders) -> None:
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL]))
    rest.not_sent(0)
    row = rig.row("o1")
    assert (row["result"], row["origin"], row["reason"]) == ("rejected", "gateway", "send_failed")
    assert rig.reply["reason"] == "send_failed" and "sentNs" not in rig.on("alpha.ack")[0]["gw"]
    assert rig.api.usage("BTC-USDT", "order")[:2] == (0, 0)
    rig.forget()
    rig.send(rig.order("o2", clOrdId="A", attachAlgoOrds=[SL]))
    assert len(rest.calls) == 2, "its clOrdId is free again"


def test_what_was_not_sent_waits_on_to_its_deadline(rig: Any, rest: RestOrders) -> None:
    """Nothing has left: that is no resending. A cancel may then go by the socket, or withdraw what waits."""
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL], gw={"maxWaitMs": 1_000, "receipt": True}))
    rest.not_sent(0)
    assert rig.api.status()["waiting"] == 1 and rig.on("alpha.ack") == []
    assert rig.api.usage("BTC-USDT", "order")[:2] == (0, 0)
    rig.api.tick_at(rig.now + 100_000_000)
    first, second = rest.calls
    assert first[1] == second[1] and second[2] == first[2] + 100, "its expTime counts from the new departure"
    rest.not_sent(1)
    rig.send(rig.cancel("c1", clOrdId="A"))
    assert rig.row("o1")["reason"] == "cancelled_before_send" and rig.row("c1")["result"] == "accepted"
    assert len(rig.replies) == 1, "the receipt"


def test_its_deadline_ends_it(rig: Any, rest: RestOrders) -> None:
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL], gw={"maxWaitMs": 1_000}))
    rest.not_sent(0)
    rest.port.writable = False
    rig.api.tick_at(rig.now + 1_000_000_001)
    assert rig.row("o1")["reason"] == "not_ready" and rig.api.open_orders() == []


def test_an_amend_that_waits_on_is_counted_once(rig: Any, rest: RestOrders) -> None:
    """Of several amends of one order none is guessed; one that was not sent is none."""
    rig.place("A", "11")
    rig.api.connection_lost()
    rest.api.allow_orders(True)
    rig.send(rig.amend("a1", ordId="11", newPx="20005", gw={"maxWaitMs": 1_000}))
    rest.not_sent(0)
    rig.api.tick_at(rig.now + 1)
    rest.no_proof(1, "connection_lost")
    rig.push(clOrdId="A", ordId="11", px="20005", state="canceled", uTime="1700000020000")
    assert rig.on("alpha.ack", "resolved")[0]["result"] == "accepted"


def test_a_receipt_is_the_only_answer(rig: Any, rest: RestOrders) -> None:
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL], gw={"receipt": True}))
    rest.not_sent(0)
    assert rig.reply["code"] == "0" and rig.row("o1")["result"] == "rejected"


def test_unknown_for_long_and_then_proven_not_sent(rig: Any, rest: RestOrders) -> None:
    rig.place("A", "11")
    rig.send(rig.amend("a1", ordId="11", attachAlgoOrds=[SL]))
    rig.api.tick_at(rig.now + AFTER_IT_NS)
    assert rig.row("a1")["reason"] == "ack_timeout"
    rest.not_sent(0)
    (told,) = rig.on("alpha.ack", "resolved")
    assert (told["result"], told["proof"]) == ("rejected", "not_sent")
    assert rig.api.unknown_count() == 0


def test_a_late_answer_is_proof(rig: Any, rest: RestOrders) -> None:
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL]))
    rig.api.tick_at(rig.now + AFTER_IT_NS)
    rest.answer(0, {"clOrdId": "A", "ordId": "77", "sCode": "0", "sMsg": ""})
    (told,) = rig.on("alpha.ack", "resolved")
    assert (told["result"], told["proof"]) == ("accepted", "late_ack")


def test_the_socket_and_the_lane_prove_nothing_of_each_other(new_rig: Any) -> None:
    """Neither an answer nor an end of one says what OKX has read of the other."""
    rig = new_rig(window_ns=2_000_000_000, limits=(9, 9, 9, 20, 1, 99), ack_timeout_ms=ACK_TIMEOUT_MS)
    rest = RestOrders(rig)
    rig.send(rig.order("r1", attachAlgoOrds=[SL]))
    rig.send(rig.order("s1"))
    rig.api.tick_at(rig.now + AFTER_IT_NS)
    assert rig.api.usage("BTC-USDT", "order")[:2] == (2, 2)
    rig.send(rig.order("s2"))
    rig.accept(-1, "9")
    assert rig.api.usage("BTC-USDT", "order")[:2] == (3, 1), "r1 is still held"
    rig.send(rig.order("r2", attachAlgoOrds=[SL]))
    rig.api.connection_lost()
    assert rig.api.in_flight_count() == 1, "r2 went by REST"
    rest.answer(1, {"ordId": "2", "sCode": "0"})
    assert rig.row("r2")["result"] == "accepted"
    assert rig.api.usage("BTC-USDT", "order")[1] == 1


def test_a_lane_that_takes_nothing(rig: Any, rest: RestOrders) -> None:
    rest.port.failing = True
    rig.send(rig.order("o1", attachAlgoOrds=[SL]))
    assert rig.row("o1")["reason"] == "send_failed"
    rest.port.failing, rest.port.writable = False, False
    rig.send(rig.order("o2", attachAlgoOrds=[SL]))
    assert rig.row("o2")["reason"] == "not_ready" and rest.calls == []
