"""The journal's records, made by hand after docs/journal.md."""

from __future__ import annotations

import struct

REQUEST, INTENT, EVENT = 2, 3, 4
NS = 1_700_000_000_000_000_000


def step(crc: int) -> int:
    """One bit of CRC32C (RFC 3720): the polynomial 0x1EDC6F41, reflected."""
    return crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)


TABLE = [step(step(step(step(step(step(step(step(value)))))))) for value in range(256)]


def crc32c(text: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in text:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def record(number: int, payload: bytes, kind: int = EVENT, version: int = 1) -> bytes:
    """One record and the blanks up to the next multiple of 8. Its time is NS and its number."""
    length = struct.pack("<I", 32 + len(payload))
    rest = struct.pack("<HHIQq", kind, version, 0, number, NS + number) + payload
    text = length + struct.pack("<I", crc32c(length + rest)) + rest
    return text + bytes(-len(text) % 8)


def behind_length(text: bytes) -> bytes:
    """A text behind its byte of length."""
    return bytes([len(text)]) + text
