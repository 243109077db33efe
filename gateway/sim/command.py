"""The command line of the simulated exchange."""

from __future__ import annotations

import argparse
import asyncio
import errno
import gc
import importlib.util
import json
import os
import signal
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path

from gateway.sim.base.configuration import DEFAULT_BALANCES, AccountSpec, SimConfig, Switches, default_accounts
from gateway.sim.base.formats import parse_decimal
from gateway.sim.hosting.server import SimulatedExchange

PORT_DEFAULT = 18_480  # where a gateway with environment "simulator" looks for it
GARBAGE_ALLOCATIONS = 100_000  # between two looks at the youngest objects


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `okx-gateway sim`."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port",
        type=int,
        default=PORT_DEFAULT,
        help="port to listen on, 0 for one that is free (default: %(default)s)",
    )
    parser.add_argument("--tls", type=Path, metavar="DIR", help="serve TLS; a CA and a certificate are made in DIR")
    parser.add_argument("--demo", action="store_true", help="stand for the demo environment")
    parser.add_argument("--acct-lv", choices=("1", "2", "3", "4"), default="2", help="account mode (default: 2)")
    parser.add_argument("--pos-mode", choices=("net_mode", "long_short_mode"), default="net_mode")
    parser.add_argument("--lever", default="10", help="leverage until set (default: %(default)s)")
    parser.add_argument("--balance", action="append", default=[], metavar="CCY=AMOUNT", help="replaces that balance")
    parser.add_argument("--empty", action="store_true", help="accounts begin with nothing but what --balance gives")
    parser.add_argument("--seed", type=int, default=1, help="seed of faults (default: 1)")
    parser.add_argument("--scenario", type=Path, metavar="FILE", help="faults by chance and by step (TOML or JSON)")
    parser.add_argument("--market-seed", type=int, default=1, help="seed of the background market (default: 1)")
    parser.add_argument(
        "--market-rate", type=float, default=2.0, help="background actions per second and instrument; 0 turns it off"
    )
    parser.add_argument("--market-levels", type=int, default=0, help="levels of the background market per side")
    parser.add_argument("--limiter-window", choices=("sliding", "fixed", "off"), default="sliding")
    parser.add_argument("--push-first", type=float, default=0.0, metavar="P", help="probability of push before ack")
    parser.add_argument("--skew-ms", type=int, default=0, help="the exchange's clock minus the true time")
    parser.add_argument("--idle-timeout", type=float, default=30.0, metavar="S", help="seconds until close 4004")
    parser.add_argument("--ledger", type=Path, metavar="FILE", help="append the truth ledger here (JSON lines)")
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="write the addresses here once listening")


def main(args: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT."""
    try:
        config = config_from(args)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    fast = importlib.util.find_spec("uvloop") is not None
    run = importlib.import_module("uvloop").run if fast else asyncio.run
    try:
        return int(run(_serve(config, args.ready_file)))
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(_why_not(error, config), file=sys.stderr)
        return 1


def _why_not(error: OSError, config: SimConfig) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"error: port {config.port} of {config.host} is taken, perhaps by another simulator; "
            "end that, or choose another port with --port (0: one that is free)"
        )
    return f"error: {error}"


def config_from(args: argparse.Namespace) -> SimConfig:
    balances = {} if args.empty else dict(DEFAULT_BALANCES)
    for text in args.balance:
        ccy, _, amount = text.partition("=")
        try:
            balances[ccy] = Decimal(amount)
        except InvalidOperation:
            raise ValueError(f"--balance {text}: expected CCY=AMOUNT") from None
    lever = parse_decimal(args.lever)
    if lever is None or lever < 1:
        raise ValueError(f"--lever {args.lever}: expected a decimal from 1")
    accounts = tuple(
        AccountSpec(
            spec.uid,
            tuple(type(key)(key.key, key.secret, key.passphrase, key.permissions, args.demo) for key in spec.api_keys),
            acct_lv=args.acct_lv,
            pos_mode=args.pos_mode,
            lever=lever,
            balances=balances,
        )
        for spec in default_accounts()
    )
    return SimConfig(
        host=args.host,
        port=args.port,
        tls_dir=args.tls,
        demo=args.demo,
        seed=args.seed,
        scenario=args.scenario,
        accounts=accounts,
        switches=Switches(limiter_window=args.limiter_window, push_first_probability=args.push_first),
        market_seed=args.market_seed,
        market_rate=args.market_rate,
        market_levels=args.market_levels,
        skew_ms=args.skew_ms,
        idle_timeout_s=args.idle_timeout,
        ledger_path=args.ledger,
    )


def _collect_garbage_rarely() -> None:
    """Records and finished orders are kept by the hundred thousand and hardly any of them are ever part of a cycle: to
    walk them all as often as Python does by default takes a tenth of the processor."""
    gc.freeze()
    gc.set_threshold(GARBAGE_ALLOCATIONS, 50, 50)


async def _serve(config: SimConfig, ready_file: Path | None) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with SimulatedExchange(config) as sim:
        addresses = sim.addresses()
        _collect_garbage_rarely()
        if ready_file is not None:
            _write_atomically(ready_file, json.dumps(addresses))
        for label, address in addresses.items():
            if address:
                print(f"{label:8} {address}", flush=True)
        await stop.wait()
    return 0


def _write_atomically(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(text + "\n")
    os.replace(partial, path)
