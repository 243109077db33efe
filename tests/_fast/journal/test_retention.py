"""Which files retention must leave alone, with the real journal behind the pipeline's tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway._fast.journal.retention import oldest_segment
from gateway._fast.journal.writer import Journal


def test_what_is_open_keeps_the_file_that_it_began_in(
    new_rig: Any, tmp_path: Path, wait_for: Callable[[Callable[[], Any], str], None]
) -> None:
    journal = Journal(str(tmp_path), bytes(512), 1 << 16, 1, False, 1, 1, 1)
    rig = new_rig(journal=journal)

    def next_file() -> None:
        before = journal.segment_number
        wait_for(lambda: journal.note(4, b"x" * 8_000) and journal.segment_number > before, "the next file")

    assert oldest_segment(rig.trading) == 0
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.accept(-1, "801")
    rig.push(clOrdId="A1", ordId="801")
    assert oldest_segment(rig.trading) == 1
    next_file()
    rig.push(ordId="900", clOrdId="elsewhere")
    assert oldest_segment(rig.trading) == 1
    rig.push(clOrdId="A1", ordId="801", state="canceled")
    assert oldest_segment(rig.trading) == 2, "the order that was placed elsewhere"
    rig.push(ordId="900", clOrdId="elsewhere", state="canceled")
    assert oldest_segment(rig.trading) == 0
    next_file()
    rig.send(rig.order("o2"))
    rig.api.connection_lost()
    next_file()
    assert oldest_segment(rig.trading) == 3, "its outcome is unknown"
    journal.close()
