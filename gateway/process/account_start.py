"""What the gateway learns of its account before it trades: OKX's clock, the account's modes, the instruments."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from gateway.config.loading import Config
from gateway.connections.rest import RestClient
from gateway.errors import CertificateError, ConfigError, RemoteProtocolError, TransportError, VenueError
from gateway.okx.account import refusal_to_run
from gateway.okx.error_codes import Reaction, reaction
from gateway.process.account_report import AccountReport, describe_account

log = logging.getLogger(__name__)

START_RETRY_S: Final = 2.0
# Reactions to OKX's codes that are no refusal of a question at the start.
RETRY_REACTIONS: Final = frozenset({Reaction.RL, Reaction.RECON, Reaction.UNK})


class AccountStart:
    """One per gateway. `on_unreachable` is called with the reason each time that OKX does not answer."""

    def __init__(
        self,
        config: Config,
        rest: RestClient,
        resync_clock: Callable[[], Awaitable[None]],
        on_unreachable: Callable[[str], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._config = config
        self._rest = rest
        self._resync_clock = resync_clock
        self._on_unreachable = on_unreachable
        self._sleep = sleep
        self._report: AccountReport | None = None

    async def learn(self) -> AccountReport:
        """Asks until OKX answers.

        Raises VenueError for what OKX refuses, ConfigError for a certificate or an account that the gateway must not
        run with.
        """
        report = await self._ask()
        refusal = refusal_to_run(report.account)
        if refusal is not None:
            raise ConfigError(refusal)
        self._report = report
        for finding in report.findings:
            log.info("account", extra={"verdict": str(finding.verdict), "finding": finding.text, "fix": finding.fix})
        return report

    async def _ask(self) -> AccountReport:
        while True:
            try:
                await self._resync_clock()
                return await describe_account(self._rest, self._config.account, self._config.limits)
            except CertificateError as error:
                fix = "if the address is right, name its authority in [account] ca_file"
                raise ConfigError(f"{error}: {fix}") from error
            except (TransportError, RemoteProtocolError, VenueError) as error:
                if isinstance(error, VenueError) and reaction(error.code, "query") not in RETRY_REACTIONS:
                    raise
                log.warning("OKX is not reachable yet", extra={"why": str(error)})
                self._on_unreachable(str(error))
                await self._sleep(START_RETRY_S)

    def describe(self) -> dict[str, Any]:
        """For `hello`; the modes are empty until they are learned."""
        config = self._config
        account = None if self._report is None else self._report.account
        return {
            "environment": config.account.environment,
            "acctLv": "" if account is None else account.acct_lv,
            "posMode": "" if account is None else account.pos_mode,
            "limits": shown_limits(config),
            "maxWaitMs": config.requests.max_wait_ms,
        }


def shown_limits(config: Config) -> dict[str, int]:
    """As `hello` and `status` show them."""
    return {
        "placePer2s": config.limits.place_per_2s,
        "cancelPer2s": config.limits.cancel_per_2s,
        "amendPer2s": config.limits.amend_per_2s,
        "batchRowsPer2s": config.limits.batch_rows_per_2s,
        "maxWaitCapMs": config.requests.max_wait_cap_ms,
    }
