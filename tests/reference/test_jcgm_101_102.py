"""The examples of JCGM 101:2008, clause 9, and JCGM 102:2011, run through the chain engine.

Sources: JCGM 101, 9.2.2 to 9.2.4, 9.3, 9.4; JCGM 102, Table 1, 9.3; JCGM 100, H.2. Printed
values are marked so; the digits beyond them are closed forms or quadrature, computed in this
file by another way than draws. Draws are fewer than in the supplements; tolerances are five
standard deviations of the sampled figure plus half of the last printed digit.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from builders import NetworkBuilder
from numpy.typing import NDArray
from scipy import integrate, optimize, special, stats

from qtrace.errors import InputError
from qtrace.uncertainty.adaptive import adaptive_figure, fixed_figure
from qtrace.uncertainty.coverage_interval import IntervalKind
from qtrace.uncertainty.drawn_figure import DrawnFigure, DrawPlan
from qtrace.uncertainty.inputs import BlockKind, Distribution, Evaluation
from qtrace.uncertainty.monte_carlo import draw_chain
from qtrace.uncertainty.multivariate import (
    Rectangle,
    Reference,
    correlation_of,
    drawn_ellipsoid,
    elliptical_factor,
    joint_figure,
    rectangular_factor,
    share_inside,
)
from qtrace.uncertainty.network import Network, covariance, standard_uncertainty
from qtrace.uncertainty.results import Argument, Model, ModelKind
from qtrace.uncertainty.validation import Validation, Verdict, validate_result

Array = NDArray[np.float64]
N = 400_000
ONE = 1
Checked = tuple[DrawnFigure, Validation]


def check(
    network: Network,
    *,
    kind: IntervalKind = IntervalKind.SHORTEST,
    digits: int = 2,
    n: int = N,
    seed: int = 9,
) -> Checked:
    """Draw the only result of a network and compare its linear interval."""
    plan = DrawPlan(kind=kind, digits=digits)
    figure = fixed_figure(network, ONE, n=n, plan=plan, seed=seed, functions={})
    return figure, validate_result(network, ONE, figure, digits=digits)


def end_tolerance(density: float, *, n: int = N) -> float:
    """Return five standard deviations of a 2.5 % quantile where the density is that."""
    return 5.0 * math.sqrt(0.025 * 0.975 / n) / density


# 9.2 additive model


def four(distribution: Distribution, last: float = 1.0) -> Network:
    """Return the sum of four inputs of u = 1, or the last of another u."""
    network = NetworkBuilder()
    leaves = [
        network.leaf(f"x{k}", 0.0, u, distribution=distribution)
        for k, u in enumerate((1.0, 1.0, 1.0, last))
    ]
    network.linear(dict.fromkeys(leaves, 1.0))
    return network.build()


@pytest.mark.parametrize("kind", IntervalKind)
def test_jcgm_101_922_four_normal_inputs(kind: IntervalKind) -> None:
    """Table 2: y = 0, u = 2.0, interval +-3.92; the GUM interval is the same and validated."""
    figure, validation = check(four(Distribution.NORMAL), kind=kind)
    assert figure.mean == pytest.approx(0.0, abs=5.0 * 2.0 / math.sqrt(N))
    assert figure.standard_uncertainty == pytest.approx(2.0, rel=5.0 / math.sqrt(2 * N))
    end = end_tolerance(0.05844 / 2.0)
    half_width = figure.interval.width / 2.0
    assert half_width == pytest.approx(3.919928, abs=end)
    if kind is IntervalKind.SYMMETRIC:
        assert figure.interval.low == pytest.approx(-3.919928, abs=end)
        assert figure.interval.high == pytest.approx(3.919928, abs=end)
        assert validation.verdict is Verdict.VALIDATED
        assert validation.settled
    assert validation.tolerance == 0.05  # printed
    assert validation.gum == pytest.approx((-3.919928, 3.919928), abs=1e-6)


def test_jcgm_101_922_adaptive() -> None:
    """7.9 with the tolerance of 8.2: a fifth of 0.05, as the example was computed."""
    plan = DrawPlan(divisor=5.0)
    figure = adaptive_figure(four(Distribution.NORMAL), ONE, plan=plan, seed=9, functions={})
    assert figure.stabilised
    assert figure.tolerance == pytest.approx(0.01)
    assert figure.standard_uncertainty == pytest.approx(2.0, abs=0.025)  # 5 s, as 2 s <= 0.01
    assert (figure.interval.low, figure.interval.high) == pytest.approx((-3.92, 3.92), abs=0.025)


def test_jcgm_101_923_four_rectangular_inputs() -> None:
    """Table 3: +-3.88; exactly 2 sqrt(3) (2 - (3/5)^(1/4)). The GUM gives +-3.92."""
    exact = 2.0 * math.sqrt(3.0) * (2.0 - 0.6**0.25)
    assert exact == pytest.approx(3.8794, abs=5e-5)
    figure, validation = check(four(Distribution.RECTANGULAR), kind=IntervalKind.SYMMETRIC)
    end = end_tolerance(0.0345)  # density of the sum of four there
    assert figure.standard_uncertainty == pytest.approx(2.0, rel=5.0 / math.sqrt(2 * N))
    assert figure.interval.low == pytest.approx(-exact, abs=end)
    assert figure.interval.high == pytest.approx(exact, abs=end)
    assert validation.d_high == pytest.approx(3.919928 - exact, abs=end)
    assert validation.verdict is Verdict.VALIDATED  # 0.04 < 0.05
    shortest, _ = check(four(Distribution.RECTANGULAR))
    assert shortest.interval.width == pytest.approx(2.0 * exact, abs=2.0 * end)


def test_jcgm_101_924_one_rectangular_input_dominates() -> None:
    """Table 4: +-17.0 where the GUM gives +-19.8 (exactly 19.89): not validated."""
    figure, validation = check(four(Distribution.RECTANGULAR, 10.0), kind=IntervalKind.SYMMETRIC)
    assert figure.standard_uncertainty == pytest.approx(math.sqrt(103.0), rel=5 / math.sqrt(2 * N))
    assert figure.interval.high == pytest.approx(17.0, abs=0.05 + end_tolerance(0.0289))
    assert validation.gum is not None
    assert validation.gum[1] == pytest.approx(1.959964 * math.sqrt(103.0), rel=1e-6)
    assert validation.verdict is Verdict.NOT_VALIDATED
    assert validation.settled


# 9.3 mass calibration


def test_jcgm_101_93_mass() -> None:
    """Table 6, in mg: the first-order interval misses the product of density and buoyancy."""
    network = NetworkBuilder()
    rectangular = Distribution.RECTANGULAR

    def between(name: str, low: float, high: float) -> object:
        u = (high - low) / math.sqrt(12.0)
        return network.leaf(name, (low + high) / 2.0, u, distribution=rectangular)

    network.expression(
        "(m + d) * (1 + (a - 1.2) * (1/w - 1/r)) - 100000",
        m=network.leaf("m_Rc", 100_000.0, 0.05),
        d=network.leaf("dm_Rc", 1.234, 0.02),
        a=between("rho_a", 1.1, 1.3),  # type: ignore[arg-type]
        w=between("rho_W", 7000.0, 9000.0),  # type: ignore[arg-type]
        r=between("rho_R", 7950.0, 8050.0),  # type: ignore[arg-type]
    )
    figure, validation = check(network.build(), digits=1)

    # Closed form: the terms are independent; E[1/w - 1/r] and its square are integrals.
    bias = math.log(9.0 / 7.0) / 2000.0 - math.log(8050.0 / 7950.0) / 100.0
    square = (
        1.0 / (7000.0 * 9000.0)
        + 1.0 / (7950.0 * 8050.0)
        - 2.0 * math.log(9.0 / 7.0) / 2000.0 * math.log(8050.0 / 7950.0) / 100.0
    )
    assert abs(bias) < 1e-6
    exact = math.sqrt(0.05**2 + 0.02**2 + (0.2**2 / 12.0) * square * 100_001.234**2)
    assert exact == pytest.approx(0.0754, abs=1.5e-4)  # printed
    assert figure.mean == pytest.approx(1.234, abs=5.0 * exact / math.sqrt(N))
    assert figure.standard_uncertainty == pytest.approx(exact, rel=5.0 / math.sqrt(2 * N))
    # Printed ends 1.0834 and 1.3825; where they lie is flat, the width is sharp.
    assert figure.interval.low == pytest.approx(1.0834, abs=0.003)
    assert figure.interval.high == pytest.approx(1.3825, abs=0.003)
    assert figure.interval.width == pytest.approx(0.2991, abs=1e-3)

    assert standard_uncertainty(network.build(), ONE) == pytest.approx(0.0539, abs=5e-5)
    assert validation.gum == pytest.approx((1.1285, 1.3395), abs=1e-4)
    assert validation.tolerance == 0.005
    assert validation.d_low == pytest.approx(0.0451, abs=0.003)  # printed
    assert validation.d_high == pytest.approx(0.0430, abs=0.003)  # printed
    assert validation.verdict is Verdict.NOT_VALIDATED
    assert validation.settled


# 9.4 comparison loss

U = 0.005


@cache
def loss_interval(x: float, r: float) -> tuple[float, float, float]:
    """Return the shortest 95 % interval of X1^2 + X2^2, and the density at its upper end.

    By quadrature over one principal axis of the two inputs.
    """
    large, small = U * math.sqrt(1.0 + r), U * math.sqrt(1.0 - r)
    m_large, m_small = x / math.sqrt(2.0) / large, x / math.sqrt(2.0) / small
    nodes, weights = special.roots_legendre(600)

    def below(t: float) -> float:
        """Return P(large^2 (Z + m)^2 + small^2 (Z' + m')^2 <= t)."""
        if t <= 0.0:
            return 0.0
        edge = math.sqrt(t) / large
        z = edge * nodes
        rest = np.sqrt(np.maximum(0.0, t - (large * z) ** 2)) / small
        inner = special.ndtr(rest - m_small) - special.ndtr(-rest - m_small)
        return float(np.sum(weights * edge * stats.norm.pdf(z - m_large) * inner))

    top = (x + 12.0 * U) ** 2

    def high_of(low: float) -> float:
        return float(optimize.brentq(lambda t: below(t) - below(low) - 0.95, low, 4.0 * top))

    most = float(optimize.brentq(lambda t: below(t) - 0.0499, 0.0, top))
    best = optimize.minimize_scalar(
        lambda low: (high_of(low) - low) / U**2,
        bounds=(0.0, most),
        method="bounded",
        options={"xatol": 1e-9},
    )
    low = float(best.x) if best.fun < high_of(0.0) / U**2 else 0.0
    high, step = high_of(low), 1e-3 * U**2
    return low, high, (below(high + step) - below(high - step)) / (2.0 * step)


@pytest.mark.parametrize("r", [0.0, 0.9])
@pytest.mark.parametrize("x", [0.0, 0.01, 0.05])
def test_jcgm_101_94_comparison_loss(x: float, r: float) -> None:
    """Mean and u in closed form, the shortest interval by quadrature, the GUM by hand."""
    network = NetworkBuilder()
    x1, x2 = network.leaf("x1", x, U), network.leaf("x2", 0.0, U)
    if r:
        network.correlate([x1, x2], np.array([[1.0, r], [r, 1.0]]), kind=BlockKind.DECLARED)
    network.expression("a^2 + b^2", a=x1, b=x2)
    figure, validation = check(network.build())

    u = math.sqrt(4.0 * x**2 * U**2 + 4.0 * U**4 * (1.0 + r**2))
    assert figure.mean == pytest.approx(x**2 + 2.0 * U**2, abs=5.0 * u / math.sqrt(N))
    # The kurtosis of squares is at most 15 (one degree of freedom).
    assert figure.standard_uncertainty == pytest.approx(u, rel=2.5 * math.sqrt(14.0 / N))
    low, high, density = loss_interval(x, r)
    # The width follows the share inside: d(width)/dp = 1/density at the upper end.
    width = 5.0 * math.sqrt(0.95 * 0.05 / N) / density
    assert figure.interval.width == pytest.approx(high - low, abs=width)
    # Where it lies is ill determined: the scatter falls with the cube root of the draws only.
    assert figure.interval.low == pytest.approx(low, abs=0.06 * u)
    assert figure.interval.high == pytest.approx(high, abs=0.06 * u)

    assert validation.gum is not None
    assert network.value(network.expression("a^2 + b^2", a=x1, b=x2)) == pytest.approx(x**2)
    assert validation.gum[1] - validation.gum[0] == pytest.approx(
        2.0 * 1.959964 * 2.0 * x * U, rel=1e-6, abs=1e-15
    )
    assert validation.verdict is Verdict.NOT_VALIDATED
    assert validation.settled


@pytest.mark.parametrize(
    ("x", "r", "mean", "u", "low", "high"),
    [
        (0.00, 0.0, 50e-6, 50e-6, 0.0, 150e-6),
        (0.01, 0.0, 150e-6, 112e-6, 0.0, 367e-6),
        (0.01, 0.9, 150e-6, 121e-6, 13e-6, 398e-6),
    ],
)
def test_jcgm_101_94_printed_values(
    x: float, r: float, mean: float, u: float, low: float, high: float
) -> None:
    """Tables 8 and 9; the printed ends come from draws and scatter by a few 1e-6."""
    assert x**2 + 2.0 * U**2 == pytest.approx(mean, abs=0.5e-6)
    closed = math.sqrt(4.0 * x**2 * U**2 + 4.0 * U**4 * (1.0 + r**2))
    assert closed == pytest.approx(u, abs=0.5e-6)
    assert loss_interval(x, r)[:2] == pytest.approx((low, high), abs=1.5e-6)


# JCGM 102


@pytest.mark.parametrize(
    ("m", "ellipse", "rectangle"), [(1, 1.96, 1.96), (2, 2.45, 2.24), (3, 2.80, 2.39)]
)
def test_jcgm_102_table_1(m: int, ellipse: float, rectangle: float) -> None:
    """Both rules of the rectangle round to the printed value up to three results."""
    assert elliptical_factor(m, 0.95).value == pytest.approx(ellipse, abs=0.005)
    for rule in Rectangle:
        assert rectangular_factor(m, 0.95, rule=rule) == pytest.approx(rectangle, abs=0.005)


def test_jcgm_102_922_two_sums_with_a_common_input() -> None:
    """Y1 = X1 + X3, Y2 = X2 + X3, all N(0, 1): correlation 0.5, k of the ellipse 2.45."""
    network = NetworkBuilder()
    x1, x2, x3 = (network.leaf(f"x{k}", 0.0, 1.0) for k in range(3))
    ids = [network.linear({one: 1.0, x3: 1.0}).result_id for one in (x1, x2)]
    draws = draw_chain(network.build(), ids, n=N, seed=2, functions={})
    stacked = np.stack([draws.values[i] for i in ids])
    region = drawn_ellipsoid(stacked, 0.95)
    assert region.joint.covariance == pytest.approx(
        covariance(network.build(), ids), abs=5.0 * 2.0 * math.sqrt(2.0 / N)
    )
    assert region.joint.correlation[0, 1] == pytest.approx(0.5, abs=5.0 / math.sqrt(N))
    assert region.factor == pytest.approx(2.447747, abs=0.02)


def test_jcgm_102_93_cartesian_to_polar_near_the_origin() -> None:
    """x = 0.001, u = 0.01: printed u of magnitude 0.007 and phase 1.744; the GUM 0.010 and 10."""
    network = NetworkBuilder()
    re, im = network.leaf("re", 0.001, 0.01), network.leaf("im", 0.0, 0.01)
    magnitude = network.expression("sqrt(a^2 + b^2)", a=re, b=im).result_id
    model = Model(ModelKind.FUNCTION, "phase", "1")
    arguments = (Argument("a", 0.0, input_id=1), Argument("b", 1.0 / 0.001, input_id=2))
    phase = network.add(0.0, model, arguments).result_id
    ids = [magnitude, phase]
    linear = covariance(network.build(), ids)
    assert np.sqrt(np.diag(linear)) == pytest.approx([0.01, 10.0], rel=1e-12)

    draws = draw_chain(
        network.build(),
        ids,
        n=N,
        seed=3,
        functions={"phase@1": lambda a, b: np.arctan2(b, a)},
    )
    stacked = np.stack([draws.values[i] for i in ids])
    joint = joint_figure(stacked)
    u = np.sqrt(np.diag(joint.covariance))
    # Rice distribution; the density of the phase is the projected normal one.
    rice = stats.rice(0.1, scale=0.01)
    assert joint.estimates[0] == pytest.approx(float(rice.mean()), abs=5.0 * u[0] / math.sqrt(N))
    assert joint.estimates[0] == pytest.approx(0.013, abs=6e-4)  # printed
    assert u[0] == pytest.approx(float(rice.std()), rel=5.0 / math.sqrt(2 * N))
    assert u[0] == pytest.approx(0.007, abs=6e-4)  # printed
    assert joint.estimates[1] == pytest.approx(0.0, abs=5.0 * u[1] / math.sqrt(N))

    def density(angle: float) -> float:
        c = 0.1 * math.cos(angle)
        tail = math.sqrt(2.0 * math.pi) * c * float(special.ndtr(c)) * math.exp(c * c / 2.0)
        return math.exp(-0.005) / (2.0 * math.pi) * (1.0 + tail)

    variance = float(integrate.quad(lambda a: a * a * density(a), -math.pi, math.pi)[0])
    assert math.sqrt(variance) == pytest.approx(1.744, abs=5e-4)  # printed
    assert u[1] == pytest.approx(math.sqrt(variance), rel=5.0 / math.sqrt(2 * N))
    assert joint.correlation[0, 1] == pytest.approx(0.0, abs=5.0 / math.sqrt(N))
    # The normal region of the GUM is no 95 % region here: it holds all but the far magnitudes.
    k = elliptical_factor(2, 0.95).value
    estimates = np.array([network.results[i].value for i in ids])
    held = share_inside(stacked, estimates, linear, factor=k)
    farther = float(stats.rice.sf((0.001 + 0.01 * k) / 0.01, 0.1))
    assert held == pytest.approx(1.0 - farther, abs=0.002)


# GUM H.2 as in JCGM 102: one sample of five, three results

OBSERVED = np.array(
    [
        [5.007, 19.663e-3, 1.0456],
        [4.994, 19.639e-3, 1.0438],
        [5.005, 19.640e-3, 1.0468],
        [4.990, 19.685e-3, 1.0428],
        [4.999, 19.678e-3, 1.0433],
    ]
)


def impedance() -> tuple[Network, list[int]]:
    """Return the network of H.2 and the ids of R, X and Z."""
    network = NetworkBuilder()
    n = len(OBSERVED)
    means, spread = OBSERVED.mean(axis=0), OBSERVED.std(axis=0, ddof=1) / math.sqrt(n)
    v, i, phi = (
        network.leaf(name, float(x), float(u), dof=n - 1, evaluation=Evaluation.A)
        for name, x, u in zip(("V", "I", "phi"), means, spread, strict=True)
    )
    network.correlate(
        [v, i, phi], np.corrcoef(OBSERVED.T), kind=BlockKind.ENSEMBLE, dof=float(n - 1)
    )
    results = (
        network.expression("V / I * cos(phi)", V=v, I=i, phi=phi),
        network.expression("V / I * sin(phi)", V=v, I=i, phi=phi),
        network.expression("V / I", V=v, I=i),
    )
    return network.build(), [one.result_id for one in results]


def test_gum_h2_multivariate() -> None:
    """Printed: u of 0.071, 0.295, 0.236 ohm; r = -0.588, -0.485, 0.993."""
    network, ids = impedance()
    matrix = covariance(network, ids)
    assert np.sqrt(np.diag(matrix)) == pytest.approx([0.071, 0.295, 0.236], abs=6e-4)
    r = correlation_of(matrix)
    assert [r[0, 1], r[0, 2], r[1, 2]] == pytest.approx([-0.588, -0.485, 0.993], abs=6e-4)
    assert [network.result(i).value for i in ids] == pytest.approx(
        [127.732, 219.847, 254.260], abs=6e-4
    )


def test_gum_h2_region_of_resistance_and_reactance() -> None:
    """One chi-square with four degrees of freedom: k^2 = 2 F(2, 4), and far above the normal k."""
    network, ids = impedance()
    draws = draw_chain(network, ids, n=N, seed=4, functions={})
    pair = np.stack([draws.values[i] for i in ids[:2]])
    estimates = np.array([network.result(i).value for i in ids[:2]])
    matrix = covariance(network, ids[:2])
    joint = elliptical_factor(2, 0.95, degrees_of_freedom=4.0, reference=Reference.JOINT_T)
    assert joint.value == pytest.approx(math.sqrt(2.0 * 6.944272), rel=1e-6)  # F table
    sharp = 5.0 * math.sqrt(0.95 * 0.05 / N)
    held = share_inside(pair, estimates, matrix, factor=joint.value)
    assert held == pytest.approx(0.95, abs=sharp + 5e-4)  # the models are not quite linear
    normal = share_inside(pair, estimates, matrix, factor=elliptical_factor(2, 0.95).value)
    # P(F(2, 4) <= 5.991 / 2) = 1 - (1 + 5.991 / 4)^-2
    assert normal == pytest.approx(1.0 - (1.0 + 5.991465 / 4.0) ** -2, abs=0.004)


def test_gum_h2_three_results_of_two_freedoms_have_no_ellipsoid() -> None:
    """Z^2 = R^2 + X^2: three results, but one follows from the others."""
    network, ids = impedance()
    estimates = np.array([network.result(i).value for i in ids])
    with pytest.raises(InputError, match="follows from the others"):
        share_inside(np.zeros((3, 10)), estimates, covariance(network, ids), factor=2.8)
