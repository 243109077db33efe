"""The op `replay`: what was published, again, from memory where that reaches back so far, else from the journal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, Protocol

import orjson

from gateway._fast.event_bus import EventBus
from gateway.ipc import answers

log = logging.getLogger(__name__)

# Pages out of the journal that may be asked for at the same time; they are read one after the other.
PENDING_MAX: Final = 256


class Pages(Protocol):
    """What is asked of the journal: see `gateway.journal.replay.JournalPages`."""

    async def page(
        self, family: str, from_seq: int, limit: int, last_seq: int
    ) -> tuple[list[tuple[bytes, bytes]], int]: ...


class Replays:
    """One per gateway. An answer out of the journal comes later, and other answers may overtake it."""

    def __init__(self, bus: EventBus, pages: Pages) -> None:
        self._bus = bus
        self._loop = asyncio.get_running_loop()
        self._pages = pages
        self._pending: set[asyncio.Task[None]] = set()

    def ask(
        self, answer: Callable[[bytes], None], request_id: str, family: str, number: int, from_seq: int, limit: int
    ) -> None:
        """One page of a family's events, given to `answer`. It has one event at least, if there is any."""
        from_seq, limit = max(from_seq, 1), max(limit, 1)
        events, more = self._bus.replay(number, from_seq, limit)
        if events is not None:
            answer(page_text(request_id, events, more, from_seq))
        elif len(self._pending) >= PENDING_MAX:
            msg = f"{PENDING_MAX} replays are being read from the journal: ask again"
            answer(answers.refusal(request_id, "replay", "capacity", msg))
        else:
            reading = self._read(answer, request_id, family, number, from_seq, limit)
            task = self._loop.create_task(reading)
            self._pending.add(task)
            task.add_done_callback(self._pending.discard)

    async def _read(
        self, answer: Callable[[bytes], None], request_id: str, family: str, number: int, from_seq: int, limit: int
    ) -> None:
        try:
            events, first = await self._pages.page(family, from_seq, limit, self._bus.last_seq(number))
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
