"""The reconciler over a real pipeline. OKX's REST is a table that the test fills."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.reconciliation.account import AccountReconciler
from gateway.reconciliation.runner import Reconciler
from gateway.reconciliation.unknown_requests import UnknownRequests
from tests._fast.conftest import MS, OKX_NOW_MS, Rig, filled, item, order_row


class Rest:
    """OKX's answers. `fill_answers` are the fills endpoint's successive answers; the last one repeats."""

    def __init__(self) -> None:
        self.pending: list[dict[str, Any]] = []
        self.orders: dict[str, dict[str, Any]] = {}
        self.ended: dict[str, dict[str, Any]] = {}
        self.fill_answers: list[list[dict[str, Any]]] = [[]]
        self.cancel_code: str | Exception = "0"  # or an exception to be raised
        self.balances: list[dict[str, Any]] = []
        self.positions: list[dict[str, Any]] = []
        self.asked: list[tuple[str, Any]] = []
        self.asked_of_account: list[tuple[str, list[str]]] = []

    async def orders_pending(self) -> list[dict[str, Any]]:
        self.asked.append(("pending", None))
        return list(self.pending)

    async def order(self, inst_id: str, ord_id: str = "", cl_ord_id: str = "") -> dict[str, Any] | None:
        self.asked.append(("order", (inst_id, ord_id, cl_ord_id)))
        return self.orders.get(ord_id or cl_ord_id)

    async def ended_order(self, inst_type: str, inst_id: str, ord_id: str) -> dict[str, Any] | None:
        self.asked.append(("ended", (inst_type, inst_id, ord_id)))
        return self.ended.get(ord_id)

    async def fills(
        self, *, ord_id: str = "", begin_ms: int = 0, is_enough: Callable[[list[dict[str, Any]]], bool] | None = None
    ) -> list[dict[str, Any]]:
        """In pages of 100, as OKX returns them."""
        self.asked.append(("fills", (ord_id, begin_ms)))
        rows = self.fill_answers.pop(0) if len(self.fill_answers) > 1 else self.fill_answers[0]
        for end in range(100, len(rows), 100):
            if is_enough is not None and is_enough(rows[end - 100 : end]):
                return rows[:end]
        return rows

    async def account_balance(self, currencies: Sequence[str] = ()) -> dict[str, Any]:
        """Zero currencies are listed only if asked for by name."""
        self.asked_of_account.append(("balance", list(currencies)))
        details = [
            row for row in self.balances if row["ccy"] in currencies or (not currencies and row["cashBal"] != "0")
        ]
        return {"totalEq": "1", "uTime": "1700000000999", "details": details}

    async def account_positions(self, pos_ids: Sequence[str] = ()) -> list[dict[str, Any]]:
        self.asked_of_account.append(("positions", list(pos_ids)))
        return [row for row in self.positions if row["posId"] in pos_ids or (not pos_ids and row["pos"] != "0")]

    async def cancel_batch_orders(self, rows: Any) -> list[dict[str, Any]]:
        self.asked.append(("cancel", list(rows)))
        if isinstance(self.cancel_code, Exception):
            raise self.cancel_code
        return [{"ordId": row["ordId"], "clOrdId": "", "sCode": self.cancel_code, "sMsg": ""} for row in rows]


def rest_fill(trade_id: str, sz: str, ord_id: str = "12", cl_ord_id: str = "A1") -> dict[str, Any]:
    """A row of OKX's `trade/fills`."""
    named = {"instId": "BTC-USDT", "ordId": ord_id, "clOrdId": cl_ord_id, "tradeId": trade_id, "billId": trade_id}
    return {**named, "fillSz": sz, "fillPx": "20000", "side": "buy", "fee": "-0.00001", "feeCcy": "BTC"}


@pytest.fixture
def scene() -> SimpleNamespace:
    """`rig`, `rest`, `reconciler`, `unknown`, `slept`; `clock(ms)` sets OKX's clock to this time after the rig's start."""
    return make_scene(order_capacity=4)


@pytest.fixture
def wide_scene() -> SimpleNamespace:
    """A scene that remembers some thousand fills."""
    return make_scene(order_capacity=1_000)


def make_scene(order_capacity: int) -> SimpleNamespace:
    rig, rest, slept = Rig(order_capacity=order_capacity), Rest(), list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    account = AccountReconciler(rest, rig.api)
    reconciler = Reconciler(rest, rig.api, account, lambda inst_id: "SPOT", rig.alarms.publish, sleep)
    unknown = UnknownRequests(rest, rig.api, reconciler, rig.alarms.publish)

    def clock(ms: int) -> None:
        rig.api.set_okx_clock((OKX_NOW_MS + ms) * MS - rig.started)

    clock(0)
    made = {"rest_fill": rest_fill, "row": order_row, "filled": filled, "item": item}
    return SimpleNamespace(rig=rig, rest=rest, reconciler=reconciler, unknown=unknown, slept=slept, clock=clock, **made)


@pytest.fixture
def alarms(scene: SimpleNamespace) -> Any:
    return lambda: [event["reason"] for event in scene.rig.on("gateway.alarm")]
