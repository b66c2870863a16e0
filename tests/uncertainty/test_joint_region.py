"""Joint regions: a formula where one holds, the reason where none does."""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import NetworkBuilder

from qtrace.errors import InputError
from qtrace.uncertainty.inputs import BlockKind
from qtrace.uncertainty.joint_region import StatedRegion, stated_region
from qtrace.uncertainty.monte_carlo import draw_chain
from qtrace.uncertainty.multivariate import Reference, drawn_ellipsoid, drawn_rectangle

# JCGM 102:2011, Table 1 (k of the ellipse and of the rectangle for p = 0.95).
PRINTED = {2: (2.45, 2.24), 3: (2.80, 2.39)}
DRAWN = 0.01  # 2e5 draws place a 95 % factor to 0.3 %


def shared(m: int, *, dof: float = math.inf) -> tuple[NetworkBuilder, list[int]]:
    """m results that share one input and have one of their own each."""
    builder = NetworkBuilder()
    common = builder.leaf("common", 1.0, 0.1, dof=dof)
    steps = [
        builder.expression("a + b", a=common, b=builder.leaf(f"own{k}", 0.0, 0.1)) for k in range(m)
    ]
    return builder, [one.result_id for one in steps]


def of(builder: NetworkBuilder, ids: list[int]) -> StatedRegion:
    return stated_region(builder.build(), ids, coverage_probability=0.95)


@pytest.mark.parametrize("m", [2, 3])
def test_normal_results_have_the_printed_factors(m: int) -> None:
    builder, ids = shared(m)
    found = of(builder, ids)
    ellipse, rectangle = PRINTED[m]
    assert found.ellipse is not None
    assert found.ellipse.reference is Reference.CHI_SQUARE
    assert found.ellipse.value == pytest.approx(ellipse, abs=0.005)
    assert found.rectangle == pytest.approx(rectangle, abs=0.005)
    assert found.correlation[0, 1] == pytest.approx(0.5, rel=1e-12)
    assert found.reason == ""


def test_draws_about_the_stated_values_agree() -> None:
    builder, ids = shared(2)
    found, network = of(builder, ids), builder.build()
    draws = draw_chain(network, ids, n=200_000, seed=1, functions={})
    rows = np.stack([draws.values[one] for one in ids])
    u = found.standard_uncertainties
    about = (found.estimates, found.correlation * np.outer(u, u))
    assert found.ellipse is not None
    drawn = drawn_ellipsoid(rows, 0.95, about=about)
    assert drawn.factor == pytest.approx(found.ellipse.value, rel=DRAWN)
    # Correlated results need less than Sidak, and more than one of them alone.
    assert 1.96 < drawn_rectangle(rows, 0.95, about=about).factor < (found.rectangle or 0.0)


def test_one_sample_has_hotellings_factor_and_no_rectangle() -> None:
    """m = 2, nu = 10: k^2 = nu m / (nu + 1 - m) F(2, 9) = 20/9 x 4.2565."""
    builder = NetworkBuilder()
    x, y = builder.leaf("x", 1.0, 0.1), builder.leaf("y", 2.0, 0.1)
    builder.correlate([x, y], np.eye(2), kind=BlockKind.ENSEMBLE, dof=10.0)
    ids = [builder.expression("a", a=one).result_id for one in (x, y)]
    found = of(builder, ids)
    assert found.ellipse is not None
    assert found.ellipse.value == pytest.approx(math.sqrt(20.0 / 9.0 * 4.2565), rel=1e-4)
    assert found.rectangle is None
    assert "one sample" in found.reason


def test_where_no_formula_holds_the_reason_stands() -> None:
    builder, ids = shared(2, dof=5.0)
    assert of(builder, ids).ellipse is None
    assert "more than one sample" in of(builder, ids).reason
    builder = NetworkBuilder()
    x = builder.leaf("x", 1.0, 0.1)
    twins = [builder.expression(text, a=x).result_id for text in ("a", "2 * a")]
    flat = of(builder, twins)
    assert (flat.ellipse, flat.reason[:24]) == (None, "a result follows from th")
    assert flat.rectangle is not None
    exact = builder.expression("a", a=builder.leaf("fixed", 1.0, 0.0)).result_id
    assert "no uncertainty" in of(builder, [twins[0], exact]).reason


@pytest.mark.parametrize("ids", [[1], [1, 1]])
def test_a_region_wants_two_different_results(ids: list[int]) -> None:
    builder, _ = shared(2)
    with pytest.raises(InputError, match="two or more different"):
        of(builder, ids)
