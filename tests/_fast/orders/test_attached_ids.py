"""Whose an algo order is that bears an `attachAlgoClOrdId` which a strategy has chosen itself.

OKX docs, Order Book Trading, Place order: `attachAlgoClOrdId` becomes the `algoClOrdId` of the algo order that the filled order makes.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from gateway._fast.control.rest import RestControl
from gateway._fast.ports.recorders import RecordingRestSink


class Scene:
    """A rig with a way to OKX's REST, by which orders with attached ones go."""

    def __init__(self, rig: Any) -> None:
        self.rig, self.rest, self.port = rig, RestControl(rig.api), RecordingRestSink()
        self.rest.rest_opened(self.port, True)
        self.numbers = itertools.count(1)

    def place(self, *attached: str, owner: int | None = None, code: str | None = "0") -> str:
        """An order with these ids attached, answered with `code` (None: not answered); its clOrdId."""
        number = next(self.numbers)
        name = f"A{number}"
        objects = [{"attachAlgoClOrdId": one, "slTriggerPx": "18000", "slOrdPx": "-1"} for one in attached]
        self.rig.send(self.rig.order(f"o{number}", clOrdId=name, attachAlgoOrds=objects), owner=owner)
        if code is not None:
            okx_id, op, _, _ = self.port.sent[-1]
            item = {
                "clOrdId": name,
                "ordId": f"80{number}" if code == "0" else "",
                "sCode": code,
                "sMsg": "",
                "ts": "1",
            }
            answer = {"code": "0" if code == "0" else "1", "data": [item], "msg": ""}
            frame = json.dumps({"id": okx_id.decode(), "op": op, **answer})
            self.rest.answered(okx_id, frame.encode(), self.rig.now, 7)
        return name

    def end(self, name: str) -> None:
        self.rig.push(clOrdId=name, ordId=f"80{name[1:]}", state="canceled")

    def owner_of(self, attached: str) -> str:
        """The strategy (or `account`) that hears of an algo order with this id."""
        row = {"instId": "BTC-USDT", "algoId": f"70{next(self.numbers)}", "algoClOrdId": attached, "state": "canceled"}
        before = len(self.rig.events)
        self.rig.frame({"arg": {"channel": "orders-algo"}, "data": [row]})
        (topic,) = [topic for topic, _ in self.rig.events[before:]]
        return topic.removesuffix(".algo")


@pytest.fixture
def scene(rig: Any) -> Scene:
    return Scene(rig)


def test_an_id_is_the_strategy_s_that_has_attached_it(scene: Scene) -> None:
    scene.place("mine1", "mine2")
    scene.place("theirs", owner=scene.rig.beta)
    assert [scene.owner_of(one) for one in ("mine1", "mine2", "theirs")] == ["alpha", "alpha", "beta"]


@pytest.mark.parametrize("strange", ["mine", "mine11", "MINE1", "strange", ""])
def test_another_id_is_nobody_s(scene: Scene, strange: str) -> None:
    scene.place("mine1")
    assert scene.owner_of(strange) == "account"


def test_an_id_counts_before_the_order_is_answered(scene: Scene) -> None:
    """A market order may be filled, and its stop made, before its ack is read."""
    scene.place("mine1", code=None)
    assert scene.owner_of("mine1") == "alpha"


def test_a_rejected_order_has_attached_nothing(scene: Scene) -> None:
    scene.place("mine1", code="51008")
    assert scene.owner_of("mine1") == "account"


def test_an_id_of_a_rejected_order_can_be_used_again(scene: Scene) -> None:
    scene.place("mine1", code="51008")
    scene.place("mine1", owner=scene.rig.beta)
    assert scene.owner_of("mine1") == "beta"


def test_that_a_later_order_was_rejected_says_nothing_of_the_earlier(scene: Scene) -> None:
    scene.place("mine1")
    scene.place("mine1", code="51008")
    assert scene.owner_of("mine1") == "alpha"


def test_the_id_of_another_strategy_is_refused(scene: Scene) -> None:
    scene.place("mine1")
    sent = len(scene.port.sent)
    scene.place("mine1", owner=scene.rig.beta, code=None)
    assert len(scene.port.sent) == sent
    assert scene.owner_of("mine1") == "alpha"


def test_an_id_outlives_its_order(scene: Scene) -> None:
    """The algo order is made once its order is filled."""
    scene.end(scene.place("mine1"))
    assert scene.owner_of("mine1") == "alpha"


@pytest.mark.parametrize("length", [1, 31, 32])
def test_ids_of_any_length_that_okx_takes(scene: Scene, length: int) -> None:
    scene.place("m" * length)
    assert scene.owner_of("m" * length) == "alpha"
    assert scene.owner_of("m" * (length - 1)) == "account"


CAPACITY = 8


@pytest.fixture
def small(new_rig: Any) -> Scene:
    """There is room for the ids of as many orders as there are slots."""
    return Scene(new_rig(order_capacity=CAPACITY))


def test_the_oldest_id_of_an_ended_order_makes_room(small: Scene) -> None:
    for number in range(CAPACITY + 2):
        small.end(small.place(f"mine{number}"))
    kept = [small.owner_of(f"mine{number}") for number in range(CAPACITY + 2)]
    assert kept == ["account"] * 2 + ["alpha"] * CAPACITY


def test_the_id_of_an_open_order_is_kept_before_younger_ones(small: Scene) -> None:
    small.place("open")
    for number in range(3 * CAPACITY):
        small.end(small.place(f"mine{number}"))
    assert small.owner_of("open") == "alpha"
    assert small.owner_of("mine0") == "account"
    assert small.owner_of(f"mine{3 * CAPACITY - 1}") == "alpha"
