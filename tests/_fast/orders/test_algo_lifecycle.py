"""An algo order's life: every cell of the table, written down here from what OKX's states mean."""

from __future__ import annotations

import itertools

import pytest

from gateway._fast.orders.algo_lifecycle import transitions

OPEN = ("live", "pause", "partially_effective")
ENDED = ("effective", "canceled", "order_failed", "partially_failed")
NEVER_TOLD = ("pending", "rejected")
STATES = (*NEVER_TOLD, *OPEN, *ENDED)

# Between open states: what is told later in OKX's life of an algo order is taken, what is earlier is not.
BETWEEN_OPEN = {
    ("live", "live"): "changed",
    ("live", "pause"): "unless_old",
    ("live", "partially_effective"): "take",
    ("pause", "live"): "unless_old",
    ("pause", "pause"): "changed",
    ("pause", "partially_effective"): "take",
    ("partially_effective", "live"): "drop",
    ("partially_effective", "pause"): "unless_old",
    ("partially_effective", "partially_effective"): "changed",
}


def expected(known: str, told: str) -> str:
    if told in NEVER_TOLD or known in ENDED:
        return "drop"  # an end is told once
    if known in NEVER_TOLD or told in ENDED:
        return "take"
    return BETWEEN_OPEN[known, told]


@pytest.mark.parametrize(("known", "told"), list(itertools.product(STATES, STATES)))
def test_every_cell(known: str, told: str) -> None:
    assert transitions()[known, told] == expected(known, told)


def test_there_are_no_other_cells() -> None:
    assert set(transitions()) == set(itertools.product(STATES, STATES))
