"""The gateway's configuration is one that it takes, and the REST stub answers what a client asks at its start."""

import json
import tomllib
from pathlib import Path
from urllib.request import urlopen

import pytest

from benchmarks.exchange.order_rows import INST_ID, INST_ID_CODE
from benchmarks.exchange.running import LIMIT_KEYS, LIMIT_PER_2S, gateway_config, rest_stub
from gateway.config.loading import load_config

SECRETS = {"OKX_API_KEY": "k", "OKX_SECRET_KEY": "s", "OKX_PASSPHRASE": "p"}


def test_the_gateway_takes_its_configuration(tmp_path: Path) -> None:
    text = gateway_config(tmp_path / "sockets", "http://127.0.0.1:1", "ws://127.0.0.1:2/ws/v5")
    assert tomllib.loads(text)["account"]["environment"] == "custom"
    path = tmp_path / "gateway.toml"
    path.write_text(text, encoding="utf-8")
    config = load_config(path, SECRETS)
    assert config.account.endpoints.ws_private_url == "ws://127.0.0.1:2/ws/v5/private"
    assert config.sockets.dir == tmp_path / "sockets"
    assert all(getattr(config.limits, key) == LIMIT_PER_2S for key in LIMIT_KEYS)
    assert config.default_strategy.enabled


@pytest.fixture(scope="module")
def rest_url() -> object:
    with rest_stub() as url:
        yield url


def rows(url: object, path: str) -> list[dict[str, object]]:
    with urlopen(f"{url}/api/v5/{path}", timeout=10) as answer:
        content = json.load(answer)
    assert (content["code"], content["msg"]) == ("0", "")
    data: list[dict[str, object]] = content["data"]
    return data


@pytest.mark.parametrize("owner", ["public", "account"])
def test_instruments_have_their_codes(rest_url: object, owner: str) -> None:
    swaps = rows(rest_url, f"{owner}/instruments?instType=SWAP")
    assert {"instId": INST_ID, "instIdCode": INST_ID_CODE, "state": "live"}.items() <= swaps[0].items()
    assert [row["instId"] for row in rows(rest_url, f"{owner}/instruments?instType=SPOT")] == ["BTC-USDT"]
    assert rows(rest_url, f"{owner}/instruments?instType=OPTION") == []


def test_the_account_may_trade(rest_url: object) -> None:
    (config,) = rows(rest_url, "account/config")
    assert (config["acctLv"], config["posMode"], config["perm"]) == ("2", "net_mode", "read_only,trade")
    (limit,) = rows(rest_url, "trade/account-rate-limit")
    assert int(str(limit["accRateLimit"])) >= LIMIT_PER_2S
    (time,) = rows(rest_url, "public/time")
    assert len(str(time["ts"])) == 13
    (balance,) = rows(rest_url, "account/balance")
    assert balance["totalEq"] == "1000000"


@pytest.mark.parametrize("path", ["trade/orders-pending", "trade/fills", "account/positions"])
def test_there_is_nothing_yet(rest_url: object, path: str) -> None:
    assert rows(rest_url, path) == []
