"""The programme against yields known beforehand, against the closed form, and in a wider set."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.relay import pair_program
from qtrace.physics.relay.mdi_analytic import (
    elimination_errors,
    elimination_pairs,
    pair_errors_upper,
    pairs_lower,
)
from qtrace.physics.relay.mdi_channel import interfering_gain, single_pair_yield
from qtrace.physics.relay.pair_program import CellBounds, PairProgram
from qtrace.physics.relay.photon_classes import IntensitySet, emission_limits

P = np.array([0.5, 0.3, 0.2])
A, B = np.array([0.4, 0.1, 0.005]), np.array([0.5, 0.08, 0.002])
ETA_A, ETA_B, DARK, MISALIGNED = 0.02, 0.01, 1e-6, 0.015
SOLVER = 1e-6  # relative: what the dual value loses to the tolerance of the solver
SMOOTH = 0.01  # change of a bound over the truth between neighbours 0.1 dB apart
TAIL = 2e-4  # relative: numbers above LARGEST share one class


def source(means: np.ndarray, width: float = 0.0) -> IntensitySet:
    return IntensitySet(tuple(P), tuple(means * (1 - width)), tuple(means * (1 + width)))


def single(means: np.ndarray) -> float:
    return float((P * means * np.exp(-means)).sum())


def tables() -> tuple[np.ndarray, np.ndarray]:
    return interfering_gain(A[:, None] * ETA_A, B * ETA_B, dark=DARK, misalignment=MISALIGNED)


def program(table: np.ndarray, width: float = 0.0, slack: float = 0.0) -> PairProgram:
    counts = table * np.outer(P, P)
    cells = CellBounds(counts * (1 - slack), counts * (1 + slack), float(counts.sum()))
    return PairProgram(source(A, width), source(B, width), cells=cells)


def test_bounds_enclose_the_truth_and_beat_the_closed_form() -> None:
    gains, errors = tables()
    truth, error_rate = single_pair_yield(ETA_A, ETA_B, dark=DARK, misalignment=MISALIGNED)
    both = single(A) * single(B)
    one = program(gains)
    least, most = (f(one.weights(1, 1)) / both for f in (one.minimum, one.maximum))
    closed = float(pairs_lower(gains, A, B))
    assert closed <= least * (1 + SOLVER)
    assert least <= truth <= most
    wrong = program(errors)
    above = wrong.maximum(wrong.weights(1, 1)) / both
    assert truth * error_rate <= above <= float(pair_errors_upper(errors, A, B)) * (1 + TAIL)
    assert float(elimination_pairs(gains, gains, A, B)) >= closed
    assert float(elimination_errors(errors, errors, A, B)) <= pair_errors_upper(errors, A, B)


@given(st.lists(st.floats(0.0, 1.0), min_size=49, max_size=49))
@settings(max_examples=40, derandomize=True, deadline=None)
def test_any_yields_lie_inside_their_bounds(yields: list[float]) -> None:
    """Adversarial yields up to six photons on each side, and none beyond."""
    known = np.zeros((10, 10))
    known[:7, :7] = np.array(yields).reshape(7, 7)
    n = np.arange(10)
    factorial = np.cumprod(np.concatenate([[1.0], n[1:]]))
    of_a = np.exp(-A[:, None]) * A[:, None] ** n / factorial
    of_b = np.exp(-B[:, None]) * B[:, None] ** n / factorial
    gains = of_a @ known @ of_b.T
    if gains.min() <= 0.0:
        return
    bounds = program(gains, slack=1e-9)
    both = single(A) * single(B)
    assert bounds.minimum(bounds.weights(1, 1)) / both <= known[1, 1] + 1e-9
    assert bounds.maximum(bounds.weights(1, 1)) / both >= known[1, 1] - 1e-9
    closed = float(elimination_pairs(gains, gains, A, B))
    assert closed <= known[1, 1] + 1e-9
    assert float(elimination_errors(gains, gains, A, B)) >= known[1, 1] - 1e-9


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=6, max_size=6))
@settings(max_examples=40, derandomize=True, deadline=None)
def test_mis_set_intensities_inside_the_set_never_exceed_the_truth(signs: list[float]) -> None:
    a, b = A * (1 + 0.02 * np.array(signs[:3])), B * (1 + 0.02 * np.array(signs[3:]))
    gains, _ = interfering_gain(a[:, None] * ETA_A, b * ETA_B, dark=DARK, misalignment=MISALIGNED)
    truth, _ = single_pair_yield(ETA_A, ETA_B, dark=DARK, misalignment=MISALIGNED)
    bounds = program(gains, width=0.02)
    events = single(a) * single(b) * float(truth)
    assert 0.0 < bounds.minimum(bounds.weights(1, 1)) <= events
    assert bounds.maximum(bounds.weights(1, 1)) >= events


def test_a_wider_set_gives_less_and_sides_may_be_exchanged() -> None:
    gains, _ = tables()
    single_pairs = program(gains).weights(1, 1)
    least = [program(gains, width).minimum(single_pairs)
             for width in (0.0, 0.01, 0.02)]  # fmt: skip
    assert least[0] > least[1] > least[2] > 0.0
    counts = (gains * np.outer(P, P)).T
    swapped = PairProgram(
        source(B), source(A), cells=CellBounds(counts, counts, float(counts.sum()))
    )
    assert swapped.minimum(swapped.weights(1, 1)) == pytest.approx(least[0], rel=SOLVER)


def test_more_classes_change_little(monkeypatch: pytest.MonkeyPatch) -> None:
    gains, errors = tables()
    few = program(gains), program(errors)
    monkeypatch.setattr(pair_program, "LARGEST", 13)
    many = program(gains), program(errors)
    w = few[0].weights(1, 1), many[0].weights(1, 1)
    assert few[0].minimum(w[0]) == pytest.approx(many[0].minimum(w[1]), rel=TAIL)
    assert few[1].maximum(w[0]) == pytest.approx(many[1].maximum(w[1]), rel=TAIL)
    assert few[0].minimum(w[0]) <= many[0].minimum(w[1]) * (1 + SOLVER)


def test_events_never_exceed_what_was_sent() -> None:
    counts = np.full((3, 3), 100.0)
    cells = CellBounds(counts * 0.0, counts, 50.0, sent=1000.0)
    bounds = PairProgram(source(A), source(B), cells=cells)
    sent = emission_limits(source(A), 8)[1], emission_limits(source(B), 8)[1]
    most = 1000.0 * sent[0][3] * sent[1][3]
    assert bounds.maximum(bounds.weights(3, 3)) == pytest.approx(most, rel=SOLVER)


def test_counts_that_no_yields_give_leave_the_trivial_bounds_or_are_widened() -> None:
    """Vacuum with more announcements than light: no device of the set does that."""
    counts = np.outer(P, P) * np.array([[1.0, 2, 3], [2, 3, 4], [3, 4, 500]])
    cells = CellBounds(counts, counts, float(counts.sum()))
    strict = PairProgram(source(A), source(B), cells=cells)
    assert strict.minimum(strict.weights(1, 1)) == 0.0
    assert strict.maximum(strict.weights(1, 1)) > 0.0
    widened = PairProgram(source(A), source(B), cells=cells, elastic=True)
    assert 0.0 <= widened.minimum(widened.weights(1, 1)) < counts.sum()
    assert widened.maximum(widened.weights(1, 1)) < np.inf


def test_an_empty_table_holds_nothing_and_a_wrong_one_is_refused() -> None:
    nothing = program(np.zeros((3, 3)))
    assert nothing.minimum(nothing.weights(1, 1)) == 0.0
    assert nothing.maximum(nothing.weights(1, 1)) == 0.0
    with pytest.raises(InputError, match="does not fit"):
        PairProgram(source(A), source(B), cells=CellBounds(np.zeros((2, 3)), np.zeros((2, 3)), 0.0))
    with pytest.raises(InputError, match="do not fall"):
        pairs_lower(tables()[0], A[::-1], B)


def test_exact_counts_always_have_a_solution_and_the_bounds_stay_close_to_the_truth() -> None:
    """Rows of exact counts add up to the row of the sum: rounding alone used to break them."""
    truths, loss = [], np.arange(0.0, 20.0, 0.1)
    for db in loss:
        arms = 10 ** (-0.3 * db / 10) * 0.145, 10 ** (-0.7 * db / 10) * 0.145
        gains, _ = interfering_gain(
            A[:, None] * arms[0], B * arms[1], dark=DARK, misalignment=MISALIGNED
        )
        truth, _ = single_pair_yield(*arms, dark=DARK, misalignment=MISALIGNED)
        one = program(gains * 1e14)
        both = single(A) * single(B) * 1e14 * float(truth)
        least, most = (f(one.weights(1, 1)) / both for f in (one.minimum, one.maximum))
        assert least <= 1.0 <= most
        truths.append((least, most))
    steps = np.abs(np.diff(np.array(truths), axis=0))
    assert steps.max() < SMOOTH
    assert min(least for least, _ in truths) > 0.7


def test_a_lower_limit_of_next_to_nothing_leaves_the_other_bounds() -> None:
    """Chernoff's lower limit of one count is 1e-24: a row that the solver refuses as a model."""
    counts = tables()[0] * np.outer(P, P) * 1e13
    low, high = counts - 5.0 * np.sqrt(counts), counts + 5.0 * np.sqrt(counts)
    low[2, 2] = 0.0
    nothing = PairProgram(source(A), source(B), cells=CellBounds(low, high, float(counts.sum())))
    low = low.copy()
    low[2, 2] = 1e-24
    little = PairProgram(source(A), source(B), cells=CellBounds(low, high, float(counts.sum())))
    pairs = nothing.weights(1, 1)
    assert nothing.minimum(pairs) > 0.0
    assert little.minimum(pairs) == pytest.approx(nothing.minimum(pairs), rel=SOLVER)
    assert little.maximum(pairs) == pytest.approx(nothing.maximum(pairs), rel=SOLVER)
