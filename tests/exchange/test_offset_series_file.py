"""Series of offsets in CSV: on a grid, gaps stay gaps, refusals with their line."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.exchange.offset_series_file import OffsetSeries, read_offset_series

GOOD = """\
# written by a counter
time_s,offset_ns,u_ps
0,12.5,50

37,12.75,50
111,-1e1,60
"""


def read(folder: Path, text: str, interval_s: float = 37.0) -> OffsetSeries:
    path = folder / "offsets.csv"
    path.write_text(text, encoding="utf-8")
    return read_offset_series(path, interval_s=interval_s)


def test_units_gaps_and_comments(tmp_path: Path) -> None:
    series = read(tmp_path, GOOD)
    assert series.offset_s[[0, 1, 3]].tolist() == [12.5e-9, 12.75e-9, -1e-8]
    assert math.isnan(series.offset_s[2])
    assert series.u_s[3] == 6e-11
    assert (series.given, series.missing) == (3, 1)
    assert series.elapsed_s.tolist() == [0.0, 37.0, 74.0, 111.0]


def test_an_empty_offset_is_a_gap_and_u_may_miss(tmp_path: Path) -> None:
    series = read(tmp_path, "time_s,offset_s\n0,1e-9\n1,\n2,3e-9\n", 1.0)
    assert math.isnan(series.offset_s[1])
    assert all(math.isnan(u) for u in series.u_s)


def test_a_file_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "offsets.csv"
    path.write_bytes(b"\xef\xbb\xbftime_s,offset_us\r\n0,1.0\r\n2,2.0\r\n")
    assert read_offset_series(path, interval_s=2.0).offset_s.tolist() == [1e-6, 2e-6]


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("", "is empty", 0),
        ("time_s,offset_ns\n0,1\n", "1 offsets are no series", 0),
        ("time_s,delay_ns\n0,1\n1,2\n", "'delay_ns' is not known", 1),
        ("time_s,offset_min\n0,1\n1,2\n", "'offset_min' is not known", 1),
        ("time_s,time_s\n0,1\n1,2\n", "once each", 1),
        ("time_s,offset_ns\n0,1\n37,nan\n", "'nan' is no number", 3),
        ("time_s,offset_ns\n0,1\n37,1 ns\n", "'1 ns' is no number", 3),
        ("time_s,offset_ns\n0,1\n37\n", "1 cells for 2 columns", 3),
        ("time_s,offset_ns\n0,1\n40,2\n", "not on the grid", 3),
        ("time_s,offset_ns\n0,1\n0,2\n", "does not come after", 3),
        ("time_s,offset_ns\n37,1\n0,2\n", "does not come after", 3),
        ("time_s,offset_ns,u_ns\n0,1,-1\n37,2,1\n", "u is below zero", 2),
        ("time_s,offset_ns\n0,1\n37,\n", "fewer than two offsets", 0),
        ("time_s,offset_ns\n0,1\n1e12,2\n", "too many", 0),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(
    tmp_path: Path, text: str, what: str, line: int
) -> None:
    with pytest.raises(InputError, match=what) as caught:
        read(tmp_path, text, 37.0 if "1e12" not in text else 1e-3)
    assert "offsets.csv" in caught.value.where
    if line:
        assert caught.value.where.endswith(f"line {line}")


@given(st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=30))
def test_numbers_come_back_to_the_last_digit(offsets: list[int]) -> None:
    """Whole femtoseconds, written in ps with three decimals."""
    import tempfile

    rows = "\n".join(f"{k},{n / 1000:.3f}" for k, n in enumerate(offsets))
    with tempfile.TemporaryDirectory() as folder:
        series = read(Path(folder), f"time_s,offset_ps\n{rows}\n", 1.0)
    # one rounding to a double
    assert series.offset_s.tolist() == [float(f"{n}e-15") for n in offsets]
