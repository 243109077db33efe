"""Announcements of maintenance (OKX docs, "Status")."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sim.control.params import ControlError


def test_a_title_names_an_announcement(bench: Any) -> None:
    first = bench.command("system_status", title="a", begin="1", end="2")
    assert (first["state"], first["begin"], first["end"], first["serviceType"]) == ("scheduled", "1", "2", "5")
    bench.command("system_status", title="b")
    later = bench.command("system_status", title="a", state="ongoing")
    assert (later["state"], later["begin"]) == ("ongoing", "1")
    assert [(one["title"], one["state"]) for one in bench.exchange.market_data.statuses] == [
        ("b", "scheduled"),
        ("a", "ongoing"),
    ]


def test_an_unknown_state_is_refused(bench: Any) -> None:
    with pytest.raises(ControlError, match="state must be one of scheduled"):
        bench.command("system_status", state="soon")
    assert bench.exchange.market_data.statuses == []
