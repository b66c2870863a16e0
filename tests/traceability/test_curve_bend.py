"""A curve that bends within u of its argument: u, bias and draws are those of the curve."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator
from scipy.special import ndtri

from qtrace.exchange.calibration_file import read_calibration
from qtrace.traceability.evaluate import EvaluatedCalibration, evaluate_calibration
from qtrace.uncertainty.bias import known_bias
from qtrace.uncertainty.monte_carlo import draw_chain, summarize
from qtrace.uncertainty.network import Network, standard_uncertainty

SAMPLED = 0.01  # relative: u of 100 000 draws, 0.2 % for a normal and more for a folded one
FILE = """\
[calibration]
id = "C"
device = "D"
laboratory = "L"
route = "accredited"
performed = 2021-06-01T12:00:00Z
[[curve]]
name = "eff"
measurand = "responsivity"
argument = "wavelength"
argument_unit = "nm"
unit = "A/W"
points = {points}
interpolant = "{interpolant}"
[input.k]
curve = "eff"
at = "1550 nm"
at_u = "{u}"
at_statement = "setting"
[[result]]
measurand = "responsivity"
model = "k"
"""
TOP = "[[1530,.1,.001],[1540,.5,.001],[1550,.9,.001],[1560,.5,.001],[1570,.1,.001]]".replace(
    ",.", ",0."
)
KNOT = "[[1540,0.1,0.001],[1550,0.9,0.001],[1560,0.9,0.001]]"


def evaluate(points: str, interpolant: str, u: str) -> EvaluatedCalibration:
    text = FILE.format(points=points, interpolant=interpolant, u=u)
    draft = read_calibration(text.encode(), name="c.toml")
    return evaluate_calibration(draft, {}, network=Network({}, {}), about={}, metrics={}, ages={})


def of_result(found: EvaluatedCalibration) -> tuple[float, float]:
    """Return u and the known error of the result that rests on the use."""
    made = found.result_ids["responsivity"]
    return standard_uncertainty(found.network, made), known_bias(found.network, made)


def test_at_the_top_of_a_curve_u_is_that_of_draws_through_it() -> None:
    """The slope is 0 there and claims 0.001; scipy's curve at normal quantiles says 0.066."""
    found = evaluate(TOP, "pchip", "3 nm")
    curve = PchipInterpolator([1530, 1540, 1550, 1560, 1570], [0.1, 0.5, 0.9, 0.5, 0.1])
    exact = curve(1550.0 + 3.0 * ndtri((np.arange(200_000) + 0.5) / 200_000))
    u, bias = of_result(found)
    assert u == pytest.approx(math.hypot(float(np.std(exact)), 0.001), rel=SAMPLED)
    assert bias == pytest.approx(0.9 - float(np.mean(exact)), rel=SAMPLED)
    made = found.result_ids["responsivity"]
    draws = summarize(draw_chain(found.network, [made], n=100_000, seed=1, functions={}), made)
    assert draws.standard_uncertainty == pytest.approx(u, rel=SAMPLED)
    wanted = np.quantile(exact, [0.025, 0.975])
    assert (draws.low, draws.high) == pytest.approx(tuple(wanted), abs=0.003)
    (use,) = [one for one in found.results if one.name == "k_at_use"]
    assert any("the curve bends within u of the wavelength" in flag for flag in use.flags)


def test_at_a_knot_the_slope_of_one_side_is_not_the_curve() -> None:
    """Flat above, 0.08 per nm below: E = 0.9 - 0.08 / sqrt(2 pi), var from half a normal."""
    u, bias = of_result(evaluate(KNOT, "linear", "1 nm"))
    assert bias == pytest.approx(0.08 / math.sqrt(2.0 * math.pi), rel=SAMPLED)
    half = 0.08 * math.sqrt(0.5 - 0.5 / math.pi)
    assert u == pytest.approx(math.hypot(half, 0.001), rel=SAMPLED)


def test_where_the_curve_is_straight_nothing_is_added() -> None:
    straight = "[[1540,0.1,0.001],[1550,0.5,0.001],[1560,0.9,0.001]]"
    u, bias = of_result(evaluate(straight, "linear", "1 nm"))
    assert u == pytest.approx(math.hypot(0.04, 0.001), rel=1e-9)
    assert bias == 0.0


def test_an_exact_argument_leaves_the_use_as_it_was() -> None:
    text = FILE.format(points=TOP, interpolant="pchip", u="0 nm")
    text = text.replace('at_u = "0 nm"\nat_statement = "setting"\n', "")
    draft = read_calibration(text.encode(), name="c.toml")
    found = evaluate_calibration(draft, {}, network=Network({}, {}), about={}, metrics={}, ages={})
    (use,) = [one for one in found.results if one.name == "k_at_use"]
    assert use.model.version == "1"
    assert of_result(found) == (pytest.approx(0.001, rel=1e-9), 0.0)
