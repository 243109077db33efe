"""Messages that are no requests for orders: refused before `hello`, and when they cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

MINE, OTHER = b"localhost:1000:1000:4711", b"localhost:1001:1001:4712"


@pytest.mark.parametrize("op", ["order", "ping", "status", "replay", "cancel-all", "nonsense", 5, None])
def test_nothing_is_taken_before_hello(rig: Any, connect: Callable[..., Any], op: Any) -> None:
    message = rig.order("o1") | {"op": op}
    (answer,) = connect().send(message)
    assert (answer["id"], answer["reason"]) == ("o1", "hello_required")
    assert "hello" in answer["msg"]
    assert rig.sink.sent == []
    assert rig.events == []


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"", "not_json"),
        (b"\xff", "not_json"),
        (b"[]", "not_json"),
        (b'{"op":"hello","args":[{"strategy":"alpha"}]}', "bad_request"),
        (b'{"id":"","op":"hello","args":[{"strategy":"alpha"}]}', "bad_request"),
        (b'{"id":"h","op":"hello","args":[{"strategy":"alpha","x":1}]}', "bad_request"),
        (b'{"id":"h","op":"hello","args":[{"strategy":"alpha","nonce":5}]}', "bad_request"),
        (b'{"id":"h","op":"hello","args":["alpha"]}', "bad_request"),
        (b'{"id":"h","op":"hello"}', "bad_request"),
        (b'{"id":"h","op":"hello","args":[{"strategy":["alpha"]}]}', "bad_request"),
        (b'{"id":"h","op":"hello","args":[{"strategy":"gateway"}]}', "not_allowed"),
        (b"{}", "hello_required"),
    ],
)
def test_an_unauthenticated_session_always_gets_one_answer(
    connect: Callable[..., Any], message: bytes, reason: str
) -> None:
    connection = connect()
    (answer,) = connection.send(message)
    assert (answer["code"], answer["reason"], answer["data"]) == ("1", reason, [])
    assert connection.owner == -1


def test_a_forged_routing_id_must_say_hello_itself(rig: Any, connect: Callable[..., Any]) -> None:
    true, forger = connect(b"r1", MINE), connect(b"r1", OTHER)
    true.hello()
    (answer,) = forger.send(rig.order("o1"))
    assert answer["reason"] == "hello_required"
    (answer,) = true.send(rig.order("o1"))
    assert answer["reason"] == "hello_required"
    assert rig.sink.sent == []


def test_bad_frames_and_too_large_messages_are_told(rig: Any) -> None:
    rig.sessions.on_bad_frames(1, 1)
    rig.sessions.on_too_large(1, 1, 1_000_000)
    assert [(reply["id"], reply["op"], reply["reason"]) for reply in rig.replies] == [
        ("", "", "bad_frames"),
        ("", "", "too_large"),
    ]
    assert "1000000" in rig.replies[1]["msg"]
