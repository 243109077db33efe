"""Take-profits and stop-losses attached to an order: the algo order that OKX creates after the fill, and
the orders that it places, belong to the order's strategy, whatever happens in between."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.processes import UID, UNLIMITED, Exchange
from tests.e2e.strategy import Json, Strategy, swap

SESSION = {"backoff_first_ms": 334, "backoff_max_ms": 400}
SL = {"slTriggerPx": "95000", "slOrdPx": "-1"}
TP = {"tpTriggerPx": "120000", "tpOrdPx": "-1"}
INST = "BTC-USDT-SWAP"
ACCOUNT = ("account.algo", "account.order", "account.fill")


@pytest.fixture(scope="module")
def exchange(module_stage: Any) -> Exchange:
    started: Exchange = module_stage.exchange("--limiter-window", "off")
    return started


@pytest.fixture(scope="module")
def gateway(module_stage: Any, exchange: Exchange) -> Any:
    return module_stage.gateway(exchange, {**UNLIMITED, "session": SESSION})


@pytest.fixture
def alpha(trader: Strategy, exchange: Exchange) -> Iterator[Strategy]:
    """A market at 100000 with offers there; remaining orders are cancelled at the end."""
    open_market(exchange)
    yield trader
    exchange.command("clear")
    trader.data("cancel-all")


def open_market(exchange: Exchange) -> None:
    exchange.command("withdraw", inst_id=INST)
    exchange.command("quote", inst_id=INST, side="sell", px="100000", sz="9")
    exchange.command("trade", inst_id=INST, side="buy", px="100000", sz="1")


def fall(exchange: Exchange) -> None:
    """The market trades at 95000; the next market sell meets a bid at 94000."""
    exchange.command("withdraw", inst_id=INST)
    exchange.command("quote", inst_id=INST, side="buy", px="94000", sz="9")
    exchange.command("quote", inst_id=INST, side="sell", px="95000", sz="1")
    exchange.command("trade", inst_id=INST, side="buy", px="95000", sz="1")


def made_of(exchange: Exchange, since: int) -> list[str]:
    """The `algoId`s that the exchange has created since."""
    return list(dict.fromkeys(one["algoId"] for one in exchange.ledger("algo", since)))


def published_completely(alpha: Strategy, exchange: Exchange, algo_id: str) -> Json:
    """The algo order's end and its order's, with every fill, are alpha's alone."""
    end = alpha.event("algo", algoId=algo_id, terminal=True)
    (ord_id,) = end["ordIdList"]
    order = alpha.event("order", ordId=ord_id, terminal=True)
    assert (end["state"], order["state"], order["algoId"]) == ("effective", "filled", algo_id)
    assert order["algoClOrdId"] == end["algoClOrdId"]
    booked = [one["trade_id"] for one in exchange.ledger("fill") if one["ord_id"] == ord_id]
    alpha.wait(lambda: len(alpha.events_of("fill", ordId=ord_id)) == len(booked), "its fills")
    assert [one["tradeId"] for one in alpha.events_of("fill", ordId=ord_id)] == booked != []
    for topic in ACCOUNT:
        assert [
            one for one in alpha.events_of(topic) if algo_id == one.get("algoId") or ord_id == one.get("ordId")
        ] == []
    return end


@pytest.mark.parametrize("given", [{}, {"attachAlgoClOrdId": ""}, {"attachAlgoClOrdId": "mystop"}])
def test_it_belongs_to_the_strategy_of_its_order(alpha: Strategy, exchange: Exchange, given: Json) -> None:
    since = exchange.next_record()
    (ack,) = alpha.ack("order", swap(px="100000", attachAlgoOrds=[{**SL, **TP, **given}]))
    assert alpha.event("order", ordId=ack["ordId"], terminal=True)["state"] == "filled"
    alpha.event("algo", state="live", ordType="oco")
    (algo_id,) = made_of(exchange, since)
    (shown,) = alpha.data("snapshot")["algos"]
    assert shown["algoId"] == algo_id
    fall(exchange)
    end = published_completely(alpha, exchange, algo_id)
    own = given.get("attachAlgoClOrdId")
    assert end["algoClOrdId"] == own if own else end["algoClOrdId"].isdigit()


@pytest.mark.parametrize("late", ["", "orders-algo", "orders"])
def test_a_take_profit_that_rests_as_a_limit_order(alpha: Strategy, exchange: Exchange, late: str) -> None:
    """Whichever stream lags: it is published to the strategy whose order it was attached to."""
    attached = {**SL, "tpTriggerPx": "", "tpOrdPx": "101000", "tpOrdKind": "limit"}
    if late:
        exchange.command("delay_pushes", channel=late, ms=300, count=8)
    (ack,) = alpha.ack("order", swap(px="100000", attachAlgoOrds=[attached]))
    assert ack["result"] == "accepted", ack
    algo = alpha.event("algo", state="live")
    resting = alpha.wait(
        lambda: [one for one in alpha.events_of("order", state="live") if one["ordId"] != ack["ordId"]], "take-profit"
    )[0]
    assert resting["data"]["linkedAlgoOrd"]["algoId"] == algo["algoId"]
    exchange.command("trade", inst_id=INST, side="buy", px="101000", sz="9")
    assert alpha.event("order", ordId=resting["ordId"], terminal=True)["state"] == "filled"
    booked = [one["trade_id"] for one in exchange.ledger("fill") if one["ord_id"] == resting["ordId"]]
    alpha.wait(lambda: len(alpha.events_of("fill", ordId=resting["ordId"])) == len(booked), "its fills")
    assert [one["tradeId"] for one in alpha.events_of("fill", ordId=resting["ordId"])] == booked != []
    for topic in ACCOUNT:
        assert [one for one in alpha.events_of(topic) if resting["ordId"] == one.get("ordId")] == []


@pytest.mark.parametrize("away", ["killed", "pushes lost"])
def test_a_take_profit_created_and_ended_without_a_push(stage: Any, away: str) -> None:
    """Entry and take-profit fill, and OKX cancels the stop-loss, while the gateway is not connected."""
    sweeps = {"session": {**SESSION, "sweep_s": 1, "sweep_margin_ms": 300}}
    exchange, gateway = stage.unlimited(sweeps)
    alpha = stage.trader(gateway, topics=("account.",))
    open_market(exchange)
    attached = {**SL, "tpTriggerPx": "", "tpOrdPx": "101000", "tpOrdKind": "limit"}
    alpha.place(swap(px="99000", attachAlgoOrds=[attached]))
    if away == "killed":
        gateway.kill()
    else:
        for channel in ("orders", "orders-algo"):
            exchange.command("lose_pushes", channel=channel, count=0)
    exchange.command("trade", inst_id=INST, side="sell", px="99000", sz="1")
    exchange.command("trade", inst_id=INST, side="buy", px="101000", sz="9")
    exchange.command("clear")
    if away == "killed":
        stage.gateway(exchange, {**UNLIMITED, **sweeps}, name="second")
        alpha.hello()
        alpha.wait_ready()
    booked = [one["trade_id"] for one in exchange.ledger("fill") if one["uid"] == UID]
    assert len(booked) == 2
    alpha.wait(lambda: len(alpha.events_of("fill")) == 2, "both fills")
    assert sorted(one["tradeId"] for one in alpha.events_of("fill")) == sorted(booked)
    assert alpha.event("algo", terminal=True)["state"] == "canceled"
    alpha.wait(lambda: len(alpha.events_of("order", state="filled")) == 2, "both ends")
    assert [one for topic in ACCOUNT for one in alpha.events_of(topic)] == []


def test_each_of_a_batch(alpha: Strategy, exchange: Exchange) -> None:
    since = exchange.next_record()
    rows = [swap(px="100000", attachAlgoOrds=[{**SL, **own}]) for own in ({}, {"attachAlgoClOrdId": "second"}, {})]
    acks = alpha.ack("batch-orders", *rows)
    assert [one["result"] for one in acks] == ["accepted"] * 3
    alpha.wait(lambda: len(alpha.events_of("algo", state="live")) == 3, "three algo orders")
    algo_ids = made_of(exchange, since)
    fall(exchange)
    names = [published_completely(alpha, exchange, algo_id)["algoClOrdId"] for algo_id in algo_ids]
    assert len(set(names)) == 3 and names[1] == "second"


def test_an_id_of_another_strategy_is_refused(alpha: Strategy, other: Strategy) -> None:
    row = swap(px="90000", attachAlgoOrds=[{"slTriggerPx": "80000", "slOrdPx": "-1", "attachAlgoClOrdId": "hers"}])
    alpha.ack("order", row)
    assert other.ask("order", row)["reason"] == "cl_ord_id_in_use"
    trigger = {"ordType": "trigger", "triggerPx": "80000", "orderPx": "-1", "algoClOrdId": "hers"}
    refused = other.ask("order-algo", {"instId": INST, "tdMode": "cross", "side": "sell", "sz": "1", **trigger})
    assert refused["reason"] == "cl_ord_id_in_use"
    row["attachAlgoOrds"][0]["attachAlgoClOrdId"] = "9001234567890000001"
    assert other.ask("order", row)["reason"] == "bad_request"


@pytest.mark.parametrize("own", [{}, {"attachAlgoClOrdId": "mystop"}])
@pytest.mark.parametrize("killed", ["before the fill", "before the trigger", "before both"])
def test_kill_and_restart(stage: Any, own: Json, killed: str) -> None:
    """The next gateway publishes events of the outage to the same strategy."""
    exchange, gateway = stage.unlimited({"session": SESSION})
    alpha = stage.trader(gateway, topics=("account.",))
    open_market(exchange)
    since = exchange.next_record()
    px = "100000" if killed == "before the trigger" else "99000"
    (ack,) = alpha.ack("order", swap(px=px, attachAlgoOrds=[{**SL, **own}]))
    assert ack["result"] == "accepted"
    if killed == "before the trigger":
        alpha.event("algo", state="live")
    gateway.kill()
    if killed != "before the trigger":
        exchange.command("trade", inst_id=INST, side="sell", px="99000", sz="1")
    if killed != "before the fill":
        fall(exchange)
    (algo_id,) = made_of(exchange, since)
    stage.gateway(exchange, {**UNLIMITED, "session": SESSION}, name="second")
    alpha.hello()
    alpha.wait_ready()
    if killed == "before the fill":
        assert alpha.event("algo", algoId=algo_id, state="live")["source"] == "reconcile"
        fall(exchange)
    published_completely(alpha, exchange, algo_id)
