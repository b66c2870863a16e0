"""Files that cannot be read say why and where; fields that are wrong say so in the same way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import pytest

from qtrace.errors import InputError
from qtrace.exchange.toml_file import MAX_BYTES, EnteredFloat, read_toml
from qtrace.exchange.toml_table import TomlTable, root_table


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def table(text: str) -> TomlTable:
    return root_table(read_toml(text.encode(), name="f.toml"))


def refusal(data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        read_toml(data, name="f.toml")
    return caught.value


@pytest.mark.parametrize(
    ("data", "what", "where"),
    [
        (b"a = 1\nb = \xff\n", "not UTF-8: byte 0xff at offset 10", "f.toml, line 2, byte 10"),
        (b"\xef\xbb\xbfa = 1\n", "byte order mark", "f.toml, line 1, byte 0"),
        (b"a = 1\nb = \n", "Invalid value", "f.toml, line 2, column 5"),
        (b"a = 1\nb = 1550.5 nm\n", "not readable as TOML", "f.toml, line 2, column 12"),
        (b'a = 1\nb = "trunc', "at the end of the file", "f.toml, line 2"),
        (b"a = 1\nb = [1,\n2", "at the end of the file", "f.toml, line 3"),
        (b"a = 1\n[t]\nb = 1\nb = 2\n", "in line 3 and in line 4", "f.toml, line 4, field t.b"),
        (b"[t]\n[s]\n[t]\n", "in line 1 and in line 3", "f.toml, line 3, field t"),
        (b"a = 1\nb = " + b"[" * 80 + b"]" * 80, "nest deeper than 64", "f.toml, line 2"),
        (b"a = 1\nb = " + b"[" * 9000 + b"]" * 9000, "nest deeper than 64", "f.toml, line 2"),
        (b"a = 1\n" + b"b." * 2000 + b"c = 2", "nest deeper than 64", "f.toml, line 2"),
        (b"a = 1\n[" + b"b." * 2000 + b"c]\n", "nest deeper than 64", "f.toml, line 2"),
        (b"a = " + b"{b.c=" * 90 + b"1" + b"}" * 90, "nest deeper than 64", "f.toml, line 1"),
        ("a = 1\nb = 'x\u202ey'\n".encode(), "U+202E", "f.toml, line 2, column 7"),
        ("a = 1\nb = 'e\u0301'\n".encode(), "NFC", "f.toml, line 2"),
        (b"a = 1" + b" " * MAX_BYTES, "larger than 1000000 bytes", "f.toml"),
        (b"a = 1\nd = 2021-02-30T00:00:00Z\n", "date", "f.toml, line 2, column 5"),
    ],
)
def test_an_unreadable_file_says_why_and_where(data: bytes, what: str, where: str) -> None:
    error = refusal(data)
    assert what in error.what
    assert error.where == where
    assert error.next_step
    assert error.exit_code == 2


def test_a_key_given_after_a_syntax_error_does_not_hide_it() -> None:
    error = refusal(b"a = 1\na = = 2\n")
    assert "line 2" in error.where


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_toml(tmp_path / "none.toml")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_toml(tmp_path)


def test_a_file_is_called_as_its_path_was_written(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"a = 1\r\nb = 2.50\r\n")
    file = read_toml(path)
    assert file.name == str(path)
    assert file.data == {"a": 1, "b": 2.5}
    assert file.lines["b",] == 2


def test_floats_remember_their_digits_and_plain_data_does_not_show_it() -> None:
    file = read_toml(b"x = 1_0.50\n", name="f")
    entered = file.entered["x"]
    assert isinstance(entered, EnteredFloat)
    assert entered.text == "10.50"
    assert type(file.data["x"]) is float


@pytest.mark.parametrize(
    ("call", "written", "what"),
    [
        (lambda t: t.text("k"), "k = 1", 'field "k" is 1'),
        (lambda t: t.text("k"), 'k = " "', "is empty"),
        (lambda t: t.text("k"), "other = 1", 'field "k" is missing'),
        (lambda t: t.identifier("k"), 'k = "a/b"', "is not an id"),
        (lambda t: t.texts("k"), "k = ['a', 2]", "not a text: 2"),
        (lambda t: t.texts("k"), "k = 'a'", "field \"k\" is 'a'"),
        (lambda t: t.entered("k"), "k = true", 'field "k" is true'),
        (lambda t: t.integer("k"), "k = 1.0", 'field "k" is 1.0'),
        (lambda t: t.integer("k"), "k = true", 'field "k" is true'),
        (lambda t: t.integer("k", least=2), "k = 1", "1 is below 2"),
        (lambda t: t.number("k"), "k = '1'", "field \"k\" is '1'"),
        (lambda t: t.number("k"), "k = inf", "inf is not finite"),
        (lambda t: t.number("k"), "k = nan", "nan is not finite"),
        (lambda t: t.number("k"), f"k = 1{'0' * 400}", "is not finite"),
        (lambda t: t.boolean("k"), "k = 'true'", "field \"k\" is 'true'"),
        (lambda t: t.moment("k"), "k = 2021-06-01T12:00:00", "has no time zone"),
        (lambda t: t.moment("k"), "k = 2021-06-01", "is not a point in time"),
        (lambda t: t.moment("k"), "k = 12:00:00", "is not a point in time"),
        (lambda t: t.moment("k"), "k = '2021-06-01T12:00:00Z'", 'field "k" is '),
        (lambda t: t.moment("k"), "k = 0001-01-01T00:00:00+14:00", "outside the calendar"),
        (lambda t: t.choice("k", Colour), "k = 'blu'", 'did you mean "blue"?'),
        (lambda t: t.choice("k", Colour), "k = 3", "is not one of"),
        (lambda t: t.table("k"), "k = 1", 'field "k" is 1'),
        (lambda t: t.tables("k"), "k = [1]", "1 is not a table"),
        (lambda t: t.named_tables("k"), "k = { n = 1 }", '"k" holds tables'),
        (lambda t: t.rows("k"), "k = [1]", "row 1 is no list"),
        (lambda t: t.text_map("k"), "k = { n = true }", 'field "n" is true'),
    ],
)
def test_a_wrong_field_is_refused_in_its_line(
    call: Callable[[TomlTable], object], written: str, what: str
) -> None:
    with pytest.raises(InputError) as caught:
        call(table(f"first = 1\n\n{written}\n"))
    assert what in caught.value.what
    if "missing" not in what:
        assert caught.value.where.startswith("f.toml, line 3, field k")
    assert caught.value.next_step


def test_a_misspelt_field_is_recognised_when_the_right_one_is_missed() -> None:
    read = table('id = "x"\nperfomed = 2021-06-01T12:00:00Z\n')
    read.text("id")
    with pytest.raises(InputError) as caught:
        read.moment("performed")
    assert 'field "performed" is missing; line 2 has "perfomed"' in caught.value.what
    assert caught.value.where == "f.toml, line 2, field perfomed"


def test_an_unknown_field_is_refused_with_what_it_resembles() -> None:
    read = table('procedure = "a"\nvalidaton = "b"\n')
    read.optional_text("procedure")
    read.optional_text("validation")
    with pytest.raises(InputError) as caught:
        read.finish()
    assert caught.value.what == 'unknown field "validaton"; did you mean "validation"?'
    assert caught.value.where == "f.toml, line 2, field validaton"
    assert "procedure, validation" in caught.value.next_step


def test_good_fields_are_returned_as_written() -> None:
    read = table(
        'id = "a-1"\nn = 3\nx = 1.50\nwhen = 2021-06-01T14:00:00+02:00\ncolour = "red"\n'
        'yes = true\nwords = ["p", "q"]\nempty = ""\nm = { a = 1.20, b = "t" }\n'
    )
    assert read.identifier("id") == "a-1"
    assert read.integer("n") == 3
    assert read.entered("x") == "1.50"
    assert read.number("n") == 3.0
    assert read.moment("when") == datetime(2021, 6, 1, 12, tzinfo=UTC)
    assert read.moment("when").tzinfo is UTC
    assert read.choice("colour", Colour) is Colour.RED
    assert read.choice("none", Colour, Colour.BLUE) is Colour.BLUE
    assert read.boolean("yes")
    assert not read.boolean("none", default=False)
    assert read.texts("words") == ("p", "q")
    assert read.optional_text("empty", "default") == ""
    assert read.optional_text("none", "default") == "default"
    assert read.text_map("m") == {"a": "1.20", "b": "t"}
    read.finish()
