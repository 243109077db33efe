"""A gateway in this process against a simulated exchange in this process, on one loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.config.loading import Config, load_config
from gateway.process.gateway import Gateway
from gateway.sim import AccountSpec, ApiKey, SimConfig, SimulatedExchange

ENVIRON = {"OKX_API_KEY": "k", "OKX_SECRET_KEY": "s", "OKX_PASSPHRASE": "p"}


async def _until(is_so: Callable[[], bool], what: str) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.001)
    assert is_so(), what


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    """Waits for a condition while the loop goes on."""
    return _until


@pytest_asyncio.fixture
async def exchange() -> AsyncIterator[SimulatedExchange]:
    async with SimulatedExchange(SimConfig(accounts=(AccountSpec("1", (ApiKey("k", "s", "p"),)),))) as made:
        yield made


@pytest.fixture
def config(exchange: SimulatedExchange, tmp_path: Path) -> Config:
    """With the strategy `alpha`, and all its files in a directory of the test."""
    ws = f"ws://127.0.0.1:{exchange.port}/ws/v5"
    file = tmp_path / "gateway.toml"
    file.write_text(f"""
[account]
environment = "simulator"
rest_url = "http://127.0.0.1:{exchange.port}"
ws_private_url = "{ws}/private"
ws_public_url = "{ws}/public"
ws_business_url = "{ws}/business"
inst_types = ["SPOT"]
[sockets]
dir = "{tmp_path}/run"
[journal]
dir = "{tmp_path}/journal"
segment_mib = 8
[stop]
drain_ms = 100
[[strategy]]
name = "alpha"
number = 900
""")
    return load_config(file, ENVIRON)


@pytest_asyncio.fixture
async def gateway(config: Config) -> AsyncIterator[Gateway]:
    """Made, and not started. Stopped after the test in any case."""
    made = Gateway(config)
    yield made
    if not made._parts.displayed.is_stopping:
        await made.stop()
