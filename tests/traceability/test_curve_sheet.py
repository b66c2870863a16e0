"""Curves and fits of a calibration file, evaluated: u, covariance and use against plain matrices."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from qtrace.errors import InputError, UnitError
from qtrace.exchange.calibration_file import read_calibration
from qtrace.traceability.evaluate import EvaluatedCalibration, evaluate_calibration
from qtrace.uncertainty.network import (
    Network,
    correlation,
    covariance,
    input_sensitivities,
    standard_uncertainty,
)

Array = NDArray[np.float64]
ARITHMETIC = 1e-9  # relative: sums of some dozen products, splines of condition below 100
HEAD = """\
[calibration]
id = "C"
device = "D"
laboratory = "L"
route = "accredited"
performed = 2021-06-01T12:00:00Z
"""
# Thirty wavelengths, 1 nm apart, of a smooth made-up curve; three effects that all points share.
WAVELENGTHS = [1535 + k for k in range(30)]
VALUES = [round(0.93 + 0.01 * math.sin(k / 9.0), 5) for k in range(30)]
OWN = 0.002
U_EFFECTS = (0.0018, 0.0014, 0.0008)
TILT = [round(0.5 + k / 30.0, 4) for k in range(30)]
THIRTY = f"""\
[input.radiometer]
value = 1
u = {U_EFFECTS[0]}
[input.amplifier]
value = 1
u = {U_EFFECTS[1]}
[input.stray]
value = 0
u = {U_EFFECTS[2]}
[[curve]]
name = "eta"
measurand = "system_detection_efficiency"
argument = "wavelength"
argument_unit = "nm"
points = {[[x, y, OWN] for x, y in zip(WAVELENGTHS, VALUES, strict=True)]}
effects = [
  {{ input = "radiometer", relative = 1 }},
  {{ input = "amplifier", relative = -1 }},
  {{ input = "stray", absolute = {TILT} }},
]
interpolant = "cubic_spline"
interpolation_error = {{ u = 0.0005, correlation_length = "3 nm", source = "denser tables" }}
"""


def evaluate(*parts: str) -> EvaluatedCalibration:
    draft = read_calibration("".join((HEAD, *parts)).encode(), name="c.toml")
    return evaluate_calibration(draft, {}, network=Network({}, {}), about={}, metrics={}, ages={})


def at(name: str, argument: str, *more: str, curve: str = "eta") -> str:
    return f'[input.{name}]\ncurve = "{curve}"\nat = "{argument}"\n' + "".join(more)


def u_of(found: EvaluatedCalibration, name: str) -> float:
    return standard_uncertainty(found.network, found.result_ids[name])


def points_covariance() -> Array:
    """Return the covariance of the thirty points, put together by hand."""
    y = np.array(VALUES)
    shared = np.stack([y, -y, np.array(TILT)], axis=1) * np.array(U_EFFECTS)
    return np.asarray(OWN**2 * np.eye(30) + shared @ shared.T)


def spline_weights(x: float) -> Array:
    return np.asarray(CubicSpline(np.array(WAVELENGTHS, dtype=float), np.eye(30))(x))


def test_points_share_what_the_file_says() -> None:
    found = evaluate(THIRTY)
    ids = [found.result_ids[f"eta@{x}"] for x in WAVELENGTHS]
    assert covariance(found.network, ids) == pytest.approx(points_covariance(), rel=ARITHMETIC)


def test_between_the_points_all_of_it_goes_on() -> None:
    found = evaluate(THIRTY, at("here", "1547.3 nm"))
    w = spline_weights(1547.3)
    (result,) = [one for one in found.results if one.name == "here_at_use"]
    assert result.value == pytest.approx(float(w @ np.array(VALUES)), rel=ARITHMETIC)
    wanted = math.sqrt(float(w @ points_covariance() @ w) + 0.0005**2)
    assert result.standard_uncertainty == pytest.approx(wanted, rel=ARITHMETIC)
    # Taken as independent, the points would claim less.
    diagonal = np.diag(np.diag(points_covariance()))
    independent = math.sqrt(float(w @ diagonal @ w) + 0.0005**2)
    assert independent < 0.96 * wanted
    assert result.model.text == "cubic_spline"
    assert result.model.version == "1"


def test_uses_at_neighbouring_arguments_are_correlated() -> None:
    found = evaluate(THIRTY, at("a", "1547.3 nm"), at("b", "1548.4 nm"))
    first, second = spline_weights(1547.3), spline_weights(1548.4)
    grid = [dict_of_hats(x) for x in (1547.3, 1548.4)]
    shared = sum(c * grid[1].get(k, 0.0) for k, c in grid[0].items())
    wanted = float(first @ points_covariance() @ second) + 0.0005**2 * shared
    u = [u_of(found, "a_at_use"), u_of(found, "b_at_use")]
    r = correlation(found.network, found.result_ids["a_at_use"], found.result_ids["b_at_use"])
    assert r == pytest.approx(wanted / (u[0] * u[1]), rel=ARITHMETIC)
    assert 0.0 < shared < 1.0


def dict_of_hats(x: float) -> dict[int, float]:
    """Return hat functions on nodes 1535, 1538, ..., of constant variance."""
    place = (x - 1535.0) / 3.0
    k, t = int(place), place - int(place)
    size = math.hypot(1.0 - t, t)
    return {k: (1.0 - t) / size, k + 1: t / size}


def test_at_a_point_nothing_is_interpolated() -> None:
    found = evaluate(THIRTY, at("here", "1547 nm"))
    k = WAVELENGTHS.index(1547)
    assert u_of(found, "here_at_use") == pytest.approx(
        math.sqrt(points_covariance()[k, k]), rel=ARITHMETIC
    )


def test_unknown_correlation_is_taken_at_its_bound() -> None:
    text = THIRTY.replace("interpolant =", 'correlation = "unknown"\ninterpolant =', 1)
    found = evaluate(text, at("here", "1547.5 nm"))
    w = spline_weights(1547.5)
    y = np.array(VALUES)
    shared = np.stack([y, -y, np.array(TILT)], axis=1) * np.array(U_EFFECTS)
    wanted = math.sqrt(
        float((OWN * np.sum(np.abs(w))) ** 2 + np.sum((w @ shared) ** 2)) + 0.0005**2
    )
    assert u_of(found, "here_at_use") == pytest.approx(wanted, rel=ARITHMETIC)


TWO = """\
[[curve]]
name = "eta"
measurand = "system_detection_efficiency"
argument = "wavelength"
argument_unit = "nm"
points = [[1545, 0.93, 0.002], [1555, 0.94, 0.002]]
interpolant = "linear"
interpolation_error = { u = 0, correlation_length = "all", source = "none" }
"""


def test_a_declared_matrix_and_a_common_part() -> None:
    declared = TWO + 'correlation = "declared"\nmatrix = [[1, 0.5], [0.5, 1]]\n'
    found = evaluate(declared, at("here", "1550 nm"))
    assert u_of(found, "here_at_use") == pytest.approx(0.002 * math.sqrt(0.75), rel=ARITHMETIC)
    common = evaluate(TWO + 'common_u_relative = "0.1 %"\n', at("here", "1550 nm"))
    wanted = math.hypot(0.002 * math.sqrt(0.5), 0.935e-3)
    assert u_of(common, "here_at_use") == pytest.approx(wanted, rel=ARITHMETIC)
    # What is in the u of the points already is taken out of their own parts: u stays.
    inside = evaluate(TWO + 'common_u_relative = "0.1 %"\nu_of_points = "all"\n')
    assert u_of(inside, "eta@1545") == pytest.approx(0.002, rel=ARITHMETIC)
    r = correlation(inside.network, inside.result_ids["eta@1545"], inside.result_ids["eta@1555"])
    assert r == pytest.approx(0.93e-3 * 0.94e-3 / 0.002**2, rel=ARITHMETIC)


def test_points_that_claim_less_than_they_share_are_refused() -> None:
    with pytest.raises(InputError, match="claims less"):
        evaluate(TWO + 'common_u_relative = "1 %"\nu_of_points = "all"\n')


# An ideal detector: one electron a photon, so that R = e wavelength / (h c).
PER_METRE = 1.602176634e-19 / (6.62607015e-34 * 299792458.0)
IDEAL = f"""\
[input.wavelength]
value = "1550.0 nm"
u = "0.5 nm"
[[curve]]
name = "R"
measurand = "spectral_responsivity"
argument = "wavelength"
argument_unit = "nm"
points = [["1500 nm", {PER_METRE * 1500e-9!r}, 0], ["1600 nm", {PER_METRE * 1600e-9!r}, 0]]
interpolant = "linear"
"""


def test_u_of_the_argument_enters_through_the_slope() -> None:
    """1550.0 in place of 1550.5 nm is 3.2e-4 of what is proportional to the wavelength."""
    more = 'at_u = "0.5 nm"\nat_statement = "setting"\n'
    found = evaluate(IDEAL, at("here", "1550.5 nm", more, curve="R"))
    (result,) = [one for one in found.results if one.name == "here_at_use"]
    assert result.standard_uncertainty / result.value == pytest.approx(3.2e-4, abs=0.05e-4)


def test_the_same_wavelength_in_curve_and_model_cancels() -> None:
    model = (
        '[[result]]\nmeasurand = "external_quantum_efficiency"\n'
        'model = "here * h * c / (e * wavelength)"\n'
    )
    found = evaluate(IDEAL, at("here", "wavelength", curve="R"), model)
    (result,) = [one for one in found.results if one.name == "external_quantum_efficiency"]
    assert result.value == pytest.approx(1.0, rel=1e-12)
    # d ln R / d ln wavelength = 1 and the photon energy takes it back.
    assert result.standard_uncertainty < 1e-12
    assert u_of(found, "here_at_use") > 1e-4


BENT = """\
[[curve]]
name = "eta"
measurand = "system_detection_efficiency"
argument = "wavelength"
argument_unit = "nm"
points = [[1540, 0.90, 1e-4], [1550, 0.94, 1e-4], [1560, 0.90, 1e-4]]
interpolant = "cubic_spline"
"""


def test_where_the_slope_misleads_the_use_says_so() -> None:
    """At the top of a parabola the slope is 0; one half of (f'' u^2)^2 is left."""
    more = 'at_u = "2 nm"\nat_statement = "setting"\n'
    found = evaluate(BENT, at("top", "1550 nm", more), at("edge", "1559 nm", more))
    flags = {one.name: one.flags for one in found.results}
    times = math.sqrt(1.0 + 0.5 * (8e-4 * 2.0**2 / 1e-4) ** 2)
    assert f"second order makes u {times:.2g} times" in flags["top_at_use"][-1]
    edge = "the calibrated range ends within u of the wavelength"
    assert flags["edge_at_use"][-1].startswith(edge)
    calm = evaluate(BENT, at("top", "1545 nm", more.replace("2 nm", "0.1 nm")))
    assert not any("bends" in flag for one in calm.results for flag in one.flags)


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ("1544.9 nm", "outside the calibrated range"),
        ("1555.1 nm", "outside the calibrated range"),
        ("1550 mW", "dimension"),
    ],
)
def test_outside_its_range_a_curve_has_no_value(argument: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        evaluate(TWO, at("here", argument))
    assert "input.here" in caught.value.where
    assert caught.value.next_step


def test_an_effect_of_another_dimension_is_refused() -> None:
    watt = '[input.power]\nvalue = "1 W"\nu = "0.1 W"\n'
    effects = 'effects = [{{ input = "power", {} }}]\n'
    for wrong in ("relative = 1", "absolute = 0.1"):
        with pytest.raises(UnitError) as caught:
            evaluate(watt, TWO, effects.format(wrong))
        assert "c.toml" in caught.value.where
    found = evaluate(watt, TWO, effects.format('absolute = "0.01 W^-1"'))
    assert u_of(found, "eta@1545") == pytest.approx(math.hypot(0.002, 0.001), rel=ARITHMETIC)


def test_too_fine_a_grid_is_refused() -> None:
    text = TWO.replace('correlation_length = "all"', 'correlation_length = "0.001 nm"')
    with pytest.raises(InputError, match="10001 cells"):
        evaluate(text)


def test_without_a_stated_error_the_use_says_so() -> None:
    found = evaluate(IDEAL, at("here", "1550 nm", curve="R"))
    (result,) = [one for one in found.results if one.name == "here_at_use"]
    assert result.flags == ("interpolation error not stated by the curve",)
    assert any("no interpolation_error is stated" in one for one in found.warnings)


# ISO/TS 28037:2010, clause 6, unequal weights: as printed, a line through six readings.
LINE = """\
[[fit]]
name = "line"
measurand = "responsivity"
argument = "power"
argument_unit = "W"
unit = "A/W"
model = "line"
method = "wls"
readings = [[1, 3.2, 0.5], [2, 4.3, 0.5], [3, 7.6, 0.5], [4, 8.6, 1], [5, 11.7, 1], [6, 12.8, 1]]
"""


def coefficients(found: EvaluatedCalibration, name: str, count: int) -> tuple[Array, Array]:
    ids = [found.result_ids[f"{name}.p{k}"] for k in range(count)]
    values = np.array([found.network.result(one).value for one in ids])
    return values, covariance(found.network, ids)


def test_the_line_of_the_technical_specification() -> None:
    found = evaluate(LINE)
    values, matrix = coefficients(found, "line", 2)
    assert values == pytest.approx([0.8852, 2.0570], abs=5e-5)
    assert np.sqrt(np.diag(matrix)) == pytest.approx([0.5297081, 0.1778920], abs=5e-8)
    assert matrix[0, 1] == pytest.approx(-0.08227848, abs=5e-9)
    (slope,) = [one for one in found.results if one.name == "line.p1"]
    assert slope.unit == "A W^-2"
    assert "chi-square 4.131 on 4 degrees of freedom" in slope.flags[0]


def test_forward_and_inverse_use_of_a_line() -> None:
    reading = '[input.y]\nvalue = "10.5 A/W"\nu = "0.5 A/W"\n'
    inverse = '[input.x]\ncurve = "line"\ninverse_of = "y"\n'
    more = 'at_u = "0.2 W"\nat_statement = "setting"\n'
    found = evaluate(LINE, reading, inverse, at("f", "3.5 W", more, curve="line"))
    (a, b), v = coefficients(found, "line", 2)
    # ISO/TS 28037:2010, clause 11: forward and inverse evaluation.
    forward = v[0, 0] + 3.5**2 * v[1, 1] + 2 * 3.5 * v[0, 1] + b**2 * 0.2**2
    assert u_of(found, "f_at_use") == pytest.approx(math.sqrt(forward), rel=ARITHMETIC)
    x = (10.5 - a) / b
    assert found.network.result(found.result_ids["x_at_use"]).value == pytest.approx(
        x, rel=ARITHMETIC
    )
    back = (0.5**2 + v[0, 0] + x**2 * v[1, 1] + 2 * x * v[0, 1]) / b**2
    assert u_of(found, "x_at_use") == pytest.approx(math.sqrt(back), rel=ARITHMETIC)
    (result,) = [one for one in found.results if one.name == "x_at_use"]
    assert (result.measurand.kind, result.unit) == ("optical_power", "W")


def test_inverse_use_outside_the_range_or_of_a_table_is_refused() -> None:
    with pytest.raises(InputError, match="outside its calibrated range"):
        evaluate(LINE, '[input.x]\ncurve = "line"\ninverse_of = "20 A/W"\n')
    with pytest.raises(InputError, match="is a table"):
        evaluate(TWO, '[input.x]\ncurve = "eta"\ninverse_of = "0.935"\n')


# GUM H.3: corrections of a thermometer at eleven temperatures, expanded at 20 degrees.
T = [21.521, 22.012, 22.512, 23.003, 23.507, 23.999, 24.513, 25.002, 25.503, 26.010, 26.511]
B = [-0.171, -0.169, -0.166, -0.159, -0.164, -0.165, -0.156, -0.157, -0.159, -0.161, -0.160]
THERMOMETER = f"""\
[[fit]]
name = "correction"
measurand = "indication_error"
argument = "temperature"
argument_unit = "K"
x_origin = "20 K"
model = "line"
method = "ols"
readings = {[list(pair) for pair in zip(T, B, strict=True)]}
"""


def test_the_thermometer_of_the_guide() -> None:
    """GUM H.3.3: -0.1712(29), 0.00218(67), r = -0.930, s = 0.0035, nine degrees of freedom."""
    found = evaluate(THERMOMETER)
    values, matrix = coefficients(found, "correction", 2)
    u = np.sqrt(np.diag(matrix))
    assert values == pytest.approx([-0.1712, 0.00218], abs=5e-5)
    assert u == pytest.approx([0.0029, 0.00067], abs=5e-5)
    assert matrix[0, 1] / u[0] / u[1] == pytest.approx(-0.930, abs=5e-4)
    (block,) = found.blocks
    assert (block.kind.value, block.degrees_of_freedom) == ("ensemble", 9.0)
    reading = next(one for one in found.inputs if one.name == "correction/y@1")
    assert reading.standard_uncertainty == pytest.approx(0.0035, abs=5e-5)
    # Its b(30) = -0.1494(41) lies outside the readings: here that is refused.
    with pytest.raises(InputError, match="outside the calibrated range"):
        evaluate(THERMOMETER, at("b", "30 K", curve="correction"))


def test_readings_that_reject_the_curve_are_refused_or_flagged() -> None:
    bent = LINE.replace("[6, 12.8, 1]", "[6, 22.8, 1]")
    with pytest.raises(InputError, match="the readings reject the curve") as caught:
        evaluate(bent)
    assert "chi-square" in caught.value.what
    assert "c.toml" in caught.value.where
    found = evaluate(bent, 'lack_of_fit = "flag"\n', at("f", "3.5 W", curve="line"))
    (use,) = [one for one in found.results if one.name == "f_at_use"]
    assert use.flags[0].startswith("lack of fit: chi-square")


def test_repeated_arguments_test_an_ordinary_fit() -> None:
    rows = [[1, 1.0], [1, 1.1], [2, 4.0], [2, 4.1], [3, 9.0], [3, 9.1], [4, 16.0], [4, 16.1]]
    text = THERMOMETER[: THERMOMETER.index("readings")] + f"readings = {rows}\n"
    with pytest.raises(InputError, match=r"F = "):
        evaluate(text.replace('"20 K"', '"0 K"'))


@pytest.mark.parametrize("method", ["gls", "wtls"])
def test_correlated_readings_and_errors_in_both_variables(method: str) -> None:
    """Each input moved by hand moves the coefficients as the network says."""
    rows = [[1, 3.2, 0.5], [2, 4.9, 0.5], [3, 7.2, 0.5], [4, 9.1, 0.5]]
    matrix = [[1.0 if i == j else 0.3 for j in range(4)] for i in range(4)]
    more = f"matrix = {matrix}\n" if method == "gls" else ""
    if method == "wtls":
        rows = [[*row, 0.1] for row in rows]
    start = LINE[: LINE.index("readings")].replace('"wls"', f'"{method}"')
    base = evaluate(f"{start}readings = {rows}\n{more}")
    values, v = coefficients(base, "line", 2)
    step = 1e-5
    moved = [[*row] for row in rows]
    moved[2][1] += step
    again, _ = coefficients(evaluate(f"{start}readings = {moved}\n{more}"), "line", 2)
    inputs = {one.name: k + 1 for k, one in enumerate(base.inputs)}
    for k in range(2):
        row = input_sensitivities(base.network, base.result_ids[f"line.p{k}"])
        expected = row[inputs["line/y@3"]]
        assert (again[k] - values[k]) / step == pytest.approx(expected, rel=1e-4)
    if method == "gls":
        x = np.stack([np.ones(4), np.arange(1.0, 5.0)], axis=1)
        known = np.linalg.inv(x.T @ np.linalg.inv(0.25 * np.array(matrix)) @ x)
        assert v == pytest.approx(known, rel=1e-8)
