"""Run files to fill in: each reads as it stands, and its counts give figures."""

from __future__ import annotations

import pytest

from qtrace.errors import InputError
from qtrace.exchange.run_file import RunDraft, read_run_file
from qtrace.exchange.run_template import run_template
from qtrace.metrics.catalogue import PROTOCOLS, metric, protocol
from qtrace.metrics.recompute import evaluate
from qtrace.metrics.run_inputs import run_inputs

NAMES = [one.name for one in PROTOCOLS if not one.comparison]  # those of clocks name files


def read(text: str) -> RunDraft:
    return read_run_file(text.encode(), name="run.toml")


def figure(draft: RunDraft, name: str) -> float:
    """A figure as a recomputation takes it: whatever the run says, under the names of arguments."""
    one = metric(name)
    inputs, _ = run_inputs(draft.run, protocol(draft.run.protocol))
    known = {quantity.name: quantity for quantity in inputs}
    own = {a.name: known[a.name] for a in one.arguments if a.name in known}
    return evaluate(
        one,
        {name: q.estimate for name, q in own.items()},
        {name: q.standard_uncertainty for name, q in own.items()},
    )[0]


@pytest.mark.parametrize("name", NAMES)
def test_every_template_reads_as_it_stands(name: str) -> None:
    draft = read(run_template(protocol(name)))
    assert draft.run.protocol == name


def test_complete_trials_add_up_and_give_a_p_value_and_key_figures() -> None:
    draft = read(run_template(protocol("chsh_complete")))
    assert draft.run.parameters["setting_bias"] == 1e-4
    assert sum(draft.run.counts.values()) == draft.run.parameters["trials"] == 1e6
    assert 0.0 < figure(draft, "qkd.chsh_complete.p_value") <= 1.0
    fraction = figure(draft, "qkd.chsh_complete.key_fraction")
    share = sum(n for name, n in draft.run.counts.items() if name.endswith("_key")) / 1e6
    assert figure(draft, "qkd.chsh_complete.key_per_use") == pytest.approx(fraction * share)


def test_a_limit_is_printed_with_its_ideal_value_and_reads_as_no_deviation() -> None:
    text = run_template(protocol("bbm92"))
    marked = "# [assumption.basis_overlap]\n# at_most = 0.5"
    assert marked in text
    draft = read(text.replace(marked, marked.replace("# ", "")))
    assert draft.run.assumptions["basis_overlap"] == (0.5, 0.5)


def test_one_trial_that_is_missing_is_refused_all_the_same() -> None:
    text = run_template(protocol("chsh_complete")).replace("trials = 1000000", "trials = 1000001")
    with pytest.raises(InputError, match="1000000 trials are counted of 1000001 begun"):
        figure(read(text), "qkd.chsh_complete.p_value")


# What the numbers of each template were made from, by figure: a first recomputation shows it.
WERNER = ((4.0 * 0.95 - 1.0) / 3.0) ** 2
SHOWN = {
    "teleportation.entanglement_swapping.pair_fidelity": (1.0 + 3.0 * WERNER) / 4.0,
    "teleportation.entanglement_swapping.predicted_fidelity": (1.0 + 3.0 * WERNER) / 4.0,
    "teleportation.hom_visibility.interference_visibility": 0.94,
    "teleportation.state_tomography.fidelity_direct": (1.0 + 3.0 * 0.94) / 4.0,
    "teleportation.teleport_decoy.asymptotic_fidelity": 0.95,  # but for background
    "teleportation.calibration_tone.frequency_offset": 0.01 / (2.0 * 3.141592653589793),
}


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_the_first_recomputation_shows_what_the_numbers_were_made_from(name: str) -> None:
    draft = read(run_template(protocol(name.split(".")[1])))
    assert figure(draft, name) == pytest.approx(SHOWN[name], rel=0.01)


def test_a_template_of_decoys_has_a_bound_above_the_classical_one() -> None:
    draft = read(run_template(protocol("teleport_decoy")))
    assert 2.0 / 3.0 < figure(draft, "teleportation.teleport_decoy.fidelity_lower_bound") < 0.95


@pytest.mark.parametrize("name", NAMES)
def test_moments_of_states_and_sensors_are_written_with_their_u(name: str) -> None:
    form = protocol(name)
    if form.area == "qkd":
        return
    for one in form.moments:
        assert read(run_template(form)).run.moments[one.name][1] > 0.0
