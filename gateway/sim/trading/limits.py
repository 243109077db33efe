"""Pure. Rate limits and the ledger of how fast requests really came.

Source: OKX docs, "Overview" (rate limits) and the trade operations' pages: place, amend and cancel count apart, per
user and instrument; single and batch requests count apart; REST and WebSocket count together; a batch of one
counts as single; new and amended orders count per sub-account as well, except SPOT and MARGIN. Whether OKX's window
is fixed or sliding is not documented: both are implemented. A refused request is not executed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

SECOND_NS = 1_000_000_000
TRADE_WINDOW_NS = 2 * SECOND_NS
SINGLE_LIMIT = 60
BATCH_LIMIT = 300
RPI_TAKER_LIMIT = 50  # orders with isElpTakerAccess, single and batch together (OKX docs, "Place order")
SUB_ACCOUNT_LIMIT = 1_000
SUB_ACCOUNT = "sub-account"
BUDGETS_LIMIT = 10_000  # keys remembered one by one; names that clients make up must not eat the memory
OTHERS = "*"  # where the peaks of forgotten keys are kept


class LimitKey(NamedTuple):
    """The owner of a budget (user id or IP), the operation, and the instrument or family ('' for all)."""

    owner: str
    op: str
    inst: str


class Charge(NamedTuple):
    """The cost of one request to one budget."""

    key: LimitKey
    weight: int
    limit: int
    window_ns: int = TRADE_WINDOW_NS


@dataclass(frozen=True, slots=True)
class Peak:
    """The highest count ever seen under one key, in any sliding window and in any window aligned to the epoch."""

    key: LimitKey
    limit: int
    sliding: int
    fixed: int
    total: int


class _Window:
    """Counts events of the last `window_ns` (sliding) and of the current epoch-aligned window (fixed)."""

    __slots__ = ("_events", "_index", "fixed", "sliding", "window_ns")

    def __init__(self, window_ns: int) -> None:
        self.window_ns = window_ns
        self._events: deque[tuple[int, int]] = deque()
        self._index = -1
        self.sliding = 0
        self.fixed = 0

    def roll(self, now_ns: int) -> None:
        """Forget the events that left the window: an event counts while it is younger than the window."""
        events = self._events
        horizon = now_ns - self.window_ns
        while events and events[0][0] <= horizon:
            self.sliding -= events.popleft()[1]
        index = now_ns // self.window_ns
        if index != self._index:
            self._index, self.fixed = index, 0

    def add(self, now_ns: int, weight: int) -> None:
        self._events.append((now_ns, weight))
        self.sliding += weight
        self.fixed += weight


class _Budget:
    """One key: the requests that count against the limit, and the peaks."""

    __slots__ = ("counted", "fixed_peak", "last_ns", "limit", "seen", "sliding_peak", "total")

    def __init__(self, charge: Charge) -> None:
        self.limit = charge.limit
        self.counted = _Window(charge.window_ns)
        self.seen = _Window(charge.window_ns)
        self.sliding_peak = self.fixed_peak = self.total = self.last_ns = 0

    def see(self, now_ns: int, weight: int) -> None:
        self.last_ns = now_ns
        self.seen.roll(now_ns)
        self.seen.add(now_ns, weight)
        self.total += weight
        self.sliding_peak = max(self.sliding_peak, self.seen.sliding)
        self.fixed_peak = max(self.fixed_peak, self.seen.fixed)

    def absorb(self, other: _Budget) -> None:
        self.last_ns = max(self.last_ns, other.last_ns)
        self.total += other.total
        self.sliding_peak = max(self.sliding_peak, other.sliding_peak)
        self.fixed_peak = max(self.fixed_peak, other.fixed_peak)

    def has_room(self, now_ns: int, weight: int, fixed: bool) -> bool:
        self.counted.roll(now_ns)
        count = self.counted.fixed if fixed else self.counted.sliding
        return count + weight <= self.limit


class RateLimits:
    """All budgets. `now_ns` is the arrival time on one never decreasing clock."""

    def __init__(self) -> None:
        self._budgets: dict[LimitKey, _Budget] = {}
        self._fill_ratio_limits: dict[str, int] = {}

    def set_sub_account_limit(self, uid: str, limit: int) -> None:
        """A sub-account can earn more than 1000 (OKX docs, "Get account rate limit")."""
        self._fill_ratio_limits[uid] = limit

    def sub_account_limit(self, uid: str) -> int:
        return self._fill_ratio_limits.get(uid, SUB_ACCOUNT_LIMIT)

    def see(self, charges: list[Charge], now_ns: int) -> None:
        """Enter a request into the ledger of peaks, refused or not."""
        for charge in charges:
            self._budget(charge).see(now_ns, charge.weight)

    def admit(self, charges: list[Charge], now_ns: int, *, fixed: bool, count_refused: bool) -> LimitKey | None:
        """Count the request against all its budgets, or name the first that has no room (then none is charged)."""
        refused = None
        for charge in charges:
            if not self._budget(charge).has_room(now_ns, charge.weight, fixed):
                refused = charge.key
                break
        if refused is None or count_refused:
            for charge in charges:
                budget = self._budget(charge)
                budget.counted.roll(now_ns)
                budget.counted.add(now_ns, charge.weight)
        return refused

    def _forget_idle(self, window_ns: int) -> None:
        """Fold the half of the keys that was idle longest, with empty windows, into one key per operation."""
        now_ns = max(one.last_ns for one in self._budgets.values())
        by_age = sorted(self._budgets.items(), key=lambda item: item[1].last_ns)
        for key, one in by_age[: BUDGETS_LIMIT // 2]:
            if one.last_ns + max(one.seen.window_ns, window_ns) > now_ns or key.inst == OTHERS:
                continue
            del self._budgets[key]
            rest = LimitKey(OTHERS, key.op, OTHERS)
            kept = self._budgets.get(rest)
            if kept is None:
                kept = self._budgets[rest] = _Budget(Charge(rest, 0, one.limit, one.seen.window_ns))
            kept.absorb(one)

    def peaks(self) -> list[Peak]:
        return [Peak(key, one.limit, one.sliding_peak, one.fixed_peak, one.total) for key, one in self._budgets.items()]

    def _budget(self, charge: Charge) -> _Budget:
        budget = self._budgets.get(charge.key)
        if budget is None:
            if len(self._budgets) >= BUDGETS_LIMIT:
                self._forget_idle(charge.window_ns)
            budget = self._budgets[charge.key] = _Budget(charge)
        budget.limit = charge.limit
        return budget
