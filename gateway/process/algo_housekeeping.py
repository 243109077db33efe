"""What goes on around algo orders while a gateway runs: the business stream, its reconciliation, sweeps."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Coroutine
from typing import Any, Final

from gateway._fast.control.algos import AlgoControl
from gateway._fast.control.pipeline import PipelineControl
from gateway._fast.order_pipeline import OrderPipeline
from gateway.config.loading import Config
from gateway.connections.business_stream import BusinessHooks
from gateway.connections.rest import RestClient
from gateway.connections.stream import Stream
from gateway.errors import GatewayError
from gateway.okx.backoff import ConnectPacer
from gateway.okx.session_table import State
from gateway.reconciliation.algos import AlgoReconciler
from gateway.reconciliation.linked_orders import LinkedOrders
from gateway.reconciliation.sweeps import Sweeps
from gateway.reconciliation.unknown_algos import UnknownAlgos

log = logging.getLogger(__name__)

RESOLVE_PERIOD_S: Final = 1.0
# A stream that loses pushes is opened anew at most so often.
REOPEN_EVERY_S: Final = 10.0


class AlgoHousekeeping:
    """One per gateway. `attach`, then `on_private_state`, then `stop`."""

    def __init__(
        self,
        config: Config,
        rest: RestClient,
        pipeline: OrderPipeline,
        api: PipelineControl,
        alarm: Callable[[str, str], None],
        resync_clock: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        self._config = config
        self._pipeline = pipeline
        self._okx_now_ms = api.okx_now_ms
        self._alarm = alarm
        self._resync_clock = resync_clock
        self._loop = asyncio.get_running_loop()
        self._reopened_s = -REOPEN_EVERY_S
        self._stream: Stream | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.api = AlgoControl(pipeline)
        if not config.rest_orders.algo_orders:
            self.api.switch_off()
        self.reconciler = AlgoReconciler(rest, self.api, api.okx_now_ms, alarm)
        self.linked_orders = LinkedOrders(self.api, self.reconciler, self._begin)
        self._unknown = UnknownAlgos(api, self.api, self.reconciler)
        self._sweeps = Sweeps(
            self.reconciler,
            self.api.is_ready,
            config.session.sweep_s,
            config.session.sweep_margin_ms,
            self._on_lost_pushes,
        )

    def attach(self, tls: ssl.SSLContext, pacer: ConnectPacer) -> None:
        """Makes the business stream, unless `[rest_orders] algo_orders` is false."""
        if self._config.rest_orders.algo_orders:
            hooks = BusinessHooks(
                self._pipeline,
                self.api,
                self._config.credentials,
                self._okx_now_ms,
                self.reconciler,
                self._resync_clock,
                self._on_state,
                self._alarm,
            )
            url = self._config.account.endpoints.ws_business_url
            self._stream = Stream(hooks, url, tls, self._config.session, pacer)

    def keep_linked_order(self, algo_id: bytes, row: bytes) -> bool:
        """A row of the orders channel that waits for its owner; False where no business stream will tell it."""
        return self._stream is not None and self.linked_orders.hold(algo_id, row)

    def on_private_state(self, state: State) -> None:
        """The business stream follows the private one: what OKX refuses there for good is not tried again here."""
        if self._stream is not None and state is State.READY and self._stream.state is State.DISCONNECTED:
            self._stream.start()
            self._begin(self._sweeps.run())
            self._begin(self._resolve_unknown())

    async def run(self) -> None:
        """What algo orders did that was not heard: before their orders' fills, which so find their owner."""
        if self._stream is None:
            return
        if not self.api.is_ready():
            await self.reconciler.run()
        elif published := await self.reconciler.look_back(self._config.session.sweep_margin_ms):
            self._on_lost_pushes(published)

    async def stop(self) -> None:
        if self._stream is not None and self._stream.state not in (State.STOPPED, State.DISCONNECTED):
            self._stream.stop()
            await self._stream.stopped_or_failed()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _resolve_unknown(self) -> None:
        """Asks OKX about what is unknown, as long as anything is."""
        while True:
            await asyncio.sleep(RESOLVE_PERIOD_S)
            try:
                await self._unknown.ask()
            except GatewayError as error:
                log.warning("unknown algo requests could not be resolved yet", extra={"why": str(error)})
            except Exception:
                log.exception("unknown algo requests could not be resolved yet")

    def _on_state(self, state: State) -> None:
        if state is not State.READY:
            self._sweeps.interrupt()
            self.reconciler.note_gap(self._okx_now_ms())

    def _on_lost_pushes(self, published: int) -> None:
        words = f"OKX's REST shows {published} states of algo orders that the business stream has not brought"
        self._alarm("pushes_lost", words)
        if self._stream is not None and self._loop.time() - self._reopened_s >= REOPEN_EVERY_S:
            self._reopened_s = self._loop.time()
            self._stream.reopen(words)
