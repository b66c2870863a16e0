"""Few counts: exact limits, ratios, and which results may not claim a linear U."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom, gamma, poisson

from qtrace.errors import InputError
from qtrace.uncertainty.distributions import (
    JEFFREYS_COUNTS,
    UNIFORM_COUNTS,
    Prior,
    TypeB,
    beta_proportion,
    gamma_counts,
)
from qtrace.uncertainty.few_counts import (
    count_limit,
    counted,
    few_count_inputs,
    fieller_interval,
    is_few,
    poisson_ratio_interval,
)
from qtrace.uncertainty.inputs import Distribution, InputQuantity
from qtrace.uncertainty.network import Network
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result

PRINTED = 5e-3  # of a number printed with three digits
TIGHT = 1e-12


def quantity(made: TypeB, prior: str = "Jeffreys", *, input_id: int = 1) -> InputQuantity:
    return InputQuantity(
        input_id,
        f"n{input_id}",
        made.estimate,
        made.standard_uncertainty,
        "1",
        made.distribution,
        flags=(f"estimate and u are those of the posterior; prior: {prior}",),
        parameters=made.parameters,
    )


def test_zero_counts_have_a_posterior_and_a_limit() -> None:
    """0.5 +- 0.71 counts; 3.00/T exact, 1.92/T Jeffreys at 95 %."""
    seen = quantity(gamma_counts(0))
    assert seen.estimate == 0.5
    assert seen.standard_uncertainty == pytest.approx(0.71, rel=PRINTED)
    assert count_limit(seen, 0.95, upper=True) == pytest.approx(3.00, rel=PRINTED)
    assert gamma_counts(0).below(0.95) == pytest.approx(1.92, rel=PRINTED)
    in_time = quantity(gamma_counts(0, exposure=250.0))
    assert count_limit(in_time, 0.95, upper=True) == pytest.approx(-math.log(0.05) / 250.0)
    assert count_limit(in_time, 0.95, upper=False) == 0.0


def test_no_error_in_a_hundred_bits() -> None:
    """QBER 0/100: at most 2.95 % one-sided; 3.62 % is the end of the two-sided interval."""
    qber = quantity(beta_proportion(0, 100))
    assert count_limit(qber, 0.95, upper=True) == pytest.approx(0.0295, rel=PRINTED)
    assert count_limit(qber, 0.975, upper=True) == pytest.approx(0.0362, rel=PRINTED)
    assert count_limit(quantity(beta_proportion(100, 100)), 0.95, upper=True) == 1.0


@given(st.integers(0, 60), st.floats(0.6, 0.999))
def test_a_limit_of_counts_is_that_of_the_poisson_tail(n: int, p: float) -> None:
    """The limit is the mean at which n or fewer are seen with probability 1 - p."""
    high = count_limit(quantity(gamma_counts(n)), p, upper=True)
    assert poisson.cdf(n, high) == pytest.approx(1.0 - p, rel=1e-9)
    low = count_limit(quantity(gamma_counts(n)), p, upper=False)
    assert n == 0 or poisson.sf(n - 1, low) == pytest.approx(1.0 - p, rel=1e-9)


@given(st.integers(0, 30), st.integers(1, 30), st.floats(0.6, 0.999))
def test_a_limit_of_a_proportion_is_that_of_the_binomial_tail(k: int, more: int, p: float) -> None:
    n = k + more
    high = count_limit(quantity(beta_proportion(k, n)), p, upper=True)
    assert binom.cdf(k, n, high) == pytest.approx(1.0 - p, rel=1e-8)


def test_the_prior_does_not_enter_an_exact_limit() -> None:
    jeffreys = quantity(gamma_counts(4, exposure=10.0, prior=JEFFREYS_COUNTS))
    uniform = quantity(gamma_counts(4, exposure=10.0, prior=UNIFORM_COUNTS), "uniform")
    assert counted(jeffreys) == counted(uniform)
    assert count_limit(jeffreys, 0.9, upper=True) == count_limit(uniform, 0.9, upper=True)


def test_a_declared_prior_hides_the_counts() -> None:
    seen = quantity(gamma_counts(4, prior=Prior(2.0, 1.0, "declared")), "declared (last year)")
    with pytest.raises(InputError, match="no counts from which an exact limit follows"):
        count_limit(seen, 0.95, upper=True)
    with pytest.raises(InputError, match="no counts"):
        count_limit(InputQuantity(1, "x", 1.0, 0.1, "1"), 0.95, upper=True)
    with pytest.raises(InputError, match="between 0 and 1"):
        count_limit(quantity(gamma_counts(4)), 1.0, upper=True)


def test_ten_counts_are_not_few() -> None:
    assert is_few(quantity(gamma_counts(9)))
    assert not is_few(quantity(gamma_counts(10)))
    assert is_few(quantity(beta_proportion(3, 1000)))
    assert is_few(quantity(beta_proportion(997, 1000)))  # three failures
    assert not is_few(quantity(beta_proportion(30, 60)))
    assert is_few(InputQuantity(1, "n", 9.0, 3.1, "1", Distribution.COUNTS))
    assert not is_few(InputQuantity(1, "x", 3.0, 0.1, "1"))


def test_few_counts_matter_only_where_they_make_up_the_variance() -> None:
    few, rest = quantity(gamma_counts(3)), InputQuantity(2, "x", 100.0, 1.0, "1")

    def network(share: float) -> Network:
        result = Result(
            1,
            1.0,
            Model(ModelKind.LINEAR),
            (Argument("a", share, None, 1), Argument("b", 1.0, None, 2)),
        )
        return Network({1: result}, {1: few, 2: rest}, ())

    assert few_count_inputs(network(1.0), 1) == (few,)
    assert few_count_inputs(network(0.05), 1) == ()
    assert few_count_inputs(network(0.0), 1) == ()


def test_the_ratio_of_few_counts_is_conditional_binomial() -> None:
    """Clopper-Pearson of 3 in 8 from the beta distribution, turned into a ratio."""
    low, high = poisson_ratio_interval(3, 5, probability=0.95)
    a, b = beta.ppf(0.025, 3, 6), beta.ppf(0.975, 4, 5)
    assert (low, high) == (pytest.approx(a / (1 - a)), pytest.approx(b / (1 - b)))
    scaled = poisson_ratio_interval(
        3, 5, probability=0.95, numerator_exposure=10.0, denominator_exposure=2.0
    )
    assert scaled == (pytest.approx(low / 5.0), pytest.approx(high / 5.0))
    assert poisson_ratio_interval(3, 0, probability=0.95)[1] == math.inf
    assert poisson_ratio_interval(0, 3, probability=0.95)[0] == 0.0
    with pytest.raises(InputError):
        poisson_ratio_interval(0, 0, probability=0.95)
    with pytest.raises(InputError, match="exposures"):
        poisson_ratio_interval(1, 1, probability=0.95, numerator_exposure=0.0)


@pytest.mark.parametrize(("a", "b"), [(2.0, 4.0), (6.0, 6.0)])
def test_the_ratio_interval_covers_what_it_says(a: float, b: float) -> None:
    """All counts up to far in the tail, weighted by their probabilities: at least 95 %."""
    covered = sum(
        poisson.pmf(n, a) * poisson.pmf(m, b)
        for n in range(40)
        for m in range(40)
        if n + m and (ends := poisson_ratio_interval(n, m, probability=0.95))[0] <= a / b <= ends[1]
    )
    assert covered >= 0.95 - poisson.pmf(0, a) * poisson.pmf(0, b)


def test_fieller_solves_its_own_equation() -> None:
    low, high = fieller_interval(10.0, 5.0, u_numerator=1.0, u_denominator=0.5, covariance=0.2)
    k2 = 1.959963984540054**2
    for r in (low, high):
        variance = 1.0 - 2.0 * r * 0.2 + r * r * 0.25
        assert (10.0 - 5.0 * r) ** 2 == pytest.approx(k2 * variance, rel=TIGHT * 1e3)
    assert low < 2.0 < high
    assert high - 2.0 > 2.0 - low  # never symmetric
    wider = fieller_interval(10.0, 5.0, u_numerator=1.0, u_denominator=0.5, degrees_of_freedom=5)
    assert wider[1] > high


def test_fieller_refuses_a_denominator_that_may_be_zero() -> None:
    with pytest.raises(InputError, match="cannot be told from zero"):
        fieller_interval(10.0, 1.0, u_numerator=1.0, u_denominator=0.6)


def test_the_posterior_limit_is_a_gamma_quantile() -> None:
    assert gamma_counts(3, exposure=7.0).below(0.95) == pytest.approx(
        gamma.ppf(0.95, 3.5, scale=1.0 / 7.0)
    )
