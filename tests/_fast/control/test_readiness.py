"""The clock, the stop and the readiness that the control plane sets."""

from __future__ import annotations

from typing import Any

MS = 1_000_000


def test_okx_s_clock_stands_in_every_exp_time(rig: Any) -> None:
    rig.api.set_okx_clock(1_800_000_000_000 * MS - rig.now)
    rig.send(rig.order("o1"))
    rig.send(rig.amend("a1", ordId="5"))
    assert [frame["expTime"] for frame in rig.frames] == ["1800000005000"] * 2


def test_what_is_not_known_of_okx_s_clock_is_taken_off_the_exp_time(rig: Any) -> None:
    """Its clock may be ahead by that much: the order must not be executed later than `order_ttl_ms` after it left."""
    rig.api.set_okx_clock(1_800_000_000_000 * MS - rig.now, 300 * MS)
    rig.send(rig.order("o1"))
    assert rig.frames[0]["expTime"] == "1800000004700"


def test_what_has_expired_is_refused(rig: Any) -> None:
    rig.send(rig.order("o1") | {"expTime": "1700000000001"})
    rig.send(rig.order("o2") | {"expTime": "1700000000001"}, at=rig.now + MS)
    assert len(rig.frames) == 1
    assert (rig.reply["id"], rig.reply["reason"]) == ("o2", "expired")


def test_after_a_loss_nothing_goes_until_the_next_login(rig: Any) -> None:
    rig.api.connection_lost()
    rig.api.set_ready(False)
    assert rig.api.is_ready() is False
    rig.send(rig.cancel("c1", ordId="5"))
    assert rig.reply["reason"] == "not_ready"
    rig.api.connection_opened(rig.sink)
    rig.send(rig.cancel("c2", ordId="5"))
    assert len(rig.frames) == 1
    assert rig.api.is_ready() is False
    rig.api.set_ready(True)
    assert rig.api.is_ready() is True
