"""Pure. Rows that OKX could send one day: unknown fields, empty strings, unknown enum values.

OKX adds fields and values without notice and asks clients to bear with it (OKX docs, "Overview", general
information).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

# `empty_strings` leaves these alone unless they are named: without them a row cannot be attributed.
IDENTITY = frozenset(
    ("instType", "instId", "ordId", "clOrdId", "tradeId", "billId", "state", "side", "posSide", "ordType", "ccy", "uid")
)
ENUMS = ("state", "ordType", "side", "execType", "mgnMode", "eventType", "acctLv", "instType")


def malformed(payload: bytes, params: dict[str, Any]) -> bytes:
    """The frame or body with its rows changed as `kind` says; `fields` names the members, comma separated."""
    frame = orjson.loads(payload)
    names = [one for one in params["fields"].split(",") if one]
    rows = frame.get("data") if isinstance(frame, dict) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            _CHANGES[params["kind"]](row, names, params["value"])
    return orjson.dumps(frame)


def _unknown_field(row: dict[str, Any], names: list[str], value: str) -> None:
    row["someNewField"] = value
    row["someNewObject"] = {"someNewList": [value]}
    for name in names:
        row[name] = value


def _empty_strings(row: dict[str, Any], names: list[str], value: str) -> None:
    chosen = names or [name for name, old in row.items() if isinstance(old, str) and name not in IDENTITY]
    for name in chosen:
        if name in row:
            row[name] = ""


def _unknown_enum(row: dict[str, Any], names: list[str], value: str) -> None:
    for name in names or [one for one in ENUMS if one in row][:1]:
        row[name] = value


_CHANGES = {"unknown_field": _unknown_field, "empty_strings": _empty_strings, "unknown_enum": _unknown_enum}


def merged(payloads: Sequence[bytes]) -> list[bytes]:
    """The pushes with the rows of those that have one `arg` in one frame, the first of them."""
    frames: dict[bytes, Any] = {}
    for payload in payloads:
        frame = orjson.loads(payload)
        first = frames.setdefault(orjson.dumps(frame["arg"]), frame)
        if first is not frame:
            first["data"] += frame["data"]
    return [orjson.dumps(one) for one in frames.values()]


def repeated(payload: bytes, delay_ms: int = 1) -> bytes:
    """The same push once more as OKX repeats it: with a later uTime (OKX docs, change log of 2025-07-08)."""
    frame = orjson.loads(payload)
    for row in frame.get("data", ()):
        if isinstance(row, dict) and str(row.get("uTime", "")).isdigit():
            row["uTime"] = str(int(row["uTime"]) + delay_ms)
    return orjson.dumps(frame)
