"""The private connections as one: a group for all, or one for orders and one for the stream."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.connections.private_connections import PrivateConnections
from gateway.okx.session_table import State
from tests.connections.scenes.virtual_time import on_virtual_time


def make(group_scene: Any, **session: Any) -> SimpleNamespace:
    """`all` (what is tested), `fakes` (its connections: the stream's first), `api`, `states` (as they were told)."""
    scene = group_scene(**session)
    states: list[tuple[State, str]] = []
    both = PrivateConnections(scene.ports, lambda state, reason: states.append((state, reason)), scene.on_handover)
    both.is_started = True
    return SimpleNamespace(all=both, fakes=scene.connections, api=scene.api, states=states, scene=scene)


SEPARATE = {"separate_order_entry": True}


@on_virtual_time
async def test_one_connection_carries_both_unless_they_are_to_be_separate(group_scene: Any) -> None:
    together = make(group_scene)
    together.fakes[0].is_ready()
    assert {call[0] for call in together.api.take()} >= {"connection_opened", "stream_opened"}
    separate = make(group_scene, **SEPARATE)
    stream, orders = separate.fakes
    stream.logs_in()
    assert [call[0] for call in separate.api.take()] == ["stream_opened", "stream_leads"]
    orders.logs_in()
    assert [call[0] for call in separate.api.take()] == ["connection_opened"]


@pytest.mark.parametrize(
    ("stream", "orders", "whole"),
    [
        (State.READY, State.READY, State.READY),
        (State.READY, State.WAITING, State.WAITING),
        (State.LOGGING_IN, State.READY, State.LOGGING_IN),
        (State.WAITING, State.FAILED, State.FAILED),
        (State.FAILED, State.READY, State.FAILED),
    ],
)
@on_virtual_time
async def test_all_are_ready_only_if_each_is(group_scene: Any, stream: State, orders: State, whole: State) -> None:
    both = make(group_scene, **SEPARATE)
    both.fakes[0].stream.state, both.fakes[1].stream.state = stream, orders
    assert both.all.state is whole


@on_virtual_time
async def test_each_change_is_told_with_the_state_of_all(group_scene: Any) -> None:
    both = make(group_scene, **SEPARATE)
    both.all.start()
    both.fakes[0].is_ready()
    both.fakes[1].is_ready()
    both.fakes[1].becomes(State.WAITING, "lost")
    assert both.states == [(State.CONNECTING, ""), (State.READY, ""), (State.WAITING, "lost")]


@on_virtual_time
async def test_start_and_stop_reach_every_group(group_scene: Any) -> None:
    both = make(group_scene, **SEPARATE)
    both.all.start()
    await both.all.stop()
    assert [fake.said for fake in both.fakes] == [["start", "stop", "ended"]] * 2


@on_virtual_time
async def test_each_tenth_turn_looks_after_a_standby(group_scene: Any) -> None:
    both = make(group_scene, hot_standby=True)
    both.fakes[0].is_ready()
    for _ in range(9):
        both.all.tick()
    assert len(both.fakes) == 1
    both.all.tick()
    assert len(both.fakes) == 2


@pytest.mark.parametrize(
    ("hot_standby", "configured_ms", "ping_ms"), [(True, 20_000, 500), (True, 200, 200), (False, 20_000, 20_000)]
)
@on_virtual_time
async def test_with_a_standby_silence_is_met_by_a_ping_sooner(
    group_scene: Any, hot_standby: bool, configured_ms: int, ping_ms: int
) -> None:
    both = make(group_scene, hot_standby=hot_standby, ping_after_ms=configured_ms)
    assert both.fakes[0].ports.wire.session.ping_after_ms == ping_ms


@pytest.mark.parametrize("up", [[], [0], [1], [0, 1]])
@on_virtual_time
async def test_renew_opens_a_successor_in_each_group_that_is_up(group_scene: Any, up: list[int]) -> None:
    both = make(group_scene, **SEPARATE)
    for number in up:
        both.fakes[number].is_ready()
    assert both.all.renew("operator") is bool(up)
    assert len(both.fakes) == 2 + len(up)


@on_virtual_time
async def test_reopen_reaches_the_active_connections_alone(group_scene: Any) -> None:
    both = make(group_scene, hot_standby=True)
    both.fakes[0].is_ready()
    for _ in range(10):
        both.all.tick()
    both.all.reopen("API key")
    assert [fake.said for fake in both.fakes] == [["reopen: API key"], ["start"]]


@on_virtual_time
async def test_a_ping_goes_out_on_every_connection(group_scene: Any) -> None:
    both = make(group_scene, **SEPARATE)
    both.fakes[0].is_ready()
    both.all.renew("operator")
    both.all.send_ping()
    assert [fake.said[-1] for fake in both.fakes] == ["ping"] * 3


@on_virtual_time
async def test_what_was_received_is_asked_of_the_stream_while_all_is_ready(group_scene: Any) -> None:
    both = make(group_scene, **SEPARATE)
    stream, orders = both.fakes
    stream.is_ready()
    now_ns = int(asyncio.get_running_loop().time() * 1e9)
    assert not both.all.received_since(now_ns - 1), "orders are not ready"
    orders.is_ready()
    assert both.all.received_since(now_ns - 1)
    assert not both.all.received_since(now_ns)
    orders.stream.last_frame_ns = now_ns + 5
    assert not both.all.received_since(now_ns), "orders' answers prove nothing of the stream"


@on_virtual_time
async def test_status_lists_the_connections_of_all_groups(group_scene: Any) -> None:
    both = make(group_scene, **SEPARATE)
    both.fakes[0].is_ready()
    assert [(row["group"], row["role"], row["state"]) for row in both.all.status()] == [
        ("private", "active", "ready"),
        ("orders", "active", "disconnected"),
    ]
