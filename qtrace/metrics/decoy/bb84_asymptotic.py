"""Decoy BB84 in the limit of an infinitely long key, from counts of three intensities.

Inside: `BB84_ASYMPTOTIC`.
Key from the signal intensity in the key basis; its phase error from the test basis. Arguments in
SI units, by keyword; numbers or arrays; nothing is clamped at zero.
Source: Ma, Qi, Zhao and Lo, PRA 72, 012326 (2005).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.metrics.decoy.decoy_arguments import (
    BY_SET,
    BY_SOURCE,
    LEAK,
    LEAK_CHOICE,
    LEAK_FIELDS,
    UNMODELLED,
    Values,
    basis_counts,
    cell_arguments,
    count_table,
    error_rate_metrics,
    intensities_of,
    intensity_set,
    keyword_function,
    probability_arguments,
    set_arguments,
    source_arguments,
)
from qtrace.metrics.decoy.decoy_certified import worst_in_box
from qtrace.metrics.decoy.decoy_channel import OF_BASES, USES, two_basis_model
from qtrace.metrics.decoy.decoy_lengths import NO_U
from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument
from qtrace.metrics.protocol import ParameterField, Proof, Protocol, Source
from qtrace.physics.decoy.decoy_asymptotic import (
    DecoyYields,
    Gain,
    gllp_key_per_pulse,
    vacuum_weak_yields,
)
from qtrace.physics.decoy.decoy_link import GYS_DETECTOR
from qtrace.physics.decoy.decoy_source import (
    LARGEST_COUNT,
    BasisCounts,
    check_counts,
    check_intensities,
    told_bits,
)

Number = float | NDArray[np.float64]

NAME = "bb84_asymptotic"
INTENSITIES = 3
PAPER = "Ma et al., PRA 72, 012326 (2005), Eqs. 1, 18, 21, 25"
TABLE = count_table(INTENSITIES)
NAMES = tuple(one.name for one in intensity_set(INTENSITIES))

SENT = (
    MetricArgument(USES, "pulse_count", ArgumentSource.PARAMETER),
    *(MetricArgument(name, "probability", ArgumentSource.PARAMETER) for name in OF_BASES),
)
NOMINAL = (*cell_arguments(TABLE), *source_arguments(INTENSITIES), *SENT)
CERTIFIED = (
    *cell_arguments(TABLE),
    *set_arguments(intensity_set(INTENSITIES)),
    *probability_arguments(INTENSITIES),
    *SENT,
    *LEAK,
)


class _Channel(NamedTuple):
    """What the counts say of the channel: the signal and the yields in both bases."""

    signal: Gain
    key: DecoyYields
    test: DecoyYields


def _channel(values: Values) -> _Channel:
    """Return gains and yields; refuse what cannot be.

    Source: gain = counts over pulses sent with that intensity where both sides chose that basis.
    """
    intensities = intensities_of(values, intensities=INTENSITIES)
    check_intensities(intensities, number=INTENSITIES)
    pulses = np.asarray(values[USES], dtype=np.float64)
    yields, signals = [], []
    for basis, chosen in zip(("key", "test"), OF_BASES, strict=True):
        counts = basis_counts(values, basis, intensities=INTENSITIES)
        check_counts(counts, basis=basis, number=INTENSITIES)
        share = np.asarray(values[chosen], dtype=np.float64)
        if not np.all((share > 0.0) & (share <= 1.0) & (pulses > 0.0)):
            raise InputError(
                f"{USES} is not above zero, or {chosen} not between 0 and 1",
                where=chosen,
                next_step="give pulses sent, and the probability that both sides chose the basis",
            )
        gains = [
            Gain(detected / (pulses * share * p), wrong / (pulses * share * p))
            for detected, wrong, p in zip(
                counts.detections, counts.errors, intensities.probabilities, strict=True
            )
        ]
        if not all(np.all(np.asarray(gain.detected) <= 1.0) for gain in gains):
            raise InputError(
                f"more counts in the {basis} basis than pulses sent in it",
                where=USES,
                next_step="check pulses, the probabilities of intensities and of bases",
            )
        means = (intensities.means[0], intensities.means[1], intensities.means[2])
        yields.append(vacuum_weak_yields(gains[0], gains[1], gains[2], means=means))
        signals.append(gains[0])
    return _Channel(signals[0], yields[0], yields[1])


def key_per_use(values: Values) -> Number:
    """Return secret bits per pulse sent of any intensity; not clamped.

    Source: Ma et al. (2005), Eq. 1, times the probability of the signal intensity.
    """
    channel = _channel(values)
    counts = basis_counts(values, "key", intensities=INTENSITIES)
    told = told_bits(
        BasisCounts(counts.errors[:1], counts.agreements[:1]),
        leak_bits=values["leak"],
        error_correction_efficiency=values["error_correction_efficiency"],
    )
    share = values[OF_BASES[0]]
    rate: Number = values["probability_1"] * gllp_key_per_pulse(
        channel.signal,
        mean=values["mean_photon_number_1"],
        single_yield=channel.key.single_yield,
        phase_error=channel.test.single_error_rate,
        leak_per_pulse=told / (np.asarray(values[USES]) * share * values["probability_1"]),
        basis_probability=share,
    )
    return rate


def _certified(values: Values) -> Number:
    fixed = {
        name: value for name, value in values.items() if not name.startswith("mean_photon_number_")
    }
    intervals = {name: (values[f"{name}_low"], values[f"{name}_high"]) for name in NAMES}

    def figure(**given: Number) -> Number:
        return key_per_use(given)

    return worst_in_box(figure, fixed=fixed, intervals=intervals).value


METRICS = (
    *error_rate_metrics(NAME, TABLE),
    Metric(
        metric_id=f"qkd.{NAME}.single_photon_yield",
        version="1",
        title="lower bound of the yield of single photons in the key basis",
        result_kind="photon_yield",
        unit="1",
        arguments=NOMINAL,
        function=keyword_function(
            NOMINAL,
            lambda values: _channel(values).key.single_yield,
            says="Return the lower bound of the yield of single photons.",
        ),
        influenced_by=BY_SOURCE,
        source="Ma et al., PRA 72, 012326 (2005), Eq. 21",
    ),
    Metric(
        metric_id=f"qkd.{NAME}.phase_error",
        version="1",
        title="upper bound of the error rate of single photons in the test basis",
        result_kind="phase_error_rate",
        unit="1",
        arguments=NOMINAL,
        function=keyword_function(
            NOMINAL,
            lambda values: _channel(values).test.single_error_rate,
            says="Return the upper bound of the error rate of single photons.",
        ),
        influenced_by=BY_SOURCE,
        source="Ma et al., PRA 72, 012326 (2005), Eq. 25",
    ),
    Metric(
        metric_id=f"qkd.{NAME}.key_per_use",
        version="1",
        title="secret bits per pulse sent, infinitely long key, vacuum and weak decoy",
        result_kind="key_per_use",
        unit="bit",
        arguments=(*NOMINAL, *LEAK),
        function=keyword_function(
            (*NOMINAL, *LEAK), key_per_use, says="Return secret bits per pulse sent."
        ),
        influenced_by=BY_SOURCE,
        source=PAPER,
    ),
    Metric(
        metric_id=f"qkd.{NAME}.certified_key_per_use",
        version="1",
        title="smallest secret bits per pulse sent over the set, infinitely long key",
        result_kind="key_rate_certified",
        unit="bit",
        arguments=CERTIFIED,
        function=keyword_function(
            CERTIFIED, _certified, says="Return the smallest secret bits per pulse over the set."
        ),
        influenced_by=BY_SET,
        source=PAPER,
        differentiable=False,
        interval_by=NO_U,
    ),
)

BB84_ASYMPTOTIC = Protocol(
    name=NAME,
    title="BB84 with vacuum and weak decoy, infinitely long key",
    metrics=METRICS,
    proofs=(
        Proof(
            bound="vacuum_weak",
            title="GLLP with vacuum and weak decoy",
            metric_id=f"qkd.{NAME}.certified_key_per_use",
            estimate_id=f"qkd.{NAME}.key_per_use",
            source=PAPER,
            adversary="general (coherent) attacks, in the limit of infinitely many pulses only",
            regime="asymptotic",
            set_parameters=(*intensity_set(INTENSITIES), *UNMODELLED),
            not_covered=(
                "statistics: no failure probability, so no statement about any finite block",
                "detectors: blinding, time shift, back-flash, dead time and after-pulses",
                "intensities that change from round to round inside their intervals",
            ),
            corrections=("finite blocks: see bb84_two_decoy",),
            corrected=("key_1",),
            searched=True,
        ),
    ),
    table=TABLE,
    sources=(Source("", INTENSITIES),),
    parameters=(
        ParameterField(
            USES, "pulse_count", 0.0, LARGEST_COUNT, "pulses sent, all intensities",
            low_allowed=False, whole=True,
        ),
        *(
            ParameterField(
                name, "probability", 0.0, 1.0,
                f"probability that both sides choose the {name.rpartition('_')[2]} basis",
                low_allowed=False, high_allowed=True,
            )
            for name in OF_BASES
        ),
        *LEAK_FIELDS,
    ),
    one_of=(LEAK_CHOICE,),
    link_model=two_basis_model(
        MappingProxyType(
            {
                "mean_photon_number_1": 0.48,
                "mean_photon_number_2": 0.05,
                "mean_photon_number_3": 0.0,
                "probability_1": 0.8,
                "probability_2": 0.1,
                "probability_3": 0.1,
            }
        ),
        intensities=INTENSITIES,
        detector=GYS_DETECTOR,
        bases=(0.25, 0.25),
        where="Gobby, Yuan and Shields (2004) in Ma et al., PRA 72, 012326 (2005), section V [from "
        "memory]; model of Lim et al. (2014) without after-pulses; probabilities are ours",
    ),
)  # fmt: skip
