"""Certificates are verified; one more authority can be trusted. The certificates come from the openssl command."""

import ssl
import subprocess
from pathlib import Path

import pytest

from gateway.connections.tls import tls_context
from gateway.errors import ConfigError


def test_certificates_and_host_names_are_checked() -> None:
    context = tls_context(None)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_an_authority_of_ones_own_is_added(tmp_path: Path) -> None:
    ca_file, key = tmp_path / "ca.pem", tmp_path / "key.pem"
    subject = ("-subj", "/CN=Test CA", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    command = ["openssl", "req", "-x509", *subject, "-keyout", str(key), "-out", str(ca_file)]
    subprocess.run(command, check=True, capture_output=True)
    before = {cert["serialNumber"] for cert in tls_context(None).get_ca_certs()}
    after = {cert["serialNumber"] for cert in tls_context(ca_file).get_ca_certs()}
    assert len(after - before) == 1


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_file_without_a_certificate_is_named(tmp_path: Path, content: bytes | None) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"ca_file .*ca\.pem"):
        tls_context(ca_file)
