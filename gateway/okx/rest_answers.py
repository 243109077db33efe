"""Pure. Converts OKX's HTTP answer to an operation into the WebSocket's form, or into None if it proves nothing.

Sources: OKX docs, Overview, REST; Order Book Trading, the POST pages (`code`, `msg`, `data[].sCode`); Error Code, which
gives the HTTP status of each.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from gateway.okx.error_codes import Reaction, reaction

# OKX docs, Error Code: servers before trading send these statuses. Nothing was executed, with or without an envelope.
REFUSING_STATUSES: Final = frozenset({401, 403, 404, 405})
# They sum up the rows, each of which has its own code.
SUMS: Final = frozenset({"0", "1", "2"})


def frame_of_answer(okx_id: str, op: str, http_status: int, body: bytes) -> bytes | None:
    """The answer's own bytes with `id` and `op` before them. None: the result is open (5xx, overload, no envelope)."""
    envelope = _envelope(body)
    head = b'{"id":"%s","op":"%s",' % (okx_id.encode(), op.encode())
    if envelope is None:
        if http_status not in REFUSING_STATUSES:
            return None
        msg = f"HTTP {http_status} without an answer of OKX's trading system; the request was not executed"
        return head + b'"code":"%d","msg":"%s","data":[]}' % (http_status, msg.encode())
    code = envelope["code"]
    speaks = http_status == 200 if code == "0" else http_status < 500 or _leaves_open(code, op)
    return head + body.strip()[1:] if speaks else None


def _leaves_open(code: str, op: str) -> bool:
    return code not in SUMS and reaction(code, op) is Reaction.UNK


def _envelope(body: bytes) -> dict[str, Any] | None:
    try:
        envelope = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if isinstance(envelope, dict) and isinstance(envelope.get("code"), str) and envelope["code"].isdecimal():
        return envelope
    return None
