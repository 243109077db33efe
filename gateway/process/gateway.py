"""One running gateway: its start, its turns, its stop."""

from __future__ import annotations

import asyncio
import gc
import logging
from typing import Final

import zmq

from gateway.config.loading import Config
from gateway.ipc.gateway_state import HEARTBEAT_MS
from gateway.process.account_report import AccountReport
from gateway.process.assembly import make_parts

log = logging.getLogger(__name__)

TICK_MS: Final = 10
TICK_WAITING_MS: Final = 1


class Gateway:
    """One account's gateway. `start` once on a running loop, then `stop`; `finished` is set when it cannot go on."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._loop = asyncio.get_running_loop()
        self.finished, self.failure = asyncio.Event(), ""
        self._parts = make_parts(config, self._fail)
        parts, recovery = self._parts, self._parts.recovery
        if recovery.records:
            unknown_since_ms = recovery.lost_records.unknown_since(recovery.received_ms)
            parts.housekeeping.reconciler.note_gap(unknown_since_ms)
            parts.algos.reconciler.note_gap(unknown_since_ms)

    def _fail(self, reason: str) -> None:
        self.failure = reason
        self.finished.set()

    # ------------------------------------------------------------ start

    async def start(self) -> None:
        """Sockets first, so that strategies are answered from the first moment; then the account; then the streams."""
        parts = self._parts
        parts.request_pump.start()
        self._loop.add_reader(parts.base.endpoints.events.fileno(), self._read_subscriptions)
        self._tick()
        self._beat()
        parts.displayed.connecting()
        parts.journal.publish_findings()
        parts.housekeeping.halt_for(parts.recovery.lost_records)
        await parts.rest.open()
        report = await parts.account.learn()
        parts.instruments.load(report.catalogue)
        parts.recovery.find_instruments()
        self._log_start(report)
        parts.public.start()
        parts.housekeeping.start(parts.recovery.lacking_fills())
        self._read_queued()
        if self._config.process.spin:
            self._spin()
        gc.collect()
        gc.freeze()

    def _log_start(self, report: AccountReport) -> None:
        config, base = self._config, self._parts.base
        log.info(
            "gateway",
            extra={
                "account": config.account.name,
                "environment": config.account.environment,
                "uid": report.account.uid,
                "orders": f"ipc://{base.endpoints.requests_path}",
                "events": f"ipc://{base.endpoints.events_path}",
                "place_per_2s": config.limits.place_per_2s,
                "instruments": len(report.catalogue),
                "session": base.bus.session,
            },
        )

    # ------------------------------------------------------------ while it runs

    def _tick(self) -> None:
        parts = self._parts
        waiting = parts.api.tick()
        for request in parts.startup_queue.take_late():
            parts.sessions.read_queued(request)
        self._loop.call_later((TICK_WAITING_MS if waiting else TICK_MS) / 1_000, self._tick)
        self._read_subscriptions()
        parts.journal.look()
        parts.housekeeping.tick()

    def _read_queued(self) -> None:
        """The instruments are loaded, or the gateway stops."""
        for request in self._parts.startup_queue.close():
            self._parts.sessions.read_queued(request)

    def _spin(self) -> None:
        """Always something to call: then the loop polls its sockets without waiting."""
        self._loop.call_soon(self._spin)

    def _beat(self) -> None:
        self._parts.base.state.heartbeat_all()
        self._loop.call_later(HEARTBEAT_MS / 1_000, self._beat)

    def _read_subscriptions(self) -> None:
        """XPUB receives subscriptions (first byte 1) and their ends (0)."""
        events = self._parts.base.endpoints.events
        while not events.closed:
            try:
                message = events.recv(zmq.NOBLOCK)
            except zmq.Again:
                return
            if message[:1] == b"\x01":
                self._parts.base.state.on_subscription(message[1:])

    # ------------------------------------------------------------ stop

    async def stop(self) -> None:
        """Refuses what is new and what waits, gives acks their time, tells the strategies, removes the sockets."""
        parts = self._parts
        parts.displayed.stop()
        parts.api.set_stopping()
        self._read_queued()
        deadline = self._loop.time() + self._config.stop.drain_ms / 1_000
        while parts.api.in_flight_count() and self._loop.time() < deadline:
            await asyncio.sleep(0.005)
        if parts.housekeeping.connections.is_started:
            await parts.housekeeping.connections.stop()
            parts.public.stop()
            await parts.public.stopped_or_failed()
        parts.instruments.stop()
        await parts.algos.stop()
        await parts.housekeeping.stop(is_clean=not self.failure)
        await parts.rest.close()
        parts.displayed.stopped()
        parts.request_pump.stop()
        self._loop.remove_reader(parts.base.endpoints.events.fileno())
        parts.replays.close()
        parts.pages.close()
        parts.base.request_socket.close()
        parts.base.event_socket.close()
        parts.base.endpoints.close()
        parts.journal.close()
