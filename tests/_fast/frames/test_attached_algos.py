"""`attachAlgoOrds` of new orders: each object goes to OKX with an id, and apart from that byte for byte as it was given.

Source: OKX docs, Order Book Trading, POST / Place order, `attachAlgoClOrdId`: 1 to 32 letters and digits.
"""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest

from gateway._fast.control.rest import RestControl
from gateway._fast.ports.recorders import RecordingRestSink

PLACE = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "20000", "sz": "0.01"}
# alpha's number, the epoch, and a counter (docs/protocol.md, minted ids).
MINTED = re.compile(r"900123456789\d{7}")


@pytest.fixture
def scene(rig: Any) -> SimpleNamespace:
    """`place(array)` sends an order with this text as its array; `bodies` are what went to OKX's REST."""
    port = RecordingRestSink()
    RestControl(rig.api).rest_opened(port, True)
    bodies = lambda: [body.decode() for _, _, body, _ in port.sent]  # noqa: E731

    def place(array: str) -> str:
        """The array as it went out."""
        row = f'{json.dumps(PLACE)[:-1]},"attachAlgoOrds":{array}}}'
        rig.send(f'{{"id":"o{len(port.sent)}","op":"order","args":[{row}]}}'.encode())
        body = bodies()[-1]
        assert json.loads(body)["sz"] == "0.01"
        return body[body.index('"attachAlgoOrds":') + 17 : body.rindex("]") + 1]

    return SimpleNamespace(rig=rig, place=place, bodies=bodies)


def ids_of(array: str) -> list[str]:
    return [one["attachAlgoClOrdId"] for one in json.loads(array)]


@pytest.mark.parametrize(
    "array",
    [
        '[{"attachAlgoClOrdId":"mine1","slTriggerPx":"18000","slOrdPx":"-1"}]',
        '[{"slTriggerPx":"18000","attachAlgoClOrdId":"mine1"},{"attachAlgoClOrdId":"mine2","tpTriggerPx":"30000"}]',
        '[ { "attachAlgoClOrdId" : "mine1" ,\t"slOrdPx":"-1" } ]',
        '[{"attachAlgoClOrdId":"mine1","new":[1,{"a":"]"},null]}]',
    ],
)
def test_an_array_whose_objects_all_have_ids_goes_out_byte_for_byte(scene: Any, array: str) -> None:
    assert scene.place(array) == array


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        ('[{"slOrdPx":"-1"}]', '[{"slOrdPx":"-1","attachAlgoClOrdId":"#"}]'),
        ('[{"slOrdPx":"-1" } ]', '[{"slOrdPx":"-1" ,"attachAlgoClOrdId":"#"} ]'),
        ("[{}]", '[{"attachAlgoClOrdId":"#"}]'),
        ("[{ }]", '[{ "attachAlgoClOrdId":"#"}]'),
        ('[{"attachAlgoClOrdId":"","sz":"1"}]', '[{"attachAlgoClOrdId":"#","sz":"1"}]'),
        ('[{"sz":"1","attachAlgoClOrdId": "" }]', '[{"sz":"1","attachAlgoClOrdId": "#" }]'),
        ('[{"new":{"attachAlgoClOrdId":"x"}}]', '[{"new":{"attachAlgoClOrdId":"x"},"attachAlgoClOrdId":"#"}]'),
        ('[{"a":"}","b":"\\"]"}]', '[{"a":"}","b":"\\"]","attachAlgoClOrdId":"#"}]'),
        ('[{"sz":"1"},{"attachAlgoClOrdId":"m"},{}]',
         '[{"sz":"1","attachAlgoClOrdId":"#"},{"attachAlgoClOrdId":"m"},{"attachAlgoClOrdId":"#"}]'),
    ],
)  # fmt: skip
def test_an_object_without_an_id_gets_one_and_nothing_else_changes(scene: Any, array: str, expected: str) -> None:
    assert MINTED.sub("#", scene.place(array)) == expected


def test_minted_ids_are_all_different(scene: Any) -> None:
    ids = [one for _ in range(5) for one in ids_of(scene.place('[{"sz":"1"},{"sz":"2"},{"sz":"3"}]'))]
    ids += [json.loads(body)["clOrdId"] for body in scene.bodies()]
    assert len(set(ids)) == 20
    assert all(MINTED.fullmatch(one) for one in ids)


def test_ids_stand_in_the_order_of_the_objects(scene: Any) -> None:
    ids = ids_of(scene.place('[{"sz":"1"},{"sz":"2"},{"sz":"3"}]'))
    assert [int(one) - int(ids[0]) for one in ids] == [0, 1, 2]


def test_rows_of_a_batch_get_ids_each(scene: Any) -> None:
    rows = [{**PLACE, "attachAlgoOrds": [{"slOrdPx": "-1"}, {"tpOrdPx": "-1"}]} for _ in range(3)]
    scene.rig.send({"id": "b1", "op": "batch-orders", "args": rows})
    sent = json.loads(scene.bodies()[-1])
    ids = [one["attachAlgoClOrdId"] for row in sent for one in row["attachAlgoOrds"]]
    assert len(set(ids)) == 6 and all(MINTED.fullmatch(one) for one in ids)


def test_an_algo_order_under_a_minted_or_own_id_is_its_strategy_s(scene: Any) -> None:
    """Once the order is filled, OKX makes the algo order, with this id as its `algoClOrdId`."""
    (own, minted) = ids_of(scene.place('[{"attachAlgoClOrdId":"mine1"},{}]'))
    for number, name in enumerate((own, minted, "strange")):
        row = {"instId": "BTC-USDT", "algoId": f"70{number}", "algoClOrdId": name, "state": "live", "uTime": "1"}
        scene.rig.frame({"arg": {"channel": "orders-algo"}, "data": [row]})
    assert [one["algoId"] for one in scene.rig.on("alpha.algo")] == ["700", "701"]
    assert [one["algoId"] for one in scene.rig.on("account.algo")] == ["702"]


def test_an_amend_gets_no_ids(scene: Any) -> None:
    """It names what is attached by `attachAlgoId` (OKX docs, POST / Amend order)."""
    scene.rig.place("A", "801")
    attached = [{"attachAlgoId": "5", "newSlTriggerPx": "17000"}]
    row = {"instId": "BTC-USDT", "ordId": "801", "attachAlgoOrds": attached}
    scene.rig.send({"id": "a1", "op": "amend-order", "args": [row]})
    (sent,) = json.loads(f"[{scene.bodies()[-1]}]")
    sent = sent[0] if isinstance(sent, list) else sent
    assert sent["attachAlgoOrds"] == attached


def test_a_request_cut_at_any_length_sends_nothing(scene: Any) -> None:
    row = f'{json.dumps(PLACE)[:-1]},"attachAlgoOrds":[{{"slOrdPx":"-1"}},{{}}]}}'
    text = f'{{"id":"o1","op":"order","args":[{row}]}}'.encode()
    for length in range(len(text)):
        scene.rig.send(text[:length])
    assert scene.bodies() == []
