"""Pure. The instruments at start, with OKX's real tick, lot and contract shapes.

The instIdCodes of BTC-USD-SWAP, BTC-USDT-SWAP and ETH-USDT-SWAP are those of production; the other codes are the
simulator's own. Prices are round numbers near those of 2026. Source: OKX docs, "Get instruments".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from gateway.sim.market.instruments import Instrument

# initPxLmtPct, floatPxLmtPct, maxPxLmtPct: those of BTC in 2026; for all else those of OKX's example.
LARGE_PX_LIMITS = "0.02", "0.005", "0.01"
PX_LIMITS = "0.05", "0.03", "0.15"
EXPIRY_HOUR = 8  # UTC (OKX docs, "Get instruments", expTime)
STRIKES = (90_000, 95_000, 100_000, 105_000, 110_000)
# Premiums of calls in coin, in the order of the strikes; puts are dearer the other way round.
PREMIUMS = ("0.12", "0.08", "0.05", "0.03", "0.018")


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


def listed_like(model: Instrument, inst_id: str, inst_id_code: int) -> Instrument:
    """A pair or a swap that differs from `model` in its names only. A pair has no MARGIN row."""
    base, quote = inst_id.split("-")[:2]
    names = replace(model, inst_id=inst_id, inst_id_code=inst_id_code, margin=None, shown={})
    if model.is_pair:
        return replace(names, base_ccy=base, quote_ccy=quote)
    ct_val_ccy = base if model.ct_type == "linear" else quote
    settle_ccy = quote if model.ct_type == "linear" else base
    return replace(names, inst_family=f"{base}-{quote}", ct_val_ccy=ct_val_ccy, settle_ccy=settle_ccy)


def _spot(
    inst_id: str, code: int, *, px: str, tick: str, lot: str, minimum: str, lever: str = "", state: str = "live"
) -> Instrument:
    """A pair; with a leverage it has a MARGIN row too."""
    base, quote = inst_id.split("-")
    spot = Instrument(
        inst_id, code, "SPOT", Decimal(px), Decimal(tick), Decimal(lot), Decimal(minimum),
        max_lmt_sz=Decimal(999_999_999_999_999 if Decimal(lot) >= 1 else 9_999_999_999),
        max_mkt_sz=Decimal(1_000_000), base_ccy=base, quote_ccy=quote, lever=lever, state=state,
    )  # fmt: skip
    if lever:
        spot.margin = replace(spot, inst_type="MARGIN")
    return spot


def _contract(
    inst_id: str, code: int, inst_type: str, *, px: str, tick: str, lot: str, ct_val: str, lever: str = "100"
) -> Instrument:
    base, quote = inst_id.split("-")[:2]
    linear = quote != "USD"
    return Instrument(
        inst_id, code, inst_type, Decimal(px), Decimal(tick), Decimal(lot), Decimal(lot),
        max_lmt_sz=Decimal(100_000_000), max_mkt_sz=Decimal(30_000), inst_family=f"{base}-{quote}",
        settle_ccy=quote if linear else base, ct_type="linear" if linear else "inverse",
        ct_val=Decimal(ct_val), ct_mult=Decimal(1), ct_val_ccy=base if linear else quote, lever=lever,
    )  # fmt: skip


def _option(inst_id: str, code: int, px: str) -> Instrument:
    base, quote, _, strike, kind = inst_id.split("-")
    return Instrument(
        inst_id, code, "OPTION", Decimal(px), Decimal("0.0001"), Decimal(1), Decimal(1),
        max_lmt_sz=Decimal(1_000_000), max_mkt_sz=Decimal(5_000), inst_family=f"{base}-{quote}", settle_ccy=base,
        ct_val=Decimal(1), ct_mult=Decimal("0.01"), ct_val_ccy=base, opt_type=kind, stk=strike,
    )  # fmt: skip


def _pairs() -> list[Instrument]:
    """Common pairs, pairs with unusual steps, one that is suspended and one that is not open yet."""
    return [
        _spot("BTC-USDT", 10_001, px="100000", tick="0.1", lot="0.00000001", minimum="0.00001", lever="10"),
        _spot("ETH-USDT", 10_002, px="4000", tick="0.01", lot="0.000001", minimum="0.0001", lever="10"),
        _spot("BTC-USDC", 10_003, px="100000", tick="0.1", lot="0.00000001", minimum="0.00001", lever="10"),
        _spot("LTC-USDT", 10_004, px="100", tick="0.01", lot="0.000001", minimum="0.001", lever="5"),
        _spot("SOL-USDT", 10_005, px="200", tick="0.01", lot="0.000001", minimum="0.001", lever="10"),
        _spot("XRP-USDT", 10_006, px="2.5", tick="0.0001", lot="0.000001", minimum="1", lever="10"),
        _spot("DOGE-USDT", 10_007, px="0.2", tick="0.00001", lot="0.000001", minimum="10", lever="10"),
        _spot("PEPE-USDT", 10_008, px="0.0000125", tick="0.000000001", lot="1", minimum="100000", lever="5"),
        _spot("SHIB-USDT", 10_009, px="0.0000135", tick="0.0000000001", lot="1", minimum="100000"),
        _spot("USDC-USDT", 10_010, px="1", tick="0.0001", lot="0.00001", minimum="1"),
        _spot("SATS-USDT", 10_011, px="0.0000002", tick="0.00000000001", lot="10", minimum="10000000"),
        _spot("LUNA-USDT", 10_012, px="0.2", tick="0.0001", lot="0.00001", minimum="1", state="suspend"),
        _spot("NEWCOIN-USDT", 10_013, px="1", tick="0.0001", lot="0.01", minimum="1", state="preopen"),
    ]


def _swaps() -> list[Instrument]:
    return [
        _contract("BTC-USDT-SWAP", 10_459, "SWAP", px="100000", tick="0.1", lot="0.01", ct_val="0.01"),
        _contract("ETH-USDT-SWAP", 10_461, "SWAP", px="4000", tick="0.01", lot="0.01", ct_val="0.1"),
        _contract("BTC-USD-SWAP", 10_458, "SWAP", px="100000", tick="0.1", lot="1", ct_val="100"),
        _contract("ETH-USD-SWAP", 10_460, "SWAP", px="4000", tick="0.01", lot="1", ct_val="10"),
        _contract("BTC-USDC-SWAP", 20_001, "SWAP", px="100000", tick="0.1", lot="1", ct_val="0.0001"),
        _contract("SOL-USDT-SWAP", 20_002, "SWAP", px="200", tick="0.01", lot="0.01", ct_val="1", lever="50"),
        _contract("XRP-USDT-SWAP", 20_003, "SWAP", px="2.5", tick="0.0001", lot="0.01", ct_val="100", lever="50"),
        _contract("DOGE-USDT-SWAP", 20_004, "SWAP", px="0.2", tick="0.00001", lot="0.01", ct_val="1000", lever="50"),
        _contract(
            "PEPE-USDT-SWAP",
            20_005,
            "SWAP",
            px="0.0000125",
            tick="0.000000001",
            lot="0.1",
            ct_val="10000000",
            lever="50",
        ),
        _contract(
            "SATS-USDT-SWAP",
            20_006,
            "SWAP",
            px="0.0000002",
            tick="0.0000000001",
            lot="5",
            ct_val="10000000",
            lever="20",
        ),
    ]


def _dated(now_ms: int) -> list[Instrument]:
    """Futures and options of the next quarterly Friday, expiring at 08:00 UTC."""
    expiry = quarterly_expiry(now_ms)
    day = expiry.strftime("%y%m%d")
    exp_time = str(int(datetime(expiry.year, expiry.month, expiry.day, EXPIRY_HOUR, tzinfo=UTC).timestamp()) * 1000)
    futures = [
        _contract(f"BTC-USDT-{day}", 310_001, "FUTURES", px="100500", tick="0.1", lot="0.01", ct_val="0.01"),
        _contract(f"BTC-USD-{day}", 310_002, "FUTURES", px="100500", tick="0.1", lot="1", ct_val="100"),
        _contract(f"ETH-USDT-{day}", 310_003, "FUTURES", px="4020", tick="0.01", lot="0.01", ct_val="0.1"),
    ]
    for one in futures:
        one.alias = "quarter"
    # The strike in the middle has the codes that the documentation names.
    order = sorted(range(len(STRIKES)), key=lambda n: abs(STRIKES[n] - 100_000))
    options = []
    for place, n in enumerate(order):
        call_px, put_px = PREMIUMS[n], "0.045" if STRIKES[n] == 100_000 else PREMIUMS[-1 - n]
        options.append(_option(f"BTC-USD-{day}-{STRIKES[n]}-C", 320_001 + 2 * place, call_px))
        options.append(_option(f"BTC-USD-{day}-{STRIKES[n]}-P", 320_002 + 2 * place, put_px))
    for one in (*futures, *options):
        one.exp_time = exp_time
    return [*futures, *options]


def default_instruments(now_ms: int) -> list[Instrument]:
    """The list at start, in the order of OKX's instrument types."""
    listed = [*_pairs(), *_swaps(), *_dated(now_ms)]
    for one in listed:
        if one.inst_type != "OPTION":
            _set_px_limits(one)
            if one.margin is not None:
                _set_px_limits(one.margin)
    return listed


def _set_px_limits(one: Instrument) -> None:
    large = one.inst_type != "FUTURES" and one.inst_id.startswith(("BTC-", "ETH-"))
    one.init_px_lmt_pct, one.float_px_lmt_pct, one.max_px_lmt_pct = LARGE_PX_LIMITS if large else PX_LIMITS
    if large and one.is_pair:
        one.init_px_lmt_pct = ""
