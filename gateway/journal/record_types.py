"""Pure. The types of the journal's records."""

from __future__ import annotations

from enum import IntEnum


class Kind(IntEnum):
    """Types of records; never renumbered. Readers skip types that they do not know."""

    SESSION = 1
    REQUEST = 2
    INTENT = 3
    EVENT = 4
    SEGMENT_END = 5
    LOST = 6
    RESUMED = 7
    SESSION_END = 8
    STATE = 9
