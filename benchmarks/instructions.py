"""Instructions per order, counted by callgrind: the same driver with few and with many orders, and the difference.

    python -m benchmarks.instructions DRIVER [ARGUMENT...] [--few N] [--many N] [--top N]

`python DRIVER ARGUMENT... N` must set up alike whatever N is, and then put N orders through. Start-up, imports and
set-up cancel out; what is left is what one more order costs, in user space, everything that Python does for it
included. The kernel is not counted.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

FEW: Final = 1_000
MANY: Final = 3_000
TOP: Final = 20

TOTAL_PATTERN: Final = re.compile(r"^(?:totals|summary): (\d+)", re.MULTILINE)
# callgrind_annotate: "1,234 (12.3%)  file.c:function [/path/of/object]"
FUNCTION_PATTERN: Final = re.compile(r"^ *([\d,]+) \([ \d.]+%\)  \S*?:(.+?)(?: \[(.*)\])?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FunctionCost:
    """Instructions that one more order spends in a function itself, not in what it calls."""

    function: str
    object: str
    per_order: float


@dataclass(frozen=True, slots=True)
class InstructionCount:
    """`per_order` is the difference of the two totals over the difference of the orders."""

    command: list[str]
    few: int
    many: int
    total_few: int
    total_many: int
    per_order: float
    functions: list[FunctionCost]


def parse_total(callgrind_out: str) -> int:
    """All instructions of a run, from the profile that callgrind wrote."""
    found = TOTAL_PATTERN.search(callgrind_out)
    if found is None:
        raise ValueError("the profile has no total: did the run end normally?")
    return int(found[1])


def parse_functions(annotation: str) -> dict[tuple[str, str], int]:
    """Own instructions by (function, object's file name), from callgrind_annotate's list."""
    costs: dict[tuple[str, str], int] = {}
    for cost, function, path in FUNCTION_PATTERN.findall(annotation):
        key = (function, Path(path).name)
        costs[key] = costs.get(key, 0) + int(cost.replace(",", ""))
    return costs


def difference(
    few: dict[tuple[str, str], int], many: dict[tuple[str, str], int], orders: int, top: int
) -> list[FunctionCost]:
    """The functions that grew most, per order."""
    grown = {key: (cost - few.get(key, 0)) / orders for key, cost in many.items()}
    dearest = sorted(grown.items(), key=lambda item: item[1], reverse=True)[:top]
    return [FunctionCost(function, name, cost) for (function, name), cost in dearest if cost > 0]


def count(command: Sequence[str | Path], few: int = FEW, many: int = MANY, top: int = TOP) -> InstructionCount:
    """Runs `command N` under callgrind for both N at the same time. Raises CalledProcessError where a run fails."""
    words = list(map(str, command))
    with TemporaryDirectory(prefix="okx-callgrind-") as directory:
        profiles = {orders: Path(directory, f"{orders}.out") for orders in (few, many)}
        runs = [_start(words, orders, profile) for orders, profile in profiles.items()]
        for run in runs:
            if run.wait() != 0:
                raise subprocess.CalledProcessError(run.returncode, run.args)
        total_few, total_many = (parse_total(profile.read_text(encoding="utf-8")) for profile in profiles.values())
        functions_few, functions_many = (parse_functions(_annotate(profile)) for profile in profiles.values())
    orders = many - few
    functions = difference(functions_few, functions_many, orders, top)
    return InstructionCount(words, few, many, total_few, total_many, (total_many - total_few) / orders, functions)


def _start(command: Sequence[str], orders: int, profile: Path) -> subprocess.Popen[bytes]:
    valgrind = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={profile}"]
    # With a fixed seed every dict of strings is laid out alike in both runs.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    return subprocess.Popen([*valgrind, *command, str(orders)], stdout=sys.stderr, env=environment)


def _annotate(profile: Path) -> str:
    command = ["callgrind_annotate", "--threshold=100", "--auto=no", str(profile)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def report(counted: InstructionCount) -> str:
    """The result as text."""
    runs = f"({counted.total_many:,} with {counted.many} orders, {counted.total_few:,} with {counted.few})"
    functions = (f"{cost.per_order:10,.1f}  {cost.function} [{cost.object}]" for cost in counted.functions)
    return "\n".join([f"{counted.per_order:,.0f} instructions per order {runs}", *functions])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.instructions", description="Instructions per order.")
    parser.add_argument("driver", nargs="+", help="the Python driver and its arguments")
    parser.add_argument("--few", type=int, default=FEW)
    parser.add_argument("--many", type=int, default=MANY)
    parser.add_argument("--top", type=int, default=TOP, help="functions to show")
    options = parser.parse_args()
    print(report(count([sys.executable, *options.driver], options.few, options.many, options.top)))


if __name__ == "__main__":
    main()
