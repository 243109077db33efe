"""The gateway's reactions to OKX's codes on live ops, beside the row's result (`gateway.okx.error_codes.Effect`)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway._fast.control.halt import HaltControl
from gateway.okx.error_codes import Effect, describe, effect_of

log = logging.getLogger(__name__)

# An alarm for the same code is not repeated within this time: one cause affects many orders.
ALARM_EVERY_S: Final = 60.0
CLOCK_EVERY_S: Final = 10.0
INSTRUMENTS_EVERY_S: Final = 60.0
# After this time the next order tries a function again that OKX has switched off.
SERVICE_RECHECK_S: Final = 30.0
# If OKX refuses the credentials so soon after a new login, no login helps.
LOGIN_HELPED_AFTER_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Ports:
    """Actions of other components. All return at once, and none changes the stream before the caller is done."""

    alarm: Callable[[str, str], None]
    log_in_again: Callable[[str], object]
    resync_clock: Callable[[], object]
    read_instruments: Callable[[], object]
    ask_order: Callable[[str, str], None]
    halt_changed: Callable[[str], None]  # why new orders are halted; empty: they are not
    call_later: Callable[[float, Callable[[], None]], Any]


class CodeReactions:
    """One per account. `halted` is the reason why new orders are refused, or empty."""

    def __init__(self, hold: HaltControl, ports: Ports, now_s: Callable[[], float] = time.monotonic) -> None:
        self._hold = hold
        self._ports = ports
        self._now_s = now_s
        self.halted = ""
        self._recheck: Any = None
        self._is_logging_in = False
        self._logged_in_s = -LOGIN_HELPED_AFTER_S
        self._done_s: dict[str, float] = {}

    def on_code(self, code: int, mono_ns: int, limit_key: int, ord_id: bytes, cl_ord_id: bytes, msg: bytes) -> None:
        """`msg` is OKX's text as the inside of a JSON string; `limit_key` is the limit that counted the row."""
        name = str(code)
        text = describe(name, _plain(msg))
        match effect_of(name):
            case Effect.REST_LIMIT:
                self._hold.rest_limit(limit_key, mono_ns)
                self._alarm_sometimes(f"okx_{name}", f"{text}. This limit admits no more requests for one window")
            case Effect.REST_SUB_ACCOUNT:
                self._hold.rest_sub_account(mono_ns)
                self._alarm_sometimes(f"okx_{name}", f"{text}. No more such orders are sent for one window")
            case Effect.HALT:
                self.halt(text)
            case Effect.HALT_SERVICE:
                self._halt_for_a_while(text)
            case Effect.ALARM:
                self._alarm_sometimes(f"okx_{name}", text)
            case Effect.LOG_IN:
                self._log_in(text)
            case Effect.CLOCK:
                if self._is_due("clock", CLOCK_EVERY_S):
                    self._ports.resync_clock()
            case Effect.INSTRUMENTS:
                if self._is_due("instruments", INSTRUMENTS_EVERY_S):
                    self._ports.read_instruments()
            case Effect.ASK_ORDER:
                self._ports.ask_order(ord_id.decode("ascii", "replace"), cl_ord_id.decode("ascii", "replace"))

    def on_ready(self) -> None:
        """The private stream is logged in and reconciled."""
        if self._is_logging_in:
            self._is_logging_in = False
            self._logged_in_s = self._now_s()

    def halt(self, text: str) -> None:
        """Refuses new orders and amends until `resume`; cancels are still sent."""
        if self._recheck is not None:
            self._recheck.cancel()
            self._recheck = None
        elif self.halted:
            return
        self._set_halted(text)

    def resume(self) -> bool:
        """Allows new orders again. True if they were halted."""
        was_halted = bool(self.halted)
        if self._recheck is not None:
            self._recheck.cancel()
            self._recheck = None
        if was_halted:
            log.warning("resumed", extra={"was": self.halted})
            self.halted = ""
            self._logged_in_s = -LOGIN_HELPED_AFTER_S
            self._hold.resume()
            self._ports.halt_changed("")
        return was_halted

    def _halt_for_a_while(self, text: str) -> None:
        if not self.halted:
            self._recheck = self._ports.call_later(SERVICE_RECHECK_S, self._try_again)
            self._set_halted(text)

    def _try_again(self) -> None:
        self._recheck = None
        self.resume()

    def _set_halted(self, text: str) -> None:
        self.halted = text
        self._hold.halt(orjson.dumps(f"halted: {text}")[1:-1])
        how = f"tried again in {SERVICE_RECHECK_S:.0f} s" if self._recheck is not None else "until the op `resume`"
        self._ports.alarm("halted", f"no new orders, {how}; cancels are still sent. {text}")
        self._ports.halt_changed(text)

    def _log_in(self, text: str) -> None:
        """Logs in once more. If the refusal recurs soon after it, nothing here helps: halt."""
        if self._is_logging_in:
            return
        if self._now_s() - self._logged_in_s < LOGIN_HELPED_AFTER_S:
            self.halt(f"{text} (again after a new login)")
            return
        self._is_logging_in = True
        self._ports.alarm("credentials", f"OKX refused an order; the gateway logs in again. {text}")
        self._ports.log_in_again(text)

    def _alarm_sometimes(self, reason: str, text: str) -> None:
        if self._is_due(reason, ALARM_EVERY_S):
            self._ports.alarm(reason, text)

    def _is_due(self, name: str, every_s: float) -> bool:
        now_s = self._now_s()
        if now_s - self._done_s.get(name, -every_s) < every_s:
            return False
        self._done_s[name] = now_s
        return True


def _plain(msg: bytes) -> str:
    try:
        return str(orjson.loads(b'"%s"' % msg))
    except orjson.JSONDecodeError:
        return msg.decode("utf-8", "replace")
