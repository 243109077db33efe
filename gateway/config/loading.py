"""Loads the configuration: one TOML file, then environment overrides, then the secrets; all problems in one error.

An override is `OKX_GATEWAY__<SECTION>__<KEY>`, for example `OKX_GATEWAY__REQUESTS__MAX_WAIT_MS=2000`; lists are
written as in TOML. `[[strategy]]` entries come from the file alone.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_origin

from pydantic import ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from gateway.config.credentials import SECRET_NAMES, load_credentials
from gateway.config.journal import JournalConfig
from gateway.config.model import Settings, StrategyConfig
from gateway.config.section import Section
from gateway.errors import ConfigError
from gateway.okx.secret import Credentials

ENVIRONMENT_PREFIX: Final = "OKX_GATEWAY__"

# A configuration of 919 strategies is about 100 kB.
CONFIG_FILE_BYTES_MAX: Final = 4 << 20

Origins = dict[tuple[str, str], str]
Data = dict[str, Any]


class Config(Settings):
    """The validated configuration with the secrets; immutable."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    credentials: Credentials


SECTION_MODELS: Final[Mapping[str, type[Section]]] = {
    name: field.annotation
    for name, field in Settings.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
}


def load_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Reads `path` (None: defaults and environment alone). Raises ConfigError with one line per problem."""
    problems: list[str] = []
    data, origins = _read_data(path, environ, problems)
    settings = _validate(data, origins, path, problems)
    credentials = load_credentials(_secrets_file(data), environ, problems)
    if problems or settings is None or credentials is None:
        raise _config_error(path, problems)
    return Config(**{name: getattr(settings, name) for name in Settings.model_fields}, credentials=credentials)


def load_journal_config(path: Path | None, environ: Mapping[str, str]) -> JournalConfig:
    """The `[journal]` section without secrets, for programs that only read the journal. Raises like `load_config`."""
    problems: list[str] = []
    data, origins = _read_data(path, environ, problems)
    settings = _validate(data, origins, path, problems)
    if problems or settings is None:
        raise _config_error(path, problems)
    return settings.journal


def _read_data(path: Path | None, environ: Mapping[str, str], problems: list[str]) -> tuple[Data, Origins]:
    """File, environment and the defaults that depend on something else."""
    data = _read_file(path, problems) if path is not None else {}
    origins: Origins = {}
    _apply_environment(data, environ, origins, problems)
    _fill_defaults(data, environ)
    _resolve_paths(data, origins, path, environ)
    _fill_journal_dir(data)
    return data, origins


def _config_error(path: Path | None, problems: list[str]) -> ConfigError:
    source = f"configuration {path}" if path is not None else "configuration (no file, environment alone)"
    return ConfigError("\n  ".join([f"{source}: {len(problems)} problem{'s'[: len(problems) != 1]}", *problems]))


def _read_file(path: Path, problems: list[str]) -> Data:
    try:
        size = path.stat().st_size
        if size > CONFIG_FILE_BYTES_MAX:
            problems.append(f"{path}: {size} bytes is too large for a configuration")
            return {}
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(f"{path}: cannot be read ({error.strerror})")
    except UnicodeDecodeError:
        problems.append(f"{path}: is not UTF-8 text")
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{path}: is not valid TOML: {error}")
    return {}


def _apply_environment(data: Data, environ: Mapping[str, str], origins: Origins, problems: list[str]) -> None:
    """Puts each override into `data` and notes its variable in `origins`. An empty value counts as not set."""
    for variable in sorted(name for name in environ if name.startswith(ENVIRONMENT_PREFIX) and environ[name]):
        section, _, key = variable.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        if section == "strategy":
            problems.append(f"environment variable {variable}: strategies can only be set in the file, as [[strategy]]")
        elif section not in SECTION_MODELS:
            hint = _did_you_mean(section, SECTION_MODELS)
            problems.append(f"environment variable {variable}: unknown section {section!r}{hint}")
        elif isinstance(values := data.setdefault(section, {}), dict):
            values[key] = _environment_value(section, key, environ[variable])
            origins[section, key] = f"environment variable {variable}"


def _environment_value(section: str, key: str, text: str) -> Any:
    """Numbers, booleans and lists as TOML reads them, text unchanged. The type check reports unparsable values."""
    field = SECTION_MODELS[section].model_fields.get(key)
    if field is None or not (field.annotation in (int, float, bool) or get_origin(field.annotation) is tuple):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _fill_defaults(data: Data, environ: Mapping[str, str]) -> None:
    """Adds absent sections and the defaults that depend on something else."""
    for name in SECTION_MODELS:
        data.setdefault(name, {})
    journal, state = data["journal"], _state_dir(data, environ)
    if isinstance(sockets := data["sockets"], dict) and "dir" not in sockets:
        runtime = environ.get("XDG_RUNTIME_DIR")
        sockets["dir"] = str(state if not runtime else Path(runtime) / "okx-gateway" / state.name)
        if isinstance(journal, dict):  # the runtime directory does not survive a restart of the machine
            journal.setdefault("dir", str(state / "journal"))
    if isinstance(default_strategy := data["default_strategy"], dict):
        default_strategy.setdefault("enabled", not data.get("strategy"))


def _state_dir(data: Data, environ: Mapping[str, str]) -> Path:
    account = data["account"].get("name", "main") if isinstance(data["account"], dict) else "main"
    return _home(environ) / ".local" / "state" / "okx-gateway" / str(account)


def _fill_journal_dir(data: Data) -> None:
    """If the user chose the sockets' directory, the journal is in it too."""
    sockets, journal = data["sockets"], data["journal"]
    if isinstance(journal, dict) and isinstance(sockets, dict) and isinstance(sockets.get("dir"), Path):
        journal.setdefault("dir", sockets["dir"] / "journal")


def _resolve_paths(data: Data, origins: Origins, path: Path | None, environ: Mapping[str, str]) -> None:
    """`~` is the home directory; a relative path starts at the file's directory, a variable's at the current one."""
    for section, model in SECTION_MODELS.items():
        for key, field in model.model_fields.items():
            values = data[section]
            if field.annotation not in (Path, Path | None) or not isinstance(values, dict):
                continue
            if isinstance(text := values.get(key), str):
                base = path.absolute().parent if path is not None and (section, key) not in origins else Path.cwd()
                home_relative = text.removeprefix("~/")
                values[key] = base / text if home_relative == text else _home(environ) / home_relative


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ["HOME"]) if environ.get("HOME") else Path.home()


def _secrets_file(data: Data) -> Path | None:
    """Read before validation, so that one error names the problems of the file and of the secrets together."""
    account = data["account"]
    value = account.get("secrets_file") if isinstance(account, dict) else None
    return value if isinstance(value, Path) else None


def _validate(data: Data, origins: Origins, path: Path | None, problems: list[str]) -> Settings | None:
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        problems += [_problem_text(detail, origins, path) for detail in error.errors(include_url=False)]
    return None


def _problem_text(detail: ErrorDetails, origins: Origins, path: Path | None) -> str:
    """One problem as a text: its place, the value found there, and the allowed values."""
    location = detail["loc"]
    section, key = str(location[0]) if location else "", str(location[-1]) if len(location) > 1 else ""
    source = origins.get((section, key), str(path) if path is not None else "defaults")
    place = _place_text(location)
    if detail["type"] == "extra_forbidden":
        return f"{source}: {_unknown_key_text(location)}"
    if detail["type"] == "missing":
        return f"{source}: {place} is missing"
    if detail["type"] in ("model_type", "model_attributes_type", "tuple_type") and len(location) <= 2 and not key:
        brackets = "[[strategy]], in double brackets" if section == "strategy" else f"a section, [{section}]"
        return f"{source}: {section} should be {brackets}"
    return f"{source}: {place}: {_fault_text(detail)}" if place else f"{source}: {_fault_text(detail)}"


def _fault_text(detail: ErrorDetails) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "string_pattern_mismatch":
        message = "should be 1 to 32 letters, digits, - or _"
    message = message.replace("Input should", "should", 1)
    if detail["type"] == "value_error" and not message.startswith("should"):
        return message
    if not message.startswith("should"):
        return f"found {detail['input']!r}; {message[0].lower()}{message[1:]}"
    return f"found {_shown(detail['input'])}, which {message}"


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, (str, Path)) else repr(value)


def _place_text(location: tuple[int | str, ...]) -> str:
    if not location:
        return ""
    section, *rest = location
    if section == "strategy" and rest:
        number = int(rest[0]) + 1
        return " ".join([f"[[strategy]] entry {number}", *(str(part) for part in rest[1:2])])
    return " ".join([f"[{section}]", *(str(part) for part in rest[:1])])


def _unknown_key_text(location: tuple[int | str, ...]) -> str:
    """Never shows the value, since a misspelt key can hold a secret."""
    key = str(location[-1])
    if difflib.get_close_matches(key.lower(), [*SECRET_NAMES, "secret", "password"], n=1, cutoff=0.8):
        return (
            f"{key}: secrets are not allowed in this file; "
            "use [account] secrets_file, OKX_API_KEY, OKX_SECRET_KEY and OKX_PASSPHRASE, or systemd credentials"
        )
    if len(location) == 1:
        return f"unknown section or key {key!r}{_did_you_mean(key, Settings.model_fields)}"
    known = _model_of(str(location[0])).model_fields
    return f"{_place_text(location[:-1])} unknown key {key!r}{_did_you_mean(key, known)}"


def _model_of(section: str) -> type[Section]:
    return SECTION_MODELS.get(section, StrategyConfig)


def _did_you_mean(word: str, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"
