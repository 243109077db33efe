"""The strategy side of the protocol: hello, the gateway's own ops, subscriptions and heartbeats. Names and fields after docs/protocol.md."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

MINE, OTHER = b"localhost:1000:1000:4711", b"localhost:1001:1001:4712"

# ------------------------------------------------------------------ hello


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


@pytest.mark.parametrize("op", ["order", "ping", "status", "replay", "cancel-all", "nonsense", 5, None])
def test_nothing_is_heard_before_hello(rig: Any, connect: Callable[..., Any], op: Any) -> None:
    message = rig.order("o1") | {"op": op}
    (answer,) = connect().send(message)
    assert (answer["id"], answer["reason"]) == ("o1", "hello_required")
    assert "hello" in answer["msg"]
    assert rig.sink.sent == []
    assert rig.events == []


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"", "not_json"),
        (b"\xff", "not_json"),
        (b"[]", "not_json"),
        (b'{"op":"hello","args":[{"strategy":"alpha"}]}', "bad_request"),
        (b'{"id":"","op":"hello","args":[{"strategy":"alpha"}]}', "bad_request"),
        (b'{"id":"h","op":"hello","args":[{"strategy":"alpha","x":1}]}', "bad_request"),
        (b'{"id":"h","op":"hello","args":[{"strategy":"alpha","nonce":5}]}', "bad_request"),
        (b'{"id":"h","op":"hello","args":["alpha"]}', "bad_request"),
        (b'{"id":"h","op":"hello"}', "not_allowed"),
        (b'{"id":"h","op":"hello","args":[{"strategy":["alpha"]}]}', "not_allowed"),
        (b'{"id":"h","op":"hello","args":[{"strategy":"gateway"}]}', "not_allowed"),
        (b"{}", "hello_required"),
    ],
)
def test_a_stranger_always_gets_one_answer(connect: Callable[..., Any], message: bytes, reason: str) -> None:
    connection = connect()
    (answer,) = connection.send(message)
    assert (answer["code"], answer["reason"], answer["data"]) == ("1", reason, [])
    assert connection.owner == -1


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


def test_a_number_that_cannot_be_kept_is_not_given(rig: Any, connect: Callable[..., Any], monkeypatch: Any) -> None:
    def disk_full(numbers: dict[str, int]) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(rig.control, "_keep_numbers", disk_full)
    connection = connect()
    answer = connection.hello("one")
    assert (answer["reason"], connection.owner) == ("capacity", -1)
    assert "No space left" in answer["msg"]


def test_a_forged_routing_id_must_say_hello_itself(rig: Any, connect: Callable[..., Any]) -> None:
    true, forger = connect(b"r1", MINE), connect(b"r1", OTHER)
    true.hello()
    (answer,) = forger.send(rig.order("o1"))
    assert answer["reason"] == "hello_required"
    (answer,) = true.send(rig.order("o1"))
    assert answer["reason"] == "hello_required"
    assert rig.sink.sent == []


def test_another_hello_moves_the_connection(rig: Any, connect: Callable[..., Any]) -> None:
    connection = connect()
    connection.hello("alpha")
    connection.hello("beta")
    connection.send(rig.order("o1"))
    rig.accept(0, "801")
    assert [topic for topic, _ in rig.events] == ["beta.ack"]


def test_a_refused_hello_leaves_the_grant(rig: Any, alpha: Any) -> None:
    assert alpha.hello("gateway")["reason"] == "not_allowed"
    alpha.send(rig.order("o1"))
    assert len(rig.frames) == 1


# ------------------------------------------------------------------ heartbeats and subscriptions


def test_a_nonce_comes_back_on_the_heartbeat(rig: Any, connect: Callable[..., Any]) -> None:
    connect(b"a").hello(nonce="n1")
    connect(b"b").hello(nonce="n2")
    connect(b"c").hello("beta")
    beats = rig.heartbeats
    assert [(topic, body["nonces"]) for topic, body in beats] == [
        ("alpha.heartbeat", ["n1"]),
        ("alpha.heartbeat", ["n1", "n2"]),
        ("beta.heartbeat", []),
    ]
    assert sorted(beats[0][1]) == ["event", "nonces", "ns", "ready", "seq", "session", "state"]
    assert (beats[0][1]["event"], beats[0][1]["session"], beats[0][1]["seq"]) == ("heartbeat", "5e5510n", 0)


def test_a_heartbeat_carries_the_last_seq_of_its_family(rig: Any, alpha: Any) -> None:
    alpha.send(rig.order("o1"))
    rig.accept(0, "801")
    rig.push(ordId="901")
    rig.push(ordId="901", state="canceled")
    rig.events_sink.events.clear()
    rig.control.heartbeat_all()
    assert {topic: body["seq"] for topic, body in rig.heartbeats} == {
        "account.heartbeat": 2,
        "gateway.heartbeat": 0,
        "alpha.heartbeat": 1,
        "beta.heartbeat": 0,
    }


@pytest.mark.parametrize(
    ("prefix", "beats"),
    [
        (b"alpha.", ["alpha.heartbeat"]),
        (b"alpha.fill", ["alpha.heartbeat"]),
        (b"alpha.heartbeat", ["alpha.heartbeat"]),
        (b"al", ["alpha.heartbeat"]),
        (b"a", ["account.heartbeat", "alpha.heartbeat"]),
        (b"gateway.state", ["gateway.heartbeat"]),
        (b"", ["account.heartbeat", "alpha.heartbeat", "beta.heartbeat", "gateway.heartbeat"]),
        (b"alphabet.", ["alphabet.heartbeat"]),
        (b"nobody.", ["nobody.heartbeat"]),
        (b"nobody.ack", ["nobody.heartbeat"]),
        (b"nobody", []),
        (b"n\xff.", []),
        (b"x" * 33 + b".", []),
    ],
)
def test_a_subscription_is_answered_with_a_heartbeat(rig: Any, prefix: bytes, beats: list[str]) -> None:
    """Also one to a name that has never said hello: its seq is 0."""
    rig.control.on_subscription(prefix)
    assert sorted(topic for topic, _ in rig.heartbeats) == beats
    assert rig.bus.number_of("nobody") is None


def test_states_are_told_once(rig: Any) -> None:
    rig.control.set_state("ready", ready=True)
    rig.control.set_state("ready", ready=True)
    rig.control.set_state("waiting", ready=False, reason="lost")
    rig.control.set_state("waiting", ready=False, reason="still lost")
    told = rig.on("gateway.state")
    assert [(body["seq"], body["state"], body["ready"], body["reason"]) for body in told] == [
        (1, "ready", True, ""),
        (2, "waiting", False, "lost"),
        (3, "waiting", False, "still lost"),
    ]
    assert {body["ready"] for _, body in rig.heartbeats[-4:]} == {False}


def test_an_alarm(rig: Any) -> None:
    rig.control.alarm("okx_error", 'quoted "words"\n')
    ((topic, body),) = rig.events
    assert (topic, body["reason"], body["msg"]) == ("gateway.alarm", "okx_error", 'quoted "words"\n')


# ------------------------------------------------------------------ the gateway's own ops


def test_ping_gives_the_gateways_clock(alpha: Any) -> None:
    (data,) = alpha.ask("ping")["data"]
    assert list(data) == ["ns"]
    assert len(data["ns"]) == 19


@pytest.mark.parametrize("op", ["ping", "status", "snapshot", "get-order", "replay", "cancel-all", "hello"])
def test_unknown_arguments_are_named(alpha: Any, op: str) -> None:
    answer = alpha.ask(op, {"bogus": 1})
    assert (answer["reason"], answer["op"], answer["id"]) == ("bad_request", op, "g1")
    assert "args[0].bogus" in answer["msg"]


def test_status(rig: Any, alpha: Any) -> None:
    alpha.send(rig.order("o1", clOrdId="A1"))
    rig.send(rig.order("o1", clOrdId="B2"), owner=rig.beta)
    rig.api.connection_lost()
    (data,) = alpha.ask("status")["data"]
    (row,) = data["unknown"]
    assert {key: row[key] for key in ("id", "row", "op", "clOrdId")} == {
        "id": "o1",
        "row": 0,
        "op": "order",
        "clOrdId": "A1",
    }
    assert row["ageMs"] >= 0
    assert (data["state"], data["ready"], data["session"], data["seq"], data["inFlight"], data["waiting"]) == (
        "connecting",
        False,
        "5e5510n",
        1,
        0,
        0,
    )
    assert data["counters"]["sent"] == 2
    assert data["limits"]["placePer2s"] == 60


def test_a_snapshot_has_the_own_orders_that_have_not_ended(rig: Any, alpha: Any) -> None:
    for number in range(1, 6):
        rig.place(f"A{number}", f"80{number}", request_id=f"o{number}")
    rig.place("B1", "901", owner=rig.beta)
    rig.push(clOrdId="A2", ordId="802", state="canceled", cancelSource="1")
    (whole,) = alpha.ask("snapshot")["data"]
    assert [order["clOrdId"] for order in whole["orders"]] == ["A1", "A3", "A4", "A5"]
    assert (whole["from"], whole["more"], whole["seq"]) == (0, False, rig.bus.last_seq(rig.alpha))
    shown = {"id", "row", "instId", "clOrdId", "ordId", "state", "side", "ordType", "tdMode", "px", "sz", "accFillSz"}
    assert set(whole["orders"][0]) == shown | {"lifecycle", "avgPx", "cTime", "uTime", "result", "reason"}
    (page,) = alpha.ask("snapshot", {"from": 1, "limit": 2})["data"]
    assert ([order["clOrdId"] for order in page["orders"]], page["from"], page["more"]) == (["A3", "A4"], 1, True)


@pytest.mark.parametrize("arg", [{"clOrdId": "A1"}, {"ordId": "801"}, {"id": "o1"}, {"id": "o1", "row": 0}])
def test_get_order(rig: Any, alpha: Any, arg: dict[str, Any]) -> None:
    rig.place("A1", "801", request_id="o1")
    (order,) = alpha.ask("get-order", arg)["data"]
    assert (order["id"], order["clOrdId"], order["ordId"], order["state"], order["result"]) == (
        "o1",
        "A1",
        "801",
        "live",
        "accepted",
    )


@pytest.mark.parametrize(
    ("arg", "reason"),
    [
        ({"clOrdId": "B1"}, "not_owner"),
        ({"ordId": "901"}, "not_owner"),
        ({"clOrdId": "none"}, "unknown_order"),
        ({"id": "ob"}, "unknown_order"),
        ({"id": "o1", "row": 1}, "unknown_order"),
        ({}, "bad_request"),
        ({"clOrdId": "A1", "ordId": "801"}, "bad_request"),
        ({"clOrdId": ""}, "bad_request"),
        ({"clOrdId": 5}, "bad_request"),
        ({"id": "o1", "row": 20}, "bad_request"),
    ],
)
def test_orders_that_cannot_be_got(rig: Any, alpha: Any, arg: dict[str, Any], reason: str) -> None:
    rig.place("A1", "801", request_id="o1")
    rig.place("B1", "901", request_id="ob", owner=rig.beta)
    assert alpha.ask("get-order", arg)["reason"] == reason


def test_an_order_of_nobody_may_be_asked_about(rig: Any, alpha: Any) -> None:
    rig.push(ordId="901", clOrdId="manual")
    (order,) = alpha.ask("get-order", {"ordId": "901"})["data"]
    assert (order["id"], order["row"], order["clOrdId"]) == ("", 0, "manual")


def test_replay_of_the_own_family_and_the_shared_ones(rig: Any, alpha: Any) -> None:
    rig.place("A1", "801", live=False)
    rig.push(clOrdId="A1", ordId="801")
    rig.push(ordId="901")
    rig.control.set_state("ready", ready=True)
    published = {}
    for owner in ("alpha", "account", "gateway"):
        (data,) = alpha.ask("replay", {"owner": owner})["data"]
        published[owner] = data["events"]
        assert data["more"] is False
    assert [event["topic"] for event in published["alpha"]] == ["alpha.ack", "alpha.order"]
    assert [event["topic"] for event in published["account"]] == ["account.order"]
    assert [event["topic"] for event in published["gateway"]] == ["gateway.state"]
    assert alpha.ask("replay")["data"][0]["events"] == published["alpha"]
    (page,) = alpha.ask("replay", {"fromSeq": 1, "limit": 1})["data"]
    assert (page["events"], page["more"]) == (published["alpha"][:1], True)
    assert alpha.ask("replay", {"fromSeq": 3})["data"][0]["events"] == []


@pytest.mark.parametrize(
    "arg", [{"owner": "beta"}, {"owner": "nobody"}, {"fromSeq": -1}, {"fromSeq": "1"}, {"limit": 501}]
)
def test_replays_that_are_refused(alpha: Any, arg: dict[str, Any]) -> None:
    assert alpha.ask("replay", arg)["reason"] == "bad_request"


def test_replay_of_what_memory_holds_no_longer_comes_from_the_journal(new_rig: Any, connection_to: Any) -> None:
    """Or is refused, with the oldest that there is."""
    rig = new_rig(ring_bytes=4_096)
    connection = connection_to(rig)
    connection.hello()
    for number in range(20):
        connection.send(rig.order(f"o{number}", sz=""))
    kept = rig.events_sink.events[:3]
    pages = {2: (kept[1:], 2), 1: ([], 2)}
    asked = []

    async def page(*args: Any) -> Any:
        asked.append(args)
        return pages[args[1]]

    rig.pages.page = page
    rig.reply_sink.replies.clear()
    for number, from_seq in enumerate((2, 1)):
        assert connection.send({"id": f"g{number}", "op": "replay", "args": [{"fromSeq": from_seq, "limit": 2}]}) == []
    rig.loop.run_until_complete(asyncio.sleep(0))
    assert asked == [("alpha", 2, 2, 20), ("alpha", 1, 2, 20)]
    replayed, gone = [json.loads(body) for _, body in rig.reply_sink.replies]
    assert (replayed["id"], gone["id"], gone["reason"]) == ("g0", "g1", "gone")
    (data,) = replayed["data"]
    assert [event["event"] for event in data["events"]] == [json.loads(body) for _, body in kept[1:]]
    assert (data["more"], gone["data"]) == (True, [{"first": 2}])


# ------------------------------------------------------------------ cancel-all


def test_cancel_all_cancels_what_is_open_and_withdraws_what_waits(rig: Any, alpha: Any) -> None:
    rig.place("A1", "801")
    rig.place("A2", "802", live=False)
    rig.place("B1", "901", owner=rig.beta)
    rig.push(ordId="999")
    rig.sink.writable = False
    alpha.send(rig.order("o3", clOrdId="A3", gw={"maxWaitMs": 60_000}))
    rig.sink.writable = True
    rig.forget()
    answers = alpha.send({"id": "x", "op": "cancel-all"})
    assert [(answer["id"], answer["reason"]) for answer in answers] == [("o3", "cancelled_before_send"), ("x", "")]
    assert answers[-1]["data"] == [{"cancelled": 2, "withdrawn": 1}]
    (frame,) = rig.frames
    assert (frame["op"], [row["clOrdId"] for row in frame["args"]]) == ("batch-cancel-orders", ["A1", "A2"])
    rig.accept(0)
    assert [(row["clOrdId"], row["result"], row["origin"]) for row in rig.rows("x.1")] == [
        ("A1", "accepted", "okx"),
        ("A2", "accepted", "okx"),
        ("A3", "accepted", "gateway"),
    ]


def test_cancel_all_of_one_instrument(rig: Any, alpha: Any) -> None:
    rig.place("A1", "801")
    rig.send(rig.order("o2", clOrdId="A2", instId="ETH-USDT"))
    rig.accept(0, "802")
    rig.forget()
    assert alpha.ask("cancel-all", {"instId": "ETH-USDT"})["data"] == [{"cancelled": 1, "withdrawn": 0}]
    assert rig.frames[0]["args"] == [{"instIdCode": 10002, "clOrdId": "A2"}]
    assert alpha.ask("cancel-all", {"instId": "XYZ"})["data"] == [{"cancelled": 0, "withdrawn": 0}]


def test_cancel_all_of_many_goes_out_in_batches_of_twenty(new_rig: Any, connection_to: Any) -> None:
    rig = new_rig(request_capacity=256, order_capacity=256)
    connection = connection_to(rig)
    connection.hello()
    for number in range(45):
        rig.place(f"A{number}", str(800 + number))
    answer = connection.ask("cancel-all", request_id="panic")
    assert answer["data"] == [{"cancelled": 45, "withdrawn": 0}]
    assert [len(frame["args"]) for frame in rig.frames] == [20, 20, 5]
    for index in range(3):
        rig.accept(index)
    assert [body["id"] for body in rig.on("alpha.ack")] == ["panic.1", "panic.2", "panic.3"]


def test_cancel_all_again_under_the_same_id_cancels_again(rig: Any, alpha: Any) -> None:
    """Its id need not be unique: the second press of the button does what the first did."""
    rig.place("A1", "801")
    for _ in range(3):
        assert alpha.ask("cancel-all", request_id="panic")["data"] == [{"cancelled": 1, "withdrawn": 0}]
    assert [frame["op"] for frame in rig.frames] == ["batch-cancel-orders"] * 3


def test_cancel_all_of_nothing(rig: Any, alpha: Any) -> None:
    assert alpha.ask("cancel-all")["data"] == [{"cancelled": 0, "withdrawn": 0}]
    assert rig.sink.sent == []


@pytest.mark.parametrize(("length", "reason"), [(58, ""), (59, "bad_request")])
def test_the_id_of_cancel_all_leaves_room_for_its_cancels(rig: Any, alpha: Any, length: int, reason: str) -> None:
    rig.place("A1", "801")
    assert alpha.ask("cancel-all", request_id="x" * length)["reason"] == reason


def test_an_order_that_cannot_be_cancelled_leaves_the_others_to_be(rig: Any, alpha: Any) -> None:
    """One of an earlier run, on an instrument that is not loaded any more."""
    rig.push(clOrdId="9001234567880000001", ordId="700", instId="OLD-USDT")
    rig.place("A1", "801")
    answers = alpha.send({"id": "x", "op": "cancel-all"})
    assert [row["clOrdId"] for frame in rig.frames for row in frame["args"]] == ["A1"]
    assert [answer["data"] for answer in answers] == [[{"cancelled": 1, "withdrawn": 0}]]
    (refused,) = [body for body in rig.on("alpha.ack") if body["data"][0]["reason"] == "unknown_instrument"]
    assert refused["id"].startswith("x.")


# ------------------------------------------------------------------ owners after a restart


@pytest.mark.parametrize(
    ("cl_ord_id", "topic"),
    [
        ("9001000000000000001", "alpha.order"),  # of the configuration: whenever it was minted
        ("8501234567890000001", "late.order"),
        ("8501000000000000001", "late.order"),  # the first epoch since which its number is kept
        ("8500999999990000001", "account.order"),  # an earlier run may have given 850 to another name
    ],
)
def test_an_order_minted_before_its_name_was_kept_belongs_to_nobody(new_rig: Any, cl_ord_id: str, topic: str) -> None:
    rig = new_rig(given={"late": 850})
    rig.push(clOrdId=cl_ord_id, ordId="801")
    assert [shown for shown, _ in rig.events] == [topic]


def test_a_name_that_is_new_in_this_run_owns_nothing_older(rig: Any, connect: Callable[..., Any]) -> None:
    connect().hello("fresh")
    rig.push(clOrdId="9011234567880000001", ordId="801")
    rig.push(clOrdId="9011234567890000001", ordId="802")
    assert [topic for topic, _ in rig.events] == ["account.order", "fresh.order"]


# ------------------------------------------------------------------ odd frames


def test_odd_frames_are_counted_and_kept_in_the_log(rig: Any, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(1_500):
        rig.frame(json.dumps({"id": f"{number:016x}", "op": "order", "data": []}).encode())
    odd = [record for record in caplog.records if record.message == "odd frame"]
    assert [record.__dict__["count"] for record in odd] == [1, 1_000], "not a line for each"
    assert rig.events == []


def test_bad_frames_and_too_large_messages_are_told(rig: Any) -> None:
    rig.control.on_bad_frames(1, 1)
    rig.control.on_too_large(1, 1, 1_000_000)
    assert [(reply["id"], reply["op"], reply["reason"]) for reply in rig.replies] == [
        ("", "", "bad_frames"),
        ("", "", "too_large"),
    ]
    assert "1000000" in rig.replies[1]["msg"]


def test_cancel_all_counts_what_is_sent_and_is_answered_once(rig: Any, alpha: Any) -> None:
    """Nothing may go while not logged in and without waiting: the refusals are told by events, and not counted as cancelled."""
    for name in ("o1", "o2"):
        rig.place(name, f"80{name[1]}")
    rig.api.set_stopping()
    answers = alpha.send({"id": "x", "op": "cancel-all"})
    assert [(answer["id"], answer["data"]) for answer in answers] == [("x", [{"cancelled": 0, "withdrawn": 0}])]
