"""The strategies printed in README.md and docs/protocol.md are the files in examples/, line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FENCE = "```"


def code_block(document: Path, heading: str) -> str:
    """The text of the first fenced Python block after the heading."""
    lines = iter(document.read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line == heading:
            break
    else:
        pytest.fail(f"{document.name} has no heading {heading!r}")
    for line in lines:
        assert not line.startswith("#"), f"{document.name}: no Python block under {heading!r}"
        if line == f"{FENCE}python":
            break
    block = []
    for line in lines:
        if line == FENCE:
            return "\n".join(block) + "\n"
        block.append(line)
    pytest.fail(f"{document.name}: the Python block under {heading!r} has no end")


@pytest.mark.parametrize(
    ("document", "heading", "example"),
    [
        ("README.md", "## A strategy in 15 lines of Python", "strategy_15_lines.py"),
        ("docs/protocol.md", "## The same with nothing but a ZeroMQ library", "strategy_plain_zmq.py"),
    ],
)
def test_the_printed_strategy_is_the_example(document: str, heading: str, example: str) -> None:
    assert code_block(ROOT / document, heading) == (ROOT / "examples" / example).read_text(encoding="utf-8")
