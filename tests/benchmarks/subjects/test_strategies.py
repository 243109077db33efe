"""Both strategies speak the published protocol, split a round trip into its stages, and notice refusals."""

from pathlib import Path

import pytest

from benchmarks.measurement.catalogue import strategy_in_c, strategy_in_python
from benchmarks.measurement.subject import Burst, Subject, SubjectFailed

STAGES = ("to_gateway", "order_path", "venue", "event_path", "to_strategy")
STEP_NS = 1_000  # as the stand-in stamps


COMMANDS = {"c": strategy_in_c, "pyzmq": strategy_in_python}


@pytest.mark.parametrize("language", ["c", "pyzmq"])
def test_stages_come_from_the_stamps(language: str, fake_gateway: Path) -> None:
    with Subject(language, COMMANDS[language](fake_gateway, "bench")) as strategy:
        assert strategy.columns == ("round_trip", *STAGES)
        for burst in (Burst(20), Burst(3, 100, 200)):
            samples = strategy.run(burst)
            assert [len(samples[column]) for column in strategy.columns] == [burst.count] * 6
            for inner in ("order_path", "venue", "event_path"):
                assert samples[inner] == [STEP_NS] * burst.count
            assert all(sample > 0 for sample in samples["to_gateway"])


@pytest.mark.parametrize("language", ["c", "pyzmq"])
def test_a_refused_order_ends_the_run(language: str, refusing_gateway: Path, capfd: pytest.CaptureFixture[str]) -> None:
    command = COMMANDS[language](refusing_gateway, "bench", timeout_ms=300)
    with Subject(language, command) as strategy, pytest.raises(SubjectFailed):
        strategy.run(Burst(1))
    assert '"code":"1"' in capfd.readouterr().err
