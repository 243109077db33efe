"""Pure. The audit trail of one run, from two parties: the simulator's ledger, and each strategy's sent and received messages.

A strategy's record is a dict with `ns` (Unix time), `run` (1 for its first process, one more after each kill) and `type`:
`sent` (`request`), `garbage` (`text`), `answer` (`answer`), `event` and `replayed` (`topic`, `event`), `gone` (`owner`, `fromSeq`, `first`: the oldest
event of `replay`), `quiet` (`status`, `orders`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

Json = dict[str, Any]

PLACE_OPS = frozenset({"order", "batch-orders"})
CANCEL_OPS = frozenset({"cancel-order", "batch-cancel-orders"})
AMEND_OPS = frozenset({"amend-order", "batch-amend-orders"})
ORDER_OPS = PLACE_OPS | CANCEL_OPS | AMEND_OPS
ALGO_OPS = frozenset({"order-algo", "cancel-algos"})
RESULT_OPS = ORDER_OPS | ALGO_OPS  # each row has a result
ENDED = frozenset({"filled", "canceled", "mmp_canceled"})


class Violation(NamedTuple):
    """`keys` are the ids (`id`, `clOrdId`, `ordId`, …) of the order or request concerned."""

    rule: str
    text: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """The configured limits of the gateway; ms."""

    max_age_ms: int = 1_000
    max_wait_ms: int = 0
    order_ttl_ms: int = 5_000
    limited: bool = True


@dataclass(frozen=True)
class RowFate:
    """One row of one request and all results published for it."""

    strategy: str
    request_id: str
    op: str
    row: int
    asked: Json
    acked: Json
    resolutions: tuple[Json, ...]

    @property
    def result(self) -> str:
        """The final result: `unknown` without a proof."""
        if self.acked["result"] == "unknown" and self.resolutions:
            return str(self.resolutions[0]["result"])
        return str(self.acked["result"])

    @property
    def cl_ord_id(self) -> str:
        return str(self.acked.get("clOrdId") or self.asked.get("clOrdId") or "")

    @property
    def algo_cl_ord_id(self) -> str:
        return str(self.acked.get("algoClOrdId") or self.asked.get("algoClOrdId") or "")

    @property
    def ord_id(self) -> str:
        later = self.resolutions[0].get("ordId", "") if self.resolutions else ""
        return str(self.acked.get("ordId") or later or self.asked.get("ordId") or "")

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for key in (self.request_id, self.cl_ord_id, self.ord_id, self.algo_cl_ord_id) if key)


@dataclass
class AuditTrail:
    """`ledger` holds the simulator's records; `live`, `accounts` and `limits` its views after the end. `actions` are the campaign's: {`time_ns`, `action`, …}."""

    ledger: list[Json]
    records: dict[str, list[Json]]
    actions: list[Json] = field(default_factory=list)
    uid: str = "1000000000000001"
    live: list[Json] = field(default_factory=list)
    accounts: list[Json] = field(default_factory=list)
    limits: list[Json] = field(default_factory=list)
    opening_cash: dict[str, str] = field(default_factory=dict)
    bounds: Bounds = field(default_factory=Bounds)

    def of_ledger(self, kind: str) -> Iterator[Json]:
        return (one for one in self.ledger if one["type"] == kind and one.get("uid", self.uid) == self.uid)

    @cached_property
    def order_records(self) -> dict[str, list[Json]]:
        """By ordId: every state that the exchange gave the order."""
        found: dict[str, list[Json]] = defaultdict(list)
        for one in self.of_ledger("order"):
            found[one["ord_id"]].append(one)
        return dict(found)

    @cached_property
    def ord_id_of(self) -> dict[str, str]:
        """By clOrdId."""
        names = ((records[0]["cl_ord_id"], ord_id) for ord_id, records in self.order_records.items())
        return {cl_ord_id: ord_id for cl_ord_id, ord_id in names if cl_ord_id}

    @cached_property
    def algo_records(self) -> dict[str, list[Json]]:
        """By algoId: every state that the exchange gave the algo order."""
        found: dict[str, list[Json]] = defaultdict(list)
        for one in self.of_ledger("algo"):
            found[one["algoId"]].append(one)
        return dict(found)

    @cached_property
    def algo_of(self) -> dict[str, Json]:
        """By ordId: the algo order that placed it."""
        return {ord_id: rows[-1] for rows in self.algo_records.values() for ord_id in rows[-1]["ordIdList"]}

    @cached_property
    def trade_requests(self) -> list[Json]:
        """The well-formed requests at the exchange to place, cancel or amend."""
        return [one for one in self.of_ledger("request") if one["op"] in ORDER_OPS and isinstance(one["args"], list)]

    @cached_property
    def sent(self) -> dict[tuple[str, str], Json]:
        """By strategy and id: the first request of that id."""
        found: dict[tuple[str, str], Json] = {}
        for name, records in self.records.items():
            for one in records:
                if one["type"] == "sent":
                    found.setdefault((name, one["request"]["id"]), one["request"])
        return found

    @cached_property
    def events(self) -> dict[str, dict[int, tuple[str, Json]]]:
        """By owner: the event of each `seq`, received or replayed, in order of `seq`, over all runs of the gateway."""
        found: dict[str, dict[int, tuple[str, Json]]] = defaultdict(dict)
        for _, topic, event in self.received():
            owner, _, kind = topic.rpartition(".")
            if kind != "heartbeat":
                found[owner].setdefault(event["seq"], (topic, event))
        return {key: dict(sorted(events.items())) for key, events in found.items()}

    def received(self) -> Iterator[tuple[Json, str, Json]]:
        """Every event as often as it was received or replayed, with its record."""
        for records in self.records.values():
            for one in records:
                if one["type"] in ("event", "replayed"):
                    yield one, one["topic"], one["event"]

    def published_once(self, kind: str) -> Iterator[tuple[str, Json]]:
        """(owner, event) of a topic's last part, each `seq` once and in order."""
        for owner, events in self.events.items():
            for topic, event in events.values():
                if topic.rpartition(".")[2] == kind:
                    yield owner, event

    @cached_property
    def acks(self) -> dict[tuple[str, str], list[Json]]:
        """By strategy and request id: the `.ack` events, resolutions too."""
        found: dict[tuple[str, str], list[Json]] = defaultdict(list)
        for owner, event in self.published_once("ack"):
            found[owner, event["id"]].append(event)
        return dict(found)

    @cached_property
    def fates(self) -> list[RowFate]:
        """Every row of the requests with an ack."""
        found = []
        for (name, request_id), events in self.acks.items():
            first = next((one for one in events if one["event"] == "ack"), None)
            if first is None:
                continue
            args = self.sent.get((name, request_id), {}).get("args", [])
            for row in first["data"]:
                number = row["row"]
                asked = args[number] if number < len(args) and isinstance(args[number], dict) else {}
                later = tuple(one for one in events if one["event"] == "resolved" and one["row"] == number)
                found.append(RowFate(name, request_id, first["op"], number, asked, row, later))
        return found

    @cached_property
    def owners(self) -> dict[str, str]:
        """By clOrdId or algoClOrdId: the strategy that placed it."""
        placed = [one for one in self.fates if one.op in PLACE_OPS | {"order-algo"}]
        return {name: one.strategy for one in placed for name in (one.cl_ord_id, one.algo_cl_ord_id) if name}

    def owner_of(self, ord_id: str) -> str:
        """The owner of an order: its strategy, the owner of the algo order that placed it, or the account."""
        algo, records = self.algo_of.get(ord_id), self.order_records.get(ord_id)
        name = algo["algoClOrdId"] if algo else records[0]["cl_ord_id"] if records else ""
        return self.owners.get(name, "account")

    def target(self, fate: RowFate) -> str:
        """The ordId that a cancel or amend row names; '' if the exchange never had the order."""
        if fate.ord_id:
            return fate.ord_id
        cl_ord_id = fate.cl_ord_id
        if not cl_ord_id and "gw" in fate.asked:
            placed_by, row = fate.asked["gw"].get("id"), fate.asked["gw"].get("row", 0)
            cl_ord_id = next(
                (
                    one.cl_ord_id
                    for one in self.fates
                    if (one.strategy, one.request_id, one.row) == (fate.strategy, placed_by, row)
                ),
                "",
            )
        return self.ord_id_of.get(cl_ord_id, "")
