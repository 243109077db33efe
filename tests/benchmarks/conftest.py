"""A stand-in for the gateway's strategy side, from docs/protocol.md alone: it accepts and fills every order."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from time import time_ns
from typing import Any

import pytest
import zmq

STEP_NS = 1_000


class FakeGateway:
    """Answers `hello`, acks each order with stamps STEP_NS apart, and fills it. `refuse` refuses orders instead."""

    def __init__(self, directory: Path, *, refuse: bool = False) -> None:
        self._refuse = refuse
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._orders = self._context.socket(zmq.ROUTER)
        self._orders.bind(f"ipc://{directory}/orders")
        self._events = self._context.socket(zmq.XPUB)
        self._events.bind(f"ipc://{directory}/events")
        self._stop = threading.Event()
        self._nonces: list[str] = []
        self._strategy = ""
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._context.destroy(linger=0)

    def _serve(self) -> None:
        while not self._stop.is_set():
            if self._orders.poll(20):
                route, message = self._orders.recv_multipart()
                self._answer(route, json.loads(message))
            elif self._strategy:
                self._publish("heartbeat", {"event": "heartbeat", "nonces": self._nonces, "ready": True})

    def _publish(self, kind: str, event: dict[str, Any]) -> None:
        text = json.dumps(event, separators=(",", ":"))
        self._events.send_multipart([f"{self._strategy}.{kind}".encode(), text.encode()])

    def _reply(self, route: bytes, request: dict[str, Any], code: str) -> None:
        answer = {"id": request["id"], "op": request["op"], "code": code, "reason": "", "msg": "", "data": []}
        self._orders.send_multipart([route, json.dumps(answer, separators=(",", ":")).encode()])

    def _answer(self, route: bytes, request: dict[str, Any]) -> None:
        if request["op"] == "hello":
            self._strategy = request["args"][0]["strategy"]
            self._nonces.append(request["args"][0]["nonce"])
            self._reply(route, request, "0")
        elif self._refuse:
            self._reply(route, request, "1")
        else:
            self._accept(request)

    def _accept(self, request: dict[str, Any]) -> None:
        assert request["args"][0]["instId"] == "BTC-USDT-SWAP"
        now_ns = time_ns()
        names = ("recvNs", "sentNs", "venueNs", "pubNs")
        stamps = {name: str(now_ns + at * STEP_NS) for at, name in enumerate(names)}
        rows = [{"row": 0, "result": "accepted", "origin": "okx"}]
        self._publish("ack", {"event": "ack", "id": request["id"], "op": "order", "data": rows, "gw": stamps})
        self._publish("fill", {"event": "fill", "id": request["id"], "tradeId": "1"})
        self._publish("order", {"event": "order", "id": request["id"], "state": "filled", "terminal": True})


@pytest.fixture
def fake_gateway(tmp_path: Path) -> Iterator[Path]:
    """The directory of its sockets."""
    gateway = FakeGateway(tmp_path)
    yield tmp_path
    gateway.close()


@pytest.fixture
def refusing_gateway(tmp_path: Path) -> Iterator[Path]:
    """As `fake_gateway`, but it refuses every order on the orders socket."""
    gateway = FakeGateway(tmp_path, refuse=True)
    yield tmp_path
    gateway.close()
