"""The gateway ends on command between two steps of an order: the next gateway knows the order's state, and so does the strategy.

The invariant, whatever the boundary: one continuous stream in which no event is repeated or changed, and which ends
with the state at the exchange; and a request seen again under its `id` has been executed once at the most.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

import gateway
from tests.e2e.processes import UID, UNLIMITED, Exchange, Gateway, wait_until
from tests.e2e.strategy import Json, Strategy, spot
from tests.e2e.test_restart import received, replayed, results

FAULTY = Path(__file__).parents[1] / "chaos" / "faulty_gateway.py"
LIBRARY = str(Path(gateway.__file__).parents[1])
# `make test` sets the build for these tests.
pytestmark = pytest.mark.skipif(os.environ.get("GATEWAY_DEBUG", "0") != "1", reason="about the debug build")

SETTINGS = {**UNLIMITED, "requests": {"order_ttl_ms": 1_000}, "journal": {"segment_mib": 8}}
REQUEST_BOUNDARIES = (
    "crash_before_received",
    "crash_within_record",
    "crash_after_received",
    "crash_before_intent",
    "crash_after_intent",
    "crash_after_send",
    "crash_before_ack_kept",
    "crash_before_ack",
    "crash_after_ack",
    "crash_before_order_kept",
    "crash_before_order",
    "crash_after_order",
)
FILL_BOUNDARIES = (
    "crash_before_fill_kept",
    "crash_before_fill",
    "crash_after_fill",
    "crash_before_order_kept",
    "crash_before_order",
    "crash_after_order",
)
NEVER_READ = ("crash_before_received", "crash_within_record")
NEVER_SENT = ("crash_after_received", "crash_before_intent", "crash_after_intent")


class Crash:
    """A gateway with a resting order, which a fault ends; then the next one."""

    def __init__(self, stage: Any, fault: str) -> None:
        self.stage = stage
        self.exchange: Exchange = stage.exchange("--limiter-window", "off")
        program = (str(FAULTY), LIBRARY, fault, "signal")
        self.gateway: Gateway = stage.gateway(self.exchange, SETTINGS, program=program)
        self.alpha: Strategy = stage.trader(self.gateway)
        self.resting = self.alpha.place(spot())
        self.alpha.event("order", ordId=self.resting["ordId"], state="live")
        self.gateway.signal(signal.SIGUSR1)
        wait_until(lambda: f"armed: {fault}" in self.gateway.output, "it is armed")

    def restart(self) -> None:
        """The gateway has crashed, and the next one is ready."""
        wait_until(lambda: not self.gateway.is_running, "it ends on the spot")
        self.alpha.pump(20)
        self.stage.gateway(self.exchange, SETTINGS, name="second")
        self.alpha.hello()
        self.alpha.wait_ready()

    def prove(self) -> list[Json]:
        """The invariant, once nothing is unknown any more. Returns everything ever published to the strategy."""
        self.alpha.wait(lambda: not self.alpha.data("status")["unknown"], "all is proven")
        published = replayed(self.alpha, "alpha", 1, 500)
        assert [event["seq"] for _, event in published] == list(range(1, len(published) + 1))
        by_seq = dict(enumerate(published, 1))
        assert all(by_seq[event["seq"]] == (topic, event) for topic, event in received(self.alpha, "alpha"))
        events = [event for _, event in published]
        fills = [event["tradeId"] for event in events if event["event"] == "fill"]
        assert sorted(fills) == sorted(one["trade_id"] for one in self.exchange.ledger("fill") if one["uid"] == UID)
        states = {event["ordId"]: event["state"] for event in events if event["event"] == "order"}
        at_okx = {one["ord_id"]: one["state"] for one in self.exchange.ledger("order") if one["uid"] == UID}
        assert states == at_okx
        return events

    def count(self, op: str) -> int:
        """Requests of this kind that OKX has received since the start."""
        return sum(one["op"] == op for one in self.exchange.ledger("request"))


@pytest.mark.parametrize("fault", REQUEST_BOUNDARIES)
def test_an_order_is_placed_once_or_never(stage: Any, fault: str) -> None:
    crash = Crash(stage, fault)
    crash.alpha.submit("order", spot(), id="o1")
    crash.restart()
    crash.prove()
    sent = 0 if fault in (*NEVER_READ, *NEVER_SENT) else 1
    assert crash.count("order") == 1 + sent
    published = results(crash.alpha, "o1")
    if fault in NEVER_READ:
        assert published == []
        assert crash.alpha.ack("order", spot(), id="o1")[0]["result"] == "accepted"
        sent = 1
    else:
        assert published[-1] == ("accepted" if sent else "rejected")
        crash.alpha.answers.clear()
        repeated = crash.alpha.ask("order", spot(), id="o1")
        assert repeated["duplicate"] and [row["result"] for row in repeated["data"]] == [published[-1]]
    assert len(crash.exchange.live_orders()) == 1 + sent
    crash.prove()


@pytest.mark.parametrize("fault", REQUEST_BOUNDARIES)
@pytest.mark.parametrize("op", ["cancel-order", "amend-order"])
def test_a_cancel_or_an_amend_is_published_with_its_true_result(stage: Any, op: str, fault: str) -> None:
    crash = Crash(stage, fault)
    row = {"instId": "BTC-USDT", "ordId": crash.resting["ordId"]}
    crash.alpha.submit(op, row if op == "cancel-order" else {**row, "newPx": "90001"}, id="c1")
    crash.restart()
    sent = int(fault not in (*NEVER_READ, *NEVER_SENT))
    if (op, fault) == ("cancel-order", "crash_after_intent"):  # it can be in flight, and a cancel can be repeated
        sent = 1
    else:
        assert crash.count(op) == sent
    crash.prove()
    published = results(crash.alpha, "c1")
    if fault in NEVER_READ:
        assert published == []
    else:
        assert published[-1] == ("accepted" if sent else "rejected")
    live = crash.exchange.live_orders()
    if op == "cancel-order":
        assert len(live) == 1 - sent
    else:
        assert [one["px"] for one in live] == ["90001" if sent else "90000"]


@pytest.mark.parametrize("fault", FILL_BOUNDARIES)
def test_a_fill_is_published_once(stage: Any, fault: str) -> None:
    crash = Crash(stage, fault)
    crash.exchange.command("trade", inst_id="BTC-USDT", side="sell", sz="0.004", px="89000")
    crash.restart()
    published = [event for event in crash.prove() if event.get("ordId") == crash.resting["ordId"]]
    fills = [(event["event"], event["fillSz"]) for event in published if event["event"] == "fill"]
    states = [(event["state"], event["accFillSz"]) for event in published if event["event"] == "order"]
    assert (fills, states) == ([("fill", "0.004")], [("live", "0"), ("partially_filled", "0.004")])
    assert [event["event"] for event in published if event["event"] != "ack"] == ["order", "fill", "order"]


def fill_a_file(crash: Crash) -> None:
    """Requests that OKX refuses, each some 40 kB in the journal, until the gateway is gone."""
    for number in range(1_000):
        crash.alpha.submit("order", spot(px="-1", note="x" * 20_000), id=f"n{number}")
        crash.alpha.wait(
            lambda number=number: crash.alpha.events_of("ack", id=f"n{number}") or not crash.gateway.is_running,
            "an ack",
        )
        if not crash.gateway.is_running:
            return
    raise AssertionError("the journal did not go on in another file")


@pytest.mark.parametrize("fault", ["crash_before_segment_end", "crash_after_segment_end"])
def test_the_journal_was_about_to_continue_in_its_next_file(stage: Any, fault: str) -> None:
    crash = Crash(stage, fault)
    fill_a_file(crash)
    crash.restart()
    events = crash.prove()
    asked = {event["id"] for event in events if event["event"] == "ack" and event["id"].startswith("n")}
    assert len(asked) == max(int(one[1:]) for one in asked) + 1
    sent = crash.count("order")
    order = crash.alpha.place(spot())
    crash.alpha.event("order", ordId=order["ordId"], state="live")
    assert crash.count("order") == sent + 1
    crash.prove()
