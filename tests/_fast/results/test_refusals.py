"""One exit for what the gateway refuses: each row's result, one `.ack`, one reply; both in the same words."""

from __future__ import annotations

from typing import Any

import pytest

MS = 1_000_000


def test_a_refused_batch_is_told_row_by_row_and_once_to_its_connection(rig: Any) -> None:
    rig.sink.failing = True
    rig.send(rig.batch("o1", "A1", "B2"), session=5)
    words = "the connection to OKX closed before the first byte was handed over"
    (ack,) = rig.on("alpha.ack")
    assert (ack["id"], ack["op"], ack["code"], ack["msg"]) == ("o1", "batch-orders", "1", words)
    assert [
        (row["row"], row["clOrdId"], row["result"], row["origin"], row["reason"], row["sCode"], row["msg"])
        for row in ack["data"]
    ] == [(number, name, "rejected", "gateway", "send_failed", "", words) for number, name in ((0, "A1"), (1, "B2"))]
    assert "okx" not in ack["data"][0], "OKX has said nothing"
    assert rig.replies == [
        {"id": "o1", "op": "batch-orders", "code": "1", "reason": "send_failed", "msg": words, "data": []}
    ]
    assert [session for session, _ in rig.reply_sink.replies] == [5]
    assert rig.api.status()["counters"]["refused"] == 1


def test_a_row_that_has_its_result_keeps_it(new_rig: Any) -> None:
    """Withdrawn by a cancel before the rest of its batch was given up."""
    rig = new_rig(ready=False)
    rig.send(rig.batch("o1", "A1", "B2", gw={"maxWaitMs": 100}))
    rig.send(rig.cancel("c1", clOrdId="A1"))
    rig.api.tick_at(rig.now + 100 * MS)
    assert [(row["result"], row["reason"]) for row in rig.rows("o1")] == [
        ("rejected", "cancelled_before_send"),
        ("rejected", "not_ready"),
    ]


@pytest.mark.parametrize("op", ["order", "cancel-order", "amend-order"])
def test_without_an_id_there_is_a_reply_and_no_ack(rig: Any, op: str) -> None:
    rig.send({"op": op, "args": [{"instId": "BTC-USDT"}]})
    assert (rig.reply["id"], rig.reply["code"], rig.reply["reason"]) == ("", "1", "bad_request")
    assert rig.events == []


def test_what_the_gateway_made_itself_gets_no_reply(rig: Any) -> None:
    """Of session -1 are the cancels that `cancel-all` makes: their results are events."""
    rig.sink.failing = True
    rig.send(rig.cancel("c1", ordId="5"), session=-1)
    assert rig.row("c1")["reason"] == "send_failed"
    assert rig.replies == []


def test_the_recorded_result_of_a_refusal(rig: Any) -> None:
    rig.sink.failing = True
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.forget()
    rig.send(rig.order("o1", clOrdId="A1"))
    (row,) = rig.reply["data"]
    assert (row["result"], row["origin"], row["reason"]) == ("rejected", "gateway", "send_failed")
    assert row["msg"] == "the connection to OKX closed before the first byte was handed over"
    assert rig.events == []
