"""The program itself: ready file, output, TLS, ledger file, clean end on a signal."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import socket
import ssl
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.sim.command import add_arguments, config_from, main
from gateway.sim.hosting.tied_process import tied

ROOT = Path(__file__).parents[2]


@pytest.mark.asyncio
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
async def test_a_run_with_tls_from_start_to_signal(tmp_path: Path, end: signal.Signals) -> None:
    ready, ledger = tmp_path / "ready.json", tmp_path / "ledger.jsonl"
    options = (
        "--port",
        "0",
        "--tls",
        tmp_path / "tls",
        "--ready-file",
        ready,
        "--ledger",
        ledger,
        "--market-rate",
        "0",
    )
    process = await asyncio.create_subprocess_exec(
        *tied([sys.executable, "-m", "gateway.sim", *map(str, options)]), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    printed = [(await asyncio.wait_for(process.stdout.readline(), 20)).decode().split() for _ in range(4)]
    addresses = json.loads(ready.read_text())
    assert dict(printed) == addresses and addresses["ws"].startswith("wss://127.0.0.1:")
    context = ssl.create_default_context(cafile=addresses["ca"])
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{addresses['rest']}/api/v5/public/time", ssl=context) as answer:
            assert (await answer.json())["code"] == "0"
        async with session.ws_connect(f"{addresses['ws']}/ws/v5/public", ssl=context) as ws:
            await ws.send_str("ping")
            assert (await ws.receive(timeout=5)).data == "pong"
            process.send_signal(end)
            assert await asyncio.wait_for(process.wait(), 10) == 0
    records = [json.loads(line) for line in ledger.read_text().splitlines()]
    assert [one["event"] for one in records if one["type"] == "session"] == ["connected", "closed"]


def arguments(*options: str) -> Any:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(options)


def test_options_reach_the_configuration() -> None:
    config = config_from(
        arguments(
            "--port", "9", "--acct-lv", "3", "--pos-mode", "long_short_mode", "--balance", "USDT=5", "--demo",
            "--limiter-window", "fixed", "--push-first", "0.5", "--market-rate", "3", "--skew-ms", "-7", "--lever", "2.5",
        )
    )  # fmt: skip
    assert (config.port, config.demo, config.market_rate, config.skew_ms) == (9, True, 3.0, -7)
    account = config.accounts[0]
    assert (account.acct_lv, account.pos_mode, str(account.balances["USDT"])) == ("3", "long_short_mode", "5")
    assert str(account.lever) == "2.5"
    assert all(key.demo for one in config.accounts for key in one.api_keys)
    assert (config.switches.limiter_window, config.switches.push_first_probability) == ("fixed", 0.5)


def test_empty_accounts_have_only_what_is_given() -> None:
    assert [dict(one.balances) for one in config_from(arguments("--empty")).accounts] == [{}, {}]
    config = config_from(arguments("--empty", "--balance", "ETH=2"))
    assert [dict(one.balances) for one in config.accounts] == [{"ETH": 2}, {"ETH": 2}]


@pytest.mark.parametrize("lever", ["x", "0.5", "-3"])
def test_a_wrong_leverage_is_an_error(capsys: pytest.CaptureFixture[str], lever: str) -> None:
    assert main(arguments(f"--lever={lever}")) == 2
    assert "expected a decimal from 1" in capsys.readouterr().err


def test_a_wrong_balance_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments("--balance", "USDT")) == 2
    assert "CCY=AMOUNT" in capsys.readouterr().err


def test_the_default_port_is_where_the_gateway_looks() -> None:
    assert arguments().port == 18_480


def test_a_taken_port_suggests_another_one(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(arguments("--port", str(port))) == 1
    error = capsys.readouterr().err
    assert f"port {port} of 127.0.0.1 is taken" in error and "--port" in error


def test_an_invalid_scenario_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wrong.json"
    path.write_text('{"chance": [{"verb": "swallow_acks"}]}')
    assert main(arguments("--port", "0", "--scenario", str(path))) == 2
    assert "chance 1 (swallow_acks): probability" in capsys.readouterr().err
