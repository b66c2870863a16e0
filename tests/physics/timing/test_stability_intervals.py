"""Intervals: Stable32's, chi-square by scipy, coverage by simulation, gaps."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest
from interval_coverage import FACTORS, LEAST_DOF, NAMES, SAMPLES, SEED, coverage, true_tdev
from scipy import stats
from stability_series import ESTIMATORS, REFERENCE, frequency

from qtrace.errors import InputError
from qtrace.physics.timing.mtie import mtie
from qtrace.physics.timing.phase_gaps import phase_of_frequency
from qtrace.physics.timing.power_law_noise import expected_deviation
from qtrace.physics.timing.stability import oadev, tdev
from qtrace.physics.timing.stability_intervals import deviation_interval, with_intervals

STABLE32 = 6e-4  # relative: its inverse of the chi-square is an approximation
CAUTIOUS = 0.035  # relative: the published fit gives wider intervals than the program's own
LONG = Path(__file__).parents[2] / "long" / "interval_coverage_run.toml"
RECORDS = 250  # of 4000


@pytest.mark.parametrize("kind", ["oadev", "mdev", "ohdev", "totdev", "mtotdev", "htotdev"])
def test_stable32(kind: str) -> None:
    phase = phase_of_frequency(frequency("thousand"), interval_s=1.0)
    # At factor 1 ours is exact instead; of the total deviations the fits begin at 16.
    first = 16 if "tot" in kind else 2
    rows = [row for row in REFERENCE["stable32"][kind] if row[0] >= first]
    bias = {"bias_corrected_for": 0} if kind == "htotdev" else {}
    found = ESTIMATORS[kind](phase, interval_s=1.0, factors=[row[0] for row in rows], **bias)
    judged = with_intervals(found, phase, probability=0.683, alpha=0)
    accuracy = CAUTIOUS if kind == "mtotdev" else STABLE32
    for place, (factor, _, low, _, high) in enumerate(rows):
        assert judged.low[place] == pytest.approx(low, rel=accuracy), factor
        assert judged.high[place] == pytest.approx(high, rel=accuracy), factor
    if kind == "mtotdev":
        assert (judged.high >= np.array([row[4] for row in rows])).all()
    assert (judged.alpha == 0).all()
    assert judged.probability == 0.683


def test_against_scipy() -> None:
    for dof in (0.7, 5.0, 123.4, 1e5):
        low, high = deviation_interval(2.0, dof)
        assert low == pytest.approx(2.0 * math.sqrt(dof / stats.chi2.ppf(0.975, dof)), rel=1e-9)
        assert high == pytest.approx(2.0 * math.sqrt(dof / stats.chi2.ppf(0.025, dof)), rel=1e-9)
    # The values that a reader of tables knows: 5 degrees of freedom.
    low, high = deviation_interval(1.0, 5.0)
    assert (low, high) == (pytest.approx(0.624, abs=1e-3), pytest.approx(2.453, abs=1e-3))


@pytest.mark.parametrize("alpha", [2, 1, 0])
def test_coverage_of_a_few_records(alpha: int) -> None:
    found = coverage(alpha, records=RECORDS)
    # Four standard deviations of a share of 95 % among so many records.
    room = 4.0 * math.sqrt(0.95 * 0.05 / RECORDS)
    for factor in FACTORS:
        if found.dof[factor] >= LEAST_DOF:
            assert found.covered[factor] == pytest.approx(0.95, abs=room), factor


def test_committed_coverage_of_all_records() -> None:
    outcome = tomllib.loads(LONG.read_text(encoding="utf-8"))
    assert (outcome["seed"], outcome["samples"]) == (SEED, SAMPLES)
    assert outcome["records"] >= 4000
    judged = 0
    for name in NAMES.values():
        for row in outcome[name].values():
            if row["dof"] >= LEAST_DOF:
                assert 0.93 <= row["covered"] <= 0.97
                judged += 1
    assert judged >= 4 * 7


def test_the_truth_of_the_simulation_is_that_of_the_formulas() -> None:
    for alpha in (2, 0):
        for factor in (1, 8, 64):
            expected = expected_deviation(
                alpha, kind="tdev", level=1.0, factor=factor, interval_s=1.0
            )
            assert true_tdev(alpha, factor) == pytest.approx(expected, rel=1e-6)


def test_gaps_cost_degrees_of_freedom() -> None:
    x = np.random.default_rng(1).standard_normal(2000)
    whole = with_intervals(tdev(x, interval_s=1.0, factors=[4, 16]), x)
    x[500:900] = math.nan
    holed = with_intervals(tdev(x, interval_s=1.0, factors=[4, 16]), x)
    assert (holed.dof < 0.85 * whole.dof).all()
    assert (holed.dof > 0.7 * whole.dof).all()
    assert ((holed.low < holed.value) & (holed.value < holed.high)).all()
    for kind in ("adev", "totdev", "hdev"):
        some = with_intervals(ESTIMATORS[kind](x, interval_s=1.0, factors=[4]), x)
        assert some.dof[0] > 5.0


def test_leading_gaps_only_shorten_a_total_deviation() -> None:
    x = np.cumsum(np.random.default_rng(1).standard_normal(500))
    late = np.concatenate((np.full(40, math.nan), x))
    whole = with_intervals(ESTIMATORS["totdev"](x, interval_s=1.0, factors=[50]), x)
    short = with_intervals(ESTIMATORS["totdev"](late, interval_s=1.0, factors=[50]), late)
    assert short.value[0] == pytest.approx(whole.value[0])
    assert short.dof[0] == pytest.approx(whole.dof[0])


def test_no_term_has_no_interval() -> None:
    x = np.random.default_rng(1).standard_normal(90)
    x[[20, 45, 70]] = math.nan
    judged = with_intervals(tdev(x, interval_s=1.0, factors=[1, 20]), x)
    assert judged.terms[1] == 0
    assert math.isnan(judged.value[1])
    assert math.isnan(judged.high[1])
    assert judged.high[0] > 0.0


def test_hopeless_dof_leaves_the_upper_side_open() -> None:
    low, high = deviation_interval(1.0, 0.01)
    assert low > 0.0
    assert high == math.inf or high > 1e30


def test_bad_input() -> None:
    x = np.random.default_rng(1).standard_normal(100)
    with pytest.raises(InputError, match="no chi-square"):
        with_intervals(mtie(x, interval_s=1.0, factors=[4]), x)
    with pytest.raises(InputError, match="come from 100 samples, the record has 99"):
        with_intervals(oadev(x, interval_s=1.0), x[1:])
    for dof, probability in ((0.0, 0.95), (math.nan, 0.95), (5.0, 1.0)):
        with pytest.raises(InputError, match="no interval"):
            deviation_interval(1.0, dof, probability=probability)
