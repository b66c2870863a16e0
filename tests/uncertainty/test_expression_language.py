"""What the expression language reads, and what it refuses to read."""

from __future__ import annotations

import math
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError, UnitError
from qtrace.uncertainty.expression import compile_expression
from qtrace.uncertainty.expression_tokens import CONSTANTS, FUNCTIONS, MAX_LENGTH, tokenize

NAMES = frozenset({"a", "b", "x", "counts", "dark"})
QUICK_S = 5.0  # a hostile text must fail at once; far above what a slow machine needs


def value_of(text: str, **values: float) -> float:
    """Compile with the names given and evaluate."""
    result = compile_expression(text, names=frozenset(values)).evaluate(values)
    assert isinstance(result, float)
    return result


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 + 3 * 4", 14.0),
        ("(2 + 3) * 4", 20.0),
        ("1 - 1 - 1", -1.0),  # sums group leftwards
        ("8 / 2 / 2", 2.0),
        ("2 ^ 3 ^ 2", 512.0),  # powers group rightwards
        ("2 ** 3", 8.0),
        ("-2 ^ 2", -4.0),  # the power binds before the sign
        ("(-2) ^ 2", 4.0),
        ("2 ^ -1", 0.5),
        ("2 ^ -2 ^ 2", 0.0625),
        ("2 * -3 + 1", -5.0),
        ("1 - -1", 2.0),
        ("--1", 1.0),
        ("-sqrt(4) ^ 2", -4.0),
        ("sqrt(4) * 2", 4.0),
        ("sqrt((1 + 3) * 4)", 4.0),
        ("ln(exp(2))", 2.0),
        ("log10(1000)", 3.0),
        ("log2(8)", 3.0),
        ("sin(0) + cos(0) + tan(0)", 1.0),
        ("1e3", 1000.0),
        ("1.5E-3", 0.0015),
        ("0.5", 0.5),
        ("1\n+\t2", 3.0),
        ("((((1))))", 1.0),
    ],
)
def test_an_expression_means_what_mathematics_says(text: str, value: float) -> None:
    assert value_of(text) == pytest.approx(value, rel=1e-15, abs=1e-15)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("h", 6.62607015e-34),
        ("c", 299792458.0),
        ("e", 1.602176634e-19),
        ("k_B", 1.380649e-23),
        ("pi", math.pi),
    ],
)
def test_the_constants_are_those_of_the_si(name: str, value: float) -> None:
    assert value_of(name) == value


def test_the_names_used_are_listed_in_order_of_appearance() -> None:
    expression = compile_expression("(counts - dark) / counts * pi", names=NAMES)
    assert expression.names == ("counts", "dark")


def test_an_expression_without_inputs_is_legal() -> None:
    assert compile_expression("h * c", names=frozenset()).names == ()


@pytest.mark.parametrize("taken", sorted(set(CONSTANTS) | FUNCTIONS))
def test_an_input_cannot_take_the_name_of_a_constant_or_function(taken: str) -> None:
    with pytest.raises(InputError) as refusal:
        compile_expression("1", names=frozenset({"a", taken}))
    assert repr(taken) in refusal.value.what
    assert "another name" in refusal.value.next_step


HOSTILE = {
    "import": "__import__('os').system('true')",
    "import without quotes": "__import__(os)",
    "attribute": "a.__class__",
    "attribute of a call": "sqrt(a).real",
    "attribute of a number": "1.real",
    "subscript": "a[0]",
    "string": "'a'",
    "format string": "f'{a}'",
    "lambda": "lambda: 1",
    "comprehension": "[a for a in b]",
    "assignment": "a = 1",
    "walrus": "(a := 1)",
    "statement": "a; b",
    "comparison": "a < b",
    "boolean": "a and b",
    "bit operation": "a | b",
    "floor division": "a // b",
    "modulo": "a % b",
    "call of an input": "a(b)",
    "call of a number": "2(3)",
    "call of a constant": "pi(2)",
    "call of a call": "sqrt(4)(2)",
    "unknown function": "eval(a)",
    "unknown function with known name": "sqrtx(a)",
    "unknown name": "a + y",
    "dunder name": "__builtins__",
    "function without call": "sqrt",
    "function without argument": "sqrt()",
    "two arguments": "sqrt(a, b)",
    "keyword argument": "sqrt(x=a)",
    "star argument": "sqrt(*a)",
    "hexadecimal": "0x10",
    "imaginary": "2j",
    "underscored number": "1_000",
    "two points": "1.2.3",
    "leading point": ".5",
    "trailing point": "5.",
    "open exponent": "1e",
    "number beyond the range": "1e999",
    "number lost to zero": "1e-999",
    "exponent of many digits": "1e99999999",
    "two operands": "a b",
    "number before name": "2a",
    "number then name": "2 a",
    "operator first": "* a",
    "plus first": "+a",
    "operator last": "a +",
    "two operators": "a * / b",
    "three stars": "a *** b",
    "empty": "",
    "blank": "   ",
    "empty parentheses": "()",
    "unclosed": "(a + b",
    "unopened": "a + b)",
    "crossed": ")a(",
    "comment": "a # b",
    "backslash": "a \\ b",
    "null byte": "a\x00",
    "no-break space": "a\u00a0+ b",
    "full-width digit": "１ + a",
    "Greek letter": "η",
    "look-alike of a": "\u0430 + b",
    "right-to-left override": "a\u202e + b",
    "minus sign of typography": "a \u2212 b",
    "nan": "nan",
    "inf": "inf",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_refused_with_its_column(text: str) -> None:
    with pytest.raises(InputError) as refusal:
        compile_expression(text, names=NAMES)
    assert re_column(refusal.value.where) <= len(text) + 1
    assert refusal.value.next_step


def re_column(where: str) -> int:
    """Read the column that an error names."""
    word, number = where.split()[:2]
    assert word == "column"
    return int(number)


@pytest.mark.parametrize(
    ("text", "column", "what"),
    [
        ("a + y", 5, "unknown name 'y'"),
        ("a.b", 2, "attributes"),
        ("a + eval(b)", 5, "not a function"),
        ("a(b)", 1, "not a function"),
        ("(a + b", 1, "never closed"),
        ("a + (b * (a)", 5, "never closed"),
        ("sqrt(a", 1, "never closed"),
        ("a + b)", 6, "never opened"),
        ("a +", 4, "ends where"),
        ("a, b", 2, "one argument"),
        ("a * )", 5, "where an operand is due"),
        ("a + 2b", 5, "right behind a number"),
        ("1 + 1.2.3", 5, "not decimal"),
    ],
)
def test_the_column_is_the_one_that_is_wrong(text: str, column: int, what: str) -> None:
    with pytest.raises(InputError, match=what) as refusal:
        compile_expression(text, names=NAMES)
    assert re_column(refusal.value.where) == column


def test_an_unknown_name_lists_those_that_are_known() -> None:
    with pytest.raises(InputError) as refusal:
        compile_expression("count - dark", names=frozenset({"counts", "dark"}))
    assert "counts, dark" in refusal.value.next_step


def test_a_far_column_is_shown_with_its_surroundings() -> None:
    text = "a + " * 500 + "wrong + " + "a + " * 500 + "a"
    with pytest.raises(InputError) as refusal:
        compile_expression(text, names=NAMES)
    assert re_column(refusal.value.where) == 2001
    assert "wrong" in refusal.value.where
    assert len(refusal.value.where) < 200


def test_a_sum_of_a_hundred_terms_is_legal() -> None:
    names = [f"x{number}" for number in range(100)]
    expression = compile_expression(" + ".join(names), names=frozenset(names))
    assert expression.evaluate(dict.fromkeys(names, 0.5)) == 50.0
    value, gradient = expression.gradient(dict.fromkeys(names, 0.5))
    assert value == 50.0
    assert gradient == dict.fromkeys(names, 1.0)


def test_the_longest_sum_does_not_recurse() -> None:
    text = "+".join(["x"] * (MAX_LENGTH // 2))
    expression = compile_expression(text, names=NAMES)
    assert expression.gradient({"x": 1.0}) == (MAX_LENGTH / 2, {"x": MAX_LENGTH / 2})


def test_the_longest_tower_of_powers_does_not_recurse() -> None:
    text = "^".join(["x"] * (MAX_LENGTH // 2))
    assert compile_expression(text, names=NAMES).evaluate({"x": 1.0}) == 1.0


def test_fifty_parentheses_are_read_and_one_more_is_not() -> None:
    assert value_of("(" * 50 + "1" + ")" * 50) == 1.0
    with pytest.raises(InputError, match="deeper than 50"):
        value_of("(" * 51 + "1" + ")" * 51)
    with pytest.raises(InputError, match="deeper than 50"):
        value_of("cos(" * 51 + "1" + ")" * 51)


def test_twenty_signs_are_read_and_one_more_is_not() -> None:
    assert value_of("-" * 20 + "1") == 1.0
    with pytest.raises(InputError, match="more than 20 signs"):
        value_of("-" * 21 + "1")


def test_the_limits_count_what_is_open_not_what_was() -> None:
    assert value_of(" + ".join(["(1)"] * 60)) == 60.0
    assert value_of("-" * 20 + "(" + "-" * 20 + "1)") == 1.0
    assert value_of(" - ".join(["-1"] * 30)) == 28.0


def test_a_text_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(InputError, match="at most 20000"):
        compile_expression("1" * (MAX_LENGTH + 1), names=NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "9" * MAX_LENGTH,
        "9" * (MAX_LENGTH - 1) + "x",
        "(" * MAX_LENGTH,
        "-" * MAX_LENGTH,
        "1*" * (MAX_LENGTH // 2),
        "a" * MAX_LENGTH,
        "9^9^9^9^9^9^9^9^9^9",
    ],
    ids=["digits", "digits then letter", "open", "signs", "unfinished", "one name", "tower"],
)
def test_no_text_takes_long_to_refuse(text: str) -> None:
    started = time.perf_counter()
    with pytest.raises(InputError):
        value_of(text)
    assert time.perf_counter() - started < QUICK_S


def test_a_huge_exact_exponent_is_not_computed() -> None:
    base = {"a": CONSTANTS["c"].dimension}
    text = "a ^ (" + " * ".join(["1e300"] * 500) + ")"
    started = time.perf_counter()
    with pytest.raises(UnitError):
        compile_expression(text, names=NAMES).dimension(base)
    assert time.perf_counter() - started < QUICK_S


@given(st.text(alphabet="ab1.0e+-*/^() sqrt,_", max_size=30))
def test_any_text_compiles_or_is_refused_clearly(text: str) -> None:
    try:
        expression = compile_expression(text, names=NAMES)
    except InputError as refusal:
        assert refusal.where  # noqa: PT017 - either way out is right, but never a traceback
    else:
        assert set(expression.names) <= NAMES


@given(st.text(max_size=30))
def test_tokens_cover_the_text_in_order(text: str) -> None:
    try:
        tokens = list(tokenize(text))
    except InputError:
        return
    for token in tokens:
        assert text[token.start : token.end].replace("**", "^") == token.text
    gaps = "".join(text[a.end : b.start] for a, b in pairwise(tokens))
    assert not gaps.strip(" \t\r\n")
