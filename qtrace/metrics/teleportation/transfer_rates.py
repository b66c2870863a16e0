"""Heralds, what the receiver got of them, and the efficiency of the Bell-state measurement.

Inside: `rate_metrics`, `check_rate_counts`, `RATE_FIELDS`, `OPTIONAL_RATES`, `bell_doubts`.
A herald is a Bell-state measurement that succeeded, whether or not the receiver detected anything;
what experiments call their rate of teleportation is mostly the three-fold one. Both are given
apart, and never one for the other.
Source: as the formulas in `qtrace.physics.detection` and `qtrace.physics.states.bell_measurement`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from qtrace.errors import InputError
from qtrace.metrics.keyword_function import Given, Number, keyword_function
from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument
from qtrace.metrics.protocol import ParameterField
from qtrace.metrics.teleportation.state_sets import cells, received
from qtrace.physics.detection import count_rate_per_s
from qtrace.physics.proportions import Interval, clopper_pearson
from qtrace.physics.states.bell_measurement import (
    bell_efficiency,
    certain_limit,
    check_bell_efficiency,
    exceeds_limit,
    linear_optics_limit,
)

MOST = float(2**53)
HERALDS = MetricArgument("heralds", "outcome_count", ArgumentSource.COUNTS)
ARRIVALS = MetricArgument("bell_arrivals", "pulse_count", ArgumentSource.PARAMETER)
IDENTIFIED = MetricArgument("bell_states_identified", "particle_number", ArgumentSource.PARAMETER)
ANCILLAE = MetricArgument(
    "ancillary_photons", "particle_number", ArgumentSource.PARAMETER, default=0.0
)
DURATION = MetricArgument("duration", "duration", ArgumentSource.COUNTS, "counter")
TIME_BASE = MetricArgument(
    "time_base_frequency", "time_base_frequency", ArgumentSource.CALIBRATION, "counter", 0
)
CLOCKED = "time base of the counter"
COUNTED = "none: counts in, a ratio out"

RATE_FIELDS = (
    ParameterField(
        "heralds", "outcome_count", 0.0, MOST,
        "Bell-state measurements that succeeded, whether or not the receiver detected",
        whole=True,
    ),
    ParameterField(
        "bell_arrivals", "pulse_count", 1.0, MOST,
        "pairs of photons that reached the Bell-state measurement together", whole=True,
    ),
    ParameterField(
        "bell_states_identified", "particle_number", 1.0, 4.0,
        "how many of the four Bell states a herald can be: 1 for one projection",
        high_allowed=True, whole=True,
    ),
    ParameterField(
        "ancillary_photons", "particle_number", 0.0, 1000.0,
        "photons that help the Bell-state measurement, 0 where none do", default=0.0, whole=True,
    ),
)  # fmt: skip

# Where rates are not what a run is for: without them they are not there.
OPTIONAL_RATES = tuple(
    replace(one, default=0.0 if one.low == 0.0 else one.low) for one in RATE_FIELDS
)


def _rate(given: Given, *, counts: Number) -> Number:
    return count_rate_per_s(
        counts, given["duration"], time_base_deviation=given["time_base_frequency"]
    )


def _herald_rate(given: Given, *, states: tuple[str, ...]) -> Number:
    """Return heralds over time.

    Source: heralds hold all three-fold coincidences: fewer of them cannot be.
    """
    _check_heralds(given, states)
    return _rate(given, counts=given["heralds"])


def _threefold_rate(given: Given, *, states: tuple[str, ...]) -> Number:
    """Return heralds with a detection of the receiver, over time."""
    return _rate(given, counts=received(given, states=states))


def check_rate_counts(
    counts: Mapping[str, int], parameters: Mapping[str, float], *, states: tuple[str, ...]
) -> None:
    """Refuse heralds that do not hold the states received, or pairs that did not arrive.

    Args:
        counts: Disjoint cells of the receiver.
        parameters: Those of `RATE_FIELDS` that are written.
        states: States of the set.

    Raises:
        InputError: `where` is the parameter.
    """
    if HERALDS.name not in parameters:
        return
    _check_heralds({**counts, **parameters}, states)
    heralds, arrived = parameters[HERALDS.name], parameters.get(ARRIVALS.name, math.inf)
    if heralds > arrived:
        raise InputError(
            f"{heralds:g} heralds of {arrived:g} arriving pairs",
            where=ARRIVALS.name,
            next_step="every herald is of a pair that arrived: count all pairs that reached the "
            "measurement",
        )


def _check_heralds(given: Given, states: tuple[str, ...]) -> None:
    every, heralds = _middle(received(given, states=states)), _middle(given["heralds"])
    if heralds < every:
        raise InputError(
            f"{heralds:g} heralds for {every:g} states received",
            where="heralds",
            next_step="every state received has a herald: count all successes of the measurement",
        )


def _middle(value: Number) -> float:
    """Return the value that slopes and draws are made around: what is judged as possible."""
    return float(np.median(value))


def _optics(given: Given) -> tuple[int, int]:
    """Return how many Bell states are told, by how many ancillary photons."""
    return round(_middle(given[IDENTIFIED.name])), round(_middle(given[ANCILLAE.name]))


def _limit(given: Given) -> float:
    """Return what is proven: with ancillary photons only that each state told is a quarter."""
    identified, ancillae = _optics(given)
    return certain_limit(identified, ancillary_photons=ancillae)


def _efficiency(given: Given) -> Number:
    """Return identified over arriving pairs; refused above a limit that is proven."""
    heralds, arriving = given["heralds"], given["bell_arrivals"]
    if _optics(given)[1]:  # no maximum is proven: `bell_doubts` says so
        bell_efficiency(_middle(heralds), _middle(arriving))
    else:
        check_bell_efficiency(
            round(_middle(heralds)), round(_middle(arriving)), limit=_limit(given)
        )
    return heralds / arriving


def bell_doubts(known: Mapping[str, tuple[float, float]]) -> tuple[str, ...]:
    """Return what is doubtful of a Bell-state measurement with ancillary photons.

    Args:
        known: Value and u of the inputs of a run.

    Source: `linear_optics_limit`; above it nothing is impossible, but no scheme is known here.
    """
    names = ("heralds", "bell_arrivals", IDENTIFIED.name, ANCILLAE.name)
    if not set(names) <= known.keys():
        return ()
    heralds, arriving, identified, ancillae = (round(known[name][0]) for name in names)
    if ancillae < 1 or not 0 <= heralds <= arriving:
        return ()
    try:
        reached = linear_optics_limit(identified, ancillary_photons=ancillae)
    except InputError:
        return ()  # said where the efficiency is computed
    if not exceeds_limit(heralds, arriving, reached):
        return ()
    return (
        f"the Bell-state measurement is above {reached:.4g}, what known schemes reach with "
        f"{ancillae} ancillary photons: no proof that it is the most, check the counts",
    )


def _of_limit(given: Given) -> Number:
    """Return the efficiency over the most that is proven of the optics."""
    heralds, arriving = given["heralds"], given["bell_arrivals"]
    bell_efficiency(_middle(heralds), _middle(arriving))
    return heralds / arriving / _limit(given)


def _efficiency_interval(given: Mapping[str, float], probability: float) -> Interval:
    return clopper_pearson(
        round(given["heralds"]), round(given["bell_arrivals"]), probability=probability
    )


def _of_limit_interval(given: Mapping[str, float], probability: float) -> Interval:
    found = _efficiency_interval(given, probability)
    limit = _limit({ANCILLAE.name: 0.0, **given})
    return Interval(found.low / limit, found.high / limit, probability)


LIMIT_SOURCE = "identified over arriving; Calsamiglia and Luetkenhaus, Appl. Phys. B 72, 67 (2001)"
EXACT = "Clopper-Pearson, exact binomial"


def rate_metrics(name: str, states: tuple[str, ...]) -> tuple[Metric, ...]:
    """Return the rates and efficiencies of a protocol of teleportation."""
    clocked = (DURATION, TIME_BASE)
    rows = cells(states)
    heralded = (*rows, HERALDS, *clocked)
    bell = (HERALDS, ARRIVALS, IDENTIFIED, ANCILLAE)
    return (
        Metric(
            f"teleportation.{name}.herald_rate",
            "1",
            "heralds per second, whether or not the receiver detected",
            "herald_rate",
            "/s",
            heralded,
            keyword_function(heralded, partial(_herald_rate, states=states)),
            CLOCKED,
            "heralds over duration",
        ),
        Metric(
            f"teleportation.{name}.threefold_rate",
            "1",
            "heralds with a detection of the receiver, per second",
            "threefold_rate",
            "/s",
            (*rows, *clocked),
            keyword_function((*rows, *clocked), partial(_threefold_rate, states=states)),
            CLOCKED,
            "counts of all states over duration",
        ),
        Metric(
            f"teleportation.{name}.bell_measurement_efficiency",
            "1",
            "efficiency of the Bell-state measurement: identified over arriving pairs",
            "bell_measurement_efficiency",
            "1",
            bell,
            keyword_function(bell, _efficiency),
            COUNTED,
            LIMIT_SOURCE,
            interval_by=EXACT,
            interval=_efficiency_interval,
        ),
        Metric(
            f"teleportation.{name}.bell_measurement_of_limit",
            "1",
            "that efficiency over the most that its linear optics allow",
            "bell_limit_share",
            "1",
            bell,
            keyword_function(bell, _of_limit),
            COUNTED,
            LIMIT_SOURCE,
            interval_by=EXACT,
            interval=_of_limit_interval,
        ),
    )
