"""Signals come out in the order in which the order path put them in."""

from __future__ import annotations

import pytest

from gateway.process.signals import AskFills, AskOrder, LogInAgain, ReadInstruments, ResyncClock, Signals

pytestmark = pytest.mark.asyncio


async def test_all_signals_in_their_order() -> None:
    signals = Signals()
    signals.log_in_again("OKX 60011")
    signals.resync_clock()
    signals.read_instruments()
    signals.ask_order("77", "A1")
    signals.ask_fills(b"78")
    assert [await signals.next() for _ in range(5)] == [
        LogInAgain("OKX 60011"),
        ResyncClock(),
        ReadInstruments(),
        AskOrder("77", "A1"),
        AskFills("78"),
    ]
