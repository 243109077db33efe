"""The recorder of the control port records every call of the paths. The other recorders carry all tests of the compiled part."""

from __future__ import annotations

from typing import Any

import pytest

from gateway._fast.control.pipeline import PipelineControl
from gateway._fast.order_pipeline import OrderPipeline
from gateway._fast.ports.recorders import RecordingControl


@pytest.fixture
def recorded(new_rig: Any) -> Any:
    rig = new_rig(reacting_codes=(51008,))
    rig.recorder = RecordingControl()
    rig.pipeline = OrderPipeline(rig.trading, rig.recorder)
    rig.api = PipelineControl(rig.pipeline)
    return rig


def test_every_call_of_the_paths(recorded: Any, wire: Any) -> None:
    recorded.send(recorded.order("bad", side="up"))
    recorded.frame(b"{")
    recorded.send(recorded.order("o1", clOrdId="A1"))
    sent = recorded.frames[-1]
    recorded.ack(sent["id"], "order", wire.item("A1", "", "51008", "poor"), code="1")
    recorded.push(clOrdId="B2", ordId="802", linkedAlgoOrd={"algoId": "77"})
    names = [call[0] for call in recorded.recorder.calls]
    assert names == ["refusal_message", "on_unrecognised_frame", "on_okx_code", "keep_linked_order"]
    assert recorded.row("bad")["msg"] == "refused"


def test_a_row_that_is_kept(recorded: Any) -> None:
    recorded.recorder.keeps = True
    recorded.push(ordId="802", linkedAlgoOrd={"algoId": "77"})
    assert recorded.events == []
