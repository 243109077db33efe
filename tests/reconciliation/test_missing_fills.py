"""Fills without a push are asked for until OKX's REST shows them; an alarm is raised if it does not."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.errors import TransportError
from gateway.reconciliation.missing_fills import ALARM_AFTER, LEFT_AFTER, MissingFills


@pytest.fixture
def holed(scene: SimpleNamespace) -> SimpleNamespace:
    """An order filled to 0.005 of which only the last 0.001 was pushed; `missing` has noted it, `lost` are the counts found."""
    lost: list[int] = []
    scene.missing, scene.lost = MissingFills(scene.rig.api, scene.reconciler, lost.append), lost
    scene.rig.on_fills_missing = lambda ord_id: scene.missing.note(ord_id.decode())
    scene.rig.place("A1", "12")
    scene.rig.push(clOrdId="A1", ordId="12", **scene.filled("2", "0.001", "0.005"))
    scene.rig.forget()
    return scene


def ask(scene: Any, times: int = 1) -> None:
    async def again() -> None:
        for _ in range(times):
            await scene.missing.ask()

    asyncio.run(again())


def test_the_missing_fill_is_published_from_rest(holed: Any) -> None:
    holed.rest.fill_answers = [[holed.rest_fill("2", "0.001"), holed.rest_fill("1", "0.004")]]
    ask(holed)
    ((topic, fill),) = holed.rig.events
    assert (topic, fill["tradeId"], fill["fillSz"], fill["source"]) == ("alpha.fill", "1", "0.004", "reconcile")
    assert holed.rest.asked == [("fills", ("12", 0))]
    assert holed.lost == [1] and not holed.missing.waits
    ask(holed)
    assert len(holed.rest.asked) == 1


def test_a_late_push_leaves_nothing_to_ask(holed: Any) -> None:
    holed.rig.push(clOrdId="A1", ordId="12", **holed.filled("1", "0.004", "0.004"))
    ask(holed)
    assert holed.rest.asked == [] and holed.lost == [] and not holed.missing.waits


def test_an_order_that_ended_with_fills_missing(holed: Any) -> None:
    holed.rig.push(clOrdId="A1", ordId="12", state="canceled", accFillSz="0.005")
    holed.rest.fill_answers = [[holed.rest_fill("1", "0.004")]]
    ask(holed)
    assert [fill["tradeId"] for fill in holed.rig.on("alpha.fill")] == ["1"] and not holed.missing.waits


def test_lagging_rest_is_asked_again_and_raises_one_alarm(holed: Any, alarms: Any) -> None:
    ask(holed, ALARM_AFTER)
    assert holed.missing.waits and alarms() == []
    ask(holed, 3)
    assert alarms() == ["fills_missing"]
    assert "0.004 of its accFillSz 0.005" in holed.rig.on("gateway.alarm")[0]["msg"]
    holed.rest.fill_answers = [[holed.rest_fill("1", "0.004")]]
    ask(holed)
    assert len(holed.rig.on("alpha.fill")) == 1 and not holed.missing.waits


def test_asking_ends_for_fills_that_okx_never_shows(holed: Any, alarms: Any) -> None:
    ask(holed, LEFT_AFTER + 10)
    assert len(holed.rest.asked) == LEFT_AFTER + 1
    assert alarms() == ["fills_missing"] and not holed.missing.waits


def test_a_failed_question_stays_open(holed: Any) -> None:
    async def fails(**_: Any) -> list[dict[str, Any]]:
        raise TransportError("no answer")

    answers, holed.rest.fills = holed.rest.fills, fails
    with pytest.raises(TransportError):
        ask(holed)
    assert holed.missing.waits
    holed.rest.fills = answers
    holed.rest.fill_answers = [[holed.rest_fill("1", "0.004")]]
    ask(holed)
    assert len(holed.rig.on("alpha.fill")) == 1
