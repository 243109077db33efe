"""The proofs in OKX's HTTP answers. Bodies as recorded or documented (OKX docs, REST; Error Code: HTTP status of each)."""

from __future__ import annotations

import json

import pytest

from gateway.okx.rest_answers import frame_of_answer

ID = "00000001000000ff"
RECORDED = (
    b'{"code":"1","data":[{"clOrdId":"","ordId":"","sCode":"51000","sMsg":"Parameter ordId  error","tag":"","ts":"1700"}],'
    b'"inTime":"1700000000120345","msg":"All operations failed","outTime":"1700000000121955"}'
)
LIMITED = b'{"msg":"Too Many Requests","code":"50011"}'
HTML = b"<html>\r\n<head><title>502 Bad Gateway</title></head></html>\r\n"


def test_the_answers_own_bytes_with_id_and_op() -> None:
    frame = frame_of_answer(ID, "cancel-order", 200, b" \n" + RECORDED + b"\n")
    assert frame == b'{"id":"00000001000000ff","op":"cancel-order",' + RECORDED[1:]
    assert frame is not None and json.loads(frame)["data"][0]["sMsg"] == "Parameter ordId  error"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b'{"code":"0","msg":"","data":[]}'),
        (200, b'{"code":"51001","msg":"Instrument ID does not exist.","data":[]}'),
        (400, b'{"code":"50014","msg":"Parameter tdMode can not be empty.","data":[]}'),
        (401, b'{"msg":"Invalid Sign","code":"50113"}'),
        (404, b'{"code":"404","data":[],"msg":"Not Found"}'),
        (429, LIMITED),
        (200, LIMITED),
        (429, b'{"code":"50013","msg":"Systems are busy.","data":[]}'),
        (500, b'{"code":"50026","msg":"System error.","data":[]}'),
        (503, b'{"code":"50001","msg":"Service temporarily unavailable.","data":[]}'),
    ],
)
def test_answers_with_a_code_of_their_own(status: int, body: bytes) -> None:
    """The code decides the result: see `error_codes`."""
    frame = frame_of_answer(ID, "order", status, body)
    assert frame is not None and json.loads(frame) == {"id": ID, "op": "order", **json.loads(body)}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"{}"),
        (200, b"[]"),
        (200, HTML),
        (200, RECORDED[:-20]),
        (200, b'{"code":0,"data":[]}'),
        (200, b'{"code":"","data":[]}'),
        (202, b'{"code":"0","msg":"","data":[{"sCode":"0"}]}'),
        (302, b""),
        (400, b"bad request"),
        (400, b'{"code":"0","msg":"","data":[{"sCode":"0"}]}'),
        (408, b""),
        (429, b"upstream connect error"),
        (429, b""),
        (500, b""),
        (500, b'{"code":"51008","msg":"","data":[]}'),
        (500, RECORDED),
        (502, HTML),
        (504, b""),
        (520, HTML),
    ],
)
def test_answers_that_prove_nothing(status: int, body: bytes) -> None:
    assert frame_of_answer(ID, "order", status, body) is None


@pytest.mark.parametrize("status", [401, 403, 404, 405])
@pytest.mark.parametrize("body", [b"", HTML, b"error code: 1020"])
def test_refusals_before_trading(status: int, body: bytes) -> None:
    frame = frame_of_answer(ID, "order", status, body)
    assert frame is not None
    answer = json.loads(frame)
    assert (answer["id"], answer["op"], answer["code"], answer["data"]) == (ID, "order", str(status), [])
    assert "not executed" in answer["msg"]
