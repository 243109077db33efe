"""Pure. The input and output of a REST handler: the call, the reply, pages of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from gateway.sim.accounts.accounts import Account
from gateway.sim.base.auth import Identity
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import parse_integer
from gateway.sim.exchange.exchange import Exchange

PAGE_LIMIT = 100  # rows of one page, and the default (OKX docs, "Overview", pagination)

# HTTP status of whole-request errors (OKX docs, "Error Code"); all other business errors come with 200.
HTTP_STATUS: dict[str, int] = {
    "50000": 400,
    "50001": 503,
    "50002": 400,
    "50004": 400,
    "50005": 410,
    "50006": 400,
    "50011": 429,
    "50013": 429,
    "50014": 400,
    "50015": 400,
    "50016": 400,
    "50026": 500,
    "50035": 403,
    "50100": 400,
    "50101": 401,
    "50102": 401,
    "50103": 401,
    "50104": 401,
    "50105": 401,
    "50106": 401,
    "50107": 401,
    "50110": 401,
    "50111": 401,
    "50112": 401,
    "50113": 401,
    "50114": 401,
    "50115": 405,
    "50119": 401,
    "51000": 400,
    "51054": 500,
    "51113": 429,
    "51115": 429,
    "51149": 500,
    "51406": 400,
    "51501": 400,
}
# These are answered before the business part and their body has no `data` (recorded traffic).
WITHOUT_DATA = frozenset(code for code, status in HTTP_STATUS.items() if status in (401, 405)) | {"50011"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """One REST request, verified as far as its route asks. `params` is the query of a GET, `body` the parsed POST."""

    exchange: Exchange
    identity: Identity | None
    params: Mapping[str, str]
    body: Any
    arrival_ns: int
    exp_time: str = ""
    accounts: Mapping[str, Account] | None = None  # answer from these, where a fault makes the server lag

    @property
    def account(self) -> Account:
        if self.identity is None:
            raise Refusal("50103")
        return (self.accounts or self.exchange.accounts)[self.identity.uid]

    def need_trade(self) -> None:
        """Refuse a key without trade permission."""
        if self.identity is None or not self.identity.may_trade:
            raise Refusal("50120")

    def trade_body(self) -> dict[str, Any]:
        """The object of a POST whose key has trade permission."""
        if not isinstance(self.body, dict):
            raise Refusal("50002")
        self.need_trade()
        return self.body

    def param(self, name: str) -> str:
        return self.params.get(name, "")

    def required(self, name: str) -> str:
        value = self.params.get(name, "")
        if not value:
            raise Refusal("50014", param=name)
        return value


@dataclass(frozen=True, slots=True)
class Reply:
    """`code` is the code of the body, for the ledger."""

    status: int
    body: bytes
    code: str = "0"


def required_text(body: dict[str, Any], name: str, *, or_number: bool = False) -> str:
    """A text that a POST's object must have; `or_number`: clients also send it as a number."""
    value = body.get(name)
    if value is None or value == "":
        raise Refusal("50014", param=name)
    if not isinstance(value, str) and not (or_number and type(value) in (int, float)):
        raise Refusal("51000", param=name)
    return str(value)


# As recorded, where that differs from the documented text.
RECORDED_TEXTS = {
    "50001": "Service temporarily unavailable. Please try again later ",
    "51003": "Either client order ID or order ID is required",
}


def reply(rows: Sequence[Any]) -> Reply:
    """The success envelope."""
    return Reply(200, orjson.dumps({"code": "0", "data": rows, "msg": ""}))


def error_reply(code: str, msg: str) -> Reply:
    """The error envelope, with the HTTP status that belongs to the code."""
    status, msg = HTTP_STATUS.get(code, 200), RECORDED_TEXTS.get(code, msg)
    if code in WITHOUT_DATA:
        return Reply(status, orjson.dumps({"msg": msg, "code": code}), code)
    return Reply(status, orjson.dumps({"code": code, "data": [], "msg": msg}), code)


def page(
    newest_first: Sequence[T],
    id_of: Callable[[T], int],
    time_of: Callable[[T], int],
    call: Call,
    most: int = PAGE_LIMIT,
    *,
    nearest: tuple[str, ...] = ("before", "begin"),
) -> list[T]:
    """`after` asks for older, `before` for newer ids, both exclusive; `begin` and `end` are inclusive times. Too
    many rows: those nearest to `after` or `end`; with nothing but one of `nearest`, those nearest to that; else the
    newest (OKX docs, "Overview", pagination)."""
    after, before = _number(call, "after"), _number(call, "before")
    begin, end = _number(call, "begin"), _number(call, "end")
    limit = _number(call, "limit")
    count = PAGE_LIMIT if limit is None else limit
    if not 1 <= count <= most:
        raise Refusal("51000", param="limit")
    rows = [
        one
        for one in newest_first
        if (after is None or id_of(one) < after)
        and (before is None or id_of(one) > before)
        and (begin is None or time_of(one) >= begin)
        and (end is None or time_of(one) <= end)
    ]
    lone = (name for name, given in (("before", before), ("begin", begin)) if given is not None)
    from_the_old_end = after is None and end is None and any(name in nearest for name in lone)
    return rows[-count:] if from_the_old_end else rows[:count]


def _number(call: Call, name: str) -> int | None:
    text = call.param(name)
    if not text:
        return None
    number = parse_integer(text)
    if number is None:
        raise Refusal("51000", param=name)
    return number
