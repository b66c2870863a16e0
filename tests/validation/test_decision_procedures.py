"""Procedures of risks, guard bands, intervals and detection: what ties them to each other."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from qtrace.exchange.reference_files import load_reference_documents
from qtrace.uncertainty.conformity import conformance_probability
from qtrace.validation.case import Case, Figures
from qtrace.validation.given import CaseFileError, Given
from qtrace.validation.judge import Verdict
from qtrace.validation.procedures import PROCEDURES, run_case
from qtrace.validation.sampling import Sampling

CASES = {case.case_id: case for one in load_reference_documents() for case in one.cases}
NEW = (
    *("item_risk", "population_risk", "risk_table", "guard_bands", "guard_band_factors"),
    *("interval_test", "interval_models", "interval_of_drift", "detection_limits", "non_negative"),
)
QUADRATURE = 1e-9
ITEMS = {"low": -1.0, "high": 1.0, "prior_mean": 0.0, "prior_u": 0.5, "u": 0.2}
DRIFT = {
    "times": [70.0, 86.0, 104.0, 135.0, 167.0, 173.0],
    "shifts": [0.1, 0.11, 0.251, 0.299, 0.403, 0.615],
    "start": 10.03,
    "u_start": 0.28,
}
COUNTS = {"gross_counts": 200.0, "gross_time": 10.0}
BACKGROUND = {"background_counts": 500.0, "background_time": 50.0}


def figures(procedure: str, **inputs: object) -> Figures:
    return PROCEDURES[procedure](Given(inputs, str, "inputs"), Sampling(0, 0))


def number(procedure: str, figure: str, **inputs: object) -> float:
    return figures(procedure, **inputs)[figure].value


def example_of(procedure: str) -> Case:
    return next(case for case in CASES.values() if case.procedure == procedure)


@pytest.mark.parametrize("procedure", NEW)
def test_an_input_that_nobody_asked_for_is_an_error_of_the_data(procedure: str) -> None:
    case = example_of(procedure)
    strange = replace(case, given=Given({**case.given._data, "dog": 1}, str, "inputs"))
    with pytest.raises(CaseFileError, match="dog"):
        run_case(strange)


def test_a_table_holds_what_the_single_evaluation_gives() -> None:
    """A share of 95 % between -1 and 1 is a process of 1/1.96; U = 2 u at a ratio of 4 is 1/4."""
    spread = 1.0 / 1.959963984540054
    single = figures("population_risk", low=-1.0, high=1.0, prior_mean=0.0, prior_u=spread, u=0.125)
    table = figures("risk_table", ratio=[4.0], in_tolerance=[95.0])
    assert set(table) == {f"{name}.4.95" for name in single}
    for name, one in single.items():
        assert table[f"{name}.4.95"].value == pytest.approx(one.value, abs=QUADRATURE), name
    by_process = figures("risk_table", per="process", ratio=[spread / 0.125], in_tolerance=[95.0])
    assert sorted(one.value for one in by_process.values()) == pytest.approx(
        sorted(one.value for one in single.values()), abs=QUADRATURE
    )


def test_an_observed_share_goes_with_a_ratio_of_the_tolerance_only() -> None:
    with pytest.raises(CaseFileError, match="observed share"):
        figures("risk_table", per="process", of="observed", ratio=[4.0], in_tolerance=[95.0])


def test_a_guard_band_leaves_the_risk_that_it_was_made_for() -> None:
    bands = figures("guard_bands", **ITEMS, risk=0.005)
    of_all, of_accepted = bands["all"].value, bands["accepted"].value
    assert 0.0 < of_all < of_accepted  # of fewer items the same risk is a stricter one
    for guard, figure in ((of_all, "consumer"), (of_accepted, "consumer_of_accepted")):
        left = number("population_risk", figure, **ITEMS, guard=guard)
        assert left == pytest.approx(0.005, abs=QUADRATURE)
    assert "all" not in figures("guard_bands", high=1.0, u=0.1, risk=0.05)
    assert "capability" not in figures("guard_bands", high=1.0, u=0.1, risk=0.05)


def test_a_guard_factor_is_the_guard_band_of_a_centred_tolerance() -> None:
    by_factor = figures("population_risk", **ITEMS, guard_factor=0.9)
    by_width = figures("population_risk", **ITEMS, guard=0.1)
    assert by_factor["producer"].value == pytest.approx(by_width["producer"].value, abs=QUADRATURE)
    assert by_factor["producer"].value > number("population_risk", "producer", **ITEMS)


def test_knowing_nothing_before_is_the_conformance_probability() -> None:
    item = {"low": 9.0, "high": 11.0, "value": 10.6, "u": 0.3}
    plain = conformance_probability(9.0, 11.0, value=10.6, standard_uncertainty=0.3)
    assert number("item_risk", "conforms", **item) == pytest.approx(plain, rel=1e-12)
    vague = number("item_risk", "conforms", **item, prior_mean=0.0, prior_u=1e6)
    assert vague == pytest.approx(plain, abs=1e-5)
    known = number("item_risk", "conforms", **item, prior_mean=10.0, prior_u=0.3)
    assert known > plain + 0.05
    wide = number("item_risk", "fails", **item, u_high=0.4)
    assert wide == pytest.approx(math.erfc(0.4 / 0.5 / math.sqrt(2.0)) / 2.0, abs=1e-6)


def test_an_interval_that_is_not_asked_for_is_not_a_figure() -> None:
    assert set(figures("interval_of_drift", **DRIFT)) == {"order"}
    found = figures("interval_of_drift", **DRIFT, u_target=0.5)
    assert set(found) == {"order", "by_uncertainty", "value_then"}
    older = number("interval_of_drift", "by_uncertainty", **DRIFT, u_target=0.5, version="1.7")
    assert older < found["by_uncertainty"].value  # it adds the scatter of the fit


def test_what_the_product_refuses_is_a_difference_with_its_words() -> None:
    case = CASES["rp-1-table-d-1"]
    all_good = {**case.given._data, "in_tolerance": case.given._data["n"]}
    report = run_case(replace(case, given=Given(all_good, str, "inputs")))
    assert {one.verdict for one in report.comparisons} == {Verdict.DIFF}
    assert "no curve can be fitted" in report.comparisons[0].reason


def test_divisors_make_the_calibration_factor() -> None:
    by_parts = figures(
        "detection_limits", **COUNTS, **BACKGROUND,
        divisors={"volume": {"x": 0.5, "u": 0.015}, "efficiency": {"x": 0.2, "u": 0.008}},
    )  # fmt: skip
    whole = figures(
        "detection_limits", **COUNTS, **BACKGROUND, factor=10.0, factor_u_relative=0.05
    )  # 3 % and 4 %
    for name, one in whole.items():
        assert by_parts[name].value == pytest.approx(one.value, rel=1e-12), name
    assert whole["y"].value == 100.0


def test_far_from_zero_the_bound_at_zero_changes_nothing() -> None:
    found = figures("non_negative", y=100.0, u=1.0, p=0.95)
    assert (found["best"].value, found["u"].value) == pytest.approx((100.0, 1.0), rel=1e-12)
    assert found["low"].value == pytest.approx(100.0 - 1.959963985, abs=1e-8)
    assert found["shortest_high"].value == pytest.approx(found["high"].value, rel=1e-12)
