"""The gateway's own events, read back from the journal: which members count, wherever they stand, and what is no event.

The recovery is what reads them; docs/protocol.md (events) and docs/journal.md (records) say what they look like.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway._fast.journal.recovery import Recovery
from gateway.journal.gaps import LostRecords
from tests._fast.journal.records import EVENT, behind_length, record

Json = dict[str, Any]
FILL: Json = {
    "seq": 4, "event": "fill", "session": "5e", "source": "stream", "id": "o1", "row": 0, "instId": "BTC-USDT", "ordId": "801",
    "clOrdId": "A", "tradeId": "77", "side": "buy", "fillPx": "20000", "fillSz": "0.004", "accFillSz": "0.004",
    "gw": {"recvNs": "1", "tradeId": "not this one"},
}  # fmt: skip
ROW: Json = {
    "row": 0, "result": "rejected", "origin": "okx", "reason": "", "msg": "Insufficient balance", "clOrdId": "A", "ordId": "",
    "sCode": "51008",
}  # fmt: skip
ACK: Json = {"seq": 1, "event": "ack", "session": "5e", "id": "o1", "op": "order", "data": [ROW], "gw": {}}


def feed(rig: Any, *events: tuple[str, Json | bytes]) -> Any:
    """The rig, after a run whose journal holds these events."""
    recovery = Recovery(rig.trading, ("alpha", "beta"), LostRecords())
    for number, (topic, body) in enumerate(events, 1):
        text = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
        recovery.feed(record(number, behind_length(topic.encode()) + text, EVENT), 0, 1)
    recovery.finish()
    return rig


def knows_fill(rig: Any) -> bool:
    return bool(rig.api.knows_fill("BTC-USDT", "801", "77"))


def repeated(rig: Any, request_id: str = "o1") -> Json | None:
    """The result of a request that is known, as a repeat of its id gets it; None for a new one."""
    rig.forget()
    rig.send(rig.order(request_id, clOrdId="new"))
    return next((reply for reply in rig.replies if reply.get("duplicate")), None)


# ---------------------------------------------------------------- members


@pytest.mark.parametrize("order", [list(FILL), sorted(FILL), sorted(FILL, reverse=True)])
def test_members_count_wherever_they_stand(rig: Any, order: list[str]) -> None:
    assert knows_fill(feed(rig, ("alpha.fill", {key: FILL[key] for key in order})))


@pytest.mark.parametrize("member", ["instId", "ordId", "tradeId"])
@pytest.mark.parametrize("value", ["", "other"])
def test_each_member_of_a_fill_s_name_counts(rig: Any, member: str, value: str) -> None:
    assert not knows_fill(feed(rig, ("alpha.fill", {**FILL, member: value})))


@pytest.mark.parametrize("new", [{}, [], None, {"ordId": "5", "x": [{"tradeId": "9"}]}, 'text \\" with', 1e9])
def test_members_that_are_not_known_are_passed_over(rig: Any, new: Any) -> None:
    assert knows_fill(feed(rig, ("alpha.fill", {"new": new, **FILL, "newer": new})))


def test_a_member_within_another_one_is_not_taken_for_it(rig: Any) -> None:
    body = {**FILL, "gw": {"tradeId": "78"}, "data": {"ordId": "802"}}
    assert knows_fill(feed(rig, ("alpha.fill", body)))
    assert not rig.api.knows_fill("BTC-USDT", "801", "78")


@pytest.mark.parametrize("topic", ["alpha.fill", "beta.fill", "account.fill", "gone.fill"])
def test_a_fill_counts_whoever_s_it_was(rig: Any, topic: str) -> None:
    """Also of a strategy that the configuration does not name any more: OKX must not be counted twice."""
    assert knows_fill(feed(rig, (topic, FILL)))


@pytest.mark.parametrize(
    "topic", ["alpha.filled", "alpha.heartbeat", "fill", ".fill", "alpha", "", "alphafill", "alpha.fill.x"]
)
def test_another_topic_is_no_fill(rig: Any, topic: str) -> None:
    assert not knows_fill(feed(rig, (topic, FILL)))


def test_the_result_of_a_request_comes_back_in_the_words_in_which_it_was_told(rig: Any) -> None:
    answer = repeated(feed(rig, ("alpha.ack", ACK)))
    assert answer is not None
    (row,) = answer["data"]
    assert {key: row[key] for key in ROW if key in row} == ROW
    assert (answer["op"], answer["id"]) == ("order", "o1")


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({"result": "accepted", "ordId": "801", "sCode": "0", "msg": ""}, "accepted"),
        ({"result": "rejected", "origin": "gateway", "reason": "rate_limited", "sCode": ""}, "rejected"),
        ({"result": "unknown", "reason": "ack_timeout", "sCode": ""}, "unknown"),
    ],
)
def test_each_result_is_read(rig: Any, changes: Json, result: str) -> None:
    answer = repeated(feed(rig, ("alpha.ack", {**ACK, "data": [{**ROW, **changes}]})))
    assert answer is not None
    (row,) = answer["data"]
    assert (row["result"], row["reason"], row["origin"]) == (
        result,
        changes.get("reason", ""),
        changes.get("origin", "okx"),
    )


@pytest.mark.parametrize(
    "changes", [{"id": ""}, {"op": "none"}, {"op": ""}, {"data": {}}, {"data": []}, {"data": None}]
)
def test_an_ack_without_what_names_its_request_is_none(rig: Any, changes: Json) -> None:
    assert repeated(feed(rig, ("alpha.ack", {**ACK, **changes}))) is None


def test_an_ack_of_another_strategy_is_its_own(rig: Any) -> None:
    assert repeated(feed(rig, ("beta.ack", ACK))) is None


# ---------------------------------------------------------------- what is no event


@pytest.mark.parametrize(
    "body", [b"", b"{", b"}", b"[]", b"x", b"{}x", b"null", b"{}", b"{]", b'{"tradeId"}', b'{"a":1 "b":2}']
)
def test_a_body_that_is_no_event_is_passed_over_and_the_next_is_read(rig: Any, body: bytes) -> None:
    feed(rig, ("alpha.fill", body), ("alpha.ack", body), ("alpha.order", body), ("alpha.fill", FILL))
    assert knows_fill(rig)


@pytest.mark.parametrize("payload", [b"", b"\x05", b"\x05a", b"\xff" + b"x" * 254, b"\x00", b'\x00{"tradeId":"77"}'])
def test_a_payload_without_its_topic_is_passed_over(rig: Any, payload: bytes) -> None:
    recovery = Recovery(rig.trading, ("alpha",), LostRecords())
    assert recovery.feed(record(1, payload), 0, 1)[1] == "short"
    assert recovery.records == 1
    recovery.finish()


def test_an_event_cut_at_any_length_tells_nothing(new_rig: Any) -> None:
    """The record's check sum vouches for none of these: this is behind it."""
    text = json.dumps({key: value for key, value in FILL.items() if key != "gw"}).encode()
    for length in range(len(text)):
        rig = feed(new_rig(), ("alpha.fill", text[:length]))
        assert not knows_fill(rig), text[:length]
