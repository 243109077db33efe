"""The truth: every request seen, every state, every fill and every payment, as the exchange itself knows them.

Records are JSON objects with a `type` and a number `n` that grows by one; their fields stand in the manual
(docs/simulator.md). The newest `limit` records stay in memory, encoded. All of them go to the file if one is given
(JSON lines), and readers get the older ones from there; without a file the older ones are gone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from gateway.sim.accounts.accounts import Account
from gateway.sim.accounts.positions import Position
from gateway.sim.base.formats import decimal_text
from gateway.sim.channels.ledger_file import LedgerFile
from gateway.sim.market.orders import Change, Fill, Order


class Ledger:
    """Append-only. Readers get lists of records."""

    def __init__(self, limit: int, path: Path | None = None) -> None:
        self._records: deque[bytes] = deque(maxlen=limit)
        self._file = None if path is None else LedgerFile(path)
        self.count = 0

    @property
    def in_memory(self) -> int:
        """How many records the memory holds."""
        return len(self._records)

    def add(self, record: dict[str, Any]) -> None:
        record["n"] = self.count
        self.count += 1
        encoded = orjson.dumps(record)
        self._records.append(bytes(memoryview(encoded)))  # a copy: orjson's own keeps its buffer of several kB
        if self._file is not None:
            self._file.add(encoded)

    def records(self, kind: str = "", since: int = 0, limit: int | None = None) -> list[dict[str, Any]]:
        """Records numbered from `since` on, of one type or of all, at most the first `limit` of them."""
        every = (orjson.loads(line) for line in self._lines(since))
        return list(islice((one for one in every if kind in ("", one["type"])), limit))

    def _lines(self, since: int) -> Iterator[bytes]:
        """From the file as far as the memory no longer has them."""
        oldest = self.count - len(self._records)
        if self._file is not None and since < oldest:
            yield from islice(self._file.lines(since), oldest - since)
        yield from islice(self._records, max(0, since - oldest), None)

    @property
    def requests(self) -> list[dict[str, Any]]:
        return self.records("request")

    @property
    def orders(self) -> list[dict[str, Any]]:
        return self.records("order")

    @property
    def fills(self) -> list[dict[str, Any]]:
        return self.records("fill")

    @property
    def sessions(self) -> list[dict[str, Any]]:
        return self.records("session")

    @property
    def faults(self) -> list[dict[str, Any]]:
        """Faults by command, by a scenario or by the seed."""
        return self.records("fault")

    def flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def request_record(
    arrival_ns: int,
    transport: str,
    uid: str,
    op: object,
    args: Any,
    *,
    code: str,
    rows: list[dict[str, Any]],
    session: int | None = None,
    request_id: object = None,
    exp_time: object = None,
) -> dict[str, Any]:
    """An order operation and its result; `code` is '' if a fault kept it from running."""
    return {
        "type": "request",
        "time_ns": arrival_ns,
        "transport": transport,
        "session": session,
        "uid": uid,
        "op": op,
        "id": request_id,
        "exp_time": exp_time,
        "args": args,
        "code": code,
        "rows": rows,
    }


def balance_record(
    account: Account, event_type: str, ccys: Iterable[str], positions: Iterable[Position], now_ns: int
) -> dict[str, Any]:
    """Money that moved without a fill, and the balances after it."""
    return {
        "type": "balance",
        "time_ns": now_ns,
        "uid": account.uid,
        "event_type": event_type,
        "cash": {ccy: decimal_text(account.cash[ccy]) for ccy in ccys},
        "positions": [
            {
                "inst_id": one.instrument.inst_id,
                "pos_id": one.pos_id,
                "mgn_mode": one.mgn_mode,
                "pos_side": one.pos_side,
                "pos": decimal_text(one.pos),
                "funding_fee": decimal_text(one.funding_fee),
                "interest": decimal_text(one.interest),
            }
            for one in positions
        ],
    }


def order_record(order: Order, change: Change, now_ns: int) -> dict[str, Any]:
    return {
        "type": "order",
        "time_ns": now_ns,
        "uid": order.account.uid,
        "inst_id": order.instrument.inst_id,
        "ord_id": order.ord_id,
        "cl_ord_id": order.cl_ord_id,
        "tag": order.tag,
        "side": order.side,
        "pos_side": order.pos_side,
        "td_mode": order.td_mode,
        "reduce_only": order.reduce_only,
        "ord_type": order.ord_type,
        "px": "" if order.px is None else decimal_text(order.px),
        "sz": decimal_text(order.shown_sz),
        "acc_fill_sz": decimal_text(order.acc_fill_sz),
        "avg_px": decimal_text(order.avg_px),
        "state": order.state,
        "category": order.category,
        "cancel_source": order.cancel_source,
        "trade_id": "" if change.fill is None else change.fill.trade_id,
        "req_id": change.req_id,
        "amend_source": change.amend_source,
        "amend_result": change.amend_result,
    }


def fill_record(fill: Fill, now_ns: int) -> dict[str, Any]:
    order = fill.order
    return {
        "type": "fill",
        "time_ns": now_ns,
        "uid": order.account.uid,
        "inst_id": order.instrument.inst_id,
        "trade_id": fill.trade_id,
        "bill_id": str(fill.bill_id),
        "ord_id": order.ord_id,
        "cl_ord_id": order.cl_ord_id,
        "side": order.side,
        "px": decimal_text(fill.px),
        "sz": decimal_text(fill.sz),
        "exec_type": fill.exec_type,
        "fee": decimal_text(fill.fee),
        "fee_ccy": order.fee_ccy,
        "pnl": decimal_text(fill.pnl),
    }
