"""A curve from its table to a run, a sealed document and the audit; its weights cannot be bent."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from stranger import Laboratory, tamper

ARITHMETIC = 1e-8  # relative: six points, a spline, texts of ten digits
SAMPLED = 0.03  # four standard deviations of u from 20000 draws of a normal
LABEL = "CAL-CURVE/system_detection_efficiency"
USE = "RUN-CURVE/use/receiver_a/system_detection_efficiency"
NANOMETRES = (1540.0, 1545.0, 1548.0, 1552.0, 1555.0, 1560.0)
VALUES = (0.925, 0.930, 0.934, 0.937, 0.9375, 0.936)
OWN, RADIOMETER, COMMON, ERROR = 0.002, 0.002, 0.001, 0.0005
CURVE = f"""\
[calibration]
id = "CAL-CURVE"
device = "SNSPD-D1"
laboratory = "NIST-Boulder"
performed = 2021-06-20T12:00:00Z
state = "as_left"
procedure = "substitution"
validation = "comparison"

[input.radiometer]
value = 1
u = {RADIOMETER}
end = "own_realisation"
statement = "cryogenic radiometer"

[[curve]]
measurand = "system_detection_efficiency"
conditions = {{ photon_rate = "2.4e5 /s", polarization = "maximum", bias = "0.53 V" }}
argument = "wavelength"
argument_unit = "nm"
points = {[[x, y, OWN] for x, y in zip(NANOMETRES, VALUES, strict=True)]}
interpolant = "cubic_spline"
interpolation_error = {{ u_relative = {ERROR}, correlation_length = "2 nm", source = "dense table" }}
common_u_relative = {COMMON}
effects = [{{ input = "radiometer", relative = 1 }}]
drift = {{ bound = "0.2 %/a", source = "history" }}
end = "counting"
"""
REUSE = """\
[calibration]
id = "CAL-REUSE"
device = "SNSPD-D1"
laboratory = "NIST-Boulder"
performed = 2021-12-20T12:00:00Z
procedure = "comparison"
validation = "comparison"

[input.wavelength]
value = "1550.0 nm"
u = "0.1 nm"
instrument = "LASER-1"
instrument_kind = "wavelength"

[input.eta]
curve = "CAL-CURVE/system_detection_efficiency"
at = "wavelength"

[input.near]
curve = "CAL-CURVE/system_detection_efficiency"
at = "1550.5 nm"
at_u = "0.1 nm"
at_statement = "setting"

[[result]]
name = "ratio"
measurand = "detection_efficiency_at_rate"
model = "eta / near"
"""


def with_run(
    own: Laboratory,
    *,
    wavelength: str = "1550.5 nm",
    name: str = "RUN-CURVE",
    u: str = "0.1 nm",
) -> str:
    """Return a file with the shipped run under another name, at a wavelength with its u."""
    text = own.read("input/synthetic_link/run.toml").replace("RUN-SYNTHETIC", name)
    asked = f'wavelength = "{wavelength}", wavelength_u = "{u}"'
    head, mark, tail = text.partition('wavelength = "1550.5 nm"')
    return own.write("run.toml", head + mark.replace(mark, asked) + tail)


@pytest.fixture
def curved(own: Laboratory) -> Laboratory:
    """The walked laboratory with a curve on record, and a run that was recomputed with it."""
    for line in (
        f"calibration add {own.write('curve.toml', CURVE)}",
        f"run add {with_run(own)}",
        "recompute RUN-CURVE",
    ):
        done = own.qtrace(line)
        assert done.code == 0, done.said
    return own


def spline(x: float) -> tuple[float, np.ndarray, float]:
    """Return value, weights and slope per nm from scipy."""
    weights = np.asarray(CubicSpline(NANOMETRES, np.eye(6))(x))
    slope = float(CubicSpline(NANOMETRES, VALUES)(x, 1))
    return float(weights @ np.array(VALUES)), weights, slope


def test_a_run_takes_the_curve_at_its_wavelength(curved: Laboratory) -> None:
    (found,) = curved.qtrace(f"trace {USE} --monte-carlo 20000 --lines 20").answer
    value, weights, slope = spline(1550.5)
    statement = found["statement"]
    assert float(statement["value"]) == pytest.approx(value, rel=ARITHMETIC)
    elapsed = 11 * 86400.0  # from 20 June to 1 July
    drift = value * elapsed * 0.002 / (365.25 * 86400.0) / math.sqrt(3.0)
    wanted = math.sqrt(
        float(np.sum((weights * OWN) ** 2))
        + (value * RADIOMETER) ** 2
        + (value * COMMON) ** 2
        + (value * ERROR) ** 2
        + drift**2
        + (slope * 0.1) ** 2
    )
    assert float(statement["standard_uncertainty"]) == pytest.approx(wanted, rel=ARITHMETIC)
    assert float(found["monte_carlo"]["standard_uncertainty"]) == pytest.approx(wanted, rel=SAMPLED)
    names = {one.partition("/")[2] for one in found["budget"]["owners"]}
    assert "system_detection_efficiency/interpolation_error@5" in names
    assert "system_detection_efficiency/drift_rate" in names
    assert found["chain"]["breaks"] == []


def test_the_chain_draws_the_curve_as_one(curved: Laboratory) -> None:
    (found,) = curved.qtrace(f"trace {USE}").answer
    nodes = {one["title"]: one["lines"] for one in found["chain"]["nodes"]}
    assert "curve, 6 points" in nodes[LABEL]
    assert not any("@" in title for title in nodes)


def test_documents_carry_curves_and_verify(curved: Laboratory) -> None:
    scheme = "--scheme demonstration-link --run RUN-CURVE"
    assert curved.qtrace(f"assess LINK-SYNTHETIC {scheme}").code == 0
    sealed = curved.qtrace(f"certify LINK-SYNTHETIC {scheme} --key lab --bundle b.json")
    assert sealed.code in {0, 1}, sealed.said
    verified = curved.qtrace("certificate verify b.json --key keys/lab.pub.json")
    assert verified.code == 0, verified.said
    assert curved.qtrace("audit --all").code == 0


def test_a_bend_within_u_of_the_wavelength_travels_with_documents(own: Laboratory) -> None:
    own.qtrace(f"calibration add {own.write('curve.toml', CURVE)}")
    added = own.qtrace(f"run add {with_run(own, u='4 nm')}")
    assert added.code == 0, added.said
    assert own.qtrace("recompute RUN-CURVE").code == 0
    (found,) = own.qtrace(f"trace {USE} --monte-carlo 100000").answer
    statement, drawn = found["statement"], found["monte_carlo"]
    assert any("bends within u of the wavelength" in flag for flag in statement["flags"])
    u = float(statement["standard_uncertainty"])
    assert float(drawn["standard_uncertainty"]) == pytest.approx(u, rel=SAMPLED)
    scheme = "--scheme demonstration-link --run RUN-CURVE"
    assert own.qtrace(f"assess LINK-SYNTHETIC {scheme}").code in {0, 1}
    sealed = own.qtrace(f"certify LINK-SYNTHETIC {scheme} --key lab --bundle b.json")
    assert sealed.code in {0, 1}, sealed.said
    verified = own.qtrace("certificate verify b.json --key keys/lab.pub.json")
    assert verified.code == 0, verified.said
    assert own.qtrace("audit --all").code == 0


def test_a_run_outside_the_curve_is_refused(own: Laboratory) -> None:
    own.qtrace(f"calibration add {own.write('curve.toml', CURVE)}")
    refused = own.qtrace(f"run add {with_run(own, wavelength='1560.5 nm', name='RUN-FAR')}")
    assert refused.code == 2
    assert "wavelength: calibrated at 1540 nm .. 1560 nm, used at 1560.5 nm" in refused.said


def test_another_calibration_takes_it_with_drift_and_correlation(curved: Laboratory) -> None:
    added = curved.qtrace(f"calibration add {curved.write('reuse.toml', REUSE)}")
    assert added.code == 0, added.said
    by_name = {one["label"].rpartition("/")[2]: one for one in added.answer["results"]}
    value, _, slope = spline(1550.0)
    eta = by_name["eta_at_use"]
    assert float(eta["value"]) == pytest.approx(value, rel=ARITHMETIC)
    assert float(eta["tree_uncertainty"]) < float(eta["standard_uncertainty"])  # radiometer
    # Nearly the same place on one curve: most of u cancels in the ratio.
    ratio = float(by_name["ratio"]["standard_uncertainty"])
    assert ratio < 0.4 * float(eta["standard_uncertainty"]) / value
    assert abs(slope) * 0.1 / value * math.sqrt(2.0) < ratio
    assert curved.qtrace("audit --all").code == 0


def test_a_curve_that_is_not_there_or_too_short_is_refused(curved: Laboratory) -> None:
    for old, new, says in (
        ("/system_detection_efficiency", "/sde", "curves of CAL-CURVE: CAL-CURVE/system_detection"),
        ("CAL-CURVE/", "CAL-CURSE/", "no event called"),
        ('at = "1550.5 nm"', 'at = "1560.5 nm"', "outside the calibrated range"),
        ('value = "1550.0 nm"', 'value = "1.5 W"', "dimension"),
    ):
        refused = curved.qtrace(
            f"calibration add {curved.write('bad.toml', REUSE.replace(old, new))}"
        )
        assert refused.code == 2
        assert says in refused.said
        assert "bad.toml" in refused.said


def test_a_curve_is_printed_and_drawn(curved: Laboratory) -> None:
    shown = curved.qtrace(f"calibration curve {LABEL}", "--at", "1550.5 nm", "--svg", "c.svg")
    assert shown.code == 0, shown.said
    (asked,) = shown.answer["asked"]
    value, weights, slope = spline(1550.5)
    u = math.sqrt(
        float(np.sum((weights * OWN) ** 2)) + value**2 * (RADIOMETER**2 + COMMON**2 + ERROR**2)
    )
    assert float(asked["value"]) == pytest.approx(value, rel=ARITHMETIC)
    assert float(asked["standard_uncertainty"]) == pytest.approx(u, rel=ARITHMETIC)
    assert float(asked["slope"]) == pytest.approx(slope, rel=1e-6)
    drawing = curved.read("c.svg")
    assert drawing.count("<circle") == len(VALUES)
    assert "<script" not in drawing
    text = curved.qtrace(f"calibration curve {LABEL}", text=True)
    assert all(len(line) <= 80 for line in text.out.splitlines())
    assert "1548" in text.out
    for wrong, says in (("1539 nm", "outside the calibrated range"), ("1 W", "is no vacuum")):
        refused = curved.qtrace(f"calibration curve {LABEL}", "--at", wrong)
        assert refused.code == 2
        assert says in refused.said
    assert curved.qtrace("calibration curve CAL-CURVE/nothing").code == 2


def test_an_event_with_a_curve_is_traced_by_one_point(curved: Laboratory) -> None:
    assert len(curved.qtrace("trace CAL-CURVE").answer) == 1
    (one,) = curved.qtrace(f"trace {LABEL}").answer
    assert one["statement"]["label"] == f"{LABEL}@1552"


IN_USE = (
    "(SELECT r.id FROM result r JOIN event e ON e.id = r.event_id "
    "WHERE e.label = 'RUN-CURVE/use/receiver_a' AND r.name = 'system_detection_efficiency')"
)
POINT = "(SELECT id FROM result WHERE name = 'system_detection_efficiency@1548')"
# What is changed behind the program's back (table, change, row), and what the arithmetic of the
# audit says of it.
LIES = {
    "a weight of a point": (
        ("argument", "sensitivity = sensitivity * 1.01"),
        f"result_id = {IN_USE} AND name = 'system_detection_efficiency@1552'",
        "sensitivity to system_detection_efficiency@1552",
    ),
    "the interpolation error": (
        ("argument", "sensitivity = sensitivity * 0.5"),
        f"result_id = {IN_USE} AND name LIKE '%interpolation_error@5'",
        "sensitivity to system_detection_efficiency/interpolation_error@5",
    ),
    "the slope": (
        ("argument", "sensitivity = 0"),
        f"result_id = {IN_USE} AND name = 'wavelength'",
        "sensitivity to wavelength",
    ),
    "the drift": (
        ("argument", "sensitivity = 1"),
        f"result_id = {IN_USE} AND name = 'drift_rate'",
        "sensitivity to drift_rate",
    ),
    "the value in use": (("result", "value = value + 0.001"), f"id = {IN_USE}", "value is"),
    "the value of a point": (("result", "value = value + 0.001"), f"id = {POINT}", "value is"),
    "what a point shares": (
        ("argument", "sensitivity = 0"),
        f"result_id = {POINT} AND name = 'radiometer'",
        "sensitivity to radiometer",
    ),
    "the interpolant": (
        ("model", "text = 'linear'"),
        "text = 'cubic_spline'",
        "is interpolated by cubic_spline/1",
    ),
}


@pytest.mark.parametrize("lie", LIES, ids=str)
def test_a_bent_curve_is_found_by_arithmetic(curved: Laboratory, lie: str) -> None:
    (table, change), row, says = LIES[lie]
    tamper(curved, f"UPDATE {table} SET {change} WHERE {row}")  # noqa: S608
    audited = curved.qtrace("audit --all")
    assert audited.code == 3
    arithmetic = [one["what"] for one in audited.answer["findings"] if one["check"] == "arithmetic"]
    assert any(says in what for what in arithmetic), arithmetic


def test_a_use_moved_outside_its_points_breaks_the_chain(curved: Laboratory) -> None:
    moved = "conditions_json = replace(conditions_json, '1550.5', '1660.5')"
    row = f"id = (SELECT measurand_id FROM result WHERE id = {IN_USE})"  # noqa: S608
    tamper(curved, f"UPDATE measurand SET {moved} WHERE {row}")  # noqa: S608
    (found,) = curved.qtrace(f"trace {USE}").answer
    (broken,) = found["chain"]["breaks"]
    assert broken["name"] == "outside range or conditions"
    assert "outside calibrated range: wavelength" in broken["reason"]


FIT = """\
[calibration]
id = "CAL-FIT"
device = "CPM-1"
laboratory = "NIST-Boulder"
performed = 2021-06-20T12:00:00Z
procedure = "p"
validation = "v"

[[fit]]
name = "line"
measurand = "responsivity"
argument = "power"
argument_unit = "mW"
unit = "A/W"
model = "line"
method = "wtls"
readings = [[1, 0.90, 0.01, 0.1], [2, 0.96, 0.01, 0.1], [3, 1.00, 0.01, 0.1], [4, 1.05, 0.01, 0.1]]
drift = { bound = "1 %/a", source = "history" }
end = "ratio_on_one_instrument"
statement = "one meter"
"""
FIT_USE = """\
[calibration]
id = "CAL-FIT-USE"
device = "CPM-1"
laboratory = "NIST-Boulder"
performed = 2021-12-20T12:00:00Z
procedure = "p"
validation = "v"

[input.reading]
value = "0.98 A/W"
u = "0.002 A/W"
end = "counting"

[input.forward]
curve = "CAL-FIT/line"
at = "2.5 mW"

[input.back]
curve = "CAL-FIT/line"
inverse_of = "reading"

[[result]]
measurand = "optical_power"
model = "back * forward / forward"
"""


OF_THE_FIT = (
    "(SELECT min(a.result_id) FROM argument a JOIN result r ON r.id = a.result_id "
    "JOIN event e ON e.id = r.event_id WHERE e.label LIKE 'CAL-FIT%' AND a.name = '{what}')"
)


def test_a_fit_goes_the_whole_way(own: Laboratory, tmp_path: Path) -> None:
    for name, text in (("fit.toml", FIT), ("fit_use.toml", FIT_USE)):
        done = own.qtrace(f"calibration add {own.write(name, text)}")
        assert done.code == 0, done.said
    assert own.qtrace("audit --all").code == 0
    shown = own.qtrace("calibration curve CAL-FIT/line", "--at", "2.5 mW", "--svg", "f.svg")
    assert own.read("f.svg").count("<circle") == 4  # its readings
    assert len(shown.answer["readings"]) == 4
    assert [one["label"] for one in shown.answer["coefficients"]] == [
        "CAL-FIT/line.p0",
        "CAL-FIT/line.p1",
    ]
    printed = own.qtrace("calibration curve CAL-FIT/line", text=True).said
    assert "wtls of order 1: 4 readings" in printed
    assert "r(line.p0, line.p1) = -0." in printed
    (traced,) = own.qtrace("trace CAL-FIT-USE/back_at_use").answer
    assert traced["statement"]["kind"] == "optical_power"
    assert [one["name"] for one in traced["chain"]["breaks"]] == ["no programme"]
    for what, says in (
        ("x@2", "sensitivity to x@2"),
        ("y@2", "sensitivity to y@2"),
        ("drift_rate", "sensitivity to drift_rate"),
    ):
        broken = own.copy(tmp_path / what)
        first = OF_THE_FIT.format(what=what)
        row = f"name = '{what}' AND result_id = {first}"
        change = "sensitivity = sensitivity * 1.01"
        tamper(broken, f"UPDATE argument SET {change} WHERE {row}")  # noqa: S608
        found = broken.qtrace("audit --all")
        assert found.code == 3
        assert says in found.said


DATA = os.environ.get("QTRACE_REFERENCE_DATA", "")
DIODES = Path(DATA) / "photodiode_responsivity"
TABLE = """\
[calibration]
id = "CAL-{name}"
device = "PD-{name}"
laboratory = "NIST-Boulder"
performed = 2010-12-15T12:00:00Z
procedure = "report 280316"
validation = "as reported"

[[curve]]
name = "responsivity"
measurand = "spectral_responsivity"
argument = "wavelength"
argument_unit = "nm"
unit = "A/W"
table = "{name}.csv"
encoding = "latin-1"
first_line = 6
columns = {{ argument = 1, value = 2, U_relative = 3, ignored = [4, 5] }}
uncertainty_unit = "%"
k = 2
interpolant = "cubic_spline"

[input.wavelength]
value = "850 nm"
u = "0 nm"

[input.R]
curve = "responsivity"
at = "wavelength"

[[result]]
measurand = "external_quantum_efficiency"
model = "R * h * c / (e * wavelength)"
"""
DEVICE = """\
[[device]]
id = "PD-{name}"
class = "photodiode"
manufacturer = "Hamamatsu"
model = "S2281"
serial = "{name}"
"""


@pytest.mark.skipif(not DATA, reason="QTRACE_REFERENCE_DATA names no folder of measured data")
@pytest.mark.parametrize(("name", "efficiency"), [("OD142", 0.6599), ("OD143", 0.6600)])
def test_a_measured_responsivity_curve(own: Laboratory, name: str, efficiency: float) -> None:
    """Two photodiodes, 350 nm to 1100 nm: lsst-camera-dh/eotest, report 280316 of 2010."""
    own.write(f"{name}.csv", (DIODES / f"{name}.csv").read_bytes())
    own.qtrace(f"device add {own.write('device.toml', DEVICE.format(name=name))}")
    added = own.qtrace(f"calibration add {own.write('diode.toml', TABLE.format(name=name))}")
    assert added.code == 0, added.said
    by_name = {one["label"].rpartition("/")[2]: one for one in added.answer["results"]}
    assert float(by_name["external_quantum_efficiency"]["value"]) == pytest.approx(
        efficiency, abs=5e-5
    )
    (traced,) = own.qtrace(f"trace CAL-{name}/responsivity").answer
    # The file names no laboratory that certifies it: nothing ends this chain.
    assert [one["name"] for one in traced["chain"]["breaks"]] == ["end missing"]


@pytest.mark.skipif(not DATA, reason="QTRACE_REFERENCE_DATA names no folder of measured data")
@pytest.mark.parametrize(
    ("interpolant", "inside", "worst"), [("linear", 73, 0.0137), ("cubic_spline", 75, 0.0058)]
)
def test_every_second_point_gives_the_others_back(
    own: Laboratory, interpolant: str, inside: int, worst: float
) -> None:
    """From 10 nm to 5 nm, against U of the point left out; the worst is at 1065 nm."""
    rows = (DIODES / "OD142.csv").read_bytes().splitlines()
    own.write("OD142.csv", b"\n".join(rows[:5] + rows[5::2]))
    own.qtrace(f"device add {own.write('device.toml', DEVICE.format(name='OD142'))}")
    text = TABLE.format(name="OD142").replace('"cubic_spline"', f'"{interpolant}"')
    own.qtrace(f"calibration add {own.write('d.toml', text)}")
    left_out = [line.decode("latin-1").split(",") for line in rows[6::2]]
    asked = [word for cells in left_out for word in ("--at", f"{cells[0]} nm")]
    found = own.qtrace("calibration curve CAL-OD142/responsivity", *asked).answer["asked"]
    away = [
        abs(float(one["value"]) / float(cells[1]) - 1.0)
        for one, cells in zip(found, left_out, strict=True)
    ]
    within = [a <= float(cells[2]) / 100.0 for a, cells in zip(away, left_out, strict=True)]
    assert (sum(within), len(away)) == (inside, 75)
    assert max(away) == pytest.approx(worst, abs=5e-5)
    assert left_out[away.index(max(away))][0] == "1065"
