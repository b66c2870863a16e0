"""Published examples in which the first order does not suffice.

Sources: JCGM 100:2008 (GUM), H.1.7; JCGM 101:2008, 9.3 and 9.4. Digits beyond the printed ones are
closed forms, those of H.1 were computed with another program (GTC 1.5.1).
"""

from __future__ import annotations

import math

import pytest

from qtrace.uncertainty.expression import compile_expression
from qtrace.uncertainty.second_order import model_nonlinearity, second_order

ROOT3 = math.sqrt(3.0)


@pytest.mark.parametrize(
    ("x1", "r", "y", "u_first", "u_second"),
    [
        (0.0, 0.0, 50e-6, 0.0, 50e-6),
        (0.0, 0.9, 50e-6, 0.0, 67e-6),
        (0.010, 0.0, 150e-6, 100e-6, 112e-6),
        (0.010, 0.9, 150e-6, 100e-6, 121e-6),
        (0.050, 0.0, 2550e-6, 500e-6, 502e-6),
        (0.050, 0.9, 2550e-6, 500e-6, 505e-6),
    ],
)
def test_jcgm_101_comparison_loss(
    x1: float, r: float, y: float, u_first: float, u_second: float
) -> None:
    """9.4: X1^2 + X2^2, u = 0.005; moments of the distribution, exact for this model."""
    model = compile_expression("x1^2 + x2^2", names=frozenset({"x1", "x2"}))
    found = second_order(
        model, {"x1": x1, "x2": 0.0}, {"x1": 0.005, "x2": 0.005}, correlation=[[1.0, r], [r, 1.0]]
    )
    assert found.value == pytest.approx(x1**2, abs=1e-12)
    assert found.value + found.bias == pytest.approx(y, abs=1e-12)
    assert found.linear_uncertainty == pytest.approx(u_first, abs=1e-12)
    assert found.second_order_uncertainty == pytest.approx(u_second, abs=6e-7)  # printed digits


def test_jcgm_101_mass_calibration_of_second_order() -> None:
    """9.3: 0.0539 mg to first order, 0.0750 mg to second; Monte Carlo gives 0.0754 mg."""
    text = "(m_rc + dm) * (1 + (rho_a - 1.2) * (1 / rho_w - 1 / rho_r)) - 100000"
    names = {"m_rc": 100000.0, "dm": 1.234, "rho_a": 1.2, "rho_w": 8000.0, "rho_r": 8000.0}
    u = {
        "m_rc": 0.05,
        "dm": 0.02,
        "rho_a": 0.1 / ROOT3,
        "rho_w": 1000.0 / ROOT3,
        "rho_r": 50.0 / ROOT3,
    }
    found = second_order(compile_expression(text, names=frozenset(names)), names, u)
    assert found.value == pytest.approx(1.2340, abs=5e-5)
    assert found.linear_uncertainty == pytest.approx(0.0539, abs=5e-5)
    assert found.second_order_uncertainty == pytest.approx(0.0750, abs=5e-5)
    # By the 5 % rule the result gains an input that brings the linear u to that of the draws.
    gained = model_nonlinearity(found.linear_uncertainty, 0.0754)
    assert gained.standard_uncertainty == pytest.approx(0.0528, abs=5e-5)
    assert gained.governing_uncertainty == pytest.approx(0.0754, rel=1e-12)


def test_gum_h1_end_gauge_of_second_order() -> None:
    """H.1.7: the terms in alpha_s, theta and delta_theta raise 32 nm to 34 nm."""
    text = "ls + d - ls * (da * theta + a * dt)"
    at = {"ls": 50_000_623.0, "d": 215.0, "da": 0.0, "theta": -0.1, "a": 11.5e-6, "dt": 0.0}
    u = {
        "ls": 25.0,
        "d": 9.68194195397,
        "da": 1e-6 / ROOT3,
        "theta": 0.406201920232,
        "a": 2e-6 / ROOT3,
        "dt": 0.05 / ROOT3,
    }
    found = second_order(compile_expression(text, names=frozenset(at)), at, u)
    assert found.linear_uncertainty == pytest.approx(31.663879111008633, rel=1e-9)
    # Rounding of 5e7 nm in differences of second order.
    assert found.second_order_uncertainty == pytest.approx(33.80649372730551, rel=1e-5)
    # The two terms of the GUM, 11.7 nm and 1.7 nm.
    pieces = (50_000_623.0 * u["da"] * u["theta"]) ** 2 + (50_000_623.0 * u["a"] * u["dt"]) ** 2
    assert found.curvature_variance == pytest.approx(pieces, rel=1e-5)
