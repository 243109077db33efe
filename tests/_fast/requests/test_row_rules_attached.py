"""`attachAlgoOrds`: which ops take it, and of which JSON type each member is.

Source: OKX docs, Order Book Trading, POST / Place order and POST / Amend order.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

PLACE = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "20000", "sz": "0.01"}
NAMED = {"instId": "BTC-USDT", "ordId": "5"}
STOP_LOSS = {"slTriggerPx": "18000", "slOrdPx": "-1"}
ROWS: dict[str, dict[str, str]] = {
    "order": PLACE,
    "batch-orders": PLACE,
    "amend-order": NAMED,
    "batch-amend-orders": NAMED,
    "cancel-order": NAMED,
    "batch-cancel-orders": NAMED,
    "mass-cancel": {"instType": "OPTION", "instFamily": "BTC-USD"},
}
MEMBERS = """attachAlgoClOrdId attachAlgoId tpTriggerPx tpTriggerRatio tpOrdPx tpOrdKind slTriggerPx slTriggerRatio
slOrdPx tpTriggerPxType slTriggerPxType sz amendPxOnTriggerType callbackRatio callbackSpread activePx newTpTriggerPx
newTpTriggerRatio newTpOrdPx newTpOrdKind newSlTriggerPx newSlTriggerRatio newSlOrdPx newTpTriggerPxType
newSlTriggerPxType newCallbackRatio newCallbackSpread newActivePx"""

Judge = Callable[[str, str], "tuple[str, str] | None"]


@pytest.fixture(scope="module")
def judge(new_rig: Any) -> Judge:
    """(reason, what the answer says of the key) if `attachAlgoOrds`, given as JSON, is refused with its row."""
    rig = new_rig(request_capacity=4_096, order_capacity=4_096)
    numbers = itertools.count(1)

    def judge(op: str, attached: str) -> tuple[str, str] | None:
        row = f'{json.dumps(ROWS[op])[:-1]},"attachAlgoOrds":{attached}}}'
        rig.forget()
        rig.send(f'{{"id":"r{next(numbers)}","op":"{op}","args":[{row}]}}'.encode())
        assert rig.sink.sent == [], "OKX takes it by REST only"
        for reply in rig.replies:
            if reply["reason"] in ("bad_request", "duplicate_key"):
                return reply["reason"], reply["msg"].partition("args[0].")[2]
        return None

    return judge


@pytest.mark.parametrize("op", ["order", "batch-orders", "amend-order", "batch-amend-orders"])
@pytest.mark.parametrize(
    "objects", [[STOP_LOSS], [STOP_LOSS, {"tpTriggerPx": "30000", "tpOrdPx": "-1", "sz": "0.005"}]]
)
def test_places_and_amends_take_it(judge: Judge, op: str, objects: list[dict[str, str]]) -> None:
    """An amend of it alone changes something: it needs no new size or price."""
    assert judge(op, json.dumps(objects)) is None


@pytest.mark.parametrize("op", ["cancel-order", "batch-cancel-orders", "mass-cancel"])
def test_cancels_do_not(judge: Judge, op: str) -> None:
    refused = judge(op, json.dumps([STOP_LOSS]))
    assert refused is not None and refused[0] == "bad_request"
    assert refused[1].startswith("attachAlgoOrds must be absent")


@pytest.mark.parametrize(
    "attached", ["[]", "{}", "null", '"x"', "1", "true", "[1]", '["x"]', "[[]]", "[{},1]", "[null]"]
)
def test_it_is_an_array_of_at_least_one_object(judge: Judge, attached: str) -> None:
    refused = judge("order", attached)
    assert refused is not None and refused[1].startswith("attachAlgoOrds must be an array of at least one object")


@pytest.mark.parametrize("member", MEMBERS.split())
def test_each_member_of_okx_is_a_string(judge: Judge, member: str) -> None:
    for value in ("1", "0.5", "true", "null", "{}", "[]"):
        refused = judge("order", f'[{{"{member}":{value}}}]')
        assert refused is not None, value
        assert refused[1].startswith(f"{member} must be a string, inside attachAlgoOrds"), value
    assert judge("order", f'[{{"{member}":"1"}}]') is None


@pytest.mark.parametrize("value", ["a-b", "a b", "a" * 33, "é"])
def test_the_clients_id_of_it_has_1_to_32_letters_and_digits(judge: Judge, value: str) -> None:
    refused = judge("order", json.dumps([{"attachAlgoClOrdId": value}], ensure_ascii=False))
    assert refused is not None and refused[1].startswith("attachAlgoClOrdId must be 1 to 32 letters and digits")


@pytest.mark.parametrize("value", ["", "a", "Z9" * 16])
def test_a_good_or_empty_clients_id_is_taken(judge: Judge, value: str) -> None:
    assert judge("order", json.dumps([{"attachAlgoClOrdId": value}])) is None


@pytest.mark.parametrize("value", ["1", "true", "null", '{"a":[1]}'])
def test_a_member_that_is_not_documented_may_hold_anything(judge: Judge, value: str) -> None:
    assert judge("order", f'[{{"slOrdPx":"-1","new":{value}}}]') is None


@pytest.mark.parametrize("attached", ['[{"sz":"1","sz":"2"}]', '[{"sz":"1"},{"new":{"sz":"1","sz":"1"}}]'])
def test_no_member_stands_twice(judge: Judge, attached: str) -> None:
    refused = judge("order", attached)
    assert refused is not None and refused[0] == "duplicate_key"
