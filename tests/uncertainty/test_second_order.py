"""Beyond first order: bias, curvature, and the input that a result gains."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.evaluation import numeric_gradient
from qtrace.uncertainty.expression import Expression, compile_expression
from qtrace.uncertainty.inputs import Evaluation
from qtrace.uncertainty.second_order import model_nonlinearity, second_order

Array = NDArray[np.float64]
DIFFERENCES = 1e-6  # relative, of second differences at a tenth of u without a large offset
DEGREE = math.pi / 180.0


def expression(text: str, *names: str) -> Expression:
    """Compile a model of the given inputs."""
    return compile_expression(text, names=frozenset(names))


def test_a_maximum_has_no_first_order_uncertainty_but_a_bias() -> None:
    """Alignment cos^2 at 0 +- 2 degrees: first order says u = 0; truly -0.12 % and 0.17 %."""
    found = second_order(expression("cos(t)^2", "t"), {"t": 0.0}, {"t": 2.0 * DEGREE})
    assert found.value == 1.0
    assert found.linear_uncertainty == 0.0
    assert found.bias == pytest.approx(-0.0012, abs=5e-5)
    assert found.second_order_uncertainty == pytest.approx(0.0017, abs=5e-5)
    # Exact for a normal angle: E cos^2 = (1 + exp(-2 u^2))/2.
    exact = (1.0 + math.exp(-2.0 * (2.0 * DEGREE) ** 2)) / 2.0 - 1.0
    assert found.bias == pytest.approx(exact, rel=3e-3)


@given(
    st.lists(st.integers(-5, 5), min_size=9, max_size=9),
    st.floats(-0.95, 0.95),
    st.floats(0.1, 3.0),
)
def test_a_quadratic_form_is_exact_for_correlated_normal_inputs(
    integers: list[int], r: float, u: float
) -> None:
    """E = f + tr(H V)/2 and Var = g V g + tr(H V H V)/2, whatever the correlation."""
    g = np.array(integers[:3], dtype=float)
    h = np.array(
        [
            [integers[3], integers[4], integers[5]],
            [integers[4], integers[6], integers[7]],
            [integers[5], integers[7], integers[8]],
        ],
        dtype=float,
    )
    correlation = np.array([[1.0, r, 0.0], [r, 1.0, 0.0], [0.0, 0.0, 1.0]])
    spread = u * np.array([1.0, 2.0, 0.5])
    covariance = correlation * np.outer(spread, spread)

    def form(a: Array, b: Array, c: Array) -> Array:
        z = np.stack([a, b, c])
        return np.asarray(g @ z + 0.5 * np.einsum("in,ij,jn->n", z, h, z))

    found = second_order(
        form,
        dict.fromkeys("abc", 0.0),
        dict(zip("abc", spread.tolist(), strict=True)),
        correlation=correlation,
    )
    hv = h @ covariance
    size = float(np.abs(h).sum()) * 4.0 * u * u + float(np.abs(g).sum()) * 2.0 * u
    assert found.bias == pytest.approx(0.5 * float(np.trace(hv)), abs=1e-9 * (1.0 + size))
    variance = float(g @ covariance @ g) + 0.5 * float(np.trace(hv @ hv))
    assert found.second_order_uncertainty is not None
    assert found.second_order_uncertainty**2 == pytest.approx(
        variance, rel=1e-8, abs=1e-9 * (1.0 + size * size)
    )


def test_the_cubic_term_of_the_gum_is_kept() -> None:
    """f = x + x^3 at 0: variance u^2 + 6 u^4 to this order (exactly + 15 u^6)."""
    found = second_order(expression("x + x^3", "x"), {"x": 0.0}, {"x": 0.1})
    assert found.cubic_variance == pytest.approx(6.0 * 0.1**4, rel=DIFFERENCES)
    # f = x y^2 at (0, 0) has f_xyy alone; with a slope along x it enters as f_x f_xyy.
    mixed = second_order(
        expression("3*x + x*y^2", "x", "y"), {"x": 0.0, "y": 0.0}, {"x": 0.2, "y": 0.5}
    )
    assert mixed.cubic_variance == pytest.approx(3.0 * 2.0 * 0.2**2 * 0.5**2, rel=DIFFERENCES)
    swapped = second_order(
        expression("3*y + y*x^2", "x", "y"), {"x": 0.0, "y": 0.0}, {"x": 0.5, "y": 0.2}
    )
    assert swapped.cubic_variance == pytest.approx(mixed.cubic_variance, rel=DIFFERENCES)


def test_an_exponential_comes_closer_to_its_lognormal_truth() -> None:
    u = 0.3
    found = second_order(expression("exp(x)", "x"), {"x": 0.0}, {"x": u})
    truth = math.sqrt(math.expm1(u * u) * math.exp(u * u))
    assert found.second_order_uncertainty is not None
    assert abs(found.second_order_uncertainty - truth) < 0.1 * abs(found.linear_uncertainty - truth)
    assert found.bias == pytest.approx(u * u / 2.0, rel=DIFFERENCES)


def test_one_call_with_all_rows() -> None:
    calls: list[int] = []

    def counting(a: Array, b: Array, c: Array) -> Array:
        calls.append(len(a))
        return a * b + c

    second_order(counting, {"a": 1.0, "b": 2.0, "c": 3.0}, dict.fromkeys("abc", 0.1))
    assert calls == [1 + 4 * 3 + 4 * 3]  # centre, axes, corners of three pairs


def test_a_hundred_inputs() -> None:
    names = [f"x{k}" for k in range(100)]

    def product(**x: Array) -> Array:
        total = np.ones_like(x["x0"])
        for values in x.values():
            total = total * values
        return total

    found = second_order(product, dict.fromkeys(names, 1.0), dict.fromkeys(names, 0.01))
    assert found.linear_uncertainty == pytest.approx(0.1, rel=DIFFERENCES)
    # Exactly (1 + u^2)^100 - 1; to this order n u^2 + n (n - 1)/2 u^4 with f_ijj = 0.
    assert found.second_order_uncertainty is not None
    assert found.second_order_uncertainty**2 == pytest.approx(0.01 + 4950e-8, rel=1e-5)


def test_a_linear_model_gains_nothing_even_with_a_large_offset() -> None:
    for model in (expression("3*x - 2*y + 1e9", "x", "y"), lambda x, y: 3.0 * x - 2.0 * y + 1e9):
        found = second_order(model, {"x": 1.0, "y": 5.0}, {"x": 1.0, "y": 2.0})
        assert (found.bias, found.curvature_variance, found.cubic_variance) == (0.0, 0.0, 0.0)
    assert second_order(expression("x", "x"), {"x": 2.0}, {}).second_order_uncertainty == 0.0


def test_a_function_and_an_expression_of_one_model_agree() -> None:
    at, u = {"a": 0.25, "b": 8.0}, {"a": 0.05, "b": 0.4}
    text = second_order(
        expression("a * b / (1 + a)", "a", "b"), at, u, correlation=[[1, 0.5], [0.5, 1]]
    )
    code = second_order(lambda a, b: a * b / (1.0 + a), at, u, correlation=[[1, 0.5], [0.5, 1]])
    assert code.linear_uncertainty == pytest.approx(text.linear_uncertainty, rel=1e-4)
    assert code.bias == text.bias
    assert code.curvature_variance == text.curvature_variance


def test_fully_correlated_inputs_are_one() -> None:
    square = expression("a * b", "a", "b")
    ones = [[1.0, 1.0], [1.0, 1.0]]
    found = second_order(square, {"a": 0.0, "b": 0.0}, {"a": 0.2, "b": 0.2}, correlation=ones)
    assert found.bias == pytest.approx(0.2**2, rel=DIFFERENCES)  # a b = a^2
    assert found.second_order_uncertainty == pytest.approx(math.sqrt(2.0) * 0.04, rel=DIFFERENCES)


def test_an_expansion_without_a_positive_variance_says_so() -> None:
    """x - x^3 with u = 1: 1 - 6 < 0, while the truth is 10."""
    found = second_order(expression("x - x^3", "x"), {"x": 0.0}, {"x": 1.0})
    assert found.second_order_uncertainty is None


def test_magnitude_and_phase_of_jcgm_102_are_first_order_only() -> None:
    """9.3: re = 0.001 with u = 0.01: 0.001(0.010) and a phase of u = 10 rad, both absurd."""
    magnitude = expression("sqrt(re^2 + im^2)", "re", "im")
    value, c = magnitude.gradient({"re": 0.001, "im": 0.0})
    assert value == pytest.approx(0.001, rel=1e-12)
    assert 0.01 * math.hypot(c["re"], c["im"]) == pytest.approx(0.01, rel=1e-12)

    def phase(re: Array, im: Array) -> Array:
        return np.arctan2(im, re)

    angle, s = numeric_gradient(phase, {"re": 0.001, "im": 0.0}, {})
    assert angle == 0.0
    assert 0.01 * math.hypot(s["re"], s["im"]) == pytest.approx(10.0, abs=0.001)


@pytest.mark.parametrize(
    ("u_linear", "u_reference", "gained"),
    [
        (1.0, 1.049, 0.0),  # within 5 %
        (1.0, 1.25, 0.75),  # 1.25^2 - 1^2
        (1.0, 0.80, 0.0),  # smaller: the linear one is kept
        (0.0, 0.17, 0.17),  # a sensitivity of zero
        (0.0, 0.0, 0.0),
    ],
)
def test_the_input_that_a_result_gains(u_linear: float, u_reference: float, gained: float) -> None:
    found = model_nonlinearity(u_linear, u_reference)
    assert found.standard_uncertainty == pytest.approx(gained, rel=1e-12)
    assert found.governing_uncertainty == pytest.approx(math.hypot(u_linear, gained), rel=1e-12)
    added = found.as_input("W")
    assert (added.name, added.estimate, added.unit) == ("model_nonlinearity", 0.0, "W")
    assert (added.standard_uncertainty, added.evaluation) == (
        found.standard_uncertainty, Evaluation.B,
    )  # fmt: skip


def test_the_note_says_which_governs_and_lists_the_bias() -> None:
    assert "within 5 %" in model_nonlinearity(1.0, 1.01).note
    assert "linear kept" in model_nonlinearity(1.0, 0.8).note
    note = model_nonlinearity(0.0, 0.0017, reference="second order", bias=-0.0012).note
    assert "second order gives the larger u" in note
    assert "bias -0.0012 of the estimate not applied" in note
    assert "bias" not in model_nonlinearity(1.0, 1.0, bias=0.01).note


@given(st.floats(0.0, 1e6), st.floats(0.0, 1e6))
def test_the_governing_u_is_never_below_the_linear_one(one: float, other: float) -> None:
    found = model_nonlinearity(one, other)
    assert found.governing_uncertainty >= one
    if found.standard_uncertainty > 0.0:
        assert found.governing_uncertainty == pytest.approx(other, rel=1e-9)


def test_what_has_no_expansion() -> None:
    root = expression("sqrt(x)", "x")
    with pytest.raises(InputError, match="not finite within a fifth"):
        second_order(root, {"x": 0.1}, {"x": 1.0})
    with pytest.raises(InputError, match="not finite within a fifth"):
        second_order(lambda x: np.log(x - 1.0), {"x": 1.0}, {"x": 1.0})
    with pytest.raises(InputError, match="negative or not finite"):
        second_order(root, {"x": 1.0}, {"x": -1.0})
    two = expression("x*y", "x", "y")
    at = {"x": 1.0, "y": 1.0}
    for matrix in ([[1.0, 0.5], [0.4, 1.0]], [[2.0, 0.0], [0.0, 2.0]], [[1.0]]):
        with pytest.raises(InputError, match="no correlation matrix of 2"):
            second_order(two, at, at, correlation=matrix)
    with pytest.raises(InputError, match="semidefinite"):
        second_order(two, at, at, correlation=[[1.0, 1.5], [1.5, 1.0]])


@pytest.mark.parametrize("numbers", [(-1.0, 1.0), (1.0, -1.0), (math.nan, 1.0), (1.0, math.inf)])
def test_what_cannot_be_compared(numbers: tuple[float, float]) -> None:
    with pytest.raises(InputError):
        model_nonlinearity(*numbers)
