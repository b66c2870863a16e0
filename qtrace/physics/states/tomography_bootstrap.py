"""How figures of a tomography scatter and how far they are biased: the parametric bootstrap.

Inside: `Bootstrap`, `Figure`, `bootstrap`, `figure_of`, `fit_p_value`.
Counts are drawn again from the fitted state and fitted again. At the boundary of the states, where
most entangled states are, the fit is biased towards mixed states and NO bootstrap interval is sure
to cover: percentiles never hold a pure truth, and reflected ones are short of it near the
boundary. The interval here is the hull of both, and its coverage is simulated, not proven.
Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 6, 10 and 13;
Davison and Hinkley, Bootstrap Methods (1997), section 5.2, basic interval [from memory].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincc

from qtrace.errors import InputError
from qtrace.physics.proportions import Interval
from qtrace.physics.states.tomography import (
    BOUNDARY,
    Fit,
    checked_counts,
    draw_counts,
    fit_counts,
    freedoms,
)
from qtrace.physics.states.tomography_frame import Frame

Array = NDArray[np.float64]
Matrix = NDArray[np.complex128]

LEAST_DRAWS = 100
MOST_DRAWS = 100_000


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """A fit, and the fits of counts drawn from it."""

    fit: Fit
    drawn: Fit
    left_over: int  # degrees of freedom of the deviance, away from the boundary
    at_boundary: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the fit, its interval, and by how much the fit is biased."""

    value: float
    interval: Interval
    bias: float
    deviation: float  # standard deviation over the draws


def bootstrap(
    frame: Frame, counts: Array, *, draws: int, generator: np.random.Generator
) -> Bootstrap:
    """Return the fit of one table of counts and `draws` fits of tables drawn from it.

    Raises:
        InputError: as `fit_counts`, or a number of draws outside 100 to 100000.

    Source: Efron and Tibshirani (1993), section 6.5, the parametric bootstrap.
    """
    if not LEAST_DRAWS <= draws <= MOST_DRAWS:
        raise InputError(
            f"{draws} draws are not between {LEAST_DRAWS} and {MOST_DRAWS}",
            where="draws",
            next_step="1000 give the ends of a 95 % interval to about a tenth of its width",
        )
    smaller, given = checked_counts(frame, counts)
    fit = fit_counts(smaller, given[:1])
    totals = smaller.totals(given[:1])[0]
    again = draw_counts(smaller, fit.raw[0], totals, draws=draws, generator=generator)
    free, parameters = freedoms(smaller)
    least = float(np.linalg.eigvalsh(fit.matrices[0])[0])
    wall = BOUNDARY * smaller.held / float(np.sqrt(totals.mean()))
    return Bootstrap(fit, fit_counts(smaller, again), free - parameters, least < wall)


def figure_of(
    found: Bootstrap,
    figure: Callable[[Matrix], Array],
    *,
    probability: float,
    limits: tuple[float, float] = (0.0, 1.0),
) -> Figure:
    """Return a figure with the hull of its two bootstrap intervals, cut at the figure's limits.

    Args:
        found: The bootstrap.
        figure: From a stack of matrices to numbers.
        probability: Nominal, two-sided; what is covered is said with the report.
        limits: Between which any state's figure lies.

    Source: percentiles [q_low, q_high] and reflected [2 f - q_high, 2 f - q_low]; bias =
        mean of the draws - f (Efron and Tibshirani 1993, section 10.2 [from memory]).
    """
    value = float(figure(found.fit.matrices)[0])
    drawn = figure(found.drawn.matrices)
    tail = (1.0 - probability) / 2.0
    low, high = (float(one) for one in np.quantile(drawn, [tail, 1.0 - tail]))
    ends = np.clip([min(low, 2.0 * value - high), max(high, 2.0 * value - low)], *limits)
    return Figure(
        value,
        Interval(float(ends[0]), float(ends[1]), probability),
        float(drawn.mean()) - value,
        float(drawn.std(ddof=1)),
    )


def fit_p_value(found: Bootstrap) -> tuple[float, float | None]:
    """Return the p-value of the deviance over the draws, and from chi-square or None.

    Chi-square holds away from the boundary only; the draws hold their own boundary.

    Source: (1 + number of draws as large) / (1 + draws), Davison and Hinkley (1997), section 4.2;
        Wilks (1938).
    """
    seen = float(found.fit.deviance[0])
    drawn = found.drawn.deviance
    share = (1.0 + float(np.sum(drawn >= seen))) / (1.0 + len(drawn))
    if found.left_over <= 0:
        return share, None
    return share, float(gammaincc(found.left_over / 2.0, max(seen, 0.0) / 2.0))
