"""Invariant 8, no secret leaks: a run with full logging and many faults, and not one secret in its output."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

from gateway.config.loading import load_config
from gateway.sim.base.configuration import AccountSpec, ApiKey
from tests.e2e.exchange_thread import ExchangeThread
from tests.e2e.processes import Gateway, running, toml, wait_until
from tests.e2e.strategy import spot

SECRETS = {
    "OKX_API_KEY": "key-QXJ0aGRlbnQ",
    "OKX_SECRET_KEY": "SECRET-TWFydmlu77",
    "OKX_PASSPHRASE": "pass-U2xhcnRp-42",
}
SPELLINGS = [
    text for one in SECRETS.values() for text in (one, base64.b64encode(one.encode()).decode(), one.encode().hex())
]


def account() -> AccountSpec:
    return AccountSpec(
        "1000000000000001", (ApiKey(SECRETS["OKX_API_KEY"], SECRETS["OKX_SECRET_KEY"], SECRETS["OKX_PASSPHRASE"]),)
    )


def leaks(text: str) -> list[str]:
    """Secrets, and the values sent in place of one: signatures (HMAC-SHA256 in Base64)."""
    return [one for one in SPELLINGS if one in text] + re.findall(r"[A-Za-z0-9+/]{43}=", text)


def test_a_run_with_everything_logged(stage: Any) -> None:
    settings = {
        "log": {"level": "DEBUG"},
        "limits": {"window_ms": 1, "margin_ms": 0},
        "session": {"backoff_first_ms": 334},
        "requests": {"ack_timeout_ms": 200, "order_ttl_ms": 200},
    }
    with ExchangeThread(accounts=(account(),)) as exchange:
        gateway = stage.gateway(exchange, settings, secrets=SECRETS)
        alpha = stage.trader(gateway, topics=("",))
        alpha.ack("batch-orders", spot(), spot(px="1.23456"))
        for message in (b"", b"nonsense", json.dumps(SECRETS).encode()):
            alpha.send(message)
        exchange.command("swallow_acks", count=1)
        exchange.command("lose_pushes", count=1)
        alpha.ack("order", spot())
        exchange.command("refuse_logins", code="60006", count=1)
        exchange.command("rest_errors", count=2, status=401)
        exchange.command("close", path="private", code=4006)
        wait_until(lambda: "login_refused_clock" in gateway.output, "a refused login")
        alpha.wait(lambda: alpha.data("status")["ready"], "ready again")
        login = {
            "op": "login",
            "args": [
                {"apiKey": SECRETS["OKX_API_KEY"], "passphrase": SECRETS["OKX_PASSPHRASE"], "sign": 43 * "A" + "="}
            ],
        }
        echo = {"event": "error", "code": "60012", "msg": f"Illegal request: {json.dumps(login)}"}
        exchange.push(json.dumps(echo).encode(), json.dumps(login).encode(), b"surprise")
        alpha.ask("status")
        child = Path(f"/proc/{gateway.pid}/task/{gateway.pid}/children").read_text().split()[0]
        assert not leaks(Path(f"/proc/{child}/environ").read_text())
        assert not leaks(Path(f"/proc/{gateway.pid}/cmdline").read_text())
        exchange.command("refuse_logins", code="60024", count=1)
        exchange.command("drop", path="private")
        assert gateway.wait() == 1
        assert not leaks(gateway.output)
        assert not leaks(json.dumps([alpha.answers, alpha.events]))
        for file in (path for path in gateway.sockets.rglob("*") if not path.is_dir()):
            assert not leaks(file.read_bytes().decode("latin-1"))


def test_check_online_prints_none(stage: Any) -> None:
    with ExchangeThread(accounts=(account(),)) as exchange:
        with running(
            Gateway(stage.directory, exchange, secrets=SECRETS, command=("check", "--online"), name="check")
        ) as check:
            assert check.wait() == 0
            assert not leaks(check.output)
        with running(
            Gateway(
                stage.directory,
                exchange,
                secrets={**SECRETS, "OKX_PASSPHRASE": "x" + SECRETS["OKX_PASSPHRASE"]},
                command=("check", "--online"),
                name="wrong",
            )
        ) as check:
            assert check.wait() == 1
            assert not leaks(check.output)


def test_the_configuration_shows_none(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(toml({"account": {"environment": "simulator"}, "sockets": {"dir": str(tmp_path)}}))
    config = load_config(file, SECRETS)
    for shown in (
        repr(config),
        str(config),
        f"{config.credentials}",
        config.model_dump_json(),
        repr(config.model_dump()),
        repr(vars(config)),
    ):
        assert not leaks(shown)
    assert config.credentials.secret_key.reveal() == SECRETS["OKX_SECRET_KEY"]


def test_a_secret_in_the_wrong_place_is_not_repeated(stage: Any) -> None:
    """In the configuration file, where it does not belong, and in a secrets file that is open to others."""
    gateway = stage.gateway(None, {"account": {"secret_key": SECRETS["OKX_SECRET_KEY"]}}, secrets=SECRETS)
    assert gateway.wait() == 2 and "secrets are not allowed in this file" in gateway.output
    assert not leaks(gateway.output)
    file = stage.directory / "secrets.toml"
    file.write_text(f'api_key = "{SECRETS["OKX_API_KEY"]}"\n')
    file.chmod(0o644)
    second = stage.gateway(None, {"account": {"secrets_file": str(file)}}, secrets={}, name="second")
    assert second.wait() == 2 and "chmod 600" in second.output
    assert not leaks(second.output)
