"""One WebSocket connection: login, subscriptions, trade ops, heartbeat, and the form of its frames.

Source: OKX docs, "Overview" (connect, login, subscribe), "Order book trading" (WebSocket ops), "Error Code".
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from gateway.sim.base.auth import Identity
from gateway.sim.base.codes import CLOSE_REASONS, Refusal, text_of
from gateway.sim.base.formats import is_client_id, present
from gateway.sim.channels.channels import Subscription
from gateway.sim.channels.ledger import request_record
from gateway.sim.exchange.exchange import Exchange
from gateway.sim.faults.faults import Occasion
from gateway.sim.trading.order_entry import MASS_CANCEL, TRADE_OPS, RequestResult, refused
from gateway.sim.ws.subscriptions import Subscriptions
from gateway.sim.ws.trade_requests import TradeRequests
from gateway.sim.ws.transport import UNCUT, Cut, FrameTransport

HOUR_NS = 3_600_000_000_000
UTF8_LONGEST = 4  # bytes of a character
MESSAGE_LIMIT_BYTES = 65_536  # close code 1009 beyond (OKX docs, "Overview", close codes)
TRADE_KEYS = frozenset(("id", "op", "args", "expTime"))
PLAIN_KEYS = frozenset(("id", "op", "args"))


class Session:
    """`path` is public, private or business; `number` counts the connections of this exchange."""

    def __init__(
        self,
        exchange: Exchange,
        ws: web.WebSocketResponse,
        transport: FrameTransport,
        *,
        path: str,
        number: int,
        conn_id: str,
        remote: str = "",
        peers: Callable[[], Iterable[Session]] = list,
    ) -> None:
        self.exchange = exchange
        self.path = path
        self.number = number
        self.conn_id = conn_id
        self._remote = remote
        self._peers = peers
        self.identity: Identity | None = None
        self.transport = transport
        self.ordinal = exchange.next_ordinal("", path)
        self._ws = ws
        self._trade_requests = TradeRequests(self)
        self._subscriptions = Subscriptions(self)
        self._frames = self._failed_logins = 0
        self._counted: deque[int] = deque()
        self._closing: asyncio.Task[bool] | None = None
        self._loop = asyncio.get_running_loop()
        self._last_activity = self._loop.time()

    async def run(self) -> None:
        """Read until the connection ends."""
        self._note("connected")
        self._idle_timer = self._loop.create_task(self._watch_idle())
        try:
            while True:
                message = await self._ws.receive()
                if message.type is WSMsgType.TEXT:
                    self._last_activity = self._loop.time()
                    self._on_text(message.data)
                elif message.type is WSMsgType.PING:
                    if self.exchange.switches.control_ping_resets_idle:
                        self._last_activity = self._loop.time()
                    await self._ws.pong(message.data)
                elif message.type is WSMsgType.BINARY:
                    self.illegal("", self.exchange.clock.arrival_ns())
                elif message.type is not WSMsgType.PONG:
                    return
        finally:
            self._idle_timer.cancel()
            self.transport.stop()
            self._subscriptions.forget_all()
            self._note("closed", code=self._ws.close_code)

    @property
    def subscriptions(self) -> dict[bytes, Subscription]:
        return self._subscriptions.by_arg

    @property
    def is_gone(self) -> bool:
        """The connection is closing or closed; no answer can be sent."""
        return self._closing is not None or self.transport.is_gone

    def channels_elsewhere(self) -> int:
        """Channels of the same account on other connections."""
        return sum(len(one.subscriptions) for one in self._peers() if one is not self and one.identity == self.identity)

    # --- sending -----------------------------------------------------------------------------------------------

    def send(self, payload: bytes) -> None:
        """Send one text frame. All frames to the client pass here and count as traffic for the idle timer."""
        if self._closing is not None:
            return
        if self.transport.is_full():
            self.close(4005)
            return
        self._last_activity = self._loop.time()
        self._frames += 1
        self.transport.send_text(payload, UNCUT if self.exchange.faults.quiet else self._cut())

    def _cut(self) -> Cut:
        """How to send the next frame, by the armed faults."""
        faults, at = self.exchange.faults, self.occasion("frame", self._frames)
        fragment = faults.take("fragment", at, note_standing=False)
        single = faults.take("one_byte_segments", at, note_standing=False)
        end = faults.take("cut_frame", at)
        return Cut(
            1 if fragment is None else fragment["frames"],
            fragment is not None and fragment["pings"],
            single is not None,
            None if end is None else end["bytes"],
        )

    def occasion(self, op: str, n: int) -> Occasion:
        """The n-th time that this session meets `op`, for faults."""
        uid = "" if self.identity is None else self.identity.uid
        return Occasion(uid, self.path, self.ordinal, op, n, self.number)

    def event(self, **members: object) -> None:
        self.send(orjson.dumps({**members, "connId": self.conn_id}))

    def refuse(self, code: str, request_id: object = None, **params: object) -> None:
        """An event error; the request's id is echoed where the request had one that can be read."""
        given = {"id": request_id} if isinstance(request_id, str) else {}
        self.event(**given, event="error", msg=text_of(code, **params), code=code)

    def notice(self) -> None:
        """64008, then the close (OKX docs, "Overview", notification)."""
        self.event(event="notice", msg=text_of("64008"), code="64008")
        self._loop.call_later(self.exchange.switches.notice_close_s, self.close, 4006)

    def close(self, code: int) -> None:
        """Close with one of OKX's codes, or any other."""
        if self._closing is not None or self.transport.is_mute:
            return
        reason = CLOSE_REASONS.get(code, "")
        self._closing = self._loop.create_task(self._ws.close(code=code, message=reason.encode()))

    def abort(self) -> None:
        """Abort the TCP connection without a close frame."""
        self.transport.abort()

    def half_open(self, ms: int) -> None:
        """Send nothing and read nothing any more; the TCP connection stays open for `ms` (0: for ever)."""
        self._idle_timer.cancel()
        self.transport.mute()
        if ms:
            self._loop.call_later(ms / 1000, self.abort)

    async def _watch_idle(self) -> None:
        """30 s without a text frame from the client and without a push close the connection, as do 30 s with neither
        login nor subscription, or without subscription where that is switched on (OKX docs, "Overview", connect)."""
        timeout = self.exchange.config.idle_timeout_s
        opened = self._loop.time()
        while True:
            now = self._loop.time()
            deadline = self._last_activity + timeout
            if self._is_useless():
                deadline = min(deadline, opened + timeout)
            if now >= deadline:
                self.close(4004)
                return
            await asyncio.sleep(deadline - now)

    def _is_useless(self) -> bool:
        switches = self.exchange.switches
        if self.subscriptions:
            return False
        return switches.subscription_required or (switches.login_or_subscription_required and self.identity is None)

    # --- receiving ---------------------------------------------------------------------------------------------

    def _on_text(self, text: str) -> None:
        if len(text) * UTF8_LONGEST > MESSAGE_LIMIT_BYTES and len(text.encode()) > MESSAGE_LIMIT_BYTES:
            self.close(1009)
            return
        if text == "ping":
            self.send(b"pong")
            return
        arrival_ns = self.exchange.clock.arrival_ns()
        try:
            frame = orjson.loads(text)
        except orjson.JSONDecodeError:
            frame = None
        if not isinstance(frame, dict) or not isinstance(frame.get("op"), str):
            self.illegal(text, arrival_ns)
            return
        frame = present(frame)
        op = frame["op"]
        trade = TRADE_OPS.get(op)
        allowed = TRADE_KEYS if trade is not None and trade.takes_exp_time else PLAIN_KEYS
        if not allowed.issuperset(frame):
            self.illegal(text, arrival_ns)
        elif trade is not None or op == MASS_CANCEL:
            self._trade_requests.handle(op, frame, text, arrival_ns)
        elif op == "login":
            self._on_login(frame, text, arrival_ns)
        elif op in ("subscribe", "unsubscribe"):
            self._on_subscribe(op, frame, text, arrival_ns)
        else:
            self.record(frame, arrival_ns, refused("60019", op=op))
            self.refuse("60019", op=op)

    def illegal(self, text: str, arrival_ns: int) -> None:
        """Malformed structure or a key that does not belong there: the request comes back as text."""
        self.record({"op": "", "args": text}, arrival_ns, refused("60012", text=""))
        self.refuse("60012", text=text)

    def _over_frame_limit(self, op: str, arrival_ns: int) -> bool:
        """480 logins, subscribes and unsubscribes per hour and connection (OKX docs, "Overview")."""
        while self._counted and self._counted[0] <= arrival_ns - HOUR_NS:
            self._counted.popleft()
        if len(self._counted) >= self.exchange.switches.frames_per_hour:
            self._note(op, code="60014")
            self.refuse("60014")
            return True
        self._counted.append(arrival_ns)
        return False

    def _on_login(self, frame: dict[str, Any], text: str, arrival_ns: int) -> None:
        if self._over_frame_limit("login", arrival_ns):
            return
        args = frame.get("args")
        if not isinstance(args, list) or len(args) != 1 or not isinstance(args[0], dict):
            self.illegal(text, arrival_ns)
            return
        at = self._login_occasion(args[0].get("apiKey"))
        faults = self.exchange.faults
        if faults.take("swallow_logins", at) is not None:
            self._note("login", code="")
            return
        try:
            if self.identity is not None:
                raise Refusal("60031")
            commanded = faults.take("refuse_logins", at)
            if commanded is not None:
                raise Refusal(commanded["code"])
            self.identity = self.exchange.key_ring.verify_login(args[0], self.exchange.clock.now_ms(), self._remote)
        except Refusal as refusal:
            self._note("login", code=refusal.code)
            self.event(event="error", msg=refusal.msg, code=refusal.code)
            self._failed_logins += self.identity is None
            switches = self.exchange.switches
            if switches.close_after_failed_login and self._failed_logins >= switches.failed_logins_to_close:
                self.close(4001)
            return
        self.ordinal = self.exchange.next_ordinal(self.identity.uid, self.path)
        self._note("login", code="0")
        self.event(event="login", msg="", code="0")

    def _login_occasion(self, key: object) -> Occasion:
        """Logins count by account and path, over all connections."""
        uid = self.exchange.key_ring.uid_of(key if isinstance(key, str) else "")
        return Occasion(uid, self.path, 0, "login", self.exchange.next_ordinal(uid, f"{self.path}/login"), self.number)

    def _on_subscribe(self, op: str, frame: dict[str, Any], text: str, arrival_ns: int) -> None:
        if self._over_frame_limit(op, arrival_ns):
            return
        args, request_id = frame.get("args"), frame.get("id")
        bad_id = request_id is not None and not is_client_id(request_id)
        if bad_id or not isinstance(args, list) or not args or not all(map(_names_channel, args)):
            self.illegal(text, arrival_ns)
            return
        self._subscriptions.handle(op, args, {} if request_id is None else {"id": request_id})

    # --- ledger ------------------------------------------------------------------------------------------------

    def record(self, frame: dict[str, Any], arrival_ns: int, result: RequestResult) -> None:
        uid = "" if self.identity is None else self.identity.uid
        self.exchange.ledger.add(
            request_record(
                arrival_ns, "ws", uid, frame.get("op"), frame.get("args"), code=result.code, rows=result.rows,
                session=self.number, request_id=frame.get("id"), exp_time=frame.get("expTime"),
            )
        )  # fmt: skip

    def _note(self, event: str, code: object = None) -> None:
        self.exchange.ledger.add(
            {
                "type": "session",
                "time_ns": self.exchange.clock.arrival_ns(),
                "session": self.number,
                "path": self.path,
                "conn_id": self.conn_id,
                "uid": "" if self.identity is None else self.identity.uid,
                "event": event,
                "code": code,
            }
        )

    def note_subscription(self, op: str, arg: dict[str, Any], code: str) -> None:
        self.exchange.ledger.add(
            {
                "type": "subscription",
                "time_ns": self.exchange.clock.arrival_ns(),
                "session": self.number,
                "uid": "" if self.identity is None else self.identity.uid,
                "op": op,
                "arg": arg,
                "code": code,
            }
        )


def _names_channel(arg: object) -> bool:
    return isinstance(arg, dict) and isinstance(arg.get("channel"), str)
