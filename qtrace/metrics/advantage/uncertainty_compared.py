"""Where the uncertainty of a figure is what is compared: how well, not how much.

Inside: `of_uncertainty`.

An offset between two clocks is not good or bad; how well it is known is what a method of time
transfer is chosen for. The u of a figure with finite degrees of freedom is itself an estimate
with a chi-square interval; with infinite ones it is what the budget states, and taken so.
Source: JCGM 100:2008 (GUM), E.4.3 (uncertainty of an uncertainty); NIST SP 1065 (2008), Eq. 45.
"""

from __future__ import annotations

import math
from dataclasses import replace

from qtrace.metrics.advantage.compared import ComparedFigure
from qtrace.physics.proportions import Interval
from qtrace.physics.timing.stability_intervals import deviation_interval


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
    if math.isinf(degrees):
        how = "u as the budget states it, with infinite degrees of freedom"
        return replace(stated, value=value, standard_uncertainty=0.0, method=how)

    def ends(probability: float) -> Interval:
        low, high = deviation_interval(u, degrees, probability=probability)
        off = abs(figure.known_bias)
        return Interval(low + off, high + off, probability)

    method = f"chi-square of u, {degrees:.3g} degrees of freedom"
    return replace(stated, value=value, ends=ends, method=method)
