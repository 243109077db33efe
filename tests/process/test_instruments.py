"""Instruments: loaded, kept fresh by pushes, read again when an announced change takes effect."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import pytest_asyncio

from gateway._fast.limits.instruments import InstrumentTable
from gateway.config.loading import Config, load_config
from gateway.errors import TransportError
from gateway.okx.instruments import Catalogue
from gateway.process.instruments import CHANGE_MARGIN_MS, RELOAD_RETRY_S, Instruments, instrument_table

pytestmark = pytest.mark.asyncio
NOW_MS = 1_700_000_000_000


def row(inst_id: str = "BTC-USDT", code: int = 10001, **changes: Any) -> dict[str, Any]:
    """OKX docs, Public Data, Get instruments: the fields that the gateway reads."""
    named = {"instType": "SPOT", "instId": inst_id, "instIdCode": code, "state": "live", "tickSz": "0.1"}
    return {**named, "lotSz": "0.00000001", "minSz": "0.00001", "maxLmtSz": "9999", "maxMktSz": "100", **changes}


def catalogue(*rows: dict[str, Any]) -> Catalogue:
    made = Catalogue()
    made.merge(rows)
    return made


class Rest:
    """OKX's instruments; `during` is called while a question is under way."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.asked = 0
        self.is_away = False
        self.during: Callable[[], None] = lambda: None

    async def instruments(self, inst_type: str, inst_family: str) -> list[dict[str, Any]]:
        self.asked += 1
        rows = list(self.rows)
        self.during()
        if self.is_away:
            raise TransportError("REST is away")
        return rows


class Scene:
    def __init__(self, capacity: int = 8) -> None:
        environ = {"OKX_API_KEY": "k", "OKX_SECRET_KEY": "s", "OKX_PASSPHRASE": "p"}
        self.rest, self.alarms, self.now_ms = Rest(), [], NOW_MS
        self.table = InstrumentTable(capacity, 1, 60, 60, 60, 300, 5, 1000)
        self.config = config(environ)
        self.instruments = Instruments(
            self.config,
            self.rest,  # type: ignore[arg-type]
            lambda: self.now_ms,
            lambda reason, msg: self.alarms.append(reason),
            self.table,
        )
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.instruments._loop = self  # type: ignore[assignment]

    def call_later(self, delay_s: float, call: Callable[[], None]) -> Any:
        self.timers.append((delay_s, call))
        return asyncio.get_running_loop().call_later(3_600, call)

    def create_task(self, work: Any) -> Any:
        return asyncio.get_running_loop().create_task(work)


def config(environ: dict[str, str]) -> Config:
    return load_config(None, {**environ, "GATEWAY_ACCOUNT__INST_TYPES": '["SPOT"]'})


@pytest_asyncio.fixture
async def scene() -> Any:
    made = Scene()
    yield made
    made.instruments.stop()


async def test_what_was_loaded_is_in_the_table(scene: Scene) -> None:
    scene.instruments.load(catalogue(row(), row("ETH-USDT", 10002)))
    assert scene.table.count == 2
    assert scene.instruments.inst_type_of("ETH-USDT") == "SPOT"
    assert scene.instruments.inst_type_of("XRP-USDT") == ""
    assert scene.timers == []


async def test_a_push_adds_an_instrument(scene: Scene) -> None:
    scene.instruments.load(catalogue(row()))
    scene.instruments.merge_rows([row("ETH-USDT", 10002)])
    assert scene.table.count == 2


async def test_more_than_the_table_holds_is_an_alarm(scene: Scene) -> None:
    small = Scene(capacity=1)
    small.instruments.load(catalogue(row(), row("ETH-USDT", 10002)))
    assert small.alarms == ["instruments"]


async def test_a_push_during_a_reload_is_newer_than_the_answer(scene: Scene) -> None:
    scene.instruments.load(catalogue(row()))
    scene.rest.rows = [row()]
    scene.rest.during = lambda: scene.instruments.merge_rows([row("ETH-USDT", 10002)])
    await scene.instruments.reload()
    assert scene.instruments.inst_type_of("ETH-USDT") == "SPOT"


async def test_an_announced_change_is_read_after_it_takes_effect(scene: Scene) -> None:
    """OKX docs, Get instruments, `upcChg`: the parameter, its new value, and when it takes effect."""
    change = {"param": "tickSz", "newValue": "0.01", "effTime": str(NOW_MS + 60_000)}
    scene.instruments.load(catalogue(row(upcChg=[change])))
    ((delay_s, reload),) = scene.timers
    assert delay_s == (60_000 + CHANGE_MARGIN_MS) / 1_000
    scene.rest.is_away = True
    reload()
    async with asyncio.timeout(5):
        while len(scene.timers) < 2:
            await asyncio.sleep(0)
    assert (scene.rest.asked, scene.timers[1][0]) == (1, RELOAD_RETRY_S)
    scene.rest.is_away, scene.rest.rows, scene.now_ms = False, [row(tickSz="0.01")], NOW_MS + 61_000
    scene.timers[1][1]()
    async with asyncio.timeout(5):
        while scene.rest.asked < 2:
            await asyncio.sleep(0)
    assert len(scene.timers) == 2


async def test_the_table_of_a_configuration_is_empty_and_has_its_limits(scene: Scene) -> None:
    table = instrument_table(scene.config)
    assert table.count == 0
