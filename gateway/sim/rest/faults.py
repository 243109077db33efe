"""Faults of REST requests, on command: late, refused, lost, stale, empty, malformed or torn answers."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Mapping

import orjson
from aiohttp import web

from gateway.sim.accounts.accounts import Account
from gateway.sim.base.codes import plain_text
from gateway.sim.exchange.exchange import Exchange
from gateway.sim.faults.faults import Faults, Occasion, Params
from gateway.sim.faults.malformed_rows import malformed
from gateway.sim.rest.calls import Reply, error_reply

HTML = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    b"<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
)
_BODIES = {
    "empty": (b"", "application/json"),
    "html": (HTML, "text/html"),
    "text": (b"upstream connect error", "text/plain"),
    "json": (
        b'{"code":"50001","data":[],"msg":"Service temporarily unavailable. Please try again later."}',
        "application/json",
    ),
}

# Runs the request; with accounts given it answers from those instead of the true ones.
Act = Callable[[Mapping[str, Account] | None], Reply]


class RestFaults:
    """The n-th request of an account to one endpoint is an occasion for faults."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def answer(self, request: web.Request, op: str, act: Act) -> web.StreamResponse:
        exchange, faults = self._exchange, self._exchange.faults
        uid = exchange.key_ring.uid_of(request.headers.get("OK-ACCESS-KEY", ""))
        at = Occasion(uid, "rest", 1, op, exchange.next_ordinal(uid, op))
        if faults.quiet:
            return _response(self._acted(act))
        delay = faults.take("rest_delay", at)
        if delay is not None and delay["when"] == "before":
            await asyncio.sleep(delay["ms"] / 1000)
        reset = faults.take("rest_reset", at)
        if reset is not None and reset["when"] == "before":
            _tear(request, reset)
            return web.Response()
        response = self._response(at, faults, act)
        if delay is not None and delay["when"] == "after":
            await asyncio.sleep(delay["ms"] / 1000)
        return response if reset is None else await _torn(request, response, reset)

    def _acted(self, act: Act, accounts: Mapping[str, Account] | None = None) -> Reply:
        reply = act(accounts)
        self._exchange.flush()
        return reply

    def _response(self, at: Occasion, faults: Faults, act: Act) -> web.Response:
        error = faults.take("rest_errors", at)
        if error is not None:
            if error["acts"]:
                self._acted(act)
            body, content_type = _BODIES[error["body"]]
            return web.Response(status=error["status"], body=body, content_type=content_type)
        refused = faults.take("rest_refuse", at)
        if refused is not None:
            if refused["acts"]:
                self._acted(act)
            return _response(error_reply(refused["code"], plain_text(refused["code"])))
        if faults.take("rest_not_found", at) is not None:
            return _response(error_reply("51603", plain_text("51603")))
        stale = faults.take("rest_stale", at) if at.op.startswith("GET ") else None
        reply = self._acted(act, None if stale is None else stale.get("_accounts"))
        empty = faults.take("rest_empty", at)
        if empty is not None:
            return _response(Reply(200, _EMPTY[empty["form"]]))
        change = faults.take("rest_unrecognised", at)
        return _response(reply if change is None else Reply(reply.status, malformed(reply.body, change)))


_EMPTY = {"data": orjson.dumps({"code": "0", "data": [], "msg": ""}), "object": b"{}", "body": b""}


def _response(reply: Reply) -> web.Response:
    return web.Response(status=reply.status, body=reply.body, content_type="application/json")


def _tear(request: web.Request, params: Params) -> None:
    """End the connection: with a FIN after the bytes written so far, or with a RST."""
    transport = request.transport
    if transport is None:
        return
    if params["rst"]:
        handle = transport.get_extra_info("socket")
        handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()


async def _torn(request: web.Request, complete: web.Response, params: Params) -> web.StreamResponse:
    body = complete.body if isinstance(complete.body, bytes) else b""
    response = web.StreamResponse(status=complete.status, headers={"Content-Type": complete.content_type})
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: params["bytes"]])
    _tear(request, params)
    return response
