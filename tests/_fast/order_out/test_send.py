"""The last steps of a request: journal, socket, receipt, in this order."""

from __future__ import annotations

from typing import Any


def test_intent_first(rig: Any) -> None:
    """No order byte leaves before its intent is in the journal."""
    rig.send(rig.order("o1"))
    assert [kind for kind, _ in rig.journal.records] == ["received", "intent"]
    assert rig.journal.records[1][1] == rig.sink.sent[0]
    rig.forget()
    rig.journal.full = True
    rig.send(rig.order("o2"))
    assert rig.sink.sent == []
    assert (rig.row("o2")["result"], rig.reply["reason"]) == ("rejected", "journal")


def test_a_failing_socket_rejects_for_nothing_has_left(rig: Any) -> None:
    rig.sink.failing = True
    rig.send(rig.order("o1", clOrdId="A1"))
    assert (rig.row("o1")["result"], rig.row("o1")["reason"], rig.row("o1")["origin"]) == (
        "rejected",
        "send_failed",
        "gateway",
    )
    assert rig.reply["reason"] == "send_failed"
    rig.sink.failing = False
    rig.send(rig.order("o2", clOrdId="A1"))
    assert len(rig.frames) == 1, "its clOrdId is free again"


# ------------------------------------------------------------------ receipts


def test_a_receipt_follows_the_sending_and_bears_the_minted_ids(rig: Any) -> None:
    rows = [rig.order("")["args"][0], rig.order("", clOrdId="B2")["args"][0]]
    rig.send({"id": "o1", "op": "batch-orders", "args": rows, "gw": {"receipt": True}})
    assert rig.reply == {
        "id": "o1",
        "op": "batch-orders",
        "code": "0",
        "reason": "",
        "msg": "",
        "data": [{"row": 0, "clOrdId": "9001234567890000001"}, {"row": 1, "clOrdId": "B2"}],
    }
    rig.accept()
    assert len(rig.replies) == 1


def test_a_req_socket_always_gets_a_receipt(rig: Any) -> None:
    rig.send(rig.order("o1", clOrdId="A1"), is_req=True)
    assert rig.reply["data"] == [{"row": 0, "clOrdId": "A1"}]


def test_the_receipt_of_a_waiting_request_comes_when_it_leaves(rig: Any, new_rig: Any) -> None:
    rig = new_rig(ready=False)
    rig.send(rig.order("o1", gw={"maxWaitMs": 500, "receipt": True}))
    assert rig.replies == []
    rig.api.connection_opened(rig.sink)
    rig.api.set_ready(True)
    rig.api.tick_at(rig.now + 1)
    assert rig.reply["id"] == "o1"
    assert len(rig.frames) == 1
