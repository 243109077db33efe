"""Pure. The configuration of a simulated exchange: keys, accounts, market, times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from gateway.sim.base.switches import Switches

__all__ = ["AccountSpec", "ApiKey", "SimConfig", "Switches", "default_accounts"]

# Half a kilobyte each: 50 MB. An audit of more gives the ledger a file.
LEDGER_RECORDS_KEPT = 100_000

DEFAULT_SECRET = "SIMULATED-SECRET-0001"
DEFAULT_PASSPHRASE = "simulated"

DEFAULT_BALANCES: Mapping[str, Decimal] = {
    "USDT": Decimal(10_000_000),
    "USDC": Decimal(10_000_000),
    "BTC": Decimal(1_000),
    "ETH": Decimal(10_000),
}


@dataclass(frozen=True, repr=False)
class ApiKey:
    """One API key of an account. `demo` says for which environment it was made, `ips` which addresses it is bound to
    (none: any)."""

    key: str
    secret: str = DEFAULT_SECRET
    passphrase: str = DEFAULT_PASSPHRASE
    permissions: tuple[str, ...] = ("read_only", "trade")
    demo: bool = False
    ips: tuple[str, ...] = ()
    state: str = "active"  # or "frozen" (50100), or "expired": as if it did not exist

    def __repr__(self) -> str:
        return f"ApiKey({self.key!r}, secret=..., permissions={self.permissions!r}, demo={self.demo!r})"


@dataclass(frozen=True)
class AccountSpec:
    """A trading account: `acct_lv` 1 spot, 2 futures, 3 multi-currency, 4 portfolio; OKX's own values throughout."""

    uid: str
    api_keys: tuple[ApiKey, ...]
    label: str = "simulated"
    acct_lv: str = "2"
    pos_mode: str = "net_mode"
    acct_stp_mode: str = "cancel_maker"
    mm_permission: bool = False  # may place MMP orders, with acct_lv 4
    lever: Decimal = Decimal(10)  # until it is set per instrument
    auto_loan: bool = False  # multi-currency mode: spot orders may borrow
    balances: Mapping[str, Decimal] = field(default_factory=lambda: dict(DEFAULT_BALANCES))


def default_accounts() -> tuple[AccountSpec, ...]:
    """Two trading accounts, the first with a read-only key beside its trading key."""
    return (
        AccountSpec(
            "1000000000000001",
            (ApiKey("sim-api-key-0001"), ApiKey("sim-read-only", permissions=("read_only",))),
        ),
        AccountSpec("1000000000000002", (ApiKey("sim-api-key-0002", secret="SIMULATED-SECRET-0002"),)),
    )


@dataclass(frozen=True)
class SimConfig:
    """Everything that decides how a simulated exchange behaves."""

    host: str = "127.0.0.1"
    port: int = 0
    tls_dir: Path | None = None
    demo: bool = False
    seed: int = 1
    scenario: Path | Mapping[str, Any] | None = None  # a file, or its content
    accounts: tuple[AccountSpec, ...] = field(default_factory=default_accounts)
    switches: Switches = field(default_factory=Switches)
    market_seed: int = 1
    market_rate: float = 0.0  # actions of other participants per second and instrument; 0 means no market
    market_levels: int = 0  # resting levels of other participants on each side at start
    skew_ms: int = 0
    idle_timeout_s: float = 30.0
    ledger_path: Path | None = None
    ledger_limit: int = LEDGER_RECORDS_KEPT  # the memory drops the oldest records beyond this; the file keeps all
    rest_limits: bool = True  # the limits of read endpoints; trade limits always hold
