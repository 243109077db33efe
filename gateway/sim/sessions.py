"""One WebSocket connection: login, subscriptions, trade ops, heartbeat, and what its frames look like.

Source: OKX docs, "Overview" (connect, login, subscribe), "Order book trading" (WebSocket ops), "Error Code".
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from gateway.sim.auth import Identity
from gateway.sim.channels import ARGUMENT_BYTES_LIMIT, Subscription, check_full_books, checked_channel
from gateway.sim.codes import CLOSE_REASONS, Refusal, text_of
from gateway.sim.exchange import Exchange
from gateway.sim.formats import is_client_id, present
from gateway.sim.trade_desk import MASS_CANCEL, TRADE_OPS, Outcome, Request, refused
from gateway.sim.wire import Wire

HOUR_NS = 3_600_000_000_000
TRADE_KEYS = frozenset(("id", "op", "args", "expTime"))
PLAIN_KEYS = frozenset(("id", "op", "args"))


class Session:
    """`path` is public, private or business; `number` counts the connections of this exchange."""

    def __init__(
        self,
        exchange: Exchange,
        ws: web.WebSocketResponse,
        wire: Wire,
        *,
        path: str,
        number: int,
        conn_id: str,
        remote: str = "",
    ) -> None:
        self.exchange = exchange
        self.path = path
        self.number = number
        self.conn_id = conn_id
        self._remote = remote
        self.identity: Identity | None = None
        self.subscriptions: dict[bytes, Subscription] = {}
        self.wire = wire
        self._ws = ws
        self._requests = 0
        self._counted: deque[int] = deque()
        self._argument_bytes = 0
        self._closing: asyncio.Task[bool] | None = None
        self._loop = asyncio.get_running_loop()
        self._last_activity = self._loop.time()

    async def run(self) -> None:
        """Read until the connection ends."""
        self._note("connected")
        idle_timer = self._loop.create_task(self._watch_idle())
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
                    self.refuse("60012", text="")
                elif message.type is not WSMsgType.PONG:
                    return
        finally:
            idle_timer.cancel()
            self.wire.stop()
            for subscription in self.subscriptions.values():
                self._forget(subscription)
            self._note("closed", code=self._ws.close_code)

    # --- sending -----------------------------------------------------------------------------------------------

    def send(self, payload: bytes) -> None:
        """Everything that this connection is told goes through here; it counts as traffic for the idle timer."""
        if self._closing is not None:
            return
        if self.wire.is_full():
            self.close(4005)
            return
        self._last_activity = self._loop.time()
        self.wire.send_text(payload)

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
        if self._closing is not None:
            return
        reason = CLOSE_REASONS.get(code, "")
        self._closing = self._loop.create_task(self._ws.close(code=code, message=reason.encode()))

    def abort(self) -> None:
        """The TCP connection is gone without a word."""
        self.wire.abort()

    async def _watch_idle(self) -> None:
        """30 s without a text frame from the client and without a push close the connection, as do 30 s without a
        subscription where that is switched on (OKX docs, "Overview", connect)."""
        timeout = self.exchange.config.idle_timeout_s
        opened = self._loop.time()
        while True:
            now = self._loop.time()
            deadline = self._last_activity + timeout
            if self.exchange.switches.subscription_required and not self.subscriptions:
                deadline = min(deadline, opened + timeout)
            if now >= deadline:
                self.close(4004)
                return
            await asyncio.sleep(deadline - now)

    # --- receiving ---------------------------------------------------------------------------------------------

    def _on_text(self, text: str) -> None:
        if text == "ping":
            self.send(b"pong")
            return
        arrival_ns = self.exchange.clock.arrival_ns()
        self._requests += 1
        try:
            frame = orjson.loads(text)
        except orjson.JSONDecodeError:
            frame = None
        if not isinstance(frame, dict) or not isinstance(frame.get("op"), str):
            self._illegal(text, arrival_ns)
            return
        frame = present(frame)
        op = frame["op"]
        trade = TRADE_OPS.get(op)
        allowed = TRADE_KEYS if trade is not None and trade.takes_exp_time else PLAIN_KEYS
        if not allowed.issuperset(frame):
            self._illegal(text, arrival_ns)
        elif trade is not None or op == MASS_CANCEL:
            self._on_trade(op, frame, text, arrival_ns)
        elif op == "login":
            self._on_login(frame, text, arrival_ns)
        elif op in ("subscribe", "unsubscribe"):
            self._on_subscribe(op, frame, text, arrival_ns)
        else:
            self._record(frame, arrival_ns, refused("60019", op=op))
            self.refuse("60019", op=op)

    def _illegal(self, text: str, arrival_ns: int) -> None:
        """Malformed structure or a key that does not belong there: the request comes back as text."""
        self._record({"op": "", "args": text}, arrival_ns, refused("60012", text=""))
        self.refuse("60012", text=text)

    def _over_frame_limit(self, arrival_ns: int) -> bool:
        """480 logins, subscribes and unsubscribes per hour and connection (OKX docs, "Overview")."""
        while self._counted and self._counted[0] <= arrival_ns - HOUR_NS:
            self._counted.popleft()
        if len(self._counted) >= self.exchange.switches.frames_per_hour:
            self.refuse("60014")
            return True
        self._counted.append(arrival_ns)
        return False

    def _on_login(self, frame: dict[str, Any], text: str, arrival_ns: int) -> None:
        if self._over_frame_limit(arrival_ns):
            return
        args = frame.get("args")
        if not isinstance(args, list) or len(args) != 1 or not isinstance(args[0], dict):
            self._illegal(text, arrival_ns)
            return
        try:
            if self.identity is not None:
                raise Refusal("60031")
            commanded = self.exchange.faults.take_login_refusal()
            if commanded:
                raise Refusal(commanded)
            self.identity = self.exchange.key_ring.verify_login(args[0], self.exchange.clock.now_ms(), self._remote)
        except Refusal as refusal:
            self._note("login", code=refusal.code)
            self.event(event="error", msg=refusal.msg, code=refusal.code)
            if self.exchange.switches.close_after_failed_login and self.identity is None:
                self.close(4001)
            return
        self._note("login", code="0")
        self.event(event="login", msg="", code="0")

    def _on_subscribe(self, op: str, frame: dict[str, Any], text: str, arrival_ns: int) -> None:
        if self._over_frame_limit(arrival_ns):
            return
        args, request_id = frame.get("args"), frame.get("id")
        bad_id = request_id is not None and not is_client_id(request_id)
        if bad_id or not isinstance(args, list) or not args or not all(isinstance(one, dict) for one in args):
            self._illegal(text, arrival_ns)
            return
        given = {} if request_id is None else {"id": request_id}
        for arg in map(present, args):
            try:
                if op == "subscribe":
                    self._subscribe(arg, given)
                else:
                    self._unsubscribe(arg, given)
            except Refusal as refusal:
                self.event(**given, event="error", msg=refusal.msg, code=refusal.code)

    def _subscribe(self, arg: dict[str, Any], given: dict[str, Any]) -> None:
        exchange = self.exchange
        channel = checked_channel(arg, self.path, exchange.instruments, self._vip())
        check_full_books(channel, arg, self.subscriptions.values())
        key = orjson.dumps(arg, option=orjson.OPT_SORT_KEYS)
        if self._argument_bytes + len(key) > ARGUMENT_BYTES_LIMIT:
            raise Refusal("60012", text=orjson.dumps(arg).decode())
        uid = "" if self.identity is None else self.identity.uid
        subscription = self.subscriptions.get(key)
        if subscription is None:
            self._argument_bytes += len(key)
            subscription = self.subscriptions[key] = Subscription(channel, arg, uid, self.send)
            self._enter(subscription)
        self.event(**given, event="subscribe", arg=arg)
        if channel.limited and not self._within_connections(key, subscription):
            return
        if channel.private:
            exchange.publisher.snapshot(subscription)
            exchange.flush()
        else:
            exchange.market_channels.snapshot(subscription)

    def _vip(self) -> int | None:
        return None if self.identity is None else self.exchange.accounts[self.identity.uid].fee_tier.vip

    def _within_connections(self, key: bytes, subscription: Subscription) -> bool:
        """The count follows the ack; beyond the limit the acked subscription is dead (OKX docs, "Overview",
        connection count limit)."""
        publisher, name = self.exchange.publisher, subscription.channel.name
        count = publisher.connections(subscription.uid, name)
        if count <= self.exchange.switches.connections_per_channel:
            self.event(event="channel-conn-count", channel=name, connCount=str(count))
            return True
        del self.subscriptions[key]
        self._forget(subscription)
        limit = self.exchange.switches.connections_per_channel
        self.event(event="channel-conn-count-error", channel=name, connCount=str(limit))
        return False

    def _unsubscribe(self, arg: dict[str, Any], given: dict[str, Any]) -> None:
        checked_channel(arg, self.path, self.exchange.instruments, self._vip())
        key = orjson.dumps(arg, option=orjson.OPT_SORT_KEYS)
        subscription = self.subscriptions.pop(key, None)
        if subscription is not None:
            self._argument_bytes -= len(key)
            self._forget(subscription)
        self.event(**given, event="unsubscribe", arg=arg)

    def _enter(self, subscription: Subscription) -> None:
        if subscription.channel.private:
            self.exchange.publisher.subscribe(subscription)
        else:
            self.exchange.market_channels.subscribe(subscription)

    def _forget(self, subscription: Subscription) -> None:
        if subscription.channel.private:
            self.exchange.publisher.unsubscribe(subscription)
        else:
            self.exchange.market_channels.unsubscribe(subscription)

    # --- trade ops ---------------------------------------------------------------------------------------------

    def _on_trade(self, op: str, frame: dict[str, Any], text: str, arrival_ns: int) -> None:
        exchange, request_id = self.exchange, frame.get("id", "")
        if self.path != "private":
            self.refuse("60028")
            return
        # The docs require an id; a client library in wide use sends none and is served.
        if request_id != "" and not is_client_id(request_id):
            if exchange.switches.bad_id_form == "event":
                self._illegal(text, arrival_ns)
            else:
                self._ack(op, request_id, refused("60013"), arrival_ns)
            return
        if self.identity is None:
            if exchange.switches.login_required_form == "event":
                self.refuse("60011")
            else:
                self._ack(op, request_id, refused("60011"), arrival_ns)
            return
        if exchange.faults.drop_before_act.take(op):
            self.abort()
            return
        outcome = self._run_trade(op, frame, self.identity, arrival_ns)
        self._record(frame, arrival_ns, outcome)
        self._deliver(op, request_id, outcome, arrival_ns)

    def _run_trade(self, op: str, frame: dict[str, Any], identity: Identity, arrival_ns: int) -> Outcome:
        exchange = self.exchange
        rows, exp_time = frame.get("args"), frame.get("expTime") or ""
        account = exchange.accounts[identity.uid]
        trade = TRADE_OPS.get(op)
        limit = 1 if trade is None else trade.rows_limit
        if not isinstance(rows, list) or not 1 <= len(rows) <= limit or not all(isinstance(one, dict) for one in rows):
            return refused("60013")
        unknown = exchange.faults.outcome_unknown.take(op)
        if unknown and not exchange.faults.outcome_unknown_acts:
            return refused(exchange.faults.outcome_unknown_code)
        if trade is None:
            outcome = exchange.desk.mass_cancel(account, identity.may_trade, rows[0], arrival_ns)
        else:
            outcome = exchange.desk.run(
                Request(trade, account, identity.may_trade, rows, str(exp_time), True, arrival_ns)
            )
        return refused(exchange.faults.outcome_unknown_code) if unknown else outcome

    def _deliver(self, op: str, request_id: str, outcome: Outcome, arrival_ns: int) -> None:
        """The ack and the pushes, in the order that the switches and faults decide; by default the ack first."""
        exchange, faults, switches = self.exchange, self.exchange.faults, self.exchange.switches
        if faults.drop_after_act.take(op):
            self.abort()
            exchange.flush()
            return
        if faults.swallow_acks.take(op):
            exchange.flush()
            return
        delay_ms = faults.delay_acks_ms if faults.delay_acks.take(op) else switches.ack_delay_ms
        push_first = faults.push_first.take(op) or faults.draw(
            switches.push_first_probability, self.number, self._requests, "push-first"
        )
        if delay_ms > 0:
            self._loop.call_later(delay_ms / 1000, self._ack, op, request_id, outcome, arrival_ns)
        elif push_first:
            exchange.flush()
            self._ack(op, request_id, outcome, arrival_ns)
        else:
            self._ack(op, request_id, outcome, arrival_ns)
        exchange.flush()

    def _ack(self, op: str, request_id: str, outcome: Outcome, arrival_ns: int) -> None:
        """Key order of production traffic of 2026. mass-cancel's ack has no times (OKX docs, "Mass cancel")."""
        members: dict[str, Any] = {
            "id": request_id,
            "op": op,
            "code": outcome.code,
            "msg": outcome.msg,
            "data": outcome.rows,
        }
        if op != MASS_CANCEL:
            skew_us = self.exchange.clock.skew_ms * 1000
            members["inTime"] = str(arrival_ns // 1000 + skew_us)
            members["outTime"] = str(self.exchange.clock.now_ns() // 1000)
        self.send(orjson.dumps(members))

    # --- ledger ------------------------------------------------------------------------------------------------

    def _record(self, frame: dict[str, Any], arrival_ns: int, outcome: Outcome) -> None:
        self.exchange.ledger.add(
            {
                "type": "request",
                "time_ns": arrival_ns,
                "transport": "ws",
                "session": self.number,
                "uid": "" if self.identity is None else self.identity.uid,
                "op": frame.get("op"),
                "id": frame.get("id"),
                "exp_time": frame.get("expTime"),
                "args": frame.get("args"),
                "code": outcome.code,
                "rows": outcome.rows,
            }
        )

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
