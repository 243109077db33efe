"""Pure. What is armed to go wrong. Each fault is a row of the verb table in `control`; the places it hits ask here.

Counted faults hit the next `count` occasions; probabilities are drawn from the seed and the number of the occasion,
so that the n-th request of a session meets the same fate in every run, whatever the timing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counted:
    """A fault that hits the next `count` requests, of one op or ('') of any."""

    count: int = 0
    op: str = ""

    def take(self, op: str) -> bool:
        if self.count <= 0 or self.op not in ("", op):
            return False
        self.count -= 1
        return True


@dataclass(slots=True)
class Faults:
    """All armed faults. Nothing is armed at start."""

    seed: int = 1
    refuse_login_code: str = ""
    refuse_logins: int = 0
    swallow_acks: Counted = field(default_factory=Counted)
    delay_acks: Counted = field(default_factory=Counted)
    delay_acks_ms: int = 0
    drop_after_act: Counted = field(default_factory=Counted)
    drop_before_act: Counted = field(default_factory=Counted)
    outcome_unknown: Counted = field(default_factory=Counted)
    outcome_unknown_code: str = "64007"
    outcome_unknown_acts: bool = False
    push_first: Counted = field(default_factory=Counted)
    duplicate_pushes: int = 0
    lose_pushes: int = 0
    fragments: int = 1
    one_byte_segments: bool = False
    rest_delay_ms: int = 0
    rest_errors: int = 0
    rest_error_status: int = 503

    def clear(self) -> None:
        """Disarm everything."""
        fresh = Faults(self.seed)
        for name in self.__slots__:
            setattr(self, name, getattr(fresh, name))

    def take_login_refusal(self) -> str:
        """The code with which the next login fails, or ''."""
        if self.refuse_logins <= 0:
            return ""
        self.refuse_logins -= 1
        return self.refuse_login_code

    def push_fate(self) -> str:
        """'duplicate', 'lose' or 'send' for the next order push."""
        if self.lose_pushes > 0:
            self.lose_pushes -= 1
            return "lose"
        if self.duplicate_pushes > 0:
            self.duplicate_pushes -= 1
            return "duplicate"
        return "send"

    def draw(self, probability: float, session: int, request: int, what: str) -> bool:
        """The seed's verdict on the `request`-th request of a session."""
        if probability <= 0:
            return False
        text = f"{self.seed}:{session}:{request}:{what}".encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") < probability * 2**64
