"""Pure. Every movement of a trading account's cash, by its cause.

`move` and `set_apart` note each change when it is booked; the event behind it then turns them into bills, one per
currency and cause, so the bills of a currency always add up to its balance. Source: OKX docs, "Get bills details"
(type, subType).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gateway.sim.accounts.positions import Position
from gateway.sim.base.formats import ZERO
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.orders import Fill, Order

BILLS_KEPT = 100_000  # per account, two for a spot trade: some 300 B each, so 30 MB

TRANSFER, TRADE, DELIVERY, REPAYMENT, LIQUIDATION, INTEREST, FUNDING, ADL = "1", "2", "3", "4", "5", "7", "8", "9"
TRANSFER_IN, TRANSFER_OUT = "11", "12"
COVERED = LIQUIDATION, "110"  # "Liquidation transfer in": a payment of the insurance fund
CHARGED = INTEREST, "9"  # "Interest deduction for Market loans"

# By the category of the order: type, and subType of buy, sell, closing a long and closing a short.
_FORCED = {
    "partial_liquidation": (LIQUIDATION, "102", "103", "100", "101"),
    "full_liquidation": (LIQUIDATION, "106", "107", "104", "105"),
    "adl": (ADL, "127", "128", "125", "126"),
}


@dataclass(frozen=True, slots=True)
class Bill:
    """`bal` is the cash after it. `sz` counts contracts, else the currency of the bill."""

    bill_id: int
    ccy: str
    bal_chg: Decimal
    bal: Decimal
    type: str
    sub_type: str
    time_ms: int
    instrument: Instrument | None = None
    mgn_mode: str = ""
    sz: Decimal = ZERO
    px: Decimal | None = None
    pnl: Decimal = ZERO
    fee: Decimal = ZERO
    interest: Decimal = ZERO
    fill: Fill | None = None
    remitter: str = ""  # of a transfer: 6 funding, 18 trading
    beneficiary: str = ""
    notes: str = ""


class BillBook:
    """The bills of one account; `cash` is its balances."""

    def __init__(self, cash: Mapping[str, Decimal], next_id: Callable[[], int]) -> None:
        self.bills: deque[Bill] = deque(maxlen=BILLS_KEPT)
        self._cash = cash
        self._next_id = next_id
        self._moved: dict[str, Decimal] = {}
        self._apart: dict[tuple[tuple[str, str], str], Decimal] = {}

    def move(self, ccy: str, amount: Decimal) -> None:
        """Cash changed; the next event gives the cause."""
        self._moved[ccy] = self._moved.get(ccy, ZERO) + amount

    def set_apart(self, cause: tuple[str, str], ccy: str, amount: Decimal) -> None:
        """Cash changed along with an event, but its cause gets a separate bill."""
        self._apart[cause, ccy] = self._apart.get((cause, ccy), ZERO) + amount

    def split_off(self, cause: tuple[str, str], ccy: str, amount: Decimal) -> None:
        """The same for a part of a change that `move` notes, before or after."""
        self.move(ccy, -amount)
        self.set_apart(cause, ccy, amount)

    # --- events ------------------------------------------------------------------------------------------------

    def filled(self, fill: Fill) -> None:
        """A spot trade is billed in both currencies, anything else in the margin currency."""
        order, instrument = fill.order, fill.order.instrument
        if not self._moved:
            return
        type_, sub_type = _causes(order, fill)
        details: dict[str, Any] = {
            "instrument": instrument, "mgn_mode": order.td_mode, "px": fill.px, "fill": fill
        }  # fmt: skip
        if instrument.is_spot:
            value = instrument.value(fill.sz, fill.px)
            received = order.fee_ccy
            paid = next(ccy for ccy in self._moved if ccy != received)
            for ccy, way, fee in ((received, "1", fill.fee), (paid, "2", ZERO)):
                sz = fill.sz if ccy == instrument.base_ccy else value
                self._enter(ccy, type_, way, fill.time_ms, sz=sz, fee=fee, **details)
        else:
            ccy = order.margin_ccy
            in_quote = instrument.is_pair and ccy == instrument.quote_ccy
            sz = instrument.value(fill.sz, fill.px) if in_quote else fill.sz
            self._enter(ccy, type_, sub_type, fill.time_ms, sz=sz, pnl=fill.pnl, fee=fill.fee, **details)
        self._settle(fill.time_ms, instrument=instrument, mgn_mode=order.td_mode)

    def funded(self, position: Position, payment: Decimal, mark_px: Decimal, now_ms: int) -> None:
        sub_type = "173" if payment < 0 else "174"
        self._of_position(position, FUNDING, sub_type, abs(position.pos), mark_px, payment, now_ms)

    def delivered(self, position: Position, pos: Decimal, px: Decimal, pnl: Decimal, now_ms: int) -> None:
        """`pos` is the position before."""
        if position.instrument.inst_type != "OPTION":
            sub_type = "112" if pos > 0 else "113"
        elif not px:
            sub_type = "172"
        else:
            sub_type = "170" if pos > 0 else "171"
        self._of_position(position, DELIVERY, sub_type, abs(pos), px, pnl, now_ms)

    def _of_position(
        self, position: Position, type_: str, sub_type: str, sz: Decimal, px: Decimal, pnl: Decimal, now_ms: int
    ) -> None:
        instrument, mgn_mode = position.instrument, position.mgn_mode
        if self._moved:
            self._enter(
                position.ccy, type_, sub_type, now_ms, sz=sz, px=px, pnl=pnl, instrument=instrument, mgn_mode=mgn_mode
            )
        self._settle(now_ms, instrument=instrument, mgn_mode=mgn_mode)

    def charged(self, ccy: str, now_ms: int) -> None:
        """Interest on borrowed cash."""
        interest = self._moved.get(ccy, ZERO)
        self._enter(ccy, *CHARGED, now_ms, sz=abs(interest), interest=interest)

    def repaid(self, now_ms: int) -> None:
        """A debt was repaid by selling another currency."""
        for ccy, amount in list(self._moved.items()):
            self._enter(ccy, REPAYMENT, "114" if amount > 0 else "115", now_ms, sz=abs(amount))

    def covered(self, ccy: str, now_ms: int) -> None:
        """The insurance fund paid the debt of a bankrupt account."""
        self._enter(ccy, *COVERED, now_ms, sz=abs(self._moved[ccy]))

    def transferred(self, ccy: str, remitter: str, beneficiary: str, now_ms: int) -> None:
        amount = self._moved[ccy]
        sub_type, notes = (TRANSFER_IN, "From Funding Account") if amount > 0 else (TRANSFER_OUT, "To Funding Account")
        self._enter(
            ccy, TRANSFER, sub_type, now_ms, sz=amount, remitter=remitter, beneficiary=beneficiary, notes=notes
        )  # fmt: skip

    def _settle(self, now_ms: int, **details: Any) -> None:
        """Bill the amounts that were set apart."""
        while self._apart:
            cause, ccy = next(iter(self._apart))
            amount = self._apart.pop((cause, ccy))
            interest = amount if cause == CHARGED else ZERO
            self.move(ccy, amount)
            self._enter(ccy, *cause, now_ms, sz=abs(amount), interest=interest, **details)

    def _enter(self, ccy: str, type_: str, sub_type: str, now_ms: int, **details: Any) -> None:
        """Turn the movement in `ccy` into a bill. The first bill of a fill has the billId of the fill."""
        amount = self._moved.pop(ccy)
        bal = self._cash[ccy] - sum((later for (_, one), later in self._apart.items() if one == ccy), ZERO)
        fill: Fill | None = details.get("fill")
        known = fill is not None and not (self.bills and self.bills[-1].fill is fill)
        bill_id = fill.bill_id if fill is not None and known else self._next_id()
        self.bills.append(Bill(bill_id, ccy, amount, bal, type_, sub_type, now_ms, **details))


def _causes(order: Order, fill: Fill) -> tuple[str, str]:
    """Type and subType of a trade in contracts or on margin."""
    forced = _FORCED.get(order.category)
    if forced is None:
        return TRADE, fill.sub_type
    type_, buy, sell, long, short = forced
    if order.pos_side in ("long", "short"):
        return type_, long if order.pos_side == "long" else short
    return type_, buy if order.side == "buy" else sell
