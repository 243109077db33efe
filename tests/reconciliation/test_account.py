"""After a gap, and in sweeps, missed balances and positions are published, and none twice."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from gateway.errors import TransportError
from tests.reconciliation.test_account_view import detail, position


def push(scene: Any, channel: str, rows: list[dict[str, Any]]) -> None:
    """As OKX sends it."""
    frame = {"arg": {"channel": channel, "uid": "1"}, "eventType": "event_update", "data": rows}
    scene.rig.api.on_frame(json.dumps(frame).encode())


def published(scene: Any, topic: str) -> list[Any]:
    """The rows that corrections published."""
    events = [event for event in scene.rig.on(f"account.{topic}") if event["source"] == "reconcile"]
    for event in events:
        assert event["data"]["arg"] == {"channel": topic}
    return [row for event in events for row in event["data"]["data"]]


def test_pushes_are_published_unchanged_with_their_source(scene: Any) -> None:
    push(scene, "account", [{"details": [detail()]}])
    (event,) = scene.rig.on("account.account")
    assert (event["source"], event["data"]["data"]) == ("stream", [{"details": [detail()]}])
    assert event["data"]["arg"] == {"channel": "account", "uid": "1"}


def test_changes_during_a_gap_are_published_once(scene: Any) -> None:
    push(scene, "account", [{"details": [detail("USDT"), detail("BTC")]}])
    push(scene, "positions", [position("7"), position("8")])
    scene.rest.balances = [detail("USDT", 200, cashBal="40"), detail("BTC")]
    scene.rest.positions = [position("7", 200, pos="3"), position("8"), position("9", 50)]
    asyncio.run(scene.reconciler.run())
    (account,) = published(scene, "account")
    assert account["details"] == [detail("USDT", 200, cashBal="40")]
    assert published(scene, "positions") == [position("7", 200, pos="3"), position("9", 50)]
    asyncio.run(scene.reconciler.run())
    assert asyncio.run(scene.reconciler.sweep()) == 0
    assert len(published(scene, "account")) == 1 and len(published(scene, "positions")) == 2


def test_names_missing_from_the_lists_are_asked_for(scene: Any) -> None:
    """OKX's lists omit zero currencies and closed positions."""
    push(scene, "account", [{"details": [detail("USDT"), detail("BTC")]}])
    push(scene, "positions", [position("7")])
    scene.rest.balances = [detail("USDT"), detail("BTC", 200, cashBal="0")]
    scene.rest.positions = [position("7", 200, pos="0", avgPx="")]
    assert asyncio.run(scene.reconciler.sweep()) == 2
    assert published(scene, "account")[0]["details"] == [detail("BTC", 200, cashBal="0")]
    assert published(scene, "positions") == [position("7", 200, pos="0", avgPx="")]
    assert scene.rest.asked_of_account == [
        ("balance", []),
        ("positions", []),
        ("balance", ["BTC"]),
        ("positions", ["7"]),
    ]


def test_a_sweep_leaves_young_updates_to_the_next_one(scene: Any) -> None:
    now_ms = scene.rig.api.okx_now_ms()
    push(scene, "account", [{"details": [detail()]}])
    scene.rest.balances = [detail("USDT", now_ms - 10, cashBal="40")]
    assert asyncio.run(scene.reconciler.sweep(margin_ms=2_000)) == 0
    assert published(scene, "account") == []
    assert asyncio.run(scene.reconciler.sweep()) == 1


def test_a_push_received_during_a_rest_question_is_not_published_again(scene: Any) -> None:
    push(scene, "account", [{"details": [detail()]}])
    scene.rest.balances = [detail("USDT", 200, cashBal="40")]
    answer = scene.rest.account_positions

    async def late(pos_ids: Any = ()) -> Any:
        push(scene, "account", [{"details": [detail("USDT", 200, cashBal="40")]}])
        return await answer(pos_ids)

    scene.rest.account_positions = late
    asyncio.run(scene.reconciler.run())
    assert published(scene, "account") == []


def test_without_an_answer_the_comparison_fails_and_is_repeated(scene: Any) -> None:
    async def no_answer(pos_ids: Any = ()) -> Any:
        raise TransportError("REST is away")

    answer, scene.rest.account_positions = scene.rest.account_positions, no_answer
    scene.reconciler.note_gap(1_700_000_000_000)
    with pytest.raises(TransportError):
        asyncio.run(scene.reconciler.run())
    scene.rest.account_positions = answer
    scene.rest.positions = [position("7")]
    asyncio.run(scene.reconciler.run())
    assert published(scene, "positions") == [position("7")]
    fills = [arg for question, arg in scene.rest.asked if question == "fills"]
    assert len(fills) == 2 and fills[0] == fills[1], "the gap began when it had begun"
