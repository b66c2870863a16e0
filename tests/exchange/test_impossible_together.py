"""Counts, times and moments that are possible each, and impossible together, by protocol."""

from __future__ import annotations

import math

import pytest

from qtrace.errors import InputError
from qtrace.exchange.run_file import read_run_file
from qtrace.exchange.run_template import run_template
from qtrace.laboratory.link import Run
from qtrace.metrics.catalogue import protocol
from qtrace.metrics.run_figures import run_results
from qtrace.metrics.run_inputs import run_inputs


def read(name: str, *changes: tuple[str, str]) -> Run:
    text = run_template(protocol(name))
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return read_run_file(text.encode(), name="t.toml").run


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("entanglement_swapping", "heralds = 40000", "heralds = 2999", "2999 heralds for 3000"),
        ("teleport_six_state", "heralds = 40000", "heralds = 8855", "8855 heralds for 8856"),
        ("teleport_two_bases", "heralds = 40000", "heralds = 1", "1 heralds for 8856"),
        (
            "teleport_poles_equator",
            "bell_arrivals = 200000",
            "bell_arrivals = 39999",
            "40000 heralds of 39999",
        ),
        ("probe_sharing", "probes_shared = 10000", "probes_shared = 1999", "2000 probes"),
        ("teleport_decoy", "pulses_h = 1000000000", "pulses_h = 10", "in state h of 10 pulses"),
        (
            "teleport_decoy",
            "pulses_r = 1000000000",
            "pulses_r = 400000",
            "in state r at intensity 1, of 200000",
        ),
        ("calibration_tone", '"1 s"', '"3000 s"', "over 3000 s, in a run of 1000 s"),
        ("calibration_tone", '"1 s"', '"1e300 s"', "over 1e"),
        ("calibration_tone", '"1 s"', '"1e-320 s"', "1e-12 or more"),
    ],
)
def test_what_cannot_be_together_is_refused_at_its_field(
    name: str, old: str, new: str, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(name, (old, new))
    assert said in caught.value.what
    field = "averaging_time" if name == "calibration_tone" else old.partition(" ")[0]
    assert f"parameters.{field}" in caught.value.where
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("entanglement_swapping", "heralds = 40000", "heralds = 3000"),
        ("entanglement_swapping", "heralds = 40000\n", "\n"),
        ("teleport_six_state", "heralds = 40000", "heralds = 8856"),
        ("teleport_six_state", "bell_arrivals = 200000", "bell_arrivals = 40000"),
        ("probe_sharing", "probes_shared = 10000", "probes_shared = 2000"),
        ("probe_sharing", "probes_shared = 10000\n", "\n"),
        ("calibration_tone", '"1 s"', '"1000 s"'),
        ("calibration_tone", '"1 s"', '"1 ps"'),
    ],
)
def test_what_is_just_possible_or_not_said_is_taken(name: str, old: str, new: str) -> None:
    assert read(name, (old, new)).protocol == name


def test_a_basis_without_checks_is_refused_and_gives_no_figure() -> None:
    with pytest.raises(InputError, match="no probe was checked in basis x") as caught:
        read("probe_sharing", ('["x", 1000, 10]', '["x", 0, 0]'))
    assert "counts" in caught.value.where
    # A run that was recorded before: the figures that need them are left out, with the reason.
    run = read("probe_sharing")
    run.counts.update({"errors_x": 0, "agreements_x": 0})
    form = protocol("probe_sharing")
    results, left = run_results(run, form.name, run_inputs(run, form)[0])
    assert {one.name for one in results} == {"check_failure_z", "sensing_probes"}
    assert any("no probe was checked in basis x" in one for one in left)


def test_a_figure_that_is_left_out_names_one_number_and_no_array() -> None:
    run = read("teleport_decoy")
    run.parameters["pulses_h"] = 10.0
    form = protocol("teleport_decoy")
    _, left = run_results(run, form.name, run_inputs(run, form)[0])
    assert left
    for one in left:
        assert "[" not in one
        assert len(one) < 200


@pytest.mark.parametrize(
    ("written", "u"), [('"0.1 deg"', math.radians(0.1)), ("0.002", 0.002), ('"2 mrad"', 0.002)]
)
def test_the_u_of_a_phase_may_carry_its_unit(written: str, u: float) -> None:
    run = read("calibration_tone", ("phase_deviation_u = 0.0001", f"phase_deviation_u = {written}"))
    assert run.moments["phase_deviation"][1] == pytest.approx(u)


@pytest.mark.parametrize("written", ['"0.1 s"', "-0.1", '"-0.1 deg"'])
def test_an_u_of_another_unit_or_below_zero_is_refused(written: str) -> None:
    with pytest.raises(InputError) as caught:
        read("calibration_tone", ("phase_deviation_u = 0.0001", f"phase_deviation_u = {written}"))
    assert "phase_deviation_u" in caught.value.where


@pytest.mark.parametrize(
    ("inside", "said"), [(2000, "beyond chance"), (1001, "by chance perhaps"), (1000, "")]
)
def test_a_peak_is_no_dip(inside: int, said: str) -> None:
    run = read("hom_visibility", ('["inside", 60]', f'["inside", {inside}]'))
    form = protocol("hom_visibility")
    results, _ = run_results(run, form.name, run_inputs(run, form)[0])
    flags = [flag for flag in results[0].flags if "no dip" in flag]
    assert bool(flags) == bool(said)
    assert all(said in flag for flag in flags)
