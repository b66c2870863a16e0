"""State an advantage: a figure against a declared classical baseline, at a confidence.

Inside: `CONFIDENCE`, `state_advantage`.

Better where the probability of being better is at least the confidence p, worse where it is at
most 1 - p, else not shown. An uncertainty that is absent is never taken as zero. A lower limit
shows what lies above it and nothing below it.
Source: JCGM 106:2012, clause 8 (decision with a guard band, here at probability p).
"""

from __future__ import annotations

import math
from dataclasses import replace

from qtrace.errors import InputError
from qtrace.laboratory.baseline import HIGHER, MAGNITUDE, UNCERTAINTY, Baseline
from qtrace.metrics.advantage.chances import (
    Chance,
    Level,
    exact_chance,
    linear_chance,
    magnitude_chance,
    stored_chance,
)
from qtrace.metrics.advantage.compared import ComparedFigure, Difference
from qtrace.metrics.advantage.conditions import mismatch
from qtrace.metrics.advantage.statement import Advantage, Standing
from qtrace.metrics.advantage.uncertainty_compared import of_uncertainty
from qtrace.physics.proportions import Interval

CONFIDENCE = 0.95
ESTIMATE, LOWER_LIMIT, UPPER_LIMIT = "estimate", "lower_limit", "upper_limit"
LATE = "post hoc"  # the baseline was recorded after the run had started


def state_advantage(
    figure: ComparedFigure,
    baseline: Baseline,
    *,
    confidence: float = CONFIDENCE,
    post_hoc: bool = False,
    difference: Difference | None = None,
) -> Advantage:
    """Return how a figure stands against a baseline.

    Args:
        figure: The figure, numbers in SI units.
        baseline: Its value in the SI unit of the same kind.
        confidence: p above 0.5 and below 1; better from p on, worse up to 1 - p.
        post_hoc: The baseline was recorded after the run had started.
        difference: Of both from the chain, where the baseline is a recorded result: what they
            share has cancelled.

    Raises:
        InputError: no such confidence, a categorical baseline, another item, another kind, or
            conditions that differ; the message names which.
    """
    _check(figure, baseline, confidence)
    if baseline.compares == UNCERTAINTY:
        figure, difference = of_uncertainty(figure), None
    value, level = figure.value, baseline.value or 0.0
    if baseline.compares == MAGNITUDE:
        value = abs(value)
    chance = _unknown(figure, baseline) or _chance(
        figure, baseline, confidence=confidence, difference=difference
    )
    standing = Standing.NOT_SHOWN
    if chance.better:
        standing = Standing.BETTER
    elif chance.worse:
        standing = Standing.WORSE
    reason = f"{baseline.better} is better; {chance.how}"
    if figure.known_bias:
        reason += f"; a known error of {figure.known_bias:.3g} is taken off"
    if post_hoc:
        reason += f"; {LATE}"
    return Advantage(
        baseline,
        standing,
        confidence,
        chance.probability,
        value - level if math.isfinite(value) else None,
        value / level if level != 0.0 and math.isfinite(value) else None,
        reason,
        post_hoc,
    )


def _check(figure: ComparedFigure, baseline: Baseline, confidence: float) -> None:
    where = f"baseline {baseline.baseline_id}"
    if not 0.5 < confidence < 1.0:
        raise InputError(
            f"{confidence:g} is no confidence: it lies above 0.5 and below 1",
            where="confidence",
            next_step="give for example 0.95",
        )
    if baseline.categorical or baseline.value is None:
        raise InputError(
            "the baseline has no value: it is categorical",
            where=where,
            next_step="security is stated with its proof, not with a probability",
        )
    if figure.item != baseline.item:
        raise InputError(
            f"item: the figure is {figure.item}, the baseline {baseline.item}", where=where
        )
    conditions = dict(figure.conditions)
    fault = mismatch(baseline, kind=figure.kind, conditions=conditions)
    if fault:
        raise InputError(
            fault, where=where, next_step="record a baseline of the same kind and conditions"
        )


def _open(how: str) -> Chance:
    return Chance(better=False, worse=False, probability=None, how=how)


def _unknown(figure: ComparedFigure, baseline: Baseline) -> Chance | None:
    """Return why nothing is shown, None where nothing stands in the way."""
    if figure.unusable:
        return _open(figure.unusable)
    if baseline.standard_uncertainty is None:
        return _open("the baseline states no uncertainty, and none is taken as zero")
    limit = figure.form in {LOWER_LIMIT, UPPER_LIMIT}
    if figure.form != ESTIMATE and not limit and figure.ends is None and figure.stored is None:
        return _open(f"the figure is stated as {figure.form.replace('_', ' ')}")
    if figure.ends is None and figure.stored is None and not limit:
        if figure.standard_uncertainty is None:
            return _open("the figure has no uncertainty, and none is taken as zero")
    elif baseline.compares == MAGNITUDE:
        return _open("a magnitude is compared by its u, and the figure has an interval instead")
    return None


def _chance(
    figure: ComparedFigure,
    baseline: Baseline,
    *,
    confidence: float,
    difference: Difference | None,
) -> Chance:
    """Return the chance by the route that the figure allows; a limit speaks one way only."""
    u = baseline.standard_uncertainty or 0.0
    level = Level(baseline.value or 0.0, u, baseline.better, figure.known_bias)
    if figure.ends is not None:
        chance = exact_chance(figure.ends, level, confidence=confidence)
        if figure.method:
            chance = replace(chance, how=f"{chance.how}: {figure.method}")
    elif figure.stored is not None:
        low, high, p = figure.stored
        # The probability of a limit is one-sided already.
        two_sided = p if figure.form not in {LOWER_LIMIT, UPPER_LIMIT} else 2.0 * p - 1.0
        chance = stored_chance(Interval(low, high, two_sided), level, confidence=confidence)
        if figure.method:
            chance = replace(chance, how=f"{chance.how}: {figure.method}")
    elif figure.standard_uncertainty is None:
        return _limit_alone(figure, level, confidence=confidence)
    elif baseline.compares == MAGNITUDE:
        chance = _magnitude(figure, level, confidence=confidence)
    else:
        chance = _linear(figure, level, confidence=confidence, difference=difference)
    return _one_way(figure, baseline, chance)


def _magnitude(figure: ComparedFigure, level: Level, *, confidence: float) -> Chance:
    """Return the chance that the size of a signed figure lies below the baseline."""
    u = math.hypot(figure.standard_uncertainty or 0.0, level.standard_uncertainty)
    return magnitude_chance(
        figure.value - figure.known_bias,
        level.value,
        u,
        degrees_of_freedom=_joint(figure, u),
        confidence=confidence,
    )


def _linear(
    figure: ComparedFigure,
    level: Level,
    *,
    confidence: float,
    difference: Difference | None,
) -> Chance:
    """Return the chance from u of the difference."""
    sign = 1.0 if level.better == HIGHER else -1.0
    if difference is None:
        gain = sign * (figure.value - figure.known_bias - level.value)
        u = math.hypot(figure.standard_uncertainty or 0.0, level.standard_uncertainty)
        degrees, note = _joint(figure, u), ""
    else:
        u, degrees = difference.standard_uncertainty, difference.degrees_of_freedom
        gain = sign * (difference.value - difference.known_bias)
        note = f"; from the chain: independent it would be {difference.unshared:.3g}"
    chance = linear_chance(gain, u, degrees_of_freedom=degrees, confidence=confidence)
    if u == 0.0:
        how = chance.how if difference is None else "all that both rest on is shared: no u is left"
        return replace(chance, how=how)
    how = f"u of the difference {u:.3g} ({chance.how}){note}"
    return Chance(chance.better, chance.worse, chance.probability, how)


def _joint(figure: ComparedFigure, u: float) -> float:
    """Return degrees of freedom of the difference; those of the baseline are infinite.

    Source: GUM Eq. G.2b.
    """
    own = figure.standard_uncertainty or 0.0
    if own == 0.0 or math.isinf(figure.degrees_of_freedom):
        return math.inf
    return figure.degrees_of_freedom * (u / own) ** 4


def _limit_alone(figure: ComparedFigure, level: Level, *, confidence: float) -> Chance:
    """Return what a limit shows that has no uncertainty beside it: its method holds that."""
    sign = 1.0 if level.better == HIGHER else -1.0
    toward = 1.0 if figure.form == LOWER_LIMIT else -1.0  # where the true value may lie
    off = level.reach(1.0 - confidence) + abs(figure.known_bias)
    beyond = toward * (figure.value - level.value) > off
    name = figure.form.replace("_", " ")
    if not beyond:
        return _open(f"a {name} that does not pass the baseline shows nothing")
    how = f"the {name} itself lies beyond the baseline; its confidence is that of its method"
    return Chance(better=sign * toward > 0.0, worse=sign * toward < 0.0, probability=None, how=how)


def _one_way(figure: ComparedFigure, baseline: Baseline, chance: Chance) -> Chance:
    """Return a chance without what a limit cannot show."""
    if figure.form not in {LOWER_LIMIT, UPPER_LIMIT}:
        return chance
    name = figure.form.replace("_", " ")
    may_be_better = (figure.form == LOWER_LIMIT) == (baseline.better == HIGHER)
    if chance.better if may_be_better else chance.worse:
        how = f"a {name}; {chance.how}"
        return Chance(chance.better, chance.worse, chance.probability, how)
    return _open(f"a {name} that does not pass the baseline shows nothing")
