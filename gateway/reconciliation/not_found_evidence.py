"""Pure. Decides when OKX's not-found answers prove that an order does not exist."""

from __future__ import annotations

from typing import Final

# A request can be executed until its last moment; OKX's REST can show it a little later.
NOT_FOUND_MARGIN_MS: Final = 2_000


class NotFoundEvidence:
    """REST lags and a single answer can be old: proof needs two not-found answers, a margin apart."""

    def __init__(self) -> None:
        self._first_ms: dict[str, int] = {}

    def is_enough(self, name: str, last_ms: int, asked_at_ms: int) -> bool:
        """OKX denied `name` at `asked_at_ms`. Every request for it had arrived or was lost by `last_ms`."""
        if asked_at_ms <= last_ms + NOT_FOUND_MARGIN_MS:
            return False
        if asked_at_ms < self._first_ms.setdefault(name, asked_at_ms) + NOT_FOUND_MARGIN_MS:
            return False
        del self._first_ms[name]
        return True

    def forget(self, name: str) -> None:
        """OKX knows this order."""
        self._first_ms.pop(name, None)
