"""Packs of teleportation and of sensing against what the protocols of these areas can show."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from qtrace.metrics.catalogue import PROTOCOLS
from qtrace.standards.pack import pack_from_dict
from qtrace.standards.requirement import CriterionKind, Requirement

STANDARDS = Path(__file__).parents[2] / "data" / "standards"
# Areas in which each protocol gives figures "area.figure", and packs ask for them by that name.
AREAS = ("teleportation", "sensing")
TRANSFER = "teleportation.margin_classical"  # only a protocol that teleports states computes it


def figures_by_protocol() -> list[set[str]]:
    """Return what each protocol of the areas computes, as evidence is named."""
    return [
        {f"{one.area}.{metric.metric_id.rpartition('.')[2]}" for metric in one.metrics}
        for one in PROTOCOLS
        if one.area in AREAS
    ]


def rows_of_areas() -> list[Requirement]:
    packs = [
        pack_from_dict(tomllib.loads(path.read_text(encoding="utf-8")), where=str)
        for path in sorted(STANDARDS.glob("*.toml"))
    ]
    return [
        row
        for pack in packs
        for row in pack.requirements
        if row.evidence_item.partition(".")[0] in AREAS
    ]


def needed_by(row: Requirement) -> str:
    """Return the figure of the protocols that a row is for."""
    return row.needs or TRANSFER


@pytest.mark.parametrize("row", rows_of_areas(), ids=lambda row: row.requirement_id)
def test_a_protocol_is_asked_for_no_more_than_it_can_show(row: Requirement) -> None:
    """Who computes what a row of an area needs also computes what the row asks for."""
    asked = [figures for figures in figures_by_protocol() if needed_by(row) in figures]
    assert asked, f"no protocol computes {needed_by(row)}"
    if row.criterion.kind is not CriterionKind.DOCUMENTED:
        assert all(row.evidence_item in figures for figures in asked)


def test_each_protocol_of_sensing_is_asked_for_something() -> None:
    """All rows of sensing need a figure: none may be left without any question."""
    rows = [row for row in rows_of_areas() if row.evidence_item.startswith("sensing.")]
    assert all(row.needs for row in rows)
    for figures in figures_by_protocol():
        if any(one.startswith("sensing.") for one in figures):
            assert any(row.needs in figures for row in rows), sorted(figures)


def test_a_p_value_of_a_dip_says_nothing_about_teleportation() -> None:
    """Figures of one name come from several protocols; a visibility is no fidelity."""
    item = "teleportation.p_value_classical"
    (row,) = (row for row in rows_of_areas() if row.evidence_item == item)
    others = [figures for figures in figures_by_protocol() if TRANSFER not in figures]
    assert any(item in figures for figures in others)
    assert row.needs == TRANSFER
