"""Counts as a table: disjoint cells, and every refusal with row and column."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.exchange.count_table import read_cells
from qtrace.exchange.run_consistency import COUNT_LIMIT
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import root_table
from qtrace.ledger.digest import file_digest
from qtrace.metrics.protocol import CountTable, TableKey

FORM = CountTable((TableKey("basis", ("key", "test")), TableKey("intensity", ("1", "2"))))
NAMES = {"basis": {"z": "key", "x": "test"}, "intensity": {"signal": "1", "decoy": "2"}}
ROWS = (
    ("z", "signal", "900", "9"),
    ("z", "decoy", "90", "2"),
    ("x", "signal", "80", "1"),
    ("x", "decoy", "7", "0"),
)
CELLS = {
    "errors_key_1": 9,
    "agreements_key_1": 891,
    "errors_key_2": 2,
    "agreements_key_2": 88,
    "errors_test_1": 1,
    "agreements_test_1": 79,
    "errors_test_2": 0,
    "agreements_test_2": 7,
}
HEAD = ("basis", "intensity", "sifted", "errors")


def read(text: str, folder: Path = Path(), form: CountTable = FORM) -> dict[str, int]:
    table = root_table(read_toml(text.encode(), name="run.toml")).table("counts")
    cells, _ = read_cells(table, form, names=NAMES, folder=folder)
    return cells


def toml(rows: object = ROWS, head: object = HEAD) -> str:
    return f"[counts]\ncolumns = {json.dumps(head)}\nrows = {json.dumps(rows)}\n"


def csv(folder: Path, rows: object = ROWS, head: object = HEAD) -> str:
    lines = [",".join(map(str, one)) for one in (head, *rows)]  # type: ignore[misc,call-overload]
    (folder / "counts.csv").write_text("\n".join(lines) + "\n")
    return '[counts]\nfile = "counts.csv"\n'


def as_json(folder: Path, rows: object = ROWS, head: object = HEAD) -> str:
    found = [dict(zip(head, one, strict=False)) for one in rows]  # type: ignore[call-overload,attr-defined]
    (folder / "counts.json").write_text(json.dumps(found))
    return '[counts]\nfile = "counts.json"\n'


def replaced(row: int, column: int, text: str) -> list[list[str]]:
    rows = [list(one) for one in ROWS]
    rows[row][column] = text
    return rows


def test_the_three_forms_give_the_same_disjoint_cells(tmp_path: Path) -> None:
    assert read(toml()) == CELLS
    assert read(csv(tmp_path), tmp_path) == CELLS
    assert read(as_json(tmp_path), tmp_path) == CELLS
    numbers = [(*one[:2], *map(int, one[2:])) for one in ROWS]
    assert read(as_json(tmp_path, numbers), tmp_path) == CELLS
    assert read(toml(numbers)) == CELLS


def test_the_order_of_rows_and_columns_says_nothing() -> None:
    shuffled = [(one[3], one[1], one[0], one[2]) for one in reversed(ROWS)]
    found = read(toml(shuffled, ("errors", "intensity", "basis", "sifted")))
    assert found == CELLS
    assert list(found) == list(FORM.names()), "cells stand in the order of the protocol"


def test_agreements_may_stand_in_place_of_sifted() -> None:
    rows = [(*one[:2], str(int(one[2]) - int(one[3])), one[3]) for one in ROWS]
    assert read(toml(rows, (*HEAD[:2], "agreements", "errors"))) == CELLS


def test_a_file_is_named_with_its_digest(tmp_path: Path) -> None:
    table = root_table(read_toml(csv(tmp_path).encode(), name="r")).table("counts")
    _, origin = read_cells(table, FORM, names=NAMES, folder=tmp_path)
    digest = file_digest((tmp_path / "counts.csv").read_bytes())
    assert origin == f"counts read from counts.csv, SHA-256 {digest}"


@given(sifted=st.integers(0, COUNT_LIMIT - 90), errors=st.integers(0, COUNT_LIMIT))
@settings(max_examples=40, derandomize=True)
def test_errors_and_agreements_make_up_what_was_sifted(sifted: int, errors: int) -> None:
    rows = replaced(0, 2, str(sifted))
    rows[0][3] = str(errors)
    if errors > sifted:
        with pytest.raises(InputError, match="errors among"):
            read(toml(rows))
    else:
        cells = read(toml(rows))
        assert cells["errors_key_1"] + cells["agreements_key_1"] == sifted


@pytest.mark.parametrize(
    ("row", "column", "text", "what"),
    [
        (1, 3, "91", "91 errors among 90 sifted bits"),
        (1, 3, "-1", "is negative"),
        (1, 2, "90.0", "is not a count"),
        (1, 2, "9e1", "is not a count"),
        (1, 2, "nan", "is not a count"),
        (1, 2, "inf", "is not a count"),
        (1, 2, "90 /s", "is not a count"),
        (1, 2, "0x5a", "is not a count"),
        (1, 2, "٩٠", "is not a count"),
        (1, 2, "", "the count is missing"),
        (1, 2, str(COUNT_LIMIT + 1), "is beyond 2^53"),
        (1, 2, "9" * 5000, "is beyond 2^53"),
        (1, 0, "y", "'y' is not known here"),
        (1, 1, "", "the cell is empty"),
        (1, 1, "signal", "a row for z, signal stands twice"),
    ],
)
def test_a_bad_cell_is_refused_with_row_and_column(
    tmp_path: Path, row: int, column: int, text: str, what: str
) -> None:
    rows = replaced(row, column, text)
    named = "basis" if "twice" in what else HEAD[column]
    for place, written in (
        (f"row {row + 1}, column {named}", toml(rows)),
        (f"counts.csv, line {row + 2}, column {named}", csv(tmp_path, rows)),
        (f"counts.json, row {row + 1}, column {named}", as_json(tmp_path, rows)),
    ):
        with pytest.raises(InputError) as caught:
            read(written, tmp_path)
        assert what in caught.value.what
        assert place in caught.value.where
        assert caught.value.next_step


def test_the_largest_exact_count_is_read() -> None:
    rows = [("z", "signal", str(COUNT_LIMIT), "9"), ("z", "decoy", "0", "0"), *ROWS[2:]]
    assert sum(read(toml(rows)).values()) > COUNT_LIMIT
    with pytest.raises(InputError, match="beyond 2\\^53: sums of them"):
        read(toml(replaced(0, 2, str(COUNT_LIMIT))))


@pytest.mark.parametrize("gone", range(4))
def test_a_missing_row_is_named(tmp_path: Path, gone: int) -> None:
    rows = [one for k, one in enumerate(ROWS) if k != gone]
    for text in (toml(rows), csv(tmp_path, rows), as_json(tmp_path, rows)):
        with pytest.raises(InputError) as caught:
            read(text, tmp_path)
        named = f"there is no row for basis {ROWS[gone][0]}, intensity {ROWS[gone][1]}"
        assert named in caught.value.what


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (("basis", "intensity", "sifted", "bit"), "belongs to a record bit by bit"),
        (("basis", "intensity", "timestamp", "errors"), "belongs to a record bit by bit"),
        (("basis", "intensity", "sifted", "wrong"), '"wrong" is not known here'),
        (("basis", "mean", "sifted", "errors"), '"mean" is not known here'),
        (("basis", "sifted", "sifted", "errors"), "a column stands twice"),
        (("basis", "intensity", "sifted"), "4 cells for 3 columns"),
    ],
)
def test_a_wrong_column_is_refused(head: tuple[str, ...], what: str) -> None:
    with pytest.raises(InputError) as caught:
        read(toml(ROWS, head))
    assert what in caught.value.what


def test_a_record_bit_by_bit_is_refused_even_without_such_a_column() -> None:
    events = [("z", "signal", "1", "0")] * 3
    with pytest.raises(InputError, match="stands twice") as caught:
        read(toml(events))
    assert "one by one are not counts" in caught.value.next_step


def test_a_missing_column_is_named() -> None:
    rows = [(one[0], *one[2:]) for one in ROWS]
    with pytest.raises(InputError, match='"intensity" is missing'):
        read(toml(rows, ("basis", "sifted", "errors")))


def test_sifted_beside_agreements_and_nothing_counted_are_refused() -> None:
    rows = [(*one, "1") for one in ROWS]
    with pytest.raises(InputError, match="say the same twice"):
        read(toml(rows, (*HEAD, "agreements")))
    with pytest.raises(InputError, match="all counts are 0"):
        read(toml([(*one[:2], "0", "0") for one in ROWS]))
    with pytest.raises(InputError, match="no rows"):
        read(toml([]))


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("counts.csv", None, "cannot be read"),
        ("counts.csv", b"", "the table is empty"),
        ("counts.csv", b"basis,intensity,sifted,errors\n", "no rows"),
        ("counts.csv", b"basis,intensity,sifted,errors\nz,signal,9", "3 columns"),
        ("counts.csv", b"basis,intensity,sifted,errors\nz,sig\xffnal,9,0", "not utf-8"),
        ("counts.json", None, "cannot be read"),
        ("counts.json", b'[{"basis": "z", "inten', "this is not JSON"),
        ("counts.json", b"\xff", "this is not JSON"),
        ("counts.json", b"{}", "not a list of objects"),
        ("counts.json", b"[1]", "not a list of objects"),
        ("counts.json", b'[{"basis": "z", "basis": "x"}]', "stands twice"),
        ("counts.json", b"[" * 100_000, "this is not JSON"),
        ("counts.json", b" " * 1_000_001, "larger than"),
        ("counts.json", b"[]", "no rows"),
    ],
)
def test_an_absent_or_cut_file_is_refused_with_its_name(
    tmp_path: Path, name: str, data: bytes | None, what: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        read(f'[counts]\nfile = "{name}"\n', tmp_path)
    assert what in caught.value.what
    assert "run.toml, line 2" in caught.value.where or "counts" in caught.value.where


@pytest.mark.parametrize("value", ["9.0", "NaN", "true", "null", "[9]", "1e3", "-Infinity"])
def test_json_numbers_that_are_no_counts_are_refused(tmp_path: Path, value: str) -> None:
    text = json.dumps([dict(zip(HEAD, one, strict=True)) for one in ROWS])
    (tmp_path / "counts.json").write_text(text.replace('"900"', value))
    with pytest.raises(InputError) as caught:
        read('[counts]\nfile = "counts.json"\n', tmp_path)
    assert "row 1, column sifted" in caught.value.where


def test_a_json_row_without_a_column_is_refused(tmp_path: Path) -> None:
    rows = [dict(zip(HEAD, one, strict=True)) for one in ROWS]
    for gone, what in (("basis", "the cell is empty"), ("errors", "the count is missing")):
        cut = [{k: v for k, v in one.items() if k != gone or one is not rows[2]} for one in rows]
        (tmp_path / "counts.json").write_text(json.dumps(cut))
        with pytest.raises(InputError) as caught:
            read('[counts]\nfile = "counts.json"\n', tmp_path)
        assert what in caught.value.what
        assert f"row 3, column {gone}" in caught.value.where


@pytest.mark.parametrize("name", ["../counts.csv", "/etc/passwd", "in/counts.csv", ".."])
def test_a_file_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        read(f'[counts]\nfile = "{name}"\n', tmp_path)


def test_counts_in_two_places_are_refused(tmp_path: Path) -> None:
    csv(tmp_path)
    with pytest.raises(InputError, match="stand here and in a file"):
        read(toml() + 'file = "counts.csv"\n', tmp_path)


def exported(folder: Path, text: str, encoding: str = "utf-8") -> str:
    (folder / "counts.csv").write_bytes(text.encode(encoding))
    return '[counts]\nfile = "counts.csv"\n'


PLAIN = "\n".join(",".join(one) for one in (HEAD, *ROWS)) + "\n"


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        "\ufeff" + PLAIN,
        PLAIN + "\n\r\n  \n",
        PLAIN + ",,,\n",
        PLAIN.replace("\n", "\n\n"),
        "\n" + PLAIN,
        PLAIN.replace("\n", "\r\n"),
        "\n".join(",".join(f'"{cell}"' for cell in one) for one in (HEAD, *ROWS)),
        "\ufeff" + "\r\n".join(",".join(f'"{cell}"' for cell in one) for one in (HEAD, *ROWS)),
    ],
)
def test_what_programs_export_is_read(tmp_path: Path, text: str) -> None:
    assert read(exported(tmp_path, text), tmp_path) == CELLS


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        (PLAIN.replace("basis", "base"), 'the column "base" is not known', "counts.csv, line 1"),
        (PLAIN.replace("errors", "basis"), "a column stands twice", "counts.csv, line 1"),
        (PLAIN.replace("errors", "bits"), "bit by bit", "counts.csv, line 1, column bits"),
        (PLAIN.replace(",", ";"), "is not known here", "counts.csv, line 1"),
        (PLAIN.replace("z,decoy,90,2", "z,decoy,90"), "has 3 columns", "counts.csv, line 3"),
        (PLAIN.replace("z,decoy,90,2", '"z,decoy,90,2'), "cannot be read", "counts.csv, line 3"),
        ("\n \n", "the table is empty", "counts.csv"),
    ],
)
def test_a_fault_is_placed_where_it_is_and_the_advice_fits(
    tmp_path: Path, text: str, what: str, where: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(exported(tmp_path, text), tmp_path)
    assert what in caught.value.what
    assert where in caught.value.where
    assert "line 2" not in caught.value.where.split("counts.csv", 1)[1]
    for word in ("first_line", "separator", "encoding"):
        assert word not in caught.value.next_step
    assert caught.value.next_step


def test_another_encoding_is_refused_with_advice_that_can_be_followed(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(exported(tmp_path, PLAIN.replace("decoy", "d\u00e9coy"), "latin-1"), tmp_path)
    assert "counts.csv, line 3, byte 4" in caught.value.where
    assert caught.value.next_step == "save it as UTF-8"
