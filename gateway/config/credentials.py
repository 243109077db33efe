"""Reads the three secrets of an OKX API key, in this order: environment, a 0600 file, systemd credentials."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gateway.okx.secret import Credentials, Secret

SECRET_NAMES: Final = ("api_key", "secret_key", "passphrase")
ENVIRONMENT_NAMES: Final = {"api_key": "OKX_API_KEY", "secret_key": "OKX_SECRET_KEY", "passphrase": "OKX_PASSPHRASE"}
SYSTEMD_DIRECTORY_NAME: Final = "CREDENTIALS_DIRECTORY"

# A key, a secret or a passphrase of OKX is under 100 bytes; a larger file is not a secrets file.
SECRETS_FILE_BYTES_MAX: Final = 65_536


def load_credentials(secrets_file: Path | None, environ: Mapping[str, str], problems: list[str]) -> Credentials | None:
    """Each secret from its first source. `problems` receives one text per fault or missing secret, without values."""
    from_file = _read_secrets_file(secrets_file, problems) if secrets_file is not None else {}
    found: dict[str, Secret] = {}
    missing: list[str] = []
    for name in SECRET_NAMES:
        value = environ.get(ENVIRONMENT_NAMES[name]) or from_file.get(name) or _read_systemd(name, environ, problems)
        if not value:
            missing.append(name)
        elif _is_usable(name, value, problems):
            found[name] = Secret(value)
    if missing and not (secrets_file is not None and not from_file):  # `problems` already names an unreadable file
        problems.append(_missing_text(missing, secrets_file))
    return Credentials(**found) if len(found) == len(SECRET_NAMES) else None


def secrets_file_problem(path: Path) -> str | None:
    """The fault in owner or mode of the secrets file, with the command that fixes it; None if there is none."""
    try:
        status = path.stat()
    except OSError as error:
        return f"secrets_file {path}: cannot be read ({error.strerror}); create it with mode 0600, or correct the path"
    if not stat.S_ISREG(status.st_mode):
        return f"secrets_file {path}: is not a regular file"
    if status.st_uid != os.geteuid():
        return (
            f"secrets_file {path}: belongs to uid {status.st_uid}, not to the gateway's user (uid {os.geteuid()}); "
            f"run: chown {os.geteuid()} {path}"
        )
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.S_IMODE(status.st_mode)
        return f"secrets_file {path}: mode {mode:04o} lets other users read the secrets; run: chmod 600 {path}"
    if status.st_size > SECRETS_FILE_BYTES_MAX:
        return f"secrets_file {path}: {status.st_size} bytes is too large for three secrets"
    return None


def _read_secrets_file(path: Path, problems: list[str]) -> dict[str, str]:
    problem = secrets_file_problem(path)
    if problem is not None:
        problems.append(problem)
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(f"secrets_file {path}: cannot be read ({error.strerror})")
        return {}
    except ValueError:  # the parser's message quotes the text, which is secret
        problems.append(f'secrets_file {path}: is not TOML; write three lines like  api_key = "..."')
        return {}
    known: dict[str, str] = {}
    for name, value in values.items():
        if name not in SECRET_NAMES:
            problems.append(f"secrets_file {path}: has an unknown key; known are {', '.join(SECRET_NAMES)}")
        elif not isinstance(value, str):
            problems.append(f'secrets_file {path}: {name} should be text in quotes, as in  {name} = "..."')
        else:
            known[name] = value
    return known


def _read_systemd(name: str, environ: Mapping[str, str], problems: list[str]) -> str | None:
    """systemd.exec(5), LoadCredential=: one file per credential in $CREDENTIALS_DIRECTORY."""
    directory = environ.get(SYSTEMD_DIRECTORY_NAME)
    if not directory:
        return None
    path = Path(directory) / name
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        problems.append(f"systemd credential {path}: cannot be read as text")
        return None


def _is_usable(name: str, value: str, problems: list[str]) -> bool:
    """A secret travels in an HTTP header, so it is printable ASCII; a stray newline or quote is a copy error."""
    if value.isascii() and value.isprintable() and value == value.strip():
        return True
    problems.append(f"{name}: has an outer space, a line break or a non-ASCII character; copy it from OKX again")
    return False


def _missing_text(missing: list[str], secrets_file: Path | None) -> str:
    variables = ", ".join(ENVIRONMENT_NAMES[name] for name in missing)
    where = f"in {secrets_file}" if secrets_file is not None else "in a 0600 file named by [account] secrets_file"
    return (
        f"{', '.join(missing)}: not found; give {'it' if len(missing) == 1 else 'them'} {where}, "
        f"in the environment ({variables}) or as systemd credentials"
    )
