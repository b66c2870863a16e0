"""Canonical JSON: the RFC's own examples, and one negative vector for every trap."""

from __future__ import annotations

import json
import struct
import time
import unicodedata
from enum import StrEnum

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.ledger.canonical import (
    MAX_DEPTH,
    canonical_bytes,
    check_text,
    parse_canonical,
    parse_canonical_value,
)

# RFC 8785, appendix B: bit pattern of the double, its only text.
RFC_8785_NUMBERS = [
    ("0000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]

FORBIDDEN_CHARACTERS = {
    "NUL": "\x00",
    "carriage return": "\r",
    "escape": "\x1b",
    "delete": "\x7f",
    "next line (C1)": "\x85",
    "arabic letter mark": "\u061c",
    "left-to-right mark": "\u200e",
    "right-to-left override": "\u202e",
    "first strong isolate": "\u2068",
    "zero width space": "\u200b",
    "soft hyphen": "\u00ad",
    "line separator": "\u2028",
    "byte-order mark inside": "\ufeff",
    "invisible tag letter": "\U000e0041",
    "lone surrogate": "\ud800",
    "noncharacter": "\uffff",
}

NOT_NFC = {
    "decomposed e acute": "e\u0301",
    "angstrom sign": "\u212b",
    "ohm sign": "\u2126",
    "hebrew presentation form": "\ufb33",  # also a name in the RFC's sorting example
}

# Bytes that a lenient reader takes for {"a":"1","b":2} or for another document.
NEGATIVE_VECTORS: dict[str, bytes] = {
    "empty file": b"",
    "byte-order mark": b'\xef\xbb\xbf{"a":"1"}',
    "UTF-16": '{"a":"1"}'.encode("utf-16"),
    "cut": b'{"a":"1"',
    "cut inside a string": b'{"a":"1',
    "lone backslash at the end": b'{"a":"1\\',
    "trailing newline": b'{"a":"1"}\n',
    "trailing NUL": b'{"a":"1"}\x00',
    "trailing document": b'{"a":"1"}{"a":"2"}',
    "leading space": b' {"a":"1"}',
    "space after colon": b'{"a": "1"}',
    "names out of order": b'{"b":2,"a":"1"}',
    "names in code-point order": '{"\uff21":1,"\U0001f600":2}'.encode(),
    "name twice": b'{"a":"1","a":"1"}',
    "name twice, spelt by escape": b'{"a":"1","\\u0061":"2"}',
    "name twice, deep": b'{"a":[{"b":{"c":1,"c":2}}]}',
    "needless escape": b'{"a":"\\u0031"}',
    "escaped slash": b'{"a":"\\/"}',
    "newline by number": b'{"a":"\\u000a"}',
    "surrogate pair by escapes": b'{"a":"\\ud83d\\ude00"}',
    "lone surrogate by escape": b'{"a":"\\ud83d"}',
    "lone surrogate in a name": b'{"\\udc00":1}',
    "surrogate in UTF-8": b'{"a":"\xed\xa0\x80"}',
    "overlong UTF-8": b'{"a":"\xc0\xaf"}',
    "broken UTF-8": b'{"a":"\xff"}',
    "raw newline in a string": b'{"a":"\n"}',
    "control character by escape": b'{"a":"\\u0000"}',
    "bidirectional override": '{"a":"\u202e1"}'.encode(),
    "bidirectional override in a name": '{"a\u202e":1}'.encode(),
    "newline in a name": b'{"a\\n":1}',
    "not NFC": '{"a":"e\u0301"}'.encode(),
    "mark after an escape": '{"a":"\\n\u0301"}'.encode(),
    "minus zero": b'{"a":-0}',
    "plus sign": b'{"a":+1}',
    "leading zero": b'{"a":01}',
    "hexadecimal": b'{"a":0x1}',
    "fraction of zero": b'{"a":1.0}',
    "exponent": b'{"a":1e2}',
    "float": b'{"a":0.5}',
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":Infinity}',
    "minus Infinity": b'{"a":-Infinity}',
    "2^53": b'{"a":9007199254740992}',
    "5000 digits": b'{"a":' + b"9" * 5000 + b"}",
    "single quotes": b"{'a':1}",
    "comment": b'{"a":1/**/}',
    "trailing comma": b'{"a":1,}',
    "a list": b'["a"]',
    "a text": b'"a"',
    "null": b"null",
    "too deep": b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1),
    "far too deep, never closed": b"[" * 200_000,
}

NEGATIVE_WITH_FLOATS: dict[str, bytes] = {
    "minus zero": b"[-0]",
    "minus zero as a float": b"[-0.0]",
    "needless fraction": b"[1.0]",
    "needless digit": b"[0.10]",
    "capital exponent": b"[1E+30]",
    "exponent without sign": b"[1e30]",
    "exponent with zero": b"[1e-07]",
    "more digits than a double has": b"[0.1000000000000000055]",
    "beyond a double": b"[1e999]",
    "integer beyond a double's digits": b"[9007199254740993]",
    "integer that rounds": b"[333333333333333333333]",
    "NaN": b"[NaN]",
}


# Fixed seeds; no deadline, since a shared machine may pause for longer than any example takes.
LAW = settings(deadline=None, derandomize=True)


def accepted(text: str) -> bool:
    try:
        check_text(text, "here")
    except InputError:
        return False
    return True


TEXTS = st.text().map(lambda text: unicodedata.normalize("NFC", text)).filter(accepted)
NAMES = TEXTS.filter(lambda text: "\n" not in text and "\t" not in text)
INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


def test_the_numbers_and_literals_of_the_rfc_are_written_as_it_says() -> None:
    # RFC 8785 sections 3.2.2 and 3.2.4, without its string, which holds a control character.
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "literals": [None, True, False],
    }
    assert canonical_bytes(value, allow_floats=True) == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}'
    )


def test_the_string_of_the_rfc_is_written_as_it_says_once_its_control_character_is_gone() -> None:
    assert canonical_bytes({"string": '\u20ac$\nA\'B"\\\\"/'}) == (
        '{"string":"€$\\nA\'B\\"\\\\\\\\\\"/"}'.encode()
    )
    with pytest.raises(InputError, match=r"U\+000F"):
        canonical_bytes({"string": '\u20ac$\u000f\nA\'B"\\\\"/'})


def test_names_are_ordered_by_utf_16_units_and_not_by_code_points() -> None:
    # RFC 8785 section 3.2.3: the surrogates of U+1F600 sort before U+FF21.
    names = ["\uff21", "\U0001f600", "\u20ac", "\u00f6", "1"]
    written = canonical_bytes(dict.fromkeys(names, 0)).decode()
    assert written == '{"1":0,"ö":0,"€":0,"\U0001f600":0,"\uff21":0}'


@pytest.mark.parametrize(("bits", "text"), RFC_8785_NUMBERS)
def test_the_number_table_of_the_rfc(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical_bytes([number], allow_floats=True) == f"[{text}]".encode()
    assert parse_canonical_value(f"[{text}]".encode(), allow_floats=True) == [number]


def test_minus_zero_is_written_as_zero() -> None:
    # RFC 8785 appendix B, second row; SQLite keeps no sign of zero either.
    assert canonical_bytes([-0.0], allow_floats=True) == b"[0]"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), np.float64("nan")])
def test_numbers_that_are_not_finite_are_refused(number: float) -> None:
    with pytest.raises(InputError, match="not finite") as caught:
        canonical_bytes({"u": [number]}, allow_floats=True)
    assert caught.value.where == "$.u[0]"


def test_a_float_needs_permission() -> None:
    with pytest.raises(InputError, match="float") as caught:
        canonical_bytes({"u": 0.5})
    assert caught.value.where == "$.u"
    assert canonical_bytes({"u": 0.5}, allow_floats=True) == b'{"u":0.5}'


@pytest.mark.parametrize("number", [2**53, -(2**53), 10**5000], ids=["first", "negative", "huge"])
@pytest.mark.parametrize("allow_floats", [True, False])
def test_integers_that_doubles_cannot_tell_apart_are_refused(
    number: int, *, allow_floats: bool
) -> None:
    assert canonical_bytes([2**53 - 1, -(2**53) + 1]) == b"[9007199254740991,-9007199254740991]"
    with pytest.raises(InputError, match="2\\^53"):
        canonical_bytes([number], allow_floats=allow_floats)


@pytest.mark.parametrize("value", [b"a", {1}, object(), 1j, np.int64(1), np.array([1.0])])
def test_types_without_json_form_are_refused(value: object) -> None:
    with pytest.raises(InputError, match="no JSON form"):
        canonical_bytes({"a": value}, allow_floats=True)


@pytest.mark.parametrize("name", [1, None, True, b"a", ("a",)])
def test_names_that_are_no_text_are_refused(name: object) -> None:
    with pytest.raises(InputError, match="no text"):
        canonical_bytes({name: 1})


def test_text_enumerations_are_written_by_value() -> None:
    class Outcome(StrEnum):
        MET = "met"

    assert canonical_bytes({Outcome.MET: Outcome.MET}) == b'{"met":"met"}'


@pytest.mark.parametrize("character", FORBIDDEN_CHARACTERS.values(), ids=FORBIDDEN_CHARACTERS)
def test_characters_that_hide_or_reorder_text_are_refused(character: str) -> None:
    for value in (f"D{character}1", [character], {f"D{character}1": 1}):
        with pytest.raises(InputError, match="control, bidirectional, invisible or broken"):
            canonical_bytes(value)


@pytest.mark.parametrize("text", NOT_NFC.values(), ids=NOT_NFC)
def test_text_with_a_second_spelling_is_refused(text: str) -> None:
    for value in (text, {text: 1}):
        with pytest.raises(InputError, match="normal form C"):
            canonical_bytes(value)


def test_letters_of_the_field_and_of_people_are_welcome() -> None:
    text = "η = 0.94 ± 0.01, Łódź, Physikalisch-Technische, 国家计量院, می\u200cخواهم\n\tk = 2"
    assert parse_canonical_value(canonical_bytes(text)) == text


def test_newline_and_tab_are_text_but_no_part_of_a_name() -> None:
    assert canonical_bytes(["a\n\tb"]) == b'["a\\n\\tb"]'
    with pytest.raises(InputError, match=r"U\+000A"):
        canonical_bytes({"a\nb": 1})


def test_a_mark_at_the_start_of_a_line_is_refused_as_it_would_meet_the_letter_of_an_escape() -> (
    None
):
    # "\n" + U+0301 is NFC, but its JSON text holds the letter n before the mark, which is not.
    assert unicodedata.is_normalized("NFC", "\n\u0301")
    assert not unicodedata.is_normalized("NFC", json.dumps("\n\u0301", ensure_ascii=False))
    with pytest.raises(InputError, match="combining mark"):
        canonical_bytes("\n\u0301")


def test_depth_is_limited_the_same_in_writing_and_in_reading() -> None:
    def nested(levels: int) -> object:
        value: object = 1
        for _ in range(levels):
            value = [value]
        return value

    deepest = canonical_bytes(nested(MAX_DEPTH))
    assert parse_canonical_value(deepest) == nested(MAX_DEPTH)
    with pytest.raises(InputError, match="deeper"):
        canonical_bytes(nested(MAX_DEPTH + 1))
    with pytest.raises(InputError, match="deeper"):
        parse_canonical_value(b"[" + deepest + b"]")


def test_a_list_that_contains_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(InputError, match="deeper"):
        canonical_bytes(endless)


def test_brackets_inside_strings_are_no_depth() -> None:
    data = canonical_bytes({"a": '[{"' * 100})
    assert parse_canonical(data) == {"a": '[{"' * 100}


@pytest.mark.parametrize("data", NEGATIVE_VECTORS.values(), ids=NEGATIVE_VECTORS)
def test_every_trap_is_refused_and_never_repaired(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        parse_canonical(data)
    assert caught.value.exit_code == 2
    assert caught.value.where
    assert caught.value.next_step


@pytest.mark.parametrize("data", NEGATIVE_WITH_FLOATS.values(), ids=NEGATIVE_WITH_FLOATS)
def test_numbers_have_one_form_where_floats_are_allowed(data: bytes) -> None:
    with pytest.raises(InputError):
        parse_canonical_value(data, allow_floats=True)


def test_the_place_of_the_first_difference_is_named() -> None:
    with pytest.raises(InputError, match="canonical form") as caught:
        parse_canonical(b'{"a": 1}')
    assert caught.value.where == "byte 6"


def test_a_byte_order_mark_is_named_as_what_an_editor_added() -> None:
    with pytest.raises(InputError, match="byte-order mark") as caught:
        parse_canonical(NEGATIVE_VECTORS["byte-order mark"])
    assert caught.value.where == "byte 1"


def test_a_repeated_name_is_named() -> None:
    with pytest.raises(InputError, match="'valid_until' stands twice"):
        parse_canonical(b'{"valid_until":"2023","valid_until":"2033"}')


@pytest.mark.parametrize(
    "data",
    [b'"' + b'\\"' * 300_000, b'{"a":"' + b"\\" * 600_000, b'["' * 60 + b'",' * 300_000],
    ids=["string never closed", "backslashes", "many strings"],
)
def test_hostile_bytes_are_refused_in_linear_time(data: bytes) -> None:
    seconds_allowed = 5.0  # measured 0.05 s; quadratic time would be minutes
    started = time.perf_counter()
    with pytest.raises(InputError):
        parse_canonical(data)
    assert time.perf_counter() - started < seconds_allowed


@LAW
@given(DOCUMENTS)
def test_what_is_written_is_read_back(document: object) -> None:
    assert parse_canonical_value(canonical_bytes(document)) == document


@LAW
@given(DOCUMENTS)
def test_the_form_agrees_with_another_writer_where_that_one_is_canonical(document: object) -> None:
    # The standard library's writer differs only in the order of names beyond U+FFFF.
    other = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if all(ord(character) <= 0xFFFF for character in other):
        assert canonical_bytes(document) == other.encode()


@LAW
@given(DOCUMENTS)
def test_a_canonical_text_may_stand_inside_a_canonical_text(document: object) -> None:
    inner = canonical_bytes(document).decode()
    assert parse_canonical(canonical_bytes({"content": inner})) == {"content": inner}


@LAW
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=5))
def test_every_double_is_read_back(numbers: list[float]) -> None:
    data = canonical_bytes(numbers, allow_floats=True)
    assert parse_canonical_value(data, allow_floats=True) == numbers


@LAW
@given(st.binary(max_size=60) | st.text('{}[]",:\\un0129.-eE a', max_size=40).map(str.encode))
def test_whatever_is_read_is_the_only_spelling(data: bytes) -> None:
    try:
        value = parse_canonical_value(data)
    except InputError:
        return
    assert canonical_bytes(value) == data


@LAW
@given(st.dictionaries(NAMES, INTEGERS, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_the_order_in_which_fields_were_set_does_not_matter(fields: object, random: object) -> None:
    assert isinstance(fields, dict)
    items = list(fields.items())
    random.shuffle(items)  # type: ignore[attr-defined]
    assert canonical_bytes(dict(items)) == canonical_bytes(fields)
