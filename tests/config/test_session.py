"""The bounds of `[session]`. Source: OKX docs, WebSocket overview, "Connect": 30 s without a message end a connection."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.config.session import SessionConfig


def test_a_silent_connection_is_noticed_before_okx_closes_it() -> None:
    assert SessionConfig.model_validate({"ping_after_ms": 24_999, "pong_timeout_ms": 5_000}).ping_after_ms == 24_999
    with pytest.raises(ValidationError, match=r"ping_after_ms 25000 \+ pong_timeout_ms 5000 should stay below 30000"):
        SessionConfig.model_validate({"ping_after_ms": 25_000, "pong_timeout_ms": 5_000})


def test_the_first_backoff_is_at_most_the_last() -> None:
    assert SessionConfig.model_validate({"backoff_first_ms": 500, "backoff_max_ms": 500}).backoff_max_ms == 500
    with pytest.raises(ValidationError, match="backoff_first_ms 501 should not be above backoff_max_ms 500"):
        SessionConfig.model_validate({"backoff_first_ms": 501, "backoff_max_ms": 500})


def test_reconnects_stay_within_okxs_three_per_second() -> None:
    """OKX docs, WebSocket overview, "Connect": 3 requests per second, by IP."""
    assert SessionConfig.model_validate({"backoff_first_ms": 334}).backoff_first_ms * 3 > 1_000
    with pytest.raises(ValidationError, match="greater than or equal to 334"):
        SessionConfig.model_validate({"backoff_first_ms": 333})


@pytest.mark.parametrize(
    "values", [{"no_such_key": True}, {"hot_standby": 1}, {"sweep_s": 0}, {"drain_timeout_ms": 50_001}]
)
def test_values_that_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SessionConfig.model_validate(values)
