"""Keys and accounts of the default configuration."""

from __future__ import annotations

from gateway.sim.base.configuration import ApiKey, SimConfig, default_accounts


def test_a_key_does_not_print_its_secret() -> None:
    key = ApiKey("k", secret="very-secret", passphrase="also-secret")
    assert "very-secret" not in repr(key) and "also-secret" not in repr(key)


def test_two_accounts_the_first_with_a_read_only_key() -> None:
    first, second = default_accounts()
    assert [key.permissions for key in first.api_keys] == [("read_only", "trade"), ("read_only",)]
    assert first.uid != second.uid and len({key.key for one in (first, second) for key in one.api_keys}) == 3


def test_it_listens_on_loopback_by_default() -> None:
    assert SimConfig().host == "127.0.0.1"
