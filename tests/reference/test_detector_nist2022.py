"""Two detectors of Reddy et al., APL Photonics 7, 051302 (2022), from the published inputs.

The matrix form: all inputs with the correlation matrix that the authors' code gives them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from qtrace.metrics.catalogue import metric
from qtrace.metrics.recompute import evaluate

PUBLISHED = 1e-9  # relative: values recomputed from the raw readings

NAMES = (
    "monitor_power",
    "attenuator_1",
    "attenuator_2",
    "attenuator_3",
    "switch_ratio",
    "indication_ratio",
)
SWITCH = (1.6010127498885889, 0.00012882279525721607)
TRANSFER_METER = (1.01375, 0.001394999999999924)
WAVELENGTH_M = 1.5505e-06


@dataclass(frozen=True)
class Published:
    """Inputs (value, u) of a detector, four correlations, and what comes out."""

    power: tuple[float, float]
    attenuators: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
    counts: tuple[float, float]
    dark: tuple[float, float]
    r_power_3: float
    r_12_13_23: tuple[float, float, float]
    rate: tuple[float, float]
    efficiency: tuple[float, float]


D1 = Published(
    power=(9.8581527120938e-05, 3.4258405914603957e-08),
    attenuators=(
        (0.000795242672239575, 6.00638124813081e-07),
        (0.0007741978326391195, 5.841440847527121e-07),
        (0.0008235538323073965, 6.209920161737949e-07),
    ),
    counts=(244355.7, 600.3848016064364),
    dark=(18925.6, 168.80829363511734),
    r_power_3=-0.000531413469,
    r_12_13_23=(0.780517336082, 0.780313256795, 0.78141603031),
    rate=(240385.65169742005, 607.9635910662251),
    efficiency=(0.9377851731506629, 0.0035151649190041058),
)
D2 = Published(
    power=(9.907738779838279e-05, 3.4829616258900694e-08),
    attenuators=(
        (0.0007937596463578813, 6.009309917373595e-07),
        (0.0007706138323750937, 5.817084736511097e-07),
        (0.0008217322614417664, 6.202382010958337e-07),
    ),
    counts=(254297.4, 653.3962350672064),
    dark=(27038.6, 247.41592511396675),
    r_power_3=-0.00011327795,
    r_12_13_23=(0.777956552233, 0.777700662293, 0.780051902097),
    rate=(239497.00267798977, 606.0340233548737),
    efficiency=(0.9489003931525424, 0.0037783309695272643),
)

BOTH = pytest.mark.parametrize("one", [D1, D2], ids=["D1", "D2"])


def photon_rate(one: Published) -> tuple[float, float]:
    """Photon rate and its standard uncertainty, correlations included."""
    pairs = dict(zip(NAMES, (one.power, *one.attenuators, SWITCH, TRANSFER_METER), strict=True))
    estimates = {name: pair[0] for name, pair in pairs.items()}
    spread = {name: pair[1] for name, pair in pairs.items()}
    value, parts = evaluate(
        metric("detector.photon_rate"), estimates | {"wavelength": WAVELENGTH_M}, spread
    )
    correlation = np.eye(6)
    rows = ((0, 3, one.r_power_3), *zip((1, 1, 2), (2, 3, 3), one.r_12_13_23, strict=True))
    for i, j, r in rows:
        correlation[i, j] = correlation[j, i] = r
    contributions = np.array([parts[name] * spread[name] for name in NAMES])
    return value, float(np.sqrt(contributions @ correlation @ contributions))


@BOTH
def test_photon_rate(one: Published) -> None:
    assert photon_rate(one) == pytest.approx(one.rate, rel=PUBLISHED)


@BOTH
def test_system_detection_efficiency(one: Published) -> None:
    rate, u_rate = photon_rate(one)
    spread = {"count_rate": one.counts[1], "dark_count_rate": one.dark[1], "photon_rate": u_rate}
    value, parts = evaluate(
        metric("detector.system_detection_efficiency"),
        {"count_rate": one.counts[0], "dark_count_rate": one.dark[0], "photon_rate": rate},
        spread,
    )
    u = sum((parts[name] * u_of) ** 2 for name, u_of in spread.items()) ** 0.5
    assert (value, u) == pytest.approx(one.efficiency, rel=PUBLISHED)


def test_ratio_of_both_detectors() -> None:
    value, _ = evaluate(
        metric("detector.efficiency_ratio"),
        {"efficiency_a": D1.efficiency[0], "efficiency_b": D2.efficiency[0]},
        {},
    )
    assert value == pytest.approx(0.988286, abs=5e-7)
