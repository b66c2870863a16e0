"""Twin fields by sending or not sending: protocol, metrics and link; an estimate without a proof.

Inside: `TF_SNS`, `TF_SNS_METRICS`, `DEFAULTS`, `expected_cells`, `NOTHING_CERTIFIED`.
No certified figure over intervals of the intensities is given: the phase error is that of photons
sent with equal weights by both sides, and intensities that differ change the state itself and not
only the coefficients of its bounds. That takes a proof of its own, which is not built in.
Source: Wang, Yu and Hu, PRA 98, 062323 (2018) [read in two transcriptions]; weights of both sides:
Hu et al., PRA 100, 062337 (2019) [from memory]; intensities with errors: Jiang et al.,
arXiv:2112.13723 [abstract read].
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.metric import Metric, MetricArgument, MetricFunction
from qtrace.metrics.protocol import LinkModel, ParameterField, Protocol
from qtrace.metrics.relay import tf_sns_figures as figures
from qtrace.metrics.relay.relay_arguments import (
    LEAK,
    LEAK_FIELDS,
    PULSES,
    PULSES_FIELD,
    calibrated,
    counted,
    field_of,
    parameter,
)
from qtrace.metrics.relay.relay_rows import MEAN
from qtrace.metrics.relay.tf_sns_figures import ALIKE, KEY_SOURCES, SOURCES, TABLE
from qtrace.physics.relay.twin_field import coherent_gain, interference, phase_random_gain

Array = NDArray[np.float64]
Number = float | Array

DETECTORS = 2.0  # alike in the model; clicks of either count
NOTHING_CERTIFIED = (
    "an estimate for exact and equal intensities of both sides: sets of intensities, fluctuations "
    "of the counts and the width of the phase slices have no proof built in"
)
DEFAULTS: Mapping[str, float] = MappingProxyType(
    {
        "attenuation_db_per_km": 0.2,
        "relay_position": 0.5,
        "detection_efficiency": 0.5,
        "dark_probability": 1e-9,
        "phase_mismatch": 0.2,
        "polarization_mismatch": 0.0,
        "pulses": 1e14,
        "send_probability": 0.06,
        "probability_key_a1": 0.7,
        "probability_key_b1": 0.7,
        "probability_nothing_a": 0.4,
        "probability_nothing_b": 0.4,
        "probability_alike": 0.1,
        **{
            f"{name}{side}{k}": value
            for side in ("a", "b")
            for k, mean, chosen in ((1, 0.3, 0.3), (2, 0.05, 0.7))
            for name, value in ((MEAN, mean), ("probability_", chosen))
        },
        f"{MEAN}key_a1": 0.35,
        f"{MEAN}key_b1": 0.35,
    }
)


def expected_cells(*, distance_km: Number, **fields: Number) -> dict[str, Array]:
    """Return the expected counts of all cells, clicks of both detectors together.

    Args:
        distance_km: Length of fibre between the two sources.
        **fields: The fields of `DEFAULTS`, all of them.

    Source: gains as in `twin_field`.
    """
    loss_db = np.asarray(fields["attenuation_db_per_km"]) * np.asarray(distance_km)
    part, efficiency = np.asarray(fields["relay_position"]), fields["detection_efficiency"]
    arm = {
        "a": efficiency * 10.0 ** (-loss_db * part / 10.0),
        "b": efficiency * 10.0 ** (-loss_db * (1.0 - part) / 10.0),
    }
    dark, angle = fields["dark_probability"], fields["polarization_mismatch"]
    key_a, key_b = np.asarray(fields["probability_key_a1"]), fields["probability_key_b1"]

    def clicks(arriving_a: Number, arriving_b: Number) -> Array:
        gain = phase_random_gain(arriving_a, arriving_b, dark=dark, polarization_mismatch=angle)
        return np.asarray(DETECTORS * gain)

    def arriving(side: str, level: str) -> Array:
        mean = 0.0 if level == "0" else fields[f"{MEAN}{side}{level}"]
        return np.asarray(arm[side] * mean)

    send = np.asarray(fields["send_probability"])
    of_a, of_b = (arm[side] * fields[f"{MEAN}key_{side}1"] for side in ("a", "b"))
    in_key = fields["pulses"] * key_a * key_b
    wrong = send**2 * clicks(of_a, of_b) + (1.0 - send) ** 2 * clicks(0.0 * of_a, 0.0 * of_b)
    right = send * (1.0 - send) * (clicks(of_a, 0.0 * of_b) + clicks(0.0 * of_a, of_b))
    cells = {"errors_key": in_key * wrong, "agreements_key": in_key * right}
    for setting in TABLE.keys[0].values[1:]:
        levels = dict(zip("ab", setting.split("_")[1:], strict=True))
        windows = fields["pulses"] * (1.0 - key_a) * (1.0 - key_b)
        for side, level in levels.items():
            nothing = np.asarray(fields[f"probability_nothing_{side}"])
            lit = (1.0 - nothing) * fields.get(f"probability_{side}{level}", 0.0)
            windows = windows * (nothing if level == "0" else lit)
        pulses = arriving("a", levels["a"]), arriving("b", levels["b"])
        gain, errors = clicks(*pulses), np.zeros(np.shape(loss_db))
        if setting == ALIKE:
            windows = windows * fields["probability_alike"]
            visibility = interference(fields["phase_mismatch"], angle)
            gain, errors = (
                DETECTORS * one for one in coherent_gain(*pulses, dark=dark, visibility=visibility)
            )
        cells[f"errors_{setting}"] = windows * errors
        cells[f"agreements_{setting}"] = windows * (gain - errors)
    return {name: np.asarray(cells[name]) for name in TABLE.names()}


def transmittance(*, distance_km: Number, attenuation_db_per_km: Number, **_: Number) -> Array:
    """Return the transmittance of the whole fibre, detectors left out."""
    loss = np.asarray(attenuation_db_per_km) * np.asarray(distance_km)
    return np.asarray(10.0 ** (-loss / 10.0), dtype=np.float64)


COUNTS = counted(TABLE)
CHANCES = (
    ("probability_key_a1", "probability that source a announces a key window"),
    ("probability_key_b1", "probability that source b announces a key window"),
    ("probability_nothing_a", "probability that source a sends nothing in a test window"),
    ("probability_nothing_b", "probability that source b sends nothing in a test window"),
    ("probability_alike", "probability that the phases of two weak decoys count as alike"),
)
DECOYS = tuple(
    argument for one in SOURCES if one not in KEY_SOURCES for argument in calibrated(one)
)
SIGNALS = tuple(argument for one in KEY_SOURCES for argument in calibrated(one, intensity="key"))
WINDOWS = (PULSES, *(parameter(name, "probability") for name, _ in CHANCES))
PUBLISHED = "Wang, Yu and Hu, PRA 98, 062323 (2018)"
DECOYS_MATTER = "mean photon numbers of both sources, test pulses"


def _metric(
    name: str,
    title: str,
    *,
    kind: str,
    arguments: tuple[MetricArgument, ...],
    function: MetricFunction,
    influenced_by: str = DECOYS_MATTER,
) -> Metric:
    return Metric(
        metric_id=f"qkd.tf_sns.{name}",
        version="1",
        title=title,
        result_kind=kind,
        unit="bit" if kind == "key_per_use" else "1",
        arguments=arguments,
        function=function,
        influenced_by=influenced_by,
        source=PUBLISHED,
    )


TF_SNS_METRICS: tuple[Metric, ...] = (
    _metric(
        "qber",
        "part of the clicks in key windows in which both or nobody sent",
        kind="qber",
        arguments=tuple(one for one in COUNTS if one.name.endswith("_key")),
        function=figures.qber,
        influenced_by="none: counts in, bits out",
    ),
    _metric(
        "single_yield",
        "least yield of one photon sent by one side, mean of both sides",
        kind="photon_yield",
        arguments=(*COUNTS, *DECOYS, *WINDOWS),
        function=figures.single_yield,
    ),
    _metric(
        "phase_error",
        "largest phase error rate of single photons",
        kind="qber",
        arguments=(*COUNTS, *DECOYS, *WINDOWS),
        function=figures.phase_error,
    ),
    _metric(
        "key_per_use",
        "estimate of secret bits per window, no limit of size, nothing certified",
        kind="key_per_use",
        arguments=(
            *COUNTS,
            *DECOYS,
            *SIGNALS,
            *WINDOWS,
            parameter("send_probability", "probability"),
            *LEAK,
        ),
        function=figures.key_per_use,
        influenced_by="mean photon numbers of both sources, key and test pulses",
    ),
)

TF_SNS = Protocol(
    name="tf_sns",
    title="twin-field distribution by sending or not sending (Wang, Yu, Hu)",
    metrics=TF_SNS_METRICS,
    table=TABLE,
    sources=SOURCES,
    parameters=(
        PULSES_FIELD,
        *(field_of(name, title) for name, title in CHANCES),
        ParameterField(
            "send_probability",
            "probability",
            0.0,
            1.0,
            "probability of each side to send in a key window",
            low_allowed=False,
        ),
        *LEAK_FIELDS,
    ),
    one_of=(("leak", "error_correction_efficiency"),),
    link_model=LinkModel(
        defaults=DEFAULTS,
        cells=expected_cells,
        transmittance=transmittance,
        uses="pulses",
        source="gains of coherent pulses, Curty, Azuma and Lo, npj Quantum Information 5, 64 "
        "(2019) [from memory]; intensities and detectors ours",
        repeater=True,
    ),
    no_security_outcome=NOTHING_CERTIFIED,
)
