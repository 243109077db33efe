"""The client for a strategy that waits in blocking calls."""

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import zmq

from . import gateway_ops
from .client_base import CLOCK_S, HELLO_EVERY_S, ClientBase, open_sockets, process_prefix
from .errors import AnswerTimeoutError
from .gateway_ops import Asking
from .messages import Ack, AlgoOrder, CancelAll, Item, Order, ReplayPage, Snapshot, Status
from .protocol import StrategyProtocol
from .sockets import ADDRESS, Sockets

Found = TypeVar("Found")


class GatewayClient(ClientBase):
    """A strategy's connection to the gateway; make one with `connect`. One thread at a time may use it.

    Sockets are read inside of `events`, `next_event`, `wait_ack` and the gateway ops, so call one of them often.
    """

    def __init__(self, sockets: Sockets, protocol: StrategyProtocol) -> None:
        super().__init__(sockets, protocol)
        self._poller = zmq.Poller()
        self._poller.register(sockets.events, zmq.POLLIN)
        self._poller.register(sockets.orders, zmq.POLLIN)

    @classmethod
    def connect(
        cls,
        directory: str | Path | None = None,
        *,
        strategy: str,
        addresses: ADDRESS | None = None,
        owners: Iterable[str] = (),
        timeout_s: float = 5.0,
    ) -> Self:
        """Subscribe, send hello, and return once both are proven to work; nothing published after that is missed.

        `directory` is the gateway's `[sockets] dir`, or pass `addresses` (orders, events) instead. `owners` are
        further owners to listen to: `account`, `gateway`. Raises `RefusedError` (`not_allowed`: the name is not
        granted to this user) and `AnswerTimeoutError`. `ready` shows whether the gateway already takes orders.
        """
        others = tuple(owners)
        sockets = open_sockets(directory, addresses, strategy, others)
        client = cls(sockets, StrategyProtocol(strategy, process_prefix(), others))
        try:
            client._greet(timeout_s)
        except BaseException:
            sockets.shut(drop=True)
            sockets.finish()
            raise
        return client

    def close(self) -> None:
        """Close the sockets; wait up to a second until sent messages have left. Orders stay live: cancel first."""
        self._sockets.shut()
        self._sockets.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def next_event(self, timeout_s: float | None = None) -> Item | None:
        """Return the next item, waiting up to `timeout_s` (None: for ever; 0: not at all); None after the timeout."""
        return self._wait(self._protocol.inbox.take, timeout_s)

    def events(self, timeout_s: float | None = None) -> Iterator[Item]:
        """Yield items in order as they arrive; end after `timeout_s` without one (None: never end)."""
        while True:
            item = self.next_event(timeout_s)
            if item is None:
                return
            yield item

    def wait_ack(self, request_id: str, timeout_s: float = 5.0) -> Ack:
        """Return the result of a request of this client; events that arrive meanwhile stay for `events`.

        Raises `AnswerTimeoutError`, which proves nothing about the order.
        """
        ack = self._wait(partial(self._protocol.acks.get, request_id), timeout_s)
        if ack is None:
            raise AnswerTimeoutError(f"no result for {request_id} within {timeout_s} s")
        return ack

    def ping(self, timeout_s: float = 5.0) -> int:
        """Return the gateway's clock, Unix ns. Like all methods below, raises `RefusedError`, `AnswerTimeoutError`."""
        return self._run(gateway_ops.ping(), timeout_s)

    def status(self, timeout_s: float = 5.0) -> Status:
        """Return the gateway's state, and this strategy's requests in flight, waiting or unknown."""
        return self._run(gateway_ops.status(), timeout_s)

    def snapshot(self, timeout_s: float = 5.0) -> Snapshot:
        """Return this strategy's orders that are not terminal; `timeout_s` is per page of 500."""
        return self._run(gateway_ops.snapshot(), timeout_s)

    def get_order(self, timeout_s: float = 5.0, **key: Any) -> Order:
        """Return one order, named by `clOrdId`, `ordId` or `id` (and `row`)."""
        return self._run(gateway_ops.get_order(key), timeout_s)

    def get_algo_order(self, timeout_s: float = 5.0, **key: Any) -> AlgoOrder:
        """Return one algo order, named by `algoClOrdId`, `algoId` or `id`."""
        return self._run(gateway_ops.get_algo_order(key), timeout_s)

    def replay(
        self, from_seq: int, *, owner: str | None = None, limit: int = 100, timeout_s: float = 5.0
    ) -> ReplayPage:
        """Return up to `limit` (500 at most) past events of an owner (default: this one). Gaps need no such call."""
        return self._run(gateway_ops.replay(owner or self.strategy, from_seq, limit), timeout_s)

    def resume(self, timeout_s: float = 5.0) -> bool:
        """Allow new orders after a halt; an operator decides this. True if they were halted."""
        return self._run(gateway_ops.resume(), timeout_s)

    def reconnect(self, timeout_s: float = 5.0) -> bool:
        """Replace the connections to OKX by new ones; false if none is up."""
        return self._run(gateway_ops.reconnect(), timeout_s)

    def cancel_all(self, timeout_s: float = 5.0, **okx_fields: Any) -> CancelAll:
        """Cancel all orders of this strategy, or with `instId` those of one instrument; results arrive as acks."""
        return self._run(gateway_ops.cancel_all(okx_fields), timeout_s)

    def _greet(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while not self._protocol.live:
            self._refusal_of_hello()
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise self._not_connected(timeout_s)
            self._protocol.send_hello()
            self._wait(self._greeted, min(remaining, HELLO_EVERY_S))

    def _run(self, asking: Asking[Found], timeout_s: float) -> Found:
        op, rows = next(asking)
        while True:
            request_id = self._protocol.ask(op, rows)
            answer = self._wait(partial(self._protocol.answers.get, request_id), timeout_s)
            self._protocol.forget(request_id)
            if answer is None:
                raise AnswerTimeoutError(f"no answer to {op} within {timeout_s} s")
            try:
                op, rows = asking.send(answer)
            except StopIteration as end:
                result: Found = end.value
                return result

    def _wait(self, find: Callable[[], Found], timeout_s: float | None) -> Found:
        """Return the result of `find`; read the sockets until it is not None or the time is up."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while (found := find()) is None:
            received = self._sockets.receive(self._protocol)
            self._sockets.flush(self._protocol)
            remaining_s = None if deadline is None else deadline - time.monotonic()
            if remaining_s is not None and remaining_s <= 0:
                return find()
            if not received and not self._protocol.on_clock(time.monotonic_ns()):
                self._poller.poll(ceil(1000 * (CLOCK_S if remaining_s is None else min(remaining_s, CLOCK_S))))
        return found
