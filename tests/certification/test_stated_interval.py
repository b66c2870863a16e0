"""Where U is refused the interval of draws governs; where it crosses a bound another is beside."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from scipy.stats import betaprime, gamma, norm

from qtrace.certification.evidence import ResultStatement, state_result
from qtrace.laboratory.curve_names import FIT_COEFFICIENT
from qtrace.laboratory.event import RecordedResult
from qtrace.laboratory.figure_flags import U_REFUSED
from qtrace.quantity.measurand import Measurand
from qtrace.traceability.chain import Dossier
from qtrace.uncertainty.distributions import gamma_counts, truncated_normal
from qtrace.uncertainty.evaluation import evaluate_model
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import Network
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result

DRAWN = 0.02  # five standard deviations of a 97.5 % quantile of 1e5 draws, relative to u


def counts(n: int, name: str = "n") -> InputQuantity:
    made = gamma_counts(n)
    return InputQuantity(
        0,
        name,
        made.estimate,
        made.standard_uncertainty,
        "1",
        made.distribution,
        flags=("prior: Jeffreys",),
        parameters=made.parameters,
    )


def stated(
    model: str, *inputs: InputQuantity, kind: str = "sifted_count", **recorded: object
) -> ResultStatement:
    values = {one.name: one.estimate for one in inputs}
    u = {one.name: one.standard_uncertainty for one in inputs}
    made = Model(ModelKind.EXPRESSION, model)
    value, gradient = evaluate_model(made, values, u, functions={})
    arguments = tuple(Argument(q.name, gradient[q.name], None, k + 1) for k, q in enumerate(inputs))
    network = Network(
        {1: Result(1, value, made, arguments)},
        {k + 1: replace(one, input_id=k + 1) for k, one in enumerate(inputs)},
        (),
    )
    about = RecordedResult(1, "E", "x", Measurand(kind), "1", **recorded)  # type: ignore[arg-type]
    dossier = Dossier(network, {1: about}, {}, {})
    return state_result(dossier, 1, coverage_probability=0.95, functions={})


def test_few_counts_are_given_with_the_interval_of_their_posterior() -> None:
    found = stated("n", counts(3))
    assert found.linear_refused == "rests on fewer than 10 counts: n (3)"
    assert found.form == "estimate"
    assert found.interval is not None
    for end, q in zip(found.interval[:2], (0.025, 0.975), strict=True):
        true = gamma.ppf(q, 3.5)
        # Five standard deviations of a quantile: sqrt(q (1 - q) / n) over the density there.
        scatter = 5.0 * math.sqrt(q * (1.0 - q) / 1e5) / gamma.pdf(true, 3.5)
        assert end == pytest.approx(true, abs=scatter)
    assert found.interval_method == "Monte Carlo, 100000 draws, seed 20230101"


def test_ten_counts_keep_their_u() -> None:
    found = stated("n", counts(10))
    assert (found.linear_refused, found.interval) == ("", None)


def test_where_draws_leave_the_estimate_outside_none_is_claimed() -> None:
    """(n - 1/2)^2 is 0 at the mean of the posterior, and above it nearly everywhere."""
    outside = stated("(n - 0.5)^2 + n * 1e-9", counts(0))
    assert outside.interval is not None
    assert outside.value < outside.interval[0]
    assert outside.form == "interval_only"
    assert outside.claimed is None


def test_an_exact_interval_that_is_recorded_stays() -> None:
    exact = (0.0, 0.0362, 0.95)
    found = stated("n", counts(3), interval=exact, interval_method="Clopper-Pearson")
    assert (found.interval, found.interval_method) == (exact, "Clopper-Pearson")
    assert found.linear_refused


def test_a_stated_limit_is_left_as_it_is() -> None:
    limit = (0.0, 7.75, 0.95)
    found = stated("n", counts(3), form="upper_limit", interval=limit, interval_method="exact")
    assert (found.form, found.interval, found.linear_refused) == ("upper_limit", limit, "")
    assert found.claimed == 7.75


def test_a_level_converted_with_a_large_u_has_the_interval_of_draws() -> None:
    level = InputQuantity(0, "a", 173.0, 3.0, "dB")
    found = stated("power_ratio_of_level(-a)", level, kind="backward_transmittance")
    assert "a level is converted with a large u in E/x" in found.linear_refused
    assert found.interval is not None
    for end, z in zip(found.interval[:2], (-1.0, 1.0), strict=True):
        expected = -17.3 + z * 0.3 * norm.ppf(0.975)
        assert math.log10(end) == pytest.approx(expected, abs=DRAWN * 0.3)
    small = replace(level, standard_uncertainty=0.1)
    assert stated("power_ratio_of_level(-a)", small).linear_refused == ""


def test_a_bounded_interval_stands_beside_u() -> None:
    x = InputQuantity(0, "x", 1.004, 0.01, "1")
    found = stated("x", x, kind="system_detection_efficiency")
    assert found.value == 1.004  # never clipped
    assert found.interval is None
    assert found.expanded_uncertainty == pytest.approx(0.0196, rel=1e-3)
    assert found.bounded_interval is not None
    low, high, _ = found.bounded_interval
    cut = norm.cdf(-0.4)
    assert low == pytest.approx(1.004 + 0.01 * norm.ppf(0.025 * cut), rel=1e-9)
    assert high == pytest.approx(1.004 + 0.01 * norm.ppf(0.975 * cut), rel=1e-9)
    inside = replace(x, estimate=0.9)
    assert stated("x", inside, kind="system_detection_efficiency").bounded_interval is None
    contradiction = replace(x, estimate=1.2)
    assert stated("x", contradiction, kind="system_detection_efficiency").bounded_interval is None


def test_where_draws_place_no_interval_nothing_is_claimed_in_place_of_u() -> None:
    """Half of the draws leave the domain: U is refused all the same, and the method says it."""
    found = stated("sqrt(n - 0.4)", counts(0))
    assert found.linear_refused
    assert found.interval is None
    assert "none (the model has no finite value for" in found.interval_method


def test_an_input_that_keeps_within_the_bound_is_not_cut_twice() -> None:
    """A normal of 0.1(3) cut at 0 has its own quantiles, not those of its u about its mean."""
    made = truncated_normal(0.1, 0.3, lower=0.0)
    cut = InputQuantity(
        0,
        "a",
        made.estimate,
        made.standard_uncertainty,
        "W",
        made.distribution,
        parameters=made.parameters,
    )
    found = stated("a", cut, kind="optical_power")
    below = norm.cdf(-0.1 / 0.3)
    wanted = [0.1 + 0.3 * norm.ppf(below + (1.0 - below) * q) for q in (0.025, 0.975)]
    assert found.bounded_interval is not None
    end = 5.0 * math.sqrt(0.025 * 0.975 / 1e5) / 0.21  # five standard deviations; density 0.21
    assert found.bounded_interval[:2] == pytest.approx(wanted, abs=end)
    assert found.bounded_method == (
        "truncated to the physical range: 100000 of 100000 draws, seed 20230101"
    )


def test_few_counts_of_an_efficiency_stand_beside_the_interval_within_its_bounds() -> None:
    """Of 4 in 7 counts the ratio reaches 1.9; cut at 1 it is a beta prime, cut at 1."""
    found = stated("a / b", counts(4, "a"), counts(7, "b"), kind="system_detection_efficiency")
    assert found.interval is not None
    assert found.interval[1] > 1.5
    prime = betaprime(4.5, 7.5)
    wanted = [prime.ppf(prime.cdf(1.0) * q) for q in (0.025, 0.975)]
    assert found.bounded_interval is not None
    assert found.bounded_interval[:2] == pytest.approx(wanted, abs=0.005)


def test_a_coefficient_of_a_fit_has_not_the_bounds_of_what_is_fitted() -> None:
    model = Model(ModelKind.LINEAR, FIT_COEFFICIENT, "ols/1")
    result = Result(1, -0.48, model, (Argument("y@1", 1.0, None, 1),))
    network = Network({1: result}, {1: InputQuantity(1, "f/y@1", 2.0, 0.07, "1")}, ())
    about = RecordedResult(1, "E", "f.p1", Measurand("responsivity"), "1")
    dossier = Dossier(network, {1: about}, {}, {})
    found = state_result(dossier, 1, coverage_probability=0.95, functions={})
    assert found.bounded_interval is None


def test_where_draws_leave_the_model_no_expanded_uncertainty_is_stated() -> None:
    """ln(a) of 1.5(6): 0.6 % of the draws lie below 0 and count as outside; 95 % of all inside."""
    a = InputQuantity(0, "a", 1.5, 0.6, "1")
    flag = f"model nonlinear: second order u = 0.44; no finite value for 621 draws: {U_REFUSED}"
    found = stated("ln(a)", a, kind="indication_error", flags=(flag,))
    assert found.linear_refused == "first order does not hold for the model of E/x"
    assert found.interval is not None
    lost = float(norm.cdf(-2.5))
    tail = (0.05 - lost) / 2.0
    wanted = [math.log(1.5 + 0.6 * norm.ppf(q)) for q in (lost + tail, 1.0 - tail)]
    # Below, where the logarithm is steep, the end of 1e5 draws scatters by 0.014.
    assert found.interval[:2] == pytest.approx(wanted, abs=0.05)
    assert stated("ln(a)", a, kind="indication_error").linear_refused == ""
