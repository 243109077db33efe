"""Pure. OKX's error codes and the reaction to each: one table, with special views for login and subscription.

Source: OKX docs, Error Code (REST API 50xxx to 59xxx, WebSocket 60xxx to 64xxx). Retries that OKX's page suggests are
ignored where it also says that the result is neither success nor failure: such a code is UNK for an order op.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Reaction(StrEnum):
    """The reaction to a code. Only UNK leaves open whether the operation was executed; the others prove it was not."""

    REJ = "rejected"
    RL = "rate_limited"
    UNK = "outcome_unknown"
    GONE = "order_gone"
    AUTH = "credentials"
    RECON = "reconnect"
    HALT = "halt"
    BUG = "client_defect"


class Effect(StrEnum):
    """The gateway's action after a code on a live op, beside the row's result and its resolution."""

    NONE = "none"
    REST_LIMIT = "rest_limit"  # no more requests by the row's limit for one window
    REST_SUB_ACCOUNT = "rest_sub_account"  # the same for the sub-account's limit
    HALT = "halt"  # no new orders until an operator resumes; cancels are still sent; alarm
    HALT_SERVICE = "halt_service"  # the same, until the gateway tries again after a while
    ALARM = "alarm"  # an operator should know; other orders continue
    LOG_IN = "log_in"  # the session can be invalid: connect and log in again; halt if that has just not helped
    CLOCK = "clock"  # ask OKX's clock
    INSTRUMENTS = "instruments"  # read the instruments again
    ASK_ORDER = "ask_order"  # ask for the order's state


class LoginReaction(StrEnum):
    """The reaction to a refused login: give up, try later, or ask OKX's clock first."""

    FATAL = "fatal"
    RETRY = "retry"
    CLOCK = "clock"


class SubscribeReaction(StrEnum):
    """The reaction to a refused subscription."""

    FATAL = "fatal"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class Rule:
    """The reaction to one code, a text that names the cause or the fix, and the action on a live op."""

    reaction: Reaction
    text: str
    effect: Effect


# Operations that change orders. All others (login, subscribe, queries) can be repeated.
ORDER_OPS: Final = frozenset(
    {
        "order",
        "batch-orders",
        "cancel-order",
        "batch-cancel-orders",
        "amend-order",
        "batch-amend-orders",
        "mass-cancel",
        "order-algo",
        "amend-algos",
        "cancel-algos",
    }
)

_REJ, _RL, _UNK, _GONE = Reaction.REJ, Reaction.RL, Reaction.UNK, Reaction.GONE
_AUTH, _RECON, _HALT, _BUG = Reaction.AUTH, Reaction.RECON, Reaction.HALT, Reaction.BUG

# The effect of a reaction unless a row of the table sets another.
_EFFECTS: Final[Mapping[Reaction, Effect]] = MappingProxyType(
    {
        _REJ: Effect.NONE,
        _RL: Effect.REST_LIMIT,
        _UNK: Effect.NONE,
        _GONE: Effect.ASK_ORDER,
        _AUTH: Effect.LOG_IN,
        _RECON: Effect.LOG_IN,
        _HALT: Effect.HALT,
        _BUG: Effect.NONE,
    }
)

_Group = tuple[str, Reaction, str] | tuple[str, Reaction, str, Effect]
_GROUPS: Final[tuple[_Group, ...]] = (
    # HTTP statuses of the servers before OKX's trading system, if they send no code
    (
        "401 403 404 405",
        _REJ,
        "refused before it reached OKX's trading system: address, region or network",
        Effect.ALARM,
    ),
    # 50xxx general
    ("50000 50002 50006", _BUG, "the request body is not what OKX expects"),
    ("50001", _UNK, "OKX's service is unavailable; see okx.com/status", Effect.REST_LIMIT),
    ("50004", _UNK, "OKX's endpoint timed out: neither success nor failure"),
    ("50005", _HALT, "OKX has switched this endpoint off", Effect.HALT_SERVICE),
    ("50007-50009 50012 50017-50023 50027-50030 50032", _HALT, "the account, or part of it, is blocked or frozen"),
    ("50033", _HALT, "this instrument is blocked for the account", Effect.ALARM),
    ("50041 50051 50052 50059 50060", _HALT, "the account may not do this (compliance, whitelist or product rules)"),
    ("50011 50040", _RL, "too many requests; not executed"),
    ("50013", _UNK, "OKX's systems are busy; OKX does not say whether it processed the request", Effect.REST_LIMIT),
    ("50014-50016 50024 50025", _BUG, "a parameter is missing, contradicts another, or has too many values"),
    ("50026", _UNK, "system error at OKX"),
    ("50035", _AUTH, "this endpoint needs an API key that is bound to IP addresses"),
    ("50036 50037", _REJ, "expTime was over before OKX read the request: latency, or a wrong clock", Effect.CLOCK),
    ("50038 50053", _BUG, "this function does not exist in this environment (demo or production)", Effect.ALARM),
    ("50042", _UNK, "repeated request: the first one may have been executed"),
    ("50044", _BUG, "exactly one broker type must be given"),
    ("50046 50062", _HALT, "this function is not available at the moment", Effect.HALT_SERVICE),
    ("50061", _RL, "the sub-account's limit of new orders and amends is reached", Effect.REST_SUB_ACCOUNT),
    ("50071", _REJ, "this value already exists"),
    ("50072 50075-50077", _REJ, "not allowed in this account mode or for this account"),
    # 501xx authentication
    ("50100", _AUTH, "the API is frozen for this account; contact OKX support"),
    ("50101", _AUTH, "the key belongs to the other environment: demo keys need a -demo environment, others do not"),
    ("50102 50112", _REJ, "the request's timestamp is off by more than 30 s: a wrong clock here", Effect.CLOCK),
    ("50103 50104 50106 50107 50115", _BUG, "a request header or the method is wrong"),
    ("50105", _AUTH, "the passphrase is wrong: it is the one given when the key was created, not the login password"),
    ("50108 50109 50116 50118", _AUTH, "the key is bound to another broker, domain or application"),
    ("50110", _AUTH, "this machine's public address is not in the key's IP list; add it under OKX > Profile > API"),
    ("50111", _AUTH, "the API key is invalid; check api_key"),
    ("50113 50114", _AUTH, "the signature is wrong; check secret_key"),
    ("50119", _AUTH, "this API key does not exist here: wrong region (global, eea, us), or it was deleted"),
    ("50120", _AUTH, "the API key lacks the permission for this; give it Trade"),
    ("50121", _AUTH, "OKX does not serve this machine's address"),
    ("50122", _REJ, "the amount is below the minimum"),
    # 51xxx and 54xxx placement
    ("51000", _REJ, "a parameter is wrong; OKX's text names it"),
    ("51001", _REJ, "this instrument or instIdCode does not exist; the instruments are read again", Effect.INSTRUMENTS),
    ("51002 51014 51015 51026", _REJ, "instrument, family and type do not fit together"),
    ("51003 51407", _BUG, "clOrdId or ordId is required"),
    ("51004 51105-51107 51129 51187 54030 54031", _REJ, "a position limit would be exceeded"),
    ("51005 51033 51101 51185 51201-51203", _REJ, "the order is too large"),
    ("51006 51031 51116 51122 51135-51138", _REJ, "the price is outside of the allowed band"),
    ("51007 51020 51120", _REJ, "the order is below the minimum size"),
    ("51008 51127 51128 51131", _REJ, "not enough balance or margin"),
    ("51009 51024", _HALT, "OKX has blocked trading for this account"),
    ("51010", _REJ, "not supported in this account mode"),
    ("51011", _UNK, "this order id already exists: the first request may have been executed"),
    ("51012", _REJ, "this currency does not exist"),
    ("51016", _REJ, "a live order already has this clOrdId"),
    ("51018 51019", _REJ, "this would leave a net position that is not allowed for options"),
    ("51021 51022 51027-51030 51087", _REJ, "the instrument is not trading at the moment"),
    ("51023 51043", _REJ, "this position does not exist"),
    ("51025 51102-51104 51174 51182", _REJ, "too many pending orders"),
    ("51032", _REJ, "a close-all at market is in progress"),
    ("51034-51036 51042", _REJ, "not allowed now by the rules for options or market makers"),
    ("51037 51038 51125 51126 51134 51148 51169-51171 51205 51206", _REJ, "conflict with risk state or reduce-only"),
    ("51041", _REJ, "portfolio margin allows only net mode"),
    ("51054 51149", _UNK, "the order timed out at OKX: neither success nor failure"),
    ("51066", _REJ, "options have no market orders"),
    ("51109 51140 51142", _REJ, "there are no quotes to trade against"),
    ("51110 51124 51196 51197 51505-51508", _REJ, "not allowed in this phase of an auction or by the order's type"),
    ("51111 51406 51501", _BUG, "too many rows in one batch"),
    ("51112 51117", _REJ, "the closing size or number is above what can be closed"),
    ("51113", _RL, "close-position was asked too often; not executed", Effect.NONE),
    ("51115", _REJ, "pending closing orders must be cancelled first"),
    ("51121 51123 51150", _REJ, "price or size is not a multiple of the instrument's step"),
    ("51155", _HALT, "local rules do not allow this product", Effect.ALARM),
    ("51175-51177 51179-51181 51192-51195 51536 51537", _REJ, "rules for option prices"),
    ("51204", _BUG, "a limit order needs a price"),
    ("51209-51214", _REJ, "rules of the delta-neutral mode"),
    ("54000 54005-54007 54011 54012 54018 54019", _REJ, "this product is restricted at the moment"),
    ("54004", _REJ, "the batch was refused as a whole because of one of its orders"),
    ("54008", _REJ, "orders are locked after a mass-cancel (lockInterval)"),
    ("54024-54029 54035", _REJ, "collateral settings or OKX's cap for collateral"),
    ("54036", _BUG, "fok cannot go with stpMode cancel_both"),
    ("54039-54049 54051", _REJ, "rules for RPI (formerly ELP) orders"),
    ("54070-54079", _REJ, "this function has moved or is not allowed for this contract"),
    ("54084 54085", _BUG, "slippagePct must be 0 to 5 % with 2 decimals"),
    ("54092", _HALT, "the account has not accepted the terms for this product", Effect.ALARM),
    ("54094", _REJ, "the instrument is cooling off: only reduce-only orders"),
    ("54109", _HALT, "trading of this pair is not activated; activate it once on OKX", Effect.ALARM),
    ("59113", _HALT, "the account's identity verification does not allow this"),
    # take-profit, stop-loss, trigger and trailing orders, alone or attached
    ("51044 51058 51074 51077 51094-51096 51100 51133 51139", _REJ, "not possible for this order or account"),
    ("51046-51053 51277-51280 51300 51302-51308", _REJ, "the trigger price is on the wrong side of the price"),
    ("51065 51068", _REJ, "a live algo order already has this algoClOrdId"),
    (
        "51076 51079-51085 51088 51089 51093 51178 51538 51539",
        _REJ,
        "rules for attached take-profits and stop-losses",
    ),
    ("51108 51275", _REJ, "the size is above what may go at the market"),
    ("51257-51259", _REJ, "rules for trailing stops"),
    ("51260 51261 51299", _REJ, "too many pending algo orders"),
    ("51281 51415", _REJ, "this cannot be asked of a trigger order"),
    ("51327 51328 51330-51333", _REJ, "rules for closing a whole position"),
    ("51523 51524 51526 51527 51531", _REJ, "this algo order cannot be amended so"),
    # 514xx to 516xx cancel, amend, query
    (
        "51400-51402 51405 51416 51503 51509 51510 51063 51603",
        _GONE,
        "the order is filled, cancelled or unknown to OKX",
    ),
    ("51403 51413 51500 51512 51514 51071", _BUG, "this cannot be asked for this order"),
    ("51404 51411", _REJ, "cancelling is not allowed at the moment or for this account"),
    ("51410", _UNK, "the order is being cancelled or settled already"),
    ("51412", _UNK, "the cancellation timed out; cancelling again is safe"),
    ("51502", _REJ, "not enough balance or margin for this amend"),
    ("51511", _REJ, "the amended price would break post-only"),
    ("51513", _RL, "three amends of this order are in progress", Effect.NONE),
    ("51521 51522", _REJ, "this amend conflicts with reduce-only"),
    # WebSocket
    ("60004 60006", _RECON, "the login's timestamp is off: this machine's clock is wrong", Effect.CLOCK),
    ("60005", _AUTH, "the API key is invalid; check api_key"),
    ("60007", _AUTH, "the signature is wrong; check secret_key"),
    ("60008 60018 60028", _BUG, "this address does not serve this channel, operation or argument", Effect.ALARM),
    ("60009", _AUTH, "login failed; check api_key, secret_key and passphrase, and that the environment is the key's"),
    ("60011", _RECON, "the connection is not logged in"),
    ("60012 60013 60019 60026 60027 60033", _BUG, "OKX does not understand the frame"),
    ("60014 60023", _RL, "too many logins, subscriptions or requests on this connection; not executed"),
    ("60024", _AUTH, "the passphrase is wrong: it is the one given when the key was created, not the login password"),
    ("60031", _RECON, "the connection was already logged in", Effect.NONE),
    ("60032", _AUTH, "this API key does not exist here: wrong region (global, eea, us), or it was deleted"),
    ("63999", _RECON, "login failed by an internal error of OKX"),
    ("64000-64002 64004", _BUG, "this subscription has moved or conflicts with another", Effect.ALARM),
    ("60029 60030 64003", _HALT, "this channel needs a higher fee level (VIP)", Effect.ALARM),
    ("64007", _UNK, "internal error of OKX's WebSocket"),
    ("64008", _RECON, "OKX will close this connection for a service upgrade"),
)

_UNDOCUMENTED: Final = Rule(_UNK, "this version does not know this code; the gateway asks for the result", Effect.NONE)


def _expand(codes: str) -> Iterator[str]:
    """`"50007-50009 50012"` as its single codes."""
    for part in codes.split():
        first, _, last = part.partition("-")
        yield from (str(code) for code in range(int(first), int(last or first) + 1))


def _build_rules() -> Mapping[str, Rule]:
    rules: dict[str, Rule] = {}
    for codes, reaction, text, *effect in _GROUPS:
        rule = Rule(reaction, text, effect[0] if effect else _EFFECTS[reaction])
        for code in _expand(codes):
            if code in rules:
                raise AssertionError(f"OKX code {code} is twice in the table")
            rules[code] = rule
    return MappingProxyType(rules)


RULES: Final = _build_rules()

_LOGIN_CLOCK: Final = frozenset({"50102", "50112", "60004", "60006"})
_LOGIN_FATAL_REACTIONS: Final = frozenset({_AUTH, _HALT, _BUG})


def reaction(code: str, op: str) -> Reaction:
    """The reaction to `code` given to `op` (an OKX op name, `login`, `subscribe`, or `query` for a REST read).

    A code that is not in the table is UNK for an order op: only proof rejects. An op that cannot have changed an order
    is never unknown: it is repeated (RECON).
    """
    found = RULES.get(code, _UNDOCUMENTED).reaction
    if found is _UNK and op not in ORDER_OPS:
        return _RECON
    return found


def proving_codes() -> list[int]:
    """The codes that prove that an order op was not executed."""
    return [int(code) for code in RULES if reaction(code, "order") is not _UNK]


def effect_of(code: str) -> Effect:
    """The gateway's action after `code` on a live op, beside the result of its row."""
    return RULES.get(code, _UNDOCUMENTED).effect


def reacting_codes() -> list[int]:
    """The codes with an action beside the result."""
    return [int(code) for code, rule in RULES.items() if rule.effect is not Effect.NONE]


def login_reaction(code: str) -> LoginReaction:
    """FATAL needs an operator; CLOCK: ask OKX's time, then log in again; RETRY: after the backoff."""
    if code in _LOGIN_CLOCK:
        return LoginReaction.CLOCK
    if reaction(code, "login") in _LOGIN_FATAL_REACTIONS:
        return LoginReaction.FATAL
    return LoginReaction.RETRY


def subscribe_reaction(code: str) -> SubscribeReaction:
    """A channel that OKX refuses by name, address or fee level stays refused; others are retried after the backoff."""
    if reaction(code, "subscribe") in _LOGIN_FATAL_REACTIONS:
        return SubscribeReaction.FATAL
    return SubscribeReaction.RETRY


def describe(code: str, msg: str = "") -> str:
    """`code` as a text for operators: OKX's own message, then the cause or the fix."""
    fields = f' "{msg}"' if msg else ""
    return f"OKX {code}{fields}: {RULES.get(code, _UNDOCUMENTED).text}"
