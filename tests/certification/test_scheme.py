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
    LATER_KINDS,
    AttestationKind,
    Effect,
    Scheme,
    scheme_faults,
    scheme_from_dict,
    scheme_requirements,
)
from qtrace.errors import InputError
from qtrace.standards.evaluate import OFFSET_FROM_UTC
from qtrace.standards.finding import OUTCOME_CELLS, Finding, GuardSide, Outcome
from qtrace.standards.pack import StandardPack, pack_from_dict
from qtrace.standards.requirement import CriterionKind

DATA = Path(__file__).parents[2] / "data"
LINK_SCHEMES = (
    "strict_link",
    "demonstration_link",
    "key_check",
    "receiver_check",
    "direct_check",
    "sensing_check",
    "transfer_check",
    "entanglement_check",
    "tone_check",
)
# A scheme may leave out kinds of criterion that came later, whole.
FIRST_KINDS = [kind for kind in CriterionKind if kind not in LATER_KINDS]


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


@pytest.mark.parametrize("name", LINK_SCHEMES)
def test_the_truth_table_is_total(name: str) -> None:
    effects = scheme(name).effects
    assert set(effects) == {(kind, cell) for kind in FIRST_KINDS for cell in OUTCOME_CELLS}


@pytest.mark.parametrize("name", ["sync_check", "prtc_b_check"])
def test_the_truth_table_of_a_scheme_with_masks_is_total(name: str) -> None:
    effects = scheme(name).effects
    assert set(effects) == {(kind, cell) for kind in CriterionKind for cell in OUTCOME_CELLS}


def test_a_scheme_without_cells_for_masks_cannot_judge_by_a_standard_that_has_them() -> None:
    data = table("sync_check")
    del data["effects"]["mask"]
    assert not scheme_from_dict(data, where=place).answers_for(CriterionKind.MASK)
    with pytest.raises(InputError, match="does not answer for: mask") as caught:
        scheme_requirements(scheme_from_dict(data, where=place), packs())
    assert caught.value.next_step == "add a table [effects.mask]"


def test_a_scheme_answers_for_all_outcomes_of_a_mask_or_for_none() -> None:
    data = table("sync_check")
    del data["effects"]["mask"]["not_met"]
    with pytest.raises(InputError, match=re.escape("does not answer for: mask.not_met")):
        scheme_from_dict(data, where=place)
    rules = scheme("sync_check")
    holes = {key: effect for key, effect in rules.effects.items() if key[1] != "not_met"}
    finding = Finding("r", "s", "x", Outcome.NOT_MET, CriterionKind.MASK)
    assert "mask.not_met" in " ".join(scheme_faults(replace(rules, effects=holes)))
    assert replace(rules, effects=holes).effect(finding) is Effect.REFUSES
    assert scheme_faults(rules) == scheme_faults(scheme("strict_link")) == []


def test_a_link_that_compares_two_clocks_is_asked_for_no_more_than_it_can_show() -> None:
    """Every row against UTC needs an offset from UTC; the others need none."""
    for pack in packs():
        needy = {row.requirement_id for row in pack.requirements if row.needs == OFFSET_FROM_UTC}
        against_utc = "8272" in pack.standard_id
        rows = {row.requirement_id for row in pack.requirements} if against_utc else set()
        assert needy == rows | ({"SYNC-07"} if pack.standard_id == "SYNC-LINK:2026" else set())


def test_every_outcome_that_a_finding_can_have_is_answered() -> None:
    """The cells are those that `Finding.cell` can produce, no more and no fewer."""
    cells = {
        Finding("r", "s", "x", outcome, CriterionKind.LIMIT, guard_side=side).cell
        for outcome in Outcome
        for side in GuardSide
        if (outcome is Outcome.WITHIN_GUARD_BAND) == bool(side)
    }
    assert cells == set(OUTCOME_CELLS)


@pytest.mark.parametrize("kind", FIRST_KINDS)
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


@pytest.mark.parametrize(
    "name",
    ["direct_check", "sensing_check", "transfer_check", "entanglement_check", "tone_check"],
)
def test_a_figure_that_is_absent_refuses(name: str) -> None:
    """Nobody is shown to teleport, squeeze or share pairs by a figure that is not there."""
    effects = scheme(name).effects
    for kind in (CriterionKind.LIMIT, CriterionKind.RANGE, CriterionKind.DECLARED):
        assert effects[kind, "no_evidence"] is Effect.REFUSES


@pytest.mark.parametrize("name", ["strict_link", "demonstration_link"])
def test_the_mismatch_has_a_ceiling_of_ten_percent(name: str) -> None:
    bounds = scheme(name).bounds["efficiency_mismatch"]
    assert (bounds.floor, bounds.ceiling, bounds.unit) == (0.0, 10.0, "%")


def test_every_declaration_that_a_requirement_names_is_bounded() -> None:
    for name in (*LINK_SCHEMES, "sync_check", "prtc_b_check"):
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


@pytest.mark.parametrize("kind", [kind.value for kind in FIRST_KINDS])
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
