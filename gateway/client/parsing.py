"""Pure. Parses the gateway's JSON into messages.

An event of a known kind that lacks a key becomes a plain `Event`: its `seq` counts and its `raw` is readable, so one
malformed message stops nothing. Without the envelope (`seq`, `event`, `session`) it raises `MalformedError`.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import orjson

from .errors import MalformedError
from .messages import (
    Ack,
    Alarm,
    AlgoEvent,
    AlgoOrder,
    Answer,
    Event,
    Fill,
    GatewayState,
    Heartbeat,
    Hello,
    Json,
    Order,
    OrderEvent,
    ReplayPage,
    Resolved,
    RowResult,
    Snapshot,
    Stamps,
    Status,
)

# Errors that a malformed object can raise while its keys are read.
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError)


def parse_json(frame: bytes) -> Json:
    """Return the one JSON object in `frame`; raises `MalformedError` if there is none."""
    try:
        value = orjson.loads(frame)
    except orjson.JSONDecodeError as error:
        raise MalformedError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise MalformedError("not a JSON object")
    return value


def parse_event(topic: str, raw: Json) -> Event:
    """Return the event in `raw`; raises `MalformedError` if its envelope is incomplete."""
    try:
        kind = str(raw["event"])
        head = (topic, str(raw["session"]), int(raw["seq"]), parse_stamps(raw.get("gw")), raw)
    except UNREADABLE as error:
        raise MalformedError(f"event on {topic} without its envelope: {error!r}") from error
    parse = PARSERS.get(kind)
    if parse is None:
        return Event(*head)
    try:
        return parse(head, raw)
    except UNREADABLE:
        return Event(*head)


def parse_stamps(gw: Any) -> Stamps:
    """Return the stamps of an event's `gw` object. A malformed stamp loses no event: then all are None."""

    def stamp(name: str) -> int | None:
        return int(gw[name]) if name in gw else None

    try:
        return Stamps(stamp("recvNs"), stamp("sentNs"), stamp("venueNs"), stamp("pubNs"))
    except UNREADABLE:
        return Stamps()


Head = tuple[str, str, int, Stamps, Json]


def parse_row(row: Json) -> RowResult:
    """Return one row of an ack, or of the answer to a repeated id."""
    return RowResult(
        int(row["row"]),
        str(row["result"]),
        row.get("origin", ""),
        row.get("reason", ""),
        row.get("msg", ""),
        row.get("clOrdId") or row.get("algoClOrdId") or "",
        row.get("ordId") or row.get("algoId") or "",
        row.get("sCode", ""),
        row.get("okx") or {},
    )


def _ack(head: Head, raw: Json) -> Ack:
    rows = tuple(parse_row(row) for row in raw["data"])
    return Ack(
        *head, raw["id"], raw["op"], raw.get("code", ""), raw.get("msg", ""), rows, False, raw.get("retryAfterMs")
    )


def _resolved(head: Head, raw: Json) -> Resolved:
    return Resolved(
        *head,
        raw["id"],
        raw["op"],
        raw["row"],
        raw["result"],
        raw.get("proof", ""),
        raw.get("clOrdId") or raw.get("algoClOrdId") or "",
        raw.get("ordId") or raw.get("algoId") or "",
    )


def _fill(head: Head, raw: Json) -> Fill:
    text = raw.get
    return Fill(
        *head,
        text("source", ""),
        text("id", ""),
        raw.get("row", 0),
        raw["instId"],
        raw["ordId"],
        text("clOrdId", ""),
        raw["tradeId"],
        raw["side"],
        text("posSide", ""),
        raw["fillPx"],
        raw["fillSz"],
        text("fillTime", ""),
        text("fillFee", ""),
        text("fillFeeCcy", ""),
        text("execType", ""),
        text("accFillSz", ""),
    )


def _order(head: Head, raw: Json) -> OrderEvent:
    return OrderEvent(
        *head,
        raw.get("source", ""),
        raw.get("id", ""),
        raw.get("row", 0),
        raw["instId"],
        raw["ordId"],
        raw.get("clOrdId", ""),
        raw["state"],
        raw["accFillSz"],
        raw["terminal"],
        raw.get("reason", ""),
        raw.get("data") or {},
    )


def _algo(head: Head, raw: Json) -> AlgoEvent:
    return AlgoEvent(
        *head,
        raw.get("source", ""),
        raw.get("id", ""),
        raw.get("row", 0),
        raw["instId"],
        raw["algoId"],
        raw.get("algoClOrdId", ""),
        raw.get("ordType", ""),
        raw["state"],
        tuple(raw.get("ordIdList") or ()),
        raw["terminal"],
        raw.get("failCode", ""),
        raw.get("data") or {},
    )


def _state(head: Head, raw: Json) -> GatewayState:
    return GatewayState(*head, raw["state"], raw["ready"], raw["reason"])


def _alarm(head: Head, raw: Json) -> Alarm:
    return Alarm(*head, raw["reason"], raw["msg"])


PARSERS: dict[str, Callable[[Head, Json], Event]] = {
    "ack": _ack,
    "resolved": _resolved,
    "fill": _fill,
    "order": _order,
    "algo": _algo,
    "state": _state,
    "alarm": _alarm,
}


def parse_heartbeat(raw: Json) -> Heartbeat:
    """Return a heartbeat; raises `MalformedError`."""
    try:
        return Heartbeat(
            str(raw["session"]),
            int(raw["seq"]),
            raw["ready"],
            raw["state"],
            tuple(raw.get("nonces") or ()),
            int(raw["ns"]),
        )
    except UNREADABLE as error:
        raise MalformedError(f"heartbeat: {error!r}") from error


def parse_answer(frame: bytes) -> Answer:
    """Return one message of the orders socket; raises `MalformedError`."""
    raw = parse_json(frame)
    try:
        return Answer(
            raw["id"],
            raw["op"],
            raw["code"],
            raw["reason"],
            raw["msg"],
            tuple(raw["data"]),
            raw.get("duplicate") is True,
            raw.get("retryAfterMs"),
            raw,
        )
    except UNREADABLE as error:
        raise MalformedError(f"answer: {error!r}") from error


Parsed = TypeVar("Parsed")


def first_of(answer: Answer, parse: Callable[[Json], Parsed]) -> Parsed:
    """Return `parse` of the answer's `data[0]`; raises `MalformedError` if that breaks the protocol."""
    try:
        return parse(answer.data[0])
    except (*UNREADABLE, IndexError) as error:
        raise MalformedError(f"answer to {answer.op}: {error!r}") from error


def parse_hello(raw: Json) -> Hello:
    """Return the content of a granted `hello`."""
    return Hello(
        raw["strategy"],
        int(raw["number"]),
        raw["session"],
        int(raw["protocol"]),
        int(raw["seq"]),
        raw.get("lastId", ""),
        raw["ready"],
        raw["state"],
        str(raw.get("acctLv", "")),
        raw.get("posMode", ""),
        raw.get("environment", ""),
        dict(raw["limits"]),
        int(raw["maxWaitMs"]),
        int(raw["heartbeatMs"]),
    )


def parse_status(raw: Json) -> Status:
    """Return the content of `status`."""
    return Status(
        raw["state"],
        raw["ready"],
        raw["session"],
        int(raw["seq"]),
        int(raw["inFlight"]),
        int(raw["waiting"]),
        tuple(raw["unknown"]),
        int(raw["orders"]),
        dict(raw["counters"]),
        dict(raw["limits"]),
    )


def parse_order(raw: Json) -> Order:
    """Return one order of `get-order` or `snapshot`."""
    text = raw.get
    return Order(
        text("id", ""),
        raw.get("row", 0),
        raw["instId"],
        text("clOrdId", ""),
        text("ordId", ""),
        raw["state"],
        raw["side"],
        text("ordType", ""),
        text("tdMode", ""),
        text("px", ""),
        raw["sz"],
        raw["accFillSz"],
        text("avgPx", ""),
        text("cTime", ""),
        text("uTime", ""),
        text("result", ""),
        text("reason", ""),
    )


def parse_algo_order(raw: Json) -> AlgoOrder:
    """Return one algo order of `snapshot`."""
    text = raw.get
    return AlgoOrder(
        text("id", ""),
        raw.get("row", 0),
        raw["instId"],
        text("algoClOrdId", ""),
        text("algoId", ""),
        raw["state"],
        text("side", ""),
        text("ordType", ""),
        text("tdMode", ""),
        text("sz", ""),
        text("cTime", ""),
        text("uTime", ""),
        text("result", ""),
        text("reason", ""),
    )


def parse_snapshot_page(raw: Json) -> tuple[Snapshot, bool]:
    """Return one page of `snapshot`, and whether more pages follow."""
    orders = tuple(parse_order(order) for order in raw["orders"])
    algos = tuple(parse_algo_order(algo) for algo in raw["algos"])
    return Snapshot(int(raw["seq"]), orders, algos), bool(raw["more"])


def parse_replay(raw: Json) -> ReplayPage:
    """Return one page of `replay`."""
    events = tuple(parse_event(item["topic"], item["event"]) for item in raw["events"])
    return ReplayPage(events, bool(raw["more"]), int(raw["first"]))
