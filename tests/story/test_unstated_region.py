"""Points of a certificate whose correlation nobody states: regions and correlations say so."""

from __future__ import annotations

from pathlib import Path

import pytest
from stranger import Laboratory

from qtrace.uncertainty.multivariate import Rectangle, rectangular_factor

REGISTER = """\
[[laboratory]]
id = "LAB-A"
name = "A"
country = "NO"

[[device]]
id = "M-1"
class = "power_meter"
manufacturer = "Maker"
model = "X"
serial = "1"
"""
UNSTATED = """\
[calibration]
id = "UNK"
device = "M-1"
laboratory = "LAB-A"
performed = 2021-06-01T12:00:00Z
route = "accredited"

[input.a]
value = "2.000 mW"
u = "0.030 mW"
end = "own_realisation"
statement = "x"

[input.b]
value = "3.000 mW"
u = "0.040 mW"
end = "own_realisation"
statement = "x"

[[correlation]]
names = ["a", "b"]
kind = "unknown"
reason = "the certificate does not say"

[[result]]
name = "s"
measurand = "optical_power"
model = "a + b"

[[result]]
name = "d"
measurand = "optical_power"
model = "b - a"

[[result]]
name = "one"
measurand = "optical_power"
model = "a"

[[result]]
name = "other"
measurand = "optical_power"
model = "b"
"""
NOTE = "if points of a certificate whose correlation is not stated are independent"


@pytest.fixture
def bench(tmp_path: Path) -> Laboratory:
    laboratory = Laboratory(tmp_path)
    assert laboratory.qtrace("init").code == 0
    laboratory.qtrace(f"laboratory add {laboratory.write('register.toml', REGISTER)}")
    return laboratory


def test_the_region_is_not_narrower_than_the_stated_u(bench: Laboratory) -> None:
    assert bench.qtrace(f"calibration add {bench.write('u.toml', UNSTATED)}").code == 0
    answer = bench.qtrace("region UNK/s UNK/d --monte-carlo 20000").answer
    assert [float(u) for u in answer["standard_uncertainties"]] == pytest.approx([7e-5, 7e-5])
    stated = answer["stated"]
    assert stated["ellipse"] is None
    assert answer["drawn_ellipse"] is None
    # Each alone leaves 2.5 % outside: 2.2414, whatever correlates them.
    bonferroni = rectangular_factor(2, 0.95, rule=Rectangle.BONFERRONI)
    assert float(stated["rectangle"]) == pytest.approx(bonferroni, rel=1e-9)
    text = bench.qtrace("region UNK/s UNK/d", text=True)
    assert "u is the larger of the independent one and its bound" in text.said
    assert "r takes them as independent" in text.said
    assert max(map(len, text.out.splitlines())) <= 80


def test_two_points_alone_have_no_ellipse_either(bench: Laboratory) -> None:
    """Nothing is unknown within each of them, and everything between them."""
    bench.qtrace(f"calibration add {bench.write('u.toml', UNSTATED)}")
    stated = bench.qtrace("region UNK/one UNK/other").answer["stated"]
    assert (stated["ellipse"], stated["unstated"]) == (None, True)


def test_a_correlation_that_counts_as_zero_what_is_not_known_says_so(bench: Laboratory) -> None:
    name = bench.write("u.toml", UNSTATED)
    added = bench.qtrace(f"calibration add {name} --dry-run", text=True)
    assert f"r(s, d) = 0.2800, {NOTE}" in added.said
    assert f"r(one, other) = 0.0000, {NOTE}" in added.said
    assert max(map(len, added.out.splitlines())) <= 80
    recorded = bench.qtrace(f"calibration add {name}").answer
    assert ["UNK/s", "UNK/d"] in recorded["unstated"]
    answer = bench.qtrace("correlation UNK/s UNK/d --all-with UNK/s")
    assert answer.answer["unstated"] == [["UNK/s", "UNK/d"]]
    assert all(one["unstated"] for one in answer.answer["company"])
    text = bench.qtrace("correlation UNK/s UNK/d", text=True)
    assert "states no correlation, of: UNK/s and UNK/d" in text.said
