"""One immediate attempt, then 1 s doubling to 60 s; never more than 3 connects in a second."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.okx.backoff import Backoff, ConnectPacer


def test_the_waits_without_jitter() -> None:
    backoff = Backoff(1_000, 60_000, 0.2)
    waits = [backoff.next_delay_ms(0.0) for _ in range(10)]
    assert waits == [0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]
    assert backoff.failures == 10


def test_jitter_shortens_by_its_part_at_most() -> None:
    backoff = Backoff(1_000, 60_000, 0.2)
    assert [backoff.next_delay_ms(1.0) for _ in range(4)] == [0, 800, 1_600, 3_200]


def test_success_makes_the_next_attempt_immediate() -> None:
    backoff = Backoff(1_000, 60_000, 0.2)
    for _ in range(5):
        backoff.next_delay_ms(0.5)
    backoff.reset()
    assert backoff.failures == 0
    assert [backoff.next_delay_ms(0.0) for _ in range(2)] == [0, 1_000]


def test_a_month_of_failures_stays_at_the_maximum() -> None:
    backoff = Backoff(1_000, 60_000, 0.0)
    assert [backoff.next_delay_ms(0.5) for _ in range(50_000)][-1] == 60_000


def test_three_connects_are_free_and_the_fourth_waits() -> None:
    pacer = ConnectPacer()
    assert [pacer.reserve(now_ms) for now_ms in (0, 0, 10)] == [0, 0, 0]
    assert pacer.reserve(20) == 1_080


@given(st.lists(st.integers(0, 3_000), max_size=60))
def test_no_second_ever_holds_more_than_three(gaps_ms: list[int]) -> None:
    pacer = ConnectPacer()
    now_ms, starts = 0, []
    for gap_ms in gaps_ms:
        now_ms += gap_ms
        starts.append(now_ms + pacer.reserve(now_ms))
    assert starts == sorted(starts)
    for first, fourth in zip(starts, starts[3:], strict=False):
        assert fourth - first > 1_000
