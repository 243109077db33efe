"""A group of private connections: which one is used, what the pipeline is told of each, and what a gap is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.okx.session_table import State
from tests.connections.scenes.group_scene import OKX_NOW_MS
from tests.connections.scenes.virtual_time import on_virtual_time

# ---------------------------------------------------------------- one connection


@on_virtual_time
async def test_the_active_connection_carries_orders_and_stream_from_its_login_on(group_scene: Any) -> None:
    scene = group_scene()
    group = scene.group()
    group.start()
    group.active.logs_in()
    assert scene.api.take() == [
        ("stream_opened", group.active),
        ("connection_opened", group.active),
        ("stream_leads", group.active),
    ]
    assert not group.is_complete()
    group.active.becomes(State.READY)
    assert scene.api.take() == [("set_ready", True)]
    assert group.is_complete()


@pytest.mark.parametrize(
    ("orders", "stream", "called"),
    [
        (True, False, ["connection_opened", "connection_closing", "connection_lost"]),
        (False, True, ["stream_opened", "stream_leads", "set_ready", "stream_lost", "set_ready", "set_ready"]),
    ],
)
@on_virtual_time
async def test_a_group_for_one_of_both_leaves_the_other_alone(
    group_scene: Any, orders: bool, stream: bool, called: list[str]
) -> None:
    scene = group_scene()
    group = scene.group(orders=orders, stream=stream)
    group.active.is_ready()
    group.active.is_lost()
    assert [call[0] for call in scene.api.take()] == called


@on_virtual_time
async def test_a_lost_connection_is_a_gap_and_no_order_goes(group_scene: Any) -> None:
    scene = group_scene()
    group = scene.group()
    group.active.is_ready()
    scene.api.take()
    group.active.is_lost()
    calls = scene.api.take()
    assert calls[:3] == [
        ("connection_closing",),
        ("connection_lost", group.active),
        ("stream_lost", group.active),
    ]
    assert set(calls[3:]) == {("set_ready", False)}
    assert set(scene.gaps) == {OKX_NOW_MS}
    assert not group.is_complete()
    assert scene.changes == ["", "the connection was lost"]


@on_virtual_time
async def test_without_a_wish_there_is_no_standby(group_scene: Any) -> None:
    scene = group_scene(hot_standby=False)
    group = scene.group()
    group.active.is_ready()
    group.check_standby()
    assert (len(scene.connections), group.standby) == (1, None)


@on_virtual_time
async def test_a_notice_on_a_connection_that_is_not_active_finds_no_successor(group_scene: Any) -> None:
    scene = group_scene(hot_standby=True)
    group = scene.group()
    group.active.is_ready()
    group.check_standby()
    assert group.on_notice(group.standby, "notice") is False
    assert group.on_notice(group.active, "notice") is True


# ---------------------------------------------------------------- a successor


@on_virtual_time
async def test_a_successor_takes_over_once_it_is_ready_and_the_old_one_drains(group_scene: Any) -> None:
    scene = group_scene()
    group = scene.group()
    old = group.active
    old.is_ready()
    assert group.switch_over("OKX's notice") is True
    new = group.standby
    assert new.said == ["start"] and group.active is old
    scene.api.take()
    new.is_ready()
    assert group.active is new and group.draining == [old] and group.standby is None
    assert old.said == ["hand_over"]
    assert scene.api.take() == [
        ("stream_opened", new),
        ("connection_opened", new),
        ("stream_leads", new),
        ("set_ready", True),
    ]
    assert (scene.handovers, scene.gaps) == (1, [])


@on_virtual_time
async def test_a_drained_connection_is_forgotten_and_is_no_gap(group_scene: Any) -> None:
    scene = group_scene()
    group = scene.group()
    old = group.active
    old.is_ready()
    group.switch_over("notice")
    group.standby.is_ready()
    scene.api.take()
    group.on_closing(old)
    group.on_gone(old)
    old.becomes(State.STOPPED)
    assert group.draining == [] and scene.gaps == []
    assert scene.api.take() == [("connection_lost", old), ("stream_lost", old)]


@on_virtual_time
async def test_a_second_wish_while_one_is_on_its_way_opens_no_third_connection(group_scene: Any) -> None:
    scene = group_scene()
    group = scene.group()
    group.active.is_ready()
    group.switch_over("notice")
    group.switch_over("operator")
    assert len(scene.connections) == 2


@on_virtual_time
async def test_while_none_is_ready_there_is_nothing_to_take_over_from(group_scene: Any) -> None:
    scene = group_scene()
    group = scene.group()
    assert group.switch_over("operator") is False
    assert len(scene.connections) == 1


@on_virtual_time
async def test_when_the_old_one_is_lost_first_the_successor_goes_on_as_the_active_one(group_scene: Any) -> None:
    scene = group_scene()
    group = scene.group()
    old = group.active
    old.is_ready()
    group.switch_over("notice")
    new = group.standby
    old.is_lost()
    assert group.active is new and old.said == ["stop"]
    assert scene.gaps and not group.is_complete()
    new.is_ready()
    assert group.is_complete()


@on_virtual_time
async def test_a_successor_that_fails_for_good_is_dropped_with_an_alarm(group_scene: Any) -> None:
    scene = group_scene()
    group = scene.group()
    old = group.active
    old.is_ready()
    group.switch_over("notice")
    new = group.standby
    new.becomes(State.FAILED, "login: refused")
    assert group.active is old and group.standby is None
    assert new.said == ["start", "stop"]
    (alarm,) = scene.alarms
    assert alarm.endswith("login: refused")


@on_virtual_time
async def test_at_most_four_connections_drain_then_the_oldest_is_closed(group_scene: Any) -> None:
    scene = group_scene()
    group = scene.group()
    group.active.is_ready()
    for _ in range(5):
        group.switch_over("notice")
        group.standby.is_ready()
    assert [one.said[-1] for one in scene.connections] == ["stop", *["hand_over"] * 4, "start"]


# ---------------------------------------------------------------- a hot standby


async def hot(group_scene: Any) -> tuple[Any, Any, Any, Any]:
    """A scene and a group, with an active connection and a standby that are ready."""
    scene = group_scene(hot_standby=True)
    group = scene.group()
    group.active.is_ready()
    group.check_standby()
    group.standby.is_ready()
    scene.api.take()
    return scene, group, group.active, group.standby


@on_virtual_time
async def test_a_standby_brings_the_stream_but_carries_no_orders(group_scene: Any) -> None:
    scene = group_scene(hot_standby=True)
    group = scene.group()
    group.check_standby()
    assert group.standby is None, "not before the active one is ready"
    group.active.is_ready()
    scene.api.take()
    group.check_standby()
    group.standby.is_ready()
    assert scene.api.take() == [("stream_opened", group.standby)]


@on_virtual_time
async def test_a_standby_takes_over_at_once_and_there_is_no_gap(group_scene: Any) -> None:
    scene, group, old, standby = await hot(group_scene)
    old.is_lost()
    assert group.active is standby and old.said == ["stop"]
    assert scene.api.take()[3:] == [("connection_opened", standby), ("stream_leads", standby), ("set_ready", True)]
    assert (scene.gaps, scene.handovers, group.is_complete()) == ([], 1, True)


@on_virtual_time
async def test_a_standby_that_has_been_silent_too_must_log_in_anew(group_scene: Any) -> None:
    """After 3 s of silence it may have missed what the lost one had not brought."""
    _, group, old, standby = await hot(group_scene)
    await asyncio.sleep(3.1)
    old.is_lost()
    assert standby.said == ["start", "reopen: the standby connection is silent too"]
    assert group.active is standby


@pytest.mark.parametrize(
    ("silent_s", "is_answered", "takes_over"), [(0.6, True, True), (0.4, True, False), (0.6, False, False)]
)
@on_virtual_time
async def test_an_active_connection_that_is_silent_while_the_standby_answers_is_relieved(
    group_scene: Any, silent_s: float, is_answered: bool, takes_over: bool
) -> None:
    _, group, old, standby = await hot(group_scene)
    old.stream.silent_since_ns = int(asyncio.get_running_loop().time() * 1e9)
    await asyncio.sleep(silent_s)
    if is_answered:
        standby.stream.last_frame_ns = int(asyncio.get_running_loop().time() * 1e9)
    group.check_standby()
    assert (group.active is standby) is takes_over
    assert old.said == (["hand_over"] if takes_over else [])


@on_virtual_time
async def test_a_standby_that_is_lost_comes_back_by_itself(group_scene: Any) -> None:
    scene, group, _, standby = await hot(group_scene)
    standby.is_lost()
    group.check_standby()
    assert group.standby is standby and len(scene.connections) == 2
    assert scene.gaps == []


@on_virtual_time
async def test_after_a_standby_has_failed_the_next_is_tried_a_minute_later(group_scene: Any) -> None:
    scene, group, _, standby = await hot(group_scene)
    standby.becomes(State.FAILED, "login: refused")
    await asyncio.sleep(59)
    group.check_standby()
    assert group.standby is None
    await asyncio.sleep(2)
    group.check_standby()
    assert group.standby is scene.connections[2]


# ---------------------------------------------------------------- status and stop


@on_virtual_time
async def test_status_names_each_connection_and_its_part(group_scene: Any) -> None:
    scene, group, old, _ = await hot(group_scene)
    old.flying = 3
    group.switch_over("notice")
    group.check_standby()
    rows = [(row["role"], row["state"], row["inFlight"], row["group"]) for row in group.status()]
    assert rows == [
        ("active", "ready", 0, "private"),
        ("standby", "connecting", 0, "private"),
        ("draining", "draining", 3, "private"),
    ]
    assert len({row["number"] for row in group.status()}) == len(scene.connections) == 3


@on_virtual_time
async def test_stop_ends_every_connection_and_opens_none(group_scene: Any) -> None:
    scene, group, old, standby = await hot(group_scene)
    await group.stop()
    assert (old.said[-2:], standby.said[-2:]) == (["stop", "ended"], ["stop", "ended"])
    old.is_lost()
    group.check_standby()
    assert len(scene.connections) == 2 and not group.is_complete()
