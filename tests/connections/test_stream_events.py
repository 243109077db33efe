"""What a stream does about OKX's event frames and close codes."""

from __future__ import annotations

import pytest

from gateway.errors import TransportError
from gateway.okx.session_table import Action, State
from tests.connections.scenes.stream_scene import MakeScene, Scene
from tests.connections.scenes.virtual_time import START_S, on_virtual_time

ERROR = {"event": "error", "connId": "a4d3ae55"}


def reason_of(scene: Scene, state: State) -> str:
    """The reason given with the newest change to that state."""
    return next(reason for found, reason in reversed(scene.hooks.states) if found is state)


# ---------------------------------------------------------------- refusals. OKX docs, Error Code / WebSocket


@on_virtual_time
async def test_a_login_refused_for_good_fails_with_an_alarm(make_scene: MakeScene) -> None:
    scene = await make_scene().connected()
    scene.okx.say(**ERROR, code="60009", msg="Login failed.")
    await scene.stream.stopped_or_failed()
    await scene.seconds(100)
    assert (scene.stream.state, len(scene.okx.attempts)) == (State.FAILED, 1)
    (alarm,) = scene.calls("alarm")
    assert alarm[1] == "stream" and 'login: refused by OKX 60009 "Login failed."' in alarm[2]


@pytest.mark.parametrize("is_asked", [True, False])
@on_virtual_time
async def test_a_login_refused_for_its_time_asks_the_clock_before_it_connects_again(
    make_scene: MakeScene, is_asked: bool
) -> None:
    scene = await make_scene().connected()
    scene.hooks.resync_error = None if is_asked else TransportError("no REST")
    scene.okx.say(**ERROR, code="60006", msg="Timestamp request expired")
    await scene.seconds(0.6)
    assert scene.hooks.resyncs == [START_S + 0.5]
    assert scene.attempts_after_s == [0, 0.5], "the answer is waited for, whatever it is"


@on_virtual_time
async def test_a_login_refused_for_a_while_is_tried_again(make_scene: MakeScene) -> None:
    scene = await make_scene().connected()
    scene.okx.say(**ERROR, code="60014", msg="Requests too frequent")
    await scene.turn()
    assert scene.okx.transports[0].sent[-1] == b"close 1000"
    assert len(scene.okx.attempts) == 2
    assert scene.calls("alarm") == []


@pytest.mark.parametrize(("code", "state"), [("60018", State.FAILED), ("60014", State.LOGGING_IN)])
@on_virtual_time
async def test_a_refused_subscription_fails_or_is_tried_again(make_scene: MakeScene, code: str, state: State) -> None:
    scene = await make_scene().logged_in()
    scene.okx.say(**ERROR, code=code, msg="refused")
    await scene.turn()
    assert scene.stream.state is state
    assert f'subscription: refused by OKX {code} "refused"' in "".join(reason for _, reason in scene.hooks.states)


@on_virtual_time
async def test_a_refusal_that_answers_a_request_ends_no_subscription(make_scene: MakeScene) -> None:
    scene = await make_scene().logged_in()
    scene.hooks.claims_errors = True
    scene.okx.say(**ERROR, code="60018", msg="refused")
    assert scene.stream.state is State.SUBSCRIBING


@on_virtual_time
async def test_a_login_that_okx_has_forgotten_begins_a_session_anew(make_scene: MakeScene) -> None:
    scene = await make_scene().ready()
    scene.okx.say(**ERROR, code="60011", msg="Please log in")
    await scene.turn()
    assert 'refused by OKX 60011 "Please log in"' in reason_of(scene, State.CLOSING_FOR_RETRY)
    assert len(scene.okx.attempts) == 2


@on_virtual_time
async def test_an_error_that_answers_nothing_goes_to_the_hooks(make_scene: MakeScene) -> None:
    scene = await make_scene().ready()
    scene.okx.say(**ERROR, code="60012", msg="Invalid request")
    assert scene.calls("error") == [("error", "60012")]
    assert scene.stream.state is State.READY


@on_virtual_time
async def test_a_channel_that_stays_silent_ends_the_session(make_scene: MakeScene) -> None:
    """OKX docs, WebSocket overview, Connection count limit: the subscription was acked, and brings nothing."""
    scene = await make_scene().ready()
    scene.okx.say(event="channel-conn-count-error", channel="orders", connCount="31", connId="a4d3ae55")
    await scene.turn()
    assert reason_of(scene, State.CLOSING_FOR_RETRY) == "too many connections subscribe to orders (31)"
    assert len(scene.okx.attempts) == 2


# ---------------------------------------------------------------- OKX's upgrade. OKX docs, WebSocket / Notification


@on_virtual_time
async def test_a_notice_asks_for_a_successor_and_the_stream_goes_on(make_scene: MakeScene) -> None:
    scene = await make_scene().ready()
    scene.okx.say(event="notice", code="64008", msg="The connection will soon be closed", connId="a")
    assert scene.calls("ask_successor") == [("ask_successor", "OKX's notice 64008: The connection will soon be closed")]
    assert scene.stream.state is State.READY


@on_virtual_time
async def test_without_a_successor_a_notice_begins_a_session_anew(make_scene: MakeScene) -> None:
    scene = await make_scene().ready()
    scene.hooks.has_successor = False
    scene.okx.say(event="notice", code="64008", msg="", connId="a")
    await scene.turn()
    assert len(scene.okx.attempts) == 2


@on_virtual_time
async def test_another_notice_changes_nothing(make_scene: MakeScene) -> None:
    scene = await make_scene().ready()
    scene.okx.say(event="notice", code="64009", msg="", connId="a")
    assert (scene.stream.state, scene.calls("ask_successor")) == (State.READY, [])


@on_virtual_time
async def test_a_stream_that_was_relieved_closes_once_its_acks_are_in(make_scene: MakeScene) -> None:
    scene = await make_scene().ready()
    scene.hooks.flying = 1
    scene.stream.hand_over()
    await scene.seconds(1)
    assert scene.stream.state is State.DRAINING
    scene.hooks.flying = 0
    await scene.seconds(0.1)
    assert scene.stream.state is State.STOPPED
    assert scene.okx.ops[-1] == "close 1000"
    assert scene.calls("resolve_in_flight") == [("resolve_in_flight",)]


@on_virtual_time
async def test_an_ack_that_does_not_come_is_not_waited_for_without_end(make_scene: MakeScene) -> None:
    scene = await make_scene(drain_timeout_ms=5_000).ready()
    scene.hooks.flying = 1
    scene.stream.hand_over()
    await scene.seconds(4.9)
    assert scene.stream.state is State.DRAINING
    await scene.seconds(0.2)
    assert scene.stream.state is State.STOPPED


# ---------------------------------------------------------------- the end of a connection


@pytest.mark.parametrize(
    ("code", "state", "alarms"),
    [
        (4004, State.LOGGING_IN, []),
        (4001, State.FAILED, ["connection_closed", "stream"]),
        (4007, State.LOGGING_IN, ["connection_closed"]),
        (4999, State.LOGGING_IN, []),
        (1001, State.LOGGING_IN, []),
    ],
)
@on_virtual_time
async def test_a_close_code_decides_what_follows(
    make_scene: MakeScene, code: int, state: State, alarms: list[str]
) -> None:
    """OKX docs, Error Code / WebSocket, Close Frame."""
    scene = await make_scene().ready()
    scene.okx.close(code, "why")
    await scene.turn()
    assert scene.stream.state is state
    assert [call[1] for call in scene.calls("alarm")] == alarms
    assert any(reason.startswith(f"closed by OKX with {code} why") for _, reason in scene.hooks.states)
    assert scene.calls("resolve_in_flight") == [("resolve_in_flight",)]


@on_virtual_time
async def test_a_reason_counts_for_one_end_only(make_scene: MakeScene) -> None:
    scene = await make_scene().ready()
    scene.okx.close(4004)
    await scene.turn()
    scene.hooks.reconcile_ends = [None]
    await scene.answered()
    scene.okx.transport.lose()
    await scene.turn()
    assert reason_of(scene, State.WAITING) == "the connection was lost"


@on_virtual_time
async def test_a_connection_lost_without_a_code_comes_back(make_scene: MakeScene) -> None:
    scene = await make_scene().ready()
    scene.okx.transport.lose()
    await scene.turn()
    assert reason_of(scene, State.WAITING) == "the connection was lost"
    assert scene.hooks.allowed[-1][0] is Action.ALLOW_NOTHING
    assert len(scene.okx.attempts) == 2


@on_virtual_time
async def test_the_code_that_answers_our_own_close_changes_nothing(make_scene: MakeScene) -> None:
    """OKX answers a close with 4001 after a login with a wrong clock."""
    scene = await make_scene().connected()
    scene.okx.transport.is_mute = True
    scene.okx.say(**ERROR, code="60006", msg="Timestamp request expired")
    scene.okx.close(4001)
    await scene.seconds(0.6)
    assert scene.stream.state is State.LOGGING_IN
    assert reason_of(scene, State.WAITING).startswith("login: refused by OKX 60006")
    assert scene.calls("alarm") == []


@on_virtual_time
async def test_a_listener_of_before_is_not_heard(make_scene: MakeScene) -> None:
    scene = await make_scene().ready()
    old = scene.okx.transport.listener
    scene.stream.reopen("doubts")
    await scene.turn()
    state = scene.stream.state
    scene.stream.send_ping()
    scene.stream.on_cold_frame(old, b'{"event":"login","code":"0","msg":"","connId":"a"}')
    scene.stream.on_close_frame(old, 4001, "")
    scene.stream.on_pong(old)
    scene.stream.on_closed(old)
    assert scene.stream.state is state is State.LOGGING_IN
    assert scene.calls("pong") == []


@on_virtual_time
async def test_a_frame_that_is_no_event_goes_to_the_hooks_and_may_not_kill(make_scene: MakeScene) -> None:
    scene = await make_scene().ready()
    scene.hooks.push_error = KeyError("data")
    scene.stream.on_cold_frame(scene.okx.transport.listener, b'{"arg":{}}')
    assert scene.calls("push") == [("push", b'{"arg":{}}')]
    assert scene.stream.state is State.READY
