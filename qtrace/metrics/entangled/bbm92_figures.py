"""BBM92 figures that are no finite length: error rates, asymptotic key, visibility, sifting.

Inside: `FIGURES` and the functions behind them.
Arguments in SI units, by keyword; numbers or arrays; nothing is clamped at zero. Every key
figure takes the raw counts: accidental coincidences are errors that the key contains.
Source: as the formulas in `qtrace.physics.entangled.bbm92` and `qtrace.physics.entangled.werner`.
"""

from __future__ import annotations

from qtrace.metrics.entangled.bbm92_arguments import (
    EFFICIENCY,
    EPSILONS,
    KEY_BASES,
    LEAK,
    Number,
    cells,
    counts_metric,
    parameter,
)
from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument
from qtrace.physics.detection import count_rate_per_s
from qtrace.physics.entangled.sifted import Cells, error_rate, told_bits
from qtrace.physics.entangled.werner import accidental_free_visibility, visibility_of_error_rate
from qtrace.physics.entropy import binary_entropy

COUNTS, CALIBRATION = ArgumentSource.COUNTS, ArgumentSource.CALIBRATION


def qber(
    *, errors_z: Number, agreements_z: Number, errors_x: Number, agreements_x: Number
) -> Number:
    """Return the error rate over both bases."""
    return error_rate(errors_z + errors_x, agreements_z + agreements_x)


def qber_of_basis(*, errors: Number, agreements: Number) -> Number:
    """Return the error rate of one basis."""
    return error_rate(errors, agreements)


def key_fraction_asymptotic(
    *,
    errors_z: Number,
    agreements_z: Number,
    errors_x: Number,
    agreements_x: Number,
    error_correction_efficiency: Number = 0.0,
    leak: Number = 0.0,
) -> Number:
    """Return secret bits per sifted bit of both bases, for an infinitely long key; unclamped.

    Source: Yin et al., Nature 582, 501 (2020), Methods: the rates of both bases are added.
    """
    z, x = Cells(errors_z, agreements_z), Cells(errors_x, agreements_x)
    secret: Number = sum(
        key.sifted * (1.0 - binary_entropy(error_rate(test.errors, test.agreements)))
        for key, test in ((z, x), (x, z))
    )
    told = told_bits(z, x, error_correction_efficiency=error_correction_efficiency, leak=leak)
    return (secret - told) / (z.sifted + x.sifted)


def key_rate_asymptotic(
    *,
    errors_z: Number,
    agreements_z: Number,
    errors_x: Number,
    agreements_x: Number,
    error_correction_efficiency: Number = 0.0,
    leak: Number = 0.0,
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
        leak=leak,
    )
    sifted = errors_z + agreements_z + errors_x + agreements_x
    return fraction * count_rate_per_s(sifted, duration, time_base_deviation=time_base_frequency)


def error_correction_efficiency_measured(
    *,
    errors_z: Number,
    agreements_z: Number,
    errors_x: Number,
    agreements_x: Number,
    leak: Number,
) -> Number:
    """Return the bits told over their Shannon limit.

    Source: f = leak / sum of n h(e); a short block can fall below 1 by scatter of its errors.
    """
    z, x = Cells(errors_z, agreements_z), Cells(errors_x, agreements_x)
    return leak / told_bits(z, x, error_correction_efficiency=1.0)


def sifting_ratio(
    *,
    errors_z: Number,
    agreements_z: Number,
    errors_x: Number,
    agreements_x: Number,
    discarded: Number,
) -> Number:
    """Return the part of the coincidences that sifting keeps."""
    sifted = errors_z + agreements_z + errors_x + agreements_x
    return sifted / (sifted + discarded)


def visibility_raw(
    *, errors_z: Number, agreements_z: Number, errors_x: Number, agreements_x: Number
) -> Number:
    """Return the visibility over both bases from the raw counts, 1 - 2 QBER."""
    return visibility_of_error_rate(error_rate(errors_z + errors_x, agreements_z + agreements_x))


def visibility_accidentals_subtracted(
    *,
    errors_z: Number,
    agreements_z: Number,
    errors_x: Number,
    agreements_x: Number,
    accidentals: Number,
) -> Number:
    """Return the visibility over both bases without accidental coincidences: never for a key."""
    return accidental_free_visibility(errors_z + errors_x, agreements_z + agreements_x, accidentals)


def epsilon_total(
    *,
    epsilon_sampling: Number,
    epsilon_correctness: Number,
    epsilon_privacy: Number,
    key_basis_share: Number = 1.0,
) -> Number:
    """Return the sum of the declared failure probabilities over the bases that give key.

    `key_basis_share` is 1 where both do, 1/2 where the bound takes key from one.

    Source: union bound; composability, Portmann and Renner, RMP 94, 025008 (2022).
    """
    return 2.0 * key_basis_share * (epsilon_sampling + epsilon_correctness + epsilon_privacy)


ASYMPTOTIC_SOURCE = "Ma, Fung and Lo, PRA 76, 012307 (2007); Yin et al., Nature 582, 501 (2020)"
QBER_SOURCE = "errors over sifted counts; exact interval: Clopper and Pearson (1934)"

FIGURES: tuple[Metric, ...] = (
    counts_metric(
        "qber",
        "quantum bit error rate over both bases",
        ("qber", "1"),
        arguments=cells(),
        function=qber,
        source=QBER_SOURCE,
    ),
    counts_metric(
        "qber_of_basis",
        "quantum bit error rate of one basis",
        ("qber", "1"),
        arguments=(
            MetricArgument("errors", "error_count", COUNTS),
            MetricArgument("agreements", "agreement_count", COUNTS),
        ),
        function=qber_of_basis,
        source=QBER_SOURCE,
    ),
    counts_metric(
        "key_fraction_asymptotic",
        "secret bits per sifted bit, infinitely long key",
        ("key_fraction_asymptotic", "1"),
        arguments=(*cells(), EFFICIENCY, LEAK),
        function=key_fraction_asymptotic,
        source=ASYMPTOTIC_SOURCE,
    ),
    Metric(
        metric_id="qkd.bbm92.key_rate_asymptotic",
        version="1",
        title="secret bits per second, infinitely long key",
        result_kind="key_rate_asymptotic",
        unit="bit/s",
        arguments=(
            *cells(),
            EFFICIENCY,
            LEAK,
            MetricArgument("duration", "duration", COUNTS, "counter"),
            MetricArgument("time_base_frequency", "time_base_frequency", CALIBRATION, "counter", 0),
        ),
        function=key_rate_asymptotic,
        influenced_by="time base of the counter",
        source=ASYMPTOTIC_SOURCE,
    ),
    counts_metric(
        "error_correction_efficiency_measured",
        "bits told over their Shannon limit, from the measured leak",
        ("error_correction_efficiency", "1"),
        arguments=(*cells(), parameter("leak", "leak")),
        function=error_correction_efficiency_measured,
        source="leak over the sum of n h(e) of both bases",
    ),
    counts_metric(
        "sifting_ratio",
        "part of the coincidences that sifting keeps",
        ("sifting_ratio", "1"),
        arguments=(*cells(), MetricArgument("discarded", "discarded_count", COUNTS)),
        function=sifting_ratio,
        source="sifted over all coincidences",
    ),
    counts_metric(
        "visibility_raw",
        "visibility over both bases, raw counts",
        ("visibility", "1"),
        arguments=cells(),
        function=visibility_raw,
        source="V = 1 - 2 e, raw counts",
    ),
    counts_metric(
        "visibility_accidentals_subtracted",
        "visibility over both bases, accidentals subtracted: not for a key",
        ("visibility", "1"),
        arguments=(*cells(), MetricArgument("accidentals", "accidental_count", COUNTS)),
        function=visibility_accidentals_subtracted,
        source="(agreements - errors) / (agreements + errors - accidentals)",
    ),
    counts_metric(
        "epsilon_total",
        "sum of the declared failure probabilities over the bases that give key",
        ("failure_probability", "1"),
        arguments=(*EPSILONS, KEY_BASES),
        function=epsilon_total,
        source="union bound over the bases that give key",
    ),
)
