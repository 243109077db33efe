"""Protection of the account, end to end: halts, new logins, the dead man's switch, streams that lose pushes."""

from __future__ import annotations

import itertools
import json
import signal
from typing import Any

import pytest

from tests.e2e.auditor import audit
from tests.e2e.processes import UID, Exchange, wait_until
from tests.e2e.strategy import Json, Strategy, spot, swap

GATEWAY_TOPICS = ("gateway.",)
SWITCH = {"dead_man": {"enabled": True, "timeout_s": 10, "renew_s": 2}}
QUICK = {"session": {"backoff_first_ms": 334, "backoff_max_ms": 400, "sweep_s": 1, "sweep_margin_ms": 300}}


def timers(exchange: Exchange) -> list[Json]:
    """The requests to cancel-all-after that OKX has received: their bodies, and `ns`, the time of arrival."""
    asked = [one for one in exchange.ledger("http") if "cancel-all-after" in one["target"]]
    return [{**json.loads(one["body"]), "ns": one["time_ns"]} for one in asked]


def alarm(trader: Strategy, reason: str) -> Json:
    return trader.event("gateway.alarm", reason=reason)


# --- codes


def test_a_halt_stops_new_orders_until_it_is_lifted_but_no_cancels(stage: Any) -> None:
    exchange, gateway = stage.unlimited()
    alpha = stage.trader(gateway, topics=GATEWAY_TOPICS)
    resting = alpha.place(spot())
    exchange.command("refuse_requests", code="50027")
    (row,) = alpha.ack("order", spot())
    assert (row["result"], row["sCode"]) == ("rejected", "50027")
    assert "50027" in alarm(alpha, "halted")["msg"]
    state = alpha.event("gateway.state", state="halted")
    assert state["ready"] is False and state["reason"].startswith("halted: OKX 50027")
    refused = alpha.ask("order", spot(), gw={"maxWaitMs": 0})
    assert refused["reason"] == "not_ready" and refused["msg"].startswith("halted: OKX 50027")
    assert alpha.data("status")["halted"].startswith("OKX 50027")
    alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": resting["ordId"]})
    alpha.event("order", ordId=resting["ordId"], state="canceled")
    assert alpha.data("resume") == {"resumed": True}
    alpha.place(spot())
    audit(exchange, [alpha])


def test_credentials_refused_on_an_order_lead_to_a_new_login_and_then_to_a_halt(stage: Any) -> None:
    exchange, gateway = stage.unlimited(QUICK)
    alpha = stage.trader(gateway, topics=GATEWAY_TOPICS)
    logins = len(exchange.logins())
    exchange.command("refuse_requests", code="50113", form="frame")
    (row,) = alpha.ack("order", spot())
    assert (row["result"], row["sCode"]) == ("rejected", "50113")
    alarm(alpha, "credentials")
    wait_until(lambda: len(exchange.logins()) == logins + 1, "a new login")
    alpha.place(spot())
    exchange.command("refuse_requests", code="50113", form="frame")
    alpha.ack("order", spot())
    assert "again after a new login" in alarm(alpha, "halted")["msg"]
    assert len(exchange.logins()) == logins + 1


def test_a_limit_that_okx_reports_as_reached_pauses(stage: Any) -> None:
    """The second order waits for the window that the refusal began; OKX sees it no earlier."""
    exchange = stage.exchange("--limiter-window", "off")
    alpha = stage.trader(stage.gateway(exchange), topics=GATEWAY_TOPICS)
    exchange.command("refuse_requests", code="50011", form="frame")
    (row,) = alpha.ack("order", spot())
    assert (row["result"], row["sCode"]) == ("rejected", "50011")
    assert alpha.ask("order", spot(), gw={"maxWaitMs": 0})["reason"] == "rate_limited"
    alpha.place(spot())
    first, second = (one["time_ns"] for one in exchange.ledger("request") if one["op"] == "order")
    assert second - first >= 2_000_000_000


# --- the dead man's switch


def test_a_clean_stop_disarms_and_leaves_the_orders(stage: Any) -> None:
    exchange, gateway = stage.unlimited(SWITCH)
    alpha = stage.trader(gateway)
    status = alpha.data("status")["deadMan"]
    assert status["armed"] is True and "including orders placed by other clients" in status["cancels"]
    alpha.place(spot())
    wait_until(lambda: len(timers(exchange)) >= 3, "renewed twice")
    assert gateway.terminate() == 0
    assert "dead man's switch" in gateway.output and "OKX cancels all open orders of this account" in gateway.output
    sent = timers(exchange)
    assert [one["timeOut"] for one in sent] == ["10"] * (len(sent) - 1) + ["0"]
    assert all(later["ns"] - earlier["ns"] >= 1_000_000_000 for earlier, later in itertools.pairwise(sent))
    assert exchange.command("fire_cancel_after", uid=UID) is False
    assert len(exchange.live_orders()) == 1


def test_after_a_kill_the_timer_stays_and_cancels(stage: Any) -> None:
    exchange, gateway = stage.unlimited(SWITCH)
    alpha = stage.trader(gateway)
    order = alpha.place(spot())
    gateway.kill()
    assert exchange.command("fire_cancel_after", uid=UID) is True
    assert exchange.live_orders() == []
    (end,) = (one for one in exchange.ledger("order") if one["ord_id"] == order["ordId"] and one["state"] == "canceled")
    assert end["cancel_source"] == "20"


def test_a_stopped_gateway_does_not_renew_and_a_continued_one_does(stage: Any) -> None:
    """OKX's own timer passes: 10 s after the last renewal the orders are gone, though all connections are open."""
    exchange, gateway = stage.unlimited(SWITCH)
    alpha = stage.trader(gateway)
    order = alpha.place(spot())
    gateway.signal(signal.SIGSTOP)
    sent = len(timers(exchange))
    wait_until(lambda: exchange.live_orders() == [], "OKX cancels", 30.0)
    assert len(timers(exchange)) == sent
    gateway.signal(signal.SIGCONT)
    alpha.event("order", ordId=order["ordId"], state="canceled", reason="cancel_all_after")
    wait_until(lambda: len(timers(exchange)) > sent, "renewed again")


def test_a_gateway_with_a_silent_stream_does_not_renew(stage: Any) -> None:
    """The connection is open but silent: REST alone is no reason to renew."""
    exchange, gateway = stage.unlimited({**SWITCH, "session": {"pong_timeout_ms": 20_000, "ping_after_ms": 5_000}})
    alpha = stage.trader(gateway, topics=GATEWAY_TOPICS)
    exchange.command("half_open", path="private")
    alarm(alpha, "dead_man")
    sent = len(timers(exchange))
    alpha.wait(lambda: alpha.data("status")["deadMan"]["renewedAgoMs"] > 6_500, "three periods have passed")
    assert len(timers(exchange)) == sent


def test_with_a_tag_only_its_orders_are_cancelled(stage: Any) -> None:
    exchange, gateway = stage.unlimited({"dead_man": {**SWITCH["dead_man"], "tags": ["desk1"]}})
    alpha = stage.trader(gateway)
    alpha.place(spot(tag="desk1"))
    other = alpha.place(spot(px="90001"))
    assert {one["tag"] for one in timers(exchange)} == {"desk1"}
    gateway.kill()
    assert exchange.command("fire_cancel_after", uid=UID, tag="") is False
    assert exchange.command("fire_cancel_after", uid=UID, tag="desk1") is True
    assert [one["ordId"] for one in exchange.live_orders()] == [other["ordId"]]


def test_a_failed_timer_raises_an_alarm(stage: Any) -> None:
    exchange, gateway = stage.unlimited(SWITCH)
    alpha = stage.trader(gateway, topics=GATEWAY_TOPICS)
    exchange.command("rest_errors", op="POST trade/cancel-all-after", status=503, count=0)
    assert "OKX can cancel" in alarm(alpha, "dead_man")["msg"]


# --- streams that lose pushes


def test_a_stream_that_loses_pushes_is_found_corrected_and_reopened(stage: Any) -> None:
    exchange, gateway = stage.unlimited(QUICK)
    alpha = stage.trader(gateway, topics=GATEWAY_TOPICS)
    order = alpha.place(spot())
    alpha.event("order", ordId=order["ordId"], state="live")
    logins = len(exchange.logins())
    exchange.command("lose_pushes", count=1)
    exchange.command("cancel", uid=UID, ord_id=order["ordId"], cancel_source="1")
    end = alpha.event("order", ordId=order["ordId"], terminal=True)
    assert (end["state"], end["source"]) == ("canceled", "reconcile")
    alarm(alpha, "pushes_lost")
    wait_until(lambda: len(exchange.logins()) == logins + 1, "a new session")
    alpha.place(spot())
    audit(exchange, [alpha])


def test_balances_and_positions_that_the_stream_lost_are_published_by_a_sweep(stage: Any) -> None:
    """Opened and closed again, each while the account channels lose all pushes."""
    exchange, gateway = stage.unlimited(QUICK)
    alpha = stage.trader(gateway, topics=(*GATEWAY_TOPICS, "account."))

    def corrected(topic: str) -> list[Json]:
        events = alpha.events_of(f"account.{topic}", source="reconcile")
        return [row for event in events for row in event["data"]["data"]]

    def cash() -> list[str]:
        return [one["cashBal"] for row in corrected("account") for one in row["details"] if one["ccy"] == "USDT"]

    for side, pos in (("buy", "2"), ("sell", "0")):
        for channel in ("account", "positions", "balance_and_position"):
            exchange.command("lose_pushes", channel=channel, count=0)
        exchange.command("quote", inst_id="BTC-USDT-SWAP", side="sell" if side == "buy" else "buy", px="100000", sz="2")
        alpha.place({**swap(side=side, ordType="market", sz="2"), "px": ""})
        known = len(cash())
        alpha.wait(lambda pos=pos: [row for row in corrected("positions") if row["pos"] == pos], f"position {pos}")
        alpha.wait(lambda known=known: len(cash()) > known, "the fee in cash")
        exchange.command("clear")
    (account,) = [one for one in exchange.view("accounts") if one["uid"] == UID]
    assert cash()[-1] == account["cash"]["USDT"]
    alarm(alpha, "pushes_lost")


@pytest.mark.parametrize("ends", [False, True])
def test_a_fill_that_the_stream_lost_is_asked_for_as_soon_as_the_next_push_shows_it(stage: Any, ends: bool) -> None:
    """Not at the next comparison with OKX, which is an hour away."""
    exchange, gateway = stage.unlimited({"session": {**QUICK["session"], "sweep_s": 3600}})
    alpha = stage.trader(gateway, topics=GATEWAY_TOPICS)
    order = alpha.place(spot(px="99000", sz="0.3"))
    alpha.event("order", ordId=order["ordId"], state="live")
    exchange.command("lose_pushes", count=1)
    for sz in ("0.1", "0.2" if ends else "0.05"):
        exchange.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz=sz)
    fills = alpha.wait_for_events("fill", 2, ordId=order["ordId"])
    assert [(one["fillSz"], one["source"]) for one in fills] == [
        ("0.2" if ends else "0.05", "stream"),
        ("0.1", "reconcile"),
    ]
    alarm(alpha, "pushes_lost")
    audit(exchange, [alpha])
