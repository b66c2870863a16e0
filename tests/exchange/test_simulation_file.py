"""Simulation files: what is declared, what is true, and what is refused with its place."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from qtrace.errors import InputError
from qtrace.exchange.package_files import data_folder
from qtrace.exchange.run_file import read_run_file
from qtrace.exchange.simulated_texts import device_fields, run_text, truth_text
from qtrace.exchange.simulation_file import read_simulation_file
from qtrace.metrics.decoy.decoy_set_bounds import MISMATCH

EXAMPLE = data_folder() / "examples" / "decoy_link" / "device.toml"
TEXT = EXAMPLE.read_text(encoding="utf-8")


def changed(old: str, new: str) -> bytes:
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new).encode()


def cells() -> dict[str, float]:
    """Return different counts in every cell."""
    names = [
        f"{cell}_{basis}_{k}"
        for basis in ("key", "test")
        for k in (1, 2, 3)
        for cell in ("errors", "agreements")
    ]
    return {name: 10.0 + place for place, name in enumerate(names)}


def test_the_example_is_read() -> None:
    found = read_simulation_file(EXAMPLE)
    assert found.device.intensities == (0.4776, 0.1206, 0.00021)
    assert found.device.probabilities == (0.6, 0.25, 0.15)
    assert found.device.levels[0].intensity_factors == (1.0, 1.0, 1.0)
    assert found.settings.parameters["mean_photon_number_1"] == 0.48
    assert found.settings.assumptions[MISMATCH] == (0.0, 0.01)
    assert found.pulses == 10**12


def test_the_run_reads_back_as_it_was_declared_and_counted() -> None:
    net = "[net]\nauthentication_key = 256\nverification_key = 64\n\n[true_device]"
    role = 'device = "LASER"\ncalibration = "after"\nconditions = { wavelength = "1550 nm" }'
    text = changed("[true_device]\n", net + "\n").decode()
    text = text.replace('described_as = "simulated source"', role)
    text = text.replace("gain-switched laser", 'a \\"gain\\" switch, µ\\u007f')
    plan = read_simulation_file(text.encode())
    run = read_run_file(run_text(plan, cells(), source="made up").encode()).run
    assert run.provenance == "simulated"
    assert run.counts == {name: int(value) for name, value in cells().items()}
    assert run.parameters == plan.settings.parameters
    assert run.parameters["authentication_key"] == 256
    assert run.assumptions == plan.settings.assumptions
    assert run.ideal_because == plan.settings.ideal_because
    assert run.ideal_because["phase_randomization"].startswith('a "gain" switch, µ\x7f')
    assert run.choices == plan.settings.choices
    assert run.roles == plan.roles
    assert (run.run_id, run.link_id, run.started, run.ended, run.key_disposition) == (
        plan.run_id,
        plan.link_id,
        plan.started,
        plan.ended,
        "never_used",
    )


def test_nothing_of_the_truth_is_in_the_run() -> None:
    plan = read_simulation_file(EXAMPLE)
    text = run_text(plan, cells(), source="made up")
    assert not any(number in text for number in ("0.4776", "0.1206", "0.00021", "0.1985"))
    truth = tomllib.loads(
        truth_text({"truth": {"seed": 3, "words": ["a", 'b "c"'], "x": 0.1}}, device_fields(plan))
    )
    assert truth["truth"] == {"seed": 3, "words": ["a", 'b "c"'], "x": 0.1}
    given = tomllib.loads(TEXT)["true_device"]
    for key, value in given.items():
        if key != "level":
            assert truth["true_device"][key] == value
    for level, own in zip(truth["true_device"]["level"], given["level"], strict=True):
        assert own.items() <= level.items()


@pytest.mark.parametrize(
    ("old", "new", "what", "where"),
    [
        ('"bb84_two_decoy"', '"bbm92"', "not one of the words", "protocol"),
        ("pulses = 1000000000000 ", "pulses = 0 ", "below 1", "pulses"),
        ("pulses = 1000000000000 ", "pulses = 9007199254740993 ", "beyond 2^53", "pulses"),
        ("12:16:40Z", "11:16:40Z", "not after", "ended"),
        ("mean_photon_numbers = [0.4776, ", "mean_photon_numbers = [", "3 are needed", "numbers"),
        ("0.00021]", "-0.1]", "negative", "mean_photon_numbers"),
        ("0.00021]", "nan]", "no list of numbers", "mean_photon_numbers"),
        ("[0.4776, ", "[2.4776, ", "cannot be simulated", "mean_photon_numbers"),
        ("key_share = 0.81", "key_share = 0.999", "no device", "true_device"),
        ("transmittances = [0.1]", "transmittances = [1.1]", "no device", "true_device"),
        ("share = 0.25", "share = 0.2", "no device", "true_device"),
        ("share = 0.25", "share = 0", "cannot be", "share"),
        ("efficiencies = [0.1985, 0.200]", "efficiencies = [0.2]", "2 are needed", "efficiencies"),
        ("after_pulse_prob", "afterpulse_prob", "unknown field", "afterpulse"),
        ("key_share = 0.81", "key_share = 0.81\npattern_effect = -1", "less than no", "pattern"),
        ("epsilon_secrecy = 1e-9", "epsilon_secrecy = 1e-320", "below 1e-100", "epsilon_sec"),
        ("mean_photon_number = 0.48", "mean_photon_number = 800", "above 10", "mean_photon"),
        ("probability = 0.6", "probability = 0.5", "sum to", "probability"),
        ("interval = [0.475, 0.485]", "interval = [0.481, 0.485]", "does not hold", "interval"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(
    old: str, new: str, what: str, where: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_simulation_file(changed(old, new), name="device.toml")
    assert what in caught.value.what
    assert where in caught.value.where
    assert caught.value.where.startswith("device.toml")


def test_without_a_level_no_detector_is_known() -> None:
    text = TEXT.split("[[true_device.level]]", maxsplit=1)[0]
    with pytest.raises(InputError, match="no level"):
        read_simulation_file(text.encode())


def test_an_example_says_where_it_comes_from() -> None:
    assert "made up" in Path(EXAMPLE.parent, "source.md").read_text(encoding="utf-8")
