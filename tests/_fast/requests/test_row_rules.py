"""What each op needs in its rows, cell by cell: which keys must be there, and of which JSON type each known key is.

Sources: OKX docs, Order Book Trading, WS / Place order, Cancel order, Amend order, Mass cancel order; POST / Place order
and Amend order for `attachAlgoOrds`; Algo Trading, POST / Place algo order, Cancel algo order, Amend algo order.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

PLACE = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "20000", "sz": "0.01"}
CANCEL = {"instId": "BTC-USDT", "ordId": "5"}
AMEND = {"instId": "BTC-USDT", "ordId": "5", "newPx": "1"}
MASS = {"instType": "OPTION", "instFamily": "BTC-USD"}
ALGO = {"instId": "BTC-USDT", "tdMode": "cash", "side": "sell", "ordType": "conditional", "sz": "1"}
STOP = {**ALGO, "slTriggerPx": "18000", "slOrdPx": "-1"}
CANCEL_ALGO = {"instId": "BTC-USDT", "algoId": "7"}
AMEND_ALGO = {**CANCEL_ALGO, "newSlTriggerPx": "17000"}

# Each op with a row that has all it needs, and the keys without which it is refused.
GOOD: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "order": (PLACE, ("instId", "tdMode", "side", "ordType", "sz", "px")),
    "batch-orders": (PLACE, ("instId", "tdMode", "side", "ordType", "sz", "px")),
    "cancel-order": (CANCEL, ("instId", "ordId")),
    "batch-cancel-orders": (CANCEL, ("instId", "ordId")),
    "amend-order": (AMEND, ("instId", "ordId", "newSz")),
    "batch-amend-orders": (AMEND, ("instId", "ordId", "newSz")),
    "mass-cancel": (MASS, ("instType", "instFamily")),
    "order-algo": (STOP, ("instId", "tdMode", "side", "ordType", "sz")),
    "cancel-algos": (CANCEL_ALGO, ("instId", "algoId")),
    "amend-algos": (AMEND_ALGO, ("instId", "algoId")),
}
# The key whose absence is told as another's.
TOLD_AS = {"newSz": "newPx"}
FORM_REASONS = ("bad_request", "duplicate_key", "not_supported", "not_json")

Judge = Callable[..., "tuple[str, str] | None"]


@pytest.fixture(scope="module")
def judge(new_rig: Any) -> Judge:
    """(reason, key that is named) if the form of a request is refused; None if it is good, whatever becomes of it then."""
    rig = new_rig(request_capacity=4_096, order_capacity=4_096)
    numbers = itertools.count(1)

    def judge(op: str, *rows: dict[str, Any] | str) -> tuple[str, str] | None:
        texts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        rig.forget()
        rig.send(f'{{"id":"r{next(numbers)}","op":"{op}","args":[{",".join(texts)}]}}'.encode())
        for reply in rig.replies:
            if reply["reason"] in FORM_REASONS:
                key = reply["msg"].partition(" must ")[0].rpartition(".")[2]
                return reply["reason"], key
        return None

    return judge


def without(row: dict[str, str], key: str) -> dict[str, str]:
    return {name: value for name, value in row.items() if name != key}


# ---------------------------------------------------------------- what must be there


@pytest.mark.parametrize("op", GOOD)
def test_a_row_with_all_it_needs_is_taken(judge: Judge, op: str) -> None:
    assert judge(op, GOOD[op][0]) is None


NEEDED = [(op, key) for op, (_, keys) in GOOD.items() for key in keys]


@pytest.mark.parametrize(("op", "key"), NEEDED)
def test_a_row_without_a_key_that_it_needs_is_refused(judge: Judge, op: str, key: str) -> None:
    assert judge(op, without(GOOD[op][0], TOLD_AS.get(key, key))) == ("bad_request", key)


@pytest.mark.parametrize(("op", "key"), NEEDED)
def test_an_empty_value_is_as_none(judge: Judge, op: str, key: str) -> None:
    assert judge(op, {**GOOD[op][0], TOLD_AS.get(key, key): ""}) == ("bad_request", key)


@pytest.mark.parametrize("op", [op for op in GOOD if op != "mass-cancel"])
def test_the_code_of_the_instrument_does_instead_of_its_name(judge: Judge, op: str) -> None:
    row = {**without(GOOD[op][0], "instId"), "instIdCode": 10001}
    assert judge(op, json.dumps(row)) is None


@pytest.mark.parametrize(
    ("ord_type", "needs_px"),
    [
        ("limit", True),
        ("post_only", True),
        ("fok", True),
        ("ioc", True),
        ("market", False),
        ("optimal_limit_ioc", False),
        ("one_of_next_year", False),
    ],
)
def test_which_order_types_need_a_price(judge: Judge, ord_type: str, needs_px: bool) -> None:
    row = without({**PLACE, "ordType": ord_type}, "px")
    assert judge("order", row) == (("bad_request", "px") if needs_px else None)
    for px in ("px", "pxUsd", "pxVol"):
        assert judge("order", {**row, px: "1"}) is None


@pytest.mark.parametrize(
    "ord_type",
    ["conditional", "oco", "trigger", "move_order_stop", "twap", "chase", "smart_iceberg", "iceberg"],
)
def test_an_algo_order_type_does_not_go_by_the_order_op(judge: Judge, ord_type: str) -> None:
    for op in ("order", "batch-orders"):
        assert judge(op, {**PLACE, "ordType": ord_type}) == ("not_supported", "ordType")


@pytest.mark.parametrize("op", ["order", "batch-orders", "order-algo"])
@pytest.mark.parametrize("side", ["BUY", "long", "b", "buyy", "sel"])
def test_a_side_is_buy_or_sell(judge: Judge, op: str, side: str) -> None:
    assert judge(op, {**GOOD[op][0], "side": side}) == ("bad_request", "side")


@pytest.mark.parametrize("key", ["newSz", "newPx", "newPxUsd", "newPxVol"])
def test_an_amend_changes_the_size_or_a_price(judge: Judge, key: str) -> None:
    assert judge("amend-order", {**CANCEL, key: "1"}) is None


# ---------------------------------------------------------------- which order a row is about

NAMING = {"cancel-order": CANCEL, "amend-order": AMEND, "cancel-algos": CANCEL_ALGO, "amend-algos": AMEND_ALGO}


@pytest.mark.parametrize("op", NAMING)
def test_an_order_is_named_by_its_id_the_clients_id_or_the_request_that_placed_it(judge: Judge, op: str) -> None:
    is_algo = op.endswith("algos")
    okx, client = ("algoId", "algoClOrdId") if is_algo else ("ordId", "clOrdId")
    nameless = without(NAMING[op], okx)
    for names in ({okx: "5"}, {client: "mine"}, {okx: "5", client: "mine"}, {okx: "", client: "mine"}):
        assert judge(op, {**nameless, **names}) is None
    assert judge(op, json.dumps({**nameless, "gw": {"id": "o1"}})) is None
    assert judge(op, json.dumps({**nameless, "gw": {"id": "o1", "row": 19}})) is None
    for names in ({okx: "5"}, {client: "mine"}):
        both: dict[str, Any] = {**nameless, **names, "gw": {"id": "o1"}}
        assert judge(op, json.dumps(both)) == ("bad_request", "gw")


GW_BAD = ["1", '"o1"', "null", "[]", "{}", '{"row":0}', '{"id":""}', '{"id":"a b"}', '{"id":1}', '{"id":"o","row":"1"}']
GW_BAD += ['{"id":"o","row":20}', '{"id":"o","row":-1}', '{"id":"o","row":1.0}', '{"id":"o","other":1}', '{"id":null}']


@pytest.mark.parametrize("gw", GW_BAD)
def test_a_gw_that_names_no_request_and_row_is_refused(judge: Judge, gw: str) -> None:
    assert judge("cancel-order", f'{{"instId":"BTC-USDT","gw":{gw}}}') == ("bad_request", "gw")


@pytest.mark.parametrize("op", ["order", "batch-orders", "order-algo"])
def test_a_new_order_has_no_earlier_request(judge: Judge, op: str) -> None:
    row: dict[str, Any] = {**GOOD[op][0], "gw": {"id": "o1"}}
    assert judge(op, row) == ("bad_request", "gw")


# ---------------------------------------------------------------- algo orders


@pytest.mark.parametrize(
    ("ord_type", "fields", "missing"),
    [
        ("conditional", "", "slTriggerPx"),
        ("conditional", "slTriggerPx", None),
        ("conditional", "tpTriggerPx", None),
        ("conditional", "slTriggerPx tpTriggerPx", None),
        ("oco", "", "slTriggerPx"),
        ("oco", "tpTriggerPx", "slTriggerPx"),
        ("oco", "slTriggerPx", "tpTriggerPx"),
        ("oco", "slTriggerPx tpTriggerPx", None),
        ("trigger", "", "triggerPx"),
        ("trigger", "orderPx", "triggerPx"),
        ("trigger", "triggerPx", "orderPx"),
        ("trigger", "triggerPx orderPx", None),
        ("move_order_stop", "", "callbackRatio"),
        ("move_order_stop", "callbackRatio", None),
        ("move_order_stop", "callbackSpread", None),
        ("move_order_stop", "callbackRatio callbackSpread", "callbackRatio"),
        ("twap", "", None),
        ("chase", "", None),
        ("iceberg", "", None),
        ("smart_iceberg", "", None),
        ("limit", "", "ordType"),
        ("market", "", "ordType"),
    ],
)
def test_what_each_type_of_algo_order_needs(judge: Judge, ord_type: str, fields: str, missing: str | None) -> None:
    row = {**ALGO, "ordType": ord_type, **dict.fromkeys(fields.split(), "0.1")}
    assert judge("order-algo", row) == (None if missing is None else ("bad_request", missing))


def test_an_algo_order_may_close_a_part_of_the_position_instead_of_a_size(judge: Judge) -> None:
    assert judge("order-algo", {**without(STOP, "sz"), "closeFraction": "1"}) is None


# ---------------------------------------------------------------- JSON types

TEXTS = """px pxUsd pxVol sz tdMode side ordType clOrdId ordId reqId ccy tag posSide outcome speedBump tgtCcy pxAmendType
tradeQuoteCcy slippagePct stpMode quickMgnType instType instFamily"""
FLAGS = "reduceOnly banAmend cxlOnFail isElpTakerAccess rpiTakerAccess rpiPxRound cxlOnClosePos"
NOT_TEXTS = ["true", "false", "null", "{}", "[]", '["1"]', "1e3", "1E3"]


def with_value(key: str, value: str) -> str:
    """A good place row, with a key's value as JSON text."""
    return f'{{{json.dumps(without(PLACE, key))[1:-1]},"{key}":{value}}}'


@pytest.mark.parametrize("key", TEXTS.split())
@pytest.mark.parametrize("value", NOT_TEXTS)
def test_a_text_is_a_string_or_a_plain_number(judge: Judge, key: str, value: str) -> None:
    assert judge("order", with_value(key, value)) == ("bad_request", key)


@pytest.mark.parametrize("key", ["px", "sz"])
@pytest.mark.parametrize("value", ["1", "0.01", "-0.5", "20000", '"0.01"'])
def test_a_size_or_price_may_be_written_as_a_number(judge: Judge, key: str, value: str) -> None:
    assert judge("order", with_value(key, value)) is None


@pytest.mark.parametrize("key", FLAGS.split())
@pytest.mark.parametrize(
    ("value", "is_good"),
    [("true", True), ("false", True), ('"true"', True), ('"false"', True)]
    + [(bad, False) for bad in ("1", "0", "null", '"yes"', '"True"', '""', "{}", "[true]")],
)
def test_a_flag_is_true_or_false(judge: Judge, key: str, value: str, is_good: bool) -> None:
    assert judge("order", with_value(key, value)) == (None if is_good else ("bad_request", key))


@pytest.mark.parametrize("value", ['"10001"', "null", "true", "1.5", "1e4", "0", "-1", "[10001]"])
def test_an_instrument_s_code_is_a_positive_integer(judge: Judge, value: str) -> None:
    assert judge("order", with_value("instIdCode", value)) == ("bad_request", "instIdCode")


ID_KEYS = ["clOrdId", "ordId", "reqId", "algoId", "algoClOrdId"]


@pytest.mark.parametrize("key", ID_KEYS)
@pytest.mark.parametrize("value", ["a-b", "a_b", "a b", "é", "a" * 33, "a.b", "\x7f"])
def test_an_id_has_1_to_32_letters_and_digits(judge: Judge, key: str, value: str) -> None:
    assert judge("order", with_value(key, json.dumps(value, ensure_ascii=False))) == ("bad_request", key)


@pytest.mark.parametrize("key", ID_KEYS)
@pytest.mark.parametrize("length", [1, 31, 32])
def test_an_id_of_up_to_32_characters_is_taken(judge: Judge, key: str, length: int) -> None:
    assert judge("order", with_value(key, json.dumps(("aZ09" * 8)[:length]))) is None


# ---------------------------------------------------------------- keys that are passed on as given


@pytest.mark.parametrize("value", ["1", "null", "true", '"x"', "[]", "{}", '[{"a":[{"a":1}]},{"a":2}]', "1e9"])
def test_a_key_that_is_not_known_may_hold_anything(judge: Judge, value: str) -> None:
    assert judge("order", with_value("new", value)) is None


@pytest.mark.parametrize("value", ['{"a":1,"a":2}', '[{"a":1,"a":1}]', '{"b":{"c":[1,{"a":1,"a":2}]}}'])
def test_but_no_key_twice_in_one_object(judge: Judge, value: str) -> None:
    assert judge("order", with_value("new", value)) == ("duplicate_key", "a")
