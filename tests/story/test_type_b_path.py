"""Every way of writing type B goes from a file through the record to trace and audit."""

from __future__ import annotations

import math

import pytest
from stranger import Laboratory

CALIBRATION = """\
[calibration]
id = "CAL-TYPE-B"
device = "ATT-1"
laboratory = "NIST-Boulder"
performed = 2021-06-02T12:00:00Z
procedure = "substitution"
validation = "comparison"

[input.drift]
distribution = "curvilinear_trapezoid"
value = 1
half_width = 0.004
half_width_uncertainty = 0.001
end = "assessed_bound"
statement = "data sheet"

[input.bound]
distribution = "truncated_normal"
value = 0.99
u = 0.02
upper = 1
end = "assessed_bound"
statement = "a transmittance"

[input.loss_1]
value = "0.98"
U = "0.0100"
k = 2
p = 0.9545
end = "assessed_bound"
statement = "certificate B-17"

[input.loss_2]
value = "0.98"
U = "0.0100"
k = 2
p = 0.9545
end = "assessed_bound"
statement = "certificate B-17"

[[correlation]]
names = ["loss_1", "loss_2"]
kind = "unknown"
reason = "certificate B-17 does not say"

[[result]]
name = "loss"
measurand = "transmittance"
model = "loss_1 / loss_2"

[[result]]
name = "whole"
measurand = "transmittance"
model = "drift * bound * loss_1"
"""
DARK = """\
[calibration]
id = "CAL-TYPE-B-DARK"
device = "SNSPD-D1"
laboratory = "NIST-Boulder"
performed = 2021-06-02T12:00:00Z
procedure = "counting in the dark"
validation = "comparison"

[input.dark]
distribution = "gamma"
counts = 0
time = "250 s"
end = "counting"

[[result]]
name = "dark_rate"
measurand = "dark_count_rate"
model = "dark"
"""
DIGITS = 1e-4  # half a last digit of U = 0.0100 adds 4e-6 of u
SAMPLED = 0.06  # five standard deviations of u from 20000 draws, a skew gamma the widest


def test_type_b_from_the_file_to_the_audit(own: Laboratory) -> None:
    added = own.qtrace(f"calibration add {own.write('type_b.toml', CALIBRATION)}")
    assert added.code == 0, added.said
    dark = own.qtrace(f"calibration add {own.write('dark.toml', DARK)}")
    assert dark.code == 0, dark.said
    inputs = {
        one["name"]: one
        for label in ("CAL-TYPE-B", "CAL-TYPE-B-DARK")
        for one in own.qtrace(f"calibration show {label}").answer["inputs"]
    }
    assert inputs["dark"]["parameters"] == ["0.5", "250"]
    assert inputs["bound"]["parameters"] == ["0.99", "0.02", "-infinite", "1"]
    assert "parameters" not in inputs["loss_1"]

    u = {
        one["label"].partition("/")[2]: float(one["standard_uncertainty"])
        for one in (*added.answer["results"], *dark.answer["results"])
    }
    assert u["dark_rate"] == pytest.approx(math.sqrt(0.5) / 250.0, rel=DIGITS)
    # Two points of one certificate: 0.51 % and 0.51 % add, since nobody says how they correlate.
    assert u["loss"] == pytest.approx(2.0 * 0.005 / 0.98, rel=DIGITS)
    assert own.qtrace("audit --all").code == 0


def test_draws_over_the_chain_use_the_same_shapes(own: Laboratory) -> None:
    for name, text in (("type_b.toml", CALIBRATION), ("dark.toml", DARK)):
        own.qtrace(f"calibration add {own.write(name, text)}")
    (loss,) = own.qtrace("trace CAL-TYPE-B/loss --monte-carlo 20000").answer
    drawn = float(loss["monte_carlo"]["standard_uncertainty"])
    assert drawn == pytest.approx(2.0 * 0.005 / 0.98, rel=SAMPLED)
    (dark,) = own.qtrace("trace CAL-TYPE-B-DARK/dark_rate --monte-carlo 20000").answer
    assert float(dark["monte_carlo"]["standard_uncertainty"]) == pytest.approx(
        math.sqrt(0.5) / 250.0, rel=SAMPLED
    )
    assert float(dark["monte_carlo"]["median"]) < 0.5 / 250.0  # skew, and never below zero
