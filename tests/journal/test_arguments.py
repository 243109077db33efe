"""The options of `okx-gateway journal` and `okx-gateway explain`."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from gateway.journal.arguments import TYPES, add_arguments, add_explain_arguments, moment

# docs/journal.md, "What is kept, and when".
RECORD_TYPES = {"request", "intent", "event", "session", "session_end", "segment_end", "state", "lost", "resumed"}


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(arguments)


def explained(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_explain_arguments(parser)
    return parser.parse_args(arguments)


def test_the_types_are_those_of_the_document() -> None:
    assert set(TYPES) == RECORD_TYPES


@pytest.mark.parametrize("command", ["list", "verify", "follow", "filter"])
def test_without_filters_everything_is_selected(command: str) -> None:
    args = parsed(command, "--dir", "j")
    assert (args.journal_command, args.dir, args.config) == (command, Path("j"), None)
    if command in ("follow", "filter"):
        assert (args.type, args.strategy, args.topic, args.text) == ([], [], "", [])
        assert args.since == 0 and args.until == 9_223_372_036_854_775_808


def test_filters_can_be_repeated() -> None:
    args = parsed("filter", "--type", "event", "--type", "lost", "--strategy", "a", "--text", "1", "--text", "2")
    assert (args.type, args.strategy, args.text) == (["event", "lost"], ["a"], ["1", "2"])


def test_export_writes_json_lines_by_default() -> None:
    args = parsed("export", "--out", "x")
    assert (args.format, args.out) == ("jsonl", Path("x"))


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("filter", "--type", "fills"),
        ("list", "--dir", "j", "--config", "c"),
        ("export",),
        ("filter", "--since", "yesterday"),
    ],
)
def test_wrong_arguments_end_with_status_2(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed(*arguments)
    assert ended.value.code == 2


def test_explain_takes_a_key() -> None:
    args = explained("o1", "--strategy", "alpha", "--json")
    assert (args.key, args.strategy, args.json) == ("o1", "alpha", True)


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("0", 0),
        ("1700000000000000001", 1_700_000_000_000_000_001),
        ("2023-11-14T22:13:20", 1_700_000_000_000_000_000),  # date -u -d @1700000000
        ("2023-11-14T22:13:20.000123Z", 1_700_000_000_000_123_000),
        ("2023-11-15T00:13:20+02:00", 1_700_000_000_000_000_000),
    ],
)
def test_moments(text: str, ns: int) -> None:
    assert moment(text) == ns
