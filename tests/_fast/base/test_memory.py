"""Tables take their memory at the start: touched, so that no page is missing later, and zeroed. What cannot be had is an error."""

from __future__ import annotations

import gc
import resource
from pathlib import Path

import pytest

from gateway._fast.events.bus import EventBus
from gateway._fast.limits.instruments import InstrumentTable
from gateway._fast.ports.ports import EventSink, JournalPort

MIB = 1 << 20
HUGE_PAGE = 2 * MIB


def memory_bytes() -> tuple[int, int]:
    """(VmSize, VmRSS), proc(5): the first numbers of statm, in pages."""
    size, resident = Path("/proc/self/statm").read_text("ascii").split()[:2]
    return int(size) * resource.getpagesize(), int(resident) * resource.getpagesize()


def resident_bytes() -> int:
    return memory_bytes()[1]


def make_bus(ring_bytes: int) -> EventBus:
    return EventBus(EventSink(), JournalPort(), "s", ring_bytes)


def test_the_memory_is_there_once_it_was_taken() -> None:
    before = resident_bytes()
    bus = make_bus(64 * MIB)
    assert resident_bytes() - before >= 60 * MIB
    assert bus.count == 2


def test_it_is_given_back() -> None:
    make_bus(64 * MIB)
    gc.collect()
    before = resident_bytes()
    for _ in range(10):
        make_bus(64 * MIB)
    gc.collect()
    assert resident_bytes() - before < 32 * MIB


@pytest.mark.parametrize("ring_bytes", [8, HUGE_PAGE - 8, HUGE_PAGE, HUGE_PAGE + 8, 3 * HUGE_PAGE])
def test_sizes_around_a_huge_page(ring_bytes: int) -> None:
    bus = make_bus(ring_bytes)
    owner = bus.add_owner("alpha")
    for number in range(1, 50):
        assert bus.publish_cold(owner, 0, b'"x":1') == number
    assert bus.last_seq(owner) == 49


@pytest.mark.parametrize("capacity", [2**31 - 1, 2**30])
def test_a_table_that_does_not_fit_into_memory_is_an_error(capacity: int) -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes()[0] + 1024 * MIB, before[1]))
    try:
        with pytest.raises(MemoryError):
            InstrumentTable(capacity, 1, 60, 60, 60, 300, 5, 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
