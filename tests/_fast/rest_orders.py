"""A rig's port for requests by REST, and OKX's answers on it."""

from __future__ import annotations

import json
from typing import Any

from gateway._fast.control.rest import RestControl
from gateway._fast.ports.recorders import RecordingRestSink

# The ack timeout is far away, so that only what a test does ends a request.
ACK_TIMEOUT_MS = 3_600_000
AFTER_IT_NS = 3_700_000_000_000
SL = {"slTriggerPx": "18000", "slOrdPx": "-1", "slTriggerPxType": "mark"}


class RestOrders:
    """The port that records, and the control API that ends its calls."""

    def __init__(self, rig: Any, *, cancels: bool = True) -> None:
        self.rig, self.api, self.port = rig, RestControl(rig.api), RecordingRestSink()
        self.api.rest_opened(self.port, cancels)

    @property
    def calls(self) -> list[tuple[str, Any, int]]:
        """(op, body, expTime)"""
        return [(op, json.loads(body), exp_time) for _, op, body, exp_time in self.port.sent]

    def answer(self, index: int, *items: dict[str, Any], code: str = "0", msg: str = "") -> None:
        okx_id, op, _, _ = self.port.sent[index]
        named = {"id": okx_id.decode(), "op": op}
        frame = json.dumps({**named, "code": code, "data": list(items), "inTime": "1", "msg": msg, "outTime": "2"})
        self.api.answered(okx_id, frame.encode(), self.rig.now, 7)

    def no_proof(self, index: int, reason: str) -> None:
        self.api.no_proof(self.port.sent[index][0], reason, self.rig.now)

    def not_sent(self, index: int) -> None:
        self.api.not_sent(self.port.sent[index][0], b"connection refused", self.rig.now)
