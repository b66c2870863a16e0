"""Calibration intervals: methods A3, S2 and variables against published and computed figures.

"computed with suncal 1.7.1": run once with that version of the package (sandialabs/suncal) in an
environment of its own. "NASA handbook": NASA-HDBK-8739.19-5, tables 7-2 to 7-7, as printed in the
tests of suncal 1.7.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from qtrace.uncertainty.interval_a3 import assess_interval
from qtrace.uncertainty.interval_s2 import Observations, reliability_interval
from qtrace.uncertainty.interval_variables import (
    VariablesVersion,
    fit_growth,
    reliability_interval_of_growth,
    uncertainty_interval,
)

SAME_FORMULA = 1e-9  # relative: one closed formula, two programs
SOLVED = 2e-7  # relative: a root found by another program to its own tolerance

# x, n, target, confidence; calculated, proposed (computed with suncal 1.7.1)
A3_CASES = (
    (15, 20, 0.95, 0.5, 230.84604619402594, 230.84604619402594),
    (42, 50, 0.90, 0.3, 328.81398043352857, 328.81398043352857),
    (20, 20, 0.95, 0.5, 503.2321224575541, 503.2321224575541),
    (0, 5, 0.95, 0.5, 182.5, 182.5),
    (19, 20, 0.90, 0.5, 404.4575669318439, 365.0),
    (49, 50, 0.90, 0.5, 438.41224582920256, 365.0),
    (48, 50, 0.90, 0.5, 417.18814957975843, 365.0),
    (1, 4, 0.90, 0.5, 182.5, 182.5),
    (45, 50, 0.90, 0.5, 365.0, 365.0),
)


@pytest.mark.parametrize(("x", "n", "target", "confidence", "calculated", "proposed"), A3_CASES)
def test_a3_as_suncal(
    x: int, n: int, target: float, confidence: float, calculated: float, proposed: float
) -> None:
    found = assess_interval(x, n, present_days=365.0, target=target, confidence=confidence)
    assert found.calculated_days == pytest.approx(calculated, rel=SAME_FORMULA)
    assert found.proposed_days == pytest.approx(proposed, rel=SAME_FORMULA)


def test_a3_of_the_recommended_practice() -> None:
    """42 of 50 at a target of 90 %: printed 329 d, 75.57 %, 80.67 to 86.64 %."""
    found = assess_interval(42, 50, present_days=365.0, target=0.90, confidence=0.3)
    assert round(found.proposed_days) == 329
    assert found.rejection_confidence == pytest.approx(0.7557, abs=5e-5)
    assert found.reliability == pytest.approx((0.8067, 0.8664), abs=5e-5)
    other = assess_interval(15, 20, present_days=365.0, target=0.95)
    assert other.rejection_confidence == pytest.approx(0.9948521193306954, rel=SAME_FORMULA)


# RP-1, table D-1 as in the tests of suncal: weeks, calibrations, in tolerance.
WEEKS = np.array([4.0, 7.0, 10.0, 13.0, 21.0, 28.0, 40.0, 48.0])
COUNTS = np.array([4.0, 6.0, 14.0, 13.0, 22.0, 49.0, 18.0, 6.0])
GOOD = np.array([4.0, 5.0, 9.0, 8.0, 12.0, 20.0, 9.0, 2.0])

# -log L, F, F critical, rejection confidence in %, interval limits at 95 % (suncal 1.7.1).
S2_CASES = {
    "exponential": (13.223205907458988, 0.5838754843448231, 2.08424, 23.199511, 8.0951, 13.5433),
    "weibull": (12.579049488598686, 0.4470688409298507, 2.172501, 15.411727, 1.9788, 13.3076),
    "mixed exponential": (12.333906520120035, 0.38020007696, 2.172501, 10.950773, 3.2974, 13.2141),
    "random walk": (11.995808891816385, 0.3153209788209829, 2.172501, 7.201354, 2.1562, 11.8413),
    "modified gamma": (27.43649365649366, 2.808500112963104, 2.08424, 99.049761, 15.4406, 19.8596),
    "mortality drift": (
        13.223205907458997,
        0.6811880652985262,
        2.172501,
        33.49005,
        6.3024,
        15.9556,
    ),
    "log normal": (12.32380966396899, 0.39106698068475043, 2.172501, 11.638814, 2.9176, 13.1936),
}
S2_FLAT = {"restricted random walk": 11.995295391, "drift": 13.630681292, "warranty": 13.642112210}
# suncal rounds the interval to whole units.
S2_INTERVALS = {
    "random walk": 8, "mixed exponential": 7, "log normal": 8, "restricted random walk": 8,
    "weibull": 7, "exponential": 10, "mortality drift": 10, "modified gamma": 17,
}  # fmt: skip


def test_s2_fits_as_suncal_where_that_converges() -> None:
    found = reliability_interval(Observations(WEEKS, COUNTS, GOOD), target=0.75)
    models = {one.name: one for one in found.models}
    assert len(models) == 10
    for name, (likelihood, f, critical, rejected, low, high) in S2_CASES.items():
        one = models[name]
        assert -one.log_likelihood == pytest.approx(likelihood, abs=1e-8), name
        assert one.f == pytest.approx(f, rel=5e-6), name
        assert one.critical_f == pytest.approx(critical, abs=1e-5), name
        assert one.rejection_confidence == pytest.approx(rejected / 100.0, rel=1e-5), name
        # suncal takes derivatives by forward differences and stops at 0.01.
        assert one.limits == pytest.approx((low, high), abs=0.01), name
    for name, interval in S2_INTERVALS.items():
        assert round(models[name].interval or 0.0) == interval, name
    for name, likelihood in S2_FLAT.items():
        # At least as likely as what suncal stops at; these have a flat direction.
        assert -models[name].log_likelihood <= likelihood + 1e-7, name
        assert -models[name].log_likelihood == pytest.approx(likelihood, abs=5e-6), name
    assert models["exponential"].parameters == pytest.approx((0.02811589,), rel=1e-6)
    assert models["weibull"].parameters == pytest.approx((0.02432043, 0.70129355), rel=1e-6)
    assert models["random walk"].parameters == pytest.approx((0.0, 0.09541423), abs=1e-8)
    assert models["warranty"].interval is None  # below 75 % from the start
    assert not models["modified gamma"].accepted
    assert found.best is not None
    assert found.best.name == "random walk"  # suncal's choice, too
    assert found.best.merit == pytest.approx(309.835, rel=1e-5)
    assert not found.extrapolated


# NASA handbook, table 7-2: days since calibration, as found minus as left.
DAYS = [70.0, 86.0, 104.0, 135.0, 167.0, 173.0]
SHIFTS = [0.1, 0.11, 0.251, 0.299, 0.403, 0.615]
U0, Y0 = 0.28, 10.03


def test_the_drift_fit_of_the_nasa_handbook() -> None:
    growth = fit_growth(DAYS, SHIFTS, order=2)
    assert growth.fit.parameters == pytest.approx([0.00015741, 0.00001674], abs=5e-9)
    assert np.diag(growth.fit.covariance) == pytest.approx([1.01e-6, 4.549e-11], rel=2e-4)
    assert growth.fit.covariance[0, 1] == pytest.approx(-6.607e-9, abs=5e-13)
    assert growth.residual_deviation == pytest.approx(0.0708, abs=5e-5)
    assert growth.degrees_of_freedom == 4


def test_the_form_of_suncal_1_7_gives_the_intervals_of_the_nasa_handbook() -> None:
    growth = fit_growth(DAYS, SHIFTS, order=2)
    old = VariablesVersion.SUNCAL_1_7
    both = reliability_interval_of_growth(
        growth, start=Y0, u_start=U0, low=9.0, high=11.0, target=0.9, version=old
    )
    assert both.interval == pytest.approx(140.1, abs=0.05)
    assert both.version.startswith("variables method as in suncal 1.7 ")
    upper = reliability_interval_of_growth(
        growth, start=Y0, u_start=U0, low=None, high=11.0, target=0.9, version=old
    )
    assert upper.interval == pytest.approx(171.75, abs=0.005)
    with_scatter = math.hypot(U0, growth.residual_deviation)
    found = uncertainty_interval(growth, u_start=with_scatter, u_target=0.5)
    assert found.interval == pytest.approx(327.15, abs=0.005)


# order; uncertainty target 0.5; reliability 90 % within 9 ... 11, below 11 (suncal 1.7.1)
VARIABLES_CASES = (
    (1, 1292.0730706942763, 231.2819170979585, 231.28192431037579),
    (2, 328.9317037705099, 184.93425530073426, 184.93425728079818),
    (3, 215.90376659418249, 179.68840207824528, 179.68840776270287),
)


@pytest.mark.parametrize(("order", "by_u", "between", "below"), VARIABLES_CASES)
def test_variables_as_suncal(order: int, by_u: float, between: float, below: float) -> None:
    growth = fit_growth(DAYS, SHIFTS, order=order)
    found = uncertainty_interval(growth, u_start=U0, u_target=0.5)
    assert found.interval == pytest.approx(by_u, rel=SOLVED)
    for low, expected in ((9.0, between), (None, below)):
        one = reliability_interval_of_growth(
            growth, start=Y0, u_start=U0, low=low, high=11.0, target=0.9
        )
        assert one.interval == pytest.approx(expected, rel=SOLVED)
        assert one.version == "variables method as in suncal 1.7.1"
        assert one.extrapolated  # beyond 173 days


def test_variables_with_degrees_of_freedom_of_the_start_and_automatic_order() -> None:
    growth = fit_growth(DAYS, SHIFTS)
    assert growth.order == 2  # computed with suncal 1.7.1, maxorder 3
    found = reliability_interval_of_growth(
        growth, start=Y0, u_start=U0, low=9.0, high=11.0, target=0.9, nu_start=20.0
    )
    assert found.interval == pytest.approx(183.2346959253247, rel=SOLVED)
    assert found.degrees_of_freedom == pytest.approx(21.772241508825726, rel=SOLVED)


def test_the_two_published_forms_differ_and_say_so() -> None:
    """The same data, 185 or 140 days: a decision keeps which form it rests on."""
    growth = fit_growth(DAYS, SHIFTS, order=2)
    found = [
        reliability_interval_of_growth(
            growth, start=Y0, u_start=U0, low=9.0, high=11.0, target=0.9, version=version
        )
        for version in VariablesVersion
    ]
    assert found[0].version != found[1].version
    assert (found[0].interval or 0.0) - (found[1].interval or 0.0) > 40.0
