"""The start asks OKX until it answers, and ends where OKX or the account says no."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.config.loading import load_config
from gateway.errors import CertificateError, ConfigError, RemoteProtocolError, TransportError, VenueError
from gateway.process import account_start
from gateway.process.account_start import START_RETRY_S, AccountStart

ENVIRON = {"OKX_API_KEY": "k", "OKX_SECRET_KEY": "s", "OKX_PASSPHRASE": "p"}


class Scene:
    """Answers to the question about the account, in their order: an exception, or the account's mode."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: Any) -> None:
        self.answers = list(answers)
        self.unreachable: list[str] = []
        self.slept: list[float] = []
        monkeypatch.setattr(account_start, "describe_account", self._describe_account)
        monkeypatch.setattr(account_start, "refusal_to_run", lambda account: account.refusal)
        self.start = AccountStart(
            load_config(None, ENVIRON),
            None,  # type: ignore[arg-type]
            self._resync,
            self.unreachable.append,
            self._sleep,
        )

    async def _resync(self) -> None:
        pass

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def _describe_account(self, *arguments: Any) -> Any:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        account = SimpleNamespace(acct_lv=answer, pos_mode="net_mode", refusal=None if answer else "no such mode")
        return SimpleNamespace(account=account, findings=())

    def learn(self) -> Any:
        return asyncio.run(self.start.learn())


def test_it_is_tried_again_until_okx_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """50011 (too many requests) and 50026 (system error) leave the question open."""
    errors = [TransportError("no route"), RemoteProtocolError("not JSON"), VenueError("50011", "slow down")]
    scene = Scene(monkeypatch, *errors, "2")
    before = scene.start.describe()
    assert (before["acctLv"], before["posMode"]) == ("", "")
    assert scene.learn().account.acct_lv == "2"
    assert scene.slept == [START_RETRY_S] * 3
    assert scene.unreachable[:2] == ["no route", "not JSON"]
    shown = scene.start.describe()
    assert (shown["acctLv"], shown["posMode"]) == ("2", "net_mode")
    assert shown["limits"]["placePer2s"] == 60


@pytest.mark.parametrize("code", ["50113", "50105", "50110"])
def test_a_refusal_of_okx_ends_the_start(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """OKX docs, Error Code: wrong signature, wrong passphrase, IP not on the whitelist."""
    scene = Scene(monkeypatch, VenueError(code, "no"))
    with pytest.raises(VenueError):
        scene.learn()
    assert scene.slept == []


def test_a_certificate_that_nobody_knows_ends_it_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, CertificateError("self-signed"))
    with pytest.raises(ConfigError, match="ca_file"):
        scene.learn()


def test_an_account_that_the_gateway_must_not_run_with(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, "")
    with pytest.raises(ConfigError, match="no such mode"):
        scene.learn()
    assert scene.start.describe()["posMode"] == ""
