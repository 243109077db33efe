"""Pure. Rules on requests: their results, their sends, how often and until when."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal

from tests.chaos.audit_trail import (
    AMEND_OPS,
    CANCEL_OPS,
    ENDED,
    ORDER_OPS,
    PLACE_OPS,
    RESULT_OPS,
    AuditTrail,
    Json,
    RowFate,
    Violation,
)

RESULTS = frozenset({"accepted", "rejected", "unknown"})
RATE_CODES = frozenset({"50011", "50061"})
EXPIRED = "50036"
# The gateway subtracts its clock error; this is the rest from rounding to full ms.
CLOCK_SLACK_MS = 2
# Between the gateway's last reading of its clock and the exchange's reading, two processes can wait for a core.
ARRIVAL_SLACK_NS = 2_000_000_000
# The gateway reads the clock, then writes: without our SIGSTOP the pause between the two is at most this.
SEND_SLACK_NS = 50_000_000
# The gateway checks for room every 200 ms, if it is not stopped.
ROOM_SLACK_NS = 2_000_000_000


def one_result_per_row(trail: AuditTrail) -> Iterator[Violation]:
    """Every row of every request that was sent gets one result; an `unknown` one exactly one resolution."""
    rule = "one result per row"
    for (name, request_id), request in trail.sent.items():
        if request["op"] not in RESULT_OPS:
            continue
        events = trail.acks.get((name, request_id), [])
        acks = [one for one in events if one["event"] == "ack"]
        if len(acks) != 1:
            yield Violation(rule, f"{name} sent {request_id} ({request['op']}) and got {len(acks)} acks", (request_id,))
            continue
        rows = [row["row"] for row in acks[0]["data"]]
        if rows != list(range(len(request["args"]))):
            yield Violation(rule, f"the ack of {request_id} has rows {rows} of {len(request['args'])}", (request_id,))
    for name, request_id in trail.acks:
        if name in trail.records and not _was_asked(trail, name, request_id):
            yield Violation(rule, f"{name} got an ack of {request_id}, which it never sent", (request_id,))
    for fate in trail.fates:
        where = f"row {fate.row} of {fate.request_id}"
        if fate.acked["result"] not in RESULTS:
            yield Violation(rule, f"{where} has the result {fate.acked['result']!r}", fate.keys)
        elif len(fate.resolutions) != (fate.acked["result"] == "unknown") and not may_stay_unknown(trail, fate):
            text = f"{where} was published as {fate.acked['result']} and resolved {len(fate.resolutions)} times"
            yield Violation(rule, text, fate.keys)
        elif fate.resolutions and fate.result not in ("accepted", "rejected"):
            yield Violation(rule, f"{where} was resolved to {fate.result!r}", fate.keys)


def may_stay_unknown(trail: AuditTrail, fate: RowFate) -> bool:
    """Nothing need ever prove which of several amends of one order were executed, nor whether an amend to the current
    values was (docs/protocol.md, "proof")."""
    if fate.op not in AMEND_OPS or fate.resolutions:
        return False
    target = trail.target(fate)
    if sum(one.op in AMEND_OPS and trail.target(one) == target for one in trail.fates) > 1:
        return True
    first = trail.order_records.get(target, [{}])[0]
    pairs = [(fate.asked[new], first.get(old)) for new, old in (("newPx", "px"), ("newSz", "sz")) if new in fate.asked]
    return bool(pairs) and all(was and Decimal(asked) == Decimal(was) for asked, was in pairs)


def _was_asked(trail: AuditTrail, name: str, request_id: str) -> bool:
    """True also for the cancels of a cancel-all, whose ids are its own with a number, and for garbage with an id."""
    parent = trail.sent.get((name, request_id.rpartition(".")[0]), {})
    garbage = (one["text"] for one in trail.records[name] if one["type"] == "garbage")
    asked = (name, request_id) in trail.sent or parent.get("op") == "cancel-all"
    return asked or any(f'"{request_id}"' in text for text in garbage)


def repeats_agree(trail: AuditTrail) -> Iterator[Violation]:
    """The answer to a repeated id is the recorded result: the published one, or none yet."""
    finals = {(one.strategy, one.request_id, one.row): one for one in trail.fates}
    for name, records in trail.records.items():
        for answer in (one["answer"] for one in records if one["type"] == "answer"):
            if not answer.get("duplicate"):
                continue
            for row in answer["data"]:
                fate = finals.get((name, answer["id"], row["row"]))
                if fate is not None and row["result"] not in ("pending", "unknown", fate.result):
                    text = f"{answer['id']} was repeated: {row['result']}, and its result is {fate.result}"
                    yield Violation("repeats agree", text, fate.keys)


def placements_are_true(trail: AuditTrail) -> Iterator[Violation]:
    """`accepted` is an order at the exchange, `rejected` is none; and no order there is without an ack."""
    rule = "placements are true"
    claimed: Counter[str] = Counter()
    for fate in trail.fates:
        if fate.op not in PLACE_OPS:
            continue
        ord_id = trail.ord_id_of.get(fate.cl_ord_id, "")
        if fate.result == "accepted":
            claimed[fate.ord_id] += 1
            if not ord_id or ord_id != fate.ord_id:
                text = f"{fate.request_id} was published as accepted with ordId {fate.ord_id!r}; the exchange has {ord_id!r}"
                yield Violation(rule, text, fate.keys)
        elif fate.result == "rejected" and fate.cl_ord_id and ord_id:
            yield Violation(rule, f"{fate.request_id} was published as rejected; the exchange made {ord_id}", fate.keys)
    for ord_id, records in trail.order_records.items():
        if claimed[ord_id] != (ord_id not in trail.algo_of):
            text = f"order {ord_id} was published as accepted {claimed[ord_id]} times"
            yield Violation(rule, text, (ord_id, records[0]["cl_ord_id"]))


def cancels_are_true(trail: AuditTrail) -> Iterator[Violation]:
    """`accepted` by OKX: it took one, or (resolved) the order was cancelled. `rejected` by OKX: OKX took no more than the accepted ones."""
    rule = "cancels are true"
    taken, refused = _rows_at_exchange(trail, CANCEL_OPS)
    published: dict[str, list[RowFate]] = defaultdict(list)
    for fate in trail.fates:
        if fate.op in CANCEL_OPS and fate.acked["origin"] == "okx":
            published[trail.target(fate)].append(fate)
    for ord_id, fates in published.items():
        end = trail.order_records[ord_id][-1]["state"] if ord_id in trail.order_records else "nowhere"
        at_once = [one for one in fates if one.acked["result"] == "accepted" and one.acked["sCode"] == "0"]
        if len(at_once) > taken[ord_id]:
            text = f"{len(at_once)} cancels of {ord_id} were acked, the exchange took {taken[ord_id]}"
            yield Violation(rule, text, at_once[0].keys)
        for fate in fates:
            if fate.result == "accepted" and end not in ("canceled", "mmp_canceled") and taken[ord_id] == 0:
                yield Violation(rule, f"{fate.request_id} was published as accepted; the order is {end}", fate.keys)
        rejected = [one for one in fates if one.result == "rejected"]
        if rejected and taken[ord_id] > len(fates) - len(rejected) and refused[ord_id] == 0:
            text = f"{len(rejected)} cancels of {ord_id} were published as rejected; the exchange took {taken[ord_id]}"
            yield Violation(rule, text, rejected[0].keys)


def _rows_at_exchange(trail: AuditTrail, ops: frozenset[str]) -> tuple[Counter[str], Counter[str]]:
    """By ordId: rows taken, and rows refused."""
    taken: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for request in trail.trade_requests:
        if request["op"] in ops:
            for number, row in enumerate(request["args"]):
                answers = request["rows"] or []
                ord_id = str(row.get("ordId") or trail.ord_id_of.get(str(row.get("clOrdId", "")), ""))
                ok = number < len(answers) and answers[number].get("sCode") == "0"
                (taken if ok else refused)[ord_id] += 1
    return taken, refused


def amends_are_true(trail: AuditTrail) -> Iterator[Violation]:
    """By their reqId: `accepted` was taken by the exchange, `rejected` was not, or failed in the channel."""
    answers: dict[str, str] = {}
    for request in trail.trade_requests:
        if request["op"] in AMEND_OPS:
            for number, row in enumerate(request["args"]):
                rows = request["rows"] or []
                answers[str(row.get("reqId"))] = (
                    str(rows[number].get("sCode")) if number < len(rows) else request["code"]
                )
    applied = {one["req_id"]: one["amend_result"] for one in trail.of_ledger("order") if one["req_id"]}
    for fate in trail.fates:
        req_id = str(fate.asked.get("reqId", ""))
        if fate.op not in AMEND_OPS or not req_id:
            continue
        if fate.result == "accepted" and answers.get(req_id) != "0" and req_id not in applied:
            text = (
                f"{fate.request_id} ({req_id}) was published as accepted; the exchange answered {answers.get(req_id)}"
            )
            yield Violation("amends are true", text, (*fate.keys, req_id))
        if fate.result == "rejected" and applied.get(req_id) == "0":
            text = f"{fate.request_id} ({req_id}) was published as rejected; the exchange has done it"
            yield Violation("amends are true", text, (*fate.keys, req_id))


def nothing_sent_twice(trail: AuditTrail) -> Iterator[Violation]:
    """No clOrdId is placed twice, no reqId used twice, no request id twice on all connections."""
    rule = "nothing sent twice"
    names: Counter[tuple[str, str]] = Counter()
    for request in trail.trade_requests:
        if request["transport"] == "ws":
            names["request id", str(request["id"])] += 1
        for row in request["args"]:
            if request["op"] in PLACE_OPS:
                names["clOrdId", str(row.get("clOrdId"))] += 1
            elif request["op"] in AMEND_OPS:
                names["reqId", str(row.get("reqId"))] += 1
    for (kind, name), times in names.items():
        if times > 1:
            yield Violation(rule, f"{kind} {name} came {times} times", (name,))


def nothing_sent_late(trail: AuditTrail) -> Iterator[Violation]:
    """No request leaves after sentNs + maxWaitMs (+ max_age_ms on its way to the gateway), and none is executed after its expTime."""
    rule = "nothing sent late"
    deadlines: dict[str, tuple[int, RowFate]] = {}
    sent_at = {
        key: int(one.get("gw", {}).get("sentNs") or 0)
        for key, events in trail.acks.items()
        for one in events
        if one["event"] == "ack"
    }
    for fate in trail.fates:
        asked = trail.sent.get((fate.strategy, fate.request_id), {}).get("gw", {})
        if "sentNs" not in asked or fate.acked["origin"] == "gateway":
            continue
        wait_ms = asked.get("maxWaitMs", trail.bounds.max_wait_ms) + trail.bounds.max_age_ms
        deadline_ns = int(asked["sentNs"]) + wait_ms * 1_000_000
        left_ns = sent_at.get((fate.strategy, fate.request_id), 0)
        if left_ns > deadline_ns + SEND_SLACK_NS:
            text = f"{fate.request_id} left {(left_ns - deadline_ns) / 1e6:.1f} ms after its deadline"
            yield Violation(rule, text, fate.keys)
        if fate.op in PLACE_OPS and fate.cl_ord_id:
            deadlines[fate.cl_ord_id] = deadline_ns, fate
    for request in trail.trade_requests:
        for row in request["args"]:
            deadline_ns, placed = deadlines.get(str(row.get("clOrdId")), (0, None))
            if (
                request["op"] in PLACE_OPS
                and placed is not None
                and request["time_ns"] > deadline_ns + ARRIVAL_SLACK_NS
            ):
                text = f"{placed.request_id} came {(request['time_ns'] - deadline_ns) / 1e6:.1f} ms after its deadline"
                yield Violation(rule, text, placed.keys)


def exp_time_rule(trail: AuditTrail) -> Iterator[Violation]:
    """`expTime` goes with places and amends and with nothing else; the strategy's own if it set one, else the configured one."""
    rule = "expTime"
    given: dict[str, str] = {}
    for fate in trail.fates:
        exp_time = trail.sent.get((fate.strategy, fate.request_id), {}).get("expTime")
        if exp_time is not None:
            given[str(fate.asked.get("reqId") or fate.cl_ord_id)] = exp_time
    for request in trail.trade_requests:
        timed = request["op"] in PLACE_OPS | AMEND_OPS
        keys = tuple(str(row.get("clOrdId") or row.get("ordId")) for row in request["args"])
        if (request["exp_time"] is not None) != timed:
            yield Violation(rule, f"{request['op']} {request['id']} has expTime {request['exp_time']}", keys)
        elif timed and request["exp_time"] is not None:
            yield from _check_exp_time(trail, request, given, keys)


def _check_exp_time(
    trail: AuditTrail, request: Json, given: dict[str, str], keys: tuple[str, ...]
) -> Iterator[Violation]:
    exp_time_ms, arrival_ms = int(request["exp_time"]), request["time_ns"] // 1_000_000
    own = {
        given.get(str(row.get("reqId") if request["op"] in AMEND_OPS else row.get("clOrdId")))
        for row in request["args"]
    }
    if own - {None} and own != {request["exp_time"]}:
        yield Violation("expTime", f"{request['id']} went with {request['exp_time']}, asked was {own}", keys)
    elif own == {None} and exp_time_ms > arrival_ms + trail.bounds.order_ttl_ms + CLOCK_SLACK_MS:
        text = f"{request['id']} can be executed for {exp_time_ms - arrival_ms} ms, configured are {trail.bounds.order_ttl_ms}"
        yield Violation("expTime", text, keys)
    if arrival_ms > exp_time_ms + 1 and any(row.get("sCode") == "0" for row in request["rows"] or []):
        yield Violation("expTime", f"{request['id']} was executed after its expTime", keys)


def no_rate_limit_refusal(trail: AuditTrail) -> Iterator[Violation]:
    """OKX never had to refuse for its limits, and no window held more than they allow."""
    if not trail.bounds.limited:
        return
    for request in trail.trade_requests:
        codes = {request["code"], *(row.get("sCode") for row in request["rows"] or [])}
        if codes & RATE_CODES:
            keys = tuple(str(row.get("clOrdId") or row.get("ordId")) for row in request["args"])
            yield Violation("no rate-limit refusal", f"{request['op']} {request['id']} was refused: {codes}", keys)
    for peak in trail.limits:
        if peak["owner"] == trail.uid and peak["op"] in ORDER_OPS and peak["sliding"] > peak["limit"]:
            text = f"{peak['op']} {peak['inst']}: {peak['sliding']} in one window of {peak['limit']}"
            yield Violation("no rate-limit refusal", text)


def clocks_agree(trail: AuditTrail) -> Iterator[Violation]:
    """A terminal state of an order that the exchange did not have at the time is a guess."""
    ends = {ord_id: rows[-1]["time_ns"] for ord_id, rows in trail.order_records.items() if rows[-1]["state"] in ENDED}
    for _, event in trail.published_once("order"):
        published_ns = int(event.get("gw", {}).get("pubNs") or 0)
        if event["terminal"] and 0 < published_ns < ends.get(event["ordId"], 0):
            text = f"{event['ordId']} was published as {event['state']} before it was"
            yield Violation("no end before its time", text, (event["ordId"],))


def full_disk_stops_orders_alone(trail: AuditTrail) -> Iterator[Violation]:
    """While the journal has no room new orders and amends can be refused for it, but no cancel; at the end they are accepted again."""
    rule = "full disk"
    full = [one["time_ns"] for one in trail.actions if one["action"] == "fill_disk"]
    freed = [one["time_ns"] for one in trail.actions if one["action"] == "free_disk"]
    for (_, request_id), events in trail.acks.items():
        for event in events:
            if event["event"] != "ack" or all(row["reason"] != "journal" for row in event["data"]):
                continue
            published_ns = int(event["gw"]["pubNs"])
            if event["op"] in CANCEL_OPS:
                yield Violation(rule, f"the cancel {request_id} was refused for the journal", (request_id,))
            elif not full or not min(full) <= published_ns <= max(freed, default=published_ns) + ROOM_SLACK_NS:
                yield Violation(rule, f"{request_id} was refused for the journal, and there was room", (request_id,))
    for name, records in trail.records.items():
        quiet = [one for one in records if one["type"] == "quiet"]
        if quiet and not quiet[-1]["status"]["journal"]["takesOrders"]:
            yield Violation(rule, f"{name} cannot place orders at the end: {quiet[-1]['status']['journal']}")


RULES: dict[str, Callable[[AuditTrail], Iterator[Violation]]] = {
    "one result per row": one_result_per_row,
    "repeats agree": repeats_agree,
    "placements are true": placements_are_true,
    "cancels are true": cancels_are_true,
    "amends are true": amends_are_true,
    "nothing sent twice": nothing_sent_twice,
    "nothing sent late": nothing_sent_late,
    "expTime": exp_time_rule,
    "no rate-limit refusal": no_rate_limit_refusal,
    "no end before its time": clocks_agree,
    "full disk": full_disk_stops_orders_alone,
}
