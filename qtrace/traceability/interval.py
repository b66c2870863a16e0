"""A calibration interval proposed from histories; nothing is decided here.

Inside: `propose`.

The owner decides the programme (ISO/IEC 17025:2017, 6.4.7; content in our words): a proposal
says which history, method and version it rests on, how sure it is, and what speaks against it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qtrace.errors import InputError
from qtrace.traceability.constancy import constancy_warning
from qtrace.traceability.history import History
from qtrace.traceability.proposal import (
    IntervalMethod,
    IntervalRequest,
    Observation,
    Proposal,
    observations_of,
)
from qtrace.traceability.tolerance import Tolerance
from qtrace.uncertainty.drift_rate import DriftRate
from qtrace.uncertainty.interval_a3 import A3_VERSION, A3Result, assess_interval
from qtrace.uncertainty.interval_s2 import (
    S2_VERSION,
    S2Result,
    bin_observations,
    reliability_interval,
)
from qtrace.uncertainty.interval_variables import (
    VariablesInterval,
    distinct_times,
    fit_growth,
    reliability_interval_of_growth,
    uncertainty_interval,
)

# How far a time since calibration may lie from the present interval to test it (suncal 1.7.1).
NEAR_DAYS = 56.0
NEAR_PART = 0.5
FEW = 5  # observations below which a proposal says that they are few


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one method says; `words` are what a reader must know."""

    version: str
    days: float | None
    confidence: str
    observations: tuple[Observation, ...]
    words: tuple[str, ...]
    limits: tuple[float, float] | None = None
    a3: A3Result | None = None
    s2: S2Result | None = None
    variables: VariablesInterval | None = None


def propose(
    histories: Sequence[History],
    request: IntervalRequest,
    *,
    drift: DriftRate | None = None,
    nu_last: float = math.inf,
) -> Proposal:
    """Propose an interval for the first of some histories; the others are pooled with it.

    Args:
        histories: One for each device, that of the device asked about first.
        request: Method and targets.
        drift: The fitted rate of the first history, whose constancy is reported.
        nu_last: Degrees of freedom of the last value left.

    Raises:
        InputError: no shift on record; the method lacks what it needs.
    """
    first = histories[0]
    seen = observations_of(histories, request.tolerance)
    if not seen:
        raise InputError(
            "no as-found follows an as-left: the history holds no shift",
            where=f"{first.device_id}, {first.kind}",
            next_step="look at it: `qtrace calibration history DEVICE KIND`",
        )
    if request.method is IntervalMethod.A3:
        answer = _by_a3(request, seen)
    elif request.method is IntervalMethod.S2:
        answer = _by_s2(request, seen)
    else:
        answer = _by_variables(first, request, seen, nu_last=nu_last)
    tolerance = "" if request.tolerance is None else request.tolerance.describe()
    return Proposal(
        first.device_id, first.kind, first.unit, request.method, answer.version, request.target,
        tolerance, request.present_days, answer.days, answer.limits, answer.confidence,
        answer.observations, _warnings(histories, request, answer, drift=drift),
        answer.a3, answer.s2, answer.variables,
    )  # fmt: skip


def _warnings(
    histories: Sequence[History],
    request: IntervalRequest,
    answer: _Answer,
    *,
    drift: DriftRate | None,
) -> tuple[str, ...]:
    """Return everything that speaks against a proposal, or must be known with it."""
    used = [one for one in answer.observations if one.used]
    lines = list(answer.words)
    if len(used) < FEW:
        lines.append(f"only {len(used)} observation{'s' if len(used) != 1 else ''}")
    unused = len(answer.observations) - len(used)
    if unused:
        lines.append(
            f"{unused} of {len(answer.observations)} followed another interval: not counted"
        )
    doubtful = sum(one.doubtful for one in used)
    if doubtful:
        lines.append(f"{doubtful} of {len(used)} lie nearer to a limit than their uncertainty")
    for history in histories:
        lines.extend(f"gap {gap.after} to {gap.until}: {gap.reason}" for gap in history.gaps)
        lines.extend(history.notes)
    if drift is not None:
        ahead = answer.days or request.present_days
        lines.extend(constancy_warning(drift, ahead, histories[0].unit))
    return tuple(lines)


def _needs_tolerance(request: IntervalRequest) -> Tolerance:
    if request.tolerance is None:
        raise InputError(
            f"method {request.method.value} counts what was in tolerance, and none is given",
            where="--tolerance",
            next_step='give its half-width, e.g. --tolerance "0.5 %"',
        )
    return request.tolerance


def _by_a3(request: IntervalRequest, seen: tuple[Observation, ...]) -> _Answer:
    _needs_tolerance(request)
    present = request.present_days
    if present is None:
        raise InputError(
            "method a3 tests the present interval, and no programme sets one",
            where="--present",
            next_step='give it, e.g. --present "365 d", or set a programme',
        )
    near = min(NEAR_DAYS, NEAR_PART * present)
    marked = tuple(replace(one, used=abs(one.elapsed_days - present) <= near) for one in seen)
    used = [one for one in marked if one.used]
    if not used:
        raise InputError(
            f"no calibration followed about the present interval of {present:g} d (± {near:g} d)",
            next_step="take method s2 or variables, which use other intervals, too",
        )
    confidence = 0.5 if request.confidence is None else request.confidence
    result = assess_interval(
        sum(bool(one.in_tolerance) for one in used),
        len(used),
        present_days=present,
        target=request.target,
        confidence=confidence,
    )
    low, high = result.reliability
    text = (
        f"present interval refused with {100 * result.rejection_confidence:.4g} % confidence "
        f"(changed above {100 * confidence:g} %); reliability {100 * low:.3g} to {100 * high:.3g} %"
    )
    words = (result.note,) if result.note else ()
    return _Answer(A3_VERSION, result.proposed_days, text, marked, words, a3=result)


def _by_s2(request: IntervalRequest, seen: tuple[Observation, ...]) -> _Answer:
    _needs_tolerance(request)
    confidence = 0.95 if request.confidence is None else request.confidence
    observed = bin_observations(
        [one.elapsed_days for one in seen], [bool(one.in_tolerance) for one in seen]
    )
    result = reliability_interval(observed, target=request.target, confidence=confidence)
    text = f"limits of the interval at {100 * confidence:g} %"
    best = result.best
    if best is None:
        words = ("no reliability model stands the test and reaches the target",)
        return _Answer(S2_VERSION, None, text, seen, words, s2=result)
    lines = [f"model taken: {best.name}"]
    if best.limits is None:
        lines.append("the counts do not determine the model: its interval has no limits")
    if best.rejection_confidence is None:
        lines.append("the counts leave nothing to test the models with")
    if result.extrapolated:
        lines.append(_beyond(result.longest))
    return _Answer(S2_VERSION, best.interval, text, seen, tuple(lines), best.limits, s2=result)


def _by_variables(
    history: History,
    request: IntervalRequest,
    seen: tuple[Observation, ...],
    *,
    nu_last: float,
) -> _Answer:
    last = history.last
    weights = [one.standard_uncertainty for one in seen] if request.weighted else None
    growth = fit_growth(
        [one.elapsed_days for one in seen],
        [one.shift for one in seen],
        order=request.order,
        u_shifts=weights,
    )
    if request.u_target is not None:
        result = uncertainty_interval(
            growth, u_start=last.standard_uncertainty, u_target=request.u_target
        )
    else:
        low, high = _needs_tolerance(request).limits(last.value)
        result = reliability_interval_of_growth(
            growth,
            start=last.value,
            u_start=last.standard_uncertainty,
            low=low,
            high=high,
            target=request.target,
            nu_start=nu_last,
            version=request.version,
        )
    lines = ["shifts are taken as independent; `calibration history` keeps their covariance"]
    apart = distinct_times([one.elapsed_days for one in seen])
    if result.order > apart:
        lines.append(
            f"order {result.order} from calibrations after {apart} different time"
            f"{'s' if apart > 1 else ''}: the curve is hardly determined"
        )
    if result.interval is None:
        lines.append(
            f"the criterion holds up to {result.sought_up_to:.0f} d, as far as was sought: the "
            "history sets no limit"
        )
    elif result.interval <= 0.0:
        lines.append(f"the criterion fails at once after {last.label}: no interval")
    elif result.extrapolated:
        lines.append(_beyond(growth.longest))
    text = f"polynomial of order {result.order}, {growth.degrees_of_freedom} degrees of freedom"
    days = result.interval or None
    return _Answer(result.version, days, text, seen, tuple(lines), variables=result)


def _beyond(longest: float) -> str:
    return f"longer than the {longest:.0f} d that were observed: an extrapolation"
