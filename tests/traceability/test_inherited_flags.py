"""What is wrong with a curve is said of every result that rests on it."""

from __future__ import annotations

from qtrace.exchange.calibration_file import read_calibration
from qtrace.traceability.evaluate import evaluate_calibration
from qtrace.traceability.inherited_flags import inherited_flags
from qtrace.uncertainty.network import Network

FILE = """\
[calibration]
id = "C"
device = "D"
laboratory = "L"
route = "accredited"
performed = 2021-06-01T12:00:00Z
[[fit]]
name = "f"
measurand = "responsivity"
argument = "power"
argument_unit = "mW"
unit = "A/W"
model = "line"
method = "wls"
readings = [[1, 1.0, 0.01], [2, 2.0, 0.01], [3, 3.2, 0.01], [4, 4.0, 0.01], [5, 5.0, 0.01]]
lack_of_fit = "flag"
[[curve]]
name = "g"
measurand = "responsivity"
argument = "power"
argument_unit = "mW"
unit = "A/W"
points = [[1, 1.0, 0.01], [2, 2.0, 0.01], [3, 3.0, 0.01]]
interpolant = "linear"
[input.v]
curve = "f"
at = "3 mW"
[input.reading]
value = "3.2 A/W"
u = "0.05 A/W"
[input.w]
curve = "f"
inverse_of = "reading"
[input.t]
curve = "g"
at = "1.5 mW"
[[result]]
name = "level"
measurand = "optical_power"
model = "w"
[[result]]
name = "first"
measurand = "responsivity"
model = "v"
[[result]]
name = "second"
measurand = "responsivity"
model = "first + t - t"
[[result]]
name = "table"
measurand = "responsivity"
model = "t"
"""


def test_lack_of_fit_and_a_missing_interpolation_error_reach_the_issued_results() -> None:
    draft = read_calibration(FILE.encode(), name="c.toml")
    found = evaluate_calibration(draft, {}, network=Network({}, {}), about={}, metrics={}, ages={})
    flags = {one.name: one.flags for one in found.results}
    lack = flags["v_at_use"][0]
    assert lack.startswith("lack of fit: chi-square 320 on 3")
    assert flags["first"] == flags["level"] == (lack,)
    missing = "interpolation error not stated by the curve"
    assert flags["table"] == (missing,)
    assert flags["second"] == (lack, missing)
    assert {one.name: one.flags for one in found.about.values()} == flags


def test_other_flags_stay_where_they_are_and_each_is_said_once() -> None:
    lack = "lack of fit: p = 0"
    assert inherited_flags([[lack, "below the claim"], [lack]]) == (lack,)
