"""Pure. The options of `okx-gateway journal` and `okx-gateway explain`; nothing here needs the compiled part."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gateway.journal.record_types import Kind

TYPES: Final = tuple(kind.name.lower() for kind in Kind)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `okx-gateway journal`."""
    commands = parser.add_subparsers(dest="journal_command", required=True, metavar="COMMAND")
    _add_place(commands.add_parser("list", help="the files, with the records of each"))
    verify = commands.add_parser("verify", help="read everything; name damaged or missing records (exit status 1)")
    _add_place(verify)
    follow = commands.add_parser("follow", help="records as they are written, as JSON lines, until Ctrl-C")
    _add_place(follow)
    _add_filters(follow)
    follow.add_argument("--from-start", action="store_true", help="also show the records that are already there")
    wanted = commands.add_parser("filter", help="the records that match, as JSON lines")
    _add_place(wanted)
    _add_filters(wanted)
    export = commands.add_parser("export", help="write the records that match to a file")
    _add_place(export)
    _add_filters(export)
    export.add_argument("--format", choices=("jsonl", "parquet"), default="jsonl")
    export.add_argument("--out", type=Path, required=True, metavar="FILE")


def add_explain_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `okx-gateway explain`."""
    parser.add_argument("key", help="a clOrdId, ordId, algoClOrdId or algoId, or the id of a request")
    parser.add_argument("--strategy", help="if several strategies used this request id: only this strategy's request")
    parser.add_argument("--json", action="store_true", help="JSON instead of text")
    _add_place(parser)


def _add_place(parser: argparse.ArgumentParser) -> None:
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--config", type=Path, metavar="FILE", help="the gateway's TOML file")
    place.add_argument("--dir", type=Path, metavar="DIR", help="the journal's directory")


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--type", action="append", choices=TYPES, default=[], help="of this type; may be repeated")
    parser.add_argument("--strategy", action="append", default=[], help="of this strategy (or account, gateway)")
    parser.add_argument("--topic", default="", help="events whose topic begins with this text")
    parser.add_argument("--text", action="append", default=[], help="with this id, instId or other complete text")
    parser.add_argument("--since", type=moment, default=0, metavar="TIME", help="ISO 8601 (default zone UTC) or ns")
    parser.add_argument("--until", type=moment, default=1 << 63, metavar="TIME", help="before this")


def moment(text: str) -> int:
    """Unix time in ns from ISO 8601 or from digits."""
    if text.isdigit():
        return int(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither ISO 8601 nor a number of ns") from None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1_000
