"""Verbs on API keys. A key that is changed or deleted loses its connections (OKX docs, "Overview", close code 4007)."""

from __future__ import annotations

from typing import Any

from gateway.sim.control.params import ControlError, ControlledSimulator, Params, Verb

KEY_STATES = ("active", "frozen", "expired")
PERMISSIONS = ("read_only", "trade", "withdraw")  # OKX docs, "Get account configuration", perm


def _delete(control: ControlledSimulator, params: Params) -> int:
    name = str(params.get("key"))
    if not control.exchange.key_ring.remove(name):
        raise ControlError(f"no such key: {name}")
    return _disconnect(control, name)


def _permissions(control: ControlledSimulator, params: Params) -> int:
    """From now on the key has these permissions only."""
    granted = _texts(params, "permissions")
    unknown = [one for one in granted if one not in PERMISSIONS]
    if unknown or not granted:
        raise ControlError(f"permissions must be a list of {', '.join(PERMISSIONS)}")
    return _change(control, params, permissions=granted)


def _bind(control: ControlledSimulator, params: Params) -> int:
    """From now on the key works from these addresses only; an empty list unbinds it."""
    return _change(control, params, ips=_texts(params, "ips"))


def _state(control: ControlledSimulator, params: Params) -> int:
    state = params.get("state")
    if state not in KEY_STATES:
        raise ControlError(f"state must be one of {', '.join(KEY_STATES)}, not {state!r}")
    return _change(control, params, state=state)


def _change(control: ControlledSimulator, params: Params, **changes: Any) -> int:
    name = str(params.get("key"))
    if not control.exchange.key_ring.replace(name, **changes):
        raise ControlError(f"no such key: {name}")
    return _disconnect(control, name)


def _disconnect(control: ControlledSimulator, name: str) -> int:
    chosen = [one for one in control.selected({}) if one.identity is not None and one.identity.api_key.key == name]
    for session in chosen:
        session.close(4007)
    return len(chosen)


def _texts(params: Params, name: str) -> tuple[str, ...]:
    value = params.get(name)
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise ControlError(f"{name} must be a list of texts")
    return tuple(value)


VERBS: dict[str, Verb] = {
    "delete_key": Verb(_delete, ("key",), "delete an API key and close its connections with 4007"),
    "key_permissions": Verb(_permissions, ("key", "permissions"), "change a key's permissions; its connections close"),
    "key_state": Verb(_state, ("key", "state"), "freeze a key or let it expire; its connections close"),
    "bind_ips": Verb(_bind, ("key", "ips"), "bind a key to IP addresses; its connections close"),
}
