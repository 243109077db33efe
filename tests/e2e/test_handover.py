"""Connections are changed while a strategy trades: nothing is refused, lost or repeated, and only requests in flight become unknown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.auditor import audit
from tests.e2e.processes import UID, Exchange, Gateway, wait_until
from tests.e2e.strategy import Json, Strategy, spot

BACKOFF = {"backoff_first_ms": 334, "backoff_max_ms": 400}
REQUESTS = {"ack_timeout_ms": 2_000, "order_ttl_ms": 500}
OPEN_MAX = 8
UNACKED_MAX = 20  # a request without an ack holds the tokens of its limit


class Flow:
    """A strategy that places, amends and cancels without a pause; none of its requests may wait in the gateway."""

    def __init__(self, strategy: Strategy) -> None:
        self.strategy = strategy
        self.placed: list[str] = []
        self.sent: list[str] = []
        self._px = 0

    def step(self) -> None:
        """A new order; the previous one is amended, even without an ack; the one before that is cancelled."""
        alpha = self.strategy
        alpha.pump(2)
        if len(self.sent) - len(alpha.events_of("ack", event="ack")) > UNACKED_MAX:
            return
        self._px = (self._px + 1) % 100
        self.placed.append(alpha.submit("order", spot(px=str(90_000 + self._px)), gw={"maxWaitMs": 0}))
        self.sent.append(self.placed[-1])
        if len(self.placed) > 1:
            row = {"instId": "BTC-USDT", "newSz": "0.02", "gw": {"id": self.placed[-2]}}
            self.sent.append(alpha.submit("amend-order", row, gw={"maxWaitMs": 0}))
        if len(self.placed) > OPEN_MAX:
            row = {"instId": "BTC-USDT", "gw": {"id": self.placed[-OPEN_MAX]}}
            self.sent.append(alpha.submit("cancel-order", row, gw={"maxWaitMs": 0}))

    def until(self, wanted: Callable[[], Any], goal: str) -> None:
        def go_on() -> Any:
            self.step()
            return wanted()

        wait_until(go_on, goal)

    def results(self) -> dict[str, str]:
        """The result of each request by its ack, once all have arrived."""
        alpha = self.strategy

        def acks() -> dict[str, str]:
            return {one["id"]: one["data"][0]["result"] for one in alpha.events_of("ack", event="ack")}

        alpha.wait(lambda: acks().keys() >= set(self.sent), "all acks")
        return {request_id: acks()[request_id] for request_id in self.sent}

    def ends(self) -> None:
        """No order is left."""
        self.strategy.data("cancel-all")
        self.strategy.wait(lambda: not self.strategy.data("snapshot")["orders"], "no orders")


def newest_session(exchange: Exchange) -> int:
    """The exchange's number of the newest private connection that is open and logged in."""
    return max(one["session"] for one in exchange.view("sessions") if one["path"] == "private" and one["uid"])


def roles(alpha: Strategy) -> list[tuple[str, str, str]]:
    return [(one["group"], one["role"], one["state"]) for one in alpha.data("status")["connections"]]


ONE = [("private", "active", "ready")]
HAS_STANDBY = [("private", "active", "ready"), ("private", "standby", "ready")]
SEPARATE = [("private", "active", "ready"), ("orders", "active", "ready")]


def start(stage: Any, **session: Any) -> tuple[Exchange, Gateway, Strategy]:
    exchange, gateway = stage.unlimited({"session": {**BACKOFF, **session}, "requests": REQUESTS})
    alpha = stage.trader(gateway, topics=("gateway.", "account."))
    return exchange, gateway, alpha


def ends_well(exchange: Exchange, alpha: Strategy, flow: Flow) -> None:
    """The published orders, fills and balances are the exchange's, each once."""
    flow.ends()
    audit(exchange, [alpha])
    members = ("ordId", "state", "accFillSz")
    published = [
        (*(one[key] for key in members), one["data"].get("reqId", ""), one["data"]["px"])
        for one in alpha.events_of("order")
    ]
    assert len(published) == len(set(published))
    trades = [
        (trade["instId"], trade["tradeId"])
        for event in alpha.events_of("account.balance_and_position")
        for row in event["data"]["data"]
        for trade in row["trades"]
    ]
    assert sorted(trades) == sorted((o["inst_id"], o["trade_id"]) for o in exchange.ledger("fill") if o["uid"] == UID)


def refusals(alpha: Strategy) -> list[Json]:
    """Requests that the gateway itself refused."""
    acks = alpha.events_of("ack", event="ack")
    return [one for one in acks if any(row["origin"] == "gateway" for row in one["data"])]


def nothing_was_noticed(alpha: Strategy, flow: Flow, states: int) -> None:
    results = flow.results()
    assert refusals(alpha) == [], [(r["reason"], r["msg"]) for r in refusals(alpha)[0]["data"]]
    assert "unknown" not in results.values()
    assert {results[request_id] for request_id in flow.placed} == {"accepted"}
    assert alpha.events_of("gateway.state")[states:] == []
    assert alpha.events_of("gateway.alarm") == []


def fill(exchange: Exchange) -> None:
    exchange.command("trade", inst_id="BTC-USDT", side="sell", px="90000", sz="0.05")


def handed_over(alpha: Strategy, roles_wanted: list[Any], number: int) -> bool:
    """The active connection is a newer one than `number`, and all is in order again."""
    return active(alpha) > number and roles(alpha) == roles_wanted


def active(alpha: Strategy, line: str = "private") -> int:
    rows = alpha.data("status")["connections"]
    number: int = next(one["number"] for one in rows if (one["group"], one["role"]) == (line, "active"))
    return number


@pytest.mark.parametrize("session", [{}, {"hot_standby": True}], ids=["alone", "with a standby"])
def test_upgrades_in_a_row_are_not_noticed_by_a_strategy(stage: Any, session: dict[str, Any]) -> None:
    """OKX announces the end of each connection in turn, and ends it soon; orders and fills go on meanwhile."""
    exchange, _, alpha = start(stage, **session)
    wanted = HAS_STANDBY if session else ONE
    flow = Flow(alpha)
    states = len(alpha.events_of("gateway.state"))
    for _ in range(3):
        flow.until(lambda: roles(alpha) == wanted, "in order")
        number = active(alpha)
        exchange.command("notice", close_s=4, path="private")
        fill(exchange)
        flow.until(lambda number=number: handed_over(alpha, wanted, number), "another connection")
        fill(exchange)
    nothing_was_noticed(alpha, flow, states)
    ends_well(exchange, alpha, flow)


def test_an_operator_can_replace_the_connections(stage: Any) -> None:
    exchange, _, alpha = start(stage, separate_order_entry=True)
    flow = Flow(alpha)
    alpha.wait(lambda: roles(alpha) == SEPARATE, "both lines")
    states, before = len(alpha.events_of("gateway.state")), (active(alpha), active(alpha, "orders"))
    flow.until(lambda: len(flow.placed) > 20, "orders")
    assert alpha.data("reconnect") == {"begun": True}
    fill(exchange)
    flow.until(lambda: active(alpha) > before[0] and active(alpha, "orders") > before[1], "other connections")
    flow.until(lambda: roles(alpha) == SEPARATE, "the old ones are closed")
    nothing_was_noticed(alpha, flow, states)
    ends_well(exchange, alpha, flow)


@pytest.mark.parametrize("verb", ["drop", "half_open"])
def test_a_standby_takes_over_from_a_failed_connection(stage: Any, verb: str) -> None:
    """At once after a reset; after a second without an answer on a silent connection. Only requests in flight are unknown.

    Its tokens stay out until OKX has counted it for certain, so that a request may find none left.
    """
    exchange, _, alpha = start(stage, hot_standby=True)
    flow = Flow(alpha)
    flow.until(lambda: roles(alpha) == HAS_STANDBY, "a standby")
    states, number = len(alpha.events_of("gateway.state")), active(alpha)
    first = min(one["session"] for one in exchange.view("sessions") if one["path"] == "private")
    fill(exchange)
    assert exchange.command(verb, session=first) == 1
    fill(exchange)
    flow.until(lambda: handed_over(alpha, HAS_STANDBY, number), "the standby, and a new standby")
    fill(exchange)
    results = flow.results()
    assert {row["reason"] for one in refusals(alpha) for row in one["data"]} <= {"rate_limited"}
    unknown = {request_id for request_id, result in results.items() if result == "unknown"}
    assert alpha.events_of("gateway.state")[states:] == []
    assert len(unknown & set(flow.placed)) <= UNACKED_MAX
    ends_well(exchange, alpha, flow)
    for request_id in unknown:
        alpha.event("ack", event="resolved", id=request_id)


def test_order_entry_and_stream_fail_independently(stage: Any) -> None:
    exchange, _, alpha = start(stage, separate_order_entry=True)
    alpha.wait(lambda: roles(alpha) == SEPARATE, "both lines")
    streams = {
        one["session"]: bool(one["subscriptions"]) for one in exchange.view("sessions") if one["path"] == "private"
    }
    (stream,), (orders,) = ([n for n, has in streams.items() if has is wanted] for wanted in (True, False))
    exchange.command("swallow_acks")
    in_flight = alpha.submit("order", spot())
    wait_until(lambda: exchange.view("faults") == [], "OKX has it")
    exchange.command("drop", session=stream)
    waiting = alpha.submit("order", spot(px="90001"), gw={"maxWaitMs": 9_000})
    alpha.event("gateway.state", state="reconciling")
    assert alpha.event("ack", id=waiting)["data"][0]["result"] == "accepted"
    first = alpha.event("ack", id=in_flight)["data"][0]
    assert (first["result"], first["reason"]) != ("unknown", "connection_lost"), "its own connection stands"
    states = len(alpha.events_of("gateway.state"))
    exchange.command("swallow_acks")
    in_flight = alpha.submit("order", spot(px="90002"))
    wait_until(lambda: exchange.view("faults") == [], "OKX has it")
    exchange.command("drop", session=orders)
    first = alpha.event("ack", id=in_flight)["data"][0]
    assert (first["result"], first["reason"]) in (("accepted", ""), ("unknown", "connection_lost")), (
        "a push may prove it"
    )
    alpha.wait(lambda: roles(alpha) == SEPARATE, "both lines")
    assert alpha.place(spot(px="90003"))["result"] == "accepted"
    published = [one["state"] for one in alpha.events_of("gateway.state")[states:]]
    assert "waiting" in published and published[-1] == "ready"
    flow = Flow(alpha)
    ends_well(exchange, alpha, flow)


@pytest.mark.parametrize("verb", ["refuse_logins", "swallow_logins"])
def test_without_a_successor_the_old_one_serves_until_its_end(stage: Any, verb: str) -> None:
    """Then it is as after any loss; only requests in flight at that moment are unknown."""
    exchange, _, alpha = start(stage, login_timeout_ms=300)
    flow = Flow(alpha)
    flow.until(lambda: len(flow.placed) > 5, "orders")
    states = len(alpha.events_of("gateway.state"))
    exchange.command(verb, count=4)
    exchange.command("notice", close_s=1.5, path="private")
    tried = len(exchange.logins())
    flow.until(lambda: len(exchange.logins()) > tried or exchange.view("faults") == [], "a login that fails")
    placed = len(flow.placed)
    flow.until(lambda: len(flow.placed) > placed + 20, "orders by the old one")
    accepted = [alpha.event("ack", id=one)["data"][0]["result"] for one in flow.placed[placed : placed + 10]]
    assert accepted == ["accepted"] * 10
    alpha.wait(lambda: "ready" in [one["state"] for one in alpha.events_of("gateway.state")[states:]], "ready again")
    flow.results()
    ends_well(exchange, alpha, flow)
