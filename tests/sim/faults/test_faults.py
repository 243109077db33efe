"""Armed faults and faults with a probability: which occasions they hit."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sim.faults import faults as faults_module
from gateway.sim.faults.faults import Arm, Chance, Faults, Filter, Occasion

ANY = Filter()


def occasion(n: int = 1, **change: Any) -> Occasion:
    members = {"uid": "u1", "path": "private", "ordinal": 1, "op": "order", "session": 4, **change}
    return Occasion(n=n, **members)


def hits(faults: Faults, verb: str, count: int) -> list[int]:
    return [n for n in range(1, count + 1) if faults.take(verb, occasion(n)) is not None]


@pytest.mark.parametrize(
    ("which", "fits"),
    [
        (ANY, True),
        (Filter(op="any"), True),
        (Filter(op="order"), True),
        (Filter(op="cancel-order"), False),
        (Filter(uid="u2"), False),
        (Filter(path="business"), False),
        (Filter(session=5), False),
        (Filter(ordinal=2), False),
        (Filter(request=3), True),
        (Filter(request=4), False),
    ],
)
def test_filters(which: Filter, fits: bool) -> None:
    assert which.fits(occasion(3)) is fits


def test_a_rest_operation_is_named_by_its_path() -> None:
    assert Filter(op="trade/order").fits(occasion(op="GET trade/order"))
    assert not Filter(op="order").fits(occasion(op="GET trade/order"))


def test_an_armed_fault_skips_and_then_hits_a_number_of_occasions() -> None:
    faults = Faults()
    assert faults.quiet
    faults.arm(Arm("v", ANY, {}, left=2, skip=1))
    assert not faults.quiet
    assert hits(faults, "v", 5) == [2, 3]
    assert faults.quiet and faults.armed() == []


def test_a_standing_fault_lasts_until_its_time_has_passed() -> None:
    now = [100]
    faults = Faults(now_ns=lambda: now[0])
    faults.arm(Arm("v", ANY, {}, left=None, until_ns=200))
    assert hits(faults, "v", 3) == [1, 2, 3]
    now[0] = 200
    assert hits(faults, "v", 3) == [] and faults.armed() == []


def test_a_standing_fault_replaces_that_of_the_same_filter() -> None:
    faults = Faults()
    faults.arm(Arm("v", ANY, {"ms": 1}, left=None))
    faults.arm(Arm("v", ANY, {"ms": 2}, left=None))
    assert [one["params"] for one in faults.armed()] == [{"ms": 2}]
    faults.arm(Arm("v", ANY, {"ms": 0}, left=0))
    assert faults.armed() == [] and faults.quiet


def test_clear_disarms_one_verb_or_all() -> None:
    faults = Faults()
    for verb in ("a", "b"):
        faults.arm(Arm(verb, ANY, {}))
    faults.add_chance(Chance("c", ANY, {}, 0.5))
    faults.clear("a")
    assert [one["verb"] for one in faults.armed()] == ["b", "c"]
    faults.clear()
    assert faults.armed() == [] and faults.quiet


def test_probability_depends_on_the_seed_and_the_occasion_alone() -> None:
    drawn = []
    for seed in (7, 7, 8):
        faults = Faults(seed=seed)
        faults.add_chance(Chance("v", ANY, {}, 0.25))
        drawn.append(hits(faults, "v", 400))
    assert drawn[0] == drawn[1] != drawn[2]
    assert 60 < len(drawn[0]) < 140  # 100 expected; 8.7 is one standard deviation
    assert not Faults().draw(0, occasion(), "v") and Faults().draw(1, occasion(), "v")


def test_a_hit_enters_the_ledger_without_prepared_objects() -> None:
    records: list[dict[str, Any]] = []
    faults = Faults(log=records.append)
    faults.arm(Arm("v", ANY, {"ms": 5, "_accounts": {}}, origin="step"))
    assert faults.take("v", occasion(3)) == {"ms": 5, "_accounts": {}}
    assert records == [
        {
            "type": "fault",
            "verb": "v",
            "origin": "step",
            "uid": "u1",
            "path": "private",
            "ordinal": 1,
            "session": 4,
            "op": "order",
            "request": 3,
            "params": {"ms": 5},
        }
    ]


def test_commands_run_at_their_trade_request() -> None:
    ran: list[tuple[str, int]] = []
    faults = Faults(run=lambda verb, params, at: ran.append((verb, at.n)))
    faults.arm(Arm("drop", Filter(request=2), {}), at_requests=True)
    for n in (1, 2, 3):
        faults.run_due(occasion(n))
    assert ran == [("drop", 2)]


def test_a_test_that_arms_in_a_loop_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults_module, "ARMS_LIMIT", 2)
    faults = Faults()
    for _ in range(2):
        faults.arm(Arm("v", ANY, {}))
    with pytest.raises(ValueError, match="clear first"):
        faults.arm(Arm("v", ANY, {}))
