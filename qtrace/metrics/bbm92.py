"""BBM92 metrics from counts in disjoint cells: error rates, asymptotic key, finite lengths.

Inside: `BBM92`, `BBM92_METRICS` and the functions behind them.
Arguments in SI units, by keyword; numbers or arrays; nothing is clamped at zero.
Source: as the formulas in `qtrace.physics.bbm92` and `qtrace.physics.entropic_bounds`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument
from qtrace.metrics.protocol import CountTable, ParameterField, Protocol, TableKey
from qtrace.physics import bbm92 as physics
from qtrace.physics.bbm92 import Cells, EpsilonSplit
from qtrace.physics.detection import count_rate_per_s

Number = float | NDArray[np.float64]

COUNTS_ONLY = "none: counts in, bits out"


def qber(
    *, errors_z: Number, agreements_z: Number, errors_x: Number, agreements_x: Number
) -> Number:
    """Return the error rate over both bases."""
    return physics.error_rate(errors_z + errors_x, agreements_z + agreements_x)


def qber_of_basis(*, errors: Number, agreements: Number) -> Number:
    """Return the error rate of one basis."""
    return physics.error_rate(errors, agreements)


def key_fraction_asymptotic(
    *,
    errors_z: Number,
    agreements_z: Number,
    errors_x: Number,
    agreements_x: Number,
    error_correction_efficiency: Number,
) -> Number:
    """Return secret bits per sifted bit of both bases, for an infinitely long key; unclamped.

    Source: Yin et al., Nature 582, 501 (2020), Methods: the rates of both bases are added.
    """
    z, x = Cells(errors_z, agreements_z), Cells(errors_x, agreements_x)
    bits = sum(
        key.sifted
        * physics.asymptotic_key_fraction(
            key, test, error_correction_efficiency=error_correction_efficiency
        )
        for key, test in ((z, x), (x, z))
    )
    return bits / (z.sifted + x.sifted)


def key_rate_asymptotic(
    *,
    errors_z: Number,
    agreements_z: Number,
    errors_x: Number,
    agreements_x: Number,
    error_correction_efficiency: Number,
    duration: Number,
    time_base_frequency: Number = 0.0,
) -> Number:
    """Return secret bits per second, for an infinitely long key; unclamped."""
    fraction = key_fraction_asymptotic(
        errors_z=errors_z,
        agreements_z=agreements_z,
        errors_x=errors_x,
        agreements_x=agreements_x,
        error_correction_efficiency=error_correction_efficiency,
    )
    sifted = errors_z + agreements_z + errors_x + agreements_x
    return fraction * count_rate_per_s(sifted, duration, time_base_deviation=time_base_frequency)


def finite_length_gamma(
    *,
    errors_z: Number,
    agreements_z: Number,
    errors_x: Number,
    agreements_x: Number,
    error_correction_efficiency: Number,
    epsilon_sampling: Number,
    epsilon_correctness: Number,
    epsilon_privacy: Number,
) -> Number:
    """Return the secret length in bits by the gamma bound, both bases; unclamped."""
    return physics.finite_length_gamma(
        Cells(errors_z, agreements_z),
        Cells(errors_x, agreements_x),
        error_correction_efficiency=error_correction_efficiency,
        epsilon_sampling=epsilon_sampling,
        epsilon_correctness=epsilon_correctness,
        epsilon_privacy=epsilon_privacy,
    )


def finite_length_tail(
    *,
    errors_z: Number,
    agreements_z: Number,
    errors_x: Number,
    agreements_x: Number,
    error_correction_efficiency: Number,
    epsilon_sampling: Number,
    epsilon_correctness: Number,
    epsilon_privacy: Number,
) -> Number:
    """Return the secret length in bits by the exact tail, both bases; unclamped.

    Counts must be whole: the figure steps with them, and an evaluation between them is refused.
    """
    rows = np.broadcast_arrays(
        *(
            np.asarray(column, dtype=np.float64)
            for column in (
                errors_z,
                agreements_z,
                errors_x,
                agreements_x,
                error_correction_efficiency,
                epsilon_sampling,
                epsilon_correctness,
                epsilon_privacy,
            )
        )
    )
    lengths = [
        physics.finite_length_tail(
            Cells(mz, az),
            Cells(mx, ax),
            error_correction_efficiency=f,
            split=EpsilonSplit(sampling, correctness, privacy),
        )
        for mz, az, mx, ax, f, sampling, correctness, privacy in zip(
            *(row.ravel().tolist() for row in rows), strict=True
        )
    ]
    shape = rows[0].shape
    return np.array(lengths).reshape(shape) if shape else lengths[0]


def epsilon_total(
    *, epsilon_sampling: Number, epsilon_correctness: Number, epsilon_privacy: Number
) -> Number:
    """Return the sum of the declared failure probabilities over both bases.

    Source: union bound; composability, Portmann and Renner, RMP 94, 025008 (2022).
    """
    return 2.0 * (epsilon_sampling + epsilon_correctness + epsilon_privacy)


def _cells() -> tuple[MetricArgument, ...]:
    counts = ArgumentSource.COUNTS
    return (
        MetricArgument("errors_z", "error_count", counts),
        MetricArgument("agreements_z", "agreement_count", counts),
        MetricArgument("errors_x", "error_count", counts),
        MetricArgument("agreements_x", "agreement_count", counts),
    )


def _parameter(name: str, kind: str) -> MetricArgument:
    return MetricArgument(name, kind, ArgumentSource.PARAMETER)


EFFICIENCY = _parameter("error_correction_efficiency", "error_correction_efficiency")
EPSILONS = tuple(
    _parameter(f"epsilon_{name}", "failure_probability")
    for name in ("sampling", "correctness", "privacy")
)


def _counts_metric(
    name: str,
    title: str,
    *,
    kind: str,
    unit: str,
    arguments: tuple[MetricArgument, ...],
    function: Callable[..., Number],
    source: str,
) -> Metric:
    """Return a metric that no calibration can influence."""
    return Metric(
        metric_id=f"qkd.bbm92.{name}",
        version="1",
        title=title,
        result_kind=kind,
        unit=unit,
        arguments=arguments,
        function=function,
        influenced_by=COUNTS_ONLY,
        source=source,
    )


BBM92_METRICS: tuple[Metric, ...] = (
    _counts_metric(
        "qber",
        "quantum bit error rate over both bases",
        kind="qber",
        unit="1",
        arguments=_cells(),
        function=qber,
        source="errors over sifted counts; exact interval: Clopper and Pearson (1934)",
    ),
    _counts_metric(
        "qber_of_basis",
        "quantum bit error rate of one basis",
        kind="qber",
        unit="1",
        arguments=(
            MetricArgument("errors", "error_count", ArgumentSource.COUNTS),
            MetricArgument("agreements", "agreement_count", ArgumentSource.COUNTS),
        ),
        function=qber_of_basis,
        source="errors over sifted counts; exact interval: Clopper and Pearson (1934)",
    ),
    _counts_metric(
        "key_fraction_asymptotic",
        "secret bits per sifted bit, infinitely long key",
        kind="key_fraction_asymptotic",
        unit="1",
        arguments=(*_cells(), EFFICIENCY),
        function=key_fraction_asymptotic,
        source="Ma, Fung and Lo, PRA 76, 012307 (2007); Yin et al., Nature 582, 501 (2020)",
    ),
    Metric(
        metric_id="qkd.bbm92.key_rate_asymptotic",
        version="1",
        title="secret bits per second, infinitely long key",
        result_kind="key_rate_asymptotic",
        unit="bit/s",
        arguments=(
            *_cells(),
            EFFICIENCY,
            MetricArgument("duration", "duration", ArgumentSource.COUNTS, "counter"),
            MetricArgument(
                "time_base_frequency",
                "time_base_frequency",
                ArgumentSource.CALIBRATION,
                "counter",
                0,
            ),
        ),
        function=key_rate_asymptotic,
        influenced_by="time base of the counter",
        source="Ma, Fung and Lo, PRA 76, 012307 (2007); Yin et al., Nature 582, 501 (2020)",
    ),
    _counts_metric(
        "finite_length_gamma",
        "secret length, gamma bound of Lim et al. (2014)",
        kind="key_length_finite",
        unit="bit",
        arguments=(*_cells(), EFFICIENCY, *EPSILONS),
        function=finite_length_gamma,
        source="Lim et al., PRA 89, 022307 (2014), below Eq. 5, with 1/eps for 21/eps",
    ),
    Metric(
        metric_id="qkd.bbm92.finite_length_tail",
        version="1",
        title="secret length, exact hypergeometric tail",
        result_kind="key_length_finite",
        unit="bit",
        arguments=(*_cells(), EFFICIENCY, *EPSILONS),
        function=finite_length_tail,
        influenced_by=COUNTS_ONLY,
        source="exact tail; compare Sakakibara and Matsumoto, IEICE ComEx 3, 68 (2014)",
        differentiable=False,
        interval_by="stability under Poisson resampling of the counts (not a security statement)",
    ),
    _counts_metric(
        "epsilon_total",
        "sum of the declared failure probabilities over both bases",
        kind="failure_probability",
        unit="1",
        arguments=EPSILONS,
        function=epsilon_total,
        source="union bound over both bases",
    ),
)

BBM92 = Protocol(
    name="bbm92",
    title="entanglement-based distribution in two bases (BBM92)",
    metrics=BBM92_METRICS,
    table=CountTable((TableKey("basis", ("z", "x")),)),
    parameters=(
        ParameterField(
            "error_correction_efficiency", "error_correction_efficiency", 1.0, 10.0,
            "leak over its Shannon limit",
        ),
        *(
            ParameterField(
                f"epsilon_{name}", "failure_probability", 0.0, 1.0,
                f"failure probability of {what}, of one basis", low_allowed=False,
            )
            for name, what in (
                ("sampling", "sampling"),
                ("correctness", "error correction"),
                ("privacy", "privacy amplification"),
            )
        ),
    ),
)  # fmt: skip
