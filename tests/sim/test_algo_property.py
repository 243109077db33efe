"""Random sessions with algo orders and attached TP/SL: nothing fires twice, nothing outlives its position, and every
order that came of one says so."""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.sim.accounts.positions import position_key
from gateway.sim.base.configuration import AccountSpec, default_accounts
from gateway.sim.rest import algo as rest_algo

SWAP, SPOT = 10_459, 10_001
UID_1, UID_2 = "1000000000000001", "1000000000000002"
STEPS = 60


def near(rng: random.Random, ticks: int = 150) -> str:
    return str(Decimal(100_000) + Decimal("0.1") * rng.randint(-ticks, ticks))


def legs(rng: random.Random) -> dict[str, str]:
    row: dict[str, str] = {}
    kinds = rng.choice((("tp",), ("sl",), ("tp", "sl")))
    for kind in kinds:
        row[f"{kind}TriggerPx"] = near(rng)
        row[f"{kind}OrdPx"] = rng.choice(("-1", near(rng)))
        row[f"{kind}TriggerPxType"] = rng.choice(("last", "mark", "index"))
    return row


def algo_row(rng: random.Random, hedged: bool) -> dict[str, Any]:
    ord_type = rng.choice(("conditional", "oco", "trigger", "move_order_stop"))
    row: dict[str, Any] = {
        "instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": rng.choice(("buy", "sell")), "ordType": ord_type,
        "sz": str(rng.randint(1, 5)), "reduceOnly": rng.random() < 0.5 and not hedged,
    }  # fmt: skip
    if hedged:
        row["posSide"] = rng.choice(("long", "short"))
    if ord_type == "trigger":
        row |= {"triggerPx": near(rng), "orderPx": rng.choice(("-1", near(rng)))}
    elif ord_type == "move_order_stop":
        row |= {"callbackSpread": str(rng.randint(1, 20))}
    else:
        row |= legs(rng)
        row["cxlOnClosePos"] = bool(row["reduceOnly"]) and rng.random() < 0.5
        if rng.random() < 0.2:
            row |= {"sz": "", "closeFraction": "1", "reduceOnly": not hedged}
    return row


def step(bench: Any, rng: random.Random, hedged: bool) -> None:
    draw = rng.random()
    algos = list(bench.exchange.accounts[UID_1].algos.live.values())
    if draw < 0.4:
        side = rng.choice(("buy", "sell"))
        row = {"instIdCode": SWAP, "tdMode": "cross", "side": side, "px": near(rng, 50), "sz": str(rng.randint(1, 5))}
        if hedged:
            row["posSide"] = rng.choice(("long", "short"))
        attached = [legs(rng)] if rng.random() < 0.5 else []
        bench.place(rng.choice((UID_1, UID_2)), **row, attachAlgoOrds=attached)
    elif draw < 0.6:
        bench.rest(rest_algo.place_algo, algo_row(rng, hedged))
    elif draw < 0.65 and algos:
        named = {"instId": "BTC-USDT-SWAP", "algoId": rng.choice(algos).algo_id}
        if rng.random() < 0.5:
            bench.rest(rest_algo.cancel_algos, [named])
        else:
            bench.rest(rest_algo.amend_algo, {**named, "newSz": str(rng.randint(1, 9)), "newSlTriggerPx": near(rng)})
    else:
        bench.touch(near(rng))


def check_algos(bench: Any, published: list[dict[str, Any]]) -> None:
    account = bench.exchange.accounts[UID_1]
    states: dict[str, list[str]] = defaultdict(list)
    for row in published:
        states[row["algoId"]].append(row["state"])
    for algo_id, seen in states.items():
        assert set(seen[:-1]) <= {"live"} and seen[0] == "live", seen
        assert (seen[-1] == "live") == (algo_id in account.algos.live)
    assert set(states) == set(account.algos.by_id)
    fired = {ord_id: one.algo_id for one in account.algos.by_id.values() for ord_id in one.ord_ids}
    for order in account.orders.values():
        assert order.origin.algo_id == fired.get(order.ord_id, "")
    for algo in account.algos.by_id.values():
        assert bool(algo.ord_ids) == (algo.state in ("effective", "partially_failed"))
        assert bool(algo.fail_code) == (algo.state in ("order_failed", "partially_failed"))
        if algo.is_live and algo.follows_position:
            assert account.positions[position_key(algo)].pos


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_random_sessions(new_bench: Any, seed: int) -> None:
    rng = random.Random(seed)
    hedged = rng.random() < 0.4
    mode = "long_short_mode" if hedged else "net_mode"
    bench = new_bench(accounts=tuple(AccountSpec(one.uid, one.api_keys, pos_mode=mode) for one in default_accounts()))
    published = bench.listen(UID_1, "orders-algo", instType="ANY")
    advanced = bench.listen(UID_1, "algo-advance", instType="ANY")
    for _ in range(STEPS):
        step(bench, rng, hedged)
        check_algos(bench, published + advanced)
    assert not bench.exchange.markets["BTC-USDT-SWAP"].book.is_crossed()
    done: set[str] = set()
    for push in bench.pushes[UID_1]:
        assert push["ordId"] not in done
        if push["state"] in ("filled", "canceled"):
            done.add(push["ordId"])
