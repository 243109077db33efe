"""The command line: `okx-gateway run | check | journal | explain | sim`."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gateway import __version__
from gateway.errors import ConfigError


def build_parser(for_simulator: bool) -> argparse.ArgumentParser:
    """Only `sim` needs the simulator's options: the other commands start faster without its modules."""
    parser = argparse.ArgumentParser(prog="okx-gateway", description="An OKX V5 order gateway for ZeroMQ strategies.")
    parser.add_argument("--version", action="version", version=f"okx-gateway {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="serve one OKX account", description="Serves one OKX account until SIGTERM.")
    _add_config(run)
    check = commands.add_parser("check", help="report each fault of the configuration, and its place")
    _add_config(check)
    check.add_argument("--online", action="store_true", help="also log in, and report the account's settings")
    journal = commands.add_parser("journal", help="list, follow, filter, export and verify the journal's records")
    explain = commands.add_parser("explain", help="print one order's audit trail, from the journal")
    importlib.import_module("gateway.journal.arguments").add_arguments(journal)
    importlib.import_module("gateway.journal.arguments").add_explain_arguments(explain)
    sim = commands.add_parser("sim", help="run the simulated exchange")
    if for_simulator:
        importlib.import_module("gateway.sim.command").add_arguments(sim)
    return parser


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="the TOML file (default: environment variables alone)"
    )


def _needs_compiled(module: str, run: Callable[[Any], int]) -> int:
    try:
        imported = importlib.import_module(module)
    except ImportError as error:
        print(
            f"okx-gateway: the compiled part cannot be loaded: {error}\n"
            "Install a wheel for this Python, or build in the source tree: make build",
            file=sys.stderr,
        )
        return 1
    return int(run(imported))


def _check(args: argparse.Namespace) -> int:
    """The installation first: the rest of the check needs the compiled part."""
    is_installed = importlib.import_module("gateway.cli.installation").report_installation(sys.stdout.write)
    if not importlib.util.find_spec("gateway._fast.base.signing"):
        return 1
    check = importlib.import_module("gateway.cli.check")
    return int(check.run_check(args.config, args.online, failed=not is_installed))


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0 success, 1 OKX or the installation prevents it, 2 wrong configuration or usage."""
    words = sys.argv[1:] if argv is None else argv
    args = build_parser("sim" in words).parse_args(words)
    try:
        if args.command == "run":
            return _needs_compiled("gateway.process.service", lambda service: service.run_gateway(args.config))
        if args.command == "check":
            return _check(args)
        if args.command in ("journal", "explain"):
            return _needs_compiled(
                "gateway.journal.command",
                lambda journal: journal.explain(args) if args.command == "explain" else journal.run(args),
            )
        return int(importlib.import_module("gateway.sim.command").main(args))
    except ConfigError as error:
        print(f"okx-gateway: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(f"okx-gateway: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
