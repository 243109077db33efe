"""The content of each type of record, from bytes made by hand."""

from __future__ import annotations

import pytest

from gateway.journal.format import Malformed, Record, decode, header_template, parse_header
from gateway.journal.record_types import Kind


def record(kind: int, payload: bytes) -> Record:
    return Record(7, 1_700_000_000_000_000_000, kind, 1, 512, payload, 3)


@pytest.mark.parametrize(
    ("kind", "payload", "expected"),
    [
        (Kind.SESSION, b'{"session":"5e"}', {"type": "session", "session": {"session": "5e"}}),
        (
            Kind.REQUEST,
            b'\x05alpha{"id":"o1"}',
            {"type": "request", "strategy": "alpha", "message": {"id": "o1"}},
        ),
        (
            Kind.INTENT,
            b'\x05alpha\x02o1\x02\x00\x02{"op":"order"}',
            {"type": "intent", "strategy": "alpha", "id": "o1", "rows": [0, 2], "frame": {"op": "order"}},
        ),
        (Kind.EVENT, b'\x09alpha.ack{"seq":1}', {"type": "event", "topic": "alpha.ack", "event": {"seq": 1}}),
        (Kind.SEGMENT_END, b"\x04" + bytes(7), {"type": "segment_end", "next": 4}),
        (Kind.LOST, b"\x01" + bytes(7), {"type": "lost"}),
        (Kind.RESUMED, b"\x02" + bytes(7), {"type": "resumed", "count": 2}),
        (Kind.SESSION_END, b"", {"type": "session_end"}),
        (99, b"\x01\xff", {"type": "type_99", "payload": "01ff"}),
    ],
)
def test_each_type(kind: int, payload: bytes, expected: dict[str, object]) -> None:
    always = {"number": 7, "ns": 1_700_000_000_000_000_000, "segment": 3}
    assert decode(record(kind, payload)) == {**always, **expected}


@pytest.mark.parametrize(
    ("kind", "payload"),
    [(Kind.REQUEST, b"\x05al"), (Kind.REQUEST, b""), (Kind.EVENT, b"\x01a{"), (Kind.INTENT, b"\x01a\x09b")],
)
def test_content_that_does_not_match_its_type(kind: int, payload: bytes) -> None:
    with pytest.raises(Malformed):
        decode(record(kind, payload))


def test_invalid_headers() -> None:
    blank = header_template("s", "a", "simulator", 1)
    assert "checksum" in str(parse_header(blank))
    assert "is not a journal" in str(parse_header(bytes(512)))
    assert "a header has 512" in str(parse_header(blank[:100]))
