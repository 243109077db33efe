"""The base of both clients."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.client import GatewayClient, SendQueueFullError
from gateway.client import sockets as sockets_module
from gateway.client.client_base import process_prefix
from gateway.client.protocol import StrategyProtocol
from gateway.client.sockets import Sockets, addresses_of


def test_prefixes_are_new_and_well_formed() -> None:
    prefixes = {process_prefix() for _ in range(100)}
    assert len(prefixes) == 100
    for prefix in prefixes:
        assert re.fullmatch(r"[0-9a-f]{17}-", prefix)  # leaves 46 of the 64 characters to counters


def test_full_queue_is_an_error_and_the_request_is_not_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets_module, "SEND_QUEUE_MAX", 1)
    monkeypatch.setattr(sockets_module, "LINGER_MS", 0)
    protocol = StrategyProtocol("alpha", "p-")
    with GatewayClient(Sockets(addresses_of(tmp_path), []), protocol) as client:
        client.order(px="1")
        with pytest.raises(SendQueueFullError, match="does not read"):
            client.order(px="2", request_id="mine")
    protocol.on_answer(b'{"id":"mine","op":"order","code":"1","reason":"stale","msg":"","data":[]}')
    assert len(protocol.inbox) == 0


def test_before_the_first_heartbeat_nothing_is_ready(tmp_path: Path) -> None:
    with GatewayClient(Sockets(addresses_of(tmp_path), []), StrategyProtocol("alpha", "p-")) as client:
        assert not client.ready
        assert client.heartbeat is None


def test_client_needs_nothing_else_of_the_gateway() -> None:
    """A strategy has pyzmq and orjson; the rest of the gateway, above all its compiled part, can be absent there."""
    code = "import sys, gateway.client; print(*sorted(sys.modules))"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environ)
    loaded = done.stdout.split()
    assert {"zmq", "orjson"} <= set(loaded)
    assert [name for name in loaded if re.match(r"gateway\.(?!client\b)", name)] == []
    assert not {"picows", "uvloop", "aiohttp", "pydantic"} & set(loaded)
