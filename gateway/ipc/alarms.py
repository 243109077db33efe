"""Alarms: something that a human must know, in the log and on `gateway.alarm`."""

from __future__ import annotations

import logging
from typing import Final

import orjson

from gateway._fast.events.bus import EventBus
from gateway.ipc.owners import OWNER_GATEWAY

log = logging.getLogger(__name__)

# Of `enums.pxd`.
TOPIC_ALARM: Final = 8


class Alarms:
    """One per gateway."""

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus

    def publish(self, reason: str, msg: str) -> None:
        log.error("alarm", extra={"reason": reason, "why": msg})
        self._bus.publish_cold(OWNER_GATEWAY, TOPIC_ALARM, orjson.dumps({"reason": reason, "msg": msg})[1:-1])
