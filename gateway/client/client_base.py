"""The base of both clients: the OKX ops, which are sent without waiting, and the state that needs no question."""

import secrets
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .errors import AnswerTimeoutError, RefusedError, SendQueueFullError
from .messages import Heartbeat, Hello
from .protocol import StrategyProtocol
from .requests import Row
from .sockets import ADDRESS, Sockets, addresses_of

# Interval of hellos while a client waits for its first answer: the gateway can still be starting.
HELLO_EVERY_S = 0.5
# Interval of the checks for the gateway's silence.
CLOCK_S = 1.0


def process_prefix() -> str:
    """Return a prefix for request ids that is unique to this start of this process: time in ms, then random."""
    return f"{time.time_ns() // 1_000_000:x}{secrets.token_hex(3)}-"


class ClientBase:
    """The OKX ops. Each sends one request and returns its id at once; the result is the `Ack` with that id.

    Row fields are OKX's own, under OKX's own names, as text, `int`, `bool` or `Decimal` (`px="20000.1"`; a `float`
    raises `TypeError`). A cancel or amend can name its order by its request: `gw={"id": …, "row": 0}`.

    Common keywords: `max_wait_ms` limits the wait inside the gateway for a rate-limit token or readiness
    (0: refuse at once; None: the gateway's default); `exp_time` is Unix ms by OKX's clock, after which it is not
    executed; `receipt=True` asks for a `Receipt` event once it is sent; `request_id` overrides the generated id, to
    repeat a request safely: the same id never makes a second order.

    Raises `SendQueueFullError` (nothing was sent), `ValueError` over 64 KiB, `ClientError` when closed.
    """

    def __init__(self, sockets: Sockets, protocol: StrategyProtocol) -> None:
        self._sockets = sockets
        self._protocol = protocol

    @property
    def strategy(self) -> str:
        """The strategy's name."""
        return self._protocol.strategy

    @property
    def hello(self) -> Hello:
        """The gateway's answer to the last granted hello: session, limits, account mode."""
        assert self._protocol.hello is not None  # `connect` returns only after it is set
        return self._protocol.hello

    @property
    def heartbeat(self) -> Heartbeat | None:
        """The last heartbeat read."""
        return self._protocol.heartbeat

    @property
    def ready(self) -> bool:
        """Whether the last heartbeat is fresh and the gateway takes orders: logged in to OKX and reconciled."""
        return self._protocol.ready

    def position(self, owner: str | None = None) -> tuple[str, int]:
        """Return (session, seq) of the last event of `owner` (default: this strategy), "" and 0 before its first.

        Raises `KeyError` for an owner to which this client is not subscribed.
        """
        return self._protocol.last(self.strategy if owner is None else owner)

    def order(
        self,
        *,
        max_wait_ms: int | None = None,
        exp_time: int | None = None,
        receipt: bool = False,
        request_id: str | None = None,
        **okx_fields: Any,
    ) -> str:
        """Place an order: `instId`, `tdMode`, `side`, `ordType`, `sz`, `px`, …"""
        return self._submit(
            "order", [okx_fields], request_id, max_wait_ms=max_wait_ms, receipt=receipt, exp_time=exp_time
        )

    def batch_orders(
        self,
        rows: Sequence[Row],
        *,
        max_wait_ms: int | None = None,
        exp_time: int | None = None,
        receipt: bool = False,
        request_id: str | None = None,
    ) -> str:
        """Place 1 to 20 orders, each row as for `order`."""
        return self._submit(
            "batch-orders", rows, request_id, max_wait_ms=max_wait_ms, receipt=receipt, exp_time=exp_time
        )

    def cancel(
        self,
        *,
        max_wait_ms: int | None = None,
        receipt: bool = False,
        request_id: str | None = None,
        **okx_fields: Any,
    ) -> str:
        """Cancel an order: `instId` and one of `ordId`, `clOrdId`, `gw`."""
        return self._submit("cancel-order", [okx_fields], request_id, max_wait_ms=max_wait_ms, receipt=receipt)

    def batch_cancel(
        self,
        rows: Sequence[Row],
        *,
        max_wait_ms: int | None = None,
        receipt: bool = False,
        request_id: str | None = None,
    ) -> str:
        """Cancel 1 to 20 orders, each row as for `cancel`."""
        return self._submit("batch-cancel-orders", rows, request_id, max_wait_ms=max_wait_ms, receipt=receipt)

    def amend(
        self,
        *,
        max_wait_ms: int | None = None,
        exp_time: int | None = None,
        receipt: bool = False,
        request_id: str | None = None,
        **okx_fields: Any,
    ) -> str:
        """Amend an order: named as for `cancel`, and `newSz`, `newPx`, … An amend is never sent twice."""
        return self._submit(
            "amend-order", [okx_fields], request_id, max_wait_ms=max_wait_ms, receipt=receipt, exp_time=exp_time
        )

    def batch_amend(
        self,
        rows: Sequence[Row],
        *,
        max_wait_ms: int | None = None,
        exp_time: int | None = None,
        receipt: bool = False,
        request_id: str | None = None,
    ) -> str:
        """Amend 1 to 20 orders, each row as for `amend`."""
        return self._submit(
            "batch-amend-orders", rows, request_id, max_wait_ms=max_wait_ms, receipt=receipt, exp_time=exp_time
        )

    def mass_cancel(
        self,
        *,
        max_wait_ms: int | None = None,
        receipt: bool = False,
        request_id: str | None = None,
        **okx_fields: Any,
    ) -> str:
        """Cancel all MMP orders of an option family: `instType`, `instFamily`."""
        return self._submit("mass-cancel", [okx_fields], request_id, max_wait_ms=max_wait_ms, receipt=receipt)

    def order_algo(
        self,
        *,
        max_wait_ms: int | None = None,
        receipt: bool = False,
        request_id: str | None = None,
        **okx_fields: Any,
    ) -> str:
        """Place one algo order: stop-loss, take-profit, trigger or trailing, by its `ordType`."""
        return self._submit("order-algo", [okx_fields], request_id, max_wait_ms=max_wait_ms, receipt=receipt)

    def amend_algos(
        self,
        *,
        max_wait_ms: int | None = None,
        receipt: bool = False,
        request_id: str | None = None,
        **okx_fields: Any,
    ) -> str:
        """Amend one algo order, named by `algoId`, `algoClOrdId` or `gw`."""
        return self._submit("amend-algos", [okx_fields], request_id, max_wait_ms=max_wait_ms, receipt=receipt)

    def cancel_algos(
        self,
        rows: Sequence[Row],
        *,
        max_wait_ms: int | None = None,
        receipt: bool = False,
        request_id: str | None = None,
    ) -> str:
        """Cancel 1 to 10 algo orders, each row with `instId` and `algoId`, `algoClOrdId` or `gw`."""
        return self._submit("cancel-algos", rows, request_id, max_wait_ms=max_wait_ms, receipt=receipt)

    def _submit(self, op: str, rows: Sequence[Row], request_id: str | None, **envelope: Any) -> str:
        request_id, frame = self._protocol.submit(op, rows, request_id, sent_ns=time.time_ns(), **envelope)
        if not self._sockets.send(frame):
            self._protocol.withdraw(request_id)
            raise SendQueueFullError(f"{op} was not sent: the gateway does not read its orders socket")
        self._sent()
        return request_id

    def _sent(self) -> None:
        """Called after each send on the orders socket."""

    def _greeted(self) -> bool | None:
        return True if self._protocol.live or self._protocol.hello_refusal is not None else None

    def _refusal_of_hello(self) -> None:
        refusal = self._protocol.hello_refusal
        if refusal is not None:
            raise RefusedError(refusal)

    def _not_connected(self, timeout_s: float) -> AnswerTimeoutError:
        if self._protocol.hello is None:
            return AnswerTimeoutError(f"no answer to hello within {timeout_s} s: check that the gateway runs there")
        return AnswerTimeoutError(f"hello is granted, but the events socket brought no heartbeat within {timeout_s} s")


def open_sockets(
    directory: str | Path | None, addresses: ADDRESS | None, strategy: str, others: Iterable[str]
) -> Sockets:
    """Open the sockets in `directory`, or at `addresses` (orders, events), subscribed to the owners."""
    if (directory is None) == (addresses is None):
        raise ValueError("pass either the gateway's sockets directory or addresses=(orders, events)")
    where = addresses if addresses is not None else addresses_of(str(directory))
    return Sockets(where, [f"{owner}." for owner in (strategy, *others)])
