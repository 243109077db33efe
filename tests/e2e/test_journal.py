"""The journal of the real gateway: all sent and received messages are in it after kill -9; a full disk stops new orders and nothing else."""

from __future__ import annotations

import json
import resource
import shlex
import subprocess
import sysconfig
from typing import Any

import pytest

from gateway.journal.format import decode
from gateway.journal.segments import list_segments, only_records, read_journal
from tests.e2e.processes import SECRETS, UNLIMITED, wait_until
from tests.e2e.strategy import spot

MIB = 1 << 20


def limit_files(gateway: Any, most: int) -> None:
    """Limits the file size of the process like a full disk. -1: no limit."""
    hard = resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, (hard if most < 0 else most, hard))


def journal_of(gateway: Any) -> list[dict[str, Any]]:
    return [decode(record) for record in only_records(read_journal(gateway.sockets / "journal"))]


def test_after_kill_9_all_requests_sends_and_events_are_there(stage: Any) -> None:
    exchange, gateway = stage.unlimited()
    trader = stage.trader(gateway)
    trader.submit("order", spot(), id="o1")
    trader.event("order", id="o1")
    (live,) = exchange.live_orders()
    gateway.kill()
    records = journal_of(gateway)
    assert [record["number"] for record in records] == list(range(1, len(records) + 1))
    assert records[0]["type"] == "session"
    about = [record for record in records if '"o1"' in json.dumps(record)]
    assert [record["type"] for record in about] == ["request", "intent", "event", "event"]
    assert about[0]["message"]["id"] == about[1]["id"] == "o1"
    assert about[1]["frame"]["args"][0]["clOrdId"] == live["clOrdId"]
    published = [(record["topic"], record["event"]) for record in records if record["type"] == "event"]
    received = [(topic, event) for topic, event in trader.events if not topic.endswith(".heartbeat")]
    assert [one for one in published if one[0].startswith("alpha.")] == received


@pytest.mark.parametrize("durability", ["process", "disk"])
def test_a_full_disk_stops_new_orders_but_no_cancel_and_ends_without_a_restart(stage: Any, durability: str) -> None:
    """RLIMIT_FSIZE of the running process is the full disk: no file can grow beyond it."""
    _, gateway = stage.unlimited({"journal": {"segment_mib": 8, "durability": durability}})
    trader = stage.trader(gateway, topics=("gateway.",))
    trader.submit("order", spot(), id="o1")
    trader.event("order", id="o1")
    directory = gateway.sockets / "journal"
    wait_until(lambda: len(list_segments(directory)) == 2, "the next file stands ready")
    limit_files(gateway, MIB)
    for _ in range(1_000):  # requests that OKX refuses, each some 40 kB in the journal
        (row,) = trader.ack("order", spot(px="-1", note="x" * 20_000))
        if row["reason"] == "journal":
            break
    assert (row["result"], row["origin"], row["reason"]) == ("rejected", "gateway", "journal")
    (alarm,) = trader.wait(lambda: trader.events_of("gateway.alarm", reason="journal"), "the alarm")
    assert "cannot be written" in alarm["msg"]
    trader.wait(lambda: trader.data("status")["journal"]["error"], "the next file has been tried")
    journal = trader.data("status")["journal"]
    assert not journal["takesOrders"] and journal["lost"] == 0
    assert (
        trader.ack("amend-order", {"instId": "BTC-USDT", "gw": {"id": "o1"}, "newPx": "90001"})[0]["reason"]
        == "journal"
    )
    assert trader.ack("cancel-order", {"instId": "BTC-USDT", "gw": {"id": "o1"}})[0]["result"] == "accepted"
    assert trader.event("order", state="canceled", id="o1")
    limit_files(gateway, -1)
    trader.wait(lambda: len(trader.events_of("gateway.alarm", reason="journal")) == 2, "there is room again")
    trader.place(spot())
    assert gateway.terminate() == 0
    records = journal_of(gateway)
    assert [record["number"] for record in records] == list(range(1, len(records) + 1))
    assert records[-1]["type"] == "session_end"


FAILING_MSYNC = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
int msync(void* at, size_t size, int flags) {
    if (access(getenv("MSYNC_FAILS_WHILE"), F_OK) == 0) { errno = EIO; return -1; }
    return ((int (*)(void*, size_t, int))dlsym(RTLD_NEXT, "msync"))(at, size, flags);
}
"""


def test_a_disk_that_refuses_a_write_stops_new_orders_until_it_takes_one(stage: Any) -> None:
    """The kernel's EIO, by a library loaded before libc."""
    source, library, broken = (stage.directory / name for name in ("msync.c", "msync.so", "broken"))
    source.write_text(FAILING_MSYNC)
    compiler = shlex.split(sysconfig.get_config_var("CC"))[0]
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    environ = {**SECRETS, "LD_PRELOAD": str(library), "MSYNC_FAILS_WHILE": str(broken)}
    exchange = stage.exchange("--limiter-window", "off")
    gateway = stage.gateway(exchange, {**UNLIMITED, "journal": {"durability": "disk"}}, secrets=environ)
    trader = stage.trader(gateway, topics=("gateway.",))
    resting = trader.place(spot())
    broken.touch()
    trader.wait(lambda: trader.data("status")["journal"]["error"], "a write that failed")
    (refused,) = trader.ack("order", spot())
    assert (refused["result"], refused["origin"], refused["reason"]) == ("rejected", "gateway", "journal")
    assert "Input/output error" in trader.event("gateway.alarm", reason="journal")["msg"]
    assert trader.ack("cancel-order", {"instId": "BTC-USDT", "ordId": resting["ordId"]})[0]["result"] == "accepted"
    trader.event("order", ordId=resting["ordId"], state="canceled")
    broken.unlink()
    trader.wait(lambda: len(trader.events_of("gateway.alarm", reason="journal")) == 2, "the disk takes it again")
    trader.place(spot())
    assert gateway.terminate() == 0
    numbers = [record["number"] for record in journal_of(gateway)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_start_on_a_full_disk_knows_what_the_journal_has(stage: Any) -> None:
    """Orders keep their owner and can be cancelled; new ones are accepted when there is room; no number is reused, even after another kill."""
    exchange, gateway = stage.unlimited()
    alpha = stage.trader(gateway)
    orders = [alpha.place(spot()) for _ in range(2)]
    alpha.wait_for_events("order", 2, state="live")
    gateway.kill()
    second = stage.gateway(exchange, UNLIMITED, name="second")
    limit_files(second, MIB)
    alpha.hello()
    alpha.wait_ready()
    assert {one["ordId"] for one in alpha.data("snapshot")["orders"]} == {one["ordId"] for one in orders}
    assert not alpha.data("status")["journal"]["takesOrders"]
    assert alpha.ack("order", spot())[0]["reason"] == "journal"
    assert alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": orders[0]["ordId"]})[0]["result"] == "accepted"
    alpha.event("order", ordId=orders[0]["ordId"], state="canceled")
    published = alpha.data("status")["seq"]
    second.kill()
    stage.gateway(exchange, UNLIMITED, name="third")
    assert alpha.hello()["seq"] >= published
    alpha.wait_ready()
    assert alpha.place(spot())["ordId"]
    assert len(exchange.live_orders()) == 2
    numbers = [event["seq"] for topic, event in alpha.events if not topic.endswith(".heartbeat")]
    assert len(numbers) == len(set(numbers))
