"""How long a gateway takes from kill -9 to trading again, with a long journal behind it.

    python -m benchmarks.start [--orders N] [--open N] [--times N]

A strategy sends N orders (90 of 100 end unfilled at once, 9 are filled, the others rest) through a gateway to the
simulated exchange; then the gateway is killed and started again, time after time. Every request stays remembered and
the open orders are the oldest, so that each start reads the whole journal. The clock runs from the start of the
process to the event by which strategies hear that new orders are taken: Python's start, the journal, OKX's clock,
account and instruments, login, subscriptions and the comparison of the open orders lie within.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import zmq

from benchmarks.exchange.order_rows import compact
from benchmarks.exchange.running import gateway_config, running

ORDERS: Final = 100_000
OPEN: Final = 1_000
TIMES: Final = 5
WINDOW: Final = 500  # requests without an ack at a time
TIMEOUT_S: Final = 120
STRATEGY: Final = "alpha"
SECRETS: Final = {
    "OKX_API_KEY": "sim-api-key-0001",
    "OKX_SECRET_KEY": "SIMULATED-SECRET-0001",
    "OKX_PASSPHRASE": "simulated",
}
# OKX allows 500 open orders per instrument.
RESTING: Final = (("BTC-USDT", "90000", "0.0001"), ("ETH-USDT", "3500", "0.001"), ("LTC-USDT", "90", "0.01"))
SWAP: Final = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "sz": "0.01"}


@dataclass(frozen=True, slots=True)
class Start:
    """One start, in ms: until its log says that the journal is read, and until orders are taken."""

    recovered_ms: float
    ready_ms: float
    records: int
    open_orders: int


def row_of(number: int, open_orders: int) -> dict[str, str]:
    """The open ones first; then of each ten orders one takes the other's price, in turns on both sides."""
    if number < open_orders:
        inst_id, px, sz = RESTING[number % len(RESTING)]
        return {"instId": inst_id, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": px, "sz": sz}
    if number % 10:
        return {**SWAP, "side": "buy", "ordType": "ioc", "px": "99000"}
    return {**SWAP, "side": "buy" if number % 20 else "sell", "ordType": "market"}


class Strategy:
    """Places orders and counts what is told, with nothing but ZeroMQ."""

    def __init__(self, sockets: Path) -> None:
        context: zmq.Context[zmq.Socket[bytes]] = zmq.Context.instance()
        self._orders, self._events = context.socket(zmq.DEALER), context.socket(zmq.SUB)
        for socket in (self._orders, self._events):
            socket.setsockopt(zmq.LINGER, 0)
            socket.setsockopt(zmq.RECONNECT_IVL, 1)  # a poll of what a start is measured by; ms
            socket.setsockopt(zmq.RCVTIMEO, TIMEOUT_S * 1_000)
            socket.setsockopt(zmq.RCVHWM, 0)
        self._events.subscribe(f"{STRATEGY}.")
        self._events.subscribe("gateway.")
        self._orders.connect(f"ipc://{sockets}/orders")
        self._events.connect(f"ipc://{sockets}/events")

    def close(self) -> None:
        self._orders.close()
        self._events.close()

    def _ask(self, op: str, **arg: str) -> dict[str, object]:
        self._orders.send(compact({"id": op, "op": op, "args": [arg]}))
        answer = json.loads(self._orders.recv())
        if answer["code"] != "0":
            raise RuntimeError(f"{op}: {answer}")
        return dict(answer["data"][0])

    def wait_until_ready(self) -> None:
        """An event that says so: a state, or a heartbeat."""
        while b'"ready":true' not in self._events.recv_multipart()[1]:
            pass

    def place(self, count: int, open_orders: int) -> None:
        """All of them, and waits until each has its ack and, but for those that rest, its end."""
        self._ask("hello", strategy=STRATEGY)
        sent = acked = ended = 0
        while acked < count or ended < count - open_orders:
            while sent < count and sent - acked < WINDOW:
                request = {
                    "id": f"o{sent}",
                    "op": "order",
                    "args": [row_of(sent, open_orders)],
                    "gw": {"maxWaitMs": 9999},
                }
                self._orders.send(compact(request))
                sent += 1
            event = self._events.recv_multipart()[1]
            if b'"event":"ack"' in event and b'"result":"accepted"' not in event:
                raise RuntimeError(event.decode())
            acked += b'"event":"ack"' in event
            ended += b'"terminal":true' in event

    def open_orders(self) -> int:
        self._ask("hello", strategy=STRATEGY)
        return int(str(self._ask("status")["orders"]))


@contextmanager
def exchange(folder: Path) -> Iterator[dict[str, str]]:
    """The simulated exchange with a deep book and without limits; gives its addresses."""
    ready = folder / "exchange.json"
    command = [sys.executable, "-m", "gateway.sim", "--port", "0", "--market-rate", "0", "--market-levels", "5"]
    with running([*command, "--limiter-window", "off", "--ready-file", ready], stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + TIMEOUT_S
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the simulator did not start")
            time.sleep(0.05)
        yield json.loads(ready.read_text())


def measure(folder: Path, orders: int, open_orders: int, times: int) -> list[Start]:
    """`times` starts, each after a kill -9 of the one before."""
    sockets, config, log = folder / "sockets", folder / "gateway.toml", folder / "gateway.log"
    room = 2 * max(orders, 1_000)
    environment = {
        **SECRETS,
        "OKX_GATEWAY__REQUESTS__REQUEST_CAPACITY": str(room),
        "OKX_GATEWAY__REQUESTS__ORDER_CAPACITY": str(room),
        "OKX_GATEWAY__LOG__LEVEL": "INFO",
        "OKX_GATEWAY__LOG__FORMAT": "json",
        "OKX_GATEWAY__LOG__FILE": str(log),
    }
    command = [sys.executable, "-m", "gateway", "run", "--config", config]
    found = []
    with exchange(folder) as addresses:
        config.write_text(gateway_config(sockets, addresses["rest"], f"{addresses['ws']}/ws/v5"), encoding="utf-8")
        for number in range(times + 1):
            log.unlink(missing_ok=True)
            strategy = Strategy(sockets)
            began_ns, began = time.time_ns(), time.perf_counter()
            with running(command, stdout=subprocess.DEVNULL, environment=environment) as process:
                strategy.wait_until_ready()
                ready_ms = (time.perf_counter() - began) * 1_000
                if number == 0:
                    strategy.place(orders, open_orders)
                else:
                    recovered = said_in(log, "recovered")
                    recovered_ms = (recovered["ts_ns"] - began_ns) / 1e6
                    found.append(Start(recovered_ms, ready_ms, recovered["records"], strategy.open_orders()))
                process.kill()
            strategy.close()
    return found


def said_in(log: Path, msg: str) -> dict[str, int]:
    """The line of the log with this message."""
    lines = (json.loads(line) for line in log.read_text(encoding="utf-8").splitlines())
    return next(dict(line) for line in lines if line["msg"] == msg)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--orders", type=int, default=ORDERS, help="orders in the journal (default: %(default)s)")
    parser.add_argument("--open", type=int, default=OPEN, help="of them still open (default: %(default)s)")
    parser.add_argument("--times", type=int, default=TIMES, help="starts that are measured (default: %(default)s)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="okx-start-") as folder:
        starts = measure(Path(folder), options.orders, options.open, options.times)
    print(f"{'records':>10} {'open':>6} {'journal read, ms':>17} {'orders taken, ms':>17}")
    for start in starts:
        print(f"{start.records:>10} {start.open_orders:>6} {start.recovered_ms:>17,.0f} {start.ready_ms:>17,.0f}")
    print(f"median of {len(starts)}: orders taken after {statistics.median(one.ready_ms for one in starts):,.0f} ms")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
