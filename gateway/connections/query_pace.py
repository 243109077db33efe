"""Queries in turn: no more of a kind than half of what OKX answers in any window, fixed or sliding.

The other half is for whoever else asks with this account: people, and the gateway that was killed a moment ago.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from gateway.okx.rest_requests import RestRequest, query_limit

# OKX docs, Overview, "Rate Limits": 2 s; and something for the way of a request that was asked last of all.
WINDOW_S: Final = 2.05


class QueryPace:
    """Belongs to one event loop."""

    def __init__(self, window_s: float = WINDOW_S) -> None:
        self._window_s = window_s
        self._free: dict[str, asyncio.Semaphore] = {}

    @asynccontextmanager
    async def turn(self, request: RestRequest) -> AsyncIterator[None]:
        """Ask within. A place is free again one window after the answer, since OKX has counted the query by then."""
        found = query_limit(request)
        if found is None:
            yield
            return
        key, limit = found
        free = self._free.setdefault(key, asyncio.Semaphore(limit // 2))
        await free.acquire()
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(self._window_s, free.release)
