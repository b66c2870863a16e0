"""BBM92: told bits, visibility, the five bounds over their declared set, and the link model."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.metrics.catalogue import metric
from qtrace.metrics.entangled.bbm92 import BBM92
from qtrace.metrics.metric import ArgumentSource
from qtrace.metrics.recompute import evaluate
from qtrace.quantity.kinds import kind

ROUNDING = 1e-12  # relative
QUIET = settings(max_examples=40, derandomize=True, deadline=None)

CELLS = {"errors_z": 70.0, "agreements_z": 1480.0, "errors_x": 70.0, "agreements_x": 1480.0}
LARGE = {"errors_z": 9e3, "agreements_z": 4.91e5, "errors_x": 1e4, "agreements_x": 4.9e5}
EPSILONS = {f"epsilon_{name}": 1e-10 for name in ("sampling", "correctness", "privacy")}
MODEL = {"error_correction_efficiency": 1.19}
BOUNDS = [one.bound for one in BBM92.proofs]
every_bound = pytest.mark.parametrize("bound", BOUNDS)


def figure(name: str, **given: float) -> float:
    return float(metric(f"qkd.bbm92.{name}").function(**given))


def estimate(bound: str, **given: float) -> float:
    proof = BBM92.proof(bound)
    assert proof is not None
    return float(metric(proof.estimate_id).function(**given))


def certified(bound: str, overlap: float, **given: float) -> float:
    return figure(f"certified_length_{bound}", basis_overlap=overlap, **given)


@every_bound
def test_a_proof_says_what_it_needs(bound: str) -> None:
    proof = BBM92.proof(bound)
    assert proof is not None
    assert proof.adversary
    assert proof.not_covered
    declared = [name for one in proof.set_parameters for name in one.arguments()]
    lengths = metric(proof.metric_id)
    assert [one.name for one in lengths.arguments[-len(declared) :]] == declared
    assert not lengths.differentiable
    assert lengths.result_kind == "key_length_certified"
    unmodelled = {one.name for one in proof.set_parameters if not one.modelled}
    assert unmodelled == {"efficiency_mismatch", "basis_dependence"}
    assert all(one.ideal == 0.0 for one in proof.set_parameters if not one.modelled)
    assert [kind(one.kind).unit for one in proof.set_parameters] == ["1"] * 3


def test_parameters_that_are_written_are_arguments() -> None:
    arguments = {a.name: a for one in BBM92.metrics for a in one.arguments}
    for one in BBM92.parameters:
        assert arguments[one.name].kind == one.kind
        assert arguments[one.name].source is not ArgumentSource.CALIBRATION
    assert BBM92.one_of == (("leak", "error_correction_efficiency"),)


@every_bound
def test_the_ideal_set_gives_the_nominal_length(bound: str) -> None:
    given = LARGE | EPSILONS | MODEL
    assert certified(bound, 0.5, **given) == pytest.approx(estimate(bound, **given), rel=ROUNDING)
    # One degree: c = cos^2 44.5 deg, 2.5 % of the key basis.
    tilted = certified(bound, math.cos(math.radians(44.5)) ** 2, **given)
    bases = 2 if bound in {"gamma", "tail"} else 1
    lost = estimate(bound, **given) - tilted
    assert lost == pytest.approx(bases * 5e5 * 0.02496, rel=1e-3)


@every_bound
def test_a_measured_leak_stands_for_the_model(bound: str) -> None:
    given = LARGE | EPSILONS
    blocks = ("z", "x") if bound in {"gamma", "tail"} else ("z",)
    h = {"z": 9e3 / 5e5, "x": 1e4 / 5e5}
    leak = 1.19 * sum(
        5e5 * -(h[b] * math.log2(h[b]) + (1 - h[b]) * math.log2(1 - h[b])) for b in blocks
    )
    assert estimate(bound, **given, leak=leak) == pytest.approx(
        estimate(bound, **given, **MODEL), rel=1e-9
    )
    for told in ({}, {"leak": leak} | MODEL):
        with pytest.raises(InputError, match="exactly one of leak"):
            estimate(bound, **given, **told)


@every_bound
@QUIET
@given(errors=st.integers(5, 300), more=st.integers(1, 50), overlap=st.floats(0.5, 0.9))
def test_laws_of_a_length(bound: str, errors: int, more: int, overlap: float) -> None:
    def length(bad: int, epsilon: float = 1e-10, c: float = overlap) -> float:
        cells = {
            "errors_z": float(bad),
            "agreements_z": 10_000.0 - bad,
            "errors_x": float(bad),
            "agreements_x": 10_000.0 - bad,
        }
        return certified(bound, c, **cells, **dict.fromkeys(EPSILONS, epsilon), **MODEL)

    here = length(errors)
    assert here <= 20_000.0
    assert length(errors + more) <= here
    assert length(errors, 1e-12) <= here
    assert length(errors, c=min(0.95, overlap + 0.05)) <= here


@pytest.mark.parametrize("bound", ["gamma", "tail"])
def test_bases_may_be_exchanged_where_both_give_key(bound: str) -> None:
    turned = {
        name.replace("z", "?").replace("x", "z").replace("?", "x"): n for name, n in LARGE.items()
    }
    rest = EPSILONS | MODEL
    assert estimate(bound, **LARGE, **rest) == pytest.approx(estimate(bound, **turned, **rest))


def test_measured_efficiency_is_the_one_of_the_model() -> None:
    asked = 1.13
    leak = asked * 3100 * 0.265475  # h(70/1550) to six digits
    f = figure("error_correction_efficiency_measured", **CELLS, leak=leak)
    assert f == pytest.approx(asked, rel=1e-4)
    with_leak = figure("key_fraction_asymptotic", **CELLS, leak=leak)
    modelled = figure("key_fraction_asymptotic", **CELLS, error_correction_efficiency=f)
    assert with_leak == pytest.approx(modelled, rel=ROUNDING)


def test_sifting_and_visibility() -> None:
    assert figure("sifting_ratio", **CELLS, discarded=3100.0) == 0.5
    raw = figure("visibility_raw", **CELLS)
    assert (1 - raw) / 2 == pytest.approx(figure("qber", **CELLS), rel=ROUNDING)
    assert figure("visibility_accidentals_subtracted", **CELLS, accidentals=0.0) == pytest.approx(
        raw, rel=ROUNDING
    )
    assert figure("visibility_accidentals_subtracted", **CELLS, accidentals=100.0) > raw


def test_no_key_figure_takes_accidentals() -> None:
    for one in BBM92.metrics:
        if one.result_kind.startswith("key_"):
            assert one.argument("accidentals") is None


def test_the_uncertainty_of_a_visibility_is_twice_that_of_the_error_rate() -> None:
    u = {name: math.sqrt(n) for name, n in CELLS.items()}

    def spread(name: str) -> float:
        _, parts = evaluate(metric(f"qkd.bbm92.{name}"), CELLS, u)
        return math.hypot(*(parts[cell] * u[cell] for cell in CELLS))

    assert spread("visibility_raw") == pytest.approx(2 * spread("qber"), rel=1e-6)


def test_many_draws_at_once() -> None:
    generator = np.random.default_rng(1)
    drawn = {name: generator.poisson(n, 100_000).astype(float) for name, n in LARGE.items()}
    for bound in ("gamma", "tomamichel_2012", "leverrier_2017", "lim_2021"):
        begin = time.perf_counter()
        lengths = metric(f"qkd.bbm92.certified_length_{bound}").function(
            **drawn, **EPSILONS, **MODEL, basis_overlap=0.5
        )
        assert time.perf_counter() - begin < 2.0
        assert np.shape(lengths) == (100_000,)
        assert np.all(np.isfinite(lengths))
    same = metric("qkd.bbm92.finite_length_tail").function(
        **CELLS, **EPSILONS, error_correction_efficiency=np.linspace(1.1, 1.2, 5)
    )
    assert np.all(np.diff(same) < 0.0)


def test_an_unknown_argument_is_named() -> None:
    with pytest.raises(TypeError, match="argument"):
        metric("qkd.bbm92.finite_length_gamma").function(**LARGE, **EPSILONS, weather=1.0)


def test_the_link_model_gives_the_cells() -> None:
    model = BBM92.link_model
    assert model is not None
    assert BBM92.table is not None
    distances = np.array([0.0, 50.0, 100.0])
    found = model.cells(distance_km=distances, **model.defaults)
    assert tuple(found) == BBM92.table.names()
    assert all(column.shape == (3,) for column in found.values())
    sifted = found["errors_z"] + found["agreements_z"]
    assert np.all(np.diff(sifted) < 0.0)
    rate = found["errors_z"] / sifted
    assert np.all(np.diff(rate) > 0.0)
    assert rate[0] > 0.015
    eta = model.transmittance(distance_km=50.0, **model.defaults)
    assert float(eta) == pytest.approx(0.1, rel=ROUNDING)
    assert model.uses in model.defaults
