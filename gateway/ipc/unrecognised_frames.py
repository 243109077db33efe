"""Frames and rows of OKX that the gateway cannot use: counted, logged, and an alarm if one can be about an order."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

log = logging.getLogger(__name__)

# The first of a kind is logged, then one in so many: a flood of them must not become a flood of alarms.
PUBLISH_EVERY: Final = 1_000
EXCERPT_BYTES_MAX: Final = 300

ALARMS: Final = {
    "order_table_full": "no room for an order that OKX reports: raise [requests] order_capacity",
    "frames_malformed": "a frame from OKX is not JSON (the log has an excerpt): compare the orders with OKX",
    "pushes_unrecognised": "a row of the orders channel was not understood (see the log): compare its order with OKX",
}


class UnrecognisedFrames:
    """Counts by kind. `alarm` takes a reason and a text."""

    def __init__(self, alarm: Callable[[str, str], None]) -> None:
        self._alarm = alarm
        self._counts: dict[str, int] = {}

    def note(self, kind: str, excerpt: bytes) -> None:
        """One more of a kind."""
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        if count != 1 and count % PUBLISH_EVERY != 0:
            return
        text = excerpt[:EXCERPT_BYTES_MAX].decode("utf-8", "replace")
        log.warning("unrecognised frame", extra={"kind": kind, "count": count, "excerpt": text})
        if kind in ALARMS:
            self._alarm(kind, ALARMS[kind])
