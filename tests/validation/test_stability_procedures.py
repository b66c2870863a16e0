"""Procedures of stability and time transfer: what they refuse, and that a fault is seen."""

from __future__ import annotations

import pytest

from qtrace.exchange.reference_files import load_reference_documents
from qtrace.validation import stability, timing
from qtrace.validation.case import Case, Figures
from qtrace.validation.given import CaseFileError, Given
from qtrace.validation.procedures import PROCEDURES, run_case
from qtrace.validation.sampling import Sampling

NEW = (
    "stability",
    "degrees_of_freedom",
    "peak_bound",
    "sagnac",
    "white_points",
    "dead_time_counts",
)
CASES = {case.case_id: case for document in load_reference_documents() for case in document.cases}
NINE = {"frequency": [892, 809, 823, 798, 671, 644, 883, 903, 677], "factors": [1, 2]}


def figures(procedure: str, **inputs: object) -> Figures:
    return PROCEDURES[procedure](Given(inputs, str, "inputs"), Sampling(0, 0))


def example_of(procedure: str) -> Case:
    return next(case for case in CASES.values() if case.procedure == procedure)


@pytest.mark.parametrize("procedure", NEW)
def test_an_input_that_nobody_asked_for_is_an_error_of_the_data(procedure: str) -> None:
    case = example_of(procedure)
    inputs = {key: case.given._data[key] for key in case.given.keys}
    with pytest.raises(CaseFileError, match="surplus"):
        figures(procedure, **inputs, surplus=1)


def test_a_deviation_that_there_is_not_is_an_error_of_the_data() -> None:
    with pytest.raises(CaseFileError, match="theo1 is no deviation"):
        figures("stability", **NINE, kinds=["theo1"])


def test_matched_end_points_change_no_second_difference() -> None:
    plain = figures("stability", **NINE, kinds=["oadev", "mtie"])
    matched = figures("stability", **NINE, kinds=["oadev", "mtie"], matched=1)
    assert matched["oadev.2"].value == pytest.approx(plain["oadev.2"].value, rel=1e-12)
    assert matched["mtie.1"].value < plain["mtie.1"].value


def test_the_generator_gives_the_numbers_of_the_suite() -> None:
    y = stability._generated(Given({"seed": 1234567890, "count": 4}, str, "inputs"))
    numbers = [round(one * stability.MODULUS) for one in y]
    assert numbers == [1234567890, 395529916, 1209410747, 633705974]


def test_a_westward_signal_is_earlier() -> None:
    east = figures("sagnac", latitude=40.0, start=0.0, end=1.0)["delay"].value
    west = figures("sagnac", latitude=40.0, start=1.0, end=0.0)["delay"].value
    assert east == pytest.approx(-west, rel=1e-9)
    assert east > 0.0


@pytest.mark.parametrize(
    ("case_id", "module", "name", "factor"),
    [
        ("nbs14-1000", stability, "mdev", 1.0 + 1e-6),
        ("phase-dat-mtie", stability, "mtie", 1.0 + 1e-4),
        ("tang-2023-points", timing, "agreeing_point_s", 1.001),
        ("sagnac-equator", timing, "sagnac_path_delay_s", 2.0),
        ("peak-over-background", timing, "expected_information", 1.01),
        ("dead-time", timing, "variance_of_counts", 1.05),
    ],
)
def test_a_fault_in_the_product_is_a_difference(
    case_id: str,
    module: object,
    name: str,
    factor: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert run_case(CASES[case_id]).passed
    if module is stability:
        right = stability.ESTIMATORS[name]

        def wrong(phase: object, **asked: object) -> object:
            return right(phase * factor, **asked)  # type: ignore[operator]

        monkeypatch.setattr(stability, "ESTIMATORS", {**stability.ESTIMATORS, name: wrong})
    else:
        function = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, **k: function(*a, **k) * factor)
    assert not run_case(CASES[case_id]).passed
