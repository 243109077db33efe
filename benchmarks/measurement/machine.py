"""What a result belongs to: the machine, the commit, the versions, and how busy the machine was."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

import zmq

from benchmarks.native import programs

DISTRIBUTIONS: Final = ("okx-gateway", "picows", "uvloop", "pyzmq", "aiohttp", "python-okx", "websockets", "ccxt")


@dataclass(frozen=True, slots=True)
class Commit:
    """`hash` is empty outside a git repository; `modified` says that the tree differs from it."""

    hash: str
    modified: bool


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """Seconds since boot, all cores together: what ran, and what the host took away."""

    busy: float
    idle: float
    steal: float


def facts() -> dict[str, str | int]:
    """The machine in words."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count() or 0,
        "system": platform.platform(),
        "arch": platform.machine(),
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor()


def versions() -> dict[str, str]:
    """Of everything whose speed shows in the numbers."""
    found = {"python": platform.python_version(), "libzmq": zmq.zmq_version(), "compiler": _compiler_version()}
    for name in DISTRIBUTIONS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def _compiler_version() -> str:
    output = subprocess.run([programs.compiler(), "--version"], capture_output=True, text=True, check=True).stdout
    return output.splitlines()[0]


def commit() -> Commit:
    """The checked-out commit."""
    return Commit(_git("rev-parse", "--verify", "HEAD").strip(), _git("status", "--porcelain") != "")


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(Path(__file__).parent), *arguments]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return result.stdout if result.returncode == 0 else ""


def cpu_times() -> CpuTimes:
    """proc(5), /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal, in clock ticks."""
    fields = Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()[1:9]
    ticks = [int(field) / os.sysconf("SC_CLK_TCK") for field in fields]
    user, nice, system, idle, iowait, irq, softirq, steal = ticks
    return CpuTimes(user + nice + system + irq + softirq, idle + iowait, steal)
