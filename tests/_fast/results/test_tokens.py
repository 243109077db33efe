"""Tokens come back only when OKX is proven to have counted them: by an ack, a later answer, or the end of the connection."""

from __future__ import annotations

from typing import Any

import pytest

MS = 1_000_000


def used_tokens(rig: Any, op: str = "order") -> tuple[int, int]:
    """(used, held) of BTC-USDT's single budget."""
    used, held, _ = rig.api.usage("BTC-USDT", op)
    return used, held


def test_an_ack_brings_the_token_back_one_window_later(new_rig: Any) -> None:
    rig = new_rig(window_ns=2_000 * MS)
    warm(rig)
    rig.send(rig.order("o1"), at=rig.now)
    assert used_tokens(rig) == (1, 1)
    rig.accept(at=rig.now + 5 * MS)
    assert used_tokens(rig) == (1, 0)


def warm(rig: Any) -> None:
    """Touches BTC-USDT's budgets after the cold window, so that they start empty."""
    rig.send(rig.order("warm", clOrdId="warm"))
    rig.send(rig.cancel("warmc", ordId="1"))
    rig.send(rig.amend("warma", ordId="1"))
    for frame in rig.frames:
        rig.ack(frame["id"], frame["op"], code="60013", at=rig.started - 2_000 * MS)
    assert used_tokens(rig) == used_tokens(rig, "cancel-order") == (0, 0)
    rig.forget()


@pytest.mark.parametrize("proof", ["ack", "pong", "later_ack", "lost"])
@pytest.mark.parametrize("resolution", ["none", "push", "not_found", "pushed_before"])
def test_a_token_without_an_ack_comes_back_on_proof_and_always_comes_back(
    new_rig: Any, wire: Any, proof: str, resolution: str
) -> None:
    """Whether the row has been resolved by other means in the meantime or not."""
    rig = new_rig(window_ns=2_000 * MS)
    warm(rig)
    rig.send(rig.order("o1", clOrdId="A1"))
    okx_id = rig.frames[0]["id"]
    if resolution == "pushed_before":
        rig.push(clOrdId="A1", ordId="801")
    rig.give_up_waiting()
    assert used_tokens(rig) == (1, 1), "a timeout proves nothing"
    if resolution == "push":
        rig.push(clOrdId="A1", ordId="801")
    elif resolution == "not_found":
        rig.api.not_found("A1")
    if proof == "ack":
        rig.ack(okx_id, "order", wire.item("A1", "801"))
    elif proof == "pong":
        rig.api.pong_received(rig.now)
    elif proof == "later_ack":
        rig.send(rig.order("o2", clOrdId="B2"))
        rig.ack(rig.frames[1]["id"], "order", wire.item("B2", "802"))
    else:
        rig.api.connection_lost()
    used, held = used_tokens(rig)
    assert held == 0
    assert used == (2 if proof == "later_ack" else 1), "and stays out for its window"
    is_still_unknown = resolution == "none" and proof != "ack"
    assert rig.api.unknown_count() == is_still_unknown, "and what was kept for its token alone is done"


def test_a_pong_to_an_earlier_ping_proves_nothing(new_rig: Any) -> None:
    rig = new_rig(window_ns=2_000 * MS)
    warm(rig)
    before = rig.started
    rig.send(rig.order("o1"))
    rig.give_up_waiting()
    rig.api.pong_received(before)
    assert used_tokens(rig) == (1, 1)


def test_an_ack_says_nothing_of_what_was_sent_later(new_rig: Any, wire: Any) -> None:
    rig = new_rig(window_ns=2_000 * MS)
    warm(rig)
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.send(rig.order("o2", clOrdId="B2"))
    rig.give_up_waiting()
    rig.ack(rig.frames[0]["id"], "order", wire.item("A1", "801"))
    assert used_tokens(rig) == (2, 1)


def test_after_a_loss_the_tokens_wait_for_what_the_kernel_may_still_deliver(new_rig: Any) -> None:
    """The window begins only when nothing handed over can reach OKX any more."""
    rig = new_rig(window_ns=2_000 * MS, limits=(1, 60, 60, 300, 5, 1000))
    warm(rig)
    rig.send(rig.order("o1"))
    rig.api.connection_lost()
    lost = rig.started
    rig.api.connection_opened(rig.sink)
    rig.api.set_ready(True)
    rig.forget()
    rig.send(rig.order("o2"), at=lost + 3_900 * MS)
    assert rig.reply["reason"] == "rate_limited"
    rig.send(rig.order("o3"), at=lost + 5_000 * MS)
    assert len(rig.frames) == 1


def test_what_never_left_gives_its_tokens_back_at_once(new_rig: Any) -> None:
    rig = new_rig(window_ns=2_000 * MS)
    warm(rig)
    rig.sink.failing = True
    rig.send(rig.order("o1"))
    rig.sink.failing = False
    rig.journal.full = True
    rig.send(rig.order("o2"))
    assert used_tokens(rig) == (0, 0)
