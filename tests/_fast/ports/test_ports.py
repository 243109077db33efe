"""Without a control plane a pipeline refuses, publishes and goes on."""

from __future__ import annotations

from typing import Any

import pytest

from gateway._fast.control.pipeline import PipelineControl
from gateway._fast.order_pipeline import OrderPipeline
from gateway._fast.ports.ports import ControlPort, FrameSink


@pytest.fixture
def alone(rig: Any) -> Any:
    rig.pipeline = OrderPipeline(rig.trading, ControlPort())
    rig.api = PipelineControl(rig.pipeline)
    return rig


def test_a_refusal_has_words(alone: Any) -> None:
    alone.send(alone.order("o1", side="up"))
    assert (alone.row("o1")["reason"], alone.row("o1")["msg"]) == ("bad_request", "the request is refused")


def test_a_linked_order_is_published_as_nobody_s(alone: Any) -> None:
    alone.push(ordId="801", linkedAlgoOrd={"algoId": "77"})
    assert len(alone.on("account.order")) == 1


def test_what_has_no_place_is_counted(alone: Any) -> None:
    alone.frame(b"{")
    assert alone.api.status()["counters"]["frames_malformed"] == 1


def test_an_op_of_the_gateway_s_own_is_the_caller_s(alone: Any) -> None:
    assert alone.api.on_request(1, 1, alone.alpha, False, b'{"id":"g1","op":"ping","args":[]}') is False
    assert alone.api.on_request(1, 1, alone.alpha, False, b'{"id":"o1","op":"order","args":[]}') is True


def test_there_is_no_pipeline_without_a_port(rig: Any) -> None:
    with pytest.raises(TypeError):
        OrderPipeline(rig.trading, None)


def test_each_connection_has_a_number_of_its_own() -> None:
    first, second = FrameSink(), FrameSink()
    assert first.number != second.number
