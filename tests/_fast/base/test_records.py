"""Texts in the fixed records: what fits is kept whole. OKX allows 32 characters for ids, and 32 for a price (51514)."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.mark.parametrize("length", [1, 19, 31, 32])
def test_ids_of_up_to_32_characters_are_kept(rig: Any, length: int) -> None:
    cl_ord_id, ord_id = ("c" * 32)[:length], ("8" * 32)[:length]
    rig.place(cl_ord_id, ord_id)
    for name in ({"ord_id": ord_id}, {"cl_ord_id": cl_ord_id}):
        found = rig.api.find_order(**name)
        assert (found["clOrdId"], found["ordId"]) == (cl_ord_id, ord_id)


@pytest.mark.parametrize("member", ["px", "sz", "accFillSz"])
@pytest.mark.parametrize("length", [1, 32, 39])
def test_numbers_of_up_to_39_characters_are_kept(rig: Any, member: str, length: int) -> None:
    rig.place("A1", "801")
    number = f"0.{'1' * 37}"[: max(length, 1)] if length > 2 else "7"
    rig.push(clOrdId="A1", ordId="801", state="partially_filled", amendResult="0", **{member: number})
    assert rig.api.find_order(ord_id="801")[member] == number


@pytest.mark.parametrize("length", [1, 39])
def test_names_of_instruments_of_up_to_39_characters_are_kept(rig: Any, length: int) -> None:
    inst_id = ("N-" * 20)[:length]
    rig.instruments.put("SPOT", inst_id, 77)
    rig.send(rig.order("o1", instId=inst_id, clOrdId="A1"))
    assert rig.frames[0]["args"][0]["instIdCode"] == 77
    assert rig.api.find_order(cl_ord_id="A1")["instId"] == inst_id


def refused_with(rig: Any, s_msg: str) -> str:
    """The `msg` of a row that OKX refuses in these words, which a repeat of the request gets too."""
    rig.send(rig.order("o1", clOrdId="A1"))
    frame = {"id": rig.frames[0]["id"], "op": "order", "code": "1", "msg": "", "inTime": "1", "outTime": "2"}
    item = {"clOrdId": "A1", "ordId": "", "sCode": "51008", "sMsg": s_msg, "tag": "", "ts": "1"}
    rig.frame(json.dumps({**frame, "data": [item]}, ensure_ascii=False).encode())
    told = str(rig.row("o1")["msg"])
    rig.send(rig.order("o1", clOrdId="A1"))
    assert rig.reply["data"][0]["msg"] == told
    return told


@pytest.mark.parametrize("length", [0, 1, 118, 119, 120, 500])
def test_of_okx_words_the_first_119_bytes_are_kept(rig: Any, length: int) -> None:
    assert refused_with(rig, "m" * length) == "m" * min(length, 119)


@pytest.mark.parametrize("character", ["é", "\u20ac", "\U0001f600"])
@pytest.mark.parametrize("before", range(114, 120))
def test_words_are_not_cut_within_a_character(rig: Any, character: str, before: int) -> None:
    """Of UTF-8 one has up to 4 bytes."""
    words = "m" * before + character + "end" * 10
    told = refused_with(rig, words)
    assert words.startswith(told)
    assert 116 <= len(told.encode()) <= 119


@pytest.mark.parametrize("escaped", ['"', "\\", "\n", "\x01"])
def test_short_words_with_escapes_are_kept_and_long_ones_left_out(rig: Any, new_rig: Any, escaped: str) -> None:
    """A cut could go through an escape, which has up to 6 bytes."""
    assert refused_with(rig, f"Parameter {escaped} error") == f"Parameter {escaped} error"
    assert refused_with(new_rig(), escaped + "m" * 120) == ""
