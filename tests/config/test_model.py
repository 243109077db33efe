"""The bounds and the rules between keys; tests/config/test_loading.py checks the texts of their errors."""

import os
import pwd
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.config.model import (
    AccountConfig,
    DefaultStrategyConfig,
    LimitsConfig,
    RequestsConfig,
    Settings,
    SocketsConfig,
    StrategyConfig,
)
from gateway.config.session import SessionConfig

URLS = {
    "rest_url": "https://x.example",
    "ws_private_url": "wss://x.example/ws/v5/private",
    "ws_public_url": "wss://x.example/ws/v5/public",
    "ws_business_url": "wss://x.example/ws/v5/business",
}


def settings(**sections: Any) -> Settings:
    names = ("account", "requests", "limits", "session", "dead_man", "rest_orders", "log", "stop", "process")
    base: dict[str, Any] = {name: {} for name in names}
    base |= {
        "sockets": {"dir": Path("/run/x")},
        "journal": {"dir": Path("/run/j")},
        "default_strategy": {"enabled": False},
    }
    return Settings.model_validate(base | sections)


def test_defaults_are_the_published_limits_and_heartbeat() -> None:
    # OKX docs: 60 requests / 2 s, batches 300 orders / 2 s, mass-cancel 5 / 2 s, sub-account 1000 / 2 s, idle 30 s
    config = settings()
    limits = config.limits
    assert (limits.place_per_2s, limits.cancel_per_2s, limits.amend_per_2s) == (60, 60, 60)
    assert (limits.batch_rows_per_2s, limits.mass_cancel_per_2s, limits.sub_account_per_2s) == (300, 5, 1000)
    assert limits.window_ms == 2000
    assert config.session.ping_after_ms + config.session.pong_timeout_ms < 30_000
    assert (config.session.backoff_first_ms, config.session.backoff_max_ms) == (1_000, 60_000)


def test_orders_by_rest_are_not_guarded_by_the_dead_mans_switch() -> None:
    assert settings().rest_orders.fallback == "cancels"
    assert settings(rest_orders={"fallback": "all"}).rest_orders.fallback == "all"
    with pytest.raises(ValidationError, match=r"\[dead_man\] guards orders of the private stream only"):
        settings(rest_orders={"fallback": "all"}, dead_man={"enabled": True})


def test_demo_environments_ask_for_the_demo_header() -> None:
    for environment in ("global-demo", "eea-demo", "us-demo"):
        account = AccountConfig(environment=environment)
        assert account.simulated_trading
        assert account.endpoints.simulated_trading
    for environment in ("global", "eea", "us", "simulator"):
        assert not AccountConfig(environment=environment).simulated_trading


def test_custom_takes_its_four_addresses() -> None:
    account = AccountConfig.model_validate({"environment": "custom", **URLS, "rest_url": "https://x.example/"})
    assert account.endpoints.rest_url == "https://x.example"
    assert account.endpoints.ws_private_url == "wss://x.example/ws/v5/private"


def test_the_simulator_takes_single_overrides() -> None:
    account = AccountConfig(environment="simulator", rest_url="http://127.0.0.1:1")
    assert account.endpoints.rest_url == "http://127.0.0.1:1"
    assert account.endpoints.ws_private_url.startswith("ws://127.0.0.1:")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"environment": "custom", "rest_url": "https://x"}, "missing: ws_private_url, ws_public_url, ws_business_url"),
        ({"environment": "global", "rest_url": "https://x"}, "has its own addresses"),
        ({"environment": "simulator", "rest_url": "http://10.0.0.1"}, "shows the login"),
        ({"environment": "simulator", "ws_private_url": "ws://10.0.0.1/x"}, "shows the login"),
        ({"environment": "simulator", "rest_url": "wss://x"}, "https://host"),
        ({"environment": "simulator", "ws_private_url": "https://x"}, "wss://host"),
        ({"environment": "simulator", "rest_url": "https://u:p@x"}, "not allowed"),
        ({"inst_types": ["SPOT", "OPTION"]}, "inst_families"),
        ({"inst_types": []}, "at least 1"),
        ({"inst_types": ["SPOTS"]}, "SPOT"),
        ({"environment": "demo"}, "global-demo"),
        ({"name": "a/b"}, "pattern"),
    ],
)
def test_account_refuses(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        AccountConfig.model_validate(values)


@pytest.mark.parametrize(
    "values",
    [
        {"name": "account", "number": 1},
        {"name": "gateway", "number": 1},
        {"name": "", "number": 1},
        {"name": "a" * 33, "number": 1},
        {"name": "a.b", "number": 1},
        {"name": "a", "number": 0},
        {"name": "a", "number": 920},
        {"name": "a", "number": True},
        {"name": "a", "number": 1.0},
        {"name": "a", "number": 1, "users": []},
        {"name": "a", "number": 1, "users": ["no-such-user-here"]},
        {"name": "a", "number": 1, "users": "root"},
        {"name": "a"},
        {"number": 1},
    ],
)
def test_strategy_refuses(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        StrategyConfig.model_validate(values)


def test_strategy_users_are_names_or_uids_and_by_default_our_own() -> None:
    assert StrategyConfig.model_validate({"name": "a", "number": 919}).users == (os.geteuid(),)
    assert StrategyConfig.model_validate({"name": "a", "number": 1, "users": ["root", 5]}).users == (0, 5)
    own = StrategyConfig.model_validate({"name": "a", "number": 1, "users": [pwd.getpwuid(os.geteuid()).pw_name]})
    assert own.users == (os.geteuid(),)


def test_strategies_share_neither_name_nor_number_nor_the_default_range() -> None:
    one, two = {"name": "a", "number": 1}, {"name": "b", "number": 1}
    with pytest.raises(ValidationError, match="number 1: is used by more than one"):
        settings(strategy=[one, two])
    with pytest.raises(ValidationError, match="name a: is used by more than one"):
        settings(strategy=[one, {"name": "a", "number": 2}])
    with pytest.raises(ValidationError, match="is in the range 800 to 919"):
        settings(strategy=[{"name": "a", "number": 800}], default_strategy={"enabled": True})
    assert settings(strategy=[{"name": "a", "number": 800}]).strategy[0].number == 800
    assert settings(strategy=[{"name": "a", "number": 799}], default_strategy={"enabled": True})


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (SessionConfig, {"ping_after_ms": 25_000, "pong_timeout_ms": 5_000}),
        (SessionConfig, {"backoff_first_ms": 2_000, "backoff_max_ms": 1_000}),
        (SessionConfig, {"backoff_jitter": 1.1}),
        (SessionConfig, {"backoff_jitter": "0.1"}),
        (RequestsConfig, {"max_wait_ms": 60_001}),
        (RequestsConfig, {"max_wait_cap_ms": 600_001}),
        (RequestsConfig, {"ack_timeout_ms": "3000"}),
        (LimitsConfig, {"place_per_2s": 0}),
        (LimitsConfig, {"place_per_2s": True}),
        (DefaultStrategyConfig, {"enabled": True, "number_first": 9, "number_last": 8}),
        (DefaultStrategyConfig, {"enabled": "yes"}),
        (SocketsConfig, {"dir": "/" + "x" * 100}),
        (SocketsConfig, {"dir": "/x", "group": "no-such-group-here"}),
    ],
)
def test_sections_refuse(model: Any, values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(values)


def test_the_longest_socket_path_fits_into_a_unix_address() -> None:
    # unix(7): sun_path has 108 bytes with the final zero
    path = SocketsConfig(dir=Path("/" + "x" * 99)).dir
    assert len(str(path / "orders")) <= 107
    assert len(str(path / "events")) <= 107


def test_the_configuration_is_immutable() -> None:
    with pytest.raises(ValidationError):
        settings().requests.max_wait_ms = 5  # type: ignore[misc]
