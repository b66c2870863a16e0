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
DOUBT = (
    "first order claims u = 0, second order u = 0.000862; 100000 draws give u = 0.000858, so "
    "0.000858 stands beside the model; known error 0.00061 not corrected, U enlarged by its size"
)
SAMPLED = 0.08  # five standard deviations of u from 20000 draws of a squared normal
# s^2 of 0.1, 0.3, -0.1, 0.0 about 0.075 is 0.0875 / 3.
U_FAR = math.radians(math.sqrt(0.0875 / 3.0 / 4.0))


def test_readings_and_a_bent_model_from_the_file_to_the_audit(own: Laboratory) -> None:
    added = own.qtrace(f"calibration add {own.write('bent.toml', CALIBRATION)}")
    assert added.code == 0, added.said
    said = " ".join(added.said.split())
    assert f"warning: bent.toml, line 23, field result[1].model: model nonlinear: {DOUBT}" in said
    assert len(added.answer["warnings"]) == 1
    aligned, oblique = added.answer["results"]
    assert aligned["flags"] == [f"model nonlinear: {DOUBT}"]
    assert oblique["flags"] == []
    # First order sees nothing; what the draws see stands beside the model, and enlarges U.
    u, bias = float(aligned["standard_uncertainty"]), float(aligned["known_bias"])
    assert u == pytest.approx(math.radians(2.0) ** 2 / math.sqrt(2.0), rel=0.01)
    assert bias == pytest.approx(math.radians(2.0) ** 2 / 2.0, rel=0.01)
    k = float(aligned["coverage_factor"])
    assert float(aligned["expanded_uncertainty"]) == pytest.approx(k * u + bias, rel=1e-9)
    assert "U enlarged by the known error 0.00061" in aligned["coverage_method"]
    assert float(oblique["standard_uncertainty"]) == pytest.approx(
        U_FAR * math.sin(math.radians(30.075)), rel=1e-6
    )
    shown = own.qtrace("calibration show CAL-BENT").answer
    far = {one["name"]: one for one in shown["inputs"]}["far"]
    assert (far["text"], far["degrees_of_freedom"]) == ("mean of 4 readings in deg", "3")
    assert own.qtrace("audit --all").code == 0


def test_a_declared_error_enlarges_the_expanded_uncertainty(own: Laboratory) -> None:
    bias = 'uncorrected_bias = { value = "0.2 %", u = "0.05 %", source = "comparison 2020" }'
    text = CALIBRATION.replace('model = "cos(far)"', f'model = "cos(far)"\n{bias}')
    plain = own.qtrace(f"calibration add {own.write('plain.toml', CALIBRATION)}").answer
    named = text.replace("CAL-BENT", "CAL-BIASED")
    added = own.qtrace(f"calibration add {own.write('biased.toml', named)}")
    assert added.code == 0, added.said
    before, after = plain["results"][1], added.answer["results"][1]
    assert after["value"] == before["value"]
    u = math.hypot(float(before["standard_uncertainty"]), 0.0005)
    assert float(after["standard_uncertainty"]) == pytest.approx(u, rel=1e-9)
    k = float(after["coverage_factor"])
    assert float(after["expanded_uncertainty"]) == pytest.approx(k * u + 0.002, rel=1e-9)
    assert after["flags"] == ["known error not corrected, U enlarged by it: 0.2 %"]
    assert own.qtrace("audit --all").code == 0


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('{ value = "0.2 W", u = "0.05 W", source = "x" }', "dimension"),
        ('{ value = "0.2 %", u = "-0.05 %", source = "x" }', "negative"),
        ('{ value = "0.2 %", source = "x" }', '"u" is missing'),
        ('{ value = "0.2 %", u = "0.05 %" }', '"source" is missing'),
    ],
)
def test_a_bad_known_error_is_refused(own: Laboratory, written: str, words: str) -> None:
    text = CALIBRATION.replace(
        'model = "cos(far)"', f'model = "cos(far)"\nuncorrected_bias = {written}'
    )
    answer = own.qtrace(f"calibration add {own.write('bad.toml', text)}")
    assert answer.code == 2
    assert words in " ".join(answer.said.split())


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
