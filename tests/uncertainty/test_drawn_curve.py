"""A curve drawn through itself: against scipy, beyond its ends, and versions that say nonsense."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicSpline, PchipInterpolator

from qtrace.errors import IntegrityError
from qtrace.uncertainty.drawn_curve import (
    draw_curve,
    drawn_version,
    is_drawn_curve,
    plain_version,
)
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result

ARITHMETIC = 1e-12  # relative: a cubic from its values at thirds, some ten operations
X = np.array([1530.0, 1538.0, 1550.0, 1557.0, 1570.0, 1575.0])  # nm
Y = np.array([0.1, 0.5, 0.9, 0.45, 0.1, 0.3])
NAMES = [f"eff@{x:g}" for x in X]


def table(interpolant: str, at: float, version: str = "") -> tuple[Result, dict[str, float]]:
    version = version or drawn_version("1", "wavelength", unit="nm")
    arguments = (
        *(Argument(name, 0.0, parent_id=k + 1) for k, name in enumerate(NAMES)),
        Argument("eff/interpolation_error@3", 0.5, input_id=8),
        Argument("wavelength", 0.0, input_id=9),
    )
    model = Model(ModelKind.LINEAR, interpolant, version)
    estimates = dict(zip(NAMES, Y.tolist(), strict=True))
    estimates |= {"eff/interpolation_error@3": 0.0, "wavelength": at * 1e-9}
    return Result(99, 7.0, model, arguments), estimates


def drawn(interpolant: str, places: np.ndarray, *, error: float = 0.0) -> np.ndarray:
    """Return draws less the value at 1550 nm, with the places of the argument given in nm."""
    result, estimates = table(interpolant, 1550.0)
    values = {name: np.full(len(places), one) for name, one in estimates.items()}
    values["wavelength"] = places * 1e-9
    values["eff/interpolation_error@3"] = np.full(len(places), error)
    return draw_curve(result, estimates, values) - 7.0


@pytest.mark.parametrize(
    ("interpolant", "wanted"),
    [
        ("linear", lambda x: np.interp(x, X, Y)),
        ("pchip", PchipInterpolator(X, Y)),
        ("cubic_spline", CubicSpline(X, Y)),
        ("natural_spline", CubicSpline(X, Y, bc_type="natural")),
    ],
)
def test_the_argument_moves_along_the_curve(interpolant: str, wanted: object) -> None:
    places = np.linspace(1530.0, 1575.0, 301)
    assert callable(wanted)
    # The places in metres are rounded: 1e-16 of 1.5e-6 m on slopes of 0.1 per nm.
    assert drawn(interpolant, places) == pytest.approx(
        wanted(places) - wanted(1550.0), rel=ARITHMETIC, abs=1e-10
    )


def test_what_else_it_rests_on_enters_with_its_stored_sensitivity() -> None:
    places = np.array([1545.0, 1555.0])
    assert drawn("pchip", places, error=0.02) - drawn("pchip", places) == pytest.approx(0.01)


def test_beyond_its_ends_it_goes_on_along_the_tangent() -> None:
    curve = CubicSpline(X, Y)
    found = drawn("cubic_spline", np.array([1528.0, 1579.0]))
    wanted = [curve(1530.0) - 2.0 * curve(1530.0, 1), curve(1575.0) + 4.0 * curve(1575.0, 1)]
    assert found == pytest.approx(np.array(wanted) - curve(1550.0), rel=1e-9)


def test_a_polynomial_is_drawn_with_its_coefficients() -> None:
    model = Model(ModelKind.LINEAR, "polynomial", drawn_version("1", "power", x_origin=0.5))
    names = ("f.p0", "f.p1", "f.p2")
    arguments = (
        *(Argument(n, 0.0, parent_id=1) for n in names),
        Argument("power", 0.0, input_id=1),
    )
    estimates = {"f.p0": 1.0, "f.p1": 2.0, "f.p2": 3.0, "power": 1.5}
    x, p = np.array([1.0, 2.0]), np.array([2.0, 2.5])
    values = {"f.p0": np.ones(2), "f.p1": p, "f.p2": np.full(2, 3.0), "power": x}
    found = draw_curve(Result(9, 6.0, model, arguments), estimates, values)
    assert found == pytest.approx(1.0 + p * (x - 0.5) + 3.0 * (x - 0.5) ** 2, rel=ARITHMETIC)


def test_the_version_of_the_interpolant_is_kept() -> None:
    version = drawn_version("1", "wavelength", unit="nm")
    assert (version, plain_version(version), plain_version("1")) == (
        "1 along wavelength in nm",
        "1",
        "1",
    )
    assert is_drawn_curve(Model(ModelKind.LINEAR, "pchip", version))
    assert not is_drawn_curve(Model(ModelKind.LINEAR, "pchip", "1"))


@pytest.mark.parametrize(
    "version", ["1 along power in nm", "1 along wavelength in parsec", "1 along wavelength from x"]
)
def test_a_version_that_says_nonsense_is_no_record(version: str) -> None:
    result, estimates = table("pchip", 1550.0, version)
    values = {name: np.array([one]) for name, one in estimates.items()}
    with pytest.raises(IntegrityError):
        draw_curve(result, estimates, values)
