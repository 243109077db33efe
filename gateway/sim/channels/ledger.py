"""The truth: every request seen, every state, every fill and every payment, as the exchange itself knows them.

Records are plain dicts with a `type` and a number `n` that grows by one; their fields stand in the manual
(docs/simulator.md). The newest `limit` records stay in memory, all of them go to the file where one is given (JSON
lines).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import IO, Any

import orjson

from gateway.sim.accounts.accounts import Account
from gateway.sim.accounts.positions import Position
from gateway.sim.base.formats import decimal_text
from gateway.sim.market.orders import Change, Fill, Order

FILE_BUFFER_BYTES = 1 << 20


class Ledger:
    """Append-only. Readers get lists of records."""

    def __init__(self, limit: int, path: Path | None = None) -> None:
        self._records: deque[dict[str, Any]] = deque(maxlen=limit)
        self._file: IO[bytes] | None = path.open("ab", buffering=FILE_BUFFER_BYTES) if path is not None else None
        self.count = 0

    def add(self, record: dict[str, Any]) -> None:
        record["n"] = self.count
        self.count += 1
        self._records.append(record)
        if self._file is not None:
            self._file.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))

    def records(self, kind: str = "", since: int = 0, limit: int | None = None) -> list[dict[str, Any]]:
        """Records numbered from `since` on, of one type or of all, at most the first `limit` of them."""
        skipped = max(0, since - (self.count - len(self._records)))
        wanted = (one for one in islice(self._records, skipped, None) if kind in ("", one["type"]))
        return list(islice(wanted, limit))

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
            self._file = None


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
        "sz": decimal_text(order.sz),
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
