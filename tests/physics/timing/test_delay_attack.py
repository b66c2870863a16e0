"""Detectable asymmetries: the stated power is reached in draws, and each test is blind as said."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import qtrace.physics.timing.delay_attack as attack
from qtrace.errors import InputError
from qtrace.physics.timing.delay_attack import (
    asymmetry_bound,
    attained_power,
    detectable_by_closure,
    detectable_by_innovation,
    detectable_by_round_trip,
    power_factor,
    predicted_u_s,
)
from qtrace.physics.timing.delay_step import step_test, strongest_step
from qtrace.physics.timing.loop_closure import adjust_offsets
from qtrace.physics.timing.power_law_noise import power_law_phase

PS = 1e-12
RUNS = 4000
# Four standard deviations of a share near 5 or 95 % in that many runs.
SHARE = 4.0 * math.sqrt(0.05 * 0.95 / RUNS)


def test_five_and_ninety_five_percent_need_3_6_standard_uncertainties() -> None:
    assert power_factor() == pytest.approx(1.959964 + 1.644854, abs=1e-6)


@given(st.floats(0.001, 0.2), st.floats(0.5, 0.999))
def test_the_size_named_is_found_with_the_power_named(alpha: float, power: float) -> None:
    size = float(power_factor(alpha=alpha, power=power))
    # The factor leaves out alarms on the wrong side: at most alpha/2, and only to the safe side.
    found = attained_power(asymmetry_s=size, u_s=1.0, alpha=alpha)
    assert power - 1e-9 <= found <= power + 0.5 * alpha


def test_a_step_of_the_round_trip_is_found_as_often_as_said() -> None:
    generator = np.random.default_rng(11)
    size = detectable_by_round_trip(sigma_s=5 * PS, points_before=40, points_after=10).asymmetry_s
    assert size == pytest.approx(3.6048 * 5 * PS * math.sqrt(1 / 40 + 1 / 10), rel=1e-4)

    def share(step: float) -> float:
        found = 0
        for _ in range(RUNS):
            before = generator.normal(0.0, 5 * PS, 40)
            after = generator.normal(step, 5 * PS, 10)
            found += step_test(before, after, sigma_s=5 * PS).found
        return found / RUNS

    assert share(size) == pytest.approx(0.95, abs=SHARE)
    assert share(0.0) == pytest.approx(0.05, abs=SHARE)


def test_a_delay_added_one_way_and_taken_off_the_other_leaves_the_round_trip() -> None:
    generator = np.random.default_rng(12)
    ab, ba = generator.normal(0.0, 5 * PS, (2, 50))
    d = 1e-9
    trip = ab + ba
    attacked = (ab + d) + (ba - d)
    assert np.allclose(attacked, trip, atol=1e-20)
    assert "added in one direction and taken from the other" in attack.BLIND_ROUND_TRIP


def test_what_the_thermal_model_leaves_does_not_average() -> None:
    many = detectable_by_round_trip(
        sigma_s=5 * PS, points_before=10**6, points_after=10**6, u_model_s=2 * PS
    )
    assert many.asymmetry_s == pytest.approx(3.6048 * 2 * PS, rel=1e-3)


def test_a_step_at_an_unknown_time_is_found_where_it_is() -> None:
    generator = np.random.default_rng(13)
    points = generator.normal(0.0, 1.0, 400)
    points[250:] += 2.0
    found = strongest_step(points, sigma_s=1.0)
    assert found.found
    assert abs(found.index - 250) <= 5
    assert found.step_s == pytest.approx(2.0, abs=5.0 * found.u_s)


def test_the_strongest_step_is_that_of_all_two_sample_tests() -> None:
    points = np.random.default_rng(14).normal(0.0, 1.0, 60)
    every = [step_test(points[:k], points[k:], sigma_s=1.0) for k in range(1, 60)]
    best = max(every, key=lambda one: abs(one.z))
    found = strongest_step(points, sigma_s=1.0)
    assert found.index == best.index
    assert found.z == pytest.approx(best.z)
    assert found.step_s == pytest.approx(best.step_s)


def test_seeking_over_all_times_alarms_no_more_than_alpha() -> None:
    generator = np.random.default_rng(15)
    alarms = [
        strongest_step(generator.normal(0.0, 1.0, 50), sigma_s=1.0).found for _ in range(2000)
    ]
    assert np.mean(alarms) <= 0.05


def test_an_asymmetry_moves_the_offset_by_half_of_it() -> None:
    found = detectable_by_innovation(u_offset_s=3 * PS, u_prediction_s=4 * PS)
    assert found.asymmetry_s == pytest.approx(2.0 * 3.6048 * 5 * PS, rel=1e-4)


def forecast(past: NDArray[np.float64], alpha_noise: int) -> NDArray[np.float64]:
    """Return the next point of records (runs, n) by the best rule for the noise, from them alone."""
    if alpha_noise == 2:
        mean: NDArray[np.float64] = past.mean(axis=1)
        return mean
    if alpha_noise == 0:  # the last point, and the mean frequency
        last: NDArray[np.float64] = past[:, -1] + (past[:, -1] - past[:, 0]) / (past.shape[1] - 1)
        return last
    if alpha_noise == -2:
        walk: NDArray[np.float64] = 2.0 * past[:, -1] - past[:, -2]
        return walk
    # Flicker: no rule of a few words; the next second difference by regression on earlier ones.
    half = len(past) // 2
    seconds = np.diff(past, n=2, axis=1)
    weights = np.linalg.lstsq(seconds[:half, :-1], seconds[:half, -1], rcond=None)[0]
    following: NDArray[np.float64] = seconds[:, 1:] @ weights
    flicker: NDArray[np.float64] = 2.0 * past[:, -1] - past[:, -2] + following
    return flicker


@pytest.mark.parametrize("alpha_noise", [2, 0, -1, -2])
def test_the_error_of_a_prediction_is_that_of_records(alpha_noise: int) -> None:
    """Records of one noise, their last point foretold from those before it."""
    generator = np.random.default_rng([17, alpha_noise + 2])
    n, runs = 40, 4000
    records = np.array(
        [
            power_law_phase(
                n, interval_s=1.0, alpha=alpha_noise, level=1.0, generator=generator, settle=400
            )
            for _ in range(runs)
        ]
    )
    allan = math.sqrt(0.5 * float(np.mean(np.square(np.diff(records, n=2, axis=1)))))
    told = predicted_u_s(gap_s=1.0, allan_deviation=allan, alpha_noise=alpha_noise)
    errors = (records[:, -1] - forecast(records[:, :-1], alpha_noise))[runs // 2 :]
    # 5 %: 1.6 % of 2000 errors, and the parameters that come from 39 points
    assert float(np.sqrt(np.mean(np.square(errors)))) == pytest.approx(told, rel=0.05)


@pytest.mark.parametrize("alpha_noise", [0, -2])
def test_an_asymmetry_between_two_points_is_seen_in_95_of_100_records(alpha_noise: int) -> None:
    """The size stated, put on the last point of records; the alarm at 1.96 stated u."""
    generator = np.random.default_rng([19, alpha_noise + 2])
    n, runs = 40, 4000
    records = np.array(
        [
            power_law_phase(n, interval_s=1.0, alpha=alpha_noise, level=1.0, generator=generator)
            for _ in range(runs)
        ]
    )
    allan = math.sqrt(0.5 * float(np.mean(np.square(np.diff(records, n=2, axis=1)))))
    told = predicted_u_s(gap_s=1.0, allan_deviation=allan, alpha_noise=alpha_noise)
    size = detectable_by_innovation(u_offset_s=0.0, u_prediction_s=told).asymmetry_s
    quiet = records[:, -1] - forecast(records[:, :-1], alpha_noise)
    limit = 1.959964 * told
    # four standard deviations of a share, and 2 % by the frequency of white frequency noise
    assert np.mean(np.abs(quiet) > limit) == pytest.approx(0.05, abs=SHARE)
    assert np.mean(np.abs(quiet + 0.5 * size) > limit) == pytest.approx(0.95, abs=SHARE)


def test_noise_without_a_rule_of_prediction_is_refused() -> None:
    with pytest.raises(InputError, match="exponent 1"):
        predicted_u_s(gap_s=1.0, allan_deviation=1e-12, alpha_noise=1)


def network(shift_s: float, noise_s: NDArray[np.float64]) -> float:
    """Return the z of the triangle whose first link bears a shift."""
    measured = noise_s + np.array([shift_s, 0.0, 0.0])
    result = adjust_offsets(
        [("A", "B"), ("B", "C"), ("C", "A")],
        measured,
        covariance_s2=np.eye(3) * (2 * PS) ** 2,
        reference="A",
    )
    return result.closures[0].z


def test_a_closure_finds_the_asymmetry_of_one_link_as_often_as_said() -> None:
    links = [("A", "B"), ("B", "C"), ("C", "A"), ("C", "D")]
    adjusted = adjust_offsets(
        links, np.zeros(4), covariance_s2=np.eye(4) * (2 * PS) ** 2, reference="A"
    )
    found = detectable_by_closure(adjusted)
    assert found[0].test == "closure, A to B"
    assert found[0].asymmetry_s == pytest.approx(2.0 * 3.6048 * 2 * PS * math.sqrt(3.0), rel=1e-4)
    assert math.isinf(found[3].asymmetry_s)  # D hangs on one link: no loop sees it
    generator = np.random.default_rng(18)
    draws = generator.normal(0.0, 2 * PS, (1000, 3))
    share = np.mean([abs(network(0.5 * found[0].asymmetry_s, one)) > 1.959964 for one in draws])
    assert share == pytest.approx(0.95, abs=4.0 * math.sqrt(0.05 * 0.95 / 1000))


def test_asymmetries_that_add_up_to_zero_close() -> None:
    assert network(0.0, np.array([1e-9, -0.4e-9, -0.6e-9])) == pytest.approx(0.0, abs=1e-6)


@given(st.floats(0.0, 1e-6), st.floats(0.0, 1e-6))
def test_no_asymmetry_exceeds_the_bound(extra_ab: float, extra_ba: float) -> None:
    least = 1.468 * 75e3 / 299_792_458.0
    bound = asymmetry_bound(
        round_trip_s=(least + extra_ab) + (least + extra_ba),
        u_round_trip_s=0.0,
        least_length_m=75e3,
        least_group_index=1.468,
    )
    assert abs(extra_ab - extra_ba) <= bound.asymmetry_s + 1e-18
    assert bound.power == 0.95


def test_the_bound_is_moved_outward_by_its_uncertainty() -> None:
    given_s = {"least_length_m": 75e3, "least_group_index": 1.468}
    least = 1.468 * 75e3 / 299_792_458.0
    plain = asymmetry_bound(round_trip_s=2 * least + 1e-9, u_round_trip_s=0.0, **given_s)
    wider = asymmetry_bound(
        round_trip_s=2 * least + 1e-9, u_round_trip_s=60e-12, u_least_delay_s=40e-12, **given_s
    )
    assert wider.asymmetry_s - plain.asymmetry_s == pytest.approx(1.644854 * 100e-12, rel=1e-5)


def test_a_round_trip_that_is_too_short_is_refused() -> None:
    with pytest.raises(InputError, match="shorter"):
        asymmetry_bound(
            round_trip_s=700e-6, u_round_trip_s=1e-9, least_length_m=75e3, least_group_index=1.468
        )


def test_probabilities_and_parts_that_cannot_be_are_refused() -> None:
    with pytest.raises(InputError, match="probabilities"):
        power_factor(alpha=0.0)
    with pytest.raises(InputError, match="probabilities"):
        power_factor(power=0.3)
    with pytest.raises(InputError, match="points"):
        detectable_by_round_trip(sigma_s=PS, points_before=0, points_after=3)
    with pytest.raises(InputError, match="points"):
        step_test(np.array([]), np.array([1.0]), sigma_s=PS)
    with pytest.raises(InputError, match="zero"):
        step_test(np.zeros(2), np.zeros(2), sigma_s=0.0)
    with pytest.raises(InputError, match="no step"):
        strongest_step(np.zeros(1), sigma_s=1.0)
    with pytest.raises(InputError, match="negative"):
        detectable_by_innovation(u_offset_s=-PS, u_prediction_s=PS)


def test_every_test_says_what_it_is_blind_to_and_none_promises_safety() -> None:
    texts = [getattr(attack, name) for name in dir(attack) if name.startswith("BLIND")]
    assert len(texts) == 4
    top = Path(__file__).parents[3]
    places = [
        top / "docs" / "time_corrections.md",
        *(top / "qtrace" / "physics" / "timing").glob("delay_*.py"),
        *(top / "qtrace" / "metrics" / "timing").glob("*.py"),
    ]
    promise = "sec" + "ure"
    for text in [*texts, *(place.read_text(encoding="utf-8") for place in places)]:
        assert promise not in text.lower()
