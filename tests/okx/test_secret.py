"""Only `reveal` returns a secret."""

import copy
import json
import logging
import pickle
import traceback

import orjson
import pytest
from pydantic import BaseModel, ValidationError

from gateway.errors import LocalProtocolError
from gateway.okx.secret import Credentials, Secret

VALUE = "22582BD0CFF14C41EDBF1AB98506286D"


class Holder(BaseModel):
    secret: Secret


def renderings() -> dict[str, str]:
    secret = Secret(VALUE)
    credentials = Credentials(secret, secret, secret)
    return {
        "repr": repr(secret),
        "str": str(secret),
        "format": f"{secret} {secret:>40} {secret!r}",
        "percent": "%s %r" % (secret, secret),  # noqa: UP031
        "dataclass": repr(credentials),
        "container": repr([secret, {"k": secret}]),
        "json default": json.dumps({"k": secret}, default=str),
        "orjson default": orjson.dumps({"k": secret}, default=str).decode(),
        "pydantic json": Holder(secret=secret).model_dump_json(),
        "pydantic repr": repr(Holder(secret=secret)),
        "pydantic dump": repr(Holder(secret=secret).model_dump()),
        "pickle": pickle.dumps([secret, credentials]).decode("latin-1"),
        "log record": logging.makeLogRecord({"msg": "key %s", "args": (secret,)}).getMessage(),
        "dir": repr([name for name in dir(secret) if VALUE in name]),
    }


@pytest.mark.parametrize("way", renderings())
def test_no_rendering_contains_the_value(way: str) -> None:
    assert VALUE not in renderings()[way]


def test_reveal_returns_the_value() -> None:
    assert Secret(VALUE).reveal() == VALUE


def test_plain_json_refuses_it_without_the_value() -> None:
    with pytest.raises(TypeError) as caught:
        json.dumps({"k": Secret(VALUE)})
    assert VALUE not in str(caught.value)


def test_a_pickled_copy_is_redacted_and_raises_on_reveal() -> None:
    copied = pickle.loads(pickle.dumps(Secret(VALUE)))
    assert str(copied) == "[redacted]"
    with pytest.raises(LocalProtocolError, match="redacted copy"):
        copied.reveal()


def test_copies_inside_the_process_keep_the_value() -> None:
    secret = Secret(VALUE)
    assert copy.copy(secret).reveal() == VALUE
    assert copy.deepcopy({"k": secret})["k"].reveal() == VALUE


def test_equality_is_by_value_and_only_among_secrets() -> None:
    assert Secret(VALUE) == Secret(VALUE)
    assert Secret(VALUE) != Secret("other")
    assert Secret(VALUE) != VALUE


def test_it_has_no_hash() -> None:
    with pytest.raises(TypeError, match="no hash"):
        hash(Secret(VALUE))


def test_pydantic_takes_no_plain_text_and_shows_none() -> None:
    with pytest.raises(ValidationError):
        Holder.model_validate({"secret": VALUE})


def test_a_traceback_with_it_in_an_argument_is_clean() -> None:
    def fail(secret: Secret) -> None:
        raise RuntimeError(f"cannot use {secret}")

    try:
        fail(Secret(VALUE))
    except RuntimeError:
        assert VALUE not in traceback.format_exc()
