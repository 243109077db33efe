"""Pure. Authentication: the WebSocket login and the signed REST request.

Source: OKX docs, "Overview" (WebSocket login, REST authentication) and "Error Code"; the order of the checks
follows recorded REST traffic: missing header, stale timestamp, unknown key, then the rest.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from gateway.sim.base.codes import Refusal
from gateway.sim.base.configuration import ApiKey

VALIDITY_MS = 30_000
LOGIN_PATH = "/users/self/verify"

_SECONDS = re.compile(r"\d{1,19}(\.\d{1,9})?", re.ASCII)


@dataclass(frozen=True)
class Identity:
    """The sender of a verified request."""

    uid: str
    api_key: ApiKey

    @property
    def may_trade(self) -> bool:
        return "trade" in self.api_key.permissions


def signature(secret: str, message: str) -> str:
    """Base64 of HMAC-SHA256."""
    digest = hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode("ascii")


class KeyRing:
    """All API keys of the simulated exchange, and its environment (production or demo)."""

    def __init__(self, keys: Mapping[str, tuple[str, ApiKey]], demo: bool) -> None:
        self._keys = dict(keys)
        self._demo = demo

    def uid_of(self, key: str) -> str:
        """The uid of the owner, unverified; '' for an unknown key."""
        return self._keys[key][0] if key in self._keys else ""

    def remove(self, key: str) -> bool:
        """Delete a key; its connections have to be closed by the caller (4007)."""
        return self._keys.pop(key, None) is not None

    def replace(self, name: str, **changes: Any) -> bool:
        """Change permissions or bound IPs of a key; its connections have to be closed by the caller (4007)."""
        if name not in self._keys:
            return False
        uid, key = self._keys[name]
        self._keys[name] = uid, replace(key, **changes)
        return True

    def _exists(self, name: str) -> bool:
        """OKX deletes keys that expire (OKX docs, "Overview", API key creation)."""
        return name in self._keys and self._keys[name][1].state != "expired"

    def verify_login(self, arg: Mapping[str, Any], now_ms: int, remote: str = "") -> Identity:
        """The arg of a `login` op. The timestamp counts seconds; a JSON number is accepted beside text. `remote` is
        the client's IP."""
        stamp = arg.get("timestamp")
        text = str(stamp) if isinstance(stamp, int | str) and not isinstance(stamp, bool) else ""
        if _SECONDS.fullmatch(text) is None:
            raise Refusal("60004")
        if abs(int(text.split(".")[0]) * 1000 - now_ms) > VALIDITY_MS:
            raise Refusal("60006")
        name = arg.get("apiKey")
        if not isinstance(name, str) or not name:
            raise Refusal("60005")
        if not self._exists(name):
            raise Refusal("60032")
        uid, key = self._keys[name]
        if key.demo != self._demo:
            raise Refusal("50101")
        _check_state(key)
        _check_ip(key, remote)
        if arg.get("passphrase") != key.passphrase:
            raise Refusal("60024")
        expected = signature(key.secret, f"{text}GET{LOGIN_PATH}")
        if not hmac.compare_digest(expected.encode(), str(arg.get("sign")).encode()):
            raise Refusal("60009")
        return Identity(uid, key)

    def verify_request(
        self, headers: Mapping[str, str], method: str, target: str, body: str, now_ms: int, remote: str = ""
    ) -> Identity:
        """A REST request: `target` is the path with its query string, `body` the exact text that was sent, `remote`
        the client's IP."""
        for header, code in _REQUIRED_HEADERS:
            if not headers.get(header):
                raise Refusal(code)
        stamp = headers["OK-ACCESS-TIMESTAMP"]
        if abs(_iso_ms(stamp) - now_ms) > VALIDITY_MS:
            raise Refusal("50102")
        name = headers["OK-ACCESS-KEY"]
        if not self._exists(name):
            raise Refusal("50119")
        uid, key = self._keys[name]
        if key.demo != (headers.get("x-simulated-trading") == "1"):
            raise Refusal("50101")
        _check_state(key)
        _check_ip(key, remote)
        if headers["OK-ACCESS-PASSPHRASE"] != key.passphrase:
            raise Refusal("50105")
        expected = signature(key.secret, f"{stamp}{method}{target}{body}")
        if not hmac.compare_digest(expected.encode(), headers["OK-ACCESS-SIGN"].encode()):
            raise Refusal("50113")
        return Identity(uid, key)


_REQUIRED_HEADERS = (
    ("OK-ACCESS-KEY", "50103"),
    ("OK-ACCESS-PASSPHRASE", "50104"),
    ("OK-ACCESS-SIGN", "50106"),
    ("OK-ACCESS-TIMESTAMP", "50107"),
)


def _check_state(key: ApiKey) -> None:
    """A frozen key (OKX docs, "Error Code", 50100)."""
    if key.state == "frozen":
        raise Refusal("50100")


def _check_ip(key: ApiKey, remote: str) -> None:
    """A key can be bound to IPs (OKX docs, "Error Code", 50110)."""
    if key.ips and remote not in key.ips:
        raise Refusal("50110", ip=remote)


def _iso_ms(stamp: str) -> int:
    """ISO 8601 in UTC; clients can omit the fraction of the second."""
    seconds = "%S.%f" if "." in stamp else "%S"
    try:
        moment = datetime.strptime(stamp, f"%Y-%m-%dT%H:%M:{seconds}Z").replace(tzinfo=UTC)
    except ValueError:
        raise Refusal("50112") from None
    since_epoch = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since_epoch.days * 86_400 + since_epoch.seconds) * 1000 + since_epoch.microseconds // 1000
