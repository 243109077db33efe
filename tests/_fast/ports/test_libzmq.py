"""The libzmq functions, taken from pyzmq's own library, on real sockets. The sockets of the data plane are their users."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zmq

from gateway._fast.sockets.event_socket import EventSocket
from gateway._fast.sockets.request_socket import RequestSocket


@pytest.fixture
def context() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    yield context
    context.destroy(linger=0)


def test_the_functions_come_from_the_one_libzmq_that_pyzmq_has_loaded() -> None:
    """With a second copy in the process, a socket of the one would be garbage to the other."""
    mapped = {line.split()[-1] for line in Path("/proc/self/maps").read_text("ascii").splitlines()}
    libraries = [path for path in mapped if Path(path).name.startswith("libzmq") and ".cpython-" not in path]
    assert len(libraries) <= 1


def requests_of(router: zmq.Socket[bytes]) -> RequestSocket:
    return RequestSocket(router, lambda: None)


@pytest.mark.parametrize(("kind", "shell"), [(zmq.XPUB, EventSocket), (zmq.ROUTER, requests_of)])
def test_a_closed_socket_is_refused(
    kind: int, shell: Callable[[zmq.Socket[bytes]], object], context: zmq.Context[zmq.Socket[bytes]]
) -> None:
    socket = context.socket(kind)
    socket.close()
    with pytest.raises(ValueError, match="the socket is closed"):
        shell(socket)


def test_a_thing_that_is_no_socket_is_refused() -> None:
    with pytest.raises(AttributeError, match="underlying"):
        EventSocket(object())  # type: ignore[arg-type]


def test_the_same_pyzmq_socket_stays_usable_from_python(context: zmq.Context[zmq.Socket[bytes]]) -> None:
    router, dealer = context.socket(zmq.ROUTER), context.socket(zmq.DEALER)
    router.bind("inproc://requests")
    dealer.connect("inproc://requests")
    requests = requests_of(router)
    dealer.send(b"hello")
    assert router.recv_multipart()[1] == b"hello"
    assert requests.sessions is not None
