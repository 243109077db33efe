"""OKX's clock: asked over REST, and given to the order path, which measures `expTime` by it."""

from __future__ import annotations

import time

from gateway._fast.control.pipeline import PipelineControl
from gateway.connections.rest import RestClient


def steady_clock_ns(base_ns: int) -> int:
    """Unix time that goes on by the monotonic clock from `base_ns`: a stepped wall clock breaks no signature."""
    return base_ns + time.monotonic_ns()


class OkxClock:
    """`base_ns` is the Unix time of the machine less its monotonic clock, both in ns, as `rest` signs with it."""

    def __init__(self, rest: RestClient, api: PipelineControl, base_ns: int) -> None:
        self._rest = rest
        self._api = api
        self._base_ns = base_ns

    async def resync(self) -> None:
        """Asks OKX. Raises GatewayError if it does not answer."""
        await self._rest.time_offset_ns()
        self._api.set_okx_clock(self._base_ns + self._rest.clock_offset_ns, self._rest.clock_error_ns)
