"""CHSH metrics: S with its u, p-values, and a key only where every trial is counted."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.laboratory.link import Run
from qtrace.metrics.catalogue import metric, protocol
from qtrace.metrics.entangled.chsh import CHSH
from qtrace.metrics.entangled.chsh_complete import CHSH_COMPLETE
from qtrace.metrics.recompute import evaluate, stability_interval
from qtrace.metrics.run_figures import run_results
from qtrace.metrics.run_inputs import run_inputs
from qtrace.physics.entangled.chsh import SMALLEST_P

ROUNDING = 1e-12  # relative

LINK = CHSH_COMPLETE.link_model
assert LINK is not None


def complete(**changes: float) -> dict[str, float]:
    """Return whole counts of a link of good detectors, with their number."""
    fields = dict(LINK.defaults) | changes
    cells = LINK.cells(distance_km=0.0, **fields)
    counts = {name: float(round(float(n))) for name, n in cells.items()}
    return counts | {"trials": sum(counts.values())}


def figure(name: str, **given: float) -> float:
    return float(metric(f"qkd.{name}").function(**given))


F = {"error_correction_efficiency": 1.0}


def coincidences(counts: dict[str, float]) -> dict[str, float]:
    assert CHSH.table is not None
    return {name: counts[name] for name in CHSH.table.names()}


@pytest.mark.parametrize("protocol", [CHSH, CHSH_COMPLETE], ids=lambda one: one.name)
def test_cells_of_the_table_are_arguments(protocol: object) -> None:
    assert protocol in (CHSH, CHSH_COMPLETE)
    for one in (CHSH, CHSH_COMPLETE):
        assert one.table is not None
        cells = {a.name for m in one.metrics for a in m.arguments if a.kind == "outcome_count"}
        assert cells == set(one.table.names())
        fields = {a.name for m in one.metrics for a in m.arguments} - cells
        assert fields == {field.name for field in one.parameters}
        assert one.link_model is not None
        found = one.link_model.cells(distance_km=np.array([0.0, 9.0]), **one.link_model.defaults)
        assert set(found) == set(one.table.names())
        assert all(np.shape(column) == (2,) for column in found.values())
        assert "locality" in one.choices


def test_coincidences_give_no_key() -> None:
    assert CHSH.no_security_outcome.startswith("fair-sampling witness, no DI key")
    assert not CHSH.proofs
    assert not any(one.result_kind.startswith("key_") for one in CHSH.metrics)


def test_the_uncertainty_of_the_value() -> None:
    counts = coincidences(complete())
    value, parts = evaluate(
        metric("qkd.chsh.chsh_value"), counts, {name: math.sqrt(n) for name, n in counts.items()}
    )
    assert value == pytest.approx(2 * math.sqrt(2) * 0.946, rel=1e-4)
    u = math.hypot(*(parts[name] * math.sqrt(n) for name, n in counts.items()))
    n, e = 125_000, 0.946 / math.sqrt(2)
    assert u == pytest.approx(math.sqrt(4 * (1 - e**2) / n), rel=1e-4)


def test_losing_trials_can_feign_a_violation() -> None:
    lossy = complete(detector_efficiency_a=0.7, detector_efficiency_b=0.7, visibility=1.0)
    rows = {name: n for name, n in lossy.items() if name != "trials" and "key" not in name}
    assert figure("chsh.chsh_value", **coincidences(lossy)) > 2.8
    assert figure("chsh_complete.chsh_value", **rows) < 2.0
    assert figure("chsh.p_value_fair_sampling", **coincidences(lossy), setting_bias=0.0) < 1e-9
    assert figure("chsh_complete.p_value", **lossy, setting_bias=0.0) > 0.999


def test_the_key_of_complete_trials() -> None:
    counts = complete()
    rate = figure("chsh_complete.certified_key_per_use", **counts, **F)
    assert rate == figure("chsh_complete.key_per_use", **counts, **F)
    fraction = figure("chsh_complete.key_fraction", **counts, **F)
    assert rate == pytest.approx(fraction / 2, rel=1e-9)
    # 1 - h(0.027) - h((1 + sqrt(0.78983)) / 2), worked by hand.
    assert fraction == pytest.approx(0.511, abs=5e-4)
    assert figure(
        "chsh_complete.key_error_rate", **{k: v for k, v in counts.items() if k.endswith("_key")}
    ) == pytest.approx(0.027, rel=1e-9)


@pytest.mark.parametrize("lost", [1.0, 100.0])
@pytest.mark.parametrize(
    "name", ["certified_key_per_use", "key_per_use", "key_fraction", "p_value"]
)
def test_trials_that_miss_leave_a_witness_only(name: str, lost: float) -> None:
    counts = complete(detector_efficiency_a=0.97, detector_efficiency_b=0.97)
    given = counts | ({"setting_bias": 0.0} if name == "p_value" else F)
    spread = {cell: math.sqrt(n) for cell, n in counts.items() if cell != "trials"}
    one = metric(f"qkd.chsh_complete.{name}")
    evaluate(one, given, spread)
    with pytest.raises(InputError, match="fair-sampling witness, no DI key"):
        evaluate(one, given | {"nn_12": counts["nn_12"] - lost}, spread)


def test_without_violation_the_key_is_below_zero_and_finite() -> None:
    counts = complete(visibility=0.5)
    assert figure("chsh_complete.certified_key_per_use", **counts, **F) < 0.0
    perfect = complete(visibility=1.0)
    value, _ = evaluate(metric("qkd.chsh_complete.key_per_use"), perfect | F, {})
    assert math.isfinite(value)
    assert value <= 0.5


def test_the_estimate_has_an_uncertainty_although_the_trials_are_fixed() -> None:
    counts = complete(detector_efficiency_a=0.97, detector_efficiency_b=0.97)
    cells = {name: math.sqrt(n) for name, n in counts.items() if name != "trials"}
    value, parts = evaluate(metric("qkd.chsh_complete.key_per_use"), counts | F, cells)
    assert parts
    interval = stability_interval(
        metric("qkd.chsh_complete.key_per_use"),
        counts | F,
        probability=0.95,
        draws=400,
        generator=np.random.default_rng(7),
    )
    assert interval.low < value < interval.high
    u = math.hypot(*(parts[name] * cells[name] for name in cells))
    # Tied counts of one setting are drawn apart: both routes say the same, within their scatter.
    assert (interval.high - interval.low) / 3.92 == pytest.approx(u, rel=0.15)


def test_efficiencies_of_both_sides() -> None:
    counts = complete(detector_efficiency_a=0.9, detector_efficiency_b=0.8)
    counts.pop("trials")
    assert figure("chsh_complete.detection_efficiency_a", **counts) == pytest.approx(0.9, rel=1e-4)
    assert figure("chsh_complete.detection_efficiency_b", **counts) == pytest.approx(0.8, rel=1e-4)


def test_leak_or_efficiency() -> None:
    counts = complete()
    with pytest.raises(InputError, match="exactly one of leak"):
        figure("chsh_complete.key_per_use", **counts)
    told = 5e5 * 0.17909  # n h(0.027)
    assert figure("chsh_complete.key_per_use", **counts, leak=told) == pytest.approx(
        figure("chsh_complete.key_per_use", **counts, **F), rel=1e-3
    )


def test_more_errors_less_key() -> None:
    rates = [
        figure("chsh_complete.key_per_use", **complete(visibility=v), **F)
        for v in (0.99, 0.95, 0.9, 0.86)
    ]
    assert rates == sorted(rates, reverse=True)


def test_scanned_settings_have_no_p_value() -> None:
    counts = coincidences(complete())
    for name in counts:
        if name.endswith("_11"):
            counts[name] *= 3
    with pytest.raises(InputError, match="contradicts a setting bias"):
        figure("chsh.p_value_fair_sampling", **counts, setting_bias=1e-4)


@pytest.mark.parametrize(("scale", "told"), [(1, False), (1000, True)])
def test_a_p_value_at_the_floor_of_numbers_is_said_to_be_a_limit(scale: int, *, told: bool) -> None:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    form = protocol("chsh")
    # 85 % of the trials won: equal outcomes in three settings, unequal ones in the other.
    counts = {
        f"{cell}_{pair}": (42 if (cell in ("pp", "mm")) == (pair != "12") else 8) * scale
        for cell in ("pp", "pm", "mp", "mm")
        for pair in ("11", "12", "21", "22")
    }
    run = Run(
        "R", "L", when, when, counts, {"setting_bias": 0.0}, (), "discarded", "simulated",
        protocol="chsh",
    )  # fmt: skip
    results, _ = run_results(run, "chsh", run_inputs(run, form)[0])
    found = next(one for one in results if one.name.startswith("p_value"))
    assert (found.value <= SMALLEST_P) is told
    assert any(flag.startswith("at most 2.23e-308") for flag in found.flags) is told
