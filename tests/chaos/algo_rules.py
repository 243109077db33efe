"""Pure. Rules on algo orders: their results, their states, and whether they are left behind."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from tests.chaos.story import Json, Story, Violation

ENDED = frozenset({"effective", "canceled", "order_failed", "partially_failed"})


def algos_are_placed_as_told(story: Story) -> Iterator[Violation]:
    """`accepted` is an algo order at the exchange, `rejected` is none; and it was sent once."""
    rule = "algo orders are true"
    made = {rows[0]["algoClOrdId"]: algo_id for algo_id, rows in story.algo_records.items() if rows[0]["algoClOrdId"]}
    for fate in story.fates:
        if fate.op != "order-algo":
            continue
        algo_id, name = made.get(fate.algo_cl_ord_id, ""), fate.algo_cl_ord_id
        told_id = fate.told.get("algoId") or (fate.resolutions[0].get("algoId") if fate.resolutions else "")
        if fate.result == "accepted" and (not algo_id or algo_id != told_id):
            what = f"{fate.request_id} was told as accepted with algoId {told_id!r}; the exchange has {algo_id!r}"
            yield Violation(rule, what, fate.keys)
        elif fate.result == "rejected" and name and algo_id:
            yield Violation(rule, f"{fate.request_id} was told as rejected; the exchange made {algo_id}", fate.keys)
    sent = Counter(
        str(row.get("algoClOrdId"))
        for one in story.of_ledger("request")
        if one["op"] == "order-algo"
        for row in one["args"]
    )
    for name, times in sent.items():
        if times > 1:
            yield Violation(rule, f"algoClOrdId {name} came {times} times", (name,))


def algo_states_are_true(story: Story) -> Iterator[Violation]:
    """The states told of an algo order are the exchange's, in its order; at most one end, the last; told to its owner alone."""
    rule = "algo states are true"
    told: dict[str, list[tuple[str, Json]]] = defaultdict(list)
    for family, event in story.told_once("algo"):
        told[event["algoId"]].append((family, event))
    for algo_id in told.keys() - story.algo_records.keys():
        yield Violation(rule, f"algo order {algo_id} is told of and does not exist", (algo_id,))
    for algo_id, records in story.algo_records.items():
        owner = story.owners.get(records[0]["algoClOrdId"])
        if owner is None:
            continue  # attached to an order: the account's
        keys = algo_id, records[0]["algoClOrdId"]
        strangers = {family for family, _ in told[algo_id]} - {owner}
        if strangers:
            yield Violation(rule, f"algo order {algo_id} of {owner} is told to {sorted(strangers)}", keys)
        states, at = [one["state"] for one in records], 0
        for _, event in told[algo_id]:
            while at < len(states) and states[at] != event["state"]:
                at += 1
        said = [event["state"] for _, event in told[algo_id]]
        if at >= len(states) or said[-1:] != states[-1:] or sum(state in ENDED for state in said) > 1:
            yield Violation(rule, f"algo order {algo_id} was told as {said}, it was {states}", keys)


def no_algo_is_left(story: Story) -> Iterator[Violation]:
    """At the end every strategy has cancelled its own."""
    for algo_id, records in story.algo_records.items():
        if records[0]["algoClOrdId"] in story.owners and records[-1]["state"] not in ENDED:
            what = f"algo order {algo_id} is {records[-1]['state']} at the exchange"
            yield Violation("no algo order is left", what, (algo_id, records[0]["algoClOrdId"]))


RULES: dict[str, Callable[[Story], Iterator[Violation]]] = {
    "algo orders are true": algos_are_placed_as_told,
    "algo states are true": algo_states_are_true,
    "no algo order is left": no_algo_is_left,
}
