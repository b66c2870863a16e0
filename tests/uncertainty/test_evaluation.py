"""Stored models evaluated again: expressions, functions, and what cannot be evaluated."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qtrace.errors import InputError, IntegrityError
from qtrace.uncertainty.evaluation import evaluate_arrays, evaluate_model, numeric_gradient
from qtrace.uncertainty.results import Model, ModelKind

Array = NDArray[np.float64]
EXPRESSION = Model(ModelKind.EXPRESSION, "a * b / (1 + a)")
FUNCTION = Model(ModelKind.FUNCTION, "demo.saturation", "2")
DIFFERENCES = 1e-7  # a fourth-order central difference with a step of 0.05 u


def saturation(a: Array, b: Array) -> Array:
    """Return the same model as EXPRESSION."""
    return a * b / (1.0 + a)


def logarithm(x: Array) -> Array:
    """Return ln x."""
    return np.log(x)


def one_step(
    function: Callable[..., Array], at: Mapping[str, float], u: Mapping[str, float]
) -> dict[str, float]:
    """Return the derivatives with steps of u/20 alone, each argument by itself."""
    found = {}
    for name, x in at.items():
        h = 0.05 * u[name]
        rows = {other: np.full(5, value) for other, value in at.items()}
        rows[name] += h * np.array([0.0, -2.0, -1.0, 1.0, 2.0])
        values = np.asarray(function(**rows))
        weights = np.array([1.0, -8.0, 8.0, -1.0]) / 12.0
        found[name] = float(weights @ (values - values[0])[1:]) / h
        assert rows[name][0] == x
    return found


def steps(x: Array) -> Array:
    """Return the whole number below."""
    return np.floor(x)


FUNCTIONS = {"demo.saturation@2": saturation}
AT = {"a": 0.25, "b": 8.0}
U = {"a": 0.01, "b": 0.4}


def test_an_expression_and_a_function_of_one_model_agree() -> None:
    value, exact = evaluate_model(EXPRESSION, AT, U, functions={})
    again, numeric = evaluate_model(FUNCTION, AT, U, functions=FUNCTIONS)

    assert value == again == pytest.approx(1.6, rel=1e-15)
    assert exact == pytest.approx({"a": 8.0 / 1.25**2, "b": 0.2}, rel=1e-14)
    assert numeric == pytest.approx(exact, rel=DIFFERENCES)


def test_the_function_is_called_once_with_all_rows() -> None:
    calls: list[int] = []

    def counting(a: Array, b: Array) -> Array:
        calls.append(len(a))
        return saturation(a, b)

    numeric_gradient(counting, AT, U)
    assert calls == [17]  # 4 n + 1 rows, and 4 more for each argument that has a u
    calls.clear()
    numeric_gradient(counting, AT, {"a": 0.01})
    assert calls == [13]


def test_differences_of_fourth_order_are_exact_for_a_quartic() -> None:
    value, gradient = numeric_gradient(lambda x: x**4 - x, {"x": 2.0}, {"x": 0.5})
    assert value == 14.0
    assert gradient["x"] == pytest.approx(31.0, rel=1e-12)


@given(st.floats(0.05, 20.0), st.floats(1e-6, 0.2))
def test_differences_follow_a_logarithm(x: float, relative_u: float) -> None:
    _, gradient = numeric_gradient(logarithm, {"x": x}, {"x": x * relative_u})
    # Error of the formula h^4/30 f5, of the arithmetic eps |f| / h.
    h = 0.05 * relative_u
    expected = 24.0 * h**4 / 30.0 + 8e-16 * (1.0 + abs(math.log(x))) / h
    assert gradient["x"] * x == pytest.approx(1.0, abs=10.0 * expected)


@pytest.mark.parametrize("x", [3.0, 0.0, -2e6])
def test_an_exact_argument_still_has_a_sensitivity(x: float) -> None:
    _, gradient = numeric_gradient(lambda x: 5.0 * x + 1.0, {"x": x}, {})
    assert gradient["x"] == pytest.approx(5.0, rel=1e-8)


@given(st.floats(0.1, 5.0), st.floats(0.5, 20.0), st.floats(1e-6, 0.05), st.floats(1e-6, 0.05))
def test_what_does_not_bend_within_a_step_keeps_its_digits(
    a: float, b: float, u_a: float, u_b: float
) -> None:
    at, u = {"a": a, "b": b}, {"a": a * u_a, "b": b * u_b}
    _, gradient = numeric_gradient(saturation, at, u)
    assert gradient == one_step(saturation, at, u)


# Where atan(y/x) bends: x is 2, 1/2 and 1/5 of the coarse step h, whose derivative is off by the
# part stated. The step that is taken is off by 4/5 (h/x)^4 and agrees with the next within 1e-4.
@pytest.mark.parametrize(("x", "off"), [(1e-3, 0.02), (2.5e-4, 0.3), (1e-4, 0.6)])
def test_a_function_that_bends_within_a_step_is_differentiated_by_finer_ones(
    x: float, off: float
) -> None:
    calls: list[int] = []

    def angle(y: Array) -> Array:
        calls.append(len(y))
        return np.arctan2(y, x)

    at, u = {"y": 0.0}, {"y": 0.01}
    assert abs(one_step(angle, at, u)["y"] * x - 1.0) > off
    calls.clear()
    _, gradient = numeric_gradient(angle, at, u)
    assert gradient["y"] * x == pytest.approx(1.0, abs=1e-4)
    assert calls == [9, 9]


def test_the_second_call_is_for_the_arguments_that_bend_alone() -> None:
    calls: list[int] = []

    def one_bends(y: Array, z: Array) -> Array:
        calls.append(len(y))
        return np.arctan2(y, 1e-3) + 100.0 * z**2

    _, gradient = numeric_gradient(one_bends, {"y": 0.0, "z": 1.0}, {"y": 0.01, "z": 0.01})
    assert gradient == pytest.approx({"y": 1e3, "z": 200.0}, rel=1e-4)
    assert calls == [17, 9]


NAN = math.nan


@pytest.mark.parametrize(
    ("levels", "taken"),
    [
        ((1.0, 1.00001, 5.0, 5.0), 1.0),  # agrees at once
        ((1.0, 2.0, 2.00001, 5.0), 2.0),
        ((1.0, 2.0, 1.5, 1.50001), 1.5),
        ((1.0, 2.0, 1.5, 1.2), 1.0),  # none agrees: as coarse as ever
        ((1.0, 1.5, 3.0, 3.00001), 1.0),  # ran apart before they agreed
        ((1.0, 0.0, 0.0, 0.0), 1.0),  # steps
        ((1.0, NAN, 2.0, 2.0), 1.0),
        ((1.0, 2.0, NAN, NAN), 1.0),
        ((0.0, 3.0, 3.0, 3.0), 3.0),
    ],
)
def test_the_coarsest_step_that_agrees_with_the_next_is_taken(
    levels: tuple[float, ...], taken: float
) -> None:
    def of_slopes(x: Array) -> Array:
        """Return x times the slope of the step on whose points it lies: h and 2 h, h = 1/8^n."""
        level = np.round(-np.log2(np.maximum(np.abs(x), 1e-9)) / 3.0 + 1.0 / 6.0).astype(int)
        return np.where(x == 0.0, 0.0, np.array(levels)[np.clip(level, 0, 3)] * x)

    _, gradient = numeric_gradient(of_slopes, {"x": 0.0}, {"x": 20.0})
    assert gradient["x"] == pytest.approx(taken, rel=1e-12)


@given(st.floats(-3.0, 3.0), st.floats(0.01, 30.0))
def test_a_function_of_steps_keeps_the_slope_of_the_coarsest_step(x: float, u: float) -> None:
    """Counts that are rounded: finer steps see flat ground, or one cliff."""
    _, gradient = numeric_gradient(steps, {"x": x}, {"x": u})
    assert gradient == one_step(steps, {"x": x}, {"x": u})


def test_a_slope_with_a_cliff_near_it_is_the_slope() -> None:
    def stairs(x: Array) -> Array:
        return 2.0 * x + (x > 0.03)

    at, u = {"x": 0.0}, {"x": 1.0}
    assert one_step(stairs, at, u)["x"] > 10.0
    _, gradient = numeric_gradient(stairs, at, u)
    assert gradient["x"] == pytest.approx(2.0, rel=1e-12)


@given(st.floats(0.5, 2.0), st.integers(9, 13))
def test_rounding_noise_does_not_choose_a_finer_step_that_is_worse(x: float, digits: int) -> None:
    """A frequency known to 1e-9 ... 1e-13: finer differences have more noise, not more truth."""
    u = x * 10.0**-digits
    _, gradient = numeric_gradient(lambda x: x * np.exp(x), {"x": x}, {"x": u})
    true = (1.0 + x) * math.exp(x)
    noise = 2.0**-52 * x * math.exp(x) * (1.0 + x) * 10.0 / (0.05 * u)
    assert gradient["x"] == pytest.approx(true, abs=noise + 2e-3 * true)


@pytest.mark.parametrize("hole", [NAN, math.inf, -math.inf])
def test_a_finer_step_without_a_value_does_not_count(hole: float) -> None:
    """The hole lies on the finer step of one argument; the other still bends and is refined."""

    def holed(x: Array, y: Array) -> Array:
        with_hole = np.where(x == 2.0 + 0.05 * 0.08 / 8.0, hole, x * x)
        return np.asarray(with_hole + np.arctan2(y, 1e-3))

    at, u = {"x": 2.0, "y": 0.0}, {"x": 0.08, "y": 0.01}
    _, gradient = numeric_gradient(holed, at, u)
    assert gradient["x"] == one_step(holed, at, u)["x"]
    assert gradient["y"] == pytest.approx(1e3, rel=1e-4)


def test_a_constant_function_has_no_sensitivity() -> None:
    value, gradient = numeric_gradient(lambda x: 7.0, {"x": 1.0}, {"x": 0.1})  # noqa: ARG005
    assert (value, gradient) == (7.0, {"x": 0.0})
    assert numeric_gradient(lambda: 7.0, {}, {}) == (7.0, {})


@pytest.mark.parametrize("x", [0.0, 1e-12, -1.0])
def test_a_model_that_ends_next_to_the_estimate_is_refused_without_a_warning(x: float) -> None:
    with pytest.raises(InputError, match="not finite at or next to the estimates"):
        numeric_gradient(logarithm, {"x": x}, {"x": 0.5})


def test_arrays_go_in_and_come_out() -> None:
    rows = {"a": np.array([0.25, 1.0]), "b": np.array([8.0, 4.0])}
    for model in (EXPRESSION, FUNCTION):
        drawn = evaluate_arrays(model, rows, functions=FUNCTIONS)
        assert drawn == pytest.approx(np.array([1.6, 2.0]), rel=1e-15)


@pytest.mark.parametrize("model", [Model(ModelKind.EXPRESSION, "ln(x) / x"), FUNCTION])
def test_rows_without_a_value_say_so_without_a_warning(model: Model) -> None:
    functions = {"demo.saturation@2": lambda x: np.log(x) / x}
    rows = {"x": np.array([1.0, -1.0, 0.0])}
    drawn = evaluate_arrays(model, rows, functions=functions)
    assert drawn[0] == 0.0
    assert not np.isfinite(drawn[1:]).any()


@pytest.mark.parametrize("version", ["1", "3", ""])
def test_another_version_of_the_function_is_another_model(version: str) -> None:
    stored = Model(ModelKind.FUNCTION, "demo.saturation", version)
    with pytest.raises(IntegrityError, match=f"demo.saturation@{version}"):
        evaluate_model(stored, AT, U, functions=FUNCTIONS)
    with pytest.raises(IntegrityError, match=f"demo.saturation@{version}"):
        evaluate_arrays(stored, {"a": np.ones(2), "b": np.ones(2)}, functions=FUNCTIONS)


def test_a_linear_model_is_not_evaluated() -> None:
    stored = Model(ModelKind.LINEAR)
    with pytest.raises(InputError, match="stored sensitivities are the model"):
        evaluate_model(stored, AT, U, functions={})
    with pytest.raises(InputError, match="stored sensitivities are the model"):
        evaluate_arrays(stored, {"a": np.ones(2)}, functions={})


def test_an_expression_without_a_value_is_refused() -> None:
    with pytest.raises(InputError):
        evaluate_model(Model(ModelKind.EXPRESSION, "a / (b - 8)"), AT, U, functions={})
