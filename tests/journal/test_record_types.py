"""The numbers of the record types: files of earlier versions have them, so they never change."""

from __future__ import annotations

from gateway.journal.record_types import Kind


def test_the_numbers_never_change() -> None:
    assert {kind.name: kind.value for kind in Kind} == {
        "SESSION": 1,
        "REQUEST": 2,
        "INTENT": 3,
        "EVENT": 4,
        "SEGMENT_END": 5,
        "LOST": 6,
        "RESUMED": 7,
        "SESSION_END": 8,
        "STATE": 9,
    }
