"""The switch renews only on evidence, keeps OKX's pace, names the orders it cancels, and raises an alarm on failure."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from gateway.config.dead_man import DeadManConfig
from gateway.errors import TransportError
from gateway.guards.dead_man import DeadMan

S = 1_000_000_000


class World:
    """OKX's REST, the private stream and the hot loop, under a clock that only sleeping moves. Each turn of `run` is one sleep."""

    def __init__(self, **config: Any) -> None:
        self.now_ns = 100 * S
        self.sent: list[tuple[float, int, str]] = []
        self.alarms: list[tuple[str, str]] = []
        self.fails = False
        self.answers, self.loop_turns = True, True
        self.received_ns = self._turns = 0
        self._sleeps_left = 0
        self.switch = DeadMan(
            DeadManConfig(**{"enabled": True, **config}),
            self._cancel_all_after,
            lambda reason, msg: self.alarms.append((reason, msg)),
            self._sleep,
            lambda: self.now_ns,
        )

    async def _cancel_all_after(self, time_out_s: int, tag: str) -> dict[str, Any]:
        self.sent.append((self.now_ns / S - 100, time_out_s, tag))
        if self.fails:
            raise TransportError("REST is away")
        return {}

    async def _sleep(self, seconds: float) -> None:
        if seconds > 2:  # the period: events while it passes
            if self._sleeps_left == 0:
                raise asyncio.CancelledError
            self._sleeps_left -= 1
            self._turns += self.loop_turns
        self.now_ns += round(seconds * S)

    def ask(self) -> None:
        if self.answers:
            self.received_ns = self.now_ns + 1

    def received_since(self, mono_ns: int) -> bool:
        return self.received_ns > mono_ns

    def turns(self) -> int:
        return self._turns

    def run(self, periods: int) -> None:
        self._sleeps_left = periods
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(self.switch.run(self))

    def do(self, work: Any) -> None:
        asyncio.run(work())


def test_renewed_once_a_period_while_there_is_evidence() -> None:
    world = World(timeout_s=20, renew_s=5)
    world.do(world.switch.arm)
    world.run(3)
    assert world.sent == [(0, 20, ""), (5, 20, ""), (10, 20, ""), (15, 20, "")]
    assert world.alarms == []


@pytest.mark.parametrize("lacking", ["answers", "loop_turns"])
def test_not_renewed_without_evidence_and_one_alarm(lacking: str) -> None:
    world = World(timeout_s=20, renew_s=5)
    world.do(world.switch.arm)
    setattr(world, lacking, False)
    world.received_ns = 0
    world.run(5)
    assert len(world.sent) == 1
    assert [reason for reason, _ in world.alarms] == ["dead_man"]
    assert world.switch.status()["armed"] is False
    setattr(world, lacking, True)
    world.run(1)
    assert len(world.sent) == 2
    assert world.switch.status()["armed"] is True
    setattr(world, lacking, False)
    world.received_ns = 0
    world.run(1)
    assert len(world.alarms) == 2


def test_a_failure_raises_one_alarm_and_is_tried_again() -> None:
    world = World(renew_s=5)
    world.fails = True
    world.do(world.switch.arm)
    world.run(2)
    assert len(world.sent) == 3
    ((reason, msg),) = world.alarms
    assert reason == "dead_man" and "was not renewed" in msg and "REST is away" in msg
    assert world.switch.status()["armed"] is False
    world.fails = False
    world.run(1)
    assert world.switch.status()["armed"] is True


def test_disarmed_at_a_clean_stop_at_okxs_pace() -> None:
    world = World()
    world.do(world.switch.arm)
    world.do(world.switch.disarm)
    assert [what[1] for what in world.sent] == [30, 0]
    assert world.sent[1][0] - world.sent[0][0] >= 1.0
    assert world.switch.status()["armed"] is False


def test_a_switch_that_was_never_armed_is_not_disarmed() -> None:
    world = World()
    world.do(world.switch.disarm)
    assert world.sent == []


def test_okxs_limit_of_one_request_per_second_and_tag() -> None:
    world = World(tags=("a1", "b2"))
    for _ in range(3):
        world.do(world.switch.arm)
    for tag in ("a1", "b2"):
        times = [at for at, _, one in world.sent if one == tag]
        assert len(times) == 3
        assert all(later - earlier >= 1.0 for earlier, later in itertools.pairwise(times))
    assert {tag for _, _, tag in world.sent} == {"a1", "b2"}


def test_the_scope_names_the_orders_it_cancels() -> None:
    assert "including orders placed by other clients" in World().switch.scope
    tagged = World(tags=("a1", "b2")).switch
    assert tagged.scope.endswith("bear the tag a1, b2")
    assert tagged.status() == {
        "enabled": True, "armed": False, "timeoutS": 30, "tags": ["a1", "b2"], "cancels": tagged.scope, "renewedAgoMs": None
    }  # fmt: skip


def test_a_disabled_switch_does_nothing() -> None:
    world = World(enabled=False)
    world.do(world.switch.arm)
    asyncio.run(world.switch.run(world))
    world.do(world.switch.disarm)
    assert world.sent == [] and world.switch.status() == {"enabled": False}
