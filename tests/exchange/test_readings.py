"""Readings in calibration files: their type A evaluation, or an error with file, line, field."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError, UnitError
from qtrace.exchange.calibration_file import read_calibration
from qtrace.exchange.readings_table import MOST_READINGS, READING_KEYS
from qtrace.exchange.stated_table import NOT_PUBLISHED_FLAG
from qtrace.laboratory.draft import CalibrationDraft
from qtrace.uncertainty.inputs import Distribution, Evaluation, InputQuantity
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
end = "counting"
"""
FIRST_LINE = HEAD.count("\n") + 1
EXACT = 1e-12  # a few roundings of closed forms
# Mean 1.25; squares of 0.15, 0.05, 0.05, 0.15 add up to 0.05, so s^2 = 0.05 / 3.
FOUR = 'readings = ["1.1 mV", "1.3 mV", "1.2 mV", "1.4 mV"]'
S = math.sqrt(0.05 / 3) * 1e-3
# A slow wave of forty readings: each looks like the one before it.
WAVE = [round(10.0 + math.sin(k / 3.0) + 0.5 * math.cos(17.0 * k), 3) for k in range(40)]
DRIFT = f"readings = {list(range(1, 21))}"


def read(*lines: str) -> CalibrationDraft:
    return read_calibration((HEAD + "\n".join(lines) + "\n").encode(), name="r.toml")


def one(*lines: str) -> InputQuantity:
    """Return the input quantity that the lines of one table say."""
    quantity = read(*lines).inputs[0].quantity
    assert quantity is not None
    assert shape_fault(quantity) == ""
    return quantity


def fault(*lines: str) -> InputError:
    with pytest.raises(InputError) as caught:
        read(*lines)
    assert caught.value.next_step
    return caught.value


def test_the_mean_of_readings_has_u_and_degrees_of_freedom_of_its_scatter() -> None:
    quantity = one(FOUR)
    assert quantity.estimate == pytest.approx(1.25e-3, rel=EXACT)
    assert quantity.standard_uncertainty == pytest.approx(S / 2, rel=EXACT)
    assert quantity.degrees_of_freedom == 3.0
    assert quantity.evaluation is Evaluation.A
    assert quantity.distribution is Distribution.NORMAL  # drawn as t with 3 degrees of freedom
    assert (quantity.unit, quantity.text) == ("mV", "mean of 4 readings in mV")
    assert quantity.flags == ()
    assert read(FOUR).warnings == ()


def test_u_of_one_reading_is_s_and_says_so() -> None:
    quantity = one(FOUR, 'u_of = "reading"')
    assert quantity.standard_uncertainty == pytest.approx(S, rel=EXACT)
    assert quantity.flags == ("u is that of one reading although the value is the mean of 4",)


@pytest.mark.parametrize(
    "lines",
    [
        ("readings = [1.1, 1.3, 1.2, 1.4]", 'unit = "mV"'),
        ('readings = ["1.1", "1.3", 1.2, 1.4]', 'unit = "mV"'),
        ('readings = ["1.1 mV", "1300 uV", "0.0012 V", "1.4 mV"]',),
        ('readings = [\n  "1.1 mV", # first\n  "1.3 mV",\n  "1.2 mV",\n  "1.4 mV",\n]',),
    ],
)
def test_readings_are_written_in_several_ways(lines: tuple[str, ...]) -> None:
    assert one(*lines).estimate == pytest.approx(1.25e-3, rel=EXACT)
    assert one(*lines).standard_uncertainty == pytest.approx(S / 2, rel=EXACT)


def test_bare_numbers_have_the_unit_one() -> None:
    quantity = one("readings = [1, 2.0, 1.5]")
    assert (quantity.estimate, quantity.text) == (1.5, "mean of 3 readings")


def test_the_posterior_of_few_readings_holds_the_doubt_about_s() -> None:
    quantity = one(FOUR, 'method = "posterior"')
    # n = 4: sqrt((n - 1) / (n - 3)) = sqrt(3); no degrees of freedom are counted again.
    assert quantity.standard_uncertainty == pytest.approx(math.sqrt(3) * S / 2, rel=EXACT)
    assert quantity.degrees_of_freedom == math.inf
    (flag,) = quantity.flags
    assert flag.startswith("t posterior, declared")
    assert flag.endswith("draws take a normal of this u")


def test_one_reading_with_a_pooled_scatter() -> None:
    pooled = ('method = "pooled"', 'pooled_s = "200 uV"', "pooled_dof = 25")
    quantity = one('readings = ["1.3 mV"]', *pooled)
    assert quantity.estimate == pytest.approx(1.3e-3, rel=EXACT)
    assert quantity.standard_uncertainty == pytest.approx(0.2e-3, rel=EXACT)
    assert quantity.degrees_of_freedom == 25.0
    assert quantity.flags == ("scatter of earlier samples, pooled s = 200 uV",)
    assert one(FOUR, *pooled).standard_uncertainty == pytest.approx(0.1e-3, rel=EXACT)


def test_pooled_degrees_of_freedom_that_nobody_published_are_flagged() -> None:
    lines = ('method = "pooled"', 'pooled_s = "0.2 mV"', 'pooled_dof = "not published"')
    quantity = one(FOUR, *lines)
    assert quantity.degrees_of_freedom == math.inf
    assert NOT_PUBLISHED_FLAG in quantity.flags


def test_readings_that_scatter_far_more_than_the_pooled_s_are_refused() -> None:
    error = fault(FOUR, 'method = "pooled"', 'pooled_s = "0.01 mV"', "pooled_dof = 25")
    assert "scatter far more" in error.what
    assert error.where == f"r.toml, line {FIRST_LINE}, field input.x.readings"


def test_correlated_readings_are_refused_corrected_or_declared() -> None:
    wave = f"readings = {WAVE}"
    error = fault(wave)
    assert "successive readings are correlated" in error.what
    assert error.where == f"r.toml, line {FIRST_LINE}, field input.x.readings"
    plain = float(np.std(WAVE, ddof=1)) / math.sqrt(40)
    declared = one(wave, 'serial = "independent"')
    assert declared.standard_uncertainty == pytest.approx(plain, rel=EXACT)
    assert declared.flags[0].endswith("; declared independent")
    corrected = one(wave, 'serial = "correct"')
    assert corrected.standard_uncertainty > 1.2 * plain
    assert corrected.degrees_of_freedom < 39.0
    assert "40 correlated readings count as" in corrected.flags[0]


@pytest.mark.parametrize(
    "method",
    [
        ('method = "posterior"',),
        ('method = "pooled"', "pooled_s = 6.0", "pooled_dof = 9"),
    ],
)
def test_a_drift_is_refused_whatever_the_method(method: tuple[str, ...]) -> None:
    assert "correlated" in fault(DRIFT, *method).what
    assert one(DRIFT, 'serial = "independent"', *method).flags
    assert "nothing corrects it" in fault(DRIFT, 'serial = "correct"', *method).what


def test_equal_readings_have_no_scatter_and_are_warned_about() -> None:
    """Ten times 0.1: their computed mean is not 0.1, but they do not scatter or drift."""
    same = "readings = [" + ", ".join(['"0.1 V"'] * 10) + "]"
    quantity = one(same)
    assert (quantity.estimate, quantity.standard_uncertainty) == (0.1, 0.0)
    (warning,) = read(same).warnings
    assert warning.startswith(f"r.toml, line {FIRST_LINE}, field input.x.readings: the 10 readings")
    assert "resolution" in warning


def test_what_is_said_beside_and_agrees_is_taken() -> None:
    beside = ("n = 4", 'value = "1.25 mV"', 's = "0.13 mV"', 'u = "65 uV"', 'type = "A"')
    assert one(FOUR, *beside) == one(FOUR)
    # u rounded up to one digit, the value to the nearest.
    assert one(FOUR, 'u = "0.1 mV"', 'value = "1.2 mV"') == one(FOUR)


@pytest.mark.parametrize(
    ("line", "field", "words"),
    [
        ("n = 5", "n", "n = 5, but 4 readings are written"),
        ('value = "1.26 mV"', "value", "value = 1.26 mV contradicts the readings, which give 1.25"),
        ('u = "0.13 mV"', "u", "u = 0.13 mV contradicts the readings, which give 0.0645497 mV"),
        ('u = "0 mV"', "u", "contradicts"),
        ('s = "0.0645 mV"', "s", "which give 0.129099 mV"),
        ('u_relative = "5 %"', "u_relative", "they give u"),
        ('U = "0.13 mV"\nk = 2', "U", "they give u"),
        ("dof = 3", "dof", "they give u"),
        ('half_width = "1 mV"', "half_width", "they give u"),
        ('type = "B"', "type", "type A, not B"),
        ('distribution = "rectangular"', "distribution", "does not follow from these readings"),
        ('pooled_s = "1 mV"', "pooled_s", 'belongs to the method "pooled"'),
        ('unit = "mV"', "readings[1]", "the unit is stated twice"),
        ('method = "bayes"', "method", "not one of the words"),
        ('serial = "ignore"', "serial", "not one of the words"),
        ('u_of = "all"', "u_of", "not one of the words"),
        ('method = "pooled"\npooled_s = "1 mV"', "pooled_dof", "is missing"),
        ('method = "pooled"\npooled_s = "1 mW"\npooled_dof = 4', "pooled_s", "dimension"),
        ('method = "pooled"\npooled_s = "1 mV"\npooled_dof = 0.5', "pooled_dof", "0.5 degrees"),
        ('method = "pooled"\npooled_s = "0 mV"\npooled_dof = 4', "pooled_s", "not above zero"),
    ],
)
def test_what_contradicts_the_readings_is_refused(line: str, field: str, words: str) -> None:
    error = fault(FOUR, line)
    assert words in error.what
    assert error.where.endswith(f"field input.x.{field}")
    assert error.where.startswith("r.toml, line ")


@pytest.mark.parametrize(
    ("readings", "field", "words"),
    [
        ("readings = []", "readings", "0 readings"),
        ("readings = [1]", "readings", "too few"),
        ('readings = "1, 2"', "readings", "is no list"),
        ("readings = [1, true]", "readings[2]", "no text and no number"),
        ("readings = [1, [2]]", "readings[2]", "no text and no number"),
        ("readings = [1, nan]", "readings[2]", "not a decimal number"),
        ('readings = ["1 mV", "2 mX"]', "readings[2]", "2 mX"),
        ("readings = [1, 2]\nunit = 'dBm'", "unit", "dBm"),
        ("readings = [1, -1e308, 1e308]", "readings", "not finite"),
        ('readings = [1, 2, 4]\nmethod = "posterior"', "readings", "posterior of 3 readings"),
        ('readings = [1, 2]\nmethod = "posterior"', "readings", "posterior of 2 readings"),
    ],
)
def test_what_is_no_row_of_readings_is_refused(readings: str, field: str, words: str) -> None:
    error = fault(readings)
    assert words in error.what
    assert error.where.startswith(f"r.toml, line {FIRST_LINE}") or "unit" in field
    assert error.where.endswith(f"field input.x.{field}")


def test_readings_of_two_dimensions_are_a_wrong_unit() -> None:
    with pytest.raises(UnitError, match="reading 3 is '5 mW'") as caught:
        read('readings = [\n"1 mV",\n"2 mV",\n"5 mW",\n]')
    assert caught.value.where == f"r.toml, line {FIRST_LINE + 3}, field input.x.readings[3]"


def test_more_readings_than_people_write_are_refused() -> None:
    most = ", ".join(["1", "2"] * (MOST_READINGS // 2))
    assert one(f"readings = [{most}]").degrees_of_freedom == MOST_READINGS - 1
    assert "10001 readings" in fault(f"readings = [{most}, 3]").what


@pytest.mark.parametrize("key", [key for key in READING_KEYS if key != "readings"])
def test_a_field_about_readings_without_readings_is_refused(key: str) -> None:
    error = fault("value = 1", "u = 0.1", f'{key} = "1"')
    assert error.what == f'"{key}" belongs to "readings", and there are none'
    assert error.where == f"r.toml, line {FIRST_LINE + 2}, field input.x.{key}"


@pytest.mark.parametrize("key", [*READING_KEYS, "u_of"])
def test_a_reference_has_no_readings_of_its_own(key: str) -> None:
    body = HEAD.replace('end = "counting"\n', "") + f'result = "C-0/rate"\n{key} = "1"\n'
    with pytest.raises(InputError, match=f'"{key}" beside "result"'):
        read_calibration(body.encode(), name="r.toml")


def test_counts_whose_mean_is_surer_than_poisson_are_warned_about() -> None:
    lines = ('readings = ["9999 /s", "10001 /s", "10000 /s"]', 'reading_time = "1 s"')
    (warning,) = read(*lines).warnings
    assert "is below counting statistics: Poisson gives 57.74 /s" in warning


def test_a_distribution_that_says_the_same_is_allowed() -> None:
    assert one(FOUR, 'distribution = "t"').distribution is Distribution.T
    assert one(FOUR, 'distribution = "normal"') == one(FOUR)
    assert "does not follow" in fault(FOUR, 'method = "posterior"', 'distribution = "t"').what


@given(
    st.lists(st.integers(-10_000, 10_000), min_size=2, max_size=30),
    st.integers(-1_000_000, 1_000_000),
)
def test_an_offset_moves_the_mean_and_nothing_else(readings: list[int], offset: int) -> None:
    declared = 'serial = "independent"'
    plain = one(f"readings = {readings}", declared)
    moved = one(f"readings = {[one + offset for one in readings]}", declared)
    assert moved.standard_uncertainty == plain.standard_uncertainty  # differences are exact
    # Rounding of a mean is relative to the readings, not to a mean that may cancel.
    assert moved.estimate == pytest.approx(plain.estimate + offset, rel=EXACT, abs=1e-8)
