"""A strategy of the campaign in a separate process, written from docs/protocol.md alone: ZeroMQ and JSON.

    python -m tests.chaos.trader SOCKETS NAME SEED RUN FILE [--idle] [--algos] [--topics account.,gateway.]

It writes each message to FILE before it sends it and after it receives it, one JSON object a line. It reads that file after it has
been killed and restarted. Commands on standard input: `stuff`: send large orders until the journal is full; `calm`: no new orders, cancel everything,
wait until nothing is open. The end of its input ends it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import zmq

from tests.chaos.audit_trail import AMEND_OPS, RESULT_OPS, Json
from tests.chaos.workload import Workload

POLL_MS = 20
SETTLE_S = 0.4  # between two checks for open orders
CANCEL_AGAIN_S = 2.0  # the end of a cancelled order can need a reconnect, or REST
ASK_AGAIN_S = 1.5  # a question can be lost with a killed gateway
PAGE = 500
BULKY_MAX = 400  # of 60 kB: more than two files of the gateway's journal hold
BULKY_AT_ONCE = 20
UNKNOWN_MS = 6_000  # an amend that is unknown for so long after the end of its order can stay unknown


class Trader:
    """One process of one strategy."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.name: str = options.name
        self._run: int = options.run
        self._topics = [f"{self.name}.", *filter(None, options.topics.split(","))]
        self._workload = Workload(options.seed, self.name, self._run, algos=options.algos)
        self._idle: bool = options.idle
        self._calm = self._hello = self._quiet = False
        self._session = ""
        self._received: dict[str, set[int]] = {}  # by owner, as the next members
        self._next: dict[str, int] = {}
        self._last: dict[str, int] = {}
        self._asked: dict[str, float] = {}
        self._replays: dict[str, tuple[str, int]] = {}  # by id: owner and `fromSeq`
        self._live: dict[str, Json] = {}
        self._acked: set[str] = set()
        self._open: dict[str, Json] = {}  # order requests without an ack
        self._status: Json = {}
        self._snapshot: list[Json] | None = None
        self._algos: list[Json] = []
        self._questions = 0
        self._cancelled_at = -CANCEL_AGAIN_S
        self._bulky = 0  # large orders still to be sent
        self._remember(options.file)
        self._file = os.open(options.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._write("started")
        context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._events, self._orders = context.socket(zmq.SUB), context.socket(zmq.DEALER)
        self._events.setsockopt(zmq.RCVHWM, 0)
        self._orders.setsockopt(zmq.LINGER, 0)
        for topic in self._topics:
            self._events.subscribe(topic)
        self._events.connect(f"ipc://{options.sockets}/events")
        self._orders.connect(f"ipc://{options.sockets}/orders")
        self._poller = zmq.Poller()
        for source in (self._events, self._orders, sys.stdin.fileno()):
            self._poller.register(source, zmq.POLLIN)

    # --- records

    def _write(self, kind: str, **members: Any) -> None:
        line = json.dumps({"ns": time.time_ns(), "run": self._run, "type": kind, **members})
        os.write(self._file, f"{line}\n".encode())

    def _remember(self, path: str) -> None:
        """Restores the knowledge of an earlier process of this strategy. Removes a last line that its kill has cut."""
        text = Path(path).read_bytes() if Path(path).exists() else b""
        complete = text[: text.rfind(b"\n") + 1]
        if len(complete) < len(text):
            os.truncate(path, len(complete))
        for line in complete.splitlines():
            one = json.loads(line)
            if one["type"] in ("event", "replayed"):
                self._learn(one["topic"], one["event"])
            elif one["type"] == "gone":
                self._skip(one["owner"], one["first"])
            elif one["type"] == "sent" and one["request"]["op"] in RESULT_OPS:
                self._open.setdefault(one["request"]["id"], one["request"])
        self._forget_acked()

    def _forget_acked(self) -> None:
        for request_id in list(self._open):
            if request_id in self._acked:
                del self._open[request_id]

    # --- the loop

    def run(self) -> None:
        self._greet()
        settle_at = act_at = time.monotonic()
        while True:
            ready = dict(self._poller.poll(POLL_MS))
            if sys.stdin.fileno() in ready and not self._read_commands():
                return
            self._read_sockets()
            now = time.monotonic()
            self._mend_gaps(now)
            if not self._hello:
                self._greet_again(now)
            elif self._calm and now >= settle_at:
                settle_at = now + SETTLE_S
                self._settle()
            elif not self._calm and not self._idle and now >= act_at:
                self._act()
                act_at = now + self._workload.pause_s()
                for _ in range(min(self._bulky, BULKY_AT_ONCE)):
                    self._bulky -= 1
                    self._submit(self._workload.bulky_order())

    def _read_commands(self) -> bool:
        text = os.read(sys.stdin.fileno(), 4096)
        if b"stuff" in text:
            self._bulky = BULKY_MAX
        if b"calm" in text:
            self._calm = True
        return bool(text)

    def _read_sockets(self) -> None:
        while self._orders.poll(0):
            self._take_answer(json.loads(self._orders.recv_multipart()[-1]))
        while self._events.poll(0):
            topic, body = self._events.recv_multipart()
            event = json.loads(body)
            self._write("event", topic=topic.decode(), event=event)
            if topic.decode().startswith(f"{self.name}.") and event["session"] != self._session:
                self._session, self._hello = event["session"], False  # the gateway has restarted
                self._live.clear()
            self._learn(topic.decode(), event)

    # --- events

    def _learn(self, topic: str, event: Json) -> None:
        owner, _, kind = topic.rpartition(".")
        seq = event["seq"]
        self._last[owner] = max(self._last.get(owner, 0), seq)
        if kind == "heartbeat":
            return
        received = self._received.setdefault(owner, set())
        if seq in received:
            return
        received.add(seq)
        self._go_on(owner)
        if owner != self.name:
            return
        if kind == "ack" and event["event"] == "ack":
            self._acked.add(event["id"])
            self._open.pop(event["id"], None)
            if any(row["reason"] == "journal" for row in event["data"]):
                self._bulky = 0
        elif kind == "order":
            self._follow(event)

    def _go_on(self, owner: str) -> None:
        while self._next.setdefault(owner, 1) in self._received.setdefault(owner, set()):
            self._next[owner] += 1

    def _skip(self, owner: str, first: int) -> None:
        """The gateway no longer has numbers before `first`."""
        self._next[owner] = max(self._next.get(owner, 1), first)
        self._go_on(owner)

    def _follow(self, event: Json) -> None:
        if event["terminal"]:
            self._live.pop(event["ordId"], None)
        else:
            kept = {key: event["data"][key] for key in ("side", "px", "sz")}
            self._live[event["ordId"]] = {"instId": event["instId"], "clOrdId": event["clOrdId"], **kept}

    def _mend_gaps(self, now: float) -> None:
        for owner, last in self._last.items():
            due = now - self._asked.get(owner, 0.0) > ASK_AGAIN_S
            if self._hello and self._next.get(owner, 1) <= last and due:
                self._asked[owner] = now
                self._replay(owner, self._next.get(owner, 1))

    def _replay(self, owner: str, from_seq: int) -> None:
        request_id = self._ask("replay", {"owner": owner, "fromSeq": from_seq, "limit": PAGE})
        self._replays[request_id] = owner, from_seq

    # --- answers

    def _ask(self, op: str, *args: Json) -> str:
        self._questions += 1
        request_id = f"q{self._run}-{op}-{self._questions}"
        self._send({"id": request_id, "op": op, "args": list(args)})
        return request_id

    def _send(self, request: Json) -> None:
        self._write("sent", request=request)
        self._orders.send(json.dumps(request).encode())

    def _greet(self) -> None:
        self._greeted_at = time.monotonic()
        self._ask("hello", {"strategy": self.name, "nonce": f"{self.name}-{self._run}-{self._questions}"})

    def _greet_again(self, now: float) -> None:
        if now - self._greeted_at > ASK_AGAIN_S:
            self._greet()

    def _take_answer(self, answer: Json) -> None:
        self._write("answer", answer=answer)
        if answer["reason"] == "hello_required":
            self._hello = False
        if answer["reason"] == "gone":
            owner, from_seq = self._replays[answer["id"]]
            first = answer["data"][0]["first"]
            self._write("gone", owner=owner, fromSeq=from_seq, first=first)
            self._skip(owner, first)
        if answer["code"] != "0" or not answer["data"]:
            return
        data = answer["data"][0]
        if answer["op"] == "hello":
            self._on_hello(data)
        elif answer["op"] == "replay":
            self._on_replay(data)
        elif answer["op"] == "status":
            self._status = data
        elif answer["op"] == "snapshot" and not data["more"]:
            self._snapshot, self._algos = data["orders"], data["algos"]
            for order in data["orders"] if not self._calm else ():
                if order["ordId"]:
                    self._live[order["ordId"]] = {key: order[key] for key in ("instId", "clOrdId", "side", "px", "sz")}

    def _on_hello(self, data: Json) -> None:
        self._hello, self._session = True, data["session"]
        self._asked.clear()
        self._last[self.name] = max(self._last.get(self.name, 0), data["seq"])
        self._ask("snapshot", {"limit": PAGE})
        for request in self._open.values():  # was it sent, and what is its result?
            self._send(request)

    def _on_replay(self, data: Json) -> None:
        for one in data["events"]:
            self._write("replayed", topic=one["topic"], event=one["event"])
            self._learn(one["topic"], one["event"])
        if data["events"]:
            owner = data["events"][0]["topic"].rpartition(".")[0]
            self._asked.pop(owner, None)
            if data["more"]:
                self._replay(owner, data["events"][-1]["event"]["seq"] + 1)

    # --- actions

    def _act(self) -> None:
        if self._workload.wants_garbage():
            text = self._workload.garbage()
            self._write("garbage", text=text.decode("latin-1"))
            self._orders.send(text)
            return
        request = self._workload.next_request(self._live)
        if request is not None:
            self._submit(request)

    def _submit(self, request: Json) -> None:
        if request["op"] in RESULT_OPS:
            request["gw"].setdefault("sentNs", str(time.time_ns()))
            if request["id"] not in self._acked:
                self._open.setdefault(request["id"], request)
        self._send(request)

    def _settle(self) -> None:
        """Checks whether nothing is open; cancels open orders."""
        status, orders = self._status, self._snapshot
        at_rest = (
            not self._open
            and orders == self._algos == []
            and status.get("ready")
            and all(one["op"] in AMEND_OPS and one["ageMs"] > UNKNOWN_MS for one in status["unknown"])
            and status["inFlight"] == status["waiting"] == 0
            and status["seq"] == self._next.get(self.name, 1) - 1
        )
        if at_rest:
            if not self._quiet:
                self._replay(self.name, 1)
            self._quiet = True
            self._write("quiet", status=status, orders=orders)
        elif (orders or self._algos) and status.get("ready") and time.monotonic() - self._cancelled_at > CANCEL_AGAIN_S:
            self._cancelled_at = time.monotonic()
            self._ask("cancel-all", {})
        self._status, self._snapshot = {}, None
        self._ask("status")
        self._ask("snapshot", {"limit": PAGE})


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("sockets", "name", "seed"):
        parser.add_argument(name)
    parser.add_argument("run", type=int)
    parser.add_argument("file")
    parser.add_argument("--idle", action="store_true")
    parser.add_argument("--algos", action="store_true")
    parser.add_argument("--topics", default="")
    Trader(parser.parse_args()).run()


if __name__ == "__main__":
    main()
