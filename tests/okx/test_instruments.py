"""Instruments from rows as OKX sends them (OKX docs, Trading Account / Get instruments; Instruments channel)."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.okx.instruments import Catalogue, UpcomingChange, parse_instruments

SWAP: dict[str, Any] = {
    "alias": "", "baseCcy": "", "category": "1", "ctMult": "1", "ctType": "linear", "ctVal": "0.1", "ctValCcy": "ETH",
    "expTime": "", "instFamily": "ETH-USDT", "instId": "ETH-USDT-SWAP", "instIdCode": 10461, "instType": "SWAP",
    "lever": "100", "lotSz": "0.01", "maxLmtSz": "100000000", "maxMktSz": "20000", "minSz": "0.01", "quoteCcy": "",
    "ruleType": "normal", "settleCcy": "USDT", "state": "live", "tickSz": "0.01", "uly": "ETH-USDT",
    "upcChg": [{"param": "tickSz", "newValue": "0.001", "effTime": "1704676800000"}],
}  # fmt: skip
SPOT: dict[str, Any] = {
    "baseCcy": "BTC", "ctMult": "", "ctType": "", "ctVal": "", "instFamily": "", "instId": "BTC-USDT",
    "instIdCode": 2021032601102993, "instType": "SPOT", "lotSz": "0.00000001", "maxLmtSz": "9999999999",
    "maxMktSz": "1000000", "minSz": "0.00001", "quoteCcy": "USDT", "settleCcy": "", "state": "live", "tickSz": "0.1",
}  # fmt: skip


def test_a_swap_row() -> None:
    instruments, skipped = parse_instruments([SWAP])
    assert skipped == []
    swap = instruments[0]
    assert swap.key == ("SWAP", "ETH-USDT-SWAP")
    assert (swap.inst_id_code, swap.inst_family, swap.state) == (10461, "ETH-USDT", "live")
    assert (swap.tick_sz, swap.lot_sz, swap.min_sz) == (Decimal("0.01"), Decimal("0.01"), Decimal("0.01"))
    assert (swap.max_lmt_sz, swap.max_mkt_sz) == (Decimal(100000000), Decimal(20000))
    assert (swap.ct_val, swap.ct_mult, swap.ct_type, swap.settle_ccy) == (Decimal("0.1"), Decimal(1), "linear", "USDT")
    assert swap.upc_chg == (UpcomingChange("tickSz", "0.001", 1704676800000),)


def test_a_spot_row_has_no_contract_fields_and_can_have_a_demo_code() -> None:
    spot = parse_instruments([SPOT])[0][0]
    assert (spot.base_ccy, spot.quote_ccy, spot.settle_ccy) == ("BTC", "USDT", "")
    assert (spot.ct_val, spot.ct_mult, spot.ct_type) == (None, None, "")
    assert spot.inst_id_code == 2021032601102993
    assert spot.upc_chg == ()


@pytest.mark.parametrize("code", [None, "", "10461", 0, -5, True, 1.5, 2**63, [], {}])
def test_a_missing_or_malformed_code_is_none(code: object) -> None:
    assert parse_instruments([{**SWAP, "instIdCode": code}])[0][0].inst_id_code is None


def test_a_row_without_the_key_instidcode_is_an_instrument() -> None:
    row = {name: value for name, value in SWAP.items() if name != "instIdCode"}
    assert parse_instruments([row])[0][0].inst_id_code is None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("text", "is str, not an object"),
        (None, "is NoneType, not an object"),
        ({**SWAP, "instId": ""}, "instId is empty"),
        ({**SWAP, "instType": None}, "instType is empty"),
        ({**SWAP, "state": ""}, "state is empty"),
        ({**SWAP, "tickSz": ""}, "tickSz is empty"),
        ({**SWAP, "lotSz": "abc"}, "lotSz 'abc' is not a number"),
        ({**SWAP, "minSz": "0"}, "minSz '0' is not above 0"),
        ({**SWAP, "minSz": "-1"}, "minSz '-1' is not above 0"),
        ({**SWAP, "tickSz": "NaN"}, "tickSz 'NaN' is not above 0"),
        ({**SWAP, "tickSz": "sNaN"}, "tickSz 'sNaN' is not above 0"),
        ({**SWAP, "tickSz": "Infinity"}, "tickSz 'Infinity' is not above 0"),
        ({**SWAP, "tickSz": 0.1}, "tickSz is float, not text"),
        ({}, "instType is empty"),
    ],
)
def test_a_malformed_row_is_skipped_and_costs_no_other(row: object, reason: str) -> None:
    instruments, skipped = parse_instruments([SPOT, row, SWAP])
    assert [instrument.inst_id for instrument in instruments] == ["BTC-USDT", "ETH-USDT-SWAP"]
    assert [skip.reason for skip in skipped] == [reason]


@pytest.mark.parametrize("changes", [None, "", {}, [None], [{"effTime": "soon"}], [{"effTime": None}]])
def test_malformed_announcements_do_not_cost_the_instrument(changes: object) -> None:
    assert parse_instruments([{**SWAP, "upcChg": changes}])[0][0].upc_chg == ()


def test_merging_a_partial_push_keeps_the_rest() -> None:
    catalogue = Catalogue()
    first = catalogue.merge([SPOT, SWAP])
    assert (len(first.added), first.changed) == (2, ())
    merge = catalogue.merge([{**SWAP, "state": "suspend"}])
    assert merge.added == ()
    assert [instrument.state for instrument in merge.changed] == ["suspend"]
    assert len(catalogue) == 2
    assert catalogue.get("SPOT", "BTC-USDT") is not None


def test_merging_known_rows_changes_nothing() -> None:
    catalogue = Catalogue()
    catalogue.merge([SPOT, SWAP])
    assert catalogue.merge([SWAP]) == catalogue.merge([])


def test_a_push_without_code_keeps_the_known_one() -> None:
    catalogue = Catalogue()
    catalogue.merge([SWAP])
    catalogue.merge([{**SWAP, "instIdCode": None, "state": "suspend"}])
    swap = catalogue.get("SWAP", "ETH-USDT-SWAP")
    assert swap is not None
    assert (swap.inst_id_code, swap.state) == (10461, "suspend")


def test_spot_and_margin_of_one_pair_are_two_instruments() -> None:
    catalogue = Catalogue()
    catalogue.merge([SPOT, {**SPOT, "instType": "MARGIN", "instIdCode": 7}])
    spot, margin = catalogue.get("SPOT", "BTC-USDT"), catalogue.get("MARGIN", "BTC-USDT")
    assert spot is not None
    assert margin is not None
    assert (spot.inst_id_code, margin.inst_id_code) == (2021032601102993, 7)


def test_a_malformed_push_keeps_the_known_instrument() -> None:
    catalogue = Catalogue()
    catalogue.merge([SWAP])
    merge = catalogue.merge([{**SWAP, "tickSz": ""}, "text"])
    assert len(merge.skipped) == 2
    swap = catalogue.get("SWAP", "ETH-USDT-SWAP")
    assert swap is not None
    assert swap.tick_sz == Decimal("0.01")


def test_the_next_announced_change() -> None:
    catalogue = Catalogue()
    assert catalogue.next_change_ms(0) is None
    later = {**SPOT, "upcChg": [{"param": "minSz", "newValue": "1", "effTime": "1704676900000"}]}
    catalogue.merge([SWAP, later])
    assert catalogue.next_change_ms(0) == 1704676800000
    assert catalogue.next_change_ms(1704676800000) == 1704676900000
    assert catalogue.next_change_ms(1704676900000) is None
