"""The fidelities of single states that make a tail of their weighted mean largest.

Inside: `worst_tail`, `least_mean`.
The tail is looked at over all fidelities of the states with one mean. Equal ones, those of the
largest variance, and all patterns with some states at 0 or 1 are tried, and the best of them are
climbed by their slopes. That is a search: a larger tail elsewhere is not excluded by a proof.
Source: sequential quadratic programming, Kraft, DFVLR-FB 88-28 (1988) [M].
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.states.mean_fidelity_tail import WeightedTail

Array = NDArray[np.float64]

ROUGH, FINE = 2**12, 2**14  # grid points
FEW = 5.0  # steps in one standard deviation: below it the grid must tell the steps of states apart
CLIMBED = 3  # how many of the starts are climbed for a p-value
JUDGED = 6  # how many of them are judged on the fine grid
SAME = 1e-4  # relative, of a tail
MOST_PATTERN_STATES = 6  # with more states, patterns of one state apart only
ROUNDS = 4
NEAR = 1e-5  # relative, of the logarithm of the tail


def _shares(weights: Array) -> Array:
    return weights / np.sum(weights)


def _at_mean(fidelities: Array, shares: Array, mean: float) -> Array:
    """Return fidelities moved alike until their mean is right, none beyond 0 and 1."""
    low, high = -1.0, 1.0
    for _ in range(60):
        shift = 0.5 * (low + high)
        if float(np.sum(shares * np.clip(fidelities + shift, 0.0, 1.0))) < mean:
            low = shift
        else:
            high = shift
    moved: Array = np.clip(fidelities + 0.5 * (low + high), 0.0, 1.0)
    return moved


def _largest_variance(tail: WeightedTail, shares: Array, mean: float) -> Array:
    """Return the fidelities of that mean at which the variance is largest.

    Source: sum of w^2 p (1 - p) / n under sum of w p: w (1 - 2 p) / n is the same for all states
        that are not at an edge; bisection on that multiplier.
    """
    low, high = -float(np.max(tail.steps)), float(np.max(tail.steps))
    p = np.full(shares.shape, mean)
    for _ in range(60):
        multiplier = 0.5 * (low + high)
        p = np.clip(0.5 * (1.0 - multiplier / tail.steps), 0.0, 1.0)
        low, high = (low, multiplier) if float(np.sum(shares * p)) < mean else (multiplier, high)
    return _at_mean(p, shares, mean)


def _patterns(states: int) -> list[tuple[int, ...]]:
    """Return which states are left free (2) while others are at 0 or 1."""
    if states <= MOST_PATTERN_STATES:
        return [one for one in product((0, 1, 2), repeat=states) if 2 in one]
    rows = []
    for edge in (0, 1):
        for i in range(states):
            rows.append(tuple(2 if j == i else edge for j in range(states)))
            rows.append(tuple(edge if j == i else 2 for j in range(states)))
    return rows


def _starts(tail: WeightedTail, shares: Array, mean: float) -> list[Array]:
    """Return the starts of a search, the best by a rough measure first."""
    found = [np.full(shares.shape, mean), _largest_variance(tail, shares, mean)]
    edges = []
    for pattern in _patterns(shares.size):
        kind = np.array(pattern)
        free, ones = kind == 2, kind == 1
        rest = (mean - float(np.sum(shares[ones]))) / float(np.sum(shares[free]))
        if 0.0 <= rest <= 1.0:
            edges.append(np.where(free, rest, np.where(ones, 1.0, 0.0)))
    if edges:
        table = np.array(edges)
        # Distance to the value in standard deviations, an atom wide at least: rough, and quick.
        spread = np.sqrt(np.sum(tail.steps**2 * tail.trials * table * (1.0 - table), axis=1))
        order = np.argsort(-spread, kind="stable")
        found += [table[i] for i in order[:4]]
        fewest = np.argsort(np.sum(np.isin(table, (0.0, 1.0)), axis=1), kind="stable")[::-1]
        found += [table[i] for i in fewest[: 2 * shares.size]]
    return found


def _climbed(tail: WeightedTail, shares: Array, mean: float, start: Array) -> Array:
    """Return the fidelities at the top of the slope from a start, mean held."""
    from scipy.optimize import Bounds, LinearConstraint, minimize  # slow to import

    scale = shares / np.max(shares)
    total = mean * float(np.sum(scale))
    size = _rough(tail, shares, mean)

    def height(p: Array) -> tuple[float, Array]:
        value, slope = tail.at(p, size=size, slopes=True)
        value = max(value, 1e-300)
        return -float(np.log(value)), -slope / value

    best = minimize(
        height,
        start,
        jac=True,
        method="SLSQP",
        bounds=Bounds(0.0, 1.0),
        constraints=LinearConstraint(scale, total, total),
        options={"maxiter": 10, "ftol": 1e-5},
    )
    return _at_mean(np.clip(best.x, 0.0, 1.0), shares, mean)


def _rough(tail: WeightedTail, shares: Array, mean: float) -> int:
    """Return how many grid points a search needs: steps are told apart where few of them count."""
    deviation = float(np.sqrt(np.sum(shares * tail.steps) * mean * (1.0 - mean)))
    return ROUGH if deviation > FEW * float(np.max(tail.steps)) else FINE


def _best(
    tail: WeightedTail, shares: Array, mean: float, *, climbed: int, more: tuple[Array, ...] = ()
) -> tuple[float, Array]:
    """Return the largest tail found at a mean, on the fine grid, and its fidelities."""
    size = _rough(tail, shares, mean)
    found = [*more, *_starts(tail, shares, mean)]
    heights = [tail.at(one, size=size)[0] for one in found]
    order = [int(i) for i in np.argsort(heights)[::-1]]
    tops = [_climbed(tail, shares, mean, found[i]) for i in order[:climbed]]
    judged = [*tops, *more, *(found[i] for i in order[:JUDGED])]
    fine = [tail.at(one, size=FINE)[0] for one in judged]
    best = int(np.argmax(fine))
    return fine[best], judged[best]


def worst_tail(tail: WeightedTail, weights: Array, mean: float) -> tuple[float, Array]:
    """Return the largest tail found over all fidelities of that mean, and where it was found.

    Args:
        tail: Trials, steps and value.
        weights: Of the states, positive, shape (m,).
        mean: Weighted mean of the fidelities, in (0, 1).
    """
    return _best(tail, _shares(weights), mean, climbed=CLIMBED)


def least_mean(tail: WeightedTail, weights: Array, *, level: float, start: float) -> float:
    """Return the largest mean at which no tail found exceeds a level.

    The tail grows with each fidelity, so that every smaller mean is below the level as well.

    Args:
        tail: Trials, steps and value; the value is above 0.
        weights: Of the states, positive, shape (m,).
        level: Largest tail allowed, in (0, 1).
        start: A first guess of the mean.

    Source: inversion of a test, Clopper and Pearson, Biometrika 26, 404 (1934), at the worst
        fidelities found.
    """
    shares = _shares(weights)
    _, p = _best(tail, shares, start, climbed=1)
    for _ in range(ROUNDS):
        found = _crossing(tail, shares, p, level)
        moved = _at_mean(p, shares, found)
        worst, again = _best(tail, shares, found, climbed=1, more=(moved,))
        if worst <= level * (1.0 + SAME):
            return found
        p = again
    return _crossing(tail, shares, p, level)


def _crossing(tail: WeightedTail, shares: Array, p: Array, level: float) -> float:
    """Return the mean at which the tail has at most that level, fidelities moved alike.

    Source: regula falsi with halved ends (Illinois) in the logarithm of the tail.
    """
    goal = float(np.log(level))

    def miss(mean: float) -> float:
        value, _ = tail.at(_at_mean(p, shares, mean), size=FINE)
        return float(np.log(max(value, 1e-300))) - goal

    mean = float(np.sum(shares * p))
    at = miss(mean)
    step = 0.02 * min(mean, 1.0 - mean) * (-1.0 if at > 0.0 else 1.0)
    other = mean
    while True:  # outwards until the level lies between
        other = min(max(other + step, 0.5 * other), 0.5 * (other + 1.0))
        there = miss(other)
        if (there > 0.0) != (at > 0.0):
            break
        mean, at, step = other, there, 2.0 * step
    (low, below), (high, above) = sorted([(mean, at), (other, there)])
    side = 0
    for _ in range(60):
        if below > -NEAR or high - low < 1e-12 * high:
            break
        new = (low * above - high * below) / (above - below)
        at = miss(new)
        if at <= 0.0:
            low, below = new, at
            above = 0.5 * above if side < 0 else above
            side = -1
        else:
            high, above = new, at
            below = 0.5 * below if side > 0 else below
            side = 1
    return low
