"""Pure. Every kind of fault: where it hits, its parameters with their defaults, and what it does.

Commands and scenarios share this table. Parameters that all kinds know: `count` (occasions hit; 0 until cleared),
`skip` (fitting occasions passed first), `for_ms` (armed that long), and the filters of `faults.Filter`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.sim.faults.faults import Arm, Filter

PATHS = ("public", "private", "business", "rest")


class FaultError(ValueError):
    """The parameters of a fault are invalid; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class Integer:
    default: int
    low: int = 0
    high: int = 2**31

    def read(self, name: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise FaultError(f"{name} must be an integer from {self.low} to {self.high}, not {value!r}")
        return value


@dataclass(frozen=True, slots=True)
class Flag:
    default: bool

    def read(self, name: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise FaultError(f"{name} must be true or false, not {value!r}")
        return value


@dataclass(frozen=True, slots=True)
class Word:
    """Text; one of `choices` if they are given."""

    default: str
    choices: tuple[str, ...] = ()
    digits: bool = False

    def read(self, name: str, value: Any) -> str:
        if not isinstance(value, str):
            raise FaultError(f"{name} must be text, not {value!r}")
        if self.choices and value not in self.choices:
            raise FaultError(f"{name} must be one of {', '.join(map(repr, self.choices))}, not {value!r}")
        if self.digits and not (value.isascii() and value.isdigit()):
            raise FaultError(f"{name} must be a code of digits, as text, not {value!r}")
        return value


Param = Integer | Flag | Word


@dataclass(frozen=True, slots=True)
class Kind:
    """`site`: request (WebSocket trade ops), push, login, subscription, frame or rest. `op` is the filter's name and
    default: the channel for pushes and subscriptions."""

    site: str
    purpose: str
    params: Mapping[str, Param] = field(default_factory=dict)
    count: int = 1
    op: str = ""

    @property
    def op_name(self) -> str:
        return "channel" if self.site in ("push", "subscription") else "op"

    @property
    def known(self) -> tuple[str, ...]:
        return (*self.params, "count", self.op_name, *_FILTERS, "skip", "for_ms")


_FILTERS: dict[str, Param] = {
    "uid": Word(""),
    "path": Word("", ("", *PATHS)),
    "session": Integer(0),
    "ordinal": Integer(0),
    "request": Integer(0),
}
_CODE_FORM = {"form": Word("frame", ("frame", "rows"))}
_WHEN = Word("after", ("before", "after"))
_CHANGE_PARAMS: dict[str, Param] = {
    "kind": Word("unknown_field", ("unknown_field", "empty_strings", "unknown_enum")),
    "fields": Word(""),
    "value": Word("some_new_value"),
}

KINDS: dict[str, Kind] = {
    "swallow_acks": Kind("request", "act, push, but never ack"),
    "delay_acks": Kind("request", "ack late; pushes go at once", {"ms": Integer(1_000)}),
    "delay_requests": Kind("request", "act and ack late; later requests overtake", {"ms": Integer(1_000)}),
    "drop_before_act": Kind("request", "drop without acting"),
    "drop_after_act": Kind("request", "act, then drop without ack", {"pushes": Flag(False)}),
    "drop_after_ack": Kind("request", "act and ack, then drop before any push"),
    "outcome_unknown": Kind(
        "request",
        "answer with an outcome-unknown code, with or without effect",
        {"code": Word("64007", digits=True), "acts": Flag(False), **_CODE_FORM},
    ),
    "refuse_requests": Kind(
        "request", "refuse with any code, without effect", {"code": Word("50011", digits=True), **_CODE_FORM}
    ),
    "fail_rows": Kind(
        "request", "refuse the last rows of a batch", {"rows": Integer(1, 1, 20), "code": Word("51008", digits=True)}
    ),
    "push_first": Kind("request", "push before the ack"),
    "fill_first": Kind("request", "fill the placed order and push that before the ack", {"sz": Word("")}),
    "lose_pushes": Kind("push", "never send pushes", op="orders"),
    "duplicate_pushes": Kind("push", "send pushes twice, the second with a later uTime", op="orders"),
    "delay_pushes": Kind("push", "send pushes late; others overtake", {"ms": Integer(1_000)}, op="orders"),
    "reorder_pushes": Kind(
        "push", "send pushes behind the next ones of any channel", {"behind": Integer(1, 1, 100)}, op="orders"
    ),
    "merge_pushes": Kind(
        "push", "send the rows of several pushes in one frame", {"rows": Integer(2, 2, 100)}, count=0, op="orders"
    ),
    "unrecognised_pushes": Kind(
        "push", "pushes with unknown fields, empty strings or unknown values", _CHANGE_PARAMS, op="orders"
    ),
    "refuse_logins": Kind("login", "refuse logins with a code", {"code": Word("63999", digits=True)}),
    "swallow_logins": Kind("login", "never answer logins"),
    "refuse_subscriptions": Kind("subscription", "refuse with a code", {"code": Word("60014", digits=True)}),
    "swallow_subscriptions": Kind("subscription", "never answer subscriptions"),
    "kill_subscriptions": Kind("subscription", "ack, then channel-conn-count-error and silence"),
    "fragment": Kind(
        "frame",
        "cut messages into that many frames, pings between them if wanted",
        {"frames": Integer(2, 1, 1_000), "pings": Flag(False)},
        count=0,
    ),
    "one_byte_segments": Kind("frame", "send one byte per segment", {"on": Flag(True)}, count=0),
    "cut_frame": Kind("frame", "end the TCP connection after that many bytes of a frame", {"bytes": Integer(1)}),
    "rest_delay": Kind("rest", "answer late, before or after acting", {"ms": Integer(0), "when": _WHEN}, count=0),
    "rest_errors": Kind(
        "rest",
        "answer with an HTTP status, with or without acting",
        {
            "status": Integer(503, 200, 599),
            "acts": Flag(False),
            "body": Word("empty", ("empty", "html", "text", "json")),
        },
    ),
    "rest_refuse": Kind(
        "rest",
        "answer with OKX's code and its HTTP status, with or without acting",
        {"code": Word("50011", digits=True), "acts": Flag(False)},
    ),
    "rest_not_found": Kind("rest", "an order that exists is not found (51603)", op="GET trade/order"),
    "rest_stale": Kind("rest", "answer GETs from the state at the time of the command", {"lag_ms": Integer(500, 1)}),
    "rest_empty": Kind(
        "rest", "act and answer 200 with nothing in it", {"form": Word("data", ("data", "object", "body"))}
    ),
    "rest_unrecognised": Kind("rest", "answers with unknown fields, empty strings or unknown values", _CHANGE_PARAMS),
    "rest_reset": Kind(
        "rest",
        "end the connection: before acting, or after so many bytes of the answer's body",
        {"when": _WHEN, "bytes": Integer(1), "rst": Flag(False)},
    ),
}
_OFF: dict[str, tuple[str, object]] = {"fragment": ("frames", 1), "one_byte_segments": ("on", False)}


def read_params(verb: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], Filter]:
    """The kind's own parameters, completed, and the filter. Raises FaultError."""
    kind = KINDS[verb]
    unknown = set(given) - set(kind.known)
    if unknown:
        raise FaultError(f"{verb} does not know {', '.join(sorted(unknown))}; it knows {', '.join(kind.known)}")
    params = {name: one.read(name, given.get(name, one.default)) for name, one in kind.params.items()}
    which: dict[str, Any] = {name: one.read(name, given.get(name, one.default)) for name, one in _FILTERS.items()}
    op = Word("").read(kind.op_name, given.get(kind.op_name, kind.op))
    return params, Filter(op=op, **which)


def read_trigger(given: Mapping[str, Any]) -> Filter:
    """The trade requests at which a command is to be run. Raises FaultError."""
    read: dict[str, Any] = {name: one.read(name, given.get(name, one.default)) for name, one in _FILTERS.items()}
    return Filter(op=Word("").read("op", given.get("op", "")), **read)


def read_arm(verb: str, given: Mapping[str, Any], now_ns: int, origin: str = "command") -> Arm:
    """An armed fault from its parameters. Raises FaultError."""
    params, which = read_params(verb, given)
    kind = KINDS[verb]
    count = Integer(kind.count).read("count", given.get("count", kind.count))
    skip = Integer(0).read("skip", given.get("skip", 0))
    for_ms = Integer(0).read("for_ms", given.get("for_ms", 0))
    if for_ms and "count" not in given:
        count = 0
    left: int | None = count or None
    off = _OFF.get(verb)
    if (off is not None and params[off[0]] == off[1]) or (verb == "rest_delay" and params["ms"] == 0):
        left = 0
    until_ns = now_ns + for_ms * 1_000_000 if for_ms else None
    return Arm(verb, which, params, left, skip, until_ns, origin)
