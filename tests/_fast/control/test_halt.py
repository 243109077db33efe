"""A halt stops new orders and amends, not cancels; it outlives a reconnection."""

from __future__ import annotations

from typing import Any

import pytest

from gateway._fast.control.halt import HaltControl

REASON = b"halted: the account may not trade"


@pytest.fixture
def hold(rig: Any) -> HaltControl:
    return HaltControl(rig.trading)


def test_new_orders_are_refused_with_the_reason_of_the_halt(rig: Any, hold: HaltControl) -> None:
    hold.halt(REASON)
    rig.send(rig.order("o1"))
    assert rig.frames == []
    assert (rig.reply["reason"], rig.reply["msg"].startswith("halted: ")) == ("not_ready", True)


def test_cancels_go_on(rig: Any, hold: HaltControl) -> None:
    rig.place("A1", "801")
    hold.halt(REASON)
    sent = len(rig.frames)
    rig.send({"id": "c1", "op": "cancel-order", "args": [{"instId": "BTC-USDT", "clOrdId": "A1"}]})
    assert [frame["op"] for frame in rig.frames[sent:]] == ["cancel-order"]


def test_a_reconciliation_does_not_lift_it(rig: Any, hold: HaltControl) -> None:
    hold.halt(REASON)
    rig.api.set_ready(False)
    rig.api.set_ready(True)
    assert hold.is_reconciled() and not rig.api.is_ready()


def test_resume_lifts_it_once_all_is_reconciled(rig: Any, hold: HaltControl) -> None:
    hold.halt(REASON)
    rig.api.set_ready(False)
    hold.resume()
    assert not rig.api.is_ready()
    rig.api.set_ready(True)
    assert rig.api.is_ready()
    rig.send(rig.order("o1"))
    assert len(rig.frames) == 1
