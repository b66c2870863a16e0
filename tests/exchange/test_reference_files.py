"""Files of published examples: every mistake is told with file, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from qtrace.errors import InputError
from qtrace.exchange.reference_files import load_reference_documents, read_reference_document
from qtrace.validation.case import Basis

SOUND = """[document]
id = "book"
title = "A book"

[[case]]
id = "first"
source = "page 1"
title = "A sum"
procedure = "budget"
tags = ["lpu"]
read_in = "a public page"
inputs_basis = "memory"
printed = [
  { figure = "u", value = "5.0", unit = "V" },
  { figure = "nu", value = "inf", basis = "computed", tolerance = 0.5, because = "a reason" },
]
[case.inputs]
quantities.a = { u = 3.0 }
quantities.b = { u = 4.0 }
results = [{ name = "y", model = "a + b" }]
"""


def test_a_sound_file_is_read() -> None:
    document = read_reference_document(SOUND.encode(), name="book.toml")
    (case,) = document.cases
    assert (document.document_id, document.title, case.document) == ("book", "A book", "book")
    assert (case.inputs_basis, case.inputs_from) == (Basis.MEMORY, "")
    first, second = case.printed
    assert (first.basis, first.read_in, first.unit) == (Basis.READ, "a public page", "V")
    assert (second.basis, second.read_in, second.tolerance) == (Basis.COMPUTED, "", 0.5)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('procedure = "budget"', 'procedure = "guess"', "line 9"),
        ('procedure = "budget"', "procedure = 3", "line 9"),
        ('value = "5.0"', "value = 5.0", "field case[1].printed[1].value"),
        ('value = "5.0"', 'value = "five"', "case[1]"),
        (', because = "a reason"', "", "case[1]"),
        ('basis = "computed"', 'basis = "guessed"', "field case[1].printed[2].basis"),
        ('read_in = "a public page"', "", "case[1]"),
        ('tags = ["lpu"]', 'colour = "red"', "field case[1].colour"),
        ('title = "A book"', "", "document"),
        ('unit = "V"', 'units = "V"', "case[1].printed[1].units"),
        ("[case.inputs]", "[case.outputs]", "case[1]"),
        ('id = "first"', 'id = "the first"', "case[1].id"),
    ],
)
def test_each_mistake_is_told_with_its_place(old: str, new: str, where: str) -> None:
    assert old in SOUND
    with pytest.raises(InputError) as caught:
        read_reference_document(SOUND.replace(old, new, 1).encode(), name="book.toml")
    assert "book.toml" in caught.value.where
    assert where in caught.value.where


def test_a_wrong_input_is_told_with_its_line_when_it_is_read() -> None:
    from qtrace.validation.procedures import run_case

    text = SOUND.replace("{ u = 4.0 }", '{ u = "much" }')
    (case,) = read_reference_document(text.encode(), name="book.toml").cases
    with pytest.raises(InputError) as caught:
        run_case(case)
    line = text.splitlines().index('quantities.b = { u = "much" }') + 1
    assert f"book.toml, line {line}, field case[1].inputs.quantities.b.u" in caught.value.where


def test_a_case_given_twice_is_refused_in_one_file_and_in_two(tmp_path: Path) -> None:
    second = SOUND[SOUND.index("[[case]]") :]
    with pytest.raises(InputError, match="twice"):
        read_reference_document((SOUND + second).encode())
    (tmp_path / "a.toml").write_text(SOUND, encoding="utf-8")
    (tmp_path / "b.toml").write_text(SOUND.replace('"book"', '"other"'), encoding="utf-8")
    with pytest.raises(InputError, match="first"):
        load_reference_documents(tmp_path)


def test_the_shipped_files_are_named_after_their_documents() -> None:
    documents = load_reference_documents()
    assert len(documents) > 10
    assert all(one.digest for one in documents)
