"""Each claim of the shipped survey has its verdict, for its reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qtrace.claims.check import CheckedClaim, check_claims
from qtrace.claims.claim import Tag
from qtrace.claims.verdict import Verdict
from qtrace.exchange.claim_file import read_claim_file, shipped_claim_files

TOP = Path(__file__).parents[2]
FILE = read_claim_file(TOP / "data" / "claims" / "neyestani_2025.toml")
CHECKED = {one.claim.claim_id: one for one in check_claims(FILE).claims}
C, I, U, V = (  # noqa: E741 the letters of the table
    Verdict.CONSISTENT,
    Verdict.INCONSISTENT,
    Verdict.UNDERDETERMINED,
    Verdict.UNVERIFIED_SOURCE,
)
# Verdict, arithmetic, source: the three together are the reason.
PINNED = {
    "qcs-offset": (C, "none stated", "agrees"),
    "qcs-tdev": (C, "none stated", "agrees"),
    "qcs-both": (U, "open", "none needed"),
    "qcs-table": (C, "holds", "none needed"),
    "qcs-one-way": (I, "none stated", "contradicts"),
    "qcs-delay-attack": (I, "none stated", "contradicts"),
    "qcs-ptp": (U, "open", "agrees"),
    "qcs-gps": (C, "none stated", "agrees"),
    "qcs-micius": (V, "none stated", "unverified"),
    "gain-4.5": (C, "none stated", "agrees"),
    "gain-4.5-independent": (U, "open", "agrees"),
    "gain-4.5-sqrt2": (I, "fails", "none needed"),
    "gain-11.6": (C, "none stated", "agrees"),
    "gain-11.6-fourfold": (C, "holds", "none needed"),
    "gain-above-11": (C, "holds", "none needed"),
    "gain-root-n": (C, "holds", "agrees"),
    "gain-multi-fold": (U, "rests on an assumption", "none needed"),
    "clock-mid-1e-13": (U, "open", "unverified"),
    "clock-tau-minus-1": (U, "open", "none needed"),
    "clock-18-digits": (V, "none stated", "unverified"),
    "tele-0.80": (C, "none stated", "agrees"),
    "tele-1200": (C, "none stated", "agrees"),
    "tele-classical": (C, "holds", "none needed"),
    "tele-0.91": (C, "none stated", "agrees"),
    "tele-32": (U, "open", "unverified"),
    "tele-ref-14": (V, "none stated", "unverified"),
    "tone-0.3-deg": (C, "holds", "none needed"),
    "tone-15-mhz": (U, "open", "unverified"),
    "sat-swapping": (I, "none stated", "contradicts"),
    "sat-1000-km": (C, "none stated", "agrees"),
    "sat-ref-13": (C, "none stated", "agrees"),
    "sat-pair-rate": (V, "none stated", "unverified"),
    "tele-success": (V, "rests on memory", "none needed"),
    "bsm-80": (V, "holds", "unverified"),
    "qkd-100-km": (U, "open", "none needed"),
    "grid-use": (V, "none stated", "unverified"),
    "grid-key-rate": (V, "none stated", "unverified"),
    "grid-rekey": (C, "holds", "none needed"),
    "grid-pmu": (U, "open", "none needed"),
    "grid-theory-levels": (I, "fails", "none needed"),
    "grid-nerc": (U, "open", "none needed"),
    "qsdc-15-users": (V, "none stated", "unverified"),
    "qsdc-100-km": (C, "none stated", "agrees"),
    "qsdc-inter-city": (V, "none stated", "unverified"),
    "case-2-year": (I, "none stated", "contradicts"),
    "case-2-author": (I, "none stated", "contradicts"),
    "case-1-year": (C, "none stated", "agrees"),
    "ref-2-journal": (I, "none stated", "contradicts"),
    "case-3-year": (C, "none stated", "agrees"),
    "case-4-year": (C, "none stated", "agrees"),
    "ref-9": (C, "none stated", "agrees"),
    "ref-15": (C, "none stated", "agrees"),
    "ref-15-author": (I, "none stated", "contradicts"),
    "ref-19": (C, "none stated", "agrees"),
    "ref-19-date": (V, "none stated", "unverified"),
    "ref-7-author": (V, "none stated", "unverified"),
    "ref-authors": (C, "none stated", "agrees"),
    "ref-volumes": (C, "none stated", "agrees"),
}


def test_every_claim_is_pinned() -> None:
    assert list(CHECKED) == list(PINNED)


@pytest.mark.parametrize("claim_id", PINNED)
def test_the_verdict_and_its_reason(claim_id: str) -> None:
    found = CHECKED[claim_id]
    assert (found.verdict, found.arithmetic.value, found.sources.value) == PINNED[claim_id]


def right(claim: CheckedClaim, reading: int, relation: int = 0) -> float:
    return claim.readings[reading].relations[relation].right


def test_the_figures_of_the_arithmetic() -> None:
    """Anchors: 10^(x/10), 10^(x/20) and phase / (2 pi f), by hand."""
    small, large = CHECKED["gain-4.5-sqrt2"], CHECKED["gain-11.6-fourfold"]
    assert right(small, 0) == pytest.approx(2.818, abs=5e-4)
    assert right(small, 1) == pytest.approx(1.679, abs=5e-4)
    assert right(large, 0) == pytest.approx(3.802, abs=5e-4)
    assert right(large, 1) == pytest.approx(14.45, abs=5e-3)
    (tau,) = CHECKED["tone-15-mhz"].missing
    assert tau.needed == pytest.approx(0.0556, abs=5e-5)
    assert tau.examples[0][1].right == pytest.approx(0.833e-3, abs=5e-7)
    assert right(CHECKED["grid-rekey"], 0) == pytest.approx(0.256)
    (frames,) = CHECKED["grid-pmu"].missing
    assert frames.needed == pytest.approx(9.26, abs=5e-3)
    assert frames.examples[1][1].right == pytest.approx(25.92e3)
    (spacing,) = CHECKED["qcs-both"].missing
    assert spacing.needed == pytest.approx(36.66, abs=5e-3)
    assert CHECKED["tele-32"].missing[0].needed == pytest.approx(0.222, abs=5e-4)


def test_the_slip_of_4_5_db_holds_only_as_an_unstated_reading() -> None:
    readings = CHECKED["gain-4.5-sqrt2"].readings
    assert [(one.reading.stated, one.holds) for one in readings] == [
        (True, False),
        (False, False),
        (False, True),
    ]


def test_what_would_fail_under_another_reading_is_shown_and_never_counted() -> None:
    """Milder where words may be meant otherwise: the graver reading stays on the page."""
    for claim_id in ("qcs-ptp", "gain-4.5-independent", "qkd-100-km"):
        (reading,) = CHECKED[claim_id].readings
        assert (reading.reading.stated, reading.holds) == (False, False)


def test_multi_fold_holds_for_each_gain_but_that_between_nodes_as_an_uncertainty() -> None:
    readings = CHECKED["gain-multi-fold"].readings
    # 10^(4.5/20) = 1.679, 10^(4.5/10) = 2.818, 10^(11.6/20) = 3.802.
    found = [one.relations[0].right for one in readings]
    assert found == pytest.approx([1.679, 2.818, 3.802], abs=5e-4)
    assert [one.holds for one in readings] == [False, True, True]


def test_every_source_is_used_or_is_a_witness() -> None:
    used = {p.primary.source_id for one in CHECKED.values() for p in one.primaries}
    used |= {g.origin for one in CHECKED.values() for g in one.claim.given.values()}
    assert set(FILE.sources) - used == {"dai-2020"}


def test_a_claim_contradicted_by_a_source_names_one_that_was_read() -> None:
    for one in CHECKED.values():
        if one.sources.value == "contradicts":
            assert any(
                p.agrees is False and p.source.tag in {Tag.SEEN, Tag.ABSTRACT}
                for p in one.primaries
            )


def test_the_document_counts_what_the_file_holds() -> None:
    text = (TOP / "docs" / "claims.md").read_text(encoding="utf-8")
    said = re.search(
        r"(\d+) claims of a survey.*?(\d+)\s+CONSISTENT, (\d+) INCONSISTENT, "
        r"(\d+) UNDERDETERMINED, (\d+) UNVERIFIED",
        text,
        flags=re.DOTALL,
    )
    assert said is not None
    counts = [sum(one.verdict is word for one in CHECKED.values()) for word in (C, I, U, V)]
    assert [int(number) for number in said.groups()] == [len(CHECKED), *counts]


def test_the_example_has_every_verdict() -> None:
    (path,) = [one for one in shipped_claim_files() if one.stem == "example"]
    found = check_claims(read_claim_file(path)).claims
    assert [one.verdict for one in found] == [C, C, I, U, V]
