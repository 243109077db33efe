"""Instructions per order are the difference of two profiles (their texts: valgrind 3.19)."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.instructions import (
    CountedPath,
    FunctionCost,
    by_object,
    count,
    growth,
    lines,
    parse_functions,
    parse_total,
)

PROFILE = "version: 1\nevents: Ir\nsummary: 145722341\n\nob=(1) /bin/x\nfn=(1) main\n1 20\ntotals: 145722341\n"
ANNOTATION = """
--------------------------------------------------------------------------------
Ir                   file:function
--------------------------------------------------------------------------------
55,064,139 (37.79%)  ???:_PyEval_EvalFrameDefault [/usr/bin/python3.11]
 1,000,000 ( 0.69%)  ./nptl/pthread_mutex_lock.c:pthread_mutex_lock@@GLIBC_2.2.5 [/usr/lib/libc.so.6]
       500 ( 0.00%)  ???:operator new(unsigned long) [/x/libzmq-2f02442c.so.5.2.5]
       250 ( 0.00%)  /usr/include/c++/new:operator new(unsigned long)
"""


def test_the_total_of_a_profile() -> None:
    assert parse_total(PROFILE) == 145_722_341
    with pytest.raises(ValueError, match="no total"):
        parse_total("version: 1\n")


def test_own_cost_of_functions() -> None:
    assert parse_functions(ANNOTATION) == {
        ("_PyEval_EvalFrameDefault", "python3.11"): 55_064_139,
        ("pthread_mutex_lock@@GLIBC_2.2.5", "libc.so.6"): 1_000_000,
        ("operator new(unsigned long)", "libzmq-2f02442c.so.5.2.5"): 750,
    }


def test_what_does_not_grow_is_left_out() -> None:
    few = {("setup", "x"): 9_000, ("place", "y"): 100}
    many = {("setup", "x"): 9_000, ("late", "x"): 50, ("place", "y"): 2_100, ("send", "x"): 1_000}
    dearest = [FunctionCost("place", "y", 20.0), FunctionCost("send", "x", 10.0), FunctionCost("late", "x", 0.5)]
    assert growth(few, many, 100) == dearest
    assert list(by_object(dearest).items()) == [("y", 20.0), ("x", 10.5)]


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="counts with valgrind, which this machine does not have")
def test_start_up_cancels_out(tmp_path: Path) -> None:
    driver = tmp_path / "driver.py"
    driver.write_text("import sys\nfor _ in range(int(sys.argv[1])):\n    pass\n", encoding="utf-8")

    def place(orders: int, under: Sequence[str]) -> None:
        subprocess.run([*under, sys.executable, "-S", "-E", str(driver), str(orders)], check=True)

    counted = count(CountedPath("loop", "an empty loop", "Py_BytesMain"), place, few=1_000, many=101_000)
    assert counted.total_few > 1_000_000
    # An empty turn of a Python loop; an interpreter's start is millions.
    assert 5 < counted.per_order < 500
    assert next(lines(counted)).endswith(" instructions per order: an empty loop")
