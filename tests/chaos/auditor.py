"""Pure. The rules: each compares published events with the exchange's own ledger, which alone is trusted.

A rule takes the audit trail and yields violations; RULES has all rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.chaos import algo_rules, money_rules, request_rules, stream_rules
from tests.chaos.audit_trail import AuditTrail, Violation

Rule = Callable[[AuditTrail], Iterator[Violation]]

RULES: dict[str, Rule] = {**request_rules.RULES, **stream_rules.RULES, **money_rules.RULES, **algo_rules.RULES}


def audit(trail: AuditTrail) -> list[Violation]:
    """All violations; empty if there is none."""
    return [found for rule in RULES.values() for found in rule(trail)]
