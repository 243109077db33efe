"""The simulated exchange on a port: WebSocket and REST side by side, and the control endpoint.

async with SimulatedExchange(SimConfig()) as sim:
    ...  # sim.ws_url("private"), sim.rest_url, sim.ledger, sim.accounts, sim.command("drop")
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import time
from types import TracebackType
from typing import Any

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.sim.accounts.accounts import Account
from gateway.sim.base.certificate import Certificate, make_certificate
from gateway.sim.base.configuration import SimConfig
from gateway.sim.channels.ledger import Ledger
from gateway.sim.control.control import Control, ControlError
from gateway.sim.control.scenario import read_scenario
from gateway.sim.exchange.background_market import DEFAULT_LEVELS
from gateway.sim.exchange.exchange import Exchange
from gateway.sim.faults.faults import Faults
from gateway.sim.rest.server import RestServer
from gateway.sim.trading.limits import SECOND_NS, Charge, LimitKey, Peak
from gateway.sim.ws.sessions import Session
from gateway.sim.ws.transport import FrameTransport

WS_PATHS = ("public", "private", "business")
FRAME_LIMIT_BYTES = 4 << 20  # the library closes by itself beyond, without OKX's reason
CLOSE_TIMEOUT_S = 1.0
LEDGER_FLUSH_S = 0.2


class SimulatedExchange:
    """Starts with `async with` (or `start`) and stops with it (or `stop`)."""

    def __init__(self, config: SimConfig | None = None) -> None:
        self.config = config or SimConfig()
        self.certificate: Certificate | None = None
        self.port = 0
        self._sessions: dict[int, Session] = {}
        self._session_count = 0
        self._runner: web.AppRunner | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._timers: set[asyncio.TimerHandle] = set()
        self._exchange: Exchange | None = None
        self._control: Control | None = None

    # --- life --------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Returns once the port listens. Raises OSError if it cannot listen, ScenarioError for an invalid scenario."""
        config = self.config
        scenario = None if config.scenario is None else read_scenario(config.scenario)
        listener = socket.create_server((config.host, config.port), backlog=512)
        self.port = listener.getsockname()[1]
        self._exchange = Exchange(config, self._call_later)
        self._control = Control(self._exchange, lambda: list(self._sessions.values()))
        application = web.Application(client_max_size=1 << 20, middlewares=[_end_quietly])
        rest = RestServer(self._exchange)
        application.router.add_get("/ws/v5/{path}", self._on_websocket)
        application.router.add_route("*", "/api/v5/{path:.*}", rest.handle)
        application.router.add_get("/sim/{view}", self._on_view)
        application.router.add_post("/sim/{verb}", self._on_command)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=CLOSE_TIMEOUT_S)
        await self._runner.setup()
        context = None
        if config.tls_dir is not None:
            self.certificate = await asyncio.to_thread(make_certificate, config.tls_dir)
            context = self.certificate.server_context()
        await web.SockSite(self._runner, listener, ssl_context=context).start()
        self._exchange.publisher.start_regular()
        self._exchange.timetable.start()
        self._exchange.market_channels.start_regular()
        if scenario is not None:
            self._control.scenarios.load(scenario)
        self._start_tasks()

    def _start_tasks(self) -> None:
        exchange, config = self.exchange, self.config
        levels = config.market_levels or (DEFAULT_LEVELS if config.market_rate > 0 else 0)
        if levels:
            exchange.background_market.open(levels)
        if config.market_rate > 0:
            self._tasks.append(asyncio.create_task(self._run_market(levels)))
        if config.ledger_path is not None:
            self._tasks.append(asyncio.create_task(self._flush_ledger()))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for timer in self._timers:
            timer.cancel()
        for session in list(self._sessions.values()):
            session.abort()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._exchange is not None:
            self._exchange.ledger.close()

    async def __aenter__(self) -> SimulatedExchange:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _call_later(self, seconds: float, callback: Any) -> None:
        """Timers of the exchange; none outlives it."""
        loop = asyncio.get_running_loop()

        def run() -> None:
            self._timers.discard(handle)
            callback()

        handle = loop.call_later(seconds, run)
        self._timers.add(handle)

    async def _run_market(self, levels: int) -> None:
        """`market_rate` actions per second and instrument, caught up if the loop was busy."""
        rate = self.config.market_rate * len(self.exchange.markets)
        started, done = time.monotonic(), 0
        while True:
            await asyncio.sleep(1 / rate)
            due = int((time.monotonic() - started) * rate)
            for _ in range(min(due - done, 100)):
                self.exchange.background_market.act(levels)
            done = due

    async def _flush_ledger(self) -> None:
        while True:
            await asyncio.sleep(LEDGER_FLUSH_S)
            self.exchange.ledger.flush()

    # --- for users of the fixture -------------------------------------------------------------------------------

    @property
    def exchange(self) -> Exchange:
        if self._exchange is None:
            raise RuntimeError("the simulated exchange has not been started")
        return self._exchange

    def ws_url(self, path: str) -> str:
        """`private` or `/ws/v5/private` alike."""
        scheme = "ws" if self.certificate is None else "wss"
        return f"{scheme}://{self.config.host}:{self.port}/ws/v5/{path.removeprefix('/ws/v5/')}"

    @property
    def rest_url(self) -> str:
        scheme = "http" if self.certificate is None else "https"
        return f"{scheme}://{self.config.host}:{self.port}"

    @property
    def control_url(self) -> str:
        return f"{self.rest_url}/sim"

    @property
    def ledger(self) -> Ledger:
        return self.exchange.ledger

    @property
    def accounts(self) -> dict[str, Account]:
        return self.exchange.accounts

    @property
    def faults(self) -> Faults:
        return self.exchange.faults

    @property
    def peaks(self) -> list[Peak]:
        """The highest request counts seen so far."""
        return self.exchange.limits.peaks()

    @property
    def sessions(self) -> list[Session]:
        return list(self._sessions.values())

    def command(self, verb: str, /, **params: Any) -> Any:
        """Run a verb of the control table, as POST /sim/<verb> does."""
        if self._control is None:
            raise RuntimeError("the simulated exchange has not been started")
        return self._control.command(verb, **params)

    def view(self, name: str, **query: object) -> Any:
        """Read a view, as GET /sim/<view> does."""
        if self._control is None:
            raise RuntimeError("the simulated exchange has not been started")
        return self._control.view(name, {key: str(value) for key, value in query.items()})

    def addresses(self) -> dict[str, str]:
        """The content of the ready file."""
        return {
            "ws": self.ws_url("").rstrip("/").removesuffix("/ws/v5"),
            "rest": self.rest_url,
            "control": self.control_url,
            "ca": "" if self.certificate is None else str(self.certificate.ca),
        }

    # --- requests ----------------------------------------------------------------------------------------------

    async def _on_websocket(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if path not in WS_PATHS:
            raise web.HTTPNotFound
        if self._too_many_connects(str(request.remote)):
            if self.exchange.switches.connects_form == "tcp" and request.transport is not None:
                request.transport.abort()
            raise web.HTTPTooManyRequests
        ws = web.WebSocketResponse(timeout=CLOSE_TIMEOUT_S, autoping=False, max_msg_size=FRAME_LIMIT_BYTES)
        await ws.prepare(request)
        transport = request.transport
        if transport is None:
            return ws
        self._session_count += 1
        number = self._session_count
        frames = FrameTransport(transport, int(ws.compress))
        conn_id, remote = secrets.token_hex(4), str(request.remote)
        session = Session(
            self.exchange,
            ws,
            frames,
            path=path,
            number=number,
            conn_id=conn_id,
            remote=remote,
            peers=lambda: self.sessions,
        )
        self._sessions[number] = session
        try:
            await session.run()
        finally:
            del self._sessions[number]
        return ws

    def _too_many_connects(self, remote: str) -> bool:
        """New connections per second and IP (OKX docs, "Overview", connect)."""
        limit = self.config.switches.connects_per_second
        if not limit:
            return False
        charges = [Charge(LimitKey(remote, "connect", ""), 1, limit, SECOND_NS)]
        limits, now_ns = self.exchange.limits, self.exchange.clock.arrival_ns()
        limits.see(charges, now_ns)
        return limits.admit(charges, now_ns, fixed=False, count_refused=False) is not None

    async def _on_view(self, request: web.Request) -> web.Response:
        if self._control is None:
            raise web.HTTPServiceUnavailable
        try:
            return _json(200, self._control.view(request.match_info["view"], dict(request.query)))
        except (ControlError, ValueError) as error:
            return _json(400, {"error": str(error)})

    async def _on_command(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            params = orjson.loads(body or b"{}")
            if not isinstance(params, dict):
                raise ControlError("parameters must be a JSON object")
            return _json(200, {"result": self.command(request.match_info["verb"], **params)})
        except (ControlError, ValueError) as error:
            return _json(400, {"error": str(error)})


@web.middleware
async def _end_quietly(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A client that leaves in the middle, of the handshake too, is no error: nobody is left to answer."""
    try:
        return await handler(request)
    except ConnectionError:
        return web.Response()


def _json(status: int, value: Any) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(value), content_type="application/json")
