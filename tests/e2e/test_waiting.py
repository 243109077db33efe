"""Requests that wait inside the gateway for a token, the fixed memory, and which process can claim which name."""

from __future__ import annotations

import time
from typing import Any

from tests.e2e.auditor import audit
from tests.e2e.processes import Exchange
from tests.e2e.strategy import Json, Strategy, spot

ETH = {"instId": "ETH-USDT", "px": "3900", "sz": "0.1"}
ETH_SWAP = {"instId": "ETH-USDT-SWAP", "tdMode": "cross", "px": "3900", "sz": "1"}
BTC_USD_SWAP = {"instId": "BTC-USD-SWAP", "tdMode": "cross", "sz": "1"}


def take_all_tokens(trader: Strategy, row: Json) -> Json:
    """Uses up an instrument's places, which no other test has touched, and returns the refusal of the order after them."""
    trader.ack("order", row, gw={"maxWaitMs": 5_000})  # the first window counts as used
    requests = [trader.submit("order", row, gw={"maxWaitMs": 0}) for _ in range(60)]
    results = [trader.event("ack", id=request_id)["data"][0]["reason"] for request_id in requests]
    assert results == [""] * 59 + ["rate_limited"]
    return trader.answer(requests[-1])


def test_over_the_limit_is_refused_with_the_time_of_the_next_token(trader: Strategy) -> None:
    refusal = take_all_tokens(trader, spot(**ETH))
    assert refusal["code"] == "1" and 0 < refusal["retryAfterMs"] <= 2_100
    ack = trader.event("ack", id=refusal["id"])
    assert ack["data"][0]["result"] == "rejected" and ack["retryAfterMs"] == refusal["retryAfterMs"]
    early = trader.ask("order", spot(**ETH), gw={"maxWaitMs": 50})
    assert early["reason"] == "rate_limited" and early["retryAfterMs"] > 0
    (late,) = trader.ack("order", spot(**ETH), gw={"maxWaitMs": 5_000})
    assert late["result"] == "accepted"


def test_waiting_requests_can_be_withdrawn_expire_and_keep_their_order(trader: Strategy, exchange: Exchange) -> None:
    take_all_tokens(trader, spot(**ETH_SWAP))
    since = exchange.next_record()
    wait = {"gw": {"maxWaitMs": 9_000}}
    withdrawn = trader.submit("order", spot(**ETH_SWAP, clOrdId=f"w{trader.name}"), **wait)
    batch = trader.submit("batch-orders", spot(**ETH_SWAP), **wait)  # a batch of one counts as a single order
    soon = str(time.time_ns() // 1_000_000 + 600)
    expiring = trader.submit("order", spot(**ETH_SWAP), expTime=soon, **wait)
    kept = trader.submit("order", spot(**{**ETH_SWAP, "sz": "3"}), **wait)
    amend = trader.submit("amend-order", {"instId": "ETH-USDT-SWAP", "gw": {"id": kept}, "newSz": "4"}, **wait)
    assert trader.data("status")["waiting"] == 5

    (cancel,) = trader.ack("cancel-order", {"instId": "ETH-USDT-SWAP", "clOrdId": f"w{trader.name}"})
    assert (cancel["result"], cancel["origin"]) == ("accepted", "gateway")
    ack = trader.event("ack", id=withdrawn)["data"][0]
    assert (ack["result"], ack["origin"], ack["reason"]) == ("rejected", "gateway", "cancelled_before_send")
    assert trader.answer(withdrawn)["reason"] == "cancelled_before_send"
    (cancel,) = trader.ack("cancel-order", {"instId": "ETH-USDT-SWAP", "gw": {"id": batch}})
    assert cancel["origin"] == "gateway"
    assert trader.answer(expiring)["reason"] == "expired"
    assert exchange.ledger("request", since) == []

    assert trader.event("ack", id=kept)["data"][0]["result"] == "accepted"
    assert trader.event("ack", id=amend)["data"][0]["result"] == "accepted"
    sent = exchange.ledger("request", since)
    assert [one["op"] for one in sent] == ["order", "amend-order"]
    assert trader.data("cancel-all", {"instId": "ETH-USDT-SWAP"})["withdrawn"] == 0


def test_cancel_all_withdraws_waiting_requests(trader: Strategy, exchange: Exchange) -> None:
    take_all_tokens(trader, spot(**BTC_USD_SWAP))
    live = len(trader.data("snapshot")["orders"])
    waiting = [trader.submit("order", spot(**BTC_USD_SWAP), gw={"maxWaitMs": 9_000}) for _ in range(3)]
    assert trader.data("cancel-all") == {"cancelled": live, "withdrawn": 3}
    for request_id in waiting:
        assert trader.event("ack", id=request_id)["data"][0]["reason"] == "cancelled_before_send"
    trader.wait(lambda: len(trader.events_of("order", terminal=True)) == live, "the end of the live orders")
    assert trader.data("snapshot")["orders"] == []


def test_half_of_a_waiting_batch_is_withdrawn(trader: Strategy, exchange: Exchange) -> None:
    take_rows = [spot(**ETH) for _ in range(20)]
    for _ in range(15):  # 300 rows use up the batches' budget
        trader.submit("batch-orders", *take_rows, gw={"maxWaitMs": 9_000})
    since = exchange.next_record()
    names = [f"h{n}{trader.name}" for n in range(4)]
    batch = trader.submit("batch-orders", *(spot(**ETH, clOrdId=name) for name in names), gw={"maxWaitMs": 20_000})
    rows = [{"instId": "ETH-USDT", "clOrdId": names[n]} for n in (0, 2)]
    cancels = trader.ack("batch-cancel-orders", *rows)
    assert [one["origin"] for one in cancels] == ["gateway"] * 2
    results = trader.event("ack", id=batch)["data"]
    assert [one["result"] for one in results] == ["rejected", "accepted", "rejected", "accepted"]
    arrived = [
        [row["clOrdId"] for row in one["args"]]
        for one in exchange.ledger("request", since)
        if one["op"] == "batch-orders"
    ]
    assert [names[1], names[3]] in arrived
    trader.data("cancel-all")


def test_waiting_counts_from_the_client_s_clock(trader: Strategy) -> None:
    """A request that waited beyond its age limit is stale; a waiting time allows a higher age."""
    two_seconds_ago = str(time.time_ns() - 2_000_000_000)
    assert trader.ask("order", spot(), gw={"sentNs": two_seconds_ago})["reason"] == "stale"
    (fresh,) = trader.ack("order", spot(), gw={"sentNs": two_seconds_ago, "maxWaitMs": 9_000})
    assert fresh["result"] == "accepted"


# --- fixed memory


def test_a_full_table_refuses_by_name_and_has_room_again(stage: Any) -> None:
    exchange, gateway = stage.unlimited({"requests": {"order_capacity": 64}})
    alpha = stage.trader(gateway)
    rows = [spot(px=str(80_000 + n)) for n in range(16)]
    for _ in range(4):
        assert [one["result"] for one in alpha.ack("batch-orders", *rows)] == ["accepted"] * 16
    since = exchange.next_record()
    for op, count in (("order", 1), ("batch-orders", 2)):
        refusal = alpha.ask(op, *rows[:1], args=rows[:count])
        assert refusal["reason"] == "capacity" and "order table" in refusal["msg"]
    assert exchange.ledger("request", since) == []
    assert alpha.data("cancel-all") == {"cancelled": 64, "withdrawn": 0}
    alpha.wait(lambda: len(alpha.events_of("order", terminal=True)) == 64, "64 ends")
    assert {one["result"] for one in alpha.ack("batch-orders", *rows)} == {"accepted"}
    audit(exchange, [alpha])


def test_a_forgotten_id_makes_no_second_order(stage: Any) -> None:
    """The results of the last 64 requests are held; an older id is still recognised."""
    exchange, gateway = stage.unlimited({"requests": {"request_capacity": 64, "waiting_capacity": 64}})
    alpha = stage.trader(gateway)
    for n in range(80):
        (row,) = alpha.ack("order", spot(), id=f"o{n}")
        alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": row["ordId"]}, id=f"c{n}")
    since = exchange.next_record()
    assert alpha.ask("order", spot(), id="o0")["reason"] == "duplicate_id"
    assert alpha.ask("order", spot(), id="o79")["duplicate"] is True
    assert exchange.ledger("request", since) == []
    audit(exchange, [alpha])


# --- identity


def test_configured_strategies_only(stage: Any) -> None:
    """With entries of their own, no other name is granted; each mints under its number, in any order of arrival."""
    exchange = stage.exchange("--limiter-window", "off")
    entries = [
        {"name": "alpha", "number": 7},
        {"name": "beta", "number": 919},
        {"name": "foreign", "number": 8, "users": [4_242]},
    ]
    gateway = stage.gateway(exchange, {"strategy": entries, "limits": {"window_ms": 1, "margin_ms": 0}})
    beta, alpha = stage.trader(gateway, "beta"), stage.trader(gateway, "alpha")
    assert alpha.hello()["number"] == 7
    assert alpha.place(spot())["clOrdId"].startswith("7") and len(alpha.place(spot())["clOrdId"]) == 17
    longest = beta.place(spot())["clOrdId"]
    assert longest.startswith("919") and int(longest) < 2**63
    for name in ("gamma", "foreign", "ALPHA"):
        refusal = stage.strategy(gateway, name).ask("hello", {"strategy": name})
        assert (refusal["reason"], refusal["data"]) == ("not_allowed", []) and name in refusal["msg"]
