"""Makes the parts of one gateway out of its configuration, each from parts that are there already.

Tables and ports first; then the order path; then the control APIs on it, and those who use them; the sockets' readers
last, so that nothing is read before there is somebody to read it.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from gateway import __version__
from gateway._fast.base.signing import sign
from gateway._fast.control.algos import AlgoControl
from gateway._fast.control.halt import HaltControl
from gateway._fast.control.pipeline import PipelineControl
from gateway._fast.events.bus import EventBus
from gateway._fast.journal.recovery import Recovery
from gateway._fast.journal.retention import first_to_recover, oldest_segment
from gateway._fast.limits.instruments import InstrumentTable
from gateway._fast.order_pipeline import OrderPipeline
from gateway._fast.orders.trading_state import TradingState
from gateway._fast.ports.control_port import PythonControl, PythonSessions
from gateway._fast.sockets.event_socket import EventSocket
from gateway._fast.sockets.request_reader import RequestReader
from gateway._fast.sockets.request_socket import RequestSocket
from gateway.config.loading import Config
from gateway.connections.public_stream import PublicHooks
from gateway.connections.rest import RestClient
from gateway.connections.stream import Stream
from gateway.connections.tls import tls_context
from gateway.guards.reactions import CodeReactions, Ports
from gateway.ipc.alarms import Alarms
from gateway.ipc.answers import refusal_message_of
from gateway.ipc.endpoints import Endpoints
from gateway.ipc.gateway_ops import GatewayOps, OpPorts
from gateway.ipc.gateway_state import GatewayState
from gateway.ipc.grants import Grants
from gateway.ipc.hello import Hello
from gateway.ipc.owners import Owners
from gateway.ipc.replay import Replays
from gateway.ipc.request_pump import RequestPump
from gateway.ipc.sessions import Replies, Sessions
from gateway.ipc.startup_queue import StartupQueue
from gateway.ipc.unrecognised_frames import UnrecognisedFrames
from gateway.journal.last_seqs import last_seqs
from gateway.journal.monitor import JournalMonitor
from gateway.journal.opening import OpenJournal
from gateway.journal.recovery import recover_journal
from gateway.journal.replay import JournalPages
from gateway.okx.backoff import ConnectPacer
from gateway.okx.error_codes import proving_codes, reacting_codes
from gateway.process.account_start import AccountStart, shown_limits
from gateway.process.algo_housekeeping import AlgoHousekeeping
from gateway.process.displayed_state import DisplayedState
from gateway.process.housekeeping import Housekeeping, Surroundings
from gateway.process.instruments import Instruments, instrument_table
from gateway.process.okx_clock import OkxClock, steady_clock_ns
from gateway.process.shared import Shared
from gateway.process.signals import Signals
from gateway.reconciliation.linked_orders import PUSHES_MAX, LinkedRows


@dataclass(frozen=True, slots=True)
class Base:
    """Sockets, journal, and the tables that the order path works on."""

    endpoints: Endpoints
    event_socket: EventSocket
    request_socket: RequestSocket
    requests_woken: asyncio.Event
    journal: OpenJournal
    bus: EventBus
    instruments: InstrumentTable
    trading: TradingState
    grants: Grants
    owners: Owners
    state: GatewayState
    alarms: Alarms


@dataclass(frozen=True, slots=True)
class OrderPath:
    """The two paths, and what they call in the control plane."""

    pipeline: OrderPipeline
    startup_queue: StartupQueue
    linked_rows: LinkedRows
    reactions: CodeReactions
    signals: Signals
    displayed: DisplayedState


@dataclass(frozen=True, slots=True)
class Parts:
    """What `Gateway` starts, runs and stops."""

    base: Base
    rest: RestClient
    api: PipelineControl
    recovery: Recovery
    journal: JournalMonitor
    startup_queue: StartupQueue
    displayed: DisplayedState
    account: AccountStart
    instruments: Instruments
    algos: AlgoHousekeeping
    housekeeping: Housekeeping
    public: Stream
    replays: Replays
    pages: JournalPages
    sessions: Sessions
    request_pump: RequestPump


def make_rest(config: Config, tls: ssl.SSLContext, base_ns: int) -> RestClient:
    return RestClient(
        config.account.endpoints,
        config.credentials,
        sign,
        timeout_ms=config.session.rest_timeout_ms,
        tls=tls,
        clock_ns=partial(steady_clock_ns, base_ns),
    )


def make_base(config: Config, endpoints: Endpoints) -> Base:
    session = secrets.token_hex(8)
    journal = OpenJournal(config.journal, config.account.name, config.account.environment, session)
    event_socket = EventSocket(endpoints.events)
    bus = EventBus(event_socket, journal.writer, session)
    bus.resume(last_seqs(config.journal.dir, journal.incomplete))
    woken = asyncio.Event()
    request_socket = RequestSocket(endpoints.requests, woken.set)
    epoch = endpoints.next_epoch()
    journal.note_session(session=session, version=__version__, epoch=epoch)
    instruments = instrument_table(config)
    trading = TradingState(
        instruments, bus, request_socket, journal.writer, config.requests, epoch, proving_codes(), reacting_codes()
    )
    numbers, since_epoch = endpoints.load_numbers(epoch)
    grants = Grants(config.strategy, config.default_strategy, os.geteuid(), numbers)
    owners = Owners(bus, trading, epoch, lambda: endpoints.save_numbers(grants.given, since_epoch))
    for strategy in config.strategy:
        owners.add_known(strategy.name, strategy.number, 0)
    for name, number in grants.given.items():
        owners.add_known(name, number, since_epoch)
    state, alarms = GatewayState(bus, owners), Alarms(bus)
    return Base(
        endpoints,
        event_socket,
        request_socket,
        woken,
        journal,
        bus,
        instruments,
        trading,
        grants,
        owners,
        state,
        alarms,
    )


def recover(config: Config, base: Base) -> tuple[Recovery, JournalMonitor]:
    """The tables as the last run left them, and the watch over the journal of this run."""
    names = [*(strategy.name for strategy in config.strategy), *base.grants.given]
    recovery = recover_journal(base.journal, base.trading, names, base.alarms.publish)
    monitor = JournalMonitor(
        base.journal,
        base.alarms.publish,
        partial(oldest_segment, base.trading),
        base.bus.seqs,
        partial(first_to_recover, base.trading),
        recovery.lost_records,
    )
    return recovery, monitor


def make_order_path(config: Config, base: Base, journal: JournalMonitor) -> OrderPath:
    signals, displayed = Signals(), DisplayedState(base.state)

    def halt_changed(text: str) -> None:
        if not text:
            journal.accept_lost_records()
        displayed.halt(text)

    reactions = CodeReactions(
        HaltControl(base.trading),
        Ports(
            alarm=base.alarms.publish,
            log_in_again=signals.log_in_again,
            resync_clock=signals.resync_clock,
            read_instruments=signals.read_instruments,
            ask_order=signals.ask_order,
            halt_changed=halt_changed,
            call_later=asyncio.get_running_loop().call_later,
        ),
    )
    startup_queue = StartupQueue()
    # Without a business stream nothing would tell whose such a row is: none waits.
    linked_rows = LinkedRows(PUSHES_MAX if config.rest_orders.algo_orders else 0)
    control = PythonControl(
        queue_request=startup_queue.queue_request,
        refusal_message=refusal_message_of,
        on_unrecognised_frame=UnrecognisedFrames(base.alarms.publish).note,
        on_okx_code=reactions.on_code,
        on_fills_missing=signals.ask_fills,
        keep_linked_order=linked_rows.keep,
    )
    return OrderPath(OrderPipeline(base.trading, control), startup_queue, linked_rows, reactions, signals, displayed)


def make_parts(config: Config, fail: Callable[[str], None]) -> Parts:
    """`fail` is called with the reason when OKX or the account forbids to go on."""
    base_ns = time.time_ns() - time.monotonic_ns()
    tls, pacer = tls_context(config.account.ca_file), ConnectPacer()
    rest = make_rest(config, tls, base_ns)
    base = make_base(config, Endpoints(config.sockets))
    recovery, journal = recover(config, base)
    path = make_order_path(config, base, journal)
    api, algo_api = PipelineControl(path.pipeline), AlgoControl(path.pipeline)
    clock, alarm = OkxClock(rest, api, base_ns), base.alarms.publish
    shared = Shared(config, rest, api, alarm, clock, tls, pacer)
    instruments = Instruments(config, rest, api.okx_now_ms, alarm, base.instruments)
    algos = AlgoHousekeeping(shared, path.pipeline, algo_api, path.linked_rows)
    housekeeping = Housekeeping(
        shared,
        Surroundings(path.pipeline, algos, instruments, path.reactions, path.signals, path.displayed, fail),
    )
    account = AccountStart(config, rest, clock.resync, path.displayed.connecting)
    public_hooks = PublicHooks(config.account.inst_types, instruments.merge_rows, instruments.reload, alarm)
    public = Stream(public_hooks, config.account.endpoints.ws_public_url, tls, config.session, pacer)
    pages = JournalPages(config.journal.dir)
    replays = Replays(base.bus, pages)
    ports = OpPorts(
        base.bus,
        base.owners,
        base.state,
        api,
        algo_api,
        replays,
        path.startup_queue,
        journal,
        housekeeping,
        shown_limits(config),
    )
    sessions = make_sessions(base, ports, account)
    reader = RequestReader(base.request_socket, path.pipeline, PythonSessions(sessions))
    pump = RequestPump(base.endpoints.requests.fileno(), reader, base.requests_woken)
    return Parts(
        base,
        rest,
        api,
        recovery,
        journal,
        path.startup_queue,
        path.displayed,
        account,
        instruments,
        algos,
        housekeeping,
        public,
        replays,
        pages,
        sessions,
        pump,
    )


def make_sessions(base: Base, ports: OpPorts, account: AccountStart) -> Sessions:
    replies = Replies(base.request_socket)
    hello = Hello(
        base.bus,
        base.grants,
        base.owners,
        base.state,
        ports.api,
        base.request_socket.sessions,
        replies,
        account.describe,
    )
    return Sessions(replies, {"hello": hello.answer, **GatewayOps(ports, replies).by_name}, ports.api)
