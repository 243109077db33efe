"""What a stream does about silence: pings, pongs, and the end. OKX docs, WebSocket overview, Connect."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.okx.session_table import State
from tests.connections.scenes.stream_scene import MakeScene, Scene, now_ns
from tests.connections.scenes.virtual_time import on_virtual_time


async def beats(scene: Scene, seconds: int, *, pongs: bool, pushes: bool = False) -> None:
    """So many seconds, in which OKX answers each ping, or sends something each second."""
    for _ in range(seconds):
        await scene.seconds(1)
        if pushes or (pongs and scene.stream.unanswered_ping_ns()):
            scene.okx.pong()


@pytest.mark.parametrize(("pushes", "pings"), [(False, 3), (True, 0)])
@on_virtual_time
async def test_a_ping_after_silence_alone(make_scene: MakeScene, pushes: bool, pings: int) -> None:
    scene = await make_scene(ping_after_ms=20_000, pong_timeout_ms=5_000).ready()
    await beats(scene, 70, pongs=True, pushes=pushes)
    assert scene.okx.ops.count("ping") == pings
    assert (scene.stream.state, len(scene.okx.attempts)) == (State.READY, 1)


@on_virtual_time
async def test_a_ping_without_answer_ends_the_session_at_once(make_scene: MakeScene) -> None:
    scene = await make_scene(ping_after_ms=20_000, pong_timeout_ms=5_000).ready()
    scene.okx.transport.is_mute = True
    await beats(scene, 24, pongs=False)
    assert len(scene.okx.attempts) == 1
    await beats(scene, 4, pongs=False)
    assert len(scene.okx.attempts) == 2, "no close frame is waited for"
    assert (State.CLOSING_FOR_RETRY, "no answer to ping for 5000 ms") in scene.hooks.states


@on_virtual_time
async def test_a_pong_answers_the_oldest_ping(make_scene: MakeScene) -> None:
    scene = await make_scene().ready()
    sent: list[Any] = []
    for _ in range(3):
        scene.stream.send_ping()
        sent.append(now_ns())
        await scene.seconds(1)
    for _ in range(4):
        scene.okx.pong()
    assert scene.calls("pong") == [("pong", moment) for moment in sent], "a pong too many proves nothing"


@on_virtual_time
async def test_pings_of_a_connection_before_are_forgotten(make_scene: MakeScene) -> None:
    scene = await make_scene().ready()
    scene.stream.send_ping()
    scene.okx.transport.lose()
    await scene.turn()
    scene.okx.pong()
    assert scene.calls("pong") == []
    assert scene.stream.unanswered_ping_ns() == 0


@on_virtual_time
async def test_silence_and_life_can_be_asked_for(make_scene: MakeScene) -> None:
    scene = await make_scene().ready()
    await scene.seconds(1)
    assert scene.stream.received_since(now_ns() - 2_000_000_000)
    assert not scene.stream.received_since(now_ns())
    scene.stream.send_ping()
    assert scene.stream.unanswered_ping_ns() == now_ns()
    await scene.seconds(0.25)
    scene.okx.pong()
    assert scene.stream.unanswered_ping_ns() == 0


@on_virtual_time
async def test_a_stream_that_is_not_ready_has_received_nothing(make_scene: MakeScene) -> None:
    scene = await make_scene().subscribed()
    assert not scene.stream.received_since(0)


@on_virtual_time
async def test_a_reconciliation_begun_anew_has_its_full_time_again(make_scene: MakeScene) -> None:
    """Two without end, then the third after the first wait of the backoff."""
    scene = await make_scene(reconcile_timeout_ms=30_000, backoff_first_ms=1_000).subscribed()
    await beats(scene, 62, pongs=True)
    assert [round(moment - scene.started_s) for moment in scene.hooks.reconciles] == [0, 30, 61]
    assert len(scene.okx.attempts) == 1
