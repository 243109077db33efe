"""TP/SL attached to orders: refusals and amends (OKX docs, "Place order", "Amend order", attachAlgoOrds)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

SWAP, SPOT, OPTION = 10_459, 10_001, 320_001
UID_1 = "1000000000000001"
ENTRY = {"instIdCode": SWAP, "tdMode": "cross", "px": "100000", "sz": "1"}
TP = {"tpTriggerPx": "105000", "tpOrdPx": "-1"}
SL = {"slTriggerPx": "95000", "slOrdPx": "-1"}


@pytest.mark.parametrize(
    ("attached", "change", "code"),
    [
        ("TP", {}, "51000"),
        ([1], {}, "51000"),
        ([{}], {}, "50015"),
        ([{"attachAlgoClOrdId": "p1"}], {}, "51178"),
        ([{**TP, "attachAlgoClOrdId": "p-1"}], {}, "51000"),
        ([{"tpTriggerPx": "105000"}], {}, "50014"),
        ([{"tpOrdPx": "-1"}], {}, "50014"),
        ([{**TP, "tpTriggerPxType": "best"}], {}, "51000"),
        ([{**TP, "tpTriggerPx": "105000.05"}], {}, "51150"),
        ([{**TP, "tpTriggerRatio": "0.1"}], {}, "50024"),
        ([{"tpTriggerRatio": "-0.1", "tpOrdPx": "-1"}], {}, "54078"),
        ([{"tpTriggerRatio": "0.00001", "tpOrdPx": "-1"}], {}, "54078"),
        ([{"tpTriggerRatio": "0.1", "tpOrdPx": "-1"}], {"side": "sell"}, "54078"),
        ([{"slTriggerRatio": "1", "slOrdPx": "-1"}], {}, "54078"),
        ([{**TP, "tpTriggerPx": "100000"}], {}, "51046"),
        ([{**SL, "slTriggerPx": "100000"}], {}, "51047"),
        ([{**TP, "tpTriggerPx": "100000"}], {"side": "sell"}, "51048"),
        ([{**SL, "slTriggerPx": "100000"}], {"side": "sell"}, "51049"),
        ([{**TP, "tpTriggerPx": "99999.9"}], {"ordType": "market", "px": None}, "51050"),
        ([{**SL, "slTriggerPx": "100000.1"}], {"ordType": "market", "px": None}, "51051"),
        ([{**TP, "tpTriggerPx": "100000.1"}], {"ordType": "market", "px": None, "side": "sell"}, "51052"),
        ([{**SL, "slTriggerPx": "99999.9"}], {"ordType": "market", "px": None, "side": "sell"}, "51053"),
        ([TP], {"reduceOnly": True}, "51100"),
        ([TP], {"instIdCode": OPTION, "px": "0.05"}, "51044"),
        ([TP, SL], {"instIdCode": SPOT, "tdMode": "cash"}, "51077"),
        ([{**TP, "tpTriggerPxType": "mark"}], {"instIdCode": SPOT, "tdMode": "cash"}, "51415"),
        ([{**TP, **SL}, TP], {}, "51076"),
        ([SL, SL], {}, "51084"),
        ([TP, {**TP, "sz": "0.5"}], {}, "51089"),
        ([{**TP, "sz": "0.5"}, {**TP, "sz": "0.4", "tpTriggerPx": "106000"}], {}, "51083"),
        ([{**TP, "sz": "0.5"}, {**TP, "sz": "0.5"}], {}, "51081"),
        ([{**TP, "sz": "0.5"}, {**TP, "sz": "0.5", "tpTriggerPx": "106000", "tpOrdPx": "106000"}], {}, "51082"),
        ([{**TP, "sz": "0.5"}, {**TP, "sz": "0.5", "tpTriggerPx": "106000", "tpTriggerPxType": "mark"}], {}, "51080"),
        ([{**SL, "amendPxOnTriggerType": "1"}, TP], {}, "51085"),
        ([{**TP, "attachAlgoClOrdId": "p1"}, {**SL, "attachAlgoClOrdId": "p1"}], {}, "51068"),
    ],
)  # fmt: skip
def test_refusals(bench: Any, attached: Any, change: dict[str, Any], code: str) -> None:
    row = bench.place(**{**ENTRY, **change}, attachAlgoOrds=attached)
    assert row["sCode"] == code, row
    assert row["sMsg"] and not bench.exchange.accounts[UID_1].live


def test_the_old_parameters_are_refused(bench: Any) -> None:
    row = bench.place(**ENTRY, **TP)
    assert row["sCode"] == "54070" and "attachAlgoOrds" in row["sMsg"]


def test_the_order_shows_its_attached_items(bench: Any) -> None:
    bench.place(**ENTRY, attachAlgoOrds=[{**TP, **SL, "attachAlgoClOrdId": "p1"}])
    (push,) = bench.pushes[UID_1]
    (item,) = push["attachAlgoOrds"]
    assert item["attachAlgoId"] and (push["attachAlgoClOrdId"], item["attachAlgoClOrdId"]) == ("", "p1")
    shown = {name: item[name] for name in ("tpTriggerPx", "tpOrdPx", "tpTriggerPxType", "slTriggerPx", "slOrdPx")}
    assert shown == {
        "tpTriggerPx": "105000", "tpOrdPx": "-1", "tpTriggerPxType": "last", "slTriggerPx": "95000", "slOrdPx": "-1",
    }  # fmt: skip


# --- amending ------------------------------------------------------------------------------------------------------


def amend(bench: Any, *items: dict[str, Any], **row: Any) -> dict[str, Any]:
    sent = {"instIdCode": SWAP, "clOrdId": "e1", "attachAlgoOrds": list(items), **row}
    return dict(bench.run("amend-order", sent).rows[0])


@pytest.fixture
def waiting(bench: Any) -> Any:
    bench.place(**ENTRY, clOrdId="e1", attachAlgoOrds=[{**SL, "attachAlgoClOrdId": "p1"}])
    return bench


def test_prices_are_amended_added_and_deleted(waiting: Any) -> None:
    shown: Callable[[], Any] = lambda: waiting.pushes[UID_1][-1]["attachAlgoOrds"]  # noqa: E731
    named = {"attachAlgoClOrdId": "p1"}
    assert amend(waiting, {**named, "newSlTriggerPx": "96000"}, reqId="r1")["sCode"] == "0"
    push = waiting.pushes[UID_1][-1]
    assert (push["amendResult"], push["reqId"], push["amendSource"]) == ("0", "r1", "1")
    assert shown()[0]["slTriggerPx"] == "96000"
    assert amend(waiting, {**named, "newTpTriggerPx": "105000", "newTpOrdPx": "-1"})["sCode"] == "0"
    assert (shown()[0]["tpTriggerPx"], shown()[0]["slTriggerPx"]) == ("105000", "96000")
    assert amend(waiting, {**named, "newSlTriggerPx": "0"})["sCode"] == "0"
    assert (shown()[0]["tpTriggerPx"], shown()[0]["slTriggerPx"]) == ("105000", "")
    assert amend(waiting, {**named, "newTpOrdPx": "0"})["sCode"] == "0"
    assert shown() == []
    assert amend(waiting, {**named, "newSlTriggerPx": "96000"})["sCode"] == "51538"


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([{"newSlTriggerPx": "96000"}], "50015"),
        ([{"attachAlgoClOrdId": "p2", "newSlTriggerPx": "96000"}], "51527"),
        ([{"attachAlgoClOrdId": "p1", "newSlTriggerPx": "96000"}] * 2, "51539"),
        ([{"attachAlgoClOrdId": "p1", "newSlTriggerPx": "100001"}], "51047"),
        ([{"attachAlgoClOrdId": "p1", "newTpTriggerPx": "105000"}], "50014"),
        ([{"attachAlgoClOrdId": "p1", "newCallbackSpread": "100"}], "51526"),
        ("p1", "51000"),
    ],
)
def test_amends_that_are_refused(waiting: Any, items: Any, code: str) -> None:
    sent = {"instIdCode": SWAP, "clOrdId": "e1", "attachAlgoOrds": items}
    assert waiting.run("amend-order", sent).rows[0]["sCode"] == code
    (order,) = waiting.exchange.accounts[UID_1].live.values()
    assert order.attached[0].sl.trigger_px == 95_000


def test_the_old_parameters_of_an_amend_are_refused(waiting: Any) -> None:
    assert amend(waiting, newSlTriggerPx="96000", newPx="99000")["sCode"] == "51538"


def test_rows_are_json(waiting: Any) -> None:
    assert json.loads(json.dumps(waiting.pushes[UID_1]))
