"""What can be commanded of a running simulator, as a table of verbs, and what can be read from it.

Over HTTP: POST /sim/<verb> with a JSON object of parameters, GET /sim/<view>. In process: `command`. No key is asked
for; the server listens on loopback unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from gateway.sim.codes import Refusal
from gateway.sim.control_params import ControlError, Params
from gateway.sim.control_verbs import VERBS
from gateway.sim.control_views import VIEWS

if TYPE_CHECKING:
    from gateway.sim.exchange import Exchange
    from gateway.sim.sessions import Session

__all__ = ["VERBS", "VIEWS", "Control", "ControlError"]


class Control:
    """Commands and views on one exchange and its connections."""

    def __init__(self, exchange: Exchange, sessions: Callable[[], Iterable[Session]]) -> None:
        self.exchange = exchange
        self._sessions = sessions

    def command(self, verb: str, **params: Any) -> Any:
        """Run one verb of the table; unknown verbs and parameters are errors."""
        row = VERBS.get(verb)
        if row is None:
            raise ControlError(f"unknown verb {verb!r}; known: {', '.join(sorted(VERBS))}")
        unknown = set(params) - set(row.params)
        if unknown:
            raise ControlError(f"{verb} does not know {', '.join(sorted(unknown))}; it knows {', '.join(row.params)}")
        try:
            result = row.run(self, params)
        except Refusal as refusal:
            raise ControlError(f"{refusal.code} {refusal.msg}") from None
        self.exchange.flush()
        return result

    def view(self, name: str, query: dict[str, str]) -> Any:
        """Read one of the views."""
        reader = VIEWS.get(name)
        if reader is None:
            raise ControlError(f"unknown view {name!r}; known: {', '.join(sorted(VIEWS))}")
        return reader(self, query)

    def selected(self, params: Params) -> list[Session]:
        """The connections that a command means: by path, uid or number; all if none is given."""
        path, uid, number = params.get("path"), params.get("uid"), params.get("session")
        return [
            one
            for one in self._sessions()
            if path in (None, one.path)
            and (uid is None or (one.identity is not None and one.identity.uid == uid))
            and number in (None, one.number)
        ]
