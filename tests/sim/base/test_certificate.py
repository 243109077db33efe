"""The certificate of the simulator, checked with the openssl program."""

from __future__ import annotations

import subprocess
from pathlib import Path

from gateway.sim.base.certificate import make_certificate


def test_it_is_signed_by_its_authority_for_localhost(tmp_path: Path) -> None:
    made = make_certificate(tmp_path / "tls")
    checked = subprocess.run(
        ["openssl", "verify", "-CAfile", str(made.ca), "-verify_hostname", "localhost", str(made.chain)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.stdout.strip().endswith("OK"), checked.stderr
    assert made.server_context()


def test_private_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    made = make_certificate(tmp_path / "tls")
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700
    for private in (made.key, tmp_path / "tls" / "sim-ca-key.pem"):
        assert private.stat().st_mode & 0o777 == 0o600
