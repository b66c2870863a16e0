"""The three decoy protocols as the catalogue shows them: figures, budgets, proofs, models."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.metrics.catalogue import metric, protocol
from qtrace.metrics.decoy.bb84_asymptotic import BB84_ASYMPTOTIC
from qtrace.metrics.decoy.bb84_one_decoy import BB84_ONE_DECOY
from qtrace.metrics.decoy.bb84_two_decoy import BB84_TWO_DECOY
from qtrace.metrics.decoy.decoy_set_bounds import MISMATCH
from qtrace.metrics.metric import ArgumentSource
from qtrace.metrics.protocol import Protocol
from qtrace.metrics.recompute import evaluate, stability_interval
from qtrace.quantity.kinds import kind

REFERENCE = 1e-9  # relative: independent code in double precision
DERIVATIVE = 1e-4  # relative: fourth-order differences of the scheme against plain ones

EACH = pytest.mark.parametrize(
    "one", [BB84_ASYMPTOTIC, BB84_TWO_DECOY, BB84_ONE_DECOY], ids=lambda one: one.name
)
CASES = {
    one["id"]: one
    for one in json.loads(
        (Path(__file__).parents[1] / "reference" / "qkd_bb84.json").read_text(encoding="utf-8")
    )["cases"]
}
GAMMA = "qkd.bb84_two_decoy.key_length_hoeffding_gamma"


def lim_arguments() -> dict[str, float]:
    """Return the arguments of the first case of Lim et al. (2014), key errors in one cell."""
    given = CASES["lim2014-01"]["inputs"]
    found: dict[str, float] = {}
    for k in range(3):
        wrong = given["m_key_total"] if k == 0 else 0
        found[f"errors_key_{k + 1}"] = wrong
        found[f"agreements_key_{k + 1}"] = given["n_key"][k] - wrong
        found[f"errors_test_{k + 1}"] = given["m_test"][k]
        found[f"agreements_test_{k + 1}"] = given["n_test"][k] - given["m_test"][k]
        found[f"mean_photon_number_{k + 1}"] = given["mus"][k]
        found[f"probability_{k + 1}"] = given["ps"][k]
    return found | {
        "epsilon_secrecy": given["eps_sec"],
        "epsilon_correctness": given["eps_cor"],
        "error_correction_efficiency": given["f_ec"],
    }


def test_a_published_length_through_the_catalogue() -> None:
    expected = CASES["lim2014-01"]["expected"]
    found = float(metric(GAMMA).function(**lim_arguments()))
    assert math.floor(found) == expected["ell"]
    events = {
        name: value
        for name, value in lim_arguments().items()
        if name != "error_correction_efficiency"
    }
    for name, value in (("phase_error", "phi"), ("single_photon_count", "s1_key")):
        figure = metric(f"qkd.bb84_two_decoy.{name}").function(**events)
        assert float(figure) == pytest.approx(expected[value], rel=REFERENCE)


def test_the_budget_says_which_intensity_limits_the_key() -> None:
    arguments = lim_arguments()
    relative = 0.01
    uncertainties = {
        name: relative * value
        for name, value in arguments.items()
        if name.startswith("mean_photon_number")
    }
    value, gradient = evaluate(metric(GAMMA), arguments, uncertainties)
    assert value == pytest.approx(CASES["lim2014-01"]["expected"]["ell_raw"], rel=REFERENCE)
    for name, mean in list(arguments.items()):
        if name.startswith("mean_photon_number"):
            step = 1e-4 * mean
            up, down = (
                float(metric(GAMMA).function(**{**arguments, name: mean + s}))
                for s in (step, -step)
            )
            assert gradient[name] == pytest.approx((up - down) / (2 * step), rel=DERIVATIVE)
    bits = {name: abs(gradient[name]) * u for name, u in uncertainties.items()}
    assert max(bits, key=lambda name: bits[name]) == "mean_photon_number_2"
    # A shared power meter moves both the same way, and most of it cancels.
    same = gradient["mean_photon_number_1"] * uncertainties["mean_photon_number_1"]
    same += gradient["mean_photon_number_2"] * uncertainties["mean_photon_number_2"]
    apart = sum(bits[f"mean_photon_number_{k}"] for k in (1, 2))
    assert abs(same) < apart / 2


def test_a_dark_vacuum_intensity_has_a_budget_too() -> None:
    arguments = lim_arguments() | {"mean_photon_number_3": 0.0}
    value, gradient = evaluate(metric(GAMMA), arguments, {"mean_photon_number_3": 1e-5})
    assert np.isfinite(value)
    assert np.isfinite(gradient["mean_photon_number_3"])


def test_an_empty_cell_of_errors_keeps_its_budget() -> None:
    arguments = lim_arguments() | {"errors_test_3": 0.0}
    _, gradient = evaluate(metric(GAMMA), arguments, {"errors_test_3": math.sqrt(0.5)})
    assert gradient["errors_test_3"] > 0.0  # vacuum errors are not those of single photons


def test_stability_comes_from_draws_of_all_counts_at_once() -> None:
    interval = stability_interval(
        metric(GAMMA),
        lim_arguments(),
        probability=0.95,
        draws=2000,
        generator=np.random.default_rng(5),
    )
    assert interval.low < CASES["lim2014-01"]["expected"]["ell_raw"] < interval.high


def test_the_asymptotic_case_through_counts() -> None:
    for name in ("ma2005-1", "ma2005-3"):
        given = CASES[name]["inputs"]
        pulses, shares, basis = 1e15, (0.8, 0.1, 0.1), given["q"]
        gains = [(given["Q_mu"], given["E_mu"]), (given["Q_nu"], given["E_nu"]), (given["Y0"], 0.5)]
        arguments = {
            "pulses": pulses,
            "basis_probability_key": basis,
            "basis_probability_test": basis,
            "error_correction_efficiency": given["f"],
        }
        for k, ((gain, error), share) in enumerate(zip(gains, shares, strict=True), start=1):
            sifted = pulses * share * basis * gain
            arguments[f"mean_photon_number_{k}"] = (given["mu"], given["nu"], 0.0)[k - 1]
            arguments[f"probability_{k}"] = share
            for role in ("key", "test"):
                arguments[f"errors_{role}_{k}"] = sifted * error
                arguments[f"agreements_{role}_{k}"] = sifted * (1.0 - error)
        found = metric("qkd.bb84_asymptotic.key_per_use").function(**arguments)
        expected = CASES[name]["expected"]
        assert float(found) == pytest.approx(0.8 * expected["R"], rel=REFERENCE)
        yields = {k: v for k, v in arguments.items() if k != "error_correction_efficiency"}
        single = metric("qkd.bb84_asymptotic.single_photon_yield").function(**yields)
        assert float(single) == pytest.approx(expected["Y1_lo"], rel=REFERENCE)
        error = metric("qkd.bb84_asymptotic.phase_error").function(**yields)
        assert float(error) == pytest.approx(expected["e1_hi"], rel=REFERENCE)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"error_correction_efficiency": 0.0}, "exactly one of leak"),
        ({"leak": 5.0}, "exactly one of leak"),
        ({"mean_photon_number_2": 0.5}, "do not fall"),
        ({"probability_1": 0.5}, "do not sum to one"),
        ({"epsilon_secrecy": 0.0}, "failure probability|epsilon_secrecy"),
        ({"agreements_key_2": -7.0}, "agreements_key_2"),
        ({"agreements_key_2": 2.0**53}, "agreements_key_2"),
    ],
)
def test_bad_input_is_refused(change: dict[str, float], what: str) -> None:
    with pytest.raises(InputError, match=what):
        metric(GAMMA).function(**(lim_arguments() | change))


def test_more_counts_than_pulses_are_refused() -> None:
    model = BB84_ASYMPTOTIC.link_model
    assert model is not None
    inputs = dict(model.defaults)
    cells = {name: float(one) for name, one in model.cells(distance_km=0.0, **inputs).items()}
    names = {a.name for a in metric("qkd.bb84_asymptotic.key_per_use").arguments}
    given: dict[str, Any] = {
        name: value for name, value in {**inputs, **cells}.items() if name in names
    }
    given["error_correction_efficiency"] = 1.22
    assert float(metric("qkd.bb84_asymptotic.key_per_use").function(**given)) > 0.0
    with pytest.raises(InputError, match="more counts in the key basis"):
        metric("qkd.bb84_asymptotic.key_per_use").function(**{**given, "pulses": 1e7})


@EACH
def test_proofs_name_metrics_that_are_there(one: Protocol) -> None:
    assert protocol(one.name) is one
    mine = {m.metric_id: m for m in one.metrics}
    assert one.proofs
    for proof in one.proofs:
        certified, estimate = mine[proof.metric_id], mine[proof.estimate_id]
        assert not certified.differentiable
        assert certified.result_kind in {"key_length_certified", "key_rate_certified"}
        assert estimate.result_kind in {"key_length_finite", "key_per_use"}
        taken = {argument.name for argument in certified.arguments}
        assert taken >= {name for p in proof.set_parameters for name in p.arguments()}
        for parameter in proof.set_parameters:
            kind(parameter.kind)
            modelled = parameter.name.startswith("mean_photon_number") or (
                proof.bound.startswith("set_") and parameter.name == MISMATCH
            )
            assert parameter.modelled == modelled
            assert (parameter.ideal == 0.0) == (not parameter.name.startswith("mean_"))
            # An ideal value is never taken for granted.
            assert parameter.must_be_said or not (modelled and parameter.ideal == 0.0)
        assert proof.corrections
        assert proof.not_covered
        assert one.proof(proof.bound) is proof


@EACH
def test_what_people_write_covers_every_argument(one: Protocol) -> None:
    assert one.table is not None
    written = set(one.table.names()) | {field.name for field in one.parameters}
    for source in one.sources:
        written |= {*source.arguments("mean_photon_number"), *source.arguments("probability")}
    for proof in one.proofs:
        written |= {name for p in proof.set_parameters for name in p.arguments()}
    for m in one.metrics:
        for argument in m.arguments:
            assert argument.name in written
            if argument.source is ArgumentSource.CALIBRATION:
                assert argument.role == "source"
                assert dict(argument.conditions)["intensity"] == argument.name[-1]


@EACH
def test_the_model_of_the_link_gives_every_cell(one: Protocol) -> None:
    model = one.link_model
    assert model is not None
    assert one.table is not None
    distances = np.array([0.0, 50.0, 100.0])
    cells = model.cells(distance_km=distances, **model.defaults)
    assert tuple(sorted(cells)) == tuple(sorted(one.table.names()))
    assert all(cell.shape == (3,) and np.all(np.diff(cell) <= 0.0) for cell in cells.values())
    through = model.transmittance(distance_km=distances, **model.defaults)
    assert through[0] == 1.0
    assert model.uses in model.defaults


@EACH
def test_loss_of_the_receiver_and_of_the_fibre_are_alike(one: Protocol) -> None:
    model = one.link_model
    assert model is not None
    half = dict(model.defaults)
    half["detection_efficiency"] /= 2.0
    further = 10.0 * math.log10(2.0) / half["attenuation_db_per_km"]
    at_half = model.cells(distance_km=10.0, **half)
    beyond = model.cells(distance_km=10.0 + further, **model.defaults)
    for name, cell in at_half.items():
        assert float(cell) == pytest.approx(float(beyond[name]), rel=REFERENCE)


@EACH
@pytest.mark.parametrize("distance", [0.0, 50.0])
def test_the_model_feeds_every_nominal_figure(one: Protocol, distance: float) -> None:
    model = one.link_model
    assert model is not None
    cells = {
        name: float(np.rint(cell))
        for name, cell in model.cells(distance_km=distance, **model.defaults).items()
    }
    given = {
        **model.defaults,
        **cells,
        "epsilon_secrecy": 1e-9,
        "epsilon_correctness": 1e-15,
        "error_correction_efficiency": 1.16,
    }
    for m in one.metrics:
        if m.result_kind in {"key_length_certified", "key_rate_certified"}:
            continue
        names = {argument.name for argument in m.arguments}
        value = float(m.function(**{k: v for k, v in given.items() if k in names}))
        assert np.isfinite(value)
        if m.result_kind in {"key_length_finite", "key_per_use"}:
            assert value > 0.0, m.metric_id


def test_each_one_decoy_bound_says_how_many_terms_it_splits_into() -> None:
    terms = {proof.bound: proof.source for proof in BB84_ONE_DECOY.proofs}
    assert "19 terms" in terms["hoeffding_gamma"]
    assert "20 terms" in terms["chernoff_tail"]
    assert "15 terms" in terms["hoeffding_serfling_15"]
    assert "19 terms of eps_sec, 23 with a mismatch" in terms["set_varying_serfling"]
    assert all(
        "21 equal terms" in proof.source or "21 terms of eps_sec, 25 with" in proof.source
        for proof in BB84_TWO_DECOY.proofs
    )


def test_gamma_is_named_as_not_strict() -> None:
    for one in (BB84_TWO_DECOY, BB84_ONE_DECOY):
        for proof in one.proofs:
            flagged = any("not a strict bound" in line for line in proof.not_covered)
            assert flagged == proof.bound.endswith("_gamma")
