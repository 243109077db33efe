"""Pure. Selects the segments to remove: by bytes, age and count, but never one that something open still needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Kept(NamedTuple):
    """A segment as retention sees it; `written_s` is when it was last written, Unix time."""

    number: int
    bytes: int
    written_s: int


def first_to_keep(
    segments: Sequence[Kept], *, needed: int, now_s: int, keep_bytes: int, keep_s: int, keep_count: int
) -> int:
    """The lowest segment number that stays, of `segments` in their order; a limit of 0 does not apply.

    `needed` is the lowest segment in which an open order or an unknown result began. It stays, as do the newest segment
    and all that follow them.
    """
    if not segments:
        return 0
    total = sum(segment.bytes for segment in segments)
    first = 0
    while first < len(segments) - 1 and segments[first].number < needed:
        over_bytes = keep_bytes and total > keep_bytes
        over_count = keep_count and len(segments) - first > keep_count
        over_age = keep_s and now_s - segments[first].written_s > keep_s
        if not (over_bytes or over_count or over_age):
            break
        total -= segments[first].bytes
        first += 1
    return segments[first].number
