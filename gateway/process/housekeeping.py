"""What goes on beside the two paths while a gateway runs: OKX's clock, questions about the unknown, sweeps, guards."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, Final

from gateway._fast.control.halt import HaltControl
from gateway._fast.control.pipeline import PipelineControl
from gateway._fast.control.rest import RestControl
from gateway._fast.orders.trading_state import TradingState
from gateway.config.loading import Config
from gateway.connections.private_connections import PrivateConnections
from gateway.connections.rest import RestClient
from gateway.connections.rest_orders import RestOrders
from gateway.errors import GatewayError
from gateway.guards.dead_man import DeadMan
from gateway.guards.reactions import CodeReactions, Ports
from gateway.journal.gaps import LostRecords
from gateway.reconciliation.account import AccountReconciler
from gateway.reconciliation.gone_orders import GoneOrders
from gateway.reconciliation.lost_stream import LostStream
from gateway.reconciliation.missing_fills import MissingFills
from gateway.reconciliation.runner import Reconciler
from gateway.reconciliation.sweeps import Sweeps
from gateway.reconciliation.unknown_requests import UnknownRequests

log = logging.getLogger(__name__)

RESOLVE_PERIOD_S: Final = 1.0
# An order that OKX calls gone, or whose fills are missing, is asked about this much later: its push may be on the way.
ASK_AFTER_S: Final = 1.0
# A stream that loses pushes is opened anew at most so often.
REOPEN_EVERY_S: Final = 10.0
# What came before a handover is older than the margin of sweeps by so much when it is compared.
SWEEP_AFTER_HANDOVER_S: Final = 0.5
RECORDS_LOST: Final = (
    "records of the journal are lost: requests of earlier runs may be unknown here, and no id can be known to be new. "
    "Compare orders and fills with OKX, then say resume"
)


class Housekeeping:
    """One per gateway. `attach` joins the private stream later; `start`, then `stop`."""

    def __init__(
        self,
        config: Config,
        rest: RestClient,
        trading: TradingState,
        api: PipelineControl,
        alarm: Callable[[str, str], None],
        inst_type_of: Callable[[str], str],
        resync_clock: Callable[[], Coroutine[Any, Any, None]],
        read_instruments: Callable[[], Coroutine[Any, Any, None]],
        halt_changed: Callable[[], None],
    ) -> None:
        self._config = config
        self._rest = rest
        self._api = api
        self._loop = asyncio.get_running_loop()
        self._resync_clock = resync_clock
        self._read_instruments = read_instruments
        self._connections: PrivateConnections | None = None
        self._turns = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._resolving: asyncio.Task[None] | None = None
        self._asking: asyncio.TimerHandle | None = None
        self._asking_fills: asyncio.TimerHandle | None = None
        self._alarm = alarm
        self._reopened_s = -REOPEN_EVERY_S
        self._hold = HaltControl(trading)
        self._account = AccountReconciler(rest, api)
        self.reconciler = Reconciler(rest, api, self._account, inst_type_of, alarm)
        self._unknown_requests = UnknownRequests(rest, api, self.reconciler, alarm)
        self._sweeps = Sweeps(
            self.reconciler,
            self._hold.is_reconciled,
            config.session.sweep_s,
            config.session.sweep_margin_ms,
            self._on_lost_pushes,
        )
        fallback = config.rest_orders.fallback
        self._rest_api = RestControl(api)
        self._lost_stream = LostStream(self.reconciler, self._allow_orders_by_rest, orders=fallback == "all")
        self._rest_orders = RestOrders(rest, self._rest_api, self._lost_stream.look_soon, cancels=fallback != "none")
        self._state_changed = halt_changed
        self._gone_orders = GoneOrders(api, self.reconciler)
        self._missing_fills = MissingFills(api, self.reconciler, self._on_lost_pushes)
        self._dead_man = DeadMan(config.dead_man, rest.cancel_all_after, self, alarm)
        self._reactions = CodeReactions(
            self._hold,
            Ports(
                alarm=alarm,
                log_in_again=lambda text: self._later(0.0, lambda: self._reopen(text)),
                resync_clock=lambda: self._begin(self._once("OKX's clock could not be asked", self._resync_clock)),
                read_instruments=lambda: self._begin(
                    self._once("the instruments could not be read again", self._read_instruments)
                ),
                ask_order=self._ask_soon,
                halt_changed=halt_changed,
                call_later=self._later,
            ),
        )

    def attach(self, connections: PrivateConnections) -> None:
        """The private connections."""
        self._connections = connections

    # ------------------------------------------------------------ from the pipeline and the control plane

    def on_okx_code(self, code: int, mono_ns: int, limit_key: int, ord_id: bytes, cl_ord_id: bytes, msg: bytes) -> None:
        """A code met on a live op that asks for more than the row's result."""
        self._reactions.on_code(code, mono_ns, limit_key, ord_id, cl_ord_id, msg)

    def on_fills_missing(self, ord_id: bytes) -> None:
        """A state was told with more filled than the fills that were told."""
        self.ask_fills_soon([ord_id.decode("ascii", "replace")])

    def ask_fills_soon(self, ord_ids: Iterable[str] = ()) -> None:
        """About the fills of these orders, and of those that OKX did not show yet when it was asked."""
        for ord_id in ord_ids:
            self._missing_fills.note(ord_id)
        if self._asking_fills is None and self._missing_fills.waits:
            self._asking_fills = self._later(ASK_AFTER_S, lambda: self._begin(self._ask_fills()))

    def halt_for(self, lost_records: LostRecords) -> None:
        """No new orders and amends until `resume`, if somebody has to accept that records are lost."""
        if lost_records.incomplete:
            self._reactions.halt(RECORDS_LOST)

    def resume(self) -> bool:
        """New orders may go again; True if they were halted."""
        return self._reactions.resume()

    def reconnect(self) -> bool:
        """New private connections take over from the present ones; False if none is up, and comes back anyway."""
        return self._connections is not None and self._connections.renew("asked for")

    @property
    def halted(self) -> str:
        return self._reactions.halted

    @property
    def takes_orders_by_rest(self) -> bool:
        """The stream is lost, and REST stands in for it."""
        return self._lost_stream.takes_orders

    def status(self) -> dict[str, Any]:
        """For the op `status`."""
        connections = [] if self._connections is None else self._connections.status()
        return {"halted": self._reactions.halted, "deadMan": self._dead_man.status(), "connections": connections}

    # ------------------------------------------------------------ evidence for the dead man's switch

    def ask(self) -> None:
        if self._connections is not None:
            self._connections.send_ping()

    def received_since(self, mono_ns: int) -> bool:
        return self._connections is not None and self._connections.received_since(mono_ns)

    def turns(self) -> int:
        return self._turns

    # ------------------------------------------------------------ life

    def start(self, lacking_fills: Iterable[str]) -> None:
        """`lacking_fills`: the orders of which the journal lacks fills."""
        self.ask_fills_soon(lacking_fills)
        self._dead_man.log_scope()
        self._begin(self._keep_clock())
        self._begin(self._dead_man.run())
        self._begin(self._sweeps.run())
        self._rest_orders.open()
        if self._config.rest_orders.fallback != "none":
            self._begin(self._lost_stream.run())

    def tick(self) -> None:
        """One turn of the hot loop."""
        self._turns += 1
        self._account.listen()
        if self._connections is not None:
            self._connections.tick()
        if (
            self._api.unknown_count()
            and (self._hold.is_reconciled() or self._lost_stream.is_watched)
            and (self._resolving is None or self._resolving.done())
        ):
            self._resolving = self._begin(self._resolve_unknown())

    async def before_ready(self) -> None:
        """Reconciled: what must stand before the first order goes."""
        await self._dead_man.arm()

    def on_state(self, *, is_ready: bool) -> None:
        """The private connections have become ready, or are it no longer."""
        self._lost_stream.on_state(is_complete=is_ready)
        if is_ready:
            self._reactions.on_ready()
        else:
            self._sweeps.interrupt()

    def on_handover(self) -> None:
        """Another connection has taken over: a comparison, once what it may have missed is old enough to be one."""
        self._reactions.on_ready()
        self._later(self._config.session.sweep_margin_ms / 1_000 + SWEEP_AFTER_HANDOVER_S, self._sweeps.soon)

    async def stop(self, *, is_clean: bool) -> None:
        """Ends all of it. The dead man's switch is disarmed only if the gateway ends as it was told to."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._rest_orders.close()
        for timer in (self._asking, self._asking_fills):
            if timer is not None:
                timer.cancel()
        if is_clean:
            await self._dead_man.disarm()

    # ------------------------------------------------------------ what is done

    def _allow_orders_by_rest(self, allowed: bool) -> None:
        self._rest_api.allow_orders(allowed)
        self._state_changed()

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _later(self, delay_s: float, call: Callable[[], object]) -> asyncio.TimerHandle:
        return self._loop.call_later(delay_s, call)

    def _reopen(self, text: str) -> None:
        if self._connections is not None:
            self._connections.reopen(text)

    async def _once(self, failure: str, work: Callable[[], Awaitable[None]]) -> None:
        """What may fail without harm: it is done again at its time."""
        try:
            await work()
        except GatewayError as error:
            log.warning(failure, extra={"why": str(error)})
        except Exception:
            log.exception(failure)

    async def _keep_clock(self) -> None:
        while True:
            await asyncio.sleep(self._config.session.clock_resync_s)
            await self._once("OKX's clock could not be asked", self._resync_clock)

    def _on_lost_pushes(self, published: int) -> None:
        """The stream answers pings and yet loses what it should bring: another one, but not again and again."""
        words = (
            f"OKX's REST shows {published} fills, states, balances or positions that the private stream has not brought"
        )
        self._alarm("pushes_lost", words)
        now_s = self._loop.time()
        if now_s - self._reopened_s >= REOPEN_EVERY_S:
            self._reopened_s = now_s
            if self._connections is not None:
                self._connections.renew(words)

    async def _resolve_unknown(self) -> None:
        """Asks OKX about what is unknown, as long as anything is; not more often than once a period."""
        self.ask()  # a pong proves that OKX has read what it did not ack: tokens come back
        await self._once("unknown requests could not be resolved yet", self._unknown_requests.ask)
        await asyncio.sleep(RESOLVE_PERIOD_S)

    def _ask_soon(self, ord_id: str, cl_ord_id: str) -> None:
        self._gone_orders.note(ord_id, cl_ord_id)
        if self._asking is None:
            self._asking = self._later(ASK_AFTER_S, lambda: self._begin(self._ask_gone()))

    async def _ask_gone(self) -> None:
        self._asking = None
        await self._once("an order that OKX calls gone could not be asked about", self._gone_orders.ask)

    async def _ask_fills(self) -> None:
        self._asking_fills = None
        await self._once("the fills of an order could not be asked for", self._missing_fills.ask)
        self.ask_fills_soon()
