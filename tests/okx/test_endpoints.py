"""The addresses, as OKX docs, Overview, print them (port 443; see the change log of 2026-09-30 for the end of 8443)."""

import pytest

from gateway.config.model import AccountConfig
from gateway.okx.endpoints import ENDPOINTS

EXPECTED = {
    "global": ("https://openapi.okx.com", "wss://ws.okx.com/ws/v5/", False),
    "global-demo": ("https://openapi.okx.com", "wss://wspap.okx.com/ws/v5/", True),
    "eea": ("https://eea.okx.com", "wss://wseea.okx.com/ws/v5/", False),
    "eea-demo": ("https://eea.okx.com", "wss://wseeapap.okx.com/ws/v5/", True),
    "us": ("https://us.okx.com", "wss://wsus.okx.com/ws/v5/", False),
    "us-demo": ("https://us.okx.com", "wss://wsuspap.okx.com/ws/v5/", True),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_each_region_and_environment(name: str) -> None:
    rest, ws, demo = EXPECTED[name]
    endpoints = ENDPOINTS[name]
    assert endpoints.rest_url == rest
    assert endpoints.ws_public_url == f"{ws}public"
    assert endpoints.ws_private_url == f"{ws}private"
    assert endpoints.ws_business_url == f"{ws}business"
    assert endpoints.simulated_trading is demo


def test_every_environment_of_the_configuration_has_addresses() -> None:
    choices = AccountConfig.model_json_schema()["properties"]["environment"]["enum"]
    assert set(choices) - {"custom"} == set(ENDPOINTS)


def test_no_address_is_one_that_okx_has_switched_off() -> None:
    for endpoints in ENDPOINTS.values():
        for url in (endpoints.rest_url, endpoints.ws_public_url, endpoints.ws_private_url, endpoints.ws_business_url):
            assert ":8443" not in url
            assert "aws" not in url
