"""State an advantage: a figure against a declared classical baseline, at a confidence.

Inside: `CONFIDENCE`, `state_advantage`.

Better where the probability of being better is at least the confidence p, worse where it is at
most 1 - p, else not shown. An uncertainty that is absent is never taken as zero. A lower limit
shows what lies above it and nothing below it, and its failure probability is part of the error.
What only keeps the specified bound of a method is not better than the method.
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
from qtrace.metrics.advantage.limits import LIMITS, LOWER_LIMIT, charged, one_way, refused
from qtrace.metrics.advantage.statement import Advantage, Standing
from qtrace.metrics.advantage.uncertainty_compared import (
    as_declared,
    declared_chance,
    of_uncertainty,
)
from qtrace.physics.proportions import Interval

CONFIDENCE = 0.95
ESTIMATE = "estimate"
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
    declared = False
    if baseline.compares == UNCERTAINTY:
        declared = as_declared(figure)
        figure, difference = of_uncertainty(figure), None
    value, level = figure.value, baseline.value or 0.0
    if baseline.compares == MAGNITUDE:
        value = abs(value)
    chance = _unknown(figure, baseline)
    if chance is None and declared:
        chance = declared_chance(value, _level(figure, baseline, None), confidence=confidence)
    chance = chance or _chance(figure, baseline, confidence=confidence, difference=difference)
    if baseline.bound and not chance.worse:
        chance = _within_bound(baseline, chance)
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
    limit = figure.form in LIMITS
    if figure.form != ESTIMATE and not limit and figure.ends is None and figure.stored is None:
        return _open(f"the figure is stated as {figure.form.replace('_', ' ')}")
    if figure.ends is None and figure.stored is None and not limit:
        if figure.standard_uncertainty is None:
            return _open("the figure has no uncertainty, and none is taken as zero")
    elif baseline.compares == MAGNITUDE:
        return _open("a magnitude is compared by its u, and the figure has an interval instead")
    return None


def _within_bound(baseline: Baseline, chance: Chance) -> Chance:
    """Return that a figure keeps a bound that the method keeps as well, which shows nothing."""
    if not chance.better:
        return replace(chance, probability=None)
    side = "above" if baseline.better == HIGHER else "below"
    text = baseline.text or f"{baseline.value:g}"
    return _open(f"{side} the specified bound of {text}; the method itself may do better than that")


def _level(figure: ComparedFigure, baseline: Baseline, difference: Difference | None) -> Level:
    """Return the baseline as an interval meets it; degrees of freedom where it was measured."""
    degrees = math.inf if difference is None else difference.baseline_degrees_of_freedom
    u = baseline.standard_uncertainty or 0.0
    return Level(baseline.value or 0.0, u, baseline.better, figure.known_bias, degrees)


def _chance(
    figure: ComparedFigure,
    baseline: Baseline,
    *,
    confidence: float,
    difference: Difference | None,
) -> Chance:
    """Return the chance by the route that the figure allows; a limit speaks one way only."""
    level = _level(figure, baseline, difference)

    def route(p: float) -> Chance:
        if figure.ends is not None:
            return _named(exact_chance(figure.ends, level, confidence=p), figure.method)
        if figure.stored is not None:
            low, high, stored = figure.stored
            # The probability of a limit is one-sided already.
            two_sided = 2.0 * stored - 1.0 if figure.form in LIMITS else stored
            found = stored_chance(Interval(low, high, two_sided), level, confidence=p)
            return _named(found, figure.method)
        if figure.standard_uncertainty is None:
            return _limit_alone(figure, level, confidence=p)
        if baseline.compares == MAGNITUDE:
            return _magnitude(figure, level, confidence=p)
        return _linear(figure, level, confidence=p, difference=difference)

    if figure.form not in LIMITS:
        return route(confidence)
    if why := refused(figure.failure, confidence=confidence):
        return _open(why)
    found = charged(route, figure.failure or 0.0, confidence=confidence)
    return one_way(figure, baseline, found)


def _named(chance: Chance, method: str) -> Chance:
    return replace(chance, how=f"{chance.how}: {method}") if method else chance


def _magnitude(figure: ComparedFigure, level: Level, *, confidence: float) -> Chance:
    """Return the chance that the size of a signed figure lies below the baseline."""
    u = math.hypot(figure.standard_uncertainty or 0.0, level.standard_uncertainty)
    return magnitude_chance(
        figure.value - figure.known_bias,
        level.value,
        u,
        degrees_of_freedom=_joint(figure, level, u),
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
        degrees, note = _joint(figure, level, u), ""
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


def _joint(figure: ComparedFigure, level: Level, u: float) -> float:
    """Return degrees of freedom of the difference.

    Source: GUM Eq. G.2b.
    """
    parts = (
        (figure.standard_uncertainty or 0.0, figure.degrees_of_freedom),
        (level.standard_uncertainty, level.degrees_of_freedom),
    )
    weight = math.fsum((own / u) ** 4 / degrees for own, degrees in parts if own > 0.0)
    return 1.0 / weight if weight > 0.0 else math.inf


def _limit_alone(figure: ComparedFigure, level: Level, *, confidence: float) -> Chance:
    """Return what a limit shows that has no u beside it: only the baseline is uncertain."""
    sign = 1.0 if level.better == HIGHER else -1.0
    toward = 1.0 if figure.form == LOWER_LIMIT else -1.0  # where the true value may lie
    limit = figure.value - toward * abs(figure.known_bias)
    chance = linear_chance(
        sign * (limit - level.value),
        level.standard_uncertainty,
        degrees_of_freedom=level.degrees_of_freedom,
        confidence=confidence,
    )
    name = figure.form.replace("_", " ")
    return replace(chance, how=f"the {name} itself lies beyond the baseline")
