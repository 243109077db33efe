"""The dead man's switch: OKX cancels the open orders unless this gateway keeps renewing a timer there.

It renews only on evidence: OKX has sent a frame on the ready private stream since the last renewal (a `ping` asks for
one), and the hot loop has turned. A gateway that is stopped, stuck or without a stream does not renew.

Source: OKX docs, Order Book Trading, "POST / Cancel All After": `timeOut` 0 (off) or 10 to 120 s, one request per
second for each tag, at most 20 tags. Without a tag OKX cancels all orders of the account, with a tag those placed with
it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from gateway.config.dead_man import DeadManConfig
from gateway.errors import GatewayError

log = logging.getLogger(__name__)

# OKX's limit is one request per second and tag; clocks and networks shift them against each other.
SPACING_S: Final = 1.1


class Evidence(Protocol):
    """Proof that the hot loop and the private stream are alive."""

    def ask(self) -> None: ...  # asks OKX for a frame
    def received_since(self, mono_ns: int) -> bool: ...  # OKX has sent one since, on a ready stream
    def turns(self) -> int: ...  # turns of the hot loop


class DeadMan:
    """One per account. `arm` before a connection's first order, `run` as a task, `disarm` at a clean stop."""

    def __init__(
        self,
        config: DeadManConfig,
        cancel_all_after: Callable[[int, str], Awaitable[dict[str, Any]]],
        alarm: Callable[[str, str], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._config = config
        self._cancel_all_after = cancel_all_after
        self._alarm = alarm
        self._sleep = sleep
        self._now_ns = now_ns
        self._tags = config.tags or ("",)
        self._sent_ns: dict[str, int] = {}
        self._renewed_ns: dict[str, int] = {}
        self._is_alarmed = False
        self._lock = asyncio.Lock()

    @property
    def scope(self) -> str:
        """The orders that OKX will cancel, in words."""
        if self._config.tags:
            return f"all open orders of this account that bear the tag {', '.join(self._config.tags)}"
        return "all open orders of this account, including orders placed by other clients"

    def log_scope(self) -> None:
        """Logs at the start which orders OKX will cancel, and when."""
        if self._config.enabled:
            text = f"{self._config.timeout_s} s after this gateway stops or loses its stream, OKX cancels {self.scope}"
            log.warning("dead man's switch", extra={"what": text})

    def status(self) -> dict[str, Any]:
        """For `status`: `armed` is true while OKX's timers run."""
        if not self._config.enabled:
            return {"enabled": False}
        armed = bool(self._renewed_ns) and all(self._is_running(tag) for tag in self._tags)
        oldest_ns = min(self._renewed_ns.values(), default=None)
        return {
            "enabled": True,
            "armed": armed,
            "timeoutS": self._config.timeout_s,
            "tags": list(self._config.tags),
            "cancels": self.scope,
            "renewedAgoMs": None if oldest_ns is None else (self._now_ns() - oldest_ns) // 1_000_000,
        }

    def _is_running(self, tag: str) -> bool:
        renewed_ns = self._renewed_ns.get(tag)
        return renewed_ns is not None and self._now_ns() - renewed_ns < self._config.timeout_s * 1_000_000_000

    async def arm(self) -> None:
        """Sets or renews OKX's timers. A failure raises an alarm, and `run` tries again."""
        if self._config.enabled:
            await self._set_all(self._config.timeout_s)

    async def run(self, evidence: Evidence) -> None:
        """Renews for as long as there is evidence. Never ends by itself."""
        while self._config.enabled:
            asked_ns, turns = self._now_ns(), evidence.turns()
            evidence.ask()
            await self._sleep(self._config.renew_s)
            if evidence.received_since(asked_ns) and evidence.turns() > turns:
                await self._set_all(self._config.timeout_s)
            elif self._renewed_ns:
                self._fail("not renewed: OKX sent nothing on the private stream, or the stream is not ready")

    async def disarm(self) -> None:
        """For a clean stop: the orders stay."""
        if self._sent_ns and await self._set_all(0):
            log.info("dead man's switch", extra={"what": "disarmed"})

    async def _set_all(self, time_out_s: int) -> bool:
        async with self._lock:
            done = [await self._set(tag, time_out_s) for tag in self._tags]
        if all(done) and time_out_s and self._is_alarmed:
            self._is_alarmed = False
            log.info("dead man's switch", extra={"what": "renewed again"})
        return all(done)

    async def _set(self, tag: str, time_out_s: int) -> bool:
        """One request, at OKX's pace. The timer counts from the time of sending: OKX cannot have read it earlier."""
        if tag in self._sent_ns:
            await self._sleep(max(0.0, SPACING_S - (self._now_ns() - self._sent_ns[tag]) / 1_000_000_000))
        sent_ns = self._sent_ns[tag] = self._now_ns()
        try:
            await self._cancel_all_after(time_out_s, tag)
        except GatewayError as error:
            self._fail(f"OKX's timer was not {'renewed' if time_out_s else 'disarmed'}: {error}")
            return False
        if time_out_s:
            self._renewed_ns[tag] = sent_ns
        else:
            self._renewed_ns.pop(tag, None)
        return True

    def _fail(self, why: str) -> None:
        """Raises an alarm at the first failure after a success."""
        if not self._is_alarmed:
            self._is_alarmed = True
            self._alarm("dead_man", f"{why}. Within {self._config.timeout_s} s OKX can cancel {self.scope}")
