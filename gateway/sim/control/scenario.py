"""Scenarios: faults and commands by chance and step by step, from a TOML or JSON file or from a command.

seed = 7
[[chance]]                      # for each fitting occasion the seed decides
verb = "swallow_acks"           # any fault, or a command, which is then run at trade requests
probability = 0.01
op = "order"                    # filters and parameters of the verb stand beside
[[step]]
verb = "drop"
uid = "1000000000000001"
ordinal = 1                     # the first session of that account
request = 5                     # before its fifth trade request; or:
after_s = 2.0                   # so long after the start
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.sim.control.params import ControlError, Verb
from gateway.sim.exchange.exchange import Exchange
from gateway.sim.faults.fault_table import KINDS, FaultError, read_arm, read_params, read_trigger
from gateway.sim.faults.faults import Arm, Chance, Filter, Occasion, Params
from gateway.sim.faults.stale_snapshot import frozen

ROWS_LIMIT = 1_000
Row = Mapping[str, Any]


class ScenarioError(ValueError):
    """The scenario is invalid; the message gives the place and the reason."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Rows as they were written; `load` checks them against the verbs."""

    seed: int | None = None
    chances: tuple[Row, ...] = ()
    steps: tuple[Row, ...] = ()


def read_scenario(source: Path | Mapping[str, Any]) -> Scenario:
    """From a file (`.toml`, else JSON) or from its content. Raises ScenarioError."""
    content = _content(source) if isinstance(source, Path) else source
    if not isinstance(content, Mapping):
        raise ScenarioError("a scenario is an object of seed, chance and step")
    unknown = set(content) - {"seed", "chance", "step"}
    if unknown:
        raise ScenarioError(f"a scenario has seed, chance and step, but not {', '.join(sorted(unknown))}")
    seed = content.get("seed")
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        raise ScenarioError(f"seed must be an integer, not {seed!r}")
    return Scenario(seed, _rows(content, "chance"), _rows(content, "step"))


def _content(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
        return tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except OSError as error:
        raise ScenarioError(f"cannot read the scenario {path}: {error.strerror}") from None
    except ValueError as error:
        raise ScenarioError(f"{path}: {error}") from None


def _rows(content: Mapping[str, Any], name: str) -> tuple[Row, ...]:
    rows = content.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(one, Mapping) for one in rows) or len(rows) > ROWS_LIMIT:
        raise ScenarioError(f"{name} must be a list of at most {ROWS_LIMIT} tables")
    return tuple(rows)


class ScenarioRunner:
    """Runs one scenario at a time; a new one ends the old one and disarms its faults."""

    def __init__(self, exchange: Exchange, verbs: Mapping[str, Verb], command: Callable[..., Any]) -> None:
        self._exchange = exchange
        self._verbs = verbs
        self._run_command = command
        self._generation = 0
        self._exchange.faults.run = self._run_at

    def load(self, scenario: Scenario) -> None:
        """Check all rows, then start. Raises ScenarioError and leaves everything as it was."""
        chances = [self._chance(number, row) for number, row in enumerate(scenario.chances, 1)]
        steps = [(number, row, self._checked_step(number, row)) for number, row in enumerate(scenario.steps, 1)]
        faults = self._exchange.faults
        self._generation += 1
        faults.clear()
        if scenario.seed is not None:
            faults.seed = scenario.seed
        for chance in chances:
            faults.add_chance(chance, at_requests=chance.verb not in KINDS)
            if chance.verb == "rest_stale":
                self._lag(chance, self._generation)
        for _, row, after_s in steps:
            if after_s is None:
                self._begin(row)
            else:
                self._exchange.call_later(after_s, self._begin_if(row, self._generation))

    # --- checking ----------------------------------------------------------------------------------------------

    def _chance(self, number: int, row: Row) -> Chance:
        params = dict(row)
        verb = self._verb(f"chance {number}", params)
        probability = params.pop("probability", None)
        if not isinstance(probability, int | float) or isinstance(probability, bool) or not 0 <= probability <= 1:
            raise ScenarioError(f"chance {number} ({verb}): probability must be from 0 to 1, not {probability!r}")
        try:
            if verb in KINDS:
                own, which = read_params(verb, params)
            else:
                own, which = self._command(verb, params)
        except FaultError as wrong:
            raise ScenarioError(f"chance {number} ({verb}): {wrong}") from None
        return Chance(verb, which, own, float(probability), number)

    def _checked_step(self, number: int, row: Row) -> float | None:
        params = dict(row)
        verb = self._verb(f"step {number}", params)
        after_s = params.pop("after_s", None)
        if after_s is not None and (
            not isinstance(after_s, int | float) or isinstance(after_s, bool) or not 0 <= after_s <= 86_400
        ):
            raise ScenarioError(f"step {number} ({verb}): after_s must be a number of seconds, not {after_s!r}")
        try:
            if verb in KINDS:
                read_arm(verb, params, 0)
            else:
                self._command(verb, params)
                if after_s is None and not params.get("request"):
                    raise FaultError("needs after_s or request")
        except FaultError as wrong:
            raise ScenarioError(f"step {number} ({verb}): {wrong}") from None
        return None if after_s is None else float(after_s)

    def _verb(self, where: str, params: dict[str, Any]) -> str:
        verb = params.pop("verb", None)
        if verb not in KINDS and (verb not in self._verbs or verb == "scenario"):
            raise ScenarioError(f"{where}: unknown verb {verb!r}")
        return str(verb)

    def _command(self, verb: str, params: Mapping[str, Any]) -> tuple[Params, Filter]:
        """A command's own parameters, and the trade requests at which it is run."""
        known = self._verbs[verb].params
        which = read_trigger({name: value for name, value in params.items() if name in Filter.__slots__})
        own = {name: value for name, value in params.items() if name in known}
        unknown = set(params) - set(known) - set(Filter.__slots__)
        if unknown:
            raise FaultError(f"{verb} does not know {', '.join(sorted(unknown))}; it knows {', '.join(known)}")
        return own, which

    # --- running -----------------------------------------------------------------------------------------------

    def _begin_if(self, row: Row, generation: int) -> Any:
        def begin() -> None:
            if generation == self._generation:
                self._begin(row)

        return begin

    def _begin(self, row: Row) -> None:
        params = {name: value for name, value in row.items() if name not in ("verb", "after_s")}
        verb, faults = str(row["verb"]), self._exchange.faults
        if verb in KINDS:
            arm = read_arm(verb, params, self._exchange.clock.arrival_ns(), "step")
            if verb == "rest_stale":
                arm.params["_accounts"] = frozen(self._exchange.accounts)
            faults.arm(arm)
            faults.note(verb, "step", None, {**params, "armed": True})
            return
        own, which = self._command(verb, params)
        if which.request:
            faults.arm(Arm(verb, which, own, origin="step"), at_requests=True)
        else:
            faults.note(verb, "step", None, own)
            self._run(verb, own)

    def _run_at(self, verb: str, params: Params, at: Occasion) -> None:
        """A command at a trade request; on connections it means the one that the request came on."""
        known = self._verbs[verb].params
        self._run(verb, {**params, "session": at.session} if "session" in known else params)

    def _run(self, verb: str, params: Params) -> None:
        try:
            self._run_command(verb, **params)
        except ControlError as wrong:
            self._exchange.faults.note(verb, "error", None, {**params, "error": str(wrong)})

    def _lag(self, chance: Chance, generation: int) -> None:
        """Keep a copy of all accounts that is between one and two lags old."""
        latest = frozen(self._exchange.accounts)
        chance.params["_accounts"] = latest

        def age() -> None:
            nonlocal latest
            if generation == self._generation:
                chance.params["_accounts"], latest = latest, frozen(self._exchange.accounts)
                self._exchange.call_later(chance.params["lag_ms"] / 1000, age)

        self._exchange.call_later(chance.params["lag_ms"] / 1000, age)
