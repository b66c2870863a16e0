"""The relay's protocol: figures from a table, the set of intensities, bad input."""

from __future__ import annotations

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.metrics.catalogue import metric, protocol
from qtrace.metrics.link_scan import LinkScan
from qtrace.metrics.recompute import evaluate, stability_interval
from qtrace.metrics.relay import mdi_figures as figures
from qtrace.metrics.relay.mdi import MDI
from qtrace.metrics.relay.mdi_link import DEFAULTS, expected_cells, transmittance
from qtrace.physics.entropy import binary_entropy
from qtrace.physics.relay.mdi import (
    OutcomeTables,
    estimate_outcome,
    outcome_length,
    squared_deviations,
)
from qtrace.physics.relay.mdi_channel import separating_gain
from qtrace.physics.relay.photon_classes import IntensitySet

SOLVER = 1e-6  # relative, of the linear programme
SENT = ("pulses", "probability_key_a", "probability_key_b")
EPSILONS = {"epsilon_secrecy": 1e-10, "epsilon_correctness": 1e-15}
MODELLED = {"error_correction_efficiency": 1.16}


def run(distance_km: float = 0.0, **changed: float) -> dict[str, float]:
    """Whole counts as the link model expects them, with the intensities that were set."""
    fields = {**DEFAULTS, **changed}
    cells = expected_cells(distance_km=distance_km, **fields)
    used = {k: v for k, v in fields.items() if k.startswith(("mean", "prob")) or k in SENT}
    return {**{name: float(np.round(value)) for name, value in cells.items()}, **used}


def without(given: dict[str, float], *names: str) -> dict[str, float]:
    return {k: v for k, v in given.items() if k not in names}


def finite(given: dict[str, float], **changed: float) -> dict[str, float]:
    return {**without(given, *SENT), **EPSILONS, **MODELLED, **changed}


def with_set(given: dict[str, float], low: float, high: float) -> dict[str, float]:
    means = {k: v for k, v in given.items() if k.startswith("mean")}
    edges = {f"{k}_low": v * (1 + low) for k, v in means.items()}
    edges |= {f"{k}_high": v * (1 + high) for k, v in means.items()}
    return {**without(given, *means), **edges}


def test_every_metric_of_the_protocol_has_a_value_from_its_declared_arguments() -> None:
    given = {**run(), **EPSILONS, **MODELLED}
    whole = {**given, **with_set(given, -0.001, 0.001), "leak": 0.0}
    for one in MDI.metrics:
        value = one.function(**{a.name: whole[a.name] for a in one.arguments})
        assert np.isfinite(value), one.metric_id
    assert protocol("mdi") is MDI
    for proof in MDI.proofs:
        assert metric(proof.metric_id).result_kind.endswith("certified")
        names = {a.name for a in metric(proof.metric_id).arguments}
        assert {n for p in proof.set_parameters for n in p.arguments()} <= names
        assert all(p.ideal is not None for p in proof.set_parameters if not p.modelled)


def test_closed_form_programme_and_set_are_ordered() -> None:
    given = run(30.0)
    length = figures.key_length_chernoff(**finite(given))
    assert 0.0 < figures.key_length_closed(**finite(given)) < length
    assert figures.key_length_curty2014(**finite(given)) < length
    rate = figures.key_per_use(**given, **MODELLED)
    assert 0.0 < figures.key_per_use_closed(**given, **MODELLED) < rate
    assert length / given["pulses"] < rate
    sets = [
        figures.key_length_chernoff(**finite(with_set(given, -w, w))) for w in (0.0, 0.002, 0.01)
    ]
    assert sets[0] == pytest.approx(length, rel=SOLVER)
    assert sets[0] > sets[1] > sets[2]
    rates = [figures.key_per_use(**with_set(given, -w, w), **MODELLED) for w in (0.0, 0.002, 0.01)]
    assert rates[0] == pytest.approx(rate, rel=SOLVER)
    assert rates[0] > rates[1] > rates[2]


@pytest.mark.parametrize("signs", [(1, 1), (1, -1), (-1, 1), (-1, -1)])
def test_a_mis_set_source_inside_the_set_never_certifies_more_than_its_true_length(
    signs: tuple[int, int],
) -> None:
    """Counts come from intensities 1 % off; the set is declared around the nominal ones."""
    nominal = {k: v for k, v in DEFAULTS.items() if k.startswith("mean")}
    off = {
        k: v * (1 + 0.01 * (signs[0] if k.endswith("1") else signs[1])) for k, v in nominal.items()
    }
    true = run(10.0, **off)
    declared = with_set({**true, **nominal}, -0.01, 0.01)
    truth = figures.key_length_chernoff(**finite(true))
    assert figures.key_length_chernoff(**finite(declared)) < truth
    assert figures.key_per_use(**declared, **MODELLED) < figures.key_per_use(**true, **MODELLED)


def test_sides_may_be_exchanged() -> None:
    given = run(40.0, relay_position=0.3, mean_photon_number_a1=0.35)
    turned = {}
    for name, value in given.items():
        parts = name.split("_")
        if parts[0] in {"errors", "agreements"}:
            parts[2], parts[3] = parts[3], parts[2]
            turned["_".join(parts)] = value
        else:
            last = {"a": "b", "b": "a"}.get(parts[-1][0], parts[-1][0]) + parts[-1][1:]
            turned["_".join([*parts[:-1], last])] = value
    assert turned != given
    for figure in (figures.key_per_use, figures.key_per_use_closed, figures.phase_error):
        extra = {} if figure is figures.phase_error else MODELLED
        assert figure(**turned, **extra) == pytest.approx(figure(**given, **extra), rel=1e-5)
    assert figures.key_length_chernoff(**finite(turned)) == pytest.approx(
        figures.key_length_chernoff(**finite(given)), rel=1e-5
    )


def test_measured_and_modelled_leak_agree_where_they_are_equal() -> None:
    given = run()
    modelled = figures.key_length_chernoff(**finite(given))
    lossless = figures.key_length_chernoff(
        **finite(given, error_correction_efficiency=0.0, leak=1.0)
    )
    leak = lossless - modelled + 1.0
    measured = figures.key_length_chernoff(
        **finite(given, error_correction_efficiency=0.0, leak=leak)
    )
    assert measured == pytest.approx(modelled, rel=1e-9)


def test_a_bell_state_that_is_never_announced_makes_no_key_and_costs_none() -> None:
    given = run()
    silent = {k: 0.0 if k.startswith(("errors", "agreements")) and k.endswith("_2") else v
              for k, v in given.items()}  # fmt: skip
    both, one = (figures.key_length_chernoff(**finite(x)) for x in (given, silent))
    assert one == pytest.approx(both / 2.0, rel=1e-3)


def test_small_blocks_give_their_negative_length_and_arrays_go_through() -> None:
    small = figures.key_length_chernoff(**finite(run(100.0, pulses=1e9)))
    assert -1e6 < small < 0.0
    many = {k: np.full(3, v) for k, v in finite(run()).items()}
    many["epsilon_secrecy"] = np.array([1e-15, 1e-10, 1e-5])
    for figure in (figures.key_length_closed, figures.key_length_chernoff):
        lengths = np.asarray(figure(**many))
        assert lengths.shape == (3,)
        assert lengths[0] < lengths[1] < lengths[2]


def test_the_budget_has_a_derivative_for_each_intensity_even_of_true_vacuum() -> None:
    # Unequal sources: where both are alike the closed form changes between its two cases.
    given = run(
        20.0, mean_photon_number_a1=0.32, mean_photon_number_a3=0.0, mean_photon_number_b3=0.0
    )
    value, slopes = evaluate(metric("qkd.mdi.key_length_closed"), finite(given), {})
    assert value > 0.0
    for source in ("a", "b"):
        for k in (1, 2, 3):
            assert slopes[f"mean_photon_number_{source}{k}"] != 0.0
    step = 1e-6
    moved = {**given, "mean_photon_number_a2": given["mean_photon_number_a2"] + step}
    change = figures.key_length_closed(**finite(moved)) - value
    assert change / step == pytest.approx(slopes["mean_photon_number_a2"], rel=0.05)


def test_stability_comes_from_the_closed_form() -> None:
    spread = stability_interval(
        metric("qkd.mdi.key_length_closed"),
        finite(run()),
        probability=0.95,
        draws=200,
        generator=np.random.default_rng(4),
    )
    value = figures.key_length_closed(**finite(run()))
    assert spread.low < value < spread.high


def test_counts_fall_as_the_transmittance_of_the_whole_fibre() -> None:
    near, far = (
        expected_cells(distance_km=d, **DEFAULTS)["agreements_key_1_1_1"] for d in (50.0, 60.0)
    )
    loss = transmittance(distance_km=10.0, **DEFAULTS)
    assert float(far / near) == pytest.approx(float(loss), rel=0.02)
    assert MDI.link_model is not None
    assert MDI.link_model.repeater


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"errors_key_1_1_1": -5.0}, "no count"),
        ({"agreements_test_2_2_1": 2.0**54}, "no count"),
        ({"probability_a1": 0.7}, "do not sum to 1"),
        ({"mean_photon_number_b2": 0.9}, "do not fall"),
        ({"epsilon_secrecy": 0.0}, "not between 0 and 1"),
        ({"epsilon_correctness": 1.0}, "not between 0 and 1"),
        ({"leak": 10.0}, "both given"),
        ({"error_correction_efficiency": 0.0}, "not given"),
    ],
)
def test_bad_input_is_refused(changed: dict[str, float], said: str) -> None:
    for figure in (figures.key_length_chernoff, figures.key_length_closed):
        with pytest.raises(InputError, match=said):
            figure(**finite(run(), **changed))


def test_overlapping_sets_of_intensities_are_refused() -> None:
    with pytest.raises(InputError, match="overlap"):
        figures.key_length_chernoff(**finite(with_set(run(), -0.9, 0.9)))


def test_each_bell_state_takes_half_of_the_epsilons() -> None:
    given = run()
    tables = [np.zeros((3, 3)) for _ in range(3)]
    for i in range(3):
        for j in range(3):
            for k, basis in enumerate(("key", "test", "test")):
                cell = f"{basis}_{i + 1}_{j + 1}_1"
                right = given[f"agreements_{cell}"] if k < 2 else 0.0
                tables[k][i, j] = given[f"errors_{cell}"] + right
    chosen, means = (
        tuple(given[f"{what}_a{k}"] for k in (1, 2, 3))
        for what in ("probability", "mean_photon_number")
    )
    source = IntensitySet(chosen, means, means)
    how = squared_deviations(0.5e-10)
    estimate = estimate_outcome(source, source, tables=OutcomeTables(*tables), deviations=how)
    n = tables[0][0, 0]
    leak = 1.16 * n * binary_entropy(given["errors_key_1_1_1"] / n)
    one = outcome_length(estimate, leak=leak, share=how.share, epsilon_correctness=0.5e-15)
    # Both states are alike; the epsilons matter by some ten bits and by the deviations.
    assert figures.key_length_chernoff(**finite(given)) == pytest.approx(2 * float(one), abs=0.5)


def test_the_relay_may_stand_at_one_source() -> None:
    """At a: nothing of a's light is lost, and a's weakest pulses still give many counts."""
    fields = {**DEFAULTS, "relay_position": 0.0}
    cells = expected_cells(distance_km=100.0, **fields)
    gain, _ = separating_gain(0.145 * 0.3, 0.145 * 0.01 * 5e-4, dark=6.02e-6, misalignment=0.015)
    pairs = 1e14 * 0.64 * 0.6 * 0.1 / 2
    counted = cells["errors_key_1_3_1"] + cells["agreements_key_1_3_1"]
    assert float(counted) == pytest.approx(float(pairs * gain), rel=1e-9)


def test_the_figure_falls_smoothly_with_distance_whatever_the_place_of_the_relay() -> None:
    """At 77 km of an uneven link the solver once gave up, and the key with it."""
    distances = np.arange(60.0, 90.0, 1.0)
    for name in ("key_per_use", "certified_key_per_use"):
        for place in (0.3, 0.5):
            scan = LinkScan(MDI, metric(f"qkd.mdi.{name}"), {**MODELLED, "relay_position": place})
            key = np.array([scan.at("distance_km", float(x)).figure for x in distances])
            falls = key[1:] / key[:-1]
            assert key.min() > 0.0
            assert falls.max() < 1.0
            assert np.ptp(falls) < 0.02  # about 4.6 % per km, slowly changing
