"""Exports records for other programs: JSON lines, and Parquet if pyarrow is installed."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, TextIO

import orjson

from gateway.errors import ConfigError
from gateway.journal.filters import Shown, mentions, strategy_of

BATCH_ROWS: Final = 20_000
COLUMNS: Final = ("number", "ns", "segment", "type", "strategy", "topic", "seq", "id", "clOrdId", "ordId", "json")


def write_lines(records: Iterable[Shown], out: TextIO) -> int:
    """Writes one JSON object per line; returns the number of records."""
    count = 0
    for shown in records:
        out.write(orjson.dumps(shown).decode() + "\n")
        count += 1
    return count


def write_parquet(records: Iterable[Shown], path: Path) -> int:
    """One row per record: common members in columns, the complete record in `json`. ConfigError without pyarrow."""
    try:
        arrow = importlib.import_module("pyarrow")
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise ConfigError("Parquet needs pyarrow, which is not installed: pip install 'okx-gateway[parquet]'") from None
    types = {
        "number": arrow.int64(),
        "ns": arrow.timestamp("ns", tz="UTC"),
        "segment": arrow.int64(),
        "seq": arrow.int64(),
    }
    schema = arrow.schema([(name, types.get(name, arrow.string())) for name in COLUMNS])
    count = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        batch: list[dict[str, Any]] = []
        for shown in records:
            batch.append(row_of(shown))
            count += 1
            if len(batch) == BATCH_ROWS:
                writer.write_table(arrow.Table.from_pylist(batch, schema=schema))
                batch = []
        writer.write_table(arrow.Table.from_pylist(batch, schema=schema))
    return count


def row_of(shown: Shown) -> dict[str, Any]:
    """The columns of one record; `clOrdId` and `ordId` are those of its first row."""
    first = next(mentions(shown), None)
    return {
        "number": shown["number"],
        "ns": shown["ns"],
        "segment": shown["segment"],
        "type": shown["type"],
        "strategy": strategy_of(shown),
        "topic": shown.get("topic", ""),
        "seq": shown["event"]["seq"] if "event" in shown else None,
        "id": "" if first is None else first.request,
        "clOrdId": "" if first is None else first.cl_ord_id,
        "ordId": "" if first is None else first.ord_id,
        "json": orjson.dumps(shown).decode(),
    }
