"""Input quantities: what carries uncertainty into a model (VIM 2.50).

Inside: `Distribution`, `Evaluation`, `BlockKind`, `InputQuantity`, `CorrelationBlock`.
Source: JCGM 100:2008 (GUM), clauses 4.2, 4.3; JCGM 101:2008, clause 6.4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Distribution(StrEnum):
    """Shape from which Monte Carlo draws the quantity; `parameters` as said for each.

    Location and width come from the estimate x and from u, where the shape has no bounds of its
    own. How each is assigned and drawn: `uncertainty/distributions.py`, `uncertainty/quantiles.py`.
    """

    NORMAL = "normal"  # scaled and shifted t where the degrees of freedom are finite
    T = "t"  # scaled and shifted t; degrees of freedom finite
    RECTANGULAR = "rectangular"  # half-width u * sqrt(3)
    TRIANGULAR = "triangular"  # half-width u * sqrt(6)
    TRAPEZOIDAL = "trapezoidal"  # parameters (top half-width / half-width)
    CURVILINEAR_TRAPEZOID = "curvilinear_trapezoid"  # (uncertainty of half-width / half-width)
    U_SHAPED = "u_shaped"  # arcsine, half-width u * sqrt(2)
    EXPONENTIAL = "exponential"  # (bound): from the bound, mean distance u, to the side of x
    COUNTS = "counts"  # gamma posterior of a Poisson mean, shape n + 1/2 (Jeffreys prior)
    GAMMA = "gamma"  # (shape, rate in the inverse SI unit)
    BETA = "beta"  # (alpha, beta), on 0 ... 1
    TRUNCATED_NORMAL = "truncated_normal"  # (centre, u before truncation, lower, upper)
    LOGNORMAL = "lognormal"  # mean x, standard deviation u
    RANDOM_WALK = "random_walk"  # (variance per s, signed time in s): `uncertainty/random_walk.py`


class Evaluation(StrEnum):
    """How the uncertainty was evaluated (GUM 4.2, 4.3)."""

    A = "A"  # statistics of repeated observations
    B = "B"  # any other means


class BlockKind(StrEnum):
    """Why inputs of one event are correlated."""

    DECLARED = "declared"  # correlation coefficients given with the data
    ENSEMBLE = "ensemble"  # observed together: one sample, one chi-square (Willink 2007)
    # Points of one certificate that says nothing of their correlation: the matrix is the
    # identity, and u of a result is taken at the bound (`qtrace.uncertainty.network`).
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class InputQuantity:
    """One quantity that carries uncertainty into models; owned by one event.

    `estimate` and `standard_uncertainty` are in the coherent SI unit of the quantity;
    `unit` and `text` keep what was written. `input_id` is 0 until it is recorded.
    `parameters` are those of the distribution, in SI units; empty where x and u say it all.
    """

    input_id: int
    name: str
    estimate: float
    standard_uncertainty: float
    unit: str
    distribution: Distribution = Distribution.NORMAL
    evaluation: Evaluation = Evaluation.B
    degrees_of_freedom: float = math.inf
    text: str = ""
    flags: tuple[str, ...] = ()
    parameters: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class CorrelationBlock:
    """Correlated inputs of one event: `correlation` has shape (n, n), in `input_ids` order.

    `correlation_entered` is the matrix as declared; it differs from `correlation` only where
    rounding had to be repaired. `degrees_of_freedom` belongs to an ensemble as a whole.
    """

    block_id: int
    kind: BlockKind
    input_ids: tuple[int, ...]
    correlation: NDArray[np.float64]
    correlation_entered: NDArray[np.float64]
    degrees_of_freedom: float = math.inf
    reason: str = ""
