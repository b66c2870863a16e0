"""Claims files: what is refused, with the field named, and what small ones give."""

from __future__ import annotations

from pathlib import Path

import pytest

from qtrace.claims.check import CheckedClaim, check_claims
from qtrace.claims.verdict import Arithmetic, SourceStanding, Verdict
from qtrace.errors import InputError, QtraceError, UnitError
from qtrace.exchange.claim_file import claim_file_of, read_claim_file

HEAD = """
[publication]
title = "T"
authors = "A"
year = 2026
citation = "none"
read = "all"

[[source]]
id = "seen"
citation = "S"
tag = "seen"
gives = "figures"

[[source]]
id = "memory"
citation = "M"
tag = "from_memory"

[[source]]
id = "lost"
citation = "L"
tag = "not_located"

[[claim]]
id = "one"
title = "something"
where = "p. 1"
"""


def checked(body: str) -> CheckedClaim:
    (found,) = check_claims(read_claim_file((HEAD + body).encode(), name="f.toml")).claims
    return found


def says(**figures: str) -> str:
    return "[claim.says]\n" + "".join(f'{name} = "{text}"\n' for name, text in figures.items())


def reading(relation: str, **fields: str) -> str:
    lines = "".join(f"{key} = {value}\n" for key, value in fields.items())
    return f'[[claim.reading]]\nrelation = "{relation}"\n{lines}'


def entry(name: str, value: str, origin: str) -> str:
    return f'[claim.input.{name}]\nvalue = "{value}"\norigin = "{origin}"\n'


def primary(source: str, **fields: str) -> str:
    lines = "".join(f'{key} = "{value}"\n' for key, value in fields.items())
    return f'[[claim.primary]]\nsource = "{source}"\nwhat = "w"\n{lines}'


def test_a_relation_within_rounding_is_consistent() -> None:
    found = checked(says(a="2.0", b="1.4") + reading("a = b * b"))
    assert found.verdict is Verdict.CONSISTENT
    (relation,) = found.readings[0].relations
    assert (relation.left, relation.right) == pytest.approx((2.0, 1.96))


def test_a_relation_beyond_rounding_is_inconsistent() -> None:
    assert checked(says(a="2.00", b="1.400") + reading("a = b * b")).verdict is Verdict.INCONSISTENT


@pytest.mark.parametrize(
    ("sign", "verdict"), [("<=", Verdict.CONSISTENT), (">=", Verdict.INCONSISTENT)]
)
def test_inequalities(sign: str, verdict: Verdict) -> None:
    assert checked(says(a="1.0", b="2.0") + reading(f"a {sign} b")).verdict is verdict


def test_a_reading_that_is_not_stated_is_shown_and_never_counted() -> None:
    found = checked(
        says(a="1.0", b="2.0") + reading("a = b") + reading("2 * a = b", stated="false")
    )
    assert found.verdict is Verdict.INCONSISTENT
    assert [one.holds for one in found.readings] == [False, True]


def test_all_relations_of_a_reading_must_hold() -> None:
    body = says(a="1.0", b="2.0") + '[[claim.reading]]\nrelation = ["2 * a = b", "a = b"]\n'
    assert checked(body).verdict is Verdict.INCONSISTENT


MISSING = '[[claim.missing]]\nname = "tau"\nwhat = "averaging time"\nunit = "s"\n'
PHASE = says(phase="0.3 deg", f="15 mHz") + reading("f = phase / (2 * pi * tau)")


def test_what_is_missing_is_named_with_what_it_would_have_to_be() -> None:
    body = PHASE + MISSING + 'solve = "phase / (2 * pi * f)"\nexamples = ["1 s"]\n'
    found = checked(body)
    assert found.verdict is Verdict.UNDERDETERMINED
    (missing,) = found.missing
    # 0.3 deg / 360 deg / 15 mHz, and 0.3 / 360 Hz.
    assert missing.needed == pytest.approx(0.3 / 360.0 / 0.015, rel=1e-12)
    assert missing.examples[0][1].right == pytest.approx(0.3 / 360.0, rel=1e-12)


def test_a_solution_that_does_not_solve_is_refused() -> None:
    with pytest.raises(InputError, match="does not solve"):
        checked(PHASE + MISSING + 'solve = "2 * phase / (2 * pi * f)"\n')


def test_a_missing_quantity_outside_relations_opens_the_claim() -> None:
    body = says(a="1.0") + reading("a = 1") + '[[claim.missing]]\nname = "k"\nwhat = "factor"\n'
    assert checked(body).verdict is Verdict.UNDERDETERMINED


def test_a_failing_relation_is_graver_than_a_missing_quantity() -> None:
    body = says(a="1.0") + reading("a = 2") + '[[claim.missing]]\nname = "k"\nwhat = "factor"\n'
    assert checked(body).verdict is Verdict.INCONSISTENT


@pytest.mark.parametrize("value", ["1.0", "5.0"])
def test_memory_and_assumption_never_make_a_claim_inconsistent(value: str) -> None:
    body = says(a="1.0") + reading("a = b")
    memory = checked(body + entry("b", value, "memory"))
    assert (memory.verdict, memory.arithmetic) == (
        Verdict.UNVERIFIED_SOURCE,
        Arithmetic.FROM_MEMORY,
    )
    assert checked(body + entry("b", value, "assumption")).verdict is Verdict.UNDERDETERMINED


def test_an_input_of_a_source_that_was_seen_counts() -> None:
    assert (
        checked(says(a="1.0") + reading("a = b") + entry("b", "5.0", "seen")).verdict
        is Verdict.INCONSISTENT
    )


@pytest.mark.parametrize(
    ("source", "figure", "standing"),
    [
        ("seen", "1.02", SourceStanding.AGREES),
        ("seen", "1.2", SourceStanding.CONTRADICTS),
        ("memory", "1.02", SourceStanding.UNVERIFIED),
        ("memory", "1.2", SourceStanding.UNVERIFIED),
        ("seen", "", SourceStanding.UNVERIFIED),
        ("lost", "", SourceStanding.UNVERIFIED),
    ],
)
def test_what_a_source_gives(source: str, figure: str, standing: SourceStanding) -> None:
    fields = {"quantity": "a", **({"figure": figure} if figure else {})}
    assert checked(says(a="1.0") + primary(source, **fields)).sources is standing


def test_words_are_compared_without_case() -> None:
    assert checked(primary("seen", said="Round Trip", found="round trip")).verdict is (
        Verdict.CONSISTENT
    )
    assert checked(primary("seen", said="2020", found="2022")).verdict is Verdict.INCONSISTENT


def test_definitions_follow_each_other_in_any_order() -> None:
    body = (
        says(a="8.0", b="2.0")
        + '[claim.define]\nd = "square * b"\nsquare = "b * b"\n'
        + reading("a = d")
    )
    assert checked(body).verdict is Verdict.CONSISTENT


REFUSED = [
    ("", "nothing says how", "f.toml"),
    (says(a="1 s", b="1 m") + reading("a = b"), "unit", "relation 'a = b'"),
    (says(a="1 s", b="1 m") + reading("a = a + b"), "cannot be added", "relation"),
    (says(a="1 s") + reading("a = a", unit='"m"'), "no unit of", "field unit"),
    (says(a="1.0") + reading("a = cosh(a)"), "not a function", "relation"),
    (says(a="1.0") + reading("a = b"), "unknown name 'b'", "relation"),
    (says(a="1.0") + reading("a"), "one sign", "relation"),
    (says(a="1.0") + reading("a = 1 = a"), "one sign", "relation"),
    (says(a="1.0") + reading("a = __import__"), "", "relation"),
    (says(a="nan") + reading("a = 1"), "not a decimal number", "a"),
    (says(a="1e400") + reading("a = 1"), "outside the range", "a"),
    (says(a="1e300") + reading("a = a * a"), "no finite value", "relation"),
    (says(a="0.0") + reading("a = 1 / a"), "division by zero", "relation"),
    (says(a="1.0") + '[claim.define]\nb = "x"\nx = "b"\n' + reading("a = b"), "circle", "define"),
    (says(a="1.0") + '[claim.define]\nb = "b + 1"\n' + reading("a = b"), "circle", "define"),
    (says(g="3 dB") + reading("2 = power_ratio_of_level(g)"), "convention", "convention"),
    (
        says(g="3 dB") + reading("2 = power_ratio_of_level(g)", convention='"standard_deviation"'),
        "convention",
        "convention",
    ),
    (
        says(g="3 dB")
        + '[claim.define]\nr = "amplitude_ratio_of_level(g)"\n'
        + reading("2 = r", convention='"variance"'),
        "convention",
        "convention",
    ),
    (says(g="3 dB") + reading("2 = g"), "unit", "relation"),
    (says(a="1.0") + primary("nobody", quantity="a"), "no [[source]]", "source"),
    (says(a="1.0") + primary("seen", quantity="b"), "not given", "quantity"),
    (says(a="1 s") + primary("seen", quantity="a", figure="1 m"), "differ in unit", "figure"),
    (says(a="1.0") + primary("lost", quantity="a", figure="1.0"), "not located", "claim"),
    (primary("seen"), "compared", "primary"),
    (says(a="1.0") + entry("b", "1.0", "hearsay") + reading("a = b"), "no origin", "origin"),
    (says(a="1.0") + entry("a", "1.0", "seen") + reading("a = 1"), "claim.says", "input"),
    (says(a="1.0") + reading("a = 1") + "colour = 1\n", "unknown field", "colour"),
    (says(h="1.0") + reading("h = 1"), "constant or function", "relation"),
]


@pytest.mark.parametrize(("body", "what", "where"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_wrong_is_refused_with_its_place(body: str, what: str, where: str) -> None:
    with pytest.raises(InputError) as caught:
        checked(body)
    assert what in caught.value.what
    assert where in caught.value.where
    assert caught.value.exit_code == 2


def test_units_that_do_not_match_are_an_error_of_units() -> None:
    with pytest.raises(UnitError):
        checked(says(a="1 s", b="1 m") + reading("a = b"))


def test_ids_are_given_once() -> None:
    with pytest.raises(InputError, match="given twice"):
        read_claim_file((HEAD + reading("1 = 1") + HEAD[HEAD.index("[[claim]]") :]).encode())


def test_a_source_that_was_read_says_what_it_gives() -> None:
    with pytest.raises(InputError, match="what it gives"):
        read_claim_file(HEAD.replace('gives = "figures"\n', "").encode(), name="f.toml")


def test_shipped_files_are_found_by_name(tmp_path: Path) -> None:
    assert claim_file_of("example").name == "example.toml"
    assert claim_file_of(str(tmp_path / "mine.toml")) == tmp_path / "mine.toml"
    with pytest.raises(QtraceError, match="no claims file"):
        claim_file_of("exampel")
