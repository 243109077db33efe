"""Prints how many lines of the gateway the tests have run, by folder, Cython and Python (`make coverage`).

    python .ci/coverage_table.py BUILD PYTHON_JSON

Cython: gcov counts the lines of the C that Cython made in BUILD (GATEWAY_COVERAGE=1). Cython writes above each piece of
C from which line of which file it comes. A line ran if any line of its C did. Code that is compiled into several
modules (inline functions of a .pxd) counts once. What ran in a process that was killed is not counted.
Python: PYTHON_JSON is what `coverage json` writes.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PACKAGE = "gateway/"
# Where the C of a line begins, and where that of the last line of a function or of the module ends.
ORIGIN = re.compile(r'^ */\* "([^"]+)":(\d+)$')
END = re.compile(r"^ */\* (?:function exit code|#### Code section: )")

Counts = dict[tuple[str, int], int]
"""How often each (file, line) ran."""


def origins(text: str) -> Iterator[tuple[int, tuple[str, int]]]:
    """(line of C, (file, line) that it comes from) of each line of the package; lines count from 1."""
    origin = None
    for number, line in enumerate(text.splitlines(), 1):
        found = ORIGIN.match(line)
        if found:
            origin = (found[1], int(found[2])) if found[1].startswith(PACKAGE) else None
        elif END.match(line):
            origin = None
        if origin:
            yield number, origin


def counts_in_c(profile: Path) -> dict[str, dict[int, int]]:
    """Of one module: for each file of C how often each of its lines ran."""
    command = ["gcov", "--json-format", "--stdout", str(profile)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, dict[int, int]] = {}
    for file in json.loads(told.stdout)["files"]:
        lines = found.setdefault(file["file"], {})
        for line in file["lines"]:
            lines[line["line_number"]] = max(line["count"], lines.get(line["line_number"], 0))
    return found


def cython_lines(build: Path) -> Counts:
    """Of all modules in `build`, those that were never imported too."""
    counts: Counts = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for ran in pool.map(counts_in_c, sorted(build.rglob("*.gcno"))):
            for file, lines in ran.items():
                if Path(file).suffix == ".c" and build in Path(file).parents:
                    for number, origin in origins(Path(file).read_text("utf-8")):
                        if number in lines:
                            counts[origin] = max(counts.get(origin, 0), lines[number])
    return counts


def python_lines(report: Path) -> Counts:
    files = json.loads(report.read_text("utf-8"))["files"]
    return {
        (name, line): count
        for name, file in files.items()
        for count, key in ((1, "executed_lines"), (0, "missing_lines"))
        for line in file[key]
    }


def table(counts: Counts) -> Iterator[str]:
    """A row for each folder, and their sum."""
    folders: dict[str, list[int]] = {}
    for (file, _), count in counts.items():
        folders.setdefault(str(Path(file).parent), []).append(count)
    rows = sorted(folders.items())
    for name, ran in [*rows, ("total", list(counts.values()))]:
        yield f"  {name:<32}{len(ran):>8}{100 * sum(map(bool, ran)) / len(ran):>9.1f} %"


def main() -> None:
    build, report = Path(sys.argv[1]), Path(sys.argv[2])
    for title, counts in (("Cython", cython_lines(build)), ("Python", python_lines(report))):
        print(f"{title:<34}{'lines':>8}{'covered':>11}")
        print("\n".join(table(counts)))


if __name__ == "__main__":
    main()
