"""Pure. The armed faults, and whether one of them hits an occasion. `fault_table` lists the kinds of faults.

A fault is armed by command or by a step of a scenario (then it hits the next `count` fitting occasions), or it has a
probability. Then only the seed, the verb, the ordinal of the session among those of its account and path, and the
number of the occasion within that session decide. The n-th request of a session has the same result in every run,
independent of other sessions and of timing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Params = dict[str, Any]
Log = Callable[[dict[str, Any]], None]
Run = Callable[[str, Params, "Occasion"], None]

ARMS_LIMIT = 1_000  # armed at once; beyond that a test arms in a loop and forgets to clear


class Occasion(NamedTuple):
    """A place where a fault can hit: the n-th request, push, login, ... of one session. `op` is the operation, the
    channel of a push, or method and path of a REST request."""

    uid: str
    path: str
    ordinal: int  # of this session among those of the same account and path, from 1
    op: str
    n: int
    session: int = 0  # number among all connections; 0 for REST


@dataclass(frozen=True, slots=True)
class Filter:
    """Which occasions are meant; empty and 0 mean any. `request` is the occasion's number n."""

    op: str = ""
    uid: str = ""
    path: str = ""
    session: int = 0
    ordinal: int = 0
    request: int = 0

    def fits(self, at: Occasion) -> bool:
        return (
            (self.op in ("", "any", at.op) or at.op.endswith(f" {self.op}"))
            and self.uid in ("", at.uid)
            and self.path in ("", at.path)
            and self.session in (0, at.session)
            and self.ordinal in (0, at.ordinal)
            and self.request in (0, at.n)
        )


@dataclass(slots=True)
class Arm:
    """An armed fault: passes `skip` fitting occasions, then hits `left` of them (None: until it is cleared)."""

    verb: str
    which: Filter
    params: Params
    left: int | None = 1
    skip: int = 0
    until_ns: int | None = None
    origin: str = "command"
    hits: int = 0

    def takes(self, at: Occasion, now_ns: int) -> bool:
        if self.left == 0 or (self.until_ns is not None and now_ns >= self.until_ns) or not self.which.fits(at):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.left is not None:
            self.left -= 1
        self.hits += 1
        return True

    def is_spent(self, now_ns: int) -> bool:
        return self.left == 0 or (self.until_ns is not None and now_ns >= self.until_ns)


@dataclass(frozen=True, slots=True)
class Chance:
    """A fault with a probability. `number` distinguishes rows of the same verb."""

    verb: str
    which: Filter
    params: Params
    probability: float
    number: int = 0


@dataclass(slots=True)
class Faults:
    """All armed faults. Nothing is armed at start."""

    seed: int = 1
    now_ns: Callable[[], int] = lambda: 0
    log: Log = lambda record: None
    quiet: bool = True  # nothing is armed: callers need not ask
    run: Run = lambda verb, params, at: None  # runs a command that was armed for a trade request
    _arms: dict[str, list[Arm]] = field(default_factory=dict)
    _chances: dict[str, list[Chance]] = field(default_factory=dict)
    _at_requests: set[str] = field(default_factory=set)

    def arm(self, arm: Arm, *, at_requests: bool = False) -> None:
        """Arm one more. A standing fault replaces the standing one of the same verb and filter; one with `left` 0
        only removes it. `at_requests`: a command, to be run at trade requests."""
        now_ns = self.now_ns()
        kept = [
            one
            for one in self._arms.get(arm.verb, ())
            if not one.is_spent(now_ns) and not (one.left is None and one.which == arm.which)
        ]
        if len(kept) >= ARMS_LIMIT:
            raise ValueError(f"{arm.verb} is armed {ARMS_LIMIT} times already; clear first")
        self._arms[arm.verb] = kept if arm.left == 0 else [*kept, arm]
        if at_requests:
            self._at_requests.add(arm.verb)
        self._look()

    def add_chance(self, chance: Chance, *, at_requests: bool = False) -> None:
        self._chances.setdefault(chance.verb, []).append(chance)
        if at_requests:
            self._at_requests.add(chance.verb)
        self._look()

    def clear(self, verb: str = "") -> None:
        """Disarm everything, or one verb."""
        for table in (self._arms, self._chances):
            if verb:
                table.pop(verb, None)
            else:
                table.clear()
        self._look()

    def _look(self) -> None:
        self.quiet = not any(self._arms.values()) and not self._chances

    def take(self, verb: str, at: Occasion, *, note_standing: bool = True) -> Params | None:
        """The parameters with which `verb` hits this occasion, or None. With `note_standing` False the
        ledger has a standing fault only once, since it hits every frame."""
        if self.quiet:
            return None
        arms = self._arms.get(verb)
        if arms:
            now_ns = self.now_ns()
            for arm in arms:
                if arm.takes(at, now_ns):
                    if arm.left == 0:
                        arms.remove(arm)
                        self._look()
                    if note_standing or arm.left is not None or arm.hits == 1:
                        self.note(verb, arm.origin, at, arm.params)
                    return arm.params
        for chance in self._chances.get(verb, ()):
            if chance.which.fits(at) and self.draw(chance.probability, at, f"{verb}:{chance.number}"):
                self.note(verb, "chance", at, chance.params)
                return chance.params
        return None

    def run_due(self, at: Occasion) -> None:
        """Run the commands that hit this trade request."""
        for verb in sorted(self._at_requests):
            params = self.take(verb, at)
            if params is not None:
                self.run(verb, params, at)

    def note(self, verb: str, origin: str, at: Occasion | None, params: Params) -> None:
        """Enter the fault into the ledger."""
        where = (
            {}
            if at is None
            else {
                "uid": at.uid,
                "path": at.path,
                "ordinal": at.ordinal,
                "session": at.session,
                "op": at.op,
                "request": at.n,
            }
        )
        self.log({"type": "fault", "verb": verb, "origin": origin, **where, "params": shown(params)})

    def draw(self, probability: float, at: Occasion, subject: str) -> bool:
        """Whether the seed lets a fault hit one occasion."""
        if probability <= 0:
            return False
        text = f"{self.seed}|{at.uid}|{at.path}|{at.ordinal}|{at.op}|{at.n}|{subject}".encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") < probability * 2**64

    def armed(self) -> list[dict[str, Any]]:
        """Everything that is armed now, for the view."""
        now_ns = self.now_ns()
        arms = [
            {"verb": one.verb, "left": one.left, "skip": one.skip, **_where(one.which), "params": shown(one.params)}
            for arms in self._arms.values()
            for one in arms
            if not one.is_spent(now_ns)
        ]
        chances = [
            {"verb": one.verb, "probability": one.probability, **_where(one.which), "params": shown(one.params)}
            for chances in self._chances.values()
            for one in chances
        ]
        return arms + chances


def shown(params: Params) -> Params:
    """Parameters as they were given; prepared objects begin with an underscore and stay inside."""
    return {name: value for name, value in params.items() if not name.startswith("_")}


def _where(which: Filter) -> dict[str, Any]:
    return {name: getattr(which, name) for name in Filter.__slots__ if getattr(which, name)}
