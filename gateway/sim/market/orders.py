"""Pure. An order as the exchange holds it.

States and fields: OKX docs, "Order channel" and "Get order details".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from gateway.sim.base.formats import ZERO, quotient
from gateway.sim.market.algo_legs import Attached
from gateway.sim.market.instruments import Instrument

LIVE = "live"
PARTIALLY_FILLED = "partially_filled"
FILLED = "filled"
CANCELED = "canceled"
MMP_CANCELED = "mmp_canceled"

TERMINAL = frozenset((FILLED, CANCELED, MMP_CANCELED))
MMP_TYPES = frozenset(("mmp", "mmp_and_post_only"))
POST_ONLY_TYPES = frozenset(("post_only", "mmp_and_post_only"))
RESTING_TYPES = MMP_TYPES | POST_ONLY_TYPES | {"limit"}
PRICED_TYPES = RESTING_TYPES | {"fok", "ioc"}

# cancelSource values (OKX docs, "Order channel").
CANCELED_BY_SYSTEM = "0"
CANCELED_BY_USER = "1"
CANCELED_MARGIN_SHORT = "3"
CANCELED_BY_ADL = "6"
CANCELED_FUTURES_EXPIRY = "7"
CANCELED_OPTION_EXPIRY = "10"
CANCELED_FOK = "13"
CANCELED_IOC = "14"
CANCELED_BY_CLOSE = "17"
CANCELED_BY_TIMER = "20"
CANCELED_REDUCE_ONLY = "23"
CANCELED_SLIPPAGE = "27"
CANCELED_POST_ONLY = "31"
CANCELED_STP = "32"
CANCELED_TOO_MANY_MAKERS = "33"
CANCELED_TP_BY_SL = "36"
CANCELED_TP_WITH_SL = "37"
CANCELED_MASS = "38"
CANCELED_MMP = "39"

# source values (OKX docs, "Order channel").
SOURCE_TRIGGER = "6"
SOURCE_TPSL = "7"
SOURCE_TRAILING = "25"


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of an order that the system places for a user: the algo order, and OKX's `source`."""

    algo_id: str = ""
    algo_cl_ord_id: str = ""
    source: str = ""
    linked_algo_id: str = ""  # of a take-profit that rests as a limit order: its stop-loss
    any_size: bool = False  # close-position is not bound to the largest market order


NO_ORIGIN = Origin()


class OrderAccount(Protocol):
    """The account that placed an order, as far as the rows of the order show it. `uid` identifies it."""

    uid: str

    def lever_of(self, instrument: Instrument, mgn_mode: str, pos_side: str) -> Decimal: ...


@dataclass(slots=True, eq=False)
class Order:
    """`sz` is in base currency or contracts, except for a spot market buy counted in quote currency, whose budget
    is `sz` and whose remaining budget is `quote_left`. A spot market sell counted in quote currency keeps that in
    `quote_sz`."""

    ord_id: str
    account: OrderAccount
    instrument: Instrument
    side: str
    ord_type: str
    td_mode: str
    sz: Decimal
    px: Decimal | None
    c_time_ms: int
    pos_side: str = ""
    cl_ord_id: str = ""
    tag: str = ""
    ccy: str = ""
    tgt_ccy: str = ""
    trade_quote_ccy: str = ""
    reduce_only: bool = False
    stp_mode: str = "cancel_maker"
    category: str = "normal"
    px_type: str = ""  # options: px, pxUsd or pxVol
    px_given: str = ""  # the price in its own kind, where that is not px
    origin: Origin = NO_ORIGIN
    attached: list[Attached] = field(default_factory=list)
    amends_in_flight: int = 0
    limit_px: Decimal = ZERO  # how far matching may go: px, or the edge of the price band
    quote_left: Decimal | None = None
    quote_sz: Decimal | None = None
    state: str = LIVE
    acc_fill_sz: Decimal = ZERO
    fill_px_sz: Decimal = ZERO  # sum of px x sz over all fills
    fee: Decimal = ZERO
    rebate: Decimal = ZERO
    pnl: Decimal = ZERO
    u_time_ms: int = 0
    cancel_source: str = ""
    resting: bool = False  # is in the book
    # the latest fill
    fill_sz: Decimal = ZERO
    fill_px: Decimal | None = None
    fill_fee: Decimal = ZERO
    fill_pnl: Decimal = ZERO
    trade_id: str = ""
    fill_time_ms: int = 0
    exec_type: str = ""
    # money set aside
    frozen_ccy: str = ""
    frozen: Decimal = ZERO
    closing_sz: Decimal = ZERO  # the part that closes a position and needs no margin
    push_base: dict[str, Any] | None = None  # the common members of its pushes, once the first was made

    @property
    def left_sz(self) -> Decimal:
        """The open size, in base currency or contracts; not for quote-counted market buys."""
        return self.sz - self.acc_fill_sz

    @property
    def shown_sz(self) -> Decimal:
        """The size as it was given: of a market order counted in quote currency that currency's amount."""
        return self.sz if self.quote_sz is None else self.quote_sz

    @property
    def is_live(self) -> bool:
        return self.state not in TERMINAL

    @property
    def avg_px(self) -> Decimal:
        return quotient(self.fill_px_sz, self.acc_fill_sz) if self.acc_fill_sz else ZERO

    @property
    def fee_ccy(self) -> str:
        """Fees are charged in the received currency (feeType 0), with margin in the margin currency."""
        if not self.instrument.is_spot:
            return self.margin_ccy
        return self.instrument.base_ccy if self.side == "buy" else self.instrument.quote_ccy

    @property
    def margin_ccy(self) -> str:
        """The currency that backs the position: for MARGIN the order's choice."""
        return self.ccy if self.instrument.is_pair else self.instrument.settle_ccy

    @property
    def rebate_ccy(self) -> str:
        if not self.instrument.is_spot:
            return self.margin_ccy
        return self.instrument.quote_ccy if self.side == "buy" else self.instrument.base_ccy


class Change(NamedTuple):
    """The cause of one order event, beyond the order's own state: the fill, or the amend and its result."""

    fill: Fill | None = None
    amend_source: str = ""
    req_id: str = ""
    amend_result: str = ""
    code: str = "0"
    msg: str = ""


class Fill(NamedTuple):
    """One side of one trade. `mark_px` and `idx_px` are those of the moment of the trade."""

    bill_id: int
    trade_id: str
    order: Order
    px: Decimal
    sz: Decimal
    fee: Decimal
    fee_rate: Decimal
    pnl: Decimal
    exec_type: str
    sub_type: str
    time_ms: int
    mark_px: Decimal
    idx_px: Decimal
