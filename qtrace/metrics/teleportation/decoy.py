"""Teleportation of weak pulses with decoys as a protocol: the fidelity of single photons at least.

Inside: `TELEPORT_DECOY`, `BOUNDS`.
Six states, three intensities. Each state weighs a sixth whatever its counts. The bound of all holds
with failure probability `epsilon_decoy`, shared out alike over six states with seven one-sided
Chernoff bounds each. It takes the mean photon numbers as calibrated: their u moves it (stability),
and no minimum over an interval of them is taken.
Source: as the formulas in `qtrace.physics.states.decoy_fidelity`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial

from qtrace.errors import InputError
from qtrace.metrics.keyword_function import Given, Number
from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument
from qtrace.metrics.protocol import CountTable, ParameterField, Protocol, Source, TableKey
from qtrace.metrics.teleportation.count_metrics import row_counts, state_metric
from qtrace.metrics.teleportation.decoy_margin import margin_metrics
from qtrace.metrics.teleportation.photon_evidence import pair_metric
from qtrace.metrics.teleportation.transfer_rates import OPTIONAL_RATES, bell_doubts, rate_metrics
from qtrace.physics.states.decoy_fidelity import (
    BOUNDS_PER_STATE,
    STATES,
    asymptotic_fidelity,
    single_photon_fidelity,
)

NAME = "teleport_decoy"
INTENSITIES = ("1", "2", "3")
NO_SECURITY = "a fidelity is no key: no security outcome is drawn from teleported states here"
BOUNDS = BOUNDS_PER_STATE * len(STATES)
SOURCE = "Ma et al., PRA 72, 012326 (2005), Eqs. 18, 21, 25 [from memory]"
FINITE = f"{SOURCE}; {BOUNDS} Chernoff bounds, epsilon_decoy / {BOUNDS} each"
INFLUENCED = "mean photon numbers of the source"

_MEANS = tuple(
    MetricArgument(
        f"mean_photon_number_{k}",
        "mean_photon_number",
        ArgumentSource.CALIBRATION,
        "source",
        conditions=(("intensity", k),),
    )
    for k in INTENSITIES
)
_SHARES = tuple(
    MetricArgument(f"probability_{k}", "probability", ArgumentSource.PARAMETER) for k in INTENSITIES
)
_EPSILON = MetricArgument("epsilon_decoy", "failure_probability", ArgumentSource.PARAMETER)


def _pulses(*states: str) -> tuple[MetricArgument, ...]:
    return tuple(
        MetricArgument(f"pulses_{state}", "pulse_count", ArgumentSource.PARAMETER)
        for state in states
    )


def _rows(*states: str) -> tuple[MetricArgument, ...]:
    return row_counts(*(f"{state}_{k}" for state in states for k in INTENSITIES))


def _three(given: Given, name: str) -> tuple[Number, Number, Number]:
    return given[f"{name}_1"], given[f"{name}_2"], given[f"{name}_3"]


def _of_state(given: Given, *, state: str, finite: bool) -> Number:
    """Return the bound of one state; it holds with epsilon_decoy / 6 where finite."""
    wrong = _three(given, f"errors_{state}")
    right = _three(given, f"agreements_{state}")
    detected = (wrong[0] + right[0], wrong[1] + right[1], wrong[2] + right[2])
    shares = _three(given, "probability")
    sent = given[f"pulses_{state}"]
    pulses = (sent * shares[0], sent * shares[1], sent * shares[2])
    means = _three(given, "mean_photon_number")
    if not finite:
        return asymptotic_fidelity(detected, wrong, pulses=pulses, means=means)
    return single_photon_fidelity(
        detected, wrong, pulses=pulses, means=means, epsilon=given["epsilon_decoy"] / len(STATES)
    )


def _of_all(given: Given, *, finite: bool) -> Number:
    """Return the mean of all six states, each weighing alike."""
    total: Number = 0.0
    for state in STATES:
        total = total + _of_state(given, state=state, finite=finite)
    return total / len(STATES)


def _check_counts(counts: Mapping[str, int], parameters: Mapping[str, float]) -> None:
    """Refuse more received in a state than pulses were sent in it, at any intensity or at all.

    Raises:
        InputError: `where` is the number of pulses.
    """
    for state in STATES:
        sent = parameters.get(f"pulses_{state}", math.inf)
        rows = {
            k: counts[f"errors_{state}_{k}"] + counts[f"agreements_{state}_{k}"]
            for k in INTENSITIES
        }
        if (seen := sum(rows.values())) > sent:
            raise InputError(
                f"{seen} received in state {state} of {sent:g} pulses sent in it",
                where=f"pulses_{state}",
                next_step="count all pulses of that state, received or not, at all intensities",
            )
        for k, received in rows.items():
            share = parameters.get(f"probability_{k}", 1.0)
            if received > sent * share:
                raise InputError(
                    f"{received} received in state {state} at intensity {k}, of {sent * share:g} "
                    "pulses of it",
                    where=f"pulses_{state}",
                    next_step="count all pulses of that state, and check the probabilities",
                )


def _metric(
    figure: str, title: str, states: tuple[str, ...], *, compute: Callable[[Given], Number],
    finite: bool,
) -> Metric:  # fmt: skip
    arguments = (*_rows(*states), *_MEANS, *_SHARES, *_pulses(*states))
    return state_metric(
        f"{NAME}.{figure}",
        title,
        ("fidelity_lower_bound" if finite else "average_fidelity", "1"),
        arguments=(*arguments, _EPSILON) if finite else arguments,
        figure=compute,
        influenced_by=INFLUENCED,
        source=FINITE if finite else SOURCE,
    )


TELEPORT_DECOY = Protocol(
    name=NAME,
    title="teleportation of weak pulses with decoys, six states",
    metrics=(
        _metric(
            "fidelity_lower_bound",
            "lower bound of the mean fidelity of single photons, finite counts",
            STATES,
            compute=partial(_of_all, finite=True),
            finite=True,
        ),
        _metric(
            "asymptotic_fidelity",
            "estimate from the same decoys, counts taken for expectations: no bound",
            STATES,
            compute=partial(_of_all, finite=False),
            finite=False,
        ),
        *(
            _metric(
                f"fidelity_lower_bound_{state}",
                f"lower bound of the fidelity of single photons sent as {state}",
                (state,),
                compute=partial(_of_state, state=state, finite=True),
                finite=True,
            )
            for state in STATES
        ),
        *margin_metrics(
            NAME,
            lower=partial(_of_all, finite=True),
            arguments=(*_rows(*STATES), *_MEANS, *_SHARES, *_pulses(*STATES), _EPSILON),
            source=FINITE,
            influenced_by=INFLUENCED,
        ),
        pair_metric(NAME),
        *rate_metrics(NAME, tuple(f"{state}_{k}" for state in STATES for k in INTENSITIES)),
    ),
    table=CountTable((TableKey("state", STATES), TableKey("intensity", INTENSITIES))),
    sources=(Source("", 3),),
    parameters=(
        *OPTIONAL_RATES,
        *(
            ParameterField(
                f"pulses_{state}", "pulse_count", 1.0, 2.0**53,
                f"pulses sent in state {state}, all intensities", whole=True,
            )
            for state in STATES
        ),
        ParameterField(
            "epsilon_decoy", "failure_probability", 0.0, 1.0,
            "failure probability of the bound of the mean over all states", low_allowed=False,
        ),
    ),
    no_security_outcome=NO_SECURITY,
    area="teleportation",
    doubts=bell_doubts,
    check_counts=_check_counts,
)  # fmt: skip
