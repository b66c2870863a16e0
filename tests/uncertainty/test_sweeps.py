"""The set path by arrays says what the single path by dictionaries says."""

from __future__ import annotations

import importlib.util
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uncertainty.fleets import NETWORKS, network_of, size_of_terms

from qtrace.errors import InputError, IntegrityError, SetupError
from qtrace.uncertainty import sweep_kernels, sweeps
from qtrace.uncertainty.coverage import effective_degrees_of_freedom
from qtrace.uncertainty.fleet import FleetArrays, fleet_of, row_starts, rows_of
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import (
    Network,
    correlation,
    covariance,
    standard_uncertainty,
)
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result
from qtrace.uncertainty.set_figures import (
    correlation_column,
    covariance_column,
    set_correlation,
    set_covariance,
    set_figures,
    set_uncertainties,
)
from qtrace.uncertainty.sweeps import Engine, descendants, forward, input_sensitivity_rows

RELATIVE = 1e-12  # both paths add the same products, in another order
HAS_NUMBA = importlib.util.find_spec("numba") is not None
ENGINES = [
    Engine.PLAIN,
    pytest.param(
        Engine.COMPILED, marks=pytest.mark.skipif(not HAS_NUMBA, reason="numba is not installed")
    ),
]


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=60, deadline=None)
@given(network=NETWORKS)
def test_u_and_degrees_of_freedom_are_those_of_the_single_path(
    network: Network, engine: Engine
) -> None:
    fleet = fleet_of(network)
    rows = np.arange(fleet.size)
    figures = set_figures(fleet, rows, engine)
    for row, result_id in enumerate(sorted(network.results)):
        # Within a block terms cancel: 1e-12 of what they are before that.
        tolerance = RELATIVE * size_of_terms(network, result_id)
        u = standard_uncertainty(network, result_id)
        assert figures.uncertainties[row] ** 2 == pytest.approx(
            u**2, rel=RELATIVE, abs=tolerance**2 + RELATIVE * size_of_terms(network, result_id) ** 2
        )
        degrees = effective_degrees_of_freedom(network, result_id).value
        # Nearly cancelled variances make both sums noise: only what is left is compared.
        if u > 1e-3 * size_of_terms(network, result_id):
            expected = math.nan if degrees is None else degrees
            np.testing.assert_allclose(figures.degrees_of_freedom[row], expected, rtol=1e-7)
    u, variances = set_uncertainties(fleet, rows, engine)
    np.testing.assert_allclose(u, figures.uncertainties, rtol=RELATIVE)
    np.testing.assert_allclose(variances, figures.variances, rtol=RELATIVE)
    sums = np.bincount(figures.rows.line_rows(), figures.contributions, fleet.size)
    np.testing.assert_allclose(np.sqrt(np.maximum(sums, 0)), u, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=40, deadline=None)
@given(network=NETWORKS)
def test_covariances_are_those_of_the_single_path(network: Network, engine: Engine) -> None:
    fleet = fleet_of(network)
    ids, rows = sorted(network.results), np.arange(fleet.size)
    sizes = np.array([size_of_terms(network, one) for one in ids])
    allowed = RELATIVE * np.outer(sizes, sizes)
    expected = covariance(network, ids)
    assert np.all(np.abs(set_covariance(fleet, rows, engine) - expected) <= allowed)
    column = covariance_column(fleet, fleet.size - 1, engine)
    assert np.all(np.abs(column - expected[-1]) <= allowed[-1])


def test_correlations_are_those_of_the_single_path() -> None:
    network = network_of(7, results=25, inputs=20, block_sizes=(3, 3, 4, 2))
    fleet, ids = fleet_of(network), sorted(network.results)
    expected = [[correlation(network, a, b) for a in ids] for b in ids]
    np.testing.assert_allclose(set_correlation(fleet, np.arange(fleet.size)), expected, atol=1e-12)
    column = correlation_column(fleet, fleet.size - 1, np.arange(fleet.size))
    np.testing.assert_allclose(column, expected[-1], atol=1e-12)
    assert np.max(np.abs(column)) == pytest.approx(1.0)


def one_parent_network() -> Network:
    """Return y = 3 a; z = 2 y + 4 a; w = b, by hand: u(a) = 0.1, u(b) = 0.5."""
    linear = Model(ModelKind.LINEAR)
    return Network(
        {
            10: Result(10, 1.0, linear, (Argument("a", 3.0, input_id=5),)),
            20: Result(
                20,
                1.0,
                linear,
                (Argument("y", 2.0, parent_id=10), Argument("a", 4.0, input_id=5)),
            ),
            30: Result(30, 1.0, linear, (Argument("b", 1.0, input_id=9),)),
        },
        {5: InputQuantity(5, "a", 1.0, 0.1, "1"), 9: InputQuantity(9, "b", 1.0, 0.5, "1")},
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_a_shared_input_adds_up_over_its_paths(engine: Engine) -> None:
    """By hand: dz/da = 2*3 + 4 = 10, so u(z) = 1 and cov(y, z) = 3*10*0.01 = 0.3."""
    fleet = fleet_of(one_parent_network())
    rows = input_sensitivity_rows(fleet, [1], engine)
    assert rows.columns.tolist() == [0]
    assert rows.sensitivities.tolist() == [10.0]
    figures = set_figures(fleet, [0, 1, 2], engine)
    np.testing.assert_allclose(figures.uncertainties, [0.3, 1.0, 0.5], rtol=1e-15)
    np.testing.assert_allclose(covariance_column(fleet, 1, engine), [0.3, 1.0, 0.0], rtol=1e-15)
    shift = forward(fleet, np.array([0.5, 0.0]), engine=engine)
    np.testing.assert_allclose(shift, [1.5, 5.0, 0.0], rtol=1e-15)
    assert descendants(fleet, np.array([0]), np.array([], dtype=np.int64), engine).tolist() == [
        0,
        1,
    ]


def wide(size: int) -> FleetArrays:
    """Return a network where each result rests on two of all before it, as arrays."""
    linear, rng = Model(ModelKind.LINEAR), np.random.default_rng(3)
    results, inputs = {}, {}
    for one in range(1, size + 1):
        inputs[one] = InputQuantity(one, "e", 0.0, float(rng.uniform(0.5, 1.5)), "1")
        arguments = [Argument("e", 1.0, input_id=one)]
        if one > 2:
            arguments += [
                Argument(f"p{k}", 0.5, parent_id=int(rng.integers(1, one))) for k in range(2)
            ]
        results[one] = Result(one, 1.0, linear, tuple(arguments))
    return fleet_of(Network(results, inputs))


def test_searching_ancestors_and_walking_all_rows_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = wide(300)
    rows = np.arange(fleet.size)
    found = {}
    for name, below in (("walk", 10**9), ("search", 0), ("mixed", 50)):
        monkeypatch.setattr(sweep_kernels, "SEARCH_BELOW", below)
        found[name] = set_figures(fleet, rows, Engine.PLAIN)
    for name in ("search", "mixed"):
        np.testing.assert_allclose(
            found[name].uncertainties, found["walk"].uncertainties, rtol=RELATIVE
        )
        np.testing.assert_array_equal(found[name].rows.start, found["walk"].rows.start)


@settings(max_examples=30, deadline=None)
@given(network=NETWORKS, seed=st.integers(0, 1000))
def test_sparse_products_stand_in_for_the_compiled_forward_sweep(
    network: Network, seed: int
) -> None:
    fleet, rng = fleet_of(network), np.random.default_rng(seed)
    of_input = rng.normal(size=len(fleet.input_ids))
    held = np.array([0]), np.array([2.0])
    plain = forward(fleet, of_input, held=held, engine=Engine.PLAIN)
    change, pinned = np.zeros(fleet.size), np.zeros(fleet.size, dtype=np.bool_)
    change[0], pinned[0] = 2.0, True
    products = sweeps._products(fleet, change, pinned, of_input=of_input)
    np.testing.assert_allclose(products, plain, rtol=1e-9, atol=1e-9)


def test_a_chain_longer_than_the_products_is_still_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    linear = Model(ModelKind.LINEAR)
    results = {1: Result(1, 1.0, linear, (Argument("e", 1.0, input_id=1),))}
    for one in range(2, 40):
        results[one] = Result(one, 1.0, linear, (Argument("p", 1.1, parent_id=one - 1),))
    fleet = fleet_of(Network(results, {1: InputQuantity(1, "e", 0.0, 1.0, "1")}))
    monkeypatch.setattr(sweeps, "PRODUCTS", 5)
    change, pinned = np.zeros(fleet.size), np.zeros(fleet.size, dtype=np.bool_)
    solved = sweeps._products(fleet, change, pinned, of_input=np.array([1.0]))
    np.testing.assert_allclose(solved, 1.1 ** np.arange(39), rtol=1e-12)


def test_without_numba_large_sets_are_still_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = wide(60)
    expected = set_figures(fleet, np.arange(60), Engine.PLAIN).uncertainties
    monkeypatch.setattr(sweeps, "_numba", lambda: None)
    monkeypatch.setattr(sweeps, "COMPILE_FROM", 10)
    np.testing.assert_allclose(
        set_figures(fleet, np.arange(60)).uncertainties, expected, rtol=RELATIVE
    )
    np.testing.assert_allclose(
        covariance_column(fleet, 59),
        covariance_column(fleet, 59, Engine.PLAIN),
        rtol=1e-10,
        atol=1e-15,
    )
    with pytest.raises(SetupError, match="numba is not installed"):
        set_figures(fleet, [1], Engine.COMPILED)


def test_a_small_set_never_asks_for_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing it takes longer than all sweeps of a small laboratory."""

    def refuse() -> None:
        raise AssertionError("numba was asked for")

    monkeypatch.setattr(sweeps, "_numba", refuse)
    monkeypatch.setattr(sweeps, "_loaded", list)
    fleet = fleet_of(one_parent_network())
    assert len(set_figures(fleet, [0, 1, 2]).uncertainties) == 3
    assert covariance_column(fleet, 1).shape == (3,)
    assert len(descendants(fleet, np.array([0]), np.array([], dtype=np.int64))) > 0


def test_what_does_not_fit_is_refused() -> None:
    fleet = fleet_of(one_parent_network())
    with pytest.raises(InputError, match="from 0 to 2"):
        set_figures(fleet, [3])
    with pytest.raises(IntegrityError, match="result 11 is not"):
        rows_of(fleet.result_ids, [11], "result")
    assert rows_of(fleet.result_ids, [30, 10], "result").tolist() == [2, 0]
    assert row_starts(np.array([0, 0, 2]), 3).tolist() == [0, 2, 2, 3]
