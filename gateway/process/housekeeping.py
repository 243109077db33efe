"""Work beside the two paths while a gateway runs: private connections, OKX's clock, unknown requests, sweeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from gateway._fast.control.halt import HaltControl
from gateway._fast.control.rest import RestControl
from gateway._fast.order_pipeline import OrderPipeline
from gateway.connections.private_connection import PrivatePorts, Wire
from gateway.connections.private_connections import PrivateConnections
from gateway.connections.rest_orders import RestOrders
from gateway.guards.dead_man import DeadMan
from gateway.guards.reactions import CodeReactions
from gateway.journal.gaps import LostRecords
from gateway.okx.session_table import State
from gateway.process.algo_housekeeping import AlgoHousekeeping
from gateway.process.background import RESOLVE_PERIOD_S, Background, DelayedWork, Throttle
from gateway.process.displayed_state import DisplayedState
from gateway.process.instruments import Instruments
from gateway.process.shared import Shared
from gateway.process.signals import AskFills, AskOrder, LogInAgain, ReadInstruments, ResyncClock, Signal, Signals
from gateway.reconciliation.account import AccountReconciler
from gateway.reconciliation.gone_orders import GoneOrders
from gateway.reconciliation.lost_stream import LostStream
from gateway.reconciliation.missing_fills import MissingFills
from gateway.reconciliation.runner import Reconciler
from gateway.reconciliation.sweeps import Sweeps
from gateway.reconciliation.unknown_requests import UnknownRequests

# An order that OKX calls gone, or whose fills are missing, is asked about this much later: its push may be on the way.
ASK_AFTER_S: Final = 1.0
# What came before a handover is older than the margin of sweeps by so much when it is compared.
SWEEP_AFTER_HANDOVER_S: Final = 0.5
CLOCK_UNASKED: Final = "OKX's clock could not be asked"
RECORDS_LOST: Final = (
    "records of the journal are lost: requests of earlier runs may be unknown here, and no id can be known to be new. "
    "Compare orders and fills with OKX, then send the op resume"
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What was made before, and what housekeeping acts on. `fail` ends the gateway for a reason."""

    pipeline: OrderPipeline
    algos: AlgoHousekeeping
    instruments: Instruments
    reactions: CodeReactions
    signals: Signals
    displayed: DisplayedState
    fail: Callable[[str], None]


class Housekeeping:
    """One per gateway. `start`, then `stop`."""

    def __init__(self, shared: Shared, around: Surroundings) -> None:
        config, rest, api, alarm = shared.config, shared.rest, shared.api, shared.alarm
        self._shared = shared
        self._around = around
        self._background = Background()
        self._reopening = Throttle()
        self._turns = 0
        self._resolving: asyncio.Task[None] | None = None
        self._halt = HaltControl(around.pipeline.trading)
        self._account = AccountReconciler(rest, api)
        self.reconciler = Reconciler(
            rest, api, self._account, around.instruments.inst_type_of, alarm, first=around.algos.run
        )
        self._unknown_requests = UnknownRequests(rest, api, self.reconciler, alarm)
        self._sweeps = Sweeps(
            self.reconciler,
            self._halt.is_reconciled,
            config.session.sweep_s,
            config.session.sweep_margin_ms,
            self._on_lost_pushes,
        )
        fallback = config.rest_orders.fallback
        self._rest_api = RestControl(api)
        self._lost_stream = LostStream(self.reconciler, self._allow_orders_by_rest, orders=fallback == "all")
        self._rest_orders = RestOrders(rest, self._rest_api, self._lost_stream.look_soon, cancels=fallback != "none")
        self._gone_orders = GoneOrders(api, self.reconciler)
        self._missing_fills = MissingFills(api, self.reconciler, self._on_lost_pushes)
        self._asking_gone = DelayedWork(self._background, ASK_AFTER_S, self._ask_gone)
        self._asking_fills = DelayedWork(self._background, ASK_AFTER_S, self._ask_fills)
        self._dead_man = DeadMan(config.dead_man, rest.cancel_all_after, alarm)
        self.connections = self._private_connections()

    def _private_connections(self) -> PrivateConnections:
        shared, config = self._shared, self._shared.config
        ports = PrivatePorts(
            self._around.pipeline,
            shared.api,
            config.credentials,
            Wire(config.account.endpoints.ws_private_url, shared.tls, config.session, shared.pacer),
            self.reconciler,
            self._dead_man.arm,
            shared.clock.resync,
            shared.alarm,
        )
        return PrivateConnections(ports, self._on_private_state, self._on_handover)

    # ------------------------------------------------------------ from strategies: the ops of `gateway.ipc.gateway_ops`

    def resume(self) -> bool:
        """New orders may go again; True if they were halted."""
        return self._around.reactions.resume()

    def reconnect(self) -> bool:
        """New private connections take over from the present ones; False if none is up, and comes back anyway."""
        return self.connections.renew("asked for")

    def status(self) -> dict[str, Any]:
        """For the op `status`."""
        return {
            "halted": self._around.reactions.halted,
            "deadMan": self._dead_man.status(),
            "connections": self.connections.status(),
        }

    # ------------------------------------------------------------ evidence for the dead man's switch

    def ask(self) -> None:
        self.connections.send_ping()

    def received_since(self, mono_ns: int) -> bool:
        return self.connections.received_since(mono_ns)

    def turns(self) -> int:
        return self._turns

    # ------------------------------------------------------------ life

    def halt_for(self, lost_records: LostRecords) -> None:
        """No new orders and amends until `resume`, if somebody has to accept that records are lost."""
        if lost_records.incomplete:
            self._around.reactions.halt(RECORDS_LOST)

    def start(self, lacking_fills: Iterable[str]) -> None:
        """`lacking_fills`: the orders of which the journal lacks fills."""
        config, background = self._shared.config, self._background
        self.connections.start()
        self._around.algos.start()
        self._ask_fills_soon(lacking_fills)
        self._dead_man.log_scope()
        background.begin(self._serve_signals())
        background.begin(background.repeat(config.session.clock_resync_s, CLOCK_UNASKED, self._shared.clock.resync))
        background.begin(self._dead_man.run(self))
        background.begin(self._sweeps.run())
        self._rest_orders.open()
        if config.rest_orders.fallback != "none":
            background.begin(self._lost_stream.run())

    def tick(self) -> None:
        """One turn of the hot loop."""
        self._turns += 1
        self._account.listen()
        self.connections.tick()
        if (
            self._shared.api.unknown_count()
            and (self._halt.is_reconciled() or self._lost_stream.is_watched)
            and (self._resolving is None or self._resolving.done())
        ):
            self._resolving = self._background.begin(self._resolve_unknown())

    async def stop(self, *, is_clean: bool) -> None:
        """Ends all but the connections. The dead man's switch is disarmed only if the gateway was asked to stop."""
        await self._background.stop()
        await self._rest_orders.close()
        if is_clean:
            await self._dead_man.disarm()

    # ------------------------------------------------------------ from the private connections

    def _on_private_state(self, state: State, reason: str) -> None:
        displayed = self._around.displayed
        if displayed.is_stopping:
            return  # `stopped` is what follows, once the rest has ended too
        displayed.note_private(state)
        self._lost_stream.on_state(is_complete=state is State.READY)
        if state is State.READY:
            self._around.reactions.on_ready()
        else:
            self._sweeps.interrupt()
        self._around.algos.on_private_state(state)
        displayed.show(reason)
        if state is State.FAILED:
            self._around.fail(reason)

    def _on_handover(self) -> None:
        """Another connection has taken over: a comparison, once what it may have missed is old enough to be one."""
        self._around.reactions.on_ready()
        margin_s = self._shared.config.session.sweep_margin_ms / 1_000
        self._background.later(margin_s + SWEEP_AFTER_HANDOVER_S, self._sweeps.soon)

    def _on_lost_pushes(self, published: int) -> None:
        """The stream answers pings and yet loses pushes: another one, but not again and again."""
        words = (
            f"OKX's REST shows {published} fills, states, balances or positions that the private stream has not brought"
        )
        self._shared.alarm("pushes_lost", words)
        if self._reopening.is_due():
            self.connections.renew(words)

    def _allow_orders_by_rest(self, allowed: bool) -> None:
        self._rest_api.allow_orders(allowed)
        self._around.displayed.allow_orders_by_rest(allowed)

    # ------------------------------------------------------------ from the order path

    async def _serve_signals(self) -> None:
        while True:
            self._serve(await self._around.signals.next())

    def _serve(self, signal: Signal) -> None:
        background = self._background
        match signal:
            case LogInAgain(why):
                self.connections.reopen(why)
            case ResyncClock():
                background.begin(background.once(CLOCK_UNASKED, self._shared.clock.resync))
            case ReadInstruments():
                failure = "the instruments could not be read again"
                background.begin(background.once(failure, self._around.instruments.reload))
            case AskOrder(ord_id, cl_ord_id):
                self._gone_orders.note(ord_id, cl_ord_id)
                self._asking_gone.ask()
            case AskFills(ord_id):
                self._ask_fills_soon([ord_id])

    def _ask_fills_soon(self, ord_ids: Iterable[str] = ()) -> None:
        """About the fills of these orders, and of those that OKX did not show yet when it was asked."""
        for ord_id in ord_ids:
            self._missing_fills.note(ord_id)
        if self._missing_fills.waits:
            self._asking_fills.ask()

    async def _ask_gone(self) -> None:
        failure = "an order that OKX calls gone could not be asked about"
        await self._background.once(failure, self._gone_orders.ask)

    async def _ask_fills(self) -> None:
        await self._background.once("the fills of an order could not be asked for", self._missing_fills.ask)
        self._ask_fills_soon()

    async def _resolve_unknown(self) -> None:
        """Asks OKX about what is unknown, not more often than once a period."""
        self.ask()  # a pong proves that OKX has read what it did not ack: tokens come back
        await self._background.once("unknown requests could not be resolved yet", self._unknown_requests.ask)
        await asyncio.sleep(RESOLVE_PERIOD_S)
