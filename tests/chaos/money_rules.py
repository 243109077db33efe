"""Pure. Rules on fills and on what they add up to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal

from tests.chaos.story import Json, Story, Violation

# With these the exchange itself pushes a fill after a later state.
LATE_PUSHES = frozenset({"delay_pushes", "reorder_pushes"})


def fills_are_true(story: Story) -> Iterator[Violation]:
    """Each fill once, to the owner of its order, as the exchange booked it; and none else."""
    rule = "each fill once"
    truth = {(one["inst_id"], one["ord_id"], one["trade_id"]): one for one in story.of_ledger("fill")}
    told: Counter[tuple[str, str, str]] = Counter()
    for family, event in story.told_once("fill"):
        key = event["instId"], event["ordId"], event["tradeId"]
        told[key] += 1
        record = truth.get(key)
        if record is None:
            yield Violation(rule, f"fill {key} is told of and does not exist", (key[1],))
            continue
        owner = story.owner_of(record["ord_id"])
        if family != owner:
            yield Violation(rule, f"fill {key} of {owner} is told to {family}", (key[1],))
        if _of_event(event) != _of_record(record):
            yield Violation(rule, f"fill {key} is told as {_of_event(event)}, it is {_of_record(record)}", (key[1],))
    for key in truth:
        if told[key] != 1:
            yield Violation(rule, f"fill {key} was told {told[key]} times", (key[1],))


def _of_record(one: Json) -> tuple[str, str, str, Decimal, Decimal, Decimal]:
    return one["cl_ord_id"], one["side"], one["exec_type"], Decimal(one["px"]), Decimal(one["sz"]), Decimal(one["fee"])


def _of_event(one: Json) -> tuple[str, str, str, Decimal, Decimal, Decimal]:
    fill = (Decimal(one["fillPx"]), Decimal(one["fillSz"]), Decimal(one["fillFee"]))
    return one["clOrdId"], one["side"], one["execType"], *fill


def fills_come_before_states(story: Story) -> Iterator[Violation]:
    """A fill that the stream told comes before the state that it led to. One that REST had to tell may come after it, and one
    that the exchange was made to push late or behind others."""
    if any(one["verb"] in LATE_PUSHES for one in story.of_ledger("fault")):
        return
    for events in story.events.values():
        reached: dict[str, Decimal] = defaultdict(Decimal)
        for topic, event in events.values():
            kind = topic.rpartition(".")[2]
            if kind == "order":
                reached[event["ordId"]] = max(reached[event["ordId"]], Decimal(event["accFillSz"]))
            elif kind == "fill" and event["source"] == "stream":
                filled = Decimal(event["accFillSz"])
                if filled <= reached[event["ordId"]]:
                    what = f"fill {event['tradeId']} of {event['ordId']} to {filled} was told after a state with {reached[event['ordId']]}"
                    yield Violation("fills before states", what, (event["ordId"],))


def positions_add_up(story: Story) -> Iterator[Violation]:
    """The fills that were told make the exchange's own positions, and its holdings of what spot traded."""
    account = next((one for one in story.accounts if one["uid"] == story.uid), None)
    if account is None:
        return
    swaps: dict[str, Decimal] = defaultdict(Decimal)
    coins: dict[str, Decimal] = defaultdict(Decimal)
    for _, event in story.told_once("fill"):
        signed = Decimal(event["fillSz"]) * (1 if event["side"] == "buy" else -1)
        if event["instId"].count("-") == 1:
            base = event["instId"].partition("-")[0]
            coins[base] += signed + (Decimal(event["fillFee"]) if event["fillFeeCcy"] == base else 0)
        else:
            swaps[event["instId"]] += signed
    held: dict[str, Decimal] = defaultdict(Decimal)
    for key, pos in account["positions"].items():
        held[next(part for part in key.split("/") if "-" in part)] += Decimal(pos)
    for inst_id in {*swaps, *held}:
        if swaps[inst_id] != held[inst_id]:
            yield Violation(
                "positions add up", f"{inst_id}: {swaps[inst_id]} by the fills, {held[inst_id]} at the exchange"
            )
    for ccy, change in coins.items():
        there = Decimal(account["cash"][ccy]) - Decimal(story.opening_cash[ccy])
        if change != there:
            yield Violation("positions add up", f"{ccy}: {change} by the fills, {there} at the exchange")


RULES: dict[str, Callable[[Story], Iterator[Violation]]] = {
    "each fill once": fills_are_true,
    "fills before states": fills_come_before_states,
    "positions add up": positions_add_up,
}
