"""What a shift or a wider uncertainty does to everything that rests on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from uncertainty.fleets import NETWORKS, size_of_terms

from qtrace.errors import InputError
from qtrace.uncertainty.effects import (
    effect_of_shift,
    entering_variance,
    share_of_variance,
    widened_uncertainty,
)
from qtrace.uncertainty.fleet import fleet_of
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import Network, standard_uncertainty
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result
from qtrace.uncertainty.set_figures import set_uncertainties

LINEAR = Model(ModelKind.LINEAR)


def detectors() -> Network:
    """Return one meter factor under two detectors, eta = counts * f; one has a ratio of both."""
    inputs = {
        1: InputQuantity(1, "factor", 0.5, 0.01, "1"),
        2: InputQuantity(2, "counts 1", 2.0, 0.02, "1"),
        3: InputQuantity(3, "counts 2", 4.0, 0.02, "1"),
    }
    results = {
        1: Result(1, 0.5, LINEAR, (Argument("x", 1.0, input_id=1),)),
        2: Result(
            2, 1.0, LINEAR, (Argument("f", 2.0, parent_id=1), Argument("n", 0.5, input_id=2))
        ),
        3: Result(
            3, 2.0, LINEAR, (Argument("f", 4.0, parent_id=1), Argument("n", 0.5, input_id=3))
        ),
        # d(eta1/eta2) = 0.5 d(eta1) - 0.25 d(eta2): the meter cancels.
        4: Result(
            4, 0.5, LINEAR, (Argument("a", 0.5, parent_id=2), Argument("b", -0.25, parent_id=3))
        ),
    }
    return Network(results, inputs)


def test_a_shift_of_the_meter_reaches_both_detectors_and_not_their_ratio() -> None:
    fleet = fleet_of(detectors())
    # +1 % of 0.5 is 0.005: +1 % of each efficiency.
    change = effect_of_shift(fleet, {0: 0.005})
    np.testing.assert_allclose(change, [0.005, 0.010, 0.020, 0.0], atol=1e-18)


def test_a_shifted_result_keeps_its_shift_whatever_stands_above_it() -> None:
    fleet = fleet_of(detectors())
    change = effect_of_shift(fleet, {0: 0.005, 1: 0.1}, {2: 1.0})
    # Detector 1 changes by 0.1 only; detector 2 by the meter and by its own counts.
    np.testing.assert_allclose(change, [0.005, 0.1, 0.52, 0.05 - 0.13], rtol=1e-14)


def test_twice_the_uncertainty_of_the_meter_by_hand() -> None:
    fleet = fleet_of(detectors())
    u, _ = set_uncertainties(fleet, np.arange(4))
    entering = entering_variance(fleet, np.array([0]))
    np.testing.assert_allclose(entering, [1e-4, 4e-4, 1.6e-3, 0.0], rtol=1e-14)
    wide = widened_uncertainty(u, entering, 2.0)
    expected = [0.02, np.sqrt(0.04**2 + 0.01**2), np.sqrt(0.08**2 + 0.01**2), u[3]]
    np.testing.assert_allclose(wide, expected, rtol=1e-12)
    np.testing.assert_allclose(share_of_variance(u, entering), [1.0, 0.8, 1.6e-3 / 1.7e-3, 0.0])


@settings(max_examples=40, deadline=None)
@given(network=NETWORKS)
def test_widening_is_what_the_network_says_with_wider_inputs(network: Network) -> None:
    """Whole blocks and single inputs, of every kind of correlation, widened by 3."""
    fleet = fleet_of(network)
    groups = [[i] for i in network.inputs if network.block_place(i) is None]
    groups += [list(block.input_ids) for block in network.blocks]
    u, _ = set_uncertainties(fleet, np.arange(fleet.size))
    total = np.zeros(fleet.size)
    for group in groups[:2] + groups[-2:]:
        columns = np.searchsorted(fleet.input_ids, sorted(group))
        wide = widened_uncertainty(u, entering_variance(fleet, columns), 3.0)
        inputs = {
            i: replace(one, standard_uncertainty=3.0 * one.standard_uncertainty)
            if i in group
            else one
            for i, one in network.inputs.items()
        }
        other = Network(network.results, inputs, network.blocks)
        for row, result_id in enumerate(sorted(network.results)):
            expected = standard_uncertainty(other, result_id)
            # Terms of a block cancel: rounding is measured by what they were.
            allowed = 1e-11 * size_of_terms(other, result_id) ** 2
            assert wide[row] ** 2 == pytest.approx(expected**2, rel=1e-11, abs=allowed)
    for group in groups:
        total += entering_variance(fleet, np.searchsorted(fleet.input_ids, sorted(group)))
    np.testing.assert_allclose(np.sqrt(total), u, rtol=1e-9, atol=1e-7)


@settings(max_examples=40, deadline=None)
@given(network=NETWORKS)
def test_shifts_of_inputs_add_up(network: Network) -> None:
    fleet = fleet_of(network)
    shifts = {column: 0.1 * (column + 1) for column in range(len(fleet.input_ids))}
    together = effect_of_shift(fleet, {}, shifts)
    apart = sum(effect_of_shift(fleet, {}, {c: s}) for c, s in shifts.items())
    np.testing.assert_allclose(together, apart, rtol=1e-9, atol=1e-9)


def test_bad_changes_are_refused() -> None:
    fleet = fleet_of(detectors())
    with pytest.raises(InputError, match="from 0 to 3"):
        effect_of_shift(fleet, {4: 1.0})
    with pytest.raises(InputError, match="no input at place 3"):
        effect_of_shift(fleet, {}, {3: 1.0})
    with pytest.raises(InputError, match="finite"):
        effect_of_shift(fleet, {0: float("nan")})
    with pytest.raises(InputError, match="not negative"):
        widened_uncertainty(np.ones(4), np.ones(4), -1.0)
