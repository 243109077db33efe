"""One sentence: the scanner takes a document exactly when it is strict JSON (RFC 8259) in UTF-8, without lone surrogates, not
nested deeper than 16, and without an escape in any key. The judge is Python's own parser."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway._fast.json.cursor import check

DEPTH_MAX = 16
SYNTAX, UTF8, DEPTH, KEY_ESCAPE = -1, -2, -3, -4
# In valid JSON a string before a colon is a key.
KEY = re.compile(r'("(?:[^"\\]|\\.)*")[ \t\n\r]*:|"(?:[^"\\]|\\.)*"', re.DOTALL)


def refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def depth_of(value: Any) -> int:
    """Levels of arrays and objects; objects are lists of pairs marked by a tuple."""
    if isinstance(value, tuple):
        return 1 + max((depth_of(inner) for _, inner in value), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


def texts_of(value: Any) -> list[str]:
    if isinstance(value, tuple):
        return [text for key, inner in value for text in (key, *texts_of(inner))]
    if isinstance(value, list):
        return [text for inner in value for text in texts_of(inner)]
    return [value] if isinstance(value, str) else []


def judge(document: bytes) -> bool:
    """What the scanner must say, by Python's parser."""
    try:
        text = document.decode("utf-8")
        value = json.loads(
            text,
            parse_constant=refuse_constant,
            parse_int=len,
            parse_float=len,
            object_pairs_hook=tuple,
        )
        for inner in texts_of(value):
            inner.encode("utf-8")
    except (ValueError, RecursionError):
        return False
    if any(key is not None and "\\" in key for key in (hit.group(1) for hit in KEY.finditer(text))):
        return False
    return depth_of(value) <= DEPTH_MAX


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
    ['"', "\\", "/", "\b\f\n\r\t", "\x00\x1f\x7f", "é", "€", "😀", "𐍈", "a" * 15, "a" * 16, "a" * 17, "a" * 31 + '"']
)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
DOCUMENTS = st.builds(
    lambda value, ascii_only, indent: json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode(),
    VALUES,
    st.booleans(),
    st.sampled_from([None, 0, 1, "\t"]),
)
# Bytes that mean something to a JSON parser, to UTF-8, or to neither.
PIECES = st.sampled_from(
    [bytes([code]) for code in b'{}[]:,"\\/ \t\n\r\x00\x0b\x1f\x7f0123456789.eE+-abfnrtuU']
    + [
        b"\x80",
        b"\xbf",
        b"\xc0",
        b"\xc2",
        b"\xe0\xa0",
        b"\xed\xa0\x80",
        b"\xef\xbf\xbf",
        b"\xf0\x90",
        b"\xf4\x90",
        b"\xff",
    ]
    + [
        b"\xf0\x9f\x98\x80",
        b"\\ud83d",
        b"\\ude00",
        b"\\ud83d\\ude00",
        b"\\u00",
        b"true",
        b"null",
        b"NaN",
        b"-0",
        b"1e5",
        b"[[",
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    document = draw(DOCUMENTS)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(document)))
        end = draw(st.integers(start, min(len(document), start + 3)))
        document = document[:start] + draw(PIECES | st.just(b"")) + document[end:]
    return document


@settings(max_examples=200)
@given(DOCUMENTS)
def test_takes_what_a_json_writer_writes_unless_a_key_has_an_escape_or_it_is_too_deep(document: bytes) -> None:
    assert (check(document) == 0) == judge(document)
    orjson.loads(document)


@settings(max_examples=400)
@given(mutated())
@example(b'"\\ud83d\\ude00"')
@example(b'"\\ud83dx"')
@example(b"\xef\xbb\xbf{}")
@example(b'{"a":1,}')
@example(b"[1,]")
@example(b"[,1]")
@example(b"-")
@example(b"01")
@example(b"1.")
@example(b".5")
@example(b"+1")
@example(b"1e")
@example(b"Infinity")
def test_takes_a_damaged_document_exactly_when_it_is_still_json(document: bytes) -> None:
    assert (check(document) == 0) == judge(document), document


@settings(max_examples=200)
@given(st.lists(PIECES, max_size=12).map(b"".join) | st.binary(max_size=40))
def test_takes_bytes_exactly_when_they_happen_to_be_json(document: bytes) -> None:
    assert (check(document) == 0) == judge(document), document


WHOLE = (
    b' { "id" : "o1" , "n" : [ -0.5e+3 , 12 , "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\\n\\u00e9\\ud83d\\ude00" , true , false , null ],'
    b' "o" : { } , "a" : [ ] } '
)


def test_a_document_cut_at_any_length_is_refused() -> None:
    assert check(WHOLE) == 0
    end = len(WHOLE.rstrip())
    for length in range(end):
        assert check(WHOLE[:length]) < 0, WHOLE[:length]


@pytest.mark.parametrize("tail", [b"x", b"}", b"]", b",", b'"', b"{}", b"\x00", b"\xc3", b"//", b"\xa0"])
def test_bytes_behind_the_document_are_refused(tail: bytes) -> None:
    assert check(WHOLE + tail) < 0
    assert check(WHOLE + b" \r\n\t") == 0


@pytest.mark.parametrize(
    ("document", "error"),
    [
        (b"", SYNTAX),
        (b" ", SYNTAX),
        (b"nul", SYNTAX),
        (b"tru", SYNTAX),
        (b"True", SYNTAX),
        (b'"a', SYNTAX),
        (b'"\x1f"', SYNTAX),
        (b'"\\x"', SYNTAX),
        (b'"\\u12"', SYNTAX),
        (b'"\\u12g4"', SYNTAX),
        (b"{1:2}", SYNTAX),
        (b'{"a" 1}', SYNTAX),
        (b'{"a":1 "b":2}', SYNTAX),
        (b"[1 2]", SYNTAX),
        (b"[1}", SYNTAX),
        (b"1-2", SYNTAX),
        (b'"\xff"', UTF8),
        (b'"\xc0\x80"', UTF8),
        (b'"\xe0\x80\x80"', UTF8),
        (b'"\xed\xa0\x80"', UTF8),
        (b'"\xf4\x90\x80\x80"', UTF8),
        (b'"\xc3', UTF8),
        (b'"\\ud800"', UTF8),
        (b'"\\udc00"', UTF8),
        (b'"\\ud800\\ud800"', UTF8),
        (b'{"\\u0061":1}', KEY_ESCAPE),
        (b'{"a\\/b":1}', KEY_ESCAPE),
        (b'{"a":{"b":[{"\\n":1}]}}', KEY_ESCAPE),
    ],
)
def test_each_error_has_its_own_number(document: bytes, error: int) -> None:
    assert check(document) == error


@pytest.mark.parametrize("pair", [(b"[", b"]"), (b'{"a":', b"}")])
def test_sixteen_levels_are_taken_and_seventeen_refused(pair: tuple[bytes, bytes]) -> None:
    opening, closing = pair
    assert check(opening * DEPTH_MAX + b"1" + closing * DEPTH_MAX) == 0
    assert check(opening * (DEPTH_MAX + 1) + b"1" + closing * (DEPTH_MAX + 1)) == DEPTH
    assert check(opening * 100_000) == DEPTH


@pytest.mark.parametrize("length", range(40))
@pytest.mark.parametrize("special", [b'"', b"\\n", b"\xc3\xa9", b"\x01", b"\x7f", b"\xff", b""])
def test_strings_around_the_width_of_a_vector(length: int, special: bytes) -> None:
    for behind in (0, 1, 15, 16, 17):
        document = b'"' + b"a" * length + special + b"b" * behind + b'"'
        assert (check(document) == 0) == judge(document), document


def test_every_escape_by_number_is_taken_but_the_lone_surrogates() -> None:
    refused = [code for code in range(0x10000) if check(b'"\\u%04x"' % code) != 0]
    assert refused == list(range(0xD800, 0xE000))
    assert all(
        check(b'"\\ud83d\\u%04X"' % code) == (0 if 0xDC00 <= code <= 0xDFFF else UTF8) for code in range(0x10000)
    )


@pytest.mark.parametrize("behind", [b"", b"\x80", b"\xbf\xbf"])
def test_every_pair_of_bytes_that_begins_a_character(behind: bytes) -> None:
    for first in range(0x80, 0x100):
        for second in range(0x100):
            text = bytes([first, second]) + behind
            try:
                is_good = all(char >= " " and char not in '"\\' for char in text.decode("utf-8"))
            except UnicodeDecodeError:
                is_good = False
            assert (check(b'"' + text + b'"') == 0) == is_good, text
