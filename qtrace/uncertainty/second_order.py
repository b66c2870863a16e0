"""Beyond first order: what the curvature of a model does to estimate and uncertainty.

Inside: `SecondOrder`, `second_order`, `ModelNonlinearity`, `model_nonlinearity`.

Inputs are normal; correlated ones are first turned into independent ones, x = estimate + L z with
L L^T their covariance. For each pair of z the model is called at steps of a tenth of a standard
deviation, all in ONE vectorised call.
Source: JCGM 100:2008 (GUM), note to 5.1.2 (terms of the next order for symmetric inputs).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.evaluation import ModelFunction
from qtrace.uncertainty.expression import Expression
from qtrace.uncertainty.inputs import InputQuantity

Array = NDArray[np.float64]
STEP = 0.1  # in standard deviations: truncation below 1 % of a term, rounding far below it
DIFFERENCE_LIMIT = 0.05  # of the linear u: a larger difference is recorded as an input
NOISE = 16.0 * float(np.finfo(np.float64).eps)  # relative, per difference of rounded values
ZERO_EIGENVALUE = 1e-13  # per row, as in the draws
OFFSETS = np.array([-2.0, -1.0, 1.0, 2.0])
SLOPE = np.array([1.0, -8.0, 8.0, -1.0]) / 12.0
CURVATURE = np.array([-1.0, 16.0, 16.0, -1.0]) / 12.0  # of differences from the centre
THIRD = np.array([-1.0, 2.0, -2.0, 1.0]) / 2.0
NONLINEARITY = "model_nonlinearity"


@dataclass(frozen=True, slots=True)
class SecondOrder:
    """A model evaluated to first and second order, in its SI unit.

    `bias` is E(Y) - f(x): it is added to no estimate here. `curvature_variance` is
    sum 1/2 f_ij^2 u_i^2 u_j^2, `cubic_variance` sum f_i f_ijj u_i^2 u_j^2, which may be negative.
    `second_order_uncertainty` is None where the terms leave no positive variance: the expansion
    does not hold there and Monte Carlo must tell.
    """

    value: float
    bias: float
    linear_uncertainty: float
    curvature_variance: float
    cubic_variance: float
    second_order_uncertainty: float | None


def second_order(
    model: ModelFunction | Expression,
    estimates: Mapping[str, float],
    uncertainties: Mapping[str, float],
    *,
    correlation: ArrayLike | None = None,
) -> SecondOrder:
    """Evaluate a model with the second-order terms of its Taylor series.

    Args:
        model: Called with one keyword array of shape (rows,) per input; or an expression.
        estimates: Input name to estimate, in SI units.
        uncertainties: Input name to standard uncertainty; absent or 0 is exact.
        correlation: Coefficients of the inputs in the order of `estimates`, shape (n, n);
            none without it.

    Returns:
        Bias and uncertainties. For a polynomial of second degree they are exact.

    Raises:
        InputError: the model is not finite near the estimates, an uncertainty is no such
            number, or the coefficients are no correlation matrix.

    Source: GUM, note to 5.1.2: u_c^2 = sum (f_i u_i)^2 + sum sum [1/2 f_ij^2 + f_i f_ijj]
    u_i^2 u_j^2; bias 1/2 sum f_ii u_i^2 (GUM H.1.7 uses both for the end gauge).
    """
    names = list(estimates)
    centre = np.array([float(estimates[name]) for name in names])
    root = _root(names, uncertainties, correlation)
    m = root.shape[1]
    points = _steps(m) * STEP
    values = _call(model, names, centre[:, None] + root @ points)
    change = values - values[0]
    noise = NOISE * float(np.max(np.abs(values)))
    axis = change[1 : 1 + 4 * m].reshape(m, 4)
    slopes = axis @ SLOPE / STEP
    if isinstance(model, Expression):  # exact, so that the linear u is that of the network
        exact = model.gradient(dict(zip(names, centre.tolist(), strict=True)))[1]
        slopes = root.T @ np.array([exact.get(name, 0.0) for name in names])
    curvatures = np.zeros((m, m))
    thirds = np.zeros((m, m))  # [a, b] = f_abb
    np.fill_diagonal(curvatures, _cleared(axis @ CURVATURE / STEP**2, noise / STEP**2))
    np.fill_diagonal(thirds, _cleared(axis @ THIRD / STEP**3, noise / STEP**3))
    if m > 1:
        _fill_mixed(change[1 + 4 * m :], axis, curvatures, thirds, noise=noise)
    linear = float(slopes @ slopes)
    curved = 0.5 * float(np.sum(curvatures**2))
    cubic = float(slopes @ thirds.sum(axis=1))
    total = linear + curved + cubic
    holds = total > 0.0 or (linear == 0.0 and curved == 0.0)
    return SecondOrder(
        float(values[0]),
        0.5 * float(np.trace(curvatures)),
        math.sqrt(linear),
        curved,
        cubic,
        math.sqrt(max(0.0, total)) if holds else None,
    )


def _root(
    names: list[str], uncertainties: Mapping[str, float], correlation: ArrayLike | None
) -> Array:
    """Return L of shape (n, m) with L L^T the covariance and m its rank."""
    u = np.array([float(uncertainties.get(name, 0.0)) for name in names])
    if not np.all(np.isfinite(u)) or np.any(u < 0.0):
        raise InputError("a standard uncertainty is negative or not finite")
    if correlation is None:
        return np.diag(u)[:, u > 0.0]
    matrix = np.asarray(correlation, dtype=np.float64)
    n = len(names)
    unit = matrix.shape == (n, n) and bool(np.all(np.diag(matrix) == 1.0))
    if not unit or not np.array_equal(matrix, matrix.T):
        raise InputError(
            f"the coefficients are no correlation matrix of {n} inputs",
            next_step="give a symmetric matrix with ones on its diagonal, in the order of inputs",
        )
    roots, vectors = np.linalg.eigh(matrix)
    if float(roots[0]) < -n * ZERO_EIGENVALUE:
        raise InputError(
            "the correlation matrix is not positive semidefinite",
            next_step="repair its rounding with check_correlation first",
        )
    kept = roots > n * ZERO_EIGENVALUE
    scaled = u[:, None] * vectors[:, kept] * np.sqrt(roots[kept])
    return np.asarray(scaled[:, np.any(scaled != 0.0, axis=0)], dtype=np.float64)


def _steps(m: int) -> Array:
    """Return the points in steps: centre, four on each axis, four corners of each pair."""
    first, second = np.triu_indices(m, 1)
    pairs = len(first)
    points = np.zeros((m, 1 + 4 * m + 4 * pairs))
    for k, offset in enumerate(OFFSETS):
        points[np.arange(m), 1 + 4 * np.arange(m) + k] = offset
    corners = 1 + 4 * m + 4 * np.arange(pairs)
    for k, (along, across) in enumerate(((1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0))):
        points[first, corners + k] = along
        points[second, corners + k] = across
    return points


def _call(model: ModelFunction | Expression, names: list[str], rows: Array) -> Array:
    arguments = dict(zip(names, rows, strict=True))
    if isinstance(model, Expression):
        raw = model.evaluate(arguments)
    else:
        with np.errstate(all="ignore"):
            raw = model(**arguments)
    values = np.broadcast_to(np.asarray(raw, dtype=np.float64), (rows.shape[1],))
    if not np.all(np.isfinite(values)):
        raise InputError(
            "the model is not finite within a fifth of a standard uncertainty of the estimates",
            next_step="the expansion has no meaning there: use Monte Carlo",
        )
    return values


def _cleared(derivatives: Array, floor: float) -> Array:
    """Return derivatives with those that are only rounding set to zero."""
    return np.where(np.abs(derivatives) > floor, derivatives, 0.0)


def _fill_mixed(
    change: Array, axis: Array, curvatures: Array, thirds: Array, *, noise: float
) -> None:
    """Fill f_ab, f_abb and f_aab of every pair from its corners and the axes."""
    m = len(axis)
    first, second = np.triu_indices(m, 1)
    pp, pm, mp, mm = change.reshape(len(first), 4).T
    mixed = _cleared((pp - pm - mp + mm) / (4.0 * STEP**2), noise / STEP**2)
    curvatures[first, second] = curvatures[second, first] = mixed
    minus, plus = axis[:, 1], axis[:, 2]
    along = (pp + pm - mp - mm) - 2.0 * (plus - minus)[first]
    across = (pp - pm + mp - mm) - 2.0 * (plus - minus)[second]
    thirds[first, second] = _cleared(along / (2.0 * STEP**3), noise / STEP**3)
    thirds[second, first] = _cleared(across / (2.0 * STEP**3), noise / STEP**3)


@dataclass(frozen=True, slots=True)
class ModelNonlinearity:
    """What a result gains where the linear u does not tell the truth, in its SI unit.

    `standard_uncertainty` is that of the additional input, 0 where none is gained; the linear u
    with it gives `governing_uncertainty`. `bias` is listed and not applied.
    """

    linear_uncertainty: float
    reference_uncertainty: float
    reference: str
    standard_uncertainty: float
    governing_uncertainty: float
    bias: float
    note: str

    def as_input(self, unit: str) -> InputQuantity:
        """Return the additional input quantity, of estimate 0 and sensitivity 1."""
        return InputQuantity(0, NONLINEARITY, 0.0, self.standard_uncertainty, unit, text=self.note)


def model_nonlinearity(
    linear_uncertainty: float,
    reference_uncertainty: float,
    *,
    reference: str = "Monte Carlo",
    bias: float = 0.0,
) -> ModelNonlinearity:
    """Compare the linear u with a better one and say which input the result gains.

    Args:
        linear_uncertainty: u by the law of propagation, in the SI unit of the result.
        reference_uncertainty: u by Monte Carlo, or by second order.
        reference: Which of these, as named in the note.
        bias: Expectation minus estimate, from the same source.

    Returns:
        An input with u^2 = u_reference^2 - u_linear^2 where the reference is larger by more than
        5 % of the linear u; none where it is not, or where it is smaller, and then said.

    Raises:
        InputError: an uncertainty is negative or not finite.

    Source: own rule; a comparison in the sense of JCGM 101:2008, clause 8, made with u.
    """
    for number in (linear_uncertainty, reference_uncertainty, bias):
        if not math.isfinite(number):
            raise InputError(f"{number} cannot be compared with an uncertainty")
    if linear_uncertainty < 0.0 or reference_uncertainty < 0.0:
        raise InputError("a standard uncertainty is not negative")
    excess = reference_uncertainty - linear_uncertainty
    gained = 0.0
    if abs(excess) <= DIFFERENCE_LIMIT * linear_uncertainty:
        note = f"linear within 5 % of {reference}"
    elif excess < 0.0:
        note = f"{reference} gives the smaller u ({reference_uncertainty:.3g}): linear kept"
    else:
        gained = math.sqrt(excess * (reference_uncertainty + linear_uncertainty))
        note = f"{reference} gives the larger u ({reference_uncertainty:.3g}): difference added"
    if abs(bias) > DIFFERENCE_LIMIT * max(linear_uncertainty, reference_uncertainty):
        note += f"; bias {bias:.3g} of the estimate not applied"
    return ModelNonlinearity(
        linear_uncertainty,
        reference_uncertainty,
        reference,
        gained,
        math.hypot(linear_uncertainty, gained),
        bias,
        note,
    )
