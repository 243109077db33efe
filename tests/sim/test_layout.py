"""The simulator stands alone and stays readable; its manual knows every verb and switch."""

from __future__ import annotations

import ast
from dataclasses import fields
from pathlib import Path

import pytest

from gateway.sim.base.configuration import Switches
from gateway.sim.control.control import VERBS, VIEWS

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "gateway" / "sim").rglob("*.py"))
PURE_MUST_NOT_IMPORT = {"asyncio", "socket", "time", "random", "os", "aiohttp", "threading", "subprocess"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT / "gateway" / "sim")))
def test_imports_lengths_and_purity(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    assert text.count("\n") < 400
    pure = (ast.get_docstring(tree) or "").startswith("Pure.")
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [node.module or ""]
        for name in names:
            assert name.split(".")[0] != "gateway" or name.startswith("gateway.sim"), name
            assert not pure or name.split(".")[0] not in PURE_MUST_NOT_IMPORT, name
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name


def test_the_manual_is_complete() -> None:
    manual = "".join(path.read_text() for path in (ROOT / "docs").glob("simulator*.md"))
    for name in (*VERBS, *VIEWS, *(one.name for one in fields(Switches))):
        assert f"`{name}`" in manual, name
