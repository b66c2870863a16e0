"""What a limit shows against a baseline, its own failure probability included.

Inside: `LOWER_LIMIT`, `UPPER_LIMIT`, `LIMITS`, `refused`, `charged`, `one_way`.

A bound from decoys or from a proof holds with a stated failure probability. That is part of the
error of whatever is said of it: u of a bound, which moves it, has the rest.
Source: Bonferroni (1936) (division of the error).
"""

from __future__ import annotations

from collections.abc import Callable

from qtrace.laboratory.baseline import HIGHER, Baseline
from qtrace.metrics.advantage.chances import Chance
from qtrace.metrics.advantage.compared import ComparedFigure

LOWER_LIMIT, UPPER_LIMIT = "lower_limit", "upper_limit"
LIMITS = frozenset({LOWER_LIMIT, UPPER_LIMIT})
_ROUNDING = 1e-12  # of 1 - 0.95 - 0.05


def refused(failure: float | None, *, confidence: float) -> str:
    """Return why a limit shows nothing at a confidence, "" where it may."""
    if failure is None:
        return "the limit states no failure probability, and none is taken as zero"
    if not 0.0 <= failure <= 1.0 - confidence + _ROUNDING:
        return (
            f"the limit fails with probability {failure:.3g}, more than the error of "
            f"{1.0 - confidence:.3g} that the confidence allows"
        )
    return ""


def charged(route: Callable[[float], Chance], failure: float, *, confidence: float) -> Chance:
    """Return the chance of a limit with its failure probability charged to the error.

    Args:
        route: From a confidence to the chance as if the limit never failed.
        failure: Probability that the limit does not hold, one that `refused` lets pass.
        confidence: p that "better" asks for.

    Source: P(wrong) <= P(limit fails) + P(wrong while it holds).
    """
    if failure == 0.0:  # its interval says all
        return route(confidence)
    found = route(min(confidence + failure, 1.0 - _ROUNDING))
    probability = found.probability
    if probability is not None and found.better:
        probability = max(0.0, probability - failure)
    elif probability is not None:
        probability = min(1.0, probability + failure)
    how = f"{found.how}; its failure probability {failure:.3g} is part of the error"
    return Chance(found.better, found.worse, probability, how)


def one_way(figure: ComparedFigure, baseline: Baseline, chance: Chance) -> Chance:
    """Return a chance without what a limit cannot show."""
    name = figure.form.replace("_", " ")
    may_be_better = (figure.form == LOWER_LIMIT) == (baseline.better == HIGHER)
    if chance.better if may_be_better else chance.worse:
        return Chance(chance.better, chance.worse, chance.probability, f"a {name}; {chance.how}")
    how = f"a {name} that does not pass the baseline shows nothing"
    return Chance(better=False, worse=False, probability=None, how=how)
