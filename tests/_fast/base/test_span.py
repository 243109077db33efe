"""Runs of bytes are compared by length and content: nothing that begins as another text, or goes on behind it, is that text."""

from __future__ import annotations

from typing import Any

import pytest

OPS = ["order", "batch-orders", "cancel-order", "amend-order", "mass-cancel", "order-algo", "ping", "status"]


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize(
    "change", [lambda op: op[:-1], lambda op: op + "s", lambda op: op + " ", str.upper, lambda op: op + "\\u0000"]
)
def test_what_is_nearly_an_op_is_none(rig: Any, op: str, change: Any) -> None:
    rig.send(f'{{"id":"o1","op":"{change(op)}","args":[]}}'.encode())
    assert rig.reply["reason"] == "unknown_op"


@pytest.mark.parametrize("name", ["A1", "A", "A12", "1A", "a1", ""])
def test_an_order_is_found_by_its_whole_name_alone(rig: Any, name: str) -> None:
    rig.place("A1", "801")
    assert (rig.api.find_order(cl_ord_id=name) is not None) is (name == "A1")


@pytest.mark.parametrize("ord_id", ["801", "80", "8011", "0801", "801 "])
def test_and_by_its_whole_number_alone(rig: Any, ord_id: str) -> None:
    rig.place("A1", "801")
    assert (rig.api.find_order(ord_id=ord_id) is not None) is (ord_id == "801")


@pytest.mark.parametrize("size", ['"0.01"', "0.01"])
def test_a_number_reads_as_the_same_text(rig: Any, size: str) -> None:
    row = f'{{"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"20000","sz":{size}}}'
    rig.send(f'{{"id":"o1","op":"order","args":[{row}]}}'.encode())
    assert rig.frames[0]["args"][0]["sz"] == "0.01"
