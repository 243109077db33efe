"""Keys by their numbers: each is known in full, and what is nearly one is not."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from gateway._fast.json.keys import FieldNames

ROW = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "20000", "sz": "0.01"}
# OKX docs, WS / Place order and Amend order; POST / Place algo order.
TEXTS = [
    "pxUsd",
    "pxVol",
    "clOrdId",
    "ordId",
    "reqId",
    "newSz",
    "newPx",
    "newPxUsd",
    "newPxVol",
    "instType",
    "instFamily",
    "algoId",
    "algoClOrdId",
    "triggerPx",
    "slTriggerPx",
    "tpTriggerPx",
    "orderPx",
    "callbackRatio",
    "callbackSpread",
    "closeFraction",
    "newTriggerPx",
    "newSlTriggerPx",
    "ccy",
    "tag",
    "posSide",
    "outcome",
    "speedBump",
    "tgtCcy",
    "pxAmendType",
    "tradeQuoteCcy",
    "slippagePct",
    "stpMode",
    "quickMgnType",
    "lockInterval",
    "triggerPxType",
    "slTriggerPxType",
    "tpTriggerPxType",
    "slOrdPx",
    "tpOrdPx",
    "tpOrdKind",
    "activePx",
    "advanceOrdType",
    "amendPxOnTriggerType",
    "newTpTriggerPx",
    "newTpOrdPx",
    "newSlOrdPx",
    "newOrdPx",
    "newTpTriggerPxType",
    "newSlTriggerPxType",
    "newTriggerPxType",
    "pxVar",
    "pxSpread",
    "szLimit",
    "pxLimit",
    "timeInterval",
]
FLAGS = ["reduceOnly", "banAmend", "cxlOnFail", "isElpTakerAccess", "rpiTakerAccess", "rpiPxRound", "cxlOnClosePos"]
KNOWN = [*TEXTS, *FLAGS, *ROW]

IsKnown = Callable[[str], bool]


@pytest.fixture(scope="module")
def is_known(new_rig: Any) -> IsKnown:
    """A known key may not hold an object; one that is not known may hold anything."""
    rig = new_rig(request_capacity=4_096, order_capacity=4_096)
    numbers = itertools.count(1)

    def is_known(key: str) -> bool:
        row: dict[str, Any] = {**{name: value for name, value in ROW.items() if name != key}, key: {}}
        rig.forget()
        rig.send({"id": f"r{next(numbers)}", "op": "order", "args": [row]})
        return any(f"args[0].{key} must be" in reply["msg"] for reply in rig.replies)

    return is_known


@pytest.mark.parametrize("key", KNOWN)
def test_each_key_of_okx_is_known(is_known: IsKnown, key: str) -> None:
    assert is_known(key)


@pytest.mark.parametrize("key", KNOWN)
def test_what_is_nearly_a_key_is_none(is_known: IsKnown, key: str) -> None:
    near = {key[:-1], f"{key}x", f"x{key}", key.upper(), key.swapcase(), f" {key}", f"{key} ", key[1:], f"{key}{key}"}
    for other in sorted(near - set(KNOWN) - {"", "instIdCode", "gw", "attachAlgoOrds"}):
        assert not is_known(other), other


@pytest.mark.parametrize("names", [[], ["a"], [f"k{number}" for number in range(5_000)]])
def test_a_list_of_any_length_is_taken(names: list[str]) -> None:
    FieldNames(names)


@pytest.mark.parametrize("names", [None, ["é"], [1]])
def test_what_is_no_list_of_plain_names_is_refused(names: Any) -> None:
    with pytest.raises((TypeError, UnicodeEncodeError, AttributeError)):
        FieldNames(names)
