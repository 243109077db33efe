"""How a gateway starts, stops, dies and is replaced; and the configurations that it refuses."""

from __future__ import annotations

import json
import os
import signal
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.auditor import audit
from tests.e2e.processes import SECRETS, UNLIMITED, Exchange, Gateway, running, wait_until
from tests.e2e.strategy import spot


@pytest.fixture(scope="module")
def exchange(module_stage: Any) -> Exchange:
    started: Exchange = module_stage.exchange("--limiter-window", "off")
    return started


def test_sigterm_ends_it_cleanly(stage: Any) -> None:
    """It waits for acks in flight, refuses waiting requests, publishes its state, and removes the sockets; orders stay."""
    exchange = stage.exchange()
    gateway = stage.gateway(exchange)
    alpha = stage.trader(gateway, topics=("gateway.",))
    (resting,) = alpha.ack("order", spot())
    exchange.command("delay_acks", ms=1_000)  # the time in which it is seen stopping
    in_flight = alpha.submit("order", spot(px="90001"), gw={"receipt": True, "maxWaitMs": 9_000})
    alpha.answer(in_flight)
    for _ in range(60):
        alpha.submit("order", spot(px="80000"), gw={"maxWaitMs": 60_000})
    alpha.wait(lambda: alpha.data("status")["waiting"] > 0, "requests that wait")
    gateway.signal(signal.SIGTERM)
    alpha.event("gateway.state", state="stopping")
    assert alpha.ask("order", spot())["reason"] == "stopping"
    assert alpha.data("status")["state"] == "stopping"
    assert gateway.wait() == 0
    alpha.event("gateway.state", state="stopped")
    assert [one["state"] for one in alpha.events_of("gateway.state")][-2:] == ["stopping", "stopped"]
    assert alpha.event("ack", id=in_flight)["data"][0]["result"] == "accepted"
    results = [row for ack in alpha.events_of("ack") for row in ack["data"]]
    assert len(results) == 63 and {row["result"] for row in results} == {"accepted", "rejected"}
    assert {row["reason"] for row in results if row["result"] == "rejected"} == {"stopping"}
    assert not (gateway.sockets / "orders").exists() and not (gateway.sockets / "events").exists()
    assert resting["ordId"] in {one["ordId"] for one in exchange.live_orders()}
    audit(exchange, [alpha])
    assert gateway.last_words == ""
    assert " ERROR " not in gateway.output


def test_the_facts_of_a_start(stage: Any, exchange: Exchange) -> None:
    """Facts in the log, sockets for the owner alone, no second gateway in the same place, and no child left behind."""
    gateway = stage.gateway(exchange, UNLIMITED)
    alpha = stage.trader(gateway)
    (line,) = wait_until(
        lambda: [one for one in gateway.output.splitlines() if "gateway.process.gateway  gateway" in one],
        "the line of the start",
    )
    for fact in (
        "account=main",
        "environment=simulator",
        "uid=1000000000000001",
        f"orders=ipc://{gateway.sockets}/orders",
    ):
        assert fact in line, line
    assert "events=ipc://" in line and "place_per_2s=60" in line and "session=" in line
    assert stat.S_IMODE(gateway.sockets.stat().st_mode) == 0o700
    for name in ("orders", "events"):
        status = (gateway.sockets / name).stat()
        assert stat.S_ISSOCK(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o600

    second = stage.gateway(exchange, UNLIMITED, name="second")
    assert second.wait() == 2
    assert f"another gateway (pid {gateway.pid})" in second.last_words and "[sockets] dir" in second.last_words
    (row,) = alpha.ack("order", spot())
    assert row["result"] == "accepted" and len(exchange.logins()) == 1

    children = [int(pid) for pid in Path(f"/proc/{gateway.pid}/task/{gateway.pid}/children").read_text().split()]
    assert len(children) == 1  # the log's writer
    gateway.kill()
    wait_until(lambda: not is_alive(children[0]), "the log writer ends")


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_after_a_kill_the_next_one_takes_over(stage: Any) -> None:
    """A new session, new ids; old connections must send hello again; earlier orders still belong to their strategy."""
    exchange, first = stage.unlimited()
    alpha = stage.trader(first, topics=("gateway.",))
    before = alpha.hello()
    first_id = alpha.next_id()
    (old,) = alpha.ack("order", spot(), id=first_id)
    first.kill()
    assert (first.sockets / "orders").exists() and (first.sockets / "events").exists()
    second = stage.gateway(exchange, UNLIMITED, name="second")
    alpha.wait(
        lambda: [e for e in alpha.events_of("heartbeat", ready=True) if e["session"] != before["session"]],
        "the next gateway",
    )
    assert alpha.ask("order", spot())["reason"] == "hello_required"
    after = alpha.hello()
    assert after["session"] != before["session"] and (after["number"], after["lastId"]) == (before["number"], first_id)
    assert [one["ordId"] for one in alpha.data("snapshot")["orders"]] == [old["ordId"]]
    (new,) = alpha.ack("order", spot())
    assert int(new["clOrdId"]) > int(old["clOrdId"])
    for order in (old, new):
        (cancelled,) = alpha.ack("cancel-order", {"instId": "BTC-USDT", "clOrdId": order["clOrdId"]})
        assert cancelled["result"] == "accepted"
        alpha.event("order", ordId=order["ordId"], terminal=True)
    assert second.terminate() == 0


def test_it_waits_for_an_exchange_that_is_not_running_yet(stage: Any) -> None:
    exchange = stage.exchange("--limiter-window", "off")
    exchange.command("rest_errors", count=1_000, status=502)
    gateway = stage.gateway(exchange, UNLIMITED)
    alpha = stage.strategy(gateway, topics=("gateway.",))
    wait_until(lambda: "not reachable yet" in gateway.output, "the first failure")
    hello = alpha.hello()
    assert (hello["ready"], hello["state"]) == (False, "connecting")
    assert alpha.ask("order", spot())["reason"] == "not_ready"
    short = alpha.submit("order", spot(), gw={"maxWaitMs": 200})
    placed = alpha.submit("order", spot(), gw={"maxWaitMs": 30_000})
    doomed = alpha.submit("order", spot(), gw={"maxWaitMs": 30_000})
    cancel = alpha.submit("cancel-order", {"instId": "BTC-USDT", "gw": {"id": doomed}}, gw={"maxWaitMs": 30_000})
    repeat = alpha.submit("order", spot(), id=placed, gw={"maxWaitMs": 30_000})
    beta = stage.strategy(gateway, "beta")
    beta.hello()
    malformed = beta.submit("order", spot(x=1), gw={"maxWaitMs": 30_000})
    row = json.dumps(spot())[:-1] + ',"x":1e400}'
    beta.send(f'{{"id":"huge","op":"order","args":[{row}],"gw":{{"maxWaitMs":30000}}}}'.encode())
    cancelled = beta.submit("cancel-all")
    assert (alpha.data("status")["startupQueue"], beta.data("status")["startupQueue"]) == (5, 3)
    refused = alpha.event("ack", id=short)["data"][0]
    assert (refused["result"], refused["reason"]) == ("rejected", "not_ready")
    assert "loaded the instruments" in alpha.answer(short)["msg"]
    exchange.command("clear")
    alpha.wait_ready()
    assert alpha.event("ack", id=placed)["data"][0]["result"] == "accepted"
    assert alpha.event("ack", id=doomed)["data"][0]["reason"] == "cancelled_before_send"
    assert alpha.event("ack", id=cancel)["data"][0]["result"] == "accepted"
    assert alpha.answer(repeat)["id"] == placed
    answer = beta.answer(cancelled)["data"][0]
    assert answer == {"cancelled": 0, "withdrawn": 2}
    for request_id in (malformed, "huge"):
        assert beta.event("ack", id=request_id)["data"][0]["reason"] == "cancelled_before_send"
    assert [one["op"] for one in exchange.ledger("request")] == ["order"]
    assert len(exchange.live_orders()) == 1
    (row,) = alpha.ack("order", spot())
    assert row["result"] == "accepted"


def test_sigint_ends_it_before_it_is_ready(stage: Any) -> None:
    exchange = stage.exchange()
    exchange.command("rest_errors", count=1_000, status=502)
    gateway = stage.gateway(exchange)
    wait_until(lambda: "not reachable yet" in gateway.output, "the first failure")
    gateway.signal(signal.SIGINT)
    assert gateway.wait() == 0
    assert not (gateway.sockets / "orders").exists()


# --- refused starts

WRONG_KEYS = {
    "read only": ({**SECRETS, "OKX_API_KEY": "sim-read-only"}, "no trade permission"),
    "wrong secret": ({**SECRETS, "OKX_SECRET_KEY": "WRONG-SECRET-VALUE"}, "check secret_key"),
    "wrong passphrase": ({**SECRETS, "OKX_PASSPHRASE": "wrong-passphrase"}, "passphrase is wrong"),
    "unknown key": ({**SECRETS, "OKX_API_KEY": "no-such-key"}, "wrong region"),
}


@pytest.mark.parametrize("key", ["read only", "wrong secret"])
def test_a_key_that_cannot_trade(stage: Any, exchange: Exchange, key: str) -> None:
    secrets, fix = WRONG_KEYS[key]
    logins = len(exchange.logins())
    gateway = stage.gateway(exchange, secrets=secrets)
    assert gateway.wait() == 1
    assert fix in gateway.last_words
    assert not [one for one in secrets.values() if one in gateway.output and one != "simulated"]
    assert not (gateway.sockets / "orders").exists() and len(exchange.logins()) == logins


def test_a_wrong_configuration(stage: Any) -> None:
    """All faults are reported together, with status 2."""
    settings = {"requests": {"max_wait_ms": "long"}, "limitz": {"a": 1}}
    gateway = stage.gateway(None, settings, secrets={"OKX_API_KEY": "x"})
    assert gateway.wait() == 2
    for words in ("3 problems", "[requests] max_wait_ms", "did you mean 'limits'", "secret_key, passphrase: not found"):
        assert words in gateway.output, gateway.output


# --- check


def checked(stage: Any, exchange: Any, *options: str, **more: Any) -> tuple[int, str]:
    with running(Gateway(stage.directory, exchange, command=("check", *options), name="check", **more)) as check:
        return check.wait(), check.output


def test_check(stage: Any, exchange: Exchange) -> None:
    """Line by line; without --online nothing is asked of OKX."""
    since = exchange.next_record()
    status, text = checked(stage, exchange)
    assert status == 0 and "FAIL" not in text
    for words in (
        "compiled part",
        "picows",
        "environment simulator (local)",
        "api_key, secret_key and passphrase are set",
        "[sockets] dir",
    ):
        assert words in text, text
    status, text = checked(stage, exchange, "--online")
    assert status == 0 and "FAIL" not in text
    for words in (
        "key permissions: read_only, trade", "not bound to IP addresses", "account mode: Futures (acctLv=2)", "position mode: net",
        "self-trade prevention", "OKX's clock is", "sub-account limit: 1000", "13 SPOT, 11 live", "WebSocket: connected and logged in",
    ):  # fmt: skip
        assert words in text, text
    wait_until(lambda: len(exchange.ledger("session", since)) == 3, "the exchange sees it go")
    assert [one["event"] for one in exchange.ledger("session", since)] == ["connected", "login", "closed"]


@pytest.mark.parametrize("key", ["read only", "wrong passphrase", "unknown key"])
def test_check_of_a_key_that_cannot_trade(stage: Any, exchange: Exchange, key: str) -> None:
    secrets, fix = WRONG_KEYS[key]
    status, text = checked(stage, exchange, "--online", secrets=secrets)
    assert status == 1 and fix in text and "FAIL" in text
    assert not [one for one in secrets.values() if one in text and one != "simulated"]


def test_check_of_a_demo_key_outside_of_demo(stage: Any) -> None:
    """The simulator stands for demo trading, whose keys are separate and whose REST needs a header."""
    exchange = stage.exchange("--demo")
    status, text = checked(stage, exchange, "--online")
    assert status == 1 and "50101" in text and "-demo" in text


def test_check_without_anyone_there(stage: Any) -> None:
    exchange = stage.exchange()
    exchange.terminate()
    status, text = checked(stage, exchange, "--online")
    assert status == 1 and text.count("FAIL") == 2 and "rest_url" in text and "ws_private_url" in text
