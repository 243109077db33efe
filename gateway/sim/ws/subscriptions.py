"""The subscriptions of one connection: subscribe, unsubscribe, limits, and faults.

Source: OKX docs, "Overview" (subscribe, unsubscribe, connection count limit, close codes).
"""

from __future__ import annotations

from typing import Any, Protocol

import orjson

from gateway.sim.base.auth import Identity
from gateway.sim.base.codes import Refusal, plain_text
from gateway.sim.base.formats import present
from gateway.sim.channels.channels import ARGUMENT_BYTES_LIMIT, Subscription, check_full_books, checked_channel
from gateway.sim.exchange.exchange import Exchange
from gateway.sim.faults.faults import Occasion
from gateway.sim.ws.push_faults import PushFaults


class SubscriberSession(Protocol):
    """The connection whose subscriptions these are."""

    exchange: Exchange
    path: str
    identity: Identity | None

    def occasion(self, op: str, n: int) -> Occasion: ...

    def send(self, payload: bytes) -> None: ...

    def event(self, **members: object) -> None: ...

    def close(self, code: int) -> None: ...

    def channels_elsewhere(self) -> int: ...

    def note_subscription(self, op: str, arg: dict[str, Any], code: str) -> None: ...


class Subscriptions:
    """One per connection. The n-th subscription of a channel on a session is an occasion for faults."""

    def __init__(self, session: SubscriberSession) -> None:
        self._session = session
        self._exchange = session.exchange
        self._pushes = PushFaults(session.exchange.faults, session.occasion, session.send)
        self._argument_bytes = 0
        self._asked = 0
        self.by_arg: dict[bytes, Subscription] = {}

    def handle(self, op: str, args: list[dict[str, Any]], given: dict[str, Any]) -> None:
        """One answer per argument. `given` holds the request's id where it had one."""
        for arg in map(present, args):
            try:
                code = self._subscribe(arg, given) if op == "subscribe" else self._unsubscribe(arg, given)
            except Refusal as refusal:
                code = refusal.code
                self._error(given, code, refusal.msg)
            self._session.note_subscription(op, arg, code)

    def forget_all(self) -> None:
        for subscription in self.by_arg.values():
            self._leave(subscription)

    def _error(self, given: dict[str, Any], code: str, msg: str) -> None:
        self._session.event(**given, event="error", msg=msg, code=code)

    def _subscribe(self, arg: dict[str, Any], given: dict[str, Any]) -> str:
        """The code of the answer; '' if a fault or a limit kept it from being answered."""
        exchange, session, identity = self._exchange, self._session, self._session.identity
        self._asked += 1
        at = session.occasion(arg["channel"], self._asked)
        refused = exchange.faults.take("refuse_subscriptions", at)
        if refused is not None:
            self._error(given, refused["code"], plain_text(refused["code"]))
            return str(refused["code"])
        if exchange.faults.take("swallow_subscriptions", at) is not None:
            return ""
        channel = checked_channel(arg, session.path, exchange.instruments, self._vip())
        check_full_books(channel, arg, self.by_arg.values())
        key = orjson.dumps(arg, option=orjson.OPT_SORT_KEYS)
        if self._argument_bytes + len(key) > ARGUMENT_BYTES_LIMIT:
            raise Refusal("60012", text=orjson.dumps(arg).decode())
        subscription = self.by_arg.get(key)
        if subscription is None:
            if self._too_many_channels():
                return ""
            uid = "" if identity is None else identity.uid
            self._argument_bytes += len(key)
            subscription = self.by_arg[key] = Subscription(channel, arg, uid, self._pushes.of(channel.name))
            self._enter(subscription)
        session.event(**given, event="subscribe", arg=arg)
        killed = exchange.faults.take("kill_subscriptions", at) is not None
        if (channel.limited or killed) and not self._within_connections(key, subscription, killed):
            return "0"
        if channel.private:
            exchange.publisher.snapshot(subscription)
            exchange.flush()
        else:
            exchange.market_channels.snapshot(subscription)
        return "0"

    def _vip(self) -> int | None:
        identity = self._session.identity
        return None if identity is None else self._exchange.accounts[identity.uid].fee_tier.vip

    def _too_many_channels(self) -> bool:
        """OKX closes with 4009 beyond so many channels of a connection and with 4008 beyond so many of an account;
        how many is not documented."""
        switches, own = self._exchange.switches, len(self.by_arg)
        if 0 < switches.channels_per_connection <= own:
            self._session.close(4009)
            return True
        if 0 < switches.channels_per_account <= own + self._session.channels_elsewhere():
            self._session.close(4008)
            return True
        return False

    def _within_connections(self, key: bytes, subscription: Subscription, killed: bool) -> bool:
        """The count follows the ack; beyond the limit the acked subscription is dead (OKX docs, "Overview",
        connection count limit)."""
        session, name = self._session, subscription.channel.name
        limit = self._exchange.switches.connections_per_channel
        count = self._exchange.publisher.connections(subscription.uid, name)
        if count <= limit and not killed:
            session.event(event="channel-conn-count", channel=name, connCount=str(count))
            return True
        self._argument_bytes -= len(key)
        del self.by_arg[key]
        self._leave(subscription)
        session.event(event="channel-conn-count-error", channel=name, connCount=str(limit))
        return False

    def _unsubscribe(self, arg: dict[str, Any], given: dict[str, Any]) -> str:
        session = self._session
        checked_channel(arg, session.path, self._exchange.instruments, self._vip())
        key = orjson.dumps(arg, option=orjson.OPT_SORT_KEYS)
        subscription = self.by_arg.pop(key, None)
        if subscription is not None:
            self._argument_bytes -= len(key)
            self._leave(subscription)
        session.event(**given, event="unsubscribe", arg=arg)
        return "0"

    def _enter(self, subscription: Subscription) -> None:
        if subscription.channel.private:
            self._exchange.publisher.subscribe(subscription)
        else:
            self._exchange.market_channels.subscribe(subscription)

    def _leave(self, subscription: Subscription) -> None:
        if subscription.channel.private:
            self._exchange.publisher.unsubscribe(subscription)
        else:
            self._exchange.market_channels.unsubscribe(subscription)
