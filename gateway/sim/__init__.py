"""A simulated OKX exchange: WebSocket and REST as OKX speaks them, with its own signature check, limits and books.

It imports nothing from the rest of the gateway, so that a test against it can prove the gateway wrong.
"""

from gateway.sim.base.configuration import AccountSpec, ApiKey, SimConfig, Switches
from gateway.sim.hosting.server import SimulatedExchange
from gateway.sim.hosting.threaded import ThreadedExchange

__all__ = ["AccountSpec", "ApiKey", "SimConfig", "SimulatedExchange", "Switches", "ThreadedExchange"]
