"""Records read from bytes made by hand after docs/journal.md: whole, cut at every length, damaged in every bit, with bytes behind."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway._fast.journal.scanner import HEAD_BYTES, HEADER_BYTES, events_of, find_record, is_blank, scan_records
from tests._fast.journal.records import EVENT, NS, REQUEST, crc32c, record


def event(number: int, topic: str, seq: int, more: str = "") -> bytes:
    return record(number, bytes([len(topic)]) + topic.encode() + b'{"seq":%d%s}' % (seq, more.encode()))


def scanned(number: int, payload: bytes, at: int, kind: int = EVENT, version: int = 1) -> tuple[object, ...]:
    return (number, NS + number, kind, version, at, payload)


def test_the_check_sum_is_that_of_rfc_3720() -> None:
    """RFC 3720, B.4: 32 bytes of zeros, of ones, and counting up."""
    assert [crc32c(bytes(32)), crc32c(b"\xff" * 32), crc32c(bytes(range(32)))] == [0x8A9136AA, 0x62A8AB43, 0x46DD794E]


def test_the_sizes_are_those_of_the_document() -> None:
    assert (HEADER_BYTES, HEAD_BYTES) == (512, 32)


# ---------------------------------------------------------------- scan_records


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 255, 4_096, 100_000])
def test_a_record_of_any_size(size: int) -> None:
    payload = bytes(number % 251 for number in range(size))
    text = record(7, payload, REQUEST, 3)
    assert scan_records(text, 0, 10) == ([scanned(7, payload, 0, REQUEST, 3)], len(text), "short")


def test_records_follow_each_other_up_to_what_is_blank() -> None:
    parts = [record(1, b"a"), record(2, b""), record(3, b"x" * 9)]
    text = b"".join(parts) + bytes(64)
    expected = [scanned(1, b"a", 0), scanned(2, b"", 40), scanned(3, b"x" * 9, 72)]
    assert scan_records(text, 0, 10) == (expected, 120, "blank")
    assert scan_records(text, 40, 1) == (expected[1:2], 72, "limit"), "from anywhere, as many as are wanted"
    assert scan_records(text, 0, 0) == ([], 0, "limit")


@pytest.mark.parametrize("at", [0, 8, 1_000])
def test_no_bytes_are_short(at: int) -> None:
    assert scan_records(b"", at, 10) == ([], at, "short")


def test_a_record_cut_at_any_length_is_none() -> None:
    whole, cut = record(1, b"first"), record(2, b"second, which is cut")[: 32 + 20]
    for length in range(1, len(cut)):
        assert scan_records(whole + cut[:length], 0, 10) == ([scanned(1, b"first", 0)], len(whole), "short")


@pytest.mark.parametrize("length", [1, 8, 31])
def test_a_length_below_that_of_a_head_is_bad(length: int) -> None:
    assert scan_records(struct.pack("<I", length) + bytes(60), 0, 10) == ([], 0, "bad")


def test_a_record_with_any_bit_flipped_is_none() -> None:
    text = record(1, b"payload of 24 characters")
    for bit in range(8 * len(text)):
        damaged = bytearray(text)
        damaged[bit // 8] ^= 1 << bit % 8
        records, at, why = scan_records(bytes(damaged), 0, 10)
        assert (records, at) == ([], 0) and why in ("bad", "short"), bit


@given(payloads=st.lists(st.binary(max_size=60), max_size=8), tail=st.binary(max_size=40))
def test_whatever_stands_behind_whole_records_they_are_read(payloads: list[bytes], tail: bytes) -> None:
    text = b"".join(record(number, payload) for number, payload in enumerate(payloads))
    records, at, why = scan_records(text + tail, 0, 100)
    assert [one[5] for one in records[: len(payloads)]] == payloads
    assert at >= len(text)
    assert why in ("short", "blank", "bad")


# ---------------------------------------------------------------- find_record, is_blank


def test_behind_a_damaged_stretch_the_next_whole_record_is_found() -> None:
    damaged = b"\xff" * 40
    text = record(1, b"a") + damaged + record(9, b"b")
    assert find_record(text, 40, 0) == 80
    assert find_record(text, 0, 0) == 0
    assert find_record(text, 1, 0) == 80, "records begin at multiples of 8"
    assert find_record(text, 81, 0) == -1


@pytest.mark.parametrize(("above", "found"), [(0, 0), (1, 40), (2, 80), (3, -1), (2**63, -1)])
def test_only_a_record_of_a_greater_number_counts(above: int, found: int) -> None:
    """An older one may stand in a file that was used before."""
    assert find_record(record(1, b"a") + record(2, b"b") + record(3, b"c"), 0, above) == found


def test_a_record_inside_the_payload_of_a_damaged_one_is_found_too() -> None:
    text = bytearray(record(1, record(7, b"inner")))
    text[40] ^= 1  # within the outer payload's first record
    assert find_record(bytes(text), 0, 0) == -1
    text[40] ^= 1
    text[8] ^= 1  # the outer head's type
    assert find_record(bytes(text), 0, 0) == 32


@pytest.mark.parametrize("text", [b"", b"\x01", bytes(100), b"\xff" * 100, record(1, b"a")[:32]])
def test_where_there_is_no_record_none_is_found(text: bytes) -> None:
    assert find_record(text, 0, 0) == -1


ONE = b"\x01"
NINE = bytes(9)


@pytest.mark.parametrize(
    ("text", "at", "blank"),
    [
        (b"", 0, True),
        (NINE, 0, True),
        (ONE + NINE, 0, False),
        (ONE + NINE, 1, True),
        (NINE + ONE, 0, False),
        (NINE + ONE, 9, False),
        (NINE + ONE, 10, True),
    ],
)
def test_blank_is_nothing_but_zeros(text: bytes, at: int, blank: bool) -> None:
    assert is_blank(text, at) is blank


# ---------------------------------------------------------------- events_of


STORY = [
    event(1, "alpha.ack", 1),
    event(2, "alphabet.ack", 1),
    record(3, b'\x05alpha{"seq":2}', REQUEST),
    event(4, "alpha.order", 2, ',"x":1'),
    event(5, "account.order", 9),
    event(6, "alpha.fill", 3),
    event(7, "alpha.ack", 40),
]
TEXT = b"".join(STORY)


def seqs(owner: bytes, from_seq: int = 0, limit: int = 100, room: int = 1 << 20) -> list[int]:
    return [seq for seq, _, _ in events_of(TEXT, 0, owner, from_seq, limit, room)[0]]


def test_the_events_of_one_owner_alone_as_they_were_published() -> None:
    found, at, why = events_of(TEXT + bytes(64), 0, b"alpha", 2, 100, 1 << 20)
    assert found == [
        (2, b"alpha.order", b'{"seq":2,"x":1}'),
        (3, b"alpha.fill", b'{"seq":3}'),
        (40, b"alpha.ack", b'{"seq":40}'),
    ]
    assert (at, why) == (len(TEXT), "blank")


@pytest.mark.parametrize(
    ("owner", "expected"),
    [(b"alpha", [1, 2, 3, 40]), (b"alphabet", [1]), (b"account", [9]), (b"alph", []), (b"alpha.", []), (b"beta", [])],
)
def test_an_owner_is_the_whole_of_a_topic_before_its_point(owner: bytes, expected: list[int]) -> None:
    assert seqs(owner) == expected


@pytest.mark.parametrize(("from_seq", "expected"), [(1, [1, 2, 3, 40]), (3, [3, 40]), (4, [40]), (41, [])])
def test_events_from_a_number_on(from_seq: int, expected: list[int]) -> None:
    assert seqs(b"alpha", from_seq) == expected


def test_where_a_page_ends_the_next_begins() -> None:
    at, found = 0, []
    for _ in range(3):
        page, at, why = events_of(TEXT, at, b"alpha", 1, 2, 1 << 20)
        found.append(([seq for seq, _, _ in page], why))
    assert found == [([1, 2], "limit"), ([3, 40], "limit"), ([], "short")]


@pytest.mark.parametrize(
    ("room", "expected"), [(0, []), (1, [1]), (9, [1]), (10, [1, 2]), (24, [1, 2]), (25, [1, 2, 3])]
)
def test_a_page_ends_once_its_bodies_have_filled_the_room(room: int, expected: list[int]) -> None:
    """They have 9, 15, 9 and 10 bytes."""
    assert seqs(b"alpha", room=room) == expected


def test_a_page_has_at_most_512_events() -> None:
    text = b"".join(event(number, "a.ack", number) for number in range(1, 601))
    found, at, why = events_of(text, 0, b"a", 1, 10_000, 1 << 20)
    assert (len(found), why) == (512, "limit")
    assert [seq for seq, _, _ in events_of(text, at, b"a", 1, 10_000, 1 << 20)[0]] == list(range(513, 601))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x05",
        b"\x05al",
        b"\xff" + b"alpha.ack",
        b"\x09alpha.ack",
        b'\x09alpha.ack{"seq":',
        b'\x09alpha.ack{"qes":1}',
        b'\x05alpha{"seq":1}',
        b'\x06alpha.{"no":1}',
        b'\x09alpha-ack{"seq":1}',
    ],
)
def test_an_event_record_of_another_content_is_passed_over(payload: bytes) -> None:
    text = record(1, payload) + event(2, "alpha.ack", 5)
    assert [seq for seq, _, _ in events_of(text, 0, b"alpha", 0, 10, 1 << 20)[0]] == [5]


def test_events_cut_at_any_length_are_read_up_to_the_cut() -> None:
    ends = [sum(map(len, STORY[: count + 1])) for count in range(len(STORY))]
    for length in range(len(TEXT)):
        whole = sum(end <= length for end in ends)
        found, at, why = events_of(TEXT[:length], 0, b"alpha", 1, 100, 1 << 20)
        # What is cut off a record's end may be the blanks up to the next one.
        assert len(found) - [0, 1, 1, 1, 2, 2, 3, 4][whole] in (0, 1), length
        assert why == "short" and at >= ([0, *ends][whole])
