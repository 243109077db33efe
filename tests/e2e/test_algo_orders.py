"""Stop-loss, take-profit, trigger and trailing orders through the gateway, against the exchange's own ledger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.processes import UNLIMITED, Exchange
from tests.e2e.strategy import Json, Strategy, spot, swap

ALGO = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": "sell", "sz": "1"}
SESSION = {"backoff_first_ms": 334, "backoff_max_ms": 400}
TYPES: dict[str, Json] = {
    "conditional": {"slTriggerPx": "95000", "slOrdPx": "-1"},
    "oco": {"slTriggerPx": "95000", "slOrdPx": "-1", "tpTriggerPx": "120000", "tpOrdPx": "-1"},
    "trigger": {"triggerPx": "95000", "orderPx": "-1"},
    "move_order_stop": {"callbackRatio": "0.05"},
}


@pytest.fixture(scope="module")
def exchange(module_stage: Any) -> Exchange:
    started: Exchange = module_stage.exchange("--limiter-window", "off")
    return started


@pytest.fixture(scope="module")
def gateway(module_stage: Any, exchange: Exchange) -> Any:
    return module_stage.gateway(exchange, {"session": SESSION})


@pytest.fixture
def alpha(trader: Strategy, exchange: Exchange) -> Iterator[Strategy]:
    """A market at 100000 with deep quotes on both sides; remaining orders are cancelled at the end."""
    exchange.command("withdraw", inst_id="BTC-USDT-SWAP")
    exchange.command("quote", inst_id="BTC-USDT-SWAP", side="sell", px="100000", sz="1")
    exchange.command("trade", inst_id="BTC-USDT-SWAP", side="buy", px="100000", sz="1")
    yield trader
    exchange.command("clear")
    trader.data("cancel-all")


def fall(exchange: Exchange) -> None:
    """The market trades at 95000; the next market sell meets a bid at 94000."""
    exchange.command("quote", inst_id="BTC-USDT-SWAP", side="buy", px="94000", sz="9")
    exchange.command("quote", inst_id="BTC-USDT-SWAP", side="sell", px="95000", sz="1")
    exchange.command("trade", inst_id="BTC-USDT-SWAP", side="buy", px="95000", sz="1")


def place(strategy: Strategy, **members: Any) -> Json:
    (ack,) = strategy.ack("order-algo", {**ALGO, **members})
    assert ack["result"] == "accepted", (ack["sCode"], ack["msg"])
    strategy.event("algo", algoId=ack["algoId"], state="live")
    return ack


@pytest.mark.parametrize("ord_type", TYPES)
def test_one_that_triggers(alpha: Strategy, exchange: Exchange, ord_type: str) -> None:
    ack = place(alpha, ordType=ord_type, **TYPES[ord_type])
    assert (ack["origin"], ack["sCode"], ack["okx"]["algoId"]) == ("okx", "0", ack["algoId"])
    assert ack["algoClOrdId"].isdigit() and ack["algoClOrdId"] == ack["okx"]["algoClOrdId"]
    fall(exchange)
    end = alpha.event("algo", algoId=ack["algoId"], terminal=True)
    (ord_id,) = end["ordIdList"]
    assert (end["state"], end["algoClOrdId"], end["ordType"]) == ("effective", ack["algoClOrdId"], ord_type)
    order = alpha.event("order", ordId=ord_id, terminal=True)
    assert (order["state"], order["algoId"], order["algoClOrdId"]) == ("filled", ack["algoId"], ack["algoClOrdId"])
    fills = alpha.events_of("fill", ordId=ord_id)
    booked = [one for one in exchange.ledger("fill") if one["ord_id"] == ord_id]
    assert [(one["fillPx"], one["fillSz"], one["tradeId"]) for one in fills] == [
        (one["px"], one["sz"], one["trade_id"]) for one in booked
    ]
    states = [one["state"] for one in exchange.ledger("algo") if one["algoId"] == ack["algoId"]]
    assert [one["state"] for one in alpha.events_of("algo", algoId=ack["algoId"])] == states == ["live", "effective"]
    assert alpha.events_of("account.order", ordId=ord_id) == []


def test_amend_and_cancel(alpha: Strategy, exchange: Exchange) -> None:
    ack = place(alpha, ordType="trigger", triggerPx="90000", orderPx="-1")
    (amended,) = alpha.ack("amend-algos", {"instId": "BTC-USDT-SWAP", "algoId": ack["algoId"], "newSz": "2"})
    assert amended["result"] == "accepted" and amended["algoId"] == ack["algoId"]
    moved = alpha.wait(lambda: [e for e in alpha.events_of("algo") if e["data"]["sz"] == "2"], "the amended one")[0]
    assert (moved["state"], moved["data"]["reqId"], moved["data"]["amendResult"]) == (
        "live",
        amended["okx"]["reqId"],
        "0",
    )
    (cancelled,) = alpha.ack("cancel-algos", {"instId": "BTC-USDT-SWAP", "algoClOrdId": ack["algoClOrdId"]})
    assert cancelled["result"] == "accepted"
    assert alpha.event("algo", algoId=ack["algoId"], terminal=True)["state"] == "canceled"
    (again,) = alpha.ack("cancel-algos", {"instId": "BTC-USDT-SWAP", "algoId": ack["algoId"]})
    assert (again["result"], again["origin"], again["sCode"]) == ("rejected", "okx", "51400")


def test_ids_are_kept(alpha: Strategy) -> None:
    """A request id seen again, an algoClOrdId in use, and an algo order named by the request that placed it."""
    row = {**ALGO, "ordType": "trigger", "triggerPx": "90000", "orderPx": "-1", "algoClOrdId": "mine1"}
    request_id = alpha.submit("order-algo", row, gw={"maxWaitMs": 10_000, "receipt": True})
    assert alpha.answer(request_id)["data"] == [{"row": 0, "algoClOrdId": "mine1"}]
    placed = alpha.event("ack", id=request_id)["data"][0]
    repeat = alpha.ask("order-algo", row, id=request_id)
    assert repeat["duplicate"] and repeat["data"][0]["algoId"] == placed["algoId"]
    assert alpha.ask("order-algo", row)["reason"] == "cl_ord_id_in_use"
    alpha.event("algo", algoId=placed["algoId"], id=request_id, state="live")
    (shown,) = alpha.data("snapshot")["algos"]
    assert (shown["id"], shown["algoId"], shown["state"]) == (request_id, placed["algoId"], "live")
    alpha.ack("cancel-algos", {"instId": "BTC-USDT-SWAP", "gw": {"id": request_id}})
    alpha.event("algo", algoId=placed["algoId"], state="canceled")
    assert alpha.data("snapshot")["algos"] == []


def test_no_strategy_changes_another_s_algo_order(alpha: Strategy, other: Strategy) -> None:
    ack = place(alpha, ordType="trigger", triggerPx="90000", orderPx="-1")
    for op, more in (("cancel-algos", {}), ("amend-algos", {"newSz": "2"})):
        refused = other.ask(op, {"instId": "BTC-USDT-SWAP", "algoId": ack["algoId"], **more})
        assert refused["reason"] == "not_owner"
    assert other.data("cancel-all") == {"cancelled": 0, "withdrawn": 0}
    assert other.events_of("algo") == []


def test_cancel_all_leaves_no_order_that_can_trade_later(alpha: Strategy) -> None:
    algos = [place(alpha, ordType="trigger", triggerPx=str(90_000 + n), orderPx="-1") for n in range(12)]
    order = alpha.place(swap(px="90000"))
    assert alpha.data("cancel-all") == {"cancelled": 13, "withdrawn": 0}
    for ack in algos:
        assert alpha.event("algo", algoId=ack["algoId"], terminal=True)["state"] == "canceled"
    alpha.event("order", ordId=order["ordId"], terminal=True)


def test_a_lost_answer(alpha: Strategy, exchange: Exchange) -> None:
    """Executed: OKX's push or a question proves it. It is not sent again."""
    exchange.command("rest_reset", when="after", bytes=0, op="POST trade/order-algo")
    request_id = alpha.submit("order-algo", {**ALGO, "ordType": "trigger", "triggerPx": "90000", "orderPx": "-1"})
    row = alpha.event("ack", id=request_id)["data"][0]
    if row["result"] == "unknown":
        assert alpha.event("ack", id=request_id, event="resolved")["result"] == "accepted"
    live = alpha.event("algo", algoClOrdId=row["algoClOrdId"], state="live")
    sent = [
        one
        for one in exchange.ledger("request")
        for arg in one["args"]
        if arg.get("algoClOrdId") == live["algoClOrdId"]
    ]
    assert len(sent) == 1


def test_one_that_triggers_while_the_business_stream_is_down(alpha: Strategy, exchange: Exchange) -> None:
    ack = place(alpha, ordType="conditional", **TYPES["conditional"])
    exchange.command("swallow_logins", path="business", count=1)
    exchange.command("drop", path="business")
    fall(exchange)
    end = alpha.event("algo", algoId=ack["algoId"], terminal=True)
    assert (end["state"], end["source"]) == ("effective", "reconcile")
    order = alpha.event("order", ordId=end["ordIdList"][0], terminal=True)
    assert (order["state"], order["algoId"]) == ("filled", ack["algoId"])


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"ordType": "conditional"}, "slTriggerPx"),
        ({"ordType": "oco", "slTriggerPx": "1"}, "tpTriggerPx"),
        ({"ordType": "trigger", "triggerPx": "1"}, "orderPx"),
        ({"ordType": "move_order_stop"}, "callbackRatio"),
        ({"ordType": "limit"}, "ordType"),
        ({"ordType": "trigger", "triggerPx": "1", "orderPx": "-1", "sz": ""}, "sz"),
    ],
)
def test_a_missing_member_is_refused_before_anything_is_sent(alpha: Strategy, changes: Json, key: str) -> None:
    refused = alpha.ask("order-algo", {**ALGO, **changes})
    assert refused["reason"] == "bad_request" and f"args[0].{key} " in refused["msg"]


def test_a_trigger_price_on_the_wrong_side_is_refused_at_once(alpha: Strategy) -> None:
    """OKX docs, Error Code: 51280 SL trigger price cannot be higher than the last price."""
    (refused,) = alpha.ack("order-algo", {**ALGO, "ordType": "conditional", "slTriggerPx": "101000", "slOrdPx": "-1"})
    assert (refused["result"], refused["origin"], refused["sCode"]) == ("rejected", "okx", "51280")


def test_kill_and_restart_with_live_algo_orders(stage: Any) -> None:
    exchange, gateway = stage.unlimited({"session": SESSION})
    alpha = stage.trader(gateway)
    alpha.place(spot())
    acks = [place(alpha, ordType=kind, **members) for kind, members in TYPES.items()]
    gateway.kill()
    exchange.command("quote", inst_id="BTC-USDT-SWAP", side="sell", px="100000", sz="1")
    fall(exchange)
    stage.gateway(exchange, {**UNLIMITED, "session": SESSION}, name="second")
    alpha.hello()
    alpha.wait_ready()
    for ack in acks:
        ends = [one for one in exchange.ledger("algo") if one["algoId"] == ack["algoId"] and one["state"] != "live"]
        end = alpha.event("algo", algoId=ack["algoId"], terminal=True)
        assert (end["state"], end["source"]) == (ends[0]["state"], "reconcile")
        for ord_id in ends[0]["ordIdList"]:
            assert alpha.event("order", ordId=ord_id)["algoId"] == ack["algoId"]
    assert alpha.data("snapshot")["algos"] == []


def test_get_order_of_an_algo_order_by_each_of_its_names(alpha: Strategy, exchange: Exchange) -> None:
    ack = place(alpha, ordType="trigger", **TYPES["trigger"])
    request_id = alpha.event("ack", data=[ack])["id"]
    (shown,) = alpha.data("snapshot")["algos"]
    for name in ({"algoId": ack["algoId"]}, {"algoClOrdId": ack["algoClOrdId"]}, {"id": request_id}):
        assert alpha.data("get-order", name) == shown
    assert (shown["state"], shown["ordType"], shown["result"]) == ("live", "trigger", "accepted")
    alpha.ack("cancel-algos", {"instId": ALGO["instId"], "algoId": ack["algoId"]})
    alpha.event("algo", algoId=ack["algoId"], terminal=True)
    assert alpha.data("get-order", {"algoId": ack["algoId"]})["state"] == "canceled"
    assert alpha.ask("get-order", {"algoId": "1"})["reason"] == "unknown_order"
    assert alpha.ask("get-order", {"algoId": "1", "ordId": "1"})["reason"] == "bad_request"


def test_switched_off_they_are_refused_with_a_text(stage: Any) -> None:
    exchange = stage.exchange("--limiter-window", "off")
    gateway = stage.gateway(exchange, {**UNLIMITED, "rest_orders": {"algo_orders": False}})
    alpha = stage.trader(gateway)
    row = {**ALGO, "ordType": "trigger", **TYPES["trigger"]}
    refused = alpha.ask("order-algo", row, gw={"maxWaitMs": 5_000})
    assert refused["reason"] == "not_supported" and "algo_orders is false" in refused["msg"]
    amend = alpha.ask("amend-algos", {"instId": ALGO["instId"], "algoId": "1", "newSz": "2"})
    assert amend["reason"] == "not_supported"
    (cancel,) = alpha.ack("cancel-algos", {"instId": ALGO["instId"], "algoId": "1"})
    assert (cancel["result"], cancel["origin"]) == ("rejected", "okx")
