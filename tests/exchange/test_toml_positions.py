"""Every key has its line, whatever form of TOML it is written in."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.exchange.toml_positions import MAX_DEPTH, KeyPath, field_text, scan_positions


def paths_of(value: object, path: KeyPath = ()) -> set[KeyPath]:
    """Return all key paths of parsed data: the independent answer of tomllib."""
    found: set[KeyPath] = {path} if path else set()
    if isinstance(value, dict):
        for key, inner in value.items():
            found |= paths_of(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found |= paths_of(inner, (*path, index))
    return found


EVERY_FORM = '''\
# comment with "quotes" and [brackets]
title = "top"
"quoted key" = 1
a.b.c = 2          # dotted
'lit.eral' = 3

[table]
text = """
[not_a_table]
not_a_key = 1 \\""" still text
"""
after = '\''x = 1
y = """2"""
'\''
list = [
  1,  # first
  { k = "]", "z" = [true] },
  [2, 3],
]
inline = { p = 1, q.r = "}" }

[table.sub]
date = 2021-06-01T12:00:00Z

[[element]]
n = 1
[element.inner]
m = 1
[[element.deep]]
o = 1

[[element]]
n = 2
[element.inner]
m = 2
'''.replace("'\\''", "'''")


def test_each_key_that_tomllib_finds_has_a_line() -> None:
    positions = scan_positions(EVERY_FORM)
    assert set(positions.lines) == paths_of(tomllib.loads(EVERY_FORM))
    assert positions.duplicate is None


@pytest.mark.parametrize(
    ("path", "start_of_line"),
    [
        (("title",), "title ="),
        (("quoted key",), '"quoted key"'),
        (("a", "b", "c"), "a.b.c"),
        (("a", "b"), "a.b.c"),
        (("lit.eral",), "'lit.eral'"),
        (("table", "after"), "after ="),
        (("table", "list", 1, "k"), "  { k ="),
        (("table", "list", 2, 1), "  [2, 3]"),
        (("table", "inline", "q", "r"), "inline ="),
        (("table", "sub"), "[table.sub]"),
        (("table", "sub", "date"), "date ="),
        (("element", 1), "[[element]]\nn = 2"),
        (("element", 1, "inner", "m"), "m = 2"),
        (("element", 0, "deep", 0, "o"), "o = 1"),
    ],
)
def test_a_key_stands_in_its_line(path: KeyPath, start_of_line: str) -> None:
    expected = EVERY_FORM[: EVERY_FORM.index("\n" + start_of_line) + 1].count("\n") + 1
    assert scan_positions(EVERY_FORM).lines[path] == expected


@pytest.mark.parametrize(
    ("text", "path", "lines"),
    [
        ("a = 1\n\na = 2\n", ("a",), (1, 3)),
        ("[t]\na = 1\n[u]\n[t]\n", ("t",), (1, 4)),
        ("[t]\nx.y = 1\nx.y = 2\n", ("t", "x", "y"), (2, 3)),
        ("[t]\na = 1\n[t.a]\n", ("t", "a"), (2, 3)),
        ("a = 1\na.b = 2\n", ("a",), (1, 2)),
        ("a = { b = 1,\n c = 2, b = 3 }\n", ("a", "b"), (1, 2)),
        ("[[t]]\nn = 1\nn = 2\n", ("t", 0, "n"), (2, 3)),
        ("[t]\n[[t]]\n", ("t",), (1, 2)),
        ("[[t]]\n[t]\n", ("t",), (1, 2)),
    ],
)
def test_a_key_given_twice_is_told_with_both_lines(
    text: str, path: KeyPath, lines: tuple[int, int]
) -> None:
    duplicate = scan_positions(text).duplicate
    assert duplicate is not None
    assert duplicate.path == path
    assert (duplicate.first_line, duplicate.second_line) == lines


def test_deep_nesting_is_told_with_its_line() -> None:
    deep = "ok = 1\ndeep = " + "[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2)
    assert scan_positions(deep).too_deep_line == 2


@given(st.text(alphabet="ab=[]{}.,\"'\\\n# 1", max_size=60))
def test_no_text_breaks_the_scanner_and_valid_ones_are_found_whole(text: str) -> None:
    positions = scan_positions(text)
    try:
        data = tomllib.loads(text)
    except ValueError:
        return
    assert set(positions.lines) == paths_of(data)
    assert positions.duplicate is None


def test_fields_read_like_what_was_written() -> None:
    assert field_text(("result", 1, "conditions", "photon rate")) == (
        "result[2].conditions.'photon rate'"
    )
