"""pytest fixtures of the simulated exchange, for users' own tests. In a conftest.py:

pytest_plugins = ["gateway.sim.fixture"]

    def test_my_strategy(okx_sim):                      # in a thread: for tests of any kind
        okx_sim.command("quote", inst_id="BTC-USDT", side="sell", px="100000", sz="1")
        ...  # okx_sim.rest_url, okx_sim.ws_url("private"), okx_sim.view("ledger", type="fill")

    @pytest.mark.okx_sim(seed=7, scenario={"chance": [{"verb": "swallow_acks", "probability": 0.1}]})
    async def test_my_client(okx_sim_async):            # in the test's own loop; needs pytest-asyncio
        assert okx_sim_async.ledger.fills == []

A new exchange for each test. Its configuration is the fixture `okx_sim_config`, which may be overridden, with the
members changed that a mark `okx_sim` names.
"""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator, Iterator
from dataclasses import fields, replace

import pytest

from gateway.sim.base.configuration import SimConfig, Switches
from gateway.sim.hosting.server import SimulatedExchange
from gateway.sim.hosting.threaded import ThreadedExchange

MARK = "okx_sim"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARK}(**members): members of SimConfig for the fixtures of this test")


@pytest.fixture
def okx_sim_config() -> SimConfig:
    """The configuration of the exchange: no background market, and a free port."""
    return SimConfig()


def _marked(request: pytest.FixtureRequest, base: SimConfig) -> SimConfig:
    """With fresh switches, so that no test turns those of another."""
    config = replace(base, switches=replace(base.switches))
    for mark in reversed(list(request.node.iter_markers(MARK))):
        known = {one.name for one in fields(SimConfig)}
        unknown = set(mark.kwargs) - known
        if unknown or mark.args:
            given = ", ".join([*map(repr, mark.args), *sorted(unknown)])
            raise pytest.UsageError(f"mark {MARK} takes members of SimConfig by name, not {given}")
        config = replace(config, **mark.kwargs)
    return config


@pytest.fixture
def okx_sim(request: pytest.FixtureRequest, okx_sim_config: SimConfig) -> Iterator[ThreadedExchange]:
    """A simulated OKX in a thread."""
    with ThreadedExchange(_marked(request, okx_sim_config)) as sim:
        yield sim


if importlib.util.find_spec("pytest_asyncio") is not None:
    import pytest_asyncio

    @pytest_asyncio.fixture
    async def okx_sim_async(
        request: pytest.FixtureRequest, okx_sim_config: SimConfig
    ) -> AsyncIterator[SimulatedExchange]:
        """A simulated OKX in the test's event loop."""
        async with SimulatedExchange(_marked(request, okx_sim_config)) as sim:
            yield sim


__all__ = ["SimConfig", "Switches", "okx_sim", "okx_sim_config"]
