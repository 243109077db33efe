"""OKX's signature against the openssl program.

Source: OKX docs, Overview, "REST Authentication" and WebSocket "Login": Base64(HMAC-SHA256(secret key, what is signed)).
"""

from __future__ import annotations

import base64
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway._fast.base.signing import sign

SECRET = b"22582BD0CFF14C41EDBF1AB98506286D"  # of OKX's own example (docs, REST Authentication)


def openssl_sign(secret: bytes, message: bytes) -> str:
    command = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{secret.hex()}", "-binary"]
    digest = subprocess.run(command, input=message, capture_output=True, check=True).stdout
    return base64.b64encode(digest).decode("ascii")


def test_the_login_of_a_known_moment() -> None:
    """printf 1700000000GET/users/self/verify | openssl dgst -sha256 -hmac secret -binary | base64"""
    assert sign(b"secret", b"1700000000GET/users/self/verify") == "lhmJXK08fk9SI1ZwFXKFRrPtzfbNOwC+D1xMJJ/1KZg="


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"2020-12-08T09:08:57.715ZGET/api/v5/account/balance?ccy=BTC",
        b'2020-12-08T09:08:57.715ZPOST/api/v5/trade/order{"instId":"BTC-USDT","sz":"0.01"}',
        '2020-12-08T09:08:57.715ZPOST/api/v5/trade/order{"tag":"é😀"}'.encode(),
        b"\x00\xff" * 5_000,
    ],
)
def test_a_message_is_signed_as_openssl_does(message: bytes) -> None:
    assert sign(SECRET, message) == openssl_sign(SECRET, message)


@settings(max_examples=25)
@given(secret=st.binary(min_size=1, max_size=200), message=st.binary(max_size=300))
def test_any_key_and_message(secret: bytes, message: bytes) -> None:
    """A key of more than 64 bytes is hashed first (RFC 2104)."""
    assert sign(secret, message) == openssl_sign(secret, message)


def test_a_signature_is_44_characters_without_a_line_break() -> None:
    text = sign(SECRET, b"x")
    assert len(text) == 44 and text.endswith("=") and "\n" not in text


@pytest.mark.parametrize(("secret", "message"), [(None, b"x"), (b"x", None), ("x", b"x"), (b"x", "x")])
def test_anything_but_bytes_is_refused(secret: object, message: object) -> None:
    with pytest.raises(TypeError):
        sign(secret, message)  # type: ignore[arg-type]
