"""The gateway ends between two steps of an order's way, on command: the next one knows what became of it, and so does the strategy."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import gateway
from tests.e2e.processes import UNLIMITED, wait_until
from tests.e2e.strategy import spot
from tests.e2e.test_restart import all_told, recorded, results

FAULTY = Path(__file__).parents[1] / "chaos" / "faulty_gateway.py"
# `make test` says which build it means these tests for.
in_debug_build = pytest.mark.skipif(os.environ.get("GATEWAY_DEBUG", "0") != "1", reason="about the debug build")


@in_debug_build
@pytest.mark.parametrize(
    ("fault", "is_sent", "told"),
    [
        ("crash_before_intent", False, [["rejected"]]),
        ("crash_after_intent", False, [["unknown", "rejected"]]),
        ("crash_after_send", True, [["unknown", "accepted"]]),
        ("crash_before_ack", True, [["accepted"]]),
    ],
)
def test_a_crash_at_each_boundary(stage: Any, fault: str, is_sent: bool, told: list[list[str]]) -> None:
    """The order was placed once or never, and its strategy is told which."""
    exchange = stage.exchange("--limiter-window", "off")
    settings = {**UNLIMITED, "requests": {"order_ttl_ms": 1_000}}
    library = str(Path(gateway.__file__).parents[1])
    first = stage.gateway(exchange, settings, program=(str(FAULTY), library, fault, "1"))
    alpha = stage.trader(first)
    alpha.submit("order", spot(), id="o1")
    wait_until(lambda: not first.is_running, "it ends on the spot")
    stage.gateway(exchange, settings, name="second")
    alpha.hello()
    alpha.wait_ready()
    alpha.wait(lambda: results(alpha, "o1") in told, "what became of it")
    placed = [one for one in exchange.ledger("order") if one.get("state") == "live"]
    assert len(placed) == len(exchange.live_orders()) == int(is_sent)
    assert [row["result"] for row in recorded(alpha, "o1")] == [told[0][-1]]
    assert len(exchange.live_orders()) == int(is_sent)


@in_debug_build
def test_a_crash_between_a_fills_journal_and_its_publishing(stage: Any) -> None:
    """It is told by replay, once, and the order's state follows."""
    exchange = stage.exchange("--limiter-window", "off")
    library = str(Path(gateway.__file__).parents[1])
    program = (str(FAULTY), library, "crash_before_fill", "1")
    first = stage.gateway(exchange, UNLIMITED, program=program)
    alpha = stage.trader(first)
    order = alpha.place(spot())
    alpha.event("order", state="live")
    exchange.command("trade", inst_id="BTC-USDT", side="sell", sz="0.004", px="89000")
    wait_until(lambda: not first.is_running, "it ends on the spot")
    stage.gateway(exchange, UNLIMITED, name="second")
    alpha.hello()
    alpha.wait_ready()
    about = [one for one in all_told(alpha) if one.get("ordId") == order["ordId"] and one["event"] in ("fill", "order")]
    told = [(one["event"], one.get("state", ""), one["accFillSz"]) for one in about]
    assert told[0][:2] == ("order", "live") and [one[0] for one in told] == ["order", "fill", "order"]
