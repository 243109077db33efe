"""Pure. Builds requests: one UTF-8 JSON object of OKX's own shape."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson

# The gateway reads no longer request, and could not name it in an answer.
REQUEST_MAX_BYTES = 64 * 1024

# The ops that go to OKX. All others are the gateway's own.
ORDER_OPS = frozenset(
    {
        "order",
        "batch-orders",
        "cancel-order",
        "batch-cancel-orders",
        "amend-order",
        "batch-amend-orders",
        "mass-cancel",
    }
)

Row = Mapping[str, Any]


def build_request(
    request_id: str,
    op: str,
    rows: Sequence[Row],
    *,
    exp_time: int | None = None,
    max_wait_ms: int | None = None,
    sent_ns: int | None = None,
    receipt: bool = False,
) -> bytes:
    """Return the request as bytes, ready to send.

    `rows` are OKX's argument objects under OKX's own keys; text, `int`, `bool` and `Decimal` values are passed on.
    `exp_time` is in Unix ms by OKX's clock, `sent_ns` Unix ns. Raises `TypeError` for a `float` (binary fractions are
    not prices) and for values that JSON cannot hold, `ValueError` for over 64 KiB and a `Decimal` that is no number.
    """
    request: dict[str, Any] = {"id": request_id, "op": op}
    if exp_time is not None:
        request["expTime"] = str(exp_time)
    request["args"] = [_plain(row) for row in rows]
    gw: dict[str, Any] = {}
    if max_wait_ms is not None:
        gw["maxWaitMs"] = max_wait_ms
    if sent_ns is not None:
        gw["sentNs"] = str(sent_ns)
    if receipt:
        gw["receipt"] = True
    if gw:
        request["gw"] = gw
    frame = orjson.dumps(request)
    if len(frame) > REQUEST_MAX_BYTES:
        raise ValueError(f"the request has {len(frame)} bytes; the gateway reads at most {REQUEST_MAX_BYTES}")
    return frame


def _plain(value: Any) -> Any:
    if type(value) is str:
        return value
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; pass prices and sizes as text or Decimal")
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is not a number")
        return format(value, "f")
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
