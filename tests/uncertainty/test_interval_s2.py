"""Method S2: binning, fits that find their parameters again, limits that cover, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.uncertainty.interval_s2 import Observations, bin_observations, reliability_interval
from qtrace.uncertainty.reliability_models import RELIABILITY_MODELS, ReliabilityModel

BY_NAME = {one.name: one for one in RELIABILITY_MODELS}
TIMES = np.linspace(30.0, 720.0, 12)
MANY = 1e7  # so many calibrations a bin that their scatter is below the tolerances
FLAT = 1e-4  # relative: where a model has a flat direction its interval is known no better

# Parameters in 1/day: from each the counts are made, and it must be found again.
TRUE = {
    "exponential": (3e-4,),
    "weibull": (1e-3, 1.7),
    "mixed exponential": (2e-3, 0.6),
    "random walk": (0.1, 1.5e-3),
    "restricted random walk": (0.2, 0.9, 4e-3),
    "modified gamma": (4e-3,),
    "mortality drift": (2e-4, 6e-7),
    "warranty": (6e-3, 650.0),
    "drift": (2.2, 2.6, 3.5e-3),
    "log normal": (1.2e-3, 0.8),
}


def exact(model: ReliabilityModel, n: float = MANY) -> Observations:
    share = model.function(TIMES, np.array(TRUE[model.name]))
    return Observations(TIMES, np.full(len(TIMES), n), np.round(n * share))


@pytest.mark.parametrize("name", sorted(TRUE))
def test_each_model_is_found_again_from_its_own_counts(name: str) -> None:
    model = BY_NAME[name]
    target = float(model.function(np.array([400.0]), np.array(TRUE[name]))[0])
    found = reliability_interval(exact(model), target=target, models=[model])
    fit = found.models[0]
    assert fit.parameters == pytest.approx(TRUE[name], rel=2e-2)
    assert fit.interval == pytest.approx(400.0, rel=1e-3)
    assert fit.limits is not None
    low, high = fit.limits
    assert low < 400.0 < high
    assert high - low < 2.0  # days, with so many calibrations
    assert fit.accepted


def test_every_model_is_a_probability_that_falls_in_the_end() -> None:
    t = np.linspace(1.0, 5000.0, 500)
    for name, theta in TRUE.items():
        r = BY_NAME[name].function(t, np.array(theta))
        assert np.all((r >= 0.0) & (r <= 1.0)), name
        assert r[-1] < r[50] < 1.0, name


def test_a_wrong_model_is_refused_and_the_right_one_taken() -> None:
    found = reliability_interval(exact(BY_NAME["warranty"], 4000.0), target=0.9)
    models = {one.name: one for one in found.models}
    assert not models["exponential"].accepted
    assert (models["exponential"].rejection_confidence or 0.0) > 0.999
    assert models["warranty"].accepted
    truth = 650.0 - math.log(9.0) / 6e-3
    assert found.best is not None
    assert found.best.interval == pytest.approx(truth, rel=0.05)


def test_the_limits_cover_as_often_as_they_promise() -> None:
    """150 seeded sets of counts, 90 % promised: 90 % +- 2.5 standard deviations (2.4 %)."""
    model = BY_NAME["exponential"]
    generator = np.random.default_rng(5)
    n = np.full(len(TIMES), 40.0)
    share = np.exp(-3e-4 * TIMES)
    truth = -math.log(0.9) / 3e-4
    inside = 0
    for _ in range(150):
        observed = Observations(TIMES, n, generator.binomial(40, share).astype(float))
        fit = reliability_interval(observed, target=0.9, confidence=0.9, models=[model]).models[0]
        assert fit.limits is not None
        inside += fit.limits[0] <= truth <= fit.limits[1]
    assert 0.84 < inside / 150 < 0.96


def test_units_of_time_do_not_matter() -> None:
    days = reliability_interval(exact(BY_NAME["weibull"], 200.0), target=0.9)
    observed = exact(BY_NAME["weibull"], 200.0)
    years = reliability_interval(
        Observations(observed.times / 365.25, observed.n, observed.in_tolerance), target=0.9
    )
    for one, other in zip(days.models, years.models, strict=True):
        assert one.name == other.name
        if one.interval is not None:
            assert one.interval / 365.25 == pytest.approx(other.interval, rel=FLAT)


def test_few_points_that_a_curve_threads_do_not_win_without_limits() -> None:
    times = [365.0] * 3 + [380.0, 181.0, 184.0, 730.0, 730.0, 731.0, 1096.0, 1096.0]
    good = [True] * 6 + [False, True, False, False, False]
    found = reliability_interval(bin_observations(times, good), target=0.8)
    threading = next(one for one in found.models if one.name == "weibull")
    assert threading.limits is None
    assert threading.merit < 1e4  # 10 models, 1 %, fourth root of a time
    assert found.best is not None
    assert found.best.name == "modified gamma"
    assert found.best.limits is not None


def test_an_interval_beyond_the_observed_times_is_an_extrapolation() -> None:
    found = reliability_interval(
        exact(BY_NAME["exponential"], 500.0), target=0.5, models=[BY_NAME["exponential"]]
    )
    assert found.extrapolated
    assert found.longest == 720.0


def test_bins_keep_every_calibration_at_their_mean_time() -> None:
    times = [10.0, 12.0, 30.0, 90.0, 100.0, 100.0]
    found = bin_observations(times, [True, False, True, True, False, True], bins=3)
    assert found.times == pytest.approx([52.0 / 3.0, 290.0 / 3.0])
    assert list(found.n) == [3.0, 3.0]
    assert list(found.in_tolerance) == [2.0, 2.0]
    assert float(found.n @ found.times) == pytest.approx(sum(times))
    alike = bin_observations([365.0, 365.0], [True, False])
    assert list(alike.n) == [2.0]


@pytest.mark.parametrize(
    ("times", "n", "good", "target", "said"),
    [
        ([365.0], [5.0], [4.0], 0.9, "one interval only"),
        ([100.0, 200.0], [5.0, 5.0], [5.0, 5.0], 0.9, "all of the calibrations"),
        ([100.0, 200.0], [5.0, 5.0], [0.0, 0.0], 0.9, "none of the calibrations"),
        ([200.0, 100.0], [5.0, 5.0], [4.0, 5.0], 0.9, "times must rise"),
        ([0.0, 100.0], [5.0, 5.0], [4.0, 5.0], 0.9, "times must rise"),
        ([100.0, 200.0], [5.0, 5.0], [6.0, 2.0], 0.9, "counts lie"),
        ([100.0, 200.0], [5.0, 5.0], [4.0, 3.0], 1.0, "between 0 and 1"),
    ],
)
def test_counts_that_give_no_curve_are_refused(
    times: list[float], n: list[float], good: list[float], target: float, said: str
) -> None:
    observed = Observations(np.array(times), np.array(n), np.array(good))
    with pytest.raises(InputError, match=said):
        reliability_interval(observed, target=target)


def test_times_that_cannot_be_are_refused() -> None:
    for times in ([0.0, 1.0], [-1.0, 1.0], [math.nan, 1.0]):
        with pytest.raises(InputError, match="not above 0"):
            bin_observations(times, [True, False])
    with pytest.raises(InputError, match="one time and one outcome"):
        bin_observations([1.0], [True, False])
