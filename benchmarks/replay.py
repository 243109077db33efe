"""What replays out of the journal cost those who trade meanwhile: round trips with none, and with several at once.

    python -m benchmarks.replay [--events N] [--readers N] [--rounds N]

A strategy fills the journal, and far more than the memory of the gateway's ring; then readers ask for page after page
of it without a pause, all from the beginning, over and over, in a process of their own, while
another strategy sends one order after the other to the acker. Rounds with and without readers alternate. Beside the
round trips it prints what the readers were given.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, Final

import zmq

from benchmarks.exchange.order_rows import compact, strategy_row
from benchmarks.exchange.running import SETTLE_MS, gateway
from benchmarks.measurement.subject import Burst
from benchmarks.report.summary import Percentiles, percentiles
from benchmarks.subjects.pyzmq_strategy import Strategy

EVENTS: Final = 100_000
READERS: Final = 4
ROUNDS: Final = 10
ORDERS_PER_ROUND: Final = 1_000
WINDOW: Final = 200
TIMEOUT_MS: Final = 60_000
PAGE_EVENTS: Final = 500
EVENTS_PER_ORDER: Final = 3  # an ack, a fill, a state
WRITER: Final = "writer"


@dataclass(frozen=True, slots=True)
class ReplayCost:
    """Round trips in ns; `pages` and `events` are what the readers were given in all rounds."""

    alone: Percentiles
    beside: Percentiles
    pages: int
    events: int


def hello(socket: zmq.Socket[bytes], strategy: str) -> dict[str, Any]:
    socket.send(compact({"id": "hello", "op": "hello", "args": [{"strategy": strategy}]}))
    answer = json.loads(socket.recv())
    if answer["code"] != "0":
        raise RuntimeError(f"hello: {answer}")
    return dict(answer["data"][0])


def connected(sockets: Path, name: str, kind: int) -> zmq.Socket[bytes]:
    socket: zmq.Socket[bytes] = zmq.Context.instance().socket(kind)
    socket.setsockopt(zmq.RCVTIMEO, TIMEOUT_MS)
    socket.setsockopt(zmq.LINGER, 0)
    socket.connect(f"ipc://{sockets}/{name}")
    return socket


def fill(sockets: Path, events: int) -> None:
    """Orders that the acker takes and fills, until the owner has so many events."""
    orders = connected(sockets, "orders", zmq.DEALER)
    sent = 0
    while hello(orders, WRITER)["seq"] < events:
        for _ in range(WINDOW):
            sent += 1
            request = {"id": f"{WRITER}-{sent}", "op": "order", "args": [strategy_row()], "gw": {"maxWaitMs": 5_000}}
            orders.send(compact(request))
        while hello(orders, WRITER)["seq"] < EVENTS_PER_ORDER * sent:  # the acker fills them once they stop coming
            time.sleep(SETTLE_MS / 1_000)
    orders.close()


def read_on(sockets: Path, readers: int, running: Event, pages: Any, events: Any) -> None:
    """In a process of its own: each reader asks for its next page as soon as it has one."""
    asked: list[tuple[zmq.Socket[bytes], int]] = []
    poller = zmq.Poller()
    for _ in range(readers):
        socket = connected(sockets, "orders", zmq.DEALER)
        hello(socket, WRITER)
        poller.register(socket, zmq.POLLIN)
        asked.append((socket, 1))
    while True:
        running.wait()
        for at, (socket, from_seq) in enumerate(asked):
            arg = {"fromSeq": from_seq, "limit": PAGE_EVENTS}
            socket.send(compact({"id": str(at), "op": "replay", "args": [arg]}))
        open_ones = len(asked)
        while open_ones:
            for socket, _ in poller.poll(TIMEOUT_MS):
                answer = socket.recv()
                at = next(number for number, one in enumerate(asked) if one[0] is socket)
                count = answer.count(b'{"topic":')
                pages.value += 1
                events.value += count
                following = asked[at][1] + count if b'"more":true' in answer[-64:] else 1
                asked[at] = (socket, following)
                if running.is_set():
                    arg = {"fromSeq": following, "limit": PAGE_EVENTS}
                    socket.send(compact({"id": str(at), "op": "replay", "args": [arg]}))
                else:
                    open_ones -= 1


@contextmanager
def readers_of(sockets: Path, count: int) -> Iterator[tuple[Event, Any, Any]]:
    """A switch for them, and what they were given."""
    context = multiprocessing.get_context("spawn")
    running, pages, events = context.Event(), context.Value("q", 0), context.Value("q", 0)
    process = context.Process(target=read_on, args=(sockets, count, running, pages, events), daemon=True)
    process.start()
    try:
        yield running, pages, events
    finally:
        process.terminate()
        process.join()


def wait_for_page(pages: Any) -> None:
    """Until a reader has got its next page, so that they read beside the orders however few these are."""
    before, deadline = pages.value, time.monotonic() + TIMEOUT_MS / 1_000
    while pages.value == before:
        if time.monotonic() > deadline:
            raise RuntimeError("no reader has got a page in time")
        time.sleep(0.001)


def measure(events: int, readers: int, rounds: int, orders: int = ORDERS_PER_ROUND) -> ReplayCost:
    alone: list[int] = []
    beside: list[int] = []
    with tempfile.TemporaryDirectory(prefix="okx-replay-") as folder, gateway(Path(folder)) as sockets:
        strategy = Strategy(str(sockets), "trader", TIMEOUT_MS)
        strategy.say_hello()
        fill(sockets, events)
        with readers_of(sockets, readers) as (running, pages, given):
            for _ in range(rounds):
                alone += strategy.run_burst(Burst(orders, 0, 0))[::6]
                running.set()
                wait_for_page(pages)
                beside += strategy.run_burst(Burst(orders, 0, 0))[::6]
                running.clear()
            return ReplayCost(percentiles(alone), percentiles(beside), pages.value, given.value)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=EVENTS, help="in the journal (default: %(default)s)")
    parser.add_argument("--readers", type=int, default=READERS, help="at once (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of each kind (default: %(default)s)")
    options = parser.parse_args(arguments)
    cost = measure(options.events, options.readers, options.rounds)
    print(f"{'round trip, us':24} {'p50':>8} {'p90':>8} {'p99':>8} {'p99.9':>8} {'max':>8}")
    for name, found in (("no replay", cost.alone), (f"{options.readers} replays at once", cost.beside)):
        values = (found.p50, found.p90, found.p99, found.p99_9, found.max)
        print(f"{name:24} " + " ".join(f"{value / 1_000:8,.0f}" for value in values))
    print(f"{cost.pages:,} pages with {cost.events:,} events were read meanwhile")
    return 0


if __name__ == "__main__":
    sys.exit(main())
