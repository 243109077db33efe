"""Requests as OKX docs, REST API, have them; signatures come from the openssl command."""

import base64
import json
import subprocess

import pytest

from gateway.errors import LocalProtocolError, TransportError, VenueError
from gateway.okx import rest_requests
from gateway.okx.rest_requests import (
    RestRequest,
    iso_timestamp,
    parse_envelope,
    parse_operation_envelope,
    request_headers,
)
from gateway.okx.secret import Credentials, Secret

SECRET = "22582BD0CFF14C41EDBF1AB98506286D"
CREDENTIALS = Credentials(Secret("K"), Secret(SECRET), Secret("P"))
NOW_MS = 1_700_000_000_000  # 2023-11-14T22:13:20.000Z


def openssl_sign(secret: bytes, message: bytes) -> str:
    command = ["openssl", "dgst", "-sha256", "-hmac", secret.decode(), "-binary"]
    return base64.b64encode(subprocess.run(command, input=message, capture_output=True, check=True).stdout).decode()


def headers(request: RestRequest, *, simulated: bool = False) -> dict[str, str]:
    return request_headers(request, CREDENTIALS, NOW_MS, openssl_sign, simulated_trading=simulated)


def test_a_signed_get_covers_path_and_query() -> None:
    # printf '2023-11-14T22:13:20.000ZGET/api/v5/trade/orders-pending?instType=SPOT' | openssl dgst -sha256 -hmac ...
    assert headers(RestRequest("GET", "/api/v5/trade/orders-pending?instType=SPOT")) == {
        "OK-ACCESS-KEY": "K",
        "OK-ACCESS-TIMESTAMP": "2023-11-14T22:13:20.000Z",
        "OK-ACCESS-SIGN": "oGjzwbmQMf6R54sgJUA21w++oPJR5mRgGtM1mgYNgI0=",
        "OK-ACCESS-PASSPHRASE": "P",
    }


def test_a_signed_post_covers_the_body() -> None:
    order = b'{"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit",'
    body = order + b'"px":"20000","sz":"0.001","clOrdId":"gw1"}'
    found = headers(RestRequest("POST", "/api/v5/trade/order", body))
    assert found["OK-ACCESS-SIGN"] == "rCz2sXJ6+SLXV5yDRnrQVXYZJGTGd85/3x37d35yOaQ="
    assert found["Content-Type"] == "application/json"


def test_demo_trading_has_its_header_on_public_requests_too() -> None:
    assert headers(rest_requests.public_time(), simulated=True) == {"x-simulated-trading": "1"}
    assert headers(rest_requests.account_config(), simulated=True)["x-simulated-trading"] == "1"


def test_public_requests_carry_no_key() -> None:
    assert headers(rest_requests.public_time()) == {}
    assert headers(rest_requests.public_instruments("SPOT")) == {}


@pytest.mark.parametrize(
    ("now_ms", "text"),
    [
        (1_700_000_000_000, "2023-11-14T22:13:20.000Z"),
        (1_700_000_000_007, "2023-11-14T22:13:20.007Z"),
        (1_607_416_728_999, "2020-12-08T08:38:48.999Z"),
    ],
)
def test_timestamps(now_ms: int, text: str) -> None:
    # date -u -d @1700000000 +%FT%T
    assert iso_timestamp(now_ms) == text


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (rest_requests.public_time(), "/api/v5/public/time"),
        (rest_requests.instruments("SPOT"), "/api/v5/account/instruments?instType=SPOT"),
        (
            rest_requests.instruments("OPTION", "BTC-USD"),
            "/api/v5/account/instruments?instType=OPTION&instFamily=BTC-USD",
        ),
        (rest_requests.public_instruments("SWAP"), "/api/v5/public/instruments?instType=SWAP"),
        (rest_requests.account_config(), "/api/v5/account/config"),
        (rest_requests.account_balance(), "/api/v5/account/balance"),
        (rest_requests.account_positions(), "/api/v5/account/positions"),
        (rest_requests.account_positions(["7", "8"]), "/api/v5/account/positions?posId=7%2C8"),
        (rest_requests.account_balance(["BTC", "USDT"]), "/api/v5/account/balance?ccy=BTC%2CUSDT"),
        (rest_requests.account_rate_limit(), "/api/v5/trade/account-rate-limit"),
        (rest_requests.orders_pending(), "/api/v5/trade/orders-pending?limit=100"),
        (
            rest_requests.orders_pending("312269865356374016"),
            "/api/v5/trade/orders-pending?after=312269865356374016&limit=100",
        ),
        (rest_requests.order("BTC-USDT", ord_id="5"), "/api/v5/trade/order?instId=BTC-USDT&ordId=5"),
        (rest_requests.order("BTC-USDT", cl_ord_id="gw1"), "/api/v5/trade/order?instId=BTC-USDT&clOrdId=gw1"),
        (rest_requests.orders_history("SPOT"), "/api/v5/trade/orders-history?instType=SPOT&limit=100"),
        (
            rest_requests.orders_history("SPOT", "7", 1_700_000_000_000),
            "/api/v5/trade/orders-history?instType=SPOT&after=7&begin=1700000000000&limit=100",
        ),
        (rest_requests.fills(), "/api/v5/trade/fills?limit=100"),
        (
            rest_requests.fills("SWAP", "3", "9", 1_700_000_000_000),
            "/api/v5/trade/fills?instType=SWAP&ordId=3&after=9&begin=1700000000000&limit=100",
        ),
        (rest_requests.fills_history("SWAP"), "/api/v5/trade/fills-history?instType=SWAP&limit=100"),
    ],
)
def test_reads(request_: RestRequest, path: str) -> None:
    assert (request_.method, request_.path, request_.body) == ("GET", path, b"")


def test_cancel_all_after() -> None:
    request = rest_requests.cancel_all_after(60)
    assert (request.method, request.path) == ("POST", "/api/v5/trade/cancel-all-after")
    assert json.loads(request.body) == {"timeOut": "60"}
    assert json.loads(rest_requests.cancel_all_after(0, "gw").body) == {"timeOut": "0", "tag": "gw"}


@pytest.mark.parametrize("seconds", [-1, 1, 9, 121])
def test_cancel_all_after_refuses_values_that_okx_refuses(seconds: int) -> None:
    with pytest.raises(LocalProtocolError):
        rest_requests.cancel_all_after(seconds)


def test_cancel_batch_orders_is_a_bare_array() -> None:
    rows = [{"instId": "BTC-USDT", "ordId": "1"}, {"instId": "BTC-USDT", "clOrdId": "b"}]
    request = rest_requests.cancel_batch_orders(rows)
    assert request.path == "/api/v5/trade/cancel-batch-orders"
    assert json.loads(request.body) == rows


@pytest.mark.parametrize("count", [0, 21])
def test_cancel_batch_orders_takes_1_to_20_rows(count: int) -> None:
    with pytest.raises(LocalProtocolError, match="1 to 20"):
        rest_requests.cancel_batch_orders([{"instId": "X", "ordId": "1"}] * count)


def test_a_question_for_an_order_needs_instrument_and_id() -> None:
    for arguments in (("", "1"), ("BTC-USDT",)):
        with pytest.raises(LocalProtocolError):
            rest_requests.order(*arguments)


def test_a_good_envelope() -> None:
    assert parse_envelope(200, b'{"code":"0","data":[{"ts":"1700000000123"}],"msg":""}') == [{"ts": "1700000000123"}]
    assert parse_envelope(200, b'{"code":"0","data":[],"msg":""}') == []


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, b'{"msg":"Request header OK-ACCESS-KEY can not be empty.","code":"50103"}', "50103"),
        (429, b'{"msg":"Too Many Requests","code":"50011"}', "50011"),
        (200, b'{"code":"51603","data":[],"msg":"Order does not exist."}', "51603"),
        (500, b'{"code":"50026","data":[],"msg":"System error. Try again later"}', "50026"),
        (503, b'{"code":"50001","msg":"Service temporarily unavailable."}', "50001"),
        (404, b"<html>not found</html>", ""),
        (403, b"", ""),
    ],
)
def test_a_refusal_is_a_venue_error(status: int, body: bytes, code: str) -> None:
    with pytest.raises(VenueError) as caught:
        parse_envelope(status, body)
    assert (caught.value.code, caught.value.http_status) == (code, status)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (502, b"<html>Bad Gateway</html>"),
        (504, b""),
        (429, b"busy"),
        (200, b'{"code":"0","da'),
        (200, b"[]"),
        (200, b'{"data":[]}'),
        (200, b'{"code":"0"}'),
        (200, b'{"code":"0","data":{}}'),
        (302, b""),
    ],
)
def test_an_unusable_answer_leaves_the_result_open(status: int, body: bytes) -> None:
    with pytest.raises(TransportError):
        parse_envelope(status, body)


def test_rows_that_are_no_objects_are_skipped() -> None:
    assert parse_envelope(200, b'{"code":"0","data":[1,{"a":"b"},null],"msg":""}') == [{"a": "b"}]


def test_an_operation_returns_its_rows_even_if_all_failed() -> None:
    body = (
        b'{"code":"1","data":[{"clOrdId":"","ordId":"","sCode":"51000","sMsg":"Parameter ordId error","ts":"1"}],'
        b'"inTime":"1","msg":"All operations failed","outTime":"2"}'
    )
    assert [row["sCode"] for row in parse_operation_envelope(200, body)] == ["51000"]


def test_a_completely_refused_operation_is_a_venue_error() -> None:
    for body, code in ((b'{"msg":"x","code":"50011"}', "50011"), (b'{"code":"1","data":[],"msg":"x"}', "1")):
        with pytest.raises(VenueError) as caught:
            parse_operation_envelope(200, body)
        assert caught.value.code == code


def test_an_operation_is_passed_on_unchanged() -> None:
    """The body's own bytes are signed and sent; `expTime` is a header, of orders and amends only."""
    body = b'[{"instId":"BTC-USDT", "px":"1"}]'
    request = rest_requests.order_operation("batch-amend-orders", body, 1_700_000_005_000)
    assert (request.method, request.path, request.body) == ("POST", "/api/v5/trade/amend-batch-orders", body)
    assert headers(request)["expTime"] == "1700000005000"
    assert "expTime" not in headers(rest_requests.order_operation("mass-cancel", b"{}"))
