"""Tomography of states and processes: maximum likelihood, linear inversion, bootstrap.

Inside: `Fit`, `fit_counts`, `linear_inversion`, `draw_counts`, `checked_counts`, `BOUNDARY`.
Source: James, Kwiat, Munro and White, PRA 64, 052312 (2001); Hradil, PRA 55, R1561 (1997);
Lvovsky, J. Opt. B 6, S556 (2004); as the solver for how the maximum is found and proven.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy

from qtrace.errors import InputError
from qtrace.physics.states.tomography_frame import Frame, check_complete
from qtrace.physics.states.tomography_solver import (
    FINE_GAP,
    GAP,
    maximise_likelihood,
    tangent_basis,
)

Array = NDArray[np.float64]
Matrix = NDArray[np.complex128]

# An eigenvalue below this part of 1 / sqrt(counts of a setting) is not told from zero: its
# scatter is about 1 / sqrt(n), a tenth of it is well inside.
BOUNDARY = 0.1


@dataclass(frozen=True, slots=True)
class Fit:
    """States of largest likelihood for a stack of counts.

    `matrices` are states, or Choi matrices; `raw` are those of the solver, which differ where the
    operators do not add up to the identity. No state has a log-likelihood larger by more than
    `gap`. `deviance` is twice the log of the likelihood over that of the frequencies themselves.
    """

    matrices: Matrix
    raw: Matrix
    gap: Array
    deviance: Array
    steps: int


def checked_counts(frame: Frame, counts: ArrayLike) -> tuple[Frame, Array]:
    """Return counts and the frame of the settings in which something was counted.

    Args:
        frame: What was measured.
        counts: Counts of each operator, (m,) or (draws, m).

    Raises:
        InputError: negative or not finite counts, a wrong number of them, or settings with counts
            that do not determine the state.
    """
    given = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    if given.shape[-1] != len(frame.names):
        raise InputError(
            f"{given.shape[-1]} counts are given for {len(frame.names)} outcomes",
            where="counts",
            next_step="give one count for each outcome of each setting, 0 where there was none",
        )
    if not np.all(np.isfinite(given)) or np.any(given < 0.0):
        raise InputError(
            "a count is negative or not a number", where="counts", next_step="correct it"
        )
    empty = np.flatnonzero(np.any(frame.totals(given) <= 0.0, axis=0))
    if len(empty) == len(frame.settings):
        raise InputError(
            "nothing was counted", where="counts", next_step="give the counts of each setting"
        )
    kept = list(range(len(frame.names)))
    if len(empty):
        frame, kept = frame.without([int(one) for one in empty])
    check_complete(frame)
    return frame, given[:, kept]


def fit_counts(frame: Frame, counts: ArrayLike) -> Fit:
    """Return the state of largest likelihood for each table of counts.

    Args:
        frame: What was measured.
        counts: (m,) or (draws, m); totals may differ between settings.

    Raises:
        InputError: as `checked_counts`, or a maximum that could not be proven.

    Source: multinomial likelihood of each setting given its total, James et al. (2001), section
        III with the exact instead of a Gaussian likelihood (Hradil 1997).
    """
    frame, given = checked_counts(frame, counts)
    gap = FINE_GAP if len(given) == 1 else GAP
    solved = maximise_likelihood(frame.operators, given, held=frame.held, gap=gap)
    return Fit(
        frame.restored(solved.matrices),
        solved.matrices,
        solved.gap,
        deviance(frame, given, solved.matrices),
        solved.steps,
    )


def deviance(frame: Frame, counts: Array, raw: Matrix) -> Array:
    """Return the likelihood ratio against the frequencies themselves, 2 sum n ln(n / (N p)).

    Source: Wilks, Ann. Math. Stat. 9, 60 (1938).
    """
    expected = frame.chances(raw) * (frame.totals(counts) @ frame.membership().T)
    ratio = np.where(counts > 0.0, counts / np.maximum(expected, 1e-300), 1.0)
    return np.asarray(2.0 * np.sum(xlogy(counts, ratio), axis=-1))


def freedoms(frame: Frame) -> tuple[int, int]:
    """Return independent frequencies and parameters of the state; their difference is left.

    Source: outcomes less one for each setting; d^2 - 1 of a state, d^4 - d^2 of a process.
    """
    size = int(frame.operators.shape[-1])
    held = frame.held
    return len(frame.names) - len(frame.settings), held**2 * ((size // held) ** 2 - 1)


def linear_inversion(frame: Frame, counts: ArrayLike) -> Matrix:
    """Return the matrix of trace one that fits the frequencies best, which may be no state.

    Args:
        frame: What was measured.
        counts: One table of counts, (m,).

    Raises:
        InputError: as `checked_counts`.

    Source: least squares on frequencies; with as many projectors as parameters the inversion of
        James et al. (2001), section II.
    """
    frame, given = checked_counts(frame, counts)
    size = int(frame.operators.shape[-1])
    if frame.unroot is not None:
        whole = np.concatenate([np.eye(size)[None] / np.sqrt(size), tangent_basis(1, size)])
        slopes = np.einsum("mij,aji->ma", frame.measured, whole).real
        found = np.linalg.lstsq(slopes, given[0], rcond=None)[0]
        matrix = np.einsum("a,aij->ij", found, whole)
        return np.asarray(matrix / np.trace(matrix).real)
    basis = tangent_basis(frame.held, size // frame.held)
    slopes = np.einsum("mij,aji->ma", frame.measured, basis).real
    centre = np.eye(size) * frame.held / size
    flat = np.einsum("mij,ji->m", frame.measured, centre).real
    share = given[0] / (frame.totals(given) @ frame.membership().T)[0]
    found = np.linalg.lstsq(slopes, share - flat, rcond=None)[0]
    return np.asarray(centre + np.einsum("a,aij->ij", found, basis))


def draw_counts(
    frame: Frame, raw: Matrix, totals: Array, *, draws: int, generator: np.random.Generator
) -> Array:
    """Return counts that a state would give, (draws, m), with the totals of each setting held.

    Args:
        frame: What is measured.
        raw: The solver's matrix of the state, (d, d).
        totals: Counts of each setting.
        draws: How many tables.
        generator: Random source, handed in.

    Source: multinomial distribution of each setting.
    """
    chance = np.maximum(frame.chances(raw[None])[0], 0.0)
    setting = np.array(frame.setting)
    found = np.zeros((draws, len(chance)))
    for k, total in enumerate(totals):
        own = setting == k
        share = chance[own] / chance[own].sum()
        found[:, own] = generator.multinomial(round(float(total)), share, size=draws)
    return found
