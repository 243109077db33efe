"""Pure. The REST endpoints of OKX that the gateway uses, the signature of a request, and the envelope of an answer.

OKX docs: Overview, "REST authentication" and "Pagination"; Trading Account; Order Book Trading; Public Data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import orjson

from gateway._fast.base.enums import ROWS_MAX
from gateway.errors import LocalProtocolError, TransportError, VenueError
from gateway.okx.event_frames import Sign
from gateway.okx.secret import Credentials

# OKX docs, Overview / Pagination: at most 100 rows in an answer, which is the default as well.
PAGE_ROWS_MAX: Final = 100
# OKX docs, Cancel all after: 0 switches the timer off.
CANCEL_ALL_AFTER_S: Final = (10, 120)

# The REST paths of the strategies' ops. OKX docs, Order Book Trading, Trade and Algo Trading: the POST pages.
OPERATION_PATHS: Final = {
    "order": "/api/v5/trade/order",
    "batch-orders": "/api/v5/trade/batch-orders",
    "cancel-order": "/api/v5/trade/cancel-order",
    "batch-cancel-orders": "/api/v5/trade/cancel-batch-orders",
    "amend-order": "/api/v5/trade/amend-order",
    "batch-amend-orders": "/api/v5/trade/amend-batch-orders",
    "mass-cancel": "/api/v5/trade/mass-cancel",
    "order-algo": "/api/v5/trade/order-algo",
    "amend-algos": "/api/v5/trade/amend-algos",
    "cancel-algos": "/api/v5/trade/cancel-algos",
}

# Requests per 2 s that OKX answers, by user; `trade/order` by user and instrument. OKX docs, Order Book Trading, Trade,
# and Trading Account: the "Rate Limit" of each GET page. The other endpoints are used too rarely to need one.
QUERY_LIMITS: Final = {
    "/api/v5/trade/order": 60,
    "/api/v5/trade/orders-pending": 60,
    "/api/v5/trade/orders-history": 40,
    "/api/v5/trade/orders-history-archive": 20,
    "/api/v5/trade/fills": 60,
    "/api/v5/trade/fills-history": 10,
    "/api/v5/trade/orders-algo-history": 20,
    "/api/v5/account/balance": 10,
    "/api/v5/account/positions": 10,
}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RestRequest:
    """One request; `path` includes the query, exactly as it is signed and sent. `body` is empty for GET.

    `exp_time_ms` (OKX's clock; 0: none): OKX executes no order or amend that reaches it later.
    """

    method: str
    path: str
    body: bytes = b""
    signed: bool = True
    exp_time_ms: int = 0


def query_limit(request: RestRequest) -> tuple[str, int] | None:
    """The key by which OKX counts the query, and its limit per 2 s; None for a query without pacing."""
    parts = urlsplit(request.path)
    limit = QUERY_LIMITS.get(parts.path) if request.method == "GET" else None
    if limit is None:
        return None
    by_instrument = parts.path == "/api/v5/trade/order"
    return (parts.path + "?" + parse_qs(parts.query)["instId"][0] if by_instrument else parts.path), limit


def public_time() -> RestRequest:
    return _get("/api/v5/public/time", signed=False)


def instruments(inst_type: str, inst_family: str = "") -> RestRequest:
    """The instruments that the account can trade. OPTION needs `inst_family`."""
    return _get("/api/v5/account/instruments", instType=inst_type, instFamily=inst_family)


def public_instruments(inst_type: str, inst_family: str = "") -> RestRequest:
    return _get("/api/v5/public/instruments", signed=False, instType=inst_type, instFamily=inst_family)


def account_config() -> RestRequest:
    return _get("/api/v5/account/config")


def account_balance(currencies: Sequence[str] = ()) -> RestRequest:
    """All currencies that are not zero; or these, at most 20, even if zero."""
    return _get("/api/v5/account/balance", ccy=",".join(currencies))


def account_positions(pos_ids: Sequence[str] = ()) -> RestRequest:
    """All open positions; or these, at most 20, closed ones too."""
    return _get("/api/v5/account/positions", posId=",".join(pos_ids))


def account_rate_limit() -> RestRequest:
    return _get("/api/v5/trade/account-rate-limit")


def orders_pending(after_ord_id: str = "", inst_type: str = "") -> RestRequest:
    """One page of live and partially filled orders, newest first, older than `after_ord_id`."""
    return _get("/api/v5/trade/orders-pending", instType=inst_type, after=after_ord_id, limit=str(PAGE_ROWS_MAX))


def order(inst_id: str, ord_id: str = "", cl_ord_id: str = "") -> RestRequest:
    """One order. With `cl_ord_id` alone OKX returns the latest order that had it; not found is 51603."""
    if not inst_id or not (ord_id or cl_ord_id):
        raise LocalProtocolError("a question for an order needs inst_id and one of ord_id, cl_ord_id")
    return _get("/api/v5/trade/order", instId=inst_id, ordId=ord_id, clOrdId=cl_ord_id)


def algos_pending(ord_types: str, after_algo_id: str = "") -> RestRequest:
    """One page of algo orders that have not ended, newest first, older than `after_algo_id`.

    `ord_types` is one type, or "conditional,oco" (OKX docs, Get algo order list).
    """
    return _get("/api/v5/trade/orders-algo-pending", ordType=ord_types, after=after_algo_id, limit=str(PAGE_ROWS_MAX))


def algo_order(algo_id: str = "", algo_cl_ord_id: str = "") -> RestRequest:
    """One algo order. Not found is 51603."""
    if not (algo_id or algo_cl_ord_id):
        raise LocalProtocolError("a question for an algo order needs one of algo_id, algo_cl_ord_id")
    return _get("/api/v5/trade/order-algo", algoId=algo_id, algoClOrdId="" if algo_id else algo_cl_ord_id)


def ended_algo(ord_type: str, algo_id: str) -> RestRequest:
    """An algo order of the last 3 months that has ended (OKX docs, Get algo order history)."""
    return _get("/api/v5/trade/orders-algo-history", ordType=ord_type, algoId=algo_id)


def ended_algos(ord_type: str, state: str, after_algo_id: str = "") -> RestRequest:
    """One page of algo orders of the last 3 months in a final state (`effective`, `canceled`, `order_failed`)."""
    path = "/api/v5/trade/orders-algo-history"
    return _get(path, ordType=ord_type, state=state, after=after_algo_id, limit=str(PAGE_ROWS_MAX))


def orders_history(inst_type: str, after_ord_id: str = "", begin_ms: int = 0) -> RestRequest:
    """Finished orders of the last 7 days, newest first; OKX keeps one cancelled without a fill for 2 hours only."""
    return _get(
        "/api/v5/trade/orders-history",
        instType=inst_type,
        after=after_ord_id,
        begin=str(begin_ms or ""),
        limit=str(PAGE_ROWS_MAX),
    )


def ended_order(inst_type: str, inst_id: str, ord_id: str, *, archive: bool = False) -> RestRequest:
    """The newest finished order not newer than `ord_id`: that one itself, if of the last 7 days (archive: 3 months).

    OKX docs, Get order history: `after` is for records earlier than an `ordId`, and ids grow with time.
    """
    path = "/api/v5/trade/orders-history-archive" if archive else "/api/v5/trade/orders-history"
    return _get(path, instType=inst_type, instId=inst_id, after=str(int(ord_id) + 1), limit="1")


def fills(inst_type: str = "", ord_id: str = "", after_bill_id: str = "", begin_ms: int = 0) -> RestRequest:
    """Fills of the last 3 days, newest first, older than `after_bill_id`."""
    return _fills("/api/v5/trade/fills", inst_type, ord_id, after_bill_id, begin_ms)


def fills_history(inst_type: str, ord_id: str = "", after_bill_id: str = "", begin_ms: int = 0) -> RestRequest:
    """Fills of the last 3 months, newest first, older than `after_bill_id`."""
    return _fills("/api/v5/trade/fills-history", inst_type, ord_id, after_bill_id, begin_ms)


def cancel_all_after(time_out_s: int, tag: str = "") -> RestRequest:
    """Arms OKX's timer that cancels all orders (with `tag`: those of the tag); 0 switches it off."""
    low, high = CANCEL_ALL_AFTER_S
    if time_out_s != 0 and not low <= time_out_s <= high:
        raise LocalProtocolError(f"cancel-all-after: {time_out_s} s is not allowed; OKX takes 0 or {low} to {high}")
    fields = {"timeOut": str(time_out_s)}
    return _post("/api/v5/trade/cancel-all-after", {**fields, "tag": tag} if tag else fields)


def cancel_batch_orders(rows: Sequence[Mapping[str, str]]) -> RestRequest:
    """Cancels up to 20 orders; each row holds `instId` and `ordId` or `clOrdId`. The body is a bare array."""
    if not 1 <= len(rows) <= ROWS_MAX:
        raise LocalProtocolError(f"cancel-batch-orders: {len(rows)} rows, OKX takes 1 to {ROWS_MAX}")
    return _post("/api/v5/trade/cancel-batch-orders", [dict(row) for row in rows])


def order_operation(op: str, body: bytes, exp_time_ms: int = 0) -> RestRequest:
    """An op of the WebSocket as REST takes it: `body` is its row, or for a batch the array of its rows."""
    return RestRequest("POST", OPERATION_PATHS[op], body, exp_time_ms=exp_time_ms)


def request_headers(
    request: RestRequest, credentials: Credentials, now_ms: int, sign: Sign, *, simulated_trading: bool
) -> dict[str, str]:
    """The headers of `request`, signed if needed. `now_ms` is on OKX's clock; OKX refuses an error of 30 s (50102).

    OKX sends demo data only with the demo header, on public endpoints too (instrument codes and ticks differ there).
    """
    headers = {"x-simulated-trading": "1"} if simulated_trading else {}
    if request.body:
        headers["Content-Type"] = "application/json"
    if request.exp_time_ms:
        headers["expTime"] = str(request.exp_time_ms)
    if not request.signed:
        return headers
    timestamp = iso_timestamp(now_ms)
    message = f"{timestamp}{request.method}{request.path}".encode() + request.body
    return {
        **headers,
        "OK-ACCESS-KEY": credentials.api_key.reveal(),
        "OK-ACCESS-TIMESTAMP": timestamp,
        "OK-ACCESS-SIGN": sign(credentials.secret_key.reveal().encode(), message),
        "OK-ACCESS-PASSPHRASE": credentials.passphrase.reveal(),
    }


def iso_timestamp(now_ms: int) -> str:
    """`2023-11-14T22:13:20.000Z`, the form that OKX signs."""
    seconds, milliseconds = divmod(now_ms, 1_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z"


def parse_envelope(http_status: int, body: bytes) -> list[Row]:
    """The rows of `data`, or VenueError with OKX's code.

    An answer without OKX's envelope comes from a server before OKX. TransportError then means that the result is
    open (5xx, 429, malformed body), VenueError with an empty code that the request was refused (other 4xx).
    """
    envelope = _read_envelope(http_status, body)
    code, msg = str(envelope["code"]), str(envelope.get("msg", ""))
    data = envelope.get("data")  # refusals of authentication and limiter have none
    if code != "0":
        raise VenueError(code, msg, http_status)
    if http_status >= 400 or not isinstance(data, list):
        raise TransportError(f"REST: HTTP {http_status} with code 0, data is {type(data).__name__}")
    return [row for row in data if isinstance(row, dict)]


def parse_operation_envelope(http_status: int, body: bytes) -> list[Row]:
    """The rows of an order operation, each with its own `sCode`; `code` 1 (all failed) and 2 (some) only sum up."""
    envelope = _read_envelope(http_status, body)
    data = envelope.get("data")
    if str(envelope["code"]) in ("1", "2") and isinstance(data, list) and data:
        return [row for row in data if isinstance(row, dict)]
    return parse_envelope(http_status, body)


def _read_envelope(http_status: int, body: bytes) -> dict[str, Any]:
    try:
        envelope = orjson.loads(body)
    except orjson.JSONDecodeError:
        envelope = None
    if isinstance(envelope, dict) and "code" in envelope:
        return envelope
    if 400 <= http_status < 500 and http_status != 429:
        raise VenueError("", f"HTTP {http_status} without OKX's envelope; the request was not executed", http_status)
    raise TransportError(f"REST: HTTP {http_status} without OKX's envelope")


def _fills(path: str, inst_type: str, ord_id: str, after_bill_id: str, begin_ms: int) -> RestRequest:
    return _get(
        path,
        instType=inst_type,
        ordId=ord_id,
        after=after_bill_id,
        begin=str(begin_ms or ""),
        limit=str(PAGE_ROWS_MAX),
    )


def _get(path: str, *, signed: bool = True, **parameters: str) -> RestRequest:
    query = urlencode({name: value for name, value in parameters.items() if value})
    return RestRequest("GET", f"{path}?{query}" if query else path, signed=signed)


def _post(path: str, body: Any) -> RestRequest:
    return RestRequest("POST", path, orjson.dumps(body))
