"""The contract of docs/protocol.md beside plain trading: receipts, repeats, replay, heartbeats, queries, owners, waiting."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import zmq

from tests.e2e.processes import Exchange, Gateway
from tests.e2e.strategy import Json, Strategy, spot, swap

ETH = {"instId": "ETH-USDT", "px": "3900", "sz": "0.1"}


# --- hello, heartbeats, receipts


def test_hello_returns_all_members_of_the_contract(trader: Strategy) -> None:
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


def test_hello_returns_the_position_of_an_earlier_connection(
    trader: Strategy, module_stage: Any, gateway: Gateway
) -> None:
    trader.place(spot())
    trader.event("order", state="live")
    successor = module_stage.strategy(gateway, trader.name)
    hello = successor.hello()
    assert (hello["seq"], hello["lastId"]) == (2, trader.events_of("ack")[0]["id"])
    assert hello["number"] == trader.hello()["number"]


def test_heartbeats_come_by_themselves(trader: Strategy) -> None:
    trader.events.clear()
    for topic in (f"{trader.name}.heartbeat", "account.heartbeat", "gateway.heartbeat"):
        trader.wait_for_events(topic, 2, patience_s=5)
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
    """At once, not at the next full second: ten in a row come faster than heartbeats by the clock."""
    began = time.monotonic()
    for _ in range(10):
        listener = module_stage.strategy(gateway, trader.name)
        listener.event("heartbeat")
    assert time.monotonic() - began < 8


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
    trader.place(spot())
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


def test_an_empty_frame_before_the_request_comes_back(trader: Strategy) -> None:
    trader.send(b"", json.dumps({"id": "d", "op": "ping"}).encode())
    frames = trader.orders.recv_multipart()
    assert frames[0] == b"" and json.loads(frames[1])["id"] == "d"


def test_inst_id_code_names_the_instrument_too(trader: Strategy) -> None:
    row = spot(instIdCode=10_001)
    assert trader.place(row)["ordId"]
    del row["instId"]
    assert trader.place(row)["ordId"]


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
    trader.place(spot(clOrdId=name))
    for strategy in (trader, other):
        assert strategy.ask("order", spot(clOrdId=name))["reason"] == "cl_ord_id_in_use"
    twice = trader.ask(
        "batch-orders", spot(clOrdId=f"b{name}"), id="twice", args=[spot(clOrdId="same1"), spot(clOrdId="same1")]
    )
    assert twice["reason"] == "cl_ord_id_in_use"


# --- missed events


def test_replay_returns_missed_events(trader: Strategy, module_stage: Any, gateway: Gateway) -> None:
    """A listener that came late gets the same events in the same order, page by page."""
    for px in ("90001", "90002", "90003"):
        row = trader.place(spot(px=px))
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


def test_replay_of_the_common_owners(trader: Strategy) -> None:
    states = [
        one["event"]["state"]
        for one in trader.data("replay", {"owner": "gateway", "fromSeq": 1})["events"]
        if one["topic"] == "gateway.state"
    ]
    assert states == ["logging_in", "subscribing", "reconciling", "ready"] or states[0] == "connecting"
    topics = {one["topic"] for one in trader.data("replay", {"owner": "account", "fromSeq": 1})["events"]}
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
    for name in ({"ordId": order["ordId"]}, {"clOrdId": order["clOrdId"]}, {"id": order["id"], "row": 2}):
        assert trader.data("get-order", name) == order
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
    row = trader.place(spot())
    trader.ack("cancel-order", {"instId": "BTC-USDT", "ordId": row["ordId"]})
    trader.event("order", terminal=True)
    assert trader.data("snapshot")["orders"] == []
    assert trader.data("get-order", {"ordId": row["ordId"]})["state"] == "canceled"


# --- cancel-all


def test_cancel_all_of_one_instrument_then_of_all(trader: Strategy, other: Strategy, exchange: Exchange) -> None:
    theirs = other.place(spot())
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
        trader.place(spot())
        assert trader.ask("cancel-all", id="panic")["data"] == [{"cancelled": 1, "withdrawn": 0}]
        trader.wait_for_events("order", count, terminal=True)
        assert trader.data("snapshot")["orders"] == []
    assert trader.answers == []


# --- owners


def test_only_the_owner_cancels_and_amends(trader: Strategy, other: Strategy, exchange: Exchange) -> None:
    row = trader.place(spot())
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


def test_a_batch_with_another_s_order_is_refused_completely(
    trader: Strategy, other: Strategy, exchange: Exchange
) -> None:
    mine, theirs = trader.place(spot()), other.place(spot())
    since = exchange.next_record()
    rows = [{"instId": "BTC-USDT", "ordId": one["ordId"]} for one in (mine, theirs)]
    request_id = trader.submit("batch-cancel-orders", *rows)
    assert trader.answer(request_id)["reason"] == "not_owner"
    assert [one["result"] for one in trader.event("ack", id=request_id)["data"]] == ["rejected"] * 2
    assert exchange.ledger("request", since) == []


def test_external_orders_belong_to_the_account(trader: Strategy, exchange: Exchange) -> None:
    """Placed by another client of the same account: published to all, cancelled by any, amended by none."""
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


def test_account_pushes_arrive_unchanged(trader: Strategy, exchange: Exchange) -> None:
    exchange.command("quote", inst_id="BTC-USDT-SWAP", side="sell", px="100000", sz="3")
    row = trader.place(swap(ordType="ioc", px="100000", sz="3"))
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
