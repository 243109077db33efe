"""The gateway's state as strategies see it: on `gateway.state` when it changes, and in every heartbeat."""

from __future__ import annotations

import re
import time
from typing import Final

import orjson

from gateway._fast.base.enums import OWNER_GATEWAY, TOPIC_STATE
from gateway._fast.events.bus import EventBus
from gateway.ipc.owners import Owners

HEARTBEAT_MS: Final = 1_000
# A `hello`'s nonce comes back in heartbeats for so long.
NONCE_LIFETIME_S: Final = 10
# A subscription to one strategy's events.
STRATEGY_PREFIX: Final = re.compile(rb"([A-Za-z0-9_-]{1,32})\.")


class GatewayState:
    """One per gateway. `state` and `ready` as they were last set."""

    def __init__(self, bus: EventBus, owners: Owners) -> None:
        self._bus = bus
        self._owners = owners
        self._nonces: dict[int, list[tuple[float, str]]] = {}
        self.state = "connecting"
        self.ready = False

    def set(self, state: str, *, ready: bool, reason: str = "") -> None:
        """A new state, or a new reason for the same: published at once."""
        if (state, ready) == (self.state, self.ready) and not reason:
            return
        self.state, self.ready = state, ready
        members = orjson.dumps({"state": state, "ready": ready, "reason": reason})[1:-1]
        self._bus.publish_cold(OWNER_GATEWAY, TOPIC_STATE, members)
        self.heartbeat_all()

    def greet(self, owner: int, nonce: str) -> None:
        """A strategy has said hello: a heartbeat at once, which bears its nonce if it gave one."""
        if nonce:
            self._nonces.setdefault(owner, []).append((time.monotonic(), nonce))
        self.heartbeat(owner)

    def on_subscription(self, prefix: bytes) -> None:
        """A reader has subscribed: a heartbeat of each owner that it will receive shows it that it is connected."""
        for owner, name in self._owners.items():
            topic = f"{name}.heartbeat".encode()
            if topic.startswith(prefix) or prefix.startswith(f"{name}.".encode()):
                self.heartbeat(owner)
        unclaimed = STRATEGY_PREFIX.match(prefix)
        if unclaimed is not None and self._owners.number_of(unclaimed[1].decode()) is None:
            self._bus.publish_unclaimed(unclaimed[0] + b"heartbeat", self._heartbeat_body(0, []))

    def heartbeat_all(self) -> None:
        for owner in self._owners.numbers():
            self.heartbeat(owner)

    def heartbeat(self, owner: int) -> None:
        now = time.monotonic()
        nonces = [pair for pair in self._nonces.get(owner, []) if now - pair[0] < NONCE_LIFETIME_S]
        self._nonces[owner] = nonces
        body = self._heartbeat_body(self._bus.last_seq(owner), [nonce for _, nonce in nonces])
        self._bus.publish_heartbeat(owner, body)

    def _heartbeat_body(self, seq: int, nonces: list[str]) -> bytes:
        return orjson.dumps(
            {
                "event": "heartbeat",
                "session": self._bus.session,
                "seq": seq,
                "ready": self.ready,
                "state": self.state,
                "nonces": nonces,
                "ns": str(time.time_ns()),
            }
        )
