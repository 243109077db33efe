"""Pure. Account mode and position mode, and the conditions of a change.

Source: OKX docs, "Set account mode", "Set position mode" and the 590xx rows of "Error Code".
"""

from __future__ import annotations

from gateway.sim.accounts.accounts import Account
from gateway.sim.base.codes import Refusal

ACCOUNT_LEVELS = ("1", "2", "3", "4")
POSITION_MODES = ("net_mode", "long_short_mode")
HEDGED_TYPES = ("SWAP", "FUTURES")


def set_position_mode(account: Account, pos_mode: str) -> None:
    """Refused while there are orders or positions in swaps or futures (59000), and in spot mode (51010)."""
    if pos_mode not in POSITION_MODES:
        raise Refusal("51000", param="posMode")
    if account.acct_lv == "1":
        raise Refusal("51010")
    if pos_mode == account.pos_mode:
        return
    orders = any(one.instrument.inst_type in HEDGED_TYPES for one in account.live.values())
    if orders or any(one.instrument.inst_type in HEDGED_TYPES for one in account.positions.values()):
        raise Refusal("59000")
    account.pos_mode = pos_mode


def set_account_level(account: Account, acct_lv: str) -> None:
    """Refused while there are orders or positions (59000) or debts (59001)."""
    if acct_lv not in ACCOUNT_LEVELS:
        raise Refusal("51000", param="acctLv")
    if acct_lv == account.acct_lv:
        return
    if account.live or account.positions:
        raise Refusal("59000")
    if any(cash < 0 for cash in account.cash.values()):
        raise Refusal("59001")
    account.acct_lv = acct_lv


def set_auto_loan(account: Account, auto_loan: bool) -> None:
    """Whether spot orders can borrow: multi-currency and portfolio mode only."""
    if not account.is_pooled:
        raise Refusal("51010")
    account.auto_loan = auto_loan
