"""Server frames by hand-made bytes (RFC 6455, 5.2 and 5.7; RFC 7692, 7.2.3.1)."""

from __future__ import annotations

import pytest

from gateway.sim.ws.frames import deflated, frame, text_frames


def test_a_short_text_frame() -> None:
    assert frame(b"Hello") == bytes.fromhex("810548656c6c6f")


@pytest.mark.parametrize(
    ("size", "head"),
    [(0, "8100"), (125, "817d"), (126, "817e007e"), (65535, "817effff"), (65536, "817f0000000000010000")],
)
def test_lengths(size: int, head: str) -> None:
    assert frame(b"x" * size) == bytes.fromhex(head) + b"x" * size


def test_fragments() -> None:
    assert text_frames(b"Hello", fragments=2) == [bytes.fromhex("010348656c"), bytes.fromhex("80026c6f")]
    assert text_frames(b"a", fragments=9) == [bytes.fromhex("810161")]
    assert text_frames(b"", fragments=2) == [bytes.fromhex("8100")]


def test_compression() -> None:
    assert deflated(b"Hello", 15) == bytes.fromhex("f248cdc9c90700")
    assert text_frames(b"Hello", window_bits=15) == [bytes.fromhex("c107f248cdc9c90700")]
