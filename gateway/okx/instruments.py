"""Pure. The instruments that the account can trade, from REST and kept fresh by the `instruments` channel.

OKX docs, Trading Account / Get instruments, Public Data / Instruments channel. Rows of instruments in preparation
can lack steps: they are skipped and reported, never fatal. Since 2026-09-30 (change log) a push can have only the
changed members: it is merged, and never replaces the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

# OKX has some thousand instruments, options included; a larger number is an error.
INSTRUMENTS_MAX: Final = 100_000

# instIdCode must fit the 64 bits in which the hot path keeps it (demo codes have 16 digits).
INST_ID_CODE_MAX: Final = 2**63 - 1

InstKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class UpcomingChange:
    """An announced change of one parameter (`upcChg`): at `eff_time_ms` `param` becomes `new_value`."""

    param: str
    new_value: str
    eff_time_ms: int


@dataclass(frozen=True, slots=True)
class Instrument:
    """One instrument in OKX's words. Sizes in contracts, or in the base currency for SPOT and MARGIN.

    `inst_id_code` is None until OKX has generated it: no order can go over the WebSocket before. It differs between
    production and demo trading. `max_lmt_sz` and `max_mkt_sz` are None if OKX sends none; a SPOT `max_mkt_sz` is in
    USDT. `ct_val` and `ct_mult` are None for SPOT and MARGIN.
    """

    inst_type: str
    inst_id: str
    inst_id_code: int | None
    inst_family: str
    state: str
    tick_sz: Decimal
    lot_sz: Decimal
    min_sz: Decimal
    max_lmt_sz: Decimal | None
    max_mkt_sz: Decimal | None
    ct_val: Decimal | None
    ct_mult: Decimal | None
    ct_type: str
    base_ccy: str
    quote_ccy: str
    settle_ccy: str
    upc_chg: tuple[UpcomingChange, ...]

    @property
    def key(self) -> InstKey:
        """SPOT and MARGIN share an `instId`, so that alone does not name an instrument."""
        return self.inst_type, self.inst_id


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that is no usable instrument, and why."""

    inst_type: str
    inst_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Merge:
    """The changes of the catalogue by one answer or push. `changed` has the new versions."""

    added: tuple[Instrument, ...]
    changed: tuple[Instrument, ...]
    skipped: tuple[SkippedRow, ...]


def parse_instruments(rows: Iterable[Any]) -> tuple[list[Instrument], list[SkippedRow]]:
    """Rows of `data` as instruments, and the skipped rows. Unknown fields are ignored."""
    instruments: list[Instrument] = []
    skipped: list[SkippedRow] = []
    for row in rows:
        if not isinstance(row, Mapping):
            skipped.append(SkippedRow("", "", f"is {type(row).__name__}, not an object"))
            continue
        try:
            instruments.append(_parse_row(row))
        except ValueError as error:
            skipped.append(SkippedRow(str(row.get("instType", "")), str(row.get("instId", "")), str(error)))
    return instruments, skipped


class Catalogue:
    """All known instruments by (inst_type, inst_id). Pushes are merged into it; nothing is ever dropped."""

    def __init__(self) -> None:
        self._by_key: dict[InstKey, Instrument] = {}

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[Instrument]:
        return iter(self._by_key.values())

    def get(self, inst_type: str, inst_id: str) -> Instrument | None:
        return self._by_key.get((inst_type, inst_id))

    def merge(self, rows: Sequence[Any]) -> Merge:
        """Takes rows of REST or of a push. A row without `instIdCode` keeps the known code."""
        instruments, skipped = parse_instruments(rows)
        added: list[Instrument] = []
        changed: list[Instrument] = []
        for fresh in instruments:
            known = self._by_key.get(fresh.key)
            if known is None and len(self._by_key) >= INSTRUMENTS_MAX:
                skipped.append(SkippedRow(*fresh.key, f"the catalogue is full at {INSTRUMENTS_MAX} instruments"))
                continue
            if known is not None and fresh.inst_id_code is None:
                fresh = replace(fresh, inst_id_code=known.inst_id_code)  # noqa: PLW2901
            if known is None:
                added.append(fresh)
            elif known != fresh:
                changed.append(fresh)
            self._by_key[fresh.key] = fresh
        return Merge(tuple(added), tuple(changed), tuple(skipped))

    def next_change_ms(self, now_ms: int) -> int | None:
        """When the earliest announced change takes effect, on OKX's clock: reload then. None if none is announced."""
        times = [change.eff_time_ms for instrument in self for change in instrument.upc_chg]
        return min((time for time in times if time > now_ms), default=None)


def _parse_row(row: Mapping[str, Any]) -> Instrument:
    return Instrument(
        inst_type=_text(row, "instType", required=True),
        inst_id=_text(row, "instId", required=True),
        inst_id_code=_inst_id_code(row.get("instIdCode")),
        inst_family=_text(row, "instFamily"),
        state=_text(row, "state", required=True),
        tick_sz=_step(row, "tickSz"),
        lot_sz=_step(row, "lotSz"),
        min_sz=_step(row, "minSz"),
        max_lmt_sz=_amount(row, "maxLmtSz"),
        max_mkt_sz=_amount(row, "maxMktSz"),
        ct_val=_amount(row, "ctVal"),
        ct_mult=_amount(row, "ctMult"),
        ct_type=_text(row, "ctType"),
        base_ccy=_text(row, "baseCcy"),
        quote_ccy=_text(row, "quoteCcy"),
        settle_ccy=_text(row, "settleCcy"),
        upc_chg=_upcoming_changes(row.get("upcChg")),
    )


def _text(row: Mapping[str, Any], name: str, *, required: bool = False) -> str:
    value = row.get(name)
    if value is None or value == "":
        if required:
            raise ValueError(f"{name} is empty")
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name} is {type(value).__name__}, not text")
    return value


def _inst_id_code(value: Any) -> int | None:
    """A JSON integer, or null until OKX has generated it (change log 2025-07-29)."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= INST_ID_CODE_MAX:
        return value
    return None


def _step(row: Mapping[str, Any], name: str) -> Decimal:
    value = _amount(row, name)
    if value is None:
        raise ValueError(f"{name} is empty")
    return value


def _amount(row: Mapping[str, Any], name: str) -> Decimal | None:
    """A positive amount, or None if OKX sends an empty string."""
    text = _text(row, name)
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{name} {text!r} is not a number") from None
    if not value.is_finite() or value <= 0:
        raise ValueError(f"{name} {text!r} is not above 0")
    return value


def _upcoming_changes(value: Any) -> tuple[UpcomingChange, ...]:
    """Announcements are optional: an unreadable one does not cost the instrument."""
    return tuple(
        UpcomingChange(str(entry.get("param")), str(entry.get("newValue")), int(entry["effTime"]))
        for entry in (value if isinstance(value, list) else [])
        if isinstance(entry, Mapping) and str(entry.get("effTime", "")).isdecimal()
    )
