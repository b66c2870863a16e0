"""Results as they are reported: two digits of U, the value to the same place, bias in the open."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.uncertainty.reported import BiasTreatment, Reported, report


def k2(value: float, u: float, **more: object) -> Reported:
    """Report with k = 2 and p = 0.9545 in watt."""
    return report(value, u, unit_code="W", coverage_factor=2.0, coverage_probability=0.9545, **more)  # type: ignore[arg-type]


def test_a_certificate_line() -> None:
    line = report(
        10000.1780007665, 0.008327994986657936,
        unit_code="Ohm", coverage_factor=2.0, coverage_probability=0.9545,
    )  # fmt: skip
    assert line.text == "(10000.178 ± 0.017) Ohm"  # EA-4/02, S3
    assert line.uncertainty_text == "0.017"
    assert line.expanded_uncertainty == pytest.approx(0.016656, abs=5e-7)
    assert (line.bias, line.note) == (0.0, "")


@given(st.floats(1e-9, 1e9), st.floats(1.0, 10.0))
def test_rounding_never_lowers_the_expanded_uncertainty_by_more_than_5_percent(
    u: float, k: float
) -> None:
    line = report(1.0, u, unit_code="", coverage_factor=k, coverage_probability=0.95)
    printed = float(line.uncertainty_text)
    assert printed >= 0.95 * line.expanded_uncertainty
    assert printed <= 1.05 * line.expanded_uncertainty


def test_a_known_bias_stops_the_result_unless_it_is_declared() -> None:
    with pytest.raises(InputError, match=r"known bias of 0\.3") as caught:
        k2(10.0, 0.5, bias=0.3)
    assert "apply the correction" in caught.value.next_step


@pytest.mark.parametrize("bias", [0.3, -0.3])
def test_an_uncorrected_bias_is_listed_and_enlarges_the_expanded_uncertainty(bias: float) -> None:
    line = k2(10.0, 0.5, bias=bias, bias_treatment=BiasTreatment.ENLARGE)
    assert line.expanded_uncertainty == pytest.approx(1.3, rel=1e-12)
    assert line.text == "(10.0 ± 1.3) W"
    # u and k stay what they were: the enlarged U does not lead back to u.
    assert (line.standard_uncertainty, line.coverage_factor, line.bias) == (0.5, 2.0, bias)
    assert f"known bias {bias} not corrected; U = 1.0 is enlarged" in line.note


def test_the_enlarged_interval_covers_at_least_as_often_as_promised() -> None:
    """A normal result shifted by its bias stays inside U + |b| with p or more."""
    from scipy.special import ndtr

    for bias in (0.0, 0.1, 0.5, 2.0, 10.0):
        wide = 2.0 + bias
        assert float(ndtr(wide - bias) - ndtr(-wide - bias)) >= 0.954499


def test_a_bias_that_is_to_be_enlarged_for_but_is_zero_changes_nothing() -> None:
    assert k2(10.0, 0.5, bias_treatment=BiasTreatment.ENLARGE) == k2(10.0, 0.5)


@pytest.mark.parametrize(
    ("value", "u", "k", "p"),
    [
        (math.nan, 1.0, 2.0, 0.95),
        (1.0, math.inf, 2.0, 0.95),
        (1.0, 0.0, 2.0, 0.95),
        (1.0, -1.0, 2.0, 0.95),
        (1.0, 1.0, 0.5, 0.95),
        (1.0, 1.0, math.inf, 0.95),
        (1.0, 1.0, 2.0, 95.0),
        (1.0, 1.0, 2.0, 1.0),
    ],
)
def test_what_cannot_be_reported(value: float, u: float, k: float, p: float) -> None:
    with pytest.raises(InputError):
        report(value, u, unit_code="W", coverage_factor=k, coverage_probability=p)
