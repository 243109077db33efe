"""Exported records: JSON lines, and the columns of Parquet. tests/journal/test_command.py reads a Parquet file back."""

from __future__ import annotations

import io
import json
from typing import Any

from gateway.journal.export import COLUMNS, row_of, write_lines

NS = 1_700_000_000_000_000_000
ACK: dict[str, Any] = {
    "number": 4,
    "ns": NS,
    "type": "event",
    "segment": 2,
    "topic": "alpha.ack",
    "event": {
        "seq": 17,
        "event": "ack",
        "id": "b1",
        "op": "batch-orders",
        "data": [{"row": 0, "clOrdId": "A", "ordId": "1"}, {"row": 1, "clOrdId": "B", "ordId": "2"}],
    },
}
END: dict[str, Any] = {"number": 5, "ns": NS + 1, "type": "session_end", "segment": 2}


def test_one_json_object_per_line() -> None:
    out = io.StringIO()
    assert write_lines([ACK, END], out) == 2
    assert [json.loads(line) for line in out.getvalue().splitlines()] == [ACK, END]
    assert out.getvalue().endswith("\n")


def test_the_columns_of_an_event_are_those_of_its_first_row() -> None:
    row = row_of(ACK)
    assert json.loads(row.pop("json")) == ACK
    assert row == {
        "number": 4,
        "ns": NS,
        "segment": 2,
        "type": "event",
        "strategy": "alpha",
        "topic": "alpha.ack",
        "seq": 17,
        "id": "b1",
        "clOrdId": "A",
        "ordId": "1",
    }


def test_a_record_without_orders_has_empty_columns() -> None:
    row = row_of(END)
    assert tuple(row) == COLUMNS
    assert (row["seq"], row["strategy"], row["topic"], row["id"], row["clOrdId"], row["ordId"]) == (None, *[""] * 5)
