"""What first order misses is found by draws: numbers of models whose moments are known."""

from __future__ import annotations

import math

import pytest
from builders import NetworkBuilder

from qtrace.laboratory.figure_flags import U_REFUSED
from qtrace.traceability.remainder import (
    REMAINDER_DRAWS,
    Remainder,
    remainder,
    remainder_input,
)

# Standard deviation of a variance from n draws of a squared normal: sqrt(14 / n) of itself, 1.2 %
# here; half of that in u. Three of them.
SCATTER = 0.02


def of_one(text: str, x: float, u: float, *, dof: float = math.inf) -> Remainder:
    builder = NetworkBuilder()
    step = builder.expression(text, x=builder.leaf("x", x, u, dof=dof))
    return remainder(builder.build(), step.result_id, functions={})


def test_a_squared_cosine_at_its_top() -> None:
    """cos^2 of 0 +- 2 deg: bias of the value 0.12 %, u 0.17 % (moments of 1 - x^2, normal x)."""
    found = of_one("cos(x)^2", 0.0, math.radians(2.0))
    assert found.standard_uncertainty == pytest.approx(0.00172, rel=SCATTER)
    assert found.bias == pytest.approx(0.00122, rel=SCATTER)
    assert found.drawn_uncertainty == found.standard_uncertainty


def test_a_square_adds_what_its_curvature_gives() -> None:
    """u^2 of x^2 at 1 is 4 u^2 + 2 u^4: 0.5 gives 1.0607, of which first order has 1."""
    found = of_one("x^2", 1.0, 0.5)
    assert found.drawn_uncertainty == pytest.approx(math.sqrt(1.125), rel=SCATTER / 2)
    assert found.standard_uncertainty == pytest.approx(math.sqrt(0.125), rel=0.08)
    assert found.bias == pytest.approx(-0.25, rel=SCATTER)  # E x^2 = 1 + u^2


def test_a_straight_model_adds_nothing_whatever_its_tails() -> None:
    """Three degrees of freedom treble the variance of model and linear form alike."""
    found = of_one("2 * x + 1", 5.0, 0.1, dof=3.0)
    assert (found.standard_uncertainty, found.bias) == (0.0, 0.0)
    assert found.drawn_uncertainty == pytest.approx(0.2, rel=1e-9)


def test_a_smaller_spread_adds_nothing_and_is_said() -> None:
    found = of_one("sin(x)", 0.0, 0.5)
    assert found.standard_uncertainty == 0.0
    assert found.drawn_uncertainty == pytest.approx(
        math.sqrt((1 - math.exp(-2 * 0.25)) / 2), rel=SCATTER
    )
    made, said = remainder_input(found, "s", unit="1", shown_in="1")
    assert made is None
    assert said.endswith("nothing added")


@pytest.mark.parametrize(
    ("text", "x", "u", "dof", "words"),
    [("x^2", 1.0, 0.5, 2.0, "2 degrees of freedom"), ("ln(x)", 0.1, 1.0, math.inf, "no finite")],
)
def test_where_draws_have_no_moment_nothing_is_added(
    text: str, x: float, u: float, dof: float, words: str
) -> None:
    found = of_one(text, x, u, dof=dof)
    assert (found.drawn_uncertainty, found.standard_uncertainty) == (None, 0.0)
    assert words in found.reason
    made, said = remainder_input(found, "s", unit="1", shown_in="1")
    assert made is None
    assert said.endswith(U_REFUSED)


def test_the_input_says_how_it_was_found() -> None:
    made, said = remainder_input(of_one("x^2", 1.0, 0.5), "s", unit="W", shown_in="mW")
    assert made is not None
    quantity, origin = made
    assert (quantity.name, quantity.unit) == ("s/model_nonlinearity", "W")
    assert f"{REMAINDER_DRAWS} draws" in origin.statement
    assert "known error -250 mW" in said or "known error -249 mW" in said


def test_a_child_of_a_bent_parent_does_not_count_its_bend_again() -> None:
    """The chain draws re-run the parent's model; its stored remainder is not drawn on top."""
    builder = NetworkBuilder()
    parent = builder.expression("x^2", x=builder.leaf("x", 1.0, 0.5))
    child = builder.expression("3 * y", y=parent)
    found = remainder(builder.build(), child.result_id, functions={})
    assert (found.standard_uncertainty, found.bias) == (0.0, 0.0)
