"""`make bench`: measures everything, writes the result with its picture, and prints it.

python -m benchmarks [--rounds N] [--subjects NAME,NAME] [--results-dir DIR]
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks import instructions
from benchmarks.exchange.running import ENVIRONMENT_PREFIX, LIMIT_PER_2S
from benchmarks.instructions import InstructionCount
from benchmarks.measurement import machine
from benchmarks.measurement.catalogue import RATIOS, SUBJECTS, SubjectEntry
from benchmarks.measurement.rounds import State, StateSamples, measure, started, states
from benchmarks.measurement.subject import SubjectFailed
from benchmarks.report import plot, result, summary, table
from benchmarks.report.result import Result, StateConditions, StateResult, SubjectResult

ROUNDS: Final = 30
SATURATED_ORDERS: Final = 200
PACED_ORDERS: Final = 20

NOTES: Final = (
    f"The gateway's rate limits are set to {LIMIT_PER_2S} per 2 s: OKX's own (60) would end a saturated burst.",
    "Everything runs on this one machine over plain TCP: no TLS, no network, and the acker decides nothing.",
    "python-okx and ccxt pro run in process on uvloop, without IPC, limits, records or any other work of a gateway.",
)
NOT_COUNTED: Final = "Instructions were not counted: --without-instructions, or no valgrind (apt-get install valgrind)."


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 if every subject gave all its samples."""
    options = _parse(arguments)
    load_average = list(os.getloadavg())
    utc = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ")
    all_states = states(options.saturated_orders, options.paced_orders)
    try:
        with started(options.subjects) as subjects:
            collected = measure(subjects, all_states, options.rounds, _progress)
        counted = {} if options.without_instructions else _count_instructions()
    except SubjectFailed as error:
        print(error, file=sys.stderr)
        return 1
    report = Result(
        utc=utc,
        command=sys.orig_argv,
        commit=machine.commit(),
        machine=machine.facts(),
        versions=machine.versions(),
        rounds=options.rounds,
        load_average_before=load_average,
        gateway_overrides={name: value for name, value in os.environ.items() if name.startswith(ENVIRONMENT_PREFIX)},
        notes=[*NOTES, *([] if counted else [NOT_COUNTED])],
        states={state.name: _conditions(state, collected[state.name]) for state in all_states},
        subjects={entry.name: _subject_result(entry, collected) for entry in options.subjects},
        ratios={name: _ratios(samples) for name, samples in collected.items()},
        instructions=counted,
    )
    path = result.write(report, options.results_dir)
    picture = plot.draw(report, path.with_suffix(".png"))
    print("\n".join([*table.lines(report), "", f"{path}", f"{picture}"]))
    return 0


def _count_instructions() -> dict[str, InstructionCount]:
    """Nothing where valgrind is absent."""
    if shutil.which("valgrind") is None:
        return {}
    _progress("counting instructions")
    return {path.name: instructions.count(path, instructions.place_through_gateway) for path in instructions.PATHS}


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Round trips, ratios, stages.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--saturated-orders", type=int, default=SATURATED_ORDERS, help="per subject and round")
    parser.add_argument("--paced-orders", type=int, default=PACED_ORDERS, help="per subject and round")
    parser.add_argument(
        "--subjects", type=_subject_entries, default=SUBJECTS, help="comma-separated names; default all"
    )
    parser.add_argument("--without-instructions", action="store_true", help="spares two minutes under valgrind")
    parser.add_argument("--results-dir", type=Path, default=Path(__file__).with_name("results"))
    return parser.parse_args(arguments)


def _subject_entries(names: str) -> tuple[SubjectEntry, ...]:
    known = {entry.name: entry for entry in SUBJECTS}
    try:
        return tuple(known[name] for name in names.split(","))
    except KeyError as error:
        raise argparse.ArgumentTypeError(f"{error} is none of {', '.join(known)}") from None


def _conditions(state: State, samples: StateSamples) -> StateConditions:
    return StateConditions(
        orders_per_round=state.burst.count,
        gap_min_us=state.burst.gap_min_us,
        gap_max_us=state.burst.gap_max_us,
        cores_awake_by=state.cores_awake_by,
        steal_s=samples.steal_s,
        busy_s=samples.busy_s,
        idle_s=samples.idle_s,
    )


def _subject_result(entry: SubjectEntry, collected: Mapping[str, StateSamples]) -> SubjectResult:
    return SubjectResult(
        entry.what, {state: _state_result(samples.rounds[entry.name]) for state, samples in collected.items()}
    )


def _state_result(rounds: summary.Rounds) -> StateResult:
    pooled = {column: [ns for samples in rounds for ns in samples[column]] for column in rounds[0]}
    columns = {column: summary.percentiles(samples) for column, samples in pooled.items()}
    return StateResult(columns, summary.round_medians(rounds))


def _ratios(samples: StateSamples) -> dict[str, summary.Ratio]:
    found = {entry.name: summary.ratio(entry, samples.rounds) for entry in RATIOS}
    return {name: ratio for name, ratio in found.items() if ratio is not None}


if __name__ == "__main__":
    sys.exit(main())
