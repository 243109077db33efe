"""Pure. The size of an order: lots, minima, maxima, market orders counted in quote currency or short of money.

Source: OKX docs, "Place order" (sz, tgtCcy, banAmend), "Get instruments" (maxLmtSz, ...), "Error Code".
"""

from __future__ import annotations

from decimal import Decimal

from gateway.sim.accounts.accounts import Account
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import parse_decimal, quotient, share
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.markets import Market
from gateway.sim.market.orders import PRICED_TYPES, Order

MAX_ORDER_USD = Decimal(20_000_000)  # maxLmtAmt of every listed instrument
MAX_MARKET_USD = Decimal(1_000_000)  # maxMktAmt and maxMktSz of spot instruments


def set_size(order: Order, market: Market, sz_text: str) -> None:
    sz = parse_decimal(sz_text)
    if sz is None or sz <= 0:
        raise Refusal("51000", param="sz")
    order.sz = sz
    if order.instrument.is_pair and order.ord_type == "market" and order.tgt_ccy == "quote_ccy":
        if order.side == "buy":
            order.quote_left = sz
        else:
            order.sz, order.quote_sz = _base_for_quote(order, market, sz), sz


def _base_for_quote(order: Order, market: Market, quote_sz: Decimal) -> Decimal:
    """A market sell counted in quote currency becomes the lots that fetch it at the best price, the last one rounded
    up (recorded in 2023: 10 USDT at 26228.1 were 0.00038128 BTC)."""
    best, lot = market.book.bids.best_px, order.instrument.lot_sz
    base = quotient(quote_sz, market.last_px if best is None else best)
    return base if base % lot == 0 else base - base % lot + lot


def shrink_to_balance(order: Order, account: Account) -> None:
    """A spot market order beyond the balance is cut to the balance, unless banAmend forbids it."""
    if not order.instrument.is_spot or order.ord_type != "market" or account.unlimited:
        return
    ccy, needed, _ = account.requirement(order)
    available = account.may_use(order, ccy)
    if needed <= available:
        return
    if order.quote_left is not None:
        affordable = available
    else:
        affordable = available if order.side == "sell" else quotient(available, order.limit_px)
        affordable -= affordable % order.instrument.lot_sz
    if affordable <= 0:
        return  # nothing to cut to: the balance check refuses it
    if order.quote_sz is not None:
        order.quote_sz = share(order.quote_sz, affordable, order.sz)
    order.sz = affordable
    if order.quote_left is not None:
        order.quote_left = affordable


def check_size(order: Order, sz: Decimal, px: Decimal, market: Market, *, any_size: bool = False) -> None:
    """Lot, minimum, maxima (OKX docs, "Error Code": 51121, 51020, 51202, 51101, 51005)."""
    instrument = order.instrument
    if order.quote_left is not None:
        if sz < instrument.min_sz * market.last_px:
            raise Refusal("51020")
        if sz > MAX_MARKET_USD:
            raise Refusal("51202")
        return
    check_lots(instrument, sz)
    if not any_size:
        _check_maxima(order, sz, px, market)


def check_lots(instrument: Instrument, sz: Decimal) -> None:
    if sz % instrument.lot_sz != 0:
        raise Refusal("51121")
    if sz < instrument.min_sz:
        raise Refusal("51020")


def _check_maxima(order: Order, sz: Decimal, px: Decimal, market: Market) -> None:
    """maxMktAmt is for spot and margin only, maxLmtAmt for limit orders of all kinds."""
    instrument = order.instrument
    usd = instrument.notional_usd(sz, px, market.index_px)
    if order.ord_type not in PRICED_TYPES:
        if usd > MAX_MARKET_USD if instrument.is_pair else sz > instrument.max_mkt_sz:
            raise Refusal("51202")
        return
    if sz > instrument.max_lmt_sz:
        raise Refusal("51005" if instrument.is_pair else "51101", limit=instrument.max_lmt_sz)
    if usd > MAX_ORDER_USD:
        raise Refusal("51005")
