"""Procedures of calibration intervals: from pass and fail, and from measured drift.

Inside: `interval_test`, `interval_models`, `interval_of_drift`.
Source: NCSLI RP-1 (2010), methods A3, S2 and variables; NASA-HDBK-8739.19-5; the product's
functions say the rest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from qtrace.uncertainty.interval_a3 import assess_interval
from qtrace.uncertainty.interval_s2 import Observations, reliability_interval
from qtrace.uncertainty.interval_variables import (
    VariablesVersion,
    fit_growth,
    reliability_interval_of_growth,
    uncertainty_interval,
)
from qtrace.validation.case import Figure, Figures
from qtrace.validation.given import Given
from qtrace.validation.sampling import Sampling

VERSIONS: Mapping[str, VariablesVersion] = MappingProxyType(
    {"1.7": VariablesVersion.SUNCAL_1_7, "1.7.1": VariablesVersion.SUNCAL_1_7_1}
)


def _present(found: Mapping[str, float | None]) -> Figures:
    return {name: Figure(value) for name, value in found.items() if value is not None}


def interval_test(given: Given, _sampling: Sampling) -> Figures:
    """Return what method A3 says of the present interval.

    Figures: `interval` (proposed), `calculated`, `rejection`, `low` and `high` of the reliability.
    """
    passed, n = given.integer("in_tolerance"), given.integer("n")
    present, target = given.number("present"), given.number("target")
    confidence = given.number("confidence", 0.5)
    given.finish()
    found = assess_interval(passed, n, present_days=present, target=target, confidence=confidence)
    return _present(
        {
            "interval": found.proposed_days,
            "calculated": found.calculated_days,
            "rejection": found.rejection_confidence,
            "low": found.reliability[0],
            "high": found.reliability[1],
        }
    )


def interval_models(given: Given, _sampling: Sampling) -> Figures:
    """Return the reliability models of method S2, fitted to counts by time since calibration.

    Figures: `best` (interval of the chosen model); of each model, its name with underscores:
    `interval.MODEL`, `low.MODEL`, `high.MODEL`, `log_likelihood.MODEL`, `variance_ratio.MODEL`,
    `critical_ratio.MODEL`, `rejection.MODEL`, `merit.MODEL`, `parameter.MODEL.INDEX`. Those that
    a model does not have are missing.
    """
    times, n = given.numbers("times"), given.numbers("n")
    passed, target = given.numbers("in_tolerance"), given.number("target")
    confidence = given.number("confidence", 0.95)
    given.finish()
    observed = Observations(np.array(times), np.array(n), np.array(passed))
    found = reliability_interval(observed, target=target, confidence=confidence)
    figures: dict[str, float | None] = {"best": found.best.interval if found.best else None}
    for model in found.models:
        name = model.name.replace(" ", "_")
        low, high = model.limits or (None, None)
        figures |= {
            f"interval.{name}": model.interval,
            f"low.{name}": low,
            f"high.{name}": high,
            f"log_likelihood.{name}": model.log_likelihood,
            f"variance_ratio.{name}": model.f,
            f"critical_ratio.{name}": model.critical_f,
            f"rejection.{name}": model.rejection_confidence,
            f"merit.{name}": model.merit,
        }
        figures |= {
            f"parameter.{name}.{index}": value
            for index, value in enumerate(model.parameters, start=1)
        }
    return _present(figures)


def interval_of_drift(given: Given, _sampling: Sampling) -> Figures:
    """Return intervals by the variables method, from shifts since the calibration before.

    `version` is the published form, "1.7" (that of the NASA handbook, which adds s of the fit to
    the u of the start) or "1.7.1". Figures: `order`; with `u_target` `by_uncertainty` and
    `value_then`; with `reliability` and a limit `by_reliability`, `value_at_end`.
    """
    order = given.integer("order") if given.has("order") else None
    growth = fit_growth(given.numbers("times"), given.numbers("shifts"), order=order)
    start, u_start = given.number("start"), given.number("u_start")
    nu_start = given.number("nu_start", math.inf)
    version = VERSIONS[given.one_of("version", tuple(VERSIONS), "1.7.1")]
    u_target = given.number("u_target") if given.has("u_target") else None
    reliability = given.number("reliability") if given.has("reliability") else None
    low = given.number("low") if given.has("low") else None
    high = given.number("high") if given.has("high") else None
    given.finish()
    figures: dict[str, float | None] = {"order": float(growth.order)}
    if u_target is not None:
        scatter = growth.residual_deviation if version is VariablesVersion.SUNCAL_1_7 else 0.0
        found = uncertainty_interval(
            growth, u_start=math.hypot(u_start, scatter), u_target=u_target
        )
        then = None if found.shift is None else start + found.shift
        figures |= {"by_uncertainty": found.interval, "value_then": then}
    if reliability is not None:
        found = reliability_interval_of_growth(
            growth, start=start, u_start=u_start, low=low, high=high, target=reliability,
            nu_start=nu_start, version=version,
        )  # fmt: skip
        at_end = None if found.shift is None else start + found.shift
        figures |= {"by_reliability": found.interval, "value_at_end": at_end}
    return _present(figures)
