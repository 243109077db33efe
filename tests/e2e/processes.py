"""The programs under test as separate processes: the simulated exchange, and the gateway, on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

from gateway.sim.hosting.tied_process import tied

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0  # many processes can start at once
POLL_S = 0.01
PROGRAM = ("-m", "gateway")
UID = "1000000000000001"
API_KEY, SECRET_KEY, PASSPHRASE = "sim-api-key-0001", "SIMULATED-SECRET-0001", "simulated"
SECRETS = {"OKX_API_KEY": API_KEY, "OKX_SECRET_KEY": SECRET_KEY, "OKX_PASSPHRASE": PASSPHRASE}

# No waiting for tokens in tests of other features; the simulator then runs with --limiter-window off.
UNLIMITED = {"limits": {"window_ms": 1, "margin_ms": 0}}

Settings = Mapping[str, Any]
Found = TypeVar("Found")


def wait_until(wanted: Callable[[], Found], goal: str, patience_s: float = PATIENCE_S) -> Found:
    """The first true value of `wanted`, asked repeatedly."""
    deadline = time.monotonic() + patience_s
    while not (found := wanted()):
        assert time.monotonic() < deadline, f"not within {patience_s} s: {goal}"
        time.sleep(POLL_S)
    return found


class Process:
    """A child with its output in a file, ended by its own pid, or by the end of the thread that started it."""

    def __init__(
        self, command: list[str], environ: Mapping[str, str], output: Path, program: Sequence[str] = PROGRAM
    ) -> None:
        self.output_path = output
        with output.open("ab") as sink:
            arguments = [sys.executable, *program, *command]
            self._child = subprocess.Popen(tied(arguments), cwd=ROOT, env=dict(environ), stdout=sink, stderr=sink)

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def output(self) -> str:
        return self.output_path.read_text("utf-8", "replace")

    @property
    def is_running(self) -> bool:
        return self._child.poll() is None

    def signal(self, number: signal.Signals) -> None:
        self._child.send_signal(number)

    def wait(self, patience_s: float = PATIENCE_S) -> int:
        """The exit status."""
        try:
            return self._child.wait(patience_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"pid {self.pid} did not end:\n{self.output[-3_000:]}") from None

    def terminate(self) -> int:
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """In any state, even stopped."""
        if self.is_running:
            self._child.kill()
            self._child.wait(PATIENCE_S)


class Exchange(Process):
    """`okx-gateway sim`, commanded and read over its control endpoint. No other market participants unless configured."""

    def __init__(self, directory: Path, *options: str) -> None:
        ready = directory / "exchange.json"
        arguments = ["sim", "--port", "0", "--ready-file", str(ready), "--market-rate", "0", *options]
        super().__init__(arguments, _environ({}), directory / "exchange.log")
        wait_until(lambda: ready.exists() or not self.is_running, "the simulator listens")
        assert self.is_running, self.output
        self.addresses: dict[str, str] = json.loads(ready.read_text())
        ca_file = self.addresses["ca"]
        self._tls = ssl.create_default_context(cafile=ca_file) if ca_file else None

    def _http(self, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Any:
        request = urllib.request.Request(url, body, dict(headers or {}))
        with urllib.request.urlopen(request, timeout=PATIENCE_S, context=self._tls) as answer:
            return json.load(answer)

    def command(self, verb: str, **params: Any) -> Any:
        return self._http(f"{self.addresses['control']}/{verb}", json.dumps(params).encode())["result"]

    def view(self, name: str) -> Any:
        return self._http(f"{self.addresses['control']}/{name}")

    def instruments(self, inst_type: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._http(
            f"{self.addresses['rest']}/api/v5/public/instruments?instType={inst_type}"
        )["data"]
        return rows

    def place_by_rest(self, skew_ms: int = 0, **row: str) -> str:
        """An order of the same account placed without the gateway; its ordId. `skew_ms`: the exchange's clock minus ours."""
        path, body = "/api/v5/trade/order", json.dumps(row).encode()
        stamp = (
            (datetime.now(UTC) + timedelta(milliseconds=skew_ms))
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z")
        )
        digest = hmac.new(SECRET_KEY.encode(), f"{stamp}POST{path}".encode() + body, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "OK-ACCESS-KEY": API_KEY,
            "OK-ACCESS-TIMESTAMP": stamp,
            "OK-ACCESS-SIGN": base64.b64encode(digest).decode(),
            "OK-ACCESS-PASSPHRASE": PASSPHRASE,
        }
        ord_id: str = self._http(self.addresses["rest"] + path, body, headers)["data"][0]["ordId"]
        return ord_id

    def ledger(self, kind: str, since: int = 0) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.view(f"ledger?type={kind}&since={since}")
        return rows

    def next_record(self) -> int:
        """The number that the ledger's next record will have."""
        records = self.view("ledger")
        return records[-1]["n"] + 1 if records else 0

    def live_orders(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.view(f"orders?live=1&uid={UID}")
        return rows

    def logins(self, path: str = "private") -> list[dict[str, Any]]:
        return [one for one in self.ledger("session") if one["event"] == "login" and one["path"] == path]

    def account_settings(self) -> dict[str, Any]:
        return account_settings(self.addresses)


def account_settings(addresses: Mapping[str, str]) -> dict[str, Any]:
    """The [account] keys of a gateway at a simulated exchange."""
    urls = {f"ws_{name}_url": f"{addresses['ws']}/ws/v5/{name}" for name in ("private", "public", "business")}
    return {"environment": "simulator", "rest_url": addresses["rest"], **urls}


class HasAccountSettings(Protocol):
    def account_settings(self) -> dict[str, Any]: ...


class Gateway(Process):
    """`okx-gateway run` (or another command) with the settings given, over the account's default ones."""

    def __init__(
        self,
        directory: Path,
        exchange: HasAccountSettings | None,
        settings: Settings | None = None,
        *,
        secrets: Mapping[str, str] = SECRETS,
        command: tuple[str, ...] = ("run",),
        name: str = "gateway",
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self.sockets = directory / "s"
        account = exchange.account_settings() if exchange is not None else {}
        merged: dict[str, Any] = {"account": account, "sockets": {"dir": str(self.sockets)}}
        for section, values in (settings or {}).items():
            merged[section] = {**merged.get(section, {}), **values} if isinstance(values, Mapping) else values
        config = directory / f"{name}.toml"
        config.write_text(toml(merged))
        super().__init__([*command, "--config", str(config)], _environ(secrets), directory / f"{name}.log", program)

    @property
    def orders_address(self) -> str:
        return f"ipc://{self.sockets}/orders"

    @property
    def events_address(self) -> str:
        return f"ipc://{self.sockets}/events"

    @property
    def last_words(self) -> str:
        """The reason of its end, which it prints beside its log."""
        return "\n".join(line for line in self.output.splitlines() if line.startswith("okx-gateway: "))

    def check_output(self) -> None:
        """It logged no defect, and no secret."""
        text = self.output
        first = min((at for word in ("Traceback", " CRITICAL ") if (at := text.find(word)) >= 0), default=None)
        assert first is None, text[max(first - 1_000, 0) : first + 4_000]
        assert SECRET_KEY not in text and API_KEY not in text


def _environ(more: Mapping[str, str]) -> dict[str, str]:
    """This environment, without a gateway's configuration, and without the machine's own certificate authorities.

    Nothing here connects to anything outside; aiohttp would read all of them at each start, for a fifth of a second.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OKX_", "CREDENTIALS_"))}
    return {**kept, "SSL_CERT_FILE": os.devnull, **more}


def toml(settings: Settings) -> str:
    """Sections of plain values, and lists of sections. JSON's texts, numbers and lists read the same in TOML."""
    lines: list[str] = []
    for section, values in settings.items():
        tables = values if isinstance(values, list) else [values]
        for table in tables:
            lines.append(f"[[{section}]]" if isinstance(values, list) else f"[{section}]")
            lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


@contextmanager
def short_directory() -> Iterator[Path]:
    """A socket's path has at most 107 bytes; pytest's own directories are almost as long."""
    directory = Path(tempfile.mkdtemp(prefix="e2e-", dir="/tmp"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def running(process: Found) -> Iterator[Found]:
    """The process always ends."""
    assert isinstance(process, Process)
    try:
        yield process
    finally:
        process.kill()
