"""Pure. Runs trade requests, WebSocket and REST alike: permission, limits, expiry, then row by row.

Source: OKX docs, "Place order", "Place multiple orders", "Cancel order", "Amend order" and their plural pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from gateway.sim.accounts.accounts import Account
from gateway.sim.base.clock import Clock
from gateway.sim.base.codes import Refusal, text_of
from gateway.sim.base.configuration import Switches
from gateway.sim.base.formats import parse_integer, text_param
from gateway.sim.market.instruments import Instrument, InstrumentList
from gateway.sim.market.orders import CANCELED_BY_USER, CANCELED_MASS, FILLED, MMP_TYPES, Order
from gateway.sim.trading.algo_engine import AlgoEngine
from gateway.sim.trading.amendments import Amendments, parse_amend
from gateway.sim.trading.engine import Engine
from gateway.sim.trading.limits import (
    BATCH_LIMIT,
    RPI_TAKER_LIMIT,
    SINGLE_LIMIT,
    SUB_ACCOUNT,
    Charge,
    LimitKey,
    RateLimits,
)

BATCH_ROWS_LIMIT = 20
MASS_CANCEL_LIMIT = 5
PLACED_BY_WS = "Order successfully placed."
PLACED_BY_REST = "Order placed"
SPACED_BY_REST = frozenset(("51008", "51010", "51169", "54000"))  # their texts end with a space (recorded until 2026)

Resolved = list[Instrument | Refusal]
NO_ROWS: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TradeOp:
    """One trade operation under its WebSocket name. `bulk_code` refuses a REST batch that is too long."""

    name: str
    kind: str  # place, cancel, amend
    batch: bool
    bulk_code: str = ""

    @property
    def rows_limit(self) -> int:
        return BATCH_ROWS_LIMIT if self.batch else 1

    @property
    def takes_exp_time(self) -> bool:
        """Place and amend can carry expTime, cancels cannot (OKX docs, "Overview", request validity)."""
        return self.kind != "cancel"


TRADE_OPS: dict[str, TradeOp] = {
    one.name: one
    for one in (
        TradeOp("order", "place", batch=False),
        TradeOp("batch-orders", "place", batch=True, bulk_code="51111"),
        TradeOp("cancel-order", "cancel", batch=False),
        TradeOp("batch-cancel-orders", "cancel", batch=True, bulk_code="51406"),
        TradeOp("amend-order", "amend", batch=False),
        TradeOp("batch-amend-orders", "amend", batch=True, bulk_code="51501"),
    )
}
MASS_CANCEL = "mass-cancel"


class RequestResult(NamedTuple):
    """`code` 0 all rows ok, 1 all failed, 2 mixed; any other code refuses the whole request and has no rows."""

    code: str
    msg: str
    rows: list[dict[str, Any]]


class Request(NamedTuple):
    """A trade request with a checked envelope: `rows` has at most as many objects as the op allows."""

    op: TradeOp
    account: Account
    may_trade: bool
    rows: list[dict[str, Any]]
    exp_time: str
    by_ws: bool
    arrival_ns: int
    failing: Mapping[int, str] = NO_ROWS  # rows that a fault refuses, with their codes


class OrderEntry:
    """Everything between a checked envelope and the engine."""

    def __init__(
        self,
        engine: Engine,
        amends: Amendments,
        algo_engine: AlgoEngine,
        instruments: InstrumentList,
        limits: RateLimits,
        switches: Switches,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._amends = amends
        self._algo_engine = algo_engine
        self._instruments = instruments
        self._limits = limits
        self._switches = switches
        self._clock = clock
        # Each also gets the names that earlier rows of the request used: client ids placed, orders amended.
        self._run_row: dict[str, Callable[[Request, dict[str, Any], Instrument, set[str]], Order]] = {
            "place": self._place,
            "cancel": self._cancel,
            "amend": self._amend,
        }

    def run(self, request: Request) -> RequestResult:
        if not request.may_trade:
            return refused("50120")
        resolved = [self._resolve(row, request.by_ws) for row in request.rows]
        charges, counted = self._charges(request, resolved), self._sub_account_charges(request, resolved)
        self._limits.see(charges, request.arrival_ns)
        self._limits.see(list(counted.values()), request.arrival_ns)
        if not self._admitted(charges, request.arrival_ns):
            return self._refused_by_limit(request)
        expired = self._expiry_code(request)
        if expired:
            if self._switches.exp_time_form == "rows" and expired != "51000":
                return _summary(request, [self._row(request, row, Refusal(expired)) for row in request.rows])
            return refused(expired, param="expTime")
        beyond = {n for n, charge in counted.items() if not self._admitted([charge], request.arrival_ns)}
        if beyond and self._switches.sub_account_form == "frame":
            return refused("50061")
        together = self._refused_together(request, resolved)
        if together:
            return _summary(request, [self._row(request, *one) for one in zip(request.rows, together, strict=True)])
        named: set[str] = set()
        answers = []
        for number, (row, instrument) in enumerate(zip(request.rows, resolved, strict=True)):
            result: Order | Refusal
            try:
                if isinstance(instrument, Refusal):
                    raise instrument
                if number in request.failing:
                    raise Refusal(request.failing[number])
                if number in beyond:
                    raise Refusal("50061")
                result = self._run_row[request.op.kind](request, row, instrument, named)
            except Refusal as refusal:
                result = refusal
            answers.append(self._row(request, row, result))
        return _summary(request, answers)

    def _refused_together(self, request: Request, resolved: Resolved) -> list[Refusal]:
        """Under portfolio margin a batch of new orders is taken as a whole or refused: the failing rows carry their own
        code, the others 54004 (OKX docs, "Place multiple orders")."""
        account = request.account
        if request.op.kind != "place" or account.acct_lv != "4" or len(request.rows) == 1:
            return []
        promised: dict[str, Decimal] = {}
        faults: list[Refusal | None] = []
        for row, instrument in zip(request.rows, resolved, strict=True):
            try:
                if isinstance(instrument, Refusal):
                    raise instrument
                self._engine.check(account, instrument, row, promised)
                faults.append(None)
            except Refusal as refusal:
                faults.append(refusal)
        if all(one is None for one in faults):
            return []
        return [one or Refusal("54004") for one in faults]

    def mass_cancel(self, account: Account, may_trade: bool, arg: dict[str, Any], arrival_ns: int) -> RequestResult:
        """Only MMP orders of portfolio-margin option accounts with that permission can be mass cancelled (OKX docs,
        "Mass cancel order")."""
        if not may_trade:
            return refused("50120")
        charges = [Charge(LimitKey(account.uid, MASS_CANCEL, ""), 1, MASS_CANCEL_LIMIT)]
        self._limits.see(charges, arrival_ns)
        if not self._admitted(charges, arrival_ns):
            return refused("50011")
        try:
            orders = self._engine.mmp.lock(account, arg)
        except TypeError as wrong:
            return refused("51000", param=wrong)
        except Refusal as refusal:
            return RequestResult(refusal.code, refusal.msg, [])
        for order in orders:
            self._engine.cancel(order, CANCELED_MASS)
        return RequestResult("0", "", [{"result": True}])

    # --- limits ------------------------------------------------------------------------------------------------

    def _charges(self, request: Request, resolved: Resolved) -> list[Charge]:
        """A batch costs its rows in the batch budget of each instrument; a batch of one is a single request."""
        single = len(request.rows) == 1
        op = request.op.kind if single else f"batch-{request.op.kind}"
        limit = SINGLE_LIMIT if single else BATCH_LIMIT
        uid = request.account.uid
        named = [one.limit_key if isinstance(one, Instrument) else "" for one in resolved]
        counts = {named[0]: 1} if single else Counter(named)
        charges = [Charge(LimitKey(uid, op, inst), n, limit) for inst, n in counts.items()]
        if request.op.kind == "place" and any("isElpTakerAccess" in row for row in request.rows):
            takers = Counter(
                one.limit_key
                for row, one in zip(request.rows, resolved, strict=True)
                if isinstance(one, Instrument) and row.get("isElpTakerAccess") in (True, "true")
            )
            charges += [Charge(LimitKey(uid, "elp-taker", inst), n, RPI_TAKER_LIMIT) for inst, n in takers.items()]
        return charges

    def _sub_account_charges(self, request: Request, resolved: Resolved) -> dict[int, Charge]:
        """By row: new and amended contract orders, each counted also inside a batch; cancels, spot and MMP never."""
        if request.op.kind == "cancel":
            return {}
        uid = request.account.uid
        charge = Charge(LimitKey(uid, SUB_ACCOUNT, ""), 1, self._limits.sub_account_limit(uid))
        return {
            n: charge
            for n, (row, one) in enumerate(zip(request.rows, resolved, strict=True))
            if isinstance(one, Instrument) and not one.is_spot and _echo(row, "ordType") not in MMP_TYPES
        }

    def _admitted(self, charges: list[Charge], arrival_ns: int) -> bool:
        switches = self._switches
        if switches.limiter_window == "off":
            return True
        fixed = switches.limiter_window == "fixed"
        refused_key = self._limits.admit(
            charges, arrival_ns, fixed=fixed, count_refused=switches.limiter_counts_refused
        )
        return refused_key is None

    def _refused_by_limit(self, request: Request) -> RequestResult:
        if request.by_ws and self._switches.limiter_form == "rows":
            return _summary(request, [self._row(request, row, Refusal("50011")) for row in request.rows])
        return refused("50011")

    def _expiry_code(self, request: Request) -> str:
        """Past its expTime a request is not executed (OKX docs, "Overview", request validity)."""
        if not request.exp_time or not request.op.takes_exp_time:
            return ""
        exp_time_ms = parse_integer(request.exp_time)
        if exp_time_ms is None:
            return "51000"
        return self._switches.exp_time_code if exp_time_ms < self._clock.now_ms() else ""

    # --- rows --------------------------------------------------------------------------------------------------

    def _resolve(self, row: dict[str, Any], by_ws: bool) -> Instrument | Refusal:
        """WebSocket rows name the instrument by instIdCode and instId is ignored; REST rows by instId
        (OKX docs, change log of 2026-03-26 and 2026-04-07)."""
        if not by_ws:
            inst_id = row.get("instId")
            if not inst_id:
                return Refusal("50014", param="instId")
            return self._instruments.by_inst_id.get(str(inst_id)) or Refusal("51001")
        code = row.get("instIdCode")
        if code is None or code == "":
            return Refusal(self._switches.missing_inst_id_code, param="instIdCode")
        if not isinstance(code, int) or isinstance(code, bool):
            return Refusal("51000", param="instIdCode")
        return self._instruments.by_inst_id_code.get(code) or Refusal("51001")

    def _place(self, request: Request, row: dict[str, Any], instrument: Instrument, named: set[str]) -> Order:
        """A clOrdId is unique among the live orders and inside the request."""
        cl_ord_id = _echo(row, "clOrdId")
        if cl_ord_id and cl_ord_id in named:
            raise Refusal("51016")
        if request.by_ws and not self._switches.attach_algo_over_ws:
            row = {name: value for name, value in row.items() if name != "attachAlgoOrds"}
        order = self._engine.place(request.account, instrument, row)
        named.add(cl_ord_id)
        if order.attached:
            self._algo_engine.adopt(order)
        return order

    def _cancel(self, request: Request, row: dict[str, Any], instrument: Instrument, named: set[str]) -> Order:
        order = _find(request.account, row, instrument)
        if order is not None and order.state == FILLED and self._switches.cancel_of_filled == "accept":
            return order
        if order is None or not order.is_live:
            raise Refusal("51400")
        self._engine.cancel(order, CANCELED_BY_USER)
        return order

    def _amend(self, request: Request, row: dict[str, Any], instrument: Instrument, named: set[str]) -> Order:
        order = _find(request.account, row, instrument)
        if order is None or not order.is_live:
            raise Refusal("51503")
        if order.ord_id in named:
            raise Refusal("51512")
        named.add(order.ord_id)
        self._amends.amend(order, parse_amend(row))
        return order

    def _row(self, request: Request, row: dict[str, Any], result: Order | Refusal) -> dict[str, Any]:
        """One item of the ack's data, in the key order of production traffic of 2026."""
        ts = str(self._clock.now_ms())
        order = result if isinstance(result, Order) else None
        code, msg, sub_code = ("0", "", "") if isinstance(result, Order) else (result.code, result.msg, result.sub_code)
        if not request.by_ws and code in SPACED_BY_REST:
            msg += " "
        cl_ord_id = _echo(row, "clOrdId") if order is None else order.cl_ord_id
        kind = request.op.kind
        if kind == "place":
            return {
                "tag": _echo(row, "tag"),
                "ts": str(order.c_time_ms) if order is not None and self._switches.ack_ts == "creation" else ts,
                "ordId": "" if order is None else order.ord_id,
                "clOrdId": cl_ord_id,
                "sCode": code,
                "sMsg": msg if order is None else PLACED_BY_WS if request.by_ws else PLACED_BY_REST,
                "subCode": sub_code,
            }
        ord_id = _echo(row, "ordId") if order is None else order.ord_id
        if kind == "cancel":
            return {"ts": ts, "ordId": ord_id, "clOrdId": cl_ord_id, "sCode": code, "sMsg": msg}
        return {
            "ordId": ord_id,
            "clOrdId": cl_ord_id,
            "sCode": code,
            "sMsg": msg,
            "reqId": _echo(row, "reqId"),
            "ts": ts,
            "subCode": sub_code,
        }


def refused(code: str, **params: object) -> RequestResult:
    """The whole request is refused."""
    return RequestResult(code, text_of(code, **params), [])


def _summary(request: Request, rows: list[dict[str, Any]]) -> RequestResult:
    failed = sum(1 for row in rows if row["sCode"] != "0")
    code = "0" if failed == 0 else "1" if failed == len(rows) else "2"
    msg = ""
    if not request.by_ws and code != "0":
        msg = "All operations failed" if code == "1" else "Bulk operation partially succeeded."
    return RequestResult(code, msg, rows)


def _find(account: Account, row: dict[str, Any], instrument: Instrument) -> Order | None:
    """The order that a cancel or an amend names; ordId wins over clOrdId."""
    try:
        ord_id, cl_ord_id = text_param(row, "ordId"), text_param(row, "clOrdId")
    except TypeError as wrong:
        raise Refusal("51000", param=wrong) from None
    if not ord_id and not cl_ord_id:
        raise Refusal("51003")
    order = account.find(ord_id, cl_ord_id)
    return order if order is not None and order.instrument.inst_id == instrument.inst_id else None


def _echo(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""
