"""Inside the calibrated conditions a use is corrected for the difference to the calibration."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from link_bench import (
    EFFICIENCY,
    add,
    bench_at,
    breaks,
    calibration,
    own,
    reference,
    result,
    run_text,
    sound,
    traced,
    tried,
    used,
)
from stranger import Laboratory, tamper

ROUNDED = 1e-9
COEFFICIENT = 'at = "296 K", value = "0.1 %/K", u = "0.02 %/K", source = "type test"'
DRIFT = 'rate = "0 %/a", u = "0 %/a", source = "none seen"'


def warm(
    coefficient: str = COEFFICIENT, *, span: str = "290 K .. 300 K", value: str = "0.8"
) -> str:
    """Return a calibration of D-1 with a temperature coefficient."""
    made = result(
        EFFICIENCY,
        "eta",
        conditions=f'wavelength = "1550 nm", temperature = "{span}"',
        more=f"conditions_coefficient = {{ temperature = {{ {coefficient} }} }}",
        drift=DRIFT,
    )
    return calibration("CAL-1", "D-1", "2021-06-01", own("eta", value, "0.001"), made)


@pytest.fixture
def bench(tmp_path: Path) -> Laboratory:
    return bench_at(tmp_path)


def use_of(run: str) -> str:
    return f"{run}/use/receiver_a/{EFFICIENCY}"


def test_a_warmer_use_is_corrected_with_the_u_of_the_coefficient(bench: Laboratory) -> None:
    add(bench, warm())
    one = used(bench, "RUN", "2021-09-01", conditions=', temperature = "299 K"')
    assert float(one["value"]) == pytest.approx(0.8 * 1.003, rel=ROUNDED)
    u = math.hypot(0.001, 0.8 * 0.0002 * 3.0)
    assert float(one["standard_uncertainty"]) == pytest.approx(u, rel=ROUNDED)
    assert not breaks(bench, use_of("RUN"))
    assert sound(bench)


def test_two_uses_share_the_coefficient(bench: Laboratory) -> None:
    add(bench, warm())
    used(bench, "RUN-1", "2021-09-01", conditions=', temperature = "300 K"')
    used(bench, "RUN-2", "2021-10-01", conditions=', temperature = "292 K"')
    ((*_, r),) = traced(bench, use_of("RUN-1"), other=use_of("RUN-2"))["correlations"]
    c = 0.8 * 0.0002 * 4.0
    assert float(r) == pytest.approx((0.001**2 - c * c) / (0.001**2 + c * c), rel=ROUNDED)


def test_a_temperature_known_within_a_range_adds_its_own_part(bench: Laboratory) -> None:
    add(bench, warm())
    one = used(bench, "RUN", "2021-09-01", conditions=', temperature = "297 K .. 299 K"')
    assert float(one["value"]) == pytest.approx(0.8 * 1.002, rel=ROUNDED)
    u = math.hypot(0.001, 0.8 * 0.0002 * 2.0, 0.8 * 0.001 / math.sqrt(3.0))
    assert float(one["standard_uncertainty"]) == pytest.approx(u, rel=ROUNDED)
    assert not breaks(bench, use_of("RUN"))
    assert sound(bench)


@pytest.mark.parametrize("temperature", [', temperature = "301 K"', ""])
def test_outside_the_range_or_unsaid_there_is_no_correction(
    bench: Laboratory, temperature: str
) -> None:
    add(bench, warm())
    done = tried(bench, run_text("RUN", "2021-09-01", conditions=temperature), "run add")
    assert done.code == 2
    assert "temperature: calibrated at 290 K .. 300 K" in done.said


def test_a_parent_used_at_an_unsaid_temperature_lay_anywhere_in_the_range(
    bench: Laboratory,
) -> None:
    """Between calibrations silence is no misfit; the whole calibrated range is what is known."""
    made = result(
        "indication_ratio",
        "cf",
        conditions='temperature = "290 K .. 300 K"',
        more=f"conditions_coefficient = {{ temperature = {{ {COEFFICIENT} }} }}",
    )
    add(bench, calibration("CAL-M", "PM-1", "2021-06-01", own("cf", "1", "0.001"), made))
    plain = reference("factor", "CAL-M/indication_ratio")
    told = reference(
        "factor", "CAL-M/indication_ratio", more='conditions = { temperature = "298 K" }'
    )
    user = result("indication_ratio", "factor")
    silent = add(bench, calibration("A", "PM-2", "2021-09-01", plain, user))["results"][-1]
    stated = add(bench, calibration("B", "PM-2", "2021-09-01", told, user))["results"][-1]
    assert float(silent["value"]) == pytest.approx(1.0 - 0.001)  # middle of the range: 295 K
    u = math.hypot(0.001, 0.0002, 5.0 * 0.001 / math.sqrt(3.0))
    assert float(silent["standard_uncertainty"]) == pytest.approx(u, rel=ROUNDED)
    assert float(stated["value"]) == pytest.approx(1.0 + 0.002)
    assert float(stated["standard_uncertainty"]) == pytest.approx(
        math.hypot(0.001, 0.0004), rel=ROUNDED
    )
    assert sound(bench)


def test_a_tampered_correction_is_found(bench: Laboratory) -> None:
    add(bench, warm())
    used(bench, "RUN", "2021-09-01", conditions=', temperature = "299 K"')
    tamper(bench, "UPDATE argument SET sensitivity = 1 WHERE name = 'coefficient_temperature'")
    found = bench.qtrace("audit --all")
    assert found.code == 3
    assert "sensitivity to coefficient_temperature" in found.said


@pytest.mark.parametrize(
    ("coefficient", "span", "words"),
    [
        (COEFFICIENT, "296 K", "as a range"),
        (COEFFICIENT.replace("296 K", "301 K"), "290 K .. 300 K", "outside the calibrated range"),
        (COEFFICIENT.replace("0.1 %/K", "0.1 %"), "290 K .. 300 K", "dimension"),
        (COEFFICIENT.replace("0.02 %/K", "-0.02 %/K"), "290 K .. 300 K", "negative"),
        (COEFFICIENT.replace("0.02 %/K", "0.0002 /K"), "290 K .. 300 K", "the other an amount"),
        (COEFFICIENT.replace("source", "sauce"), "290 K .. 300 K", "source"),
    ],
)
def test_a_coefficient_that_cannot_be_is_refused(
    bench: Laboratory, coefficient: str, span: str, words: str
) -> None:
    done = tried(bench, warm(coefficient, span=span))
    assert done.code == 2
    assert words in done.said
    assert "line" in done.said
