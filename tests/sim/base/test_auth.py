"""Signatures against openssl and against the check values of OKX's algorithm; each refusal with its own code."""

from __future__ import annotations

import base64
import subprocess
from typing import Any

import pytest

from gateway.sim.base.auth import KeyRing, signature
from gateway.sim.base.codes import Refusal
from gateway.sim.base.configuration import ApiKey

SECRET = "22582BD0CFF14C41EDBF1AB98506286D"
BODY = '{"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"20000","sz":"0.001","clOrdId":"gw1"}'
STAMP = "2023-11-14T22:13:20.000Z"
NOW_MS = 1_700_000_000_000
VECTORS = [
    ("1700000000GET/users/self/verify", "XtWT3nqS3qY+ulloN3tq91tg6+cbnBqk/PPw6w+wmXE="),
    (f"{STAMP}GET/api/v5/trade/orders-pending?instType=SPOT", "oGjzwbmQMf6R54sgJUA21w++oPJR5mRgGtM1mgYNgI0="),
    (f"{STAMP}POST/api/v5/trade/order{BODY}", "rCz2sXJ6+SLXV5yDRnrQVXYZJGTGd85/3x37d35yOaQ="),
]
GOOD_LOGIN = {"apiKey": "k", "passphrase": "p", "timestamp": "1700000000", "sign": VECTORS[0][1]}
GOOD_HEADERS = {
    "OK-ACCESS-KEY": "k",
    "OK-ACCESS-PASSPHRASE": "p",
    "OK-ACCESS-TIMESTAMP": STAMP,
    "OK-ACCESS-SIGN": VECTORS[1][1],
}


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing({"k": ("7", ApiKey("k", SECRET, "p")), "d": ("7", ApiKey("d", SECRET, "p", demo=True))}, demo=False)


@pytest.mark.parametrize(("message", "expected"), VECTORS)
def test_signature_matches_okx(message: str, expected: str) -> None:
    assert signature(SECRET, message) == expected


@pytest.mark.parametrize("message", ["", "1700000000GET/users/self/verify", "a" * 1000, "grüße"])
def test_signature_matches_openssl(message: str) -> None:
    made = subprocess.run(
        ("openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"key:{SECRET}", "-binary"),
        input=message.encode(),
        capture_output=True,
        check=True,
    )
    assert signature(SECRET, message) == base64.b64encode(made.stdout).decode()


@pytest.mark.parametrize("timestamp", ["1700000000", 1_700_000_000])
def test_login_takes_text_and_number(ring: KeyRing, timestamp: Any) -> None:
    identity = ring.verify_login({**GOOD_LOGIN, "timestamp": timestamp}, NOW_MS + 30_000)
    assert (identity.uid, identity.may_trade) == ("7", True)


@pytest.mark.parametrize(
    ("change", "now_ms", "code"),
    [
        ({"timestamp": "soon"}, NOW_MS, "60004"),
        ({"timestamp": True}, NOW_MS, "60004"),
        ({"timestamp": "1700000000000"}, NOW_MS, "60006"),
        ({}, NOW_MS + 30_001, "60006"),
        ({}, NOW_MS - 30_001, "60006"),
        ({"apiKey": ""}, NOW_MS, "60005"),
        ({"apiKey": "other"}, NOW_MS, "60032"),
        ({"apiKey": "d"}, NOW_MS, "50101"),
        ({"passphrase": "q"}, NOW_MS, "60024"),
        ({"sign": VECTORS[1][1]}, NOW_MS, "60009"),
        ({"sign": None}, NOW_MS, "60009"),
    ],
)
def test_login_refusals(ring: KeyRing, change: dict[str, Any], now_ms: int, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        ring.verify_login({**GOOD_LOGIN, **change}, now_ms)
    assert refused.value.code == code


def test_request_is_verified(ring: KeyRing) -> None:
    target = "/api/v5/trade/orders-pending?instType=SPOT"
    assert ring.verify_request(GOOD_HEADERS, "GET", target, "", NOW_MS).uid == "7"


def test_a_request_may_come_without_milliseconds(ring: KeyRing) -> None:
    """As the crate okx-rs sends it: only the signature is wrong here."""
    with pytest.raises(Refusal) as refused:
        ring.verify_request(
            {**GOOD_HEADERS, "OK-ACCESS-TIMESTAMP": "2023-11-14T22:13:20Z"}, "GET", "/api/v5/account/config", "", NOW_MS
        )
    assert refused.value.code == "50113"


@pytest.mark.parametrize(
    ("change", "now_ms", "code"),
    [
        ({"OK-ACCESS-KEY": ""}, NOW_MS, "50103"),
        ({"OK-ACCESS-PASSPHRASE": ""}, NOW_MS, "50104"),
        ({"OK-ACCESS-SIGN": ""}, NOW_MS, "50106"),
        ({"OK-ACCESS-TIMESTAMP": ""}, NOW_MS, "50107"),
        ({"OK-ACCESS-TIMESTAMP": "1700000000"}, NOW_MS, "50112"),
        ({}, NOW_MS + 30_001, "50102"),
        ({"OK-ACCESS-KEY": "other"}, NOW_MS, "50119"),
        ({"OK-ACCESS-KEY": "d"}, NOW_MS, "50101"),
        ({"x-simulated-trading": "1"}, NOW_MS, "50101"),
        ({"OK-ACCESS-PASSPHRASE": "q"}, NOW_MS, "50105"),
        ({"OK-ACCESS-SIGN": VECTORS[0][1]}, NOW_MS, "50113"),
    ],
)
def test_request_refusals(ring: KeyRing, change: dict[str, str], now_ms: int, code: str) -> None:
    target = "/api/v5/trade/orders-pending?instType=SPOT"
    with pytest.raises(Refusal) as refused:
        ring.verify_request({**GOOD_HEADERS, **change}, "GET", target, "", now_ms)
    assert refused.value.code == code


def test_an_api_key_hides_its_secret() -> None:
    assert SECRET not in repr(ApiKey("k", SECRET, "p"))
