"""The control API of a running simulator: a table of verbs, and a table of views.

Over HTTP: POST /sim/<verb> with a JSON object of parameters, GET /sim/<view>. In process: `command`. No key is asked
for; the server listens on loopback unless it is configured otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import parse_integer
from gateway.sim.control.params import ControlError, Params, integer
from gateway.sim.control.scenario import ScenarioError, ScenarioRunner, read_scenario
from gateway.sim.control.verbs import VERBS
from gateway.sim.control.views import VIEWS
from gateway.sim.exchange.exchange import Exchange
from gateway.sim.ws.sessions import Session

__all__ = ["VERBS", "VIEWS", "Control", "ControlError"]


class Control:
    """Commands and views on one exchange and its connections."""

    def __init__(self, exchange: Exchange, sessions: Callable[[], Iterable[Session]]) -> None:
        self.exchange = exchange
        self._sessions = sessions
        self.scenarios = ScenarioRunner(exchange, VERBS, self.command)

    def command(self, verb: str, /, **params: Any) -> Any:
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
        pages = {one: _whole(query, one) for one in ("since", "offset", "limit") if one in query}
        answer = reader(self, query)
        if name == "ledger" or not isinstance(answer, list):
            return answer
        start = pages.get("offset", 0)
        return answer[start : start + pages["limit"]] if "limit" in pages else answer[start:]

    def load_scenario(self, content: Mapping[str, Any]) -> None:
        """Replace everything that is armed and running by this scenario. Raises ControlError."""
        try:
            self.scenarios.load(read_scenario(content))
        except ScenarioError as wrong:
            raise ControlError(str(wrong)) from None

    def selected(self, params: Params) -> list[Session]:
        """The connections that a command means: by path, uid, number, or ordinal among those of an account on a path;
        all if none is given."""
        path, uid = params.get("path", ""), params.get("uid", "")
        number, ordinal = integer(params, "session", 0, low=0), integer(params, "ordinal", 0, low=0)
        if path not in ("", "public", "private", "business"):
            raise ControlError(f"path must be public, private or business, not {path!r}")
        if not isinstance(uid, str):
            raise ControlError(f"uid must be text, not {uid!r}")
        return [
            one
            for one in self._sessions()
            if path in ("", one.path)
            and (not uid or (one.identity is not None and one.identity.uid == uid))
            and number in (0, one.number)
            and ordinal in (0, one.ordinal)
        ]


def _whole(query: dict[str, str], name: str) -> int:
    number = parse_integer(query[name])
    if number is None:
        raise ControlError(f"{name} must be an integer, 0 or more, not {query[name]!r}")
    return number
