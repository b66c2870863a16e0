"""Tomography files: the examples are read, and what is wrong is refused at its field."""

from __future__ import annotations

from pathlib import Path

import pytest

from qtrace.errors import InputError
from qtrace.exchange.tomography_file import read_tomography_file

EXAMPLES = Path(__file__).parents[2] / "data" / "examples" / "tomography"
GOOD = """[tomography]
id = "T"
of = "state"
target = "zp"
provenance = "simulated"
[counts]
columns = ["setting", "p", "m"]
rows = [["x", 5, 5], ["y", 5, 5], ["z", 9, 1]]
"""


@pytest.mark.parametrize("name", ["pair", "transfer", "james_2001"])
def test_examples_are_read(name: str) -> None:
    plan = read_tomography_file(EXAMPLES / f"{name}.toml")
    assert len(plan.counts) == len(plan.frame.names)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"zp"', '"phi_plus"', "phi_plus"),
        ("9, 1]", "9, -1]", "'-1' is not a count"),
        ("9, 1]", "9]", "row 3 has 2 cells"),
        ('["z", 9', '["w", 9', "'w' is no setting"),
        ('["z", 9', '["x", 9', "stands twice"),
        ('"p", "m"]', '"m", "p"]', "are not those of a state"),
        ("provenance", "provenanse", "provenance"),
    ],
)
def test_what_is_wrong_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_tomography_file(GOOD.replace(old, new).encode(), name="t.toml")
    assert said in str(caught.value)
    assert "t.toml" in caught.value.where


PAIR = (EXAMPLES / "pair.toml").read_text(encoding="utf-8")
SINGLET = [[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]]


def with_expected(real: object, more: str = "") -> bytes:
    return f"{PAIR}\n[expected]\nreal = {real}\n{more}".encode()


def test_a_state_to_compare_with_is_read() -> None:
    plan = read_tomography_file(with_expected(SINGLET), name="t.toml")
    assert plan.expected is not None
    assert plan.expected[1, 2] == -0.5


@pytest.mark.parametrize(
    ("real", "more", "says"),
    [
        ([[1.0, 0.0], [0.0, 0.0]], "", "not 4 rows of 4"),
        ([[0.6, 0, 0, 0], [0, 0.6, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], "", "its trace is 1.2"),
        ([[1.2, 0, 0, 0], [0, -0.2, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], "", "eigenvalue -0.2"),
        ([[1, 0.3, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], "", "not hermitian"),
        (SINGLET, 'imag = [["a"]]', "not 4 rows of 4"),
    ],
)
def test_a_matrix_that_is_not_a_state_is_refused_by_its_field(
    real: object, more: str, says: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_tomography_file(with_expected(real, more), name="t.toml")
    assert says in caught.value.what
    assert "t.toml" in caught.value.where
    assert "expected" in caught.value.where
