"""Method S2: a calibration interval from the reliability observed after different times.

Inside: `S2_VERSION`, `Observations`, `bin_observations`, `ModelFit`, `S2Result`,
`reliability_interval`.

Each reliability model is fitted to counts by maximum likelihood and tested against the scatter
of the counts; the interval is where it falls to the target.
Source: NCSLI RP-1 (2010), Appendix D (document not at hand: equation numbers as cited in suncal
1.7.1, whose figures are met where that software converges).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.first_crossing import first_fall
from qtrace.uncertainty.reliability_models import RELIABILITY_MODELS, ReliabilityModel

Array = NDArray[np.float64]
S2_VERSION = "RP-1 S2, 10 models, 1"
SIGNIFICANCE = 0.95  # of the F test of a model
CLOSEST = 1e-12  # a probability this near to 0 or 1 is held there, so that logarithms exist
LEAST_REJECTION = 0.01  # in the merit: a model that threads few points is not praised without end
REACH = 10.0  # intervals are sought up to this many times the longest time observed
FLAT = 1e12  # condition from which the counts do not determine all parameters
STEP = 1e-6  # relative, of a derivative by a parameter
GROUP_GAP = 1.5  # a gap above this many mean gaps parts groups of similar intervals


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """Counts by time since calibration: `times` (k,) rising, `n` and `in_tolerance` (k,)."""

    times: Array
    n: Array
    in_tolerance: Array

    @property
    def share(self) -> Array:
        """Return the observed reliability of each bin, shape (k,)."""
        return np.asarray(self.in_tolerance / self.n, dtype=np.float64)


def bin_observations(
    times: ArrayLike, in_tolerance: Sequence[bool], *, bins: int = 8
) -> Observations:
    """Gather single calibrations into bins of equal width; a bin stands at its mean time.

    Args:
        times: Time since the calibration before, shape (n,), any unit.
        in_tolerance: Whether each was found in tolerance.
        bins: Number of bins; empty ones are dropped.

    Raises:
        InputError: no observations, or a time that is not positive.
    """
    at = np.asarray(times, dtype=np.float64)
    good = np.asarray(in_tolerance, dtype=np.float64)
    if at.ndim != 1 or at.shape != good.shape or len(at) == 0 or bins < 1:
        raise InputError("give one time and one outcome for each calibration")
    if not np.all(np.isfinite(at)) or np.min(at) <= 0.0:
        raise InputError("a time between calibrations is not above 0")
    width = float(np.ptp(at)) / bins
    place = np.zeros(len(at), dtype=np.int64)
    if width > 0.0:
        place = np.minimum(((at - np.min(at)) / width).astype(np.int64), bins - 1)
    used = np.unique(place)
    sums = np.array(
        [[np.mean(at[place == k]), np.sum(place == k), np.sum(good[place == k])] for k in used]
    )
    return Observations(sums[:, 0], sums[:, 1], sums[:, 2])


@dataclass(frozen=True, slots=True)
class ModelFit:
    """One fitted model. Times and intervals in the unit of the observations.

    `interval` is where the model falls to the target, None where it does not do so within ten
    times the longest time observed; `limits` bound it at the confidence asked for (upper limit
    infinite where none is reached). `rejection_confidence` is that of the F test (None where the
    counts leave nothing to test with); a model is accepted below 0.95. `merit` orders the models.
    """

    name: str
    parameters: tuple[float, ...]
    log_likelihood: float
    interval: float | None
    limits: tuple[float, float] | None
    f: float | None
    critical_f: float | None
    rejection_confidence: float | None
    accepted: bool
    merit: float


@dataclass(frozen=True, slots=True)
class S2Result:
    """All fitted models, those of most merit first.

    `best` is the first that is accepted, reaches the target and has limits; without limits where
    no model has any; None where none is accepted and reaches the target.
    """

    target: float
    confidence: float
    n: int
    longest: float
    models: tuple[ModelFit, ...]
    best: ModelFit | None
    version: str = S2_VERSION

    @property
    def extrapolated(self) -> bool:
        """Return whether the proposed interval is longer than any that was observed."""
        return self.best is not None and (self.best.interval or 0.0) > self.longest


def reliability_interval(
    observed: Observations,
    *,
    target: float,
    confidence: float = 0.95,
    models: Sequence[ReliabilityModel] = RELIABILITY_MODELS,
) -> S2Result:
    """Fit the reliability models to counts; return the interval at the target reliability.

    Args:
        observed: At least two bins, with calibrations in and out of tolerance.
        target: Wanted probability of being in tolerance at the end of the interval.
        confidence: Two-sided confidence of the limits of the interval.
        models: The models to try.

    Raises:
        InputError: too few bins, counts that cannot be, a target or confidence outside (0, 1).

    Source: RP-1 Appendix D: likelihood Eq. D-5; F of lack of fit over pure error Eqs. D-19 and
    D-23; interval limits from the variance of the fitted reliability, Eq. D-29; figure of merit
    (N_G / C) t_R^(1/4), N_G models with a similar interval, C rejection confidence, t_R where
    the model falls to one minus the target (Eq. D-25). Our own: C is not taken below 1 % there,
    and a model whose parameters the counts determine comes before one that only threads them.
    """
    _check(observed, target, confidence)
    fits = [_fit(model, observed, target=target, confidence=confidence) for model in models]
    reached = [fit.interval for fit, _ in fits if fit.interval is not None]
    ranked = tuple(
        sorted(
            (_with_merit(fit, later, reached) for fit, later in fits),
            key=lambda fit: fit.merit,
            reverse=True,
        )
    )
    usable = [fit for fit in ranked if fit.accepted and fit.interval is not None]
    # A curve that only threads the points (few bins) has no limits; one that has them comes first.
    best = next((fit for fit in usable if fit.limits is not None), usable[0] if usable else None)
    n, longest = int(np.sum(observed.n)), float(np.max(observed.times))
    return S2Result(target, confidence, n, longest, ranked, best)


def _check(observed: Observations, target: float, confidence: float) -> None:
    for name, part in (("target reliability", target), ("confidence", confidence)):
        if not 0.0 < part < 1.0:
            raise InputError(f"a {name} lies between 0 and 1, not {part:g}")
    t, n, g = observed.times, observed.n, observed.in_tolerance
    if len(t) < 2 or not t.shape == n.shape == g.shape:
        raise InputError(
            "the calibrations followed one interval only: no curve can be fitted",
            next_step="use method a3, which tests that one interval",
        )
    if np.any(np.diff(t) <= 0.0) or t[0] <= 0.0 or np.any(n < 1) or np.any((g < 0) | (g > n)):
        raise InputError("times must rise from above 0, and counts lie between 0 and n")
    if np.sum(g) in {0.0, np.sum(n)}:
        which = "all" if np.sum(g) else "none"
        raise InputError(
            f"{which} of the calibrations were in tolerance: no curve can be fitted",
            next_step="use method a3, which can handle that",
        )


def _probability(model: ReliabilityModel, t: Array, theta: Array) -> Array:
    with np.errstate(all="ignore"):
        value = model.function(t, theta)
    return np.clip(np.nan_to_num(value, nan=CLOSEST), CLOSEST, 1.0 - CLOSEST)


def _negative_log_likelihood(
    theta: Array, model: ReliabilityModel, observed: Observations, t: Array
) -> float:
    r = _probability(model, t, theta)
    g, n = observed.in_tolerance, observed.n
    return -float(np.sum(g * np.log(r) + (n - g) * np.log1p(-r)))


def _maximum(model: ReliabilityModel, observed: Observations) -> tuple[Array, float]:
    """Return the parameters of highest likelihood, in units of the longest time, and -log L.

    The best points of a grid are improved by a gradient search, then by one without gradients,
    which a bound of zero or a flat direction does not stop.
    """
    from scipy.optimize import minimize

    t = observed.times / np.max(observed.times)

    def cost(theta: Array) -> float:
        return _negative_log_likelihood(theta, model, observed, t)

    grid = sorted((cost(np.array(p)), p) for p in itertools.product(*model.starts))
    bounds = [(0.0, None)] * len(model.starts)
    best, least = np.array(grid[0][1]), grid[0][0]
    for _, start in grid[:3]:
        near = minimize(cost, np.array(start), method="L-BFGS-B", bounds=bounds)
        # Precise where the counts are, and patient where the likelihood is flat.
        fine = minimize(
            cost, near.x, method="Nelder-Mead", bounds=bounds,
            options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 4000, "maxfev": 4000},
        )  # fmt: skip
        for found in (near, fine):
            if float(found.fun) < least:
                best, least = np.asarray(found.x, dtype=np.float64), float(found.fun)
    return best, least


def _fit(
    model: ReliabilityModel, observed: Observations, *, target: float, confidence: float
) -> tuple[ModelFit, float]:
    """Return a fitted model without its merit, and the time where it falls to 1 - target."""
    from scipy.special import gammaln, ndtri

    longest = float(np.max(observed.times))
    theta, least = _maximum(model, observed)
    g, n = observed.in_tolerance, observed.n
    constant = float(np.sum(gammaln(n + 1) - gammaln(g + 1) - gammaln(n - g + 1)))
    t = observed.times / longest
    spread = _spread(model, theta, t, n=n)
    k = float(ndtri((1.0 + confidence) / 2.0))

    def curve(at: Array) -> Array:
        return _probability(model, at, theta)

    # None, too, where even a fresh calibration is below the target.
    interval = first_fall(curve, target, upto=REACH) or None
    limits = None
    if interval is not None and spread is not None:
        low = first_fall(lambda at: curve(at) - k * spread(at), target, upto=REACH)
        high = first_fall(lambda at: curve(at) + k * spread(at), target, upto=REACH, start=interval)
        limits = (longest * (low or 0.0), math.inf if high is None else longest * high)
    later = first_fall(curve, 1.0 - target, upto=100.0 * REACH)
    f, critical, rejected = _lack_of_fit(observed, curve(t), len(theta))
    scaled = tuple(float(p) / longest**power for p, power in zip(theta, model.rates, strict=True))
    fit = ModelFit(
        model.name, scaled, constant - least, None if interval is None else interval * longest,
        limits, f, critical, rejected, rejected is None or rejected < SIGNIFICANCE, 0.0,
    )  # fmt: skip
    return fit, longest * (100.0 * REACH if later is None else later)


def _lack_of_fit(
    observed: Observations, fitted: Array, parameters: int
) -> tuple[float | None, float | None, float | None]:
    """Return F, its 95 % quantile and its probability; None where pure error is zero or absent."""
    from scipy.special import fdtr, fdtri

    n, r, k = observed.n, observed.share, len(observed.n)
    between, within = k - parameters, int(np.sum(n)) - k
    pure = float(np.sum(n * r * (1.0 - r)))
    if between < 1 or within < 1 or pure <= 0.0:
        return None, None, None
    f = float(np.sum(n * (r - fitted) ** 2)) / between / (pure / within)
    return f, float(fdtri(between, within, SIGNIFICANCE)), float(fdtr(between, within, f))


def _spread(
    model: ReliabilityModel, theta: Array, t: Array, *, n: Array
) -> Callable[[Array], Array] | None:
    """Return the standard deviation of the fitted reliability by time, None where it has none.

    Source: RP-1 Eq. D-29: d^T (D^T W D)^-1 d with D the derivatives of R at the observed times
    by the parameters, d those at the time asked for, W = n / (R (1 - R)).
    """

    def slopes(at: Array) -> Array:
        columns = []
        for k in range(len(theta)):
            # A parameter at its bound of zero is moved to one side only.
            step = STEP * max(float(theta[k]), 1e-3)
            up, down = theta.copy(), theta.copy()
            up[k] += step
            down[k] = max(0.0, theta[k] - step)
            change = _probability(model, at, up) - _probability(model, at, down)
            columns.append(change / (up[k] - down[k]))
        return np.stack(columns, axis=1)

    r = _probability(model, t, theta)
    rows = slopes(t)
    information = rows.T @ ((n / (r * (1.0 - r)))[:, None] * rows)
    size = np.sqrt(np.diag(information))
    if not np.all(size > 0.0) or float(np.linalg.cond(information / np.outer(size, size))) > FLAT:
        return None
    inverse = np.linalg.inv(information / np.outer(size, size)) / np.outer(size, size)

    def spread(at: Array) -> Array:
        d = slopes(at)
        variance = np.einsum("mp,pq,mq->m", d, inverse, d)
        return np.asarray(np.sqrt(np.maximum(variance, 0.0)), dtype=np.float64)

    return spread


def _with_merit(fit: ModelFit, later: float, reached: Sequence[float]) -> ModelFit:
    """Return a fit with its figure of merit: agreeing models, low rejection, long life."""
    if fit.interval is None:
        return fit
    alike = _similar(sorted(reached), fit.interval)
    rejected = 1.0 if fit.rejection_confidence is None else fit.rejection_confidence
    rejected = max(rejected, LEAST_REJECTION)
    return replace(fit, merit=alike / rejected * later**0.25)


def _similar(ordered: Sequence[float], interval: float) -> int:
    """Return how many intervals stand in the group of one; wide gaps part the groups."""
    gaps = np.diff(np.asarray(ordered))
    if len(gaps) == 0:
        return 1
    group = np.concatenate(([0], np.cumsum(gaps > GROUP_GAP * float(np.mean(gaps)))))
    return int(np.sum(group == group[list(ordered).index(interval)]))
