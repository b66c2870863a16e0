"""Schemes: the truth table answers for everything, and lets no failure or absence support."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qtrace.certification.scheme import (
    AttestationKind,
    Effect,
    Scheme,
    scheme_from_dict,
    scheme_requirements,
)
from qtrace.errors import InputError
from qtrace.standards.finding import OUTCOME_CELLS, Finding, GuardSide, Outcome
from qtrace.standards.pack import StandardPack, pack_from_dict
from qtrace.standards.requirement import CriterionKind

DATA = Path(__file__).parents[2] / "data"


def place(field: str) -> str:
    return f"scheme.toml, field {field}"


def table(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / "schemes" / f"{name}.toml").read_text(encoding="utf-8"))


def scheme(name: str) -> Scheme:
    return scheme_from_dict(table(name), where=place)


def packs() -> list[StandardPack]:
    return [
        pack_from_dict(tomllib.loads(path.read_text(encoding="utf-8")), where=str)
        for path in sorted((DATA / "standards").glob("*.toml"))
    ]


# --- the schemes that are shipped -------------------------------------------------------------


@pytest.mark.parametrize("name", ["strict_link", "demonstration_link"])
def test_the_truth_table_is_total(name: str) -> None:
    effects = scheme(name).effects
    assert set(effects) == {(kind, cell) for kind in CriterionKind for cell in OUTCOME_CELLS}


def test_every_outcome_that_a_finding_can_have_is_answered() -> None:
    """The cells are those that `Finding.cell` can produce, no more and no fewer."""
    cells = {
        Finding("r", "s", "x", outcome, CriterionKind.LIMIT, guard_side=side).cell
        for outcome in Outcome
        for side in GuardSide
        if (outcome is Outcome.WITHIN_GUARD_BAND) == bool(side)
    }
    assert cells == set(OUTCOME_CELLS)


@pytest.mark.parametrize("kind", list(CriterionKind))
def test_the_strict_scheme_stands_on_met_alone(kind: CriterionKind) -> None:
    effects = scheme("strict_link").effects
    for cell in OUTCOME_CELLS:
        expected = {"met": Effect.SUPPORTS, "not_applicable": Effect.LISTED}.get(
            cell, Effect.REFUSES
        )
        assert effects[kind, cell] is expected


def test_the_demonstration_lists_breaks_and_documents_but_judges_figures() -> None:
    effects = scheme("demonstration_link").effects
    assert effects[CriterionKind.CHAIN_UNBROKEN, "not_met"] is Effect.LISTED
    assert effects[CriterionKind.DOCUMENTED, "not_evaluable"] is Effect.LISTED
    assert effects[CriterionKind.LIMIT, "no_evidence"] is Effect.LISTED
    for kind in (CriterionKind.LIMIT, CriterionKind.RANGE, CriterionKind.DECLARED):
        assert effects[kind, "not_met"] is Effect.REFUSES
        assert effects[kind, "not_evaluable"] is Effect.REFUSES
        assert effects[kind, "within_guard_band_outside"] is Effect.REFUSES


@pytest.mark.parametrize("name", ["strict_link", "demonstration_link"])
def test_the_mismatch_has_a_ceiling_of_ten_percent(name: str) -> None:
    bounds = scheme(name).bounds["efficiency_mismatch"]
    assert (bounds.floor, bounds.ceiling, bounds.unit) == (0.0, 10.0, "%")


def test_every_declaration_that_a_requirement_names_is_bounded() -> None:
    for name in ("strict_link", "demonstration_link"):
        rules = scheme(name)
        requirements, warnings = scheme_requirements(rules, packs())
        declared = {row.criterion.declaration for row in requirements} - {""}
        assert declared == set(rules.bounds)
        assert warnings == ()


def test_the_schemes_say_what_kind_of_statement_they_make() -> None:
    assert scheme("strict_link").attestation_kind is AttestationKind.CERTIFICATION
    assert scheme("demonstration_link").attestation_kind is AttestationKind.DEMONSTRATION


# --- requirements of a scheme -----------------------------------------------------------------


def test_a_scheme_on_a_superseded_edition_warns() -> None:
    old = replace(scheme("strict_link"), standards=("NIST-IR-8486:2023",))
    requirements, warnings = scheme_requirements(old, packs())
    assert requirements[0].standard_id == "NIST-IR-8486r1:2025"
    assert "superseded" in warnings[0]


def test_a_scheme_naming_an_edition_twice_judges_once() -> None:
    once = replace(scheme("strict_link"), standards=("NIST-IR-8486r1:2025",))
    twice = replace(once, standards=("NIST-IR-8486r1:2025", "NIST-IR-8486:2023"))
    assert scheme_requirements(twice, packs())[0] == scheme_requirements(once, packs())[0]


def test_a_scheme_without_requirements_or_with_an_unknown_standard_is_an_error() -> None:
    bare = replace(packs()[0], requirements=())
    rules = replace(scheme("strict_link"), standards=(bare.standard_id,))
    with pytest.raises(InputError, match="without requirements"):
        scheme_requirements(rules, [bare])
    with pytest.raises(InputError, match="no requirements of") as caught:
        scheme_requirements(replace(rules, standards=("X:1",)), packs())
    assert caught.value.where.startswith("scheme strict-link")


# --- reading ----------------------------------------------------------------------------------


def test_all_missing_cells_are_named_at_once() -> None:
    data = table("strict_link")
    del data["effects"]["complete"]
    del data["effects"]["limit"]["no_evidence"]
    with pytest.raises(InputError) as caught:
        scheme_from_dict(data, where=place)
    named = caught.value.what.partition(": ")[2].split(", ")
    assert set(named) == {"limit.no_evidence", *(f"complete.{cell}" for cell in OUTCOME_CELLS)}
    assert caught.value.where == "scheme.toml, field effects"


@pytest.mark.parametrize("cell", [cell for cell in OUTCOME_CELLS if cell != "met"])
def test_nothing_but_met_can_support(cell: str) -> None:
    for name in ("strict_link", "demonstration_link"):
        data = table(name)
        data["effects"]["limit"][cell] = "supports"
        with pytest.raises(InputError, match="cannot support"):
            scheme_from_dict(data, where=place)


@pytest.mark.parametrize("kind", [kind.value for kind in CriterionKind])
@pytest.mark.parametrize(
    "cell", [cell for cell in OUTCOME_CELLS if cell not in {"met", "not_applicable"}]
)
def test_a_certification_cannot_list_what_is_not_met(kind: str, cell: str) -> None:
    data = table("strict_link")
    data["effects"][kind][cell] = "listed"
    with pytest.raises(InputError, match="cannot stand on") as caught:
        scheme_from_dict(data, where=place)
    assert caught.value.where.endswith(f"field effects.{kind}.{cell}")


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "field", "what"),
    [
        pytest.param(
            lambda d: d["scheme"].update(standards=[]), "scheme.standards", "empty", id="standards"
        ),
        pytest.param(
            lambda d: d["scheme"].update(rule="mine"), "scheme.rule", "unknown", id="rule"
        ),
        pytest.param(
            lambda d: d["scheme"].update(attestation_kind="declaration"),
            "scheme.attestation_kind",
            "does not decide",
            id="a declaration grants nothing",
        ),
        pytest.param(
            lambda d: d["scheme"].update(waiver="all"), "scheme.waiver", "not known", id="extra"
        ),
        pytest.param(
            lambda d: d["effects"]["limit"].update(met="grants"),
            "effects.limit.met",
            "grants",
            id="unknown effect",
        ),
        pytest.param(
            lambda d: d["effects"]["limit"].update(wished="listed"),
            "effects.limit.wished",
            "not known",
            id="unknown outcome",
        ),
        pytest.param(
            lambda d: d["effects"].update(magic={}),
            "effects.magic",
            "not known",
            id="unknown kind of criterion",
        ),
        pytest.param(
            lambda d: d["bounds"]["efficiency_mismatch"].pop("ceiling"),
            "bounds.efficiency_mismatch",
            "floor and a ceiling",
            id="no ceiling",
        ),
        pytest.param(
            lambda d: d["bounds"]["efficiency_mismatch"].update(floor="20 %"),
            "bounds.efficiency_mismatch.ceiling",
            "bound nothing",
            id="floor above ceiling",
        ),
        pytest.param(
            lambda d: d["bounds"]["efficiency_mismatch"].update(floor="0 s"),
            "bounds.efficiency_mismatch.ceiling",
            "bound nothing",
            id="floor of another dimension",
        ),
        pytest.param(lambda d: d.pop("effects"), "effects", "missing", id="no truth table"),
    ],
)
def test_a_wrong_scheme_is_refused_with_its_place(change: Change, field: str, what: str) -> None:
    data = copy.deepcopy(table("demonstration_link"))
    change(data)
    with pytest.raises(InputError, match=re.escape(what)) as caught:
        scheme_from_dict(data, where=place)
    assert caught.value.where == place(field)


def test_bounds_may_be_absent() -> None:
    data = table("strict_link")
    del data["bounds"]
    assert scheme_from_dict(data, where=place).bounds == {}
