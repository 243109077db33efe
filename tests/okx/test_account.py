"""account/config and account-rate-limit as texts (rows: OKX docs, Trading Account / Get account configuration)."""

from typing import Any

import pytest

from gateway.errors import RemoteProtocolError
from gateway.okx.account import account_findings, parse_account_config, parse_account_rate_limit, refusal_to_run

ROW: dict[str, Any] = {
    "acctLv": "3", "acctStpMode": "cancel_maker", "autoLoan": True, "ctIsoMode": "automatic", "greeksType": "PA",
    "level": "Lv1", "levelTmp": "", "mgnIsoMode": "automatic", "posMode": "net_mode", "uid": "44705892343619584",
    "label": "V5 Test", "roleType": "0", "traderInsts": [], "opAuth": "0", "kycLv": "3",
    "ip": "120.255.24.182,49.245.196.13", "perm": "read_only,trade", "mainUid": "44705892343619584", "type": "0",
}  # fmt: skip


def verdict_by_text(**changes: object) -> dict[str, str]:
    findings = account_findings(parse_account_config({**ROW, **changes}))
    return {finding.text: finding.verdict for finding in findings}


def lines(verdict: str, **changes: object) -> list[str]:
    return [text for text, found in verdict_by_text(**changes).items() if found == verdict]


def test_the_row_parses() -> None:
    account = parse_account_config(ROW)
    assert (account.uid, account.acct_lv, account.pos_mode) == ("44705892343619584", "3", "net_mode")
    assert account.perm == {"read_only", "trade"}
    assert account.ip == ("120.255.24.182", "49.245.196.13")
    assert account.may_trade
    assert not account.is_sub_account
    assert refusal_to_run(account) is None


def test_a_good_key_causes_no_warning() -> None:
    assert set(verdict_by_text().values()) == {"OK"}


@pytest.mark.parametrize("name", ["uid", "acctLv", "posMode", "perm"])
def test_a_required_field_must_be_present(name: str) -> None:
    for row in ({**ROW, name: ""}, {**ROW, name: None}, {key: value for key, value in ROW.items() if key != name}):
        with pytest.raises(RemoteProtocolError, match=name):
            parse_account_config(row)


def test_a_read_only_key_fails_and_refuses_run() -> None:
    failed = lines("FAIL", perm="read_only")
    assert len(failed) == 1
    assert "no trade permission" in failed[0]
    refusal = refusal_to_run(parse_account_config({**ROW, "perm": "read_only"}))
    assert refusal is not None
    assert "Trade" in refusal


def test_withdraw_rights_warn() -> None:
    warned = lines("WARN", perm="read_only,withdraw,trade")
    assert len(warned) == 1
    assert "withdraw" in warned[0]


def test_a_key_without_ip_binding_warns() -> None:
    warned = lines("WARN", ip="")
    assert len(warned) == 1
    assert "not bound" in warned[0]
    assert "14 days" in warned[0]


@pytest.mark.parametrize(
    ("acct_lv", "name"), [("1", "Spot"), ("2", "Futures"), ("3", "Multi-currency margin"), ("4", "Portfolio margin")]
)
def test_account_modes_by_name(acct_lv: str, name: str) -> None:
    assert f"account mode: {name} (acctLv={acct_lv})" in lines("OK", acctLv=acct_lv)


def test_position_modes_by_name() -> None:
    assert "position mode: net (posMode=net_mode)" in lines("OK")
    assert any("posSide" in text for text in lines("OK", posMode="long_short_mode"))


@pytest.mark.parametrize("mode", ["cancel_maker", "cancel_taker", "cancel_both"])
def test_self_trade_modes_by_name(mode: str) -> None:
    assert any(f"acctStpMode={mode}" in text for text in lines("OK", acctStpMode=mode))


@pytest.mark.parametrize("change", [{"acctLv": "9"}, {"posMode": "new_mode"}, {"acctStpMode": "cancel_none"}])
def test_unknown_values_warn_and_break_nothing(change: dict[str, str]) -> None:
    assert len(lines("WARN", **change)) == 1


def test_a_sub_account_is_distinguished_from_a_main_account() -> None:
    assert any(text.startswith("sub-account") for text in lines("OK", type="1"))
    assert any(text.startswith("sub-account") for text in lines("OK", type="", mainUid="1"))
    assert any(text.startswith("main account") for text in lines("OK"))


def test_the_rate_limit_row() -> None:
    limit = parse_account_rate_limit(
        {"fillRatio": "0.5", "mainFillRatio": "0.6", "accRateLimit": "1250", "nextAccRateLimit": "1000", "ts": "1"}
    )
    assert (limit.acc_rate_limit, limit.next_acc_rate_limit, limit.fill_ratio) == (1250, 1000, "0.5")


def test_the_rate_limit_below_vip5_has_empty_fields() -> None:
    limit = parse_account_rate_limit(
        {"fillRatio": "", "mainFillRatio": "", "accRateLimit": "1000", "nextAccRateLimit": "", "ts": "1"}
    )
    assert (limit.acc_rate_limit, limit.next_acc_rate_limit) == (1000, None)


@pytest.mark.parametrize("value", ["", None, "many", 1000])
def test_a_rate_limit_that_is_no_number(value: object) -> None:
    with pytest.raises(RemoteProtocolError):
        parse_account_rate_limit({"accRateLimit": value})
