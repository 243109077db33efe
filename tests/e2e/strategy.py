"""A strategy written only from docs/protocol.md: ZeroMQ and JSON, no code of the gateway."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import zmq

PATIENCE_S = 60.0  # many processes can start at once

Json = dict[str, Any]
Found = TypeVar("Found")


class Strategy:
    """One connection of the orders socket and one of the events socket. Keeps all that it receives, in order."""

    def __init__(
        self,
        orders_address: str,
        events_address: str,
        name: str,
        *,
        topics: tuple[str, ...] = (),
        kind: int = zmq.DEALER,
    ) -> None:
        self.name = name
        self.answers: list[Json] = []
        self.events: list[tuple[str, Json]] = []
        self._seqs: dict[tuple[str, str], int] = {}
        self._ids = 0
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.sub = self._context.socket(zmq.SUB)
        self.sub.setsockopt(zmq.RCVHWM, 0)
        for topic in (f"{name}.", *topics):
            self.sub.subscribe(topic)
        self.sub.connect(events_address)
        self.orders = self._context.socket(kind)
        self.orders.setsockopt(zmq.SNDHWM, 0)
        self.orders.connect(orders_address)
        self._poller = zmq.Poller()
        self._poller.register(self.sub, zmq.POLLIN)
        self._poller.register(self.orders, zmq.POLLIN)

    def close(self) -> None:
        self._context.destroy(linger=0)

    # --- reading

    def pump(self, timeout_ms: int = 0) -> None:
        """Reads all available messages; waits up to this long for the first."""
        while ready := dict(self._poller.poll(timeout_ms)):
            timeout_ms = 0
            if self.orders in ready:
                self.answers.append(json.loads(self.orders.recv_multipart()[-1]))
            if self.sub in ready:
                topic, body = self.sub.recv_multipart()
                self._take_event(topic.decode(), json.loads(body))

    def _take_event(self, topic: str, event: Json) -> None:
        """Every event is numbered without a gap; a heartbeat has the last number."""
        owner, _, kind = topic.rpartition(".")
        key, seq = (owner, event["session"]), event["seq"]
        if kind != "heartbeat":
            assert seq == self._seqs.get(key, seq - 1) + 1, f"{topic} jumps from {self._seqs.get(key)} to {seq}"
            self._seqs[key] = seq
        elif key in self._seqs:
            assert seq == self._seqs[key], f"{topic} says {seq}, the last event was {self._seqs[key]}"
        self.events.append((topic, event))

    def wait(self, wanted: Callable[[], Found], goal: str, patience_s: float = PATIENCE_S) -> Found:
        """Reads until `wanted` returns something true."""
        deadline = time.monotonic() + patience_s
        self.pump()
        while not (found := wanted()):
            assert time.monotonic() < deadline, f"not within {patience_s} s: {goal}\n{self._recent()}"
            self.pump(20)
        return found

    def _recent(self) -> str:
        lines = [f"{topic} {event}" for topic, event in self.events if not topic.endswith("heartbeat")]
        return "\n".join(
            line[:400] for line in ["last answers and events:", *map(str, self.answers[-5:]), *lines[-15:]]
        )

    def events_of(self, kind: str, **members: Any) -> list[Json]:
        """The events of a kind (`ack`, `order`, …; with a dot the whole topic) that have these members."""
        topic = kind if "." in kind else f"{self.name}.{kind}"
        return [
            event for one, event in self.events if one == topic and all(event.get(k) == v for k, v in members.items())
        ]

    def event(self, kind: str, patience_s: float = PATIENCE_S, **members: Any) -> Json:
        """The first such event, once it has arrived."""
        return self.wait(lambda: self.events_of(kind, **members), f"{kind} with {members}", patience_s)[0]

    def wait_for_events(self, kind: str, count: int, patience_s: float = PATIENCE_S, **members: Any) -> list[Json]:
        """All such events, once this many have arrived."""

        def found() -> list[Json]:
            events = self.events_of(kind, **members)
            return events if len(events) >= count else []

        return self.wait(found, f"{count} of {kind} with {members}", patience_s)

    def answer(self, request_id: str) -> Json:
        """The first answer to this id that was not taken yet."""
        found = self.wait(
            lambda: [one for one in self.answers if one["id"] == request_id], f"an answer to {request_id}"
        )
        self.answers.remove(found[0])
        return found[0]

    # --- sending

    def next_id(self) -> str:
        self._ids += 1
        return f"{self.name}-{self._ids}"

    def send(self, *frames: bytes) -> None:
        self.orders.send_multipart(frames)

    def submit(self, op: str, *rows: Json, **members: Any) -> str:
        """Sends a request and returns its id."""
        members.setdefault("id", self.next_id())
        message = {"op": op, **({"args": list(rows)} if rows else {}), **members}
        self.send(json.dumps(message).encode())
        request_id: str = members["id"]
        return request_id

    def ask(self, op: str, arg: Json | None = None, **members: Any) -> Json:
        """Sends a request that is answered on the orders socket, and waits for the answer."""
        return self.answer(self.submit(op, *([] if arg is None else [arg]), **members))

    def data(self, op: str, arg: Json | None = None) -> Json:
        """`data[0]` of the answer to a gateway op that must not fail."""
        answer = self.ask(op, arg)
        assert answer["code"] == "0", answer
        data: Json = answer["data"][0]
        return data

    def ack(self, op: str, *rows: Json, **members: Any) -> list[Json]:
        """Sends a request and returns the rows of its `.ack`."""
        members.setdefault("gw", {"maxWaitMs": 10_000})
        request_id = self.submit(op, *rows, **members)
        data: list[Json] = self.event("ack", id=request_id)["data"]
        assert [row["row"] for row in data] == list(range(len(rows)))
        return data

    def place(self, row: Json) -> Json:
        """The ack row of an order that must be accepted."""
        (ack,) = self.ack("order", row)
        assert ack["result"] == "accepted", ack
        return ack

    def hello(self) -> Json:
        """Sends hello, and waits until its nonce has arrived on the events socket."""
        nonce = f"nonce-{self.next_id()}"
        hello = self.data("hello", {"strategy": self.name, "nonce": nonce})
        self.wait(lambda: [one for one in self.events_of("heartbeat") if nonce in one["nonces"]], "the nonce")
        return hello

    def wait_ready(self, patience_s: float = PATIENCE_S) -> None:
        """Waits for a later heartbeat that reports ready."""
        seen = len(self.events)
        self.wait(
            lambda: [e for t, e in self.events[seen:] if t.endswith("heartbeat") and e["ready"]], "ready", patience_s
        )


def spot(**members: Any) -> Json:
    """A resting limit order far from the market, unless changed."""
    row = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "90000", "sz": "0.01"}
    return {**row, **members}


def swap(**members: Any) -> Json:
    return spot(**{"instId": "BTC-USDT-SWAP", "tdMode": "cross", "sz": "1", **members})
