"""The texts of OKX's codes (OKX docs, "Error Code")."""

from __future__ import annotations

from gateway.sim.base.codes import Refusal, plain_text, text_of


def test_placeholders_are_filled() -> None:
    assert text_of("50014", param="instId") == "Parameter instId can not be empty."
    assert text_of("51260", limit=50) == "Maximum of 50 pending trailing stop orders can be held at the same time."


def test_an_unknown_code_has_no_text() -> None:
    assert text_of("99999") == plain_text("99999") == ""


def test_a_refusal_carries_code_text_and_sub_code() -> None:
    refusal = Refusal("51008", sub_code="1000", ccy="USDT", kind="margin")
    assert (refusal.code, refusal.sub_code) == ("51008", "1000")
    assert "USDT margin" in refusal.msg


def test_a_commanded_code_has_no_open_placeholder() -> None:
    assert "{" not in Refusal("51260").msg
