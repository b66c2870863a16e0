"""The exact interval of a mean fidelity: anchors, Hoeffding's theorem, worst cases, coverage."""

from __future__ import annotations

import itertools
import time
import tomllib
from pathlib import Path

import numpy as np
import pytest
from fidelity_coverage import PROBABILITY, WORLDS, coverage
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from qtrace.errors import InputError
from qtrace.physics.proportions import clopper_pearson
from qtrace.physics.states.mean_fidelity import (
    SMALLEST_P,
    fidelity_interval,
    is_proved,
    mean_p_value,
)
from qtrace.physics.states.mean_fidelity_search import worst_tail
from qtrace.physics.states.mean_fidelity_tail import WeightedTail

SIX_K, SIX_N = (122, 120, 121, 123, 118, 125), (152, 151, 152, 152, 150, 154)
SECONDS = 1.0  # of processor time; 0.2 to 0.4 s on a quiet machine
ROUNDING = 0.02  # relative, by which the grid may make a tail larger
LONG = tomllib.loads(
    (Path(__file__).parents[2] / "long" / "fidelity_coverage_run.toml").read_text("utf-8")
)


def enumerated(n: tuple[int, ...], w: np.ndarray, p: np.ndarray, value: float) -> float:
    """Return the tail by listing all outcomes: an independent route for few counts."""
    total = 0.0
    masses = [stats.binom.pmf(np.arange(m + 1), m, q) for m, q in zip(n, p, strict=True)]
    for k in itertools.product(*(range(m + 1) for m in n)):
        if float(np.sum(w * np.array(k) / np.array(n))) >= value - 1e-12:
            total += float(np.prod([mass[i] for mass, i in zip(masses, k, strict=True)]))
    return total


def test_pooled_counts_of_equal_trials_are_clopper_pearson() -> None:
    found = fidelity_interval(SIX_K, (160,) * 6, probability=0.95)
    pooled = clopper_pearson(sum(SIX_K), 960, probability=0.95)
    assert found == pytest.approx(pooled, abs=1e-12)
    assert is_proved((160,) * 6)
    assert is_proved((100, 100, 200), (1.0, 1.0, 2.0)), "weight over trials is the same"
    assert not is_proved(SIX_N)


def test_one_state_is_clopper_pearson() -> None:
    found = fidelity_interval((7,), (9,), probability=0.9)
    assert found == pytest.approx(clopper_pearson(7, 9, probability=0.9), abs=1e-12)


def test_the_first_count_is_mended() -> None:
    """One success: all weight on one trial makes it likelier than equal trials do."""
    found = fidelity_interval((1, 0, 0), (4, 4, 4), probability=0.95)
    assert found.low == pytest.approx(0.025 / 12.0, rel=1e-12)
    assert found.low < clopper_pearson(1, 12, probability=0.95).low


@settings(max_examples=60, deadline=None)
@given(
    p=st.lists(st.floats(0.0, 1.0), min_size=2, max_size=9),
    above=st.integers(0, 8),
)
def test_hoeffding_equal_trials_have_the_largest_tails(p: list[float], above: int) -> None:
    """The theorem that the proof for equal trials rests on, which was cited from memory."""
    mass = np.array([1.0])
    for one in p:
        mass = np.convolve(mass, [1.0 - one, one])
    mean = float(np.sum(p))
    k = int(np.ceil(mean + 1.0 - 1e-12)) + above
    if k <= len(p):
        equal = float(stats.binom.sf(k - 1, len(p), mean / len(p)))
        assert float(np.sum(mass[k:])) <= equal + 1e-12


@settings(max_examples=40, deadline=None)
@given(
    n=st.lists(st.integers(1, 5), min_size=2, max_size=3),
    p=st.lists(st.floats(0.01, 0.99), min_size=3, max_size=3),
    at=st.floats(0.05, 1.0),
)
def test_a_tail_is_never_too_small(n: list[int], p: list[float], at: float) -> None:
    w, m = np.full(len(n), 1.0 / len(n)), np.array(n, dtype=np.float64)
    fidelities = np.array(p[: len(n)])
    found, _ = WeightedTail(m, w / m, at).at(fidelities, size=2**14)
    exact = enumerated(tuple(n), w, fidelities, at)
    assert found >= exact * (1.0 - 1e-9)
    # A value less than a grid step below is counted in: at most the next value down.
    lower = enumerated(tuple(n), w, fidelities, at - 0.01)
    assert found <= lower * (1.0 + 1e-6) + 1e-11


def test_slopes_are_those_of_the_tail() -> None:
    n = np.array(SIX_N, dtype=np.float64)
    tail = WeightedTail(n, 1.0 / 6.0 / n, 0.82)
    p = np.array([0.7, 0.9, 0.8, 0.75, 0.85, 0.8])
    _, slopes = tail.at(p, size=2**13, slopes=True)
    for i in range(6):
        step = np.eye(6)[i] * 1e-5
        up, down = (tail.at(p + sign * step, size=2**13)[0] for sign in (1, -1))
        assert slopes[i] == pytest.approx((up - down) / 2e-5, rel=1e-3)


def test_deep_tails_keep_their_digits() -> None:
    n = np.full(6, 150.0)
    found, _ = WeightedTail(n, 1.0 / 6.0 / n, 880 / 900).at(np.full(6, 0.66), size=2**13)
    assert found == pytest.approx(stats.binom.sf(879, 900, 0.66), rel=1e-6)


def test_the_search_is_no_worse_than_random_fidelities() -> None:
    n, w = np.array([40.0, 160.0, 90.0]), np.full(3, 1.0 / 3.0)
    tail = WeightedTail(n, w / n, 0.9)
    worst, _ = worst_tail(tail, w, 0.82)
    generator = np.random.default_rng(7)
    for _ in range(150):
        p = generator.dirichlet(np.ones(3)) * 3.0 * 0.18
        if np.all(p <= 1.0):
            assert tail.at(1.0 - p, size=2**14)[0] <= worst * (1.0 + 1e-3)


@pytest.mark.parametrize("counts", [SIX_K, (0,) * 6, SIX_N, (150, 150, 152, 152, 150, 154)])
def test_about_equal_trials_cost_no_width(counts: tuple[int, ...]) -> None:
    found = fidelity_interval(counts, SIX_N, probability=0.95)
    pooled = clopper_pearson(sum(counts), sum(SIX_N), probability=0.95)
    assert 0.9 < (found.high - found.low) / (pooled.high - pooled.low) < 1.1
    assert found.low <= sum(k / n for k, n in zip(counts, SIX_N, strict=True)) / 6 <= found.high


@pytest.mark.parametrize("n", [SIX_N, (1_000_000, 999_000, 1_001_000, 999_500, 10**6, 1_000_200)])
def test_it_is_quick(n: tuple[int, ...]) -> None:
    k = tuple(round(0.8 * one) for one in n)
    fidelity_interval(SIX_K, SIX_N, probability=0.95)  # the search's library is imported once
    start = time.process_time()
    fidelity_interval(k, n, probability=0.95)
    assert time.process_time() - start < SECONDS


def test_the_limits_are_where_the_p_values_are_half_of_the_rest() -> None:
    found = fidelity_interval(SIX_K, SIX_N, probability=0.95)
    below = mean_p_value(SIX_K, SIX_N, bound=found.low)
    wrong = tuple(n - k for k, n in zip(SIX_K, SIX_N, strict=True))
    above = mean_p_value(wrong, SIX_N, bound=1.0 - found.high)
    assert below == pytest.approx(0.025, rel=ROUNDING)
    assert above == pytest.approx(0.025, rel=ROUNDING)


def test_p_value_of_equal_trials_is_the_pooled_tail() -> None:
    found = mean_p_value((130, 128, 127), (150,) * 3, bound=0.75)
    assert found == pytest.approx(stats.binom.sf(384, 450, 0.75), rel=1e-9)
    assert mean_p_value((100, 100), (150, 150), bound=0.8) == 1.0
    assert mean_p_value((10**6,) * 2, (10**6,) * 2, bound=0.5) == SMALLEST_P


def test_p_value_of_the_six_state_case() -> None:
    # 10.08 standard uncertainties by the normal form; the exact tail is not that of a normal.
    found = mean_p_value(SIX_K, SIX_N, bound=2.0 / 3.0)
    assert 1e-20 < found < 1e-17
    pooled = float(stats.binom.sf(sum(SIX_K) - 1, sum(SIX_N), 2.0 / 3.0))
    assert found == pytest.approx(pooled, rel=0.5)


def test_a_larger_probability_gives_a_wider_interval() -> None:
    wide = fidelity_interval((8, 9, 10), (10, 11, 12), probability=0.99)
    narrow = fidelity_interval((8, 9, 10), (10, 11, 12), probability=0.9)
    assert wide.low < narrow.low < narrow.high < wide.high


@pytest.mark.parametrize("trials", [(10, 11, 12), (12, 12, 12)])
def test_small_probabilities_get_the_interval_of_one_half(trials: tuple[int, ...]) -> None:
    half = fidelity_interval((8, 9, 10), trials, probability=0.5)
    for probability in (0.0002, 0.3, 0.4999):
        found = fidelity_interval((8, 9, 10), trials, probability=probability)
        assert found == (half.low, half.high, probability)
    assert fidelity_interval((8, 9, 10), trials, probability=0.6).low < half.low


def test_exchanging_successes_and_failures_mirrors_the_interval() -> None:
    one = fidelity_interval((8, 9, 10), (10, 11, 12), probability=0.95)
    other = fidelity_interval((2, 2, 2), (10, 11, 12), probability=0.95)
    assert one.low == pytest.approx(1.0 - other.high, abs=1e-9)


@pytest.mark.parametrize("name", ["about equal, one state bad", "unequal, fewest worst"])
def test_hard_worlds_are_covered(name: str) -> None:
    found = coverage(name, draws=40_000, intervals=2)
    # Three standard deviations of the simulation.
    assert found.covered >= PROBABILITY - 3.0 * (0.95 * 0.05 / 40_000) ** 0.5


def test_the_committed_study_covers_and_is_not_wide() -> None:
    worlds = {name: LONG[name] for name in WORLDS}
    least = PROBABILITY - 3.0 * (0.95 * 0.05 / LONG["draws"]) ** 0.5
    assert all(one["covered"] >= least for one in worlds.values())
    near = [one["width_ratio"] for name, one in worlds.items() if name.startswith("about")]
    assert max(near) < 1.1


@pytest.mark.parametrize(
    ("k", "n", "more", "what"),
    [
        ((5, 5), (4, 9), {}, "5 successes of 4 trials"),
        ((0, 0), (4, 0), {}, "no trials"),
        ((-1,), (4,), {}, "-1 successes"),
        ((1, 2), (4,), {}, "2 numbers of successes"),
        ((), (), {}, "0 numbers"),
        ((1, 2), (4, 5), {"weights": (1.0,)}, "1 weights"),
        ((1, 2), (4, 5), {"weights": (1.0, 0.0)}, "not a positive"),
        ((1, 2), (4, 5), {"probability": 0.0}, "not between 0 and"),
        ((1, 2), (4, 5), {"probability": 1.0}, "not between 0 and"),
    ],
)
def test_wrong_input_is_refused(
    k: tuple[int, ...], n: tuple[int, ...], more: dict[str, object], what: str
) -> None:
    with pytest.raises(InputError, match=what):
        fidelity_interval(k, n, **{"probability": 0.95, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("bound", [0.0, 1.0, -0.2, 1.5])
def test_a_bound_that_is_no_fidelity_is_refused(bound: float) -> None:
    with pytest.raises(InputError, match="bound"):
        mean_p_value((5,), (9,), bound=bound)
