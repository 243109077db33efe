"""Tasks and timers of one owner: what fails is logged and done again, what is asked for twice is done once, and all ends together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import pytest

from gateway.errors import TransportError
from gateway.process.background import Background, DelayedWork, Throttle

pytestmark = pytest.mark.asyncio


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_so():
            await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("error", "level"), [(TransportError("REST is away"), "WARNING"), (RuntimeError("a defect"), "ERROR")]
)
async def test_work_that_fails_is_logged_and_repeated(
    error: Exception, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    background, turns = Background(), 0

    async def work() -> None:
        nonlocal turns
        turns += 1
        raise error

    background.begin(background.repeat(0, "it failed", work))
    await until(lambda: turns == 3)
    await background.stop()
    with_level = {(record.levelname, record.message) for record in caplog.records if record.levelno > logging.INFO}
    assert with_level == {(level, "it failed")}


async def test_stop_ends_tasks_and_timers() -> None:
    background, called = Background(), []
    task = background.begin(asyncio.sleep(60))
    background.later(0, lambda: called.append(1))
    await background.stop()
    assert task.cancelled()
    await asyncio.sleep(0.001)
    assert called == []


async def test_a_task_that_has_ended_is_forgotten() -> None:
    background = Background()

    async def work() -> None:
        pass

    await background.begin(work())
    await asyncio.sleep(0)
    assert not background._tasks


async def test_delayed_work_is_begun_once_for_all_who_asked_meanwhile() -> None:
    background, begun = Background(), []

    async def work() -> None:
        begun.append(1)

    delayed = DelayedWork(background, 0, work)
    for _ in range(3):
        delayed.ask()
    await until(lambda: bool(begun))
    assert begun == [1]
    delayed.ask()
    await until(lambda: len(begun) == 2)
    await background.stop()


async def test_a_throttle_lets_one_through(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = [100.0]
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now_s[0])
    throttle = Throttle(10)
    due = [throttle.is_due()]
    for now in (100.0, 109.9, 110.0, 119.0, 121.0):
        now_s[0] = now
        due.append(throttle.is_due())
    assert due == [True, False, False, True, False, True]
