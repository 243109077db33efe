"""One stream from start to ready, and how it comes back: what is sent, allowed, told and waited for."""

from __future__ import annotations

import pytest

from gateway.errors import TransportError
from gateway.okx.session_table import Action, State
from tests.connections.scenes.stream_scene import ACCOUNT, ORDERS, MakeScene
from tests.connections.scenes.virtual_time import on_virtual_time

# ---------------------------------------------------------------- up to ready


@on_virtual_time
async def test_login_subscriptions_reconciliation_then_orders(make_scene: MakeScene) -> None:
    scene = await make_scene().ready()
    assert scene.okx.ops == ["login", "subscribe"]
    assert [state for state, _ in scene.hooks.states] == [
        State.CONNECTING,
        State.LOGGING_IN,
        State.SUBSCRIBING,
        State.RECONCILING,
        State.READY,
    ]
    assert scene.hooks.allowed == [(Action.ALLOW_CANCELS, "socket 1"), (Action.ALLOW_ORDERS, "socket 1")]


@on_virtual_time
async def test_cancels_are_allowed_before_the_reconciliation_has_ended(make_scene: MakeScene) -> None:
    scene = await make_scene().subscribed()
    assert scene.stream.state is State.RECONCILING
    assert scene.hooks.allowed == [(Action.ALLOW_CANCELS, "socket 1")]


@on_virtual_time
async def test_every_subscription_must_be_acked(make_scene: MakeScene) -> None:
    scene = await make_scene().logged_in()
    scene.okx.say(event="subscribe", arg=ORDERS, connId="a")
    scene.okx.say(event="subscribe", arg=ORDERS, connId="a")
    assert scene.stream.state is State.SUBSCRIBING
    scene.okx.say(event="subscribe", arg=ACCOUNT, connId="a")
    assert scene.stream.state is State.RECONCILING


@on_virtual_time
async def test_a_stream_without_login_and_channels_goes_on_by_itself(make_scene: MakeScene) -> None:
    scene = make_scene()
    scene.hooks.login, scene.hooks.args, scene.hooks.reconcile_ends = None, (), [None]
    await scene.connected()
    await scene.turn()
    assert scene.stream.state is State.READY
    assert scene.okx.ops == []


@pytest.mark.parametrize(("url", "has_tls"), [("wss://okx/ws", True), ("ws://localhost/ws", False)])
@on_virtual_time
async def test_tls_where_the_address_says_so_and_no_redirects(make_scene: MakeScene, url: str, has_tls: bool) -> None:
    scene = await make_scene(url).connected()
    (options,) = scene.okx.options
    assert options["ssl_context"] is (scene.tls if has_tls else None)
    assert options["max_redirects"] == 0


# ---------------------------------------------------------------- connections that fail


@on_virtual_time
async def test_after_a_failure_one_attempt_at_once_then_doubling_waits(make_scene: MakeScene) -> None:
    scene = make_scene(backoff_first_ms=1_500)
    scene.okx.refusal = OSError("refused")
    scene.stream.start()
    await scene.seconds(30)
    assert scene.attempts_after_s == [0, 0, 1.5, 4.5, 10.5, 22.5]
    assert scene.hooks.states[1] == (State.WAITING, "cannot connect to wss://okx/ws/v5/private: refused")


@on_virtual_time
async def test_the_random_part_shortens_the_waits(make_scene: MakeScene) -> None:
    """By a fifth at most: `backoff_jitter` is 0.2."""
    scene = make_scene(backoff_first_ms=2_000, random_fraction=1.0)
    scene.okx.refusal = OSError("refused")
    scene.stream.start()
    await scene.seconds(6)
    assert scene.attempts_after_s == [0, 0, 1.6, 4.8]


@on_virtual_time
async def test_the_waits_start_anew_once_a_session_was_ready(make_scene: MakeScene) -> None:
    scene = make_scene(backoff_first_ms=2_000)
    scene.okx.refusal = OSError("refused")
    scene.stream.start()
    await scene.seconds(5)
    scene.okx.refusal = None
    scene.hooks.reconcile_ends = [None]
    await scene.seconds(1.5)
    await scene.answered()
    assert scene.stream.state is State.READY
    scene.okx.transport.lose()
    await scene.turn()
    assert scene.attempts_after_s == [0, 0, 2, 6, 6.5]


@on_virtual_time
async def test_streams_stay_within_okx_connects_per_second(make_scene: MakeScene) -> None:
    """OKX docs, WebSocket overview, Connect: 3 per second by IP. With a margin of 100 ms."""
    scene = make_scene(backoff_first_ms=334)
    scene.okx.refusal = OSError("refused")
    scene.stream.start()
    await scene.seconds(3)
    assert scene.attempts_after_s == [0, 0, 0.334, 1.1, 2.436]


@on_virtual_time
async def test_a_connect_that_takes_too_long_is_given_up(make_scene: MakeScene) -> None:
    scene = make_scene(connect_timeout_ms=4_000)
    scene.okx.hangs = True
    scene.stream.start()
    await scene.seconds(4.5)
    assert scene.attempts_after_s == [0, 4]
    assert (State.WAITING, "the attempt was given up") in scene.hooks.states


@on_virtual_time
async def test_a_connection_that_nobody_waits_for_is_dropped(make_scene: MakeScene) -> None:
    scene = await make_scene().ready()
    await scene.okx.connect(lambda: scene.hooks.listener(scene.stream), "")
    first, second = scene.okx.transports
    assert (first.is_closed, second.is_closed) == (False, True)
    await scene.turn()
    assert scene.stream.state is State.READY, "its end ends nothing"


# ---------------------------------------------------------------- silence of OKX


@pytest.mark.parametrize(
    ("reach", "key", "state"),
    [("connected", "login_timeout_ms", State.LOGGING_IN), ("logged_in", "subscribe_timeout_ms", State.SUBSCRIBING)],
)
@on_virtual_time
async def test_an_answer_that_does_not_come_ends_the_session(
    make_scene: MakeScene, reach: str, key: str, state: State
) -> None:
    scene = await getattr(make_scene(**{key: 3_000}), reach)()
    await scene.seconds(2.9)
    assert scene.stream.state is state
    await scene.seconds(0.2)
    assert (State.CLOSING_FOR_RETRY, f"no answer in time while {state}") in scene.hooks.states
    assert len(scene.okx.attempts) == 2


@on_virtual_time
async def test_a_close_that_okx_does_not_answer_ends_in_time(make_scene: MakeScene) -> None:
    scene = await make_scene(close_timeout_ms=1_000).ready()
    scene.okx.transport.is_mute = True
    scene.stream.stop()
    await scene.seconds(0.9)
    assert scene.stream.state is State.CLOSING_FOR_STOP
    await scene.seconds(0.2)
    assert scene.stream.state is State.STOPPED


# ---------------------------------------------------------------- reconciliation


@on_virtual_time
async def test_a_failed_reconciliation_keeps_the_socket_and_is_tried_again(make_scene: MakeScene) -> None:
    scene = make_scene(backoff_first_ms=1_000)
    scene.hooks.reconcile_ends = [TransportError("no REST"), TransportError("no REST"), None]
    await scene.subscribed()
    await scene.seconds(2)
    assert scene.stream.state is State.READY
    assert [round(moment - scene.started_s, 3) for moment in scene.hooks.reconciles] == [0, 0, 1]
    assert len(scene.okx.attempts) == 1


@on_virtual_time
async def test_a_reconciliation_without_end_is_begun_anew(make_scene: MakeScene) -> None:
    scene = await make_scene(reconcile_timeout_ms=30_000, ping_after_ms=25_000, pong_timeout_ms=1_000).subscribed()
    await scene.seconds(24)
    scene.okx.say(event="channel-conn-count", channel="orders", connCount="1", connId="a")
    scene.hooks.reconcile_ends = [None]
    await scene.seconds(6.5)
    assert scene.stream.state is State.READY
    assert len(scene.hooks.reconciles) == 2
    assert len(scene.okx.attempts) == 1


@on_virtual_time
async def test_a_lost_connection_ends_its_reconciliation(make_scene: MakeScene) -> None:
    scene = await make_scene().subscribed()
    scene.okx.transport.lose()
    await scene.turn()
    assert len(scene.okx.attempts) == 2
    assert scene.calls("resolve_in_flight") == [("resolve_in_flight",)]
    assert scene.hooks.allowed[-1][0] is Action.ALLOW_NOTHING


# ---------------------------------------------------------------- stop


@pytest.mark.parametrize("reach", ["connected", "logged_in", "subscribed", "ready"])
@on_virtual_time
async def test_stop_closes_with_a_frame_and_does_not_come_back(make_scene: MakeScene, reach: str) -> None:
    scene = await getattr(make_scene(), reach)()
    scene.stream.stop()
    await scene.stream.stopped_or_failed()
    await scene.seconds(100)
    assert scene.okx.ops[-1] == "close 1000"
    assert (scene.stream.state, len(scene.okx.attempts)) == (State.STOPPED, 1)


@pytest.mark.parametrize("hangs", [True, False])
@on_virtual_time
async def test_stop_while_connecting_or_waiting(make_scene: MakeScene, hangs: bool) -> None:
    scene = make_scene()
    scene.okx.hangs, scene.okx.refusal = hangs, OSError("refused")
    scene.stream.start()
    await scene.seconds(0.5)
    assert scene.stream.state is (State.CONNECTING if hangs else State.WAITING)
    attempts = len(scene.okx.attempts)
    scene.stream.stop()
    await scene.stream.stopped_or_failed()
    await scene.seconds(100)
    assert (scene.stream.state, len(scene.okx.attempts)) == (State.STOPPED, attempts)


@on_virtual_time
async def test_a_stopped_stream_can_start_again(make_scene: MakeScene) -> None:
    scene = await make_scene().ready()
    scene.stream.stop()
    await scene.turn()
    await scene.ready()
    assert len(scene.okx.attempts) == 2


@on_virtual_time
async def test_reopen_without_a_connection_does_nothing(make_scene: MakeScene) -> None:
    scene = make_scene()
    scene.stream.reopen("doubts")
    assert scene.stream.state is State.DISCONNECTED
