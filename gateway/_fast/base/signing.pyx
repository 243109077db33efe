"""OKX's request signature: Base64(HMAC-SHA256(secret key, message)).

The cryptography is OpenSSL's, through `hmac.digest`.

Source: OKX docs, Overview, "REST authentication" and "WebSocket login".
"""
from binascii import b2a_base64
from hmac import digest


def sign(bytes secret not None, bytes message not None):
    """The signature (44 characters of Base64) of `message` under the API key's `secret`."""
    return b2a_base64(digest(secret, message, "sha256"), newline=False).decode("ascii")
