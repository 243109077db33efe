"""The Makefile's first step on machines that lack something, and that nothing is made twice."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
CANDIDATES = ("python3.13", "python3.12", "python3.11", "python3")

# What a machine's Python may lack, as a line that makes the one that runs these tests lack it.
COMPLETE = ""
OLD = "import sys; sys.version_info = (3, 9, 2, 'final', 0)"
WITHOUT_VENV = "import sys; sys.modules['ensurepip'] = None"
WITHOUT_HEADERS = "import sysconfig; sysconfig.get_path = lambda name: '/nowhere'"
BROKEN = None


class Machine:
    """A PATH with the given programs and, if `tools`, this machine's own behind them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tools = os.environ["PATH"]
        for name in CANDIDATES:
            self.python(name, BROKEN)

    def script(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    def python(self, name: str, lack: str | None) -> Path:
        """`lack` BROKEN: a name that starts nothing, as a version manager leaves it."""
        if lack is BROKEN:
            return self.script(name, f'echo "{name}: command not found" >&2; exit 127')
        return self.script(name, f'[ "$1" = -c ] || exit 1\nexec {sys.executable} -c "{lack}\n$2"')

    def without(self, *names: str) -> None:
        for name in names:
            (self.folder / name).unlink()

    def preflight(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        command = ["/bin/sh", str(ROOT / ".ci" / "preflight.sh"), *arguments]
        path = f"{self.folder}:{self.tools}" if self.tools else str(self.folder)
        return subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": path, **environ})


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def refused(told: subprocess.CompletedProcess[str], what: str, fix: str) -> None:
    assert (told.returncode, told.stdout) == (1, "")
    first, second = told.stderr.splitlines()
    assert first.startswith("okx-gateway cannot be built here: ")
    assert what in first
    assert second.startswith("On Debian: ")
    assert fix in second


def test_the_newest_python_is_taken(machine: Machine) -> None:
    machine.python("python3.12", COMPLETE)
    machine.python("python3", COMPLETE)
    told = machine.preflight()
    assert (told.returncode, told.stdout, told.stderr) == (0, f"{machine.folder}/python3.12\n", "")


@pytest.mark.parametrize("lack", [WITHOUT_VENV, WITHOUT_HEADERS, BROKEN])
def test_a_newer_python_that_lacks_something_is_passed_over(machine: Machine, lack: str | None) -> None:
    machine.python("python3.13", lack)
    machine.python("python3", COMPLETE)
    assert machine.preflight().stdout == f"{machine.folder}/python3\n"


def test_the_python_that_was_asked_for_is_taken(machine: Machine) -> None:
    machine.python("python3.13", COMPLETE)
    mine = machine.python("mine", COMPLETE)
    assert machine.preflight(str(mine)).stdout == f"{mine}\n"


def test_no_python(machine: Machine) -> None:
    machine.without(*CANDIDATES)
    machine.tools = ""
    refused(machine.preflight(), "there is no Python", "apt install python3 python3-dev python3-venv")


def test_a_python_that_is_too_old(machine: Machine) -> None:
    machine.python("python3", OLD)
    refused(machine.preflight(), "python3 is Python 3.9, and Python 3.11 or newer is needed", "apt install python3")


def test_the_python_that_was_asked_for_is_too_old_or_not_there(machine: Machine) -> None:
    old = str(machine.python("old", OLD))
    refused(machine.preflight(old), f"{old} is Python 3.9", "apt install python3")
    refused(machine.preflight("python0"), "python0 (given as PYTHON) is not there", "leave PYTHON out")
    refused(machine.preflight("python3.13"), "python3.13 is not a Python that runs", "apt install python3")


def test_no_venv_support(machine: Machine) -> None:
    machine.python("python3", WITHOUT_VENV)
    refused(machine.preflight(), "python3 has no venv support", "apt install python3-venv")


def test_no_headers(machine: Machine) -> None:
    machine.python("python3", WITHOUT_HEADERS)
    refused(machine.preflight(), "python3 has no headers (/nowhere/Python.h)", "apt install python3-dev")


def test_the_packages_of_another_python_bear_its_version(machine: Machine) -> None:
    other = machine.python("python3.12", f"{WITHOUT_HEADERS}; import sys; sys.version_info = (3, 12, 1, 'final', 0)")
    refused(machine.preflight(str(other)), "has no headers", "apt install python3.12-dev")


def test_no_compiler(machine: Machine) -> None:
    machine.python("python3", COMPLETE)
    machine.tools = ""
    refused(machine.preflight(), "there is no C compiler", "apt install gcc")


def test_a_compiler_without_the_headers_of_the_c_library(machine: Machine) -> None:
    machine.python("python3", COMPLETE)
    compiler = machine.script("bare-cc", "exit 1")
    refused(machine.preflight(CC=str(compiler)), "finds no headers of the C library", "apt install libc6-dev")


# ---------------------------------------------------------------- what make does, and does not do again


def run_make(folder: Path, *arguments: str) -> str:
    """What it prints. It knows nothing of a make that runs these tests."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=folder, env=clean
    ).stdout


class Tree:
    """A copy of what the Makefile works on, with a Python that only notes what it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        shutil.copytree(ROOT / ".ci", folder / ".ci")
        for name in ("Makefile", "pyproject.toml", "setup.py"):
            shutil.copy(ROOT / name, folder)
        self.source = folder / "gateway" / "_fast" / "limits" / "window_limiter.pyx"
        self.source.parent.mkdir(parents=True)
        self.source.touch()
        noted = f'echo "$*" >> {self.log}'
        made = 'mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; chmod +x "$4/bin/python"'
        python = folder / "python"
        python.write_text(f'#!/bin/sh\n{noted}\n[ "$2" != venv ] || {{ {made}; }}\n')
        python.chmod(0o755)
        (folder / ".ci" / "preflight.sh").write_text(f"echo {python}\n")

    def make(self, *arguments: str) -> list[str]:
        """What Python was asked for: `venv`, `requirements`, `install …`, `build`, …"""
        self.log.write_text("")
        run_make(self.folder, *arguments)
        return [kind_of(line) for line in self.log.read_text().splitlines()]

    def change(self, path: Path) -> None:
        """As an editor would, after all that was made."""
        newest_ns = max(each.stat().st_mtime_ns for each in (self.folder / ".venv" / "stamps").iterdir())
        os.utime(path, ns=(newest_ns + 1_000_000_000, newest_ns + 1_000_000_000))


def kind_of(line: str) -> str:
    for kind, pattern in {
        "venv": "-m venv",
        "requirements": r"\.ci/requirements\.py",
        "install": "-m pip .*--requirement",
        "build": "-m pip .*--editable",
    }.items():
        if re.match(pattern, line):
            return kind
    return line


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_everything_is_made_once(tree: Tree) -> None:
    assert tree.make("build") == ["venv", "requirements", "install", "build"]
    assert tree.make("build") == []
    assert tree.make("demo") == ["examples/demo.py"]


def test_a_changed_source_is_built_and_nothing_is_installed(tree: Tree) -> None:
    tree.make("build")
    tree.change(tree.source)
    assert tree.make("build") == ["build"]


def test_changed_requirements_are_installed(tree: Tree) -> None:
    tree.make("build")
    tree.change(tree.folder / "pyproject.toml")
    assert tree.make("build") == ["requirements", "install", "build"]


def test_bench_brings_what_it_needs_besides(tree: Tree) -> None:
    tree.make("build")
    assert tree.make("bench") == ["requirements", "install", "-m benchmarks"]


def test_clean_leaves_the_sources(tree: Tree) -> None:
    before = {path for path in tree.folder.rglob("*") if path != tree.log}
    tree.make("build")
    assert tree.make("clean") == []
    assert {path for path in tree.folder.rglob("*") if path != tree.log} == before


def test_ci_runs_what_a_developer_runs() -> None:
    assert (ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-2:] == ["make test", "make coverage"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def hooks() -> list[dict[str, object]]:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    return [hook for repository in config["repos"] for hook in repository["hooks"]]


@pytest.mark.parametrize("hook", hooks(), ids=lambda hook: str(hook["id"]))
def test_a_hook_of_pre_commit_runs_what_ci_runs(hook: dict[str, object]) -> None:
    """The same command, on fewer files; or some of the tests."""
    ran = run_make(ROOT, "--dry-run", "test", "VENV=.venv").splitlines()
    entry = str(hook["entry"])
    assert hook["language"] == "system"  # it downloads nothing
    if entry.startswith(".venv/bin/pytest "):
        assert (ROOT / entry.rsplit(maxsplit=1)[-1]).is_file()
        assert any(re.fullmatch(r"\.venv/bin/pytest( --\S+)*", line) for line in ran)
    else:
        assert any(f"{line} ".startswith(f"{entry} ") for line in ran)
