"""Fees by hand, at the rates of a regular user (OKX docs, "Get fee rates")."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.accounts.fees import MAKER, TAKER, FeeTier, fee_of
from gateway.sim.market.listing import default_instruments
from gateway.sim.market.orders import Order

LISTED = {one.inst_id: one for one in default_instruments(1_700_000_000_000)}
ACCOUNT: Any = None  # the tier alone decides


def fee(inst_id: str, side: str, sz: str, px: str, exec_type: str, ccy: str = "", on_margin: bool = False) -> Decimal:
    listed = LISTED[inst_id]
    instrument = listed.margin if on_margin and listed.margin is not None else listed
    order = Order("1", ACCOUNT, instrument, side, "limit", "cross", Decimal(sz), Decimal(px), 0, ccy=ccy)
    return fee_of(FeeTier(), order, Decimal(sz), instrument.value(Decimal(sz), Decimal(px)), exec_type)


@pytest.mark.parametrize(
    ("inst_id", "side", "sz", "px", "exec_type", "expected"),
    [
        ("BTC-USDT", "buy", "2", "100000", TAKER, "-0.002"),  # 0.1 % of the coin received
        ("BTC-USDT", "sell", "2", "100000", TAKER, "-200"),  # 0.1 % of the money received
        ("BTC-USDT", "sell", "2", "100000", MAKER, "-160"),
        ("BTC-USDT-SWAP", "buy", "10", "100000", TAKER, "-5"),  # 0.05 % of 10 x 0.01 x 100000
        ("BTC-USDT-SWAP", "buy", "10", "100000", MAKER, "-2"),
        ("BTC-USD-SWAP", "sell", "100", "100000", TAKER, "-0.00005"),  # 0.05 % of 100 x 100 / 100000 coins
    ],
)
def test_fee(inst_id: str, side: str, sz: str, px: str, exec_type: str, expected: str) -> None:
    assert fee(inst_id, side, sz, px, exec_type) == Decimal(expected)


def test_an_option_pays_on_its_face_and_not_on_its_premium() -> None:
    option = next(one for one in LISTED.values() if one.inst_type == "OPTION")
    face = option.ct_val * option.ct_mult
    assert fee(option.inst_id, "buy", "10", "0.05", TAKER) == Decimal("-0.003") * face  # 0.03 % of ten contracts


@pytest.mark.parametrize(("ccy", "expected"), [("USDT", "-100"), ("BTC", "-0.001")])
def test_margin_pays_in_its_margin_currency(ccy: str, expected: str) -> None:
    assert fee("BTC-USDT", "buy", "1", "100000", TAKER, ccy, on_margin=True) == Decimal(expected)


def test_levels() -> None:
    tier = FeeTier()
    assert (tier.level, tier.vip) == ("Lv1", 0)
    tier.promote("VIP9")
    assert tier.vip == 9
    for wrong in ("VIP10", "Lv6", "vip1", ""):
        with pytest.raises(ValueError, match="no such fee tier"):
            tier.promote(wrong)
    assert tier.level == "VIP9"
