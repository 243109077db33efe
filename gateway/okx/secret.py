"""The one type that holds a secret: printing, serialising or pickling it yields a redacted text."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import core_schema

from gateway.errors import LocalProtocolError

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

REDACTED: Final = "[redacted]"


class Secret:
    """Text that only `reveal` returns. Equality takes constant time; it has no hash, length or order."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value: str | None = value

    def reveal(self) -> str:
        if self.__value is None:
            raise LocalProtocolError("this Secret is a redacted copy made by pickling; it has no value")
        return self.__value

    def __repr__(self) -> str:
        return f"Secret({REDACTED})"

    def __str__(self) -> str:
        return REDACTED

    def __format__(self, format_spec: str) -> str:
        return REDACTED

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.reveal().encode(), other.reveal().encode())

    def __hash__(self) -> int:
        raise TypeError("a Secret has no hash: use it in no set and as no dictionary key")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _redacted_copy, ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Pydantic: only a `Secret` is valid (never plain text, which a file could have); it is dumped redacted."""
        return core_schema.is_instance_schema(cls, serialization=core_schema.plain_serializer_function_ser_schema(str))


@dataclass(frozen=True, slots=True)
class Credentials:
    """One OKX API key: it belongs to one region and one environment (production or demo trading)."""

    api_key: Secret
    secret_key: Secret
    passphrase: Secret


def _redacted_copy() -> Secret:
    copy = Secret(REDACTED)
    copy._Secret__value = None  # type: ignore[attr-defined]
    return copy
