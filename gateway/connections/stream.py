"""One WebSocket stream: carries out the session table with a socket, timers and a heartbeat.

What differs between streams (login, subscriptions, what a push means) comes as `StreamHooks`.
"""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from picows import WSCloseCode, WSMsgType, WSTransport, ws_connect

from gateway.config.session import SessionConfig
from gateway.connections.stream_hooks import StreamHooks
from gateway.errors import GatewayError
from gateway.okx.backoff import Backoff, ConnectPacer
from gateway.okx.close_codes import close_rule
from gateway.okx.error_codes import describe
from gateway.okx.event_frames import (
    PING,
    ChannelConnCount,
    ChannelConnCountError,
    ErrorEvent,
    LoggedIn,
    Notice,
    PendingSubscriptions,
    Subscribed,
    UnknownFrame,
    build_subscribe,
    parse_event_frame,
)
from gateway.okx.session_table import (
    TIMEOUT_KEYS,
    Action,
    Event,
    State,
    close_event,
    login_event,
    step,
    subscribe_event,
)

log = logging.getLogger(__name__)

# OKX docs, WebSocket / Notification: 64008, the connection will soon be closed for a service upgrade.
SERVICE_UPGRADE: Final = "64008"
# OKX docs, Error Code: 60011, please log in. After our login it means that OKX has forgotten it: connect anew.
NOT_LOGGED_IN: Final = "60011"
HEARTBEAT_CHECKS_PER_PING: Final = 4
# A pong that is lost shifts the others to earlier pings, which only makes their proof weaker; old ones are forgotten.
PINGS_OUTSTANDING_MAX: Final = 8
# A message of OKX's in one frame; its own limit is far below.
FRAME_BYTES_MAX: Final = 4 << 20


class Stream:
    """A stream in one of the states of the session table. `start`, then `stop` and `stopped_or_failed`."""

    def __init__(
        self,
        hooks: StreamHooks,
        url: str,
        tls: ssl.SSLContext,
        session: SessionConfig,
        pacer: ConnectPacer,
        random_fraction: Callable[[], float] = random.random,
    ) -> None:
        self.state = State.DISCONNECTED
        self._hooks = hooks
        self._url = url
        self._tls = tls
        self._session = session
        self._pacer = pacer
        self._random_fraction = random_fraction
        self._backoff = Backoff(session.backoff_first_ms, session.backoff_max_ms, session.backoff_jitter)
        self._loop = asyncio.get_running_loop()
        self._listener: Any = None
        self._transport: WSTransport | None = None
        self._socket: Any = None
        self._pending = PendingSubscriptions(())
        self._timer: asyncio.TimerHandle | None = None
        self._backoff_timer: asyncio.TimerHandle | None = None
        self._heartbeat: asyncio.TimerHandle | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._reconciling: asyncio.Task[None] | None = None
        self._resyncing: asyncio.Task[None] | None = None
        self._pings_sent_ns: deque[int] = deque(maxlen=PINGS_OUTSTANDING_MAX)
        self._close_code: int | None = None
        self._reason = ""
        self._ended = asyncio.Event()

    # --------------------------------------------------------------- events in

    def start(self) -> None:
        self._feed(Event.START)

    def stop(self) -> None:
        self._feed(Event.STOP)

    def reopen(self, reason: str) -> None:
        """Ends this session, whose login or channels are doubtful, and begins another."""
        if self._listener is not None:
            self._reason = reason
            self._feed(Event.CHANNEL_LOST)

    def hand_over(self) -> None:
        """Another has taken over from this ready one, which ends when its acks are in."""
        self._feed(Event.HANDED_OVER)

    def received_since(self, mono_ns: int) -> bool:
        """OKX has sent a frame after that moment, and the stream is ready."""
        return self.state is State.READY and self._listener is not None and self._listener.last_frame_ns > mono_ns

    def unanswered_ping_ns(self) -> int:
        """When the last ping was sent, if OKX has been silent since; else 0."""
        last_ping_ns = self._pings_sent_ns[-1] if self._pings_sent_ns else 0
        return last_ping_ns if self._listener is not None and self._listener.last_frame_ns < last_ping_ns else 0

    async def stopped_or_failed(self) -> None:
        """Waits for the end of a stream after `stop`, or for its failure."""
        await self._ended.wait()

    def on_connected(self, listener: Any, transport: WSTransport, socket: Any) -> None:
        if self._listener is not None or self._connecting is None:
            transport.disconnect(graceful=False)
            return
        self._listener, self._transport, self._socket = listener, transport, socket
        self._close_code = None
        self._pings_sent_ns.clear()
        self._feed(Event.CONNECTED)
        self._arm_heartbeat()

    def on_close_frame(self, listener: Any, code: int, reason: str | None) -> None:
        if listener is self._listener:
            self._close_code = code
            if not self._is_closing():  # else the reason is the one for which it is being closed
                self._reason = f"closed by OKX with {code} {reason or ''}".strip()

    def on_closed(self, listener: Any) -> None:
        if listener is not self._listener:
            return
        self._listener = self._transport = self._socket = None
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        rule = close_rule(self._close_code)
        if self._close_code is None:
            self._reason = self._reason or "the connection was lost"
        elif rule.alarm and not self._is_closing():
            self._reason = f"{self._reason}: {rule.text}"
            self._hooks.alarm("connection_closed", f"{self._hooks.name}: {self._reason}")
        self._feed(close_event(self._close_code))

    def _is_closing(self) -> bool:
        return self.state in (State.CLOSING_FOR_RETRY, State.CLOSING_FOR_FAILURE, State.CLOSING_FOR_STOP)

    def on_pong(self, listener: Any) -> None:
        """OKX answers pings in order: a pong belongs to the oldest that is open."""
        if listener is self._listener and self._pings_sent_ns:
            self._hooks.on_pong(self._pings_sent_ns.popleft())

    def on_cold_frame(self, listener: Any, frame: bytes) -> None:
        """A frame that the data plane does not know: an event, or a push of another channel."""
        if listener is not self._listener:
            return
        try:
            self._take_cold_frame(frame)
        except Exception:  # picows would close the connection: one unrecognised message must not
            log.exception("a frame was not understood", extra={"stream": self._hooks.name, "bytes": len(frame)})

    def _take_cold_frame(self, frame: bytes) -> None:
        event = parse_event_frame(frame)
        if isinstance(event, UnknownFrame):
            self._hooks.on_push(frame)
        elif isinstance(event, LoggedIn):
            self._feed(Event.LOGIN_OK)
        elif isinstance(event, Subscribed):
            if self._pending.acknowledge(event.arg):
                self._feed(Event.SUBSCRIBED_ALL)
        elif isinstance(event, ErrorEvent):
            self._take_error(event)
        elif isinstance(event, Notice):
            self._reason = f"OKX's notice {event.code}: {event.msg}"
            log.warning("notice", extra={"stream": self._hooks.name, "code": event.code, "okx_msg": event.msg})
            if event.code == SERVICE_UPGRADE:
                self._feed(Event.NOTICE_UPGRADE)
        elif isinstance(event, ChannelConnCount):
            log.info("connections of channel", extra={"channel": event.channel, "count": event.conn_count})
        elif isinstance(event, ChannelConnCountError):
            self._reason = f"too many connections subscribe to {event.channel} ({event.conn_count})"
            self._feed(Event.CHANNEL_LOST)

    def _take_error(self, event: ErrorEvent) -> None:
        text = f"refused by {describe(event.code, event.msg)}"
        if self.state is State.LOGGING_IN:
            self._reason = f"login: {text}"
            self._feed(login_event(event.code))
        elif self._hooks.give_to_request(event):
            log.warning("a request was refused as unreadable", extra={"code": event.code, "okx_msg": event.msg})
        elif event.code == NOT_LOGGED_IN:
            self.reopen(text)
        elif self.state is State.SUBSCRIBING:
            self._reason = f"subscription: {text}"
            self._feed(subscribe_event(event.code))
        else:
            self._hooks.on_error_event(event)

    # --------------------------------------------------------------- the table

    def _feed(self, event: Event) -> None:
        cell = step(self.state, event)
        changed = cell.next_state is not self.state
        self.state = cell.next_state
        if changed:
            self._arm_timer()
            log.info("stream", extra={"stream": self._hooks.name, "state": str(self.state), "on": str(event)})
        for action in cell.actions:
            self._carry_out(action)
        if changed:
            if self.state in (State.FAILED, State.STOPPED):
                self._ended.set()
            self._hooks.on_state(self.state, self._reason)
            if self.state is State.READY:
                self._reason = ""

    def _carry_out(self, action: Action) -> None:
        match action:
            case Action.CONNECT:
                self._connecting = self._loop.create_task(self._connect())
            case Action.SEND_LOGIN:
                login = self._hooks.login_frame()
                if login is None:
                    self._loop.call_soon(self._feed_if, State.LOGGING_IN, Event.LOGIN_OK)
                else:
                    self._send(login)
            case Action.SEND_SUBSCRIBE:
                args = self._hooks.subscription_args()
                self._pending = PendingSubscriptions(args)
                if args:
                    self._send(build_subscribe(args))
                else:
                    self._loop.call_soon(self._feed_if, State.SUBSCRIBING, Event.SUBSCRIBED_ALL)
            case Action.START_RECONCILE:
                self._arm_timer()
                self._reconciling = self._loop.create_task(self._reconcile())
            case Action.ABORT_RECONCILE:
                if self._reconciling is not None:
                    self._reconciling.cancel()
            case Action.ASK_SUCCESSOR:
                if not self._hooks.ask_successor(self._reason):
                    self._feed(Event.NO_SUCCESSOR)
            case Action.START_DRAIN:
                self._check_drained()
            case Action.CLOSE:
                self._close()
            case Action.ABORT:
                self._abort()
            case Action.RESYNC_CLOCK:
                self._resyncing = self._loop.create_task(self._resync_clock())
            case Action.ARM_BACKOFF:
                self._arm_backoff()
            case Action.CANCEL_BACKOFF:
                if self._backoff_timer is not None:
                    self._backoff_timer.cancel()
            case Action.RESET_BACKOFF:
                self._backoff.reset()
            case Action.ALLOW_NOTHING | Action.ALLOW_CANCELS | Action.ALLOW_ORDERS:
                self._hooks.allow(action, self._socket)
            case Action.RESOLVE_IN_FLIGHT:
                self._hooks.resolve_in_flight()
            case Action.ALARM:
                self._hooks.alarm("stream", f"{self._hooks.name}: {self._reason or self.state}")

    def _feed_if(self, state: State, event: Event) -> None:
        if self.state is state:
            self._feed(event)

    # --------------------------------------------------------------- connection

    async def _connect(self) -> None:
        try:
            if self._resyncing is not None:
                await asyncio.wait([self._resyncing])
            wait_ms = self._pacer.reserve(time.monotonic_ns() // 1_000_000)
            if wait_ms:
                await asyncio.sleep(wait_ms / 1_000)
            await ws_connect(
                lambda: self._hooks.listener(self),
                self._url,
                ssl_context=self._tls if self._url.startswith("wss://") else None,
                websocket_handshake_timeout=None,  # the session table's own timer covers TCP, TLS and handshake
                max_frame_size=FRAME_BYTES_MAX,
                max_redirects=0,
                enable_auto_pong=True,
            )
        except asyncio.CancelledError:
            self._connect_failed("the attempt was given up")
        except Exception as error:
            self._connect_failed(f"cannot connect to {self._url}: {str(error) or type(error).__name__}")
        finally:
            self._connecting = None

    def _connect_failed(self, reason: str) -> None:
        if self._listener is None:
            self._connecting = None
            self._reason = reason
            log.warning("connect failed", extra={"stream": self._hooks.name, "why": reason})
            self._feed(Event.CONNECT_FAILED)

    async def _resync_clock(self) -> None:
        try:
            await self._hooks.resync_clock()
        except GatewayError as error:
            log.warning("OKX's clock could not be asked", extra={"stream": self._hooks.name, "why": str(error)})

    async def _reconcile(self) -> None:
        try:
            await self._hooks.reconcile()
        except asyncio.CancelledError:
            return
        except Exception as error:
            self._reason = f"reconciliation: {error}"
            log.warning("reconciliation failed", extra={"stream": self._hooks.name, "why": str(error)})
            self._feed_if(State.RECONCILING, Event.RECONCILE_FAILED)
            return
        self._feed_if(State.RECONCILING, Event.RECONCILED)

    def _send(self, frame: bytes) -> None:
        if self._transport is not None:
            self._transport.send(WSMsgType.TEXT, frame)

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.send_close(WSCloseCode.OK)
            self._transport.disconnect()

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.disconnect(graceful=False)
        elif self._connecting is not None:
            self._loop.call_soon(self._connecting.cancel)  # behind its first step, without which it reports no end

    # --------------------------------------------------------------- timers

    def _arm_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        key = TIMEOUT_KEYS.get(self.state)
        self._timer = None
        if key is not None:
            self._timer = self._loop.call_later(getattr(self._session, key) / 1_000, self._timed_out, self.state)

    def _timed_out(self, state: State) -> None:
        self._reason = self._reason or f"no answer in time while {state}"
        self._feed_if(state, Event.TIMEOUT)

    def _arm_backoff(self) -> None:
        if self._backoff_timer is not None:
            self._backoff_timer.cancel()
        delay_ms = self._backoff.next_delay_ms(self._random_fraction())
        self._backoff_timer = self._loop.call_later(delay_ms / 1_000, self._feed, Event.BACKOFF_ELAPSED)

    def _check_drained(self) -> None:
        if self.state is not State.DRAINING:
            return
        if self._hooks.in_flight() == 0:
            self._feed(Event.DRAINED)
        else:
            self._loop.call_later(0.01, self._check_drained)

    def _arm_heartbeat(self) -> None:
        period_ms = min(self._session.ping_after_ms, self._session.pong_timeout_ms) / HEARTBEAT_CHECKS_PER_PING
        self._heartbeat = self._loop.call_later(period_ms / 1_000, self._check_heartbeat)

    def _check_heartbeat(self) -> None:
        """`ping` after a silence, and the end of the session when that is met by silence too.

        Source: OKX docs, WebSocket overview, "Connect": ping within 30 s of silence, expect `pong`.
        """
        if self._listener is None:
            return
        now_ns = time.monotonic_ns()
        if unanswered_ns := self.unanswered_ping_ns():
            if now_ns - unanswered_ns >= self._session.pong_timeout_ms * 1_000_000:
                self._reason = f"no answer to ping for {self._session.pong_timeout_ms} ms"
                self._feed(Event.PONG_TIMEOUT)
                return
        elif now_ns - self._listener.last_frame_ns >= self._session.ping_after_ms * 1_000_000:
            self.send_ping()
        self._arm_heartbeat()

    def send_ping(self) -> None:
        """OKX's text `ping`."""
        self._pings_sent_ns.append(time.monotonic_ns())
        self._send(PING)
