"""The TLS context of every connection to OKX: certificates are always verified."""

from __future__ import annotations

import ssl
from pathlib import Path

from gateway.errors import ConfigError


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """The system's authorities, and those of `ca_file` besides. Host names are checked; TLS 1.2 at least."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"[account] ca_file {ca_file}: holds no certificate in PEM form ({error})") from None
    return context
