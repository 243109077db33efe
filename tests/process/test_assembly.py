"""Every part is made from parts that are there, and nothing of it runs before the start."""

from __future__ import annotations

import asyncio

import pytest

from gateway.okx.session_table import State
from gateway.process.gateway import Gateway

pytestmark = pytest.mark.asyncio


async def test_nothing_runs_before_the_start(gateway: Gateway) -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert not [task for task in others if "gateway/process" in repr(task) or "gateway/connections" in repr(task)]
    parts = gateway._parts
    assert parts.public.state is State.DISCONNECTED
    assert parts.housekeeping.connections.is_started is False
    assert parts.base.trading is not None
    assert parts.base.instruments is parts.instruments.table


async def test_configured_strategies_have_owners_from_the_first_moment(gateway: Gateway) -> None:
    owners = gateway._parts.base.owners
    assert [name for _, name in owners.items()] == ["account", "gateway", "alpha"]


async def test_the_ops_are_those_of_the_protocol(gateway: Gateway) -> None:
    """docs/protocol.md, "Gateway ops"."""
    assert sorted(gateway._parts.sessions._ops) == [
        "cancel-all",
        "get-order",
        "hello",
        "ping",
        "reconnect",
        "replay",
        "resume",
        "snapshot",
        "status",
    ]
