"""CRC32C against the vectors of RFC 3720, appendix B.4, by both ways of computing it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway._fast.base.crc32c import crc32c, crc32c_by_table, has_crc_instruction

VECTORS = [
    (bytes(32), 0x8A9136AA),
    (b"\xff" * 32, 0x62A8AB43),
    (bytes(range(32)), 0x46DD794E),
    (bytes(range(31, -1, -1)), 0x113FDB5C),
    (b"", 0),
    (b"123456789", 0xE3069283),
]


@pytest.mark.parametrize("function", [crc32c, crc32c_by_table])
@pytest.mark.parametrize(("text", "expected"), VECTORS)
def test_the_vectors_of_the_rfc(function: Callable[..., int], text: bytes, expected: int) -> None:
    assert function(text) == expected
    for cut in range(len(text)):
        assert function(text[cut:], function(text[:cut])) == expected


def test_the_instruction_is_used_where_the_processor_has_it() -> None:
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        assert has_crc_instruction() is ("sse4_2" in file.read())
