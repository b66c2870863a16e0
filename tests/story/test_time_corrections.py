"""The asymmetry of a fibre, from its file to a result with a budget and a chain."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from stranger import Laboratory

EXAMPLE = Path(__file__).parent / "time_link" / "fibre_asymmetry.toml"
DEVICES = """\
[[device]]
id = "FIBRE-1"
class = "fibre"
manufacturer = "Maker"
model = "75 km, two stations"
serial = "F1"
"""
PS = 1e-12


@pytest.fixture(name="results")
def _results(own: Laboratory) -> dict[str, tuple[float, float]]:
    """Return value and u of each result of the example, in s, as the database gives them."""
    assert own.qtrace(f"device add {own.write('fibre.toml', DEVICES)}").code == 0
    name = own.write("asymmetry.toml", EXAMPLE.read_bytes())
    added = own.qtrace(f"calibration add {name}")
    assert added.code == 0, added.said
    shown = own.qtrace("calibration show CAL-FIBRE-1")
    assert shown.code == 0
    return {
        one["name"]: (float(one["value"]), float(one["u"])) for one in shown.answer["results"]
    }


def test_the_file_gives_an_asymmetry_with_its_uncertainty(
    results: dict[str, tuple[float, float]],
) -> None:
    value, u = results["wavelength_asymmetry"]
    assert value == pytest.approx(17.0 * 75.0 * 0.8 * PS)
    parts = (
        0.2 * 75.0 * 0.8,  # dispersion
        17.0 * 0.05 * 0.8,  # length
        17.0 * 75.0 * 0.001 * math.sqrt(2.0 * (1.0 - 0.8)),  # wavelengths, what they share cancels
    )
    assert u == pytest.approx(math.hypot(*parts) * PS, rel=1e-6)
    assert results["by_metric"] == pytest.approx((value, u), rel=1e-6)


def test_the_whole_asymmetry_is_the_sum_of_its_causes(
    results: dict[str, tuple[float, float]],
) -> None:
    sagnac, _ = results["sagnac_asymmetry"]
    assert sagnac == pytest.approx(2.0 * 297.0 * PS, rel=0.01)
    pmd, u_pmd = results["pmd_asymmetry"]
    assert pmd == 0.0
    mean = 3.2e-15 * math.sqrt(75e3)
    assert u_pmd == pytest.approx(mean * math.sqrt(1.0 / 6.0), rel=1e-3)
    whole, u = results["delay_asymmetry"]
    assert whole == pytest.approx(results["wavelength_asymmetry"][0] + sagnac)
    causes = ("wavelength_asymmetry", "sagnac_asymmetry", "pmd_asymmetry")
    assert u == pytest.approx(math.hypot(*(results[one][1] for one in causes)), rel=1e-6)
