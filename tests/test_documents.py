"""The documents name files that exist, and link to each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# The changelog names what was, too.
DOCUMENTS = sorted(
    {*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "benchmarks/README.md"} - {ROOT / "CHANGELOG.md"}
)
SUFFIXES = ("", ".py", ".pyx", ".pxd")
# Made when they are needed.
MADE = {"benchmarks/results/"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_in_a_document_exists(document: Path) -> None:
    text = document.read_text("utf-8")
    named = set(re.findall(r"`((?:gateway|tests|benchmarks|examples|docs|\.ci)/[\w./-]+)`", text)) - MADE
    assert not {name for name in named if not any((ROOT / f"{name}{suffix}").exists() for suffix in SUFFIXES)}
    linked = set(re.findall(r"\]\((?!https?:)([^)#\s]+)", text))
    assert not {link for link in linked if not (document.parent / link).exists()}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_anchor_of_a_link_is_a_heading(document: Path) -> None:
    for target, anchor in re.findall(r"\]\(((?!https?:)[^)#\s]*)#([^)\s]+)\)", document.read_text("utf-8")):
        text = (document.parent / target if target else document).read_text("utf-8")
        headings = [re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()) for line in text.splitlines() if line[:1] == "#"]
        assert anchor in {heading.replace(" ", "-") for heading in headings}, (target, anchor)


def test_the_architecture_document_has_every_invariant_that_a_test_cites() -> None:
    rows = re.findall(r"^\| (\d+) \| \*\*", (ROOT / "docs/architecture.md").read_text("utf-8"), re.MULTILINE)
    assert rows == [str(number) for number in range(1, 11)]
    cited = {
        number
        for path in (ROOT / "tests").rglob("*.py")
        for number in re.findall(r"[Ii]nvariants? (\d+)", path.read_text("utf-8"))
    }
    assert cited and cited <= set(rows)
