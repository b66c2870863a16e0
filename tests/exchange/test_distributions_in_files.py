"""Type B in calibration files: each way of writing it gives its quantity, or file, line, field."""

from __future__ import annotations

import math

import pytest

from qtrace.errors import InputError
from qtrace.exchange.assigned_table import SHAPE_KEYS
from qtrace.exchange.calibration_file import read_calibration
from qtrace.laboratory.draft import CalibrationDraft
from qtrace.uncertainty.distributions import beta_proportion, gamma_counts, truncated_normal
from qtrace.uncertainty.inputs import BlockKind, Distribution, InputQuantity
from qtrace.uncertainty.quantiles import shape_fault

HEAD = """\
[calibration]
id = "C"
device = "D"
laboratory = "L"
route = "accredited"
performed = 2021-06-01T12:00:00Z
[[result]]
measurand = "count_rate"
model = "x"
[input.x]
"""
FIRST_LINE = HEAD.count("\n") + 1
EXACT = 1e-12  # a few roundings of closed forms


def read(body: str) -> CalibrationDraft:
    return read_calibration((HEAD + body).encode(), name="b.toml")


def one(*lines: str) -> InputQuantity:
    """Return the input quantity that the lines of one table say."""
    quantity = read("\n".join(lines)).inputs[0].quantity
    assert quantity is not None
    assert shape_fault(quantity) == ""
    return quantity


def test_gum_4_3_4_half_width_with_its_probability() -> None:
    quantity = one('value = "10.000742"', 'half_width = "0.000129"', "p = 0.99")
    assert quantity.standard_uncertainty == pytest.approx(5.00809583237009e-05, rel=EXACT)
    assert quantity.distribution is Distribution.NORMAL


def test_gum_4_3_5_even_odds_between_two_limits() -> None:
    quantity = one('lower = "0.01007 m"', 'upper = "0.01015 m"', "p = 0.5")
    assert quantity.estimate == pytest.approx(0.01011, rel=EXACT)
    assert quantity.standard_uncertainty == pytest.approx(0.05930408874022408e-3, rel=1e-9)
    assert quantity.text == "0.01007 m .. 0.01015 m"


def test_gum_4_3_7_limits_of_an_expansion_coefficient() -> None:
    quantity = one(
        'distribution = "rectangular"', "value = 16.52e-6", "lower = 16.12e-6", "upper = 16.92e-6"
    )
    assert quantity.standard_uncertainty == pytest.approx(2.309401076758503e-07, rel=1e-9)


def test_a_trapezoid_and_an_inexact_rectangle() -> None:
    trapezoid = one(
        'distribution = "trapezoidal"', 'value = "5 mm"', 'half_width = "3 mm"',
        'top_half_width = "1 mm"',
    )  # fmt: skip
    assert trapezoid.standard_uncertainty == pytest.approx(
        3e-3 * math.sqrt((1 + 1 / 9) / 6), rel=EXACT
    )
    assert trapezoid.parameters == pytest.approx((1 / 3,))
    inexact = one(
        'distribution = "curvilinear_trapezoid"', 'lower = "4 mm"', 'upper = "6 mm"',
        'half_width_uncertainty = "0.5 mm"',
    )  # fmt: skip
    assert inexact.standard_uncertainty == pytest.approx(
        1e-3 * math.sqrt(1 / 3 + 0.25 / 9), rel=EXACT
    )


@pytest.mark.parametrize("shape", ["rectangular", "triangular", "u_shaped"])
def test_limits_say_the_same_as_a_half_width(shape: str) -> None:
    by_limits = one(f'distribution = "{shape}"', 'lower = "4 mm"', 'upper = "6 mm"')
    by_width = one(f'distribution = "{shape}"', 'value = "5 mm"', 'half_width = "1 mm"')
    assert by_limits.standard_uncertainty == pytest.approx(by_width.standard_uncertainty, rel=EXACT)
    assert by_limits.estimate == pytest.approx(by_width.estimate, rel=EXACT)


def test_zero_counts_in_a_time_become_a_rate() -> None:
    """Posterior 0.5 +- 0.71 over T; the limits 1.92/T and 3.00/T follow from its parameters."""
    quantity = one('distribution = "gamma"', "counts = 0", 'time = "250 s"')
    expected = gamma_counts(0, exposure=250.0)
    assert (quantity.estimate, quantity.standard_uncertainty) == pytest.approx(
        (0.5 / 250.0, math.sqrt(0.5) / 250.0)
    )
    assert quantity.parameters == expected.parameters
    assert (quantity.unit, quantity.text) == ("/s", "0 in 250 s")
    assert quantity.flags == ("estimate and u are those of the posterior; prior: Jeffreys",)
    assert expected.below(0.95) * 250.0 == pytest.approx(1.92, abs=0.005)
    uniform = one('distribution = "gamma"', "counts = 0", 'prior = "uniform"')
    assert (uniform.estimate, uniform.unit) == (1.0, "1")


def test_a_proportion_and_a_declared_prior() -> None:
    quantity = one('distribution = "beta"', "successes = 3", "trials = 100")
    assert quantity.parameters == beta_proportion(3, 100).parameters == (3.5, 97.5)
    assert quantity.estimate == pytest.approx(3.5 / 101)
    assert quantity.text == "3 of 100"
    declared = one(
        'distribution = "beta"', "successes = 3", "trials = 100", 'prior = "declared"',
        "prior_a = 2", "prior_b = 98", 'prior_source = "acceptance test"',
    )  # fmt: skip
    assert declared.parameters == (5.0, 195.0)
    assert declared.flags[0].endswith("prior: declared (acceptance test)")


def test_one_known_bound() -> None:
    visibility = one('distribution = "exponential"', "value = 0.98", "upper = 1")
    assert visibility.standard_uncertainty == pytest.approx(0.02, rel=EXACT)
    assert visibility.parameters == (1.0,)
    assert one('distribution = "exponential"', 'value = "3 nm"', 'lower = "0 nm"').estimate == 3e-9


def test_a_normal_cut_at_its_physical_bounds() -> None:
    quantity = one('distribution = "truncated_normal"', "value = 0.99", "u = 0.02", "upper = 1")
    expected = truncated_normal(0.99, 0.02, upper=1.0)
    assert (quantity.estimate, quantity.standard_uncertainty) == (
        expected.estimate,
        expected.standard_uncertainty,
    )
    assert quantity.parameters == (0.99, 0.02, -math.inf, 1.0)
    assert quantity.flags == ("0.99 as found; the estimate is the mean within the bounds",)


def test_lognormal_and_t() -> None:
    assert one('distribution = "lognormal"', "value = 2", "u = 0.5").parameters == ()
    student = one('distribution = "t"', "value = 2", "u = 0.5", "dof = 4")
    assert (student.distribution, student.degrees_of_freedom) == (Distribution.T, 4.0)
    interval = one(
        'distribution = "t"', "value = 2", "half_width = 2.776445", "p = 0.95", "dof = 4"
    )
    assert interval.standard_uncertainty == pytest.approx(1.0, rel=1e-6)


def test_reliability_of_u_gives_its_degrees_of_freedom() -> None:
    """GUM G.4.2: a u that is reliable to 25 % has 8."""
    quantity = one(
        'distribution = "rectangular"', "value = 1", "half_width = 0.1", 'reliability = "25 %"'
    )
    assert quantity.degrees_of_freedom == pytest.approx(8.0, rel=EXACT)
    assert one("value = 1", "u = 0.1", 'reliability = "10 %"').degrees_of_freedom == pytest.approx(
        50.0
    )


def test_certificates_with_k_with_p_and_with_both() -> None:
    """U = 0.0040 with four decimals: its rounding is 1.4e-5 of 2e-3."""
    with_k = one("value = 1", "U = 0.0040", "k = 2")
    assert with_k.standard_uncertainty == pytest.approx(math.hypot(0.002, 2.5e-5 / math.sqrt(3)))
    assert with_k.flags == ("k = 2 stated without p: degrees of freedom taken infinite",)
    with_p = one("value = 1", "U = 0.0040", 'p = "95 %"', "U_exact = true")
    assert with_p.standard_uncertainty == pytest.approx(0.0040 / 1.959964, rel=1e-6)
    both = one("value = 1", "U = 0.0040", "k = 2.26", "p = 0.95")
    assert both.degrees_of_freedom == pytest.approx(9.0, abs=0.1)
    with_dof = one("value = 1", "U = 0.0040", "p = 0.95", "dof = 9", "U_exact = true")
    assert with_dof.standard_uncertainty == pytest.approx(0.0040 / 2.262157, rel=1e-6)
    assert (with_dof.degrees_of_freedom, with_dof.flags) == (9.0, ())
    unpublished = one("value = 1", "U = 0.0040", "k = 2", "p = 0.95", 'dof = "not published"')
    assert unpublished.degrees_of_freedom == math.inf
    assert "normal convention" in unpublished.flags[1]


def test_rounding_of_u_follows_its_unit_and_its_value() -> None:
    """Half a unit of the last digit: 0.5 ppm of 2 V and 0.5 nm; a U with one digit is told."""
    relative = one('value = "2 V"', 'U_relative = "8 ppm"', "k = 2", "p = 0.9545")
    assert relative.standard_uncertainty == pytest.approx(math.hypot(8e-6, 5e-7 / math.sqrt(3)))
    absolute = one('value = "50 mm"', 'U = "3 nm"', "k = 2", "p = 0.9545")
    assert absolute.standard_uncertainty == pytest.approx(
        math.hypot(1.5e-9, 0.25e-9 / math.sqrt(3))
    )
    assert absolute.flags[1] == "U is printed with few digits: its rounding is 10% of u"


def test_an_exact_value_of_a_certificate_keeps_no_rounding() -> None:
    assert one("value = 1", "U = 0", "k = 2").standard_uncertainty == 0.0


# (lines, what the message says, field); the line is that of the field.
REFUSED: list[tuple[list[str], str, str]] = [
    (
        ['distribution = "rectangular"', 'lower = "6 mm"', 'upper = "4 mm"'],
        "6 mm is above",
        "upper",
    ),
    (['distribution = "rectangular"', "lower = 4", 'upper = "6 mm"'], "is expected", "upper"),
    (['distribution = "rectangular"', "lower = 4"], '"upper" is missing', "upper"),
    (
        ['distribution = "triangular"', "lower = 4", "upper = 6", "value = 5.5"],
        "not in the middle",
        "value",
    ),
    (
        ['distribution = "rectangular"', "value = 5", "half_width = 1", "lower = 4"],
        "stated twice",
        "lower",
    ),
    (
        ['distribution = "rectangular"', "value = 5", "half_width = 1", "p = 0.95"],
        "hold all of it",
        "p",
    ),
    (
        ['distribution = "rectangular"', "value = 5", "half_width = 1", "top_half_width = 1"],
        "does not belong",
        "top_half_width",
    ),
    (
        ['distribution = "trapezoidal"', "value = 5", "half_width = 1", "top_half_width = 2"],
        "wider than its base",
        "top_half_width",
    ),
    (['distribution = "trapezoidal"', "value = 5", "u = 1"], "has no limits", "half_width"),
    (
        ['distribution = "trapezoidal"', "value = 5", "half_width = 1"],
        '"top_half_width" is missing',
        "top_half_width",
    ),
    (
        [
            'distribution = "curvilinear_trapezoid"',
            "value = 5",
            "half_width = 1",
            "half_width_uncertainty = 1.5",
        ],
        "could be below zero",
        "half_width_uncertainty",
    ),
    (["lower = 4", "upper = 6"], "without its probability", "upper"),
    (["value = 5", "half_width = 1", "p = 1.5"], "between 0 and 1", "p"),
    (["value = 5", "half_width = 1", "p = 0.95", "u = 1"], "stated twice", "u"),
    (["value = 5", "half_width = -1", "p = 0.95"], "negative", "half_width"),
    (['distribution = "exponential"', "value = 5", "lower = 6"], "is not below", "lower"),
    (['distribution = "exponential"', "value = 5", "upper = 5"], "is not above", "upper"),
    (
        ['distribution = "exponential"', "value = 5", "lower = 4", "upper = 6"],
        "has one bound",
        "upper",
    ),
    (['distribution = "exponential"', "value = 5"], "has one bound", "lower"),
    (['distribution = "gamma"', "counts = -1"], "-1 is below 0", "counts"),
    (['distribution = "gamma"', "counts = 1.5"], "is 1.5", "counts"),
    (['distribution = "gamma"', "counts = 1", 'time = "0 s"'], "not above zero", "time"),
    (['distribution = "gamma"', "value = 1", "counts = 1"], "follows from", "value"),
    (['distribution = "gamma"', "counts = 1", "u = 1"], "stated twice", "u"),
    (['distribution = "gamma"', "counts = 1", 'prior = "flat"'], "not one of the words", "prior"),
    (['distribution = "gamma"', "counts = 1", "prior_a = 1"], "declared prior", "prior_a"),
    (
        [
            'distribution = "gamma"',
            "counts = 1",
            'prior = "declared"',
            "prior_a = 1",
            "prior_b = 1",
        ],
        '"prior_source" is missing',
        "prior_source",
    ),
    (
        [
            'distribution = "beta"',
            "successes = 1",
            "trials = 1",
            'prior = "declared"',
            "prior_a = 1",
            "prior_b = 0",
            'prior_source = "x"',
        ],
        "is none",
        "prior",
    ),
    (['distribution = "beta"', "successes = 4", "trials = 3"], "more than 3 trials", "successes"),
    (['distribution = "beta"', "successes = 4"], '"trials" is missing', "trials"),
    (["value = 1", "successes = 4", "u = 1"], "does not belong", "successes"),
    (['distribution = "truncated_normal"', "value = 1", "u = 1"], "without bounds", "lower"),
    (
        ['distribution = "truncated_normal"', "value = 1", "u = 1", "lower = 2", "upper = 1"],
        "is not below the upper",
        "upper",
    ),
    (
        ['distribution = "truncated_normal"', "value = 9", "u = 1", "upper = 1"],
        "the bounds leave",
        "upper",
    ),
    (['distribution = "lognormal"', "value = -1", "u = 1"], "above zero", "value"),
    (['distribution = "t"', "value = 1", "u = 1"], "finite degrees of freedom", "dof"),
    (["value = 1", "u = 1", "dof = 0.5"], "below 1", "dof"),
    (["value = 1", "u = 1", "dof = 5", 'reliability = "25 %"'], "stated twice", "reliability"),
    (
        ["value = 1", "u = 1", 'type = "A"', "n = 5", 'reliability = "25 %"'],
        "stated twice",
        "reliability",
    ),
    (["value = 1", "u = 1", 'reliability = "90 %"'], "leaves no degree", "reliability"),
    (["value = 1", "u = 1", "p = 0.95"], 'belongs to "U"', "p"),
    (["value = 1", "u = 1", "U_exact = true"], 'belongs to "U"', "U_exact"),
    (["value = 1", "U = 1"], '"k" is missing', "k"),
    (["value = 1", "U = 1", "k = 20", "p = 0.95"], "no degrees of freedom", "p"),
    (["value = 1", "U = 1", 'p = "195 %"'], "between 0 and 1", "p"),
]


@pytest.mark.parametrize(("lines", "what", "field"), REFUSED)
def test_bad_type_b_is_refused_with_file_line_and_field(
    lines: list[str], what: str, field: str
) -> None:
    with pytest.raises(InputError) as caught:
        read("\n".join(lines))
    assert what in caught.value.what
    assert caught.value.where.endswith(f"field input.x.{field}")
    assert caught.value.next_step
    places = [k for k, line in enumerate(lines) if line.partition(" ")[0] == field]
    # A field that is missing is placed at its table.
    line = FIRST_LINE + places[0] if places else FIRST_LINE - 1
    assert caught.value.where.startswith(f"b.toml, line {line}, ")


@pytest.mark.parametrize("key", [*SHAPE_KEYS, "reliability", "U_exact", "k"])
def test_a_reference_has_its_uncertainty_already(key: str) -> None:
    with pytest.raises(InputError, match="already has its value"):
        read(f'result = "CAL-0/y"\n{key} = 1')


TWO = """\
value = "1 /s"
u = "0.1 /s"
[input.y]
value = "1 /s"
u = "0.1 /s"
[[correlation]]
names = ["x", "y"]
kind = "unknown"
"""


def test_points_whose_correlation_no_certificate_states() -> None:
    (block,) = read(TWO + 'reason = "certificate B-17 says nothing"\n').blocks
    assert block.kind is BlockKind.UNKNOWN
    assert block.matrix.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert block.reason == "certificate B-17 says nothing"


@pytest.mark.parametrize("line", ["matrix = [[1, 0.5], [0.5, 1]]", "dof = 5"])
def test_what_is_unknown_has_no_coefficients(line: str) -> None:
    with pytest.raises(InputError, match="said to be unknown") as caught:
        read(TWO + line)
    assert f"correlation[1].{line.partition(' ')[0]}" in caught.value.where


@pytest.mark.parametrize(
    "lines",
    [('lower = "2 /s"', 'upper = "2 /s"'), ('value = "2 /s"', 'half_width = "0 /s"')],
)
def test_limits_that_leave_no_width_are_warned_of(lines: tuple[str, ...]) -> None:
    draft = read("\n".join(('distribution = "rectangular"', *lines)))
    assert any("its limits leave it no width: u = 0" in line for line in draft.warnings)
    wide = read('distribution = "rectangular"\nlower = "1 /s"\nupper = "2 /s"')
    assert not any("no width" in line for line in wide.warnings)
