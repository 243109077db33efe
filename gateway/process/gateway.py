"""Joins the parts of one running gateway: configuration in, objects out, in the order in which they need each other."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import secrets
import time
from typing import Any, Final

import zmq

from gateway import __version__
from gateway._fast.base.signing import sign
from gateway._fast.control.pipeline import PipelineControl
from gateway._fast.events.bus import EventBus
from gateway._fast.journal.retention import first_to_recover, oldest_segment
from gateway._fast.order_pipeline import OrderPipeline
from gateway._fast.orders.trading_state import TradingState
from gateway._fast.ports.control_port import PythonControl, PythonSessions
from gateway._fast.sockets.event_socket import EventSocket
from gateway._fast.sockets.request_reader import RequestReader
from gateway._fast.sockets.request_socket import RequestSocket
from gateway.config.loading import Config
from gateway.connections.private_connection import PrivatePorts, Wire
from gateway.connections.private_connections import PrivateConnections
from gateway.connections.public_stream import PublicHooks
from gateway.connections.rest import RestClient
from gateway.connections.stream import Stream
from gateway.connections.tls import tls_context
from gateway.errors import CertificateError, ConfigError, RemoteProtocolError, TransportError, VenueError
from gateway.ipc.control import HEARTBEAT_MS, Control
from gateway.ipc.endpoints import Endpoints
from gateway.ipc.grants import Grants
from gateway.ipc.replay import Replays
from gateway.ipc.request_pump import RequestPump
from gateway.journal.last_seqs import last_seqs
from gateway.journal.monitor import JournalMonitor
from gateway.journal.opening import OpenJournal
from gateway.journal.recovery import recover_journal
from gateway.journal.replay import JournalPages
from gateway.okx.account import refusal_to_run
from gateway.okx.backoff import ConnectPacer
from gateway.okx.error_codes import Reaction, proving_codes, reacting_codes, reaction
from gateway.okx.session_table import State
from gateway.process.account_report import AccountReport, describe_account
from gateway.process.algo_housekeeping import AlgoHousekeeping
from gateway.process.housekeeping import Housekeeping
from gateway.process.instruments import Instruments, instrument_table

log = logging.getLogger(__name__)

TICK_MS: Final = 10
TICK_WAITING_MS: Final = 1
START_RETRY_S: Final = 2.0
# What OKX may say to a question at start without meaning no.
RETRY_REACTIONS: Final = frozenset({Reaction.RL, Reaction.RECON, Reaction.UNK})


class Gateway:
    """One account's gateway. `start` once on a running loop, then `stop`; `finished` is set when it cannot go on."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._loop = asyncio.get_running_loop()
        self._base_ns = time.time_ns() - time.monotonic_ns()
        self._tls = tls_context(config.account.ca_file)
        self._rest = RestClient(
            config.account.endpoints,
            config.credentials,
            sign,
            timeout_ms=config.session.rest_timeout_ms,
            tls=self._tls,
            clock_ns=self._steady_clock_ns,
        )
        self._endpoints = Endpoints(config.sockets)
        self._build_pipeline()
        self._report: AccountReport | None = None
        self._private: PrivateConnections | None = None
        self._public: Stream | None = None
        self._housekeeping = Housekeeping(
            config,
            self._rest,
            self._trading,
            self.api,
            self.control.alarm,
            self._instruments.inst_type_of,
            self._resync_clock,
            self._instruments.reload,
            self._on_halt,
        )
        self._housekeeping.reconciler.go_after(self._algos.run)
        self.control.guard_by(self._housekeeping)
        if self._recovery.records:
            unknown_since_ms = self._recovery.lost_records.unknown_since(self._recovery.received_ms)
            self._housekeeping.reconciler.note_gap(unknown_since_ms)
            self._algos.reconciler.note_gap(unknown_since_ms)
        self.finished, self.failure = asyncio.Event(), ""

    def _steady_clock_ns(self) -> int:
        """Unix time at the start, going on by the monotonic clock: a stepped wall clock breaks no signature."""
        return self._base_ns + time.monotonic_ns()

    def _build_pipeline(self) -> None:
        config = self._config
        table = instrument_table(config)
        session = secrets.token_hex(8)
        open_journal = OpenJournal(config.journal, config.account.name, config.account.environment, session)
        journal = open_journal.writer
        self._event_socket = EventSocket(self._endpoints.events)
        self._bus = EventBus(self._event_socket, journal, session)
        self._bus.resume(last_seqs(config.journal.dir, open_journal.incomplete))
        requests_woken = asyncio.Event()
        self._request_socket = RequestSocket(self._endpoints.requests, requests_woken.set)
        epoch = self._endpoints.next_epoch()
        open_journal.note_session(session=session, version=__version__, epoch=epoch)
        numbers, numbers_since = self._endpoints.load_numbers(epoch)
        self._trading = TradingState(
            table,
            self._bus,
            self._request_socket,
            journal,
            config.requests,
            epoch,
            proving_codes(),
            reacting_codes(),
        )
        grants = Grants(config.strategy, config.default_strategy, os.geteuid(), numbers)
        self._pages = JournalPages(config.journal.dir)
        self._replays = Replays(self._bus, self._pages)
        self.control = Control(
            self._bus,
            grants,
            self._describe,
            shown_limits(config),
            max_wait_ms=config.requests.max_wait_ms,
            epoch=epoch,
            describe_journal=lambda: self._journal.status(),  # noqa: PLW0108 - it is made later
            replays=self._replays,
            keep_numbers=lambda given: self._endpoints.save_numbers(given, numbers_since),
        )
        self._pipeline = OrderPipeline(self._trading, self._control_port())
        self.api = PipelineControl(self._pipeline)
        self._instruments = Instruments(config, self._rest, self.api.okx_now_ms, self.control.alarm, table)
        reader = RequestReader(self._request_socket, self._pipeline, PythonSessions(self.control))
        self._request_pump = RequestPump(self._endpoints.requests.fileno(), reader, requests_woken)
        self._algos = AlgoHousekeeping(
            config, self._rest, self._pipeline, self.api, self.control.alarm, self._resync_clock
        )
        self.control.attach(self.api, self._algos.api, self._request_socket, self._trading.add_strategy)
        names = self._add_known(grants, numbers_since)
        self._recovery = recover_journal(open_journal, self._trading, names, self.control.alarm)
        self._journal = JournalMonitor(
            open_journal,
            self.control.alarm,
            lambda: oldest_segment(self._trading),
            self._bus.seqs,
            lambda: first_to_recover(self._trading),
            self._recovery.lost_records,
        )

    def _add_known(self, grants: Grants, numbers_since: int) -> list[str]:
        """The strategies of the configuration and of earlier runs. Returns their names."""
        for strategy in self._config.strategy:
            self.control.add_known(strategy.name, strategy.number, since_epoch=0)
        for name, number in grants.given.items():
            self.control.add_known(name, number, numbers_since)
        return [*(strategy.name for strategy in self._config.strategy), *grants.given]

    def _control_port(self) -> PythonControl:
        return PythonControl(
            queue_request=self.control.queue_request,
            refusal_message=self.control.refusal_message,
            on_unrecognised_frame=self.control.on_unrecognised_frame,
            on_okx_code=self.control.on_okx_code,
            on_fills_missing=self.control.on_fills_missing,
            keep_linked_order=self._keep_linked_order,
        )

    def _keep_linked_order(self, algo_id: bytes, row: bytes) -> bool:
        return self._algos.keep_linked_order(algo_id, row)

    def _describe(self) -> dict[str, Any]:
        account = None if self._report is None else self._report.account
        return {
            "environment": self._config.account.environment,
            "acctLv": "" if account is None else account.acct_lv,
            "posMode": "" if account is None else account.pos_mode,
        }

    # ------------------------------------------------------------ start

    async def start(self) -> None:
        """Sockets first, so that strategies are answered from the first moment; then the account; then the streams."""
        self._request_pump.start()
        self._loop.add_reader(self._endpoints.events.fileno(), self._read_subscriptions)
        self._tick()
        self._beat()
        self.control.set_state("connecting", ready=False)
        self._journal.publish_findings()
        self._housekeeping.halt_for(self._recovery.lost_records)
        await self._rest.open()
        await self._learn_account()
        self._start_streams()
        self._housekeeping.start(self._recovery.lacking_fills())
        self.control.held.release()
        if self._config.process.spin:
            self._spin()
        gc.collect()
        gc.freeze()

    async def _learn_account(self) -> None:
        """Clock, account, instruments. What OKX refuses ends the start; what is only unreachable is tried again."""
        while True:
            try:
                await self._resync_clock()
                self._report = await describe_account(self._rest, self._config.account, self._config.limits)
                break
            except CertificateError as error:
                fix = "if the address is right, name its authority in [account] ca_file"
                raise ConfigError(f"{error}: {fix}") from error
            except (TransportError, RemoteProtocolError, VenueError) as error:
                if isinstance(error, VenueError) and reaction(error.code, "query") not in RETRY_REACTIONS:
                    raise
                log.warning("OKX is not reachable yet", extra={"why": str(error)})
                self.control.set_state("connecting", ready=False, reason=str(error))
                await asyncio.sleep(START_RETRY_S)
        refusal = refusal_to_run(self._report.account)
        if refusal is not None:
            raise ConfigError(refusal)
        self._instruments.load(self._report.catalogue)
        self._recovery.find_instruments()
        for finding in self._report.findings:
            log.info("account", extra={"verdict": str(finding.verdict), "finding": finding.text, "fix": finding.fix})
        config = self._config
        log.info(
            "gateway",
            extra={
                "account": config.account.name,
                "environment": config.account.environment,
                "uid": self._report.account.uid,
                "orders": f"ipc://{self._endpoints.requests_path}",
                "events": f"ipc://{self._endpoints.events_path}",
                "place_per_2s": config.limits.place_per_2s,
                "instruments": len(self._report.catalogue),
                "session": self._bus.session,
            },
        )

    def _start_streams(self) -> None:
        config, pacer = self._config, ConnectPacer()
        endpoints, session = config.account.endpoints, config.session
        wire = Wire(endpoints.ws_private_url, self._tls, session, pacer)
        ports = PrivatePorts(
            self._pipeline,
            self.api,
            config.credentials,
            wire,
            self._housekeeping,
            self._resync_clock,
            self.control.alarm,
        )
        public = PublicHooks(
            config.account.inst_types, self._instruments.merge_rows, self._instruments.reload, self.control.alarm
        )
        self._private = PrivateConnections(ports, self._on_private_state, self._housekeeping.on_handover)
        self._public = Stream(public, endpoints.ws_public_url, self._tls, session, pacer)
        self._housekeeping.attach(self._private)
        self._algos.attach(self._tls, pacer)
        self._private.start()
        self._public.start()

    # ------------------------------------------------------------ while it runs

    async def _resync_clock(self) -> None:
        await self._rest.time_offset_ns()
        self.api.set_okx_clock(self._base_ns + self._rest.clock_offset_ns, self._rest.clock_error_ns)

    def _on_private_state(self, state: State, reason: str) -> None:
        if self.control.state == "stopping":
            return  # `stopped` is what follows, once the rest has ended too
        self._housekeeping.on_state(is_ready=state is State.READY)
        self._algos.on_private_state(state)
        self._show_state(reason)
        if state is State.FAILED:
            self.failure = reason
            self.finished.set()

    def _on_halt(self) -> None:
        if not self._housekeeping.halted:
            self._journal.accept_lost_records()
        if self._private is not None and self.control.state != "stopping":
            self._show_state()

    def _show_state(self, reason: str = "") -> None:
        """The state of the private connections is the gateway's, but where new orders are halted."""
        assert self._private is not None
        state, halted = self._private.state, self._housekeeping.halted
        by_rest = self._housekeeping.takes_orders_by_rest
        if state is not State.READY and not by_rest:
            name = "waiting" if state.startswith(("closing", "disconnected")) else str(state)
            self.control.set_state(name, ready=False, reason=reason)
        elif halted:
            self.control.set_state("halted", ready=False, reason=f"halted: {halted}")
        elif by_rest:
            self.control.set_state("degraded", ready=True, reason=reason or f"the private stream is {state}: by REST")
        else:
            self.control.set_state("ready", ready=True)

    def _tick(self) -> None:
        waiting = self.api.tick()
        self.control.held.tick()
        self._loop.call_later((TICK_WAITING_MS if waiting else TICK_MS) / 1_000, self._tick)
        self._read_subscriptions()
        self._journal.look()
        self._housekeeping.tick()

    def _spin(self) -> None:
        """Always something to call: then the loop polls its sockets without waiting."""
        self._loop.call_soon(self._spin)

    def _beat(self) -> None:
        self.control.heartbeat_all()
        self._loop.call_later(HEARTBEAT_MS / 1_000, self._beat)

    def _read_subscriptions(self) -> None:
        """XPUB hears subscriptions (first byte 1) and their ends (0)."""
        while not self._endpoints.events.closed:
            try:
                message = self._endpoints.events.recv(zmq.NOBLOCK)
            except zmq.Again:
                return
            if message[:1] == b"\x01":
                self.control.on_subscription(message[1:])

    # ------------------------------------------------------------ stop

    async def stop(self) -> None:
        """Refuses what is new and what waits, gives acks their time, tells the strategies, removes the sockets."""
        self.control.set_state("stopping", ready=False)
        self.api.set_stopping()
        self.control.held.release()
        deadline = self._loop.time() + self._config.stop.drain_ms / 1_000
        while self.api.in_flight_count() and self._loop.time() < deadline:
            await asyncio.sleep(0.005)
        if self._private is not None and self._public is not None:
            await self._private.stop()
            self._public.stop()
            await self._public.stopped_or_failed()
        self._instruments.stop()
        await self._algos.stop()
        await self._housekeeping.stop(is_clean=not self.failure)
        await self._rest.close()
        self.control.set_state("stopped", ready=False)
        self._request_pump.stop()
        self._loop.remove_reader(self._endpoints.events.fileno())
        self._replays.close()
        self._pages.close()
        self._request_socket.close()
        self._event_socket.close()
        self._endpoints.close()
        self._journal.close()


def shown_limits(config: Config) -> dict[str, Any]:
    """As `hello` and `status` show them."""
    return {
        "placePer2s": config.limits.place_per_2s,
        "cancelPer2s": config.limits.cancel_per_2s,
        "amendPer2s": config.limits.amend_per_2s,
        "batchRowsPer2s": config.limits.batch_rows_per_2s,
        "maxWaitCapMs": config.requests.max_wait_cap_ms,
    }
