"""The state and the heartbeats by which strategies see the gateway. Names and fields after docs/protocol.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def test_a_nonce_comes_back_on_the_heartbeat(rig: Any, connect: Callable[..., Any]) -> None:
    connect(b"a").hello(nonce="n1")
    connect(b"b").hello(nonce="n2")
    connect(b"c").hello("beta")
    beats = rig.heartbeats
    assert [(topic, body["nonces"]) for topic, body in beats] == [
        ("alpha.heartbeat", ["n1"]),
        ("alpha.heartbeat", ["n1", "n2"]),
        ("beta.heartbeat", []),
    ]
    assert sorted(beats[0][1]) == ["event", "nonces", "ns", "ready", "seq", "session", "state"]
    assert (beats[0][1]["event"], beats[0][1]["session"], beats[0][1]["seq"]) == ("heartbeat", "5e5510n", 0)


def test_a_heartbeat_carries_the_last_seq_of_its_family(rig: Any, alpha: Any) -> None:
    alpha.send(rig.order("o1"))
    rig.accept(0, "801")
    rig.push(ordId="901")
    rig.push(ordId="901", state="canceled")
    rig.events_sink.events.clear()
    rig.state.heartbeat_all()
    assert {topic: body["seq"] for topic, body in rig.heartbeats} == {
        "account.heartbeat": 2,
        "gateway.heartbeat": 0,
        "alpha.heartbeat": 1,
        "beta.heartbeat": 0,
    }


@pytest.mark.parametrize(
    ("prefix", "beats"),
    [
        (b"alpha.", ["alpha.heartbeat"]),
        (b"alpha.fill", ["alpha.heartbeat"]),
        (b"alpha.heartbeat", ["alpha.heartbeat"]),
        (b"al", ["alpha.heartbeat"]),
        (b"a", ["account.heartbeat", "alpha.heartbeat"]),
        (b"gateway.state", ["gateway.heartbeat"]),
        (b"", ["account.heartbeat", "alpha.heartbeat", "beta.heartbeat", "gateway.heartbeat"]),
        (b"alphabet.", ["alphabet.heartbeat"]),
        (b"nobody.", ["nobody.heartbeat"]),
        (b"nobody.ack", ["nobody.heartbeat"]),
        (b"nobody", []),
        (b"n\xff.", []),
        (b"x" * 33 + b".", []),
    ],
)
def test_a_subscription_is_answered_with_a_heartbeat(rig: Any, prefix: bytes, beats: list[str]) -> None:
    """Also one to a name that has never said hello: its seq is 0."""
    rig.state.on_subscription(prefix)
    assert sorted(topic for topic, _ in rig.heartbeats) == beats
    assert rig.bus.number_of("nobody") is None


def test_states_are_told_once(rig: Any) -> None:
    rig.state.set("ready", ready=True)
    rig.state.set("ready", ready=True)
    rig.state.set("waiting", ready=False, reason="lost")
    rig.state.set("waiting", ready=False, reason="still lost")
    told = rig.on("gateway.state")
    assert [(body["seq"], body["state"], body["ready"], body["reason"]) for body in told] == [
        (1, "ready", True, ""),
        (2, "waiting", False, "lost"),
        (3, "waiting", False, "still lost"),
    ]
    assert {body["ready"] for _, body in rig.heartbeats[-4:]} == {False}
