"""What the business stream asks of OKX, and when algo orders may go."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from gateway.connections.business_stream import BusinessHooks
from gateway.okx.event_frames import ErrorEvent
from gateway.okx.secret import Credentials, Secret
from gateway.okx.session_table import Action, State


@pytest.fixture
def scene() -> SimpleNamespace:
    ready: list[bool] = []
    told: list[Any] = []

    async def nothing() -> None:
        told.append("reconciled")

    credentials = Credentials(Secret("key"), Secret("secret"), Secret("phrase"))
    api: Any = SimpleNamespace(set_ready=ready.append)
    hooks = BusinessHooks(
        None,  # type: ignore[arg-type]
        api,
        credentials,
        lambda: 1_700_000_000_999,
        SimpleNamespace(run=nothing),
        nothing,
        told.append,
        lambda reason, msg: told.append(reason),
    )
    return SimpleNamespace(hooks=hooks, ready=ready, told=told)


def test_it_logs_in_and_subscribes_to_both_channels_of_algo_orders(scene: SimpleNamespace) -> None:
    """The signature: printf 1700000000GET/users/self/verify | openssl dgst -sha256 -hmac secret -binary | base64"""
    (arg,) = orjson.loads(scene.hooks.login_frame())["args"]
    assert (arg["timestamp"], arg["apiKey"], arg["passphrase"]) == ("1700000000", "key", "phrase")
    assert arg["sign"] == "lhmJXK08fk9SI1ZwFXKFRrPtzfbNOwC+D1xMJJ/1KZg="
    assert [dict(one) for one in scene.hooks.subscription_args()] == [
        {"channel": "orders-algo", "instType": "ANY"},
        {"channel": "algo-advance", "instType": "ANY"},
    ]


@pytest.mark.asyncio
async def test_new_algo_orders_go_only_once_it_is_reconciled(scene: SimpleNamespace) -> None:
    for action in (Action.ALLOW_CANCELS, Action.ALLOW_ORDERS, Action.ALLOW_NOTHING):
        scene.hooks.allow(action, None)
    assert scene.ready == [False, True, False]
    await scene.hooks.reconcile()
    scene.hooks.on_state(State.READY, "")
    assert scene.told == ["reconciled", State.READY]


def test_nothing_is_in_flight_on_it_and_what_is_odd_is_told(scene: SimpleNamespace) -> None:
    event = ErrorEvent("60012", "Invalid request", "", "")
    assert scene.hooks.in_flight() == 0 and not scene.hooks.give_to_request(event)
    scene.hooks.on_error_event(event)
    assert scene.told == ["okx_error"]
