"""A result of one count and exact numbers has the limits of that count."""

from __future__ import annotations

import math

import pytest

from qtrace.errors import InputError
from qtrace.uncertainty.distributions import beta_proportion, gamma_counts
from qtrace.uncertainty.inputs import Distribution, InputQuantity
from qtrace.uncertainty.lone_count import ends_by_count, lone_count
from qtrace.uncertainty.network import Network
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result

LIMIT = -math.log(0.05)  # of zero counts, 95 %


def network(model: str, *, scale_u: float = 0.0, successes: int | None = None) -> Network:
    made = gamma_counts(0) if successes is None else beta_proportion(successes, 20)
    n = InputQuantity(
        1,
        "n",
        made.estimate,
        made.standard_uncertainty,
        "1",
        made.distribution,
        flags=("prior: Jeffreys",),
        parameters=made.parameters,
    )
    scale = InputQuantity(2, "w", 4.0, scale_u, "1")
    arguments = (Argument("n", 1.0, None, 1), Argument("w", 1.0, None, 2))
    result = Result(1, 0.0, Model(ModelKind.EXPRESSION, model), arguments)
    return Network({1: result}, {1: n, 2: scale}, ())


def ends(model: str, *tails: float | None, exact: bool = True) -> tuple[float | None, float | None]:
    lone = lone_count(network(model), 1, {})
    assert lone is not None
    return ends_by_count(lone, (tails[0], tails[1]), exact=exact, functions={})


def test_a_rising_model_keeps_the_upper_limit() -> None:
    low, high = ends("n * w + 1", None, 0.95)
    assert (low, high) == (None, pytest.approx(4.0 * LIMIT + 1.0))


def test_a_falling_model_turns_it_round() -> None:
    low, high = ends("exp(-n / w)", 0.05, None)
    assert (low, high) == (pytest.approx(math.exp(-LIMIT / 4.0)), None)


def test_the_posterior_gives_its_own_quantile() -> None:
    # Half of chi-square with one degree of freedom: 1.6449^2 / 2 is where 90 % lie below.
    _, high = ends("n", None, 0.9, exact=False)
    assert high == pytest.approx(1.6448536269514722**2 / 2.0)


def test_an_uncertain_scale_or_a_bent_model_is_no_lone_count() -> None:
    assert lone_count(network("n * w", scale_u=0.1), 1, {}) is None
    assert lone_count(network("(n - 1)^2 * w"), 1, {}) is None
    linear = network("n * w")
    made = Result(1, 0.0, Model(ModelKind.LINEAR), linear.results[1].arguments)
    assert lone_count(Network({1: made}, linear.inputs, ()), 1, {}) is None


def test_a_proportion_has_the_limits_of_clopper_and_pearson() -> None:
    lone = lone_count(network("1 - n + 0 * w", successes=20), 1, {})
    assert lone is not None
    low, high = ends_by_count(lone, (0.025, 0.975), exact=True, functions={})
    # 20 of 20: 1 - 0.025^(1/20) is the end of the failures' interval.
    assert (low, high) == (0.0, pytest.approx(1.0 - 0.025 ** (1 / 20)))


def test_a_model_that_ends_at_the_limit_is_refused() -> None:
    with pytest.raises(InputError, match="no finite value where n is at its limit"):
        ends("w / n", None, 0.95)


def test_a_whole_number_of_events_has_the_limits_of_its_count() -> None:
    net = network("n * w")
    n = InputQuantity(1, "n", 3.0, math.sqrt(3.5), "1", Distribution.COUNTS)
    lone = lone_count(Network(net.results, {**net.inputs, 1: n}, ()), 1, {})
    assert lone is not None
    _, high = ends_by_count(lone, (None, 0.95), exact=True, functions={})
    # Garwood: half of the 95 % quantile of chi-square with 8 degrees of freedom, 15.5073.
    assert high == pytest.approx(4.0 * 15.5073 / 2.0, rel=1e-5)
