"""Drift from file to use: bound, rate, random walk, fitted rate; and what shared drift means."""

from __future__ import annotations

import contextlib
import math
import sqlite3
from pathlib import Path

import pytest
from link_bench import (
    DAY_S,
    EFFICIENCY,
    YEAR_S,
    add,
    bench_at,
    breaks,
    calibration,
    efficiency,
    own,
    reference,
    result,
    sound,
    traced,
    tried,
    used,
)
from stranger import Laboratory, tamper

ROUNDED = 1e-9  # sums of a few doubles
PRINTED = 5e-3  # half a digit of figures that a review gives with two


@pytest.fixture
def bench(tmp_path: Path) -> Laboratory:
    return bench_at(tmp_path)


def numbers(one: dict) -> tuple[float, float]:
    return float(one["value"]), float(one["standard_uncertainty"])


def use_of(run: str, *, turn: str = "") -> str:
    return f"{run}/use/receiver_a{turn}/{EFFICIENCY}"


def test_a_known_rate_moves_the_value_and_widens_it(bench: Laboratory) -> None:
    drift = 'rate = "-0.1 %/a", u = "0.05 %/a", dof = 4, source = "data sheet"'
    add(bench, efficiency("CAL-1", "2021-06-01", "0.8", drift=drift))
    value, u = numbers(used(bench, "RUN", "2022-06-01"))
    years = 365.0 * DAY_S / YEAR_S
    assert value == pytest.approx(0.8 * (1.0 - 0.001 * years), rel=ROUNDED)
    assert u == pytest.approx(math.hypot(0.001, 0.8 * 0.0005 * years), rel=ROUNDED)
    assert not breaks(bench, use_of("RUN"))
    assert sound(bench)


def test_twelve_monthly_uses_average_to_the_common_drift_not_to_its_twelfth(
    bench: Laboratory,
) -> None:
    """A drift of up to 1 % is common to twelve uses: 0.58 % stay, not 0.17 %."""
    cf = result("indication_ratio", "cf", drift='bound = "1 %/a", source = "s"')
    add(bench, calibration("CAL-M", "PM-1", "2021-06-01", own("cf", "1", "0"), cf))
    parent = reference("factor", "CAL-M/indication_ratio")
    made = result("indication_ratio", "factor")
    for k in range(12):  # all about a year later, as if each had drifted by the bound
        day = f"2022-06-{k + 1:02d}"
        add(bench, calibration(f"CAL-{k}", "PM-2", day, parent, made))
    inputs = "".join(reference(f"x{k}", f"CAL-{k}/indication_ratio") for k in range(12))
    mean = "+".join(f"x{k}" for k in range(12))
    whole = calibration(
        "MEAN", "PM-2", "2022-06-12", inputs, result("indication_ratio", f"({mean}) / 12")
    )
    u = float(add(bench, whole)["results"][-1]["standard_uncertainty"])
    assert u == pytest.approx(0.01 / math.sqrt(3.0) * 370.5 / 365.25, rel=ROUNDED)
    assert u == pytest.approx(0.0058, abs=0.0001)
    assert 0.01 / math.sqrt(3.0) / math.sqrt(12.0) == pytest.approx(0.0017, abs=0.0001)


@pytest.mark.parametrize(
    "drift", ['bound = "1 %/a", source = "s"', 'random_walk = "1 %", after = "1 a", source = "s"']
)
def test_two_detectors_measured_with_one_meter_share_its_drift(
    bench: Laboratory, drift: str
) -> None:
    """400 days after the meter's calibration: r = 1.00 and u(A - B) = 0."""
    cf = result("indication_ratio", "cf", drift=drift)
    add(bench, calibration("CAL-M", "PM-1", "2021-06-01", own("cf", "1", "0"), cf))
    for name in ("A", "B"):
        made = result("indication_ratio", "factor")
        parent = reference("factor", "CAL-M/indication_ratio")
        add(bench, calibration(f"CAL-{name}", "PM-2", "2022-07-06", parent, made))
    found = traced(bench, "CAL-A/indication_ratio", other="CAL-B/indication_ratio")
    ((*_, r),) = found["correlations"]
    assert float(r) == pytest.approx(1.0, abs=ROUNDED)
    both = reference("a", "CAL-A/indication_ratio") + reference("b", "CAL-B/indication_ratio")
    made = result("indication_ratio", "a - b")
    done = add(bench, calibration("DIFF", "PM-2", "2022-07-06", both, made))
    assert float(done["results"][-1]["standard_uncertainty"]) == pytest.approx(0.0, abs=1e-12)


def rows(bench: Laboratory) -> list[tuple]:
    """Return all inputs and arguments on record, in order of recording."""
    with contextlib.closing(sqlite3.connect(bench.database)) as connection:
        return [*connection.execute("SELECT * FROM input_quantity ORDER BY id")]


def test_a_random_walk_is_correlated_by_its_times_and_nothing_is_rewritten(
    bench: Laboratory,
) -> None:
    """cov(use at t1, use at t2) = q min(t1, t2); a use in between changes no stored row."""
    walk = 'random_walk = "1 %", after = "1 a", source = "type test"'
    add(bench, efficiency("CAL-1", "2021-06-01", "0.8", u="0", drift=walk))
    early, late = used(bench, "RUN-1", "2021-09-01"), used(bench, "RUN-3", "2022-06-01")
    q = 0.008**2 / YEAR_S
    times = [92 * DAY_S, 365 * DAY_S]
    assert numbers(early)[1] == pytest.approx(math.sqrt(q * times[0]), rel=ROUNDED)
    assert numbers(late)[1] == pytest.approx(math.sqrt(q * times[1]), rel=ROUNDED)

    def r() -> float:
        ((*_, found),) = traced(bench, use_of("RUN-1"), other=use_of("RUN-3"))["correlations"]
        return float(found)

    assert r() == pytest.approx(math.sqrt(times[0] / times[1]), rel=ROUNDED)
    before = rows(bench)
    used(bench, "RUN-2", "2022-01-01")
    assert rows(bench)[: len(before)] == before
    assert r() == pytest.approx(math.sqrt(times[0] / times[1]), rel=ROUNDED)
    assert sound(bench)


def history(bench: Laboratory, values: list[str], *, last: str, u: str = "0.0001") -> None:
    """Calibrate D-1 each first of June from 2016 on; the last time with a drift."""
    for k, value in enumerate(values[:-1]):
        add(bench, efficiency(f"CAL-{k}", f"{2016 + k}-06-01", value, u=u))
    k = len(values) - 1
    add(bench, efficiency(f"CAL-{k}", f"{2016 + k}-06-01", values[-1], u=u, drift=last))


def test_a_rate_fitted_to_the_history_keeps_its_correlation_with_it(bench: Laboratory) -> None:
    """With independent, equal u the fit is the straight line through the five values."""
    values = [0.800, 0.798, 0.796, 0.794, 0.792]
    history(bench, [f"{v:.3f}" for v in values], last='fitted = "history"')
    days = [365, 365, 365, 366]
    times = [sum(days[:k]) * DAY_S for k in range(5)]
    middle = sum(times) / 5.0
    spread = sum((t - middle) ** 2 for t in times)
    slope = sum((t - middle) * v for t, v in zip(times, values, strict=True)) / spread
    fitted = traced(bench, f"CAL-4/drift/{EFFICIENCY}")["statement"]
    assert float(fitted["value"]) == pytest.approx(slope, rel=ROUNDED)
    assert float(fitted["standard_uncertainty"]) == pytest.approx(
        1e-4 / math.sqrt(spread), rel=ROUNDED
    )
    value, u = numbers(used(bench, "RUN", "2021-06-01"))
    year = 365 * DAY_S
    assert value == pytest.approx(0.792 + slope * year, rel=ROUNDED)
    # The last calibration is the value and a part of the rate: cov(x, r) = u^2 (t4 - mean) / S.
    covariance = (times[4] - middle) / spread
    assert u == pytest.approx(
        1e-4 * math.sqrt(1.0 + 2.0 * year * covariance + year**2 / spread), rel=ROUNDED
    )
    assert u > 1.15 * 1e-4 * math.sqrt(1.0 + year**2 / spread)
    assert not breaks(bench, use_of("RUN"))
    assert sound(bench)


def test_a_drift_is_fitted_to_as_found_minus_as_left(bench: Laboratory) -> None:
    """Adjusted back to 0.800 each year: left to left nothing moves, and the drift is there."""
    for k, found in enumerate(("0.800", "0.797", "0.7972", "0.7969")):
        both = [
            result(EFFICIENCY, model, conditions='wavelength = "1550 nm"', more=f'name = "{state}"\nstate = "{state}"',
                   drift='fitted = "history"' if (k, state) == (3, "as_left") else "")
            for state, model in (("as_found", "found"), ("as_left", "left"))
        ]  # fmt: skip
        inputs = own("found", found, "0.0002") + own("left", "0.8", "0.0002")
        day = f"{2016 + k}-06-01"
        add(bench, calibration(f"CAL-{k}", "D-1", day, inputs, *both, head="adjusted = true"))
    fitted = traced(bench, "CAL-3/drift/as_left")["statement"]
    shifts, days = (-0.003, -0.0028, -0.0031), (365, 365, 365)
    assert float(fitted["value"]) == pytest.approx(sum(shifts) / sum(days) / DAY_S, rel=ROUNDED)
    assert numbers(used(bench, "RUN", "2020-06-01"))[0] == pytest.approx(0.8 - 0.003, abs=1e-4)
    assert not breaks(bench, use_of("RUN"))
    assert sound(bench)


def test_one_interval_shows_no_constant_drift(bench: Laboratory) -> None:
    add(bench, efficiency("CAL-0", "2016-06-01", "0.8"))
    before = bench.ledger()
    done = tried(bench, efficiency("CAL-1", "2017-06-01", "0.79", drift='fitted = "history"'))
    assert done.code == 2
    assert "cannot show a constant drift" in done.said
    assert bench.ledger() == before


def test_scatter_that_the_calibrations_do_not_explain_widens_the_rate(bench: Laboratory) -> None:
    values = ["0.800", "0.790", "0.810", "0.795", "0.805"]
    history(bench, values, last='fitted = "history"')
    found = traced(bench, f"CAL-4/drift/{EFFICIENCY}")
    lines = dict(zip(found["budget"]["owners"], found["budget"]["lines"], strict=True))
    scatter = lines[f"CAL-4/drift/{EFFICIENCY}/scatter"]
    u = float(found["statement"]["standard_uncertainty"])
    assert float(scatter["contribution"]) > 0.99 * u  # 10 mU steps against 0.1 mU
    assert float(scatter["quantity"]["degrees_of_freedom"] if "quantity" in scatter else 3) == 3


@pytest.mark.parametrize(
    ("drift", "words"),
    [
        ('bound = "1 %/a", rate = "1 %/a", source = "s"', "a drift is one of"),
        ('source = "s"', "a drift is one of"),
        ('rate = "1 %/a", u = "0.001 /a", source = "s"', "a part of the value, the other"),
        ('rate = "1 %/a", u = "-1 %/a", source = "s"', "the u is negative"),
        ('rate = "1 %/a", u = "1 %/a", dof = 0.5, source = "s"', "below 1"),
        ('random_walk = "1 %", source = "s"', '"after" is missing'),
        ('random_walk = "1 %/a", after = "1 a", source = "s"', "dimension"),
        ('bound = "1 %/a", after = "1 a", source = "s"', "belongs to a random walk"),
        ('fitted = "guess"', "history"),
        ('bound = "1 %", source = "s"', "dimension"),
    ],
)
def test_a_drift_that_says_nothing_is_refused(bench: Laboratory, drift: str, words: str) -> None:
    done = tried(bench, efficiency("CAL-1", "2021-06-01", "0.8", drift=drift))
    assert done.code == 2
    assert words in done.said
    assert "line" in done.said


@pytest.mark.parametrize(
    ("drift", "argument"),
    [
        ('rate = "-0.1 %/a", u = "0.05 %/a", source = "s"', "drift_rate"),
        ('random_walk = "1 %", after = "1 a", source = "s"', "drift_walk"),
    ],
)
def test_a_tampered_use_is_found(bench: Laboratory, drift: str, argument: str) -> None:
    add(bench, efficiency("CAL-1", "2021-06-01", "0.8", drift=drift))
    used(bench, "RUN", "2022-06-01")
    change = "UPDATE argument SET sensitivity = 0.5 WHERE name = '{}'"
    tamper(bench, change.format(argument))
    found = bench.qtrace("audit --all")
    assert found.code == 3
    assert f"sensitivity to {argument}" in found.said
