"""Pure. The rules: each compares what strategies were told with the exchange's own ledger, which alone is trusted.

A rule takes the Story and yields what it found wrong; RULES are all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.chaos import algo_rules, money_rules, request_rules, stream_rules
from tests.chaos.story import Story, Violation

Rule = Callable[[Story], Iterator[Violation]]

RULES: dict[str, Rule] = {**request_rules.RULES, **stream_rules.RULES, **money_rules.RULES, **algo_rules.RULES}


def audit(story: Story) -> list[Violation]:
    """All that is wrong; nothing when all is well."""
    return [found for rule in RULES.values() for found in rule(story)]
