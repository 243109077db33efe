"""The strategies of the README run as they are printed there, against a gateway that speaks docs/protocol.md."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
ORDER = {"instId": "BTC-USDT", "ordId": "10", "clOrdId": "90", "accFillSz": "0"}


def rest_and_cancel(gateway: Any) -> None:
    """Orders rest until they are cancelled by the request that placed them."""

    def on_order(request: dict[str, Any]) -> None:
        if request.get("gw", {}).get("receipt"):
            gateway.answer(request["routing_id"], request, [{"row": 0, "clOrdId": "90"}])
        gateway.accept(request)
        if request["op"] == "order":
            gateway.publish("alpha", "order", id=request["id"], row=0, **ORDER, state="live", terminal=False)
        else:
            placed = request["args"][0]["gw"]["id"]
            gateway.publish("alpha", "order", id=placed, row=0, **ORDER, state="canceled", terminal=True, reason="user")

    gateway.on_order = on_order


def refuse(gateway: Any) -> None:
    gateway.on_order = lambda request: gateway.refuse(request["routing_id"], request, "bad_request")


def run(name: str, gateway: Any, *arguments: str) -> str:
    command = [sys.executable, str(EXAMPLES / name), str(gateway.directory), *arguments]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, env=environ)
    assert done.returncode == 0, done.stderr
    return done.stdout


STRATEGIES = [("strategy_15_lines.py", ["20000"]), ("strategy_plain_zmq.py", ["20000", "o1"])]


@pytest.mark.parametrize(("name", "arguments"), STRATEGIES)
def test_places_and_cancels(gateway: Any, name: str, arguments: list[str]) -> None:
    rest_and_cancel(gateway)
    assert "canceled" in run(name, gateway, *arguments)
    assert [request["op"] for request in gateway.requests] == ["hello", "order", "cancel-order"]
    placed = gateway.requests[1]
    assert placed["args"][0]["px"] == "20000"
    assert gateway.requests[2]["args"] == [{"instId": "BTC-USDT", "gw": {"id": placed["id"]}}]


@pytest.mark.parametrize(("name", "arguments"), STRATEGIES)
def test_ends_when_refused(gateway: Any, name: str, arguments: list[str]) -> None:
    refuse(gateway)
    assert "bad_request" in run(name, gateway, *arguments)
    assert [request["op"] for request in gateway.requests] == ["hello", "order"]


def test_lengths() -> None:
    assert len((EXAMPLES / "strategy_15_lines.py").read_text().splitlines()) == 15
    assert 15 <= len((EXAMPLES / "strategy_plain_zmq.py").read_text().splitlines()) <= 25
