"""Routing ids mean nothing: one that comes from another peer than before has said no `hello`."""

from __future__ import annotations

import random

import pytest

from gateway._fast.sockets.session_table import SessionTable

ALPHA = 2
MINE, OTHER = b"localhost:1000:1000:41", b"localhost:1001:1001:42"


def test_a_connection_keeps_its_slot_and_its_grant() -> None:
    table = SessionTable()
    slot, generation = table.show(b"\x00abcd", MINE)
    assert table.owner_of(slot) == -1
    assert table.grant(slot, generation, ALPHA) is True
    assert table.show(b"\x00abcd", MINE) == (slot, generation)
    assert (table.owner_of(slot), table.peer_of(slot)) == (ALPHA, "localhost:1000:1000:41")
    assert table.show(b"\x00abce", MINE)[0] != slot


@pytest.mark.parametrize("forger", [OTHER, b"localhost:1000:1000:4", b"localhost:1000:1000:411", b"", None])
def test_a_forged_routing_id_loses_the_grant(forger: bytes | None) -> None:
    table = SessionTable()
    slot, generation = table.show(b"alpha", MINE)
    table.grant(slot, generation, ALPHA)
    assert table.show(b"alpha", forger) == (slot, generation + 1)
    assert table.owner_of(slot) == -1
    assert table.grant(slot, generation, ALPHA) is False, "a grant of the time before is void"
    assert table.owner_of(slot) == -1
    assert table.show(b"alpha", MINE) == (slot, generation + 2), "and the true one must say hello again"
    assert table.owner_of(slot) == -1


def test_the_least_recently_used_connection_makes_room() -> None:
    table = SessionTable()
    kept, generation = table.show(b"kept", MINE)
    lost, lost_generation = table.show(b"lost", MINE)
    table.grant(kept, generation, ALPHA)
    table.grant(lost, lost_generation, ALPHA)
    for number in range(table.capacity):
        table.show(b"kept", MINE)
        table.show(b"%d" % number, OTHER)
    assert table.show(b"kept", MINE) == (kept, generation)
    assert table.owner_of(kept) == ALPHA
    again, _ = table.show(b"lost", MINE)
    assert table.owner_of(again) == -1
    assert table.count == table.capacity


def test_a_slot_given_away_bears_no_grant() -> None:
    table = SessionTable()
    slot, generation = table.show(b"first", MINE)
    table.grant(slot, generation, ALPHA)
    for number in range(table.capacity):
        table.show(b"%d" % number, MINE)
    assert table.owner_of(slot) == -1
    assert table.grant(slot, generation, ALPHA) is False


@pytest.mark.parametrize("length", [1, 5, 254, 255])
def test_routing_ids_of_any_length(length: int) -> None:
    table = SessionTable()
    ids = [bytes([first]) + b"\x00" * (length - 1) for first in (0, 1, 255)]
    slots = [table.show(routing_id, MINE)[0] for routing_id in ids]
    assert len(set(slots)) == 3
    assert [table.show(routing_id, MINE)[0] for routing_id in ids] == slots


def test_grants_under_forgeries_at_random() -> None:
    """Against a dict: an owner is granted exactly as long as the same peer speaks under the routing id."""
    rng = random.Random(5)
    table = SessionTable()
    granted: dict[bytes, tuple[bytes, int] | None] = {}
    for _ in range(5_000):
        routing_id, peer = b"r%d" % rng.randrange(20), rng.choice([MINE, OTHER])
        slot, generation = table.show(routing_id, peer)
        held = granted.get(routing_id)
        if held is None or held[0] != peer:
            held = (peer, -1)
        assert table.owner_of(slot) == held[1]
        if rng.random() < 0.3:
            held = (peer, rng.randrange(2, 9))
            assert table.grant(slot, generation, held[1])
        granted[routing_id] = held
