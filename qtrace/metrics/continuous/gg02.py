"""GG02 with a homodyne and with a heterodyne receiver: its metrics, and what its proofs assume.

Inside: `gg02_metrics`, and the sets and limits that `gg02_protocols` puts into its proofs.
Source: as the formulas in `qtrace.physics.continuous.gg02` and
`qtrace.physics.continuous.gg02_finite`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from qtrace.metrics.continuous import gg02_figures as figures
from qtrace.metrics.entangled.bbm92 import COUNTS_ONLY
from qtrace.metrics.keyword_function import LINEAR, Given, Number, OwnInterval, keyword_metric
from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument
from qtrace.metrics.protocol import SetParameter

COLLECTIVE = "collective attacks; Gaussian ones are the best of them, asymptotically"
ASYMPTOTIC_SOURCE = (
    "Lodewyck et al., PRA 76, 042305 (2007); Fossier et al., J. Phys. B 42, 114014 (2009)"
)
FINITE_SOURCE = "Leverrier, Grosshans and Grangier, PRA 81, 062343 (2010) [from memory]"
CORNERS = "none: it is the smallest over the corners of the declared set"
TRUSTED_BY = "efficiency, electronic noise and shot-noise unit of the receiver"
UNTRUSTED_BY = "shot-noise unit of the receiver"


def _parameter(name: str, kind: str) -> MetricArgument:
    return MetricArgument(name, kind, ArgumentSource.PARAMETER)


MOMENTS = tuple(
    MetricArgument(name, kind, ArgumentSource.MOMENTS)
    for name, kind in (
        ("modulation_variance", "quadrature_variance"),
        ("covariance", "quadrature_covariance"),
        ("bob_variance", "quadrature_variance"),
    )
)
ETA = MetricArgument(
    "receiver_efficiency", "system_detection_efficiency", ArgumentSource.CALIBRATION, "receiver"
)
NOISE = MetricArgument(
    "electronic_noise", "electronic_noise", ArgumentSource.CALIBRATION, "receiver"
)
UNIT = MetricArgument(
    "shot_noise_unit", "shot_noise_unit", ArgumentSource.CALIBRATION, "receiver", 1.0
)
BETA = _parameter("reconciliation_efficiency", "reconciliation_efficiency")
EPSILONS = tuple(
    _parameter(f"epsilon_{name}", "failure_probability")
    for name in ("estimation", "smoothing", "privacy")
)
BLOCK = (
    _parameter("symbols_estimation", "pulse_count"),
    _parameter("symbols_key", "pulse_count"),
    *EPSILONS,
)

MODULATION_SET = SetParameter(
    "modulation_variance",
    "quadrature_variance",
    "variance of the modulation at the output of the source, drift included",
    "enters chi_BE; Lodewyck et al. (2007)",
)
UNIT_SET = SetParameter(
    "shot_noise_unit",
    "shot_noise_unit",
    "true shot noise over the one by which the data were scaled, while the key was taken",
    "definition of the shot-noise unit",
    ideal=1.0,
)
RECEIVER_SET = (
    SetParameter(
        "receiver_efficiency",
        "system_detection_efficiency",
        "efficiency of the receiver that the eavesdropper cannot reach",
        "enters chi_hom, chi_het; Lodewyck et al. (2007)",
    ),
    SetParameter(
        "electronic_noise",
        "electronic_noise",
        "noise of the receiver that the eavesdropper cannot reach",
        "enters chi_hom, chi_het; Lodewyck et al. (2007)",
    ),
)
BETA_SET = SetParameter(
    "reconciliation_efficiency",
    "reconciliation_efficiency",
    "part of the shared information that reconciliation extracts, at least",
    "Lodewyck et al. (2007), Eq. 8",
)
UNMODELLED = (
    SetParameter(
        "saturation_probability",
        "probability",
        "part of the symbols for which the receiver leaves its linear range",
        "the proof takes a linear receiver",
        ideal=0.0,
        modelled=False,
    ),
    SetParameter(
        "modulation_truncation",
        "probability",
        "part of the Gaussian modulation that finite steps and range leave out",
        "the proof takes a Gaussian modulation",
        ideal=0.0,
        modelled=False,
    ),
)
NOT_COVERED = (
    "changes of the local oscillator and of the shot noise beyond the declared unit",
    "light sent into source or receiver, and saturation of the detectors",
    "correctness after reconciliation: its verification has its own epsilon",
)
NOT_COVERED_FINITE = (
    "coherent attacks: no composable statement is made",
    "non-Gaussian noise: the estimates are taken as normal, and their limits as such",
    *NOT_COVERED,
)


def _edges(parameters: tuple[SetParameter, ...]) -> tuple[MetricArgument, ...]:
    return tuple(_parameter(name, one.kind) for one in parameters for name in one.arguments())


def _metric(
    name: str,
    figure: str,
    *,
    of: tuple[str, str, str],
    arguments: tuple[MetricArgument, ...],
    compute: Callable[[Given], Number],
    influenced_by: str = COUNTS_ONLY,
    source: str = ASYMPTOTIC_SOURCE,
) -> Metric:
    """Return a metric; `of` is its title, kind and unit."""
    certified = figure.startswith("certified")
    return keyword_metric(
        f"qkd.{name}.{figure}",
        of,
        arguments=arguments,
        compute=compute,
        influenced_by=influenced_by,
        source=source,
        own=OwnInterval(CORNERS, differentiable=False) if certified else LINEAR,
    )


def _estimates(name: str, *, heterodyne: bool) -> tuple[Metric, ...]:
    """Return what is estimated on the way to a key."""
    return (
        _metric(
            name,
            "transmittance",
            of=("transmittance of the channel", "transmittance", "1"),
            arguments=(*MOMENTS, ETA, UNIT),
            compute=partial(figures.transmittance, heterodyne=heterodyne),
            influenced_by="efficiency and shot-noise unit of the receiver",
        ),
        _metric(
            name,
            "excess_noise_at_input",
            of=("excess noise at the channel input", "excess_noise_at_input", "1"),
            arguments=(*MOMENTS, NOISE, UNIT),
            compute=figures.excess_noise_at_input,
            influenced_by="electronic noise and shot-noise unit of the receiver",
        ),
        _metric(
            name,
            "mutual_information",
            of=("information that the data share, per symbol", "mutual_information", "bit"),
            arguments=MOMENTS,
            compute=partial(figures.mutual_information, heterodyne=heterodyne),
        ),
        _metric(
            name,
            "epsilon_total",
            of=("sum of the declared failure probabilities", "failure_probability", "1"),
            arguments=EPSILONS,
            compute=figures.epsilon_total,
            source="union bound",
        ),
    )


def _keys(name: str, word: str, *, heterodyne: bool) -> tuple[Metric, ...]:
    """Return the figures of a receiver that is trusted, or not."""
    trusted = word == "trusted"
    receiver = (ETA, NOISE) if trusted else ()
    by = TRUSTED_BY if trusted else UNTRUSTED_BY
    inside = (MODULATION_SET, *(RECEIVER_SET if trusted else ()), UNIT_SET, BETA_SET)
    edges = (*MOMENTS, *_edges(inside))
    return (
        _metric(
            name,
            f"key_per_use_{word}",
            of=(f"key per symbol, receiver {word}", "key_per_use", "bit"),
            arguments=(*MOMENTS, *receiver, BETA, UNIT),
            compute=partial(figures.key, heterodyne=heterodyne),
            influenced_by=by,
        ),
        _metric(
            name,
            f"certified_key_per_use_{word}",
            of=(f"certified key per symbol, receiver {word}", "key_rate_certified", "bit"),
            arguments=edges,
            compute=partial(figures.certified_key, heterodyne=heterodyne),
            influenced_by=f"through the declared set: {by}",
        ),
        _metric(
            name,
            f"key_length_leverrier2010_{word}",
            of=(f"key length, receiver {word}", "key_length_finite", "bit"),
            arguments=(*MOMENTS, *receiver, BETA, *BLOCK, UNIT),
            compute=partial(figures.length, heterodyne=heterodyne),
            influenced_by=by,
            source=FINITE_SOURCE,
        ),
        _metric(
            name,
            f"certified_length_leverrier2010_{word}",
            of=(f"certified key length, receiver {word}", "key_length_certified", "bit"),
            arguments=(*edges, *BLOCK),
            compute=partial(figures.certified_length, heterodyne=heterodyne),
            influenced_by=f"through the declared set: {by}",
            source=FINITE_SOURCE,
        ),
    )


def gg02_metrics(name: str, *, heterodyne: bool) -> tuple[Metric, ...]:
    """Return all metrics of one kind of receiver."""
    return (
        *_estimates(name, heterodyne=heterodyne),
        *_keys(name, "trusted", heterodyne=heterodyne),
        *_keys(name, "untrusted", heterodyne=heterodyne),
    )
