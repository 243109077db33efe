"""The simulated exchange in a thread of its own."""

from __future__ import annotations

import errno
import socket
import urllib.error
import urllib.request

import pytest

from gateway.sim import SimConfig
from gateway.sim.control.control import ControlError
from gateway.sim.hosting.threaded import ThreadedExchange


def test_errors_come_through_the_thread() -> None:
    with ThreadedExchange() as sim:
        with pytest.raises(ControlError, match="unknown verb"):
            sim.command("nothing")
        with pytest.raises(ControlError, match="unknown view"):
            sim.view("nothing")
        with urllib.request.urlopen(f"{sim.control_url}/faults", timeout=5) as answer:
            assert answer.read() == b"[]"
    with pytest.raises(RuntimeError, match="not been started"):
        sim.command("clear")


def test_a_taken_port_is_an_error_and_leaves_nothing_behind() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        sim = ThreadedExchange(SimConfig(port=taken.getsockname()[1]))
        with pytest.raises(OSError) as refused:
            sim.start()
    assert refused.value.errno == errno.EADDRINUSE
    sim.start()
    sim.stop()
