"""`python -m gateway.config.reference` prints docs/configuration.md, generated from the configuration's classes."""

from __future__ import annotations

import sys
from pathlib import Path
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin

from annotated_types import Ge, Le
from pydantic.fields import FieldInfo

from gateway.config.model import Settings, StrategyConfig
from gateway.config.section import Section

_INTRODUCTION: Final = """\
# Configuration

<!-- made by `python -m gateway.config.reference`; do not edit -->

One TOML file, named by `--config`. Every key has a default except those marked *required*; unknown keys are refused.
`okx-gateway check` names each fault and its place. Relative paths start at the file's directory; `~/` is your home.

**Environment.** `OKX_GATEWAY__<SECTION>__<KEY>` overrides a key, for example
`OKX_GATEWAY__REQUESTS__MAX_WAIT_MS=2000`; lists are written as in TOML. Only the file can have `[[strategy]]` entries.

**Secrets** are never in this file and never on the command line. Each of `api_key`, `secret_key` and `passphrase` is
taken from the first of these that has it:

1. the environment: `OKX_API_KEY`, `OKX_SECRET_KEY`, `OKX_PASSPHRASE`;
2. the TOML file named by `[account] secrets_file`, which must belong to the gateway's user with mode 0600;
3. systemd credentials: files of these names in `$CREDENTIALS_DIRECTORY` (`LoadCredential=api_key:...`).
"""

_TYPE_WORDS: Final = {str: "text", int: "integer", float: "number", bool: "true or false", Path: "path"}


def render_reference() -> str:
    parts = [_INTRODUCTION]
    for name, field in Settings.model_fields.items():
        model = StrategyConfig if name == "strategy" else field.annotation
        assert isinstance(model, type) and issubclass(model, Section)
        parts.append(_render_section(f"[[{name}]]" if name == "strategy" else f"[{name}]", model))
    return "\n".join(parts)


def _render_section(title: str, model: type[Section]) -> str:
    rows = [
        f"| `{key}` | {_type_text(field)} | {_default_text(field)} | {field.description} |"
        for key, field in model.model_fields.items()
    ]
    head = ["| key | type | default | |", "| --- | --- | --- | --- |"]
    return "\n".join([f"## `{title}`", "", str(model.__doc__), "", *head, *rows, ""])


def _type_text(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "type_text" in extra:
        return str(extra["type_text"])
    low = next((bound.ge for bound in field.metadata if isinstance(bound, Ge)), None)
    high = next((bound.le for bound in field.metadata if isinstance(bound, Le)), None)
    bounds = f", {low} to {high}" if low is not None and high is not None else ""
    return _annotation_text(field.annotation) + bounds


def _annotation_text(annotation: Any) -> str:
    if annotation in _TYPE_WORDS:
        return _TYPE_WORDS[annotation]
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    inner = [argument for argument in get_args(annotation) if argument not in (NoneType, Ellipsis)]
    text = _annotation_text(inner[0])
    return f"list of {text}" if get_origin(annotation) is tuple else text


def _default_text(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "default_text" in extra:
        return str(extra["default_text"])
    if field.is_required():
        return "*required*"
    default = field.default
    if default is None:
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, tuple):
        return "`[" + ", ".join(f'"{item}"' for item in default) + "]`"
    return f'`"{default}"`' if isinstance(default, str) else f"`{default}`"


if __name__ == "__main__":
    sys.stdout.write(render_reference())
