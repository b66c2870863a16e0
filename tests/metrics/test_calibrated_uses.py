"""Which calibrations of a device enter the figures of a protocol, under which setting."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from qtrace.exchange.run_file import read_run_file
from qtrace.exchange.run_template import run_template
from qtrace.laboratory.link import RoleUse, Run
from qtrace.metrics.calibrated_uses import calibrated_uses
from qtrace.metrics.catalogue import PROTOCOLS, protocol
from qtrace.metrics.protocol import Protocol
from qtrace.metrics.run_inputs import calibrated_arguments


def run_of(name: str) -> Run:
    if protocol(name).comparison:  # its file names tags, which need not be there for this
        start = datetime(2026, 1, 1, tzinfo=UTC)
        return Run(
            "RUN", "LINK", start, start, {}, {}, (), "never_used", "simulated", protocol=name
        )
    return read_run_file(run_template(protocol(name)).encode(), name="t").run


def test_each_intensity_is_looked_for_under_its_name_in_the_run() -> None:
    role = RoleUse("source", "S", {"wavelength": "1550 nm"})
    uses = calibrated_uses(protocol("bb84_two_decoy"), run_of("bb84_two_decoy"), role)
    assert [(one.name, one.argument) for one in uses] == [
        ("mean_photon_number_signal", "mean_photon_number_1"),
        ("mean_photon_number_decoy", "mean_photon_number_2"),
        ("mean_photon_number_vacuum", "mean_photon_number_3"),
    ]
    assert all(one.conditions["wavelength"] == "1550 nm" for one in uses)
    assert uses[1].conditions["intensity"] == "decoy"


def test_two_sources_keep_to_their_own_intensities() -> None:
    run = run_of("mdi")
    run = replace(run, choices={**run.choices, "intensity_b1": "bright"})
    a = calibrated_uses(protocol("mdi"), run, RoleUse("source_a", "S"))
    b = calibrated_uses(protocol("mdi"), run, RoleUse("source_b", "S"))
    assert [one.argument for one in a] == [f"mean_photon_number_a{k}" for k in (1, 2, 3)]
    assert (a[0].conditions["intensity"], b[0].conditions["intensity"]) == ("signal", "bright")


def test_the_key_light_of_twin_field_is_a_setting_of_its_own() -> None:
    uses = calibrated_uses(protocol("tf_cal"), run_of("tf_cal"), RoleUse("source_a", "S"))
    by_argument = {one.argument: one.conditions["intensity"] for one in uses}
    assert by_argument["mean_photon_number_key_a1"] == "key"
    assert by_argument["mean_photon_number_a1"] == "signal"


def test_kinds_that_always_enter_are_there_once() -> None:
    role = RoleUse("receiver", "R", {"wavelength": "1550 nm"})
    always = ("system_detection_efficiency", "dark_count_rate")
    uses = calibrated_uses(protocol("gg02_homodyne"), run_of("gg02_homodyne"), role, always=always)
    named = {one.name: one.argument for one in uses}
    assert named["system_detection_efficiency"] == "receiver_efficiency"
    assert named["electronic_noise"] == "electronic_noise"
    assert named["dark_count_rate"] == ""
    (one, other) = calibrated_uses(None, run_of("bbm92"), role, always=always)
    assert (one.argument, other.argument) == ("", "")


def test_a_role_that_nothing_asks_of_gives_nothing() -> None:
    assert calibrated_uses(protocol("bbm92"), run_of("bbm92"), RoleUse("receiver_a", "R")) == ()


@pytest.mark.parametrize("form", PROTOCOLS, ids=lambda one: one.name)
def test_every_calibrated_argument_is_found_in_its_role_and_in_no_other(form: Protocol) -> None:
    run = run_of(form.name)
    wanted = calibrated_arguments(form)
    found = [
        (use.argument, role)
        for role in {one.role for one in wanted.values()}
        for use in calibrated_uses(form, run, RoleUse(role, "D"))
    ]
    assert sorted(found) == sorted((name, one.role) for name, one in wanted.items())
    for role in {one.role for one in wanted.values()}:
        names = [use.name for use in calibrated_uses(form, run, RoleUse(role, "D"))]
        assert len(set(names)) == len(names)
