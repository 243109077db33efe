"""The control plane in Python behind its port: what each call of the paths hands over, and what a defect of a callee does."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from gateway._fast.control.pipeline import PipelineControl
from gateway._fast.limits.instruments import InstrumentTable
from gateway._fast.order_pipeline import OrderPipeline
from gateway._fast.ports.control_port import PythonControl

NAMES = (
    "queue_request",
    "refusal_message",
    "on_unrecognised_frame",
    "on_okx_code",
    "on_fills_missing",
    "keep_linked_order",
)


class Callee:
    """Every callable of `PythonControl`: keeps its arguments and returns what the test says, or raises."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.returned: dict[str, Any] = {"queue_request": False, "refusal_message": b"no", "keep_linked_order": False}
        self.is_broken = False

    def callables(self) -> dict[str, Any]:
        return {name: self._callable(name) for name in NAMES}

    def _callable(self, name: str) -> Any:
        def call(*arguments: Any) -> Any:
            self.calls.append((name, *arguments))
            if self.is_broken:
                raise RuntimeError(name)
            return self.returned.get(name)

        return call


class Scene:
    """The rig's trading state under a pipeline of its own."""

    def __init__(self, rig: Any) -> None:
        self.rig, self.callee = rig, Callee()
        rig.pipeline = OrderPipeline(rig.trading, PythonControl(**self.callee.callables()))
        rig.api = PipelineControl(rig.pipeline)


@pytest.fixture
def scene(rig: Any) -> Scene:
    return Scene(rig)


@pytest.fixture
def defects() -> Iterator[list[str]]:
    """What the unraisable hook was given."""
    seen: list[str] = []
    before = sys.unraisablehook
    sys.unraisablehook = lambda one: seen.append(repr(one.exc_value))
    yield seen
    sys.unraisablehook = before


def test_a_refusal_has_the_words_of_the_control_plane(scene: Scene) -> None:
    scene.callee.returned["refusal_message"] = b"say \\u00fcber"
    scene.rig.send(scene.rig.order("o1", side="up"))
    ((name, _, expected, key, row, op),) = scene.callee.calls
    assert (name, key, row, op) == ("refusal_message", b"side", 0, b"order")
    assert expected
    assert scene.rig.row("o1")["msg"] == "say über"


def test_a_refusal_without_words_is_a_refusal_all_the_same(scene: Scene, defects: list[str]) -> None:
    scene.callee.is_broken = True
    scene.rig.send({"id": "o1", "op": "order", "args": [{"instId": 5}]})
    assert scene.rig.row("o1")["msg"] == "the request is refused"
    assert defects == ["RuntimeError('refusal_message')"]


def test_okx_sends_what_has_no_place(scene: Scene) -> None:
    scene.rig.frame(b'{"event":')
    scene.rig.frame({"id": "none", "op": "order", "code": "0", "msg": "", "data": []})
    scene.rig.push(ordId="")
    kinds = [(name, kind) for name, kind, _ in scene.callee.calls]
    assert kinds == [
        ("on_unrecognised_frame", "frames_malformed"),
        ("on_unrecognised_frame", "acks_unmatched"),
        ("on_unrecognised_frame", "pushes_unrecognised"),
    ]
    assert [excerpt for _, _, excerpt in scene.callee.calls[:2]] == [b'{"event":', b"none"]


def test_a_defect_does_not_end_the_path(scene: Scene, defects: list[str]) -> None:
    """A push with a state that OKX does not document, and one row behind it that it does."""
    scene.callee.is_broken = True
    rows = [{**scene_row(), "state": "melted"}, {**scene_row(), "ordId": "802", "clOrdId": "B2"}]
    scene.rig.frame({"arg": {"channel": "orders", "instType": "ANY"}, "data": rows})
    assert [body["ordId"] for body in scene.rig.on("account.order")] == ["802"]
    assert defects == ["RuntimeError('on_unrecognised_frame')"]


def scene_row() -> dict[str, Any]:
    named = {"instType": "SPOT", "instId": "BTC-USDT", "ordId": "801", "clOrdId": "A1", "tdMode": "cash"}
    return {**named, "state": "live", "px": "1", "sz": "1", "accFillSz": "0", "side": "buy", "ordType": "limit"}


def test_a_code_that_asks_for_more(new_rig: Any, wire: Any) -> None:
    scene = Scene(new_rig(reacting_codes=(51008,)))
    scene.rig.send(scene.rig.order("o1", clOrdId="A1"))
    sent = scene.rig.frames[-1]
    scene.rig.ack(sent["id"], "order", wire.item("A1", "", "51008", "not enough"), code="1")
    ((name, code, mono_ns, limit_key, ord_id, cl_ord_id, msg),) = scene.callee.calls
    assert (name, code, mono_ns, ord_id, cl_ord_id) == ("on_okx_code", 51008, scene.rig.now, b"", b"A1")
    assert limit_key >= 0
    assert msg == b"not enough"


def test_fills_are_missing(scene: Scene) -> None:
    scene.rig.place("A1", "801")
    scene.rig.push(clOrdId="A1", ordId="801", state="canceled", accFillSz="0.004", cancelSource="1")
    assert scene.callee.calls == [("on_fills_missing", b"801")]


@pytest.mark.parametrize("keeps", [True, False])
def test_a_row_whose_owner_is_not_known_yet(scene: Scene, keeps: bool) -> None:
    scene.callee.returned["keep_linked_order"] = keeps
    scene.rig.push(ordId="801", linkedAlgoOrd={"algoId": "77"})
    ((name, algo_id, row),) = scene.callee.calls
    assert (name, algo_id, json.loads(row)["ordId"]) == ("keep_linked_order", b"77", "801")
    assert len(scene.rig.on("account.order")) == (0 if keeps else 1)


def test_a_row_that_cannot_be_kept_is_published(scene: Scene, defects: list[str]) -> None:
    scene.callee.is_broken = True
    scene.rig.push(ordId="801", linkedAlgoOrd={"algoId": "77"})
    assert len(scene.rig.on("account.order")) == 1
    assert defects == ["RuntimeError('keep_linked_order')"]


@pytest.mark.parametrize(("op", "is_cancel"), [("order", False), ("cancel-order", True)])
@pytest.mark.parametrize("queues", [True, False])
def test_before_the_instruments_are_loaded(new_rig: Any, op: str, is_cancel: bool, queues: bool) -> None:
    """The ack timeout of the rig is 3 s; an order of `maxWaitMs` 0 waits for nothing."""
    scene = Scene(new_rig(instruments=InstrumentTable(1, 1, 60, 60, 60, 300, 5, 1000)))
    scene.callee.returned["queue_request"] = queues
    rig = scene.rig
    message = rig.order("o1") if op == "order" else rig.cancel("o1", ordId="801")
    text = json.dumps(message).encode()
    rig.send(text, session=4, is_req=True, real_ns=1_700_000_000_000_000_001)
    deadline_ns = rig.now + (3_000_000_000 if is_cancel else 0)
    queued = ("queue_request", is_cancel, deadline_ns, 4, 1, rig.alpha, True, text, rig.now, 1_700_000_000_000_000_001)
    assert scene.callee.calls[0] == queued
    assert [call[0] for call in scene.callee.calls[1:]] == ([] if queues else ["refusal_message"])
