"""The sections of the configuration file: every key with its unit, default, bounds and description.

`docs/configuration.md` is generated from these classes. `loading` reads the file, the environment and the secrets.
"""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path
from typing import Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from gateway._fast.base.minted_ids import STRATEGY_NUMBER_MAX
from gateway.config.dead_man import DeadManConfig
from gateway.config.journal import JournalConfig
from gateway.config.rest_orders import RestOrdersConfig
from gateway.config.section import Section, StrictBool, StrictInt
from gateway.config.session import SessionConfig
from gateway.okx.endpoints import ENDPOINTS, Endpoints

Environment = Literal["global", "global-demo", "eea", "eea-demo", "us", "us-demo", "simulator", "custom"]
InstType = Literal["SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

STRATEGY_NAME_PATTERN = r"^[A-Za-z0-9_-]{1,32}$"
STRATEGY_NAMES_RESERVED = ("account", "gateway")

# unix(7): a socket's path has at most 107 bytes; "/orders" and "/events" need 7 of them.
SOCKET_DIR_BYTES_MAX = 100

LOOPBACK_HOSTS = ("127.0.0.1", "::1", "localhost")


class AccountConfig(Section):
    """The OKX account, its environment, and the products it trades."""

    name: str = Field(
        "main", pattern=STRATEGY_NAME_PATTERN, description="Your name for the account: in logs and in the socket path."
    )
    environment: Environment = Field(
        "simulator",
        description="Region where the account was registered, `-demo` for demo trading (its keys are separate ones); "
        "`simulator` for `okx-gateway sim`; `custom` takes the four addresses below.",
    )
    rest_url: str | None = Field(None, description="REST; only with `simulator` or `custom`.")
    ws_private_url: str | None = Field(None, description="Private WebSocket; only with `simulator` or `custom`.")
    ws_public_url: str | None = Field(None, description="Public WebSocket; only with `simulator` or `custom`.")
    ws_business_url: str | None = Field(None, description="Business WebSocket; only with `simulator` or `custom`.")
    ca_file: Path | None = Field(
        None, description="PEM file of one more trusted certificate authority, for example the simulator's."
    )
    inst_types: tuple[InstType, ...] = Field(
        ("SPOT", "SWAP", "FUTURES"), min_length=1, description="Instrument types to load and trade."
    )
    inst_families: tuple[str, ...] = Field(
        (), description='Families of the options to load, for example `["BTC-USD"]`; needed with `OPTION`.'
    )
    secrets_file: Path | None = Field(
        None,
        description="TOML file of the gateway's user, mode 0600, with `api_key`, `secret_key` and `passphrase`.",
    )

    URL_KEYS: ClassVar[tuple[str, ...]] = ("rest_url", "ws_private_url", "ws_public_url", "ws_business_url")

    @field_validator(*URL_KEYS)
    @classmethod
    def _check_url(cls, url: str | None, info: Any) -> str | None:
        if url is None:
            return None
        secure, plain = ("https", "http") if info.field_name == "rest_url" else ("wss", "ws")
        parts = urlsplit(url)
        if parts.username or parts.password:
            raise ValueError("a user name or password is not allowed in an address")  # and is not repeated in the error
        if parts.scheme not in (secure, plain) or not parts.hostname:
            raise ValueError(f"should look like {secure}://host[:port]/path")
        if parts.scheme == plain and parts.hostname not in LOOPBACK_HOSTS:
            raise ValueError(f"should be {secure}://, since {plain}:// shows the login to everyone on the network")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        given = [key for key in self.URL_KEYS if getattr(self, key) is not None]
        if self.environment == "custom" and len(given) < len(self.URL_KEYS):
            missing = ", ".join(key for key in self.URL_KEYS if key not in given)
            raise ValueError(f'environment "custom" needs all four addresses; missing: {missing}')
        if given and self.environment not in ("custom", "simulator"):
            raise ValueError(
                f'{", ".join(given)}: is allowed only with environment "custom" or "simulator", '
                f'since "{self.environment}" has its own addresses'
            )
        if "OPTION" in self.inst_types and not self.inst_families:
            raise ValueError('inst_types has "OPTION", which needs inst_families, for example ["BTC-USD"]')
        return self

    @property
    def endpoints(self) -> Endpoints:
        """The four addresses and whether REST needs the demo header, after overrides."""
        base = ENDPOINTS.get(self.environment)
        values = {key: getattr(self, key) or getattr(base, key) for key in self.URL_KEYS}
        return Endpoints(**values, simulated_trading=self.simulated_trading)

    @property
    def simulated_trading(self) -> bool:
        """True for OKX's demo trading: REST requests carry `x-simulated-trading: 1`."""
        base = ENDPOINTS.get(self.environment)
        return base is not None and base.simulated_trading


class SocketsConfig(Section):
    """The ZeroMQ sockets for strategies. Every process that can open them can read all events."""

    dir: Path = Field(
        description="Directory of the sockets `orders` and `events`, mode 0700 (0750 with `group`).",
        json_schema_extra={
            "default_text": "`$XDG_RUNTIME_DIR/okx-gateway/<account name>`, "
            "without that variable `~/.local/state/okx-gateway/<account name>`"
        },
    )
    group: str | None = Field(
        None, description="Group whose members can open the sockets too (mode 0660); without it only this user (0600)."
    )
    event_hwm: StrictInt = Field(
        100_000, ge=1_000, le=10_000_000, description="Events kept for a slow subscriber before ZeroMQ drops; count."
    )
    request_hwm: StrictInt = Field(
        100_000, ge=1_000, le=10_000_000, description="Requests kept per strategy before its sends block; count."
    )

    @field_validator("dir")
    @classmethod
    def _check_dir(cls, path: Path) -> Path:
        if len(os.fsencode(path)) > SOCKET_DIR_BYTES_MAX:
            raise ValueError(f"should have at most {SOCKET_DIR_BYTES_MAX} bytes, Linux's limit for the sockets' paths")
        return path

    @field_validator("group")
    @classmethod
    def _check_group(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                grp.getgrnam(name)
            except KeyError:
                raise ValueError("should be a group of this machine") from None
        return name


def _own_uid() -> tuple[int, ...]:
    return (os.geteuid(),)


class StrategyConfig(Section):
    """One strategy: the users who can claim its name, and the number in the order ids that the gateway mints for it."""

    name: str = Field(pattern=STRATEGY_NAME_PATTERN, description="Name, also the first part of its event topics.")
    number: StrictInt = Field(
        ge=1, le=STRATEGY_NUMBER_MAX, description="Its number, unique and never reused for another strategy."
    )
    users: tuple[StrictInt, ...] = Field(
        default_factory=_own_uid,
        min_length=1,
        description="Users whose processes are allowed to claim the name; user names or uids.",
        json_schema_extra={"type_text": "list of text or integer", "default_text": "the gateway's own user"},
    )

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        if name in STRATEGY_NAMES_RESERVED:
            raise ValueError("is reserved for the gateway; choose another")
        return name

    @field_validator("users", mode="before")
    @classmethod
    def _resolve_users(cls, users: Any) -> Any:
        """User names become uids; the type check reports values that are neither a name nor a number."""
        if not isinstance(users, (list, tuple)):
            return users
        return [_uid_of(user) if isinstance(user, str) else user for user in users]


def _uid_of(user_name: str) -> int:
    try:
        return pwd.getpwnam(user_name).pw_uid
    except KeyError:
        raise ValueError(f"user {user_name!r} does not exist on this machine") from None


class DefaultStrategyConfig(Section):
    """For a first start: processes of the gateway's own user can claim any free name, numbered in order of arrival."""

    enabled: StrictBool = Field(
        description="Whether strategies without their own entry are granted.",
        json_schema_extra={"default_text": "`true` without any `[[strategy]]`, else `false`"},
    )
    number_first: StrictInt = Field(
        800, ge=1, le=STRATEGY_NUMBER_MAX, description="Number of the first name; the next name gets the next number."
    )
    number_last: StrictInt = Field(
        STRATEGY_NUMBER_MAX, ge=1, le=STRATEGY_NUMBER_MAX, description="Last number; after it new names are refused."
    )

    @model_validator(mode="after")
    def _check_range(self) -> Self:
        if self.number_first > self.number_last:
            raise ValueError(f"number_first {self.number_first} should not be above number_last {self.number_last}")
        return self


class RequestsConfig(Section):
    """The lifetime of requests, and the number of each kind that fits into memory."""

    max_wait_ms: StrictInt = Field(
        0, ge=0, le=600_000, description="Wait for a token or readiness when the request names none; ms, 0 = refuse."
    )
    max_wait_cap_ms: StrictInt = Field(
        60_000, ge=0, le=600_000, description="Longest `maxWaitMs` that a strategy can ask for; ms."
    )
    max_age_ms: StrictInt = Field(
        1_000, ge=1, le=600_000, description="A request older than this when read (by its `sentNs`) is stale; ms."
    )
    order_ttl_ms: StrictInt = Field(
        5_000,
        ge=100,
        le=600_000,
        description="`expTime` of a place or amend that has none, from now on OKX's clock minus the clock error "
        "(half of a REST round trip); if it is too short for a slow network, OKX refuses the order as expired; ms.",
    )
    ack_timeout_ms: StrictInt = Field(
        3_000,
        ge=100,
        le=600_000,
        description="Time without an ack after which the result is `unknown`; ms.",
    )
    order_capacity: StrictInt = Field(
        65_536, ge=64, le=16_777_216, description="Orders known at one time; the memory is allocated at start; count."
    )
    request_capacity: StrictInt = Field(
        65_536, ge=64, le=16_777_216, description="Requests remembered, so that a repeated `id` is answered; count."
    )
    waiting_capacity: StrictInt = Field(
        65_536, ge=64, le=16_777_216, description="Requests that can wait for a token at one time; count."
    )

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if self.max_wait_ms > self.max_wait_cap_ms:
            raise ValueError(f"max_wait_ms {self.max_wait_ms} is above max_wait_cap_ms {self.max_wait_cap_ms}")
        return self


class LimitsConfig(Section):
    """OKX's rate limits (OKX docs, Overview, "Rate Limits", and each trade endpoint). Raise one only if OKX did."""

    place_per_2s: StrictInt = Field(
        60, ge=1, le=1_000_000, description="Places per instrument (option: family) and window."
    )
    cancel_per_2s: StrictInt = Field(60, ge=1, le=1_000_000, description="Cancels per instrument (family) and window.")
    amend_per_2s: StrictInt = Field(60, ge=1, le=1_000_000, description="Amends per instrument (family) and window.")
    batch_rows_per_2s: StrictInt = Field(
        300, ge=20, le=1_000_000, description="Rows of batches per op, instrument (family) and window."
    )
    mass_cancel_per_2s: StrictInt = Field(5, ge=1, le=1_000_000, description="Mass cancels per window.")
    sub_account_per_2s: StrictInt = Field(
        1_000, ge=20, le=1_000_000, description="New and amended derivative orders of the sub-account per window."
    )
    window_ms: StrictInt = Field(2_000, ge=1, le=60_000, description="Length of OKX's window; ms.")
    margin_ms: StrictInt = Field(50, ge=0, le=10_000, description="Extra wait after a window, for network jitter; ms.")


class LogConfig(Section):
    """Logging; a separate process writes it."""

    level: LogLevel = Field("INFO", description="Lowest level that is written.")
    format: Literal["text", "json"] = Field("text", description="Readable lines, or one JSON object per line.")
    file: Path | None = Field(
        None, description="File to append to.", json_schema_extra={"default_text": "standard error"}
    )


class StopConfig(Section):
    """The end of a run."""

    drain_ms: StrictInt = Field(
        3_000, ge=0, le=600_000, description="Longest wait of SIGTERM and SIGINT for acks in flight; ms."
    )


class ProcessConfig(Section):
    """Use of the machine by the hot process."""

    spin: StrictBool = Field(
        False,
        description="Poll the sockets without sleeping: saves wake-ups, keeps one core always busy.",
    )


class Settings(Section):
    """The complete configuration file."""

    account: AccountConfig
    sockets: SocketsConfig
    strategy: tuple[StrategyConfig, ...] = ()
    default_strategy: DefaultStrategyConfig
    requests: RequestsConfig
    limits: LimitsConfig
    session: SessionConfig
    journal: JournalConfig
    dead_man: DeadManConfig
    rest_orders: RestOrdersConfig
    log: LogConfig
    stop: StopConfig
    process: ProcessConfig

    @model_validator(mode="after")
    def _check_guard(self) -> Self:
        if self.dead_man.enabled and self.rest_orders.fallback == "all":
            raise ValueError("[dead_man] guards orders of the private stream only: no [rest_orders] fallback = all")
        return self

    @model_validator(mode="after")
    def _check_strategies(self) -> Self:
        for key in ("name", "number"):
            values = [getattr(entry, key) for entry in self.strategy]
            repeated = sorted({str(value) for value in values if values.count(value) > 1})
            if repeated:
                raise ValueError(f"[[strategy]] {key} {', '.join(repeated)}: is used by more than one entry")
        default = self.default_strategy
        numbers = range(default.number_first, default.number_last + 1) if default.enabled else range(0)
        for entry in self.strategy:
            if entry.number in numbers:
                raise ValueError(
                    f"[[strategy]] {entry.name}: number {entry.number} is in the range {default.number_first} to "
                    f"{default.number_last} of [default_strategy]; choose another"
                )
        return self
