"""Pure. Rules on the streams of events: their numbers, their order, and the states of orders in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal

from tests.chaos.audit_trail import ENDED, AuditTrail, Json, Violation
from tests.chaos.request_rules import may_stay_unknown


def seq_is_contiguous(trail: AuditTrail) -> Iterator[Violation]:
    """Every owner's `seq` counts from 1 without a hole, over all runs of the gateway, and each number has one event, received or replayed."""
    rule = "seq is contiguous"
    last: dict[str, int] = defaultdict(int)
    bodies: dict[tuple[str, int], Json] = {}
    for record, topic, event in trail.received():
        topic_owner, _, kind = topic.rpartition(".")
        last[topic_owner] = max(last[topic_owner], event["seq"])
        if kind == "heartbeat":
            continue
        first = bodies.setdefault((topic_owner, event["seq"]), event)
        if first != event:
            text = f"{topic_owner} {event['seq']} was {first['event']} and then, {record['type']}, {event['event']}"
            yield Violation(rule, text, _ids_of(first) + _ids_of(event))
    for topic_owner, highest in last.items():
        missing = [seq for seq in range(1, highest + 1) if (topic_owner, seq) not in bodies]
        if missing:
            yield Violation(rule, f"{topic_owner} never had {missing[:10]} of 1 to {highest}")


def received_in_order(trail: AuditTrail) -> Iterator[Violation]:
    """One process of a strategy receives each owner's numbers in growing order, one run of the gateway after the other."""
    last: dict[tuple[str, int, str], int] = {}
    for name, records in trail.records.items():
        for one in records:
            if one["type"] != "event" or one["topic"].endswith(".heartbeat"):
                continue
            event, topic_owner = one["event"], one["topic"].rpartition(".")[0]
            key = name, one["run"], topic_owner
            if event["seq"] <= last.get(key, 0):
                text = f"{name} received {topic_owner} {event['seq']} after {last[key]}"
                yield Violation("received in order", text, _ids_of(event))
            last[key] = event["seq"]


def _ids_of(event: Json) -> tuple[str, ...]:
    return tuple(str(event[key]) for key in ("ordId", "id") if event.get(key))


def states_are_true(trail: AuditTrail) -> Iterator[Violation]:
    """The published states of an order are the exchange's, in its order, none twice; one end, and it is the last."""
    rule = "states are true"
    published: dict[str, list[tuple[str, Json]]] = defaultdict(list)
    for topic_owner, event in trail.published_once("order"):
        published[event["ordId"]].append((topic_owner, event))
    for ord_id in published.keys() - trail.order_records.keys():
        yield Violation(rule, f"order {ord_id} is published and does not exist", (ord_id,))
    for ord_id, records in trail.order_records.items():
        owner = trail.owner_of(ord_id)
        wrong_owners = {topic_owner for topic_owner, _ in published[ord_id]} - {owner}
        if wrong_owners:
            yield Violation(rule, f"order {ord_id} of {owner} is published to {sorted(wrong_owners)}", (ord_id,))
        events = [event for topic_owner, event in published[ord_id] if topic_owner == owner]
        yield from _compare_states(ord_id, records, events)


def _compare_states(ord_id: str, records: list[Json], events: list[Json]) -> Iterator[Violation]:
    """A late push of an amend, or one after REST's row, is published with the current order (docs/protocol.md), once per `reqId`."""
    rule, at = "states are true", 0
    results: set[str] = set()
    for event in events:
        start, req_id = at, event["data"].get("reqId", "")
        overtaken = {one["req_id"] for one in records[:at]} - results - {""}
        results.add(req_id)
        if req_id in overtaken and _is_same(records[at - 1], event):
            continue
        while at < len(records) and not _is_same(records[at], event):
            at += 1
        at += 1
        if at > len(records):
            where = "nowhere" if not any(_is_same(one, event) for one in records) else "earlier, or once only"
            text = f"order {ord_id} was published as {_shown(event)}: {where} in the ledger (from record {start} of {len(records)})"
            yield Violation(rule, text, (ord_id,))
            return
    ends = [event for event in events if event["terminal"]]
    final = records[-1]
    if len(ends) != (final["state"] in ENDED):
        yield Violation(
            rule, f"order {ord_id} is {final['state']}, and its end was published {len(ends)} times", (ord_id,)
        )
    elif not events or not _is_same(final, events[-1]):
        last = _shown(events[-1]) if events else "nothing"
        yield Violation(
            rule, f"order {ord_id} is {final['state']} {final['acc_fill_sz']}, published last was {last}", (ord_id,)
        )
    elif ends and events[-1] is not ends[0]:
        yield Violation(rule, f"order {ord_id} was published after its end", (ord_id,))


def _is_same(record: Json, event: Json) -> bool:
    data = event["data"]
    return (
        (record["state"], record["cl_ord_id"]) == (event["state"], event["clOrdId"])
        and event["terminal"] == (event["state"] in ENDED)
        and Decimal(record["acc_fill_sz"]) == Decimal(event["accFillSz"])
        and (not data.get("sz") or Decimal(record["sz"]) == Decimal(data["sz"]))
        and (not data.get("px") or not record["px"] or Decimal(record["px"]) == Decimal(data["px"]))
    )


def _shown(event: Json) -> str:
    data = event["data"]
    return f"{event['state']} {event['accFillSz']} of {data.get('sz')} at {data.get('px')} ({event['source']})"


def live_orders_agree(trail: AuditTrail) -> Iterator[Violation]:
    """At the end the exchange's live orders are those of the strategies' snapshots, with the same fills."""
    shown: dict[str, Json] = {}
    for records in trail.records.values():
        quiet = [one for one in records if one["type"] == "quiet"]
        for order in quiet[-1]["orders"] if quiet else []:
            shown[order["ordId"]] = order
    live = {one["ordId"]: one for one in trail.live}
    for ord_id in live.keys() - shown.keys():
        yield Violation("live orders agree", f"{ord_id} is live at the exchange and in no snapshot", (ord_id,))
    for ord_id in shown.keys() - live.keys():
        yield Violation("live orders agree", f"{ord_id} is in a snapshot and not live at the exchange", (ord_id,))
    for ord_id in shown.keys() & live.keys():
        ours, theirs = shown[ord_id], live[ord_id]
        if (ours["state"], Decimal(ours["accFillSz"] or 0)) != (theirs["state"], Decimal(theirs["accFillSz"] or 0)):
            yield Violation("live orders agree", f"{ord_id}: ours is {ours}, theirs is {theirs}", (ord_id,))


def nothing_left_unknown(trail: AuditTrail) -> Iterator[Violation]:
    """At the end no strategy has anything unknown, in flight or waiting, and none of its requests is without an ack."""
    for name, records in trail.records.items():
        quiet = [one for one in records if one["type"] == "quiet"]
        if not quiet:
            yield Violation("nothing left unknown", f"{name} never came to rest{_why_not(records)}", _open_ids(records))
            continue
        fates = {(one.request_id, one.row): one for one in trail.fates if one.strategy == name}
        for one in quiet[-1]["status"]["unknown"]:
            fate = fates.get((one["id"], one["row"]))
            if fate is None or not may_stay_unknown(trail, fate):
                yield Violation("nothing left unknown", f"{name} is left with unknown {one}", (one["id"],))


def _last_status(records: list[Json]) -> Json:
    answers = [one["answer"] for one in records if one["type"] == "answer" and one["answer"].get("op") == "status"]
    data: Json = answers[-1]["data"][0] if answers and answers[-1]["data"] else {}
    return data


def _why_not(records: list[Json]) -> str:
    status = _last_status(records)
    shown = {key: status.get(key) for key in ("state", "inFlight", "waiting", "unknown", "orders", "seq")}
    kinds = Counter(one["type"] for one in records)
    return f"; its last status was {shown}, its records {dict(kinds)}"


def _open_ids(records: list[Json]) -> tuple[str, ...]:
    return tuple(str(one["id"]) for one in _last_status(records).get("unknown", []))


RULES: dict[str, Callable[[AuditTrail], Iterator[Violation]]] = {
    "seq is contiguous": seq_is_contiguous,
    "received in order": received_in_order,
    "states are true": states_are_true,
    "live orders agree": live_orders_agree,
    "nothing left unknown": nothing_left_unknown,
}
