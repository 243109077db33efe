"""A strategy in Python with nothing but pyzmq that trades through the gateway: the twin of native/strategy.c.

    python -m benchmarks.subjects.pyzmq_strategy DIR NAME TIMEOUT_MS

The clock runs from the call of `send` until `recv_multipart` gives the ack. Each burst ends, outside the clock, when
every order of it has had its terminal event.
"""

from __future__ import annotations

import json
import sys
from array import array
from itertools import pairwise
from time import perf_counter_ns, sleep, time_ns
from typing import Any, Final

import zmq

from benchmarks.exchange.order_rows import compact, strategy_row
from benchmarks.measurement.subject import Burst
from benchmarks.subjects.bursts import Pauses, Samples, announce, parse_burst, write_samples

# The first orders wait for the cold rate-limit window to pass.
MAX_WAIT_MS: Final = 5_000
COLUMNS: Final = ("round_trip", "to_gateway", "order_path", "venue", "event_path", "to_strategy")


class Strategy:
    """One order at a time."""

    def __init__(self, socket_dir: str, name: str, timeout_ms: int) -> None:
        context: zmq.Context[zmq.Socket[bytes]] = zmq.Context.instance()
        self._name = name
        self._timeout_ms = timeout_ms
        self._ack_topic = f"{name}.ack".encode()
        self._session_word = f"{time_ns():x}"
        self._order_number = 0
        self._terminal_count = 0
        self._pauses = Pauses()
        self._events = context.socket(zmq.SUB)
        self._events.setsockopt(zmq.RCVHWM, 0)
        self._events.setsockopt(zmq.RCVTIMEO, timeout_ms)
        self._events.setsockopt(zmq.SUBSCRIBE, f"{name}.".encode())
        self._events.connect(f"ipc://{socket_dir}/events")
        self._orders = context.socket(zmq.DEALER)
        self._orders.setsockopt(zmq.RCVTIMEO, timeout_ms)
        self._orders.setsockopt(zmq.LINGER, 0)
        self._orders.connect(f"ipc://{socket_dir}/orders")

    def say_hello(self) -> None:
        """Claims the name, then waits until the subscription is live and trading is ready."""
        hello = {"strategy": self._name, "nonce": self._session_word}
        self._orders.send(compact({"id": "hello", "op": "hello", "args": [hello]}))
        answer = json.loads(self._orders.recv())
        if answer["code"] != "0":
            raise RuntimeError(f"hello: {answer}")
        subscribed = ready = False
        deadline_ns = self._deadline_ns()
        while not (subscribed and ready):
            topic, event = self._receive_event(deadline_ns)
            if topic == f"{self._name}.heartbeat".encode():
                heartbeat = json.loads(event)
                subscribed |= self._session_word in heartbeat["nonces"]
                ready = heartbeat["ready"]

    def _deadline_ns(self) -> int:
        return perf_counter_ns() + self._timeout_ms * 1_000_000

    def _receive_event(self, deadline_ns: int) -> tuple[bytes, bytes]:
        """The next event; past the deadline (heartbeats always come) what the gateway answered is raised."""
        try:
            topic, event = self._events.recv_multipart()
        except zmq.Again:
            raise self._no_event() from None
        if perf_counter_ns() > deadline_ns:
            raise self._no_event()
        self._terminal_count += b'"event":"order"' in event and b'"terminal":true' in event
        return topic, event

    def _no_event(self) -> RuntimeError:
        refusal = self._orders.recv() if self._orders.poll(0) else b"and no refusal either"
        return RuntimeError(f"no event in time: {refusal.decode()}")

    def _place(self, samples: Samples) -> None:
        self._order_number += 1
        request_id = f"{self._session_word}-{self._order_number}"
        request = compact({"id": request_id, "op": "order", "args": [strategy_row()], "gw": {"maxWaitMs": MAX_WAIT_MS}})
        deadline_ns = self._deadline_ns()
        sent_unix_ns = time_ns()
        sent_ns = perf_counter_ns()
        self._orders.send(request)
        while True:
            topic, event = self._receive_event(deadline_ns)
            if topic == self._ack_topic:
                break
        round_trip_ns = perf_counter_ns() - sent_ns
        received_unix_ns = time_ns()
        ack: dict[str, Any] = json.loads(event)
        if ack["id"] != request_id or ack["data"][0]["result"] != "accepted":
            raise RuntimeError(f"not the ack of an accepted order: {ack}")
        stamps = [
            sent_unix_ns,
            *(int(ack["gw"][key]) for key in ("recvNs", "sentNs", "venueNs", "pubNs")),
            received_unix_ns,
        ]
        samples.append(round_trip_ns)
        samples.extend(after - before for before, after in pairwise(stamps))

    def run_burst(self, burst: Burst) -> Samples:
        """The round trips of one burst, with their stages."""
        samples = array("q")
        self._terminal_count = 0
        for pause in self._pauses.of(burst):
            if pause:
                sleep(pause)
            self._place(samples)
        deadline_ns = self._deadline_ns()
        while self._terminal_count < burst.count:
            self._receive_event(deadline_ns)
        return samples


def main(socket_dir: str, name: str, timeout_ms: int) -> None:
    """Connects and answers bursts until the input ends."""
    strategy = Strategy(socket_dir, name, timeout_ms)
    strategy.say_hello()
    announce(COLUMNS)
    for line in sys.stdin:
        write_samples(strategy.run_burst(parse_burst(line)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
