"""Pure. The instruments that are listed, with OKX's real tick, lot and contract shapes, and their REST rows.

Source: OKX docs, "Get instruments"; the numbers are those of the production instruments of the same name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from gateway.sim.formats import ZERO, decimal_text, quotient

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
    "elp": "0",
    "expTime": "",
    "floatPxLmtPct": "",
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
    "minSz": "",
    "openType": "",
    "optType": "",
    "posLmtAmt": "",
    "posLmtPct": "",
    "preMktSwTime": "",
    "quoteCcy": "",
    "rpi": "0",
    "ruleType": "normal",
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
    """One row of the instrument list. `state` may be changed by command."""

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
    state: str = "live"

    @property
    def is_spot(self) -> bool:
        return self.inst_type == "SPOT"

    @property
    def limit_key(self) -> str:
        """Trade limits count per instrument, for options per instrument family (OKX docs, "Place order")."""
        return self.inst_family if self.inst_type == "OPTION" else self.inst_id

    def value(self, sz: Decimal, px: Decimal) -> Decimal:
        """What `sz` is worth at `px` in the quote (spot) or settlement currency (contracts)."""
        if self.is_spot:
            return sz * px
        face = sz * self.ct_val * self.ct_mult
        return quotient(face, px) if self.ct_type == "inverse" else face * px

    def notional_usd(self, sz: Decimal, px: Decimal, underlying_px: Decimal) -> Decimal:
        """The value in USD; stable coins count as one dollar."""
        if self.ct_type == "inverse":
            return sz * self.ct_val * self.ct_mult
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
        contract = not self.is_spot
        return _ROW | {
            "baseCcy": self.base_ccy,
            "ctMult": decimal_text(self.ct_mult) if contract else "",
            "ctType": self.ct_type,
            "ctVal": decimal_text(self.ct_val) if contract else "",
            "ctValCcy": self.ct_val_ccy,
            "expTime": self.exp_time,
            "instFamily": self.inst_family,
            "instId": self.inst_id,
            "instIdCode": self.inst_id_code,
            "instType": self.inst_type,
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
            "optType": self.opt_type,
            "quoteCcy": self.quote_ccy,
            "settleCcy": self.settle_ccy,
            "state": self.state,
            "stk": self.stk,
            "tickSz": decimal_text(self.tick_sz),
            "tradeQuoteCcyList": [] if contract else [self.quote_ccy],
            "uly": self.inst_family,
        }


class InstrumentList:
    """Lookup by instId (REST) and by instIdCode (WebSocket)."""

    def __init__(self, instruments: list[Instrument]) -> None:
        self.by_inst_id = {one.inst_id: one for one in instruments}
        self.by_inst_id_code = {one.inst_id_code: one for one in instruments}

    def __iter__(self) -> Iterator[Instrument]:
        return iter(self.by_inst_id.values())

    def select(self, inst_type: str, inst_family: str = "", inst_id: str = "") -> list[Instrument]:
        return [
            one
            for one in self
            if one.inst_type == inst_type and inst_family in ("", one.inst_family) and inst_id in ("", one.inst_id)
        ]

    def relist(self, inst_id: str, inst_id_code: int) -> None:
        """Give an instrument another instIdCode; the old one is unknown from now on."""
        instrument = self.by_inst_id[inst_id]
        del self.by_inst_id_code[instrument.inst_id_code]
        instrument.inst_id_code = inst_id_code
        self.by_inst_id_code[inst_id_code] = instrument


def quarterly_expiry(now_ms: int) -> date:
    """The last Friday of the first quarter-ending month that is more than eight days away."""
    today = datetime.fromtimestamp(now_ms // 1000, UTC).date()
    year, month = today.year, -(-today.month // 3) * 3
    while True:
        first_of_next = date(year + month // 12, month % 12 + 1, 1)
        last_day = first_of_next - timedelta(days=1)
        friday = last_day - timedelta(days=(last_day.weekday() - 4) % 7)
        if friday > today + timedelta(days=8):
            return friday
        year, month = (year + 1, 3) if month == 12 else (year, month + 3)


def _spot(inst_id: str, code: int, *, px: str, tick: str, lot: str, minimum: str) -> Instrument:
    base, quote = inst_id.split("-")
    return Instrument(
        inst_id, code, "SPOT", Decimal(px), Decimal(tick), Decimal(lot), Decimal(minimum),
        max_lmt_sz=Decimal(9_999_999_999), max_mkt_sz=Decimal(1_000_000), base_ccy=base, quote_ccy=quote,
        lever="10",
    )  # fmt: skip


def _contract(inst_id: str, code: int, inst_type: str, *, px: str, tick: str, lot: str, ct_val: str) -> Instrument:
    base, quote = inst_id.split("-")[:2]
    linear = quote != "USD"
    return Instrument(
        inst_id, code, inst_type, Decimal(px), Decimal(tick), Decimal(lot), Decimal(lot),
        max_lmt_sz=Decimal(100_000_000), max_mkt_sz=Decimal(30_000), inst_family=f"{base}-{quote}",
        settle_ccy=quote if linear else base, ct_type="linear" if linear else "inverse",
        ct_val=Decimal(ct_val), ct_mult=Decimal(1), ct_val_ccy=base if linear else quote, lever="100",
    )  # fmt: skip


def _option(inst_id: str, code: int, px: str) -> Instrument:
    base, quote, _, strike, kind = inst_id.split("-")
    return Instrument(
        inst_id, code, "OPTION", Decimal(px), Decimal("0.0001"), Decimal(1), Decimal(1),
        max_lmt_sz=Decimal(1_000_000), max_mkt_sz=Decimal(5_000), inst_family=f"{base}-{quote}", settle_ccy=base,
        ct_val=Decimal(1), ct_mult=Decimal("0.01"), ct_val_ccy=base, opt_type=kind, stk=strike,
    )  # fmt: skip


def default_instruments(now_ms: int) -> list[Instrument]:
    """The list at start. Dated contracts expire at 08:00 UTC of the next quarterly Friday."""
    expiry = quarterly_expiry(now_ms)
    day = expiry.strftime("%y%m%d")
    exp_time = str(int(datetime(expiry.year, expiry.month, expiry.day, 8, tzinfo=UTC).timestamp()) * 1000)
    dated = [
        _contract(f"BTC-USDT-{day}", 310_001, "FUTURES", px="100500", tick="0.1", lot="0.01", ct_val="0.01"),
        _contract(f"BTC-USD-{day}", 310_002, "FUTURES", px="100500", tick="0.1", lot="1", ct_val="100"),
        _option(f"BTC-USD-{day}-100000-C", 320_001, "0.05"),
        _option(f"BTC-USD-{day}-100000-P", 320_002, "0.045"),
    ]
    for one in dated:
        one.exp_time = exp_time
    return [
        _spot("BTC-USDT", 10_001, px="100000", tick="0.1", lot="0.00000001", minimum="0.00001"),
        _spot("ETH-USDT", 10_002, px="4000", tick="0.01", lot="0.000001", minimum="0.0001"),
        _contract("BTC-USDT-SWAP", 10_459, "SWAP", px="100000", tick="0.1", lot="0.01", ct_val="0.01"),
        _contract("ETH-USDT-SWAP", 10_461, "SWAP", px="4000", tick="0.01", lot="0.01", ct_val="0.1"),
        _contract("BTC-USD-SWAP", 10_458, "SWAP", px="100000", tick="0.1", lot="1", ct_val="100"),
        *dated,
    ]
