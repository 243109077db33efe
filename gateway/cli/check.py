"""`okx-gateway check`: reports whether this machine and configuration can run, and with --online, the account.

Every line is OK, WARN or FAIL; WARN and FAIL name their fix. Exit status 1 if any line is FAIL.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.metadata
import os
import stat
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from gateway.cli.installation import format_finding
from gateway.config.loading import Config, load_config
from gateway.config.model import LimitsConfig
from gateway.connections.login_probe import probe_login
from gateway.connections.rest import RestClient
from gateway.connections.tls import tls_context
from gateway.errors import ConfigError, GatewayError, VenueError
from gateway.okx.account import Finding
from gateway.okx.error_codes import describe
from gateway.okx.event_frames import LoggedIn, Sign
from gateway.process.account_report import describe_account, explain

_NS_PER_S: Final = 1_000_000_000

# OKX docs, Overview, "Rate Limits", and each trade endpoint: the published limits are the defaults of [limits].
_LIMIT_KEYS: Final = ("place_per_2s", "cancel_per_2s", "amend_per_2s", "batch_rows_per_2s", "mass_cancel_per_2s")


def run_check(
    config_path: Path | None,
    online: bool,
    environ: Mapping[str, str] = os.environ,
    write: Callable[[str], object] = sys.stdout.write,
    *,
    failed: bool = False,
) -> int:
    """Prints each line as soon as it is known; returns 0 if nothing failed. `failed`: the installation has."""

    def report(finding: Finding) -> None:
        nonlocal failed
        failed = failed or finding.verdict == "FAIL"
        write(format_finding(finding))

    try:
        config = load_config(config_path, environ)
    except ConfigError as error:
        title, *problems = str(error).splitlines()
        report(Finding("FAIL", title))
        for problem in problems:
            report(Finding("FAIL", problem.strip()))
        return 1
    for finding in check_configuration(config):
        report(finding)
    if online and not failed:
        asyncio.run(check_online(config, report))
    elif online:
        report(Finding("WARN", "the online part was skipped", "fix the failures above first"))
    return 1 if failed else 0


def check_configuration(config: Config) -> list[Finding]:
    """The configuration's main values, the socket directory, and limits above OKX's published ones."""
    account = config.account
    trading = "demo trading" if account.simulated_trading else "production" if account.environment in _REAL else "local"
    strategies = ", ".join(f"{entry.name} ({entry.number})" for entry in config.strategy) or "none named"
    default = "; any other name of this user is granted" if config.default_strategy.enabled else ""
    findings = [
        Finding("OK", f"account {account.name}: environment {account.environment} ({trading})"),
        Finding("OK", f"addresses: {account.endpoints.ws_private_url} and {account.endpoints.rest_url}"),
        Finding("OK", "api_key, secret_key and passphrase are set"),
        Finding("OK", f"strategies: {strategies}{default}"),
        _socket_dir_finding(config.sockets.dir, config.sockets.group is not None),
        *_limit_findings(config.limits),
    ]
    try:
        tls_context(account.ca_file)
    except ConfigError as error:
        findings.append(Finding("FAIL", str(error), "name a PEM file, or remove the key"))
    return findings


_REAL: Final = ("global", "eea", "us")


async def check_online(config: Config, report: Callable[[Finding], None]) -> None:
    """Logs in over WebSocket and reads the account over REST."""
    sign: Sign = importlib.import_module("gateway._fast.base.signing").sign
    tls = tls_context(config.account.ca_file)
    rest = RestClient(
        config.account.endpoints, config.credentials, sign, timeout_ms=config.session.rest_timeout_ms, tls=tls
    )
    async with rest:
        try:
            account_report = await describe_account(rest, config.account, config.limits)
        except VenueError as error:
            report(Finding("FAIL", f"REST: {explain(error)}", _environment_fix(error.code, config.account.environment)))
        except GatewayError as error:
            report(Finding("FAIL", f"REST: {error}", "check the network, rest_url and okx.com/status"))
        else:
            for finding in account_report.findings:
                report(finding)
        report(await _login_finding(config, sign, rest.venue_now_ns() // _NS_PER_S))


async def _login_finding(config: Config, sign: Sign, timestamp_s: int) -> Finding:
    url = config.account.endpoints.ws_private_url
    started_ns = time.monotonic_ns()
    try:
        answer = await probe_login(
            url,
            config.credentials,
            sign,
            timestamp_s=timestamp_s,
            timeout_ms=config.session.connect_timeout_ms + config.session.login_timeout_ms,
            tls=tls_context(config.account.ca_file),
        )
    except GatewayError as error:
        return Finding("FAIL", f"WebSocket: {error}", "check the network, ws_private_url and okx.com/status")
    if isinstance(answer, LoggedIn):
        taken_ms = (time.monotonic_ns() - started_ns) // 1_000_000
        return Finding("OK", f"WebSocket: connected and logged in within {taken_ms} ms")
    fix = _environment_fix(answer.code, config.account.environment)
    return Finding("FAIL", f"WebSocket login: {describe(answer.code, answer.msg)}", fix)


def _environment_fix(code: str, environment: str) -> str:
    """The fix for the codes that a key gets in a wrong region or environment (OKX docs, Error Code)."""
    if code in ("50119", "60032"):
        return f'the key is unknown in environment "{environment}": set the one used at registration'
    if code == "50101":
        other = environment.removesuffix("-demo") if environment.endswith("-demo") else f"{environment}-demo"
        return f'this key is not for environment "{environment}": set "{other}", or use a key made for this one'
    return ""


def _socket_dir_finding(path: Path, has_group: bool) -> Finding:
    try:
        status = path.stat()
    except FileNotFoundError:
        return _creatable_finding(path)
    except OSError as error:
        return Finding("FAIL", f"[sockets] dir {path}: {error.strerror}", "choose another directory")
    allowed = 0o750 if has_group else 0o700
    mode = stat.S_IMODE(status.st_mode)
    if not stat.S_ISDIR(status.st_mode):
        return Finding("FAIL", f"[sockets] dir {path} is not a directory", "remove it, or choose another")
    if status.st_uid != os.geteuid():
        return Finding(
            "FAIL", f"[sockets] dir {path} belongs to uid {status.st_uid}", f"run: chown {os.geteuid()} {path}"
        )
    if mode & ~allowed:
        return Finding("FAIL", f"[sockets] dir {path} has mode {mode:04o}", f"run: chmod {allowed:o} {path}")
    return Finding("OK", f"[sockets] dir {path} (mode {mode:04o})")


def _creatable_finding(path: Path) -> Finding:
    parent = next(candidate for candidate in path.parents if candidate.exists())
    if os.access(parent, os.W_OK | os.X_OK):
        return Finding("OK", f"[sockets] dir {path} does not exist yet; the gateway will create it")
    return Finding(
        "FAIL", f"[sockets] dir {path} cannot be created: {parent} is not writable", "choose another directory"
    )


def _limit_findings(limits: LimitsConfig) -> list[Finding]:
    findings = []
    for key in _LIMIT_KEYS:
        published, configured = LimitsConfig.model_fields[key].default, getattr(limits, key)
        if configured > published:
            text = f"[limits] {key} = {configured} is above OKX's published {published}"
            findings.append(Finding("WARN", text, "lower it unless OKX granted you a higher limit"))
    return findings
