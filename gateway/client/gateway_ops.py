"""Pure. The gateway's own ops, as generators: each yields (op, rows) to send, receives the answer, returns a result.

They raise `RefusedError` for an answer with code "1" and `MalformedError` for one that breaks the protocol.
"""

from collections.abc import Generator
from typing import Any, TypeVar

from .errors import ClientError, MalformedError, RefusedError
from .messages import AlgoOrder, Answer, CancelAll, Order, ReplayPage, Snapshot, Status
from .parsing import first_of, parse_algo_order, parse_order, parse_replay, parse_snapshot_page, parse_status
from .protocol import PAGE_ROWS
from .requests import Row

# A page takes well under a millisecond: a strategy whose orders do not change that long gets its snapshot.
SNAPSHOT_TRIES = 10

Result = TypeVar("Result")
Asking = Generator[tuple[str, list[Row]], Answer, Result]


def _granted(answer: Answer) -> Answer:
    if answer.code != "0":
        raise RefusedError(answer)
    return answer


def ping() -> Asking[int]:
    """Return the gateway's clock, Unix ns."""
    answer = _granted((yield "ping", []))
    return first_of(answer, lambda data: int(data["ns"]))


def status() -> Asking[Status]:
    """Return the gateway's state and this strategy's counts and limits."""
    answer = _granted((yield "status", []))
    return first_of(answer, parse_status)


def snapshot() -> Asking[Snapshot]:
    """Return all orders and algo orders that are not terminal, from as many pages as needed.

    Pages count from the first order, algo orders after the others, so an order that ends meanwhile would hide another:
    then all pages are read again.
    Raises `ClientError` if the orders change during each attempt.
    """
    for _ in range(SNAPSHOT_TRIES):
        orders: list[Order] = []
        algos: list[AlgoOrder] = []
        seqs: set[int] = set()
        more = True
        while more and len(seqs) <= 1:
            answer = _granted((yield "snapshot", [{"from": len(orders) + len(algos), "limit": PAGE_ROWS}]))
            page, more = first_of(answer, parse_snapshot_page)
            if more and not page.orders and not page.algos:
                raise MalformedError("snapshot: an empty page with more=true")
            orders += page.orders
            algos += page.algos
            seqs.add(page.seq)
        if len(seqs) == 1:
            return Snapshot(page.seq, tuple(orders), tuple(algos))
    raise ClientError(f"the orders changed during each of {SNAPSHOT_TRIES} snapshots of several pages")


def get_order(key: dict[str, Any]) -> Asking[Order]:
    """Return one order, named by `clOrdId`, `ordId` or `id` (and `row`)."""
    answer = _granted((yield "get-order", [key]))
    return first_of(answer, parse_order)


def get_algo_order(key: dict[str, Any]) -> Asking[AlgoOrder]:
    """Return one algo order, named by `algoClOrdId`, `algoId` or `id`."""
    answer = _granted((yield "get-order", [key]))
    return first_of(answer, parse_algo_order)


def replay(owner: str, from_seq: int, limit: int) -> Asking[ReplayPage]:
    """Return one page of an owner's events from `from_seq` on."""
    answer = _granted((yield "replay", [{"owner": owner, "fromSeq": from_seq, "limit": limit}]))
    return first_of(answer, parse_replay)


def resume() -> Asking[bool]:
    """Allow new orders again; true if they were halted."""
    answer = _granted((yield "resume", []))
    return first_of(answer, lambda data: bool(data["resumed"]))


def reconnect() -> Asking[bool]:
    """Replace the connections to OKX by new ones; false if none is up."""
    answer = _granted((yield "reconnect", []))
    return first_of(answer, lambda data: bool(data["begun"]))


def cancel_all(okx_fields: dict[str, Any]) -> Asking[CancelAll]:
    """Cancel all of the strategy's orders, or those of one `instId`."""
    answer = _granted((yield "cancel-all", [okx_fields]))
    return first_of(answer, lambda data: CancelAll(answer.id, int(data["cancelled"]), int(data["withdrawn"])))
