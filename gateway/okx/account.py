"""Pure. The account and its API key: account/config and account-rate-limit, with warnings as texts.

OKX docs, Trading Account / Get account configuration; Order Book Trading / Get account rate limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from gateway.errors import RemoteProtocolError

ACCT_LV_NAMES: Final = {"1": "Spot", "2": "Futures", "3": "Multi-currency margin", "4": "Portfolio margin"}
POS_MODE_NAMES: Final = {"net_mode": "net", "long_short_mode": "long/short"}
STP_MODE_NAMES: Final = {
    "cancel_maker": "cancel the resting order",
    "cancel_taker": "cancel the incoming order",
    "cancel_both": "cancel both orders",
}

Verdict = Literal["OK", "WARN", "FAIL"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a report: its level, the finding, and the fix (empty for OK)."""

    verdict: Verdict
    text: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """The fields of account/config that matter to an order gateway, in OKX's words. `ip` is empty without a binding."""

    uid: str
    main_uid: str
    label: str
    acct_lv: str
    pos_mode: str
    acct_stp_mode: str
    perm: frozenset[str]
    ip: tuple[str, ...]
    level: str
    type: str

    @property
    def may_trade(self) -> bool:
        return "trade" in self.perm

    @property
    def is_sub_account(self) -> bool:
        return self.type not in ("", "0") or (self.main_uid not in ("", self.uid))


@dataclass(frozen=True, slots=True)
class AccountRateLimit:
    """New and amended orders per 2 s that the sub-account can send; None if OKX sends none (below VIP5)."""

    acc_rate_limit: int
    next_acc_rate_limit: int | None
    fill_ratio: str
    main_fill_ratio: str


def parse_account_config(row: Mapping[str, Any]) -> AccountDetails:
    """Raises RemoteProtocolError if a field that decides the behaviour of orders is absent."""
    for name in ("uid", "acctLv", "posMode", "perm"):
        if not isinstance(row.get(name), str) or not row[name]:
            raise RemoteProtocolError(f"account/config: {name} is missing in OKX's answer")
    return AccountDetails(
        uid=row["uid"],
        main_uid=_text(row, "mainUid"),
        label=_text(row, "label"),
        acct_lv=row["acctLv"],
        pos_mode=row["posMode"],
        acct_stp_mode=_text(row, "acctStpMode"),
        perm=frozenset(_split(row["perm"])),
        ip=_split(_text(row, "ip")),
        level=_text(row, "level"),
        type=_text(row, "type"),
    )


def parse_account_rate_limit(row: Mapping[str, Any]) -> AccountRateLimit:
    limit = _text(row, "accRateLimit")
    if not limit.isdecimal():
        raise RemoteProtocolError(f"account-rate-limit: accRateLimit {limit!r} is not a number")
    following = _text(row, "nextAccRateLimit")
    return AccountRateLimit(
        acc_rate_limit=int(limit),
        next_acc_rate_limit=int(following) if following.isdecimal() else None,
        fill_ratio=_text(row, "fillRatio"),
        main_fill_ratio=_text(row, "mainFillRatio"),
    )


def refusal_to_run(account: AccountDetails) -> str | None:
    """Why this key cannot trade, with the fix; None if it can. OKX answers each order of such a key with 50120."""
    if account.may_trade:
        return None
    granted = ", ".join(sorted(account.perm))
    return (
        f"the API key has no trade permission (it has: {granted}); create one with Read and Trade under "
        "OKX > Profile > API, or edit this one"
    )


def account_findings(account: AccountDetails) -> list[Finding]:
    """The findings about the account, with warnings; a read-only key is a FAIL."""
    kind = "sub-account" if account.is_sub_account else "main account"
    label = f" ({account.label})" if account.label else ""
    findings = [Finding("OK", f"{kind} uid {account.uid}, key{label}, fee level {account.level or 'unknown'}")]
    findings.extend(_key_findings(account))
    findings.extend(_mode_findings(account))
    return findings


def _key_findings(account: AccountDetails) -> list[Finding]:
    refusal = refusal_to_run(account)
    if refusal is not None:
        permission = Finding("FAIL", refusal, "give the key the Trade permission")
    elif "withdraw" in account.perm:
        permission = Finding(
            "WARN",
            "the API key can withdraw funds, which a gateway never needs",
            "use a key with Read and Trade only",
        )
    else:
        permission = Finding("OK", f"key permissions: {', '.join(sorted(account.perm))}")
    if account.ip:
        return [permission, Finding("OK", f"key bound to {len(account.ip)} address(es): {', '.join(account.ip)}")]
    # OKX docs, Overview, "Generating an API key": production keys only; demo keys stay.
    unbound = Finding(
        "WARN",
        "the API key is not bound to IP addresses: anyone who obtains it can use it, "
        "and OKX deletes a production key with trade or withdraw permission after 14 days without a login",
        "bind it to this machine's public address",
    )
    return [permission, unbound]


def _mode_findings(account: AccountDetails) -> list[Finding]:
    findings = []
    acct_lv = ACCT_LV_NAMES.get(account.acct_lv)
    if acct_lv is None:
        findings.append(Finding("WARN", f"account mode acctLv={account.acct_lv} is not known to this version"))
    else:
        findings.append(Finding("OK", f"account mode: {acct_lv} (acctLv={account.acct_lv})"))
    pos_mode = POS_MODE_NAMES.get(account.pos_mode)
    if pos_mode is None:
        findings.append(Finding("WARN", f"position mode posMode={account.pos_mode} is not known to this version"))
    else:
        need = "; orders for derivatives must name posSide" if account.pos_mode == "long_short_mode" else ""
        findings.append(Finding("OK", f"position mode: {pos_mode} (posMode={account.pos_mode}){need}"))
    stp_mode = STP_MODE_NAMES.get(account.acct_stp_mode)
    if stp_mode is None:
        findings.append(Finding("WARN", f"self-trade prevention acctStpMode={account.acct_stp_mode!r} is not known"))
    else:
        findings.append(Finding("OK", f"self-trade prevention: {stp_mode} (acctStpMode={account.acct_stp_mode})"))
    return findings


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
