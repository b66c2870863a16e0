"""Stored models evaluated again: expressions, functions, and what cannot be evaluated."""

from __future__ import annotations

import math

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
    assert calls == [9]  # 4 n + 1 rows


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
