"""Teleportation from counts: figures, exact intervals, bounds that fit the set, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.metrics.catalogue import metric
from qtrace.metrics.metric import ArgumentSource
from qtrace.metrics.protocol import Protocol
from qtrace.metrics.recompute import evaluate
from qtrace.metrics.teleportation.transfer import (
    TELEPORT_POLES_EQUATOR,
    TELEPORT_SIX_STATE,
    TELEPORT_TWO_BASES,
)
from qtrace.physics.proportions import clopper_pearson

ALL = (TELEPORT_SIX_STATE, TELEPORT_TWO_BASES, TELEPORT_POLES_EQUATOR)
# Computed by an independent script: six states, counts of our own.
K, N = (122, 120, 121, 123, 118, 125), (152, 151, 152, 152, 150, 154)
SIX = {
    f"{cell}_{s}": float(value)
    for s, k, n in zip("hvdarl", K, N, strict=True)
    for cell, value in (("errors", n - k), ("agreements", k))
}
FOUR = {f"{cell}_{s}": n for s in "hvda" for cell, n in (("errors", 15.0), ("agreements", 85.0))}
CLOCK = {"duration": 100.0, "time_base_frequency": 0.0}
HERALDED = {**SIX, **CLOCK, "heralds": 4000.0}
BELL = {"heralds": 4000.0, "bell_arrivals": 20_000.0, "bell_states_identified": 1.0}


def poisson(cells: dict[str, float]) -> dict[str, float]:
    return {name: max(value, 0.5) ** 0.5 for name, value in cells.items()}


def six(name: str, **more: float) -> float:
    return float(metric(f"teleportation.teleport_six_state.{name}").function(**{**SIX, **more}))


def test_six_states_with_u_from_the_cells() -> None:
    one = metric("teleportation.teleport_six_state.average_fidelity")
    value, slopes = evaluate(one, SIX, poisson(SIX))
    assert value == pytest.approx(0.8001586169920083, rel=1e-12)
    u = sum((slopes[name] * SIX[name] ** 0.5) ** 2 for name in SIX) ** 0.5
    assert u == pytest.approx(0.013247477159507207, rel=1e-6)
    assert six("margin_classical") / u == pytest.approx(10.0768, rel=1e-4)
    assert six("margin_no_cloning") == pytest.approx(value - 5 / 6)
    assert six("process_fidelity") == pytest.approx(0.7002379254880124, rel=1e-12)
    assert 1e-20 < six("p_value_classical") < 1e-17


def test_intervals_hang_together() -> None:
    def interval(name: str) -> tuple[float, float]:
        one = metric(f"teleportation.teleport_six_state.{name}")
        assert one.interval is not None
        found = one.interval(SIX, 0.95)
        return found.low, found.high

    low, high = interval("average_fidelity")
    assert interval("margin_classical") == pytest.approx((low - 2 / 3, high - 2 / 3))
    assert interval("process_fidelity") == pytest.approx((1.5 * low - 0.5, 1.5 * high - 0.5))
    h = metric("teleportation.teleport_six_state.fidelity_h")
    assert h.interval is not None
    exact = clopper_pearson(122, 152, probability=0.95)
    assert h.interval({"errors_h": 30.0, "agreements_h": 122.0}, 0.95) == exact


@settings(max_examples=30, deadline=None)
@given(share=st.lists(st.floats(0.0, 1.0), min_size=6, max_size=6))
def test_the_average_lies_in_its_interval_and_margins_differ_by_bounds(share: list[float]) -> None:
    cells = {}
    for state, one in zip("hvdarl", share, strict=True):
        cells[f"agreements_{state}"] = float(round(40 * one))
        cells[f"errors_{state}"] = 40.0 - round(40 * one)
    average = metric("teleportation.teleport_six_state.average_fidelity")
    value = average.function(**cells)
    assert average.interval is not None
    found = average.interval(cells, 0.95)
    assert found.low <= value <= found.high
    margins = [
        metric(f"teleportation.teleport_six_state.margin_{one}").function(**cells)
        for one in ("classical", "no_cloning")
    ]
    assert margins[0] - margins[1] == pytest.approx(5 / 6 - 2 / 3)


@pytest.mark.parametrize(
    ("protocol", "bound"), [(TELEPORT_TWO_BASES, 0.75), (TELEPORT_POLES_EQUATOR, 5 / 6)]
)
def test_four_states_have_a_higher_bound(protocol: Protocol, bound: float) -> None:
    margin = metric(f"teleportation.{protocol.name}.margin_classical").function(**FOUR)
    assert margin == pytest.approx(0.85 - bound)


def test_only_a_uniform_set_has_a_process_fidelity() -> None:
    named = {m.metric_id for one in ALL for m in one.metrics if "process_fidelity" in m.metric_id}
    assert named == {
        "teleportation.teleport_six_state.process_fidelity",
        "teleportation.teleport_poles_equator.process_fidelity_assumed",
    }
    for one in named:
        assert "trace preservation is assumed" in metric(one).title


def test_what_is_assumed_of_the_equator_must_be_declared_and_is_said() -> None:
    assumed = [m for m in TELEPORT_POLES_EQUATOR.metrics if m.metric_id.endswith("_assumed")]
    assert len(assumed) == 4
    for one in assumed:
        argument = one.argument("equator_assumed_uniform")
        assert argument is not None
        assert argument.default is None, "it is no figure unless the run declares it"
        assert "if r and l fare as d and a" in one.title
    found = metric("teleportation.teleport_poles_equator.margin_classical_assumed")
    assert found.function(**FOUR, equator_assumed_uniform=1.0) == pytest.approx(0.85 - 2 / 3)


def test_a_state_without_counts_is_missing() -> None:
    gone = {**SIX, "errors_r": 0.0, "agreements_r": 0.0}
    for name in ("average_fidelity", "p_value_classical"):
        with pytest.raises(InputError, match="missing states: nothing was counted for r"):
            metric(f"teleportation.teleport_six_state.{name}").function(**gone)


def test_rates_are_apart() -> None:
    rate = metric("teleportation.teleport_six_state.threefold_rate")
    assert rate.function(**SIX, **CLOCK) == pytest.approx(9.11)
    fast = {**CLOCK, "time_base_frequency": 1e-3}
    assert rate.function(**SIX, **fast) == pytest.approx(9.11 * 1.001)
    heralds = metric("teleportation.teleport_six_state.herald_rate")
    assert heralds.function(**HERALDED) == pytest.approx(40.0)
    for one in (rate, heralds):
        clock = one.argument("time_base_frequency")
        assert clock is not None
        assert clock.source is ArgumentSource.CALIBRATION
    with pytest.raises(InputError, match="910 heralds for 911 states"):
        heralds.function(**{**HERALDED, "heralds": 910.0})
    with pytest.raises(InputError, match="910 heralds for 911 states"):
        evaluate(heralds, {**HERALDED, "heralds": 910.0}, poisson(HERALDED))


def test_a_bell_measurement_above_its_limit_is_refused() -> None:
    one = metric("teleportation.teleport_six_state.bell_measurement_efficiency")
    share = metric("teleportation.teleport_six_state.bell_measurement_of_limit")
    assert one.function(**BELL) == pytest.approx(0.2)
    assert share.function(**BELL) == pytest.approx(0.8)
    assert share.interval is not None
    assert one.interval is not None
    assert share.interval(BELL, 0.95).low == pytest.approx(4 * one.interval(BELL, 0.95).low)
    better = {**BELL, "heralds": 8000.0}
    with pytest.raises(InputError, match=r"0\.4 is above 0\.25"):
        one.function(**better)
    with pytest.raises(InputError, match=r"0\.4 is above 0\.25"):
        evaluate(one, better, {"heralds": 90.0})
    assert share.function(**better) == pytest.approx(1.6), "a requirement is then NOT MET"
    assert one.function(**{**better, "bell_states_identified": 2.0}) == pytest.approx(0.4)
    with pytest.raises(InputError, match="cannot be"):
        one.function(**{**BELL, "heralds": 30_000.0})


def test_with_ancillary_photons_no_maximum_is_proven_and_none_refused() -> None:
    one = metric("teleportation.teleport_six_state.bell_measurement_efficiency")
    share = metric("teleportation.teleport_six_state.bell_measurement_of_limit")
    helped = {"bell_states_identified": 4.0, "ancillary_photons": 2.0}
    high = {**BELL, **helped, "heralds": 16_000.0}
    assert one.function(**high) == pytest.approx(0.8), "above 3/4, which known schemes reach"
    assert share.function(**high) == pytest.approx(0.8), "that all four are told is certain alone"
    doubts = TELEPORT_SIX_STATE.doubts
    assert doubts is not None

    def said(given: dict[str, float]) -> tuple[str, ...]:
        return doubts({name: (value, 0.0) for name, value in given.items()})

    (flag,) = said(high)
    assert "above 0.75" in flag
    assert "no proof" in flag
    assert not said({**high, "heralds": 14_000.0})
    assert not said({**high, "ancillary_photons": 0.0})
    assert not said({"heralds": 14_000.0})


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_the_link_model_gives_the_cells_and_its_fidelity(one: Protocol) -> None:
    model, table = one.link_model, one.table
    assert model is not None
    assert table is not None
    cells = model.cells(distance_km=np.array(10.0), **model.defaults)
    assert set(cells) == set(table.names())
    average = metric(f"teleportation.{one.name}.average_fidelity").function(**cells)
    assert average == pytest.approx(0.906)
    assert one.area == "teleportation"
    assert "no security outcome" in one.no_security_outcome
