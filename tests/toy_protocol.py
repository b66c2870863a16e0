"""A protocol made for tests: single photons, one declared interval, a closed form to compare with.

Inside: `TOY`, `RELAYED`, `cut_off_km`, `expected_fraction`.
"""

from __future__ import annotations

import dataclasses
import math
from types import MappingProxyType
from typing import Any

import numpy as np

from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument
from qtrace.metrics.protocol import (
    CountTable,
    LinkModel,
    ParameterField,
    Proof,
    Protocol,
    SetParameter,
    TableKey,
)
from qtrace.physics.entropy import binary_entropy

COUNTS, PARAMETER = ArgumentSource.COUNTS, ArgumentSource.PARAMETER
DEFAULTS = MappingProxyType(
    {
        "pulses": 1e9,
        "mean_photon_number_1": 0.1,
        "loss_db_per_km": 0.2,
        "detector_efficiency": 0.1,
        "dark_probability": 1e-6,
        "misalignment": 0.01,
    }
)


def transmittance(*, distance_km: Any, loss_db_per_km: Any, **_rest: Any) -> Any:
    return 10.0 ** (-np.asarray(distance_km * loss_db_per_km, dtype=float) / 10.0)


def cells(**link: Any) -> dict[str, Any]:
    """Return counts: a photon or a dark count each, half in either basis."""
    light = transmittance(**link) * link["detector_efficiency"] * link["mean_photon_number_1"]
    dark = link["dark_probability"]
    clicks, errors = light + dark, link["misalignment"] * light + dark / 2.0
    made = {}
    for basis in ("key", "test"):
        made[f"errors_{basis}"] = link["pulses"] * errors / 2.0
        made[f"agreements_{basis}"] = link["pulses"] * (clicks - errors) / 2.0
    return made


def _fraction(errors: Any, agreements: Any, f: Any) -> Any:
    e = np.minimum(errors / (errors + agreements), 0.5)
    return 1.0 - (1.0 + f) * np.asarray(binary_entropy(e))


def key_length(
    *, errors_key: Any, agreements_key: Any, error_correction_efficiency: Any, **_rest: Any
) -> Any:
    n = errors_key + agreements_key
    return n * _fraction(errors_key, agreements_key, error_correction_efficiency) - 1000.0


def certified(*, mean_photon_number_1_low: Any, mean_photon_number_1_high: Any, **rest: Any) -> Any:
    """Return the length, less what the width of the interval costs."""
    return key_length(**rest) * mean_photon_number_1_low / mean_photon_number_1_high


def key_per_use(
    *, errors_key: Any, agreements_key: Any, pulses: Any, error_correction_efficiency: Any
) -> Any:
    n = errors_key + agreements_key
    return n * _fraction(errors_key, agreements_key, error_correction_efficiency) / pulses


def qber(*, errors_key: Any, agreements_key: Any) -> Any:
    return errors_key / (errors_key + agreements_key)


def _counts() -> tuple[MetricArgument, ...]:
    return (
        MetricArgument("errors_key", "error_count", COUNTS),
        MetricArgument("agreements_key", "agreement_count", COUNTS),
    )


EFFICIENCY = MetricArgument("error_correction_efficiency", "error_correction_efficiency", PARAMETER)
EDGES = tuple(
    MetricArgument(f"mean_photon_number_1_{side}", "mean_photon_number", PARAMETER)
    for side in ("low", "high")
)


def _metric(name: str, kind: str, unit: str, function: Any, *arguments: MetricArgument) -> Metric:
    return Metric(
        f"qkd.toy.{name}", "1", f"{name.replace('_', ' ')} of a toy", kind, unit, arguments,
        function, "none", "made up for tests",
    )  # fmt: skip


METRICS = (
    _metric("key_length_toy", "key_length_finite", "bit", key_length, *_counts(), EFFICIENCY),
    _metric(
        "certified_length_toy", "key_length_certified", "bit", certified, *_counts(), EFFICIENCY,
        *EDGES,
    ),
    _metric(
        "key_per_use", "key_per_use", "bit", key_per_use, *_counts(), EFFICIENCY,
        MetricArgument("pulses", "pulse_count", PARAMETER),
    ),
    _metric("qber", "qber", "1", qber, *_counts()),
)  # fmt: skip

TOY = Protocol(
    name="toy",
    title="single photons made for tests",
    metrics=METRICS,
    proofs=(
        Proof(
            "toy", "a bound made for tests", "qkd.toy.certified_length_toy",
            "qkd.toy.key_length_toy", "none", "nobody", "finite",
            (SetParameter("mean_photon_number_1", "mean_photon_number", "intensity", "none"),),
        ),
    ),
    table=CountTable((TableKey("basis", ("key", "test")),)),
    parameters=(
        ParameterField(
            "error_correction_efficiency", "error_correction_efficiency", 1.0, 10.0, "f", 1.16
        ),
    ),
    link_model=LinkModel(DEFAULTS, cells, transmittance, "pulses", "made up for tests"),
)  # fmt: skip
assert TOY.link_model is not None
RELAYED = dataclasses.replace(TOY, link_model=dataclasses.replace(TOY.link_model, repeater=True))


def expected_fraction(distance_km: float, f: float = 1.16) -> float:
    """Return secret bits per use of the asymptotic figure, written out again."""
    light = 10.0 ** (-0.02 * distance_km) * 0.01
    clicks, errors = light + 1e-6, 0.01 * light + 5e-7
    e = errors / clicks
    h = -e * math.log2(e) - (1 - e) * math.log2(1 - e)
    return clicks / 2.0 * (1.0 - (1.0 + f) * h)


def cut_off_km(f: float = 1.16) -> float:
    """Return where that figure is zero, by bisection of the closed form."""
    low, high = 0.0, 400.0
    for _ in range(100):
        middle = (low + high) / 2.0
        low, high = (middle, high) if expected_fraction(middle, f) > 0.0 else (low, middle)
    return low
