"""Procedures give the figures that the documents promise, and refuse wrong data."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from qtrace.exchange.reference_files import load_reference_documents, read_reference_document
from qtrace.validation.case import Basis, Case, PrintedFigure
from qtrace.validation.given import CaseFileError
from qtrace.validation.judge import Verdict
from qtrace.validation.procedures import PROCEDURES, check_case, run_case, summary_of
from qtrace.validation.quantities import WAYS
from qtrace.validation.sampling import Sampling

TEXT = (Path(__file__).parents[2] / "docs" / "validation.md").read_text(encoding="utf-8")
CASES = {case.case_id: case for one in load_reference_documents() for case in one.cases}


def documented() -> dict[str, str]:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", TEXT, flags=re.MULTILINE)
    return dict(rows)


def test_every_procedure_is_documented_once() -> None:
    assert set(documented()) == set(PROCEDURES)


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.case_id)
def test_printed_figures_are_among_the_documented_ones(case: Case) -> None:
    words = re.findall(r"`([\w.]+)`", documented()[case.procedure])
    forms = [
        re.sub(r"[A-Z]{1,}(?=\.|$)", r"[\\w.]+", re.escape(word).replace(r"\.", "."))
        for word in words
        if len(word) > 1
    ]
    forms += [re.escape(word) for word in words]
    forms += [r"b\d+", r"(model_)?(u|cov|r)\.[\w.]+"] if case.procedure == "fit" else []
    for one in case.printed:
        assert any(re.fullmatch(form, one.name) for form in forms), one.name


def test_every_verdict_and_way_is_documented() -> None:
    assert [verdict.value for verdict in Verdict if f"| {verdict.value} |" not in TEXT] == []
    assert [way for way in WAYS if f"`{way}`" not in TEXT] == []


def test_the_documented_example_is_read_and_runs() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", TEXT, flags=re.DOTALL)
    document = read_reference_document(example.encode(), name="validation.md")
    (case,) = document.cases
    found = {one.printed.name: one.verdict for one in run_case(case).comparisons}
    assert found == {"u": Verdict.PASS, "nu": Verdict.EXPLAINED}


@pytest.mark.parametrize(
    "changed",
    [
        {"procedure": "guessing"},
        {"draws": 10},
        {"printed": ()},
        {"printed": (PrintedFigure("u", "1", Basis.MEMORY, ""),) * 2},
        {"printed": (PrintedFigure("u", "one", Basis.MEMORY, ""),)},
        {"printed": (PrintedFigure("u", "1", Basis.READ, ""),)},
    ],
)
def test_a_case_that_cannot_be_judged_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(CaseFileError, match=r"quam-a1"):
        check_case(replace(CASES["quam-a1"], **changed))  # type: ignore[arg-type]


def test_a_drawing_case_needs_enough_draws() -> None:
    with pytest.raises(CaseFileError, match="draws"):
        check_case(replace(CASES["jcgm-101-9.2.2"], draws=100))


def test_a_figure_that_the_procedure_does_not_give_is_an_error_of_the_data() -> None:
    asked = (PrintedFigure("colour", "1", Basis.MEMORY, ""),)
    with pytest.raises(CaseFileError, match="colour") as caught:
        run_case(replace(CASES["quam-a1"], printed=asked))
    assert "value" in caught.value.next_step


@pytest.mark.parametrize("name", ["gum-h.1", "gum-h.3", "gum-h.5", "gum-4.4.3", "gum-g.2"])
def test_an_unknown_input_is_an_error_of_the_data(name: str) -> None:
    case = CASES[name]
    strange = replace(case, given=type(case.given)({**case.given._data, "dog": 1}, str, "inputs"))
    with pytest.raises(CaseFileError, match="dog"):
        run_case(strange)


def test_a_summary_counts_figures_by_verdict() -> None:
    summary = summary_of([run_case(CASES["quam-a1"]), run_case(CASES["gum-4.3.4"])])
    assert (summary.cases, summary.figures, summary.passed) == (2, 9, True)
    assert summary.by_verdict["PASS (computed)"] == 7
    assert summary.by_verdict["PASS (memory)"] == 1
    assert summary.by_verdict["DIFF (explained)"] == 1


def test_the_draws_of_a_procedure_come_from_its_seed() -> None:
    case = CASES["jcgm-101-9.2.2"]
    run = PROCEDURES["draws"]
    one, same, other = (run(case.given, Sampling(20_000, seed)) for seed in (1, 1, 2))
    assert one == same
    assert one["u"] != other["u"]
