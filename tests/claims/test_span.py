"""Intervals hold the true value, whatever the arguments are."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.claims import span as spans
from qtrace.claims.evaluate import span_of
from qtrace.claims.span import Span
from qtrace.errors import InputError
from qtrace.uncertainty.expression import compile_expression

NUMBERS = st.floats(-1e12, 1e12, allow_nan=False)
POSITIVE = st.floats(1e-12, 1e12)
SHARES = st.floats(0.0, 1.0)


@st.composite
def inside(draw: st.DrawFn, numbers: st.SearchStrategy[float] = NUMBERS) -> tuple[Span, float]:
    """Return an interval and a number in it."""
    low, high = sorted((draw(numbers), draw(numbers)))
    number = low + draw(SHARES) * (high - low)
    return Span(low, high), min(max(number, low), high)


def holds_exactly(span: Span, true: Fraction) -> bool:
    low_fits = span.low == -math.inf or Fraction(span.low) <= true
    return low_fits and (span.high == math.inf or true <= Fraction(span.high))


@given(inside(), inside())
def test_sums_and_products_hold_the_exact_result(
    a: tuple[Span, float], b: tuple[Span, float]
) -> None:
    x, y = Fraction(a[1]), Fraction(b[1])
    assert holds_exactly(spans.add(a[0], b[0]), x + y)
    assert holds_exactly(spans.subtract(a[0], b[0]), x - y)
    assert holds_exactly(spans.multiply(a[0], b[0]), x * y)


@given(inside(), inside())
def test_a_quotient_holds_the_exact_result(a: tuple[Span, float], b: tuple[Span, float]) -> None:
    if b[1] != 0.0:
        assert holds_exactly(spans.divide(a[0], b[0]), Fraction(a[1]) / Fraction(b[1]))


@given(inside(), st.integers(-5, 6))
def test_a_whole_power_holds_the_exact_result(a: tuple[Span, float], exponent: int) -> None:
    if a[1] != 0.0 or exponent >= 0:
        if exponent < 0 and a[0].low == 0.0 == a[0].high:
            return
        assert holds_exactly(
            spans.power(a[0], spans.point(float(exponent))), Fraction(a[1]) ** exponent
        )


@given(inside(POSITIVE), inside(st.floats(-8.0, 8.0)))
def test_a_power_holds_the_value_at_each_number(
    a: tuple[Span, float], b: tuple[Span, float]
) -> None:
    assert spans.power(a[0], b[0]).holds(math.pow(a[1], b[1]))


@given(inside(POSITIVE), st.sampled_from(["sqrt", "ln", "log10", "log2"]))
def test_rising_functions_hold_the_value(a: tuple[Span, float], name: str) -> None:
    function = {"sqrt": math.sqrt, "ln": math.log, "log10": math.log10, "log2": math.log2}[name]
    assert spans.apply(name, a[0]).holds(function(a[1]))


@given(inside(st.floats(-700.0, 700.0)))
def test_exp_holds_the_value(a: tuple[Span, float]) -> None:
    assert spans.apply("exp", a[0]).holds(math.exp(a[1]))


@given(inside(st.floats(-50.0, 50.0)), st.sampled_from(["sin", "cos", "tan"]))
def test_periodic_functions_hold_the_value(a: tuple[Span, float], name: str) -> None:
    value = {"sin": math.sin, "cos": math.cos, "tan": math.tan}[name](a[1])
    assert spans.apply(name, a[0]).holds(value)


@pytest.mark.parametrize(
    ("name", "span", "low", "high"),
    [
        ("sin", Span(0.0, math.pi), 0.0, 1.0),
        ("cos", Span(0.0, math.pi), -1.0, 1.0),
        ("cos", Span(0.0, 0.1), math.cos(0.1), 1.0),
    ],
)
def test_tops_and_bottoms_inside_are_found(name: str, span: Span, low: float, high: float) -> None:
    found = spans.apply(name, span)
    # 1e-9: the slack that keeps a top at the edge of the interval.
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


EXPRESSIONS: dict[str, Callable[[float, float, float, float], float]] = {
    "p + q * r - s / r": lambda p, q, r, s: p + q * r - s / r,
    "sqrt(p * p + r * r) / (1 + r)": lambda p, _q, r, _s: math.sqrt(p * p + r * r) / (1 + r),
    "10 ^ (s / 100) * ln(r) - p": lambda p, _q, r, s: 10 ** (s / 100) * math.log(r) - p,
    "(p - q) ^ 2 / r ^ 0.5 + 2 * pi": lambda p, q, r, _s: (p - q) ** 2 / r**0.5 + 2 * math.pi,
    "exp(-r / 1000) + log10(r) * sin(s)": lambda _p, _q, r, s: (
        math.exp(-r / 1000) + math.log10(r) * math.sin(s)
    ),
    "-p ^ 2 + (q / r) ^ 3": lambda p, q, r, _s: -(p**2) + (q / r) ** 3,
}
ARGUMENTS = st.fixed_dictionaries(
    {
        "p": inside(st.floats(-1e3, 1e3)),
        "q": inside(st.floats(-1e3, 1e3)),
        "r": inside(st.floats(1e-3, 1e3)),
        "s": inside(st.floats(-100.0, 100.0)),
    }
)


@given(st.sampled_from(list(EXPRESSIONS)), ARGUMENTS)
def test_expressions_hold_what_python_computes(
    text: str, drawn: dict[str, tuple[Span, float]]
) -> None:
    expression = compile_expression(text, names=frozenset("pqrs"))
    numbers = {name: one[1] for name, one in drawn.items()}
    true = EXPRESSIONS[text](*(numbers[name] for name in "pqrs"))
    # Python's result is rounded itself: a few ulps of the largest term.
    size = 1.0 + sum(abs(x) for x in numbers.values())
    slack = 1e-14 * (size / min(1.0, numbers["r"])) ** 3
    for chosen in (
        {name: one[0] for name, one in drawn.items()},
        {name: spans.point(number) for name, number in numbers.items()},
    ):
        found = span_of(expression, chosen)
        assert found.low - slack <= true <= found.high + slack


def test_levels_become_ratios_only_by_name() -> None:
    names = frozenset({"gain"})
    gain = {"gain": Span(4.45, 4.55)}
    power = span_of(compile_expression("power_ratio_of_level(gain)", names=names), gain)
    assert power.holds(10 ** (4.5 / 10))
    amplitude = span_of(compile_expression("amplitude_ratio_of_level(gain)", names=names), gain)
    assert amplitude.holds(10 ** (4.5 / 20))
    back = span_of(compile_expression("level_of_power_ratio(4)", names=names), {})
    assert back.holds(10 * math.log10(4))


def test_a_divisor_that_may_be_zero_bounds_nothing() -> None:
    assert spans.divide(Span(1.0, 2.0), Span(-1.0, 1.0)) == Span(-math.inf, math.inf)
    half = spans.divide(Span(1.0, 2.0), Span(0.0, 1.0))
    assert half.high == math.inf
    assert half.low == pytest.approx(1.0)
    with pytest.raises(InputError, match="division by zero"):
        spans.divide(Span(1.0, 2.0), Span(0.0, 0.0))


@pytest.mark.parametrize("ends", [(2.0, 1.0), (math.nan, 1.0), (0.0, math.nan)])
def test_an_interval_without_numbers_is_refused(ends: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="holds no number"):
        Span(*ends)


@pytest.mark.parametrize(
    ("text", "value"), [("sqrt(a)", -1.0), ("ln(a)", -1.0), ("log10(a)", 0.0), ("a ^ 0.5", -4.0)]
)
def test_what_has_no_real_value_is_refused(text: str, value: float) -> None:
    expression = compile_expression(text, names=frozenset("a"))
    with pytest.raises(InputError):
        span_of(expression, {"a": spans.point(value)})


def test_beyond_a_double_is_unbounded_never_wrong() -> None:
    huge = spans.multiply(Span(1e300, 1e301), Span(1e300, 1e301))
    assert huge.high == math.inf
    assert spans.power(Span(1e200, 1e201), spans.point(2.0)).high == math.inf
    assert spans.apply("exp", Span(0.0, 1e6)).high == math.inf
    assert spans.add(Span(-math.inf, 0.0), Span(0.0, math.inf)) == Span(-math.inf, math.inf)
