"""Recomputation: derivatives in one call, refusals that name the fault, and stability."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.metrics.catalogue import metric
from qtrace.metrics.recompute import evaluate, stability_interval

DERIVATIVE = 1e-8  # relative: truncation of the fourth-order difference at 0.05 u

YIN = {
    "errors_z": 70.0,
    "agreements_z": 1480.0,
    "errors_x": 70.0,
    "agreements_x": 1480.0,
    "error_correction_efficiency": 1.19,
}
EPSILONS = {"epsilon_sampling": 1e-10, "epsilon_correctness": 1e-10, "epsilon_privacy": 1e-10}
POISSON = {name: value**0.5 for name, value in YIN.items() if "_z" in name or "_x" in name}


def entropy_slope(rate: float) -> float:
    """Derivative of the binary entropy, log2((1 - x) / x)."""
    return float(np.log2((1 - rate) / rate))


def test_derivatives_agree_with_those_made_by_hand() -> None:
    value, parts = evaluate(metric("qkd.bbm92.key_fraction_asymptotic"), YIN, POISSON)
    rate = 140 / 3100
    # With equal bases the figure is 1 - (1 + f) h(E), and E moves by agreements / sifted^2.
    slope = -(1 + 1.19) * entropy_slope(rate)
    assert parts["errors_z"] == pytest.approx(slope * 2960 / 3100**2, rel=DERIVATIVE)
    assert parts["agreements_x"] == pytest.approx(-slope * 140 / 3100**2, rel=DERIVATIVE)
    assert value == pytest.approx(0.4186086867900537, rel=1e-9)


def test_exact_arguments_have_a_derivative_too() -> None:
    _, parts = evaluate(metric("qkd.bbm92.key_fraction_asymptotic"), YIN, POISSON)
    entropy = (1 - 0.4186086867900537) / 2.19
    assert parts["error_correction_efficiency"] == pytest.approx(-entropy, rel=1e-6)


def test_all_rows_go_through_one_call() -> None:
    shapes = []

    def watched(**arguments: NDArray[np.float64]) -> NDArray[np.float64]:
        shapes.append({np.shape(one) for one in arguments.values()})
        return arguments["efficiency_a"] / arguments["efficiency_b"]

    spied = replace(metric("detector.efficiency_ratio"), function=watched)
    evaluate(spied, {"efficiency_a": 0.9, "efficiency_b": 0.8}, {"efficiency_a": 1e-3})
    assert shapes == [{(4 * 2 + 4 + 1,)}]  # one of the two has a u: a finer step, too


def test_a_stepped_figure_has_a_value_and_no_derivatives() -> None:
    value, parts = evaluate(metric("qkd.bbm92.finite_length_tail"), YIN | EPSILONS, POISSON)
    assert value == pytest.approx(419.39212476035067, rel=1e-9)
    assert parts == {}


def test_a_stepped_figure_cannot_be_differentiated_behind_its_back() -> None:
    smoothed = replace(metric("qkd.bbm92.finite_length_tail"), differentiable=True)
    with pytest.raises(InputError, match="whole counts"):
        evaluate(smoothed, YIN | EPSILONS, POISSON)


def test_an_empty_cell_has_a_value_but_no_slope() -> None:
    clean = YIN | {"errors_z": 0.0, "errors_x": 0.0}
    fraction = metric("qkd.bbm92.key_fraction_asymptotic")
    assert evaluate(fraction, clean, {"errors_z": 0.5**0.5}) == (1.0, {})


def test_an_error_rate_of_zero_still_has_its_slope() -> None:
    cells = {"errors": 0.0, "agreements": 1480.0}
    value, parts = evaluate(metric("qkd.bbm92.qber_of_basis"), cells, {"errors": 0.5**0.5})
    assert value == 0.0
    assert parts["errors"] == pytest.approx(1 / 1480, rel=DERIVATIVE)


def test_other_faults_are_not_hidden_by_that() -> None:
    with pytest.raises(InputError, match="counting time"):
        evaluate(metric("qkd.bbm92.key_rate_asymptotic"), YIN | {"duration": 0.0}, POISSON)
    clean = YIN | EPSILONS | {"errors_z": 0.0}
    with pytest.raises(InputError, match="exact tail"):
        evaluate(metric("qkd.bbm92.finite_length_gamma"), clean, POISSON)


def test_defaults_may_be_left_out() -> None:
    key_rate = metric("qkd.bbm92.key_rate_asymptotic")
    value, parts = evaluate(key_rate, YIN | {"duration": 3100.0}, POISSON)
    assert value == pytest.approx(0.4186086867900537, rel=1e-9)
    assert "time_base_frequency" not in parts


def test_the_clock_moves_the_rate() -> None:
    key_rate = metric("qkd.bbm92.key_rate_asymptotic")
    given = YIN | {"duration": 3100.0, "time_base_frequency": 0.0}
    value, parts = evaluate(key_rate, given, POISSON | {"time_base_frequency": 1e-6})
    assert parts["time_base_frequency"] == pytest.approx(value, rel=1e-6)


def test_a_missing_argument_is_named_with_the_list() -> None:
    short = {name: value for name, value in YIN.items() if name != "errors_x"}
    with pytest.raises(InputError, match="misses errors_x") as caught:
        evaluate(metric("qkd.bbm92.key_fraction_asymptotic"), short, {})
    assert "agreements_z" in caught.value.next_step
    assert caught.value.where == "qkd.bbm92.key_fraction_asymptotic@1"


def test_an_unknown_argument_is_named() -> None:
    with pytest.raises(InputError, match="does not take sifted"):
        evaluate(metric("qkd.bbm92.key_fraction_asymptotic"), YIN | {"sifted": 3100.0}, {})


def test_errors_above_counts_are_refused() -> None:
    broken = {"errors": 200.0, "agreements": -100.0}
    with pytest.raises(InputError, match=r"agreements of metric .* is negative") as caught:
        evaluate(metric("qkd.bbm92.qber_of_basis"), broken, {})
    assert "exceed the counts" in caught.value.next_step


@pytest.mark.parametrize("wild", [float("nan"), float("inf")])
def test_what_is_not_finite_is_refused(wild: float) -> None:
    with pytest.raises(InputError, match="not a finite number"):
        evaluate(metric("qkd.bbm92.qber_of_basis"), {"errors": wild, "agreements": 1.0}, {})


def test_stability_is_about_the_size_that_propagation_gives() -> None:
    # For a smooth figure both routes must agree: the gamma length has a derivative.
    gamma = metric("qkd.bbm92.finite_length_gamma")
    _, parts = evaluate(gamma, YIN | EPSILONS, POISSON)
    u = sum((parts[name] * spread) ** 2 for name, spread in POISSON.items()) ** 0.5
    interval = stability_interval(
        gamma, YIN | EPSILONS, probability=0.95, draws=4000, generator=np.random.default_rng(1)
    )
    half_width = (interval.high - interval.low) / 2
    # 4000 draws give the 2.5 % points to about 3 % of their distance.
    assert half_width == pytest.approx(1.96 * u, rel=0.1)


def test_stability_of_the_exact_tail_surrounds_it() -> None:
    tail = metric("qkd.bbm92.finite_length_tail")
    interval = stability_interval(
        tail, YIN | EPSILONS, probability=0.9, draws=400, generator=np.random.default_rng(2)
    )
    assert interval.low < 419.39 < interval.high
    assert interval.probability == 0.9


def test_the_same_seed_gives_the_same_interval() -> None:
    qber = metric("qkd.bbm92.qber_of_basis")
    cells = {"errors": 70.0, "agreements": 1480.0}
    first, second = (
        stability_interval(
            qber, cells, probability=0.95, draws=100, generator=np.random.default_rng(7)
        )
        for _ in range(2)
    )
    assert first == second


def test_without_counts_there_is_nothing_to_resample() -> None:
    with pytest.raises(InputError, match="no counts to resample"):
        stability_interval(
            metric("detector.efficiency_ratio"),
            {"efficiency_a": 0.9, "efficiency_b": 0.9},
            probability=0.95,
            draws=10,
            generator=np.random.default_rng(1),
        )
