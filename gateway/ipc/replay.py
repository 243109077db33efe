"""The op `replay`: what was published, again, from memory where that reaches back so far, else from the journal."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import orjson

from gateway._fast.events.bus import EventBus
from gateway.ipc import answers

log = logging.getLogger(__name__)

# Pages that may be asked for at the same time; they are made one after the other.
PENDING_MAX: Final = 256
# From the beginning of one page to the next, whoever asks: a page takes the loop a tenth of a millisecond, for which
# orders would wait, and some 25,000 events go out in a second like this.
PAGE_EVERY_S: Final = 0.005


class Pages(Protocol):
    """What is asked of the journal: see `gateway.journal.replay.JournalPages`."""

    async def page(
        self, owner: str, from_seq: int, limit: int, last_seq: int
    ) -> tuple[list[tuple[bytes, bytes]], int]: ...


class Replays:
    """One per gateway. Where several are asked for at once, or one from the journal, other answers may overtake it."""

    def __init__(
        self,
        bus: EventBus,
        pages: Pages,
        every_s: float = PAGE_EVERY_S,
        *,
        clock_s: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bus = bus
        self._loop = asyncio.get_running_loop()
        self._pages = pages
        self._every_s = every_s
        self._clock_s = clock_s
        self._sleep = sleep
        self._free_s = 0.0  # when the next page may begin
        self._pending: set[asyncio.Task[None]] = set()

    def ask(
        self, answer: Callable[[bytes], None], request_id: str, owner: str, number: int, from_seq: int, limit: int
    ) -> None:
        """One page of an owner's events, given to `answer`. It has one event at least, if there is any."""
        if len(self._pending) >= PENDING_MAX:
            msg = f"{PENDING_MAX} replays are asked for and not answered yet: ask again"
            answer(answers.refusal(request_id, "replay", "capacity", msg))
            return
        wait_s = self._take_turn()
        if wait_s > 0 or not self._answer_from_memory(answer, request_id, number, from_seq, limit):
            task = self._loop.create_task(self._read(wait_s, answer, request_id, owner, number, from_seq, limit))
            self._pending.add(task)
            task.add_done_callback(self._pending.discard)

    def _take_turn(self) -> float:
        """How long to wait for it; 0 if nobody has had one just now."""
        now_s = self._clock_s()
        begin_s = max(now_s, self._free_s)
        self._free_s = begin_s + self._every_s
        return begin_s - now_s

    def _answer_from_memory(
        self, answer: Callable[[bytes], None], request_id: str, number: int, from_seq: int, limit: int
    ) -> bool:
        events, more = self._bus.replay(number, from_seq, limit)
        if events is not None:
            answer(page_text(request_id, events, more, from_seq))
        return events is not None

    async def _read(
        self,
        wait_s: float,
        answer: Callable[[bytes], None],
        request_id: str,
        owner: str,
        number: int,
        from_seq: int,
        limit: int,
    ) -> None:
        if wait_s > 0:
            await self._sleep(wait_s)
            if self._answer_from_memory(answer, request_id, number, from_seq, limit):
                return
        try:
            events, first = await self._pages.page(owner, from_seq, limit, self._bus.last_seq(number))
        except OSError as error:
            log.warning("the journal could not be read for a replay", extra={"why": str(error)})
            answer(answers.refusal(request_id, "replay", "journal", f"the journal could not be read: {error}"))
            return
        if events:
            more = from_seq + len(events) <= self._bus.last_seq(number)
            answer(page_text(request_id, events, more, from_seq))
        else:
            answer(_gone(request_id, from_seq, first))

    def close(self) -> None:
        """Nothing is answered any more."""
        for task in self._pending:
            task.cancel()


def page_text(request_id: str, events: list[tuple[bytes, bytes]], more: bool, first: int) -> bytes:
    """Events are JSON already, and go into the answer as they are."""
    listed = b",".join(b'{"topic":"%s","event":%s}' % event for event in events)
    data = b'{"events":[%s],"more":%s,"first":%d}' % (listed, b"true" if more else b"false", first)
    head = b'{"id":%s,"op":"replay","code":"0","reason":"","msg":"","data":[%s]}'
    return head % (orjson.dumps(request_id), data)


def _gone(request_id: str, from_seq: int, first: int) -> bytes:
    msg = f"seq {from_seq} is no longer held: the oldest is {first}. Take a snapshot"
    return answers.refusal(request_id, "replay", "gone", msg, [{"first": first}])
