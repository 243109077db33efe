"""The REST side of the benchmark's exchange: enough for a client to start, no authentication, no state.

    python -m benchmarks.exchange.rest_stub

Prints "listening PORT" when it is ready. Orders live only in the acker, so every list of orders and fills is empty.
"""

from __future__ import annotations

import asyncio
import signal
from time import time_ns
from typing import Any, Final

from aiohttp import web

from benchmarks.exchange import rest_rows


def _answer(*rows: Any) -> web.Response:
    return web.json_response({"code": "0", "msg": "", "data": list(rows)})


def _now_ms() -> int:
    return time_ns() // 1_000_000


async def _time(request: web.Request) -> web.Response:
    return _answer({"ts": str(_now_ms())})


async def _instruments(request: web.Request) -> web.Response:
    return _answer(*rest_rows.instruments(request.query.get("instType", "")))


async def _account_config(request: web.Request) -> web.Response:
    return _answer(rest_rows.ACCOUNT_CONFIG)


async def _balance(request: web.Request) -> web.Response:
    return _answer(rest_rows.BALANCE)


async def _rate_limit(request: web.Request) -> web.Response:
    return _answer(rest_rows.rate_limit(_now_ms()))


async def _nothing(request: web.Request) -> web.Response:
    return _answer()


HANDLERS: Final = {
    "/api/v5/public/time": _time,
    "/api/v5/public/instruments": _instruments,
    "/api/v5/account/instruments": _instruments,
    "/api/v5/account/config": _account_config,
    "/api/v5/account/balance": _balance,
    "/api/v5/trade/account-rate-limit": _rate_limit,
    "/api/v5/account/positions": _nothing,
    "/api/v5/trade/orders-pending": _nothing,
    "/api/v5/trade/orders-history": _nothing,
    "/api/v5/trade/orders-algo-pending": _nothing,
    "/api/v5/trade/fills": _nothing,
}


def application() -> web.Application:
    """All paths of the stub."""
    app = web.Application()
    app.add_routes([web.get(path, handler) for path, handler in HANDLERS.items()])
    return app


async def main() -> None:
    """Serves on a free port until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    runner = web.AppRunner(application(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(f"listening {runner.addresses[0][1]}", flush=True)
    await stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
