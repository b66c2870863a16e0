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
OFFSET = """\
[calibration]
id = "CAL-OFFSET-1"
device = "CLOCK-B"
laboratory = "NIST-Boulder"
performed = 2021-06-03T12:00:00Z
procedure = "two-way, photon pairs"
validation = "the stations side by side"

[input.delay_ab]
value = "367012000 ps"
u = "4 ps"
end = "counting"

[input.delay_ba]
value = "366988000 ps"
u = "4 ps"
end = "counting"

[input.asymmetry]
result = "CAL-FIBRE-1/delay_asymmetry"

[[result]]
measurand = "time_scale_difference"
model = "(delay_ab - delay_ba) / 2 - asymmetry / 2"
unit = "ps"
"""


@pytest.fixture(name="results")
def _results(own: Laboratory) -> dict[str, tuple[float, float]]:
    """Return value and u of each result of the example, in ps."""
    assert own.qtrace(f"device add {own.write('fibre.toml', DEVICES)}").code == 0
    name = own.write("asymmetry.toml", EXAMPLE.read_bytes())
    added = own.qtrace(f"calibration add {name}")
    assert added.code == 0, added.said
    return {
        one["label"].removeprefix("CAL-FIBRE-1/"): (
            float(one["value"]),
            float(one["standard_uncertainty"]),
        )
        for one in added.answer["results"]
    }


def test_the_file_gives_an_asymmetry_with_its_uncertainty(
    results: dict[str, tuple[float, float]],
) -> None:
    value, u = results["wavelength_asymmetry"]
    assert value == pytest.approx(17.0 * 75.0 * 0.8)
    parts = (
        0.2 * 75.0 * 0.8,  # dispersion
        17.0 * 0.05 * 0.8,  # length
        17.0 * 75.0 * 0.001 * math.sqrt(2.0 * (1.0 - 0.8)),  # wavelengths, what they share cancels
    )
    assert u == pytest.approx(math.hypot(*parts), rel=1e-6)
    assert results["by_metric"] == pytest.approx((value, u), rel=1e-6)


def test_the_whole_asymmetry_is_the_sum_of_its_causes(
    results: dict[str, tuple[float, float]],
) -> None:
    sagnac, _ = results["sagnac_asymmetry"]
    assert sagnac == pytest.approx(2.0 * 297.0, rel=0.01)
    pmd, u_pmd = results["pmd_asymmetry"]
    assert pmd == 0.0
    mean = 3.2e-3 * math.sqrt(75e3)
    assert u_pmd == pytest.approx(mean * math.sqrt(1.0 / 6.0), rel=1e-3)
    whole, u = results["delay_asymmetry"]
    assert whole == pytest.approx(results["wavelength_asymmetry"][0] + sagnac)
    causes = ("wavelength_asymmetry", "sagnac_asymmetry", "pmd_asymmetry")
    assert u == pytest.approx(math.hypot(*(results[one][1] for one in causes)), rel=1e-6)


def test_an_offset_takes_half_of_the_asymmetry_through_its_chain(
    own: Laboratory, results: dict[str, tuple[float, float]]
) -> None:
    clock = DEVICES.replace("FIBRE-1", "CLOCK-B").replace('"fibre"', '"clock"').replace("F1", "C1")
    assert own.qtrace(f"device add {own.write('clock.toml', clock)}").code == 0
    added = own.qtrace(f"calibration add {own.write('offset.toml', OFFSET)}")
    assert added.code == 0, added.said
    (offset,) = added.answer["results"]
    asymmetry, u_asymmetry = results["delay_asymmetry"]
    assert float(offset["value"]) == pytest.approx(12_000.0 - 0.5 * asymmetry, abs=1e-3)
    assert float(offset["standard_uncertainty"]) == pytest.approx(
        math.hypot(0.5 * 4.0, 0.5 * 4.0, 0.5 * u_asymmetry), rel=1e-6
    )
