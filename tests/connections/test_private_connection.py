"""What one private connection asks of OKX, and what it tells its group and the pipeline."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from gateway._fast.sockets.private_listener import PrivateListener
from gateway.config.session import SessionConfig
from gateway.connections.private_connection import PrivateConnection, PrivatePorts, Wire
from gateway.connections.tls import tls_context
from gateway.okx.backoff import ConnectPacer
from gateway.okx.event_frames import ErrorEvent
from gateway.okx.secret import Credentials, Secret
from gateway.okx.session_table import Action, State
from tests._fast.conftest import Rig

pytestmark = pytest.mark.asyncio
OKX_ID = "00000000000000a1"  # as the gateway numbers its frames: 16 letters and digits


class Group:
    """Records what the connection tells; `carries_stream` and `complete` are what a test sets."""

    name = "private"

    def __init__(self) -> None:
        self.carries_stream, self.complete = True, False
        self.calls: list[tuple[Any, ...]] = []

    def is_complete(self) -> bool:
        return self.complete

    def on_logged_in(self, connection: PrivateConnection) -> None:
        self.calls.append(("logged_in", connection.socket))

    def on_closing(self, connection: PrivateConnection) -> None:
        self.calls.append(("closing",))

    def on_gone(self, connection: PrivateConnection) -> None:
        self.calls.append(("gone", connection.socket))

    def on_state(self, connection: PrivateConnection, state: State, reason: str) -> None:
        self.calls.append((state, reason))

    def on_notice(self, connection: PrivateConnection, reason: str) -> bool:
        self.calls.append(("notice", reason))
        return False


def make_scene(pipeline: Any = None, **api: Any) -> SimpleNamespace:
    """`connection`, its `group`, `done` (care in order), `alarms` and `unreadable` (requests that OKX could not read)."""
    group, done = Group(), []  # type: ignore[var-annotated]
    alarms: list[tuple[str, str]] = []
    unreadable: list[tuple[Any, ...]] = []

    def doing(name: str) -> Any:
        async def do() -> None:
            done.append(name)

        return do

    def refused_as_unreadable(okx_id: bytes, code: int, msg: bytes) -> bool:
        unreadable.append((okx_id, code, msg))
        return okx_id == OKX_ID.encode()

    calls = {"okx_now_ms": lambda: 1_700_000_000_999, "refused_as_unreadable": refused_as_unreadable, **api}
    ports = PrivatePorts(
        pipeline=pipeline,
        api=SimpleNamespace(**calls),  # type: ignore[arg-type]
        credentials=Credentials(Secret("key"), Secret("secret"), Secret("phrase")),
        wire=Wire("wss://okx", tls_context(None), SessionConfig(), ConnectPacer()),
        reconciler=SimpleNamespace(run=doing("reconcile")),  # type: ignore[arg-type]
        before_ready=doing("before_ready"),
        resync_clock=doing("clock"),
        alarm=lambda reason, msg: alarms.append((reason, msg)),
    )
    connection = PrivateConnection(group, ports, 7)
    return SimpleNamespace(connection=connection, group=group, done=done, alarms=alarms, unreadable=unreadable)


# ---------------------------------------------------------------- what is asked of OKX


async def test_it_logs_in_on_okx_clock() -> None:
    """The signature: printf 1700000000GET/users/self/verify | openssl dgst -sha256 -hmac secret -binary | base64"""
    (arg,) = orjson.loads(make_scene().connection.login_frame())["args"]
    assert arg == {
        "apiKey": "key",
        "passphrase": "phrase",
        "timestamp": "1700000000",
        "sign": "lhmJXK08fk9SI1ZwFXKFRrPtzfbNOwC+D1xMJJ/1KZg=",
    }


@pytest.mark.parametrize(
    ("carries_stream", "channels"),
    [(True, ["orders", "account", "positions", "balance_and_position"]), (False, [])],
)
async def test_the_stream_subscribes_and_order_entry_does_not(carries_stream: bool, channels: list[str]) -> None:
    scene = make_scene()
    scene.group.carries_stream = carries_stream
    assert [arg["channel"] for arg in scene.connection.subscription_args()] == channels


@pytest.fixture
def pipeline() -> Any:
    return Rig().pipeline


async def test_its_frames_go_through_the_data_plane(pipeline: Any) -> None:
    connection = make_scene(pipeline).connection
    assert isinstance(connection.listener(connection.stream), PrivateListener)


@pytest.mark.parametrize(
    ("carries_stream", "complete", "done"),
    [(True, False, ["reconcile", "before_ready"]), (True, True, []), (False, False, [])],
)
async def test_it_compares_with_okx_unless_another_brought_all(
    carries_stream: bool, complete: bool, done: list[str]
) -> None:
    scene = make_scene()
    scene.group.carries_stream, scene.group.complete = carries_stream, complete
    await scene.connection.reconcile()
    assert scene.done == done


async def test_a_doubtful_clock_is_asked() -> None:
    scene = make_scene()
    await scene.connection.resync_clock()
    assert scene.done == ["clock"]


# ---------------------------------------------------------------- its life


async def test_it_has_a_socket_from_the_login_until_its_end() -> None:
    scene = make_scene(in_flight_count=lambda socket: 3)
    socket: Any = object()
    assert (scene.connection.socket, scene.connection.in_flight()) == (None, 0)
    scene.connection.allow(Action.ALLOW_CANCELS, socket)
    assert (scene.connection.socket, scene.connection.in_flight()) == (socket, 3)
    scene.connection.allow(Action.ALLOW_ORDERS, socket)
    scene.connection.allow(Action.ALLOW_NOTHING, None)
    assert scene.connection.socket is socket, "its acks may still come"
    scene.connection.resolve_in_flight()
    assert scene.connection.socket is None
    assert scene.group.calls == [("logged_in", socket), ("closing",), ("gone", socket)]


async def test_the_group_is_told_of_states_and_notices() -> None:
    scene = make_scene()
    scene.connection.on_state(State.READY, "why")
    assert scene.connection.ask_successor("notice") is False
    assert scene.group.calls == [(State.READY, "why"), ("notice", "notice")]


async def test_a_pong_counts_for_the_socket_that_it_came_on() -> None:
    pongs: list[tuple[Any, ...]] = []
    scene = make_scene(pong_received=lambda *args: pongs.append(args))
    socket: Any = object()
    scene.connection.on_pong(5)
    scene.connection.allow(Action.ALLOW_CANCELS, socket)
    scene.connection.on_pong(6)
    assert pongs == [(6, socket)], "before the login there is nothing to prove"


async def test_a_push_that_nobody_knows_kills_nothing() -> None:
    make_scene().connection.on_push(b"\xff\xfe{")


# ---------------------------------------------------------------- requests that OKX could not read


@pytest.mark.parametrize(
    "event",
    [
        ErrorEvent("60013", "Invalid args", "a4d3ae55", OKX_ID),
        ErrorEvent("60012", f'Invalid request: {{"id":"{OKX_ID}","op":"order","args":[{{}}]}}', "a4d3ae55", ""),
        ErrorEvent("60012", f'Illegal request: {{"op":"order","id":"{OKX_ID}"}}', "a4d3ae55", ""),
    ],
)
async def test_a_request_is_named_by_the_id_or_by_the_echo_of_its_frame(event: ErrorEvent) -> None:
    """OKX docs, WebSocket / Error: the `msg` of 60012 repeats the request."""
    scene = make_scene()
    assert scene.connection.give_to_request(event) is True
    assert [(okx_id, code) for okx_id, code, _ in scene.unreadable] == [(OKX_ID.encode(), int(event.code))]


async def test_okx_words_go_on_as_the_inside_of_a_json_string() -> None:
    scene = make_scene()
    msg = f'Invalid "request" \\ é: {{"id":"{OKX_ID}"}}'
    scene.connection.give_to_request(ErrorEvent("60012", msg, "", ""))
    ((_, _, inside),) = scene.unreadable
    assert orjson.loads(b'"' + inside + b'"') == msg


@pytest.mark.parametrize(
    "event",
    [
        ErrorEvent("60012", 'Invalid request: {"op":"login"}', "", ""),
        ErrorEvent("60012", "Invalid request", "", ""),
        ErrorEvent("60012", f'"id":"{OKX_ID}" before any brace', "", ""),
        ErrorEvent("60012", 'Invalid request: {"id":"a1"}', "", ""),
        ErrorEvent("", "no code", "", OKX_ID),
        ErrorEvent("6001x", "no code", "", OKX_ID),
        ErrorEvent("60012", "", "", "no-id"),
    ],
)
async def test_an_error_without_a_request_s_name_is_nobody_s(event: ErrorEvent) -> None:
    scene = make_scene()
    assert scene.connection.give_to_request(event) is False
    assert scene.unreadable == []


async def test_a_request_that_is_not_ours_does_not_take_the_error() -> None:
    scene = make_scene()
    assert scene.connection.give_to_request(ErrorEvent("60012", "", "", "f" * 16)) is False


async def test_any_other_error_is_an_alarm() -> None:
    scene = make_scene()
    scene.connection.on_error_event(ErrorEvent("64003", "Your trading fee tier is too low", "", ""))
    assert scene.alarms == [("okx_error", "OKX reports 64003: Your trading fee tier is too low")]
