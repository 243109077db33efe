"""What the public stream asks of OKX, and what it makes of pushes. Rows: OKX docs, Public Data / WS, Instruments channel."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from gateway.connections.event_listener import ColdListener
from gateway.connections.public_stream import PublicHooks
from gateway.okx.event_frames import ErrorEvent
from gateway.okx.session_table import Action, State

ROW = {"instType": "SPOT", "instId": "BTC-USDT", "state": "live"}


def make_scene() -> SimpleNamespace:
    """`hooks`, and what they did: `rows`, `reloads`, `alarms`."""
    rows: list[Any] = []
    alarms: list[tuple[str, str]] = []
    scene = SimpleNamespace(rows=rows, alarms=alarms, reloads=0)

    async def reload() -> None:
        scene.reloads += 1

    scene.hooks = PublicHooks(["SPOT", "SWAP"], rows.append, reload, lambda reason, msg: alarms.append((reason, msg)))
    return scene


def push(channel: str, data: Any) -> bytes:
    return orjson.dumps({"arg": {"channel": channel, "instType": "SPOT"}, "data": data})


def test_it_subscribes_to_the_instruments_of_each_type_without_a_login() -> None:
    hooks = make_scene().hooks
    assert hooks.login_frame() is None
    assert [dict(arg) for arg in hooks.subscription_args()] == [
        {"channel": "instruments", "instType": "SPOT"},
        {"channel": "instruments", "instType": "SWAP"},
    ]
    assert isinstance(hooks.listener(SimpleNamespace()), ColdListener)


@pytest.mark.asyncio
async def test_instruments_are_loaded_anew_after_a_gap_but_not_at_the_start() -> None:
    """At the start the gateway has just loaded them."""
    scene = make_scene()
    await scene.hooks.reconcile()
    assert scene.reloads == 0
    for _ in range(2):
        await scene.hooks.reconcile()
    assert scene.reloads == 2


def test_rows_of_the_instruments_channel_are_handed_on() -> None:
    scene = make_scene()
    scene.hooks.on_push(push("instruments", [ROW, {**ROW, "state": "suspend"}]))
    assert scene.rows == [[ROW, {**ROW, "state": "suspend"}]]


@pytest.mark.parametrize(
    "frame",
    [push("tickers", [ROW]), push("instruments", {}), push("instruments", None), b'{"arg":{}}', b"{}"],
)
def test_any_other_push_is_passed_over(frame: bytes) -> None:
    scene = make_scene()
    scene.hooks.on_push(frame)
    assert scene.rows == []


def test_nothing_depends_on_it() -> None:
    """No orders go this way, and a moment without it does no harm."""
    hooks = make_scene().hooks
    hooks.allow(Action.ALLOW_ORDERS, None)
    hooks.resolve_in_flight()
    hooks.on_state(State.READY, "")
    assert hooks.in_flight() == 0
    assert hooks.ask_successor("OKX's notice") is False
    assert hooks.give_to_request(ErrorEvent("60012", "Invalid request", "", "")) is False


def test_an_alarm_of_the_stream_is_passed_on_and_an_error_is_none() -> None:
    scene = make_scene()
    scene.hooks.on_error_event(ErrorEvent("60012", "Invalid request", "", ""))
    scene.hooks.alarm("stream", "public: refused")
    assert scene.alarms == [("stream", "public: refused")]
