"""Pure. What the gateway says on the orders socket in words of its own, and the rules of its own ops' arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from gateway._fast.base.enums import CANCEL_ALGOS_MAX, ROWS_MAX
from gateway._fast.base.wire_names import reason_text

PAGE_LIMIT_DEFAULT: Final = 100
PAGE_LIMIT_MAX: Final = 500
EXCERPT_MAX: Final = 80
# By what an order, and an algo order, is named; the first that it has.
ORDER_KEYS: Final = ("clOrdId", "ordId")
ALGO_KEYS: Final = ("algoClOrdId", "algoId")

Json = dict[str, Any]


class BadArgs(Exception):
    """An argument of a gateway op is wrong; the text says what would be right."""


def answer(request_id: str, op: str, data: list[Any]) -> bytes:
    """A gateway op done."""
    return orjson.dumps({"id": request_id, "op": op, "code": "0", "reason": "", "msg": "", "data": data})


def refusal(request_id: str, op: str, reason: str, msg: str, data: Sequence[Json] = ()) -> bytes:
    body = {"id": request_id, "op": op, "code": "1", "reason": reason, "msg": msg, "data": list(data)}
    return orjson.dumps(body)


def refusal_message(reason: str, expected: str, key: str, row: int, op: str) -> bytes:
    """The `msg` of a refused request, as the inside of a JSON string."""
    if reason == "unknown_op":
        text = f"op {_excerpt(op)!r} is none that the gateway knows: it must be {expected}"
    elif reason == "not_json" or not key:
        text = f"the message must be {expected}"
    else:
        where = f"args[{row}].{_excerpt(key)}" if row >= 0 and key != "args" else _excerpt(key)
        text = f"{where} must be {expected}"
    return orjson.dumps(text)[1:-1]


def refusal_message_of(reason: int, expected: bytes, key: bytes, row: int, op: bytes) -> bytes:
    """`refusal_message` for the order path: `reason` is its number."""
    expected_text, key_text, op_text = (part.decode("utf-8", "replace") for part in (expected, key, op))
    return refusal_message(reason_text(reason), expected_text, key_text, row, op_text)


def read_message(message: bytes) -> Json:
    """A message of a gateway op is known to be valid JSON; one of an unauthenticated session may not be: BadArgs."""
    try:
        parsed = orjson.loads(message)
    except orjson.JSONDecodeError as error:
        raise BadArgs(f"the message must be one strict UTF-8 JSON object: {error}") from None
    if not isinstance(parsed, dict):
        raise BadArgs("the message must be one JSON object")
    return parsed


def first_arg(message: Mapping[str, Any], known: frozenset[str]) -> Json:
    """`args[0]`, or {} where there is none. Unknown keys are refused."""
    args = message.get("args", [])
    if not isinstance(args, list) or len(args) > 1 or not all(isinstance(arg, dict) for arg in args):
        raise BadArgs("args must be an array of at most one object")
    arg: Json = args[0] if args else {}
    unknown = sorted(set(arg) - known)
    if unknown:
        raise BadArgs(
            f"args[0].{_excerpt(unknown[0])} is unknown here: there may be {', '.join(sorted(known)) or 'no keys'}"
        )
    return arg


def integer(arg: Mapping[str, Any], key: str, default: int, lowest: int, highest: int) -> int:
    """A whole number from `lowest` to `highest`; `default` where it is absent."""
    value = arg.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise BadArgs(f"args[0].{key} must be a whole number from {lowest} to {highest}")
    return value


def limit_of(arg: Mapping[str, Any]) -> int:
    """How many rows or events a page has at most."""
    return integer(arg, "limit", PAGE_LIMIT_DEFAULT, 1, PAGE_LIMIT_MAX)


def text(arg: Mapping[str, Any], key: str, longest: int = 64) -> str:
    """A string of printable ASCII, "" where it is absent."""
    value = arg.get(key, "")
    if not isinstance(value, str) or len(value) > longest or not (value.isascii() and value.isprintable()):
        raise BadArgs(f"args[0].{key} must be a string of at most {longest} printable ASCII characters")
    return value


def page(rows: list[Any], arg: Mapping[str, Any]) -> tuple[list[Any], int, bool]:
    """(the rows of the page asked for, its `from`, whether there are more)."""
    start = integer(arg, "from", 0, 0, 1 << 31)
    limit = limit_of(arg)
    return rows[start : start + limit], start, len(rows) > start + limit


def _excerpt(value: str) -> str:
    return value if len(value) <= EXCERPT_MAX else value[:EXCERPT_MAX] + "…"


def ids_of(message: Json) -> tuple[str, str]:
    """`id` and `op` where they are usable, else ""."""
    request_id, op = message.get("id"), message.get("op")
    return (
        request_id if isinstance(request_id, str) and 0 < len(request_id) <= 64 else "",
        op if isinstance(op, str) and len(op) <= 64 else "",
    )


def cancel_rows(orders: list[dict[str, Any]], op: str = "batch-cancel-orders") -> Iterator[list[Json]]:
    """Rows that cancel these orders, by instrument: one that cannot be cancelled does not hold up the others."""
    keys = ALGO_KEYS if op == "cancel-algos" else ORDER_KEYS
    rows_max = CANCEL_ALGOS_MAX if op == "cancel-algos" else ROWS_MAX
    by_inst_id: dict[str, list[Json]] = {}
    for order in orders:
        name = next(key for key in keys if order[key])
        by_inst_id.setdefault(order["instId"], []).append({"instId": order["instId"], name: order[name]})
    for rows in by_inst_id.values():
        for start in range(0, len(rows), rows_max):
            yield rows[start : start + rows_max]


def public_order(order: dict[str, Any]) -> Json:
    return {
        key: value
        for key, value in order.items()
        if key not in ("owner", "unsent", "expTimeMs", "lastMs", "publishedFillSz")
    }
