"""The result as a picture: round trips of all subjects, and the headline ratio round by round."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from benchmarks.measurement.catalogue import HEADLINE_AIM
from benchmarks.report.result import Result


def draw(result: Result, path: Path) -> Path:
    """Writes a picture of the kind that the suffix names; one row of panels for each state."""
    figure = Figure(figsize=(13, 4.8 * len(result.states)), layout="constrained")
    panels = figure.subplots(len(result.states), 2, squeeze=False, width_ratios=(3, 2))
    for (left, right), state in zip(panels, result.states, strict=True):
        _round_trips(left, result, state)
        _ratios(right, result, state)
    machine = f"{result.machine['cpu']}, {result.machine['cores']} cores"
    figure.suptitle(f"{result.utc}, commit {result.commit.hash[:12] or 'none'}, {machine}", fontsize=9)
    figure.savefig(path, dpi=130)
    return path


def _round_trips(axes: Axes, result: Result, state: str) -> None:
    """Bars up to p50, whiskers from p10 to p99."""
    names = [subject.what for subject in result.subjects.values()]
    numbers = [subject.states[state].columns["round_trip"] for subject in result.subjects.values()]
    p50s = [each.p50 / 1000 for each in numbers]
    below = [(each.p50 - each.p10) / 1000 for each in numbers]
    above = [(each.p99 - each.p50) / 1000 for each in numbers]
    axes.barh(names, p50s, xerr=(below, above), capsize=3, color="#4878a8")
    axes.set_xscale("log")
    axes.set_xlabel("round trip, µs: p50, whiskers p10 to p99")
    axes.invert_yaxis()
    axes.set_title(state)
    for at, p50 in enumerate(p50s):
        axes.text(p50, at, f" {p50:.0f}", va="bottom", fontsize=8)


def _ratios(axes: Axes, result: Result, state: str) -> None:
    """Every ratio in every round, and the aim of the headline."""
    for ratio in result.ratios[state].values():
        axes.plot(range(1, len(ratio.rounds) + 1), ratio.rounds, marker=".", label=f"{ratio.what}: {ratio.median:.2f}")
    axes.axhline(HEADLINE_AIM, color="grey", linestyle="--", linewidth=1)
    axes.set_yscale("log", base=2)
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("round")
    axes.set_ylabel("ratio of p50s")
    if result.ratios[state]:
        axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(0, -0.16), ncols=2)
