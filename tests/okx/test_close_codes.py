"""Cell by cell: OKX docs, Error Code / WebSocket, close frames."""

import pytest

from gateway.okx.close_codes import CLOSE_RULES, close_rule

# code: (reconnect?, raise an alarm?)
EXPECTED = {
    1009: (True, True),
    4001: (False, True),
    4002: (True, True),
    4003: (False, True),
    4004: (True, False),
    4005: (True, True),
    4006: (True, False),
    4007: (True, True),
    4008: (False, True),
    4009: (False, True),
}


@pytest.mark.parametrize("code", EXPECTED)
def test_each_documented_code(code: int) -> None:
    rule = close_rule(code)
    assert (rule.retry, rule.alarm) == EXPECTED[code]
    assert rule.text


def test_no_code_is_left_out() -> None:
    assert set(CLOSE_RULES) == set(EXPECTED)


@pytest.mark.parametrize("code", [None, 0, 1000, 1001, 1006, 1011, 4000, 4010, 4999, -1])
def test_any_other_end_is_a_lost_connection(code: int | None) -> None:
    assert close_rule(code).retry
    assert not close_rule(code).alarm
