"""Pure. An instrument, its row as OKX writes it, and the list with its lookups.

Source: OKX docs, "Get instruments".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gateway.sim.base.formats import ZERO, decimal_text, quotient

INST_TYPES = ("SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION", "EVENTS")


# The keys of a row, with the values that all listed instruments share.
_ROW: dict[str, Any] = {
    "alias": "",
    "auctionEndTime": "",
    "baseCcy": "",
    "category": "1",
    "contTdSwTime": "",
    "ctMult": "",
    "ctType": "",
    "ctVal": "",
    "ctValCcy": "",
    "expTime": "",
    "floatPxLmtPct": "",
    "freq": "",
    "futureSettlement": False,
    "groupId": "1",
    "initPxLmtPct": "",
    "instCategory": "1",
    "instFamily": "",
    "instId": "",
    "instIdCode": "",
    "instType": "",
    "lever": "",
    "listTime": "",
    "longPosRemainingQuota": "",
    "lotSz": "",
    "maxIcebergSz": "",
    "maxLmtAmt": "20000000",
    "maxLmtSz": "",
    "maxMktAmt": "",
    "maxMktSz": "",
    "maxPlatOICoinLmt": "",
    "maxPlatOILmt": "",
    "maxPxLmtPct": "",
    "maxStopSz": "",
    "maxTriggerSz": "",
    "maxTwapSz": "",
    "method": "",
    "minSz": "",
    "openType": "",
    "optType": "",
    "posLmtAmt": "",
    "posLmtPct": "",
    "preMktSwTime": "",
    "quoteCcy": "",
    "rpiMinLevel": "",
    "rpiMinPxBand": "20",
    "ruleType": "normal",
    "seriesId": "",
    "settleCcy": "",
    "shortPosRemainingQuota": "",
    "state": "",
    "stk": "",
    "tickSz": "",
    "tradeQuoteCcyList": "",
    "uly": "",
    "upcChg": [],
}


@dataclass(slots=True, eq=False)
class Instrument:
    """One row of the instrument list. A command can change `state`."""

    inst_id: str
    inst_id_code: int
    inst_type: str
    reference_px: Decimal
    tick_sz: Decimal
    lot_sz: Decimal
    min_sz: Decimal
    max_lmt_sz: Decimal
    max_mkt_sz: Decimal
    base_ccy: str = ""
    quote_ccy: str = ""
    inst_family: str = ""
    settle_ccy: str = ""
    ct_type: str = ""
    ct_val: Decimal = ZERO
    ct_mult: Decimal = ZERO
    ct_val_ccy: str = ""
    lever: str = ""
    opt_type: str = ""
    stk: str = ""
    list_time: str = "1548133413000"
    exp_time: str = ""
    alias: str = ""
    inst_category: str = "1"
    init_px_lmt_pct: str = ""
    float_px_lmt_pct: str = ""
    max_px_lmt_pct: str = ""
    state: str = "live"
    shown: dict[str, Any] = field(default_factory=dict)  # members of its row that a command changed
    margin: Instrument | None = None  # of a SPOT pair: its MARGIN row, if it can be traded on margin

    # derived from the above
    is_spot: bool = field(init=False)
    is_pair: bool = field(init=False)  # sized in base currency and priced in quote: SPOT and MARGIN, which share a book
    face: Decimal = field(init=False)  # the amount of one unit of size: contract value, or one unit of base currency

    def __post_init__(self) -> None:
        self.is_spot = self.inst_type == "SPOT"
        self.is_pair = self.inst_type in ("SPOT", "MARGIN")
        self.face = Decimal(1) if self.is_pair else self.ct_val * self.ct_mult

    @property
    def limit_key(self) -> str:
        """Trade limits count per instrument, for options per instrument family (OKX docs, "Place order")."""
        return self.inst_family if self.inst_type == "OPTION" else self.inst_id

    def value(self, sz: Decimal, px: Decimal) -> Decimal:
        """The value of `sz` at `px` in the quote (spot) or settlement currency (contracts)."""
        if self.is_pair:
            return sz * px
        face = sz * self.face
        return quotient(face, px) if self.ct_type == "inverse" else face * px

    def notional_usd(self, sz: Decimal, px: Decimal, underlying_px: Decimal) -> Decimal:
        """The value in USD; stable coins count as one dollar."""
        if self.ct_type == "inverse":
            return sz * self.face
        value = self.value(sz, px)
        return value * underlying_px if self.inst_type == "OPTION" else value

    def on_tick(self, px: Decimal) -> bool:
        return px % self.tick_sz == 0

    def rounded_option_px(self, px: Decimal) -> Decimal:
        """Option prices are rounded, not refused: a remainder over half a tick goes up, as does a price below one
        tick; everything else goes down (OKX docs, "Place order")."""
        remainder = px % self.tick_sz
        down = px - remainder
        return down + self.tick_sz if remainder * 2 > self.tick_sz or 0 < px < self.tick_sz else down

    def row(self) -> dict[str, Any]:
        """The row of the instruments endpoints and of the `instruments` channel."""
        contract = not self.is_pair
        family = self.inst_id if self.inst_type == "MARGIN" else self.inst_family
        return _ROW | {
            "alias": self.alias,
            "baseCcy": self.base_ccy,
            "ctMult": decimal_text(self.ct_mult) if contract else "",
            "ctType": "inverse" if self.inst_type == "OPTION" else self.ct_type,
            "ctVal": decimal_text(self.ct_val) if contract else "",
            "ctValCcy": self.ct_val_ccy,
            "expTime": self.exp_time,
            "floatPxLmtPct": self.float_px_lmt_pct,
            "initPxLmtPct": self.init_px_lmt_pct,
            "instCategory": self.inst_category,
            "instFamily": family,
            "instId": self.inst_id,
            "instIdCode": self.inst_id_code,
            "instType": self.inst_type,
            "maxPxLmtPct": self.max_px_lmt_pct,
            "lever": self.lever,
            "listTime": self.list_time,
            "lotSz": decimal_text(self.lot_sz),
            "maxIcebergSz": f"{self.max_lmt_sz:f}.0000000000000000",
            "maxLmtSz": decimal_text(self.max_lmt_sz),
            "maxMktAmt": "" if contract else "1000000",
            "maxMktSz": decimal_text(self.max_mkt_sz),
            "maxStopSz": decimal_text(self.max_mkt_sz),
            "maxTriggerSz": f"{self.max_lmt_sz:f}.0000000000000000",
            "maxTwapSz": f"{self.max_lmt_sz:f}.0000000000000000",
            "minSz": decimal_text(self.min_sz),
            "openType": "fix_price" if self.inst_type in ("SPOT", "MARGIN", "SWAP") else "",
            "optType": self.opt_type,
            "quoteCcy": self.quote_ccy,
            "rpiMinLevel": "3" if self.is_pair else "2",
            "settleCcy": self.settle_ccy,
            "state": self.state,
            "stk": self.stk,
            "tickSz": decimal_text(self.tick_sz),
            "tradeQuoteCcyList": [self.quote_ccy] if self.is_spot and self.quote_ccy else [],
            "uly": family,
            **self.shown,
        }


class InstrumentList:
    """Lookup by instId (REST) and by instIdCode (WebSocket).

    A pair that can be traded on margin is listed twice, as SPOT and as MARGIN, with one instId, one instIdCode and one
    book; the order's tdMode decides which it is. (Whether OKX's two rows share the code is not documented.)
    """

    def __init__(self, instruments: list[Instrument]) -> None:
        self.by_inst_id = {one.inst_id: one for one in instruments}
        self.by_inst_id_code = {one.inst_id_code: one for one in instruments}

    def __iter__(self) -> Iterator[Instrument]:
        """One per book: MARGIN rows are not among them."""
        return iter(self.by_inst_id.values())

    def select(self, inst_type: str, inst_family: str = "", inst_id: str = "") -> list[Instrument]:
        """The rows of a type. Expired instruments are not among them."""
        rows = (one.margin for one in self if one.margin is not None) if inst_type == "MARGIN" else iter(self)
        return [
            one
            for one in rows
            if one.inst_type == inst_type
            and inst_family in ("", one.inst_family)
            and inst_id in ("", one.inst_id)
            and one.state != "expired"
        ]

    def set_state(self, inst_id: str, state: str) -> list[Instrument]:
        """Change the state of all rows of an instrument and return them."""
        rows = self._rows(inst_id)
        for one in rows:
            one.state = state
        return rows

    def add(self, instrument: Instrument) -> None:
        self.by_inst_id[instrument.inst_id] = instrument
        self.by_inst_id_code[instrument.inst_id_code] = instrument

    def show(self, inst_id: str, members: dict[str, Any]) -> list[Instrument]:
        """List an instrument with these members instead of its own and return its rows."""
        rows = self._rows(inst_id)
        for one in rows:
            one.shown = dict(members)
        return rows

    def relist(self, inst_id: str, inst_id_code: int) -> list[Instrument]:
        """Give an instrument another instIdCode and return its rows; the old code is unknown from now on."""
        rows = self._rows(inst_id)
        del self.by_inst_id_code[rows[0].inst_id_code]
        for one in rows:
            one.inst_id_code = inst_id_code
        self.by_inst_id_code[inst_id_code] = rows[0]
        return rows

    def _rows(self, inst_id: str) -> list[Instrument]:
        instrument = self.by_inst_id[inst_id]
        return [instrument] if instrument.margin is None else [instrument, instrument.margin]
