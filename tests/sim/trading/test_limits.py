from __future__ import annotations

from gateway.sim.trading.limits import BUDGETS_LIMIT, OTHERS, Charge, LimitKey, Peak, RateLimits

KEY = LimitKey("7", "place", "BTC-USDT")
OTHER = LimitKey("7", "place", "ETH-USDT")
MS = 1_000_000


def admit(limits: RateLimits, ms: int, weight: int = 1, fixed: bool = False, count_refused: bool = False) -> bool:
    charges = [Charge(KEY, weight, 3)]
    limits.see(charges, ms * MS)
    return limits.admit(charges, ms * MS, fixed=fixed, count_refused=count_refused) is None


def test_sliding_window() -> None:
    limits = RateLimits()
    assert [admit(limits, ms) for ms in (1_900, 1_900, 2_100, 2_101, 3_899)] == [True, True, True, False, False]
    assert admit(limits, 3_900)  # two of 1900 are exactly 2.0 s old and count no more
    assert admit(limits, 3_901)
    assert not admit(limits, 3_902)


def test_fixed_window_lets_twice_the_limit_through_at_its_edge() -> None:
    limits = RateLimits()
    assert [admit(limits, ms, fixed=True) for ms in (3_990, 3_991, 3_992, 3_993)] == [True, True, True, False]
    assert [admit(limits, ms, fixed=True) for ms in (4_000, 4_001, 4_002, 4_003)] == [True, True, True, False]


def test_a_refused_request_counts_only_if_switched() -> None:
    for count_refused in (False, True):
        limits = RateLimits()
        assert admit(limits, 0, 3)
        assert not admit(limits, 1_000, 3, count_refused=count_refused)
        assert admit(limits, 2_000, 3) is not count_refused


def test_the_ledger_counts_everything_that_came() -> None:
    limits = RateLimits()
    for ms in (1_900, 1_950, 2_000, 2_050, 2_100, 9_000):
        admit(limits, ms)
    assert limits.peaks() == [Peak(KEY, 3, sliding=5, fixed=3, total=6)]


def test_no_budget_is_charged_when_one_has_no_room() -> None:
    limits = RateLimits()
    assert limits.admit([Charge(OTHER, 3, 3)], 0, fixed=False, count_refused=False) is None
    both = [Charge(KEY, 1, 3), Charge(OTHER, 1, 3)]
    assert limits.admit(both, 1, fixed=False, count_refused=False) == OTHER
    assert limits.admit([Charge(KEY, 3, 3)], 2, fixed=False, count_refused=False) is None


def test_budgets_are_apart() -> None:
    limits = RateLimits()
    assert limits.admit([Charge(KEY, 3, 3)], 0, fixed=False, count_refused=False) is None
    assert limits.admit([Charge(OTHER, 3, 3)], 0, fixed=False, count_refused=False) is None
    assert limits.admit([Charge(LimitKey("8", "place", "BTC-USDT"), 3, 3)], 0, fixed=False, count_refused=False) is None


def test_the_sub_account_limit_can_be_earned() -> None:
    limits = RateLimits()
    assert limits.sub_account_limit("7") == 1_000
    limits.set_sub_account_limit("7", 2_500)
    assert (limits.sub_account_limit("7"), limits.sub_account_limit("8")) == (2_500, 1_000)


def test_names_that_clients_make_up_do_not_eat_the_memory() -> None:
    """Idle keys are folded into one key per operation; peaks, totals and requests that still count are kept."""
    limits = RateLimits()
    limits.see([Charge(KEY, 7, 60)], 0)
    for number in range(3 * BUDGETS_LIMIT):
        charges = [Charge(LimitKey("7", "GET trade/order", f"X{number}"), 1, 60)]
        limits.see(charges, number * MS)
        assert limits.admit(charges, number * MS, fixed=False, count_refused=False) is None
    peaks = limits.peaks()
    assert len(peaks) <= BUDGETS_LIMIT + 2
    assert sum(one.total for one in peaks) == 3 * BUDGETS_LIMIT + 7
    (place,) = [one for one in peaks if one.key.op == "place"]
    assert (place.key, place.sliding, place.fixed) == (LimitKey(OTHERS, "place", OTHERS), 7, 7)
    last = LimitKey("7", "GET trade/order", f"X{3 * BUDGETS_LIMIT - 1}")
    assert last in {one.key for one in peaks}
