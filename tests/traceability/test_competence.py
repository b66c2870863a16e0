"""Competence: a claimed capability must be on record and cover kind, range, day and U."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import World, day

from qtrace.laboratory.laboratory import Route
from qtrace.traceability.competence import capability_gap


def gap(
    world: World,
    *,
    laboratory: str = "NMI",
    route: Route = Route.NMI_CAPABILITY,
    kind: str = "transmittance",
    on: float = 0.0,
    value: float = 0.5,
    u: float = 0.01,
    conditions: dict[str, str] | None = None,
) -> str:
    """Return the gap of a calibration."""
    return capability_gap(
        world.laboratories,
        laboratory,
        route,
        kind=kind,
        performed_at=day(on),
        value=value,
        u=u,
        conditions=conditions,
    )


@pytest.fixture
def world() -> World:
    """Return an institute: transmittance 0.1 ... 1, U = 0.02, days -100 ... 100."""
    made = World()
    made.competent(
        "NMI", route=Route.NMI_CAPABILITY, low=0.1, high=1.0, expanded=0.02, since=-100, until=100
    )
    return made


def test_a_calibration_inside_the_capability_is_covered(world: World) -> None:
    assert gap(world) == ""
    assert gap(world, value=0.1, on=-100) == ""
    assert gap(world, value=1.0, on=100) == ""


def test_a_laboratory_that_nobody_recorded_is_not_competent(world: World) -> None:
    assert gap(world, laboratory="NIST") == "laboratory NIST is not on record"


def test_another_route_or_kind_needs_its_own_line(world: World) -> None:
    assert gap(world, route=Route.ACCREDITED) == "NMI has no recorded accredited for transmittance"
    assert "no recorded nmi capability for dead_time" in gap(world, kind="dead_time")


@pytest.mark.parametrize("value", [0.0999, 1.0001, -0.5])
def test_outside_the_range_nothing_is_covered(world: World, value: float) -> None:
    assert "outside the range or period" in gap(world, value=value)


@pytest.mark.parametrize("on", [-100.1, 100.1])
def test_outside_the_period_nothing_is_covered(world: World, on: float) -> None:
    assert "outside the range or period" in gap(world, on=on)


def test_an_uncertainty_below_the_capability_is_not_believed(world: World) -> None:
    assert gap(world, u=0.0099) == "U = 0.0198 is below the capability 0.02"
    assert gap(world, u=0.02 / 2) == ""


def test_a_relative_capability_scales_with_the_value() -> None:
    world = World()
    world.competent("NMI", route=Route.NMI_CAPABILITY, low=-9, high=9, expanded=0.02, relative=True)
    assert gap(world, value=-0.5, u=0.005) == ""
    assert "below the capability 0.01" in gap(world, value=-0.5, u=0.0049)


def test_the_best_of_several_covering_lines_counts(world: World) -> None:
    world.competent("NMI", route=Route.NMI_CAPABILITY, low=0.4, high=0.6, expanded=0.001)
    assert gap(world, value=0.5, u=0.001) == ""
    assert "below the capability 0.02" in gap(world, value=0.9, u=0.001)


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({"wavelength": "1550 nm"}, ""),
        ({"wavelength": "1500 nm .. 1600 nm"}, ""),
        (None, ""),  # not known, as for a certificate that names its kind only
        ({"wavelength": "810 nm"}, "used at 810 nm"),
        ({"wavelength": "1550 nm .. 1610 nm"}, "1610 nm"),
        ({}, "wavelength: calibrated at 1500 nm .. 1600 nm, not stated"),
    ],
)
def test_a_line_holds_only_under_its_conditions(
    conditions: dict[str, str] | None, words: str
) -> None:
    made = World()
    made.competent("NMI", route=Route.NMI_CAPABILITY)
    (line,) = made.laboratories["NMI"].competences
    limited = replace(line, conditions=(("wavelength", "1500 nm .. 1600 nm"),))
    made.laboratories["NMI"] = replace(made.laboratories["NMI"], competences=(limited,))
    found = gap(made, conditions=conditions)
    assert words in found
    assert bool(found) is bool(words)


def test_of_two_lines_that_cover_only_the_one_inside_its_conditions_counts() -> None:
    """The better capability at another wavelength excuses no smaller U."""
    made = World()
    made.competent("NMI", route=Route.NMI_CAPABILITY, expanded=0.02)
    made.competent("NMI", route=Route.NMI_CAPABILITY, expanded=0.001)
    one, other = made.laboratories["NMI"].competences
    lines = (
        replace(one, conditions=(("wavelength", "1550 nm"),)),
        replace(other, conditions=(("wavelength", "810 nm"),)),
    )
    made.laboratories["NMI"] = replace(made.laboratories["NMI"], competences=lines)
    assert "below the capability 0.02" in gap(made, u=0.005, conditions={"wavelength": "1550 nm"})
    assert gap(made, u=0.005, conditions={"wavelength": "810 nm"}) == ""
