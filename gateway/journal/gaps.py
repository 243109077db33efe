"""Pure. Lost records: which, since when fills can be unknown, and whether an operator has accepted the loss."""

from __future__ import annotations

from typing import Any, Final

import orjson

# In these states of `gateway.state` the private stream delivers everything that OKX does.
COMPLETE_STATES: Final = frozenset({"ready", "halted"})


class LostRecords:
    """The lost stretches. Each is named by the number of its first record.

    Recovery notes the stretches that it finds while it reads the records in order. STATE records carry those that
    earlier runs knew.
    """

    def __init__(self) -> None:
        self.gaps: list[int] = []
        self.kept_from = 0
        """Retention has removed the files before this one."""
        self._accepted: set[int] = set()
        self._was_incomplete = False  # the previous run was incomplete, and no operator has sent `resume`
        self._sound_ms: int | None = None  # all updates until this time were published before the first loss
        self._not_received_ms: int | None = None  # the private stream was incomplete since this time, if it was

    def note(self, last_number: int, received_ms: int) -> None:
        """Records after `last_number` are lost. All updates until `received_ms` (OKX's clock) were published."""
        if last_number + 1 not in self.gaps:
            self.gaps.append(last_number + 1)
        if self._sound_ms is None:
            self._sound_ms = received_ms

    def note_beginning(self, first_number: int) -> None:
        """The files before record `first_number` are missing; an open or remembered request or order began there."""
        self.gaps.insert(0, first_number - 1)
        self._sound_ms = 0

    def take_state(self, payload: bytes) -> None:
        """Takes over the STATE record of an earlier run."""
        state = orjson.loads(payload)
        self._accepted.update(state.get("accepted", ()))
        self._was_incomplete = bool(state.get("incomplete", False))
        self.kept_from = max(self.kept_from, int(state.get("keptFrom", 0)))

    def take_gateway_state(self, body: bytes, received_ms: int) -> None:
        """Takes over a `gateway.state` event of an earlier run. All updates until `received_ms` were published."""
        if orjson.loads(body)["state"] in COMPLETE_STATES:
            self._not_received_ms = None
        elif self._not_received_ms is None:
            self._not_received_ms = received_ms

    @property
    def incomplete(self) -> bool:
        """Requests and events can be lost, and no operator has allowed new orders since."""
        return self._was_incomplete or not self._accepted.issuperset(self.gaps)

    def unknown_since(self, received_ms: int) -> int:
        """Fills can be unknown since this time, ms on OKX's clock: `received_ms` (the journal's end), or a loss."""
        since_ms = received_ms if self._not_received_ms is None else self._not_received_ms
        return min(since_ms, self._sound_ms) if self.incomplete and self._sound_ms is not None else since_ms

    def accept(self) -> None:
        """An operator has sent `resume`."""
        self._accepted.update(self.gaps)
        self._was_incomplete = False

    def state(self) -> dict[str, Any]:
        """The members of a STATE record."""
        return {"incomplete": self.incomplete, "accepted": sorted(self._accepted), "keptFrom": self.kept_from}
