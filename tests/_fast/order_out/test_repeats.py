"""An `id` that was read before is answered with its recorded result, on the connection that asks now."""

from __future__ import annotations

import json
from typing import Any


def test_the_answer_bears_the_recorded_rows_and_says_that_it_is_a_repeat(rig: Any) -> None:
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.accept(-1, "801")
    rig.forget()
    rig.send(rig.order("o1", clOrdId="other"), session=7)
    ((session, body),) = rig.reply_sink.replies
    assert session == 7
    answer = json.loads(body)
    (row,) = answer.pop("data")
    assert answer == {"id": "o1", "op": "order", "code": "0", "reason": "", "msg": "", "duplicate": True}
    assert (row["row"], row["clOrdId"], row["ordId"], row["result"]) == (0, "A1", "801", "accepted")
    assert rig.sink.sent == []


def test_twenty_rows_of_the_longest_fields_fit(rig: Any, wire: Any) -> None:
    """Ids of 64 and 32 characters, and messages of OKX's longer than what is recorded of them."""
    long_id = "i" * 64
    names = [f"{number:032d}" for number in range(20)]
    rig.send(rig.batch(long_id, *names))
    sent = rig.frames[-1]
    items = [wire.item(row["clOrdId"], "", "51008", "\\u00fc" * 60) for row in sent["args"]]
    rig.ack(sent["id"], sent["op"], *items, code="1")
    rig.forget()
    rig.send(rig.batch(long_id, *names))
    assert [row["clOrdId"] for row in rig.reply["data"]] == names
    assert rig.reply["id"] == long_id
