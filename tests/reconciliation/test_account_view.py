"""Which balances and positions count as published, cell by cell. Shapes: OKX docs, Account channel, Positions channel."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.reconciliation.account_view import AccountView

ALWAYS = 1 << 62


def detail(ccy: str = "USDT", u_time: int = 100, **members: str) -> dict[str, str]:
    return {"ccy": ccy, "cashBal": "50", "liab": "", "eq": "51", "upl": "1", "uTime": str(u_time), **members}


def position(pos_id: str = "7", u_time: int = 100, **members: str) -> dict[str, str]:
    named = {"posId": pos_id, "instId": "BTC-USDT-SWAP", "mgnMode": "cross", "posSide": "net"}
    return {**named, "pos": "2", "avgPx": "20000", "markPx": "20001", "uTime": str(u_time), **members}


def view(*details: dict[str, str], positions: tuple[dict[str, str], ...] = ()) -> AccountView:
    made = AccountView()
    made.take(json.dumps({"arg": {"channel": "account", "uid": "1"}, "data": [{"details": details}]}).encode())
    made.take(json.dumps({"arg": {"channel": "positions", "uid": "1"}, "data": positions}).encode())
    return made


@pytest.mark.parametrize(
    ("row", "settled_ms", "is_update"),
    [
        (detail(u_time=100), ALWAYS, False),
        (detail(u_time=200), ALWAYS, False),
        (detail(u_time=200, eq="60", upl="9"), ALWAYS, False),
        (detail(u_time=200, cashBal="50.00"), ALWAYS, False),
        (detail(u_time=200, cashBal="49"), ALWAYS, True),
        (detail(u_time=200, liab="1"), ALWAYS, True),
        (detail(u_time=200, cashBal="49"), 200, True),
        (detail(u_time=200, cashBal="49"), 199, False),
        (detail(u_time=100, cashBal="49"), ALWAYS, False),
        (detail(u_time=50, cashBal="49"), ALWAYS, False),
        (detail("BTC", u_time=50), ALWAYS, True),
        (detail("BTC", u_time=50, cashBal="0"), ALWAYS, False),
    ],
)
def test_a_currency(row: dict[str, str], settled_ms: int, is_update: bool) -> None:
    """It is an update if newer, old enough, and different in an amount that only an event changes."""
    account = {"totalEq": "9", "details": [detail(u_time=100), row]}
    found = view(detail()).balances_unpublished(account, settled_ms)
    assert found == ({"totalEq": "9", "details": [row]} if is_update else None)


@pytest.mark.parametrize(
    ("row", "settled_ms", "is_update"),
    [
        (position(u_time=200), ALWAYS, False),
        (position(u_time=200, markPx="30000"), ALWAYS, False),
        (position(u_time=200, pos="3"), ALWAYS, True),
        (position(u_time=200, pos="-2"), ALWAYS, True),
        (position(u_time=200, avgPx="20100"), ALWAYS, True),
        (position(u_time=200, pos="0", avgPx=""), ALWAYS, True),
        (position(u_time=200, pos="3"), 199, False),
        (position(u_time=100, pos="3"), ALWAYS, False),
        (position("8", u_time=50), ALWAYS, True),
        (position("8", u_time=50, pos="0", avgPx=""), ALWAYS, False),
    ],
)
def test_a_position(row: dict[str, str], settled_ms: int, is_update: bool) -> None:
    found = view(positions=(position(),)).positions_unpublished([row], settled_ms)
    assert found == ([row] if is_update else [])


def test_published_but_unlisted_names_are_to_be_asked_for() -> None:
    published = view(
        detail("USDT"), detail("BTC"), detail("ETH", cashBal="0"), positions=(position("7"), position("8", pos="0"))
    )
    assert published.currencies_missing({"details": [detail("USDT")]}, ALWAYS) == ["BTC"]
    assert published.currencies_missing({"details": []}, 99) == []
    assert published.positions_missing([], ALWAYS) == ["7"]
    assert published.positions_missing([position("7")], ALWAYS) == []


def test_a_push_older_than_the_published_one_changes_nothing() -> None:
    published = view(detail(u_time=200, cashBal="40"), detail(u_time=100, cashBal="50"))
    assert published.balances_unpublished({"details": [detail(u_time=200, cashBal="40")]}, ALWAYS) is None
    assert published.balances_unpublished({"details": [detail(u_time=150, cashBal="50")]}, ALWAYS) is None


@pytest.mark.parametrize(
    "frame",
    [
        {"arg": {"channel": "account"}, "data": []},
        {"arg": {"channel": "account"}, "data": [{"details": None}, 7]},
        {"arg": {"channel": "account"}, "data": [{"details": [{"ccy": ""}, {"cashBal": "x"}]}]},
        {"arg": {"channel": "positions"}, "data": None},
        {"data": [{"details": [{"ccy": "BTC", "cashBal": "x", "uTime": "soon"}]}]},
    ],
)
def test_malformed_pushes_are_skipped(frame: dict[str, Any]) -> None:
    published = view(detail())
    published.take(json.dumps(frame).encode())
    assert published.balances_unpublished({"details": [detail()]}, ALWAYS) is None
