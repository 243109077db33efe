"""Pushes of balances and positions pass as they came."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("channel", ["account", "positions", "balance_and_position"])
def test_other_pushes_of_the_account_pass_as_they_came(rig: Any, channel: str) -> None:
    frame = {
        "arg": {"channel": channel, "uid": "1"},
        "eventType": "snapshot",
        "curPage": 1,
        "lastPage": True,
        "data": [{"e": ["\n", {}, "é"]}],
    }
    rig.frame(frame)
    ((topic, event),) = rig.events
    assert topic == f"account.{channel}"
    assert (event["event"], event["data"], event["seq"]) == (channel, frame, 1)
    assert sorted(event["gw"]) == ["pubNs", "venueNs"]
