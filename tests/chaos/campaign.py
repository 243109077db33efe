"""One run: an exchange, a gateway and strategies in separate processes; faults by the plan; then calm; then the audit."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import zmq

from gateway.sim.hosting.tied_process import tied
from tests.chaos.audit_trail import AuditTrail, Bounds, Json, Violation
from tests.chaos.auditor import audit
from tests.chaos.plan import ALGOS, TRADERS, Plan, Step
from tests.chaos.timeline import timeline
from tests.e2e.processes import (
    PROGRAM,
    ROOT,
    UID,
    UNLIMITED,
    Exchange,
    Gateway,
    running,
    short_directory,
    wait_until,
)

OBSERVER = "observer"
TIMELINES_MAX = 5  # violations of one run that are printed in full
LOOK_S = 0.02
MARKET = ("--market-rate", "4", "--market-levels", "4")  # others trade with our orders and among themselves
# File size limit of the gateway while its disk is full: it cannot create a segment of its journal then.
FULL_DISK_BYTES = 1 << 20
NOT_ALL_KEPT = b"1"  # docs/journal.md
# Faults are over: an unknown placement has its proof 2 s after its expTime, then one question a second, after a reconnect.
# That is some 6 s; the rest is for busy machines.
LIVENESS_BOUND_S = 60.0
BOUNDS = Bounds(max_age_ms=1_000, max_wait_ms=0, order_ttl_ms=600)
REQUESTS = {"ack_timeout_ms": 400, "order_ttl_ms": BOUNDS.order_ttl_ms, "max_age_ms": BOUNDS.max_age_ms}
JOURNAL = {"segment_mib": 8}  # the minimum: a full disk shows after the present file and the prepared next one
SESSION = {
    "backoff_first_ms": 334,
    "backoff_max_ms": 500,
    "rest_timeout_ms": 1_000,
    "ping_after_ms": 500,
    "pong_timeout_ms": 700,
    "login_timeout_ms": 700,
    "subscribe_timeout_ms": 700,
    "close_timeout_ms": 300,
    "sweep_s": 1,
    "sweep_margin_ms": 500,
}


@dataclass
class Result:
    """The result of a run."""

    plan: Plan
    trail: AuditTrail
    violations: list[Violation]
    calm_s: float

    @property
    def text(self) -> str:
        """Empty for a clean run; else all violations with their timelines."""
        if not self.violations:
            return ""
        parts = [
            f"{len(self.violations)} violations; again with: make chaos SEEDS={self.plan.seed}..{self.plan.seed} MIX={','.join(self.plan.mix)}",
            str(self.plan),
        ]
        parts += [
            f"\n{one.rule}: {one.text}\n{timeline(self.trail, one.keys) if one.keys else ''}"
            for one in self.violations[:TIMELINES_MAX]
        ]
        parts += [f"{one.rule}: {one.text}" for one in self.violations[TIMELINES_MAX:]]
        return "\n".join(parts)

    @property
    def summary(self) -> str:
        counts = {kind: sum(one["type"] == kind for one in self.trail.ledger) for kind in ("request", "order", "fill")}
        unknown = sum(fate.acked["result"] == "unknown" for fate in self.trail.fates)
        counted = ", ".join(f"{count} {kind} records" for kind, count in counts.items())
        return f"{counted}; {len(self.trail.fates)} results, {unknown} of them unknown first; at rest after {self.calm_s:.1f} s"


class StrategyProcess:
    """A trader, killed and started again under the same name."""

    def __init__(self, gateway: Gateway, directory: Path, seed: int, name: str, *, algos: bool = False) -> None:
        self.name, self.file = name, directory / f"{name}.jsonl"
        self._gateway, self._seed, self._algos = gateway, seed, algos
        self._log = directory / f"{name}.log"
        self.run = 0
        self.start()

    def start(self) -> None:
        self.run += 1
        options = ["--idle", "--topics", "account.,gateway."] if self.name == OBSERVER else []
        options += ["--algos"] if self._algos else []
        command = [
            sys.executable,
            "-m",
            "tests.chaos.trader",
            str(self._gateway.sockets),
            self.name,
            str(self._seed),
            str(self.run),
            str(self.file),
            *options,
        ]
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(
                tied(command), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
            )

    def signal(self, number: signal.Signals) -> None:
        self._child.send_signal(number)

    def kill(self) -> None:
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()

    def send_command(self, command: str) -> None:
        """A command of the trader: `calm`, `stuff`."""
        assert self._child.stdin is not None
        self._child.stdin.write(f"{command}\n".encode())
        self._child.stdin.flush()

    @property
    def failure(self) -> str:
        """A strategy that ends by itself is a defect of the campaign."""
        return "" if self._child.poll() is None else f"{self.name} ended:\n{self._log.read_text()}"

    def records(self) -> list[Json]:
        """Its records, without a last line that a kill has cut."""
        text = self.file.read_bytes() if self.file.exists() else b""
        return [json.loads(line) for line in text[: text.rfind(b"\n") + 1].splitlines()]

    @property
    def is_quiet(self) -> bool:
        return b'"type": "quiet"' in self.file.read_bytes()[-100_000:] if self.file.exists() else False


class Campaign:
    """The parties of one run, and the campaign's own faults. Steps without a method here are verbs of the simulator."""

    def __init__(self, stack: ExitStack, plan: Plan, program: Sequence[str]) -> None:
        self.plan, self._stack = plan, stack
        self.directory: Path = stack.enter_context(short_directory())
        options = ["--limiter-window", plan.window, "--seed", str(plan.seed), "--market-seed", str(plan.seed)]
        self.exchange = stack.enter_context(running(Exchange(self.directory, *MARKET, *options)))
        self.opening_cash = self._account()["cash"]
        self._gateway_options = {
            **(UNLIMITED if plan.window == "off" else {}),
            **plan.settings,
            "requests": REQUESTS,
            "session": {**SESSION, **plan.settings.get("session", {})},
            "journal": {**JOURNAL, **plan.settings.get("journal", {})},
        }
        self._program = program
        self._disk_full = False
        self.actions: list[Json] = []
        self.gateway = self._start_gateway()
        self.strategies = {
            name: StrategyProcess(self.gateway, self.directory, plan.seed, name, algos=ALGOS in plan.mix)
            for name in (*TRADERS, OBSERVER)
        }
        for one in self.strategies.values():
            stack.callback(lambda one=one: one.kill())
        self._due: list[tuple[float, Any]] = []
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        stack.callback(self._context.destroy, 0)

    def _start_gateway(self) -> Gateway:
        """Only the first run has the deliberate bugs."""
        gateway = Gateway(self.directory, self.exchange, self._gateway_options, program=self._program)
        self._program = PROGRAM
        self._limit_files(gateway)
        self._may_forget = False
        return self._stack.enter_context(running(gateway))

    def _limit_files(self, gateway: Gateway) -> None:
        """Causes EFBIG where a full disk causes ENOSPC: this needs no separate file system, and no rights."""
        if gateway.is_running:
            hard = resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, (FULL_DISK_BYTES if self._disk_full else hard, hard))

    def _account(self) -> Json:
        found: Json = next(one for one in self.exchange.view("accounts") if one["uid"] == UID)
        return found

    # --- faults

    def run_steps(self) -> None:
        observer = self.strategies[OBSERVER]
        wait_until(
            lambda: observer.file.exists() and b'"ready": true' in observer.file.read_bytes(),
            "the gateway is ready",
        )
        start = time.monotonic()
        steps = [(start + step.at_ms / 1_000, step) for step in self.plan.steps]
        while steps or time.monotonic() < start + self.plan.safety_ms / 1_000:
            now = time.monotonic()
            while steps and steps[0][0] <= now:
                self._take(steps.pop(0)[1])
            self._run_due(now)
            self._supervise()
            time.sleep(0.005)

    def _take(self, step: Step) -> None:
        self._note(step.kind, **step.params)
        own = getattr(self, f"_{step.kind}", None)
        if own is not None:
            own(**step.params)
        else:
            self.exchange.command(step.kind, **step.params)

    def _note(self, action: str, **params: Any) -> None:
        self.actions.append({"time_ns": time.time_ns(), "action": action, **params})

    def _supervise(self) -> None:
        """Restarts a gateway that has ended. A gateway that finds no room at its start notes it in its lock file."""
        lock = self.gateway.sockets / "journal" / "lock"
        if self._disk_full and lock.exists() and lock.read_bytes()[:1] == NOT_ALL_KEPT:
            self._may_forget = True
        if not self.gateway.is_running:
            self._note("gateway_ended", status=self.gateway.wait())
            self.gateway = self._start_gateway()

    def _later(self, ms: int, callback: Any) -> None:
        self._due.append((time.monotonic() + ms / 1_000, callback))

    def _run_due(self, now: float) -> None:
        ripe = [pair for pair in self._due if pair[0] <= now]
        self._due = [pair for pair in self._due if pair[0] > now]
        for _, callback in ripe:
            callback()

    def _stop_gateway(self, ms: int) -> None:
        self.gateway.signal(signal.SIGSTOP)
        self._later(ms, lambda: self.gateway.signal(signal.SIGCONT))

    def _kill_gateway(self) -> None:
        """Spares a gateway started on a full disk: events published before there was room are only in its memory."""
        self._supervise()
        if not self._may_forget:
            self.gateway.kill()
            self.gateway = self._start_gateway()

    def _fill_disk(self, ms: int, name: str) -> None:
        """A strategy also sends large orders, so that the journal reaches the limit."""
        self._disk_full = True
        self._limit_files(self.gateway)
        self.strategies[name].send_command("stuff")
        self._later(ms, self._free_disk)

    def _free_disk(self) -> None:
        self._note("free_disk")
        self._disk_full = False
        self._limit_files(self.gateway)

    def _stop_strategy(self, name: str, ms: int) -> None:
        one, run = self.strategies[name], self.strategies[name].run
        one.signal(signal.SIGSTOP)
        self._later(ms, lambda: one.signal(signal.SIGCONT) if one.run == run else None)

    def _kill_strategy(self, name: str) -> None:
        self.strategies[name].kill()
        self.strategies[name].start()

    def _slow_reader(self, topic: str) -> None:
        """A subscriber that never reads."""
        reader = self._context.socket(zmq.SUB)
        reader.setsockopt(zmq.RCVHWM, 1)
        reader.subscribe(topic)
        reader.connect(self.gateway.events_address)

    def _cancel_some_order(self, cancel_source: str) -> None:
        live = self.exchange.live_orders()
        if live:
            with suppress(HTTPError):  # it has ended meanwhile
                self.exchange.command("cancel", uid=UID, ord_id=live[0]["ordId"], cancel_source=cancel_source)

    def _trade(self, **order: str) -> None:
        with suppress(HTTPError):  # the instrument is suspended
            self.exchange.command("trade", **order)

    def _suspend(self, inst_id: str, ms: int) -> None:
        self.exchange.command("instrument_state", inst_id=inst_id, state="suspend")
        self._later(ms, lambda: self.exchange.command("instrument_state", inst_id=inst_id, state="live"))

    # --- calm

    def come_to_rest(self, bound_s: float) -> float:
        """No more faults. Returns the seconds until no strategy has anything open, or the bound."""
        self._run_due(float("inf"))
        self._supervise()
        self._note("calm")
        self.exchange.command("clear")
        for one in self.strategies.values():
            assert not one.failure, one.failure
            one.send_command("calm")
        start = time.monotonic()
        while time.monotonic() < start + bound_s and not all(one.is_quiet for one in self.strategies.values()):
            for one in self.strategies.values():
                assert not one.failure, one.failure
            self._supervise()
            time.sleep(LOOK_S)
        return time.monotonic() - start

    def trail(self) -> AuditTrail:
        return AuditTrail(
            ledger=self.exchange.view("ledger"),
            records={name: one.records() for name, one in self.strategies.items()},
            actions=self.actions,
            uid=UID,
            live=self.exchange.live_orders(),
            accounts=self.exchange.view("accounts"),
            limits=self.exchange.view("limits"),
            opening_cash=self.opening_cash,
            bounds=Bounds(BOUNDS.max_age_ms, BOUNDS.max_wait_ms, BOUNDS.order_ttl_ms, self.plan.window != "off"),
        )

    def process_violations(self) -> list[Violation]:
        """The gateway ended only when it was killed, and found no defect in itself."""
        found = [
            Violation("the gateway lives", f"it ended with {one['status']}:\n{self.gateway.output[-3_000:]}")
            for one in self.actions
            if one["action"] == "gateway_ended"
        ]
        try:
            self.gateway.check_output()
        except AssertionError as error:
            found.append(Violation("the gateway logs no defect", str(error)))
        return found


def run_plan(plan: Plan, *, program: Sequence[str] = PROGRAM, bound_s: float = LIVENESS_BOUND_S) -> Result:
    """Everything of one plan, in processes that end with it."""
    with ExitStack() as stack:
        campaign = Campaign(stack, plan, program)
        campaign.run_steps()
        calm_s = campaign.come_to_rest(bound_s)
        trail = campaign.trail()
        return Result(plan, trail, campaign.process_violations() + audit(trail), calm_s)
