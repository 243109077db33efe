"""Pure. Which records are lost, since when things may be unknown for it, and whether somebody has accepted that."""

from __future__ import annotations

from typing import Any, Final

import orjson

# States of `gateway.state` in which the private stream tells all that OKX does.
WHOLE_STATES: Final = frozenset({"ready", "halted"})


class LostRecords:
    """A lost stretch is named by the number of its first record.

    Recovery notes what it finds while it reads the records in their order; STATE records tell what earlier runs knew.
    """

    def __init__(self) -> None:
        self.gaps: list[int] = []
        self.kept_from = 0
        """Files before this one have been let go."""
        self._accepted: set[int] = set()
        self._was_incomplete = False  # the run before this one was, and nobody has said `resume`
        self._sound_ms: int | None = None  # until when all had been told before any was lost
        self._not_received_ms: int | None = None  # since when the private stream was not whole, if it was not

    def note(self, last_number: int, received_ms: int) -> None:
        """Records are lost behind the number `last_number`; before, all was told until `received_ms` (OKX's clock)."""
        if last_number + 1 not in self.gaps:
            self.gaps.append(last_number + 1)
        if self._sound_ms is None:
            self._sound_ms = received_ms

    def note_beginning(self, first_number: int) -> None:
        """The files before the number `first_number`, in which something open or remembered began, are not there."""
        self.gaps.insert(0, first_number - 1)
        self._sound_ms = 0

    def take_state(self, payload: bytes) -> None:
        """A STATE record of an earlier run."""
        state = orjson.loads(payload)
        self._accepted.update(state.get("accepted", ()))
        self._was_incomplete = bool(state.get("incomplete", False))
        self.kept_from = max(self.kept_from, int(state.get("keptFrom", 0)))

    def take_gateway_state(self, body: bytes, received_ms: int) -> None:
        """A `gateway.state` event of an earlier run; by then all had been told until `received_ms` (OKX's clock)."""
        if orjson.loads(body)["state"] in WHOLE_STATES:
            self._not_received_ms = None
        elif self._not_received_ms is None:
            self._not_received_ms = received_ms

    @property
    def incomplete(self) -> bool:
        """Requests and events may be lost, and nobody has said since that new orders may go all the same."""
        return self._was_incomplete or not self._accepted.issuperset(self.gaps)

    def unknown_since(self, received_ms: int) -> int:
        """Since when fills can be unknown, ms on OKX's clock: `received_ms` (the journal's end), or an earlier loss."""
        since_ms = received_ms if self._not_received_ms is None else self._not_received_ms
        return min(since_ms, self._sound_ms) if self.incomplete and self._sound_ms is not None else since_ms

    def accept(self) -> None:
        """Somebody has said `resume`."""
        self._accepted.update(self.gaps)
        self._was_incomplete = False

    def state(self) -> dict[str, Any]:
        """What a STATE record says of it."""
        return {"incomplete": self.incomplete, "accepted": sorted(self._accepted), "keptFrom": self.kept_from}
