"""Reading a journal that was cut, has flipped bits, or is still being written: complete records, and a report of each gap.

The writer makes the files; the reader must return the records that this test wrote.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway._fast.journal.writer import Journal
from gateway.journal.format import header_template
from gateway.journal.record_types import Kind
from gateway.journal.segments import (
    Damage,
    Record,
    SegmentReader,
    list_segments,
    only_records,
    read_header,
    read_journal,
)

SEGMENT = 1 << 16
PAYLOADS = [b"%d:" % number + bytes([number % 251]) * (number * 37 % 700) for number in range(400)]


def write(directory: Path, payloads: list[bytes], *, first_segment: int = 1, next_record: int = 1) -> Journal:
    directory.mkdir(exist_ok=True)
    header = header_template("5e55", "main", "simulator", SEGMENT)
    journal = Journal(str(directory), header, SEGMENT, 1, False, first_segment, next_record, 1)
    for payload in payloads:
        while not journal.note(Kind.EVENT, payload):
            pass
    return journal


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("j") / "complete"
    write(directory, PAYLOADS).close()
    return directory


def events(directory: Path) -> list[bytes]:
    return [record.payload for record in only_records(read_journal(directory)) if record.kind == Kind.EVENT]


def damages(directory: Path) -> list[Damage]:
    return [found for found in read_journal(directory) if isinstance(found, Damage)]


def test_all_comes_back_in_order(written: Path) -> None:
    assert events(written) == PAYLOADS
    assert damages(written) == []
    assert len(list_segments(written)) > 1
    header = read_header(list_segments(written)[1].path)
    assert not isinstance(header, str)
    assert (header.number, header.session, header.account, header.environment) == (2, "5e55", "main", "simulator")
    assert events(written / "nowhere") == []


def test_a_segment_can_be_read_while_it_is_written(tmp_path: Path) -> None:
    journal = write(tmp_path, [b"one"])
    reader = SegmentReader(list_segments(tmp_path)[0])
    assert [record.payload for record in only_records(reader.records())] == [b"one"]
    assert list(reader.records()) == []
    journal.note(Kind.EVENT, b"two")
    assert [record.payload for record in only_records(reader.records())] == [b"two"]
    assert not reader.is_ended
    journal.close()
    assert [record.kind for record in only_records(reader.records())] == [Kind.SESSION_END]
    assert reader.is_ended


def is_honest(directory: Path) -> None:
    """Every returned record was written under its number, in that order; a gap before later records is reported."""
    found = list(read_journal(directory))
    records = [record for record in found if isinstance(record, Record)]
    numbers = [record.number for record in records]
    assert numbers == sorted(set(numbers))
    assert all((record.kind, record.payload) == WRITTEN[record.number] for record in records)
    damaged = [damage for damage in found if isinstance(damage, Damage)]
    assert damaged or numbers == list(range(numbers[0], numbers[-1] + 1)) if numbers else True
    assert all(damage.description for damage in damaged)


# By number. The first test shows that these are the records that were written.
WRITTEN: dict[int, tuple[int, bytes]] = {}


@pytest.fixture(scope="module", autouse=True)
def learn(written: Path) -> None:
    for record in only_records(read_journal(written)):
        WRITTEN[record.number] = (record.kind, record.payload)


@st.composite
def harm(draw: Callable[..., int]) -> list[tuple[str, int, int, int]]:
    """The changes to the files: (kind, which file, offset, value)."""
    one = st.tuples(
        st.sampled_from(["flip", "cut", "zero", "garbage", "remove"]),
        st.integers(0, 9),
        st.integers(0, SEGMENT - 1),
        st.integers(0, 255),
    )
    return draw(st.lists(one, min_size=1, max_size=6))


def apply(directory: Path, kind: str, file: int, at: int, value: int) -> None:
    files = list_segments(directory)
    if not files:
        return
    path = files[file % len(files)].path
    text = bytearray(path.read_bytes())
    at %= max(len(text), 1)
    if kind == "flip" and text:
        text[at] ^= 1 << value % 8
    elif kind == "cut":
        text = text[:at]
    elif kind == "zero":
        text[at : at + value] = bytes(len(text[at : at + value]))
    elif kind == "garbage":
        text[at : at + 16] = bytes(range(value % 200, value % 200 + len(text[at : at + 16])))
    elif kind == "remove":
        path.unlink()
        return
    path.write_bytes(bytes(text))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=harm())
def test_damaged_files_are_read_up_to_the_damage_and_after_it_or_refused(
    done: list[tuple[str, int, int, int]], written: Path, tmp_path: Path
) -> None:
    directory = tmp_path / "damaged"
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(written, directory)
    for one in done:
        apply(directory, *one)
    is_honest(directory)


@pytest.mark.parametrize("bit", range(8))
def test_every_flipped_bit_of_a_record_in_the_middle_is_reported(written: Path, tmp_path: Path, bit: int) -> None:
    """All 32 bytes of its head and some of its payload. The checksum covers all but four unused bytes."""
    shutil.copytree(written, tmp_path / "j")
    file = list_segments(tmp_path / "j")[0].path
    text = file.read_bytes()
    victim = next(record for record in only_records(read_journal(written)) if record.number == 50)
    for byte in range(40):
        broken = bytearray(text)
        broken[victim.offset + byte] ^= 1 << bit
        file.write_bytes(bytes(broken))
        assert damages(tmp_path / "j"), byte
        assert victim.payload not in events(tmp_path / "j")
        assert len(events(tmp_path / "j")) == len(PAYLOADS) - 1


def test_a_torn_tail_is_no_record_and_is_reported_as_torn(written: Path, tmp_path: Path) -> None:
    shutil.copytree(written, tmp_path / "j")
    last = list_segments(tmp_path / "j")[-1].path
    complete = len(events(written))
    text = last.read_bytes()
    for lost in range(1, 40 + 32):
        last.write_bytes(text[:-lost])
        found = damages(tmp_path / "j")
        assert all(damage.is_torn or "was cut" in damage.description for damage in found)
        assert complete - 1 <= len(events(tmp_path / "j")) <= complete


def test_a_removed_file_leaves_a_reported_gap(written: Path, tmp_path: Path) -> None:
    shutil.copytree(written, tmp_path / "j")
    second = list_segments(tmp_path / "j")[1].path
    lost = [record.number for record in only_records(SegmentReader(list_segments(written)[1]).records())]
    second.unlink()
    (damage,) = damages(tmp_path / "j")
    assert damage.description == f"records {lost[0]} to {lost[-1]} are missing"
