"""Secure direct communication as protocols: counts in, estimates out, no security outcome.

Inside: `QSDC_DL04`, `QSDC_DL04_DECOY`, `QSDC_TWO_STEP`, `QSDC_NETWORK`, `NO_SECURITY`.
Source: as the formulas in `qtrace.physics.qsdc`, which are from memory.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from qtrace.metrics.direct import qsdc_figures as figures
from qtrace.metrics.direct.qsdc_link import qsdc_link
from qtrace.metrics.entangled.bbm92 import COUNTS_ONLY
from qtrace.metrics.keyword_function import LINEAR, Given, Number, OwnInterval, keyword_metric
from qtrace.metrics.metric import ArgumentSource, IntervalFunction, Metric, MetricArgument
from qtrace.metrics.protocol import CountTable, ParameterField, Protocol, Source, TableKey
from qtrace.physics.states.pair_fidelity import PAIR_INTERVAL

NO_SECURITY = (
    "a capacity estimate is no security statement: it is asymptotic, the eavesdropper's share "
    "comes from a model of loss whose formula was not confirmed in a readable source, and "
    "message bits travel before the check is finished"
)
NO_SECURITY_NETWORK = (
    "fidelities and what pairs could carry say nothing of an eavesdropper: no check mode is "
    "evaluated, and the figures of a whole network are those of its single links"
)
SOURCE = "Qi et al., Light Sci. Appl. 8, 22 (2019); Wu et al., Quantum Eng. 1, e26 (2019)"
ESTIMATE = f"{SOURCE} [formula from memory]"
EXACT = "errors over detections; exact interval: Clopper and Pearson (1934)"

EFFICIENCY = MetricArgument(
    "check_receiver_efficiency",
    "system_detection_efficiency",
    ArgumentSource.CALIBRATION,
    "receiver",
)


def _counts(*rows: str) -> tuple[MetricArgument, ...]:
    return tuple(
        MetricArgument(f"{cell}_{row}", kind, ArgumentSource.COUNTS)
        for row in rows
        for cell, kind in (("errors", "error_count"), ("agreements", "agreement_count"))
    )


def _pulses(*modes: str) -> tuple[MetricArgument, ...]:
    return tuple(
        MetricArgument(f"pulses_{mode}", "pulse_count", ArgumentSource.PARAMETER) for mode in modes
    )


def _metric(
    name: str,
    figure: str,
    *,
    of: tuple[str, str, str],
    arguments: tuple[MetricArgument, ...],
    compute: Callable[[Given], Number],
    influenced_by: str = COUNTS_ONLY,
    source: str = EXACT,
    interval: IntervalFunction | None = None,
) -> Metric:
    """Return a metric; `of` is its title, kind and unit."""
    return keyword_metric(
        f"qkd.{name}.{figure}",
        of,
        arguments=arguments,
        compute=compute,
        influenced_by=influenced_by,
        source=source,
        own=OwnInterval(PAIR_INTERVAL, interval) if interval else LINEAR,
    )


def _error_rates(name: str, *rows: str) -> tuple[Metric, ...]:
    return tuple(
        _metric(
            name,
            f"error_rate_{row}",
            of=(f"error rate of {row.replace('_', ' ')}", "qber", "1"),
            arguments=_counts(row),
            compute=partial(figures.error_rate_of, row=row),
        )
        for row in rows
    )


def _capacity(
    name: str,
    arguments: tuple[MetricArgument, ...],
    compute: Callable[[Given], Number],
    *,
    influenced_by: str,
) -> Metric:
    return _metric(
        name,
        "capacity_estimate",
        of=("estimate of the secrecy capacity, per pulse sent", "capacity_estimate", "bit"),
        arguments=arguments,
        compute=compute,
        influenced_by=influenced_by,
        source=ESTIMATE,
    )


def _pulse_fields(*modes: str) -> tuple[ParameterField, ...]:
    return tuple(
        ParameterField(
            f"pulses_{mode}", "pulse_count", 1.0, 2.0**53,
            f"pulses sent for {mode.replace('_', ' ')}", whole=True,
        )
        for mode in modes
    )  # fmt: skip


EFFICIENCY_FIELD = ParameterField(
    "check_receiver_efficiency", "system_detection_efficiency", 0.0, 1.0,
    "nominal efficiency of the checking receiver, in place of a calibration",
    low_allowed=False, high_allowed=True,
)  # fmt: skip

CHECKS = figures.CHECKS
MODES = ("message", *CHECKS)
INTENSITIES = ("1", "2", "3")

QSDC_DL04 = Protocol(
    name="qsdc_dl04",
    title="direct communication with single photons (DL04)",
    metrics=(
        *_error_rates("qsdc_dl04", *MODES),
        _capacity(
            "qsdc_dl04",
            (*_counts(*MODES), *_pulses(*MODES), EFFICIENCY),
            figures.dl04,
            influenced_by="efficiency of the checking receiver",
        ),
    ),
    table=CountTable((TableKey("mode", MODES),)),
    parameters=(*_pulse_fields(*MODES), EFFICIENCY_FIELD),
    link_model=qsdc_link({mode: f"pulses_{mode}" for mode in MODES}),
    no_security_outcome=NO_SECURITY,
)

_DECOY_ROWS = tuple(f"{mode}_{k}" for mode in CHECKS for k in INTENSITIES)
_DECOY_SOURCE = Source("", 3)
_LEVELS = tuple(
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

QSDC_DL04_DECOY = Protocol(
    name="qsdc_dl04_decoy",
    title="direct communication with weak pulses and decoys (DL04)",
    metrics=(
        *_error_rates("qsdc_dl04_decoy", "message_1", *_DECOY_ROWS),
        _capacity(
            "qsdc_dl04_decoy",
            (
                *_counts("message_1", *_DECOY_ROWS),
                *_LEVELS,
                *_SHARES,
                *_pulses(*MODES),
            ),
            figures.dl04_decoy,
            influenced_by="mean photon numbers of the source",
        ),
    ),
    table=CountTable((TableKey("mode", MODES), TableKey("intensity", INTENSITIES))),
    sources=(_DECOY_SOURCE,),
    parameters=_pulse_fields(*MODES),
    link_model=qsdc_link({mode: f"pulses_{mode}" for mode in MODES}, intensities=INTENSITIES),
    no_security_outcome=NO_SECURITY,
)

_TWO_STEP_ROWS = ("message_bit", "message_phase", *CHECKS)

QSDC_TWO_STEP = Protocol(
    name="qsdc_two_step",
    title="direct communication with entangled pairs (two-step)",
    metrics=(
        *_error_rates("qsdc_two_step", *_TWO_STEP_ROWS),
        _capacity(
            "qsdc_two_step",
            (*_counts(*_TWO_STEP_ROWS), *_pulses(*MODES), EFFICIENCY),
            figures.two_step,
            influenced_by="efficiency of the checking receiver",
        ),
    ),
    table=CountTable((TableKey("mode", _TWO_STEP_ROWS),)),
    parameters=(*_pulse_fields(*MODES), EFFICIENCY_FIELD),
    link_model=qsdc_link(
        {
            row: "pulses_message" if row.startswith("message") else f"pulses_{row}"
            for row in _TWO_STEP_ROWS
        }
    ),
    no_security_outcome=NO_SECURITY,
)

QSDC_NETWORK = Protocol(
    name="qsdc_network",
    title="one link of an entanglement network for direct communication",
    metrics=(
        *_error_rates("qsdc_network", "x", "y", "z"),
        _metric(
            "qsdc_network",
            "fidelity",
            of=("fidelity of the pairs from errors in three bases", "pair_fidelity", "1"),
            arguments=_counts("x", "y", "z"),
            compute=figures.fidelity,
            source="projector of a Bell state in Pauli products",
            interval=figures.fidelity_interval,
        ),
        _metric(
            "qsdc_network",
            "capacity_estimate",
            of=("what pairs of that fidelity carry at least", "capacity_estimate", "bit"),
            arguments=_counts("x", "y", "z"),
            compute=figures.network_capacity,
            source="2 - S of the Werner state; Qi et al., Light Sci. Appl. 10, 183 (2021) for the "
            "network [from memory]",
        ),
    ),
    table=CountTable((TableKey("basis", ("x", "y", "z")),)),
    no_security_outcome=NO_SECURITY_NETWORK,
)
