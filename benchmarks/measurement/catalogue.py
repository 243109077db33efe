"""What is measured: every subject with its command, and every ratio with its parts."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.exchange.order_rows import INST_ID
from benchmarks.native import programs

# A strategy waits so long for an event: more than a cold rate-limit window and a reconciliation take together.
EVENT_TIMEOUT_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a subject finds its counterparts."""

    directory: Path
    """Empty, the subject's own."""
    acker_url: str
    """An acker that pushes nothing."""
    gateway_sockets: Path
    """The gateway's `[sockets] dir`."""


@dataclass(frozen=True, slots=True)
class SubjectEntry:
    """`command` gives the child process that `subject.Subject` drives."""

    name: str
    what: str
    command: Callable[[Place], list[str | Path]]


def _python(module: str, *arguments: str | Path) -> list[str | Path]:
    return [sys.executable, "-m", f"benchmarks.subjects.{module}", *arguments]


def _floor(way: str) -> Callable[[Place], list[str | Path]]:
    return lambda place: [programs.build("ipc_floor"), way, place.directory, programs.libzmq_path()]


def strategy_in_c(sockets: Path, name: str, timeout_ms: int = EVENT_TIMEOUT_MS) -> list[str | Path]:
    """A strategy in C that trades through the gateway behind `sockets`."""
    return [programs.build("strategy"), sockets, name, INST_ID, programs.libzmq_path(), str(timeout_ms)]


def strategy_in_python(sockets: Path, name: str, timeout_ms: int = EVENT_TIMEOUT_MS) -> list[str | Path]:
    """The same with pyzmq."""
    return _python("pyzmq_strategy", sockets, name, str(timeout_ms))


SUBJECTS: Final = (
    SubjectEntry("ipc_unix", "unix socket, C to C", _floor("unix")),
    SubjectEntry("ipc_pair", "libzmq IPC, C to C, PAIR to PAIR", _floor("pair")),
    SubjectEntry("ipc_gateway", "libzmq IPC, C to C, DEALER to ROUTER, XPUB to SUB", _floor("gateway")),
    SubjectEntry("picows", "picows to the acker, no gateway", lambda p: _python("picows_direct", p.acker_url)),
    SubjectEntry(
        "gateway_c", "strategy in C, gateway, acker, and back", lambda p: strategy_in_c(p.gateway_sockets, "bench-c")
    ),
    SubjectEntry(
        "gateway_pyzmq",
        "strategy with pyzmq, gateway, acker, and back",
        lambda p: strategy_in_python(p.gateway_sockets, "bench-pyzmq"),
    ),
    SubjectEntry("python_okx", "python-okx in process", lambda p: _python("python_okx", p.acker_url)),
    SubjectEntry("ccxt_pro", "ccxt pro in process", lambda p: _python("ccxt_pro", p.acker_url)),
)
NEEDS_GATEWAY: Final = frozenset({"gateway_c", "gateway_pyzmq"})


@dataclass(frozen=True, slots=True)
class RatioEntry:
    """p50 of one subject over the sum of the p50 of others, each taken in the same round."""

    name: str
    what: str
    above: str
    below: tuple[str, ...]


RATIOS: Final = (
    RatioEntry("headline", "gateway / (PAIR floor + picows floor)", "gateway_c", ("ipc_pair", "picows")),
    RatioEntry("same_sockets", "gateway / (ROUTER, XPUB floor + picows floor)", "gateway_c", ("ipc_gateway", "picows")),
    RatioEntry("pyzmq", "gateway from pyzmq / (PAIR floor + picows floor)", "gateway_pyzmq", ("ipc_pair", "picows")),
    RatioEntry("python_okx", "python-okx in process / gateway", "python_okx", ("gateway_c",)),
    RatioEntry("ccxt_pro", "ccxt pro in process / gateway", "ccxt_pro", ("gateway_c",)),
)
HEADLINE_AIM: Final = 1.25
