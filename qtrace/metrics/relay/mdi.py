"""Key distribution through a relay that measures Bell states: protocol, metrics and proofs.

Inside: `MDI`, `MDI_METRICS`. The detectors of the relay need not be trusted or calibrated.
Source: Lo, Curty and Qi, PRL 108, 130503 (2012); Curty et al., Nat. Commun. 5, 3732 (2014); see
`qtrace.physics.relay.mdi`.
"""

from __future__ import annotations

from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument, MetricFunction
from qtrace.metrics.protocol import Proof, Protocol
from qtrace.metrics.relay import mdi_figures as figures
from qtrace.metrics.relay.mdi_figures import OUTCOMES, SOURCES, TABLE
from qtrace.metrics.relay.mdi_link import LINK_MODEL
from qtrace.metrics.relay.relay_arguments import (
    EPSILON_FIELDS,
    EPSILONS,
    LEAK,
    LEAK_FIELDS,
    NOT_MODELLED,
    PROGRAMME_DRAWS,
    PULSES,
    PULSES_FIELD,
    calibrated,
    counted,
    field_of,
    intensity_sets,
    interval,
    parameter,
)

INTENSITIES_MATTER = "mean photon numbers of both sources"
SET_ONLY = "through the set declared for the mean photon numbers of both sources"
STABILITY = "stability under Poisson resampling of the counts (not a security statement)"
LENGTH_SOURCE = "Curty et al., Nat. Commun. 5, 3732 (2014)"
RATE_SOURCE = "Lo, Curty and Qi, PRL 108, 130503 (2012)"
CLOSED_SOURCE = "Xu, Curty, Qi and Lo, New J. Phys. 15, 113007 (2013), Table 2"

COUNTS = counted(TABLE)
CALIBRATED = tuple(one for source in SOURCES for one in calibrated(source))
SETS = tuple(one for source in SOURCES for one in interval(source))
SENT = (
    PULSES,
    parameter("probability_key_a", "probability"),
    parameter("probability_key_b", "probability"),
)


def _metric(
    name: str,
    title: str,
    *,
    kind: str,
    arguments: tuple[MetricArgument, ...],
    function: MetricFunction,
    source: str,
) -> Metric:
    """Return a metric; one over a set has no derivative, and one of calibrations has."""
    certified = name.startswith("certified")
    reached = any(one.source is ArgumentSource.CALIBRATION for one in arguments)
    influence = SET_ONLY if certified else INTENSITIES_MATTER
    return Metric(
        metric_id=f"qkd.mdi.{name}",
        version="1",
        title=title,
        result_kind=kind,
        unit="1" if kind in {"qber", "photon_yield", "failure_probability"} else "bit",
        arguments=arguments,
        function=function,
        influenced_by=influence if certified or reached else "none: counts in, bits out",
        source=source,
        differentiable=not certified,
        interval_by=STABILITY if certified else "propagation of uncertainty",
    )


MDI_METRICS: tuple[Metric, ...] = (
    _metric(
        "qber",
        "error rate of the key basis, strongest intensities",
        kind="qber",
        arguments=tuple(
            one
            for one in COUNTS
            if one.name in {f"{w}_key_1_1_{k}" for w in TABLE.cells for k in OUTCOMES}
        ),
        function=figures.qber,
        source="errors over sifted counts; exact interval: Clopper and Pearson (1934)",
    ),
    _metric(
        "single_pair_yield",
        "least yield of pairs of single photons, key basis, closed form",
        kind="photon_yield",
        arguments=(*COUNTS, *CALIBRATED, *SENT),
        function=figures.single_pair_yield,
        source=CLOSED_SOURCE,
    ),
    _metric(
        "phase_error",
        "largest error rate of pairs of single photons, test basis, closed form",
        kind="qber",
        arguments=(*COUNTS, *CALIBRATED, *SENT),
        function=figures.phase_error,
        source=CLOSED_SOURCE,
    ),
    _metric(
        "key_per_use",
        "secret bits per pulse pair, no limit of size, linear programme",
        kind="key_per_use",
        arguments=(*COUNTS, *CALIBRATED, *SENT, *LEAK),
        function=figures.key_per_use,
        source=RATE_SOURCE,
    ),
    _metric(
        "key_per_use_closed",
        "secret bits per pulse pair, no limit of size, closed form",
        kind="key_per_use",
        arguments=(*COUNTS, *CALIBRATED, *SENT, *LEAK),
        function=figures.key_per_use_closed,
        source=CLOSED_SOURCE,
    ),
    _metric(
        "certified_key_per_use",
        "smallest secret bits per pulse pair over the set, no limit of size",
        kind="key_rate_certified",
        arguments=(*COUNTS, *SETS, *SENT, *LEAK),
        function=figures.key_per_use,
        source=RATE_SOURCE,
    ),
    *(
        _metric(
            f"{prefix}_{bound}",
            f"{title}, {what}",
            kind=kind,
            arguments=(*COUNTS, *sources, *LEAK, *EPSILONS),
            function=function,
            source=LENGTH_SOURCE,
        )
        for bound, what, function in (
            ("chernoff", "exact form of Chernoff's bound", figures.key_length_chernoff),
            ("curty2014", "deviations as published in 2014", figures.key_length_curty2014),
        )
        for prefix, title, kind, sources in (
            ("key_length", "secret length", "key_length_finite", CALIBRATED),
            ("certified_length", "smallest length over the set", "key_length_certified", SETS),
        )
    ),
    _metric(
        "key_length_closed",
        "secret length, closed form with the exact form of Chernoff's bound",
        kind="key_length_finite",
        arguments=(*COUNTS, *CALIBRATED, *LEAK, *EPSILONS),
        function=figures.key_length_closed,
        source=LENGTH_SOURCE,
    ),
    _metric(
        "epsilon_total",
        "failure probability of the key of both Bell states",
        kind="failure_probability",
        arguments=EPSILONS,
        function=figures.epsilon_total,
        source="union bound",
    ),
)

NOT_COVERED = (
    "flaws of the sources: states, phases, side channels, correlations between pulses",
    "probabilities of the settings are taken as exact and equal in both bases",
    "trust in the random choices, the sites and the classical channel",
)


def _finite(bound: str, title: str, corrections: tuple[str, ...]) -> Proof:
    return Proof(
        bound=bound,
        title=title,
        metric_id=f"qkd.mdi.certified_length_{bound}",
        estimate_id=f"qkd.mdi.key_length_{bound}",
        source=LENGTH_SOURCE,
        adversary="coherent attacks, relay included",
        regime="finite",
        set_parameters=(*intensity_sets(*SOURCES), *NOT_MODELLED),
        not_covered=NOT_COVERED,
        corrections=corrections,
        stability_draws=PROGRAMME_DRAWS,
    )


MDI = Protocol(
    name="mdi",
    title="measurement-device-independent distribution through a Bell-state relay",
    metrics=MDI_METRICS,
    proofs=(
        _finite(
            "chernoff",
            "linear programme, exact form of Chernoff's bound, smoothing paid by its root",
            ("the root of each failure probability is charged as smoothing: included",),
        ),
        _finite(
            "curty2014",
            "linear programme, deviations and split of epsilon as published",
            ("the root of each failure probability is not charged: see bound chernoff",),
        ),
        Proof(
            bound="asymptotic",
            title="linear programme, counts taken as expected values",
            metric_id="qkd.mdi.certified_key_per_use",
            estimate_id="qkd.mdi.key_per_use",
            source=RATE_SOURCE,
            adversary="coherent attacks, relay included",
            regime="asymptotic",
            set_parameters=(*intensity_sets(*SOURCES), *NOT_MODELLED),
            not_covered=(*NOT_COVERED, "statistical fluctuations of the counts"),
            stability_draws=PROGRAMME_DRAWS,
        ),
    ),
    table=TABLE,
    sources=SOURCES,
    parameters=(
        PULSES_FIELD,
        field_of("probability_key_a", "probability that source a chooses the key basis"),
        field_of("probability_key_b", "probability that source b chooses the key basis"),
        *LEAK_FIELDS,
        *EPSILON_FIELDS,
    ),
    one_of=(("leak", "error_correction_efficiency"),),
    link_model=LINK_MODEL,
)
