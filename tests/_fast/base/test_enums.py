"""The numbers that the control plane shares with the data plane: they stand in journals and in OKX's documents, so never change."""

from __future__ import annotations

from gateway._fast.base import enums
from gateway.client.requests import REQUEST_MAX_BYTES


def test_owners() -> None:
    assert (enums.OWNER_ACCOUNT, enums.OWNER_GATEWAY, enums.OWNER_FIRST_STRATEGY) == (0, 1, 2)


def test_topics() -> None:
    in_order = "ACK ORDER FILL HEARTBEAT ACCOUNT POSITIONS BALANCE_AND_POSITION STATE ALARM ALGO COUNT"
    assert [getattr(enums, f"TOPIC_{name}") for name in in_order.split()] == list(range(11))


def test_limits_of_okx() -> None:
    """OKX docs: Place multiple orders, at most 20; Cancel algo order, at most 10."""
    assert (enums.ROWS_MAX, enums.CANCEL_ALGOS_MAX) == (20, 10)


def test_limits_of_the_protocol() -> None:
    """docs/protocol.md: 64 KiB, an id of 64 characters, a name of 32. The client stands alone and has the first once more."""
    assert enums.MESSAGE_MAX == REQUEST_MAX_BYTES == 64 * 1024
    assert (enums.ID_MAX, enums.NAME_MAX) == (64, 32)
