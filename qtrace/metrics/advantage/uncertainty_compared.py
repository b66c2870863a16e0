"""Where the uncertainty of a figure is what is compared: how well, not how much.

Inside: `of_uncertainty`, `as_declared`, `declared_chance`.

An offset between two clocks is not good or bad; how well it is known is what a method of time
transfer is chosen for. The u of a figure with finite degrees of freedom is itself an estimate
with a chi-square interval. One that mostly rests on inputs with infinite degrees of freedom is what
somebody stated: no probability says that it is smaller than another, and nothing is proven by it.
Source: JCGM 100:2008 (GUM), G.4.2 (degrees of freedom of a stated u), E.4.3 (uncertainty of an
uncertainty); NIST SP 1065 (2008), Eq. 45.
"""

from __future__ import annotations

import math
from dataclasses import replace

from qtrace.metrics.advantage.chances import Chance, Level
from qtrace.metrics.advantage.compared import ComparedFigure
from qtrace.physics.proportions import Interval
from qtrace.physics.timing.stability_intervals import deviation_interval

MOSTLY = 0.5  # of the variance: with more of it stated than estimated, u is as declared


def as_declared(figure: ComparedFigure) -> bool:
    """Return whether u of a figure is stated rather than estimated from readings."""
    return math.isinf(figure.degrees_of_freedom) or figure.declared_share > MOSTLY


def declared_chance(u: float, level: Level, *, confidence: float) -> Chance:
    """Return what a stated u shows: that it is larger than the baseline, if it is, no more.

    Args:
        u: As `of_uncertainty` gives it.
        level: The baseline.
        confidence: p; the baseline may be uncertain.
    """
    if u - level.value > level.reach(1.0 - confidence):
        how = "as declared, u lies above the baseline"
        return Chance(better=False, worse=True, probability=None, how=how)
    where = "below" if u < level.value else "not below"
    how = f"as declared, u lies {where} the baseline: a stated u has no probability and proves none"
    return Chance(better=False, worse=False, probability=None, how=how)


def of_uncertainty(figure: ComparedFigure) -> ComparedFigure:
    """Return a figure whose value is the standard uncertainty of another.

    A known error that was not corrected counts as part of it: u grows by its size. A limit or an
    interval has no u of its own to compare.
    """
    u = figure.standard_uncertainty
    stated = replace(figure, ends=None, stored=None, known_bias=0.0, standard_uncertainty=None)
    if u is None or u == 0.0 or figure.form != "estimate":
        why = figure.unusable or "the figure states no standard uncertainty to compare"
        return replace(stated, value=math.nan if u is None else u, unusable=why)
    value = u + abs(figure.known_bias)
    degrees = figure.degrees_of_freedom
    if as_declared(figure):
        return replace(stated, value=value, standard_uncertainty=0.0)

    def ends(probability: float) -> Interval:
        low, high = deviation_interval(u, degrees, probability=probability)
        off = abs(figure.known_bias)
        return Interval(low + off, high + off, probability)

    method = f"chi-square of u, {degrees:.3g} degrees of freedom"
    return replace(stated, value=value, ends=ends, method=method)
