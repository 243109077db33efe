"""Verbs that announce maintenance (OKX docs, "Status"): REST system/status and the `status` channel."""

from __future__ import annotations

from typing import Any

from gateway.sim.channels.market_data import STATUS_STATES
from gateway.sim.control.params import ControlError, ControlledSimulator, Params, Verb

# Our parameter, OKX's member, and its value where none is given: trading service, whole classic system, live.
_MEMBERS = (
    ("title", "title", "Simulated maintenance"),
    ("state", "state", "scheduled"),
    ("begin", "begin", ""),
    ("end", "end", ""),
    ("pre_open_begin", "preOpenBegin", ""),
    ("href", "href", ""),
    ("service_type", "serviceType", "5"),
    ("system", "system", "unified"),
    ("sche_desc", "scheDesc", ""),
    ("maint_type", "maintType", "1"),
    ("env", "env", "1"),
)


def _system_status(control: ControlledSimulator, params: Params) -> dict[str, Any]:
    """A new announcement, or the next state of the one with that title."""
    data = control.exchange.market_data
    title = str(params.get("title", _MEMBERS[0][2]))
    known = next((one for one in data.statuses if one["title"] == title), None)
    row = known or {member: default for _, member, default in _MEMBERS}
    row = {**row, **{member: str(params[name]) for name, member, _ in _MEMBERS if name in params}}
    if row["state"] not in STATUS_STATES:
        raise ControlError(f"state must be one of {', '.join(STATUS_STATES)}")
    data.statuses = [one for one in data.statuses if one is not known] + [row]
    control.exchange.market_channels.status_changed(row)
    return row


VERBS: dict[str, Verb] = {
    "system_status": Verb(_system_status, tuple(name for name, *_ in _MEMBERS), "announce or change a maintenance"),
}
