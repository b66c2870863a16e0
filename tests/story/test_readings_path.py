"""Readings go from a file into a bent model; the warning is recorded, and Monte Carlo decides."""

from __future__ import annotations

import math

import pytest
from stranger import Laboratory

CALIBRATION = """\
[calibration]
id = "CAL-BENT"
device = "ATT-1"
laboratory = "NIST-Boulder"
performed = 2021-06-02T12:00:00Z
procedure = "substitution"
validation = "comparison"

[input.angle]
value = "0 deg"
u = "2 deg"
end = "assessed_bound"
statement = "alignment"

[input.far]
readings = ["30.1 deg", "30.3 deg", "29.9 deg", "30.0 deg"]
end = "assessed_bound"
statement = "alignment"

[[result]]
name = "aligned"
measurand = "transmittance"
model = "cos(angle)"

[[result]]
name = "oblique"
measurand = "transmittance"
model = "cos(far)"
"""
DOUBT = "first order claims u = 0, second order u = 0.000862: let Monte Carlo decide"
SAMPLED = 0.08  # five standard deviations of u from 20000 draws of a squared normal
# s^2 of 0.1, 0.3, -0.1, 0.0 about 0.075 is 0.0875 / 3.
U_FAR = math.radians(math.sqrt(0.0875 / 3.0 / 4.0))


def test_readings_and_a_bent_model_from_the_file_to_the_audit(own: Laboratory) -> None:
    added = own.qtrace(f"calibration add {own.write('bent.toml', CALIBRATION)}")
    assert added.code == 0, added.said
    assert f"warning: bent.toml, line 23, field result[1].model: {DOUBT}" in added.said
    assert len(added.answer["warnings"]) == 1
    aligned, oblique = added.answer["results"]
    assert aligned["flags"] == [f"model nonlinear: {DOUBT}"]
    assert oblique["flags"] == []
    # Nothing is added to u: first order is still what is recorded.
    assert float(aligned["standard_uncertainty"]) == 0.0
    assert float(oblique["standard_uncertainty"]) == pytest.approx(
        U_FAR * math.sin(math.radians(30.075)), rel=1e-6
    )
    shown = own.qtrace("calibration show CAL-BENT").answer
    far = {one["name"]: one for one in shown["inputs"]}["far"]
    assert (far["text"], far["degrees_of_freedom"]) == ("mean of 4 readings in deg", "3")
    assert own.qtrace("audit --all").code == 0


def test_monte_carlo_decides_as_second_order_said(own: Laboratory) -> None:
    own.qtrace(f"calibration add {own.write('bent.toml', CALIBRATION)}")
    (traced,) = own.qtrace("trace CAL-BENT/aligned --monte-carlo 20000").answer
    drawn = float(traced["monte_carlo"]["standard_uncertainty"])
    assert drawn == pytest.approx(math.radians(2.0) ** 2 / math.sqrt(2.0), rel=SAMPLED)


def test_readings_that_drift_are_refused_and_nothing_is_recorded(own: Laboratory) -> None:
    drift = ", ".join(f'"{30 + k} deg"' for k in range(20))
    text = CALIBRATION.replace('"30.1 deg", "30.3 deg", "29.9 deg", "30.0 deg"', drift)
    before = own.ledger()
    answer = own.qtrace(f"calibration add {own.write('drift.toml', text)}")
    assert answer.code == 2
    assert "drift.toml, line 16, field input.far.readings" in answer.said
    assert "successive readings are correlated (r = 0.85 for n = 20)" in answer.said
    assert own.ledger() == before
