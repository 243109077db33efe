"""Work around algo orders while a gateway runs: the business stream, its reconciliation, sweeps."""

from __future__ import annotations

from typing import Final

from gateway._fast.control.algos import AlgoControl
from gateway._fast.order_pipeline import OrderPipeline
from gateway.connections.business_stream import BusinessHooks
from gateway.connections.stream import Stream
from gateway.okx.session_table import State
from gateway.process.background import RESOLVE_PERIOD_S, Background, Throttle
from gateway.process.shared import Shared
from gateway.reconciliation.algos import AlgoReconciler
from gateway.reconciliation.linked_orders import LinkedOrders, LinkedRows
from gateway.reconciliation.sweeps import Sweeps
from gateway.reconciliation.unknown_algos import UnknownAlgos

UNRESOLVED: Final = "unknown algo requests could not be resolved yet"


class AlgoHousekeeping:
    """One per gateway. `start`, then `on_private_state` at each change, then `stop`.

    With `[rest_orders] algo_orders` false there is no business stream, and new algo orders are refused.
    """

    def __init__(self, shared: Shared, pipeline: OrderPipeline, algos: AlgoControl, linked_rows: LinkedRows) -> None:
        config = shared.config
        self._sweep_margin_ms = config.session.sweep_margin_ms
        self._okx_now_ms = shared.api.okx_now_ms
        self._alarm = shared.alarm
        self._api = algos
        self._background = Background()
        self._reopening = Throttle()
        self.reconciler = AlgoReconciler(shared.rest, algos, self._okx_now_ms, shared.alarm)
        self._linked_orders = LinkedOrders(linked_rows, algos, self.reconciler, self._background.begin)
        self._unknown = UnknownAlgos(shared.api, algos, self.reconciler)
        self._sweeps = Sweeps(
            self.reconciler, algos.is_ready, config.session.sweep_s, self._sweep_margin_ms, self._on_lost_pushes
        )
        self._stream = self._business_stream(shared, pipeline) if config.rest_orders.algo_orders else None
        if self._stream is None:
            algos.switch_off()

    def _business_stream(self, shared: Shared, pipeline: OrderPipeline) -> Stream:
        config = shared.config
        hooks = BusinessHooks(
            pipeline,
            self._api,
            config.credentials,
            self._okx_now_ms,
            self.reconciler,
            shared.clock.resync,
            self._on_state,
            shared.alarm,
        )
        return Stream(hooks, config.account.endpoints.ws_business_url, shared.tls, config.session, shared.pacer)

    def start(self) -> None:
        self._background.begin(self._linked_orders.run())

    def on_private_state(self, state: State) -> None:
        """The business stream follows the private one: what OKX refuses there for good is not tried again here."""
        if self._stream is not None and state is State.READY and self._stream.state is State.DISCONNECTED:
            self._stream.start()
            self._background.begin(self._sweeps.run())
            self._background.begin(self._background.repeat(RESOLVE_PERIOD_S, UNRESOLVED, self._unknown.ask))

    async def run(self) -> None:
        """What algo orders did unnoticed: published before their orders' fills, which so find their owner."""
        if self._stream is None:
            return
        if not self._api.is_ready():
            await self.reconciler.run()
        elif published := await self.reconciler.look_back(self._sweep_margin_ms):
            self._on_lost_pushes(published)

    async def stop(self) -> None:
        if self._stream is not None and self._stream.state not in (State.STOPPED, State.DISCONNECTED):
            self._stream.stop()
            await self._stream.stopped_or_failed()
        await self._background.stop()

    def _on_state(self, state: State) -> None:
        if state is not State.READY:
            self._sweeps.interrupt()
            self.reconciler.note_gap(self._okx_now_ms())

    def _on_lost_pushes(self, published: int) -> None:
        """The stream answers pings and yet loses pushes: another one, but not again and again."""
        words = f"OKX's REST shows {published} states of algo orders that the business stream has not brought"
        self._alarm("pushes_lost", words)
        if self._stream is not None and self._reopening.is_due():
            self._stream.reopen(words)
