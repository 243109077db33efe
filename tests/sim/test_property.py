"""Random sessions of two accounts: money is neither made nor lost but for fees, and the books stay sane."""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.sim.configuration import AccountSpec, default_accounts
from gateway.sim.formats import ZERO
from gateway.sim.orders import TERMINAL

UIDS = ("1000000000000001", "1000000000000002")
# code, price in the middle, tick, lots
INSTRUMENTS = [
    (10_001, Decimal(100_000), Decimal("0.1"), Decimal("0.00001"), "cash"),
    (10_459, Decimal(100_000), Decimal("0.1"), Decimal("0.01"), "cross"),
    (10_458, Decimal(100_000), Decimal("0.1"), Decimal(1), "cross"),
    (320_001, Decimal("0.05"), Decimal("0.0001"), Decimal(1), "cross"),
]
TYPES = ["limit", "limit", "limit", "post_only", "ioc", "fok", "market", "optimal_limit_ioc"]
STP = ["cancel_maker", "cancel_taker", "cancel_both"]

STEPS = 120


def random_step(rng: random.Random, hedged: bool) -> dict[str, Any]:
    kind = rng.choices(["place", "amend", "cancel"], [8, 2, 1])[0]
    inst = rng.randrange(4)
    return {
        "do": kind,
        "who": rng.choice(UIDS),
        "which": rng.randrange(50),
        "inst": inst,
        "pos_side": rng.choice(["long", "short"]) if hedged and inst in (1, 2) else "",
        "side": rng.choice(["buy", "sell"]),
        "ord_type": rng.choice(TYPES),
        "ticks": rng.randint(-3, 3),
        "lots": rng.randint(1, 400),
        "stp": rng.choice(STP),
        "reduce": rng.random() < 0.15,
        "cxl": rng.random() < 0.3,
    }


def do_place(bench: Any, step: dict[str, Any]) -> None:
    code, middle, tick, lot, td_mode = INSTRUMENTS[step["inst"]]
    bench.place(
        step["who"],
        instIdCode=code,
        tdMode=td_mode,
        side=step["side"],
        posSide=step["pos_side"],
        ordType=step["ord_type"],
        px=str(middle + tick * step["ticks"]),
        sz=str(lot * step["lots"]),
        stpMode=step["stp"],
        reduceOnly=step["reduce"] and step["inst"] > 0,
        tgtCcy="base_ccy" if step["lots"] % 2 else "",
    )


def do_other(bench: Any, step: dict[str, Any]) -> None:
    live = list(bench.exchange.accounts[step["who"]].live.values())
    if not live:
        return
    order = live[step["which"] % len(live)]
    row = {"instIdCode": order.instrument.inst_id_code, "ordId": order.ord_id}
    if step["do"] == "amend":
        px = order.px + order.instrument.tick_sz * step["ticks"]
        row |= {"newPx": str(px), "newSz": str(order.instrument.lot_sz * step["lots"]), "cxlOnFail": step["cxl"]}
    bench.run("cancel-order" if step["do"] == "cancel" else "amend-order", row, uid=step["who"])


def check_money(bench: Any, start: dict[str, Decimal]) -> None:
    """Cash of all, less what positions took as cost, plus fees, is what there was, to the last digit."""
    total: dict[str, Decimal] = defaultdict(Decimal)
    for account in bench.exchange.accounts.values():
        for ccy, cash in account.cash.items():
            total[ccy] += cash
        for fill in account.fills:
            total[fill.order.fee_ccy] -= fill.fee
        positions = list(account.positions.values())
        for position in positions:
            sign = {"linear": -1, "inverse": 1, "": 0}[position.instrument.ct_type]
            total[position.instrument.settle_ccy] += sign * position.cost
            assert (
                {"net": position.pos, "long": max(position.pos, ZERO), "short": min(position.pos, ZERO)}[
                    position.pos_side
                ]
                == position.pos
                != 0
            )
        for ccy in account.cash:
            live = [one for one in account.live.values() if one.frozen_ccy == ccy]
            assert account.frozen[ccy] == sum((one.frozen for one in live), ZERO) >= 0
            margin = sum((one.margin for one in positions if one.instrument.settle_ccy == ccy), ZERO)
            assert account.margin[ccy] == margin
            assert account.cash[ccy] >= 0
    assert {ccy: total[ccy] for ccy in start} == start
    for inst_id in bench.exchange.markets:
        both = [one for a in bench.exchange.accounts.values() for one in a.positions.values()]
        assert sum((one.pos for one in both if one.instrument.inst_id == inst_id), ZERO) == 0


def check_books(bench: Any) -> None:
    live = {one.ord_id: one for account in bench.exchange.accounts.values() for one in account.live.values()}
    seen: set[str] = set()
    for market in bench.exchange.markets.values():
        assert not market.book.is_crossed()
        for side in (market.book.bids, market.book.asks):
            assert side.prices == sorted(side.levels)
            for px, level in side.best_first():
                assert level.sz == sum((one.left_sz for one in level.orders.values()), ZERO) > 0
                assert all(one.px == px and one.left_sz > 0 for one in level.orders.values())
                seen |= set(level.orders)
    assert seen == set(live)


def check_fills(bench: Any) -> None:
    """Each trade has exactly a taker and a maker of opposite sides, and fills add up to what the orders say."""
    trades: dict[tuple[str, str], list[Any]] = defaultdict(list)
    filled: dict[str, Decimal] = defaultdict(Decimal)
    for account in bench.exchange.accounts.values():
        for fill in account.fills:
            trades[fill.order.instrument.inst_id, fill.trade_id].append(fill)
            filled[fill.order.ord_id] += fill.sz
    for taker, maker in (sorted(pair, key=lambda one: one.exec_type, reverse=True) for pair in trades.values()):
        assert (taker.exec_type, maker.exec_type) == ("T", "M")
        assert (taker.px, taker.sz) == (maker.px, maker.sz)
        assert {taker.order.side, maker.order.side} == {"buy", "sell"}
    for account in bench.exchange.accounts.values():
        for order in account.orders.values():
            assert order.acc_fill_sz == filled[order.ord_id]


def check_pushes(bench: Any) -> None:
    """Nothing follows a terminal state, sizes only grow, each fill is pushed once."""
    for uid in UIDS:
        done: set[str] = set()
        sizes: dict[str, Decimal] = defaultdict(Decimal)
        trades: set[tuple[str, str]] = set()
        for push in bench.pushes[uid]:
            ord_id = push["ordId"]
            assert ord_id not in done
            assert Decimal(push["accFillSz"]) == sizes[ord_id] + Decimal(push["fillSz"])
            sizes[ord_id] = Decimal(push["accFillSz"])
            if push["tradeId"]:
                assert (push["instId"], push["tradeId"]) not in trades
                trades.add((push["instId"], push["tradeId"]))
            if push["state"] in TERMINAL:
                done.add(ord_id)
        assert set(bench.exchange.accounts[uid].live).isdisjoint(done)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_random_sessions(new_bench: Any, seed: int) -> None:
    rng = random.Random(seed)
    mode = rng.choice(["net_mode", "long_short_mode"])
    bench = new_bench(accounts=tuple(AccountSpec(one.uid, one.api_keys, pos_mode=mode) for one in default_accounts()))
    start: dict[str, Decimal] = defaultdict(Decimal)
    for account in bench.exchange.accounts.values():
        for ccy, cash in account.cash.items():
            start[ccy] += cash
    for number in range(STEPS):
        step = random_step(rng, hedged=mode == "long_short_mode")
        do_place(bench, step) if step["do"] == "place" else do_other(bench, step)
        check_books(bench)
        if number % 10 == 0:
            check_money(bench, dict(start))
    check_money(bench, dict(start))
    check_fills(bench)
    check_pushes(bench)
