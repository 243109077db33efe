"""Lines of C are traced back to the lines of Cython that they come from, and each of these counts once."""

from __future__ import annotations

import importlib.util
from pathlib import Path

SPEC = importlib.util.spec_from_file_location(
    "coverage_table", Path(__file__).resolve().parent.parent / ".ci" / "coverage_table.py"
)
assert SPEC is not None
assert SPEC.loader is not None
coverage_table = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(coverage_table)

# As Cython 3.3 writes it.
MADE_BY_CYTHON = """\
static int head;
/* "gateway/_fast/base/clock.pxd":7
 * cdef int now():             # <<<<<<<<<<<<<<
*/
static int now(void) {

  /* "gateway/_fast/base/clock.pxd":8
 *     return 1             # <<<<<<<<<<<<<<
*/
  return 1;

  /* function exit code */
  done();
}
/* "libc/string.pxd":3
 * elsewhere             # <<<<<<<<<<<<<<
*/
other();
/* "gateway/_fast/base/signing.pyx":2
*/
mine();
/* #### Code section: cleanup ### */
utility();
"""


def test_lines_of_c_are_traced_to_the_package_alone() -> None:
    traced = dict(coverage_table.origins(MADE_BY_CYTHON))
    assert {number: traced.get(number) for number in (1, 5, 10, 13, 18, 21, 23)} == {
        1: None,
        5: ("gateway/_fast/base/clock.pxd", 7),
        10: ("gateway/_fast/base/clock.pxd", 8),
        13: None,
        18: None,
        21: ("gateway/_fast/base/signing.pyx", 2),
        23: None,
    }


def test_the_table_has_a_row_for_each_folder_and_the_total() -> None:
    counts = {
        ("gateway/b/x.pyx", 1): 3,
        ("gateway/b/y.pxd", 1): 0,
        ("gateway/a/z.pyx", 5): 1,
        ("gateway/a/z.pyx", 6): 1,
    }
    assert [row.split() for row in coverage_table.table(counts)] == [
        ["gateway/a", "2", "100.0", "%"],
        ["gateway/b", "2", "50.0", "%"],
        ["total", "4", "75.0", "%"],
    ]
