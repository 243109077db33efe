"""Pure. Rules on the streams of events: their numbers, their order, and the states of orders in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal

from tests.chaos.request_rules import may_stay_unknown
from tests.chaos.story import ENDED, Json, Story, Violation


def seq_is_contiguous(story: Story) -> Iterator[Violation]:
    """Every owner's `seq` counts from 1 without a hole, over all runs of the gateway, and a number means one event, heard or replayed."""
    rule = "seq is contiguous"
    last: dict[str, int] = defaultdict(int)
    bodies: dict[tuple[str, int], Json] = {}
    for record, topic, event in story.heard():
        family, _, kind = topic.rpartition(".")
        last[family] = max(last[family], event["seq"])
        if kind == "heartbeat":
            continue
        first = bodies.setdefault((family, event["seq"]), event)
        if first != event:
            what = f"{family} {event['seq']} was {first['event']} and then, {record['what']}, {event['event']}"
            yield Violation(rule, what, _ids_of(first) + _ids_of(event))
    for family, highest in last.items():
        missing = [seq for seq in range(1, highest + 1) if (family, seq) not in bodies]
        if missing:
            yield Violation(rule, f"{family} was never told {missing[:10]} of 1 to {highest}")


def heard_in_order(story: Story) -> Iterator[Violation]:
    """One process of a strategy hears each owner's numbers growing, and one run of the gateway after the other."""
    last: dict[tuple[str, int, str], int] = {}
    for name, records in story.told.items():
        for one in records:
            if one["what"] != "event" or one["topic"].endswith(".heartbeat"):
                continue
            event, family = one["event"], one["topic"].rpartition(".")[0]
            key = name, one["run"], family
            if event["seq"] <= last.get(key, 0):
                what = f"{name} heard {family} {event['seq']} after {last[key]}"
                yield Violation("heard in order", what, _ids_of(event))
            last[key] = event["seq"]


def _ids_of(event: Json) -> tuple[str, ...]:
    return tuple(str(event[key]) for key in ("ordId", "id") if event.get(key))


def states_are_true(story: Story) -> Iterator[Violation]:
    """The states told of an order are the exchange's, in its order, none twice; one end, and it is the last."""
    rule = "states are true"
    told: dict[str, list[tuple[str, Json]]] = defaultdict(list)
    for family, event in story.told_once("order"):
        told[event["ordId"]].append((family, event))
    for ord_id in told.keys() - story.order_records.keys():
        yield Violation(rule, f"order {ord_id} is told of and does not exist", (ord_id,))
    for ord_id, records in story.order_records.items():
        owner = story.owner_of(ord_id)
        strangers = {family for family, _ in told[ord_id]} - {owner}
        if strangers:
            yield Violation(rule, f"order {ord_id} of {owner} is told to {sorted(strangers)}", (ord_id,))
        events = [event for family, event in told[ord_id] if family == owner]
        yield from _compare_states(ord_id, records, events)


def _compare_states(ord_id: str, records: list[Json], events: list[Json]) -> Iterator[Violation]:
    """An amend whose push comes late, or after REST has told the state, is told with the order as it is now (docs/protocol.md), once for each `reqId`."""
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
            what = f"order {ord_id} was told as {_shown(event)}: {where} in the ledger (from record {start} of {len(records)})"
            yield Violation(rule, what, (ord_id,))
            return
    ends = [event for event in events if event["terminal"]]
    final = records[-1]
    if len(ends) != (final["state"] in ENDED):
        yield Violation(rule, f"order {ord_id} is {final['state']}, and its end was told {len(ends)} times", (ord_id,))
    elif not events or not _is_same(final, events[-1]):
        last = _shown(events[-1]) if events else "nothing"
        yield Violation(
            rule, f"order {ord_id} is {final['state']} {final['acc_fill_sz']}, told last was {last}", (ord_id,)
        )
    elif ends and events[-1] is not ends[0]:
        yield Violation(rule, f"order {ord_id} was told of after its end", (ord_id,))


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


def live_orders_agree(story: Story) -> Iterator[Violation]:
    """At the end: what is live at the exchange is what the strategies' snapshots show, with the same fills."""
    shown: dict[str, Json] = {}
    for records in story.told.values():
        quiet = [one for one in records if one["what"] == "quiet"]
        for order in quiet[-1]["orders"] if quiet else []:
            shown[order["ordId"]] = order
    live = {one["ordId"]: one for one in story.live}
    for ord_id in live.keys() - shown.keys():
        yield Violation("live orders agree", f"{ord_id} is live at the exchange and in no snapshot", (ord_id,))
    for ord_id in shown.keys() - live.keys():
        yield Violation("live orders agree", f"{ord_id} is in a snapshot and not live at the exchange", (ord_id,))
    for ord_id in shown.keys() & live.keys():
        ours, theirs = shown[ord_id], live[ord_id]
        if (ours["state"], Decimal(ours["accFillSz"] or 0)) != (theirs["state"], Decimal(theirs["accFillSz"] or 0)):
            yield Violation("live orders agree", f"{ord_id}: ours is {ours}, theirs is {theirs}", (ord_id,))


def nothing_left_unknown(story: Story) -> Iterator[Violation]:
    """At the end no strategy has anything unknown, in flight or waiting, and none of its requests is without an ack."""
    for name, records in story.told.items():
        quiet = [one for one in records if one["what"] == "quiet"]
        if not quiet:
            yield Violation("nothing left unknown", f"{name} never came to rest{_why_not(records)}", _open_ids(records))
            continue
        fates = {(one.request_id, one.row): one for one in story.fates if one.strategy == name}
        for one in quiet[-1]["status"]["unknown"]:
            fate = fates.get((one["id"], one["row"]))
            if fate is None or not may_stay_unknown(story, fate):
                yield Violation("nothing left unknown", f"{name} is left with unknown {one}", (one["id"],))


def _last_status(records: list[Json]) -> Json:
    answers = [one["answer"] for one in records if one["what"] == "answer" and one["answer"].get("op") == "status"]
    data: Json = answers[-1]["data"][0] if answers and answers[-1]["data"] else {}
    return data


def _why_not(records: list[Json]) -> str:
    status = _last_status(records)
    shown = {key: status.get(key) for key in ("state", "inFlight", "waiting", "unknown", "orders", "seq")}
    kinds = Counter(one["what"] for one in records)
    return f"; its last status was {shown}, its records {dict(kinds)}"


def _open_ids(records: list[Json]) -> tuple[str, ...]:
    return tuple(str(one["id"]) for one in _last_status(records).get("unknown", []))


RULES: dict[str, Callable[[Story], Iterator[Violation]]] = {
    "seq is contiguous": seq_is_contiguous,
    "heard in order": heard_in_order,
    "states are true": states_are_true,
    "live orders agree": live_orders_agree,
    "nothing left unknown": nothing_left_unknown,
}
