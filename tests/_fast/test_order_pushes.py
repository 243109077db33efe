"""OKX's pushes to their orders: owners, fills and states, each told once, whatever is repeated or comes late.

Pushes are written by hand after OKX's documents: WS / Order channel, and its rules on repeated pushes.
"""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

# ------------------------------------------------------------------ pushes


def test_a_push_before_the_ack(rig: Any, wire: Any) -> None:
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.push(clOrdId="A1", ordId="801", state="live")
    rig.push(clOrdId="A1", ordId="801", **wire.filled("77", "0.01", "0.01", state="filled"))
    rig.ack(rig.frames[0]["id"], "order", wire.item("A1", "801"))
    assert [(topic, body.get("state", "")) for topic, body in rig.events] == [
        ("alpha.order", "live"),
        ("alpha.fill", ""),
        ("alpha.order", "filled"),
        ("alpha.ack", ""),
    ]
    assert [body["seq"] for _, body in rig.events] == [1, 2, 3, 4]
    assert {body["id"] for _, body in rig.events} == {"o1"}


def test_rows_of_one_push_are_told_in_their_order(rig: Any, wire: Any) -> None:
    rig.place("A1", "801")
    rig.place("B2", "802")
    rows = [
        wire.order_row(clOrdId="A1", ordId="801", **wire.filled("1", "0.001", "0.001")),
        wire.order_row(clOrdId="B2", ordId="802", **wire.filled("2", "0.002", "0.002")),
        wire.order_row(clOrdId="A1", ordId="801", **wire.filled("3", "0.009", "0.01", state="filled")),
    ]
    rig.frame(wire.orders_push(*rows))
    assert [(topic, body["ordId"], body["accFillSz"]) for topic, body in rig.events] == [
        ("alpha.fill", "801", "0.001"),
        ("alpha.order", "801", "0.001"),
        ("alpha.fill", "802", "0.002"),
        ("alpha.order", "802", "0.002"),
        ("alpha.fill", "801", "0.01"),
        ("alpha.order", "801", "0.01"),
    ]


@pytest.mark.parametrize("count", [1, 19, 20, 21, 60])
@pytest.mark.parametrize("arg_last", [False, True])
def test_pushes_of_many_rows(new_rig: Any, wire: Any, count: int, arg_last: bool) -> None:
    rig = new_rig()
    push = wire.orders_push(*(wire.order_row(clOrdId="", ordId=str(number)) for number in range(1, count + 1)))
    rig.frame({"data": push["data"], "arg": push["arg"]} if arg_last else push)
    assert [body["ordId"] for body in rig.on("account.order")] == [str(number) for number in range(1, count + 1)]


def test_two_strategies_hear_only_their_own(rig: Any, wire: Any) -> None:
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.send(rig.order("o1", clOrdId="B2"), owner=rig.beta)
    rig.accept(0, "801")
    rig.accept(1, "802")
    rig.push(clOrdId="B2", ordId="802", **wire.filled("5", "0.01", "0.01", state="filled"))
    rig.push(clOrdId="A1", ordId="801", state="canceled", cancelSource="1")
    assert [(topic, body["seq"], body["id"]) for topic, body in rig.events] == [
        ("alpha.ack", 1, "o1"),
        ("beta.ack", 1, "o1"),
        ("beta.fill", 2, "o1"),
        ("beta.order", 3, "o1"),
        ("alpha.order", 2, "o1"),
    ]
    assert [event["ordId"] for event in rig.on("alpha.order")] == ["801"]


@pytest.mark.parametrize(
    "row",
    [
        None,
        1,
        {},
        {"instId": "BTC-USDT", "ordId": "901"},
        {"instId": "BTC-USDT", "ordId": "901", "state": "sleeping"},
        {"instId": "BTC-USDT", "ordId": "", "state": "live"},
        {"instId": "", "ordId": "901", "state": "live"},
        {"instId": "BTC-USDT", "ordId": [901], "state": "live"},
        {"instId": "BTC-USDT", "ordId": "901", "state": "live", "accFillSz": ""},
        {"instId": "BTC-USDT", "ordId": "901", "state": "live", "accFillSz": "1.2.3"},
        {"instId": "BTC-USDT", "ordId": "901", "state": "live", "sz": "many"},
    ],
)
def test_an_odd_row_is_counted_and_the_next_is_heard(rig: Any, wire: Any, row: Any) -> None:
    rig.frame(wire.orders_push(row, wire.order_row(ordId="902")))
    assert [body["ordId"] for body in rig.on("account.order")] == ["902"]
    assert rig.api.status()["counters"]["pushes_unrecognised"] == 1


@pytest.mark.parametrize("name", ["fillSz", "fillPx", "fillFee", "accFillSz", "sz"])
def test_half_a_fill_is_not_told_and_the_whole_one_is_later(rig: Any, wire: Any, name: str) -> None:
    """OKX sends `""` for what it does not say: a fill without its price or size must not pass for told."""
    rig.place("A1", "801")
    before = len(rig.events)
    whole = {"clOrdId": "A1", "ordId": "801", **wire.filled("77", "0.01", "0.01", state="filled"), "fillFee": "-0.01"}
    rig.push(**whole | {name: ""})
    assert rig.api.find_order(ord_id="801")["state"] == "live"
    rig.push(**whole)
    told = [topic.partition(".")[2] for topic, _ in rig.events[before:]]
    assert [kind for kind in told if kind != "alarm"] == ["fill", "order"]
    assert rig.on("alpha.order")[-1]["state"] == "filled" and rig.on("alpha.fill")[-1]["fillSz"] == "0.01"


def test_a_row_without_its_price_leaves_the_price_that_is_known(rig: Any) -> None:
    rig.place("A1", "801")
    rig.push(clOrdId="A1", ordId="801", px="20001", reqId="r1", amendResult="0")
    rig.push(clOrdId="A1", ordId="801", px="", reqId="r2", amendResult="-1")
    assert rig.api.find_order(ord_id="801")["px"] == "20001"


# ------------------------------------------------------------------ repeats (OKX docs, WS / Order channel, on repeated pushes)


def news_after(rig: Any, *pushes: dict[str, Any]) -> list[str]:
    """What the last of these pushes on order 801 has published."""
    for changes in pushes[:-1]:
        rig.push(clOrdId="A1", ordId="801", **changes)
    before = len(rig.events)
    rig.push(clOrdId="A1", ordId="801", **pushes[-1])
    return [topic.partition(".")[2] for topic, _ in rig.events[before:]]


LATER = {"uTime": "1700000009999"}
BOOKED = {"fillPx": "20000", "fillFee": "-0.01"}
PART = BOOKED | {"tradeId": "77", "fillSz": "0.004", "accFillSz": "0.004", "state": "partially_filled"}
MORE = BOOKED | {"tradeId": "78", "fillSz": "0.001", "accFillSz": "0.005", "state": "partially_filled"}
WHOLE = BOOKED | {"tradeId": "79", "fillSz": "0.01", "accFillSz": "0.01", "state": "filled"}
CLOSED = {"tradeId": "", "fillSz": "0", "accFillSz": "0.01", "state": "filled"}
GONE = {"state": "canceled", "cancelSource": "1"}
AMENDED = {"reqId": "r1", "amendResult": "0", "amendSource": "1", "px": "20001"}
AMENDED_AGAIN = {"reqId": "r2", "amendResult": "0", "amendSource": "1", "px": "20002"}


@pytest.mark.parametrize(
    ("pushes", "news"),
    [
        # keep the first of a tradeId
        ([PART, PART], []),
        ([PART, PART | LATER], []),
        ([PART, MORE, PART | LATER], []),
        ([PART, MORE, MORE], []),
        ([PART, AMENDED | {"accFillSz": "0.004", "state": "partially_filled"}, PART | LATER], []),
        ([WHOLE, WHOLE | LATER], []),
        # an empty tradeId and `filled`: keep the first of an ordId
        ([CLOSED, CLOSED | LATER], []),
        ([PART, CLOSED], ["order"]),
        ([WHOLE, CLOSED], []),
        # `canceled`, `mmp_canceled`: keep the first of an ordId
        ([GONE, GONE | LATER], []),
        ([{"state": "mmp_canceled"}, {"state": "mmp_canceled"} | LATER], []),
        ([GONE, {"state": "mmp_canceled"}], []),
        # keep the first of a reqId
        ([AMENDED, AMENDED | LATER], []),
        ([AMENDED, AMENDED_AGAIN], ["order"]),
        ([AMENDED, AMENDED_AGAIN, AMENDED | LATER], []),
        ([AMENDED, AMENDED_AGAIN, AMENDED, AMENDED_AGAIN], []),
        ([{"reqId": "r1", "amendResult": "-1"}, {"reqId": "r1", "amendResult": "-1"}], []),
        ([AMENDED, {"reqId": "r3", "amendResult": "-1", "px": "20001"}], ["order"]),
        # news
        ([PART], ["fill", "order"]),
        ([PART, MORE], ["fill", "order"]),
        ([PART, WHOLE], ["fill", "order"]),
        ([WHOLE], ["fill", "order"]),
        ([CLOSED], ["order"]),
        ([GONE], ["order"]),
        ([PART, GONE | {"accFillSz": "0.004"}], ["order"]),
        ([AMENDED], ["order"]),
        # the plain `live` again, and states that run backwards
        ([{}, {} | LATER], []),
        ([AMENDED, {} | LATER], []),
        ([PART, {"state": "live"}], []),
        ([WHOLE, {"state": "live"}], []),
        ([GONE, {"state": "live"}], []),
        ([WHOLE, GONE | {"accFillSz": "0.01"}], []),
        ([GONE, WHOLE], ["fill"]),
    ],
)
def test_each_rule_on_repeated_pushes(rig: Any, pushes: list[dict[str, Any]], news: list[str]) -> None:
    rig.place("A1", "801")
    assert news_after(rig, *pushes) == news


def test_a_repeat_of_an_older_push_does_not_turn_the_order_back(rig: Any) -> None:
    rig.place("A1", "801")
    news_after(rig, PART, AMENDED | {"accFillSz": "0.004", "state": "partially_filled"}, PART | LATER)
    assert rig.api.find_order(ord_id="801")["px"] == "20001"


def test_a_repeat_with_a_later_time_makes_no_news_old(rig: Any) -> None:
    """OKX may give a repeat a later `uTime` than the next push has."""
    rig.place("A1", "801")
    rig.push(clOrdId="A1", ordId="801", uTime="1700000009100", **AMENDED)
    rig.push(clOrdId="A1", ordId="801", uTime="1700000009200", **AMENDED)
    rig.push(clOrdId="A1", ordId="801", uTime="1700000009150", **AMENDED_AGAIN)
    told = [(body["data"]["reqId"], body["data"]["px"]) for body in rig.on("alpha.order")][-2:]
    assert told == [("r1", "20001"), ("r2", "20002")]
    assert rig.api.find_order(ord_id="801")["px"] == "20002"


def test_each_trade_counts_by_its_instrument(rig: Any, wire: Any) -> None:
    """A tradeId is unique per instId."""
    rig.place("A1", "801")
    rig.push(clOrdId="A1", ordId="801", **wire.filled("77", "0.01", "0.01", state="filled"))
    rig.push(instId="ETH-USDT", ordId="802", **wire.filled("77", "0.01", "0.01", state="filled"))
    rig.push(instId="BTC-USDT", ordId="803", **wire.filled("77", "0.01", "0.01", state="filled"))
    assert [(topic, body["ordId"]) for topic, body in rig.events if topic.endswith(".fill")] == [
        ("alpha.fill", "801"),
        ("account.fill", "802"),
        ("account.fill", "803"),
    ]


# ------------------------------------------------------------------ every fill once, whatever the source


def rest_fill(trade_id: str, **changes: Any) -> dict[str, Any]:
    """A row of REST's fills (OKX docs, Get transaction details)."""
    row = {
        "instType": "SPOT",
        "instId": "BTC-USDT",
        "tradeId": trade_id,
        "ordId": "801",
        "clOrdId": "A1",
        "billId": "1",
    }
    paid = {
        "fillPx": "20000",
        "fillSz": "0.004",
        "side": "buy",
        "posSide": "net",
        "execType": "T",
        "feeCcy": "BTC",
        "fee": "-0.000004",
    }
    return {**row, **paid, "ts": "1700000000200", "fillTime": "1700000000199", **changes}


@pytest.mark.parametrize("seed", range(6))
def test_every_fill_once_and_one_end_over_any_mix_of_repeats(new_rig: Any, wire: Any, seed: int) -> None:
    """Three orders live through partial fills to their ends; pushes are repeated, REST is asked in between. Stream order is kept."""
    rng = random.Random(seed)
    rig = new_rig()
    histories: dict[str, list[dict[str, Any]]] = {}
    for name, ord_id in (("A1", "801"), ("B2", "802"), ("C3", "803")):
        rig.place(name, ord_id, request_id=name, live=False)
        fills = rng.randrange(0, 4)
        ends_filled = rng.random() < 0.5 and fills > 0
        history = [wire.order_row(clOrdId=name, ordId=ord_id)]
        for number in range(1, fills + 1):
            acc = "0.01" if ends_filled and number == fills else f"0.00{number}"
            told = wire.filled(
                f"{ord_id}{number}", "0.001", acc, state="filled" if acc == "0.01" else "partially_filled"
            )
            history.append(wire.order_row(clOrdId=name, ordId=ord_id, **told))
        if not ends_filled:
            acc = history[-1]["accFillSz"]
            history.append(
                wire.order_row(clOrdId=name, ordId=ord_id, accFillSz=acc, state="canceled", cancelSource="1")
            )
        histories[name] = history
    told: list[dict[str, Any]] = []
    steps = [name for name, history in histories.items() for _ in history]
    rng.shuffle(steps)
    cursors = {name: iter(history) for name, history in histories.items()}
    for name in steps:
        told.append(next(cursors[name]))
        rig.frame(wire.orders_push(told[-1]))
        while rng.random() < 0.4:
            rig.frame(wire.orders_push(rng.choice(told) | {"uTime": "1700000000999"}))
        if rng.random() < 0.3:
            seen = [row for row in told if row["tradeId"]]
            fills_of_rest = [rest_fill(row["tradeId"], ordId=row["ordId"], clOrdId=row["clOrdId"]) for row in seen]
            rig.api.reconcile_fills(json.dumps(fills_of_rest).encode())
    expected_fills = [row["tradeId"] for row in told if row["tradeId"]]
    assert [body["tradeId"] for body in rig.on("alpha.fill")] == expected_fills
    for name, history in histories.items():
        mine = [body for body in rig.on("alpha.order") if body["clOrdId"] == name]
        assert [(body["state"], body["accFillSz"]) for body in mine] == [
            (row["state"], row["accFillSz"]) for row in history
        ]
        assert [body["terminal"] for body in mine] == [False] * (len(mine) - 1) + [True]
    assert [body["seq"] for _, body in rig.events] == list(
        range(rig.events[0][1]["seq"], rig.events[0][1]["seq"] + len(rig.events))
    )
