"""Cancel-all-after timers (OKX docs, "Cancel All After")."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sim.base.codes import Refusal

UID_1 = "1000000000000001"


def arm(bench: Any, time_out: str, tag: str = "") -> dict[str, Any]:
    return dict(bench.exchange.cancel_after.arm(bench.exchange.accounts[UID_1], time_out, tag))


def test_the_answer_is_in_seconds(bench: Any) -> None:
    answer = arm(bench, "10")
    assert int(answer["triggerTime"]) - int(answer["ts"]) == 10 and len(answer["ts"]) == 10
    assert bench.timers[-1][0] == 10
    assert arm(bench, "0")["triggerTime"] == "0"


def test_it_cancels_all_orders_or_those_of_its_tag(bench: Any) -> None:
    for name, tag in (("a1", "t1"), ("a2", ""), ("a3", "t2")):
        bench.place(clOrdId=name, tag=tag)
    bench.pushes[UID_1].clear()
    arm(bench, "10", "t1")
    bench.timers[-1][1]()
    arm(bench, "10")
    bench.timers[-1][1]()
    ends = [(one["clOrdId"], one["state"], one["cancelSource"]) for one in bench.pushes[UID_1]]
    assert ends == [("a1", "canceled", "20"), ("a2", "canceled", "20"), ("a3", "canceled", "20")]


def test_a_renewal_replaces_the_earlier_timer_and_zero_ends_it(bench: Any) -> None:
    bench.place(clOrdId="a1")
    arm(bench, "10")
    first = bench.timers[-1][1]
    arm(bench, "20")
    second = bench.timers[-1][1]
    first()
    assert len(bench.exchange.accounts[UID_1].live) == 1
    arm(bench, "0")
    second()
    assert len(bench.exchange.accounts[UID_1].live) == 1


@pytest.mark.parametrize("time_out", ["9", "121", "-1", "1.5", ""])
def test_times_out_of_range(bench: Any, time_out: str) -> None:
    with pytest.raises(Refusal) as refused:
        arm(bench, time_out)
    assert refused.value.code == "51000"


def test_at_most_twenty_tags(bench: Any) -> None:
    for number in range(20):
        arm(bench, "60", f"t{number}")
    with pytest.raises(Refusal) as refused:
        arm(bench, "60", "t20")
    assert refused.value.code == "51071"
    arm(bench, "60", "t19")
    arm(bench, "60")
    with pytest.raises(Refusal):
        arm(bench, "60", "t-1")


def test_on_command_it_fires_at_once(bench: Any) -> None:
    bench.place(clOrdId="a1")
    assert bench.command("fire_cancel_after", uid=UID_1) is False
    arm(bench, "60")
    assert bench.command("fire_cancel_after", uid=UID_1) is True
    assert not bench.exchange.accounts[UID_1].live
