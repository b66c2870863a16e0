"""A bent model is named with both figures of u; a straight one, and the demo, are not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import Leaf, NetworkBuilder, Step
from hypothesis import given
from hypothesis import strategies as st
from stranger import Laboratory

from qtrace.traceability.nonlinearity import MOST_ARGUMENTS, nonlinearity
from qtrace.uncertainty.evaluation import ModelFunction
from qtrace.uncertainty.inputs import BlockKind
from qtrace.uncertainty.results import Argument, Model, ModelKind

TWO_DEGREES = math.radians(2.0)


def said(
    builder: NetworkBuilder,
    result: Step,
    *,
    unit: str = "1",
    functions: dict[str, ModelFunction] | None = None,
) -> str:
    return nonlinearity(builder.build(), result.result_id, unit=unit, functions=functions or {})


def of_one(text: str, x: float, u: float) -> str:
    """Return what is said of a model of one input x."""
    builder = NetworkBuilder()
    return said(builder, builder.expression(text, x=builder.leaf("x", x, u)))


def test_a_cosine_at_its_top_has_no_first_order() -> None:
    """The second order of 1 - x^2/2 is u^2 / sqrt(2): 0.000862 for 2 degrees."""
    assert TWO_DEGREES**2 / math.sqrt(2.0) == pytest.approx(0.000862, abs=5e-7)
    assert of_one("cos(x)", 0.0, TWO_DEGREES) == (
        "first order claims u = 0, second order u = 0.000862"
    )


def test_a_cosine_on_its_slope_is_straight_enough() -> None:
    assert of_one("cos(x)", math.radians(45.0), TWO_DEGREES) == ""


def test_a_square_is_said_from_five_per_cent_on() -> None:
    """u of x^2 at 1 is 2u, to second order sqrt(4 u^2 + 2 u^4): 5 % more at u = 0.4528."""
    limit = math.sqrt(2.0 * (1.05**2 - 1.0))
    assert of_one("x^2", 1.0, limit * 0.999) == ""
    assert "second order u = " in of_one("x^2", 1.0, limit * 1.001)
    assert of_one("x^2", 1.0, 0.5) == ("first order claims u = 1, second order u = 1.06")


def test_a_smaller_second_order_is_said_too() -> None:
    """u of the sine at 0 is sqrt(u^2 - u^4): 0.433 for 0.5."""
    assert "claims u = 0.5, second order u = 0.433" in of_one("sin(x)", 0.0, 0.5)


def test_where_second_order_leaves_nothing_it_says_so() -> None:
    assert of_one("sin(x)", 0.0, 1.2) == (
        "first order claims u = 1.2, second order leaves no positive variance"
    )


def test_where_the_model_has_no_value_nearby_it_says_so() -> None:
    text = of_one("ln(x)", 0.1, 1.0)
    assert text.startswith("first order claims u = 10, second order cannot be had")
    assert "not finite" in text


@given(
    st.lists(st.tuples(st.floats(-9, 9), st.floats(-1e3, 1e3), st.floats(1e-6, 1e3)), min_size=1)
)
def test_nothing_is_said_of_a_weighted_sum(terms: list[tuple[float, float, float]]) -> None:
    builder = NetworkBuilder()
    leaves = {f"x{k}": builder.leaf(f"x{k}", x, u) for k, (_, x, u) in enumerate(terms[:8])}
    text = " + ".join(f"({c:.6f}) * x{k}" for k, (c, _, _) in enumerate(terms[:8]))
    assert said(builder, builder.expression(text, **leaves)) == ""


def test_nothing_is_said_of_exact_arguments_or_of_a_linear_model() -> None:
    assert of_one("x^2", 0.0, 0.0) == ""
    builder = NetworkBuilder()
    assert said(builder, builder.linear({builder.leaf("x", 0.0, 1.0): 0.0})) == ""


def test_a_function_says_the_same_as_its_expression() -> None:
    def square(x: np.ndarray) -> np.ndarray:
        return np.asarray(x * x)

    builder = NetworkBuilder()
    result = builder.function("square", square, x=builder.leaf("x", 1.0, 0.5))
    assert said(builder, result, functions={"square@1": square}) == of_one("x^2", 1.0, 0.5) != ""


def ratio(r: float, *, kind: BlockKind = BlockKind.DECLARED) -> str:
    """Return what is said of a ratio of two inputs at 1 with u = 0.3 and correlation r."""
    builder = NetworkBuilder()
    a, b = builder.leaf("a", 1.0, 0.3), builder.leaf("b", 1.0, 0.3)
    builder.correlate([a, b], [[1.0, r], [r, 1.0]], kind=kind)
    return said(builder, builder.expression("a / b", a=a, b=b))


def test_the_covariance_of_the_arguments_counts() -> None:
    """A ratio of two that move together stays 1; of independent ones it is bent.

    Curvature 1/2 f_bb^2 + f_ab^2 = 3, cubic f_a f_abb + f_b f_bbb = 8: 2 u^2 + 11 u^4.
    """
    assert ratio(1.0) == ""
    assert math.sqrt(2 * 0.3**2 + 11 * 0.3**4) == pytest.approx(0.519, abs=5e-4)
    assert ratio(0.0).startswith("first order claims u = 0.424, second order u = 0.519")


def test_what_arguments_share_counts() -> None:
    builder = NetworkBuilder()
    shared = builder.leaf("shared", 1.0, 0.3)
    a, b = builder.expression("s", s=shared), builder.expression("s", s=shared)
    assert said(builder, builder.expression("a / b", a=a, b=b)) == ""
    assert said(builder, builder.expression("a / s", a=a, s=shared)) == ""


def test_correlations_that_nobody_states_are_taken_at_the_bound() -> None:
    """a / b with opposite signs: u = 0.6, as the network has it, not 0.424."""
    text = ratio(0.0, kind=BlockKind.UNKNOWN)
    assert text.startswith("first order claims u = 0.6, second order u = ")
    assert text == ratio(-1.0)


def test_both_figures_are_written_in_the_unit_of_the_result() -> None:
    builder = NetworkBuilder()
    result = builder.expression("x^2 * p", x=builder.leaf("x", 1.0, 0.5), p=builder.leaf("p", 2, 0))
    assert said(builder, result, unit="mW") == (
        "first order claims u = 2000 mW, second order u = 2120 mW"
    )


def test_a_small_u_of_a_large_number_is_not_taken_for_curvature() -> None:
    """A wavelength ratio known to 1e-11: rounding of the model is far below its u."""
    assert of_one("x * x / (x + 1)", 1550.5, 1.5e-8) == ""


def sum_of(n: int) -> str:
    builder = NetworkBuilder()
    leaves = [builder.leaf(f"x{k}", 1.0, 0.1) for k in range(n)]
    arguments = tuple(Argument(f"x{k}", 1.0, None, leaf.input_id) for k, leaf in enumerate(leaves))
    model = Model(ModelKind.EXPRESSION, " + ".join(f"x{k}" for k in range(n)))
    return said(builder, builder.add(float(n), model, arguments))


def test_more_arguments_than_pairs_can_be_looked_at_are_said() -> None:
    assert sum_of(MOST_ARGUMENTS) == ""
    assert f"not looked at for more than {MOST_ARGUMENTS} arguments" in sum_of(MOST_ARGUMENTS + 1)


def test_nothing_is_added_to_the_network() -> None:
    builder = NetworkBuilder()
    leaf: Leaf = builder.leaf("x", 0.0, 1.0)
    result = builder.expression("x^2", x=leaf)
    network = builder.build()
    before = (dict(network.results), dict(network.inputs), network.blocks)
    assert nonlinearity(network, result.result_id, unit="1", functions={}) != ""
    assert (network.results, network.inputs, network.blocks) == before


def test_the_calibrations_of_the_demo_are_straight(walked: Laboratory) -> None:
    added = [walked.answers[line].answer for line in walked.answers if "calibration add" in line]
    assert len(added) == 11
    spoken = [
        text
        for one in added
        for text in (*one["warnings"], *(f for r in one["results"] for f in r["flags"]))
    ]
    assert [text for text in spoken if "nonlinear" in text or "Monte Carlo" in text] == []
