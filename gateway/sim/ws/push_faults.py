"""Faults that lose, repeat, delay, reorder or change the pushes of one connection."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable

from gateway.sim.faults.faults import Faults, Occasion
from gateway.sim.faults.malformed_rows import malformed, merged, repeated

MERGED_LONGEST_S = 0.5  # a push that waits for others in its frame goes out after that time at the latest
OVERTAKEN_LONGEST_S = 1.0  # a push that waits to be overtaken goes out after that time at the latest


class PushFaults:
    """One per connection. The n-th push of a channel on a session is an occasion for faults."""

    def __init__(self, faults: Faults, occasion: Callable[[str, int], Occasion], send: Callable[[bytes], None]) -> None:
        self._faults = faults
        self._occasion = occasion
        self._send_now = send
        self._counts: Counter[str] = Counter()
        self._overtaken: list[tuple[int, bytes]] = []  # the number of pushes that go first, and the push
        self._gathered: dict[str, list[bytes]] = defaultdict(list)  # by channel, to go out in one frame
        self._channels: dict[str, Callable[[bytes], None]] = {}

    def of(self, channel: str) -> Callable[[bytes], None]:
        """The function through which subscriptions of `channel` send their pushes; one object per channel."""
        if channel not in self._channels:
            self._channels[channel] = lambda payload: self._push(channel, payload)
        return self._channels[channel]

    def _push(self, channel: str, payload: bytes) -> None:
        self._counts[channel] += 1
        faults = self._faults
        if faults.quiet:
            self._send(payload)
            return
        at = self._occasion(channel, self._counts[channel])
        if faults.take("lose_pushes", at) is not None:
            return
        change = faults.take("unrecognised_pushes", at)
        if change is not None:
            payload = malformed(payload, change)
        late = faults.take("delay_pushes", at)
        if late is not None:
            asyncio.get_running_loop().call_later(late["ms"] / 1000, self._send_now, payload)
            return
        joined = faults.take("merge_pushes", at)
        if joined is not None:
            self._gather(channel, payload, joined["rows"])
            return
        behind = faults.take("reorder_pushes", at)
        if behind is not None:
            self._overtaken.append((behind["behind"], payload))
            asyncio.get_running_loop().call_later(OVERTAKEN_LONGEST_S, self._release, payload)
            return
        again = faults.take("duplicate_pushes", at)
        self._send(payload)
        if again is not None:
            self._send_now(repeated(payload))

    def _gather(self, channel: str, payload: bytes, count: int) -> None:
        gathered = self._gathered[channel]
        gathered.append(payload)
        if len(gathered) >= count:
            self._send_gathered(channel)
        elif len(gathered) == 1:
            asyncio.get_running_loop().call_later(MERGED_LONGEST_S, self._send_gathered, channel)

    def _send_gathered(self, channel: str) -> None:
        for frame in merged(self._gathered.pop(channel, [])):
            self._send(frame)

    def _send(self, payload: bytes) -> None:
        self._send_now(payload)
        if self._overtaken:
            waiting_pushes, self._overtaken = self._overtaken, []
            for left, waiting in waiting_pushes:
                if left <= 1:
                    self._send_now(waiting)
                else:
                    self._overtaken.append((left - 1, waiting))

    def _release(self, payload: bytes) -> None:
        for number, (_, waiting) in enumerate(self._overtaken):
            if waiting is payload:
                del self._overtaken[number]
                self._send_now(payload)
                return
