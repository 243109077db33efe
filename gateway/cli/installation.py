"""The installation, as `okx-gateway check` reports it. It needs nothing compiled itself."""

from __future__ import annotations

import importlib
import importlib.metadata
import pkgutil
import re
import sys
from collections.abc import Callable
from typing import Final

from gateway.okx.account import Finding

DISTRIBUTION: Final = "okx-gateway"


def report_installation(write: Callable[[str], object]) -> bool:
    """Prints the findings; True if nothing failed."""
    findings = check_installation()
    for finding in findings:
        write(format_finding(finding))
    return all(finding.verdict != "FAIL" for finding in findings)


def format_finding(finding: Finding) -> str:
    fix = f"\n       fix: {finding.fix}" if finding.fix else ""
    return f"{finding.verdict:<4}  {finding.text}{fix}\n"


def check_installation() -> list[Finding]:
    """The compiled part, and picows in the version that it was built against."""
    return [_compiled_finding(), _picows_finding()]


def _compiled_finding() -> Finding:
    package = importlib.import_module("gateway._fast")
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    names = sorted(module.name for module in found if not module.ispkg)
    if "gateway._fast.base.signing" not in names:
        return Finding("FAIL", "the compiled part (gateway._fast) is missing", "install the wheel, or run: make build")
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:  # any error of a module built for another platform
            text = f"compiled module {name} does not load: {type(error).__name__}: {error}"
            return Finding("FAIL", text, "run: make build")
    return Finding("OK", f"compiled part: {len(names)} modules, Python {sys.version.split()[0]}")


def _picows_finding() -> Finding:
    try:
        installed = importlib.metadata.version("picows")
    except importlib.metadata.PackageNotFoundError:
        return Finding("FAIL", "picows is not installed", "run: make build")
    try:
        requirements = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        return Finding("WARN", f"picows {installed}; {DISTRIBUTION} itself is not installed, so its pin is unknown")
    pins = [match[1] for text in requirements if (match := re.match(r"picows==([\w.]+)", text))]
    if pins and installed != pins[0]:
        return Finding("FAIL", f"picows {installed}, built against {pins[0]}", f"run: pip install picows=={pins[0]}")
    return Finding("OK", f"picows {installed}, as pinned")
