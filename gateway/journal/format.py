"""Pure. The journal's format, as docs/journal.md describes it: file headers, and the content of each type of record."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from gateway._fast.base.crc32c import crc32c
from gateway._fast.journal.scanner import HEADER_BYTES
from gateway.journal.record_types import Kind

MAGIC: Final = b"OKXGWJ\r\n"
FORMAT_VERSION: Final = 1
SUFFIX: Final = ".journal"
_HEADER: Final = struct.Struct("<8sHHIQQq32s64s32s")
_CRC_AT: Final = HEADER_BYTES - 4


@dataclass(frozen=True, slots=True)
class Header:
    """A file's header: the segment's number, its account and its session."""

    number: int
    segment_bytes: int
    created_ns: int
    session: str
    account: str
    environment: str


class Record(NamedTuple):
    """One complete record. `ns` is Unix time; `offset` is its position in its segment's file."""

    number: int
    ns: int
    kind: int
    version: int
    offset: int
    payload: bytes
    segment: int


def header_template(session: str, account: str, environment: str, segment_bytes: int) -> bytes:
    """A header without number, time and checksum; the writer fills them in."""
    texts = [text.encode("ascii", "replace") for text in (session, account, environment)]
    packed = _HEADER.pack(MAGIC, FORMAT_VERSION, HEADER_BYTES, 0, 0, segment_bytes, 0, *texts)
    return packed.ljust(HEADER_BYTES, b"\0")


def parse_header(text: bytes) -> Header | str:
    """The header, or a text that says why it is invalid."""
    if len(text) < HEADER_BYTES:
        return f"the file has {len(text)} bytes; a header has {HEADER_BYTES}"
    if text[: len(MAGIC)] != MAGIC:
        return "the file is not a journal: it begins with other bytes"
    if int.from_bytes(text[_CRC_AT:HEADER_BYTES], "little") != crc32c(text[:_CRC_AT]):
        return "the header's checksum is wrong"
    _, version, _, _, number, segment_bytes, created_ns, *texts = _HEADER.unpack_from(text)
    if version != FORMAT_VERSION:
        return f"format version {version} is not supported; this gateway reads version {FORMAT_VERSION}"
    session, account, environment = (part.rstrip(b"\0").decode("ascii") for part in texts)
    return Header(number, segment_bytes, created_ns, session, account, environment)


class Malformed(ValueError):
    """A record whose checksum is right and whose content does not match its type."""


def split_texts(payload: bytes, count: int) -> list[bytes]:
    """`count` texts, each preceded by one byte of length, and the rest."""
    parts, at = [], 0
    for _ in range(count):
        n = payload[at] if at < len(payload) else len(payload)
        if at + 1 + n > len(payload):
            raise Malformed("a text is longer than its record")
        parts.append(payload[at + 1 : at + 1 + n])
        at += 1 + n
    return [*parts, payload[at:]]


def decode(record: Record) -> dict[str, Any]:
    """A record as plain values, with its JSON parsed: `okx-gateway journal` prints them. Raises Malformed.

    An unknown type of record has its payload as hexadecimal text.
    """
    members = _DECODERS[record.kind](record.payload) if record.kind in _DECODERS else {"payload": record.payload.hex()}
    name = Kind(record.kind).name.lower() if record.kind in _DECODERS else f"type_{record.kind}"
    return {"number": record.number, "ns": record.ns, "type": name, "segment": record.segment, **members}


def _json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"not JSON: {error}") from None


def _request(payload: bytes) -> dict[str, Any]:
    strategy, message = split_texts(payload, 1)
    return {"strategy": strategy.decode(), "message": _json(message)}


def _intent(payload: bytes) -> dict[str, Any]:
    strategy, request_id, rows, frame = split_texts(payload, 3)
    return {"strategy": strategy.decode(), "id": request_id.decode(), "rows": list(rows), "frame": _json(frame)}


def _event(payload: bytes) -> dict[str, Any]:
    topic, body = split_texts(payload, 1)
    return {"topic": topic.decode(), "event": _json(body)}


def _count(payload: bytes) -> dict[str, Any]:
    return {"count": int.from_bytes(payload[:8], "little")}


_DECODERS: Final[dict[int, Any]] = {
    Kind.SESSION: lambda payload: {"session": _json(payload)},
    Kind.REQUEST: _request,
    Kind.INTENT: _intent,
    Kind.EVENT: _event,
    Kind.SEGMENT_END: lambda payload: {"next": int.from_bytes(payload[:8], "little")},
    Kind.LOST: lambda _: {},
    Kind.RESUMED: _count,
    Kind.SESSION_END: lambda _: {},
    Kind.STATE: lambda payload: {"state": _json(payload)},
}
