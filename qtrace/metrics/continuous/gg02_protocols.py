"""GG02 as protocols: what is written with a run, the proofs, and what a link would give.

Inside: `GG02_HOMODYNE`, `GG02_HETERODYNE`.
Source: Grosshans and Grangier, PRL 88, 057902 (2002); bounds as in
`qtrace.metrics.continuous.gg02`.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from qtrace.metrics.continuous.gg02 import (
    ASYMPTOTIC_SOURCE,
    BETA_SET,
    COLLECTIVE,
    FINITE_SOURCE,
    MODULATION_SET,
    NOT_COVERED,
    NOT_COVERED_FINITE,
    RECEIVER_SET,
    UNIT_SET,
    UNMODELLED,
    gg02_metrics,
)
from qtrace.metrics.continuous.gg02_moments import check_gg02_moments
from qtrace.metrics.protocol import Array, LinkModel, ParameterField, Proof, Protocol
from qtrace.physics.continuous.gg02 import moments_of_link

# Largest value of a variance that is no slip of units, in shot-noise units.
MOST_VARIANCE = 1e6


def _proofs(name: str) -> tuple[Proof, ...]:
    found = []
    for word, receiver in (("trusted", RECEIVER_SET), ("untrusted", ())):
        inside = (MODULATION_SET, *receiver, UNIT_SET, BETA_SET, *UNMODELLED)
        found += [
            Proof(
                bound=f"collective_{word}",
                title=f"collective attacks, infinitely long key, receiver {word}",
                metric_id=f"qkd.{name}.certified_key_per_use_{word}",
                estimate_id=f"qkd.{name}.key_per_use_{word}",
                source=ASYMPTOTIC_SOURCE,
                adversary=COLLECTIVE,
                regime="asymptotic",
                set_parameters=inside,
                not_covered=NOT_COVERED,
            ),
            Proof(
                bound=f"leverrier2010_{word}",
                title=f"collective Gaussian attacks, finite length, receiver {word}",
                metric_id=f"qkd.{name}.certified_length_leverrier2010_{word}",
                estimate_id=f"qkd.{name}.key_length_leverrier2010_{word}",
                source=FINITE_SOURCE,
                adversary="collective Gaussian attacks only",
                regime="finite",
                set_parameters=inside,
                not_covered=NOT_COVERED_FINITE,
                corrections=(
                    "the published form takes Eve's information at the smallest transmittance "
                    "and the shared information as measured; she can know more at a larger "
                    "one. The certified length takes both at their worst over all estimates "
                    "(in); the estimate is the published form.",
                    "composable finite-size bounds against general attacks, Leverrier, PRL 114, "
                    "070501 (2015) and PRL 118, 200501 (2017): not in",
                ),
            ),
        ]
    return tuple(found)


def _transmittance(*, distance_km: Array, attenuation_db_per_km: Array, **_rest: Array) -> Array:
    """Return the transmittance of the fibre alone."""
    loss_db = np.asarray(attenuation_db_per_km) * np.asarray(distance_km)
    return np.asarray(10.0 ** (-loss_db / 10.0), dtype=np.float64)


def _link_model(*, heterodyne: bool) -> LinkModel:
    def cells(
        *,
        distance_km: Array,
        attenuation_db_per_km: Array,
        modulation_variance: Array,
        excess_noise_at_input: Array,
        receiver_efficiency: Array,
        electronic_noise: Array,
        symbols: Array,
        estimation_part: Array,
        **_rest: Array,
    ) -> dict[str, Array]:
        covariance, variance = moments_of_link(
            modulation_variance,
            _transmittance(distance_km=distance_km, attenuation_db_per_km=attenuation_db_per_km),
            excess_noise_at_input=excess_noise_at_input,
            receiver_efficiency=receiver_efficiency,
            electronic_noise=electronic_noise,
            heterodyne=heterodyne,
        )
        disclosed = np.asarray(symbols) * estimation_part
        return {
            "modulation_variance": np.asarray(modulation_variance, dtype=np.float64)
            + np.zeros_like(variance),
            "covariance": covariance,
            "bob_variance": variance,
            "symbols_estimation": disclosed,
            "symbols_key": symbols - disclosed,
        }

    return LinkModel(
        defaults={
            "attenuation_db_per_km": 0.2,
            "modulation_variance": 18.5,
            "excess_noise_at_input": 0.005,
            "receiver_efficiency": 0.606,
            "electronic_noise": 0.041,
            "reconciliation_efficiency": 0.898,
            "symbols": 1e10,
            "estimation_part": 0.5,
            "epsilon_estimation": 1e-10,
            "epsilon_smoothing": 1e-10,
            "epsilon_privacy": 1e-10,
        },
        cells=cells,
        transmittance=_transmittance,
        uses="symbols",
        source="receiver of Lodewyck et al., PRA 76, 042305 (2007) [from memory]; the length of "
        "the block is ours",
    )


MOMENTS_WRITTEN = (
    ParameterField(
        "modulation_variance", "quadrature_variance", 0.0, MOST_VARIANCE,
        "V_A of one modulated quadrature", low_allowed=False,
    ),
    ParameterField(
        "covariance", "quadrature_covariance", 0.0, MOST_VARIANCE,
        "of the modulated and the measured quadrature", low_allowed=False,
    ),
    ParameterField(
        "bob_variance", "quadrature_variance", 1.0, MOST_VARIANCE,
        "of one of Bob's detectors, never below shot noise",
    ),
)  # fmt: skip
PARAMETERS = (
    ParameterField(
        "reconciliation_efficiency", "reconciliation_efficiency", 0.0, 1.0,
        "part of the shared information that reconciliation extracts",
        low_allowed=False, high_allowed=True,
    ),
    ParameterField(
        "symbols_estimation", "pulse_count", 1.0, 2.0**53,
        "symbols disclosed to estimate the channel", whole=True,
    ),
    ParameterField(
        "symbols_key", "pulse_count", 1.0, 2.0**53,
        "symbols from which the key is drawn", whole=True,
    ),
    # In place of a calibration; where nothing is stated the receiver explains nothing.
    ParameterField(
        "receiver_efficiency", "system_detection_efficiency", 0.0, 1.0,
        "nominal efficiency of the receiver", 1.0, low_allowed=False, high_allowed=True,
    ),
    ParameterField(
        "electronic_noise", "electronic_noise", 0.0, MOST_VARIANCE,
        "nominal electronic noise of each detector", 0.0,
    ),
    *(
        ParameterField(
            f"epsilon_{name}", "failure_probability", 0.0, 1.0,
            f"failure probability of {what}", low_allowed=False,
        )
        for name, what in (
            ("estimation", "the limits of the channel"),
            ("smoothing", "the smoothing of the entropy"),
            ("privacy", "privacy amplification"),
        )
    ),
)  # fmt: skip


def _protocol(name: str, title: str, *, heterodyne: bool) -> Protocol:
    return Protocol(
        name=name,
        title=title,
        metrics=gg02_metrics(name, heterodyne=heterodyne),
        proofs=_proofs(name),
        moments=MOMENTS_WRITTEN,
        parameters=PARAMETERS,
        link_model=_link_model(heterodyne=heterodyne),
        check_moments=partial(check_gg02_moments, heterodyne=heterodyne),
    )


GG02_HOMODYNE = _protocol(
    "gg02_homodyne", "Gaussian-modulated coherent states, one quadrature measured", heterodyne=False
)
GG02_HETERODYNE = _protocol(
    "gg02_heterodyne", "Gaussian-modulated coherent states, both quadratures", heterodyne=True
)
