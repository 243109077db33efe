"""What an order's row proves of amends without an answer, against an order whose whole story is known.

OKX docs, WS / Amend order: an ack says that the request was taken; WS / Order channel, `amendResult`: whether it was executed.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

PLACED_MS = 1_700_000_000_120
SENT_MS = 1_700_000_060_000
PX, SZ = "20000", "0.01"
PRICES = ("", "20000", "20001", "20001.0", "20002")
SIZES = ("", "0.01", "0.02", "0.020")


@dataclass(frozen=True)
class Amend:
    """What one asks for ("": to stay), whether OKX executes it, and whether its ack arrives."""

    px: str
    sz: str
    is_executed: bool
    is_acked: bool


@dataclass
class Story:
    """The amends as they were sent, the order in which OKX comes to them, and how many of their pushes arrive."""

    amends: list[Amend]
    order: list[int]
    pushed: int

    @property
    def executed(self) -> list[int]:
        return [number for number in self.order if self.amends[number].is_executed]

    def shown_after(self, count: int) -> dict[str, str]:
        """The order's price, size and time after so many executions, as OKX would write them."""
        px, sz = PX, SZ
        for number in self.executed[:count]:
            px, sz = self.amends[number].px or px, self.amends[number].sz or sz
        return {"px": px, "sz": sz, "uTime": str(SENT_MS + 10 * count if count else PLACED_MS)}


amends = st.builds(Amend, st.sampled_from(PRICES), st.sampled_from(SIZES), st.booleans(), st.booleans())
stories = st.lists(amends.filter(lambda one: one.px or one.sz), min_size=1, max_size=4).flatmap(
    lambda sent: st.builds(Story, st.just(sent), st.permutations(range(len(sent))), st.integers(0, 4))
)


def play(rig: Any, story: Story) -> None:
    """Places the order, sends the amends, and lets their acks and the first of their pushes arrive; then the answers are late."""
    rig.place("A1", "801")
    rig.api.set_okx_clock(SENT_MS * 1_000_000 - time.monotonic_ns())
    for number, amend in enumerate(story.amends):
        asked = {key: value for key, value in (("newPx", amend.px), ("newSz", amend.sz)) if value}
        row = {"instId": "BTC-USDT", "clOrdId": "A1", "reqId": f"R{number}", **asked}
        rig.send({"id": f"a{number}", "op": "amend-order", "args": [row]})
    assert len(rig.frames) == len(story.amends)
    for number, amend in enumerate(story.amends):
        if amend.is_acked:
            frame = rig.frames[number]
            code = "0" if amend.is_executed else "51008"
            item = {"clOrdId": "A1", "ordId": "801", "reqId": f"R{number}", "sCode": code, "sMsg": "", "ts": "1"}
            rig.ack(frame["id"], "amend-order", item, code="0" if amend.is_executed else "1")
    for count, number in enumerate(story.executed[: story.pushed], 1):
        named = {"reqId": f"R{number}", "amendResult": "0", "amendSource": "1"}
        rig.push(clOrdId="A1", ordId="801", **story.shown_after(count), **named)
    rig.give_up_waiting()


def results(rig: Any) -> dict[int, str]:
    """What is said of each amend in the end, `unknown` where nothing is proven."""
    found: dict[int, str] = {}
    for body in [*rig.on("alpha.ack"), *rig.on("alpha.ack", "resolved")]:
        for row in body.get("data", [body]) if isinstance(body.get("data"), list) else [body]:
            if body["id"].startswith("a"):
                found[int(body["id"][1:])] = row["result"]
    return found


def check(rig: Any, story: Story) -> None:
    for number, result in results(rig).items():
        truth = "accepted" if story.amends[number].is_executed else "rejected"
        assert result in (truth, "unknown"), f"amend {number} of {story}"
    assert len(results(rig)) == len(story.amends)


@given(story=stories, state=st.sampled_from(["canceled", "filled"]))
def test_the_end_of_the_order_proves_nothing_false(new_rig: Any, story: Story, state: str) -> None:
    rig = new_rig()
    play(rig, story)
    end = {**story.shown_after(4), "uTime": str(SENT_MS + 1_000), "state": state}
    rig.push(clOrdId="A1", ordId="801", **end)
    check(rig, story)


@given(story=stories, is_sure=st.booleans())
def test_a_query_of_the_live_order_proves_nothing_false(new_rig: Any, wire: Any, story: Story, is_sure: bool) -> None:
    rig = new_rig()
    play(rig, story)
    row = wire.order_row(clOrdId="A1", ordId="801", **story.shown_after(4))
    rig.api.reconcile_orders(json.dumps([row]).encode())
    for number in range(len(story.amends)):
        rig.api.resolve_amend(rig.alpha, f"a{number}", 0, is_sure)
    check(rig, story)


@pytest.mark.parametrize("is_executed", [True, False])
@pytest.mark.parametrize(("px", "sz"), [("20001", ""), ("", "0.02"), ("20001", "0.02"), ("20000", "0.02")])
def test_a_single_amend_that_changes_something_is_proven_by_the_end(
    rig: Any, px: str, sz: str, is_executed: bool
) -> None:
    story = Story([Amend(px, sz, is_executed, is_acked=False)], [0], 0)
    play(rig, story)
    rig.push(clOrdId="A1", ordId="801", **{**story.shown_after(1), "uTime": str(SENT_MS + 1_000), "state": "canceled"})
    assert results(rig) == {0: "accepted" if is_executed else "rejected"}


@pytest.mark.parametrize("asked", ["20001", "20001.0", "020001", "20001.000"])
@pytest.mark.parametrize("shown", ["20001", "20001.0", "20001.00"])
def test_a_price_is_the_same_however_it_is_written(rig: Any, asked: str, shown: str) -> None:
    play(rig, Story([Amend(asked, "", is_executed=True, is_acked=False)], [0], 0))
    rig.push(clOrdId="A1", ordId="801", px=shown, uTime=str(SENT_MS + 1_000), state="canceled")
    assert results(rig) == {0: "accepted"}


def test_half_of_what_was_asked_proves_nothing(rig: Any) -> None:
    """OKX executes an amend as a whole or not at all."""
    play(rig, Story([Amend("20001", "0.02", is_executed=True, is_acked=False)], [0], 0))
    rig.push(clOrdId="A1", ordId="801", px="20001", sz="0.01", uTime=str(SENT_MS + 1_000), state="canceled")
    assert results(rig) == {0: "unknown"}
