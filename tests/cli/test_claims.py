"""Claims on the command line: table, JSON, page, exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from qtrace.cli.main import invoke
from qtrace.report.columns import display_width

HEAD = """
[publication]
title = "<script>alert(1)</script>"
authors = "A"
year = 2026
citation = "none"
read = "all"

[[source]]
id = "memory"
citation = "M"
tag = "from_memory"
"""
GOOD = """
[[claim]]
id = "good"
title = "one is one"
where = "p. 1"
[[claim.reading]]
relation = "1 = 1"
"""
UNSEEN = """
[[claim]]
id = "unseen"
title = "somebody says so"
where = "p. 1"
[[claim.primary]]
source = "memory"
what = "word"
said = "yes"
found = "yes"
"""
WRONG = GOOD.replace("good", "wrong").replace("1 = 1", "1 = 2")


@pytest.mark.parametrize(
    ("body", "code"),
    [(GOOD, 0), (GOOD + UNSEEN, 5), (UNSEEN, 5), (GOOD + UNSEEN + WRONG, 1), ("", 2)],
)
def test_exit_codes(body: str, code: int, tmp_path: Path) -> None:
    path = tmp_path / "claims.toml"
    path.write_text(HEAD + body, encoding="utf-8")
    assert invoke(["claims", "check", str(path)]) == code


def test_the_table_fits_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["claims", "check", "neyestani_2025"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert max(map(display_width, lines)) <= 80
    assert any(re.search(r"^gain-4\.5-sqrt2 .* INCONSISTENT$", line) for line in lines)


def test_json_is_one_document_with_the_arithmetic(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["--json", "claims", "check", "neyestani_2025"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "qtrace/claims/1"
    claims = {one["id"]: one for one in document["answer"]["claims"]}
    (relation,) = claims["gain-4.5-sqrt2"]["readings"][0]["relations"]
    assert float(relation["right"]) == pytest.approx(10**0.45)
    assert claims["tone-15-mhz"]["verdict"] == "UNDERDETERMINED"


def test_the_page_holds_everything_and_runs_nothing(tmp_path: Path) -> None:
    source, page = tmp_path / "claims.toml", tmp_path / "claims.html"
    source.write_text(HEAD + GOOD + UNSEEN + WRONG, encoding="utf-8")
    assert invoke(["claims", "check", str(source), "--html", str(page)]) == 1
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not re.search(r"""(?:src|href)=["'](?!#)""", text)
    assert all(f'id="{one}"' in text for one in ("good", "unseen", "wrong"))


def test_a_page_that_cannot_be_written_is_refused_before(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    page = tmp_path / "file" / "claims.html"
    assert invoke(["claims", "check", "example", "--html", str(page)]) == 4


def test_the_list_names_the_shipped_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["--json", "claims", "list"]) == 0
    names = [one["name"] for one in json.loads(capsys.readouterr().out)["answer"]]
    assert names == ["example", "neyestani_2025"]


def test_an_error_names_the_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "claims.toml"
    body = GOOD.replace("1 = 1", "a = b") + '[claim.says]\na = "1 s"\nb = "1 m"\n'
    path.write_text(HEAD + body, encoding="utf-8")
    assert invoke(["claims", "check", str(path)]) == 2
    error = capsys.readouterr().err
    assert "relation 'a = b'" in error
    assert "line" in error
