"""The limit holds: whatever moments between sending and ack OKX counts at, no window of it, fixed or sliding, sees more than the limit."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway._fast.limits.window_limiter import WindowLimiter

WINDOW = 2_000


@dataclass
class Spent:
    """A taken weight. OKX counted it at `counted`; the gateway learns at `settled` that it has (None: not yet)."""

    weight: int
    sent: int
    settled: int | None = None
    counted: int = 0

    def is_out(self, now: int) -> bool:
        return self.settled is None or self.settled + WINDOW > now


@dataclass
class Model:
    """The slow and obvious limiter: all that was ever taken, in a list."""

    limit: int
    spent: list[Spent]

    def wait(self, weight: int, now: int) -> int:
        """By trying every moment at which something comes back."""
        if weight > self.limit:
            return (1 << 63) - 1
        moments = [
            now,
            *sorted(one.settled + WINDOW for one in self.spent if one.settled is not None and one.is_out(now)),
        ]
        for moment in moments:
            if sum(one.weight for one in self.spent if one.is_out(moment)) + weight <= self.limit:
                return moment - now
        return WINDOW


def most_in_a_window(moments: list[tuple[int, int]]) -> int:
    """The largest sum of weights whose moments lie within one window, wherever that begins: it is enough to begin at a moment."""
    return max((sum(w for x, w in moments if start <= x < start + WINDOW) for start, _ in moments), default=0)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "take", "take", "settle", "pass"]),
        st.integers(1, 4),
        st.integers(0, 900),
        st.integers(0, 100),
    ),
    max_size=60,
)


@settings(max_examples=400)
@given(limit=st.integers(1, 8), steps=STEPS, cold=st.booleans())
def test_no_window_sees_more_than_the_limit_and_the_waits_are_those_of_the_obvious_model(
    limit: int, steps: list[tuple[str, int, int, int]], cold: bool
) -> None:
    now = 50_000
    limiter = WindowLimiter(2, WINDOW)
    spent: list[Spent] = []
    if cold:
        limiter.start(now)
        spent.append(Spent(limit, now - WINDOW, settled=now, counted=now))
    key, model = limiter.add_key(limit), Model(limit, spent)
    for kind, weight, advance, share in steps:
        now += advance
        if kind == "take":
            expected = model.wait(weight, now)
            assert limiter.ask(key, weight, now) == expected
            if expected == 0:
                spent.append(Spent(weight, now))
        elif kind == "settle":
            open_ones = [one for one in spent if one.settled is None]
            if open_ones:
                one = open_ones[weight % len(open_ones)]
                one.settled = now
                one.counted = one.sent + (now - one.sent) * share // 100
                limiter.note_counted(key, one.weight, now)
        used = sum(one.weight for one in spent if one.is_out(now))
        held = sum(one.weight for one in spent if one.settled is None)
        if not cold or len(spent) > 1:
            assert limiter.usage(key, now) == (used, held, limit)
    for number, one in enumerate(one for one in spent if one.settled is None):
        one.counted = one.sent + number * 700
    assert most_in_a_window([(one.counted, one.weight) for one in spent]) <= limit


@pytest.mark.parametrize("seed", range(4))
def test_a_client_that_always_sends_at_once_gets_all_of_the_limit_and_no_more(seed: int) -> None:
    rng = random.Random(seed)
    limiter, limit, now = WindowLimiter(1, WINDOW), 60, 0
    key = limiter.add_key(limit)
    in_flight: list[Spent] = []
    counted: list[tuple[int, int]] = []
    while len(counted) < 400:
        while in_flight and in_flight[0].settled is not None and in_flight[0].settled <= now:
            limiter.note_counted(key, 1, now)
            in_flight.pop(0)
        wait = limiter.ask(key, 1, now)
        if wait == 0:
            ack = max(now + rng.randrange(1, 40), in_flight[-1].settled or 0 if in_flight else 0)
            in_flight.append(Spent(1, now, settled=ack))
            counted.append((rng.randrange(now, ack + 1), 1))
            continue
        now = min(now + wait, in_flight[0].settled or now) if in_flight else now + wait
    assert most_in_a_window(counted) == limit
    assert max(moment for moment, _ in counted) < (WINDOW + 80) * (400 // limit + 1)


def test_a_cold_start_counts_as_one_window_fully_spent() -> None:
    limiter = WindowLimiter(2, WINDOW)
    early, late = limiter.add_key(60), limiter.add_key(60)
    limiter.start(10_000)
    assert limiter.ask(early, 1, 10_000) == WINDOW
    assert limiter.ask(early, 1, 11_999) == 1
    assert limiter.usage(early, 11_999) == (60, 0, 60)
    assert limiter.ask(early, 60, 12_000) == 0
    assert limiter.ask(late, 60, 12_000) == 0, "a key first used after the cold window starts empty"


def test_a_token_without_proof_stays_out() -> None:
    limiter = WindowLimiter(1, WINDOW)
    key = limiter.add_key(2)
    assert limiter.ask(key, 2, 0) == 0
    assert limiter.ask(key, 1, 1_000_000) == WINDOW
    limiter.note_counted(key, 1, 1_000_000)
    assert limiter.ask(key, 1, 1_000_500) == WINDOW - 500
    assert limiter.ask(key, 2, 1_000_500) == WINDOW, "the other is still without proof"
    assert limiter.ask(key, 1, 1_000_000 + WINDOW) == 0


def test_weights_wait_for_as_many_tokens_as_they_need() -> None:
    limiter = WindowLimiter(1, WINDOW)
    key = limiter.add_key(5)
    for moment in range(5):
        assert limiter.ask(key, 1, moment) == 0
        limiter.note_counted(key, 1, moment)
    assert [limiter.ask(key, weight, 4) for weight in (1, 2, 5)] == [WINDOW - 4, WINDOW - 3, WINDOW]
    assert limiter.ask(key, 6, 4) == (1 << 63) - 1, "more than the limit never goes"
    assert limiter.usage(key, 4) == (5, 0, 5)


def test_one_keys_tokens_are_not_anothers() -> None:
    limiter = WindowLimiter(2, WINDOW)
    first, second = limiter.add_key(1), limiter.add_key(1)
    assert limiter.ask(first, 1, 0) == 0
    assert limiter.ask(second, 1, 0) == 0
    assert limiter.ask(first, 1, 0) == WINDOW


def test_the_number_of_keys_is_fixed() -> None:
    limiter = WindowLimiter(1, WINDOW)
    limiter.add_key(1)
    with pytest.raises(OverflowError):
        limiter.add_key(1)


@pytest.mark.parametrize(("key_capacity", "window_ns"), [(0, 1), (1, 0), (-1, 1)])
def test_sizes_must_be_positive(key_capacity: int, window_ns: int) -> None:
    with pytest.raises(ValueError):
        WindowLimiter(key_capacity, window_ns)


def test_a_limit_must_be_positive() -> None:
    with pytest.raises(ValueError):
        WindowLimiter(1, 1).add_key(0)
