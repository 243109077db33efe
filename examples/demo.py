"""The complete gateway on this machine alone: a simulated OKX, the gateway, and a strategy.

    python examples/demo.py

The demo starts three processes in a private directory. The strategy trades and each event is printed. At the end all
published events are compared with the simulated exchange's own ledger. Exit status 0 only if every row
had its result, every accepted order its end, and every fill arrived.
"""

import importlib.util
import json
import os
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from demo_audit import PERCENTILES, Finding, audit, latency_table
from demo_processes import Processes, ProcessFailedError, StoppedError

EXAMPLES = Path(__file__).resolve().parent
START_S = 10.0
TRADE_S = 45.0
HTTP_S = 5.0
UID = "1000000000000001"  # the simulator's first account, to which the key below belongs
SECRETS = {
    "OKX_API_KEY": "sim-api-key-0001",
    "OKX_SECRET_KEY": "SIMULATED-SECRET-0001",
    "OKX_PASSPHRASE": "simulated",
}
SIMULATOR = (
    "-m",
    "gateway",
    "sim",
    "--port",
    "0",
    "--market-seed",
    "1",
    "--market-rate",
    "15",
    "--market-levels",
    "10",
)
GREEN, RED, BOLD = "32", "31", "1"

Json = dict[str, Any]


def main() -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="okx-demo-") as name, Processes(Path(name)) as processes:
        try:
            report, findings = run(Path(name), processes)
        except ProcessFailedError as error:
            say(RED, f"\nThe demo failed: {error}")
            return 1
        except StoppedError as stopped:
            say(RED, f"\nThe demo was {stopped}; its processes have ended.")
            return 128 + stopped.signum
    return summarize(report, findings, time.monotonic() - began)


def run(directory: Path, processes: Processes) -> tuple[Json, list[Finding]]:
    """Start the three processes, let the strategy finish, and compare; raises as `Processes` does."""
    environ = {**SECRETS, "PYTHONPATH": python_path()}
    ready_file, report_file = directory / "simulator.json", directory / "report.json"
    simulator = processes.start("simulator", [*SIMULATOR, "--ready-file", str(ready_file)], environ)
    addresses: dict[str, str] = json.loads(processes.wait_for_file(ready_file, simulator, START_S))
    config = write_config(directory, addresses)
    gateway = processes.start("gateway", ["-m", "gateway", "run", "--config", str(config)], environ)
    say(BOLD, f"simulated OKX  process {simulator.pid}  {addresses['rest']}")
    say(BOLD, f"gateway        process {gateway.pid}  ipc://{directory / 'sockets'}/orders, events")
    arguments = [str(directory / "sockets"), "--rest", addresses["rest"], "--sz", "0.01", "--report", str(report_file)]
    strategy = processes.start(
        "strategy", [str(EXAMPLES / "strategy.py"), *arguments], {"PYTHONPATH": environ["PYTHONPATH"]}, shown=True
    )
    say(BOLD, f"strategy       process {strategy.pid}\n")
    processes.wait_for_end(strategy, TRADE_S)
    processes.check()
    report: Json = json.loads(report_file.read_text())
    return report, audit(report, *exchange_records(addresses["control"]))


def python_path() -> str:
    """Return the children's PYTHONPATH: unchanged if the gateway is installed, else with this tree."""
    given = os.environ.get("PYTHONPATH", "")
    if importlib.util.find_spec("gateway") is not None:
        return given
    return os.pathsep.join(filter(None, (str(EXAMPLES.parent), given)))


def write_config(directory: Path, addresses: dict[str, str]) -> Path:
    """Write the gateway's configuration file."""
    ws = addresses["ws"]
    path = directory / "gateway.toml"
    path.write_text(
        f"""[account]
name = "demo"
environment = "simulator"
rest_url = "{addresses["rest"]}"
ws_private_url = "{ws}/ws/v5/private"
ws_public_url = "{ws}/ws/v5/public"
ws_business_url = "{ws}/ws/v5/business"
inst_types = ["SPOT"]

[sockets]
dir = "{directory / "sockets"}"

[[strategy]]
name = "sample"
number = 101
"""
    )
    return path


def exchange_records(control_url: str) -> tuple[list[Json], list[Json], list[Json], list[Json]]:
    """Return the exchange's own fills, order changes, requests and rate-limit peaks of the demo's account."""

    def ledger(kind: str) -> list[Json]:
        return [record for record in view(control_url, f"ledger?type={kind}") if record["uid"] == UID]

    return ledger("fill"), ledger("order"), ledger("request"), view(control_url, "limits")


def view(control_url: str, path: str) -> list[Json]:
    with urllib.request.urlopen(f"{control_url}/{path}", timeout=HTTP_S) as response:
        records: list[Json] = json.load(response)
        return records


def summarize(report: Json, findings: list[Finding], took_s: float) -> int:
    """Print the summary; return the exit status."""
    rows, fills = report["rows"], report["fills"]
    results = {name: sum(row["result"] == name for row in rows) for name in ("accepted", "rejected")}
    makers = sum(fill["exec_type"] == "M" for fill in fills)
    expected = sum(row["may_fail"] and row["result"] == "rejected" for row in rows)
    states = sorted({order["state"] for order in report["orders"]})
    ends = ", ".join(f"{sum(order['state'] == state for order in report['orders'])} {state}" for state in states)
    say(BOLD, "\nSummary")
    print(f"  orders   {len(report['orders'])}: {ends}")
    print(f"  acks     {len(rows)} rows: {results['accepted']} accepted, {results['rejected']} rejected")
    print(f"  fills    {len(fills)}: {makers} as maker, {len(fills) - makers} as taker")
    print(f"  rejects  {results['rejected']}, of which {expected} were expected")
    show_latencies(report["latencies"])
    say(BOLD, "\nAgainst the simulated exchange's own ledger")
    for finding in findings:
        say(RED if finding.found else GREEN, f"  {'FAILED' if finding.found else 'ok':6}  {finding.check}")
        if finding.found:
            print(f"          {finding.found}")
    good = not any(finding.found for finding in findings)
    say(GREEN if good else RED, f"\n{'All is well' if good else 'The demo FAILED'}, after {took_s:.1f} s")
    return 0 if good else 1


def show_latencies(latencies: list[Json]) -> None:
    """Print the percentiles by stage."""
    first, others = latencies[:1], latencies[1:]
    say(BOLD, f"\nLatency of {len(others)} acknowledged requests, one at a time, microseconds")
    print(f"  {'':32}" + "".join(f"{'max' if percent == 100 else f'p{percent}':>10}" for percent in PERCENTILES))
    for name, values in latency_table(others):
        print(f"  {name:32}" + "".join(f"{value:10.0f}" for value in values))
    for latency in first:
        waited_ms = (latency["sent_ns"] - latency["recv_ns"]) / 1_000_000
        print(f"  Left out: the first request, which waited {waited_ms:.0f} ms inside the gateway, since a gateway")
        print("  that has just started counts OKX's rate limit as used.")


def say(colour: str, text: str) -> None:
    """Print, in colour if the output is a terminal."""
    print(f"\x1b[{colour}m{text}\x1b[0m" if sys.stdout.isatty() else text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
