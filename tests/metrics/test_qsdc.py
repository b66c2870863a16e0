"""Direct communication from counts: estimates only, check errors with exact intervals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from qtrace.errors import InputError
from qtrace.metrics.catalogue import METRICS, metric
from qtrace.metrics.direct.qsdc import QSDC_DL04, QSDC_DL04_DECOY, QSDC_NETWORK, QSDC_TWO_STEP
from qtrace.metrics.direct.qsdc_figures import check_intervals
from qtrace.metrics.metric import ArgumentSource
from qtrace.metrics.protocol import Protocol
from qtrace.metrics.recompute import evaluate
from qtrace.physics.qsdc import (
    dense_coding_capacity,
    dl04_capacity,
    dl04_decoy_capacity,
    single_photon_check,
    two_step_capacity,
)

ALL = (QSDC_DL04, QSDC_DL04_DECOY, QSDC_TWO_STEP, QSDC_NETWORK)
PULSES = {"pulses_message": 1e8, "pulses_check_x": 1e6, "pulses_check_z": 1e6}
DL04 = {
    "errors_message": 1800.0,
    "agreements_message": 298_200.0,
    "errors_check_x": 80.0,
    "agreements_check_x": 9920.0,
    "errors_check_z": 90.0,
    "agreements_check_z": 9910.0,
    **PULSES,
}


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_no_figure_is_a_key_and_no_security_outcome_is_evaluated(one: Protocol) -> None:
    assert one.no_security_outcome
    assert one.proofs == ()
    kinds = {m.result_kind for m in one.metrics}
    assert kinds <= {"qber", "capacity_estimate", "pair_fidelity"}
    assert "capacity_estimate" in kinds


def test_no_other_protocol_gives_capacity_estimates() -> None:
    names = {m.metric_id.split(".")[1] for m in METRICS if m.result_kind == "capacity_estimate"}
    assert names == {one.name for one in ALL}


def test_formulas_that_were_not_confirmed_say_so() -> None:
    for one in ALL:
        for m in one.metrics:
            if m.result_kind == "capacity_estimate":
                assert "from memory" in m.source


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_counts_are_cells_of_the_table(one: Protocol) -> None:
    cells = set(one.table.names())
    for m in one.metrics:
        counted = {a.name for a in m.arguments if a.source is ArgumentSource.COUNTS}
        assert counted <= cells


def test_single_photons_from_counts() -> None:
    found = metric("qkd.qsdc_dl04.capacity_estimate").function(
        **DL04, check_receiver_efficiency=0.5
    )
    expected = dl04_capacity(3e-3, 0.006, reach=0.02, error_x=0.008, error_z=0.009)
    assert found == pytest.approx(expected, rel=1e-12)


def test_the_checking_receiver_limits_the_estimate() -> None:
    value, parts = evaluate(
        metric("qkd.qsdc_dl04.capacity_estimate"),
        {**DL04, "check_receiver_efficiency": 0.5},
        {"check_receiver_efficiency": 0.01},
    )
    # A better receiver that sees as little means that less arrived.
    assert parts["check_receiver_efficiency"] > 0.0
    assert value > 0.0


def test_two_steps_from_counts() -> None:
    counts = {
        "errors_message_bit": 2e5,
        "agreements_message_bit": 9.8e6,
        "errors_message_phase": 3e5,
        "agreements_message_phase": 9.7e6,
        "errors_check_x": 1000.0,
        "agreements_check_x": 99_000.0,
        "errors_check_z": 4000.0,
        "agreements_check_z": 96_000.0,
    }
    found = metric("qkd.qsdc_two_step.capacity_estimate").function(
        **counts, **PULSES, check_receiver_efficiency=0.25
    )
    expected = two_step_capacity(0.1, 0.02, 0.03, reach=0.4, error_x=0.01, error_z=0.04)
    assert found == pytest.approx(expected, rel=1e-12)


def decoy_counts() -> dict[str, float]:
    sent = {"check_x": 1e9, "check_z": 1e9, "message": 1e9}
    shares, gains, errors = (0.8, 0.15, 0.05), (2.5e-2, 5.1e-3, 1e-6), (2.5e-4, 5.2e-5, 5e-7)
    counts = {}
    for mode in ("check_x", "check_z"):
        for k, (share, gain, wrong) in enumerate(zip(shares, gains, errors, strict=True), start=1):
            counts[f"errors_{mode}_{k}"] = sent[mode] * share * wrong
            counts[f"agreements_{mode}_{k}"] = sent[mode] * share * (gain - wrong)
    counts |= {"errors_message_1": 8e6 * 0.01, "agreements_message_1": 8e6 * 0.99}
    counts |= {f"pulses_{mode}": n for mode, n in sent.items()}
    counts |= {"mean_photon_number_1": 0.5, "mean_photon_number_2": 0.1}
    counts |= {"mean_photon_number_3": 0.0}
    return counts | {"probability_1": 0.8, "probability_2": 0.15, "probability_3": 0.05}


def test_weak_pulses_from_counts() -> None:
    found = metric("qkd.qsdc_dl04_decoy.capacity_estimate").function(**decoy_counts())
    single = single_photon_check((0.5, 0.1, 0.0), (2.5e-2, 5.1e-3, 1e-6), (2.5e-4, 5.2e-5, 5e-7))
    expected = dl04_decoy_capacity(
        0.01,
        0.01,
        mean_photon_number=0.5,
        error_x=single.error_upper,
        error_z=single.error_upper,
    )
    assert found == pytest.approx(float(expected), rel=1e-9)
    assert found < 0.0  # half a photon leaves Eve more than Bob gets: shown, not cut


def test_the_estimate_of_weak_pulses_has_a_derivative_in_each_intensity() -> None:
    estimates = decoy_counts() | {"mean_photon_number_3": 1e-4}
    _, parts = evaluate(
        metric("qkd.qsdc_dl04_decoy.capacity_estimate"), estimates, {"mean_photon_number_1": 0.005}
    )
    assert parts["mean_photon_number_1"] < 0.0


@pytest.mark.parametrize(
    "one", [QSDC_DL04, QSDC_DL04_DECOY, QSDC_TWO_STEP], ids=lambda one: one.name
)
def test_the_model_of_a_link_gives_an_estimate_that_falls_with_distance(one: Protocol) -> None:
    model = one.link_model
    assert model is not None
    wanted = metric(f"qkd.{one.name}.capacity_estimate")
    values = []
    for distance in (1.0, 10.0, 40.0):
        cells = model.cells(distance_km=np.asarray(distance), **model.defaults)
        assert set(cells) == set(one.table.names() if one.table else ())
        given = {**model.defaults, **cells}
        values.append(float(wanted.function(**{a.name: given[a.name] for a in wanted.arguments})))
    assert values == sorted(values, reverse=True)


def test_more_detections_than_pulses_are_refused() -> None:
    with pytest.raises(InputError, match="cannot be"):
        metric("qkd.qsdc_dl04.capacity_estimate").function(
            **DL04 | {"pulses_message": 1e5}, check_receiver_efficiency=0.5
        )


def test_check_errors_have_exact_intervals() -> None:
    found = check_intervals(
        {
            "errors_check_x": 0,
            "agreements_check_x": 1000,
            "errors_check_z": 9,
            "agreements_check_z": 991,
        },
        probability=0.95,
    )
    assert found["check_x"].low == 0.0
    assert found["check_x"].high == pytest.approx(1 - 0.025 ** (1 / 1000), rel=1e-9)
    exact = stats.binomtest(9, 1000).proportion_ci(0.95, method="exact")
    assert found["check_z"].low == pytest.approx(exact.low, rel=1e-9)
    assert found["check_z"].high == pytest.approx(exact.high, rel=1e-9)


def test_a_link_of_a_network() -> None:
    counts = {}
    for basis in "xyz":
        counts |= {f"errors_{basis}": 333.0, f"agreements_{basis}": 9667.0}
    fidelity = metric("qkd.qsdc_network.fidelity").function(**counts)
    assert fidelity == pytest.approx(1 - 1.5 * 0.0333, rel=1e-12)
    capacity = metric("qkd.qsdc_network.capacity_estimate").function(**counts)
    assert capacity == pytest.approx(float(dense_coding_capacity(fidelity)), rel=1e-12)


NETWORK_DRAWS = 4000
COVERED_AT_LEAST = 0.95 - 3.0 * (0.95 * 0.05 / NETWORK_DRAWS) ** 0.5  # minus simulation error


@pytest.mark.parametrize("trials", [30, 2000])
@pytest.mark.parametrize("rates", [(0.0333, 0.0333, 0.0333), (0.0, 0.01, 0.09)])
def test_the_interval_of_the_fidelity_covers_at_any_counts(
    trials: int, rates: tuple[float, float, float]
) -> None:
    generator = np.random.default_rng(20210914)
    interval = metric("qkd.qsdc_network.fidelity").interval
    assert interval is not None
    true = 1.0 - sum(rates) / 2.0
    seen: dict[tuple[int, ...], bool] = {}
    drawn = generator.binomial(trials, rates, size=(NETWORK_DRAWS, 3)).tolist()
    for errors in drawn:
        if tuple(errors) not in seen:
            counts = {}
            for basis, wrong in zip("xyz", errors, strict=True):
                counts |= {f"errors_{basis}": wrong, f"agreements_{basis}": trials - wrong}
            found = interval(counts, 0.95)
            seen[tuple(errors)] = found.low <= true <= found.high
    assert sum(seen[tuple(errors)] for errors in drawn) / NETWORK_DRAWS >= COVERED_AT_LEAST


def test_the_interval_of_the_fidelity_is_that_of_pooled_counts_where_totals_are_equal() -> None:
    counts = {}
    for basis, errors in zip("xyz", (10, 13, 10), strict=True):
        counts |= {f"errors_{basis}": errors, f"agreements_{basis}": 400 - errors}
    interval = metric("qkd.qsdc_network.fidelity").interval
    assert interval is not None
    found = interval(counts, 0.95)
    pooled = stats.binomtest(33, 1200).proportion_ci(0.95, method="exact")
    assert found.low == pytest.approx(1.0 - 1.5 * pooled.high, rel=1e-9)
    assert found.high == pytest.approx(1.0 - 1.5 * pooled.low, rel=1e-9)


def test_a_link_with_nothing_but_noise_carries_nothing() -> None:
    counts = {}
    for basis in "xyz":
        counts |= {f"errors_{basis}": 9000.0, f"agreements_{basis}": 1000.0}
    found = metric("qkd.qsdc_network.capacity_estimate").function(**counts)
    assert found == pytest.approx(0.0, abs=1e-12)
