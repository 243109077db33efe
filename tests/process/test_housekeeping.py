"""Work that the order path asks for is done beside it, and what becomes of the private stream is acted on."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.journal.gaps import LostRecords
from gateway.okx.session_table import State
from gateway.process.gateway import Gateway
from gateway.process.housekeeping import RECORDS_LOST
from gateway.process.signals import Signals

pytestmark = pytest.mark.asyncio


def signals_of(gateway: Gateway) -> Signals:
    return gateway._parts.housekeeping._around.signals


async def ready(gateway: Gateway, until: Callable[..., Any]) -> None:
    await gateway.start()
    await until(lambda: gateway._parts.base.state.ready, "it is ready")


async def test_a_session_that_okx_refuses_is_opened_anew(gateway: Gateway, until: Callable[..., Any]) -> None:
    await ready(gateway, until)
    state = gateway._parts.base.state
    signals_of(gateway).log_in_again("OKX 60011")
    await until(lambda: not state.ready, "the session ends")
    await until(lambda: state.ready, "and another is there")


async def test_the_clock_and_the_instruments_are_asked_for_again(
    gateway: Gateway, until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await ready(gateway, until)
    asked = []
    rest = gateway._parts.rest

    async def time_offset_ns() -> int:
        asked.append("clock")
        return 0

    async def instruments(inst_type: str, inst_family: str) -> list[Any]:
        asked.append("instruments")
        return []

    monkeypatch.setattr(rest, "time_offset_ns", time_offset_ns)
    monkeypatch.setattr(rest, "instruments", instruments)
    signals_of(gateway).resync_clock()
    signals_of(gateway).read_instruments()
    await until(lambda: sorted(asked) == ["clock", "instruments"], "both are asked for")


async def test_lost_records_halt_orders_until_a_resume(gateway: Gateway, until: Callable[..., Any]) -> None:
    await ready(gateway, until)
    housekeeping, state = gateway._parts.housekeeping, gateway._parts.base.state
    housekeeping.halt_for(LostRecords())
    assert state.state == "ready", "none is lost"
    housekeeping.halt_for(SimpleNamespace(incomplete=True))  # type: ignore[arg-type]
    assert (state.state, state.ready, housekeeping.status()["halted"]) == ("halted", False, RECORDS_LOST)
    assert housekeeping.resume() is True
    assert (state.state, state.ready) == ("ready", True)
    assert housekeeping.resume() is False


async def test_another_connection_takes_over_when_asked_to(gateway: Gateway, until: Callable[..., Any]) -> None:
    housekeeping = gateway._parts.housekeeping
    assert housekeeping.reconnect() is False, "nothing was opened yet"
    await ready(gateway, until)
    (before,) = housekeeping.status()["connections"]
    assert housekeeping.reconnect() is True
    await until(
        lambda: [one["number"] for one in housekeeping.status()["connections"]] not in ([before["number"]], []),
        "there is another one",
    )
    assert gateway._parts.base.state.ready is True


async def test_pushes_that_the_stream_lost_are_an_alarm_and_a_new_connection_once(
    gateway: Gateway, until: Callable[..., Any]
) -> None:
    await ready(gateway, until)
    housekeeping, renewed = gateway._parts.housekeeping, []
    housekeeping.connections.renew = lambda reason: bool(renewed.append(reason))  # type: ignore[method-assign]
    before = gateway._parts.base.bus.last_seq(1)
    housekeeping._on_lost_pushes(2)
    housekeeping._on_lost_pushes(1)
    assert gateway._parts.base.bus.last_seq(1) == before + 2
    assert len(renewed) == 1 and "2 fills" in renewed[0]


async def test_a_session_that_fails_for_good_ends_the_gateway(gateway: Gateway, until: Callable[..., Any]) -> None:
    await ready(gateway, until)
    gateway._parts.housekeeping._on_private_state(State.FAILED, "OKX 60005")
    assert gateway.finished.is_set()
    assert gateway.failure == "OKX 60005"


async def test_evidence_for_the_dead_man_s_switch(gateway: Gateway, until: Callable[..., Any]) -> None:
    housekeeping = gateway._parts.housekeeping
    assert housekeeping.received_since(0) is False
    await ready(gateway, until)
    turns = housekeeping.turns()
    await until(lambda: housekeeping.turns() > turns, "the hot loop turns")
    assert housekeeping.received_since(0) is True
