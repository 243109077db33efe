"""The contract of docs/protocol.md beside plain trading: receipts, repeats, replay, heartbeats, queries, owners, waiting."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import zmq

from tests.e2e.auditor import audit
from tests.e2e.processes import Exchange, Gateway
from tests.e2e.strategy import Json, Strategy, spot, swap

ETH = {"instId": "ETH-USDT", "px": "3900", "sz": "0.1"}


@pytest.fixture(scope="module")
def exchange(module_stage: Any) -> Exchange:
    started: Exchange = module_stage.exchange()
    return started


@pytest.fixture(scope="module")
def gateway(module_stage: Any, exchange: Exchange) -> Gateway:
    started: Gateway = module_stage.gateway(exchange)
    return started


@pytest.fixture
def trader(module_stage: Any, gateway: Gateway, new_name: Callable[[], str]) -> Strategy:
    """A strategy of its own for each test."""
    strategy: Strategy = module_stage.trader(gateway, new_name(), topics=("account.", "gateway."))
    return strategy


@pytest.fixture
def other(module_stage: Any, gateway: Gateway, new_name: Callable[[], str]) -> Strategy:
    strategy: Strategy = module_stage.trader(gateway, new_name())
    return strategy


def placed(trader: Strategy, row: Json) -> Json:
    (ack,) = trader.ack("order", row)
    assert ack["result"] == "accepted", ack
    return ack


# --- hello, heartbeats, receipts


def test_hello_tells_all_that_the_contract_names(trader: Strategy) -> None:
    hello = trader.hello()
    number, session = hello.pop("number"), hello.pop("session")
    assert 800 <= number <= 919 and session
    assert hello == {
        "strategy": trader.name,
        "protocol": 1,
        "seq": 0,
        "lastId": "",
        "ready": True,
        "state": "ready",
        "acctLv": "2",
        "posMode": "net_mode",
        "environment": "simulator",
        "limits": {
            "placePer2s": 60,
            "cancelPer2s": 60,
            "amendPer2s": 60,
            "batchRowsPer2s": 300,
            "maxWaitCapMs": 60_000,
        },
        "maxWaitMs": 0,
        "heartbeatMs": 1_000,
    }


def test_hello_tells_where_an_earlier_connection_had_come_to(
    trader: Strategy, module_stage: Any, gateway: Gateway
) -> None:
    placed(trader, spot())
    trader.event("order", state="live")
    successor = module_stage.strategy(gateway, trader.name)
    hello = successor.hello()
    assert (hello["seq"], hello["lastId"]) == (2, trader.events_of("ack")[0]["id"])
    assert hello["number"] == trader.hello()["number"]


def test_heartbeats_come_by_themselves(trader: Strategy) -> None:
    trader.events.clear()
    for topic in (f"{trader.name}.heartbeat", "account.heartbeat", "gateway.heartbeat"):
        trader.wait(lambda topic=topic: len(trader.events_of(topic)) >= 2, f"two of {topic}", 2.5)
        beat = trader.events_of(topic)[-1]
        assert beat.keys() == {"event", "session", "seq", "ready", "state", "nonces", "ns"}
        assert abs(int(beat["ns"]) - time.time_ns()) < 2_000_000_000


def test_nonces_of_the_last_hellos_come_back_together(trader: Strategy) -> None:
    for nonce in ("first", "second !~"):
        trader.data("hello", {"strategy": trader.name, "nonce": nonce})
    trader.wait(
        lambda: [e for e in trader.events_of("heartbeat") if {"first", "second !~"} <= set(e["nonces"])], "both"
    )


def test_a_subscription_is_answered_by_a_heartbeat(trader: Strategy, module_stage: Any, gateway: Gateway) -> None:
    """At once, not at the next full second: three in a row come faster than heartbeats by the clock."""
    began = time.monotonic()
    for _ in range(3):
        listener = module_stage.strategy(gateway, trader.name)
        listener.event("heartbeat")
    assert time.monotonic() - began < 1.5


def test_receipts_name_the_minted_ids(trader: Strategy) -> None:
    request_id = trader.submit(
        "batch-orders", spot(), spot(clOrdId=f"mine{trader.name}"), gw={"maxWaitMs": 9_000, "receipt": True}
    )
    receipt = trader.answer(request_id)
    rows = trader.event("ack", id=request_id)["data"]
    assert (receipt["code"], receipt["op"]) == ("0", "batch-orders")
    assert receipt["data"] == [{"row": one["row"], "clOrdId": one["clOrdId"]} for one in rows]
    assert rows[1]["clOrdId"] == f"mine{trader.name}"


def test_without_receipt_a_sent_request_is_answered_by_its_events_alone(trader: Strategy) -> None:
    placed(trader, spot())
    trader.ask("ping")
    assert trader.answers == []


def test_a_req_socket_trades(module_stage: Any, gateway: Gateway, new_name: Callable[[], str]) -> None:
    """Each request gets one answer, or a REQ socket could not go on."""
    req = module_stage.strategy(gateway, new_name(), kind=zmq.REQ)
    assert req.ask("ping")["reason"] == "hello_required"
    assert req.hello()["ready"]
    receipt = req.ask("order", spot(), gw={"maxWaitMs": 9_000})
    assert receipt["code"] == "0" and receipt["data"][0]["clOrdId"].isdigit()
    assert req.event("ack")["data"][0]["result"] == "accepted"
    cl_ord_id = receipt["data"][0]["clOrdId"]
    assert (
        req.ask("amend-order", {"instId": "BTC-USDT", "clOrdId": cl_ord_id, "newSz": "0.5"}, gw={"maxWaitMs": 9_000})[
            "code"
        ]
        == "0"
    )
    assert req.ask("cancel-order", {"instId": "BTC-USDT", "clOrdId": cl_ord_id}, gw={"maxWaitMs": 9_000})["code"] == "0"
    assert req.event("order", terminal=True)["clOrdId"] == cl_ord_id
    assert req.ask("order", spot(instId="NO-SUCH"))["reason"] == "unknown_instrument"
    req.send(b"nonsense")
    assert req.answer("")["reason"] == "not_json"
    assert req.data("status")["orders"] >= 0


# --- repeated ids


def test_a_repeated_id_gets_the_recorded_result_and_no_second_order(trader: Strategy, exchange: Exchange) -> None:
    request_id = trader.submit("order", spot(), gw={"maxWaitMs": 9_000})
    first = trader.event("ack", id=request_id)["data"][0]
    since = exchange.next_record()
    for row in (spot(), spot(px="1"), {}):
        again = trader.ask("order", row, id=request_id)
        assert (again["code"], again["duplicate"], again["op"]) == ("0", True, "order")
        assert again["data"] == [{key: value for key, value in first.items() if key != "okx"}]
    assert exchange.ledger("request", since) == [] and len(trader.events_of("ack", id=request_id)) == 1


def test_a_repeated_id_without_result_yet_is_pending(trader: Strategy, exchange: Exchange) -> None:
    exchange.command("delay_acks", ms=300)
    request_id = trader.submit("order", spot(), gw={"maxWaitMs": 9_000, "receipt": True})
    trader.answer(request_id)
    again = trader.ask("order", spot(), id=request_id)
    assert again["duplicate"] is True and again["data"][0]["result"] == "pending"
    assert trader.event("ack", id=request_id)["data"][0]["result"] == "accepted"


def test_ids_belong_to_one_strategy(trader: Strategy, other: Strategy) -> None:
    for strategy in (trader, other):
        strategy.submit("order", spot(), id="the-same", gw={"maxWaitMs": 9_000})
        assert strategy.event("ack", id="the-same")["data"][0]["result"] == "accepted"


def test_a_cl_ord_id_is_taken_once(trader: Strategy, other: Strategy) -> None:
    name = f"once{trader.name}"
    placed(trader, spot(clOrdId=name))
    for strategy in (trader, other):
        assert strategy.ask("order", spot(clOrdId=name))["reason"] == "cl_ord_id_in_use"
    twice = trader.ask(
        "batch-orders", spot(clOrdId=f"b{name}"), id="twice", args=[spot(clOrdId="same1"), spot(clOrdId="same1")]
    )
    assert twice["reason"] == "cl_ord_id_in_use"


# --- what was missed


def test_replay_gives_what_was_missed(trader: Strategy, module_stage: Any, gateway: Gateway) -> None:
    """A listener that came late gets the same events in the same order, page by page."""
    for px in ("90001", "90002", "90003"):
        row = placed(trader, spot(px=px))
        trader.event("order", ordId=row["ordId"])
        trader.ack("cancel-order", {"instId": "BTC-USDT", "ordId": row["ordId"]})
        trader.event("order", ordId=row["ordId"], terminal=True)
    late = module_stage.strategy(gateway, trader.name)
    hello = late.hello()
    seen = [
        (topic, event)
        for topic, event in trader.events
        if topic.startswith(f"{trader.name}.") and "heartbeat" not in topic
    ]
    assert hello["seq"] == seen[-1][1]["seq"] == len(seen) == 12
    replayed: list[tuple[str, Json]] = []
    more = True
    while more:
        page = late.data("replay", {"fromSeq": len(replayed) + 1, "limit": 5})
        replayed += [(one["topic"], one["event"]) for one in page["events"]]
        more = page["more"]
    assert replayed == seen
    assert late.data("replay", {"fromSeq": 12})["events"][0]["event"] == seen[-1][1]
    assert late.data("replay", {"fromSeq": 13})["events"] == []


def test_replay_of_the_common_families(trader: Strategy) -> None:
    states = [
        one["event"]["state"]
        for one in trader.data("replay", {"family": "gateway", "fromSeq": 1})["events"]
        if one["topic"] == "gateway.state"
    ]
    assert states == ["logging_in", "subscribing", "reconciling", "ready"] or states[0] == "connecting"
    topics = {one["topic"] for one in trader.data("replay", {"family": "account", "fromSeq": 1})["events"]}
    assert {"account.account", "account.positions", "account.balance_and_position"} <= topics


# --- queries


def test_status_snapshot_and_get_order(trader: Strategy, exchange: Exchange) -> None:
    rows = trader.ack("batch-orders", *(spot(px=str(80_000 + n), sz="0.02") for n in range(5)))
    trader.wait(lambda: len(trader.events_of("order", state="live")) == 5, "five live orders")
    snapshot = trader.data("snapshot")
    assert [one["ordId"] for one in snapshot["orders"]] == [one["ordId"] for one in rows]
    assert (snapshot["seq"], snapshot["from"], snapshot["more"]) == (6, 0, False)
    page = trader.data("snapshot", {"from": 3, "limit": 1})
    assert (page["orders"], page["from"], page["more"]) == ([snapshot["orders"][3]], 3, True)

    order = snapshot["orders"][2]
    truth = next(one for one in exchange.live_orders() if one["ordId"] == rows[2]["ordId"])
    for key in (
        "instId",
        "clOrdId",
        "ordId",
        "state",
        "side",
        "ordType",
        "tdMode",
        "px",
        "sz",
        "accFillSz",
        "cTime",
        "uTime",
    ):
        assert order[key] == truth[key], key
    assert (order["row"], order["result"], order["reason"]) == (2, "accepted", "")
    for key in ({"ordId": order["ordId"]}, {"clOrdId": order["clOrdId"]}, {"id": order["id"], "row": 2}):
        assert trader.data("get-order", key) == order
    assert trader.ask("get-order", {"id": order["id"], "row": 5})["reason"] == "unknown_order"

    status = trader.data("status")
    assert (status["state"], status["ready"], status["inFlight"], status["waiting"], status["unknown"]) == (
        "ready",
        True,
        0,
        0,
        [],
    )
    assert status["seq"] == 6 and status["orders"] == len(exchange.live_orders()) and status["counters"]["sent"] > 0
    assert abs(int(trader.data("ping")["ns"]) - time.time_ns()) < 1_000_000_000


def test_an_ended_order_is_known_and_no_longer_in_the_snapshot(trader: Strategy) -> None:
    row = placed(trader, spot())
    trader.ack("cancel-order", {"instId": "BTC-USDT", "ordId": row["ordId"]})
    trader.event("order", terminal=True)
    assert trader.data("snapshot")["orders"] == []
    assert trader.data("get-order", {"ordId": row["ordId"]})["state"] == "canceled"


# --- cancel-all


def test_cancel_all_of_one_instrument_then_of_all(trader: Strategy, other: Strategy, exchange: Exchange) -> None:
    theirs = placed(other, spot())
    mine = trader.ack("batch-orders", *(spot(px=str(80_000 + n)) for n in range(15)), *(spot(**ETH) for _ in range(5)))
    mine += trader.ack("batch-orders", *(spot(px=str(81_000 + n)) for n in range(10)))
    assert trader.data("cancel-all", {"instId": "ETH-USDT"}) == {"cancelled": 5, "withdrawn": 0}
    trader.wait(lambda: len(trader.events_of("order", terminal=True)) == 5, "five ends")
    assert {one["instId"] for one in trader.events_of("order", terminal=True)} == {"ETH-USDT"}
    request_id = trader.submit("cancel-all")
    assert trader.answer(request_id)["data"] == [{"cancelled": 25, "withdrawn": 0}]
    trader.wait(lambda: len(trader.events_of("order", terminal=True)) == 30, "thirty ends")
    acks = [trader.event("ack", id=f"{request_id}.{number}") for number in (1, 2)]
    assert [len(one["data"]) for one in acks] == [20, 5]
    assert {row["result"] for one in acks for row in one["data"]} == {"accepted"}
    assert {one["ordId"] for one in trader.events_of("order", terminal=True)} == {one["ordId"] for one in mine}
    assert theirs["ordId"] in {one["ordId"] for one in exchange.live_orders()}


def test_cancel_all_again_under_the_same_id_cancels_again(trader: Strategy) -> None:
    """An id of a gateway op need not be unique."""
    for count in (1, 2, 3):
        placed(trader, spot())
        assert trader.ask("cancel-all", id="panic")["data"] == [{"cancelled": 1, "withdrawn": 0}]
        trader.wait(
            lambda count=count: len(trader.events_of("order", terminal=True)) == count, f"the end of order {count}"
        )
        assert trader.data("snapshot")["orders"] == []
    assert trader.answers == []


# --- owners


def test_only_the_owner_cancels_and_amends(trader: Strategy, other: Strategy, exchange: Exchange) -> None:
    row = placed(trader, spot())
    trader.event("order", ordId=row["ordId"])
    since = exchange.next_record()
    for name in ({"ordId": row["ordId"]}, {"clOrdId": row["clOrdId"]}):
        for op, more in (
            ("cancel-order", {}),
            ("batch-cancel-orders", {}),
            ("amend-order", {"newSz": "1"}),
            ("batch-amend-orders", {"newSz": "1"}),
        ):
            assert other.ask(op, {"instId": "BTC-USDT", **name, **more})["reason"] == "not_owner", op
        assert other.ask("get-order", name)["reason"] == "not_owner"
    placing_id = trader.events_of("ack")[0]["id"]
    assert other.ask("cancel-order", {"instId": "BTC-USDT", "gw": {"id": placing_id}})["reason"] == "unknown_order"
    assert other.data("snapshot")["orders"] == [] and other.data("cancel-all") == {"cancelled": 0, "withdrawn": 0}
    assert exchange.ledger("request", since) == []
    assert not [topic for topic, _ in other.events if topic.startswith(trader.name)]


def test_a_batch_with_another_s_order_is_refused_whole(trader: Strategy, other: Strategy, exchange: Exchange) -> None:
    mine, theirs = placed(trader, spot()), placed(other, spot())
    since = exchange.next_record()
    rows = [{"instId": "BTC-USDT", "ordId": one["ordId"]} for one in (mine, theirs)]
    request_id = trader.submit("batch-cancel-orders", *rows)
    assert trader.answer(request_id)["reason"] == "not_owner"
    assert [one["result"] for one in trader.event("ack", id=request_id)["data"]] == ["rejected"] * 2
    assert exchange.ledger("request", since) == []


def test_orders_of_nobody_here_are_the_account_s(trader: Strategy, exchange: Exchange) -> None:
    """Placed by another client of the same account: told to all, cancelled by any, amended by none."""
    first, second = (
        exchange.place_by_rest(instId="BTC-USDT", tdMode="cash", side="buy", ordType="limit", px="99500", sz="0.1")
        for _ in range(2)
    )
    live = trader.event("account.order", ordId=first, state="live")
    assert (live["id"], live["row"], live["clOrdId"], live["instId"]) == ("", 0, "", "BTC-USDT")
    exchange.command("trade", inst_id="BTC-USDT", side="sell", px="99500", sz="0.1")
    fill = trader.event("account.fill", ordId=first)
    assert (fill["fillSz"], fill["fillPx"], fill["id"]) == ("0.1", "99500", "")
    assert trader.event("account.order", ordId=first, terminal=True)["state"] == "filled"
    assert trader.data("get-order", {"ordId": second})["state"] == "live"
    assert trader.ask("amend-order", {"instId": "BTC-USDT", "ordId": second, "newSz": "1"})["reason"] == "not_owner"
    (cancelled,) = trader.ack("cancel-order", {"instId": "BTC-USDT", "ordId": second})
    assert cancelled["result"] == "accepted"
    assert trader.event("account.order", ordId=second, terminal=True)["state"] == "canceled"


def test_account_pushes_come_as_they_are(trader: Strategy, exchange: Exchange) -> None:
    exchange.command("quote", inst_id="BTC-USDT-SWAP", side="sell", px="100000", sz="3")
    row = placed(trader, swap(ordType="ioc", px="100000", sz="3"))
    trader.event("fill", ordId=row["ordId"])
    push = trader.event("account.balance_and_position")["data"]
    assert push["arg"]["channel"] == "balance_and_position" and push["data"][0].keys() >= {"balData", "posData"}
    positions = trader.wait(
        lambda: [
            p
            for e in trader.events_of("account.positions")
            for p in e["data"]["data"]
            if p["instId"] == "BTC-USDT-SWAP" and p["pos"] != "0"
        ],
        "the position",
    )
    assert positions[0]["pos"] == "3"
    assert trader.event("account.account")["data"]["arg"]["channel"] == "account"


# --- waiting inside


ETH_SWAP = {"instId": "ETH-USDT-SWAP", "tdMode": "cross", "px": "3900", "sz": "1"}
BTC_USD_SWAP = {"instId": "BTC-USD-SWAP", "tdMode": "cross", "sz": "1"}


def take_all_tokens(trader: Strategy, row: Json) -> Json:
    """Uses up an instrument's places, which no other test has touched, and returns the refusal of the order after them."""
    trader.ack("order", row, gw={"maxWaitMs": 5_000})  # the first window counts as spent
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


def test_what_waits_can_be_withdrawn_expires_and_keeps_its_order(trader: Strategy, exchange: Exchange) -> None:
    take_all_tokens(trader, spot(**ETH_SWAP))
    since = exchange.next_record()
    wait = {"gw": {"maxWaitMs": 9_000}}
    withdrawn = trader.submit("order", spot(**ETH_SWAP, clOrdId=f"w{trader.name}"), **wait)
    batch = trader.submit("batch-orders", spot(**ETH_SWAP), **wait)  # a batch of one counts as a single order
    soon = str(time.time_ns() // 1_000_000 + 150)
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


def test_cancel_all_withdraws_what_waits(trader: Strategy, exchange: Exchange) -> None:
    take_all_tokens(trader, spot(**BTC_USD_SWAP))
    live = len(trader.data("snapshot")["orders"])
    waiting = [trader.submit("order", spot(**BTC_USD_SWAP), gw={"maxWaitMs": 9_000}) for _ in range(3)]
    assert trader.data("cancel-all") == {"cancelled": live, "withdrawn": 3}
    for request_id in waiting:
        assert trader.event("ack", id=request_id)["data"][0]["reason"] == "cancelled_before_send"
    trader.wait(lambda: len(trader.events_of("order", terminal=True)) == live, "the end of what was live")
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
    """A request that has slept longer than it may is stale; with its waiting time it may be older."""
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
    """With entries of their own, no other name is let in; each mints under its number, whichever comes first."""
    exchange = stage.exchange("--limiter-window", "off")
    entries = [
        {"name": "alpha", "number": 7},
        {"name": "beta", "number": 919},
        {"name": "foreign", "number": 8, "users": [4_242]},
    ]
    gateway = stage.gateway(exchange, {"strategy": entries, "limits": {"window_ms": 1, "margin_ms": 0}})
    beta, alpha = stage.trader(gateway, "beta"), stage.trader(gateway, "alpha")
    assert alpha.hello()["number"] == 7
    assert placed(alpha, spot())["clOrdId"].startswith("7") and len(placed(alpha, spot())["clOrdId"]) == 17
    longest = placed(beta, spot())["clOrdId"]
    assert longest.startswith("919") and int(longest) < 2**63
    for name in ("gamma", "foreign", "ALPHA"):
        refusal = stage.strategy(gateway, name).ask("hello", {"strategy": name})
        assert (refusal["reason"], refusal["data"]) == ("not_allowed", []) and name in refusal["msg"]


def test_an_empty_frame_before_the_request_comes_back(trader: Strategy) -> None:
    trader.send(b"", json.dumps({"id": "d", "op": "ping"}).encode())
    frames = trader.orders.recv_multipart()
    assert frames[0] == b"" and json.loads(frames[1])["id"] == "d"


def test_inst_id_code_names_the_instrument_too(trader: Strategy) -> None:
    row = spot(instIdCode=10_001)
    assert placed(trader, row)["ordId"]
    del row["instId"]
    assert placed(trader, row)["ordId"]
