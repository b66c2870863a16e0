"""Procedures by draws: one result (JCGM 101) and several at once (JCGM 102).

Inside: `draws_of_network`, `joint_draws_of_network`, `region_factors`.
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from qtrace.uncertainty.adaptive import fixed_figure
from qtrace.uncertainty.coverage_interval import IntervalKind
from qtrace.uncertainty.drawn_figure import DrawPlan
from qtrace.uncertainty.monte_carlo import draw_chain
from qtrace.uncertainty.multivariate import (
    Rectangle,
    drawn_ellipsoid,
    drawn_rectangle,
    elliptical_factor,
    joint_figure,
    rectangular_factor,
)
from qtrace.uncertainty.network import correlation, standard_uncertainty
from qtrace.uncertainty.validation import Verdict, validate_result
from qtrace.validation.case import Figure, Figures
from qtrace.validation.given import Given
from qtrace.validation.networks import FUNCTIONS, build_network
from qtrace.validation.sampling import Sampling, scatter_of_parts

KINDS = tuple(kind.value for kind in IntervalKind)
Array = NDArray[np.float64]


def draws_of_network(given: Given, sampling: Sampling) -> Figures:
    """Return what draws say of the last result, and the verdict on its linear interval.

    Figures: `mean`, `median`, `u`, `low`, `high`, `width`, `half_width`, `k` (half width over u) of
    the draws; `value`, `gum_u`, `gum_low`, `gum_high` of the law of propagation; `d_low`, `d_high`,
    `delta` and `validated` (1 or 0) of clause 8 of JCGM 101.
    """
    p = given.number("p", 0.95)
    kind = IntervalKind(given.one_of("interval", KINDS, "symmetric"))
    digits = given.integer("digits", 2)
    built = build_network(given)
    given.finish()
    plan = DrawPlan(coverage_probability=p, kind=kind, digits=digits)
    found = fixed_figure(
        built.network,
        built.last,
        n=sampling.draws,
        plan=plan,
        seed=sampling.seed,
        functions=FUNCTIONS,
    )
    errors, interval = found.standard_errors, found.interval
    ends = math.hypot(errors.low, errors.high)
    figures = {
        "median": Figure(found.median, errors.estimate),
        "low": Figure(interval.low, errors.low),
        "high": Figure(interval.high, errors.high),
        "width": Figure(interval.width, ends),
        "half_width": Figure(interval.width / 2.0, ends / 2.0),
        "value": Figure(built.network.result(built.last).value),
        "gum_u": Figure(standard_uncertainty(built.network, built.last)),
    }
    if found.mean is not None:
        figures["mean"] = Figure(found.mean, errors.estimate)
    if found.standard_uncertainty is not None and errors.standard_uncertainty is not None:
        u = found.standard_uncertainty
        figures["u"] = Figure(u, errors.standard_uncertainty)
        k = interval.width / 2.0 / u
        relative = math.hypot(ends / interval.width, errors.standard_uncertainty / u)
        figures["k"] = Figure(k, k * relative)
    checked = validate_result(built.network, built.last, found, digits=digits)
    figures["validated"] = Figure(float(checked.verdict is Verdict.VALIDATED))
    figures["delta"] = Figure(checked.tolerance)
    if checked.gum is not None and checked.d_low is not None and checked.d_high is not None:
        figures["gum_low"], figures["gum_high"] = map(Figure, checked.gum)
        figures["d_low"] = Figure(checked.d_low, errors.low)
        figures["d_high"] = Figure(checked.d_high, errors.high)
    return figures


def joint_draws_of_network(given: Given, sampling: Sampling) -> Figures:
    """Return what joint draws say of several results.

    Figures: `mean.RESULT`, `u.RESULT`, `value.RESULT`, `gum_u.RESULT` of each result in `joint`;
    `r.FIRST.SECOND` of draws and `gum_r.FIRST.SECOND`; where `regions` is 1 also `k_ellipse` and
    `k_rectangle` of the regions that hold p of the draws.
    """
    p = given.number("p", 0.95)
    names = given.texts("joint")
    regions = given.integer("regions", 0)
    built = build_network(given)
    given.finish()
    unknown = [name for name in names if name not in built.results]
    if unknown or not names:
        raise given.error("joint", f"{', '.join(unknown) or 'nothing'} is no result of this case")
    ids = [built.results[name] for name in names]
    drawn = draw_chain(
        built.network, ids, n=sampling.draws, seed=sampling.seed, functions=FUNCTIONS
    )
    stacked = np.stack([drawn.values[one] for one in ids])
    joint = joint_figure(stacked)
    figures: dict[str, Figure] = {}
    for k, (name, result_id) in enumerate(zip(names, ids, strict=True)):
        u = math.sqrt(float(joint.covariance[k, k]))

        def u_of(part: Array, k: int = k) -> float:
            return math.sqrt(float(joint_figure(part).covariance[k, k]))

        figures[f"mean.{name}"] = Figure(float(joint.estimates[k]), u / math.sqrt(joint.n))
        figures[f"u.{name}"] = Figure(u, scatter_of_parts(stacked, u_of))
        figures[f"value.{name}"] = Figure(built.network.result(result_id).value)
        figures[f"gum_u.{name}"] = Figure(standard_uncertainty(built.network, result_id))
    for i, j in combinations(range(len(ids)), 2):

        def r_of(part: Array, i: int = i, j: int = j) -> float:
            return float(joint_figure(part).correlation[i, j])

        pair = f"{names[i]}.{names[j]}"
        scatter = scatter_of_parts(stacked, r_of)
        figures[f"r.{pair}"] = Figure(float(joint.correlation[i, j]), scatter)
        figures[f"gum_r.{pair}"] = Figure(correlation(built.network, ids[i], ids[j]))
    if regions:
        figures |= _regions(stacked, p)
    return figures


def _regions(stacked: Array, p: float) -> Figures:
    """Return k of both regions of joint draws."""
    return {
        "k_ellipse": Figure(
            drawn_ellipsoid(stacked, p).factor,
            scatter_of_parts(stacked, lambda part: drawn_ellipsoid(part, p).factor),
        ),
        "k_rectangle": Figure(
            drawn_rectangle(stacked, p).factor,
            scatter_of_parts(stacked, lambda part: drawn_rectangle(part, p).factor),
        ),
    }


def region_factors(given: Given, _sampling: Sampling) -> Figures:
    """Return the factors of regions for normal results, by their number m.

    Figures: `ellipse.m`, `rectangle.m` (independent) and `bonferroni.m` for each m in `results`.
    """
    p = given.number("p")
    numbers = [int(m) for m in given.numbers("results")]
    given.finish()
    figures: dict[str, Figure] = {}
    for m in numbers:
        independent = rectangular_factor(m, p, rule=Rectangle.INDEPENDENT)
        figures[f"ellipse.{m}"] = Figure(elliptical_factor(m, p).value)
        figures[f"rectangle.{m}"] = Figure(independent)
        figures[f"bonferroni.{m}"] = Figure(rectangular_factor(m, p))
    return figures
