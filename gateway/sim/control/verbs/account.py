"""Verbs on accounts and their orders."""

from __future__ import annotations

from decimal import Decimal

from gateway.sim.accounts.fees import MAKER, REGULAR_RATES, TAKER
from gateway.sim.base.formats import decimal_text, parse_decimal
from gateway.sim.control.params import ControlError, ControlledSimulator, Params, Verb, decimal, integer, uid


def _sub_account_limit(control: ControlledSimulator, params: Params) -> None:
    """The limit, and the fill ratios that earned it (OKX docs, "Get account rate limit")."""
    named = uid(control, params)
    tier = control.exchange.accounts[named].fee_tier
    own = decimal(params, "fill_ratio") if "fill_ratio" in params else tier.fill_ratio
    main = decimal(params, "main_fill_ratio") if "main_fill_ratio" in params else tier.main_fill_ratio
    control.exchange.limits.set_sub_account_limit(named, integer(params, "limit", 1_000))
    tier.fill_ratio, tier.main_fill_ratio = own, main


def _fire_cancel_after(control: ControlledSimulator, params: Params) -> bool:
    account = control.exchange.accounts[uid(control, params)]
    return control.exchange.cancel_after.fire_now(account, str(params.get("tag", "")))


def _mm_permission(control: ControlledSimulator, params: Params) -> bool:
    """Whether the account can place MMP orders; account mode 4 is required too."""
    account = control.exchange.accounts[uid(control, params)]
    account.mm_permission = bool(params.get("on", True))
    return account.mm_permission


def _cancel(control: ControlledSimulator, params: Params) -> None:
    """The system cancels a user's order, with any cancelSource."""
    account = control.exchange.accounts[uid(control, params)]
    order = account.orders.get(str(params.get("ord_id")))
    if order is None or not order.is_live:
        raise ControlError("no such live order")
    control.exchange.engine.cancel(order, str(params.get("cancel_source", "0")))


def _fail_algo(control: ControlledSimulator, params: Params) -> None:
    """An algo order fails as if its trigger had come and OKX had refused its order."""
    account = control.exchange.accounts[uid(control, params)]
    algo = account.algos.live.get(str(params.get("algo_id")))
    code = params.get("code", "51008")
    if algo is None:
        raise ControlError("no such live algo order")
    if not isinstance(code, str) or not code.isdigit():
        raise ControlError(f"code must be a code of digits, as text, not {code!r}")
    control.exchange.algo_engine.fail(algo, code)


def _fee_tier(control: ControlledSimulator, params: Params) -> dict[str, str]:
    """Another tier and, if given, its rates: instType to [maker, taker]."""
    tier = control.exchange.accounts[uid(control, params)].fee_tier
    given = params.get("rates", {})
    if not isinstance(given, dict):
        raise ControlError("rates must be an object of [maker, taker] by instType")
    rates = {
        (inst_type, exec_type): _rate(text)
        for inst_type, pair in given.items()
        for exec_type, text in zip((MAKER, TAKER), _pair(inst_type, pair), strict=True)
    }
    try:
        tier.promote(str(params.get("level", tier.level)))
    except ValueError as wrong:
        raise ControlError(str(wrong)) from None
    tier.rates |= rates
    return {"/".join(key): decimal_text(rate) for key, rate in tier.rates.items()}


def _pair(inst_type: str, pair: object) -> list[object]:
    if inst_type not in {one for one, _ in REGULAR_RATES} or not isinstance(pair, list) or len(pair) != 2:
        raise ControlError("rates must be an object of [maker, taker] by instType")
    return pair


def _rate(text: object) -> Decimal:
    rate = parse_decimal(text.removeprefix("-")) if isinstance(text, str) else None
    if rate is None or rate >= 1:
        raise ControlError("a rate is a decimal as text, negative where it is charged")
    return -rate if str(text).startswith("-") else rate


VERBS: dict[str, Verb] = {
    "sub_account_limit": Verb(
        _sub_account_limit, ("uid", "limit", "fill_ratio", "main_fill_ratio"), "set a sub-account's order limit"
    ),
    "fire_cancel_after": Verb(_fire_cancel_after, ("uid", "tag"), "let an armed cancel-all-after timer pass now"),
    "fee_tier": Verb(_fee_tier, ("uid", "level", "rates"), "move an account to a fee tier, with its rates"),
    "mm_permission": Verb(_mm_permission, ("uid", "on"), "let an account with acct_lv 4 place MMP orders"),
    "fail_algo": Verb(_fail_algo, ("uid", "algo_id", "code"), "an algo order becomes order_failed"),
    "cancel": Verb(_cancel, ("uid", "ord_id", "cancel_source"), "the system cancels an order"),
}
