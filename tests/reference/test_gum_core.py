"""Worked examples of the GUM and its supplements, built as networks.

Sources: JCGM 100:2008, 5.2.2 (example), G.4.1, H.1, H.2; JCGM 101:2008, 9.2.2, 9.2.3. The digits
beyond the printed ones of H.1 were computed with another program (GTC 1.5.1).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import NetworkBuilder, Step

from qtrace.uncertainty.budget import budget
from qtrace.uncertainty.coverage import coverage_factor, effective_degrees_of_freedom, expand
from qtrace.uncertainty.inputs import BlockKind, Distribution, Evaluation
from qtrace.uncertainty.monte_carlo import draw_chain, summarize
from qtrace.uncertainty.network import correlation, standard_uncertainty, tree_uncertainty

# GUM Table H.2: five simultaneous observations of V (V), I (A), phi (rad).
OBSERVED = np.array(
    [
        [5.007, 19.663e-3, 1.0456],
        [4.994, 19.639e-3, 1.0438],
        [5.005, 19.640e-3, 1.0468],
        [4.990, 19.685e-3, 1.0428],
        [4.999, 19.678e-3, 1.0433],
    ]
)


def impedance() -> tuple[NetworkBuilder, Step, Step, Step]:
    """Return resistance, reactance and impedance from one ensemble, in that order."""
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
    return (
        network,
        network.expression("V / I * cos(phi)", V=v, I=i, phi=phi),
        network.expression("V / I * sin(phi)", V=v, I=i, phi=phi),
        network.expression("V / I", V=v, I=i),
    )


def test_gum_h2_three_outputs_of_one_sample() -> None:
    network, resistance, reactance, z = impedance()
    final = network.build()
    printed = {resistance: (127.732, 0.071), reactance: (219.847, 0.295), z: (254.260, 0.236)}
    for step, (value, u) in printed.items():
        assert final.result(step.result_id).value == pytest.approx(value, abs=5e-4)
        # The GUM cuts the 0.2956 of the reactance to 0.295, hence more than half a digit.
        assert standard_uncertainty(final, step.result_id) == pytest.approx(u, abs=6e-4)
        # Any combination of one sample's means has that sample's degrees of freedom.
        degrees = effective_degrees_of_freedom(final, step.result_id).value
        assert degrees == pytest.approx(4.0, rel=1e-12)

    r, x, absolute = resistance.result_id, reactance.result_id, z.result_id
    assert correlation(final, r, x) == pytest.approx(-0.588, abs=5e-4)
    assert correlation(final, r, absolute) == pytest.approx(-0.485, abs=5e-4)
    assert correlation(final, x, absolute) == pytest.approx(0.993, abs=5e-4)


def test_gum_h2_ratio_of_two_outputs_keeps_the_degrees_of_freedom() -> None:
    """X / R is tan(phi): the voltages and currents cancel although they came separately."""
    network, resistance, reactance, _ = impedance()
    tangent = network.expression("x / r", x=reactance, r=resistance).result_id
    final = network.build()
    phi = final.inputs[3]

    direct = phi.standard_uncertainty / math.cos(phi.estimate) ** 2
    assert final.result(tangent).value == pytest.approx(math.tan(phi.estimate), rel=1e-12)
    assert standard_uncertainty(final, tangent) == pytest.approx(direct, rel=1e-9)
    assert effective_degrees_of_freedom(final, tangent).value == pytest.approx(4.0, rel=1e-9)


def end_gauge() -> tuple[NetworkBuilder, Step]:
    """Return the length of the end gauge of GUM H.1, in nanometres."""
    network = NetworkBuilder()
    root3 = math.sqrt(3.0)
    rectangular = Distribution.RECTANGULAR
    mean = network.leaf("d0", 215.0, 5.8, dof=24)
    random = network.leaf("d1", 0.0, 3.9, dof=5)
    systematic = network.leaf("d2", 0.0, 6.7, dof=8)
    difference = network.expression("d0 + d1 + d2", d0=mean, d1=random, d2=systematic)
    theta = network.expression(
        "mean + swing",
        mean=network.leaf("theta_mean", -0.1, 0.2),
        swing=network.leaf(
            "theta_swing", 0.0, 0.5 / math.sqrt(2.0), distribution=Distribution.U_SHAPED
        ),
    )
    length = network.expression(
        "ls + d - ls * (da * theta + a * dt)",
        ls=network.leaf("ls", 50_000_623.0, 25.0, dof=18),
        d=difference,
        da=network.leaf("da", 0.0, 1e-6 / root3, dof=50, distribution=rectangular),
        theta=theta,
        a=network.leaf("a", 11.5e-6, 2e-6 / root3, distribution=rectangular),
        dt=network.leaf("dt", 0.0, 0.05 / root3, dof=2, distribution=rectangular),
    )
    return network, length


def test_gum_h1_end_gauge() -> None:
    network, length = end_gauge()
    final = network.build()
    u = standard_uncertainty(final, length.result_id)

    assert final.result(length.result_id).value == pytest.approx(50_000_838.0, abs=0.5)
    assert u == pytest.approx(31.663879111008633, rel=1e-9)
    degrees = effective_degrees_of_freedom(final, length.result_id).value
    assert degrees == pytest.approx(16.751855737627242, rel=1e-9)
    expanded = expand(final, length.result_id, u, coverage_probability=0.99)
    assert expanded is not None
    assert expanded.coverage_factor == pytest.approx(2.9207816224251, rel=1e-9)
    assert expanded.expanded_uncertainty == pytest.approx(93.0, abs=1.0)


def test_gum_h1_budget_is_flat_and_complete() -> None:
    network, length = end_gauge()
    lines = {line.name: line for line in budget(network.build(), length.result_id)}

    printed = {"ls": 25.0, "d0": 5.8, "d1": 3.9, "d2": 6.7, "da": 2.88679, "dt": 16.59903}
    for name, contribution in printed.items():
        assert lines[name].contribution == pytest.approx(contribution, abs=5e-5)
    # First order sees neither the expansion coefficient nor the mean temperature (c = 0).
    for name in ("a", "theta_mean", "theta_swing"):
        assert lines[name].contribution == 0.0
        assert lines[name].share == 0.0
    assert sum(line.share for line in lines.values()) == pytest.approx(1.0, abs=1e-12)


def test_gum_h1_draws_see_what_the_first_order_misses() -> None:
    """The product terms raise 32 nm to 34 nm, as the GUM finds with second-order terms."""
    network, length = end_gauge()
    # The t distributions of the GUM's own second-order figure are normal.
    for i, quantity in list(network.inputs.items()):
        network.inputs[i] = type(quantity)(
            i, quantity.name, quantity.estimate, quantity.standard_uncertainty, "1",
            quantity.distribution,
        )  # fmt: skip
    draws = draw_chain(network.build(), [length.result_id], n=200_000, seed=1, functions={})
    summary = summarize(draws, length.result_id)
    five_sigma = 5.0 / math.sqrt(2 * 200_000)
    assert summary.standard_uncertainty == pytest.approx(33.80649372730551, rel=five_sigma)


def test_gum_h1_rectangular_inputs_of_few_degrees_still_have_moments() -> None:
    """The two degrees of freedom of a rectangular input draw no t."""
    network, length = end_gauge()
    draws = draw_chain(network.build(), [length.result_id], n=10_000, seed=1, functions={})
    assert draws.lowest_degrees_of_freedom[length.result_id] == 5.0
    assert summarize(draws, length.result_id).standard_uncertainty is not None


def test_gum_g41_welch_satterthwaite() -> None:
    network = NetworkBuilder()
    leaves = {
        name: network.leaf(name, 1.0, u, dof=dof)
        for name, u, dof in (("x1", 0.0025, 9), ("x2", 0.0057, 4), ("x3", 0.0082, 14))
    }
    product = network.expression("x1 * x2 * x3", **leaves).result_id
    final = network.build()

    assert standard_uncertainty(final, product) == pytest.approx(0.0103, abs=5e-5)
    degrees = effective_degrees_of_freedom(final, product).value
    assert degrees == pytest.approx(18.998742314267954, rel=1e-12)
    # The GUM rounds 18.998 to 19.0; G.4.1 truncates, to 18, which is the safe side.
    assert degrees is not None
    assert coverage_factor(0.95, 19.0) == pytest.approx(2.09, abs=5e-3)
    assert coverage_factor(0.95, degrees) == pytest.approx(2.10, abs=5e-3)


def test_gum_522_ten_resistors_of_one_standard() -> None:
    network = NetworkBuilder()
    standard = network.expression("s", s=network.leaf("R_S", 1000.0, 0.1))
    ten = [
        network.expression("s + d", s=standard, d=network.leaf(f"d{k}", 0.0, 0.0))
        for k in range(10)
    ]
    series = network.linear(dict.fromkeys(ten, 1.0)).result_id
    final = network.build()

    assert final.result(series).value == 10_000.0
    assert standard_uncertainty(final, series) == pytest.approx(1.0, rel=1e-12)
    assert tree_uncertainty(final, series) == pytest.approx(0.32, abs=5e-3)
    assert correlation(final, ten[0].result_id, ten[9].result_id) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("distribution", "half_width"),
    [(Distribution.NORMAL, 3.92), (Distribution.RECTANGULAR, 3.8794)],
)
def test_jcgm_101_sum_of_four(distribution: Distribution, half_width: float) -> None:
    """9.2.2 and 9.2.3: four inputs of u = 1; symmetric, so the shortest interval is this one."""
    network = NetworkBuilder()
    leaves = [network.leaf(f"x{k}", 0.0, 1.0, distribution=distribution) for k in range(4)]
    total = network.linear(dict.fromkeys(leaves, 1.0)).result_id
    draws = draw_chain(network.build(), [total], n=400_000, seed=9, functions={})
    summary = summarize(draws, total)

    end = 5.0 * math.sqrt(0.025 * 0.975 / 400_000) / 0.029  # 5 sigma of a quantile, f = 0.029
    assert summary.high == pytest.approx(half_width, abs=end)
    assert summary.low == pytest.approx(-half_width, abs=end)
    assert summary.standard_uncertainty == pytest.approx(2.0, rel=5.0 / math.sqrt(800_000))
