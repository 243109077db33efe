"""Pure. When OKX's word that it does not know an order is proof that it is not there."""

from __future__ import annotations

from typing import Final

# A request may be executed until its last moment; OKX's REST may show it a little later.
NOT_FOUND_MARGIN_MS: Final = 2_000


class NotFoundEvidence:
    """REST lags and a single answer can be old: two not-found answers are needed, a margin apart."""

    def __init__(self) -> None:
        self._first_ms: dict[str, int] = {}

    def is_enough(self, name: str, last_ms: int, asked_at_ms: int) -> bool:
        """`name` was denied when asked at `asked_at_ms`; by `last_ms` every request for it had arrived or was lost."""
        if asked_at_ms <= last_ms + NOT_FOUND_MARGIN_MS:
            return False
        if asked_at_ms < self._first_ms.setdefault(name, asked_at_ms) + NOT_FOUND_MARGIN_MS:
            return False
        del self._first_ms[name]
        return True

    def forget(self, name: str) -> None:
        """OKX knows it."""
        self._first_ms.pop(name, None)
