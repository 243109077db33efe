"""Instructions per order in the gateway, counted by callgrind, path by path.

    python -m benchmarks.instructions [--few N] [--many N] [--top N]

The gateway runs under valgrind as it runs otherwise. A strategy in C places few orders in one run and many in another;
the difference is divided by the difference of the orders, so that start, login and idle work cancel out. Within a path
only what happens inside its entry point is counted, with all that it calls. The kernel is not counted.
"""

from __future__ import annotations

import argparse
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.exchange.running import gateway
from benchmarks.measurement.catalogue import strategy_in_c
from benchmarks.measurement.subject import Burst, Subject

FEW: Final = 200
MANY: Final = 1_200
TOP: Final = 12
# Under valgrind the gateway takes half a minute to start, on a busy machine some minutes.
EVENT_TIMEOUT_MS: Final = 600_000

TOTAL_PATTERN: Final = re.compile(r"^(?:totals|summary): (\d+)", re.MULTILINE)
# callgrind_annotate: "1,234 (12.3%)  file.c:function [/path/of/object]"
FUNCTION_PATTERN: Final = re.compile(r"^ *([\d,]+) \([ \d.]+%\)  \S*?:(.+?)(?: \[(.*)\])?$", re.MULTILINE)


Costs = dict[tuple[str, str], int]
"""Own instructions by (function, file name of its shared object)."""


@dataclass(frozen=True, slots=True)
class CountedPath:
    """`entry_point` matches the symbol inside which is counted (callgrind's --toggle-collect)."""

    name: str
    what: str
    entry_point: str


PATHS: Final = (
    CountedPath("order_path", "ZeroMQ message read to WebSocket write", "__pyx_pw_*RequestReader*on_readable"),
    CountedPath("event_path", "OKX's frames (an ack and a fill) to PUB", "__pyx_f_*PrivateListener_on_ws_frame"),
)


@dataclass(frozen=True, slots=True)
class FunctionCost:
    """Instructions that one more order spends in a function itself, not in what it calls."""

    function: str
    object: str
    per_order: float


@dataclass(frozen=True, slots=True)
class InstructionCount:
    """`per_order` is the difference of the two totals over the difference of the orders; `objects` splits it."""

    what: str
    few: int
    many: int
    total_few: int
    total_many: int
    per_order: float
    objects: dict[str, float]
    functions: list[FunctionCost]


Place = Callable[[int, Sequence[str]], None]
"""Puts so many orders through a program that it starts by this command prefix, and ends it."""


def parse_total(callgrind_out: str) -> int:
    """All instructions of a run, from the profile that callgrind wrote."""
    found = TOTAL_PATTERN.search(callgrind_out)
    if found is None:
        raise ValueError("the profile has no total: did the run end normally?")
    return int(found[1])


def parse_functions(annotation: str) -> Costs:
    """From callgrind_annotate's list. It names no object for what a function took over from an included file."""
    found = FUNCTION_PATTERN.findall(annotation)
    object_of = {function: Path(path).name for _, function, path in found if path}
    costs: Costs = {}
    for cost, function, path in found:
        key = (function, Path(path).name or object_of.get(function, "?"))
        costs[key] = costs.get(key, 0) + int(cost.replace(",", ""))
    return costs


def growth(few: Costs, many: Costs, more_orders: int) -> list[FunctionCost]:
    """What each function costs per order, the dearest first; without those that do not grow."""
    costs = [
        FunctionCost(function, name, (cost - few.get((function, name), 0)) / more_orders)
        for (function, name), cost in many.items()
    ]
    return sorted((cost for cost in costs if cost.per_order > 0), key=lambda cost: cost.per_order, reverse=True)


def by_object(functions: Sequence[FunctionCost]) -> dict[str, float]:
    """The same by shared object, the dearest first."""
    sums: dict[str, float] = {}
    for cost in functions:
        sums[cost.object] = sums.get(cost.object, 0.0) + cost.per_order
    return dict(sorted(sums.items(), key=lambda item: item[1], reverse=True))


def place_through_gateway(orders: int, under: Sequence[str]) -> None:
    """The whole chain of the benchmark with one strategy in C."""
    with (
        TemporaryDirectory(prefix="okx-bench-") as directory,
        gateway(Path(directory), under) as sockets,
        Subject("strategy", strategy_in_c(sockets, "bench-c", EVENT_TIMEOUT_MS)) as strategy,
    ):
        strategy.run(Burst(orders))


def count(path: CountedPath, place: Place, few: int = FEW, many: int = MANY, top: int = TOP) -> InstructionCount:
    """Both runs at the same time, each under its own callgrind."""
    with TemporaryDirectory(prefix="okx-callgrind-") as directory, ThreadPoolExecutor(2) as pool:
        profiles = [Path(directory, f"{orders}.out") for orders in (few, many)]
        commands = [_callgrind(path, profile) for profile in profiles]
        for done in [pool.submit(place, *run) for run in zip((few, many), commands, strict=True)]:
            done.result()
        total_few, total_many = (parse_total(profile.read_text(encoding="utf-8")) for profile in profiles)
        own_few, own_many = (parse_functions(_annotate(profile)) for profile in profiles)
    functions = growth(own_few, own_many, many - few)
    per_order = (total_many - total_few) / (many - few)
    objects = by_object(functions)
    return InstructionCount(path.what, few, many, total_few, total_many, per_order, objects, functions[:top])


def _callgrind(path: CountedPath, profile: Path) -> list[str]:
    # With a fixed seed every dict of strings is laid out alike in both runs.
    command = ["env", "PYTHONHASHSEED=0", "valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={profile}"]
    return [*command, f"--toggle-collect={path.entry_point}"]


def _annotate(profile: Path) -> str:
    command = ["callgrind_annotate", "--threshold=100", "--auto=no", str(profile)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def lines(counted: InstructionCount) -> Iterator[str]:
    """The result as text."""
    yield f"{counted.per_order:,.0f} instructions per order: {counted.what}"
    yield "  by shared object"
    yield from (f"    {cost:10,.1f}  {name}" for name, cost in counted.objects.items())
    yield "  dearest functions"
    yield from (f"    {cost.per_order:10,.1f}  {cost.function} [{cost.object}]" for cost in counted.functions)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.instructions", description="Instructions per order.")
    parser.add_argument("--few", type=int, default=FEW)
    parser.add_argument("--many", type=int, default=MANY)
    parser.add_argument("--top", type=int, default=TOP, help="functions to show")
    options = parser.parse_args()
    for path in PATHS:
        print("\n".join(lines(count(path, place_through_gateway, options.few, options.many, options.top))), flush=True)


if __name__ == "__main__":
    main()
