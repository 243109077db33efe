"""The exceptions of the cold path, named by who is at fault. The hot path returns codes instead."""

from __future__ import annotations


class GatewayError(Exception):
    """Base of every exception that the gateway raises on purpose."""


class ConfigError(GatewayError):
    """The configuration is wrong; the message says which key, what was found and what would be right."""


class LocalProtocolError(GatewayError):
    """We were about to break a protocol: a bug of ours or of the caller."""


class RemoteProtocolError(GatewayError):
    """The other side broke the protocol."""


class TransportError(GatewayError):
    """The connection failed, timed out or was closed: nothing is known about what was on its way."""


class CertificateError(TransportError):
    """The TLS certificate of the other side is not trusted; nothing was sent."""


class VenueError(GatewayError):
    """OKX answered no.

    `code` is OKX's code as text (`"50111"`), `msg` its own words, `http_status` 0 where the answer came by WebSocket.
    """

    def __init__(self, code: str, msg: str, http_status: int = 0) -> None:
        super().__init__(f"OKX answered {code}: {msg}")
        self.code = code
        self.msg = msg
        self.http_status = http_status
