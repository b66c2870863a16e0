"""Values and exact derivatives of expressions, against a budget that was published."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.uncertainty.expression import compile_expression

# Detector D1 of Reddy et al., APL Photonics 7, 051302 (2022), data set of its supplement.
EFFICIENCY = "(counts - dark) / (power * wavelength / (h * c) * a1 * a2 * a3 / (switch * factor))"
D1 = {
    "counts": 244355.7,
    "dark": 18925.6,
    "power": 9.8581527120938e-05,
    "wavelength": 1.5505e-06,
    "a1": 0.000795242672239575,
    "a2": 0.0007741978326391195,
    "a3": 0.0008235538323073965,
    "switch": 1.6010127498885889,
    "factor": 1.01375,
}
D1_EFFICIENCY = 0.9377851731506629
TWENTY_ROUNDINGS = 20 * 2.0**-53  # the model has fifteen operations, each rounded once
EXACT_TO_ROUNDING = 1e-13  # a derivative adds as many operations again
DIFFERENCE = 1e-6  # step 1e-3, fourth order: 1e-12/30 times a fifth derivative, at most 1e7 here


def test_the_efficiency_of_d1_is_the_published_one() -> None:
    value = compile_expression(EFFICIENCY, names=frozenset(D1)).evaluate(D1)
    assert value == pytest.approx(D1_EFFICIENCY, rel=TWENTY_ROUNDINGS)


def test_its_derivatives_follow_from_the_form_of_the_model() -> None:
    value, gradient = compile_expression(EFFICIENCY, names=frozenset(D1)).gradient(D1)
    net = D1["counts"] - D1["dark"]
    expected = {
        "counts": value / net,
        "dark": -value / net,
        **{name: -value / D1[name] for name in ("power", "wavelength", "a1", "a2", "a3")},
        **{name: value / D1[name] for name in ("switch", "factor")},
    }
    assert gradient == pytest.approx(expected, rel=EXACT_TO_ROUNDING)
    assert list(gradient) == list(compile_expression(EFFICIENCY, names=frozenset(D1)).names)


def test_arrays_go_in_and_come_out_row_by_row() -> None:
    expression = compile_expression(EFFICIENCY, names=frozenset(D1))
    rates = np.array([1e5, 2e5, 244355.7])
    rows = expression.evaluate({**D1, "counts": rates})
    assert isinstance(rows, np.ndarray)
    assert rows.shape == (3,)
    single = [expression.evaluate({**D1, "counts": float(rate)}) for rate in rates]
    assert rows == pytest.approx(np.array(single), rel=TWENTY_ROUNDINGS)


def test_arrays_broadcast() -> None:
    expression = compile_expression("a * b", names=frozenset({"a", "b"}))
    table = expression.evaluate({"a": np.array([[1.0], [2.0]]), "b": np.array([3.0, 4.0, 5.0])})
    assert np.array_equal(table, [[3.0, 4.0, 5.0], [6.0, 8.0, 10.0]])


def test_evaluating_does_not_change_the_arrays_given() -> None:
    given_array = np.array([1.0, 2.0])
    compile_expression("-x + x ^ 2", names=frozenset({"x"})).evaluate({"x": given_array})
    assert np.array_equal(given_array, [1.0, 2.0])


def test_an_expression_of_constants_is_a_float_beside_arrays() -> None:
    value = compile_expression("h * c", names=frozenset({"x"})).evaluate({"x": np.ones(3)})
    assert value == 6.62607015e-34 * 299792458


def test_in_arrays_what_has_no_real_value_is_nan_or_infinite_without_a_warning() -> None:
    x = np.array([-1.0, 0.0, 4.0])
    names = frozenset({"x"})
    root = compile_expression("sqrt(x)", names=names).evaluate({"x": x})
    inverse = compile_expression("1 / x", names=names).evaluate({"x": x})
    assert np.array_equal(root, [math.nan, 0.0, 2.0], equal_nan=True)
    assert np.array_equal(inverse, [-1.0, math.inf, 0.25])


@pytest.mark.parametrize(
    ("text", "x", "what"),
    [
        ("1 / x", 0.0, "division by zero in '1 / x'"),
        ("1 / (x - x)", 3.0, "division by zero"),
        ("x / 0", 0.0, "division by zero"),
        ("sqrt(x)", -1.0, "no finite value"),
        ("ln(x)", 0.0, "no finite value"),
        ("log10(x)", -2.0, "no finite value"),
        ("exp(x)", 1e4, "no finite value"),
        ("x ^ 0.5", -2.0, "no finite value"),
        ("x ^ -1", 0.0, "no finite value"),
        ("x * x", 1e200, "no finite value"),
        ("2 * x", math.nan, "'x' is nan"),
        ("2 * x", math.inf, "'x' is inf"),
    ],
)
def test_a_scalar_without_finite_value_is_refused(text: str, x: float, what: str) -> None:
    expression = compile_expression(text, names=frozenset({"x"}))
    with pytest.raises(InputError, match=what) as refusal:
        expression.evaluate({"x": x})
    assert "column" in refusal.value.where
    with pytest.raises(InputError, match=what):
        expression.gradient({"x": x})


@pytest.mark.parametrize(
    ("text", "x"), [("sqrt(x)", 0.0), ("x ^ 0.5", 0.0), ("x ^ x", 0.0), ("sqrt(x) ^ 2", 0.0)]
)
def test_where_the_slope_is_infinite_linearising_is_refused(text: str, x: float) -> None:
    with pytest.raises(InputError, match="no finite derivative") as refusal:
        compile_expression(text, names=frozenset({"x"})).gradient({"x": x})
    assert "write the model in another way" in refusal.value.next_step


def test_an_infinite_slope_names_the_inputs_that_it_is_by() -> None:
    expression = compile_expression("z*sqrt(p-s)", names=frozenset({"z", "p", "s"}))
    with pytest.raises(InputError) as refusal:
        expression.gradient({"z": 3.0, "p": 2.0, "s": 2.0})
    assert refusal.value.what == "'sqrt(p-s)' has no finite derivative by p, s here"
    assert "column 3" in refusal.value.where


def test_a_missing_value_is_named() -> None:
    expression = compile_expression("a + b", names=frozenset({"a", "b"}))
    with pytest.raises(InputError, match="'b'"):
        expression.evaluate({"a": 1.0})
    with pytest.raises(InputError, match="'b'"):
        expression.gradient({"a": 1.0})


def test_values_that_are_not_used_do_not_appear_in_the_gradient() -> None:
    expression = compile_expression("a", names=frozenset({"a", "b"}))
    assert expression.gradient({"a": 2.0, "b": 3.0}) == (2.0, {"a": 1.0})


X = 0.7  # inside the domain of every function here


@pytest.mark.parametrize(
    ("text", "slope"),
    [
        ("x", 1.0),
        ("-x", -1.0),
        ("x + x", 2.0),
        ("x - x", 0.0),
        ("x * x", 2 * X),
        ("1 / x", -1 / X**2),
        ("x / (1 + x)", 1 / (1 + X) ** 2),
        ("x ^ 3", 3 * X**2),
        ("x ^ -2", -2 * X**-3),
        ("2 ^ x", 2**X * math.log(2)),
        ("x ^ x", X**X * (math.log(X) + 1)),
        ("sqrt(x)", 0.5 / math.sqrt(X)),
        ("exp(x)", math.exp(X)),
        ("ln(x)", 1 / X),
        ("log10(x)", 1 / (X * math.log(10))),
        ("log2(x)", 1 / (X * math.log(2))),
        ("sin(x)", math.cos(X)),
        ("cos(x)", -math.sin(X)),
        ("tan(x)", 1 / math.cos(X) ** 2),
        ("exp(-x ^ 2)", -2 * X * math.exp(-(X**2))),
        ("sqrt(1 - x ^ 2)", -X / math.sqrt(1 - X**2)),
        ("pi", None),
    ],
)
def test_each_derivative_is_the_one_of_the_textbook(text: str, slope: float | None) -> None:
    _, gradient = compile_expression(text, names=frozenset({"x"})).gradient({"x": X})
    if slope is None:
        assert gradient == {}
    else:
        assert gradient["x"] == pytest.approx(slope, rel=EXACT_TO_ROUNDING, abs=EXACT_TO_ROUNDING)


@pytest.mark.parametrize(
    ("text", "x", "slope"),
    [
        ("x ^ 2", 0.0, 0.0),
        ("x ^ 1", 0.0, 1.0),
        ("x ^ 0", 0.0, 0.0),
        ("x ^ 2", -3.0, -6.0),
        ("(-2) ^ 3 * x", 1.0, -8.0),  # a constant power of a negative number needs no logarithm
    ],
)
def test_powers_at_zero_and_below(text: str, x: float, slope: float) -> None:
    _, gradient = compile_expression(text, names=frozenset({"x"})).gradient({"x": x})
    assert gradient["x"] == slope


def test_a_variable_exponent_above_zero_leaves_zero_where_it_is() -> None:
    expression = compile_expression("a ^ b", names=frozenset({"a", "b"}))
    assert expression.gradient({"a": 0.0, "b": 2.0}) == (0.0, {"a": 0.0, "b": 0.0})
    with pytest.raises(InputError, match="no finite derivative"):
        expression.gradient({"a": -2.0, "b": 2.0})  # moving b leaves the real numbers


def expressions() -> st.SearchStrategy[str]:
    """Build smooth expressions of a and b whose values stay of moderate size."""
    leaves = st.sampled_from(["a", "b", "2", "0.5"])

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.builds("({} + {})".format, inner, inner),
            st.builds("({} - {})".format, inner, inner),
            st.builds("sin({} * {})".format, inner, inner),
            st.builds("{} / (1.5 + cos({}))".format, inner, inner),
            st.builds("exp(-({}) ^ 2)".format, inner),
            st.builds("(1 + ({}) ^ 2) ^ (1/2)".format, inner),
        )

    return st.recursive(leaves, grow, max_leaves=6)


@given(expressions(), st.floats(0.5, 1.5), st.floats(0.5, 1.5))
def test_the_gradient_agrees_with_differences(text: str, a: float, b: float) -> None:
    expression = compile_expression(text, names=frozenset({"a", "b"}))
    at = {"a": a, "b": b}
    value, gradient = expression.gradient(at)
    assert value == expression.evaluate(at)
    step = 1e-3
    offsets = step * np.array([-2.0, -1.0, 1.0, 2.0])
    weights = np.array([1.0, -8.0, 8.0, -1.0]) / (12.0 * step)
    for name in expression.names:
        rows = expression.evaluate({**at, name: at[name] + offsets})
        slope = float(weights @ rows)
        assert gradient[name] == pytest.approx(slope, rel=DIFFERENCE, abs=DIFFERENCE)


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_python_agrees_on_the_four_operations(a: float, b: float, c_: float) -> None:
    text = "a * b - (a + b) / d + -a"
    value = compile_expression(text, names=frozenset({"a", "b", "d"})).evaluate(
        {"a": a, "b": b, "d": c_}
    )
    assert value == a * b - (a + b) / c_ + -a
