"""Teleportation of single states as protocols: counts of each state in, fidelities out.

Inside: `TELEPORT_SIX_STATE`, `TELEPORT_TWO_BASES`, `TELEPORT_POLES_EQUATOR`, `NO_KEY`.
The average weighs states, not counts; its interval is exact whatever the fidelities of single
states are. The classical bound is that of the set that was sent. Dark and accidental counts are
not subtracted, nothing is corrected for loss: a fidelity is that of the states received.
Source: as the formulas in `qtrace.physics.states`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import MappingProxyType

import numpy as np

from qtrace.metrics.keyword_function import Given, Number, keyword_function
from qtrace.metrics.metric import ArgumentSource, IntervalFunction, Metric, MetricArgument
from qtrace.metrics.protocol import (
    Array,
    CountTable,
    LinkModel,
    ParameterField,
    Protocol,
    TableKey,
)
from qtrace.metrics.teleportation.photon_evidence import (
    SENT_FIELD,
    pair_metric,
    single_photon_metric,
)
from qtrace.metrics.teleportation.state_sets import (
    average_of,
    cells,
    exact_interval,
    fidelity_of,
    p_value_of,
    shifted_interval,
    state_interval,
)
from qtrace.metrics.teleportation.transfer_rates import (
    RATE_FIELDS,
    bell_doubts,
    check_rate_counts,
    rate_metrics,
)
from qtrace.physics.states.classical_bounds import (
    NO_CLONING_BOUNDS,
    STATE_SETS,
    StateSet,
    classical_bound,
    no_cloning_bound,
)
from qtrace.physics.states.fidelity import process_from_average

NO_KEY = "teleportation moves states and makes no key: there is no security outcome"
NOT_CALIBRATED = "none: counts of the receiver, nothing subtracted"
MEAN_SOURCE = "mean of k_i / n_i with the weights of the states; interval: Hoeffding (1956)"
BOUND_SOURCE = "Massar and Popescu, PRL 74, 1259 (1995), for the set that was sent"
CLONING_SOURCE = "Bruss et al., PRA 57, 2368 (1998); PRA 62, 012302 (2000) [values from memory]"
PROCESS_SOURCE = "Nielsen, Phys. Lett. A 303, 249 (2002); trace preservation is assumed"
INTERVAL_BY = (
    "exact at the worst fidelities of single states (Hoeffding 1956; searched where trials or "
    "weights differ)"
)
EXACT = "Clopper-Pearson, exact binomial"
UNIFORM = MetricArgument("equator_assumed_uniform", "probability", ArgumentSource.PARAMETER)


def _metric(
    metric_id: str,
    of: tuple[str, str],
    *,
    arguments: tuple[MetricArgument, ...],
    compute: Callable[[Given], Number],
    source: str,
    interval: IntervalFunction | None = None,
    interval_by: str = INTERVAL_BY,
    stepped: bool = False,
) -> Metric:
    """Return a metric of counts; `of` is its title and kind."""
    return Metric(
        metric_id=f"teleportation.{metric_id}",
        version="1",
        title=of[0],
        result_kind=of[1],
        unit="1",
        arguments=arguments,
        function=keyword_function(arguments, compute),
        influenced_by=NOT_CALIBRATED,
        source=source,
        differentiable=not stepped,
        interval_by=interval_by,
        interval=interval,
    )


def _margin(given: Given, *, of: StateSet, bound: float) -> Number:
    """Return the average fidelity above a bound; negative below it."""
    return average_of(given, of=of) - bound


def _process(given: Given, *, of: StateSet) -> Number:
    """Return the process fidelity from the average over a uniform set."""
    return process_from_average(average_of(given, of=of))


def _fidelities(name: str, of: StateSet) -> tuple[Metric, ...]:
    single = tuple(
        _metric(
            f"{name}.fidelity_{state}",
            (f"fidelity of state {state}, as received", "state_fidelity"),
            arguments=cells((state,)),
            compute=partial(fidelity_of, state=state),
            source="k / n; exact interval: Clopper and Pearson (1934)",
            interval=state_interval(state),
            interval_by=EXACT,
        )
        for state in of.states
    )
    average = _metric(
        f"{name}.average_fidelity",
        ("average fidelity, states weighted and not counts", "average_fidelity"),
        arguments=cells(of.states),
        compute=partial(average_of, of=of),
        source=MEAN_SOURCE,
        interval=exact_interval(of),
    )
    return (*single, average)


def _bounds(name: str, of: StateSet, *, suffix: str = "", because: str = "") -> tuple[Metric, ...]:
    """Return what the average says against bounds that fit a set; `because` is assumed."""
    bound = classical_bound(of.name)
    arguments = (*cells(of.states), *([UNIFORM] if because else []))
    rivals = [("margin_classical", f"the classical bound {bound:.4f}", bound, BOUND_SOURCE)]
    if of.name in NO_CLONING_BOUNDS:
        most = no_cloning_bound(of.name)
        rivals.append(
            ("margin_no_cloning", f"the bound of cloning {most:.4f}", most, CLONING_SOURCE)
        )
    margins = tuple(
        _metric(
            f"{name}.{figure}{suffix}",
            (f"average fidelity above {title}{because}", "fidelity_margin"),
            arguments=arguments,
            compute=partial(_margin, of=of, bound=limit),
            source=source,
            interval=shifted_interval(of, lambda f, limit=limit: f - limit),  # type: ignore[misc]
        )
        for figure, title, limit, source in rivals
    )
    p_value = _metric(
        f"{name}.p_value_classical{suffix}",
        (f"p-value against the classical bound {bound:.4f}{because}", "p_value"),
        arguments=arguments,
        compute=partial(p_value_of, of=of, bound=bound),
        source=f"{BOUND_SOURCE}; tails: Hoeffding (1956)",
        stepped=True,
        interval_by="none: a p-value is itself the statement on scatter",
    )
    if not of.uniform:
        return (*margins, p_value)
    process = _metric(
        f"{name}.process_fidelity{suffix}",
        (f"process fidelity; trace preservation is assumed{because}", "process_fidelity"),
        arguments=arguments,
        compute=partial(_process, of=of),
        source=PROCESS_SOURCE,
        interval=shifted_interval(of, lambda f: float(process_from_average(f))),
    )
    return (*margins, p_value, process)


# Simulated to be like Shen et al., Light Sci. Appl. 12, 115 (2023): 64 km, F 0.906, 7.1 /s; how
# both come about is ours.
DEFAULTS = MappingProxyType(
    {
        "heralds": 40_000.0,
        "bell_arrivals": 200_000.0,
        "bell_states_identified": 1.0,
        "visibility": 0.812,
        "receiver_efficiency": 0.7,
        "attenuation_db_per_km": 0.2,
    }
)


def _reach(
    *,
    distance_km: Array,
    attenuation_db_per_km: Number,
    receiver_efficiency: Number = 1.0,
    **_: Number,
) -> Array:
    """Return the transmittance of the fibre and the receiver behind the measurement."""
    loss_db = np.asarray(attenuation_db_per_km) * np.asarray(distance_km)
    return np.asarray(receiver_efficiency * 10.0 ** (-loss_db / 10.0), dtype=np.float64)


def _fibre(*, distance_km: Array, attenuation_db_per_km: Number, **_: Number) -> Array:
    """Return the transmittance of the fibre alone."""
    return _reach(distance_km=distance_km, attenuation_db_per_km=attenuation_db_per_km)


def _link(states: tuple[str, ...]) -> LinkModel:
    def link_cells(*, distance_km: Array, **given: Number) -> dict[str, Array]:
        seen = given["heralds"] / len(states) * _reach(distance_km=distance_km, **given)
        fidelity = 0.5 * (1.0 + np.asarray(given["visibility"]))
        found = {}
        for state in states:
            found[f"errors_{state}"] = seen * (1.0 - fidelity)
            found[f"agreements_{state}"] = seen * fidelity
        return found

    return LinkModel(
        defaults=DEFAULTS,
        cells=link_cells,
        transmittance=_fibre,
        uses="heralds",
        source="a white process: F = (1 + V) / 2 for each state; loss behind the measurement",
        repeater=True,  # the Bell-state measurement stands in the middle
    )


def _protocol(
    name: str, title: str, of: StateSet, *, metrics: tuple[Metric, ...],
    fields: tuple[ParameterField, ...] = (),
) -> Protocol:  # fmt: skip
    return Protocol(
        name=name,
        title=title,
        metrics=(
            *_fidelities(name, of),
            *metrics,
            single_photon_metric(name, of),
            pair_metric(name),
            *rate_metrics(name, of.states),
        ),
        table=CountTable((TableKey("state", of.states),)),
        parameters=(*RATE_FIELDS, SENT_FIELD, *fields),
        link_model=_link(of.states),
        no_security_outcome=NO_KEY,
        area="teleportation",
        doubts=bell_doubts,
        check_counts=partial(check_rate_counts, states=of.states),
    )


SIX, TWO = STATE_SETS["six_states"], STATE_SETS["two_bases"]
POLES, ASSUMED = STATE_SETS["poles_equator"], STATE_SETS["poles_equator_assumed"]

TELEPORT_SIX_STATE = _protocol(
    "teleport_six_state",
    "teleportation of six states, three bases (h, v, d, a, r, l)",
    SIX,
    metrics=_bounds("teleport_six_state", SIX),
)
TELEPORT_TWO_BASES = _protocol(
    "teleport_two_bases",
    "teleportation of four states, two bases (h, v, d, a); classical bound 3/4",
    TWO,
    metrics=_bounds("teleport_two_bases", TWO),
)
TELEPORT_POLES_EQUATOR = _protocol(
    "teleport_poles_equator",
    "teleportation of poles and equator, (F_poles + 2 F_equator) / 3 (h, v; d, a)",
    POLES,
    metrics=(
        *_bounds("teleport_poles_equator", POLES),
        *_bounds(
            "teleport_poles_equator",
            ASSUMED,
            suffix="_assumed",
            because=", if r and l fare as d and a",
        ),
    ),
    fields=(
        ParameterField(
            UNIFORM.name, UNIFORM.kind, 1.0, 1.0,
            "1 declares that r and l, not sent, would fare as d and a: an assumption",
            high_allowed=True, default=1.0, whole=True,
        ),
    ),
)  # fmt: skip
