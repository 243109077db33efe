"""Every C program builds without a warning, and the floors and the waker run."""

import os
from pathlib import Path

import pytest

from benchmarks.measurement import cores_awake
from benchmarks.measurement.subject import Burst, Subject, SubjectFailed
from benchmarks.native import programs


@pytest.mark.parametrize("program", programs.PROGRAMS)
def test_it_builds_once(program: str) -> None:
    path = programs.build(program)
    built_ns = path.stat().st_mtime_ns
    assert os.access(path, os.X_OK)
    assert programs.build(program).stat().st_mtime_ns == built_ns


def test_the_wheels_own_libzmq_is_found() -> None:
    assert Path(programs.libzmq_path()).is_file()


@pytest.mark.parametrize("way", ["unix", "pair", "gateway"])
def test_a_floor_gives_a_sample_for_each_round_trip(way: str, tmp_path: Path) -> None:
    with Subject(way, [programs.build("ipc_floor"), way, tmp_path, programs.libzmq_path()]) as floor:
        assert floor.columns == ("round_trip",)
        for count in (1, 30):
            samples = floor.run(Burst(count, 10, 20))["round_trip"]
            assert len(samples) == count
            assert all(sample > 0 for sample in samples)


def test_a_program_that_cannot_start_says_so(tmp_path: Path) -> None:
    with pytest.raises(SubjectFailed, match="floor ended early, with status 1"):
        Subject("floor", [programs.build("ipc_floor"), "pair", tmp_path, tmp_path / "no-libzmq.so"])


def test_a_program_that_ends_in_a_burst_is_noticed(tmp_path: Path) -> None:
    with Subject("floor", [programs.build("ipc_floor"), "unix", tmp_path]) as floor, pytest.raises(SubjectFailed):
        floor.run(Burst(10_000_000))  # more than a program takes


def test_spinners_stand_in_where_the_kernel_does_not_let_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores_awake, "CPU_DMA_LATENCY", "/nonexistent")
    assert cores_awake.method() == "idle-class spinners"
    with cores_awake.cores_awake():
        pass
