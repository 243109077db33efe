"""Fixed-memory lookups against a dict and an ordered dict: whatever is put in, taken out and asked for, in any order."""

from __future__ import annotations

import random
from collections import OrderedDict, deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway._fast.base.slot_index import SeenSet
from gateway._fast.sockets.session_table import SessionTable

KEYS = st.binary(min_size=0, max_size=40)


@settings(max_examples=200)
@given(capacity=st.integers(1, 9), shown=st.lists(st.integers(0, 14), max_size=120))
def test_a_seen_set_remembers_the_last_ones_and_forgets_the_oldest(capacity: int, shown: list[int]) -> None:
    seen = SeenSet(capacity)
    kept: deque[int] = deque(maxlen=capacity)
    for number in shown:
        assert seen.show(b"key %d" % number) == (number in kept)
        if number not in kept:
            kept.append(number)


@settings(max_examples=100)
@given(st.lists(KEYS, max_size=30, unique=True))
def test_keys_of_any_bytes_and_length_are_told_apart(keys: list[bytes]) -> None:
    seen = SeenSet(64)
    assert [seen.show(key) for key in keys] == [False] * len(keys)
    assert [seen.show(key) for key in keys] == [True] * len(keys)


def test_a_seen_set_over_many_rounds_of_its_ring() -> None:
    rng = random.Random(7)
    seen, kept = SeenSet(100), OrderedDict[int, None]()
    for _ in range(20_000):
        number = rng.randrange(300)
        assert seen.show(number.to_bytes(8, "little")) == (number in kept)
        if number not in kept:
            kept[number] = None
            if len(kept) > 100:
                kept.popitem(last=False)


def test_a_slot_index_under_random_inserts_and_removals() -> None:
    """The session table's index, with its least recently used connection making room: the model is an ordered dict."""
    rng = random.Random(11)
    table = SessionTable()
    model: OrderedDict[bytes, int] = OrderedDict()
    for step in range(12_000):
        known = list(model) if step % 7 == 0 else []
        routing_id = rng.choice(known) if known else b"%d" % rng.randrange(3_000) * rng.randrange(1, 6)
        slot, _ = table.show(routing_id, b"localhost:1:1:1")
        if routing_id in model:
            assert model[routing_id] == slot
            model.move_to_end(routing_id)
            continue
        if len(model) == table.capacity:
            _, freed = model.popitem(last=False)
            assert slot == freed
        else:
            assert slot == len(model)
        model[routing_id] = slot
    assert sorted(model.values()) == list(range(table.capacity))


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 15, 16, 17, 64, 255])
def test_lengths_around_the_hashs_step(length: int) -> None:
    seen = SeenSet(1024)
    texts = {b"\x00" * length, b"\xff" * length, b"\x00" * (length - 1) + b"\x01" if length else b""}
    for text in sorted(texts):
        assert not seen.show(text)
    for text in sorted(texts):
        assert seen.show(text)
