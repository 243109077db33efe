"""`okx-gateway journal` and `okx-gateway explain`: they read a gateway's journal, also while the gateway runs."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import orjson

from gateway.config.loading import load_journal_config
from gateway.errors import ConfigError
from gateway.journal.audit_trail import Names, build_trail, find_orders, texts_of, timeline
from gateway.journal.export import write_lines, write_parquet
from gateway.journal.filters import Filters, Shown, shown_of
from gateway.journal.format import Header, Record
from gateway.journal.opening import is_written_now
from gateway.journal.segments import (
    Damage,
    SegmentReader,
    list_segments,
    only_records,
    read_header,
    read_journal,
)

FOLLOW_PERIOD_S: Final = 0.1


def directory_of(args: argparse.Namespace) -> Path:
    """The directory of `--dir`, else of the configuration. ConfigError if it holds no journal."""
    directory: Path = args.dir if args.dir is not None else load_journal_config(args.config, os.environ).dir
    if not list_segments(directory):
        raise ConfigError(f"there is no journal in {directory}: name its directory with --dir, or a --config file")
    return directory


def run(args: argparse.Namespace) -> int:
    """Exit status: 0 success, 1 the journal is damaged."""
    directory = directory_of(args)
    if args.journal_command == "list":
        return _list(directory)
    if args.journal_command == "verify":
        return _verify(directory)
    if args.journal_command == "follow":
        return _follow(directory, _filters(args), args.from_start)
    if args.journal_command == "filter":
        write_lines(_selected(directory, _filters(args)), sys.stdout)
        return 0
    if args.format == "parquet":
        count = write_parquet(_selected(directory, _filters(args)), args.out)
    else:
        with args.out.open("w", encoding="utf-8") as out:
            count = write_lines(_selected(directory, _filters(args)), out)
    print(f"{count} records written to {args.out}")
    return 0


def _filters(args: argparse.Namespace) -> Filters:
    return Filters(frozenset(args.type), frozenset(args.strategy), args.topic, tuple(args.text), args.since, args.until)


def _readable(directory: Path) -> Iterator[Record]:
    """The records. Damage is printed to standard error, so that no reader takes the records for complete."""
    for found in read_journal(directory):
        if isinstance(found, Record):
            yield found
        else:
            print(_describe(found), file=sys.stderr)


def _describe(damage: Damage) -> str:
    kind = "torn end" if damage.is_torn else "damaged"
    return f"{kind}: segment {damage.segment} at byte {damage.offset}: {damage.description}"


def _selected(directory: Path, filters: Filters) -> Iterator[Shown]:
    return (shown for record in _readable(directory) if (shown := filters.takes(record)) is not None)


def _list(directory: Path) -> int:
    print(f"{directory}{', written now' if is_written_now(directory) else ''}")
    print(f"{'segment':>10}  {'bytes':>12}  {'records':>23}  {'from (UTC)':<19}  {'to (UTC)':<19}  session")
    for file in list_segments(directory):
        reader = SegmentReader(file)
        try:
            header, size = read_header(file.path), file.path.stat().st_size
            records = list(only_records(reader.records()))
        except FileNotFoundError:
            continue
        span = f"{records[0].number}-{records[-1].number}" if records else "none"
        times = [_clock(records[0].ns), _clock(records[-1].ns)] if records else ["", ""]
        session = header.session if isinstance(header, Header) else f"({header})"
        print(f"{file.number:>10}  {size:>12}  {span:>23}  {times[0]:<19}  {times[1]:<19}  {session}")
    return 0


def _clock(ns: int) -> str:
    return f"{datetime.fromtimestamp(ns // 1_000_000_000, UTC):%Y-%m-%d %H:%M:%S}"


def _verify(directory: Path) -> int:
    count, damaged, torn = 0, 0, 0
    needed = kept_from = 0
    for found in read_journal(directory):
        if isinstance(found, Record):
            count += 1
            shown = shown_of(found)
            if "state" in shown:
                needed = int(shown["state"].get("from", 0)) or found.segment
                kept_from = max(kept_from, int(shown["state"].get("keptFrom", 0)))
            if "malformed" in shown:
                damaged += 1
                print(f"damaged: record {found.number} in segment {found.segment}: its content does not match its type")
            continue
        torn, damaged = torn + found.is_torn, damaged + (not found.is_torn)
        print(_describe(found))
    first = list_segments(directory)[0].number
    if needed and first > max(needed, kept_from):
        damaged += 1
        print(
            f"damaged: segments before {first} are missing, and an order or request that was still needed began there"
        )
    state = "damaged" if damaged else "complete, except for a torn end" if torn else "complete"
    print(f"{count} records: {state}")
    return 1 if damaged or torn else 0


def _follow(directory: Path, filters: Filters, from_start: bool) -> int:
    files = list_segments(directory)
    reader = SegmentReader(files[0] if from_start else files[-1])
    show = from_start
    while True:
        for record in only_records(reader.records()):
            shown = filters.takes(record) if show else None
            if shown is not None:
                print(orjson.dumps(shown).decode(), flush=True)
        show = True
        later = [file for file in list_segments(directory) if file.number > reader.file.number]
        following = next((file for file in later if list(only_records(SegmentReader(file).records()))), None)
        if following is not None and not list(only_records(reader.records())):
            reader = SegmentReader(following, last_record=reader.last_record)
            continue
        time.sleep(FOLLOW_PERIOD_S)


def explain(args: argparse.Namespace) -> int:
    """Exit status: 0 if the key is found, 1 if no record contains it."""
    directory = directory_of(args)
    texts, before = {args.key}, set[str]()
    records: list[Shown] = []
    orders: list[Names] = []
    while texts != before:  # each pass may learn another name of the same orders
        before = set(texts)
        records = [shown_of(record) for record in _bearing(directory, texts)]
        orders = [names for names in find_orders(records, args.key) if names.belongs_to(args.strategy)]
        texts |= {text for names in orders for text in texts_of(names)}
    if not orders:
        print(f"okx-gateway: the journal in {directory} has no record of {args.key!r}", file=sys.stderr)
        return 1
    trails = [build_trail(records, names) for names in orders]
    if args.json:
        print(orjson.dumps([trail.as_json() for trail in trails], option=orjson.OPT_INDENT_2).decode())
    else:
        print("\n\n".join(timeline(trail) for trail in trails))
    return 0


def _bearing(directory: Path, texts: set[str]) -> list[Record]:
    """The records that contain one of the texts."""
    sought = [text.encode() for text in texts]
    return [record for record in _readable(directory) if any(text in record.payload for text in sought)]
