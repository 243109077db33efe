"""The Python subjects against the real acker: each burst gives its samples, over the client's public interface."""

import sys
from array import array

import pytest

from benchmarks.exchange.running import acker
from benchmarks.measurement.subject import Burst, Subject, SubjectFailed
from benchmarks.subjects.bursts import Pauses, parse_burst
from benchmarks.subjects.ccxt_pro import Okx


@pytest.mark.parametrize("module", ["picows_direct", "python_okx", "ccxt_pro"])
def test_a_client_gives_a_sample_for_each_order(module: str) -> None:
    with acker() as base:
        command = [sys.executable, "-m", f"benchmarks.subjects.{module}", f"{base}/private"]
        with Subject(module, command) as subject:
            assert subject.columns == ("round_trip",)
            for burst in (Burst(5), Burst(3, 100, 200)):
                samples = subject.run(burst)["round_trip"]
                assert len(samples) == burst.count
                assert all(sample > 0 for sample in samples)


def test_columns_are_told_apart() -> None:
    rows = array("q", [1, 10, 2, 20, 3, 30]).tobytes()
    program = f"import sys; print('a,b', flush=True); input(); sys.stdout.buffer.write({rows!r})"
    with Subject("two", [sys.executable, "-c", program]) as subject:
        assert subject.run(Burst(3)) == {"a": [1, 2, 3], "b": [10, 20, 30]}


@pytest.mark.parametrize("program", ["input()", "print('a', flush=True); input(); input()"])
def test_a_program_that_hangs_is_given_up(program: str) -> None:
    command = [sys.executable, "-c", program]
    with (
        pytest.raises(SubjectFailed, match="sleeper has not answered in time"),
        Subject("sleeper", command, timeout_s=0.5) as subject,
    ):
        subject.run(Burst(1))


def test_ccxt_never_uses_a_request_id_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    digits = iter([1234, 1234, 5678])
    exchange = Okx({})
    monkeypatch.setattr(exchange, "milliseconds", lambda: 1_700_000_000_000)
    monkeypatch.setattr(exchange, "rand_number", lambda size: next(digits))
    assert [exchange.request_id(), exchange.request_id()] == ["17000000000001234", "17000000000005678"]


def test_a_burst_reads_as_it_was_written() -> None:
    burst = Burst(7, 2_000, 20_000)
    assert parse_burst(burst.command().decode()) == burst


def test_pauses_are_the_series_of_the_c_programs() -> None:
    # By hand: 1 * 1664525 + 1013904223 = 1015568748; >> 8 = 3967065; % 18001 = 6845; + 2000 µs.
    pauses = list(Pauses().of(Burst(100, 2_000, 20_000)))
    assert pauses[0] == pytest.approx(0.008845)
    assert len(pauses) == 100
    assert all(0.002 <= pause <= 0.020 for pause in pauses)
    assert list(Pauses().of(Burst(3))) == [0.0, 0.0, 0.0]
