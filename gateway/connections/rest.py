"""The REST connection: one keep-alive client for clock, account, instruments and reconciliation. Retries nothing.

VenueError: OKX answered no. TransportError: no usable answer, so for an operation its outcome is open.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Self
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from gateway.connections.query_pace import QueryPace
from gateway.errors import CertificateError, RemoteProtocolError, TransportError, VenueError
from gateway.okx import rest_requests
from gateway.okx.account import AccountDetails, AccountRateLimit, parse_account_config, parse_account_rate_limit
from gateway.okx.endpoints import Endpoints
from gateway.okx.event_frames import Sign
from gateway.okx.rest_requests import PAGE_ROWS_MAX, RestRequest, Row
from gateway.okx.secret import Credentials

# OKX docs, Error Code: 51603, order does not exist.
ORDER_NOT_FOUND: Final = "51603"

# All options of a family are some MB; more than this is no answer of OKX.
BODY_BYTES_MAX: Final = 64 << 20
# An account has at most 4000 live orders (40 pages); fills of 3 months may be more. Beyond this something loops.
PAGES_MAX: Final = 1_000
# OKX docs, Get system time: 10 requests per 2 s by IP, which several gateways of a machine share.
CLOCK_SAMPLES: Final = 3

_NS_PER_MS: Final = 1_000_000


class RestClient:
    """Signed and unsigned requests to one environment. Use as an async context manager, or `open` and `close`."""

    def __init__(
        self,
        endpoints: Endpoints,
        credentials: Credentials,
        sign: Sign,
        *,
        timeout_ms: int,
        tls: ssl.SSLContext,
        clock_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._base_url = endpoints.rest_url
        self._simulated_trading = endpoints.simulated_trading
        self._credentials = credentials
        self._sign = sign
        self._timeout = aiohttp.ClientTimeout(total=timeout_ms / 1_000)
        self._tls = tls
        self._clock_ns = clock_ns
        self._session: aiohttp.ClientSession | None = None
        self._pace = QueryPace()
        self.clock_offset_ns = 0
        self.clock_error_ns = 0

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Makes the connection pool; connects at the first request."""
        self._session = self.new_session(limit=8, keepalive_s=60)

    def new_session(
        self, *, limit: int, keepalive_s: float, traces: Sequence[aiohttp.TraceConfig] = ()
    ) -> aiohttp.ClientSession:
        """A pool of at most `limit` connections, each kept so long when idle."""
        connector = aiohttp.TCPConnector(ssl=self._tls, limit=limit, keepalive_timeout=keepalive_s)
        jar = aiohttp.DummyCookieJar()
        return aiohttp.ClientSession(
            connector=connector, timeout=self._timeout, cookie_jar=jar, trace_configs=list(traces)
        )

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def venue_now_ns(self) -> int:
        """Now on OKX's clock, as last measured."""
        return self._clock_ns() + self.clock_offset_ns

    async def time_offset_ns(self, samples: int = CLOCK_SAMPLES) -> int:
        """OKX's clock minus ours: the sample with the shortest round trip, halved. Used from then on for signing.

        It may be off by `clock_error_ns`, half of that round trip: OKX read its clock somewhere within it.

        One sample is enough: an error after it ends the measurement, an error before it is raised.
        """
        best_round_trip_ns: int | None = None
        offset_ns = 0
        for _ in range(samples):
            sent_ns, started_ns = self._clock_ns(), time.monotonic_ns()
            try:
                rows = await self.request(rest_requests.public_time())
            except (VenueError, TransportError):
                if best_round_trip_ns is None:
                    raise
                break
            round_trip_ns = time.monotonic_ns() - started_ns
            if best_round_trip_ns is None or round_trip_ns < best_round_trip_ns:
                best_round_trip_ns = round_trip_ns
                # `ts` is cut to whole ms: half of one is the mean of what was cut off
                offset_ns = _venue_time_ns(rows) + _NS_PER_MS // 2 - (sent_ns + round_trip_ns // 2)
        self.clock_offset_ns = offset_ns
        self.clock_error_ns = (best_round_trip_ns or 0) // 2
        return offset_ns

    async def account_config(self) -> AccountDetails:
        return parse_account_config(_single(await self.request(rest_requests.account_config()), "account/config"))

    async def account_rate_limit(self) -> AccountRateLimit:
        rows = await self.request(rest_requests.account_rate_limit())
        return parse_account_rate_limit(_single(rows, "account-rate-limit"))

    async def account_balance(self, currencies: Sequence[str] = ()) -> Row:
        """The account with all currencies that are not zero, or with these (at most 20)."""
        return _single(await self.request(rest_requests.account_balance(currencies)), "account/balance")

    async def account_positions(self, pos_ids: Sequence[str] = ()) -> list[Row]:
        """All open positions, or these (at most 20), closed ones too."""
        return await self.request(rest_requests.account_positions(pos_ids))

    async def instruments(self, inst_type: str, inst_family: str = "") -> list[Row]:
        return await self.request(rest_requests.instruments(inst_type, inst_family))

    async def orders_pending(self) -> list[Row]:
        """All live and partially filled orders, newest first."""
        return await self._all_pages(rest_requests.orders_pending, "ordId")

    async def order(self, inst_id: str, ord_id: str = "", cl_ord_id: str = "") -> Row | None:
        """The order, or None when OKX does not know it (51603)."""
        try:
            rows = await self.request(rest_requests.order(inst_id, ord_id, cl_ord_id))
        except VenueError as error:
            if error.code == ORDER_NOT_FOUND:
                return None
            raise
        return _single(rows, "trade/order")

    async def algos_pending(self, ord_types: str) -> list[Row]:
        """All algo orders of a type ("conditional,oco" is one here) that have not ended, newest first."""
        return await self._all_pages(lambda after: rest_requests.algos_pending(ord_types, after), "algoId")

    async def algo_order(self, algo_id: str = "", algo_cl_ord_id: str = "") -> Row | None:
        """The algo order, or None when OKX does not know it (51603)."""
        try:
            rows = await self.request(rest_requests.algo_order(algo_id, algo_cl_ord_id))
        except VenueError as error:
            if error.code == ORDER_NOT_FOUND:
                return None
            raise
        return _single(rows, "trade/order-algo")

    async def ended_algo(self, ord_type: str, algo_id: str) -> Row | None:
        """An algo order that OKX's details know no longer, from the last 3 months of its history."""
        rows = await self.request(rest_requests.ended_algo(ord_type, algo_id))
        return next((row for row in rows if row.get("algoId") == algo_id), None)

    async def ended_algos(self, ord_type: str, state: str, since_ms: int) -> list[Row]:
        """Algo orders made since then that have ended in this state, newest first; perhaps some older ones."""
        return await self._all_pages(
            lambda after: rest_requests.ended_algos(ord_type, state, after),
            "algoId",
            lambda page: int(page[-1].get("cTime") or 0) < since_ms,
        )

    async def orders_history(self, inst_type: str, begin_ms: int = 0) -> list[Row]:
        """All finished orders of the last 7 days, or since `begin_ms`, newest first."""
        return await self._all_pages(lambda after: rest_requests.orders_history(inst_type, after, begin_ms), "ordId")

    async def ended_order(self, inst_type: str, inst_id: str, ord_id: str) -> Row | None:
        """An order that OKX's details know no longer (51603): from the last 7 days, or 3 months, of its history."""
        for archive in (False, True):
            rows = await self.request(rest_requests.ended_order(inst_type, inst_id, ord_id, archive=archive))
            if rows and rows[0].get("ordId") == ord_id:
                return rows[0]
        return None

    async def fills(
        self,
        inst_type: str = "",
        ord_id: str = "",
        begin_ms: int = 0,
        is_enough: Callable[[list[Row]], bool] | None = None,
    ) -> list[Row]:
        """All fills of the last 3 days, or since `begin_ms`, newest first, up to a full page that `is_enough`."""
        return await self._all_pages(
            lambda after: rest_requests.fills(inst_type, ord_id, after, begin_ms), "billId", is_enough
        )

    async def fills_history(self, inst_type: str, ord_id: str = "", begin_ms: int = 0) -> list[Row]:
        """All fills of the last 3 months, or since `begin_ms`, newest first."""
        return await self._all_pages(
            lambda after: rest_requests.fills_history(inst_type, ord_id, after, begin_ms), "billId"
        )

    async def cancel_all_after(self, time_out_s: int, tag: str = "") -> Row:
        return _single(await self.request(rest_requests.cancel_all_after(time_out_s, tag)), "cancel-all-after")

    async def cancel_batch_orders(self, rows: Sequence[Mapping[str, str]]) -> list[Row]:
        """Cancels up to 20 orders; each returned row has its own `sCode`."""
        status, body = await self._exchange(rest_requests.cancel_batch_orders(rows))
        return rest_requests.parse_operation_envelope(status, body)

    async def request(self, request: RestRequest) -> list[Row]:
        """One request, and the rows of its answer. A query waits for its turn under OKX's limit."""
        async with self._pace.turn(request):
            status, body = await self._exchange(request)
        return rest_requests.parse_envelope(status, body)

    def prepared(self, request: RestRequest) -> tuple[URL, dict[str, str]]:
        """Where it goes, and its headers, signed now: what is signed is what is sent."""
        headers = rest_requests.request_headers(
            request,
            self._credentials,
            self.venue_now_ns() // _NS_PER_MS,
            self._sign,
            simulated_trading=self._simulated_trading,
        )
        return URL(self._base_url + request.path, encoded=True), headers

    async def _all_pages(
        self,
        page_request: Callable[[str], RestRequest],
        id_name: str,
        is_enough: Callable[[list[Row]], bool] | None = None,
    ) -> list[Row]:
        rows: list[Row] = []
        after = ""
        for _ in range(PAGES_MAX):
            page = await self.request(page_request(after))
            rows.extend(page)
            if len(page) < PAGE_ROWS_MAX or (is_enough is not None and is_enough(page)):
                return rows
            last_id = page[-1].get(id_name)
            if not isinstance(last_id, str) or last_id in ("", after):
                raise RemoteProtocolError(f"REST: a full page ends without a new {id_name}")
            after = last_id
        raise RemoteProtocolError(f"REST: more than {PAGES_MAX} pages")

    async def _exchange(self, request: RestRequest) -> tuple[int, bytes]:
        if self._session is None:
            raise TransportError("REST: the client is not open")
        url, headers = self.prepared(request)
        try:
            async with self._session.request(
                request.method, url, data=request.body or None, headers=headers, allow_redirects=False
            ) as response:
                return response.status, await read_body(response)
        except aiohttp.ClientConnectorCertificateError as error:
            raise CertificateError(f"REST {self._base_url}: {error.certificate_error}") from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            reason = str(error) or type(error).__name__
            raise TransportError(f"REST {request.method} {urlsplit(request.path).path}: {reason}") from error


async def read_body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise TransportError(f"REST: the answer is longer than {BODY_BYTES_MAX} bytes")
    return bytes(body)


def _single(rows: Sequence[Row], name: str) -> Row:
    if len(rows) != 1:
        raise RemoteProtocolError(f"{name}: {len(rows)} rows in OKX's answer, not 1")
    return rows[0]


def _venue_time_ns(rows: Sequence[Row]) -> int:
    ts: Any = _single(rows, "public/time").get("ts")
    if not isinstance(ts, str) or not ts.isdecimal():
        raise RemoteProtocolError(f"public/time: ts {ts!r} is no time in ms")
    return int(ts) * _NS_PER_MS
