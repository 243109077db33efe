"""Who may speak for which strategy: by the user that the kernel proves, and the configuration."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.config.model import DefaultStrategyConfig, StrategyConfig
from gateway.ipc.grants import Grants, Peer, Refusal, parse_peer

OWN, OTHER = 1000, 1001


def make_grants(enabled: bool = True, given: dict[str, int] | None = None, last: int = 802) -> Grants:
    strategies = [
        StrategyConfig(name="alpha", number=1, users=[OWN]),
        StrategyConfig(name="beta", number=2, users=[OTHER, 1002]),
    ]
    return Grants(
        strategies, DefaultStrategyConfig(enabled=enabled, number_first=800, number_last=last), OWN, given or {}
    )


def peer(uid: int) -> Peer:
    return Peer(uid, uid, 4711)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("localhost:1000:1001:4711", Peer(1000, 1001, 4711)),
        ("localhost:0:0:1", Peer(0, 0, 1)),
        ("", None),
        ("localhost", None),
        ("localhost:1000:1000", None),
        ("localhost:1000:1000:47:11", None),
        ("localhost:-1:0:1", None),
        ("localhost:1000:1000:x", None),
        (" localhost:1000:1000:1", None),
        ("localhost:1000:1000:1\n", None),
        ("localhost:1000:1000: 1", None),
        ("127.0.0.1:1000:1000:1", None),
        ("127.0.0.1", None),
    ],
)
def test_proved_peers(address: str, expected: Peer | None) -> None:
    assert parse_peer(address) == expected


@pytest.mark.parametrize(
    ("name", "uid", "number"),
    [
        ("alpha", OWN, 1),
        ("beta", OTHER, 2),
        ("beta", 1002, 2),
        ("alpha", OTHER, None),
        ("beta", OWN, None),
        ("alpha", 0, None),
    ],
)
def test_a_configured_name_is_granted_to_its_users_alone(name: str, uid: int, number: int | None) -> None:
    granted = make_grants().number_for(name, peer(uid))
    if number is None:
        assert isinstance(granted, Refusal)
        assert name in granted.msg
        assert str(uid) in granted.msg
    else:
        assert granted == number


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a b",
        "a.b",
        "a/b",
        "ä",
        "a" * 33,
        "alpha\n",
        None,
        5,
        True,
        ["alpha"],
        {"strategy": "alpha"},
        "account",
        "gateway",
    ],
)
def test_what_is_no_name_is_refused(name: Any) -> None:
    assert isinstance(make_grants().number_for(name, peer(OWN)), Refusal)


@pytest.mark.parametrize("name", ["alpha", "new"])
def test_a_peer_without_proof_gets_nothing(name: str) -> None:
    assert isinstance(make_grants().number_for(name, None), Refusal)


def test_other_names_get_numbers_in_the_order_of_their_coming() -> None:
    grants = make_grants()
    assert [grants.number_for(name, peer(OWN)) for name in ("one", "two", "one", "three")] == [800, 801, 800, 802]
    full = grants.number_for("four", peer(OWN))
    assert isinstance(full, Refusal)
    assert "[[strategy]]" in full.msg
    assert grants.number_for("two", peer(OWN)) == 801
    assert grants.given == {"one": 800, "two": 801, "three": 802}


def test_other_names_are_for_the_gateways_own_user_alone() -> None:
    grants = make_grants()
    assert isinstance(grants.number_for("one", peer(OTHER)), Refusal)
    assert grants.given == {}, "a refusal uses up no number"


def test_without_the_default_entry_other_names_are_refused() -> None:
    refused = make_grants(enabled=False).number_for("one", peer(OWN))
    assert isinstance(refused, Refusal)
    assert "[default_strategy]" in refused.msg


def test_a_name_keeps_its_number_over_a_restart() -> None:
    grants = make_grants(given={"two": 801})
    assert [grants.number_for(name, peer(OWN)) for name in ("one", "two", "three")] == [800, 801, 802]


def test_a_name_that_has_got_an_entry_leaves_its_default_number() -> None:
    grants = make_grants(given={"alpha": 800})
    assert grants.number_for("alpha", peer(OWN)) == 1
    assert grants.given == {}


def test_numbers_of_a_range_that_has_moved_stay_with_their_names() -> None:
    grants = make_grants(given={"old": 700}, last=800)
    assert [grants.number_for(name, peer(OWN)) for name in ("old", "one")] == [700, 800]


def test_given_numbers_are_a_copy() -> None:
    grants = make_grants()
    grants.given["x"] = 5
    assert grants.given == {}
