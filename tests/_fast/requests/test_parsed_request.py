"""The ids in a request: which texts are one. Found by the answer to a request that bears them."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

# docs/protocol.md, Requests: the `id`.
REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)
# OKX docs, WS / Place order: `clOrdId`, a combination of case-sensitive alphanumerics, of up to 32 characters.
CL_ORD_ID = re.compile(r"[A-Za-z0-9]{1,32}", re.ASCII)
ROW = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "20000", "sz": "0.01"}

Send = Callable[[str, dict[str, str]], "str | None"]
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def send(new_rig: Any) -> Send:
    """The message of the answer that refuses a request for its form, or None."""
    rig = new_rig(request_capacity=1 << 15, order_capacity=1 << 15)

    def send(request_id: str, fields: dict[str, str]) -> str | None:
        rig.forget()
        row = {**ROW, **fields}
        rig.send(json.dumps({"id": request_id, "op": "order", "args": [row]}, ensure_ascii=False).encode())
        return next((reply["msg"] for reply in rig.replies if reply["reason"] == "bad_request"), None)

    return send


# Mostly of the characters that are good, so that a single bad one is tried too.
texts = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=70),
    st.text("aZ09._:-", max_size=66),
    st.builds(
        lambda good, bad, at: good[:at] + bad + good[at:],
        st.text("a9", max_size=40),
        st.characters(codec="utf-8"),
        st.integers(0, 40),
    ),
)


@given(text=texts)
def test_a_request_id_is_1_to_64_letters_digits_and_four_signs(send: Send, text: str) -> None:
    is_good = REQUEST_ID.fullmatch(text) is not None
    refused = send(text, {})
    assert (refused is None) is is_good, refused
    assert is_good or "id must be a string" in str(refused)


@given(text=texts)
def test_a_clients_order_id_is_1_to_32_letters_and_digits(send: Send, text: str) -> None:
    is_good = text == "" or CL_ORD_ID.fullmatch(text) is not None
    refused = send(f"n{next(numbers)}", {"clOrdId": text})
    assert (refused is None) is is_good, refused
    assert is_good or "clOrdId must be 1 to 32 letters and digits" in str(refused)


@pytest.mark.parametrize("code", range(128))
def test_each_ascii_character_of_an_id(send: Send, code: int) -> None:
    character = chr(code)
    is_alphanumeric = character.isalnum()
    assert (send(f"n{next(numbers)}", {"clOrdId": f"a{character}"}) is None) is is_alphanumeric
    assert (send(f"i{next(numbers)}{character}", {}) is None) is (is_alphanumeric or character in "._:-")
