"""Alarms: something that a human must know, in the log and on `gateway.alarm`."""

from __future__ import annotations

import logging

import orjson

from gateway._fast.base.enums import OWNER_GATEWAY, TOPIC_ALARM
from gateway._fast.events.bus import EventBus

log = logging.getLogger(__name__)


class Alarms:
    """One per gateway."""

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus

    def publish(self, reason: str, msg: str) -> None:
        log.error("alarm", extra={"reason": reason, "why": msg})
        self._bus.publish_cold(OWNER_GATEWAY, TOPIC_ALARM, orjson.dumps({"reason": reason, "msg": msg})[1:-1])
