"""Pure. The frames of a connection that are not orders: login, subscriptions, heartbeat, and OKX's event frames.

OKX docs, WebSocket overview: "Login", "Subscribe", "Unsubscribe", "Notification", "Connection count limit".
Parsing never raises: a frame that it does not understand becomes an `UnknownFrame`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.errors import LocalProtocolError
from gateway.okx.secret import Credentials

# (secret key, message) -> Base64(HMAC-SHA256): the compiled `gateway._fast.base.signing.sign`.
Sign = Callable[[bytes, bytes], str]
Arg = Mapping[str, str]

PING: Final = b"ping"
PONG: Final = b"pong"

# OKX docs, WebSocket / Subscribe: the args of all subscriptions of a connection together.
SUBSCRIPTION_BYTES_MAX: Final = 65_536
# OKX docs, WebSocket / Login: the signed text is timestamp + method + path.
LOGIN_METHOD_AND_PATH: Final = "GET/users/self/verify"
# Longest part of a frame or message in a log line.
EXCERPT_CHARS_MAX: Final = 300

# One arg each: overlapping args (ANY and SWAP) could deliver one change twice.
PRIVATE_ARGS: Final[tuple[Arg, ...]] = (
    {"channel": "orders", "instType": "ANY"},
    {"channel": "account"},
    {"channel": "positions", "instType": "ANY"},
    {"channel": "balance_and_position"},
)

# Of the business path. OKX docs, Algo Trading: `algo-advance` brings trailing stops, iceberg, twap, `orders-algo`
# the others.
BUSINESS_ARGS: Final[tuple[Arg, ...]] = (
    {"channel": "orders-algo", "instType": "ANY"},
    {"channel": "algo-advance", "instType": "ANY"},
)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    conn_id: str


@dataclass(frozen=True, slots=True)
class Subscribed:
    arg: Arg
    conn_id: str


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    arg: Arg
    conn_id: str


@dataclass(frozen=True, slots=True)
class ErrorEvent:
    """A refused login or subscription, or a frame that OKX did not understand. `frame_id` is "" if OKX gave none."""

    code: str
    msg: str
    conn_id: str
    frame_id: str


@dataclass(frozen=True, slots=True)
class Notice:
    """64008: OKX closes this connection in 60 s for a service upgrade."""

    code: str
    msg: str
    conn_id: str


@dataclass(frozen=True, slots=True)
class ChannelConnCount:
    """The number of the sub-account's connections that are subscribed to a limited channel. Informational."""

    channel: str
    conn_count: str
    conn_id: str


@dataclass(frozen=True, slots=True)
class ChannelConnCountError:
    """Too many connections on a limited channel: it stays silent although the subscription was acked."""

    channel: str
    conn_count: str
    conn_id: str


@dataclass(frozen=True, slots=True)
class Pong:
    pass


@dataclass(frozen=True, slots=True)
class Ping:
    """OKX need never send one; the gateway answers it with `pong` anyway."""


@dataclass(frozen=True, slots=True)
class UnknownFrame:
    """No event frame, or none that this version knows."""

    reason: str
    excerpt: str


EventFrame = (
    LoggedIn
    | Subscribed
    | Unsubscribed
    | ErrorEvent
    | Notice
    | ChannelConnCount
    | ChannelConnCountError
    | Pong
    | Ping
    | UnknownFrame
)


def build_login(credentials: Credentials, timestamp_s: int, sign: Sign) -> bytes:
    """The login frame. `timestamp_s` is Unix time in seconds on OKX's clock; the frame is valid for 30 s."""
    timestamp = str(timestamp_s)
    message = f"{timestamp}{LOGIN_METHOD_AND_PATH}".encode()
    arg = {
        "apiKey": credentials.api_key.reveal(),
        "passphrase": credentials.passphrase.reveal(),
        "timestamp": timestamp,
        "sign": sign(credentials.secret_key.reveal().encode(), message),
    }
    return orjson.dumps({"op": "login", "args": [arg]})


def build_subscribe(args: Sequence[Arg], frame_id: str = "") -> bytes:
    return _build_subscription("subscribe", args, frame_id)


def build_unsubscribe(args: Sequence[Arg], frame_id: str = "") -> bytes:
    return _build_subscription("unsubscribe", args, frame_id)


def instrument_args(inst_types: Iterable[str]) -> tuple[Arg, ...]:
    """The public `instruments` channel of each type, which keeps the catalogue fresh."""
    return tuple({"channel": "instruments", "instType": inst_type} for inst_type in inst_types)


class PendingSubscriptions:
    """The args that were sent and not acked yet. OKX acks each arg in a frame of its own, as it was sent."""

    __slots__ = ("_pending",)

    def __init__(self, args: Iterable[Arg]) -> None:
        self._pending = {frozenset(arg.items()) for arg in args}

    def acknowledge(self, arg: Arg) -> bool:
        """Takes an ack; True if it was the last missing one."""
        if not self._pending:
            return False
        acked = set(arg.items())
        self._pending = {pending for pending in self._pending if not pending <= acked}
        return not self._pending

    def missing(self) -> list[dict[str, str]]:
        """The args without an ack, for a log line."""
        return sorted((dict(pending) for pending in self._pending), key=lambda arg: sorted(arg.items()))


def parse_event_frame(frame: bytes) -> EventFrame:
    """A text frame that is no order ack and no push. Never raises."""
    if frame == PONG:
        return Pong()
    if frame == PING:
        return Ping()
    try:
        fields = orjson.loads(frame)
    except orjson.JSONDecodeError:
        return UnknownFrame("is not JSON", excerpt(frame.decode("utf-8", "replace")))
    if not isinstance(fields, dict) or not isinstance(fields.get("event"), str):
        return UnknownFrame("has no event", excerpt(frame.decode("utf-8", "replace")))
    return _parse_event(fields, frame)


def _parse_event(fields: Mapping[str, Any], frame: bytes) -> EventFrame:
    event, conn_id = fields["event"], _text(fields, "connId")
    if event == "login" and _text(fields, "code") == "0":
        return LoggedIn(conn_id)
    if event in ("subscribe", "unsubscribe") and isinstance(fields.get("arg"), dict):
        arg = {name: value for name, value in fields["arg"].items() if isinstance(value, str)}
        return Subscribed(arg, conn_id) if event == "subscribe" else Unsubscribed(arg, conn_id)
    if event in ("login", "error"):
        return ErrorEvent(_text(fields, "code"), excerpt(_text(fields, "msg")), conn_id, _text(fields, "id"))
    if event == "notice":
        return Notice(_text(fields, "code"), excerpt(_text(fields, "msg")), conn_id)
    if event == "channel-conn-count":
        return ChannelConnCount(_text(fields, "channel"), _text(fields, "connCount"), conn_id)
    if event == "channel-conn-count-error":
        return ChannelConnCountError(_text(fields, "channel"), _text(fields, "connCount"), conn_id)
    return UnknownFrame("has an event that is unknown to this version", excerpt(frame.decode("utf-8", "replace")))


def _build_subscription(op: str, args: Sequence[Arg], frame_id: str) -> bytes:
    if frame_id and not (frame_id.isascii() and frame_id.isalnum() and len(frame_id) <= 32):
        raise LocalProtocolError(f"frame id {frame_id!r}: OKX allows 1 to 32 letters and digits")
    fields: dict[str, Any] = {"id": frame_id} if frame_id else {}
    frame = orjson.dumps({**fields, "op": op, "args": [dict(arg) for arg in args]})
    if len(frame) > SUBSCRIPTION_BYTES_MAX:
        raise LocalProtocolError(f"{op}: {len(frame)} bytes exceed OKX's limit of {SUBSCRIPTION_BYTES_MAX}")
    return frame


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def excerpt(text: str) -> str:
    """For logs: short, and without an echo of our login (60012 repeats the whole request)."""
    if any(word in text for word in ("passphrase", "apiKey")):
        text = text.partition("{")[0] + "{login request, not shown}"
    return text if len(text) <= EXCERPT_CHARS_MAX else f"{text[:EXCERPT_CHARS_MAX]}…"
