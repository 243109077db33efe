"""Pure. Interest as it accrued. Source: OKX docs, "Get interest accrued data"."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Accrual:
    """Interest on `liab`, both in `ccy`; `inst_id` is empty for borrowed cash."""

    ccy: str
    inst_id: str
    mgn_mode: str
    liab: Decimal
    interest: Decimal
    time_ms: int
