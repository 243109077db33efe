"""Trading over TLS, and the effect of an untrusted certificate."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from tests.e2e.auditor import audit
from tests.e2e.processes import Gateway, running
from tests.e2e.strategy import spot


def test_trading_over_tls(stage: Any) -> None:
    exchange, gateway = trusting(stage)
    assert exchange.addresses["ws"].startswith("wss://") and exchange.addresses["rest"].startswith("https://")
    alpha = stage.trader(gateway)
    exchange.command("quote", inst_id="BTC-USDT", side="sell", px="100000", sz="1")
    resting, taking = alpha.ack("batch-orders", spot(), spot(ordType="ioc", px="100000"))
    assert resting["result"] == taking["result"] == "accepted"
    assert alpha.event("fill", ordId=taking["ordId"])["fillPx"] == "100000"
    (amended,) = alpha.ack("amend-order", {"instId": "BTC-USDT", "ordId": resting["ordId"], "newPx": "90001"})
    (cancelled,) = alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": resting["ordId"]})
    assert amended["result"] == cancelled["result"] == "accepted"
    alpha.event("order", ordId=resting["ordId"], terminal=True)
    alpha.event("order", ordId=taking["ordId"], terminal=True)
    audit(exchange, [alpha])
    assert gateway.terminate() == 0


def trusting(stage: Any) -> tuple[Any, Gateway]:
    exchange = stage.exchange("--limiter-window", "off", "--tls", str(stage.directory / "tls"))
    settings = {"account": {"ca_file": exchange.addresses["ca"]}, "limits": {"window_ms": 1, "margin_ms": 0}}
    return exchange, stage.gateway(exchange, settings)


def foreign_authority(directory: Path) -> Path:
    """A certificate authority that has nothing to do with the exchange."""
    certificate = directory / "foreign.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=foreign",
    ]
    subprocess.run([*command, "-keyout", directory / "key.pem", "-out", certificate], check=True, capture_output=True)
    return certificate


def test_an_untrusted_certificate_is_named_and_nothing_is_sent(stage: Any) -> None:
    """At the first contact that is a matter of configuration: it ends, and names the fix."""
    exchange = stage.exchange("--tls", str(stage.directory / "tls"))
    settings = {"account": {"ca_file": str(foreign_authority(stage.directory))}}
    gateway = stage.gateway(exchange, settings)
    assert gateway.wait() == 1
    assert "certificate verify failed" in gateway.last_words and "[account] ca_file" in gateway.last_words
    with running(Gateway(stage.directory, exchange, settings, command=("check", "--online"), name="check")) as check:
        assert check.wait() == 1
        assert "certificate verify failed" in check.output
    assert exchange.view("ledger") == []
