"""Bounds on events by photon numbers of two sources, from counts: a linear programme.

Inside: `CellBounds`, `PairProgram`, `LARGEST`.
The unknowns are the numbers of events s_nm in which source a sent n and b sent m photons; the last
class holds all larger numbers, so that nothing is left out. The count of a cell with intensities i
and j has the mean sum_nm P(i|n) P(j|m) s_nm. Each bound is computed from the dual solution, whose
value holds whatever the solver did: the unknowns are bounded on both sides.
Source: Curty et al., Nat. Commun. 5, 3732 (2014), who name the programme and solve it by
elimination [read in a transcription]; duality: Boyd and Vandenberghe, Convex Optimization (2004),
section 5.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.relay.photon_classes import IntensitySet, class_probabilities, emission_limits

Array = NDArray[np.float64]

LARGEST = 8  # photons with a class of their own; more change the bounds by about 1e-4 (tests)
TOLERANCES = (1e-9, 1e-8, 1e-7)  # of the solver, on rows and columns scaled to 1
# Limits are wider for the solver by so many tolerances. Rows of exact counts add up to the row of
# the sum, so that their rounding alone makes a programme that has no solution.
LOOSE = 10.0
FAINT = (
    1e-9  # a lower limit below this part of what its cell could hold is left out: it says nothing
)
MOST_STEPS = 1000  # some 30 are usual
SOLVED = 0  # status of scipy
SLACK = 0.01  # standard deviations by which tables are widened beyond the least that fits


@dataclass(frozen=True, slots=True)
class CellBounds:
    """Lower and upper limits of the mean of each cell, shape (i, j), and the sum of all events.

    `sent` is the number of pulse pairs behind the table, where events are taken as expected: no
    photon number is announced more often than it is sent. In a finite run it stays infinite.
    """

    low: Array
    high: Array
    total: float
    sent: float = math.inf


class PairProgram:
    """The programme of one table; `minimum` and `maximum` bound a weighted sum of the s_nm."""

    def __init__(
        self, a: IntensitySet, b: IntensitySet, *, cells: CellBounds, elastic: bool = False
    ) -> None:
        """Set up rows and bounds, scaled so that every unknown lies between 0 and 1.

        Args:
            a: Intensities of source a.
            b: Intensities of source b.
            cells: Limits of the means.
            elastic: Where no yields fit the limits, widen them by the smallest number of standard
                deviations (roots of the counts) that makes them fit; otherwise such a table gives
                the trivial bounds: 0 and what the table allows at most.
        """
        self.low_a, self.high_a = class_probabilities(a, LARGEST)
        self.low_b, self.high_b = class_probabilities(b, LARGEST)
        if cells.low.shape != (len(a.low), len(b.low)) or cells.high.shape != cells.low.shape:
            raise InputError(
                f"a table of shape {cells.low.shape} does not fit the intensities",
                next_step="give one cell for each pair of intensities",
            )
        self.most_sent = np.full(self.low_a.shape[1] * self.low_b.shape[1], cells.total)
        if math.isfinite(cells.sent):
            of_a, of_b = (emission_limits(one, LARGEST)[1] for one in (a, b))
            self.most_sent = np.minimum(cells.sent * np.outer(of_a, of_b).ravel(), cells.total)
        self._arrange(cells, 0.0)
        if elastic and not self._fits():
            self._arrange(cells, self._least_widening() + SLACK)

    def _arrange(self, cells: CellBounds, widening: float) -> None:
        shape = cells.low.size, self.low_a.shape[1] * self.low_b.shape[1]
        least = np.einsum("in,jm->ijnm", self.low_a, self.low_b).reshape(shape)
        most = np.einsum("in,jm->ijnm", self.high_a, self.high_b).reshape(shape)
        high = np.clip(cells.high.ravel(), 0.0, None)
        high = high + widening * np.sqrt(np.maximum(high, 1.0))
        low = cells.low.ravel()
        low = low - widening * np.sqrt(np.maximum(low, 1.0))
        limit = np.full(least.shape, cells.total)
        np.divide(high[:, None], least, out=limit, where=least > 0.0)
        self.bound = np.minimum(limit.min(axis=0), self.most_sent)
        unit = max(cells.total, np.finfo(float).tiny)
        above = high > 0.0  # an empty row has already closed its unknowns
        below = low > FAINT * (most * self.bound).max(axis=1)
        rows = [
            least[above] * self.bound / high[above, None],
            -most[below] * self.bound / low[below, None],
        ]
        self.rows = np.concatenate(rows)
        self.sides = np.concatenate([np.ones(int(above.sum())), -np.ones(int(below.sum()))])
        # The sum of all events is known; once limits are widened it moves with them.
        known = widening == 0.0
        self.roots = np.concatenate([1.0 / np.sqrt(high[above]), 1.0 / np.sqrt(low[below])])
        self.sum_row = (self.bound / unit)[None, :] * known
        self.sum_side = np.array([cells.total / unit]) * known

    def _fits(self) -> bool:
        return bool(self._solve(np.zeros(self.bound.size)).status == 0)

    def _least_widening(self) -> float:
        """Return by how many roots of their counts limits must be widened until yields fit."""
        from scipy.optimize import linprog  # slow to import, and few figures need it

        rows = np.hstack([self.rows, -self.roots[:, None]])
        cost = np.append(np.zeros(self.bound.size), 1.0)
        limits = [(0.0, 1.0)] * self.bound.size + [(0.0, None)]
        result = linprog(cost, A_ub=rows, b_ub=self.sides, bounds=limits, method="highs-ds")
        return 1.0 if result.fun is None else float(result.fun)

    def _solve(self, cost: Array):  # type: ignore[no-untyped-def]  # noqa: ANN202
        """Solve; a solver that circles or gives up gets a coarser tolerance, and must end.

        The limits are wider here than they are: what solves the dual of the wider programme is a
        point of the dual of the true one, where `_least` takes its value.
        """
        from scipy.optimize import linprog  # slow to import, and few figures need it

        for tolerance in TOLERANCES:
            result = linprog(
                cost,
                A_ub=self.rows if self.rows.size else None,
                b_ub=self.sides + LOOSE * tolerance if self.rows.size else None,
                A_eq=self.sum_row,
                b_eq=self.sum_side,
                bounds=(0.0, 1.0),
                method="highs-ds",
                options={
                    "primal_feasibility_tolerance": tolerance,
                    "dual_feasibility_tolerance": tolerance,
                    "maxiter": MOST_STEPS,
                },
            )
            if result.status == SOLVED:
                break
        return result

    def _least(self, cost: Array) -> float:
        """Return a number that cost . x cannot fall below, for 0 <= x <= 1 in the rows."""
        trivial = float(np.minimum(cost, 0.0).sum())
        scale = float(np.abs(cost).max())
        if scale == 0.0:
            return 0.0
        result = self._solve(cost / scale)
        if result.status != 0:
            return trivial
        of_rows = np.minimum(result.ineqlin.marginals, 0.0) if self.rows.size else np.zeros(0)
        of_sum = result.eqlin.marginals
        rest = cost / scale - of_sum @ self.sum_row
        value = float(of_sum @ self.sum_side)
        if self.rows.size:
            rest = rest - of_rows @ self.rows
            value += float(of_rows @ self.sides)
        return max(trivial, scale * (value + float(np.minimum(rest, 0.0).sum())))

    def minimum(self, weights: Array) -> float:
        """Return a lower bound of sum weights_nm s_nm; weights not negative, (classes, classes).

        Source: weak duality, Boyd and Vandenberghe (2004), section 5.2.2.
        """
        return max(0.0, self._least(weights.ravel() * self.bound))

    def maximum(self, weights: Array) -> float:
        """Return an upper bound of sum weights_nm s_nm; weights not negative.

        Source: as `minimum`, of the negative weights.
        """
        return -self._least(-weights.ravel() * self.bound)

    def weights(self, photons_a: int | None, photons_b: int | None) -> Array:
        """Return weights 1 at those photon numbers; None: at every number."""
        chosen = np.zeros((self.low_a.shape[1], self.low_b.shape[1]))
        chosen[
            slice(None) if photons_a is None else photons_a,
            slice(None) if photons_b is None else photons_b,
        ] = 1.0
        return chosen

    def in_cell(self, i: int, j: int, *, photons_a: int | None, photons_b: int | None) -> Array:
        """Return the least shares P(i|n) P(j|m) at those photon numbers, 0 elsewhere.

        Source: Curty et al. (2014), p_{a,b|nm}.
        """
        shares: Array = np.outer(self.low_a[i], self.low_b[j])
        return shares * self.weights(photons_a, photons_b)
