"""What a run owns: what was counted is a count wherever it is written, the rest is exact."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from qtrace.laboratory.event import EndKind
from qtrace.laboratory.figure_flags import disqualifying
from qtrace.laboratory.link import Run
from qtrace.metrics.catalogue import protocol
from qtrace.metrics.proof_set import leak_too_small
from qtrace.metrics.run_figures import run_results
from qtrace.metrics.run_inputs import run_inputs
from qtrace.uncertainty.inputs import Distribution, Evaluation

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 1, tzinfo=UTC)
COUNTS = {"errors_z": 200, "agreements_z": 9800, "errors_x": 210, "agreements_x": 9790}
PARAMETERS = {
    "error_correction_efficiency": 1.16,
    "epsilon_sampling": 1e-10,
    "epsilon_correctness": 1e-10,
    "epsilon_privacy": 1e-10,
    "accidentals": 400.0,
    "discarded": 20_000.0,
}
BBM92 = protocol("bbm92")


def run(**parameters: float) -> Run:
    given = {**PARAMETERS, **parameters}
    return Run("R", "L", START, END, COUNTS, given, (), "discarded", "simulated", protocol="bbm92")


def test_a_parameter_that_was_counted_is_a_poisson_count_and_ends_in_counting() -> None:
    inputs, origins = run_inputs(run(), BBM92)
    known = {one.name: one for one in inputs}
    for name in ("accidentals", "discarded", "errors_z"):
        one = known[name]
        assert one.standard_uncertainty == pytest.approx(math.sqrt(one.estimate), rel=1e-15)
        assert one.distribution is Distribution.COUNTS
        assert one.evaluation is Evaluation.A
        assert origins[name].end is EndKind.COUNTING
    assert [one.name for one in inputs].count("accidentals") == 1
    for name in ("error_correction_efficiency", "epsilon_privacy"):
        assert known[name].standard_uncertainty == 0.0
        assert origins[name].end is EndKind.DEFINED_CONSTANT


def test_few_accidentals_carry_the_flag_of_few_counts() -> None:
    none = next(
        one for one in run_inputs(run(accidentals=0.0), BBM92)[0] if one.name == "accidentals"
    )
    assert none.standard_uncertainty == pytest.approx(math.sqrt(0.5))
    assert none.flags
    assert none.text == "0"


def test_the_figures_of_accidentals_take_their_scatter() -> None:
    """Their part in u is that of the count, added to that of the cells."""
    results, _ = run_results(run(), "bbm92", run_inputs(run(), BBM92)[0])
    taken = [
        argument.sensitivity
        for one in results
        for argument in one.arguments
        if argument.name in {"accidentals", "discarded"}
    ]
    assert taken
    assert any(value != 0.0 for value in taken)


def test_without_a_protocol_every_parameter_is_exact() -> None:
    inputs, _ = run_inputs(run())
    assert next(one for one in inputs if one.name == "accidentals").standard_uncertainty == 0.0


@pytest.mark.parametrize(
    ("bound", "total"),
    [("gamma", 2.22e-9), ("tail", 2.22e-9)]
    + [(one, 1.11e-9) for one in ("tomamichel_2012", "leverrier_2017", "lim_2021")],
)
def test_failure_probabilities_add_over_the_bases_that_give_key(bound: str, total: float) -> None:
    epsilons = {"epsilon_sampling": 1e-9, "epsilon_privacy": 1e-10, "epsilon_correctness": 1e-11}
    given = replace(run(**epsilons), choices={"bound": bound})
    results, _ = run_results(given, "bbm92", run_inputs(given, BBM92)[0])
    found = next(one for one in results if one.name == "epsilon_total")
    assert found.value == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize("bound", ["gamma", "tomamichel_2012"])
def test_a_leak_that_cannot_have_corrected_the_errors_keeps_the_figure_out(bound: str) -> None:
    # h(0.02) = 0.14144 for 10 000 bits of Z; X adds 1 469.
    limit = 1414.4 + (1469.4 if bound == "gamma" else 0.0)
    for leak, told in ((1.0, True), (0.9 * limit, True), (limit, False), (1.2 * limit, False)):
        given = replace(
            run(),
            choices={"bound": bound},
            parameters={
                **{k: v for k, v in PARAMETERS.items() if k != "error_correction_efficiency"},
                "leak": leak,
            },
        )
        results, _ = run_results(given, "bbm92", run_inputs(given, BBM92)[0])
        found = next(one for one in results if one.name == f"certified_length_{bound}")
        flags = [one for one in disqualifying(found.flags) if "below the Shannon limit" in one]
        assert bool(flags) is told


def test_every_proof_of_a_decoy_key_knows_which_rows_the_leak_corrects() -> None:
    for name in ("bb84_one_decoy", "bb84_two_decoy", "bb84_asymptotic", "bbm92"):
        form = protocol(name)
        assert form.table is not None
        cells = form.table.names()
        for proof in form.proofs:
            assert proof.corrected
            assert {f"errors_{row}" for row in proof.corrected} <= set(cells)
            told = {
                f"{cell}_{row}": count
                for row in proof.corrected
                for cell, count in (("errors", 500), ("agreements", 9500))
            }
            given = replace(run(), counts=told, parameters={"leak": 2.0})
            assert leak_too_small(proof, given)
            assert not leak_too_small(proof, replace(given, parameters={"leak": 10_000.0}))
