"""An alarm is an event, and a line in the log."""

from __future__ import annotations

from typing import Any

import pytest


def test_an_alarm(rig: Any, caplog: pytest.LogCaptureFixture) -> None:
    rig.alarms.publish("okx_error", 'quoted "words"\n')
    ((topic, body),) = rig.events
    assert (topic, body["reason"], body["msg"]) == ("gateway.alarm", "okx_error", 'quoted "words"\n')
    (record,) = caplog.records
    assert (record.levelname, record.__dict__["reason"]) == ("ERROR", "okx_error")
