"""The client for a strategy on an asyncio loop. The loop's readers read the sockets, without a future per message."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from . import gateway_ops
from .client_base import CLOCK_S, HELLO_EVERY_S, ClientBase, open_sockets, process_prefix
from .errors import AnswerTimeoutError, ClientError
from .gateway_ops import Asking
from .messages import Ack, AlgoOrder, CancelAll, Item, Order, ReplayPage, Snapshot, Status
from .protocol import StrategyProtocol
from .sockets import ADDRESS, RECEIVE_MAX, Sockets

Found = TypeVar("Found")


class AsyncGatewayClient(ClientBase):
    """A strategy's connection to the gateway; make one with `connect`, use it on that loop only.

    The OKX ops are plain calls that return the request's id at once. Methods that wait are coroutines.
    """

    def __init__(self, sockets: Sockets, strategy: str, others: Iterable[str]) -> None:
        super().__init__(sockets, StrategyProtocol(strategy, process_prefix(), others, self._settled))
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()  # set after each read, and by `close`
        self._waiters: dict[str, list[asyncio.Future[None]]] = {}  # by request id
        self._fds = sockets.fds()
        for fd in self._fds:
            self._loop.add_reader(fd, self._pump)
        self._timer = self._loop.call_later(CLOCK_S, self._tick)

    @classmethod
    async def connect(
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
        client = cls(open_sockets(directory, addresses, strategy, others), strategy, others)
        try:
            await client._greet(timeout_s)
        except BaseException:
            client._shut(drop=True)
            client._sockets.finish()
            raise
        return client

    async def close(self) -> None:
        """Close the sockets; wait up to a second until sent messages have left. Orders stay live: cancel them before.

        Calls that still wait for an ack or an answer raise `ClientError`; iterations over `events` end.
        """
        self._shut()
        await asyncio.to_thread(self._sockets.finish)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def next_event(self, timeout_s: float | None = None) -> Item | None:
        """Return the next item, waiting up to `timeout_s` (None: for ever); None after the timeout or when closed."""
        return await self._wait(self._protocol.inbox.take, timeout_s)

    async def events(self, timeout_s: float | None = None) -> AsyncIterator[Item]:
        """Yield items in order as they arrive; end after `timeout_s` without one (None: never), or when closed."""
        while (item := await self.next_event(timeout_s)) is not None:
            yield item

    async def wait_ack(self, request_id: str, timeout_s: float = 5.0) -> Ack:
        """Return the result of a request of this client. `events` yields it too.

        Raises `AnswerTimeoutError`, which proves nothing about the order, and `ClientError` if closed meanwhile.
        """
        return await self._result(self._protocol.acks, request_id, f"result for {request_id}", timeout_s)

    async def ping(self, timeout_s: float = 5.0) -> int:
        """Return the gateway's clock, Unix ns. Like all methods below, raises `RefusedError`, `AnswerTimeoutError`."""
        return await self._run(gateway_ops.ping(), timeout_s)

    async def status(self, timeout_s: float = 5.0) -> Status:
        """Return the gateway's state, and this strategy's requests in flight, waiting or unknown."""
        return await self._run(gateway_ops.status(), timeout_s)

    async def snapshot(self, timeout_s: float = 5.0) -> Snapshot:
        """Return this strategy's orders that are not terminal; `timeout_s` is per page of 500."""
        return await self._run(gateway_ops.snapshot(), timeout_s)

    async def get_order(self, timeout_s: float = 5.0, **key: Any) -> Order:
        """Return one order, named by `clOrdId`, `ordId` or `id` (and `row`)."""
        return await self._run(gateway_ops.get_order(key), timeout_s)

    async def get_algo_order(self, timeout_s: float = 5.0, **key: Any) -> AlgoOrder:
        """Return one algo order, named by `algoClOrdId`, `algoId` or `id`."""
        return await self._run(gateway_ops.get_algo_order(key), timeout_s)

    async def replay(
        self, from_seq: int, *, owner: str | None = None, limit: int = 100, timeout_s: float = 5.0
    ) -> ReplayPage:
        """Return up to `limit` (500 at most) past events of an owner (default: this one). Gaps need no such call."""
        return await self._run(gateway_ops.replay(owner or self.strategy, from_seq, limit), timeout_s)

    async def resume(self, timeout_s: float = 5.0) -> bool:
        """Allow new orders after a halt; an operator decides this. True if they were halted."""
        return await self._run(gateway_ops.resume(), timeout_s)

    async def reconnect(self, timeout_s: float = 5.0) -> bool:
        """Replace the connections to OKX by new ones; false if none is up."""
        return await self._run(gateway_ops.reconnect(), timeout_s)

    async def cancel_all(self, timeout_s: float = 5.0, **okx_fields: Any) -> CancelAll:
        """Cancel all orders of this strategy, or with `instId` those of one instrument; results arrive as acks."""
        return await self._run(gateway_ops.cancel_all(okx_fields), timeout_s)

    async def _greet(self, timeout_s: float) -> None:
        deadline = self._loop.time() + timeout_s
        while not self._protocol.live:
            self._refusal_of_hello()
            remaining_s = deadline - self._loop.time()
            if remaining_s <= 0:
                raise self._not_connected(timeout_s)
            self._protocol.send_hello()
            await self._wait(self._greeted, min(remaining_s, HELLO_EVERY_S))

    async def _run(self, asking: Asking[Found], timeout_s: float) -> Found:
        op, rows = next(asking)
        while True:
            request_id = self._protocol.ask(op, rows)
            self._pump()
            try:
                answer = await self._result(self._protocol.answers, request_id, f"answer to {op}", timeout_s)
            finally:
                self._protocol.forget(request_id)
            try:
                op, rows = asking.send(answer)
            except StopIteration as end:
                result: Found = end.value
                return result

    async def _result(self, results: Mapping[str, Found], request_id: str, awaited: str, timeout_s: float) -> Found:
        if request_id in results:
            return results[request_id]
        waiter: asyncio.Future[None] = self._loop.create_future()
        waiters = self._waiters.setdefault(request_id, [])
        waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout_s):
                await waiter
        except TimeoutError:
            raise AnswerTimeoutError(f"no {awaited} within {timeout_s} s") from None
        finally:
            waiters.remove(waiter)
            if not waiters:
                self._waiters.pop(request_id, None)
        return results[request_id]  # `_settled` wakes the waiter only then

    def _settled(self, request_id: str) -> None:
        for waiter in self._waiters.get(request_id, ()):
            if not waiter.done():
                waiter.set_result(None)

    async def _wait(self, find: Callable[[], Found], timeout_s: float | None) -> Found:
        try:
            async with asyncio.timeout(timeout_s):
                while (found := find()) is None and not self._sockets.closed:
                    self._changed.clear()
                    self._pump()
                    if not self._changed.is_set():
                        await self._changed.wait()
        except TimeoutError:
            return find()
        return found

    def _pump(self) -> int:
        """Read both sockets empty and send the outbox; return the number of messages read.

        libzmq's file descriptors are edge-triggered: a message that is there when we return wakes nobody. So we read to
        the end, and call again if a send, or our own bound, can have left something.
        """
        if self._sockets.closed:
            return 0
        received = self._sockets.receive(self._protocol)
        sent = self._sockets.flush(self._protocol)
        if received:
            self._changed.set()
        if sent or received >= RECEIVE_MAX:
            self._loop.call_soon(self._pump)
        return received

    def _tick(self) -> None:
        if self._pump() < RECEIVE_MAX and self._protocol.on_clock(time.monotonic_ns()):
            self._pump()
            self._changed.set()
        self._timer = self._loop.call_later(CLOCK_S, self._tick)

    def _shut(self, drop: bool = False) -> None:
        if self._sockets.closed:
            return
        self._timer.cancel()
        for fd in self._fds:
            self._loop.remove_reader(fd)
        self._sockets.shut(drop)
        self._changed.set()
        for waiter in [future for futures in self._waiters.values() for future in futures]:
            if not waiter.done():
                waiter.set_exception(ClientError("the client was closed"))

    def _sent(self) -> None:
        if self._sockets.answered():
            self._loop.call_soon(self._pump)
