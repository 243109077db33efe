"""Answers reach the connection that asked, or nobody; a send outside a turn of reading asks for one."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def asked(router: Any) -> Any:
    """(its socket, session, generation) of a connection that has said something."""
    dealer = router.connect()
    dealer.send(b"hello")
    router.read(lambda: bool(router.sessions.calls))
    _, session, generation, _ = router.sessions.calls[0]
    return dealer, session, generation


def test_an_answer(router: Any, asked: Any) -> None:
    dealer, session, generation = asked
    router.socket.answer(session, generation, b"yes")
    assert dealer.poll(5_000)
    assert dealer.recv_multipart() == [b"yes"]


def test_another_connection_that_has_taken_the_slot_gets_nothing(router: Any, asked: Any) -> None:
    dealer, session, generation = asked
    router.socket.answer(session, generation + 1, b"no")
    router.socket.answer(session, generation, b"yes")
    assert dealer.poll(5_000)
    assert dealer.recv() == b"yes"


def test_a_send_between_turns_asks_for_one_turn(router: Any, asked: Any) -> None:
    _, session, generation = asked
    for _ in range(3):
        router.socket.answer(session, generation, b"yes")
    assert router.wakes == 1
    router.reader.on_readable()
    router.socket.answer(session, generation, b"yes")
    assert router.wakes == 2


def test_a_send_in_a_turn_asks_for_none(router: Any) -> None:
    """The turn reads until nothing is left."""
    router.sessions.grant = lambda session, generation: router.socket.answer(session, generation, b"yes")
    dealer = router.connect()
    dealer.send(b"hello")
    router.read(lambda: bool(router.sessions.calls))
    assert dealer.poll(5_000)
    assert router.wakes == 0


def test_a_peer_that_is_gone_is_no_error(router: Any, asked: Any) -> None:
    dealer, session, generation = asked
    dealer.close()
    router.socket.answer(session, generation, b"yes")
    assert router.socket.unsent_replies == 0


def test_a_closed_socket_answers_nobody(router: Any, asked: Any) -> None:
    _, session, generation = asked
    router.socket.close()
    router.socket.answer(session, generation, b"yes")
    assert router.wakes == 0
