"""Pure. The audit trail of one order, from the journal's records: who did what, when, and how long each step took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from gateway.journal.filters import Mention, Shown, mentions, strategy_of

FILL_KEYS: Final = ("tradeId", "fillPx", "fillSz", "fillFee", "fillFeeCcy", "accFillSz")
PLACING: Final = frozenset({"order", "batch-orders", "order-algo"})


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. `after_ns` counts from the step before, `total_ns` from the first."""

    ns: int
    source: str
    action: str
    detail: dict[str, Any]
    after_ns: int = 0
    total_ns: int = 0


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """An order with all its names, and its steps in order of time."""

    strategy: str
    request: str
    row: int
    cl_ord_id: str
    ord_id: str
    steps: tuple[Step, ...]

    def as_json(self) -> dict[str, Any]:
        members = asdict(self)
        names = {"request": "id", "cl_ord_id": "clOrdId", "ord_id": "ordId"}
        renamed = {names.get(key, key): value for key, value in members.items() if key != "steps"}
        return {**renamed, "steps": [_step_json(step) for step in self.steps]}


def _step_json(step: Step) -> dict[str, Any]:
    stamps = {"ns": str(step.ns), "afterNs": step.after_ns, "totalNs": step.total_ns}
    return {**stamps, "source": step.source, "what": step.action, "detail": step.detail}


class Names:
    """The names of one order. The row number is part of a name, so that the orders of one batch stay apart."""

    def __init__(self) -> None:
        self.cl_ord_id = self.ord_id = ""
        self.placed_by: tuple[str, str, int] | None = None

    def fits(self, strategy: str, mention: Mention) -> bool:
        """True if the row names this order."""
        if self.ord_id and mention.ord_id:
            return self.ord_id == mention.ord_id
        if self.cl_ord_id and mention.cl_ord_id:
            return self.cl_ord_id == mention.cl_ord_id
        return self.placed_by is not None and self.placed_by in (
            (strategy, mention.request, mention.row),
            _named_by_request(strategy, mention),
        )

    def learn(self, shown: Shown, strategy: str, mention: Mention) -> bool:
        """Takes over the names of a mention; True if any was new."""
        before = (self.cl_ord_id, self.ord_id, self.placed_by)
        self.cl_ord_id = self.cl_ord_id or mention.cl_ord_id
        self.ord_id = self.ord_id or mention.ord_id
        if self.placed_by is None and mention.request and _is_about_placing(shown):
            self.placed_by = (strategy, mention.request, mention.row)
        elif self.placed_by is None:
            self.placed_by = _named_by_request(strategy, mention)
        return before != (self.cl_ord_id, self.ord_id, self.placed_by)

    def belongs_to(self, strategy: str | None) -> bool:
        """True if this strategy placed the order; None matches any strategy."""
        return strategy is None or self.placed_by is None or self.placed_by[0] == strategy


def _named_by_request(strategy: str, mention: Mention) -> tuple[str, str, int] | None:
    """`"gw":{"id":…,"row":…}` of a cancel or amend row."""
    named = mention.fields.get("gw")
    if not isinstance(named, dict) or "id" not in named:
        return None
    return (strategy, str(named["id"]), int(named.get("row", 0)))


def _is_about_placing(shown: Shown) -> bool:
    message = shown.get("event") or shown.get("message") or shown.get("frame") or {}
    return message.get("event") in ("order", "fill", "algo") or message.get("op") in PLACING


def find_orders(records: Sequence[Shown], key: str) -> list[Names]:
    """The orders that `key` names: one for a `clOrdId` or `ordId`, one for each row for the id of a request."""
    found: list[Names] = []
    for shown in records:
        strategy = strategy_of(shown)
        for mention in mentions(shown):
            if key not in (mention.cl_ord_id, mention.ord_id, mention.request):
                continue
            if not any(names.fits(strategy, mention) for names in found):
                names = Names()
                names.learn(shown, strategy, mention)
                found.append(names)
    for names in found:
        while any(
            names.fits(strategy_of(shown), mention) and names.learn(shown, strategy_of(shown), mention)
            for shown in records
            for mention in mentions(shown)
        ):
            pass
    return _without_duplicates(found)


def _without_duplicates(found: Iterable[Names]) -> list[Names]:
    kept: dict[tuple[str, str, Any], Names] = {}
    for names in found:
        kept.setdefault((names.cl_ord_id, names.ord_id, names.placed_by), names)
    return list(kept.values())


def texts_of(names: Names) -> list[str]:
    """The texts that find the order's records: each record about the order contains one of them."""
    placed = [] if names.placed_by is None else [names.placed_by[1]]
    return [text for text in (names.cl_ord_id, names.ord_id, *placed) if text]


def build_trail(records: Iterable[Shown], names: Names) -> AuditTrail:
    """The order's audit trail. Records of other orders are skipped."""
    steps: list[Step] = []
    owner = ""
    for shown in records:
        strategy = strategy_of(shown)
        for mention in mentions(shown):
            if names.fits(strategy, mention):
                owner = owner or strategy
                steps += _steps_of(shown, mention)
    steps.sort(key=lambda step: step.ns)
    timed = []
    for number, step in enumerate(steps):
        after = step.ns - steps[number - 1].ns if number else 0
        timed.append(Step(step.ns, step.source, step.action, step.detail, after, step.ns - steps[0].ns))
    strategy, request, row = names.placed_by or (owner, "", 0)
    return AuditTrail(strategy, request, row, names.cl_ord_id, names.ord_id, tuple(timed))


def _steps_of(shown: Shown, mention: Mention) -> list[Step]:
    if shown["type"] == "request":
        op = shown["message"].get("op", "")
        return [Step(shown["ns"], shown["strategy"], f"asks: {op} ({mention.request})", dict(mention.fields))]
    if shown["type"] == "intent":
        op = shown["frame"].get("op", "")
        return [Step(shown["ns"], "gateway", f"is about to send: {op} ({mention.request})", dict(mention.fields))]
    return _steps_of_event(shown, mention)


def _steps_of_event(shown: Shown, mention: Mention) -> list[Step]:
    event, fields = shown["event"], mention.fields
    stamps = event.get("gw", {})
    kind = event["event"]
    source = "OKX" if event.get("source", "stream") == "stream" else "OKX (asked)"
    if kind == "ack":
        received = [] if "venueNs" not in stamps else [Step(int(stamps["venueNs"]), "OKX", "answers", _answer(fields))]
        why = f" ({fields['reason']})" if fields.get("reason") else ""
        return [
            *received,
            Step(shown["ns"], "gateway", f"publishes: {event.get('op', '')} {fields.get('result')}{why}", {}),
        ]
    if kind == "resolved":
        action = f"publishes: the result is proven, {fields.get('result')} ({fields.get('proof')})"
        return [Step(shown["ns"], "gateway", action, {})]
    if kind == "fill":
        detail = {key: fields.get(key, "") for key in FILL_KEYS}
        action = f"fills {fields.get('fillSz')} at {fields.get('fillPx')}"
    else:
        detail = {key: fields.get(key, "") for key in ("state", "accFillSz", "reason")}
        why = f" ({fields['reason']})" if fields.get("reason") else ""
        action = f"is {fields.get('state')}{why}"
    received_ns = int(stamps.get("venueNs", shown["ns"]))
    return [
        Step(received_ns, source, action, detail),
        Step(shown["ns"], "gateway", f"publishes: {kind}", {"seq": event["seq"]}),
    ]


def _answer(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: fields.get(key, "") for key in ("result", "sCode", "msg", "ordId", "algoId") if fields.get(key)}


def timeline(trail: AuditTrail) -> str:
    """The trail as text. Columns: time (UTC), since the step before, since the first step, source, action."""
    named = f"clOrdId {trail.cl_ord_id or '?'}, ordId {trail.ord_id or '?'}"
    placed = f", row {trail.row} of {trail.request}" if trail.request else ""
    lines = [f"{trail.strategy or 'account'}: {named}{placed}"]
    for step in trail.steps:
        seconds, rest = divmod(step.ns, 1_000_000_000)
        at = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{rest // 1_000:06}"
        values = " ".join(
            f"{key}={value}" for key, value in step.detail.items() if isinstance(value, str | int) and value != ""
        )
        lines.append(
            f"  {at}  {'+' + length(step.after_ns):>9}  {length(step.total_ns):>9}  {step.source:<11}  {step.action}"
            + (f"  [{values}]" if values else "")
        )
    return "\n".join(lines)


def length(ns: int) -> str:
    """A time in the largest unit that fits, with one decimal digit."""
    for unit, size in (("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)):
        if ns >= size:
            return f"{ns // size}.{ns % size * 10 // size} {unit}"
    return f"{ns} ns"
