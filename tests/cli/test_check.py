"""`okx-gateway check`, offline and against the simulated exchange."""

import asyncio
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.cli.check import check_configuration, run_check
from gateway.cli.installation import check_installation, format_finding
from gateway.config.loading import Config, load_config
from gateway.okx.account import Finding
from gateway.sim import AccountSpec, ApiKey, SimConfig, SimulatedExchange

# The directory of the sockets must be short and need not exist.
RUNTIME_DIR = f"/tmp/gateway-check-{os.getpid()}"
SECRETS = {"XDG_RUNTIME_DIR": RUNTIME_DIR, "OKX_API_KEY": "k", "OKX_SECRET_KEY": "s", "OKX_PASSPHRASE": "p"}
KEYS = (ApiKey("k", "s", "p"), ApiKey("read", "s", "p", permissions=("read_only",)))


def config_for(tmp_path: Path, text: str = "", **environ: str) -> Config:
    file = tmp_path / "gateway.toml"
    file.write_text(text)
    return load_config(file, {**SECRETS, **environ})


def report_of(config_path: Path | None, environ: dict[str, str], *, online: bool = False) -> tuple[int, str]:
    lines: list[str] = []
    status = run_check(config_path, online, environ, lines.append)
    return status, "".join(lines)


def test_findings_name_their_fix_on_a_separate_line() -> None:
    assert format_finding(Finding("OK", "all well")) == "OK    all well\n"
    assert format_finding(Finding("FAIL", "broken", "mend it")) == "FAIL  broken\n       fix: mend it\n"


def test_the_installation_of_the_tests_is_complete() -> None:
    compiled, picows = check_installation()
    assert compiled.verdict == "OK"
    assert picows.verdict in ("OK", "WARN")


def test_a_good_configuration(tmp_path: Path) -> None:
    findings = check_configuration(config_for(tmp_path, '[[strategy]]\nname = "alpha"\nnumber = 7\n'))
    assert {finding.verdict for finding in findings} == {"OK"}
    text = "\n".join(finding.text for finding in findings)
    assert "alpha (7)" in text
    assert "does not exist yet; the gateway will create it" in text


@pytest.mark.parametrize(
    ("environment", "words"),
    [("global", "production"), ("us", "production"), ("eea-demo", "demo trading"), ("simulator", "local")],
)
def test_the_environment_is_named(tmp_path: Path, environment: str, words: str) -> None:
    findings = check_configuration(config_for(tmp_path, f'[account]\nenvironment = "{environment}"\n'))
    assert f"environment {environment} ({words})" in findings[0].text


def test_all_configuration_problems_are_failures(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text("[requests]\nmax_wait_ms = -1\n[logg]\n")
    status, text = report_of(file, SECRETS)
    assert status == 1
    assert text.count("FAIL") == 3
    assert "max_wait_ms: found -1" in text
    assert "did you mean 'log'?" in text


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory with a path short enough for sockets."""
    path = Path(tempfile.mkdtemp(prefix="gw"))
    yield path
    path.rmdir()


@pytest.mark.parametrize(
    ("mode", "group", "verdict"), [(0o700, False, "OK"), (0o755, False, "FAIL"), (0o750, True, "OK")]
)
def test_the_socket_directory(tmp_path: Path, folder: Path, mode: int, group: bool, verdict: str) -> None:
    folder.chmod(mode)
    text = f'[sockets]\ndir = "{folder}"\n' + ('group = "root"\n' if group else "")
    findings = [found for found in check_configuration(config_for(tmp_path, text)) if "[sockets]" in found.text]
    assert [found.verdict for found in findings] == [verdict]
    assert verdict == "OK" or findings[0].fix == f"run: chmod 700 {folder}"


def test_a_socket_directory_that_is_a_file(tmp_path: Path) -> None:
    findings = check_configuration(config_for(tmp_path, '[sockets]\ndir = "/etc/passwd"\n'))
    assert any("is not a directory" in finding.text for finding in findings)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_socket_directory_of_another_user(tmp_path: Path, folder: Path) -> None:
    os.chown(folder, 12345, -1)
    findings = check_configuration(config_for(tmp_path, f'[sockets]\ndir = "{folder}"\n'))
    assert any("belongs to uid 12345" in finding.text for finding in findings)


def test_limits_above_the_published_ones_warn(tmp_path: Path) -> None:
    findings = check_configuration(config_for(tmp_path, "[limits]\nplace_per_2s = 61\ncancel_per_2s = 60\n"))
    warned = [finding.text for finding in findings if finding.verdict == "WARN"]
    assert warned == ["[limits] place_per_2s = 61 is above OKX's published 60"]


def test_a_ca_file_without_a_certificate_fails(tmp_path: Path) -> None:
    findings = check_configuration(config_for(tmp_path, '[account]\nca_file = "gateway.toml"\n'))
    assert any(finding.verdict == "FAIL" and "ca_file" in finding.text for finding in findings)


class RunningExchange:
    """A simulated exchange in a separate thread, since `run_check` has its own event loop."""

    def __init__(self, config: SimConfig) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.exchange = SimulatedExchange(config)
        asyncio.run_coroutine_threadsafe(self.exchange.start(), self._loop).result(30)

    def environ(self, **more: str) -> dict[str, str]:
        scheme = "s" if self.exchange.certificate else ""
        urls = {
            "OKX_GATEWAY__ACCOUNT__REST_URL": f"http{scheme}://127.0.0.1:{self.exchange.port}",
            "OKX_GATEWAY__ACCOUNT__WS_PRIVATE_URL": self.exchange.ws_url("private"),
            "OKX_GATEWAY__ACCOUNT__INST_TYPES": '["SPOT", "SWAP"]',
        }
        return {**SECRETS, **urls, **more}

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.exchange.stop(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningExchange]:
    tls_dir = tmp_path_factory.mktemp("tls")
    running = RunningExchange(
        SimConfig(accounts=(AccountSpec("1", KEYS),), tls_dir=tls_dir, skew_ms=120_000, rest_limits=False)
    )
    yield running
    running.stop()


def test_online_over_tls_with_a_skewed_clock(exchange: RunningExchange) -> None:
    assert exchange.exchange.certificate is not None
    environ = exchange.environ(OKX_GATEWAY__ACCOUNT__CA_FILE=str(exchange.exchange.certificate.ca))
    status, text = report_of(None, environ, online=True)
    assert status == 0, text
    assert "connected and logged in" in text
    assert "account mode: Futures" in text
    assert "SWAP, " in text
    assert "ahead of this machine's" in text


def test_online_with_a_read_only_key_fails(exchange: RunningExchange) -> None:
    assert exchange.exchange.certificate is not None
    environ = exchange.environ(
        OKX_GATEWAY__ACCOUNT__CA_FILE=str(exchange.exchange.certificate.ca),
        OKX_API_KEY="read",
    )
    status, text = report_of(None, environ, online=True)
    assert status == 1
    assert "no trade permission" in text


def test_online_with_an_unknown_key_names_region_and_environment(exchange: RunningExchange) -> None:
    assert exchange.exchange.certificate is not None
    environ = exchange.environ(
        OKX_GATEWAY__ACCOUNT__CA_FILE=str(exchange.exchange.certificate.ca),
        OKX_API_KEY="other",
    )
    status, text = report_of(None, environ, online=True)
    assert status == 1
    assert "50119" in text
    assert "60032" in text
    assert 'unknown in environment "simulator"' in text


def test_online_without_the_right_authority_refuses_the_certificate(exchange: RunningExchange) -> None:
    status, text = report_of(None, exchange.environ(), online=True)
    assert status == 1
    assert "CERTIFICATE_VERIFY_FAILED" in text
    assert text.count("FAIL  ") == 2


def test_online_is_skipped_after_a_failure(folder: Path) -> None:
    folder.chmod(0o777)
    status, text = report_of(None, {**SECRETS, "OKX_GATEWAY__SOCKETS__DIR": str(folder)}, online=True)
    assert status == 1
    assert "the online part was skipped" in text
