"""Cell by cell: the codes of OKX docs, Error Code, and the required reaction to each."""

import pytest

from gateway.okx.error_codes import (
    ORDER_OPS,
    RULES,
    Effect,
    LoginReaction,
    Reaction,
    SubscribeReaction,
    describe,
    effect_of,
    login_reaction,
    reacting_codes,
    reaction,
    subscribe_reaction,
)

# Written down from OKX docs, Error Code, page by page; not derived from the module's table.
EXPECTED = {
    # UNK: neither success nor failure by OKX's own text, or not stated: never a reject
    Reaction.UNK: """
    50001 50004 50013 50026 50042 51011 51054 51149 51410 51412 64007
    """,
    Reaction.RL: """
    50011 50040 50061 51113 51513 60014 60023
    """,
    Reaction.GONE: """
    51063 51400 51401 51402 51405 51416 51503 51509 51510 51603
    """,
    Reaction.AUTH: """
    50035 50100 50101 50105 50108 50109 50110 50111 50113 50114 50116 50118 50119 50120 50121 60005
    60007 60009 60024 60032
    """,
    Reaction.RECON: """
    60004 60006 60011 60031 63999 64008
    """,
    Reaction.HALT: """
    50005 50007 50008 50009 50012 50017 50018 50019 50020 50021 50022 50023 50027 50028 50029 50030
    50032 50033 50041 50051 50052 50059 50060 50046 50062 51009 51024 51155 54092 54109 59113 60029
    60030 64003
    """,
    Reaction.BUG: """
    50000 50002 50006 50014 50015 50016 50024 50025 50038 50044 50053 50103 50104 50106 50107 50115
    51003 51071 51111 51204 51403 51406 51407 51413 51500 51501 51512 51514 54036 54084 54085 60008
    60012 60013 60018 60019 60026 60027 60028 60033 64000 64001 64002 64004
    """,
    Reaction.REJ: """
    401 403 404 405
    50036 50037 50071 50072 50075 50076 50077 50102 50112 50122 51000 51001 51002 51004 51005 51006
    51007 51008 51010 51012 51014 51015 51016 51018 51019 51020 51021 51022 51023 51025 51026 51027
    51028 51029 51030 51031 51032 51033 51034 51035 51036 51037 51038 51041 51042 51043 51066 51087
    51101 51102 51103 51104 51105 51106 51107 51109 51110 51112 51115 51116 51117 51120 51121 51122
    51123 51124 51125 51126 51127 51128 51129 51131 51134 51135 51136 51137 51138 51140 51142 51148
    51150 51169 51170 51171 51174 51175 51176 51177 51179 51180 51181 51182 51185 51187 51192 51193
    51194 51195 51196 51197 51201 51202 51203 51205 51206 51209 51210 51211 51212 51213 51214 51404
    51411 51502 51505 51506 51507 51508 51511 51521 51522 51536 51537 54000 54004 54005 54006 54007
    54008 54011 54012 54018 54019 54024 54025 54026 54027 54028 54029 54030 54031 54035 54039 54040
    54041 54042 54043 54044 54045 54046 54047 54048 54049 54051 54070 54071 54072 54073 54074 54075
    54076 54077 54078 54079 54094
    51044 51046 51047 51048 51049 51050 51051 51052 51053 51058 51065 51068 51074 51076 51077 51079
    51080 51081 51082 51083 51084 51085 51088 51089 51093 51094 51095 51096 51100 51108 51133 51139
    51178 51257 51258 51259 51260 51261 51275 51277 51278 51279 51280 51281 51299 51300 51302 51303
    51304 51305 51306 51307 51308 51327 51328 51330 51331 51332 51333 51415 51523 51524 51526 51527
    51531 51538 51539
    """,
}
# The effect of a live op's code beside the row's result, written by hand like the table above. All others have none.
EXPECTED_EFFECTS = {
    Effect.REST_LIMIT: "50001 50011 50013 50040 60014 60023",
    Effect.REST_SUB_ACCOUNT: "50061",
    Effect.HALT: """
    50007 50008 50009 50012 50017 50018 50019 50020 50021 50022 50023 50027 50028 50029 50030 50032
    50041 50051 50052 50059 50060 51009 51024 59113
    """,
    Effect.HALT_SERVICE: "50005 50046 50062",
    Effect.ALARM: """
    401 403 404 405
    50033 50038 50053 51155 54092 54109 60008 60018 60028 60029 60030 64000 64001 64002 64003 64004
    """,
    Effect.LOG_IN: """
    50035 50100 50101 50105 50108 50109 50110 50111 50113 50114 50116 50118 50119 50120 50121 60005
    60007 60009 60011 60024 60032 63999 64008
    """,
    Effect.CLOCK: "50036 50037 50102 50112 60004 60006",
    Effect.INSTRUMENTS: "51001",
    Effect.ASK_ORDER: "51063 51400 51401 51402 51405 51416 51503 51509 51510 51603",
}
EFFECTS = {code: effect for effect, codes in EXPECTED_EFFECTS.items() for code in codes.split()}
CELLS = [(code, wanted) for wanted, codes in EXPECTED.items() for code in codes.split()]


@pytest.mark.parametrize(("code", "wanted"), CELLS)
def test_reaction_of_every_documented_code_for_an_order(code: str, wanted: Reaction) -> None:
    assert reaction(code, "order") is wanted


def test_the_list_above_is_the_complete_table() -> None:
    assert sorted(code for code, _ in CELLS) == sorted(RULES)


def test_the_effect_of_every_code() -> None:
    assert {code: rule.effect for code, rule in RULES.items()} == {
        code: EFFECTS.get(code, Effect.NONE) for code in RULES
    }
    assert {str(code) for code in reacting_codes()} == set(EFFECTS)
    assert effect_of("99999") is effect_of("") is Effect.NONE


@pytest.mark.parametrize("op", sorted(ORDER_OPS))
@pytest.mark.parametrize("code", ["50001", "50004", "50013", "50026", "51054", "51149", "64007", "99999", "", "abc"])
def test_no_order_op_is_rejected_without_proof(op: str, code: str) -> None:
    assert reaction(code, op) is Reaction.UNK


@pytest.mark.parametrize("op", ["login", "subscribe", "query"])
@pytest.mark.parametrize("code", ["50001", "50013", "64007", "99999"])
def test_an_op_that_changes_no_order_is_never_unknown(op: str, code: str) -> None:
    assert reaction(code, op) is Reaction.RECON


def test_the_order_ops_are_those_of_the_websocket_and_of_algo_orders() -> None:
    # OKX docs, Order Book Trading / Trade, WS sections; Algo Trading, POST sections
    documented = "order batch-orders cancel-order batch-cancel-orders amend-order batch-amend-orders mass-cancel"
    documented += " order-algo amend-algos cancel-algos"
    assert set(documented.split()) == ORDER_OPS


@pytest.mark.parametrize(
    ("codes", "wanted"),
    [
        ("60005 60007 60009 60024 60032 50101 50105 50110 50111 50113 50119 50121 50100", LoginReaction.FATAL),
        ("60012 60013 60018 60019 60026 60033 50103", LoginReaction.FATAL),
        ("60004 60006 50102 50112", LoginReaction.CLOCK),
        ("60014 60023 63999 50001 50011 50013 50026 64007 60031 99999", LoginReaction.RETRY),
    ],
)
def test_login_codes(codes: str, wanted: LoginReaction) -> None:
    for code in codes.split():
        assert login_reaction(code) is wanted, code


@pytest.mark.parametrize(
    ("codes", "wanted"),
    [
        ("60018 60012 60013 60008 60028 60033 64000 64001 64002 64003 64004", SubscribeReaction.FATAL),
        ("60011 60014 63999 64007 50011 99999", SubscribeReaction.RETRY),
    ],
)
def test_subscription_codes(codes: str, wanted: SubscribeReaction) -> None:
    for code in codes.split():
        assert subscribe_reaction(code) is wanted, code


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("60032", "region"),
        ("50119", "region"),
        ("50101", "demo"),
        ("60024", "passphrase"),
        ("60006", "clock"),
        ("50110", "IP"),
    ],
)
def test_the_text_names_the_fix(code: str, word: str) -> None:
    assert word in describe(code, "OKX's own words")
    assert "OKX's own words" in describe(code, "OKX's own words")


def test_an_unknown_code_has_a_text_too() -> None:
    assert "does not know this code" in describe("12345")
