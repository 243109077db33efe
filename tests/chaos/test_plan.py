"""A seed is a plan: the same one in every process, of every part of its mix."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.chaos.__main__ import seeds_of
from tests.chaos.plan import FAULTS, make_plan
from tests.chaos.workload import Workload
from tests.e2e.processes import ROOT


def test_a_seed_gives_the_same_plan_in_another_process() -> None:
    program = "from tests.chaos.plan import make_plan; print(make_plan(7), end='')"
    printed = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert printed == str(make_plan(7)) != str(make_plan(8))


def test_a_workload_follows_from_its_seed() -> None:
    first, second, other = (Workload(seed, "alpha", 1) for seed in ("1", "1", "2"))
    live = {"5": {"instId": "BTC-USDT", "clOrdId": "", "side": "buy", "px": "99000", "sz": "0.01"}}
    asked = [[one.next_request(live) for _ in range(50)] for one in (first, second, other)]
    assert asked[0] == asked[1] != asked[2]


def test_orders_without_a_price_are_not_amended() -> None:
    workload = Workload("1", "alpha", 1)
    live = {"5": {"instId": "BTC-USDT", "clOrdId": "", "side": "buy", "px": "", "sz": "0.01"}}
    ops = {request["op"] for request in (workload.next_request(live) for _ in range(200)) if request}
    assert "cancel-order" in ops and not {"amend-order", "batch-amend-orders"} & ops


def test_every_fault_of_the_mix_comes_up() -> None:
    kinds = {step.kind for seed in range(1, 60) for step in make_plan(seed, tuple(FAULTS)).steps}
    assert kinds == {kind for part in FAULTS.values() for kind in part}


def test_a_mix_has_its_own_faults_alone() -> None:
    steps = make_plan(3, ("rest", "pushes")).steps
    assert steps and {step.kind for step in steps} <= FAULTS["rest"].keys() | FAULTS["pushes"].keys()


def test_an_unknown_part_of_a_mix_is_named() -> None:
    with pytest.raises(ValueError, match="'rain' is no part of a mix: there are acks, "):
        make_plan(1, ("rain",))


@pytest.mark.parametrize(("text", "seeds"), [("3", [1, 2, 3]), ("7..9", [7, 8, 9]), ("4,9", [4, 9]), ("5..5", [5])])
def test_seeds_are_a_number_a_range_or_a_list(text: str, seeds: list[int]) -> None:
    assert seeds_of(text) == seeds


@pytest.mark.parametrize("text", ["", "many", "1..", "0", "9..7", "-3"])
def test_other_texts_are_no_seeds(text: str) -> None:
    with pytest.raises(ValueError, match="a number of seeds"):
        seeds_of(text)
