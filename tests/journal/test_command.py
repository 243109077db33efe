"""The commands read a journal with records made by hand after docs/protocol.md: two orders of one batch, a cancel, a fill."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway._fast.journal.writer import Journal
from gateway.cli.main import main
from gateway.journal.arguments import moment
from gateway.journal.format import header_template
from gateway.journal.segments import list_segments
from gateway.sim.hosting.tied_process import tied

T = 1_700_000_000_000_000_000


def row(number: int, cl_ord_id: str, ord_id: str) -> dict[str, Any]:
    result = {"result": "accepted", "origin": "okx", "reason": "", "msg": "", "sCode": "0"}
    return {"row": number, "clOrdId": cl_ord_id, "ordId": ord_id, **result}


def event(topic: str, seq: int, **members: Any) -> tuple[int, bytes]:
    kind = members.pop("kind", topic.rpartition(".")[2])
    body = json.dumps({"seq": seq, "event": kind, "session": "5e", **members}, separators=(",", ":")).encode()
    return 4, bytes([len(topic)]) + topic.encode() + body


def record(kind: int, *texts: str, body: Any) -> tuple[int, bytes]:
    packed = b"".join(bytes([len(text)]) + text.encode() for text in texts)
    return kind, packed + json.dumps(body, separators=(",", ":")).encode()


PLACE = {
    "id": "b1",
    "op": "batch-orders",
    "args": [{"instId": "BTC-USDT", "sz": "1"}, {"instId": "BTC-USDT", "sz": "2"}],
}
SENT = {**PLACE, "id": "00ff", "args": [{"clOrdId": "9001", "sz": "1"}, {"clOrdId": "9002", "sz": "2"}]}
CANCEL = {"id": "c1", "op": "cancel-order", "args": [{"instId": "BTC-USDT", "gw": {"id": "b1", "row": 1}}]}
STAMPS = {"recvNs": str(T), "sentNs": str(T + 5_000), "venueNs": str(T + 1_000_000), "pubNs": str(T + 1_005_000)}
FILL = {
    "id": "b1",
    "row": 0,
    "clOrdId": "9001",
    "ordId": "71",
    "tradeId": "5",
    "fillPx": "20000",
    "fillSz": "1",
    "accFillSz": "1",
}
RECORDS = [
    (1, b'{"session":"5e"}'),
    record(2, "alpha", body=PLACE),
    record(3, "alpha", "b1", "\x00\x01", body=SENT),
    event("alpha.ack", 1, id="b1", op="batch-orders", data=[row(0, "9001", "71"), row(1, "9002", "72")], gw=STAMPS),
    event("alpha.fill", 2, source="stream", gw={"venueNs": str(T + 2_000_000)}, **FILL),
    record(2, "beta", body={**PLACE, "id": "other"}),
    record(2, "alpha", body=CANCEL),
    record(3, "alpha", "c1", "\x00", body={**CANCEL, "args": [{"instId": "BTC-USDT", "clOrdId": "9002"}]}),
    event(
        "alpha.order",
        3,
        source="reconcile",
        id="b1",
        row=1,
        clOrdId="9002",
        ordId="72",
        state="canceled",
        reason="user",
        gw={},
    ),
    (77, b"of a later version"),
]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("journal")
    writer = Journal(str(folder), header_template("5e", "main", "simulator", 1 << 16), 1 << 16, 1, False, 1, 1, 1)
    for kind, payload in RECORDS:
        assert writer.note(kind, payload)
    writer.close()
    return folder


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ([], list(range(1, 12))),
        (["--type", "intent"], [3, 8]),
        (["--type", "intent", "--type", "request", "--strategy", "beta"], [6]),
        (["--topic", "alpha.fill"], [5]),
        (["--text", "9002"], [3, 4, 8, 9]),
        (["--text", "9002", "--text", "9001"], [3, 4]),
        (["--since", "2999-01-01"], []),
        (["--until", "2001-01-01T00:00:00+01:00"], []),
    ],
)
def test_filter(directory: Path, capsys: pytest.CaptureFixture[str], options: list[str], numbers: list[int]) -> None:
    assert main(["journal", "filter", "--dir", str(directory), *options]) == 0
    assert [line["number"] for line in lines(capsys)] == numbers


def test_a_time_is_iso_8601_in_utc_or_ns() -> None:
    assert moment("2023-11-14T22:13:20") == moment("2023-11-14T23:13:20+01:00") == moment(str(T)) == T


def test_list_and_verify(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "list", "--dir", str(directory)]) == 0
    assert "1-11" in capsys.readouterr().out
    assert main(["journal", "verify", "--dir", str(directory)]) == 0
    assert capsys.readouterr().out == "11 records: complete\n"


def test_verify_names_the_damage(directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = bytearray(list_segments(directory)[0].path.read_bytes())
    text[text.index(b'"9001"')] ^= 1
    (tmp_path / "0000000001.journal").write_bytes(bytes(text))
    assert main(["journal", "verify", "--dir", str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert "damaged: segment 1 at byte" in printed and "records 3 to 3 are missing" in printed
    assert printed.endswith("10 records: damaged\n")


def test_export_as_json_lines(directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.jsonl"
    assert main(["journal", "export", "--dir", str(directory), "--out", str(out), "--strategy", "alpha"]) == 0
    assert [json.loads(line)["number"] for line in out.read_text().splitlines()] == [2, 3, 4, 5, 7, 8, 9]
    assert capsys.readouterr().out == f"7 records written to {out}\n"


def test_export_as_parquet(directory: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    out = tmp_path / "out.parquet"
    assert main(["journal", "export", "--dir", str(directory), "--out", str(out), "--format", "parquet"]) == 0
    rows = parquet.read_table(out, columns=["number", "type", "topic", "seq", "id", "ordId", "json"]).to_pylist()
    assert [row["number"] for row in rows] == list(range(1, 12))
    fill = rows[4]
    assert (fill["type"], fill["topic"], fill["seq"], fill["id"], fill["ordId"]) == (
        "event",
        "alpha.fill",
        2,
        "b1",
        "71",
    )
    assert json.loads(fill["json"])["event"]["tradeId"] == "5"


def test_without_pyarrow_the_error_names_the_package_to_install(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    out = tmp_path / "x.parquet"
    assert main(["journal", "export", "--dir", str(directory), "--out", str(out), "--format", "parquet"]) == 2
    assert "pip install 'okx-gateway[parquet]'" in capsys.readouterr().err


@pytest.mark.parametrize("key", ["9002", "72", "c1"])
def test_explain_shows_one_order_of_a_batch(directory: Path, capsys: pytest.CaptureFixture[str], key: str) -> None:
    assert main(["explain", key, "--dir", str(directory), "--json"]) == 0
    (trail,) = json.loads(capsys.readouterr().out)
    names = (trail["strategy"], trail["id"], trail["row"], trail["clOrdId"], trail["ordId"])
    assert names == ("alpha", "b1", 1, "9002", "72")
    actions = {step["what"] for step in trail["steps"]}
    assert actions >= {
        "asks: batch-orders (b1)",
        "is about to send: batch-orders (b1)",
        "answers",
        "publishes: batch-orders accepted",
        "asks: cancel-order (c1)",
        "is about to send: cancel-order (c1)",
        "is canceled (user)",
    }
    assert not [one for one in actions if "fills" in one]
    times = [int(step["ns"]) for step in trail["steps"]]
    assert times == sorted(times)
    assert [step["totalNs"] for step in trail["steps"]] == [at - times[0] for at in times]
    (answered,) = [step for step in trail["steps"] if step["what"] == "answers"]
    assert (answered["ns"], answered["source"]) == (str(T + 1_000_000), "OKX")
    assert [step["source"] for step in trail["steps"] if step["what"].startswith("is canceled")] == ["OKX (asked)"]


def test_explain_by_the_id_of_a_batch_shows_each_of_its_orders(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "b1", "--dir", str(directory)]) == 0
    printed = capsys.readouterr().out
    assert "alpha: clOrdId 9001, ordId 71, row 0 of b1" in printed
    assert "alpha: clOrdId 9002, ordId 72, row 1 of b1" in printed
    assert "fills 1 at 20000" in printed


def test_explain_of_an_unknown_key(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "nothing", "--dir", str(directory)]) == 1
    assert "has no record of 'nothing'" in capsys.readouterr().err
    assert main(["explain", "b1", "--strategy", "beta", "--dir", str(directory)]) == 1


def test_a_directory_without_a_journal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "list", "--dir", str(tmp_path)]) == 2
    assert f"there is no journal in {tmp_path}" in capsys.readouterr().err


def test_the_directory_comes_from_the_configuration_and_no_secrets_are_needed(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("OKX_API_KEY", "OKX_SECRET_KEY", "OKX_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "gateway.toml"
    config.write_text(f'[journal]\ndir = "{directory}"\n')
    assert main(["journal", "verify", "--config", str(config)]) == 0
    assert "11 records: complete" in capsys.readouterr().out


def test_follow_continues_with_later_records_and_in_the_next_file(tmp_path: Path) -> None:
    header = header_template("5e", "main", "simulator", 1 << 16)
    writer = Journal(str(tmp_path), header, 1 << 16, 1, False, 1, 1, 1)
    writer.note(*RECORDS[0])
    command = [
        sys.executable,
        "-m",
        "gateway",
        "journal",
        "follow",
        "--dir",
        str(tmp_path),
        "--from-start",
        "--type",
        "event",
    ]
    root = str(Path(importlib.util.find_spec("gateway").origin).parents[1])  # type: ignore[union-attr, arg-type]
    with subprocess.Popen(tied(command), stdout=subprocess.PIPE, text=True, cwd=root) as child:
        assert child.stdout is not None
        try:
            for number in range(150):
                kind, payload = event("alpha.order", number, note="x" * 900)
                while not writer.note(kind, payload):
                    pass
                assert json.loads(child.stdout.readline())["event"]["seq"] == number
            assert len(list_segments(tmp_path)) > 2
        finally:
            child.kill()
    writer.close()
