"""The protocol's rules without sockets: greetings, sessions, streams, silence."""

import json
from typing import Any

import pytest

from gateway.client.messages import Ack, Gap, HelloRefused, NewSession, Silence


def test_live_after_grant_and_own_nonce(new_talk: Any, hello_row: Any) -> None:
    talk = new_talk()
    talk.client.send_hello()
    (request,) = talk.sent()
    assert (request["op"], request["args"][0]["strategy"]) == ("hello", "alpha")
    nonce = request["args"][0]["nonce"]
    talk.heartbeat(0, "s1", "another")
    assert not talk.client.live
    talk.heartbeat(0, "s1", "another", nonce)
    assert not talk.client.live
    talk.answer(request["id"], "hello", {**hello_row, "session": "s1", "seq": 0})
    assert talk.client.live
    assert talk.client.hello is not None
    assert talk.client.hello.number == 900
    assert talk.client.heartbeat is not None
    assert (talk.client.heartbeat.session, talk.client.heartbeat.ready, talk.client.heartbeat.ns) == ("s1", True, 1)


def test_nonces_are_fresh(new_talk: Any) -> None:
    talk = new_talk()
    talk.client.send_hello()
    talk.client.send_hello()
    first, second = talk.sent()
    assert first["args"][0]["nonce"] != second["args"][0]["nonce"]


def test_refused_hello_is_kept_and_not_an_event(new_talk: Any) -> None:
    talk = new_talk()
    talk.client.send_hello()
    talk.refuse(talk.sent()[0]["id"], "hello", "not_allowed")
    assert talk.client.hello_refusal is not None
    assert talk.client.hello_refusal.reason == "not_allowed"
    assert (talk.items(), talk.client.live) == ([], False)


def test_gap_is_replayed(talk: Any) -> None:
    talk.ack(2, "b")
    (replay,) = talk.sent()
    assert (replay["op"], replay["args"]) == ("replay", [{"owner": "alpha", "fromSeq": 1, "limit": 500}])
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


def test_new_session_in_a_heartbeat_is_delivered_and_greeted(talk: Any, hello_row: Any) -> None:
    request_id = talk.submit()
    talk.heartbeat(0, "s2")
    assert talk.items() == [NewSession("s2", "s1", (request_id,))]
    (hello,) = talk.sent()
    assert hello["op"] == "hello"
    assert not talk.client.live
    talk.answer(hello["id"], "hello", {**hello_row, "session": "s2", "seq": 0})
    talk.heartbeat(0, "s2", hello["args"][0]["nonce"])
    assert talk.client.live
    assert (talk.sent(), talk.items()) == ([], [])


def test_heartbeats_repeat_the_hello_until_granted(talk: Any) -> None:
    talk.heartbeat(0, "s2")
    talk.heartbeat(0, "s2")
    assert [request["op"] for request in talk.sent()] == ["hello", "hello"]


def test_hello_required_sends_hello_once_and_rejects(talk: Any, hello_row: Any) -> None:
    ids = [talk.submit() for _ in range(3)]
    for request_id in ids:
        talk.refuse(request_id, "order", "hello_required")
    (hello,) = talk.sent()
    assert hello["op"] == "hello"
    assert [talk.client.acks[request_id].rows[0].reason for request_id in ids] == ["hello_required"] * 3
    talk.answer(hello["id"], "hello", {**hello_row, "session": "s2", "seq": 0})
    assert [type(item) for item in talk.items()] == [Ack] * 3
    talk.heartbeat(0, "s1")  # a late message from before the restart
    assert (talk.sent(), talk.items()) == ([], [])
    talk.heartbeat(0, "s2", hello["args"][0]["nonce"])
    assert talk.items() == [NewSession("s2", "s1", ())]
    assert (talk.client.live, talk.sent()) == (True, [])


def test_lost_hello_is_sent_again(talk: Any) -> None:
    talk.refuse(talk.submit(), "order", "hello_required")
    assert len(talk.sent()) == 1
    talk.refuse(talk.submit(), "order", "hello_required")  # it was sent after the hello, so the hello was lost
    assert len(talk.sent()) == 1


def test_requests_of_the_old_session_are_forgotten_after_hello(talk: Any) -> None:
    lost = talk.submit()
    talk.greet("s2")  # its answer arrives before the heartbeat: the restart is known, but not yet delivered
    assert talk.items() == [NewSession("s2", "s1", (lost,))]
    talk.refuse(lost, "order", "stale")
    assert lost not in talk.client.acks
    talk.heartbeat(0, "s3")
    assert talk.items() == [NewSession("s3", "s2", ())]


def test_unanswered_requests_are_delivered_once(talk: Any, hello_row: Any) -> None:
    lost = talk.submit()
    talk.heartbeat(0, "s2")
    (hello,) = talk.sent()
    talk.answer(hello["id"], "hello", {**hello_row, "session": "s2", "seq": 0})
    late = talk.submit()
    talk.heartbeat(0, "s3")
    assert talk.items() == [NewSession("s2", "s1", (lost,)), NewSession("s3", "s2", (late,))]


def test_refused_after_a_restart_is_delivered_once_and_delays_nothing(talk: Any) -> None:
    talk.heartbeat(0, "s2")
    (hello,) = talk.sent()
    talk.ack(2, "b")
    talk.publish(2, "fill", "s2")
    talk.refuse(hello["id"], "hello", "not_allowed")
    items = talk.items()
    assert [type(item) for item in items[:1]] == [NewSession]
    assert HelloRefused("not_allowed", "no") in items
    assert Gap("alpha", "s2", 1, 1, "hello_required") in items
    talk.sent()
    talk.heartbeat(2, "s2")
    talk.refuse(talk.submit(), "order", "hello_required")
    assert talk.sent() == []
    talk.heartbeat(0, "s3")
    assert [request["op"] for request in talk.sent()] == ["hello"]


def test_late_heartbeat_of_a_past_session_changes_nothing(talk: Any) -> None:
    talk.greet("s2")
    heartbeat = talk.client.heartbeat
    talk.heartbeat(9, "s1")
    assert talk.client.heartbeat is heartbeat
    assert talk.sent() == []


def test_other_owners_have_their_own_sequence(new_talk: Any) -> None:
    talk = new_talk(("account",))
    talk.greet()
    body = {"seq": 4, "event": "positions", "session": "s1", "data": {}}
    talk.client.on_publication("account.positions", json.dumps(body).encode())
    beat = {"seq": 5, "session": "s1", "ready": True, "state": "ready", "ns": "1"}
    talk.client.on_publication("account.heartbeat", json.dumps(beat).encode())
    assert [request["args"][0] for request in talk.sent()] == [{"owner": "account", "fromSeq": 5, "limit": 500}]
    assert [getattr(item, "topic", None) for item in talk.items()] == ["account.positions"]


def test_new_session_of_another_owner_causes_a_hello(new_talk: Any) -> None:
    talk = new_talk(("gateway",))
    talk.greet()
    for session in ("s1", "s2"):
        body = {"seq": 1, "event": "state", "session": session, "state": "ready", "ready": True, "reason": ""}
        talk.client.on_publication("gateway.state", json.dumps(body).encode())
    assert [request["op"] for request in talk.sent()] == ["hello"]
    assert not any(isinstance(item, NewSession) for item in talk.items())


def test_silence_is_delivered_once_and_greeted(talk: Any) -> None:
    second = 1_000_000_000
    assert talk.client.ready
    assert not talk.client.on_clock(10 * second)
    assert not talk.client.on_clock(12 * second)
    assert talk.client.on_clock(13 * second)  # three heartbeats of 1 s were missed
    assert talk.items() == [Silence(1)]
    assert not talk.client.ready
    assert [request["op"] for request in talk.sent()] == ["hello"]
    assert not talk.client.on_clock(14 * second)
    talk.heartbeat(0)
    assert talk.client.ready
    assert not talk.client.on_clock(15 * second)
    assert (talk.items(), talk.sent()) == ([], [])


def test_clock_before_hello_has_no_effect(new_talk: Any) -> None:
    talk = new_talk()
    assert not talk.client.on_clock(10**18)
    assert not talk.client.ready


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
def test_malformed_publications_are_counted_and_dropped(talk: Any, topic: str, body: bytes) -> None:
    talk.client.on_publication(topic, body)
    assert talk.client.malformed == 1
    talk.ack(1, "a")
    assert len(talk.items()) == 1
