"""The smallest figure over a set: against dense grids, and against links with the truth known."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from decoy_blocks import one_decoy_block, two_decoy_block
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.metrics.catalogue import metric
from qtrace.metrics.decoy.decoy_certified import COARSE, Grid, worst_in_box
from qtrace.physics.decoy.decoy_set_constant import TOLERANCE
from qtrace.physics.decoy.decoy_source import BasisCounts, Intensities
from qtrace.physics.entropy import binary_entropy

DENSE = 1e-6  # relative: a dense grid cannot fall below the minimum by more than its own step
LINKS = 60
PHOTONS = 12  # more than 12 photons in a pulse of mean 0.5: 1e-13

EPSILONS = {"epsilon_secrecy": 1e-9, "epsilon_correctness": 1e-15}


def arguments(key: BasisCounts, test: BasisCounts, intensities: Intensities) -> dict[str, float]:
    """Return the arguments of a certified figure but the intervals."""
    cells = {
        f"{name}_{basis}_{k + 1}": cell
        for basis, counts in (("key", key), ("test", test))
        for name, column in zip(("errors", "agreements"), counts, strict=True)
        for k, cell in enumerate(column)
    }
    shares = {f"probability_{k + 1}": p for k, p in enumerate(intensities.probabilities)}
    return {**cells, **shares, **EPSILONS, "error_correction_efficiency": 1.16}


def edges(intensities: Intensities, relative: float) -> dict[str, float]:
    """Return intervals of that relative half width about the mean photon numbers."""
    return {
        f"mean_photon_number_{k + 1}_{edge}": mean * (1.0 + sign * relative)
        for k, mean in enumerate(intensities.means)
        for edge, sign in (("low", -1), ("high", 1))
    }


def nominal(means: tuple[float, ...]) -> dict[str, float]:
    return {f"mean_photon_number_{k + 1}": mean for k, mean in enumerate(means)}


def dense_minimum(name: str, fixed: dict[str, float], box: dict[str, float], points: int) -> float:
    """Return the smallest value on a grid of `points` along each intensity."""
    number = len(box) // 2
    axes = [
        np.linspace(box[f"mean_photon_number_{k}_low"], box[f"mean_photon_number_{k}_high"], points)
        for k in range(1, number + 1)
    ]
    mesh = [axis.ravel() for axis in np.meshgrid(*axes)]
    return float(np.min(metric(name).function(**fixed, **nominal(tuple(mesh)))))


@pytest.mark.parametrize("bound", ["hoeffding_gamma", "chernoff_serfling"])
@pytest.mark.parametrize(("distance", "pulses"), [(0.0, 1e9), (50.0, 1e10), (100.0, 1e12)])
@pytest.mark.parametrize("relative", [0.0, 0.02, 0.1])
def test_no_dense_grid_falls_below_two_decoys(
    bound: str, distance: float, pulses: float, relative: float
) -> None:
    key, test, intensities = two_decoy_block(distance, pulses)
    fixed, box = arguments(key, test, intensities), edges(intensities, relative)
    found = float(metric(f"qkd.bb84_two_decoy.certified_length_{bound}").function(**fixed, **box))
    dense = dense_minimum(f"qkd.bb84_two_decoy.key_length_{bound}", fixed, box, 31)
    assert found <= dense + DENSE * abs(dense)
    at_nominal = metric(f"qkd.bb84_two_decoy.key_length_{bound}").function(
        **fixed, **nominal(intensities.means)
    )
    assert found <= at_nominal
    assert relative == 0.0 or found < at_nominal


@pytest.mark.parametrize("bound", ["hoeffding_gamma", "hoeffding_serfling_15", "clopper_serfling"])
@pytest.mark.parametrize(("distance", "pulses"), [(0.0, 1e9), (50.0, 1e11)])
def test_no_dense_grid_falls_below_one_decoy(bound: str, distance: float, pulses: float) -> None:
    key, test, intensities = one_decoy_block(distance, pulses)
    fixed, box = arguments(key, test, intensities), edges(intensities, 0.05)
    found = float(metric(f"qkd.bb84_one_decoy.certified_length_{bound}").function(**fixed, **box))
    dense = dense_minimum(f"qkd.bb84_one_decoy.key_length_{bound}", fixed, box, 41)
    assert found <= dense + DENSE * abs(dense)


def test_a_coarse_grid_is_enough_for_the_exact_tail() -> None:
    key, test, intensities = two_decoy_block(50.0, 1e10)
    whole = [BasisCounts(*(tuple(map(round, column)) for column in one)) for one in (key, test)]
    fixed, box = arguments(*whole, intensities), edges(intensities, 0.02)
    found = float(
        metric("qkd.bb84_two_decoy.certified_length_hoeffding_tail").function(**fixed, **box)
    )
    dense = dense_minimum("qkd.bb84_two_decoy.key_length_hoeffding_tail", fixed, box, 7)
    assert found <= dense + 1.0  # bit: steps of the bound


@settings(max_examples=40, derandomize=True)
@given(st.floats(0.0, 100.0), st.floats(1e8, 1e12), st.floats(0.0, 0.05), st.floats(1.0, 3.0))
def test_a_wider_set_never_has_a_longer_key(
    distance: float, pulses: float, relative: float, wider: float
) -> None:
    key, test, intensities = two_decoy_block(distance, pulses)
    fixed = arguments(key, test, intensities)
    function = metric("qkd.bb84_two_decoy.certified_length_hoeffding_gamma").function
    narrow, wide = (
        float(function(**fixed, **edges(intensities, width)))
        for width in (relative, relative * wider)
    )
    assert wide <= narrow + TOLERANCE * max(abs(narrow), 1.0)


def test_a_minimum_inside_the_box_is_found() -> None:
    # Half the last step between points: a round halves the box.
    near = {Grid(): 1.0 / 64.0, COARSE: 1.0 / 16.0}
    for place, grid in itertools.product((0.37, 0.61), near):
        found = worst_in_box(
            lambda x, y, c, place=place: (x - place) ** 2 + (y - 0.5 * place) ** 2 + c,
            fixed={"c": 3.0},
            intervals={"x": (0.0, 1.0), "y": (0.0, 1.0)},
            grid=grid,
        )
        assert float(np.asarray(found.value)) == pytest.approx(3.0, abs=2.0 * near[grid] ** 2)
        assert float(np.asarray(found.at["x"])) == pytest.approx(place, abs=near[grid])


def test_many_rows_are_the_same_as_one_by_one() -> None:
    low = np.linspace(0.0, 0.5, 1300)
    found = worst_in_box(
        lambda x, c: x * c, fixed={"c": np.where(low < 0.2, 1.0, -1.0)}, intervals={"x": (low, 1.0)}
    )
    assert np.array_equal(np.asarray(found.value), np.where(low < 0.2, low, -1.0))
    assert np.array_equal(np.asarray(found.at["x"]), np.where(low < 0.2, low, 1.0))


def test_an_interval_upside_down_is_refused() -> None:
    with pytest.raises(InputError, match="lower edge of x"):
        worst_in_box(lambda x: x, fixed={}, intervals={"x": (1.0, 0.5)})


def test_intervals_that_meet_are_refused() -> None:
    key, test, intensities = one_decoy_block(0.0, 1e9)
    with pytest.raises(InputError, match="do not fall"):
        metric("qkd.bb84_one_decoy.certified_length_hoeffding_gamma").function(
            **arguments(key, test, intensities), **edges(intensities, 0.6)
        )


def mis_set_link(
    generator: np.random.Generator,
) -> tuple[dict[str, float], dict[str, float], float]:
    """Return counts of a link with mis-set intensities, the declared set, and the true length.

    The photon number of every pulse is drawn, so that the single photons are known. The true
    length has nothing subtracted for epsilons: what was sent, less what Eve could know.
    """
    _, _, stated = two_decoy_block(0.0, 1.0)
    relative = 0.03
    true = [mean * (1.0 + generator.uniform(-relative, relative)) for mean in stated.means]
    eta = 10 ** (-generator.uniform(0.5, 3.0))
    pulses = 10 ** generator.uniform(9.0, 11.0)
    counts: dict[str, tuple[list[float], list[float]]] = {}
    single, vacuum, wrong = {}, {}, {}
    for basis, share in (("key", 0.81), ("test", 0.01)):
        errors, agreements = [0.0] * 3, [0.0] * 3
        single[basis] = vacuum[basis] = wrong[basis] = 0
        for photons in range(PHOTONS + 1):
            seen = -math.expm1(photons * math.log1p(-eta))
            rate = 1.2e-6 * (1.0 - seen) + seen
            error = (0.6e-6 * (1.0 - seen) + 0.02 * seen) / rate
            for k, (mean, p) in enumerate(zip(true, stated.probabilities, strict=True)):
                sent = math.exp(-mean) * mean**photons / math.factorial(photons)
                events = int(generator.poisson(pulses * share * p * sent * rate))
                bad = int(generator.binomial(events, error))
                errors[k] += bad
                agreements[k] += events - bad
                single[basis] += events * (photons == 1)
                vacuum[basis] += events * (photons == 0)
                wrong[basis] += bad * (photons == 1)
        counts[basis] = (errors, agreements)
    fixed = arguments(BasisCounts(*counts["key"]), BasisCounts(*counts["test"]), stated)
    told = (
        1.16
        * sum(map(sum, counts["key"]))
        * float(binary_entropy(sum(counts["key"][0]) / sum(map(sum, counts["key"]))))
    )
    # Single photons of both bases err alike: their errors in the key basis stand for phase errors.
    secret = vacuum["key"] + single["key"] * (
        1.0 - float(binary_entropy(min(0.5, wrong["key"] / single["key"])))
    )
    return fixed, edges(stated, relative), secret - told


@pytest.mark.parametrize("bound", ["hoeffding_gamma", "chernoff_serfling", "clopper_serfling"])
def test_certified_is_never_longer_than_the_truth_allows(bound: str) -> None:
    generator = np.random.default_rng(20_140_210)
    function = metric(f"qkd.bb84_two_decoy.certified_length_{bound}").function
    positive = 0
    for _ in range(LINKS):
        fixed, box, true = mis_set_link(generator)
        certified = float(function(**fixed, **box))
        assert certified <= true
        positive += certified > 0.0
    assert positive > LINKS // 4  # else nothing was tried


def test_without_the_set_the_key_can_be_too_long() -> None:
    # Opposite errors of 5 %: the bound at the stated intensities claims more single photons
    # than there are (see docs/protocols/bb84_two_decoy.md).
    stated = (0.48, 0.12, 2e-4)
    key, test, intensities = two_decoy_block(50.0, 1e13, means=(0.48 * 0.95, 0.12 * 1.05, 2e-4))
    fixed = arguments(key, test, intensities)
    function = metric("qkd.bb84_two_decoy.key_length_hoeffding_gamma").function
    at_stated = float(function(**fixed, **nominal(stated)))
    at_true = float(function(**fixed, **nominal(intensities.means)))
    certified = float(
        metric("qkd.bb84_two_decoy.certified_length_hoeffding_gamma").function(
            **fixed, **edges(Intensities(stated, intensities.probabilities), 0.05)
        )
    )
    assert at_stated > 1.05 * at_true
    assert certified <= at_true
