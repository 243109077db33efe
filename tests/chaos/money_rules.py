"""Pure. Rules on fills and on their sums."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal

from tests.chaos.audit_trail import AuditTrail, Json, Violation

# With these the exchange itself pushes a fill after a later state.
LATE_PUSHES = frozenset({"delay_pushes", "reorder_pushes"})


def fills_are_true(trail: AuditTrail) -> Iterator[Violation]:
    """Each fill once, to the owner of its order, as the exchange booked it; and none else."""
    rule = "each fill once"
    truth = {(one["inst_id"], one["ord_id"], one["trade_id"]): one for one in trail.of_ledger("fill")}
    published: Counter[tuple[str, str, str]] = Counter()
    for topic_owner, event in trail.published_once("fill"):
        key = event["instId"], event["ordId"], event["tradeId"]
        published[key] += 1
        record = truth.get(key)
        if record is None:
            yield Violation(rule, f"fill {key} is published and does not exist", (key[1],))
            continue
        owner = trail.owner_of(record["ord_id"])
        if topic_owner != owner:
            yield Violation(rule, f"fill {key} of {owner} is published to {topic_owner}", (key[1],))
        if _of_event(event) != _of_record(record):
            yield Violation(
                rule, f"fill {key} is published as {_of_event(event)}, it is {_of_record(record)}", (key[1],)
            )
    for key in truth:
        if published[key] != 1:
            yield Violation(rule, f"fill {key} was published {published[key]} times", (key[1],))


def _of_record(one: Json) -> tuple[str, str, str, Decimal, Decimal, Decimal]:
    return one["cl_ord_id"], one["side"], one["exec_type"], Decimal(one["px"]), Decimal(one["sz"]), Decimal(one["fee"])


def _of_event(one: Json) -> tuple[str, str, str, Decimal, Decimal, Decimal]:
    fill = (Decimal(one["fillPx"]), Decimal(one["fillSz"]), Decimal(one["fillFee"]))
    return one["clOrdId"], one["side"], one["execType"], *fill


def fills_come_before_states(trail: AuditTrail) -> Iterator[Violation]:
    """A fill from the stream comes before its resulting state. A fill from REST can come after it, and so can one
    that the exchange was made to push late or after others."""
    if any(one["verb"] in LATE_PUSHES for one in trail.of_ledger("fault")):
        return
    for events in trail.events.values():
        reached: dict[str, Decimal] = defaultdict(Decimal)
        for topic, event in events.values():
            kind = topic.rpartition(".")[2]
            if kind == "order":
                reached[event["ordId"]] = max(reached[event["ordId"]], Decimal(event["accFillSz"]))
            elif kind == "fill" and event["source"] == "stream":
                filled = Decimal(event["accFillSz"])
                if filled <= reached[event["ordId"]]:
                    text = f"fill {event['tradeId']} of {event['ordId']} to {filled} was published after a state with {reached[event['ordId']]}"
                    yield Violation("fills before states", text, (event["ordId"],))


def positions_add_up(trail: AuditTrail) -> Iterator[Violation]:
    """The published fills add up to the exchange's own positions, and to its balances of the spot currencies."""
    account = next((one for one in trail.accounts if one["uid"] == trail.uid), None)
    if account is None:
        return
    swaps: dict[str, Decimal] = defaultdict(Decimal)
    coins: dict[str, Decimal] = defaultdict(Decimal)
    for _, event in trail.published_once("fill"):
        signed = Decimal(event["fillSz"]) * (1 if event["side"] == "buy" else -1)
        if event["instId"].count("-") == 1:
            base = event["instId"].partition("-")[0]
            coins[base] += signed + (Decimal(event["fillFee"]) if event["fillFeeCcy"] == base else 0)
        else:
            swaps[event["instId"]] += signed
    positions: dict[str, Decimal] = defaultdict(Decimal)
    for key, pos in account["positions"].items():
        positions[next(part for part in key.split("/") if "-" in part)] += Decimal(pos)
    for inst_id in {*swaps, *positions}:
        if swaps[inst_id] != positions[inst_id]:
            yield Violation(
                "positions add up", f"{inst_id}: {swaps[inst_id]} by the fills, {positions[inst_id]} at the exchange"
            )
    for ccy, change in coins.items():
        there = Decimal(account["cash"][ccy]) - Decimal(trail.opening_cash[ccy])
        if change != there:
            yield Violation("positions add up", f"{ccy}: {change} by the fills, {there} at the exchange")


RULES: dict[str, Callable[[AuditTrail], Iterator[Violation]]] = {
    "each fill once": fills_are_true,
    "fills before states": fills_come_before_states,
    "positions add up": positions_add_up,
}
