"""Every fault verb and every other verb of the control table has its test on the wire."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.sim.control.control import VERBS
from gateway.sim.control.verbs import connection
from gateway.sim.faults.fault_table import KINDS

FAULT_VERBS = (*KINDS, *connection.VERBS)
TEXTS = [path.read_text() for path in Path(__file__).parents[1].rglob("test_*.py")]


def test_every_fault_verb_has_a_proof() -> None:
    assert {verb for text in TEXTS for verb in re.findall(r'@proves\("(\w+)"\)', text)} == set(FAULT_VERBS)


@pytest.mark.parametrize("verb", sorted(set(VERBS) - set(FAULT_VERBS)))
def test_every_other_verb_is_commanded_somewhere(verb: str) -> None:
    assert any(re.search(rf'\(([\w.]+, )?"{verb}"[,)]', text) for text in TEXTS)
