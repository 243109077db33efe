"""Pure. OKX's text formats: decimals in plain notation, client ids, tags, flags, empty meaning absent.

Source: OKX docs, "Overview" (general info) and "Place order" (parameter table).
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import Any

ZERO = Decimal(0)
# Quotients are the only inexact results; they are cut to this many places and the rest stays where it was.
QUOTIENT_STEP = Decimal("1e-16")
QUOTIENT_CONTEXT = Context(prec=60, rounding=ROUND_HALF_EVEN)
TEXTS_KEPT = 1 << 16  # prices, sizes, fees and balances come again and again

# 16 places before the point and 24 behind it keep every remainder by a tick or a lot exact in 28 digits.
_DECIMAL = re.compile(r"\d{1,16}(\.\d{1,24})?", re.ASCII)
_INTEGER = re.compile(r"\d{1,20}", re.ASCII)  # ids have 19 digits
_CLIENT_ID = re.compile(r"[A-Za-z0-9]{1,32}", re.ASCII)
_TAG = re.compile(r"[A-Za-z0-9]{1,16}", re.ASCII)


def parse_decimal(value: object) -> Decimal | None:
    """A non-negative number in plain notation, given as text; anything else is None."""
    if not isinstance(value, str) or _DECIMAL.fullmatch(value) is None:
        return None
    return Decimal(value)


def parse_integer(value: object) -> int | None:
    """An integer, 0 or more, of at most 20 digits, given as text; anything else is None."""
    if not isinstance(value, str) or _INTEGER.fullmatch(value) is None:
        return None
    return int(value)


@lru_cache(TEXTS_KEPT)
def decimal_text(value: Decimal) -> str:
    """Plain notation without trailing zeros: `0.10` becomes `0.1`, `1E+2` becomes `100`, `-0` becomes `0`.

    Equal decimals have one text, so the answer may be kept."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def quotient(dividend: Decimal, divisor: Decimal) -> Decimal:
    """dividend / divisor, cut to 16 places."""
    return QUOTIENT_CONTEXT.quantize(QUOTIENT_CONTEXT.divide(dividend, divisor), QUOTIENT_STEP)


def share(total: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """total x part / whole, cut to 16 places; the whole of it when part is the whole."""
    return total if part == whole else quotient(QUOTIENT_CONTEXT.multiply(total, part), whole)


def is_client_id(value: object) -> bool:
    """1-32 letters and digits, case sensitive: clOrdId, reqId, the request id (OKX docs, "Place order")."""
    return isinstance(value, str) and _CLIENT_ID.fullmatch(value) is not None


def is_tag(value: object) -> bool:
    """1-16 letters and digits (OKX docs, "Place order")."""
    return isinstance(value, str) and _TAG.fullmatch(value) is not None


def present(members: dict[str, Any]) -> dict[str, Any]:
    """The members that are not null. Some clients send null for an absent member."""
    return {name: value for name, value in members.items() if value is not None}


def text_param(row: dict[str, Any], name: str) -> str:
    """A text parameter; absent, null and empty are the same. Raises TypeError for other JSON types."""
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def flag_param(row: dict[str, Any], name: str) -> bool:
    """A boolean parameter; clients also send it as text. Raises TypeError for anything else."""
    value = row.get(name)
    if value is None or value == "":
        return False
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise TypeError(name)
