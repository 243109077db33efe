"""Cancel-all-after: timers that cancel an account's orders unless they are renewed.

Source: OKX docs, "Cancel All After": timeOut 0 or 10 to 120 seconds; with a tag only orders placed with that tag; at
most 20 tag timers. The answer's times are seconds, as in OKX's own sample.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.sim.accounts.accounts import Account
from gateway.sim.base.clock import Clock
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import is_tag, parse_integer
from gateway.sim.market.orders import CANCELED_BY_TIMER
from gateway.sim.trading.engine import Engine

TAG_TIMERS_LIMIT = 20
TIMEOUT_RANGE_S = range(10, 121)


class CancelAfterTimers:
    """One timer per account and tag ('' is the account-wide one). A renewal replaces the earlier schedule."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        call_later: Callable[[float, Callable[[], None]], object],
        flush: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._call_later = call_later
        self._flush = flush
        self._armed: dict[tuple[str, str], int] = {}
        self._serial = 0

    def arm(self, account: Account, time_out: str, tag: str) -> dict[str, Any]:
        """Arm, renew or (timeOut 0) disarm; returns the data item of the answer."""
        seconds = parse_integer(time_out)
        if seconds is None or (seconds != 0 and seconds not in TIMEOUT_RANGE_S):
            raise Refusal("51000", param="timeOut")
        if tag and not is_tag(tag):
            raise Refusal("51000", param="tag")
        key = account.uid, tag
        now_s = self._clock.now_ms() // 1000
        if seconds == 0:
            self._armed.pop(key, None)
            return {"triggerTime": "0", "tag": tag, "ts": str(now_s)}
        tags = sum(1 for uid, other in self._armed if uid == account.uid and other)
        if tag and key not in self._armed and tags >= TAG_TIMERS_LIMIT:
            raise Refusal("51071")
        self._serial += 1
        serial = self._armed[key] = self._serial
        self._call_later(seconds, lambda: self._fire(account, key, serial))
        return {"triggerTime": str(now_s + seconds), "tag": tag, "ts": str(now_s)}

    def fire_now(self, account: Account, tag: str) -> bool:
        """By command: as if the time of an armed timer had passed."""
        key = account.uid, tag
        serial = self._armed.get(key)
        if serial is None:
            return False
        self._fire(account, key, serial)
        return True

    def _fire(self, account: Account, key: tuple[str, str], serial: int) -> None:
        if self._armed.get(key) != serial:
            return
        del self._armed[key]
        tag = key[1]
        for order in list(account.live.values()):
            if tag in ("", order.tag) and order.is_live:
                self._engine.cancel(order, CANCELED_BY_TIMER)
        self._flush()
