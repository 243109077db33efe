"""A machine whose clock is wrong by more than OKX allows (30 s) logs in, trades and asks REST anyway."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from tests.e2e.auditor import audit
from tests.e2e.processes import UNLIMITED
from tests.e2e.strategy import spot


@pytest.mark.parametrize("skew_ms", [40_000, -40_000])
def test_a_skewed_clock(stage: Any, skew_ms: int) -> None:
    exchange, gateway = stage.unlimited(None, "--skew-ms", str(skew_ms))
    alpha = stage.trader(gateway)
    rows = alpha.ack("batch-orders", spot(), spot(px="90001"))
    assert [one["result"] for one in rows] == ["accepted"] * 2
    (amended,) = alpha.ack("amend-order", {"instId": "BTC-USDT", "ordId": rows[0]["ordId"], "newSz": "0.02"})
    (cancelled,) = alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": rows[0]["ordId"]})
    assert amended["result"] == cancelled["result"] == "accepted"
    for request in exchange.ledger("request"):
        if request["exp_time"] is not None:
            assert 0 < int(request["exp_time"]) - (time.time_ns() // 1_000_000 + skew_ms) < 5_500
    exchange.command("drop")  # the reconciliation after it is signed REST
    alpha.wait(lambda: len([one for one in exchange.logins() if one["code"] == "0"]) == 2, "the second login")
    alpha.wait(lambda: alpha.data("status")["ready"], "ready again")
    audit(exchange, [alpha])
    match = re.search(
        r"verdict=WARN finding=\"OKX's clock is (\d+)\.\d ms (ahead of|behind) this machine's", gateway.output
    )
    assert match is not None and abs(int(match[1]) - abs(skew_ms)) < 2_000
    assert match[2] == ("ahead of" if skew_ms > 0 else "behind")


@pytest.mark.parametrize("skew_ms", [600_000, -600_000])
def test_events_of_an_outage_are_asked_for_by_okx_s_clock(stage: Any, skew_ms: int) -> None:
    """The journal's own times are ten minutes off."""
    exchange, gateway = stage.unlimited(None, "--skew-ms", str(skew_ms))
    alpha = stage.trader(gateway, topics=("account.",))
    order = alpha.place(spot())
    alpha.event("order", ordId=order["ordId"], state="live")
    gateway.kill()
    exchange.command("quote", inst_id="ETH-USDT", side="sell", px="4000", sz="5")
    taker = {"instId": "ETH-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "4000", "sz": "1"}
    ord_id = exchange.place_by_rest(skew_ms, **taker)
    stage.gateway(exchange, UNLIMITED, name="second")
    alpha.hello()
    alpha.wait_ready()
    assert alpha.event("account.fill", ordId=ord_id)["source"] == "reconcile"
    assert len(alpha.events_of("account.fill")) == 1


def test_a_clock_that_steps_while_it_runs_is_asked_again(stage: Any) -> None:
    """The next login is refused for its time (60006); then OKX's clock is asked and the login after it is good.

    Questions by REST, and the login of the business stream, would find it out before that.
    """
    rest = {"fallback": "none", "algo_orders": False}
    quiet = {"session": {"backoff_first_ms": 334, "sweep_s": 3_600}, "rest_orders": rest}
    exchange, gateway = stage.unlimited(quiet)
    alpha = stage.trader(gateway)
    exchange.command("clock", skew_ms=60_000)
    exchange.command("drop", path="private")
    alpha.wait(lambda: len(exchange.logins()) >= 3, "three logins")
    assert [one["code"] for one in exchange.logins()] == ["0", "60006", "0"]
    alpha.wait(lambda: alpha.data("status")["ready"], "ready again")
    (row,) = alpha.ack("order", spot())
    assert row["result"] == "accepted"
