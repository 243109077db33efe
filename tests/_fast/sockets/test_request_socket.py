"""The ROUTER socket, with pyzmq clients: whom a message comes from, where it goes, and the way back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import zmq

from gateway._fast.sockets.request_socket import RequestSocket

PATIENCE_MS = 10_000
MESSAGE_MAX = 65_536  # docs/protocol.md, Sockets
TURN_MAX = 64


class Control:
    """Records what the control plane is asked. `answer`, if set, is called within each `on_unauthenticated`."""

    def __init__(self) -> None:
        self.bad_frames: list[tuple[int, int]] = []
        self.too_large: list[int] = []
        self.unauthenticated: list[bytes] = []
        self.sessions: list[tuple[int, int]] = []
        self.checks = 0
        self.answer: Callable[[int, int], None] | None = None

    def on_bad_frames(self, session: int, generation: int) -> None:
        self.bad_frames.append((session, generation))

    def on_too_large(self, session: int, generation: int, size: int) -> None:
        self.too_large.append(size)

    def on_unauthenticated(self, session: int, generation: int, message: bytes) -> None:
        self.unauthenticated.append(message)
        self.sessions.append((session, generation))
        if self.answer is not None:
            self.answer(session, generation)

    def check_requests_soon(self) -> None:
        self.checks += 1


class Scene:
    """A request socket over a rig's pipeline. `read` waits for messages and takes them."""

    def __init__(self, rig: Any, directory: Path) -> None:
        self.rig = rig
        self.context: Any = zmq.Context()
        self.router = self.context.socket(zmq.ROUTER)
        self.ipc = f"ipc://{directory}/orders"
        self.router.bind(self.ipc)
        self.router.bind("inproc://orders")
        self.control = Control()
        self.requests = RequestSocket(self.router)
        self.requests.attach(rig.pipeline, self.control)

    def client(self, kind: int = zmq.DEALER, *, inproc: bool = False) -> Any:
        socket = self.context.socket(kind)
        socket.connect("inproc://orders" if inproc else self.ipc)
        return socket

    def read(self) -> bool:
        assert self.router.poll(PATIENCE_MS), "a message arrives"
        return self.requests.on_readable()

    def session_of(self, client: Any) -> tuple[int, int]:
        """(slot, generation), learnt from a message without `hello`."""
        client.send(b"who")
        self.read()
        return self.control.sessions.pop()

    def granted(self, client: Any) -> Any:
        """The client has said hello and speaks for alpha."""
        slot, generation = self.session_of(client)
        assert self.requests.sessions.grant(slot, generation, self.rig.alpha)
        self.control.unauthenticated.clear()
        return client


@pytest.fixture
def scene(rig: Any, tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(rig, tmp_path)
    yield scene
    scene.context.destroy(linger=0)


def received(client: Any) -> list[bytes]:
    assert client.poll(PATIENCE_MS), "an answer arrives"
    return list(client.recv_multipart())


# ---------------------------------------------------------------- in


def test_a_message_before_hello_goes_to_the_control_plane(scene: Scene) -> None:
    scene.client().send(b'{"id":"h1","op":"hello"}')
    assert scene.read() is False
    assert scene.control.unauthenticated == [b'{"id":"h1","op":"hello"}']


def test_the_kernel_proves_the_peer_on_ipc(scene: Scene) -> None:
    slot, _ = scene.session_of(scene.client())
    assert scene.requests.sessions.peer_of(slot) == f"localhost:{os.getuid()}:{os.getgid()}:{os.getpid()}"


def test_a_granted_connection_s_message_goes_to_the_pipeline(scene: Scene) -> None:
    client = scene.granted(scene.client())
    client.send(orjson.dumps(scene.rig.order("o1", clOrdId="A")))
    scene.read()
    (frame,) = scene.rig.frames
    assert frame["args"][0]["clOrdId"] == "A"
    assert scene.control.unauthenticated == []


def test_two_connections_speak_for_themselves(scene: Scene) -> None:
    granted, other = scene.granted(scene.client()), scene.client()
    other.send(orjson.dumps(scene.rig.order("o1")))
    scene.read()
    assert len(scene.control.unauthenticated) == 1 and scene.rig.frames == []
    granted.send(orjson.dumps(scene.rig.order("o1")))
    scene.read()
    assert len(scene.rig.frames) == 1


@pytest.mark.parametrize("delimiter", [[], [b""]])
def test_too_many_frames_are_one_bad_message(scene: Scene, delimiter: list[bytes]) -> None:
    client = scene.granted(scene.client())
    client.send_multipart([*delimiter, orjson.dumps(scene.rig.order("o1")), b"more", b"and more"])
    client.send(orjson.dumps(scene.rig.order("o2", clOrdId="B")))
    while len(scene.rig.frames) == 0:
        scene.read()
    assert len(scene.control.bad_frames) == 1
    assert [frame["args"][0]["clOrdId"] for frame in scene.rig.frames] == ["B"], "the next message is read"


@pytest.mark.parametrize("frames", [[b""], [b"", b""]])
def test_an_empty_message_is_a_message(scene: Scene, frames: list[bytes]) -> None:
    scene.client().send_multipart(frames)
    scene.read()
    assert scene.control.unauthenticated == [b""]


@pytest.mark.parametrize(("size", "is_too_large"), [(MESSAGE_MAX, False), (MESSAGE_MAX + 1, True), (1 << 20, True)])
def test_a_message_has_at_most_64_kib(scene: Scene, size: int, is_too_large: bool) -> None:
    scene.client().send(b"x" * size)
    scene.read()
    assert scene.control.too_large == ([size] if is_too_large else [])
    assert scene.control.unauthenticated == ([] if is_too_large else [b"x" * size])


def test_one_turn_takes_64_messages_and_says_that_more_are_there(scene: Scene) -> None:
    client = scene.client(inproc=True)
    for number in range(TURN_MAX + 1):
        client.send(b"%d" % number)
    assert scene.read() is True
    assert len(scene.control.unauthenticated) == TURN_MAX
    assert scene.requests.on_readable() is False
    assert scene.control.unauthenticated == [b"%d" % number for number in range(TURN_MAX + 1)]


def test_a_transport_without_proof_has_no_peer(scene: Scene) -> None:
    slot, _ = scene.session_of(scene.client(inproc=True))
    assert scene.requests.sessions.peer_of(slot) == ""


# ---------------------------------------------------------------- out


def test_a_dealer_gets_its_answer_in_one_frame(scene: Scene) -> None:
    client, other = scene.client(), scene.client()
    scene.session_of(other)
    scene.requests.answer(*scene.session_of(client), b'{"code":"0"}')
    assert received(client) == [b'{"code":"0"}']
    assert other.poll(0) == 0


def test_a_req_gets_its_delimiter_back(scene: Scene) -> None:
    client = scene.client(zmq.REQ)
    client.send(b'{"id":"1"}')
    scene.read()
    scene.requests.answer(*scene.control.sessions.pop(), b'{"id":"1","code":"0"}')
    assert received(client) == [b'{"id":"1","code":"0"}']


def test_a_dealer_that_sends_a_delimiter_gets_one(scene: Scene) -> None:
    client = scene.client()
    client.send_multipart([b"", b"with"])
    scene.read()
    scene.requests.answer(*scene.control.sessions.pop(), b"answer")
    assert received(client) == [b"", b"answer"]
    client.send(b"without")
    scene.read()
    scene.requests.answer(*scene.control.sessions.pop(), b"answer")
    assert received(client) == [b"answer"]


def test_an_answer_to_another_generation_goes_nowhere(scene: Scene) -> None:
    client = scene.client()
    slot, generation = scene.session_of(client)
    scene.requests.answer(slot, generation + 1, b"for another")
    scene.requests.answer(slot, generation, b"for you")
    assert received(client) == [b"for you"]


def test_a_send_asks_once_for_a_look_at_the_socket(scene: Scene) -> None:
    """ZMQ_FD is edge-triggered, and a send may swallow the edge (libzmq, zmq_getsockopt, ZMQ_FD)."""
    client = scene.client()
    session = scene.session_of(client)
    for _ in range(3):
        scene.requests.answer(*session, b"answer")
    assert scene.control.checks == 1
    assert scene.requests.on_readable() is False
    scene.requests.answer(*session, b"answer")
    assert scene.control.checks == 2


def test_an_answer_given_while_reading_asks_for_no_look(scene: Scene) -> None:
    scene.control.answer = lambda slot, generation: scene.requests.answer(slot, generation, b"at once")
    client = scene.client()
    client.send(b"ask")
    scene.read()
    assert received(client) == [b"at once"]
    assert scene.control.checks == 0


def test_an_answer_to_a_peer_that_is_gone_is_dropped(scene: Scene) -> None:
    client, other = scene.client(inproc=True), scene.client(inproc=True)
    gone, there = scene.session_of(client), scene.session_of(other)
    client.close()
    scene.requests.answer(*gone, b"for nobody")
    scene.requests.answer(*there, b"for you")
    assert received(other) == [b"for you"]
    assert scene.requests.unsent_replies == 0


def test_an_answer_that_libzmq_does_not_take_is_counted(scene: Scene, wait_for: Any) -> None:
    """ROUTER_MANDATORY makes libzmq say that the peer is gone, which it else does not."""
    scene.router.setsockopt(zmq.ROUTER_MANDATORY, 1)
    client = scene.client(inproc=True)
    gone = scene.session_of(client)
    client.close()

    def is_counted() -> bool:
        scene.requests.answer(*gone, b"for nobody")
        return scene.requests.unsent_replies > 0

    wait_for(is_counted, "the send fails")


def test_after_close_nothing_is_read_or_answered(scene: Scene) -> None:
    client = scene.client()
    session = scene.session_of(client)
    client.send(b"unread")
    assert scene.router.poll(PATIENCE_MS)
    scene.requests.close()
    assert scene.requests.on_readable() is False
    scene.requests.answer(*session, b"unsent")
    assert scene.control.unauthenticated == [b"who"]
    routing_id, message = scene.router.recv_multipart()
    assert message == b"unread"
    scene.router.send_multipart([routing_id, b"mark"])
    assert received(client) == [b"mark"], "nothing came before"
