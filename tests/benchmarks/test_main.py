"""A whole small run without the gateway: the result file, the picture and the table."""

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import main

PERCENTILES = ["count", "min", "p10", "p50", "p90", "p99", "p99_9", "max"]


def run(results_dir: Path, *options: str) -> int:
    sizes = ["--rounds", "2", "--saturated-orders", "20", "--paced-orders", "3"]
    return main([*sizes, "--without-instructions", "--results-dir", str(results_dir), *options])


def test_the_result_says_all_that_is_needed_to_judge_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKX_GATEWAY__PROCESS__SPIN", "true")
    assert run(tmp_path, "--subjects", "ipc_pair,picows") == 0
    (path,) = tmp_path.glob("*.json")
    result = json.loads(path.read_text(encoding="utf-8"))
    assert (result["schema"], result["rounds"]) == (1, 2)
    assert path.stem == result["utc"]
    assert {"command", "commit", "machine", "versions", "load_average_before", "notes", "ratios"} <= result.keys()
    assert result["instructions"] == {}
    assert result["gateway_overrides"] == {"OKX_GATEWAY__PROCESS__SPIN": "true"}
    assert result["commit"].keys() == {"hash", "modified"}
    assert {"cpu", "cores", "system", "arch"} <= result["machine"].keys()
    assert {"python", "libzmq", "compiler", "picows", "uvloop", "pyzmq", "ccxt", "python-okx"} <= result[
        "versions"
    ].keys()
    assert result["states"].keys() == {"saturated", "idle_gaps"}
    assert result["states"]["idle_gaps"]["gap_max_us"] == 20_000
    assert result["subjects"].keys() == {"ipc_pair", "picows"}
    for subject in result["subjects"].values():
        for state, orders in (("saturated", 40), ("idle_gaps", 6)):
            measured = subject["states"][state]
            assert len(measured["round_trip_p50_of_rounds"]) == 2
            assert list(measured["columns"]["round_trip"]) == PERCENTILES
            assert measured["columns"]["round_trip"]["count"] == orders
    assert path.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    printed = capsys.readouterr().out
    assert "libzmq IPC, C to C, PAIR to PAIR" in printed
    assert str(path) in printed


def test_a_subject_that_fails_fails_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.native.programs.libzmq_path", lambda: str(tmp_path / "no-libzmq.so"))
    assert run(tmp_path, "--subjects", "ipc_pair") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_subject_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(tmp_path, "--subjects", "ipc_pair,binance")
    assert "'binance' is none of ipc_unix, " in capsys.readouterr().err
