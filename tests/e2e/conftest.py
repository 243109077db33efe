"""A simulated exchange, a gateway and strategies, each a separate party, for each test module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.processes import UNLIMITED, Exchange, Gateway, HasAccountSettings, Settings, running, short_directory
from tests.e2e.strategy import Strategy


class Stage:
    """Starts the parties in a separate directory and ends them all."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.directory: Path = stack.enter_context(short_directory())

    def exchange(self, *options: str) -> Exchange:
        return self._stack.enter_context(running(Exchange(self.directory, *options)))

    def gateway(self, exchange: HasAccountSettings | None, settings: Settings | None = None, **more: Any) -> Gateway:
        gateway = Gateway(self.directory, exchange, settings, **more)
        self._stack.callback(gateway.check_output)
        return self._stack.enter_context(running(gateway))

    def strategy(self, gateway: Gateway, name: str = "alpha", **more: Any) -> Strategy:
        """A strategy that has sent nothing yet."""
        strategy = Strategy(gateway.orders_address, gateway.events_address, name, **more)
        self._stack.callback(strategy.close)
        return strategy

    def trader(self, gateway: Gateway, name: str = "alpha", **more: Any) -> Strategy:
        """A strategy that has sent hello and can trade."""
        strategy = self.strategy(gateway, name, **more)
        if not strategy.hello()["ready"]:
            strategy.wait_ready()
        return strategy

    def unlimited(self, settings: Settings | None = None, *options: str) -> tuple[Exchange, Gateway]:
        """An exchange and a gateway without rate limits."""
        exchange = self.exchange("--limiter-window", "off", *options)
        return exchange, self.gateway(exchange, {**UNLIMITED, **(settings or {})})


@pytest.fixture
def stage() -> Iterator[Stage]:
    with ExitStack() as stack:
        yield Stage(stack)


@pytest.fixture(scope="module")
def module_stage() -> Iterator[Stage]:
    with ExitStack() as stack:
        yield Stage(stack)


@pytest.fixture(scope="module")
def new_name() -> Callable[[], str]:
    """Unused names of strategies."""
    numbers = iter(range(1, 10_000))
    return lambda: f"s{next(numbers)}"


@pytest.fixture(scope="module")
def exchange(module_stage: Stage) -> Exchange:
    return module_stage.exchange()


@pytest.fixture(scope="module")
def gateway(module_stage: Stage, exchange: Exchange) -> Gateway:
    return module_stage.gateway(exchange)


@pytest.fixture
def trader(module_stage: Stage, gateway: Gateway, new_name: Callable[[], str]) -> Strategy:
    """A separate strategy for each test."""
    return module_stage.trader(gateway, new_name(), topics=("account.", "gateway."))


@pytest.fixture
def other(module_stage: Stage, gateway: Gateway, new_name: Callable[[], str]) -> Strategy:
    return module_stage.trader(gateway, new_name())
