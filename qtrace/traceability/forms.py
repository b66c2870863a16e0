"""The form in which a result is stated: limit, interval, or not detected; never beside its data.

Inside: `StatedForm`, `stated_form`, `asked_again`,
`form_at_use`, `drift_reach`, `refuse_as_parent`.

The graph keeps the posterior (estimate, u, model) of every result, whatever its form: draws and
children rest on that. The form says what may be claimed. Of a limit `interval` holds the limit at
its end; the other end is the bound of the kind, or the estimate where it has none. Of a result
below the detection limit it is (decision threshold, detection limit, 1 - beta).
Source: Garwood, Biometrika 28, 437 (1936); ISO 11929-1:2019; JCGM 101:2008, 7.7.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qtrace.errors import InputError
from qtrace.laboratory.draft import FormDraft
from qtrace.laboratory.event import RecordedResult
from qtrace.quantity.kinds import Kind
from qtrace.quantity.notation import decimal_text
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import in_unit
from qtrace.traceability.detection import detection_of
from qtrace.uncertainty.domain import draw_chain_counting
from qtrace.uncertainty.evaluation import ModelFunction
from qtrace.uncertainty.few_counts import counted
from qtrace.uncertainty.inputs import Distribution, InputQuantity
from qtrace.uncertainty.lone_count import LoneCount, ends_by_count, lone_count
from qtrace.uncertainty.network import Network

ESTIMATE = "estimate"
UPPER, LOWER, INTERVAL = "upper_limit", "lower_limit", "interval_only"
BELOW = "below_detection_limit"
DETECTION_METHOD = "ISO 11929-1: decision threshold and detection limit in "
LIMIT_DRAWS = 200_000  # a 95 % limit of a normal distribution then repeats to about 0.5 % of u
LIMIT_SEED = 19_360_437


@dataclass(frozen=True, slots=True)
class StatedForm:
    """Form, interval in SI units, its method, and what a reader must know."""

    form: str = ESTIMATE
    interval: tuple[float, float, float] | None = None
    method: str = ""
    flags: tuple[str, ...] = ()


def stated_form(
    asked: FormDraft,
    network: Network,
    result_id: int,
    *,
    kind: Kind,
    unit: str,
    functions: Mapping[str, ModelFunction],
) -> StatedForm:
    """Return the form of a result with its limit or interval.

    Args:
        asked: What the file asks for.
        network: Holds the result and its ancestors.
        result_id: The result.
        kind: Its kind, whose bounds close a one-sided statement.
        unit: In which flags write figures.
        functions: "metric@version" to its function.

    Raises:
        InputError: an exact limit where no count alone decides; what is to be below the
            detection limit was detected; too many draws without a value.
    """
    if asked.gross:
        return _tested(asked, network, result_id, unit=unit, functions=functions)
    if asked.form == ESTIMATE:
        return StatedForm()
    p = asked.probability
    tails = {UPPER: (None, p), LOWER: (1.0 - p, None)}.get(
        asked.form, ((1.0 - p) / 2.0, (1.0 + p) / 2.0)
    )
    lone = lone_count(network, result_id, functions)
    if asked.method == "exact" and lone is None:
        raise InputError(
            "no exact limit: the result does not follow from one count alone",
            next_step='write limit_method = "posterior"; the draws decide then',
        )
    exact = lone is not None and asked.method != "posterior"
    if lone is not None:
        low, high = ends_by_count(lone, tails, exact=exact, functions=functions)
    else:
        low, high = _by_draws(network, result_id, tails, functions)
    value = network.result(result_id).value
    if low is None:
        low = kind.lower if kind.lower is not None else value
    if high is None:
        high = kind.upper if kind.upper is not None else value
    return StatedForm(asked.form, (low, max(low, high), p), _method(lone, exact=exact), ())


def _method(lone: LoneCount | None, *, exact: bool) -> str:
    if lone is None:
        return f"Monte Carlo, {LIMIT_DRAWS} draws of the posterior, seed {LIMIT_SEED}"
    found = counted(lone.quantity)
    beta = found is not None and found.is_proportion
    if exact:
        return "exact, Clopper-Pearson" if beta else "exact, Garwood (Poisson)"
    return "quantile of the posterior of the counts"


def _tested(
    asked: FormDraft,
    network: Network,
    result_id: int,
    *,
    unit: str,
    functions: Mapping[str, ModelFunction],
) -> StatedForm:
    """Test for detection; the form must be what the data say."""
    found = detection_of(
        network, result_id, asked.gross, alpha=asked.alpha, beta=asked.beta, functions=functions
    )
    limits, value = found.limits, network.result(result_id).value
    figures = (
        f"decision threshold {_shown(limits.decision_threshold, unit)}, "
        f"detection limit {_shown(limits.detection_limit, unit)}"
    )
    rates = f"alpha {limits.alpha:g}, beta {limits.beta:g}"
    if limits.detected(value):
        if asked.form == BELOW:
            raise InputError(
                f"it was detected: {_shown(value, unit)} lies above the decision threshold "
                f"{_shown(limits.decision_threshold, unit)} ({rates})",
                next_step="leave form out: with gross the thresholds stand beside the estimate",
            )
        return StatedForm(flags=(f"detected: {figures} ({rates}, ISO 11929-1)",))
    if asked.form != BELOW:
        return StatedForm(
            flags=(
                f"not detected: {figures} ({rates}, ISO 11929-1); "
                'form = "below_detection_limit" says so',
            )
        )
    known = found.non_negative
    best = f"best estimate {_shown(known.best_estimate, unit)}" if known else ""
    upto = f"at most {_shown(known.high, unit)}, 97.5 %" if known else ""
    return StatedForm(
        BELOW,
        (limits.decision_threshold, limits.detection_limit, 1.0 - limits.beta),
        f"{DETECTION_METHOD}{asked.gross}, {rates}",
        (f"as known to be not below zero: {best}, {upto}",) if known else (),
    )


def _by_draws(
    network: Network,
    result_id: int,
    tails: tuple[float | None, float | None],
    functions: Mapping[str, ModelFunction],
) -> tuple[float | None, float | None]:
    """Return quantiles of the posterior from draws over the whole chain.

    Source: JCGM 101:2008, 7.7 (quantiles of the ordered draws).
    """
    drawn = draw_chain_counting(
        network, [result_id], n=LIMIT_DRAWS, seed=LIMIT_SEED, functions=functions
    )
    values = drawn.draws.values[result_id]
    lost = drawn.outside[result_id]
    if lost:
        raise InputError(
            f"the model has no finite value for {lost} of {LIMIT_DRAWS} draws: no limit follows",
            next_step="give the input a distribution that stays inside the model",
        )
    low, high = (None if tail is None else float(np.quantile(values, tail)) for tail in tails)
    return low, high


def _shown(si: float, unit: str) -> str:
    number = decimal_text(float(f"{in_unit(si, parse_unit(unit)):.3g}"))
    return number if unit in {"", "1"} else f"{number} {unit}"


def asked_again(recorded: RecordedResult) -> FormDraft:
    """Return what was asked for when a result was stated in its form, from its record.

    Raises:
        InputError: the record does not say how its interval came about.
    """
    probability = 0.95 if recorded.interval is None else recorded.interval[2]
    if recorded.form != BELOW:
        method = "exact" if recorded.interval_method.startswith("exact") else "posterior"
        return FormDraft(recorded.form, probability, method)
    found = re.fullmatch(
        re.escape(DETECTION_METHOD) + r"(\w+), alpha ([0-9.e-]+), beta ([0-9.e-]+)",
        recorded.interval_method,
    )
    if found is None:
        raise InputError("its method does not say in which counts it would have been seen")
    return FormDraft(BELOW, 0.95, "", found[1], float(found[2]), float(found[3]))


def form_at_use(source: RecordedResult, reach: float) -> StatedForm:
    """Return the form of a calibrated result when it is used later.

    Args:
        source: The calibrated result.
        reach: How far the declared drift can have carried it since, in SI units.

    A limit is moved outward by the whole reach: the drift bound is added, not combined.
    """
    if source.form == ESTIMATE or source.interval is None:
        return StatedForm()
    low, high, p = source.interval
    moved = "limit moved outward by the drift bound since calibration"
    flags = () if reach == 0.0 else (moved,)
    if source.form not in {UPPER, BELOW}:
        low -= reach
    if source.form != LOWER:
        high += reach
    return StatedForm(source.form, (low, high, p), source.interval_method, flags)


def drift_reach(rate: InputQuantity | None) -> float:
    """Return how far a drift can go in a second: its bound, or 3 u where it has none.

    Args:
        rate: The drift rate, an input of its calibration, in SI units per s; None where none is
            stated.

    Source: GUM 4.3.7 (rectangular: half-width u sqrt(3)); 3 u: own rule.
    """
    if rate is None:
        return 0.0
    bounded = rate.distribution is Distribution.RECTANGULAR
    return (math.sqrt(3.0) if bounded else 3.0) * rate.standard_uncertainty


def refuse_as_parent(label: str, form: str) -> None:
    """Refuse a limit as a parent, unless its posterior is asked for by name.

    Raises:
        InputError: the result is no estimate.
    """
    if form == ESTIMATE:
        return
    name = label.rpartition("/")[2]
    raise InputError(
        f"{label} is stated as {form.replace('_', ' ')}: a limit has no u that could be propagated",
        next_step=f'write [input.NAME] with result = "{label if "/" in label else name}" and '
        'as = "posterior": its estimate and u of the posterior are taken then',
    )
