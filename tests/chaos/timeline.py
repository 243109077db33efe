"""Pure. The timeline of one order or request, from both parties' records."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from tests.chaos.audit_trail import AuditTrail, Json

LINES_MAX = 120
LINE_WIDTH = 260
# The members shown of an event, and of each row of an ack, in this order.
EVENT_KEYS = (
    "seq",
    "event",
    "id",
    "op",
    "row",
    "result",
    "proof",
    "code",
    "source",
    "ordId",
    "clOrdId",
    "state",
    "accFillSz",
    "tradeId",
    "fillPx",
    "fillSz",
    "reason",
)
ROW_KEYS = ("row", "result", "origin", "reason", "sCode", "clOrdId", "ordId", "msg")
ROUNDS = 2  # id leads to clOrdId, clOrdId to ordId


def timeline(trail: AuditTrail, keys: Iterable[str]) -> str:
    """The records that mention any of the keys or an id in the same row, the oldest first."""
    wanted = related(trail, set(keys))
    lines = sorted(_ledger_lines(trail, wanted) + _strategy_lines(trail, wanted) + _campaign_lines(trail))
    shown = [f"{_clock(ns)} {who:12} {text[:LINE_WIDTH]}" for ns, who, text in lines]
    if len(shown) > LINES_MAX:
        shown = [*shown[: LINES_MAX // 2], f"… {len(shown) - LINES_MAX} more …", *shown[-LINES_MAX // 2 :]]
    return "\n".join(shown)


def related(trail: AuditTrail, keys: set[str]) -> set[str]:
    """`keys`, and the other names of the same orders and requests."""
    found = set(keys)
    groups = [set(fate.keys) for fate in trail.fates]
    groups += [{ord_id, rows[0]["cl_ord_id"]} - {""} for ord_id, rows in trail.order_records.items()]
    for _ in range(ROUNDS):
        found |= {key for group in groups if group & found for key in group}
    return found


def _ledger_lines(trail: AuditTrail, wanted: set[str]) -> list[tuple[int, str, str]]:
    lines = []
    for one in trail.ledger:
        text = json.dumps(one)
        if _mentions(text, wanted) or one["type"] == "session":
            lines.append((one["time_ns"], "exchange", _ledger_text(one)))
    return lines


def _campaign_lines(trail: AuditTrail) -> list[tuple[int, str, str]]:
    """The campaign's actions on the processes, for any order: the exchange's own faults are in its ledger."""
    return [
        (one["time_ns"], "campaign", " ".join(f"{value}" for key, value in one.items() if key != "time_ns"))
        for one in trail.actions
    ]


def _ledger_text(one: Json) -> str:
    if one["type"] == "request":
        rows = [f"{row.get('sCode')} {row.get('ordId', '')}".strip() for row in one["rows"] or []]
        return f"{one['transport']} {one['op']} id={one['id']} expTime={one['exp_time']} {json.dumps(one['args'])} -> {one['code']} {rows}"
    if one["type"] == "session":
        return f"connection {one['session']} {one['path']} {one['event']} {one['code'] or ''}"
    return " ".join(
        [
            one["type"],
            *(f"{key}={one[key]}" for key in one if key not in ("type", "time_ns", "uid", "n") and one[key] != ""),
        ]
    )


def _strategy_lines(trail: AuditTrail, wanted: set[str]) -> list[tuple[int, str, str]]:
    lines = []
    for name, records in trail.records.items():
        lines += [
            (one["ns"], f"{name}#{one['run']}", _strategy_text(one))
            for one in records
            if _is_update(one) and (one["type"] == "started" or _mentions(json.dumps(one), wanted))
        ]
    return lines


def _strategy_text(one: Json) -> str:
    if one["type"] == "event":
        event = one["event"]
        members = [f"{key}={event[key]}" for key in EVENT_KEYS if event.get(key) not in (None, "")]
        rows = [
            " ".join(str(row[key]) for key in ROW_KEYS if row.get(key) not in (None, "")) for row in _rows_of(event)
        ]
        return " ".join([one["topic"], *members, *(f"[{row}]" for row in rows)])
    return " ".join([one["type"], *(json.dumps(one[key]) for key in one if key not in ("ns", "run", "type"))])


def _rows_of(event: Json) -> list[Json]:
    data = event.get("data")
    return data if isinstance(data, list) else []


def _is_update(one: Json) -> bool:
    """False for the questions that strategies repeat."""
    asked = one.get("answer") or one.get("request") or {}
    is_question = asked.get("op") in ("status", "snapshot", "replay")
    return (
        one["type"] not in ("quiet", "replayed") and not is_question and not one.get("topic", "").endswith("heartbeat")
    )


def _mentions(text: str, wanted: set[str]) -> bool:
    return any(f'"{key}"' in text for key in wanted)


def _clock(ns: int) -> str:
    return f"{datetime.fromtimestamp(ns / 1e9, UTC):%H:%M:%S.%f}"
