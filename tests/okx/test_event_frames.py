"""Login, subscription and event frames. Signatures come from the openssl command, frames from OKX docs, WebSocket."""

import base64
import json
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import LocalProtocolError
from gateway.okx.event_frames import (
    PRIVATE_ARGS,
    ChannelConnCount,
    ChannelConnCountError,
    ErrorEvent,
    LoggedIn,
    Notice,
    PendingSubscriptions,
    Ping,
    Pong,
    Subscribed,
    UnknownFrame,
    Unsubscribed,
    build_login,
    build_subscribe,
    build_unsubscribe,
    instrument_args,
    parse_event_frame,
)
from gateway.okx.secret import Credentials, Secret

SECRET = "22582BD0CFF14C41EDBF1AB98506286D"
CREDENTIALS = Credentials(Secret("K"), Secret(SECRET), Secret("P"))

# printf '1700000000GET/users/self/verify' | openssl dgst -sha256 -hmac $SECRET -binary | base64
LOGIN_SIGN = "XtWT3nqS3qY+ulloN3tq91tg6+cbnBqk/PPw6w+wmXE="


def openssl_sign(secret: bytes, message: bytes) -> str:
    command = ["openssl", "dgst", "-sha256", "-hmac", secret.decode(), "-binary"]
    return base64.b64encode(subprocess.run(command, input=message, capture_output=True, check=True).stdout).decode()


def test_the_login_frame_of_the_documentation() -> None:
    frame = build_login(CREDENTIALS, 1_700_000_000, openssl_sign)
    assert json.loads(frame) == {
        "op": "login",
        "args": [{"apiKey": "K", "passphrase": "P", "timestamp": "1700000000", "sign": LOGIN_SIGN}],
    }


def test_a_passphrase_with_quotes_and_unicode_arrives_unchanged() -> None:
    credentials = Credentials(Secret("K"), Secret(SECRET), Secret('p"\\ß'))
    assert json.loads(build_login(credentials, 1, openssl_sign))["args"][0]["passphrase"] == 'p"\\ß'


def test_the_subscription_of_the_private_channels() -> None:
    assert json.loads(build_subscribe(PRIVATE_ARGS, "sub1")) == {
        "id": "sub1",
        "op": "subscribe",
        "args": [
            {"channel": "orders", "instType": "ANY"},
            {"channel": "account"},
            {"channel": "positions", "instType": "ANY"},
            {"channel": "balance_and_position"},
        ],
    }


def test_without_an_id_the_frame_has_none() -> None:
    assert json.loads(build_unsubscribe([{"channel": "account"}])) == {
        "op": "unsubscribe",
        "args": [{"channel": "account"}],
    }


def test_the_instruments_channel_by_type() -> None:
    assert instrument_args(["SPOT", "SWAP"]) == (
        {"channel": "instruments", "instType": "SPOT"},
        {"channel": "instruments", "instType": "SWAP"},
    )


@pytest.mark.parametrize("frame_id", ["a-b", "a" * 33, "ä", " ", "a_b"])
def test_an_id_that_okx_refuses_is_not_sent(frame_id: str) -> None:
    with pytest.raises(LocalProtocolError, match="letters and digits"):
        build_subscribe([{"channel": "account"}], frame_id)


def test_a_subscription_over_64_kb_is_not_sent() -> None:
    args = [{"channel": "orders", "instType": "SPOT", "instId": f"COIN{number}-USDT"} for number in range(2_000)]
    with pytest.raises(LocalProtocolError, match="65536"):
        build_subscribe(args)


@pytest.mark.parametrize(
    ("frame", "wanted"),
    [
        ("pong", Pong()),
        ("ping", Ping()),
        ('{"event":"login","code":"0","msg":"","connId":"a1b2c3d4"}', LoggedIn("a1b2c3d4")),
        (
            '{"event":"error","code":"60009","msg":"Login failed.","connId":"a1b2c3d4"}',
            ErrorEvent("60009", "Login failed.", "a1b2c3d4", ""),
        ),
        (
            '{"event":"error","msg":"API key doesn\'t exist","code":"60032","connId":"f9ab6f3c"}',
            ErrorEvent("60032", "API key doesn't exist", "f9ab6f3c", ""),
        ),
        (
            '{"event":"login","code":"60009","msg":"Login failed.","connId":"a1b2c3d4"}',
            ErrorEvent("60009", "Login failed.", "a1b2c3d4", ""),
        ),
        (
            '{"id":"sub1","event":"subscribe","arg":{"channel":"orders","instType":"ANY"},"connId":"a1b2c3d4"}',
            Subscribed({"channel": "orders", "instType": "ANY"}, "a1b2c3d4"),
        ),
        (
            '{"event":"unsubscribe","arg":{"channel":"account"},"connId":"a1b2c3d4"}',
            Unsubscribed({"channel": "account"}, "a1b2c3d4"),
        ),
        (
            '{"id":"sub1","event":"error","code":"60018","msg":"Wrong URL or channel:x doesn\'t exist.","connId":"c"}',
            ErrorEvent("60018", "Wrong URL or channel:x doesn't exist.", "c", "sub1"),
        ),
        (
            '{"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade. '
            'Please reconnect.","connId":"a4d3ae55"}',
            Notice("64008", "The connection will soon be closed for a service upgrade. Please reconnect.", "a4d3ae55"),
        ),
        (
            '{"event":"channel-conn-count","channel":"orders","connCount":"2","connId":"abcd1234"}',
            ChannelConnCount("orders", "2", "abcd1234"),
        ),
        (
            '{"event":"channel-conn-count-error","channel":"orders","connCount":"30","connId":"a4d3ae55"}',
            ChannelConnCountError("orders", "30", "a4d3ae55"),
        ),
        ('{"event":"login"}', ErrorEvent("", "", "", "")),
    ],
)
def test_event_frames(frame: str, wanted: object) -> None:
    assert parse_event_frame(frame.encode()) == wanted


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"5",
        b'"pong"',
        b"\xff\xfe",
        b'{"event":5}',
        b'{"arg":{"channel":"orders"},"data":[]}',
        b'{"event":"new-thing","code":"0"}',
        b'{"event":"subscribe","arg":"orders"}',
    ],
)
def test_anything_else_is_unknown_and_raises_nothing(frame: bytes) -> None:
    assert isinstance(parse_event_frame(frame), UnknownFrame)


@given(st.binary(max_size=300))
def test_no_bytes_raise(frame: bytes) -> None:
    parse_event_frame(frame)


def test_a_truncated_frame_raises_at_no_length() -> None:
    frame = b'{"event":"error","code":"60012","msg":"Invalid request: {}","connId":"a4d3ae55","id":"x1"}'
    for length in range(len(frame)):
        assert isinstance(parse_event_frame(frame[:length]), UnknownFrame)
    assert isinstance(parse_event_frame(frame + b"x"), UnknownFrame)


def test_an_echo_of_our_login_is_not_kept() -> None:
    # OKX answers a frame that it does not understand with 60012 and the complete request, which can be the login
    login = build_login(CREDENTIALS, 1_700_000_000, openssl_sign).decode().replace('"P"', '"MY-PASSPHRASE"')
    frame = json.dumps({"event": "error", "code": "60012", "msg": f"Invalid request: {login}", "connId": "c"})
    event = parse_event_frame(frame.encode())
    assert isinstance(event, ErrorEvent)
    assert event.msg == "Invalid request: {login request, not shown}"
    broken = parse_event_frame(frame.encode()[:-1])
    assert isinstance(broken, UnknownFrame)
    assert "MY-PASSPHRASE" not in broken.excerpt


def test_a_long_message_is_cut() -> None:
    frame = json.dumps({"event": "error", "code": "60012", "msg": "x" * 10_000})
    event = parse_event_frame(frame.encode())
    assert isinstance(event, ErrorEvent)
    assert len(event.msg) == 301


def test_subscriptions_are_complete_when_every_arg_is_acked_in_any_order() -> None:
    pending = PendingSubscriptions(PRIVATE_ARGS)
    assert not pending.acknowledge({"channel": "account"})
    assert not pending.acknowledge({"channel": "account"})
    assert not pending.acknowledge({"instType": "ANY", "channel": "positions"})
    assert pending.missing() == [{"channel": "balance_and_position"}, {"channel": "orders", "instType": "ANY"}]
    assert not pending.acknowledge({"channel": "orders", "instType": "ANY", "uid": "1"})
    assert pending.acknowledge({"channel": "balance_and_position"})
    assert pending.missing() == []
    assert not pending.acknowledge({"channel": "balance_and_position"})


def test_an_ack_of_something_else_completes_nothing() -> None:
    pending = PendingSubscriptions([{"channel": "orders", "instType": "ANY"}])
    assert not pending.acknowledge({"channel": "orders", "instType": "SWAP"})
    assert not pending.acknowledge({"channel": "account"})
