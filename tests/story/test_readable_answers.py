"""What the terminal prints of odd corrections, large degrees of freedom and curves read three times."""

from __future__ import annotations

import pytest
from stranger import D1, Laboratory

from qtrace.report.figures import degrees

CURVE = """\
[calibration]
id = "CAL-CURVE"
device = "SNSPD-D1"
laboratory = "NIST-Boulder"
performed = 2021-06-02T12:00:00Z
procedure = "table"
validation = "comparison"

[[curve]]
name = "eff"
measurand = "system_detection_efficiency"
argument = "wavelength"
argument_unit = "nm"
unit = "1"
points = [[1545, 0.930, 0.002], [1550, 0.934, 0.002], [1555, 0.936, 0.002]]
uncertainty = "u"
correlation = "independent"
interpolant = "linear"
interpolation_error = { u_relative = "0.05 %", correlation_length = "2 nm", source = "denser" }
end = "counting"

[input.x]
curve = "eff"
at = "1547 nm"

[input.y]
curve = "eff"
at = "1553 nm"

[[result]]
measurand = "system_detection_efficiency"
name = "rx"
model = "x"

[[result]]
measurand = "system_detection_efficiency"
name = "ry"
model = "y"
"""


def test_a_curve_read_twice_prints_each_result_once(own: Laboratory) -> None:
    added = own.qtrace(f"calibration add {own.write('curve.toml', CURVE)} --dry-run", text=True)
    assert added.code == 0, added.said
    assert "x_at_use is rx, read off its curve" in added.said
    assert added.out.count("_at_use") == 2
    assert added.out.count("r(") == 1
    both = own.qtrace(f"calibration add {own.write('curve.toml', CURVE)} --dry-run").answer
    assert len(both["correlations"]) == 6


def test_a_correction_that_corrects_nothing_is_said(walked: Laboratory) -> None:
    recall = "recall CAL-2022-METER --cause error_in_certificate --shift"
    nothing = walked.qtrace(recall, "0 %", text=True)
    assert "note: this correction moves nothing" in nothing.said
    assert "no figure moves and no chain breaks; the decision stays" in nothing.said
    assert "more breaks in the chains of no finding" not in nothing.said


def test_an_impossible_correction_is_said(walked: Laboratory) -> None:
    recall = "recall CAL-2022-METER --cause error_in_certificate --shift"
    answer = walked.qtrace(recall, "-200 %")
    assert any(
        one.startswith(f"{D1} would be impossible: estimate beyond its physical bound by")
        for one in answer.answer["warnings"]
    )
    assert walked.qtrace(recall, "0.5 %").answer["warnings"] == []


@pytest.mark.parametrize(
    ("nu", "text"),
    [(188590023581454.34, "> 1e6"), (float("inf"), "∞"), (21.216, "21.22"), (12.0, "12")],
)
def test_degrees_of_freedom_have_no_digits_beyond_sense(nu: float, text: str) -> None:
    assert degrees(nu) == text


def test_a_small_relative_uncertainty_keeps_its_digits(own: Laboratory) -> None:
    head = CURVE.split("[[curve]]", maxsplit=1)[0].replace("SNSPD-D1", "ATT-1")
    text = head.replace("CAL-CURVE", "CAL-EXACT") + (
        '[input.a]\nvalue = "0.5"\nu = "0.00000034"\nend = "assessed_bound"\nstatement = "x"\n\n'
        '[[result]]\nname = "t"\nmeasurand = "transmittance"\nmodel = "a"\n'
    )
    assert own.qtrace(f"calibration add {own.write('exact.toml', text)}").code == 0
    assert "u = 3.4e-07 (6.8e-05%)" in own.qtrace("trace CAL-EXACT/t", text=True).said
    assert "(0.375%)" in own.qtrace(f"trace {D1}", text=True).said


def test_a_result_with_a_nonlinear_part_is_evaluated_again(own: Laboratory) -> None:
    """What the draws added beside the model has no partial derivative in it: it was a fault."""
    head = CURVE.split("[[curve]]", maxsplit=1)[0].replace("SNSPD-D1", "ATT-1")
    text = head.replace("CAL-CURVE", "CAL-BENT") + (
        '[input.a]\nvalue = "0.02"\nu = "0.2"\nend = "assessed_bound"\nstatement = "x"\n\n'
        '[[result]]\nname = "t"\nmeasurand = "transmittance"\nmodel = "cos(a)"\n'
    )
    added = own.qtrace(f"calibration add {own.write('bent.toml', text)}")
    assert added.code == 0
    assert "model nonlinear" in added.said
    recall = own.qtrace("recall CAL-BENT --cause error_in_certificate --input a --value", "0.5")
    assert recall.code == 0, recall.said
    (one,) = recall.answer["results"]
    assert float(one["value_after"]) == pytest.approx(0.8775825618903728)  # cos 0.5
