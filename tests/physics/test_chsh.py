"""CHSH from counts: the local limit over all strategies, a p-value, and Eve's share."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq

from qtrace.errors import InputError
from qtrace.physics.entangled.chsh import (
    SMALLEST_P,
    TSIRELSON_LIMIT,
    Outcomes,
    check_settings,
    chsh_p_value,
    chsh_value,
    holevo_bound,
    winning_probability_bound,
    wins,
    with_no_clicks,
)
from qtrace.physics.entangled.pair_source import werner_trials
from qtrace.physics.entropy import binary_entropy

ROUNDING = 1e-12  # relative
PRINTED_EFFICIENCY = 1e-3  # they print 92.4 %, the formulas vanish at 92.31 %

QUIET = settings(max_examples=40, derandomize=True, deadline=None)
cells = st.integers(1, 500)


def four(trials: dict[str, np.ndarray]) -> list[Outcomes]:
    pairs = []
    for name in ("11", "12", "21", "22"):
        clicked = Outcomes(*(float(trials[f"{cell}_{name}"]) for cell in ("pp", "pm", "mp", "mm")))
        none = {f"{cell}": float(trials[f"{cell}_{name}"]) for cell in ("pn", "mn", "nm", "nn")}
        pairs.append(with_no_clicks(clicked, np_=float(trials[f"np_{name}"]), **none))
    return pairs


@pytest.mark.parametrize("bias", [0.0, 1.08e-5, 0.01, 0.2])
def test_no_local_strategy_wins_more_than_the_bound(bias: float) -> None:
    best = 0.0
    for a1, a2, b1, b2 in itertools.product((1, -1), repeat=4):
        won = {(1, 1): a1 == b1, (1, 2): a1 != b2, (2, 1): a2 == b1, (2, 2): a2 == b2}
        for first_a, first_b in itertools.product((0.5 - bias, 0.5 + bias), repeat=2):
            probability = {1: first_a, 2: 1.0 - first_a}, {1: first_b, 2: 1.0 - first_b}
            best = max(
                best, sum(probability[0][i] * probability[1][j] for i, j in won if won[i, j])
            )
    assert winning_probability_bound(bias) == pytest.approx(best, rel=ROUNDING)


def test_the_tail_is_the_binomial_one() -> None:
    assert chsh_p_value(196, 245, setting_bias=0.0) == pytest.approx(
        stats.binom.sf(195, 245, 0.75), rel=1e-10
    )
    assert chsh_p_value(0, 245, setting_bias=0.0) == 1.0
    assert chsh_p_value(np.array([10.0, 20.0]), 20.0, setting_bias=0.1).shape == (2,)


def test_a_tail_too_small_for_a_number_is_not_zero() -> None:
    assert chsh_p_value(1e7, 1e7, setting_bias=0.0) == SMALLEST_P


def test_a_p_value_is_no_sigma() -> None:
    # 400 trials at S = 2.37: more than two u above 2, and yet won by luck once in fifty.
    won = round(400 * (0.5 + 2.37 / 8))
    assert 0.015 < float(chsh_p_value(won, 400, setting_bias=0.0)) < 0.025


@QUIET
@given(cells, cells, st.floats(0.0, 0.4), st.floats(0.0, 0.09))
def test_more_wins_less_bias_smaller_p(won: int, lost: int, bias: float, more: float) -> None:
    n = won + lost
    p = float(chsh_p_value(won, n, setting_bias=bias))
    assert float(chsh_p_value(won - 1, n, setting_bias=bias)) >= p
    assert float(chsh_p_value(won, n, setting_bias=bias + more)) >= p * (1.0 - 1e-9)


@QUIET
@given(st.lists(cells, min_size=16, max_size=16))
def test_relabelling_both_outcomes_changes_nothing(counts: list[int]) -> None:
    pairs = [Outcomes(*counts[4 * k : 4 * k + 4]) for k in range(4)]
    turned = [Outcomes(one.mm, one.mp, one.pm, one.pp) for one in pairs]
    assert chsh_value(turned) == pytest.approx(chsh_value(pairs), rel=ROUNDING)
    assert wins(turned) == wins(pairs)
    assert 0.0 <= chsh_value(pairs) <= 4.0


def test_equal_settings_tie_wins_to_the_value() -> None:
    pairs = [Outcomes(420, 80, 80, 420), Outcomes(85, 415, 415, 85)]
    pairs += [Outcomes(430, 70, 70, 430), Outcomes(425, 75, 75, 425)]
    assert wins(pairs) / 4000 == pytest.approx(0.5 + chsh_value(pairs) / 8, rel=ROUNDING)


def test_eve_knows_all_without_a_violation_and_nothing_at_the_limit() -> None:
    assert holevo_bound(2.0) == holevo_bound(1.2) == 1.0
    assert holevo_bound(TSIRELSON_LIMIT) == pytest.approx(0.0, abs=1e-12)
    assert holevo_bound(2.9) == 0.0
    assert np.all(np.diff(holevo_bound(np.linspace(2.0, 2.8, 50))) < 0.0)


def test_the_error_rate_at_which_the_key_vanishes() -> None:
    def rate(error: float) -> float:
        s = TSIRELSON_LIMIT * (1.0 - 2.0 * error)
        return float(1.0 - binary_entropy(error) - holevo_bound(s))

    assert brentq(rate, 0.01, 0.1) == pytest.approx(0.071, abs=5e-4)  # Acin et al.: 7.1 %


def test_the_efficiencies_at_which_violation_and_key_vanish() -> None:
    def figures(efficiency: float) -> tuple[float, float]:
        trials = werner_trials(
            1.0,
            visibility=1.0,
            transmittance_a=efficiency,
            transmittance_b=efficiency,
            key_trials=1.0,
        )
        s = float(chsh_value(four(trials)))
        error = float(sum(trials[f"{cell}_key"] for cell in ("pm", "mp", "pn", "np")))
        return s, float(1.0 - binary_entropy(error) - holevo_bound(s))

    # 2 / (1 + sqrt 2) for a maximally entangled pair.
    assert brentq(lambda x: figures(x)[0] - 2.0, 0.7, 0.99) == pytest.approx(
        2.0 / (1.0 + math.sqrt(2.0)), rel=1e-9
    )
    # Pironio et al., New J. Phys. 11, 045021 (2009): 92.4 %, a missing click read as -1.
    assert brentq(lambda x: figures(x)[1], 0.85, 0.99) == pytest.approx(
        0.924, abs=PRINTED_EFFICIENCY
    )


def test_settings_that_contradict_the_declared_bias_are_refused() -> None:
    fair = [Outcomes(60, 20, 20, 60)] * 4
    check_settings(fair, setting_bias=0.0)
    scanned = [Outcomes(600, 200, 200, 600), *fair[1:]]
    with pytest.raises(InputError, match="settings 11 were chosen"):
        check_settings(scanned, setting_bias=0.0)
    check_settings(scanned, setting_bias=0.4)


@pytest.mark.parametrize(("won", "trials"), [(5, 4), (-1, 4), (0, 0), (2.5, 4)])
def test_impossible_rounds_are_refused(won: float, trials: float) -> None:
    with pytest.raises(InputError, match="rounds won"):
        chsh_p_value(won, trials, setting_bias=0.0)


@pytest.mark.parametrize("bias", [-0.1, 0.5, math.nan])
def test_an_impossible_bias_is_refused(bias: float) -> None:
    with pytest.raises(InputError, match="setting bias"):
        winning_probability_bound(bias)


def test_four_pairs_with_counts_are_needed() -> None:
    with pytest.raises(InputError, match="pairs of settings"):
        chsh_value([Outcomes(1, 1, 1, 1)])
    with pytest.raises(InputError, match="has no counts"):
        chsh_value([Outcomes(1, 1, 1, 1)] * 3 + [Outcomes(0, 0, 0, 0)])
