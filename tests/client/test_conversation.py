"""The protocol's rules without sockets: bytes in, bytes and items out."""

import json
from typing import Any

import pytest

from gateway.client import conversation as conversation_module
from gateway.client.conversation import Conversation
from gateway.client.messages import Ack, Gap, HelloRefused, Item, NewSession, Receipt, Resolved

ROW = {"instId": "BTC-USDT", "side": "buy"}
HELLO = {
    "strategy": "alpha",
    "number": 900,
    "protocol": 1,
    "lastId": "",
    "ready": True,
    "state": "ready",
    "limits": {},
    "maxWaitMs": 0,
    "heartbeatMs": 1000,
}


class Talk:
    """A conversation with the other side's words at hand."""

    def __init__(self, others: tuple[str, ...] = ()) -> None:
        self.settled: list[str] = []
        self.client = Conversation("alpha", "p-", others, self.settled.append)

    def sent(self) -> list[dict[str, Any]]:
        requests = [json.loads(frame) for frame in self.client.outbox]
        self.client.outbox.clear()
        return requests

    def answer(self, request_id: str, op: str, *data: Any, **more: Any) -> None:
        body = {"id": request_id, "op": op, "code": "0", "reason": "", "msg": "", "data": list(data), **more}
        self.client.on_answer(json.dumps(body).encode())

    def refuse(self, request_id: str, op: str, reason: str, **more: Any) -> None:
        self.answer(request_id, op, code="1", reason=reason, msg="no", **more)

    def publish(self, seq: int, kind: str, session: str = "s1", **body: Any) -> None:
        topic = "ack" if kind == "resolved" else kind
        event = {"seq": seq, "event": kind, "session": session, "gw": {}, **body}
        self.client.on_publication(f"alpha.{topic}", json.dumps(event).encode())

    def ack(self, seq: int, request_id: str, result: str = "accepted", **more: Any) -> None:
        rows = [{"row": 0, "result": result, "origin": "okx"}]
        self.publish(seq, "ack", id=request_id, op="order", code="0", msg="", data=rows, **more)

    def heartbeat(self, seq: int, session: str = "s1", *nonces: str) -> None:
        self.publish(seq, "heartbeat", session, ready=True, state="ready", nonces=list(nonces), ns="1")

    def greet(self, session: str = "s1", seq: int = 0) -> None:
        self.client.say_hello()
        request = self.sent()[-1]
        self.answer(request["id"], "hello", {**HELLO, "session": session, "seq": seq})
        self.heartbeat(seq, session, request["args"][0]["nonce"])

    def items(self) -> list[Item]:
        items: list[Item] = []
        while (item := self.client.inbox.take()) is not None:
            items.append(item)
        return items


@pytest.fixture
def talk() -> Talk:
    talk = Talk()
    talk.greet()
    return talk


def submit(talk: Talk, rows: int = 1, request_id: str | None = None) -> str:
    return talk.client.submit("order", [ROW] * rows, request_id, sent_ns=1)[0]


def test_live_after_grant_and_own_nonce() -> None:
    talk = Talk()
    talk.client.say_hello()
    (request,) = talk.sent()
    assert (request["op"], request["args"][0]["strategy"]) == ("hello", "alpha")
    nonce = request["args"][0]["nonce"]
    talk.heartbeat(0, "s1", "another")
    assert not talk.client.live
    talk.heartbeat(0, "s1", "another", nonce)
    assert not talk.client.live
    talk.answer(request["id"], "hello", {**HELLO, "session": "s1", "seq": 0})
    assert talk.client.live
    assert talk.client.hello is not None
    assert talk.client.hello.number == 900
    assert talk.client.heartbeat is not None
    assert (talk.client.heartbeat.session, talk.client.heartbeat.ready, talk.client.heartbeat.ns) == ("s1", True, 1)


def test_nonces_are_fresh() -> None:
    talk = Talk()
    talk.client.say_hello()
    talk.client.say_hello()
    first, second = talk.sent()
    assert first["args"][0]["nonce"] != second["args"][0]["nonce"]


def test_refused_hello_is_kept_and_not_an_event() -> None:
    talk = Talk()
    talk.client.say_hello()
    talk.refuse(talk.sent()[0]["id"], "hello", "not_allowed")
    assert talk.client.hello_refusal is not None
    assert talk.client.hello_refusal.reason == "not_allowed"
    assert (talk.items(), talk.client.live) == ([], False)


def test_ids_have_the_prefix_and_are_unique(talk: Talk) -> None:
    ids = [submit(talk) for _ in range(100)]
    assert len(set(ids)) == 100
    assert all(request_id.startswith("p-") for request_id in ids)


def test_ack_settles_and_is_an_event(talk: Talk) -> None:
    request_id = submit(talk)
    talk.ack(1, request_id)
    assert talk.settled == [request_id]
    (ack,) = talk.items()
    assert isinstance(ack, Ack)
    assert talk.client.acks[request_id] is ack


def test_ack_of_another_process_is_an_event_only(talk: Talk) -> None:
    talk.ack(1, "theirs")
    (ack,) = talk.items()
    assert isinstance(ack, Ack)
    assert (talk.client.acks, talk.settled) == ({}, [])


def test_unknown_and_resolved(talk: Talk) -> None:
    request_id = submit(talk)
    talk.ack(1, request_id, "unknown")
    talk.publish(2, "resolved", id=request_id, op="order", row=0, result="accepted", proof="order_push")
    ack, resolved = talk.items()
    assert isinstance(ack, Ack)
    assert isinstance(resolved, Resolved)
    assert ack.rows[0].result == "unknown"
    assert (resolved.result, resolved.proof) == ("accepted", "order_push")


def test_refusal_on_the_orders_socket_is_the_result_of_every_row(talk: Talk) -> None:
    request_id = submit(talk, rows=3)
    talk.refuse(request_id, "order", "rate_limited", retryAfterMs=40)
    (ack,) = talk.items()
    assert isinstance(ack, Ack)
    assert (ack.id, ack.code, ack.seq, ack.topic, ack.retry_after_ms) == (request_id, "1", 0, "", 40)
    assert [(row.row, row.result, row.origin, row.reason) for row in ack.rows] == [
        (row, "rejected", "gateway", "rate_limited") for row in range(3)
    ]
    assert talk.client.acks[request_id] is ack


def test_refusal_told_on_both_sockets_is_one_result(talk: Talk) -> None:
    first, second = submit(talk), submit(talk)
    talk.refuse(first, "order", "rate_limited")
    talk.ack(1, first, "rejected")
    talk.ack(2, second, "rejected")
    talk.refuse(second, "order", "rate_limited")
    assert [item.id for item in talk.items() if isinstance(item, Ack)] == [first, second]
    assert talk.client.last("alpha") == ("s1", 2)


def test_refused_id_used_again_has_its_own_result(talk: Talk) -> None:
    request_id = submit(talk, request_id="mine")
    talk.refuse(request_id, "order", "hello_required")
    submit(talk, request_id="mine")
    talk.ack(1, "mine")
    first, second = talk.items()
    assert isinstance(first, Ack)
    assert isinstance(second, Ack)
    assert (first.accepted, second.accepted) == (False, True)


def test_id_that_is_too_old_is_unknown(talk: Talk) -> None:
    submit(talk, request_id="old")
    talk.refuse("old", "order", "duplicate_id")
    assert talk.client.acks["old"].rows[0].result == "unknown"


def test_repeated_id_gets_the_recorded_result(talk: Talk) -> None:
    submit(talk, request_id="mine")
    rows = [{"row": 0, "result": "accepted", "origin": "okx", "ordId": "123"}]
    talk.answer("mine", "order", *rows, duplicate=True)
    ack = talk.client.acks["mine"]
    assert (ack.duplicate, ack.rows[0].ord_id) == (True, "123")


def test_repeated_id_whose_result_is_pending_waits_for_it(talk: Talk) -> None:
    submit(talk, request_id="mine")
    talk.answer("mine", "order", {"row": 0, "result": "pending"}, duplicate=True)
    assert "mine" not in talk.client.acks
    talk.ack(1, "mine")
    assert talk.client.acks["mine"].accepted


def test_repeated_id_with_odd_rows_is_malformed(talk: Talk) -> None:
    submit(talk, request_id="mine")
    talk.answer("mine", "order", {"row": 0}, duplicate=True)
    assert ("mine" in talk.client.acks, talk.client.malformed) == (False, 1)


def test_receipt(talk: Talk) -> None:
    request_id = submit(talk, rows=2)
    talk.answer(request_id, "batch-orders", {"row": 0, "clOrdId": "900"}, {"row": 1, "clOrdId": "901"})
    assert talk.items() == [Receipt(request_id, "batch-orders", ("900", "901"))]
    talk.ack(1, request_id)
    assert talk.client.acks[request_id].accepted


def test_withdrawn_request_has_no_result(talk: Talk) -> None:
    request_id = submit(talk)
    talk.client.withdraw(request_id)
    talk.refuse(request_id, "order", "stale")
    assert talk.items() == []


def test_ask_and_forget(talk: Talk) -> None:
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


def test_gap_is_replayed(talk: Talk) -> None:
    talk.ack(2, "b")
    (replay,) = talk.sent()
    assert (replay["op"], replay["args"]) == ("replay", [{"family": "alpha", "fromSeq": 1, "limit": 500}])
    rows = [{"row": 0, "result": "accepted"}]
    event = {
        "seq": 1,
        "event": "ack",
        "session": "s1",
        "id": "a",
        "op": "order",
        "code": "0",
        "msg": "",
        "data": rows,
        "gw": {},
    }
    talk.answer(replay["id"], "replay", {"events": [{"topic": "alpha.ack", "event": event}], "more": False, "first": 1})
    assert [item.id for item in talk.items() if isinstance(item, Ack)] == ["a", "b"]


def test_new_session_in_a_heartbeat_is_told_and_greeted(talk: Talk) -> None:
    request_id = submit(talk)
    talk.heartbeat(0, "s2")
    assert talk.items() == [NewSession("s2", "s1", (request_id,))]
    (hello,) = talk.sent()
    assert hello["op"] == "hello"
    assert not talk.client.live
    talk.answer(hello["id"], "hello", {**HELLO, "session": "s2", "seq": 0})
    talk.heartbeat(0, "s2", hello["args"][0]["nonce"])
    assert talk.client.live
    assert (talk.sent(), talk.items()) == ([], [])


def test_hello_is_said_again_by_the_heartbeat_until_granted(talk: Talk) -> None:
    talk.heartbeat(0, "s2")
    talk.heartbeat(0, "s2")
    assert [request["op"] for request in talk.sent()] == ["hello", "hello"]


def test_hello_required_says_hello_once_and_rejects(talk: Talk) -> None:
    ids = [submit(talk) for _ in range(3)]
    for request_id in ids:
        talk.refuse(request_id, "order", "hello_required")
    (hello,) = talk.sent()
    assert hello["op"] == "hello"
    assert [talk.client.acks[request_id].rows[0].reason for request_id in ids] == ["hello_required"] * 3
    talk.answer(hello["id"], "hello", {**HELLO, "session": "s2", "seq": 0})
    assert [type(item) for item in talk.items()] == [Ack] * 3
    talk.heartbeat(0, "s1")  # a leftover before the restart
    assert (talk.sent(), talk.items()) == ([], [])
    talk.heartbeat(0, "s2", hello["args"][0]["nonce"])
    assert talk.items() == [NewSession("s2", "s1", ())]
    assert (talk.client.live, talk.sent()) == (True, [])


def test_hello_that_was_lost_is_said_again(talk: Talk) -> None:
    talk.refuse(submit(talk), "order", "hello_required")
    assert len(talk.sent()) == 1
    talk.refuse(submit(talk), "order", "hello_required")  # it was sent after the hello: that one got lost
    assert len(talk.sent()) == 1


def test_requests_of_the_old_session_are_forgotten_after_hello(talk: Talk) -> None:
    lost = submit(talk)
    talk.greet("s2")  # whose answer comes before the heartbeat: the restart is known, but not yet told
    assert talk.items() == [NewSession("s2", "s1", (lost,))]
    talk.refuse(lost, "order", "stale")
    assert lost not in talk.client.acks
    talk.heartbeat(0, "s3")
    assert talk.items() == [NewSession("s3", "s2", ())]


def test_requests_told_as_unanswered_are_told_once(talk: Talk) -> None:
    lost = submit(talk)
    talk.heartbeat(0, "s2")
    (hello,) = talk.sent()
    talk.answer(hello["id"], "hello", {**HELLO, "session": "s2", "seq": 0})
    late = submit(talk)
    talk.heartbeat(0, "s3")
    assert talk.items() == [NewSession("s2", "s1", (lost,)), NewSession("s3", "s2", (late,))]


def test_refused_after_a_restart_is_told_once_and_holds_nothing_back(talk: Talk) -> None:
    talk.heartbeat(0, "s2")
    (hello,) = talk.sent()
    talk.ack(2, "b")
    talk.publish(2, "fill", "s2")
    talk.refuse(hello["id"], "hello", "not_allowed")
    told = talk.items()
    assert [type(item) for item in told[:1]] == [NewSession]
    assert HelloRefused("not_allowed", "no") in told
    assert Gap("alpha", "s2", 1, 1, "hello_required") in told
    talk.sent()
    talk.heartbeat(2, "s2")
    talk.refuse(submit(talk), "order", "hello_required")
    assert talk.sent() == []
    talk.heartbeat(0, "s3")
    assert [request["op"] for request in talk.sent()] == ["hello"]


def test_leftover_heartbeat_of_a_past_session_changes_nothing(talk: Talk) -> None:
    talk.greet("s2")
    heartbeat = talk.client.heartbeat
    talk.heartbeat(9, "s1")
    assert talk.client.heartbeat is heartbeat
    assert talk.sent() == []


def test_other_families_have_their_own_sequence() -> None:
    talk = Talk(("account",))
    talk.greet()
    body = {"seq": 4, "event": "positions", "session": "s1", "data": {}}
    talk.client.on_publication("account.positions", json.dumps(body).encode())
    beat = {"seq": 5, "session": "s1", "ready": True, "state": "ready", "ns": "1"}
    talk.client.on_publication("account.heartbeat", json.dumps(beat).encode())
    assert [request["args"][0] for request in talk.sent()] == [{"family": "account", "fromSeq": 5, "limit": 500}]
    assert [getattr(item, "topic", None) for item in talk.items()] == ["account.positions"]


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("alpha.ack", b"{"),
        ("alpha.ack", b"{}"),
        ("alpha.heartbeat", b"{}"),
        ("alpha.heartbeat", b'{"session":1}'),
        ("beta.heartbeat", b'{"seq":1,"session":"s1","ready":true,"state":"ready","ns":"1"}'),
        ("", b"[]"),
    ],
)
def test_odd_publications_are_counted_and_harm_nothing(talk: Talk, topic: str, body: bytes) -> None:
    talk.client.on_publication(topic, body)
    assert talk.client.malformed == 1
    talk.ack(1, "a")
    assert len(talk.items()) == 1


@pytest.mark.parametrize(
    "frame", [b"", b"{}", b"[]", b'{"id":"","op":"hello","code":"0","reason":"","msg":"","data":[]}']
)
def test_odd_answers_are_counted(talk: Talk, frame: bytes) -> None:
    talk.client.on_answer(frame)
    assert talk.client.malformed == 1


def test_answers_to_nothing_are_dropped(talk: Talk) -> None:
    talk.refuse("", "", "not_json")
    talk.refuse("nobody", "order", "stale")
    talk.answer("nobody", "replay", {})
    assert (talk.items(), talk.client.acks, talk.sent()) == ([], {}, [])


def test_results_are_bounded(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation_module, "RESULTS_MAX", 2)
    ids = [submit(talk) for _ in range(3)]
    for request_id in ids:
        talk.refuse(request_id, "order", "stale")
    assert list(talk.client.acks) == ids[1:]
    talk.ack(1, ids[0], "rejected")  # no longer known to be told
    talk.ack(2, ids[2], "rejected")
    assert [item.id for item in talk.items() if isinstance(item, Ack)] == [*ids, ids[0]]
