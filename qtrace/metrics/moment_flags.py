"""What a large u of a moment does to a figure: no interval of shots alone, or no linear U.

Inside: `unexplained_moments`, `moment_flags`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qtrace.laboratory.figure_flags import U_REFUSED
from qtrace.laboratory.link import Run
from qtrace.metrics.catalogue import protocol
from qtrace.metrics.metric import ArgumentSource, Metric

AREA = "sensing"
LARGE = 1.0 / 3.0  # of the value: from here on a ratio bends by a quarter of its slope within u
BENT = 0.2  # of the first order: more than that and U is not what the model says


def unexplained_moments(metric: Metric, run: Run) -> tuple[str, ...]:
    """Return the moments of a metric whose u their shots do not explain.

    Args:
        metric: The metric.
        run: Its run; the protocol says what its shots explain.
    """
    form = protocol(run.protocol) if run.protocol else None
    if form is None or form.unexplained is None:
        return ()
    wide = form.unexplained(run.moments, run.parameters)
    return tuple(one.name for one in metric.arguments if one.name in wide)


def moment_flags(
    metric: Metric,
    run: Run,
    *,
    estimates: Mapping[str, float],
    spread: Mapping[str, float],
    gradient: Mapping[str, float],
) -> tuple[str, ...]:
    """Return what a reader must know of the u's of the moments of a figure.

    Args:
        metric: The metric.
        run: Its run.
        estimates: Argument to estimate, in SI units.
        spread: Argument to u.
        gradient: Argument to partial derivative.

    Source: JCGM 101:2008, 5.8 (clause from memory): where first order does not hold, draws do.
    """
    flags = [
        f"u of {name} is larger than its shots explain: U, no interval of shots"
        for name in unexplained_moments(metric, run)
    ]
    if metric.metric_id.partition(".")[0] != AREA:
        return tuple(flags)
    moments = [one.name for one in metric.arguments if one.source is ArgumentSource.MOMENTS]
    bent = [
        name
        for name in moments
        if spread.get(name, 0.0) > LARGE * abs(estimates[name])
        and _bends(metric, name, estimates=estimates, u=spread[name], slope=gradient.get(name, 0.0))
    ]
    if bent:
        flags.append(f"u of {', '.join(bent)} is beyond a third of its value: {U_REFUSED}")
    return tuple(flags)


def _bends(
    metric: Metric, name: str, *, estimates: Mapping[str, float], u: float, slope: float
) -> bool:
    """Return whether first order misses a figure one u further on."""
    at = float(np.asarray(metric.function(**estimates)))
    further = float(np.asarray(metric.function(**{**estimates, name: estimates[name] + u})))
    first = slope * u
    # Written so that a figure without a value bends.
    return not abs(further - at - first) <= BENT * abs(first)
