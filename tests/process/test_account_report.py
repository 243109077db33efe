"""The report about an account, from the simulated exchange and from rows that it does not give."""

import base64
import subprocess

import pytest

from gateway.config.model import AccountConfig, LimitsConfig
from gateway.connections.rest import RestClient
from gateway.connections.tls import tls_context
from gateway.errors import VenueError
from gateway.okx.secret import Credentials, Secret
from gateway.process.account_report import AccountReport, describe_account, explain
from gateway.sim import AccountSpec, ApiKey, SimConfig, SimulatedExchange

pytestmark = pytest.mark.asyncio


def openssl_sign(secret: bytes, message: bytes) -> str:
    command = ["openssl", "dgst", "-sha256", "-hmac", secret.decode(), "-binary"]
    return base64.b64encode(subprocess.run(command, input=message, capture_output=True, check=True).stdout).decode()


async def report(
    config: SimConfig, key: str = "k", inst_types: tuple[str, ...] = ("SPOT", "SWAP"), **limits: int
) -> AccountReport:
    async with SimulatedExchange(config) as exchange:
        account = AccountConfig.model_validate(
            {
                "environment": "simulator",
                "rest_url": f"http://127.0.0.1:{exchange.port}",
                "inst_types": inst_types,
            }
        )
        credentials = Credentials(Secret(key), Secret("s"), Secret("p"))
        client = RestClient(account.endpoints, credentials, openssl_sign, timeout_ms=5_000, tls=tls_context(None))
        async with client:
            return await describe_account(client, account, LimitsConfig.model_validate(limits))


def exchange_with(*keys: ApiKey, skew_ms: int = 0) -> SimConfig:
    return SimConfig(accounts=(AccountSpec("1", keys or (ApiKey("k", "s", "p"),)),), skew_ms=skew_ms)


def texts(found: AccountReport, verdict: str) -> str:
    return "\n".join(finding.text for finding in found.findings if finding.verdict == verdict)


async def test_an_account_that_may_trade() -> None:
    found = await report(exchange_with())
    assert found.may_run
    assert found.account.uid == "1"
    assert found.rate_limit is not None
    assert abs(found.clock_offset_ns) < 1_000_000_000
    assert {instrument.inst_type for instrument in found.catalogue} == {"SPOT", "SWAP"}
    assert found.skipped == ()
    ok = texts(found, "OK")
    for words in ("OKX's clock is", "account mode: Futures", "position mode: net", "self-trade", "SPOT", "SWAP"):
        assert words in ok


async def test_a_read_only_key_may_not_run() -> None:
    found = await report(exchange_with(ApiKey("k", "s", "p", permissions=("read_only",))))
    assert not found.may_run
    assert "no trade permission" in texts(found, "FAIL")


async def test_withdraw_rights_warn() -> None:
    found = await report(exchange_with(ApiKey("k", "s", "p", permissions=("read_only", "trade", "withdraw"))))
    assert found.may_run
    assert "withdraw" in texts(found, "WARN")


async def test_a_clock_that_is_an_hour_off_is_corrected_and_told() -> None:
    found = await report(exchange_with(skew_ms=3_600_000))
    assert abs(found.clock_offset_ns - 3_600_000_000_000) < 1_000_000_000
    assert "ahead of this machine's" in texts(found, "WARN")
    found = await report(exchange_with(skew_ms=-3_600_000))
    assert "behind this machine's" in texts(found, "WARN")


async def test_a_limit_above_what_okx_grants_warns() -> None:
    found = await report(exchange_with(), sub_account_per_2s=5_000)
    assert "OKX grants 1000 new and amended orders per 2 s, configured are 5000" in texts(found, "WARN")


async def test_a_type_without_instruments_warns() -> None:
    found = await report(exchange_with(), inst_types=("SPOT", "MARGIN", "SWAP", "FUTURES"))
    listed = {instrument.inst_type for instrument in found.catalogue}
    for inst_type in {"SPOT", "MARGIN", "SWAP", "FUTURES"} - listed:
        assert f"no {inst_type} for this account" in texts(found, "WARN")


async def test_a_wrong_key_is_a_venue_error_that_is_explained() -> None:
    with pytest.raises(VenueError) as caught:
        await report(exchange_with(), key="other")
    assert caught.value.code == "50119"
    assert "wrong region" in explain(caught.value)
    assert explain(VenueError("", "HTTP 404 without OKX's envelope", 404)) == "HTTP 404 without OKX's envelope"
