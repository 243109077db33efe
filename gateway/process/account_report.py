"""What the account is, asked over REST: for `okx-gateway check --online` and the messages at the start of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.config.model import AccountConfig, LimitsConfig
from gateway.connections.rest import RestClient
from gateway.errors import VenueError
from gateway.okx.account import AccountDetails, AccountRateLimit, Finding, account_findings
from gateway.okx.error_codes import describe
from gateway.okx.instruments import Catalogue, SkippedRow

_NS_PER_MS: Final = 1_000_000

# OKX refuses a login or a request whose time is 30 s off (OKX docs, Overview). The gateway corrects for it, but already
# a fraction of that tells a sick clock.
CLOCK_OFFSET_WARN_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class AccountReport:
    """The account, its limits and instruments, and the findings in words."""

    account: AccountDetails
    rate_limit: AccountRateLimit | None
    clock_offset_ns: int
    catalogue: Catalogue
    skipped: tuple[SkippedRow, ...]
    findings: tuple[Finding, ...]

    @property
    def may_run(self) -> bool:
        return all(finding.verdict != "FAIL" for finding in self.findings)


async def describe_account(rest: RestClient, account: AccountConfig, limits: LimitsConfig) -> AccountReport:
    """Sets the client's clock, then reads account, rate limit and instruments. VenueError and TransportError pass."""
    offset_ns = await rest.time_offset_ns()
    details = await rest.account_config()
    rate_limit = await _rate_limit(rest)
    catalogue, skipped = await load_catalogue(rest, account)
    findings = [
        _clock_finding(offset_ns),
        *account_findings(details),
        _rate_limit_finding(rate_limit, limits),
        *(_instruments_finding(catalogue, inst_type) for inst_type in account.inst_types),
    ]
    if skipped:
        findings.append(_skipped_finding(skipped))
    return AccountReport(details, rate_limit, offset_ns, catalogue, skipped, tuple(findings))


async def load_catalogue(rest: RestClient, account: AccountConfig) -> tuple[Catalogue, tuple[SkippedRow, ...]]:
    """All instruments of the configured types; OPTION by family, as OKX wants it."""
    catalogue = Catalogue()
    skipped: list[SkippedRow] = []
    for inst_type in account.inst_types:
        for inst_family in account.inst_families if inst_type == "OPTION" else ("",):
            skipped.extend(catalogue.merge(await rest.instruments(inst_type, inst_family)).skipped)
    return catalogue, tuple(skipped)


async def _rate_limit(rest: RestClient) -> AccountRateLimit | None:
    try:
        return await rest.account_rate_limit()
    except VenueError:
        return None  # not given to every kind of account; the configured limit stands


def _clock_finding(offset_ns: int) -> Finding:
    offset_ms = offset_ns / _NS_PER_MS
    text = f"OKX's clock is {abs(offset_ms):.1f} ms {'ahead of' if offset_ms >= 0 else 'behind'} this machine's"
    if abs(offset_ms) < CLOCK_OFFSET_WARN_MS:
        return Finding("OK", text)
    return Finding("WARN", f"{text}; the gateway corrects for it", "let chrony or systemd-timesyncd set the clock")


def _rate_limit_finding(rate_limit: AccountRateLimit | None, limits: LimitsConfig) -> Finding:
    configured = limits.sub_account_per_2s
    if rate_limit is None:
        return Finding("OK", f"sub-account limit: OKX does not give it; [limits] sub_account_per_2s is {configured}")
    granted = rate_limit.acc_rate_limit
    if configured > granted:
        return Finding(
            "WARN",
            f"sub-account limit: OKX grants {granted} new and amended orders per 2 s, configured are {configured}",
            f"set [limits] sub_account_per_2s = {granted}",
        )
    following = rate_limit.next_acc_rate_limit
    soon = f", {following} from the next day" if following not in (None, granted) else ""
    return Finding("OK", f"sub-account limit: {granted} new and amended orders per 2 s{soon}; using {configured}")


def _instruments_finding(catalogue: Catalogue, inst_type: str) -> Finding:
    of_type = [instrument for instrument in catalogue if instrument.inst_type == inst_type]
    if not of_type:
        return Finding("WARN", f"instruments: no {inst_type} for this account", "remove it from [account] inst_types")
    live = sum(instrument.state == "live" for instrument in of_type)
    without_code = sum(instrument.inst_id_code is None for instrument in of_type)
    lacking = f", {without_code} without instIdCode cannot be traded over the WebSocket" if without_code else ""
    return Finding("OK", f"instruments: {len(of_type)} {inst_type}, {live} live{lacking}")


def _skipped_finding(skipped: tuple[SkippedRow, ...]) -> Finding:
    first = skipped[0]
    return Finding(
        "OK", f"instruments: {len(skipped)} row(s) skipped, first {first.inst_type} {first.inst_id}: {first.reason}"
    )


def explain(error: VenueError) -> str:
    """A refusal of OKX in words that name the fix."""
    return describe(error.code, error.msg) if error.code else error.msg
