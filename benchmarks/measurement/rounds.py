"""The run: every subject in every state, interleaved round by round, so that a slow minute hits all of them alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.exchange.running import acker, gateway
from benchmarks.measurement import cores_awake, machine
from benchmarks.measurement.catalogue import NEEDS_GATEWAY, Place, SubjectEntry
from benchmarks.measurement.subject import Burst, Subject


@dataclass(frozen=True, slots=True)
class State:
    """One way of trading; `around` holds the machine in it."""

    name: str
    burst: Burst
    cores_awake_by: str
    around: Callable[[], AbstractContextManager[None]]


def states(saturated_orders: int, paced_orders: int) -> tuple[State, State]:
    """The next order as soon as the ack is there, cores awake; and 2 to 20 ms between orders, as strategies behave."""
    return (
        State("saturated", Burst(saturated_orders), cores_awake.method(), cores_awake.cores_awake),
        State("idle_gaps", Burst(paced_orders, 2_000, 20_000), "nothing", nullcontext),
    )


# Connections, caches and interpreters are warm after so many round trips, which are not counted.
WARM_UP: Final = Burst(50)


@dataclass(slots=True)
class StateSamples:
    """What one state yielded: for each subject its rounds of samples by column; and the machine's seconds meanwhile."""

    rounds: dict[str, list[dict[str, list[int]]]] = field(default_factory=dict)
    busy_s: float = 0.0
    idle_s: float = 0.0
    steal_s: float = 0.0


@contextmanager
def started(entries: Sequence[SubjectEntry]) -> Iterator[list[Subject]]:
    """All subjects with their counterparts, connected and warm."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="okx-bench-")))
        acker_url = stack.enter_context(acker()) + "/private"
        sockets = directory / "none"
        if any(entry.name in NEEDS_GATEWAY for entry in entries):
            sockets = stack.enter_context(gateway(directory))
        subjects = []
        for entry in entries:
            own = directory / entry.name
            own.mkdir()
            subjects.append(stack.enter_context(Subject(entry.name, entry.command(Place(own, acker_url, sockets)))))
        for subject in subjects:
            subject.run(WARM_UP)
        yield subjects


def measure(
    subjects: Sequence[Subject], all_states: Sequence[State], rounds: int, progress: Callable[[str], None]
) -> dict[str, StateSamples]:
    """Runs all rounds; the order of the subjects turns by one with each."""
    collected = {state.name: StateSamples() for state in all_states}
    for number in range(rounds):
        progress(f"round {number + 1} of {rounds}")
        turn = number % len(subjects)
        for state in all_states:
            before = machine.cpu_times()
            with state.around():
                for subject in (*subjects[turn:], *subjects[:turn]):
                    samples = subject.run(state.burst)
                    collected[state.name].rounds.setdefault(subject.name, []).append(samples)
            after = machine.cpu_times()
            collected[state.name].busy_s += after.busy - before.busy
            collected[state.name].idle_s += after.idle - before.idle
            collected[state.name].steal_s += after.steal - before.steal
    return collected
