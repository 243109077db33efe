"""Pure. Selects the records that a reader asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.journal.format import Malformed, Record, decode

Shown = dict[str, Any]
ALGO_OPS: Final = frozenset({"order-algo", "amend-algos", "cancel-algos"})


@dataclass(frozen=True, slots=True)
class Filters:
    """A record must meet every condition that is set. Times are Unix ns; `texts` are complete JSON strings in it."""

    types: frozenset[str] = frozenset()
    strategies: frozenset[str] = frozenset()
    topic: str = ""
    texts: tuple[str, ...] = ()
    since_ns: int = 0
    until_ns: int = 1 << 63

    def takes(self, record: Record) -> Shown | None:
        """The record as plain values if it matches."""
        if not self.since_ns <= record.ns < self.until_ns:
            return None
        if any(b'"%s"' % text.encode() not in record.payload for text in self.texts):
            return None
        shown = shown_of(record)
        if self.types and shown["type"] not in self.types:
            return None
        if self.strategies and strategy_of(shown) not in self.strategies:
            return None
        if self.topic and not str(shown.get("topic", "")).startswith(self.topic):
            return None
        return shown


def shown_of(record: Record) -> Shown:
    """A record as plain values. If the content does not match the type: the error, and the payload in hex."""
    try:
        return decode(record)
    except (Malformed, UnicodeDecodeError) as error:
        values = {"number": record.number, "ns": record.ns, "type": f"type_{record.kind}", "segment": record.segment}
        return {**values, "malformed": str(error), "payload": record.payload.hex()}


def strategy_of(shown: Mapping[str, Any]) -> str:
    """The owner of a record: of an event the topic's owner; "" for the journal's own records."""
    topic = shown.get("topic")
    return str(shown.get("strategy", "")) if topic is None else str(topic).rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Mention:
    """One row of a record: the order that it names, by the names that it uses, and its members."""

    request: str
    row: int
    cl_ord_id: str
    ord_id: str
    fields: Mapping[str, Any]


def mentions(shown: Mapping[str, Any]) -> Iterator[Mention]:
    """The rows of a request, an intent or an event about orders."""
    if shown["type"] == "event":
        yield from _of_event(shown["event"])
    elif shown["type"] in ("request", "intent"):
        values = shown["message"] if shown["type"] == "request" else shown["frame"]
        request = str(shown.get("id") or values.get("id", ""))
        numbers = shown.get("rows", range(len(values.get("args", []))))  # a frame can lack withdrawn rows
        for number, row in zip(numbers, values.get("args", []), strict=False):
            if isinstance(row, dict):
                yield Mention(request, number, *_names(row, str(values.get("op"))), row)


def _of_event(event: Mapping[str, Any]) -> Iterator[Mention]:
    request = _text(event, "id")
    if event.get("event") == "ack":
        for row in event.get("data", []):
            yield Mention(request, int(row["row"]), *_names(row, str(event.get("op"))), row)
    elif event.get("event") in ("order", "fill", "resolved", "algo"):
        op = "order-algo" if event["event"] == "algo" else str(event.get("op"))
        yield Mention(request, int(event.get("row", 0)), *_names(event, op), event)


def _names(row: Mapping[str, Any], op: str) -> tuple[str, str]:
    """`clOrdId` and `ordId`; of an algo order `algoClOrdId` and `algoId`."""
    if op in ALGO_OPS:
        return _text(row, "algoClOrdId"), _text(row, "algoId")
    return _text(row, "clOrdId"), _text(row, "ordId")


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key, "")
    return value if isinstance(value, str) else str(value)
