"""Loading: file, environment, secrets, and the text of each problem."""

from pathlib import Path

import pytest

from gateway.config.loading import Config, load_config
from gateway.errors import ConfigError

SECRETS = {"OKX_API_KEY": "key-1", "OKX_SECRET_KEY": "secret-1", "OKX_PASSPHRASE": "pass-1"}
EXAMPLES = Path(__file__).parents[2] / "examples"


def load(tmp_path: Path, text: str, **environ: str) -> Config:
    file = tmp_path / "gateway.toml"
    file.write_text(text)
    return load_config(file, {**SECRETS, "HOME": "/home/t", **environ})


def problems(tmp_path: Path, text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, **environ)
    title, *lines = str(caught.value).splitlines()
    assert title.startswith(f"configuration {tmp_path / 'gateway.toml'}: {len(lines)} problem")
    return [line.strip().replace(str(tmp_path / "gateway.toml"), "FILE") for line in lines]


def test_without_a_file_defaults_and_environment_make_a_configuration() -> None:
    config = load_config(None, {**SECRETS, "XDG_RUNTIME_DIR": "/run/user/1"})
    assert config.account.environment == "simulator"
    assert config.sockets.dir == Path("/run/user/1/okx-gateway/main")
    assert config.default_strategy.enabled
    assert config.credentials.api_key.reveal() == "key-1"
    assert config.credentials.passphrase.reveal() == "pass-1"


def test_the_socket_directory_falls_back_to_the_home_directory(tmp_path: Path) -> None:
    config = load(tmp_path, '[account]\nname = "acc7"\n')
    assert config.sockets.dir == Path("/home/t/.local/state/okx-gateway/acc7")


def test_the_journal_survives_a_restart_of_the_machine_unless_the_sockets_directory_is_chosen(tmp_path: Path) -> None:
    config = load(tmp_path, "", XDG_RUNTIME_DIR="/run/user/1")
    assert config.journal.dir == Path("/home/t/.local/state/okx-gateway/main/journal")
    assert load(tmp_path, '[sockets]\ndir = "s"\n').journal.dir == tmp_path / "s" / "journal"
    assert load(tmp_path, '[sockets]\ndir = "s"\n[journal]\ndir = "j"\n').journal.dir == tmp_path / "j"


def test_a_socket_directory_that_is_too_long_for_linux_is_a_problem(tmp_path: Path) -> None:
    found = problems(tmp_path, "", HOME="/home/" + "x" * 100)
    assert len(found) == 1
    assert "which should have at most 100 bytes" in found[0]


def test_a_file_with_strategies_closes_the_default_entry(tmp_path: Path) -> None:
    config = load(tmp_path, '[[strategy]]\nname = "a"\nnumber = 1\n')
    assert [entry.name for entry in config.strategy] == ["a"]
    assert not config.default_strategy.enabled


def test_the_default_entry_can_be_opened_beside_strategies(tmp_path: Path) -> None:
    text = '[[strategy]]\nname = "a"\nnumber = 1\n[default_strategy]\nenabled = true\n'
    assert load(tmp_path, text).default_strategy.enabled


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        '[account]\nname = "a"\n[requests]\nmax_wait_ms = 1\n',
        OKX_GATEWAY__REQUESTS__MAX_WAIT_MS="2000",
        OKX_GATEWAY__ACCOUNT__NAME="123",
        OKX_GATEWAY__ACCOUNT__INST_TYPES='["SPOT"]',
        OKX_GATEWAY__SESSION__BACKOFF_JITTER="0.5",
        OKX_GATEWAY__DEFAULT_STRATEGY__ENABLED="false",
        OKX_GATEWAY__LOG__FILE="",
    )
    assert config.requests.max_wait_ms == 2000
    assert config.account.name == "123"
    assert config.account.inst_types == ("SPOT",)
    assert config.session.backoff_jitter == 0.5
    assert not config.default_strategy.enabled
    assert config.log.file is None


def test_relative_paths_start_at_the_file_and_tilde_is_home(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    config = load(folder, '[log]\nfile = "logs/x.log"\n[sockets]\ndir = "~/run"\n')
    assert config.log.file == folder / "logs/x.log"
    assert config.sockets.dir == Path("/home/t/run")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[requests]\nmax_wait_ms = -1\n",
            "FILE: [requests] max_wait_ms: found -1, which should be greater than or equal to 0",
        ),
        ('[requests]\nmax_wait_ms = "5"\n', 'FILE: [requests] max_wait_ms: found "5", which should be a valid integer'),
        (
            "[requests]\nmax_wait_ms = true\n",
            "FILE: [requests] max_wait_ms: found True, which should be a valid integer",
        ),
        ("[requests]\nmax_wait = 5\n", "FILE: [requests] unknown key 'max_wait'; did you mean 'max_wait_ms'?"),
        ("[request]\nmax_wait_ms = 5\n", "FILE: unknown section or key 'request'; did you mean 'requests'?"),
        (
            '[account]\nname = "a b"\n',
            'FILE: [account] name: found "a b", which should be 1 to 32 letters, digits, - or _',
        ),
        ("account = 5\n", "FILE: account should be a section, [account]"),
        ('[strategy]\nname = "a"\n', "FILE: strategy should be [[strategy]], in double brackets"),
        ('[[strategy]]\nname = "a"\n', "FILE: [[strategy]] entry 1 number is missing"),
        (
            '[[strategy]]\nname = "account"\nnumber = 1\n',
            "FILE: [[strategy]] entry 1 name: is reserved for the gateway; choose another",
        ),
        (
            '[[strategy]]\nname = "a"\nnumber = 1\nusers = ["no-such-user"]\n',
            "FILE: [[strategy]] entry 1 users: user 'no-such-user' does not exist on this machine",
        ),
        ('[log]\nformat = "xml"\n', "FILE: [log] format: found \"xml\", which should be 'text' or 'json'"),
        (
            '[sockets]\ngroup = "no-such"\n',
            'FILE: [sockets] group: found "no-such", which should be a group of this machine',
        ),
    ],
)
def test_the_text_of_each_problem(tmp_path: Path, text: str, expected: str) -> None:
    assert problems(tmp_path, text) == [expected]


def test_an_override_is_named_by_its_variable(tmp_path: Path) -> None:
    assert problems(tmp_path, "", OKX_GATEWAY__REQUESTS__MAX_WAIT_MS="soon") == [
        "environment variable OKX_GATEWAY__REQUESTS__MAX_WAIT_MS: [requests] max_wait_ms: "
        'found "soon", which should be a valid integer'
    ]
    assert problems(tmp_path, "", OKX_GATEWAY__LOGG__LEVEL="INFO") == [
        "environment variable OKX_GATEWAY__LOGG__LEVEL: unknown section 'logg'; did you mean 'log'?"
    ]
    assert problems(tmp_path, "", OKX_GATEWAY__LOG__LEVL="INFO") == [
        "environment variable OKX_GATEWAY__LOG__LEVL: [log] unknown key 'levl'; did you mean 'level'?"
    ]
    assert "can only be set in the file" in problems(tmp_path, "", OKX_GATEWAY__STRATEGY__NAME="x")[0]


def test_all_problems_are_reported_together(tmp_path: Path) -> None:
    text = '[requests]\nmax_wait_ms = -1\n[log]\nlevel = "loud"\n[limits]\nwindow = 1\n'
    assert len(problems(tmp_path, text, OKX_API_KEY="")) == 4


@pytest.mark.parametrize(
    "text",
    [
        'api_key = "TOP-SECRET"\n',
        '[account]\nsecret_key = "TOP-SECRET"\n',
        '[account]\npassphrase = "TOP-SECRET"\n',
        '[account]\napikey = "TOP-SECRET"\n',
        '[account]\nsecret = "TOP-SECRET"\n',
        '[credentials]\napi_key = "TOP-SECRET"\n',
        'credentials = "TOP-SECRET"\n',
    ],
)
def test_secrets_are_not_allowed_in_the_file_and_are_never_shown(tmp_path: Path, text: str) -> None:
    found = problems(tmp_path, text)
    assert found
    assert "TOP-SECRET" not in "".join(found)


def test_a_secret_in_an_override_is_refused_and_not_shown(tmp_path: Path) -> None:
    found = problems(tmp_path, "", OKX_GATEWAY__ACCOUNT__API_KEY="TOP-SECRET")
    assert "secrets are not allowed" in found[0]
    assert "TOP-SECRET" not in found[0]


def test_a_password_in_an_address_is_not_shown(tmp_path: Path) -> None:
    found = problems(tmp_path, '[account]\nrest_url = "https://u:TOP-SECRET@x"\n')
    assert "TOP-SECRET" not in "".join(found)


@pytest.mark.parametrize(("content", "words"), [(b"[account\n", "not valid TOML"), (b"\xff\xfe", "not UTF-8")])
def test_a_file_that_is_no_toml(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "gateway.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        load_config(file, SECRETS)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read \(No such file"):
        load_config(tmp_path / "nope.toml", SECRETS)


def test_the_secrets_file_is_found_beside_the_configuration(tmp_path: Path) -> None:
    secrets = tmp_path / "s.toml"
    secrets.write_text('api_key = "fk"\nsecret_key = "fs"\npassphrase = "fp"\n')
    secrets.chmod(0o600)
    file = tmp_path / "gateway.toml"
    file.write_text('[account]\nsecrets_file = "s.toml"\n')
    config = load_config(file, {"HOME": "/home/t"})
    assert config.credentials.secret_key.reveal() == "fs"
    assert "fs" not in repr(config)
    assert '"fs"' not in config.model_dump_json()


def test_the_examples_load(tmp_path: Path) -> None:
    assert load_config(EXAMPLES / "gateway.toml", {**SECRETS, "HOME": "/home/t"}).account.environment == "simulator"
    secrets = tmp_path / ".config/okx-gateway/secrets-demo.toml"
    secrets.parent.mkdir(parents=True)
    secrets.write_text('api_key = "k"\nsecret_key = "s"\npassphrase = "p"\n')
    secrets.chmod(0o600)
    config = load_config(EXAMPLES / "demo-trading.toml", {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": "/run/user/1"})
    assert config.account.simulated_trading
