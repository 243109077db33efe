"""When not-found answers prove that an order does not exist: two after the margin of 2 s, 2 s apart."""

from __future__ import annotations

import pytest

from gateway.reconciliation.not_found_evidence import NotFoundEvidence


@pytest.mark.parametrize(
    ("asked_ms", "proofs"),
    [
        ((1_000, 3_000), (False, False)),  # not past the margin
        ((3_001, 5_000), (False, False)),  # the second too soon after the first
        ((3_001, 5_001), (False, True)),
        ((2_000, 3_001, 4_999, 5_001), (False, False, False, True)),
        ((3_001, 5_001, 5_002), (False, True, False)),  # the proof counts once; then it begins again
    ],
)
def test_two_not_found_answers_a_margin_apart(asked_ms: tuple[int, ...], proofs: tuple[bool, ...]) -> None:
    not_found_evidence = NotFoundEvidence()
    assert tuple(not_found_evidence.is_enough("a", 1_000, moment) for moment in asked_ms) == proofs


def test_each_name_counts_alone_and_is_forgotten_when_found() -> None:
    not_found_evidence = NotFoundEvidence()
    assert not not_found_evidence.is_enough("a", 0, 3_000)
    assert not not_found_evidence.is_enough("b", 0, 5_000)
    not_found_evidence.forget("a")
    assert not not_found_evidence.is_enough("a", 0, 5_000)
    assert not_found_evidence.is_enough("b", 0, 7_000)
