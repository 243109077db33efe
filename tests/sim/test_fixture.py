"""The fixtures, as a user's own test run has them."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

USERS_TESTS = """
import asyncio, json, urllib.request
import aiohttp, pytest
from gateway.sim import SimConfig, Switches

def time_of(url):
    with urllib.request.urlopen(f"{url}/api/v5/public/time", timeout=5) as answer:
        return json.loads(answer.read())["code"]

def test_sync(okx_sim):
    assert time_of(okx_sim.rest_url) == "0"
    okx_sim.command("quote", inst_id="BTC-USDT", side="sell", px="100000", sz="1")
    assert [one["state"] for one in okx_sim.view("ledger", type="order")] == ["live"]
    okx_sim.command("switch", name="limiter_window", value="off")

def test_a_new_exchange_for_each_test(okx_sim):
    assert okx_sim.view("ledger") == []
    assert okx_sim.view("switches")["limiter_window"] == "sliding"

@pytest.mark.okx_sim(seed=7, skew_ms=5, switches=Switches(limiter_window="fixed"))
@pytest.mark.asyncio
async def test_async(okx_sim_async):
    sim = okx_sim_async
    assert (sim.config.seed, sim.config.skew_ms, sim.exchange.switches.limiter_window) == (7, 5, "fixed")
    async with aiohttp.ClientSession() as session, session.ws_connect(sim.ws_url("public")) as ws:
        await ws.send_str("ping")
        assert (await ws.receive(timeout=5)).data == "pong"

@pytest.mark.okx_sim(scenario={"step": [{"verb": "rest_errors", "status": 502}]})
@pytest.mark.asyncio
async def test_the_sync_one_in_an_async_test(okx_sim):
    with pytest.raises(urllib.error.HTTPError, match="502"):
        await asyncio.to_thread(time_of, okx_sim.rest_url)

class TestOverride:
    @pytest.fixture
    def okx_sim_config(self):
        return SimConfig(seed=9)

    def test_override(self, okx_sim):
        assert okx_sim.config.seed == 9
"""


def test_a_users_tests(pytester: pytest.Pytester) -> None:
    pytester.syspathinsert(Path(__file__).parents[2])
    pytester.makeconftest('pytest_plugins = ["gateway.sim.fixture"]')
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(USERS_TESTS)
    pytester.runpytest_inprocess("-p", "no:cacheprovider", "--strict-markers").assert_outcomes(passed=5)


def test_a_wrong_mark_lists_the_valid_members(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["gateway.sim.fixture"]')
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile("import pytest\n@pytest.mark.okx_sim(sede=7)\ndef test_it(okx_sim): pass\n")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*takes members of SimConfig by name, not sede*"])
