"""The sockets never block, and the last request leaves before they close."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq

from gateway.client import sockets as sockets_module
from gateway.client.protocol import StrategyProtocol
from gateway.client.sockets import Sockets, addresses_of


def test_addresses() -> None:
    assert addresses_of("/run/gw") == ("ipc:///run/gw/orders", "ipc:///run/gw/events")


def test_send_reports_a_full_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets_module, "SEND_QUEUE_MAX", 3)
    monkeypatch.setattr(sockets_module, "LINGER_MS", 0)
    sockets = Sockets(addresses_of(tmp_path), [])
    assert [sockets.send(b"x") for _ in range(4)] == [True, True, True, False]
    protocol = StrategyProtocol("alpha", "p-")
    protocol.send_hello()
    assert not sockets.flush(protocol)
    assert len(protocol.outbox) == 1
    sockets.shut()
    sockets.finish()


def test_address_that_cannot_be_used() -> None:
    with pytest.raises(zmq.ZMQError):
        Sockets(("nowhere", "nowhere"), [])


def test_last_request_leaves_before_close(gateway: Any) -> None:
    read = threading.Event()
    gateway.on_request = lambda request: read.set()
    sockets = Sockets(addresses_of(gateway.directory), [])
    assert sockets.send(b'{"id":"c1","op":"cancel-order","args":[]}')
    sockets.shut()
    sockets.shut()
    sockets.finish()
    assert read.wait(timeout=5)
    assert [request["id"] for request in gateway.requests] == ["c1"]


@pytest.fixture
def context() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    """Ended with its sockets even if the test fails: the garbage collector would wait for them for ever."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    yield context
    context.destroy(linger=0)


def test_messages_with_wrong_frame_counts_are_counted(tmp_path: Path, context: zmq.Context[zmq.Socket[bytes]]) -> None:
    router, publisher = context.socket(zmq.ROUTER), context.socket(zmq.XPUB)
    router.bind(f"ipc://{tmp_path}/orders")
    publisher.bind(f"ipc://{tmp_path}/events")
    sockets = Sockets(addresses_of(tmp_path), ["alpha."])
    protocol = StrategyProtocol("alpha", "p-")
    assert sockets.send(b"x")
    routing_id = router.recv_multipart()[0]
    router.send_multipart([routing_id, b"two", b"frames"])
    assert publisher.recv() == b"\1alpha."
    publisher.send_multipart([b"alpha.ack", b"{}", b"third"])
    received = 0
    while received < 2:
        assert zmq.select([sockets.events, sockets.orders], [], [], 5)[0]
        received += sockets.receive(protocol)
    assert protocol.malformed == 2
    assert not sockets.answered()
    sockets.shut()
    sockets.finish()
