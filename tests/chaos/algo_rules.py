"""Pure. Rules on algo orders: their results, their states, and whether any is left at the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from tests.chaos.audit_trail import AuditTrail, Json, Violation

ENDED = frozenset({"effective", "canceled", "order_failed", "partially_failed"})


def algos_are_placed_as_published(trail: AuditTrail) -> Iterator[Violation]:
    """`accepted` is an algo order at the exchange, `rejected` is none; and it was sent once."""
    rule = "algo orders are true"
    made = {rows[0]["algoClOrdId"]: algo_id for algo_id, rows in trail.algo_records.items() if rows[0]["algoClOrdId"]}
    for fate in trail.fates:
        if fate.op != "order-algo":
            continue
        algo_id, name = made.get(fate.algo_cl_ord_id, ""), fate.algo_cl_ord_id
        published_id = fate.acked.get("algoId") or (fate.resolutions[0].get("algoId") if fate.resolutions else "")
        if fate.result == "accepted" and (not algo_id or algo_id != published_id):
            text = f"{fate.request_id} was published as accepted with algoId {published_id!r}; the exchange has {algo_id!r}"
            yield Violation(rule, text, fate.keys)
        elif fate.result == "rejected" and name and algo_id:
            yield Violation(
                rule, f"{fate.request_id} was published as rejected; the exchange made {algo_id}", fate.keys
            )
    sent = Counter(
        str(row.get("algoClOrdId"))
        for one in trail.of_ledger("request")
        if one["op"] == "order-algo"
        for row in one["args"]
    )
    for name, times in sent.items():
        if times > 1:
            yield Violation(rule, f"algoClOrdId {name} came {times} times", (name,))


def algo_states_are_true(trail: AuditTrail) -> Iterator[Violation]:
    """The published states of an algo order are the exchange's, in its order; at most one end, the last; only for its owner."""
    rule = "algo states are true"
    published: dict[str, list[tuple[str, Json]]] = defaultdict(list)
    for topic_owner, event in trail.published_once("algo"):
        published[event["algoId"]].append((topic_owner, event))
    for algo_id in published.keys() - trail.algo_records.keys():
        yield Violation(rule, f"algo order {algo_id} is published and does not exist", (algo_id,))
    for algo_id, records in trail.algo_records.items():
        owner = trail.owners.get(records[0]["algoClOrdId"])
        if owner is None:
            continue  # attached to an order: the account's
        keys = algo_id, records[0]["algoClOrdId"]
        wrong_owners = {topic_owner for topic_owner, _ in published[algo_id]} - {owner}
        if wrong_owners:
            yield Violation(rule, f"algo order {algo_id} of {owner} is published to {sorted(wrong_owners)}", keys)
        states, at = [one["state"] for one in records], 0
        for _, event in published[algo_id]:
            while at < len(states) and states[at] != event["state"]:
                at += 1
        published_states = [event["state"] for _, event in published[algo_id]]
        if (
            at >= len(states)
            or published_states[-1:] != states[-1:]
            or sum(state in ENDED for state in published_states) > 1
        ):
            yield Violation(rule, f"algo order {algo_id} was published as {published_states}, it was {states}", keys)


def no_algo_is_left(trail: AuditTrail) -> Iterator[Violation]:
    """At the end every strategy has cancelled its own."""
    for algo_id, records in trail.algo_records.items():
        if records[0]["algoClOrdId"] in trail.owners and records[-1]["state"] not in ENDED:
            text = f"algo order {algo_id} is {records[-1]['state']} at the exchange"
            yield Violation("no algo order is left", text, (algo_id, records[0]["algoClOrdId"]))


RULES: dict[str, Callable[[AuditTrail], Iterator[Violation]]] = {
    "algo orders are true": algos_are_placed_as_published,
    "algo states are true": algo_states_are_true,
    "no algo order is left": no_algo_is_left,
}
