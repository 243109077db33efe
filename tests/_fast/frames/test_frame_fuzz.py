"""Invariant: whatever else OKX writes into a frame, what the gateway knows of it is told exactly as without it, and the next frame is read.

The frame is written by hand from random parts; what must come out is what the same order's plain push and ack say.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

# No text of these is a key that the gateway looks for.
NEW_KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(lambda text: "~" + text)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.just(""),
)
NEW_VALUES = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NEW_KEYS, inner, max_size=4))
)
NEW_MEMBERS = st.lists(st.tuples(NEW_KEYS, NEW_VALUES), max_size=5, unique_by=lambda member: member[0])
# Texts that the gateway passes over or keeps, but never decides by.
UNKNOWN_WORDS = st.sampled_from(["", "0", "new_word", "é", 'a"b', "\n", "x" * 300, 7, 1.5, None, [], {}, True])
FREE_KEYS = (
    "posSide",
    "ordType",
    "tdMode",
    "cancelSource",
    "amendSource",
    "execType",
    "feeCcy",
    "side",
    "uTime",
    "cTime",
)


def spelled(text: str, data: st.DataObject) -> str:
    """A JSON string, often with one character as an escape."""
    at = data.draw(st.integers(-8, len(text) - 1))
    return '"' + "".join(f"\\u{ord(char):04x}" if place == at else char for place, char in enumerate(text)) + '"'


def written(members: list[tuple[str, Any]], data: st.DataObject) -> str:
    """An object with these members, in some order, with white space.."""
    parts = []
    space = data.draw(st.sampled_from(["", " ", "\n\t"]))
    for key, value in members if data.draw(st.booleans()) else members[::-1]:
        name = spelled(key, data) if key.isascii() and key.isalnum() else json.dumps(key)
        if isinstance(value, Raw):
            text = str(value)
        elif isinstance(value, str) and value.isascii() and value.isalnum():
            text = spelled(value, data)
        else:
            text = json.dumps(value)
        parts.append(f"{name}{space}:{space}{text}")
    return "{" + ",".join(parts) + "}"


class Raw(str):
    """JSON text."""


def deep(depth: int) -> Raw:
    return Raw("[" * depth + "]" * depth)


@settings(max_examples=40)
@given(data=st.data())
def test_a_push_with_anything_new_in_it_is_told_in_full(new_rig: Any, wire: Any, data: st.DataObject) -> None:
    rig = new_rig()
    rig.place("A1", "12")
    free = {key: data.draw(UNKNOWN_WORDS) for key in data.draw(st.lists(st.sampled_from(FREE_KEYS), unique=True))}
    told = wire.order_row(clOrdId="A1", ordId="12", **wire.filled("77", "0.004", "0.004"))
    big = [("~big", "x" * data.draw(st.sampled_from([0, 300_000])))]
    nested = [("~deep", deep(data.draw(st.integers(1, 400))))]
    row = written([*{**told, **free}.items(), *data.draw(NEW_MEMBERS), *big, *nested], data)
    # A row of an order that nobody here knows must not be lost beside it.
    other = written([*wire.order_row(ordId="99").items(), *data.draw(NEW_MEMBERS)], data)
    arg = Raw(written([("channel", "orders"), *data.draw(NEW_MEMBERS)], data))
    frame = written([("arg", arg), ("data", Raw(f"[{row},{other}]")), *data.draw(NEW_MEMBERS)], data)
    rig.frame(frame.encode())
    assert [topic for topic, _ in rig.events] == ["alpha.fill", "alpha.order", "account.order"]
    (fill,), (order,) = rig.on("alpha.fill"), rig.on("alpha.order")
    expected = {
        "tradeId": "77",
        "fillSz": "0.004",
        "fillPx": "20000",
        "accFillSz": "0.004",
        "ordId": "12",
        "clOrdId": "A1",
    }
    assert {key: fill[key] for key in expected} == expected
    assert (order["state"], order["terminal"], order["accFillSz"]) == ("partially_filled", False, "0.004")
    assert row.encode() in rig.events_sink.events[-2][1]
    rig.frame(frame.encode())
    assert len(rig.events) == 3, "the same again is no news"


@settings(max_examples=40)
@given(data=st.data())
def test_an_ack_with_anything_new_in_it_is_told_in_full(new_rig: Any, wire: Any, data: st.DataObject) -> None:
    rig = new_rig()
    rig.send(rig.order("o1", clOrdId="A1"))
    code = data.draw(st.sampled_from(["0", "51008"]))
    item = written([*wire.item("A1", "12", code, "words").items(), *data.draw(NEW_MEMBERS)], data)
    head = [("id", rig.frames[0]["id"]), ("op", "order"), ("code", code[:1]), ("msg", "")]
    rig.frame(written([*head, ("data", Raw(f"[{item}]")), *data.draw(NEW_MEMBERS)], data).encode())
    row = rig.row("o1")
    assert (row["result"], row["sCode"], row["msg"]) == ("accepted" if code == "0" else "rejected", code, "words")
    assert row["okx"] == json.loads(item)


@settings(max_examples=40)
@given(data=st.data(), times=st.integers(2, 3))
def test_of_a_key_written_twice_the_last_counts(new_rig: Any, wire: Any, data: st.DataObject, times: int) -> None:
    """As with every usual JSON parser; and no frame is lost for it."""
    rig = new_rig()
    states = [data.draw(st.sampled_from(["live", "partially_filled", "canceled", "?", ""])) for _ in range(times - 1)]
    row = ",".join(f'"state":"{state}"' for state in [*states, "filled"])
    plain = json.dumps({key: value for key, value in wire.order_row(ordId="12").items() if key != "state"})
    rig.frame(('{"arg":{"channel":"orders"},"data":[' + plain[:-1] + "," + row + "}]}").encode())
    ((topic, text),) = rig.events_sink.events
    assert (topic, json.loads(text)["state"]) == (b"account.order", "filled")


@settings(max_examples=40)
@given(
    frames=st.lists(
        st.dictionaries(
            st.sampled_from(["arg", "data", "op", "id", "code", "event", "msg"]), NEW_VALUES | UNKNOWN_WORDS
        )
    )
)
def test_frames_of_no_known_shape_kill_nothing(new_rig: Any, frames: list[dict[str, Any]]) -> None:
    rig = new_rig()
    for frame in frames:
        rig.frame(frame)
    rig.place("A1", "12")
    assert rig.ask("get-order", {"clOrdId": "A1"})["data"][0]["state"] == "live"
