"""Connections that are lost, refused, closed or fall silent: the gateway reconnects, and recovers the missed events."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.auditor import audit
from tests.e2e.processes import UNLIMITED, Exchange, Gateway, wait_until
from tests.e2e.strategy import Json, Strategy, spot

BACKOFF = {"backoff_first_ms": 334, "backoff_max_ms": 400}
REQUESTS = {"ack_timeout_ms": 2_000, "order_ttl_ms": 500}
STATES = {
    "connecting",
    "logging_in",
    "subscribing",
    "reconciling",
    "ready",
    "draining",
    "waiting",
    "failed",
    "stopping",
    "stopped",
}


@pytest.fixture(scope="module")
def exchange(module_stage: Any) -> Exchange:
    started: Exchange = module_stage.exchange("--limiter-window", "off")
    return started


@pytest.fixture(scope="module")
def gateway(module_stage: Any, exchange: Exchange) -> Gateway:
    started: Gateway = module_stage.gateway(exchange, {**UNLIMITED, "session": BACKOFF, "requests": REQUESTS})
    return started


@pytest.fixture(scope="module")
def veteran(module_stage: Any, exchange: Exchange, gateway: Gateway) -> Iterator[Strategy]:
    strategy: Strategy = module_stage.trader(gateway, topics=("gateway.", "account."))
    yield strategy
    audit(exchange, [strategy])
    assert {one["state"] for one in strategy.events_of("gateway.state")} <= STATES


@pytest.fixture
def alpha(veteran: Strategy, exchange: Exchange) -> Iterator[Strategy]:
    """Each test begins ready, and without an order of an earlier one."""
    veteran.wait(lambda: veteran.data("status")["ready"], "ready")
    veteran.data("cancel-all")
    veteran.wait(lambda: not veteran.data("snapshot")["orders"], "no orders")
    yield veteran
    exchange.command("clear")


def resting(alpha: Strategy, **members: Any) -> Json:
    (row,) = alpha.ack("order", spot(**members))
    alpha.event("order", ordId=row["ordId"], state="live")
    return row


def cancel(alpha: Strategy, order: Json) -> None:
    (row,) = alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": order["ordId"]})
    assert row["result"] == "accepted"
    assert alpha.event("order", ordId=order["ordId"], terminal=True)["state"] == "canceled"


def comes_back(alpha: Strategy, states_before: int) -> list[str]:
    """Waits for ready and returns the states on the way."""

    def since() -> list[str]:
        return [one["state"] for one in alpha.events_of("gateway.state")[states_before:]]

    return alpha.wait(lambda: since() if "waiting" in since() and since()[-1] == "ready" else [], "ready again")


# the close code, and whether an alarm is raised; other tests check all codes of OKX one by one
CLOSES = {1009: True, 3999: False, 4004: False, 4005: True, 4006: False, 4007: True}


@pytest.mark.parametrize("how", [None, *CLOSES], ids=lambda how: "aborted" if how is None else str(how))
def test_it_comes_back_after_any_loss(alpha: Strategy, exchange: Exchange, how: int | None) -> None:
    """At once, through all states; resting orders are still known, and can be cancelled. Alarms are raised where needed."""
    order = resting(alpha)
    states, alarms = len(alpha.events_of("gateway.state")), len(alpha.events_of("gateway.alarm"))
    which = {"path": "private"}
    dropped = exchange.command("drop", **which) if how is None else exchange.command("close", code=how, **which)
    assert dropped == 1
    assert comes_back(alpha, states) == ["waiting", "connecting", "logging_in", "subscribing", "reconciling", "ready"]
    if how is not None:
        assert (len(alpha.events_of("gateway.alarm")) > alarms) == CLOSES[how]
    assert [one["ordId"] for one in alpha.data("snapshot")["orders"]] == [order["ordId"]]
    cancel(alpha, order)
    cancel(alpha, resting(alpha))


def test_the_public_stream_comes_back_by_itself(alpha: Strategy, exchange: Exchange, gateway: Gateway) -> None:
    """Trading continues meanwhile. REST's answer does not undo a change that was pushed during the question."""
    connected = len([one for one in exchange.ledger("session") if one["path"] == "public"])
    comebacks = gateway.output.count("stream=public state=ready")
    exchange.command("rest_delay", ms=400)
    assert exchange.command("drop", path="public") == 1
    cancel(alpha, resting(alpha))
    wait_until(
        lambda: [one for one in exchange.view("sessions") if one["path"] == "public" and one["subscriptions"]],
        "subscribed",
    )
    assert len([one for one in exchange.ledger("session") if one["path"] == "public"]) == connected + 2
    wait_until(lambda: gateway.output.count("stream=public state=reconciling") > comebacks, "REST is asked")
    exchange.command("relist", inst_id="ETH-USDT", inst_id_code=77_777)
    wait_until(lambda: gateway.output.count("stream=public state=ready") > comebacks, "the stream is ready")
    order = alpha.place(spot(instId="ETH-USDT", px="3900", sz="0.1"))
    assert exchange.ledger("request")[-1]["args"][0]["instIdCode"] == 77_777
    (cancelled,) = alpha.ack("cancel-order", {"instId": "ETH-USDT", "ordId": order["ordId"]})
    assert cancelled["result"] == "accepted"


def test_a_notice_of_an_upgrade_is_followed_before_okx_closes(alpha: Strategy, exchange: Exchange) -> None:
    """The ack in flight is waited for, while new orders go by the next connection. Details: test_handover.py."""
    order = resting(alpha)
    exchange.command("delay_acks", ms=1_000)  # the time in which it is seen draining
    states = len(alpha.events_of("gateway.state"))
    in_flight = alpha.submit("order", spot(px="90001"), gw={"receipt": True})
    alpha.answer(in_flight)
    exchange.command("notice", close_s=60, path="private")
    alpha.wait(lambda: "draining" in {one["role"] for one in alpha.data("status")["connections"]}, "draining")
    assert alpha.ack("order", spot(px="90002"), gw={"maxWaitMs": 0})[0]["result"] == "accepted"
    assert alpha.event("ack", id=in_flight)["data"][0]["result"] == "accepted"
    alpha.wait(lambda: len(alpha.data("status")["connections"]) == 1, "the old one is closed")
    assert alpha.events_of("gateway.state")[states:] == []
    assert len(alpha.data("snapshot")["orders"]) == 3
    cancel(alpha, order)


def test_events_during_an_outage(alpha: Strategy, exchange: Exchange) -> None:
    """Fills, cancels and external orders are published afterwards, each once, with the source `reconcile`."""
    filled, partly, cancelled = (resting(alpha, px=px, sz="0.02") for px in ("99000", "98000", "97000"))
    states = len(alpha.events_of("gateway.state"))
    exchange.command("refuse_logins", code="63999", count=2)
    exchange.command("drop", path="private")
    alpha.event("gateway.state", state="waiting")
    for px, sz in (("99000", "0.01"), ("99000", "0.01"), ("98000", "0.01")):
        exchange.command("trade", inst_id="BTC-USDT", side="sell", px=px, sz=sz)
    exchange.command("cancel", uid="1000000000000001", ord_id=cancelled["ordId"], cancel_source="20")
    foreign = exchange.place_by_rest(
        instId="BTC-USDT", tdMode="cash", side="buy", ordType="limit", px="80000", sz="0.1"
    )
    comes_back(alpha, states)
    assert [(one["fillSz"], one["source"]) for one in alpha.events_of("fill", ordId=filled["ordId"])] == [
        ("0.01", "reconcile")
    ] * 2
    assert [(one["fillSz"], one["source"]) for one in alpha.events_of("fill", ordId=partly["ordId"])] == [
        ("0.01", "reconcile")
    ]
    end = alpha.event("order", ordId=filled["ordId"], terminal=True)
    assert (end["state"], end["source"], end["accFillSz"]) == ("filled", "reconcile", "0.02")
    end = alpha.event("order", ordId=cancelled["ordId"], terminal=True)
    assert (end["state"], end["source"], end["reason"]) == ("canceled", "reconcile", "cancel_all_after")
    assert alpha.event("order", ordId=partly["ordId"], state="partially_filled")["source"] == "reconcile"
    assert alpha.event("account.order", ordId=foreign)["source"] == "reconcile"
    cancel(alpha, partly)
    alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": foreign})
    alpha.event("account.order", ordId=foreign, terminal=True)


def test_orders_wait_for_the_reconciliation_and_cancels_do_not(alpha: Strategy, exchange: Exchange) -> None:
    order = resting(alpha)
    exchange.command("rest_delay", ms=1_000)
    exchange.command("drop", path="private")
    alpha.wait(lambda: alpha.data("status")["state"] == "reconciling", "reconciling")
    assert alpha.ask("order", spot(), gw={"maxWaitMs": 0})["reason"] == "not_ready"
    waiting = alpha.submit("order", spot(), gw={"maxWaitMs": 9_000})
    cancel(alpha, order)
    assert alpha.data("status")["state"] == "reconciling" and alpha.data("status")["waiting"] == 1
    assert alpha.event("ack", id=waiting)["data"][0]["result"] == "accepted"


def test_a_request_does_not_wait_beyond_its_limit(alpha: Strategy, exchange: Exchange) -> None:
    exchange.command("refuse_logins", code="63999", count=10)
    exchange.command("drop", path="private")
    alpha.wait(lambda: not alpha.data("status")["ready"], "away")
    refused = alpha.ask("order", spot(), gw={"maxWaitMs": 100})
    assert refused["reason"] == "not_ready"
    (row,) = alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": "1"}, gw={"maxWaitMs": 0})
    assert (row["result"], row["origin"]) == ("rejected", "okx"), "a cancel goes by REST"


def test_a_failing_rest_delays_readiness(alpha: Strategy, exchange: Exchange) -> None:
    states = len(alpha.events_of("gateway.state"))
    exchange.command("rest_errors", count=3, status=503)
    exchange.command("drop", path="private")
    comes_back(alpha, states)
    assert exchange.view("faults") == []
    cancel(alpha, resting(alpha))


@pytest.mark.parametrize("code", ["63999", "60006", "69999"])
def test_logins_refused_for_now_are_tried_again_with_growing_waits(
    alpha: Strategy, exchange: Exchange, code: str
) -> None:
    states, logins = len(alpha.events_of("gateway.state")), len(exchange.logins())
    exchange.command("refuse_logins", code=code, count=3)
    exchange.command("drop", path="private")
    comes_back(alpha, states)
    tried = exchange.logins()[logins:]
    assert [one["code"] for one in tried] == [code] * 3 + ["0"]
    waits_ms = [(after["time_ns"] - before["time_ns"]) / 1e6 for before, after in itertools.pairwise(tried)]
    assert all(wait_ms >= 0.8 * 334 for wait_ms in waits_ms), waits_ms


# --- failures without a retry


@pytest.mark.parametrize(
    ("code", "fix", "is_closed"),
    [("60024", "passphrase is wrong", False), ("60032", "wrong region", True)],
    ids=["left open", "closed with 4001"],
)
def test_a_login_refused_for_good_ends_the_gateway(stage: Any, code: str, fix: str, is_closed: bool) -> None:
    exchange = stage.exchange()
    exchange.command("switch", name="close_after_failed_login", value=is_closed)
    exchange.command("refuse_logins", code=code, count=1)
    gateway = stage.gateway(exchange)
    assert gateway.wait() == 1
    assert code in gateway.last_words and fix in gateway.last_words
    assert len(exchange.logins()) == 1


def test_a_close_for_good_ends_the_gateway(stage: Any) -> None:
    fix = "check the credentials"
    exchange, gateway = stage.unlimited()
    alpha = stage.trader(gateway, topics=("gateway.",))
    assert exchange.command("close", code=4001, path="private") == 1
    assert gateway.wait() == 1
    assert "4001" in gateway.last_words and fix in gateway.last_words
    alpha.event("gateway.state", state="stopped")
    assert [one["state"] for one in alpha.events_of("gateway.state")][-3:] == ["failed", "stopping", "stopped"]
    assert fix in alpha.events_of("gateway.alarm")[0]["msg"]


def test_a_deleted_key_ends_the_gateway(stage: Any) -> None:
    """OKX closes with 4007, which can also mean an edited key; the next login decides."""
    exchange, gateway = stage.unlimited({"session": BACKOFF})
    stage.trader(gateway)
    exchange.command("delete_key", key="sim-api-key-0001")
    assert gateway.wait() == 1
    assert "API key" in gateway.last_words


def test_pings_keep_an_idle_connection_open_and_their_silence_is_noticed(stage: Any) -> None:
    """OKX closes a connection that is silent for a while, here 2 s. When OKX itself is silent on an open connection,
    no pong comes and the gateway closes it; requests in flight are unknown, then resolved."""
    silence = {"ping_after_ms": 300, "pong_timeout_ms": 1_000, "connect_timeout_ms": 300, "rest_timeout_ms": 500}
    exchange, gateway = stage.unlimited(
        {"session": {**BACKOFF, **silence}, "requests": REQUESTS}, "--idle-timeout", "2"
    )
    alpha = stage.trader(gateway, topics=("gateway.",))
    order = resting(alpha)
    alpha.wait_for_events("heartbeat", len(alpha.events_of("heartbeat")) + 3)  # between two and three seconds
    assert len(exchange.logins()) == 1
    exchange.signal(signal.SIGSTOP)
    try:
        request_id = alpha.submit("order", spot(px="90001"))
        row = alpha.event("ack", id=request_id)["data"][0]
        assert (row["result"], row["reason"]) == ("unknown", "connection_lost")
        lost = alpha.event("gateway.state", state="waiting")
        assert "ping" in lost["reason"]
    finally:
        exchange.signal(signal.SIGCONT)
    alpha.event("ack", id=request_id, event="resolved")
    alpha.wait(lambda: alpha.data("status")["ready"], "ready again")
    assert order["ordId"] in {one["ordId"] for one in alpha.data("snapshot")["orders"]}
    cancel(alpha, order)
    audit(exchange, [alpha])
