"""The sources of secrets, their order, and refused values."""

import os
from pathlib import Path

import pytest

from gateway.config.credentials import load_credentials, secrets_file_problem

ENVIRON = {"OKX_API_KEY": "env-key", "OKX_SECRET_KEY": "env-secret", "OKX_PASSPHRASE": "env-pass"}


def write_secrets(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def revealed(secrets_file: Path | None, environ: dict[str, str]) -> tuple[list[str] | None, list[str]]:
    problems: list[str] = []
    credentials = load_credentials(secrets_file, environ, problems)
    if credentials is None:
        return None, problems
    return [item.reveal() for item in (credentials.api_key, credentials.secret_key, credentials.passphrase)], problems


def test_from_the_environment() -> None:
    assert revealed(None, ENVIRON) == (["env-key", "env-secret", "env-pass"], [])


def test_from_a_0600_file(tmp_path: Path) -> None:
    file = write_secrets(tmp_path / "s.toml", 'api_key = "k"\nsecret_key = "s"\npassphrase = "p p"\n')
    assert revealed(file, {}) == (["k", "s", "p p"], [])


def test_from_systemd_credentials(tmp_path: Path) -> None:
    for name in ("api_key", "secret_key", "passphrase"):
        (tmp_path / name).write_text(f"sd-{name}\n")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert revealed(None, environ) == (["sd-api_key", "sd-secret_key", "sd-passphrase"], [])


def test_environment_goes_before_file_and_file_before_systemd(tmp_path: Path) -> None:
    systemd = tmp_path / "sd"
    systemd.mkdir()
    for name in ("api_key", "secret_key", "passphrase"):
        (systemd / name).write_text(f"sd-{name}")
    file = write_secrets(tmp_path / "s.toml", 'api_key = "file-key"\nsecret_key = "file-secret"\n')
    environ = {"OKX_API_KEY": "env-key", "CREDENTIALS_DIRECTORY": str(systemd)}
    assert revealed(file, environ) == (["env-key", "file-secret", "sd-passphrase"], [])


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610, 0o601])
def test_a_file_that_others_can_use_is_refused_with_the_command(tmp_path: Path, mode: int) -> None:
    file = write_secrets(tmp_path / "s.toml", 'api_key = "k"\nsecret_key = "s"\npassphrase = "p"\n', mode)
    found, problems = revealed(file, {})
    assert found is None
    assert len(problems) == 1
    assert f"mode {mode:04o}" in problems[0]
    assert f"chmod 600 {file}" in problems[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    file = write_secrets(tmp_path / "s.toml", "")
    os.chown(file, 12345, -1)
    assert "belongs to uid 12345" in str(secrets_file_problem(file))


def test_an_absent_file_and_a_directory_are_named(tmp_path: Path) -> None:
    assert "No such file" in str(secrets_file_problem(tmp_path / "nope"))
    assert "not a regular file" in str(secrets_file_problem(tmp_path))


def test_a_broken_file_is_not_quoted(tmp_path: Path) -> None:
    file = write_secrets(tmp_path / "s.toml", "api_key = SECRET-VALUE\n")
    found, problems = revealed(file, {})
    assert found is None
    assert "is not TOML" in problems[0]
    assert "SECRET-VALUE" not in "".join(problems)


def test_an_unknown_key_or_a_wrong_type_is_named_without_its_value(tmp_path: Path) -> None:
    file = write_secrets(tmp_path / "s.toml", 'api_kee = "SECRET-VALUE"\nsecret_key = 5551234\n')
    _, problems = revealed(file, {})
    text = "\n".join(problems)
    assert "unknown key; known are api_key, secret_key, passphrase" in text
    assert "secret_key should be text in quotes" in text
    assert "SECRET-VALUE" not in text
    assert "5551234" not in text


def test_missing_secrets_are_named_with_all_their_sources() -> None:
    found, problems = revealed(None, {"OKX_API_KEY": "k"})
    assert found is None
    assert problems == [
        "secret_key, passphrase: not found; give them in a 0600 file named by [account] secrets_file, "
        "in the environment (OKX_SECRET_KEY, OKX_PASSPHRASE) or as systemd credentials"
    ]


@pytest.mark.parametrize("value", ["abc\n", " abc", "ab\tc", "äbc"])
def test_a_value_that_cannot_be_sent_is_refused_without_showing_it(value: str) -> None:
    found, problems = revealed(None, {**ENVIRON, "OKX_SECRET_KEY": value})
    assert found is None
    assert len(problems) == 1
    assert problems[0].startswith("secret_key: has an outer space")
    assert value not in problems[0]
