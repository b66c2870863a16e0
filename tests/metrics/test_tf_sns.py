"""Sending or not sending from a table of clicks: the printed sums, known yields, bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.metrics.catalogue import metric, protocol
from qtrace.metrics.recompute import evaluate
from qtrace.metrics.relay import tf_sns_figures as figures
from qtrace.metrics.relay.tf_sns import DEFAULTS, NOTHING_CERTIFIED, TF_SNS, expected_cells
from qtrace.physics.entropy import binary_entropy
from qtrace.physics.relay.tf_sns import key_per_window
from qtrace.physics.relay.twin_field import pair_yield

MODELLED = {"error_correction_efficiency": 1.16}
SAME = 1e-9  # relative: sums in another order


def run(distance_km: float, **changed: float) -> dict[str, float]:
    """Expected counts of the link model, with what was set; not rounded."""
    fields = {**DEFAULTS, **changed}
    cells = expected_cells(distance_km=distance_km, **fields)
    names = ("mean", "prob", "send")
    used = {k: v for k, v in fields.items() if k.startswith(names) or k == "pulses"}
    return {**{name: float(value) for name, value in cells.items()}, **used}


def figure(name: str, given: dict[str, float]) -> float:
    one = metric(f"qkd.tf_sns.{name}")
    return float(one.function(**{a.name: given[a.name] for a in one.arguments if a.name in given}))


def turned(given: dict[str, float]) -> dict[str, float]:
    """The same run with both sides exchanged."""
    swap = {"a": "b", "b": "a", "a1": "b1", "b1": "a1", "a2": "b2", "b2": "a2"}
    found = {}
    for name, value in given.items():
        parts = name.split("_")
        if parts[1:2] == ["test"]:
            parts[2], parts[3] = parts[3], parts[2]
        else:
            parts[-1] = swap.get(parts[-1], parts[-1])
        found["_".join(parts)] = value
    return found


def test_the_figure_is_the_printed_sum_over_all_windows() -> None:
    given = {**run(200.0), **MODELLED}
    windows = DEFAULTS["pulses"] * 0.7 * 0.7
    clicks = given["errors_key"] + given["agreements_key"]
    m, p, f = 0.35, 0.06, 1.16
    phase = figure("phase_error", given)
    single = 2 * p * (1 - p) * m * math.exp(-m) * figure("single_yield", given)
    leak = clicks / windows * f * float(binary_entropy(figure("qber", given)))
    expected = 0.49 * (single * (1 - float(binary_entropy(phase))) - leak)
    assert figure("key_per_use", given) == pytest.approx(expected, rel=SAME)
    by_physics = key_per_window(
        figure("single_yield", given), phase, signal=m, send_probability=p,
        gain=clicks / windows, error_rate=figure("qber", given), error_correction_efficiency=f,
    )  # fmt: skip
    assert figure("key_per_use", given) == pytest.approx(0.49 * float(by_physics), rel=SAME)


@pytest.mark.parametrize("place", [0.5, 0.4])
def test_yield_and_phase_error_lie_on_the_safe_side_of_the_model(place: float) -> None:
    given = run(200.0, relay_position=place)
    arms = [0.5 * 10 ** (-0.2 * 200.0 * part / 10.0) for part in (place, 1 - place)]
    truth = (
        sum(
            2.0
            * float(
                pair_yield(*photons, transmittance_a=arms[0], transmittance_b=arms[1], dark=1e-9)
            )
            for photons in ((1, 0), (0, 1))
        )
        / 2.0
    )
    assert 0.9 * truth < figure("single_yield", given) <= truth
    assert figure("phase_error", given) >= (1.0 - math.cos(0.2)) / 2.0


def test_the_rate_falls_with_the_root_of_the_transmittance_and_passes_plob() -> None:
    near, far = (figure("key_per_use", {**run(d), **MODELLED}) for d in (200.0, 250.0))
    assert near / far == pytest.approx(math.sqrt(10.0), rel=0.02)
    at_400 = figure("key_per_use", {**run(400.0), **MODELLED})
    assert at_400 > -math.log2(1.0 - 10 ** (-0.2 * 400.0 / 10.0))
    assert TF_SNS.link_model is not None
    assert TF_SNS.link_model.repeater


def test_sides_may_be_exchanged_and_more_errors_give_less() -> None:
    given = {**run(150.0, relay_position=0.45, mean_photon_number_key_a1=0.36), **MODELLED}
    other = turned(given)
    assert other["mean_photon_number_key_b1"] == 0.36
    best = figure("key_per_use", given)
    assert figure("key_per_use", other) == pytest.approx(best, rel=SAME)
    for worse in ("errors_key", "errors_test_2_2"):
        assert figure("key_per_use", {**given, worse: 1.5 * given[worse]}) < best


def test_nothing_is_certified_and_it_is_said_why() -> None:
    assert protocol("tf_sns") is TF_SNS
    assert TF_SNS.proofs == ()
    assert TF_SNS.no_security_outcome == NOTHING_CERTIFIED
    assert all("certified" not in one.metric_id for one in TF_SNS.metrics)


def test_the_estimate_has_a_budget_of_all_intensities_and_draws_at_once() -> None:
    given = {**run(200.0), **MODELLED}
    u = {k: 0.01 * v for k, v in given.items() if k.startswith("mean")}
    value, slopes = evaluate(metric("qkd.tf_sns.key_per_use"), given, u)
    assert value > 0.0
    assert all(slopes[name] != 0.0 for name in u)
    drawn = {**given, "mean_photon_number_a2": np.full(1000, given["mean_photon_number_a2"])}
    many = np.asarray(figures.key_per_use(**drawn))
    assert many.shape == (1000,)
    assert np.all(many == pytest.approx(value, rel=SAME))


def test_no_errors_where_none_are_told_apart_leave_the_budget_of_counts() -> None:
    """The link model and people write 0 errors there; a derivative must be able to step below."""
    given = {**run(200.0), **MODELLED}
    u = {k: max(v, 0.5) ** 0.5 for k, v in given.items() if k.startswith(("err", "agr"))}
    _, slopes = evaluate(metric("qkd.tf_sns.key_per_use"), given, u)
    assert given["errors_test_2_0"] == 0.0
    assert slopes["agreements_test_2_0"] > 0.0
    assert slopes["errors_test_2_0"] == pytest.approx(slopes["agreements_test_2_0"], rel=1e-3)
    with pytest.raises(InputError, match="no count"):
        figure("key_per_use", {**given, "errors_test_2_0": -1.0})


def test_told_bits_stand_for_the_efficiency() -> None:
    given = run(200.0)
    clicks = given["errors_key"] + given["agreements_key"]
    told = 1.16 * clicks * float(binary_entropy(figure("qber", given)))
    modelled = figure("key_per_use", {**given, **MODELLED})
    assert figure("key_per_use", {**given, "leak": told}) == pytest.approx(modelled, rel=1e-6)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"errors_key": -5.0}, "no count"),
        ({"probability_b2": 0.9}, "do not sum to 1"),
        ({"mean_photon_number_a2": 0.9}, "do not rise"),
        ({"leak": 10.0}, "both given"),
        ({"error_correction_efficiency": 0.0}, "not given"),
    ],
)
def test_bad_input_is_refused(changed: dict[str, float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        figure("key_per_use", {**run(100.0), **MODELLED, **changed})
