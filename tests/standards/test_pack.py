"""Packs: what the files hold is honest and complete; what is wrong is said with its place."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qtrace.errors import InputError
from qtrace.standards.pack import StandardPack, pack_from_dict, select_pack
from qtrace.standards.requirement import (
    Comparison,
    CriterionKind,
    Figure,
    OriginKind,
    Requirement,
)

FOLDER = Path(__file__).parents[2] / "data" / "standards"
FILES = sorted(FOLDER.glob("*.toml"))
NIST = FOLDER / "nist_ir_8486r1.toml"

MINIMAL: dict[str, Any] = {
    "standard": {"id": "TEST:1", "title": "a test", "edition": "1", "source": "here"},
    "requirement": [
        {
            "id": "T-01",
            "title": "dark counts are few",
            "side": "detector",
            "scope": "detector",
            "evidence": "detector.dark_count_rate",
            "confidence": "L",
            "limit_origin": "proposal",
            "criterion": {"kind": "limit", "comparison": "at_most", "limit": "100 /s"},
            "origin": {"kind": "proposal", "source": "the test"},
        }
    ],
}


def place(field: str) -> str:
    return f"pack.toml, field {field}"


def load(path: Path) -> StandardPack:
    return pack_from_dict(tomllib.loads(path.read_text(encoding="utf-8")), where=place)


def every_requirement() -> list[Requirement]:
    return [row for path in FILES for row in load(path).requirements]


# --- the packs that are shipped ---------------------------------------------------------------


def test_both_packs_are_as_large_as_they_must_be() -> None:
    sizes = {load(path).standard_id: len(load(path).requirements) for path in FILES}
    assert sizes["NIST-IR-8486r1:2025"] >= 8
    assert sizes["ISO-IEC-23837-mapped:2023"] >= 10


def test_the_mapped_pack_covers_transmitter_receiver_and_protocol() -> None:
    pack = load(FOLDER / "iso_iec_23837_mapped_2023.toml")
    assert {row.side for row in pack.requirements} == {"transmitter", "receiver", "protocol"}
    assert "mapped to topic" in pack.title
    assert "clauses unverified" in pack.notice


def test_every_criterion_kind_and_comparison_is_in_use() -> None:
    criteria = [row.criterion for row in every_requirement()]
    assert {criterion.kind for criterion in criteria} == set(CriterionKind)
    assert {criterion.figure for criterion in criteria} == set(Figure)
    assert {c.comparison for c in criteria if c.comparison} == set(Comparison)


def test_no_clause_is_claimed_and_ids_are_unique() -> None:
    rows = every_requirement()
    assert all(not row.clause and not row.clause_verified_by for row in rows)
    assert len({row.requirement_id for row in rows}) == len(rows)


def test_rows_are_honest_about_their_origin() -> None:
    """Topics of the paid standard that were only recalled are never called confirmed."""
    for row in every_requirement():
        recalled = "recalled" in row.origin.source
        assert recalled == (row.origin.kind is OriginKind.MEMORY and "23837" in row.standard_id)
        assert row.origin.confirmed == (row.origin.kind in {OriginKind.READ, OriginKind.COMPUTED})
        if row.limit_origin.startswith("project proposal") and not recalled:
            assert row.origin.kind is OriginKind.PROPOSAL


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_pack_overclaims(path: Path) -> None:
    text = path.read_text(encoding="utf-8").lower()
    for banned in ("conforms to", "compliant", "certified secure", "unconditionally"):
        assert banned not in text


# --- editions ---------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["NIST-IR-8486r1:2025", "NIST-IR-8486r1"])
def test_the_current_edition_is_found_without_a_warning(asked: str) -> None:
    selected = select_pack([load(path) for path in FILES], asked)
    assert selected.pack.standard_id == "NIST-IR-8486r1:2025"
    assert selected.warnings == ()


@pytest.mark.parametrize("asked", ["NIST-IR-8486:2023", "NIST-IR-8486"])
def test_the_superseded_edition_answers_with_a_warning(asked: str) -> None:
    selected = select_pack([load(path) for path in FILES], asked)
    assert selected.pack.standard_id == "NIST-IR-8486r1:2025"
    assert selected.warnings[0].startswith("NIST-IR-8486:2023 is superseded by")


def test_an_unknown_standard_or_edition_is_refused() -> None:
    packs = [load(path) for path in FILES]
    with pytest.raises(InputError) as caught:
        select_pack(packs, "NIST-IR-8486r1:2031")
    assert caught.value.next_step == "did you mean NIST-IR-8486r1:2025?"
    with pytest.raises(InputError) as nothing:
        select_pack([], "X:1")
    assert nothing.value.next_step == "known: none"


# --- reading ----------------------------------------------------------------------------------


def test_limits_keep_the_unit_in_which_they_were_written() -> None:
    rows = {row.requirement_id: row.criterion for row in every_requirement()}
    assert (rows["SPD-05"].limit, rows["SPD-05"].unit) == (2.0, "%")
    assert rows["SPD-05"].figure is Figure.RELATIVE_EXPANDED_UNCERTAINTY
    assert rows["SPD-05"].coverage_factor == 2.0
    assert (rows["SPD-07"].limit, rows["SPD-07"].unit) == (50000.0, "/s")
    assert (rows["TX-02"].low, rows["TX-02"].high) == (-5.0, 5.0)
    assert rows["TX-10"].limit == 1e-17


def test_a_minimal_pack_is_read_and_its_table_left_alone() -> None:
    before = copy.deepcopy(MINIMAL)
    (row,) = pack_from_dict(MINIMAL, where=place).requirements
    assert (row.standard_id, row.criterion.limit, row.criterion.unit) == ("TEST:1", 100.0, "/s")
    assert before == MINIMAL


Change = Callable[[dict[str, Any], dict[str, Any]], object]


def _criterion(**fields: str | list[str]) -> Change:
    return lambda _, row: row.update(criterion=dict(fields))


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        pytest.param(
            lambda p, _: p.pop("standard"), "standard", "is missing", id="no standard table"
        ),
        pytest.param(
            lambda p, _: p.update(standard=3), "standard", "not a table", id="standard is a number"
        ),
        pytest.param(
            lambda p, _: p["standard"].update(id="TEST"), "standard.id", "edition", id="no edition"
        ),
        pytest.param(
            lambda p, _: p.update(requirement=[]), "requirement", "judges nothing", id="no rows"
        ),
        pytest.param(
            lambda p, _: p.update(requirement={}), "requirement", "list of tables", id="one row"
        ),
        pytest.param(
            lambda p, row: p["requirement"].append(row), "requirement[2].id", "twice", id="same id"
        ),
        pytest.param(
            lambda _, row: row.pop("title"), "requirement[1].title", "missing", id="no title"
        ),
        pytest.param(
            lambda _, row: row.update(title=" "), "requirement[1].title", "empty", id="empty title"
        ),
        pytest.param(
            lambda _, row: row.update(title=7), "requirement[1].title", "not a text", id="number"
        ),
        pytest.param(
            lambda _, row: row.update(lmit_origin="x"),
            "requirement[1].lmit_origin",
            "not known",
            id="misspelt field",
        ),
        pytest.param(
            lambda _, row: row.update(scope="galaxy"), "requirement[1].scope", "galaxy", id="scope"
        ),
        pytest.param(
            lambda _, row: row.update(confidence="high"),
            "requirement[1].confidence",
            "H, M or L",
            id="confidence",
        ),
        pytest.param(
            lambda _, row: row.update(clause="7.1"),
            "requirement[1].clause",
            "belong together",
            id="clause that nobody verified",
        ),
        pytest.param(
            lambda _, row: row.update(applies_to="bbm92"),
            "requirement[1].applies_to",
            "list of texts",
            id="tags not a list",
        ),
        pytest.param(
            lambda _, row: row.update(applies_to=["a", "a"]),
            "requirement[1].applies_to",
            "twice",
            id="tag twice",
        ),
        pytest.param(
            lambda _, row: row.pop("limit_origin"),
            "requirement[1].limit_origin",
            "where it comes from",
            id="limit from nowhere",
        ),
        pytest.param(
            _criterion(kind="documented"),
            "requirement[1].limit_origin",
            "does not exist",
            id="origin of no limit",
        ),
        pytest.param(
            _criterion(kind="limit", comparison="at_most"),
            "requirement[1].criterion.limit",
            "missing",
            id="no limit",
        ),
        pytest.param(
            _criterion(kind="limit", comparison="at_most", limit="100 parsecs"),
            "requirement[1].criterion.limit",
            "parsecs",
            id="unknown unit",
        ),
        pytest.param(
            _criterion(kind="limit", comparison="within", limit="1"),
            "requirement[1].criterion.comparison",
            "does not compare",
            id="comparison of another kind",
        ),
        pytest.param(
            _criterion(kind="limit", comparison="ratio_within", limit="1.5"),
            "requirement[1].criterion.limit",
            "between 0 and 1",
            id="mismatch above one",
        ),
        pytest.param(
            _criterion(kind="range", low="5", high="1"),
            "requirement[1].criterion.low",
            "reversed",
            id="reversed range",
        ),
        pytest.param(
            _criterion(kind="range", low="0 s", high="1 m"),
            "requirement[1].criterion.high",
            "do not fit",
            id="range of two dimensions",
        ),
        pytest.param(
            _criterion(kind="declared", comparison="at_most", limit="1"),
            "requirement[1].criterion.declaration",
            "missing",
            id="declared, but what",
        ),
        pytest.param(
            _criterion(kind="declared", comparison="at_most", declaration="x"),
            "requirement[1].criterion.unit",
            "missing",
            id="declared without default or unit",
        ),
        pytest.param(
            _criterion(kind="complete", attributes=[]),
            "requirement[1].criterion.attributes",
            "missing or empty",
            id="complete without attributes",
        ),
        pytest.param(
            _criterion(kind="limit", comparison="at_most", limit="1", coverage_factor="2"),
            "requirement[1].criterion.coverage_factor",
            "only there",
            id="k for a value",
        ),
        pytest.param(
            _criterion(
                kind="limit",
                comparison="at_most",
                limit="1",
                coverage_factor="-2",
                figure="relative_expanded_uncertainty",
            ),
            "requirement[1].criterion.coverage_factor",
            "positive",
            id="negative k",
        ),
        pytest.param(
            _criterion(kind="chain_unbroken", limit="1"),
            "requirement[1].criterion.limit",
            "not known",
            id="limit of a chain",
        ),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(change: Change, where: str, what: str) -> None:
    data = copy.deepcopy(MINIMAL)
    change(data, data["requirement"][0])
    with pytest.raises(InputError, match=re.escape(what)) as caught:
        pack_from_dict(data, where=place)
    assert caught.value.where.startswith(f"pack.toml, field {where}")
