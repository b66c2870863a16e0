"""Declared matrices: honest ones pass with their rounding, impossible ones are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.correlation import check_correlation, connected_parts

Matrix = NDArray[np.float64]
SEMIDEFINITE = -1e-10  # eigenvalues of a repaired matrix, rounding of the eigenvalue routine


def of_rank(rank: int, n: int, *, seed: int) -> Matrix:
    """Return a correlation matrix of n quantities that share a few common causes."""
    causes = np.random.Generator(np.random.PCG64(seed)).normal(size=(n, rank))
    causes /= np.linalg.norm(causes, axis=1, keepdims=True)
    matrix: Matrix = causes @ causes.T
    np.fill_diagonal(matrix, 1.0)
    return (matrix + matrix.T) / 2


@pytest.mark.parametrize("decimals", [2, 3, 4, 6])
def test_an_honest_matrix_of_rank_three_passes_as_printed(decimals: int) -> None:
    """A certificate with 30 points and three common causes, printed with few decimals."""
    printed = np.round(of_rank(3, 30, seed=2022), decimals)
    smallest = float(np.linalg.eigvalsh(printed)[0])
    assert smallest < -0.05 * 10.0**-decimals  # a strict check would refuse it

    checked = check_correlation(printed, decimals)
    assert float(np.linalg.eigvalsh(checked)[0]) >= SEMIDEFINITE
    assert np.array_equal(np.diag(checked), np.ones(30))
    assert np.array_equal(checked, checked.T)
    # The repair stays near what was printed, and was needed.
    change = float(np.max(np.abs(checked - printed)))
    assert 0.0 < change < 5.0 * 10.0**-decimals


@pytest.mark.parametrize("decimals", [2, 3, 4, 6])
def test_a_wrong_matrix_is_refused_whatever_its_decimals(decimals: int) -> None:
    """Three quantities cannot be correlated 0.9, 0.9 and -0.9: the eigenvalue is -0.8."""
    wrong = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    with pytest.raises(InputError, match=r"not positive semidefinite: smallest eigenvalue -0\.8"):
        check_correlation(wrong, decimals, where="cal.toml, line 12")


def test_more_decimals_claim_more_and_are_held_to_it() -> None:
    printed = np.round(of_rank(3, 30, seed=5), 2)
    check_correlation(printed, 2)
    with pytest.raises(InputError, match="rounding to 6 decimals explains only"):
        check_correlation(printed, 6)


@pytest.mark.parametrize(("r", "honest"), [(-0.5, True), (-0.51, False)])
def test_the_licence_of_rounding_is_no_wider_than_it_explains(r: float, *, honest: bool) -> None:
    """Three quantities can all be correlated -1/2 with each other, and no further.

    At -0.51 the smallest eigenvalue is -0.02; two decimals explain -0.01.
    """
    matrix = np.full((3, 3), r)
    np.fill_diagonal(matrix, 1.0)
    if honest:
        assert np.array_equal(check_correlation(matrix, 2), matrix)
    else:
        with pytest.raises(InputError, match=r"explains only -0\.01"):
            check_correlation(matrix, 2)


def test_one_misprinted_coefficient_is_refused_and_its_place_named() -> None:
    misprinted = np.round(of_rank(3, 10, seed=4), 4)
    misprinted[2, 7] = misprinted[7, 2] = -misprinted[2, 7]
    with pytest.raises(InputError, match=r"cal\.toml, line 3") as caught:
        check_correlation(misprinted, 4, where="cal.toml, line 3")
    assert caught.value.next_step


def test_whole_numbers_are_meant_exactly() -> None:
    """Fully correlated is a fact, not a rounded number: no decimals give no licence."""
    everything = np.ones((3, 3))
    assert np.array_equal(check_correlation(everything, 0), everything)
    # x is y, y is z, and yet x is not z.
    impossible = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    with pytest.raises(InputError, match="not positive semidefinite"):
        check_correlation(impossible, 0)
    with pytest.raises(InputError, match="not symmetric"):
        check_correlation(np.array([[1.0, 1.0], [0.0, 1.0]]), 0)


def test_what_was_entered_as_zero_stays_zero_through_a_repair() -> None:
    """Else noise of the repair would tie an independent input to the others (and its dof)."""
    # Two groups of six, listed in turn.
    matrix = np.zeros((12, 12))
    for first, seed in ((0, 3), (1, 4)):
        part = np.round(of_rank(2, 6, seed=seed), 2)
        assert float(np.linalg.eigvalsh(part)[0]) < -1e-4
        matrix[first::2, first::2] = part
    checked = check_correlation(matrix, 2)
    assert not np.array_equal(checked, matrix)
    assert np.all(checked[0::2, 1::2] == 0.0)
    assert connected_parts(checked) == [(0, 2, 4, 6, 8, 10), (1, 3, 5, 7, 9, 11)]


def test_a_semidefinite_matrix_is_returned_unchanged() -> None:
    exact = of_rank(3, 12, seed=1)  # rank-deficient: eigenvalues are zero up to noise
    assert np.array_equal(check_correlation(exact, 12), exact)


@pytest.mark.parametrize(
    ("matrix", "says"),
    [
        ([[1.0, 0.5]], r"shape \(1, 2\)"),
        ([1.0, 0.5], r"shape \(2,\)"),
        (np.zeros((0, 0)), r"shape \(0, 0\)"),
        ([[1.0, float("nan")], [float("nan"), 1.0]], "NaN or infinity"),
        ([[1.0, 0.5], [0.4, 1.0]], r"not symmetric: r\[1,2\] = 0.5 but r\[2,1\] = 0.4"),
        ([[1.0, 0.78], [0.77, 1.0]], "not symmetric"),
        ([[4.0, 0.5], [0.5, 1.0]], "diagonal of a correlation matrix must be 1"),
        ([[1.0, 1.1], [1.1, 1.0]], r"outside -1 \.\.\. 1"),
    ],
)
def test_what_is_no_correlation_matrix_is_refused(matrix: object, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        check_correlation(np.asarray(matrix, dtype=np.float64), 2, where="block 1")
    assert caught.value.where == "block 1"
    assert caught.value.next_step


def test_noise_of_the_program_that_wrote_the_matrix_is_no_asymmetry() -> None:
    noisy = np.array([[1.0 - 2e-16, 0.5], [0.5 + 1e-16, 1.0 + 2e-16]])
    checked = check_correlation(noisy, 16)
    assert np.array_equal(np.diag(checked), [1.0, 1.0])
    over = np.array([[1.0, 1.0 + 2e-16], [1.0 + 2e-16, 1.0]])
    assert check_correlation(over, 16)[0, 1] == pytest.approx(1.0)


@settings(max_examples=80, deadline=None)
@given(
    n=st.integers(2, 12),
    rank=st.integers(1, 4),
    decimals=st.integers(1, 8),
    seed=st.integers(0, 10_000),
)
def test_no_honest_matrix_is_ever_refused_for_its_rounding(
    n: int, rank: int, decimals: int, seed: int
) -> None:
    printed = np.round(of_rank(rank, n, seed=seed), decimals)
    checked = check_correlation(printed, decimals)
    assert float(np.linalg.eigvalsh(checked)[0]) >= SEMIDEFINITE
    assert float(np.max(np.abs(checked))) <= 1.0 + 1e-12


def test_parts_are_connected_through_others() -> None:
    matrix = np.eye(5)
    for i, j in ((0, 3), (3, 4)):
        matrix[i, j] = matrix[j, i] = 0.1
    assert connected_parts(matrix) == [(0, 3, 4), (1,), (2,)]
    # Without the one between, the two at the ends are independent of each other.
    assert connected_parts(matrix, [0, 4]) == [(0,), (4,)]
    assert connected_parts(matrix, []) == []
