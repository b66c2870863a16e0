"""With --json an error is one document, too; and an audit takes no date."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from stranger import Laboratory, tables

FAILING = (
    ("device show NOBODY", 2),
    ("audit", 2),
    ("--as-of yesterday device list", 2),
    ("certificate verify input", 2),
    ("--database nowhere.db device list", 4),
    ("demo .", 2),
)


@pytest.mark.parametrize(("line", "code"), FAILING)
def test_an_error_is_one_document_beside_the_text(own: Laboratory, line: str, code: int) -> None:
    before = tables(own)
    text = own.qtrace(line, text=True)
    assert (text.code, text.out) == (code, "")
    answer = own.qtrace(line)
    assert answer.code == code
    assert answer.err == text.err
    assert answer.out.endswith("\n")
    assert answer.out.count("\n") == 1
    document = json.loads(answer.out)
    assert set(document) == {"schema", "error"}
    assert document["schema"] == "qtrace/error/1"
    error = document["error"]
    assert set(error) == {"what", "where", "next", "exit_code"}
    assert error["exit_code"] == code
    said = " ".join(answer.err.split())
    for label, name in (("error:", "what"), ("where:", "where"), ("next:", "next")):
        words = " ".join(error[name].split())
        assert (f"{label} {words}" in said) if words else (label not in said)
    assert error["what"]
    assert tables(own) == before


def test_a_wrong_seal_is_an_error_document_with_code_3(own: Laboratory) -> None:
    bundle = own.read("bundles/synthetic-demonstration.json")
    own.write("t.json", bundle.replace('"person":"Tester"', '"person":"Taster"'))
    answer = own.qtrace("certificate verify t.json")
    assert answer.code == 3
    assert json.loads(answer.out)["error"]["exit_code"] == 3


def test_a_judgement_that_is_negative_is_an_answer_and_no_error(own: Laboratory) -> None:
    line = "certify LINK-SYNTHETIC --scheme strict-link --key lab"
    assert own.qtrace("assess LINK-SYNTHETIC --scheme strict-link").code == 0
    answer = own.qtrace(line)
    assert answer.code == 1
    assert set(json.loads(answer.out)) == {"schema", "answer"}


def test_the_option_of_one_command_line_does_not_linger(own: Laboratory) -> None:
    assert own.qtrace("device show NOBODY").out
    assert own.qtrace("device show NOBODY", text=True).out == ""


def test_a_name_that_is_no_text_still_gives_a_document(own: Laboratory) -> None:
    """A strict UTF-8 terminal cannot print half a character; the document escapes it."""
    script = "import sys\nfrom qtrace.cli.main import invoke\nsys.exit(invoke(sys.argv[1:]))"
    arguments = [b"--json", b"certificate", b"verify", b"\xff.json"]
    done = subprocess.run(
        [os.fsencode(sys.executable), b"-c", script.encode(), *arguments],
        cwd=own.folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert "\udcff" in json.loads(done.stdout)["error"]["where"]


@pytest.mark.parametrize("line", ["audit --all", "ledger verify"])
def test_an_audit_takes_no_date(own: Laboratory, line: str) -> None:
    today = own.ledger()[-1]["recorded_at"][:10]
    for date in ("2020-01-01", today):
        answer = own.qtrace(f"--as-of {date} {line}")
        assert answer.code == 2
        assert json.loads(answer.out)["error"] == {
            "what": "an audit looks at everything there is, not at the records of a date",
            "where": "--as-of",
            "next": "leave --as-of out",
            "exit_code": 2,
        }
    assert own.qtrace(line).code == 0
