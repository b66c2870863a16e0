"""Stored models evaluated again: where first order would mislead, the models do not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import NetworkBuilder, Step
from hypothesis import given
from hypothesis import strategies as st

from qtrace.traceability.reevaluate import Change, reevaluate, worst_changes
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import Network, input_sensitivities, standard_uncertainty

F = 1.16
ROUNDED = 1e-12  # relative, a few operations on doubles


def fraction(qber: np.ndarray) -> np.ndarray:
    """Return the BB84 fraction, with the clamp that a careless figure would hold."""
    q = np.clip(qber, 1e-15, 0.5)
    h = -(q * np.log2(q) + (1.0 - q) * np.log2(1.0 - q))
    return np.maximum(0.0, 1.0 - h - F * h)


def qber_network(qber: float) -> tuple[Network, Step, Step]:
    build = NetworkBuilder()
    error = build.linear({build.leaf("e", qber, 0.001): 1.0})
    rate = build.function("bb84", fraction, qber=error)
    return build.build(), error, rate


def after(network: Network, change: Change) -> Network:
    return reevaluate(network, change, functions={"bb84@1": fraction}).network


def linear_value(network: Network, step: Step, shift: float) -> float:
    (argument,) = network.result(step.result_id).arguments
    return network.result(step.result_id).value + argument.sensitivity * shift


@pytest.mark.parametrize(
    ("qber", "shift", "linear", "exact"),
    [
        # Review item 8c: past the threshold, and along the bend.
        (0.095, 0.005, -0.013, 0.0),
        (0.03, 0.02, 0.363, 0.381),
    ],
)
def test_a_shift_through_a_threshold_is_not_first_order(
    qber: float, shift: float, linear: float, exact: float
) -> None:
    network, error, rate = qber_network(qber)
    shifted = after(network, Change(results={error.result_id: shift}))
    # The review prints three decimals.
    assert linear_value(network, rate, shift) == pytest.approx(linear, abs=6e-4)
    assert shifted.result(rate.result_id).value == pytest.approx(exact, abs=6e-4)


def test_a_factor_that_enters_cubed_moves_less_than_three_times() -> None:
    """+1 % of the meter: first order -3.00 %, the model -2.94 % (1.01^-3 = 0.97059)."""
    build = NetworkBuilder()
    factor = build.linear({build.leaf("cf", 1.01375, 0.0014): 1.0})
    figure = build.expression("k / cf^3", k=build.leaf("k", 2.0, 0.01), cf=factor)
    network = build.build()
    shift = 0.01 * 1.01375
    (slope,) = [a.sensitivity for a in network.result(figure.result_id).arguments if a.parent_id]
    value = network.result(figure.result_id).value
    exact = after(network, Change(results={factor.result_id: shift}))
    assert slope * shift / value == pytest.approx(-0.0300, abs=5e-5)
    moved = exact.result(figure.result_id).value / value - 1.0
    assert moved == pytest.approx(1.01**-3 - 1.0, rel=ROUNDED)
    assert moved == pytest.approx(-0.0294, abs=5e-5)


def test_the_sensitivities_follow_the_new_estimates() -> None:
    build = NetworkBuilder()
    leaf = build.leaf("x", 2.0, 0.1)
    square = build.expression("x^2", x=leaf)
    network = build.build()
    new = InputQuantity(leaf.input_id, "x", 3.0, 0.2, "1")
    done = reevaluate(network, Change(inputs={leaf.input_id: new}), functions={})
    assert done.moved == {square.result_id}
    assert done.network.result(square.result_id).value == 9.0
    assert standard_uncertainty(done.network, square.result_id) == pytest.approx(6.0 * 0.2)
    assert network.result(square.result_id).value == 4.0  # what is on record stays


def test_one_use_is_shifted_and_the_others_are_not() -> None:
    build = NetworkBuilder()
    meter = build.linear({build.leaf("cf", 1.0, 0.01): 1.0})
    early = build.expression("2 * m", m=meter)
    late = build.expression("3 * m", m=meter)
    both = build.expression("a + b", a=early, b=late)
    network = build.build()
    done = reevaluate(network, Change(uses={(late.result_id, meter.result_id): 0.1}), functions={})
    values = {k: one.value for k, one in done.network.results.items()}
    assert values == pytest.approx(
        {meter.result_id: 1.0, early.result_id: 2.0, late.result_id: 3.3, both.result_id: 5.3}
    )
    assert done.moved == {late.result_id, both.result_id}


def test_where_a_model_has_no_value_the_result_is_named_with_all_below() -> None:
    build = NetworkBuilder()
    error = build.linear({build.leaf("x", 0.5, 0.1): 1.0})
    root = build.expression("sqrt(x)", x=error)
    below = build.expression("2 * r", r=root)
    beside = build.expression("3 * x", x=error)
    done = reevaluate(build.build(), Change(results={error.result_id: -1.0}), functions={})
    assert set(done.failed) == {root.result_id, below.result_id}
    assert "cannot be evaluated there" in done.failed[below.result_id]
    assert beside.result_id in done.moved


@given(
    st.lists(st.floats(-3.0, 3.0), min_size=2, max_size=5),
    st.floats(-1.0, 1.0),
)
def test_in_a_linear_network_first_order_is_exact(weights: list[float], shift: float) -> None:
    """The theorem behind the screening: x = A x + B e has constant derivatives."""
    build = NetworkBuilder()
    leaf = build.leaf("x", 1.0, 0.1)
    step = build.linear({leaf: 1.0})
    for weight in weights:
        step = build.linear({step: weight, leaf: 0.5})
    network = build.build()
    new = InputQuantity(leaf.input_id, "x", 1.0 + shift, 0.1, "1")
    done = reevaluate(network, Change(inputs={leaf.input_id: new}), functions={}).network
    moved = done.result(step.result_id).value - network.result(step.result_id).value
    expected = input_sensitivities(network, step.result_id)[leaf.input_id] * shift
    scale = sum(abs(w) for w in weights) + 1.0
    assert moved == pytest.approx(expected, abs=1e-12 * math.prod([scale] * len(weights)))


# --- shifts that are only known to lie between -------------------------------------------------


def pair() -> tuple[Network, Step, Step, Step, Step]:
    build = NetworkBuilder()
    meter = build.linear({build.leaf("cf", 1.0, 0.01): 1.0})
    one = build.expression("2 * m", m=meter)
    other = build.expression("4 * m", m=meter)
    ratio = build.expression("a / b", a=one, b=other)
    return build.build(), meter, one, other, ratio


def worst(network: Network, full: Change, times: dict, target: Step) -> list[float]:
    changes = worst_changes(network, full, times, targets=[target.result_id], functions={})
    return sorted(
        reevaluate(network, one, functions={}).network.result(target.result_id).value
        for one in changes
    )


def test_uses_at_different_times_may_have_seen_different_shifts() -> None:
    """A ratio cancels a common shift; used a month apart, either side may have had it alone."""
    network, meter, one, other, ratio = pair()
    keys = [(one.result_id, meter.result_id), (other.result_id, meter.result_id)]
    full = Change(uses=dict.fromkeys(keys, 0.1))
    apart = worst(network, full, {keys[0]: "June", keys[1]: "July"}, ratio)
    assert apart == pytest.approx([0.5 / 1.1, 0.5, 0.55])
    assert worst(network, full, dict.fromkeys(keys, "June"), ratio) == pytest.approx([0.5])


def test_what_is_worst_inside_the_interval_is_found_inside() -> None:
    """x (0.2 - x): nothing at both ends of the shift, most in the middle."""
    build = NetworkBuilder()
    meter = build.linear({build.leaf("x", 0.0, 0.01): 1.0})
    hump = build.expression("m * (0.2 - m)", m=meter)
    full = Change(uses={(hump.result_id, meter.result_id): 0.2})
    values = worst(build.build(), full, {(hump.result_id, meter.result_id): "June"}, hump)
    assert max(values) == pytest.approx(0.01)
    assert len(values) == 4
