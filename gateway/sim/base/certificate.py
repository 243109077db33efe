"""A certificate authority of the simulator's own, and a certificate for localhost signed by it."""

from __future__ import annotations

import os
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

DAYS_VALID = 30
_LEAF_EXTENSIONS = "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n"


@dataclass(frozen=True)
class Certificate:
    """Clients trust `ca`; the server uses the other two."""

    ca: Path
    chain: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context


def make_certificate(directory: Path) -> Certificate:
    """Generate all files again in `directory` (created with mode 0700 if missing) with the openssl program.

    Raises RuntimeError if openssl fails."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Certificate(directory / "sim-ca.pem", directory / "sim-cert.pem", directory / "sim-key.pem")
    ca_key, request, extensions = (directory / name for name in ("sim-ca-key.pem", "sim-cert.csr", "sim-cert.ext"))
    extensions.write_text(_LEAF_EXTENSIONS)
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    days = ("-days", str(DAYS_VALID))
    _openssl(
        "req", "-x509", *new_key, *days, "-keyout", str(ca_key), "-out", str(made.ca), "-subj", "/CN=Simulated OKX CA",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )  # fmt: skip
    _openssl("req", *new_key, "-keyout", str(made.key), "-out", str(request), "-subj", "/CN=localhost")
    _openssl(
        "x509", "-req", *days, "-in", str(request), "-CA", str(made.ca), "-CAkey", str(ca_key), "-CAcreateserial",
        "-extfile", str(extensions), "-out", str(made.chain),
    )  # fmt: skip
    for private in (ca_key, made.key):
        os.chmod(private, 0o600)
    return made


def _openssl(*arguments: str) -> None:
    done = subprocess.run(("openssl", *arguments), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments[0]} failed: {done.stderr.strip()}")
