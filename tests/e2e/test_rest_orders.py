"""REST order entry: requests that OKX takes only by REST, and requests while the WebSocket is down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.auditor import audit
from tests.e2e.processes import UID, UNLIMITED, Exchange, Gateway
from tests.e2e.strategy import Json, Strategy, spot, swap

REQUESTS = {"ack_timeout_ms": 1_500, "order_ttl_ms": 500}
SESSION = {"backoff_first_ms": 334, "backoff_max_ms": 400, "sweep_s": 3_600, "login_timeout_ms": 500}
SL = {"slTriggerPx": "85000", "slOrdPx": "-1"}


@pytest.fixture(scope="module")
def exchange(module_stage: Any) -> Exchange:
    started: Exchange = module_stage.exchange("--limiter-window", "off")
    return started


@pytest.fixture(scope="module")
def gateway(module_stage: Any, exchange: Exchange) -> Gateway:
    rest = {"rest_orders": {"fallback": "all"}}
    started: Gateway = module_stage.gateway(exchange, {**UNLIMITED, **rest, "requests": REQUESTS, "session": SESSION})
    return started


@pytest.fixture(scope="module")
def veteran(module_stage: Any, exchange: Exchange, gateway: Gateway) -> Strategy:
    strategy: Strategy = module_stage.trader(gateway, topics=("gateway.", "account."))
    return strategy


@pytest.fixture
def alpha(veteran: Strategy, exchange: Exchange) -> Iterator[Strategy]:
    """Each test begins and ends without faults, with a live stream and nothing open."""
    exchange.command("withdraw", inst_id="BTC-USDT")
    yield veteran
    exchange.command("clear")
    veteran.wait(lambda: is_quiet(veteran.data("status")), "nothing open")
    veteran.data("cancel-all")
    veteran.wait(lambda: not veteran.data("snapshot")["orders"], "no orders")


def is_quiet(status: Json) -> bool:
    return status["state"] == "ready" and status["inFlight"] == 0 and status["unknown"] == []


def posts(exchange: Exchange, since: int) -> list[tuple[str, Any]]:
    """Paths and bodies of the REST requests."""
    calls = [one for one in exchange.ledger("http", since) if one["method"] == "POST"]
    return [(one["target"], json.loads(one["body"])) for one in calls]


def cut_off(alpha: Strategy, exchange: Exchange) -> None:
    """The private WebSocket is lost and does not come back until `clear`."""
    exchange.command("swallow_logins", count=0, path="private")
    exchange.command("drop", path="private")
    alpha.wait(lambda: alpha.data("status")["state"] == "degraded", "orders by REST")


# --- requests that OKX takes only by REST


def test_an_order_with_an_attached_stop(alpha: Strategy, exchange: Exchange) -> None:
    """Its sub-objects arrive unchanged, with an id if they have none; after the fill the stop is live at the exchange, and triggers there."""
    since = exchange.next_record()
    request_id = alpha.next_id()
    row = swap(px="95000", sz="1", attachAlgoOrds=[SL])
    (ack,) = alpha.ack("order", row, id=request_id)
    assert ack["result"] == "accepted" and ack["okx"]["sMsg"] == "Order placed"
    assert alpha.event("ack", id=request_id)["gw"]["route"] == "rest"
    ((path, body),) = posts(exchange, since)
    minted = body["attachAlgoOrds"][0]["attachAlgoClOrdId"]
    assert path == "/api/v5/trade/order" and minted.isdigit() and minted != ack["clOrdId"]
    assert body == {**row, "clOrdId": ack["clOrdId"], "attachAlgoOrds": [{**SL, "attachAlgoClOrdId": minted}]}
    (request,) = [one for one in exchange.ledger("request", since) if one["op"] == "order"]
    assert request["transport"] == "rest" and request["exp_time"] is not None
    assert alpha.event("order", ordId=ack["ordId"], state="live")["id"] == request_id

    exchange.command("trade", inst_id="BTC-USDT-SWAP", side="sell", px="95000", sz="1")
    assert alpha.event("fill", ordId=ack["ordId"])["fillSz"] == "1"
    exchange.command("quote", inst_id="BTC-USDT-SWAP", side="buy", px="84000", sz="10")
    exchange.command("trade", inst_id="BTC-USDT-SWAP", side="sell", px="84000", sz="1")
    alpha.wait(lambda: "effective" in {one["state"] for one in exchange.ledger("algo", since)}, "the stop triggers")
    triggered = [one for one in exchange.ledger("order", since) if one["side"] == "sell" and one["uid"] == UID]
    assert triggered[-1]["state"] == "filled"
    exchange.command("withdraw", inst_id="BTC-USDT-SWAP")


def test_a_batch_with_one_attached_stop_is_sent_completely(alpha: Strategy, exchange: Exchange) -> None:
    """One row is refused; each row's result is its own."""
    since = exchange.next_record()
    rows = [swap(px="90000", attachAlgoOrds=[SL]), spot(px="90000.123"), spot(px="90001")]
    acks = alpha.ack("batch-orders", *rows)
    assert [one["result"] for one in acks] == ["accepted", "rejected", "accepted"]
    ((path, body),) = posts(exchange, since)
    assert path == "/api/v5/trade/batch-orders" and [one["instId"] for one in body] == [one["instId"] for one in rows]
    for ack in (acks[0], acks[2]):
        alpha.event("order", ordId=ack["ordId"], state="live")


def test_an_attached_stop_is_amended(alpha: Strategy, exchange: Exchange) -> None:
    (ack,) = alpha.ack("order", swap(px="90000", attachAlgoOrds=[{**SL, "attachAlgoClOrdId": "stop1"}]))
    change = [{"attachAlgoClOrdId": "stop1", "newSlTriggerPx": "84000"}]
    amend = {"instId": "BTC-USDT-SWAP", "ordId": ack["ordId"], "attachAlgoOrds": change}
    (amended,) = alpha.ack("amend-order", amend)
    assert amended["result"] == "accepted", amended
    # a cancel goes by the socket, as ever
    since = exchange.next_record()
    (cancelled,) = alpha.ack("cancel-order", {"instId": "BTC-USDT-SWAP", "ordId": ack["ordId"]})
    assert cancelled["result"] == "accepted" and posts(exchange, since) == []
    end = alpha.event("order", ordId=ack["ordId"], terminal=True)
    assert end["data"]["attachAlgoOrds"][0]["slTriggerPx"] == "84000"


def test_a_cancel_waits_for_a_placement_that_is_slow(alpha: Strategy, exchange: Exchange) -> None:
    exchange.command("rest_delay", op="POST trade/order", ms=300, when="before")
    placed = alpha.submit("order", swap(px="90000", attachAlgoOrds=[SL]), gw={"maxWaitMs": 5_000})
    cancelled = alpha.submit("cancel-order", {"instId": "BTC-USDT-SWAP", "gw": {"id": placed}}, gw={"maxWaitMs": 5_000})
    assert alpha.event("ack", id=cancelled)["data"][0]["result"] == "accepted"
    order = alpha.event("ack", id=placed)["data"][0]
    assert alpha.event("order", ordId=order["ordId"], terminal=True)["state"] == "canceled"


# --- proofs by answers, and missing answers


FAULTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "cut off before acting": ("rest_reset", {"when": "before"}, "connection_lost"),
    "reset after acting": ("rest_reset", {"when": "after", "bytes": 0, "rst": True}, "connection_lost"),
    "cut off in the answer": ("rest_reset", {"when": "after", "bytes": 30}, "connection_lost"),
    "502 having acted": ("rest_errors", {"status": 502, "acts": True, "body": "html"}, "okx_unknown"),
    "503 not having acted": ("rest_errors", {"status": 503, "acts": False, "body": "json"}, "okx_unknown"),
    "overload": ("rest_errors", {"status": 429, "acts": False, "body": "text"}, "okx_unknown"),
    "a code that proves nothing": ("rest_refuse", {"code": "50026", "acts": True}, "okx_unknown"),
    "no rows": ("rest_empty", {"form": "data"}, "okx_unknown"),
    "no envelope": ("rest_empty", {"form": "object"}, "okx_unknown"),
    "no body": ("rest_empty", {"form": "body"}, "okx_unknown"),
    "late": ("rest_delay", {"ms": 2_500, "when": "after"}, "ack_timeout"),
}


def test_without_proof_it_is_unknown_and_then_resolved_as_in_the_ledger(alpha: Strategy, exchange: Exchange) -> None:
    since = exchange.next_record()
    unknown = {}
    for fault, (verb, params, reason) in FAULTS.items():
        exchange.command("lose_pushes")
        exchange.command(verb, op="POST trade/order", **params)
        request_id = alpha.submit("order", swap(px="90000", attachAlgoOrds=[SL]), gw={"maxWaitMs": 5_000})
        row = alpha.event("ack", id=request_id, event="ack")["data"][0]
        assert (row["result"], row["reason"]) == ("unknown", reason), fault
        unknown[fault] = (request_id, row["clOrdId"])
        exchange.command("clear")
    results = {}
    for fault, (request_id, cl_ord_id) in unknown.items():
        resolved = alpha.event("ack", id=request_id, event="resolved")
        placed = {one["ord_id"] for one in exchange.ledger("order", since) if one["cl_ord_id"] == cl_ord_id}
        assert resolved["result"] == ("accepted" if placed else "rejected") and placed <= {resolved["ordId"]}, fault
        results[fault] = resolved["result"]
    acting = {fault for fault, result in results.items() if result == "accepted"}
    assert FAULTS.keys() - acting == {"cut off before acting", "503 not having acted", "overload"}
    alpha.wait(lambda: len(posts(exchange, since)) == len(FAULTS), "the simulator's records of all calls")
    assert len({body["clOrdId"] for _, body in posts(exchange, since)}) == len(FAULTS), "none is sent again"


@pytest.mark.parametrize(
    ("verb", "params", "s_code"),
    [
        ("rest_refuse", {"code": "50011"}, "50011"),
        ("rest_errors", {"status": 403, "body": "html"}, "403"),
        ("rest_errors", {"status": 404, "body": "empty"}, "404"),
    ],
)
def test_refused_for_certain(alpha: Strategy, exchange: Exchange, verb: str, params: Json, s_code: str) -> None:
    exchange.command(verb, op="POST trade/order", **params)
    (row,) = alpha.ack("order", swap(px="90000", attachAlgoOrds=[SL]))
    assert (row["result"], row["origin"], row["sCode"]) == ("rejected", "okx", s_code)


# --- while the WebSocket is down


def test_orders_amends_and_cancels_by_rest(alpha: Strategy, exchange: Exchange) -> None:
    """With `fallback` "all", and without a stream: states and fills come from REST soon; then the stream returns."""
    (resting,) = alpha.ack("order", spot(px="80000"))
    alpha.event("order", ordId=resting["ordId"], state="live")
    cut_off(alpha, exchange)
    since = exchange.next_record()
    (cancelled,) = alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": resting["ordId"]})
    assert cancelled["result"] == "accepted"
    assert alpha.event("order", ordId=resting["ordId"], terminal=True)["source"] == "reconcile"

    (placed,) = alpha.ack("order", spot(px="81000", sz="0.02"))
    assert alpha.event("order", ordId=placed["ordId"], state="live")["source"] == "reconcile"
    (amended,) = alpha.ack("amend-order", {"instId": "BTC-USDT", "ordId": placed["ordId"], "newPx": "82000"})
    assert amended["result"] == "accepted"
    exchange.command("trade", inst_id="BTC-USDT", side="sell", px="82000", sz="0.01")
    assert alpha.event("fill", ordId=placed["ordId"])["fillPx"] == "82000"
    alpha.data("cancel-all")
    end = alpha.event("order", ordId=placed["ordId"], terminal=True)
    assert (end["state"], end["accFillSz"]) == ("canceled", "0.01")
    assert [path.rpartition("/")[2] for path, _ in posts(exchange, since)] == [
        "cancel-order", "order", "amend-order", "cancel-batch-orders"
    ]  # fmt: skip

    since = exchange.next_record()
    exchange.command("clear")
    alpha.wait(lambda: alpha.data("status")["state"] == "ready", "the stream again")
    alpha.place(spot(px="80000"))
    assert posts(exchange, since) == []


def test_unknown_results_are_resolved_without_the_stream(alpha: Strategy, exchange: Exchange) -> None:
    cut_off(alpha, exchange)
    exchange.command("rest_reset", op="POST trade/order", when="after", bytes=0)
    request_id = alpha.submit("order", spot(px="80000"))
    assert alpha.event("ack", id=request_id, event="ack")["data"][0]["reason"] == "connection_lost"
    resolved = alpha.event("ack", id=request_id, event="resolved")
    assert (resolved["result"], resolved["proof"]) == ("accepted", "order_query")
    assert alpha.data("status")["state"] == "degraded"


def test_no_orders_by_rest_while_rest_comparisons_fail(alpha: Strategy, exchange: Exchange) -> None:
    (resting,) = alpha.ack("order", spot(px="80000"))
    cut_off(alpha, exchange)
    exchange.command("rest_errors", op="GET trade/orders-pending", status=503, count=0)
    alpha.wait(lambda: not alpha.data("status")["ready"], "no orders")
    (refused,) = alpha.ack("order", spot(px="80000"), gw={"maxWaitMs": 0})
    assert refused["reason"] == "not_ready"
    (cancelled,) = alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": resting["ordId"]})
    assert cancelled["result"] == "accepted", "cancels are still sent"
    exchange.command("clear")
    alpha.event("order", ordId=resting["ordId"], terminal=True)


def test_everything_was_published(alpha: Strategy, exchange: Exchange) -> None:
    """The last test of the module: compares everything with the exchange's ledger."""
    audit(exchange, [alpha])


def test_by_default_cancels_go_before_the_first_login(stage: Any) -> None:
    """An order of an earlier run is cancelled although the gateway has never had a WebSocket; new orders wait."""
    exchange, gateway = stage.unlimited()
    alpha = stage.trader(gateway)
    (resting,) = alpha.ack("order", spot())
    alpha.event("order", ordId=resting["ordId"], state="live")
    assert gateway.terminate() == 0
    exchange.command("swallow_logins", count=0, path="private")
    again = stage.gateway(exchange, UNLIMITED, name="again")
    beta = stage.strategy(again)
    assert beta.hello()["ready"] is False
    beta.wait(lambda: beta.data("status")["state"] == "logging_in", "on its way")
    request_id = beta.submit("cancel-order", {"instId": "BTC-USDT", "ordId": resting["ordId"]}, gw={"maxWaitMs": 9_000})
    assert beta.event("ack", id=request_id)["data"][0]["result"] == "accepted"
    assert beta.event("order", ordId=resting["ordId"], terminal=True)["state"] == "canceled"
    assert beta.ask("order", spot(), gw={"maxWaitMs": 0})["reason"] == "not_ready"
