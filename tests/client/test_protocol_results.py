"""The protocol's rules without sockets: requests and the one result that each of their rows gets."""

from typing import Any

import pytest

from gateway.client import protocol as protocol_module
from gateway.client.messages import Ack, Receipt, Resolved


def test_ids_have_the_prefix_and_are_unique(talk: Any) -> None:
    ids = [talk.submit() for _ in range(100)]
    assert len(set(ids)) == 100
    assert all(request_id.startswith("p-") for request_id in ids)


def test_ack_settles_and_is_an_event(talk: Any) -> None:
    request_id = talk.submit()
    talk.ack(1, request_id)
    assert talk.settled == [request_id]
    (ack,) = talk.items()
    assert isinstance(ack, Ack)
    assert talk.client.acks[request_id] is ack


def test_ack_of_another_process_is_an_event_only(talk: Any) -> None:
    talk.ack(1, "theirs")
    (ack,) = talk.items()
    assert isinstance(ack, Ack)
    assert (talk.client.acks, talk.settled) == ({}, [])


def test_unknown_and_resolved(talk: Any) -> None:
    request_id = talk.submit()
    talk.ack(1, request_id, "unknown")
    talk.publish(2, "resolved", id=request_id, op="order", row=0, result="accepted", proof="order_push")
    ack, resolved = talk.items()
    assert isinstance(ack, Ack)
    assert isinstance(resolved, Resolved)
    assert ack.rows[0].result == "unknown"
    assert (resolved.result, resolved.proof) == ("accepted", "order_push")


def test_refusal_on_the_orders_socket_is_the_result_of_every_row(talk: Any) -> None:
    request_id = talk.submit(rows=3)
    talk.refuse(request_id, "order", "rate_limited", retryAfterMs=40)
    (ack,) = talk.items()
    assert isinstance(ack, Ack)
    assert (ack.id, ack.code, ack.seq, ack.topic, ack.retry_after_ms) == (request_id, "1", 0, "", 40)
    assert [(row.row, row.result, row.origin, row.reason) for row in ack.rows] == [
        (row, "rejected", "gateway", "rate_limited") for row in range(3)
    ]
    assert talk.client.acks[request_id] is ack


def test_refusal_on_both_sockets_is_one_result(talk: Any) -> None:
    first, second = talk.submit(), talk.submit()
    talk.refuse(first, "order", "rate_limited")
    talk.ack(1, first, "rejected")
    talk.ack(2, second, "rejected")
    talk.refuse(second, "order", "rate_limited")
    assert [item.id for item in talk.items() if isinstance(item, Ack)] == [first, second]
    assert talk.client.last("alpha") == ("s1", 2)


def test_refused_id_used_again_has_its_own_result(talk: Any) -> None:
    request_id = talk.submit(request_id="mine")
    talk.refuse(request_id, "order", "hello_required")
    talk.submit(request_id="mine")
    talk.ack(1, "mine")
    first, second = talk.items()
    assert isinstance(first, Ack)
    assert isinstance(second, Ack)
    assert (first.accepted, second.accepted) == (False, True)


def test_id_that_is_too_old_is_unknown(talk: Any) -> None:
    talk.submit(request_id="old")
    talk.refuse("old", "order", "duplicate_id")
    assert talk.client.acks["old"].rows[0].result == "unknown"


def test_repeated_id_gets_the_recorded_result(talk: Any) -> None:
    talk.submit(request_id="mine")
    rows = [{"row": 0, "result": "accepted", "origin": "okx", "ordId": "123"}]
    talk.answer("mine", "order", *rows, duplicate=True)
    ack = talk.client.acks["mine"]
    assert (ack.duplicate, ack.rows[0].ord_id) == (True, "123")


def test_repeated_id_whose_result_is_pending_waits_for_it(talk: Any) -> None:
    talk.submit(request_id="mine")
    talk.answer("mine", "order", {"row": 0, "result": "pending"}, duplicate=True)
    assert "mine" not in talk.client.acks
    talk.ack(1, "mine")
    assert talk.client.acks["mine"].accepted


def test_repeated_id_with_unreadable_rows_is_malformed(talk: Any) -> None:
    talk.submit(request_id="mine")
    talk.answer("mine", "order", {"row": 0}, duplicate=True)
    assert ("mine" in talk.client.acks, talk.client.malformed) == (False, 1)


def test_receipt(talk: Any) -> None:
    request_id = talk.submit(rows=2)
    talk.answer(request_id, "batch-orders", {"row": 0, "clOrdId": "900"}, {"row": 1, "clOrdId": "901"})
    assert talk.items() == [Receipt(request_id, "batch-orders", ("900", "901"))]
    talk.ack(1, request_id)
    assert talk.client.acks[request_id].accepted


def test_withdrawn_request_has_no_result(talk: Any) -> None:
    request_id = talk.submit()
    talk.client.withdraw(request_id)
    talk.refuse(request_id, "order", "stale")
    assert talk.items() == []


def test_ask_and_forget(talk: Any) -> None:
    request_id = talk.client.ask("ping", [])
    assert [request["op"] for request in talk.sent()] == ["ping"]
    talk.answer(request_id, "ping", {"ns": "1"})
    assert talk.client.answers[request_id].data == ({"ns": "1"},)
    assert talk.settled == [request_id]
    talk.client.forget(request_id)
    late = talk.client.ask("status", [])
    talk.client.forget(late)
    talk.answer(late, "status", {})
    assert (talk.client.answers, talk.items(), talk.settled) == ({}, [], [request_id])


@pytest.mark.parametrize(
    "frame", [b"", b"{}", b"[]", b'{"id":"","op":"hello","code":"0","reason":"","msg":"","data":[]}']
)
def test_malformed_answers_are_counted(talk: Any, frame: bytes) -> None:
    talk.client.on_answer(frame)
    assert talk.client.malformed == 1


def test_answers_to_nothing_are_dropped(talk: Any) -> None:
    talk.refuse("", "", "not_json")
    talk.refuse("nobody", "order", "stale")
    talk.answer("nobody", "replay", {})
    assert (talk.items(), talk.client.acks, talk.sent()) == ([], {}, [])


def test_results_are_bounded(talk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol_module, "RESULTS_MAX", 2)
    ids = [talk.submit() for _ in range(3)]
    for request_id in ids:
        talk.refuse(request_id, "order", "stale")
    assert list(talk.client.acks) == ids[1:]
    talk.ack(1, ids[0], "rejected")  # no longer known as delivered
    talk.ack(2, ids[2], "rejected")
    assert [item.id for item in talk.items() if isinstance(item, Ack)] == [*ids, ids[0]]
