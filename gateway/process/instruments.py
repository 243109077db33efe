"""The instruments of the account: loaded at the start, kept up to date by pushes and by planned reloads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

from gateway._fast.limits.instruments import InstrumentTable
from gateway.config.loading import Config
from gateway.connections.rest import RestClient
from gateway.errors import GatewayError
from gateway.okx.instruments import Catalogue, Instrument
from gateway.process.account_report import load_catalogue

log = logging.getLogger(__name__)

# All types of OKX together are some 3,000 instruments without options, whose families add thousands.
INSTRUMENT_CAPACITY: Final = 16_384
# An announced change of ticks or sizes is read this long after it takes effect.
CHANGE_MARGIN_MS: Final = 1_000
RELOAD_RETRY_S: Final = 30.0


class Instruments:
    """One per gateway. `table` is the data plane's; it is empty until `load`."""

    def __init__(
        self,
        config: Config,
        rest: RestClient,
        okx_now_ms: Callable[[], int],
        alarm: Callable[[str, str], None],
        table: InstrumentTable,
    ) -> None:
        self.table = table
        self._config = config
        self._rest = rest
        self._okx_now_ms = okx_now_ms
        self._alarm = alarm
        self._loop = asyncio.get_running_loop()
        self._catalogue = Catalogue()
        self._planned: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._reloading = asyncio.Lock()
        self._pushed_meanwhile: list[Any] = []

    def load(self, catalogue: Catalogue) -> None:
        """Takes the instruments that OKX has listed."""
        self._catalogue = catalogue
        self._put(list(catalogue))
        self._plan_reload()

    def inst_type_of(self, inst_id: str) -> str:
        """The type of an instrument; SPOT also for MARGIN, whose orders OKX lists by the `tdMode` that they have."""
        return next((one.inst_type for one in self._catalogue if one.inst_id == inst_id), "")

    def merge_rows(self, rows: Sequence[Any]) -> None:
        """Takes rows of the public channel `instruments`."""
        if self._reloading.locked():
            self._pushed_meanwhile.extend(rows)
        merge = self._catalogue.merge(rows)
        self._put([*merge.added, *merge.changed])
        if merge.added or merge.changed:
            log.info("instruments", extra={"added": len(merge.added), "changed": len(merge.changed)})

    async def reload(self) -> None:
        """Asks REST for all. A push that comes meanwhile is newer than the answer and is merged again after it.

        Raises GatewayError when OKX does not answer.
        """
        async with self._reloading:
            self._pushed_meanwhile = []
            catalogue, _ = await load_catalogue(self._rest, self._config.account)
            self._catalogue = catalogue
        self._put(list(catalogue))
        self.merge_rows(self._pushed_meanwhile)
        self._plan_reload()

    def stop(self) -> None:
        if self._planned is not None:
            self._planned.cancel()
        if self._task is not None:
            self._task.cancel()

    def _put(self, instruments: Sequence[Instrument]) -> None:
        for one in instruments:
            try:
                self.table.put(one.inst_type, one.inst_id, one.inst_id_code, one.inst_family)
            except (OverflowError, ValueError) as error:
                self._alarm("instruments", str(error))

    def _plan_reload(self) -> None:
        """OKX announces changes of instruments (`upcChg`): they are read again when the next one takes effect."""
        now_ms = self._okx_now_ms()
        change_ms = self._catalogue.next_change_ms(now_ms)
        if self._planned is not None:
            self._planned.cancel()
        if change_ms is not None:
            self._planned = self._loop.call_later((change_ms - now_ms + CHANGE_MARGIN_MS) / 1_000, self._start_reload)

    def _start_reload(self) -> None:
        self._task = self._loop.create_task(self._reload_planned())

    async def _reload_planned(self) -> None:
        try:
            await self.reload()
        except GatewayError as error:
            log.warning("the instruments could not be read again", extra={"why": str(error)})
            self._planned = self._loop.call_later(RELOAD_RETRY_S, self._start_reload)


def instrument_table(config: Config) -> InstrumentTable:
    """Empty, with the limits of `[limits]`."""
    limits = config.limits
    return InstrumentTable(
        INSTRUMENT_CAPACITY,
        (limits.window_ms + limits.margin_ms) * 1_000_000,
        limits.place_per_2s,
        limits.cancel_per_2s,
        limits.amend_per_2s,
        limits.batch_rows_per_2s,
        limits.mass_cancel_per_2s,
        limits.sub_account_per_2s,
        config.rest_orders.algo_per_2s,
    )
