"""What strategies send: requests for orders into the pipeline, all else to the control plane, each message once."""

from __future__ import annotations

import itertools
import json
from typing import Any

import zmq

PING = b'{"id":"g1","op":"ping","args":[]}'


def names(router: Any) -> list[str]:
    return [call[0] for call in router.sessions.calls]


def test_nothing_reaches_the_pipeline_before_hello(router: Any) -> None:
    dealer = router.connect()
    dealer.send(json.dumps(router.rig.order("o1")).encode())
    router.read(lambda: len(router.sessions.calls) == 1)
    assert names(router) == ["on_unauthenticated"]
    assert router.rig.sink.sent == []


def test_an_order_goes_out_and_an_op_of_the_gateway_goes_to_the_control_plane(router: Any) -> None:
    dealer = router.connect()
    for message in (b"hello", json.dumps(router.rig.order("o1", clOrdId="A1")).encode(), PING):
        dealer.send(message)
    router.read(lambda: len(router.sessions.calls) == 2)
    assert names(router) == ["on_unauthenticated", "on_gateway_op"]
    assert router.sessions.calls[1][3:] == (router.rig.alpha, PING)
    assert [row["clOrdId"] for row in router.rig.frames[-1]["args"]] == ["A1"]


def test_a_message_of_too_many_frames_is_read_to_its_end(router: Any) -> None:
    dealer = router.connect()
    dealer.send_multipart([b"hello", b"more", b"and more"])
    dealer.send(b"hello")
    router.read(lambda: len(router.sessions.calls) == 2)
    assert names(router) == ["on_bad_frames", "on_unauthenticated"]


def test_64_kib_are_read_and_a_byte_more_is_not(router: Any) -> None:
    dealer = router.connect()
    dealer.send(b"hello")
    dealer.send(PING + b" " * (65_536 - len(PING)))
    dealer.send(PING + b" " * (65_537 - len(PING)))
    router.read(lambda: len(router.sessions.calls) == 3)
    assert names(router) == ["on_unauthenticated", "on_gateway_op", "on_too_large"]
    assert router.sessions.calls[2][3] == 65_537


def test_one_turn_takes_64_messages(router: Any) -> None:
    dealer = router.connect()
    dealer.send(b"hello")
    router.read(lambda: bool(router.sessions.calls))
    router.sessions.calls.clear()
    for _ in range(130):
        dealer.send(PING)
    counts = [0]

    def is_enough() -> bool:
        """Asked before each turn, and after the last."""
        counts.append(len(router.sessions.calls))
        return counts[-1] == 130

    router.read(is_enough)
    assert max(after - before for before, after in itertools.pairwise(counts)) <= 64


def test_a_req_socket_gets_the_receipt_behind_its_empty_frame(router: Any) -> None:
    req = router.connect(zmq.REQ)
    req.send(b"hello")
    router.read(lambda: len(router.sessions.calls) == 1)
    _, session, generation, _ = router.sessions.calls[0]
    router.socket.answer(session, generation, b"welcome")
    assert req.poll(5_000)
    assert req.recv() == b"welcome"
    before = len(router.rig.reply_sink.replies)
    req.send(json.dumps(router.rig.order("o1")).encode())
    router.read(lambda: bool(router.rig.frames))
    assert len(router.rig.reply_sink.replies) == before + 1, "a REQ socket is always given a receipt"


def test_nothing_is_read_from_a_closed_socket(router: Any) -> None:
    router.connect().send(b"hello")
    router.socket.close()
    assert router.reader.on_readable() is False
    assert router.sessions.calls == []
