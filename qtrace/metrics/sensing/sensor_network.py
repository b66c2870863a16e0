"""A network of sensors as a protocol: its phase variance against that of a named reference.

Inside: `SENSOR_NETWORK`.
Both variances are of the same combination of phases, with as many probes in the same time. The
gain is over what the run names; over another reference the same network gains otherwise.
Source: as `qtrace.physics.sensing.shot_scatter`, `decibels` and `clock_network`; the references are
those of Malia et al., Nature 612, 661 (2022), abstract.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from qtrace.metrics.keyword_function import Given, Number
from qtrace.metrics.metric import ArgumentSource, IntervalFunction, Metric, MetricArgument
from qtrace.metrics.protocol import ParameterField, Protocol
from qtrace.metrics.sensing.gain_metrics import (
    MOST_SHOTS,
    REFERENCE,
    REFERENCES,
    level_interval,
    level_of,
    root_interval,
    root_of,
    sensing_metric,
)
from qtrace.metrics.sensing.spin_intervals import moment_interval, with_moments
from qtrace.metrics.sensing.spin_moments import (
    above_zero,
    beyond_shots,
    network_doubts,
    network_moments,
)
from qtrace.physics.proportions import Interval
from qtrace.physics.sensing.clock_network import frequency_uncertainty
from qtrace.physics.sensing.shot_scatter import variance_interval, variance_ratio_interval

NO_SECURITY = "precision says nothing of an eavesdropper; shares of checked probes are of their own"
COUNTED = "none: shots of both sensors, read alike"
RATIO_SOURCE = "ratio of sample variances; F distribution for independent normal shots"
BY_RATIO = "F distribution of a ratio of two variances, exact for normal shots"
BY_VARIANCE = "chi-square distribution of a variance, exact for normal shots"
LEROUX = "Leroux et al., Metrologia 54, 307 (2017), arXiv:1701.06697, Eq. 2"
REFERENCE_TIME_S = 1.0  # averaging time at which the uncertainty of frequency is given
LARGEST_PHASE = 10.0  # rad^2: the variance of a phase that is not known at all is pi^2 / 3
LEAST_PHASE = 1e-30  # rad^2: 1e-15 rad is 1/N of the largest N that is taken
MOST_NODES = 1e6
MOST_ATOMS = 1e15


def _moment(name: str) -> MetricArgument:
    return MetricArgument(name, "phase_variance", ArgumentSource.MOMENTS)


def _parameter(name: str, kind: str) -> MetricArgument:
    return MetricArgument(name, kind, ArgumentSource.PARAMETER)


NETWORK, OTHER = _moment("network_variance"), _moment("reference_variance")
SHOTS, OTHER_SHOTS = (
    _parameter("shots_network", "shot_count"),
    _parameter("shots_reference", "shot_count"),
)
NODES = _parameter("nodes", "node_count")
NUMBER = MetricArgument("atom_number", "particle_number", ArgumentSource.CALIBRATION, "ensemble")
CARRIER = MetricArgument("carrier_frequency", "frequency", ArgumentSource.CALIBRATION, "clock")
BY = {CARRIER: "frequency of the clock", NUMBER: "number of atoms of each node"}
TIMES = (
    _parameter("interrogation_time", "duration"),
    _parameter("cycle_time", "duration"),
)


def _gain(given: Given) -> Number:
    """Return the variance of the reference over that of the network."""
    return given["reference_variance"] / above_zero(given["network_variance"])


def _gain_interval(given: Mapping[str, float], probability: float) -> Interval:
    """Return the exact interval of the ratio of variances."""
    shots = (given["shots_reference"], given["shots_network"])
    return variance_ratio_interval(float(_gain(given)), shots, probability=probability)


def _phase_interval(
    given: Mapping[str, float], probability: float, *, of: str = "network"
) -> Interval:
    """Return the exact interval of the standard deviation of the phase of one of both sensors."""
    one = variance_interval(given[f"{of}_variance"], given[f"shots_{of}"], probability=probability)
    return root_interval(one)


def _of_limit(given: Given, *, moment: str) -> Number:
    """Return a phase variance over the projection noise of as many probes.

    Source: 1/N for the mean phase of N independent probes at full contrast: Giovannetti, Lloyd and
        Maccone, PRL 96, 010401 (2006).
    """
    return given[moment] * given["nodes"] * given["atom_number"]


def _of_limit_interval(
    values: Mapping[str, float], spread: Mapping[str, float], probability: float, *, moment: str
) -> Interval:
    """Return the interval of that ratio; u of the number of atoms is in it."""
    return moment_interval(
        values,
        spread,
        probability,
        variance=moment,
        powers={"atom_number": 1},
        factor=values["nodes"],
    )


def _frequency(given: Given) -> Number:
    """Return the uncertainty of fractional frequency after one second."""
    return frequency_uncertainty(
        root_of(given["network_variance"]),
        carrier_hz=given["carrier_frequency"],
        interrogation_s=given["interrogation_time"],
        cycle_s=given["cycle_time"],
        averaging_s=REFERENCE_TIME_S,
    )


def _frequency_interval(
    values: Mapping[str, float], spread: Mapping[str, float], probability: float
) -> Interval:
    """Return the interval of that uncertainty: it goes as the root of the variance over nu0^2."""
    found = float(_frequency(values))
    whole = (found * values["carrier_frequency"]) ** 2 / values["network_variance"]
    powers = {"carrier_frequency": -2}
    return root_interval(
        moment_interval(
            values, spread, probability, variance="network_variance", powers=powers, factor=whole
        )
    )


def _metric(
    figure: str,
    title: str,
    compute: Callable[[Given], Number],
    *,
    unit: str = "1",
    arguments: tuple[MetricArgument, ...] = (OTHER, NETWORK, OTHER_SHOTS, SHOTS),
    interval: IntervalFunction | None = None,
    by: str = BY_RATIO,
    source: str = RATIO_SOURCE,
) -> Metric:
    return sensing_metric(
        f"sensor_network.{figure}",
        of=(title, figure, unit),
        arguments=arguments,
        compute=compute,
        source=source,
        influenced_by=next((text for one, text in BY.items() if one in arguments), COUNTED),
        interval=interval,
        interval_by=by,
    )


METRICS = (
    _metric(
        "variance_gain",
        "gain in variance over the reference that the run names",
        _gain,
        interval=_gain_interval,
    ),
    _metric(
        "deviation_gain",
        "gain in standard deviation over the reference that the run names",
        lambda given: root_of(_gain(given)),
        interval=lambda given, p: root_interval(_gain_interval(given, p)),
    ),
    _metric(
        "variance_gain_level",
        "gain over the reference that the run names, level of variances",
        lambda given: level_of(_gain(given)),
        unit="dB",
        interval=lambda given, p: level_interval(_gain_interval(given, p)),
    ),
    _metric(
        "phase_uncertainty",
        "standard uncertainty of the phase that the network measures, one interrogation",
        lambda given: root_of(given["network_variance"]),
        unit="rad",
        arguments=(NETWORK, SHOTS),
        interval=_phase_interval,
        by=BY_VARIANCE,
        source="root of the sample variance",
    ),
    _metric(
        "reference_phase_uncertainty",
        "standard uncertainty of the phase of the reference, one interrogation",
        lambda given: root_of(given["reference_variance"]),
        unit="rad",
        arguments=(OTHER, OTHER_SHOTS),
        interval=partial(_phase_interval, of="reference"),
        by=BY_VARIANCE,
        source="root of the sample variance",
    ),
    *(
        with_moments(
            _metric(
                figure,
                f"variance of the {what} over the projection noise of as many probes",
                partial(_of_limit, moment=moment.name),
                arguments=(moment, shots, NODES, NUMBER),
                source="1/N of independent probes: Giovannetti et al., PRL 96, 010401 (2006)",
            ),
            partial(_of_limit_interval, moment=moment.name),
        )
        for figure, what, moment, shots in (
            ("reference_of_limit", "reference", OTHER, OTHER_SHOTS),
            ("network_of_limit", "network", NETWORK, SHOTS),
        )
    ),
    with_moments(
        _metric(
            "frequency_uncertainty",
            "uncertainty of fractional frequency after 1 s, white frequency noise",
            _frequency,
            arguments=(NETWORK, CARRIER, *TIMES),
            source=LEROUX,
        ),
        _frequency_interval,
    ),
)

SENSOR_NETWORK = Protocol(
    name="sensor_network",
    title="network of entangled sensors against a named reference",
    metrics=METRICS,
    moments=(
        ParameterField(
            "network_variance", "phase_variance", LEAST_PHASE, LARGEST_PHASE,
            "phase variance of the entangled network, rad^2",
        ),
        ParameterField(
            "reference_variance", "phase_variance", LEAST_PHASE, LARGEST_PHASE,
            "phase variance of the reference, rad^2",
        ),
    ),
    parameters=(
        ParameterField(
            "shots_network", "shot_count", 2.0, MOST_SHOTS,
            "shots behind the variance of the network", whole=True,
        ),
        ParameterField(
            "shots_reference", "shot_count", 2.0, MOST_SHOTS,
            "shots behind the variance of the reference", whole=True,
        ),
        ParameterField(
            "nodes", "node_count", 1.0, MOST_NODES, "sensors read together", whole=True
        ),
        ParameterField(
            "atom_number", "particle_number", 1.0, MOST_ATOMS,
            "nominal number of atoms of each node, in place of a calibration", whole=True,
        ),
        ParameterField(
            "interrogation_time", "duration", 0.0, 1e6, "Ramsey time of one shot",
            low_allowed=False,
        ),
        ParameterField(
            "cycle_time", "duration", 0.0, 1e6, "time from one shot to the next",
            low_allowed=False,
        ),
        ParameterField(
            "carrier_frequency", "frequency", 0.0, 1e18,
            "nominal frequency of the transition, in place of a calibration", low_allowed=False,
        ),
    ),
    no_security_outcome=NO_SECURITY,
    choices={REFERENCE: REFERENCES},
    area="sensing",
    moments_are="variance of a phase, from shots read by one detector",
    check_moments=network_moments,
    doubts=network_doubts,
    unexplained=beyond_shots,
)  # fmt: skip
