"""Stability of records in files: published values through the command, refusals with their line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from stranger import Laboratory

# NIST SP 1065 (2008), 12.4: nine frequencies, and what ADEV, MDEV, TDEV, HDEV are at tau 1 and 2.
NBS_9 = (892, 809, 823, 798, 671, 644, 883, 903, 677)
PUBLISHED = {
    "adev": (91.22945, 115.8082),
    "oadev": (91.22945, 85.95287),
    "mdev": (91.22945, 74.78849),
    "tdev": (52.67135, 86.35831),
    "hdev": (70.80607, 116.7980),
    "totdev": (91.22945, 93.90379),
}
PRINTED = 5e-7  # relative: seven digits are printed


@pytest.fixture
def bench(tmp_path: Path) -> Laboratory:
    bench = Laboratory(tmp_path)
    bench.write("nbs.txt", "# SP 1065\n" + "\n".join(map(str, NBS_9)) + "\n")
    return bench


def test_published_values_come_out(bench: Laboratory) -> None:
    names = ",".join(PUBLISHED)
    rows = bench.qtrace(
        f"metric stability nbs.txt --data frequency --factors 1,2 --estimators {names}",
        "--interval",
        "1 s",
    ).answer["rows"]
    found = {(one["name"], one["seconds"]): float(one["value"]) for one in rows}
    for name, (first, second) in PUBLISHED.items():
        assert found[name, "1 s"] == pytest.approx(first, rel=PRINTED)
        assert found[name, "2 s"] == pytest.approx(second, rel=PRINTED)


def test_phases_have_a_unit_and_gaps_stay_gaps(bench: Laboratory) -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(0.0, 1.0, 200)
    lines = [f"{one:.9f}" for one in x]
    bench.write("whole.txt", "\n".join(lines))
    lines[50] = "nan"
    bench.write("gap.txt", "\n".join(lines))
    ask = ("--interval", "1 s", "--unit", "ps", "--estimators", "mdev,mtie")
    whole = bench.qtrace("metric stability whole.txt", *ask).answer
    gap = bench.qtrace("metric stability gap.txt", *ask).answer
    assert (whole["missing"], gap["missing"]) == (0, 1)
    assert float(whole["rows"][0]["value"]) == pytest.approx(np.sqrt(3.0) * 1e-12, rel=0.15)
    assert "198 terms" in whole["rows"][0]["method"]
    assert "195 terms" in gap["rows"][0]["method"]
    refused = bench.qtrace("metric stability gap.txt --gaps refuse", *ask)
    assert refused.code == 2


@pytest.mark.parametrize(
    ("content", "more", "what"),
    [
        ("1\n2\nthree\n", (), "'three' is no number"),
        ("1\n2\n", (), "2 numbers are no record"),
        ("1 2\n3 4\n", (), "'1 2' is no number"),
        ("1\n2\n3\n4\n", ("--estimators", "ardev"), "did you mean"),
        ("1\n2\n3\n4\n", ("--factors", "x"), "no averaging factors"),
        ("1\n2\n3\n4\n", ("--factors", "9", "--estimators", "mdev"), "9"),
        ("1\n2\n3\n4\n", ("--data", "both"), "neither phase nor frequency"),
        ("1\n2\n3\n4\n", ("--unit", "m"), "no time above zero"),
    ],
)
def test_what_is_wrong_is_refused(
    bench: Laboratory, content: str, more: tuple[str, ...], what: str
) -> None:
    bench.write("x.txt", content)
    answer = bench.qtrace("metric stability x.txt", "--interval", "1 s", *more)
    assert answer.code == 2
    assert what in answer.err + answer.out


def test_a_clock_file_wants_its_direction(bench: Laboratory) -> None:
    rows = "\n".join(f"{50000 + 5 * k}.00 {1e-9 * (k % 7)}" for k in range(40) if k != 20)
    bench.write("ab.clk", f"# B A\n{rows}\n")
    ask = ("--interval", "5 d", "--estimators", "tdev")
    assert "--direction" in bench.qtrace("metric stability ab.clk", *ask).err
    wrong = bench.qtrace("metric stability ab.clk", *ask, "--direction", "B - A")
    assert wrong.code == 2
    done = bench.qtrace("metric stability ab.clk", *ask, "--direction", "A - B").answer
    assert (done["samples"], done["missing"]) == (40, 1)
    later = bench.qtrace(
        "metric stability ab.clk", *ask, "--direction", "A - B", "--since", "50150"
    ).answer
    assert later["samples"] == 10


def test_the_table_fits_the_terminal(bench: Laboratory) -> None:
    out = bench.qtrace(
        "metric stability nbs.txt --data frequency", "--interval", "1 s", text=True
    ).out
    assert max(map(len, out.splitlines())) <= 80
    assert "fewer than 5 degrees of freedom" in out
