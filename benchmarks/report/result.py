"""The result file: one JSON document per run, complete enough to be read without the code. Times are nanoseconds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.instructions import InstructionCount
from benchmarks.measurement.machine import Commit
from benchmarks.report.summary import Percentiles, Ratio

SCHEMA: Final = 1


@dataclass(frozen=True, slots=True)
class StateResult:
    """One subject in one state: percentiles by column over all rounds, and each round's p50 of the round trip."""

    columns: dict[str, Percentiles]
    round_trip_p50_of_rounds: list[float]


@dataclass(frozen=True, slots=True)
class SubjectResult:
    """One measured program in all states."""

    what: str
    states: dict[str, StateResult]


@dataclass(frozen=True, slots=True)
class StateConditions:
    """How a state was made, and what the machine did meanwhile (seconds of all cores together)."""

    orders_per_round: int
    gap_min_us: int
    gap_max_us: int
    cores_awake_by: str
    steal_s: float
    busy_s: float
    idle_s: float


@dataclass(frozen=True, slots=True)
class Result:
    """A whole run. `ratios` is by state, then by name; `instructions` by path, empty where they were not counted.

    `gateway_overrides`: settings of the gateway that came from the environment, over its file.
    """

    utc: str
    command: list[str]
    commit: Commit
    machine: dict[str, str | int]
    versions: dict[str, str]
    rounds: int
    load_average_before: list[float]
    gateway_overrides: dict[str, str]
    notes: list[str]
    states: dict[str, StateConditions]
    subjects: dict[str, SubjectResult]
    ratios: dict[str, dict[str, Ratio]]
    instructions: dict[str, InstructionCount]
    schema: int = SCHEMA


def write(result: Result, directory: Path) -> Path:
    """Writes `<utc>.json`; returns its path."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{result.utc}.json"
    path.write_text(json.dumps(asdict(result), indent=1) + "\n", encoding="utf-8")
    return path
