"""A gateway in a thread that speaks docs/protocol.md and knows no OKX: the counterpart of the clients under test."""

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import zmq

from gateway.client.messages import Item
from gateway.client.protocol import StrategyProtocol

LIMITS = {"placePer2s": 60, "cancelPer2s": 60, "amendPer2s": 60, "batchRowsPer2s": 300}


class FakeGateway:
    """`ROUTER` and `XPUB` in a thread. Tests change its behaviour by its attributes, and act in it through `call`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.session = "s1"
        self.granted: set[bytes] = set()
        self.deny = ""  # the reason of the refused hello
        self.mute: set[str] = set()  # ops that are not answered
        self.drop = False  # publications are numbered and remembered, but not sent
        self.heartbeats = True
        self.heartbeat_ms = 60_000
        self.nonces: list[str] = []
        self.oldest = 1  # replay before it is refused as gone
        self.seqs: dict[str, int] = {}
        self.history: dict[str, list[dict[str, Any]]] = {}
        self.orders: list[dict[str, Any]] = []  # for snapshot
        self.requests: list[dict[str, Any]] = []
        self.on_order: Callable[[dict[str, Any]], None] = self.accept
        self.on_request: Callable[[dict[str, Any]], None] = lambda request: None  # called before any other action
        self._calls: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = queue.SimpleQueue()
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._bell = self._context.socket(zmq.PUSH)
        wakeup = self._context.socket(zmq.PULL)
        self._wakeup = wakeup
        wakeup.bind("inproc://bell")
        self._bell.connect("inproc://bell")
        self._bind()
        self._stop = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _bind(self) -> None:
        self._router = self._context.socket(zmq.ROUTER)
        self._router.bind(f"ipc://{self.directory}/orders")
        self._xpub = self._context.socket(zmq.XPUB)
        self._xpub.sndhwm = 0
        self._xpub.xpub_verbose = True
        self._xpub.bind(f"ipc://{self.directory}/events")

    def _unbind(self) -> None:
        self._router.close(linger=0)
        self._xpub.close(linger=0)

    def _run(self) -> None:
        while not self._stop:
            poller = zmq.Poller()
            for socket in (self._router, self._xpub, self._wakeup):
                poller.register(socket, zmq.POLLIN)
            ready = dict(poller.poll())
            if self._xpub in ready:
                topic = self._xpub.recv()
                if topic[:1] == b"\1":
                    self.heartbeat(topic[1:-1].decode())
            if self._router in ready:
                routing_id, frame = self._router.recv_multipart()
                self._on_request(routing_id, json.loads(frame))
            if self._wakeup in ready:
                self._wakeup.recv()
                function, future = self._calls.get_nowait()
                try:
                    future.set_result(function())
                except Exception as error:
                    future.set_exception(error)
        self._unbind()
        self._wakeup.close(linger=0)

    # For tests, from any thread.

    def call(self, function: Callable[[], Any]) -> Any:
        """Run `function` in the gateway's thread and return its result."""
        future: Future[Any] = Future()
        self._calls.put((function, future))
        self._bell.send(b"")
        return future.result(timeout=10)

    def close(self) -> None:
        self.call(lambda: setattr(self, "_stop", True))
        self._thread.join(timeout=10)
        self._bell.close(linger=0)
        self._context.term()

    # In the gateway's thread.

    def restart(self) -> None:
        """Restart: other sockets, another session, no memory."""
        self._unbind()
        self.session = "s" + str(int(self.session[1:]) + 1)
        self.granted.clear()
        self.nonces.clear()
        self.seqs.clear()
        self.history.clear()
        self._bind()

    def heartbeat(self, owner: str) -> None:
        if not self.heartbeats:
            return
        body = {
            "seq": self.seqs.get(owner, 0),
            "event": "heartbeat",
            "session": self.session,
            "ready": True,
            "state": "ready",
            "nonces": self.nonces,
            "ns": str(time.time_ns()),
        }
        self._xpub.send_multipart([f"{owner}.heartbeat".encode(), json.dumps(body).encode()])

    def publish(self, owner: str, kind: str, **body: Any) -> int:
        self.seqs[owner] = seq = self.seqs.get(owner, 0) + 1
        event = {"seq": seq, "event": kind, "session": self.session, "gw": {"pubNs": str(time.time_ns())}, **body}
        topic = f"{owner}.{'ack' if kind == 'resolved' else kind}"
        self.history.setdefault(owner, []).append({"topic": topic, "event": event})
        if not self.drop:
            self._xpub.send_multipart([topic.encode(), json.dumps(event).encode()])
        return seq

    def answer(self, routing_id: bytes, request: dict[str, Any], data: list[Any], **more: Any) -> None:
        body = {"id": request["id"], "op": request["op"], "code": "0", "reason": "", "msg": "", "data": data, **more}
        self._router.send_multipart([routing_id, json.dumps(body).encode()])

    def refuse(self, routing_id: bytes, request: dict[str, Any], reason: str, **more: Any) -> None:
        self.answer(routing_id, request, [], code="1", reason=reason, msg=f"because {reason}", **more)

    def accept(self, request: dict[str, Any]) -> None:
        rows = [
            {
                "row": row,
                "result": "accepted",
                "origin": "okx",
                "reason": "",
                "msg": "Order successfully placed.",
                "clOrdId": f"9{row}",
                "ordId": f"1{row}",
                "sCode": "0",
                "okx": {"sCode": "0"},
            }
            for row in range(len(request["args"]))
        ]
        self.publish("alpha", "ack", id=request["id"], op=request["op"], code="0", msg="", data=rows)

    def _on_request(self, routing_id: bytes, request: dict[str, Any]) -> None:
        self.requests.append(request)
        request["routing_id"] = routing_id
        op = request["op"]
        self.on_request(request)
        if op in self.mute:
            return
        if op == "hello":
            self._hello(routing_id, request)
        elif routing_id not in self.granted:
            self.refuse(routing_id, request, "hello_required")
        elif op in ("ping", "status", "snapshot", "get-order", "replay", "cancel-all"):
            getattr(self, "_" + op.replace("-", "_"))(routing_id, request, (request["args"] or [{}])[0])
        else:
            self.on_order(request)

    def _hello(self, routing_id: bytes, request: dict[str, Any]) -> None:
        if self.deny:
            self.refuse(routing_id, request, self.deny)
            return
        strategy, nonce = request["args"][0]["strategy"], request["args"][0]["nonce"]
        self.granted.add(routing_id)
        self.nonces.append(nonce)
        self.answer(
            routing_id,
            request,
            [
                {
                    "strategy": strategy,
                    "number": 900,
                    "session": self.session,
                    "protocol": 1,
                    "seq": self.seqs.get(strategy, 0),
                    "lastId": "",
                    "ready": True,
                    "state": "ready",
                    "acctLv": "2",
                    "posMode": "net_mode",
                    "environment": "simulator",
                    "limits": LIMITS,
                    "maxWaitMs": 1000,
                    "heartbeatMs": self.heartbeat_ms,
                }
            ],
        )
        self.heartbeat(strategy)

    def _ping(self, routing_id: bytes, request: dict[str, Any], row: dict[str, Any]) -> None:
        self.answer(routing_id, request, [{"ns": "1700000000000000000"}])

    def _status(self, routing_id: bytes, request: dict[str, Any], row: dict[str, Any]) -> None:
        unknown = [{"id": "o9", "row": 0, "op": "order", "clOrdId": "99", "ageMs": 12}]
        body = {"state": "ready", "ready": True, "session": self.session, "seq": 7, "inFlight": 1, "waiting": 2}
        self.answer(
            routing_id, request, [{**body, "unknown": unknown, "orders": 3, "counters": {"acks": 4}, "limits": LIMITS}]
        )

    def _snapshot(self, routing_id: bytes, request: dict[str, Any], row: dict[str, Any]) -> None:
        start = row.get("from", 0)
        end = start + row.get("limit", 100)
        more = end < len(self.orders)
        seq = self.seqs.get("alpha", 0)
        self.answer(
            routing_id,
            request,
            [{"seq": seq, "orders": self.orders[start:end], "algos": [], "from": start, "more": more}],
        )

    def _get_order(self, routing_id: bytes, request: dict[str, Any], row: dict[str, Any]) -> None:
        found = [order for order in self.orders if all(order[key] == value for key, value in row.items())]
        if found:
            self.answer(routing_id, request, found[:1])
        else:
            self.refuse(routing_id, request, "unknown_order")

    def _replay(self, routing_id: bytes, request: dict[str, Any], row: dict[str, Any]) -> None:
        from_seq, limit = row["fromSeq"], row.get("limit", 100)
        if from_seq < self.oldest:
            self.refuse(routing_id, request, "gone")
            return
        events = [item for item in self.history.get(row["owner"], []) if item["event"]["seq"] >= from_seq]
        page = {"events": events[:limit], "more": len(events) > limit, "first": self.oldest}
        self.answer(routing_id, request, [page])

    def _cancel_all(self, routing_id: bytes, request: dict[str, Any], row: dict[str, Any]) -> None:
        self.answer(routing_id, request, [{"cancelled": 2, "withdrawn": 1}])


HELLO_ROW = {
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
    """The protocol, and methods that make the gateway's messages."""

    def __init__(self, others: tuple[str, ...] = ()) -> None:
        self.settled: list[str] = []
        self.client = StrategyProtocol("alpha", "p-", others, self.settled.append)

    def submit(self, rows: int = 1, request_id: str | None = None) -> str:
        return self.client.submit("order", [{"instId": "BTC-USDT"}] * rows, request_id, sent_ns=1)[0]

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
        self.client.send_hello()
        request = self.sent()[-1]
        self.answer(request["id"], "hello", {**HELLO_ROW, "session": session, "seq": seq})
        self.heartbeat(seq, session, request["args"][0]["nonce"])

    def items(self) -> list[Item]:
        items: list[Item] = []
        while (item := self.client.inbox.take()) is not None:
            items.append(item)
        return items


@pytest.fixture
def hello_row() -> dict[str, Any]:
    return HELLO_ROW


@pytest.fixture
def new_talk() -> type[Talk]:
    return Talk


@pytest.fixture
def talk() -> Talk:
    """A protocol with a granted hello and a live subscription."""
    talk = Talk()
    talk.greet()
    return talk


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[FakeGateway]:
    fake = FakeGateway(tmp_path)
    yield fake
    fake.close()
