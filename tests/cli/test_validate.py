"""The command validate: table, JSON, page, exit codes; progress stays beside the answer."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from qtrace.cli.main import invoke

Captured = pytest.CaptureFixture[str]


def test_the_table_stays_within_80_columns_and_shows_everything(capsys: Captured) -> None:
    assert invoke(["validate"]) == 0
    shown = capsys.readouterr()
    assert max(map(len, shown.out.splitlines())) <= 80
    for word in ("gum-h.1", "25.447", "PASS (memory)", "DIFF (explained)", "seed 93", "figures"):
        assert word in shown.out
    assert "every difference is explained in the data" in shown.out
    assert re.search(r"^0 of (\d+) cases: ", shown.err, flags=re.MULTILINE)
    assert re.search(r"^(\d+) of \1 cases$", shown.err, flags=re.MULTILINE)
    assert "cases: " not in shown.out


@pytest.mark.parametrize("only", ["gum-h.2", "quam", "second-order"])
def test_only_takes_a_case_a_document_or_a_tag(only: str, capsys: Captured) -> None:
    assert invoke(["--json", "validate", "--only", only]) == 0
    answer = json.loads(capsys.readouterr().out)["answer"]
    cases = [case for document in answer["documents"] for case in document["cases"]]
    assert cases
    for case in cases:
        assert only in {case["id"], *case["tags"]} or case["id"].startswith(only)


def test_an_unknown_name_ends_with_2_and_names_what_is_near(capsys: Captured) -> None:
    assert invoke(["validate", "--only", "gum-h.11"]) == 2
    assert "did you mean gum-h.1" in capsys.readouterr().err


def test_json_holds_printed_ours_difference_and_how_it_is_known(capsys: Captured) -> None:
    assert invoke(["--json", "validate", "--only", "gum-h.1"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "qtrace/validation/1"
    (case,) = document["answer"]["documents"][0]["cases"]
    (nu,) = [one for one in case["figures"] if one["figure"] == "nu.d"]
    assert (nu["printed"], nu["verdict"], nu["basis"]) == ("25.6", "DIFF (explained)", "read")
    assert float(nu["ours"]) == pytest.approx(25.4472507774, abs=1e-9)
    assert float(nu["difference"]) == pytest.approx(float(nu["ours"]) - 25.6)
    assert "GTC" in nu["read_in"]
    assert document["answer"]["passed"] is True


def test_the_page_is_written_and_loads_nothing(tmp_path: Path, capsys: Captured) -> None:
    page = tmp_path / "reports" / "validation.html"
    assert invoke(["validate", "--only", "gum", "--html", str(page)]) == 0
    assert str(page) in capsys.readouterr().err
    html = page.read_text(encoding="utf-8")
    assert "EVERY DIFFERENCE IS EXPLAINED" in html
    for word in ("gum-h.1", "25.447", "from memory of the document", "MSLNZ/GTC"):
        assert word in html
    for loading in ("<script", "src=", "http://", "https://", "@import"):
        assert loading not in html


def test_a_page_that_cannot_be_written_ends_with_4(tmp_path: Path, capsys: Captured) -> None:
    assert invoke(["validate", "--only", "gum-h.1", "--html", str(tmp_path)]) == 4
    assert "folder" in capsys.readouterr().err
