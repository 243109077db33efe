"""Operations of strategies by REST: each one call that ends in one word, and is never made again.

Until it has a connection nothing of a call can have left: that is proof. From then on it may be executed, and only
OKX's answer proves anything. A POST is not repeated by aiohttp, and redirects are not followed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final

import aiohttp
import orjson

from gateway._fast.control.rest import CallingRestSink, RestControl
from gateway.connections.rest import RestClient, read_body
from gateway.errors import TransportError
from gateway.okx.rest_answers import frame_of_answer
from gateway.okx.rest_requests import order_operation

log = logging.getLogger(__name__)

# Calls under way at one time, each on a connection of its own; what is more waits inside the gateway, to its deadline.
CALLS_MAX: Final = 32
# After a call that found no connection: what waits, or comes meanwhile, is not thrown after it.
UNREACHABLE_S: Final = 0.5
# What stands before OKX ends idle connections after a minute or so; a request on one that is just being ended is lost.
KEEPALIVE_S: Final = 15.0


class RestOrders:
    """`open` it, and requests go by `handle`'s trading state; `close` ends what is under way, as of open outcome.

    `on_end` is called after each call. `cancels`: also cancels go by it, while no socket is logged in.
    """

    def __init__(self, rest: RestClient, api: RestControl, on_end: Callable[[], None], *, cancels: bool) -> None:
        self._rest = rest
        self._api = api
        self._on_end = on_end
        self._cancels = cancels
        self._shut_until_s = 0.0
        self._session: aiohttp.ClientSession | None = None
        self._calls: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(_note_connection)
        trace.on_connection_reuseconn.append(_note_connection)
        self._session = self._rest.new_session(limit=CALLS_MAX, keepalive_s=KEEPALIVE_S, traces=[trace])
        self._api.rest_opened(CallingRestSink(self._submit, self._has_room), self._cancels)

    async def close(self) -> None:
        self._api.rest_closed()
        await asyncio.sleep(0)  # a task that is cancelled before its first step would end its call by no word
        for call in list(self._calls):
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _has_room(self) -> bool:
        is_shut = time.monotonic() < self._shut_until_s
        return self._session is not None and len(self._calls) < CALLS_MAX and not is_shut

    def _submit(self, okx_id: bytes, op: str, body: bytes, exp_time_ms: int) -> None:
        call = asyncio.get_running_loop().create_task(self._call(okx_id, op, body, exp_time_ms))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _call(self, okx_id: bytes, op: str, body: bytes, exp_time_ms: int) -> None:
        await self._end(okx_id, op, body, exp_time_ms)
        self._on_end()

    async def _end(self, okx_id: bytes, op: str, body: bytes, exp_time_ms: int) -> None:
        """Whatever happens, the call ends by one word to the handle."""
        progress = SimpleNamespace(is_connected=False)
        frame = None
        try:
            status, answer = await self._exchange(op, body, exp_time_ms, progress)
            frame = frame_of_answer(okx_id.decode(), op, status, answer)
            reason, why = "okx_unknown", f"HTTP {status} proves nothing"
        except TimeoutError:
            reason, why = "ack_timeout", "no answer in time"
        except (aiohttp.ClientError, OSError, TransportError) as error:
            reason, why = "connection_lost", str(error) or type(error).__name__
        except asyncio.CancelledError:
            reason, why = "connection_lost", "the gateway ends"
        except Exception as error:
            log.exception("a REST operation failed")
            reason, why = "okx_unknown", str(error)
        if frame is not None:
            self._api.answered(okx_id, frame, time.monotonic_ns(), time.time_ns())
            return
        log.warning("REST operation without proof", extra={"op": op, "why": why, "sent": progress.is_connected})
        if progress.is_connected:
            self._api.no_proof(okx_id, reason, time.monotonic_ns())
        else:
            msg = orjson.dumps(f"OKX's REST was not reached, nothing was sent: {why}")[1:-1]
            self._shut_until_s = time.monotonic() + UNREACHABLE_S
            self._api.not_sent(okx_id, msg, time.monotonic_ns())

    async def _exchange(self, op: str, body: bytes, exp_time_ms: int, progress: SimpleNamespace) -> tuple[int, bytes]:
        assert self._session is not None
        request = order_operation(op, body, exp_time_ms)
        url, headers = self._rest.prepared(request)
        async with self._session.post(
            url, data=body, headers=headers, allow_redirects=False, trace_request_ctx=progress
        ) as response:
            return response.status, await read_body(response)


async def _note_connection(session: aiohttp.ClientSession, context: Any, params: Any) -> None:
    context.trace_request_ctx.is_connected = True
