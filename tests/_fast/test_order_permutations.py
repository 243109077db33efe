"""Acks, pushes, fills, results of amends and REST's rows of one order, in every order and with repeats: the same end, told once.

Each scenario is what an exchange did, in its order and with its times, by OKX's documents (WS / Order channel; WS / Place, Amend and
Cancel order; Get order details; Get transaction details), and what must stand at the end whatever came when.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

Arrival = Callable[[Any], None]
ORD_ID = "801"
WHOLE, PART = "0.01", "0.004"
OLD_PX, NEW_PX, NEWER_PX = "20000", "20001", "20002"
# So many of the orders of more arrivals than that are tried, drawn from a seed.
ALL_UP_TO, SAMPLE = 5, 250


def at(moment: int) -> dict[str, str]:
    """The exchange's time of a change."""
    return {"uTime": str(1_700_000_000_000 + moment)}


def push(moment: int, state: str, **changes: Any) -> Arrival:
    return lambda rig: rig.push(clOrdId="A1", ordId=ORD_ID, state=state, **at(moment), **changes)


def executed(trade_id: str, size: str, acc: str) -> dict[str, str]:
    return {"tradeId": trade_id, "fillSz": size, "fillPx": OLD_PX, "fillFee": "-0.01", "accFillSz": acc}


def amended(number: int, result: str = "0", **changes: str) -> Callable[[Any], dict[str, str]]:
    """The members of the push on the amend that was sent as the request `a<number>`."""
    return lambda rig: {"reqId": rig.req_ids[number], "amendResult": result, **changes}


def push_of_amend(moment: int, state: str, members: Callable[[Any], dict[str, str]], **changes: Any) -> Arrival:
    return lambda rig: push(moment, state, **changes, **members(rig))(rig)


def rest_row(moment: int, state: str, **changes: str) -> Arrival:
    row = {"instId": "BTC-USDT", "ordId": ORD_ID, "clOrdId": "A1", "state": state, "accFillSz": "0", "px": OLD_PX}
    told = {**row, "sz": WHOLE, **at(moment), **changes}
    return lambda rig: rig.api.reconcile_orders(json.dumps([told]).encode())


def rest_fill(trade_id: str, size: str) -> Arrival:
    row = {"instId": "BTC-USDT", "ordId": ORD_ID, "clOrdId": "A1", "tradeId": trade_id, "fillSz": size}
    booked = {**row, "fillPx": OLD_PX, "side": "buy", "fee": "-0.01", "feeCcy": "BTC"}
    return lambda rig: rig.api.reconcile_fills(json.dumps([booked]).encode())


def ack(frame: int, s_code: str = "0") -> Arrival:
    def arrive(rig: Any) -> None:
        sent = rig.sent[frame]
        ord_id = "" if s_code != "0" and sent["op"] == "order" else ORD_ID
        rig.ack(sent["id"], sent["op"], rig.item("A1", ord_id, s_code), code="0" if s_code == "0" else "1")

    return arrive


def lost_acks(rig: Any) -> None:
    """Nothing comes of what has no ack yet."""
    rig.give_up_waiting()


@dataclass(frozen=True)
class Scenario:
    """`amends` and `cancels` are sent after the placement (the amends' new prices), then everything arrives, in any order."""

    arrivals: tuple[Arrival, ...]
    state: str
    acc: str = "0"
    px: str = OLD_PX
    fills: tuple[str, ...] = ()
    results: tuple[str, ...] = ("accepted",)
    amends: tuple[str, ...] = ()
    cancels: int = 0


LIVE = push(1, "live")
FIRST_PART = push(2, "partially_filled", **executed("71", PART, PART))
ALL_OF_IT = push(4, "filled", **executed("72", "0.006", WHOLE))
CANCELED = push(5, "canceled", cancelSource="1", accFillSz=PART)

SCENARIOS = {
    "placed and filled in parts": Scenario(
        (ack(0), LIVE, FIRST_PART, ALL_OF_IT, rest_row(2, "partially_filled", accFillSz=PART)),
        "filled",
        WHOLE,
        fills=("71", "72"),
    ),
    "a push lost, its fill by REST": Scenario(
        (
            ack(0),
            LIVE,
            ALL_OF_IT,
            rest_fill("71", PART),
            rest_fill("72", "0.006"),
            rest_row(4, "filled", accFillSz=WHOLE),
        ),
        "filled",
        WHOLE,
        fills=("71", "72"),
    ),
    "a market order that is closed without a fill": Scenario(
        (ack(0), LIVE, push(2, "partially_filled", **executed("71", WHOLE, WHOLE)), push(3, "filled", accFillSz=WHOLE)),
        "filled",
        WHOLE,
        fills=("71",),
    ),
    "canceled after a part": Scenario(
        (ack(0), LIVE, FIRST_PART, ack(1), CANCELED, rest_row(5, "canceled", accFillSz=PART)),
        "canceled",
        PART,
        fills=("71",),
        results=("accepted", "accepted"),
        cancels=1,
    ),
    "a cancel that loses the race": Scenario(
        (ack(0), LIVE, FIRST_PART, ALL_OF_IT, ack(1, "51400")),
        "filled",
        WHOLE,
        fills=("71", "72"),
        results=("accepted", "rejected"),
        cancels=1,
    ),
    "a cancel that was taken, and a fill that came first": Scenario(
        (
            ack(0),
            LIVE,
            ack(1),
            push(4, "filled", **executed("71", WHOLE, WHOLE)),
            rest_row(4, "filled", accFillSz=WHOLE),
        ),
        "filled",
        WHOLE,
        fills=("71",),
        results=("accepted", "accepted"),
        cancels=1,
    ),
    "amended, filled in part, canceled": Scenario(
        (
            ack(0),
            LIVE,
            push_of_amend(2, "live", amended(0, px=NEW_PX)),
            push(3, "partially_filled", px=NEW_PX, **executed("71", PART, PART)),
            push(5, "canceled", px=NEW_PX, cancelSource="1", accFillSz=PART),
            ack(1),
            ack(2),
        ),
        "canceled",
        PART,
        px=NEW_PX,
        fills=("71",),
        results=("accepted", "accepted", "accepted"),
        amends=(NEW_PX,),
        cancels=1,
    ),
    "amended twice, and still open": Scenario(
        (
            ack(0),
            LIVE,
            push_of_amend(2, "live", amended(0, px=NEW_PX)),
            push_of_amend(3, "live", amended(1, px=NEWER_PX)),
            ack(1),
            ack(2),
            rest_row(2, "live", px=NEW_PX),
        ),
        "live",
        px=NEWER_PX,
        results=("accepted", "accepted", "accepted"),
        amends=(NEW_PX, NEWER_PX),
    ),
    "an amend that fails after it was taken, between two fills": Scenario(
        (
            ack(0),
            FIRST_PART,
            push_of_amend(3, "partially_filled", amended(0, "-1"), accFillSz=PART),
            ALL_OF_IT,
            ack(1),
            rest_row(3, "partially_filled", accFillSz=PART),
        ),
        "filled",
        WHOLE,
        fills=("71", "72"),
        results=("accepted", "accepted"),
        amends=(NEW_PX,),
    ),
    "an amend without an ack": Scenario(
        (
            lost_acks,
            LIVE,
            push_of_amend(2, "live", amended(0, px=NEW_PX)),
            push(3, "partially_filled", px=NEW_PX, **executed("71", PART, PART)),
        ),
        "partially_filled",
        PART,
        px=NEW_PX,
        fills=("71",),
        results=("accepted", "accepted"),
        amends=(NEW_PX,),
    ),
    "refused": Scenario((ack(0, "51008"), lost_acks), "rejected", results=("rejected",)),
    "mmp": Scenario(
        (
            ack(0),
            LIVE,
            FIRST_PART,
            push(3, "mmp_canceled", cancelSource="39", accFillSz=PART),
            rest_row(3, "mmp_canceled", accFillSz=PART),
        ),
        "mmp_canceled",
        PART,
        fills=("71",),
    ),
    "all acks lost": Scenario(
        (lost_acks, LIVE, FIRST_PART, CANCELED, rest_row(2, "partially_filled", accFillSz=PART)),
        "canceled",
        PART,
        fills=("71",),
        results=("accepted", "accepted"),
        cancels=1,
    ),
    "acks that come after all was given up": Scenario(
        (lost_acks, ack(0), LIVE, FIRST_PART, ALL_OF_IT, ack(1, "51400")),
        "filled",
        WHOLE,
        fills=("71", "72"),
        results=("accepted", "rejected"),
        cancels=1,
    ),
    "never shown": Scenario((ack(0), lost_acks, ack(0)), "pending"),
}


def orders_of(scenario: Scenario) -> list[tuple[Arrival, ...]]:
    """All orders of the arrivals, or a sample; each with some of them repeated later."""
    if len(scenario.arrivals) <= ALL_UP_TO:
        orders = list(itertools.permutations(scenario.arrivals))
    else:
        rng = random.Random(1)
        orders = [tuple(rng.sample(scenario.arrivals, len(scenario.arrivals))) for _ in range(SAMPLE)]
    rng = random.Random(2)
    return [(*order, *rng.sample(order, rng.randrange(len(order) + 1))) for order in orders]


def begin(new_rig: Any, wire: Any, scenario: Scenario) -> Any:
    rig = new_rig(request_capacity=16, order_capacity=4, ring_bytes=1 << 16)
    rig.send(rig.order("o1", clOrdId="A1"))
    for number, px in enumerate(scenario.amends):
        rig.send(rig.amend(f"a{number}", clOrdId="A1", newPx=px))
    for number in range(scenario.cancels):
        rig.send(rig.cancel(f"c{number}", clOrdId="A1"))
    rig.sent = rig.frames
    rig.req_ids = [frame["args"][0]["reqId"] for frame in rig.sent if frame["op"] == "amend-order"]
    rig.item = wire.item
    return rig


def finals(rig: Any) -> list[str]:
    """The result of each request's row: the ack's, or what it was resolved to, once."""
    found: dict[str, list[str]] = {frame_id: [] for frame_id in ("o1", "a0", "a1", "c0")}
    for body in rig.on("alpha.ack"):
        found[body["id"]].append(body["data"][0]["result"])
    for body in rig.on("alpha.ack", "resolved"):
        assert found[body["id"]] == ["unknown"], "only what is unknown is resolved, and once"
        found[body["id"]].append(body["result"])
    assert all(results in ([], ["unknown", results[-1]], results[-1:]) for results in found.values() if results)
    return [results[-1] for results in found.values() if results]


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_same_end_in_whatever_order_the_news_arrives(new_rig: Any, wire: Any, name: str) -> None:
    scenario = SCENARIOS[name]
    for order in orders_of(scenario):
        rig = begin(new_rig, wire, scenario)
        for arrive in order:
            arrive(rig)
        shown = rig.api.find_order(cl_ord_id="A1")
        told = rig.on("alpha.order")
        where = [scenario.arrivals.index(one) for one in order], told
        assert (shown["state"], shown["px"]) == (scenario.state, scenario.px), where
        assert Decimal(shown["accFillSz"]) == Decimal(scenario.acc), where
        assert tuple(sorted(body["tradeId"] for body in rig.on("alpha.fill"))) == scenario.fills, where
        assert tuple(finals(rig)) == scenario.results, where
        assert shown["lifecycle"] == scenario.state, where
        check_told(told, scenario, where)


def check_told(told: list[dict[str, Any]], scenario: Scenario, where: Any) -> None:
    """One end, and it is last; nothing runs backwards; the last that was told is how it stands; each amend's result at most once."""
    ended = scenario.state in ("filled", "canceled", "mmp_canceled")
    assert [body["terminal"] for body in told if body["terminal"]] == [True] * ended, where
    if told:
        assert (told[-1]["state"], told[-1]["terminal"]) == (scenario.state, ended), where
        assert told[-1]["data"]["px"] == scenario.px, where
    prices = [OLD_PX, *scenario.amends]
    for before, after in itertools.pairwise(told):
        assert Decimal(before["accFillSz"]) <= Decimal(after["accFillSz"]), where
        assert int(before["data"]["uTime"]) <= int(after["data"]["uTime"]), where
        assert prices.index(before["data"]["px"]) <= prices.index(after["data"]["px"]), where
        assert (
            {after["state"], before["state"]} != {"live"}
            or after["data"].get("reqId")
            or after["source"] == "reconcile"
        ), where
    results = [body["data"]["reqId"] for body in told if body["data"].get("reqId")]
    assert len(results) == len(set(results)), where
    if scenario.state == "live":
        assert len(results) == len(scenario.amends), "while it lives every amend's result is told"
