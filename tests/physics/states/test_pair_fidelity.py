"""The one interval of a pair fidelity: anchors, coverage by enumeration, the same in all protocols."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from qtrace.errors import InputError
from qtrace.metrics.catalogue import metric
from qtrace.metrics.teleportation.tomography import TARGETS
from qtrace.physics.proportions import Interval
from qtrace.physics.qsdc import fidelity_from_errors
from qtrace.physics.states.pair_fidelity import entanglement_p_value, pair_fidelity_interval

ERRORS, PAIRS = (10, 13, 10), (400, 400, 410)
FEW = (2, 2, 4)
ROUNDING = 1e-9


def counted(errors: tuple[int, ...], pairs: tuple[int, ...]) -> dict[str, float]:
    """Return the counts in the names of all three protocols; the target is the singlet."""
    found: dict[str, float] = {"target": float(TARGETS.index("psi_minus"))}
    for basis, wrong, all_of_it in zip("xyz", errors, pairs, strict=True):
        right = all_of_it - wrong
        found |= {f"errors_{basis}": wrong, f"agreements_{basis}": right}
        both = basis * 2
        found |= {f"pm_{both}": right - 100, f"mp_{both}": 100, f"pp_{both}": wrong - 3}
        found[f"mm_{both}"] = 3
    return found


def test_equal_totals_give_the_pooled_exact_interval() -> None:
    found = pair_fidelity_interval((390, 387, 390), (400,) * 3, probability=0.95)
    pooled = binomtest(390 + 387 + 390, 1200).proportion_ci(0.95, method="exact")
    assert found.low == pytest.approx((3.0 * pooled.low - 1.0) / 2.0, rel=ROUNDING)
    assert found.high == pytest.approx((3.0 * pooled.high - 1.0) / 2.0, rel=ROUNDING)
    assert found.probability == 0.95


def test_all_protocols_have_the_same_interval_of_the_same_counts() -> None:
    given = counted(ERRORS, PAIRS)
    right = [n - k for k, n in zip(ERRORS, PAIRS, strict=True)]
    here = pair_fidelity_interval(right, PAIRS, probability=0.9)
    value = fidelity_from_errors(*(k / n for k, n in zip(ERRORS, PAIRS, strict=True)))
    assert here.low < float(value) < here.high
    for name in (
        "qkd.qsdc_network.fidelity",
        "teleportation.entanglement_swapping.pair_fidelity",
        "teleportation.state_tomography.fidelity_direct",
    ):
        one = metric(name)
        assert one.interval is not None
        assert one.interval({a.name: given[a.name] for a in one.arguments}, 0.9) == here
        assert one.function(**{a.name: given[a.name] for a in one.arguments}) == pytest.approx(
            float(value), rel=ROUNDING
        )


def test_the_interval_covers_by_enumeration_of_all_counts() -> None:
    """No simulation: the share of outcomes whose interval holds the truth, summed exactly."""
    outcomes = list(itertools.product(*(range(n + 1) for n in FEW)))
    of_mean: dict[float, Interval] = {}  # the interval depends on the mean of the parts alone
    for k in outcomes:
        mean = sum(a / n for a, n in zip(k, FEW, strict=True))
        if mean not in of_mean:
            of_mean[mean] = pair_fidelity_interval(k, FEW, probability=0.9)
    found = [of_mean[sum(a / n for a, n in zip(k, FEW, strict=True))] for k in outcomes]
    worlds = [(q, q, q) for q in (0.5, 0.7, 0.9, 0.97)]
    worlds += [(1.0, 1.0, 0.7), (0.6, 0.9, 0.9), (0.9, 0.9, 0.6), (0.0, 0.0, 0.1), (1.0, 0.5, 0.0)]
    for chances in worlds:
        truth = (math.fsum(chances) - 1.0) / 2.0
        covered = sum(
            math.prod(binom.pmf(a, n, q) for a, n, q in zip(k, FEW, chances, strict=True))
            for k, one in zip(outcomes, found, strict=True)
            if one.low - ROUNDING <= truth <= one.high + ROUNDING
        )
        assert covered >= 0.9, chances


def test_the_interval_is_not_cut_at_zero_and_ends_at_one() -> None:
    assert pair_fidelity_interval((0, 0, 0), (50, 60, 70), probability=0.95).low == -0.5
    assert pair_fidelity_interval((50, 60, 70), (50, 60, 70), probability=0.95).high == 1.0


def test_p_value_is_the_binomial_tail_and_falls_with_agreement() -> None:
    exact = float(binom.sf(224, 300, 2 / 3))
    assert entanglement_p_value((75, 75, 75), (100,) * 3) == pytest.approx(exact)
    # One pair more in one basis: the tail at equal error rates by listing all outcomes.
    first, third = np.arange(101) / 100, np.arange(102) / 101
    value = first[:, None, None] + first[:, None] + third
    equal, other = binom.pmf(np.arange(101), 100, 2 / 3), binom.pmf(np.arange(102), 101, 2 / 3)
    listed = equal[:, None, None] * equal[:, None] * other
    tail = float(np.sum(listed[value >= 0.75 + 0.75 + 76 / 101 - 1e-12]))
    found = entanglement_p_value((75, 75, 76), (100, 100, 101))
    assert tail <= found <= 1.05 * tail  # at the worst error rates it may be larger, a little
    assert entanglement_p_value((60, 60, 60), (100,) * 3) == 1.0


def test_doubles_with_the_dust_of_arithmetic_are_counts() -> None:
    clean = pair_fidelity_interval((95, 94, 96), (100,) * 3, probability=0.95)
    dusty = [np.float64(one) * (1.0 - 1e-15) for one in (95, 94, 96)]
    assert pair_fidelity_interval(dusty, (100.0,) * 3, probability=0.95) == clean


def test_counts_that_are_no_proportion_are_refused() -> None:
    with pytest.raises(InputError, match="5 successes of 4"):
        pair_fidelity_interval((5, 1, 1), (4, 4, 4), probability=0.95)
    with pytest.raises(InputError, match="no trials"):
        entanglement_p_value((0, 1, 1), (0, 4, 4))
