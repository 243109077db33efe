"""`hello`: what it answers, and who is granted which name. Names and fields after docs/protocol.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

MINE, OTHER = b"localhost:1000:1000:4711", b"localhost:1001:1001:4712"


def test_the_answer_to_hello(alpha: Any) -> None:
    answer = alpha.hello(nonce="n-17")
    (data,) = answer.pop("data")
    assert answer == {"id": "h1", "op": "hello", "code": "0", "reason": "", "msg": ""}
    limits = data.pop("limits")
    assert {name: limits[name] for name in ("placePer2s", "cancelPer2s", "amendPer2s", "batchRowsPer2s")} == {
        "placePer2s": 60,
        "cancelPer2s": 60,
        "amendPer2s": 60,
        "batchRowsPer2s": 300,
    }
    assert data == {
        "strategy": "alpha",
        "number": 900,
        "session": "5e5510n",
        "protocol": 1,
        "seq": 0,
        "lastId": "",
        "ready": False,
        "state": "connecting",
        "acctLv": "2",
        "posMode": "net_mode",
        "environment": "simulator",
        "maxWaitMs": 0,
        "heartbeatMs": 1000,
    }


def test_hello_tells_where_the_strategy_stands(rig: Any, alpha: Any) -> None:
    alpha.send(rig.order("o1"))
    rig.accept(0, "801")
    alpha.send(rig.order("o2", sz=""))
    (data,) = alpha.hello()["data"]
    assert (data["seq"], data["lastId"]) == (2, "o2")


def test_names_are_granted_by_the_proved_user(rig: Any, connect: Callable[..., Any]) -> None:
    assert connect(b"a", OTHER).hello("alpha")["reason"] == "not_allowed"
    assert connect(b"b", OTHER).hello("beta")["code"] == "0"
    assert connect(b"c", None).hello("alpha")["reason"] == "not_allowed"
    assert connect(b"d", OTHER).hello("new")["reason"] == "not_allowed"
    assert connect(b"e", MINE).hello("new")["data"][0]["number"] == 901


def test_a_new_names_number_is_kept_before_it_is_used(rig: Any, connect: Callable[..., Any]) -> None:
    connect(b"a").hello("alpha")
    assert rig.kept_numbers == []
    connect(b"b").hello("one")
    connect(b"b").hello("one")
    connect(b"c").hello("two")
    assert rig.kept_numbers == [{"one": 901}, {"one": 901, "two": 902}]
    assert connect(b"d").hello("three")["reason"] == "not_allowed", "the range is used up"


def test_a_number_that_cannot_be_kept_is_not_given(rig: Any, connect: Callable[..., Any]) -> None:
    rig.disk_full = True
    connection = connect()
    answer = connection.hello("one")
    assert (answer["reason"], connection.owner) == ("capacity", -1)
    assert "No space left" in answer["msg"]


def test_a_connection_speaks_for_one_name(rig: Any, connect: Callable[..., Any]) -> None:
    connection = connect()
    connection.hello("alpha")
    refusal = connection.hello("beta")
    assert refusal["reason"] == "not_allowed"
    assert refusal["msg"] == "this connection speaks for 'alpha': open another one for 'beta'"
    assert connection.hello("alpha")["code"] == "0"
    connection.send(rig.order("o1"))
    rig.accept(0, "801")
    assert [topic for topic, _ in rig.events] == ["alpha.ack"]


def test_a_name_that_is_refused_so_takes_no_number(connect: Callable[..., Any]) -> None:
    """Numbers of the default entry are few: one connection must not use them up."""
    first = connect(b"a")
    assert first.hello("one")["data"][0]["number"] == 901
    assert first.hello("two")["reason"] == "not_allowed"
    assert connect(b"b").hello("three")["data"][0]["number"] == 902


def test_several_connections_share_a_name(rig: Any, connect: Callable[..., Any]) -> None:
    first, second = connect(b"a"), connect(b"b")
    assert [one.hello("alpha")["code"] for one in (first, second)] == ["0", "0"]
    first.send(rig.order("o1"))
    second.send(rig.order("o2"))
    assert len(rig.frames) == 2


@pytest.mark.parametrize("name", [None, 1, "", "a.b", "a b", "é", "a" * 33, ["alpha"]])
def test_an_ill_formed_name_is_a_bad_request(connect: Callable[..., Any], name: Any) -> None:
    refusal = connect().hello(name)
    assert refusal["reason"] == "bad_request"
    assert refusal["msg"] == "args[0].strategy must be a name of 1 to 32 letters, digits, _ and -"


def test_a_refused_hello_leaves_the_grant(rig: Any, alpha: Any) -> None:
    assert alpha.hello("gateway")["reason"] == "not_allowed"
    alpha.send(rig.order("o1"))
    assert len(rig.frames) == 1
