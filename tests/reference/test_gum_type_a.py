"""Published examples of type A evaluation and regression, and budgets through the network.

Sources: JCGM 100:2008 (GUM), H.3, H.5; ISO/TS 28037:2010, clause 6; Pearson's data with York's
weights (Lybanon 1984, Neri 1989, Kalantar 1992); EA-4/02, S3 and S4; QUAM A1; Sandia X-ray fluorescence course example; NIST Uncertainty Machine, example 10; METAS resistor
cube. Digits beyond the printed ones were computed with other programs (GTC 1.5.1, R).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import NetworkBuilder, Step
from numpy.typing import NDArray

from qtrace.quantity.notation import format_plus_minus
from qtrace.uncertainty.anova import nested_anova_of_summaries
from qtrace.uncertainty.coverage import effective_degrees_of_freedom, expand
from qtrace.uncertainty.inputs import BlockKind, Distribution, Evaluation
from qtrace.uncertainty.network import correlation, covariance, standard_uncertainty
from qtrace.uncertainty.regression import fit_ordinary, fit_weighted
from qtrace.uncertainty.regression_lines import fit_line_both
from qtrace.uncertainty.regression_use import evaluate_fit, invert_fit
from qtrace.uncertainty.type_a import mean_of_readings, mean_with_pooled

Array = NDArray[np.float64]
ROOT3, ROOT6 = math.sqrt(3.0), math.sqrt(6.0)

# GUM Table H.6: observed corrections of a thermometer, in degrees Celsius.
TEMPERATURES = [21.521, 22.012, 22.512, 23.003, 23.507, 23.999, 24.513, 25.002, 25.503, 26.010, 26.511]  # fmt: skip
CORRECTIONS = [-0.171, -0.169, -0.166, -0.159, -0.164, -0.165, -0.156, -0.157, -0.159, -0.161, -0.160]  # fmt: skip


def test_gum_h3_thermometer_line() -> None:
    fit = fit_ordinary(TEMPERATURES, CORRECTIONS, origin=20.0)
    assert fit.parameters[0] == pytest.approx(-0.1712, abs=5e-5)
    assert fit.parameters[1] == pytest.approx(0.00218, abs=5e-6)
    assert fit.standard_uncertainties[0] == pytest.approx(0.0029, abs=5e-5)
    assert fit.standard_uncertainties[1] == pytest.approx(0.00067, abs=5e-6)
    assert fit.correlation[0, 1] == pytest.approx(-0.930, abs=5e-4)
    assert fit.u_y[0] == pytest.approx(0.0035, abs=5e-5)
    assert fit.chi_square == pytest.approx(0.000110096583109, abs=1e-14)  # sum of squares
    assert fit.degrees_of_freedom == 9.0
    at_30 = evaluate_fit(fit, 30.0)
    assert at_30.values[0] == pytest.approx(-0.1494, abs=5e-5)
    assert at_30.standard_uncertainties[0] == pytest.approx(0.0041, abs=5e-5)
    assert at_30.inside == (False,)  # the GUM extrapolates, and so it is said


def test_gum_h3_from_the_network_of_its_readings() -> None:
    """Two parameters recorded on eleven readings give b(30) its u and its 9 degrees."""
    fit = fit_ordinary(TEMPERATURES, CORRECTIONS, origin=20.0)
    network = NetworkBuilder()
    readings = [
        network.leaf(f"b{k}", value, float(fit.u_y[k]), dof=9.0, evaluation=Evaluation.A)
        for k, value in enumerate(CORRECTIONS)
    ]
    network.correlate(readings, np.eye(11), kind=BlockKind.ENSEMBLE, dof=9.0)
    y1, y2 = (
        network.linear(dict(zip(readings, row, strict=True)), value=value)
        for row, value in zip(fit.sensitivities.tolist(), fit.parameters.tolist(), strict=True)
    )
    predicted = network.expression("y1 + y2 * 10", y1=y1, y2=y2)
    final = network.build()
    assert final.result(predicted.result_id).value == pytest.approx(-0.1494, abs=5e-5)
    u = standard_uncertainty(final, predicted.result_id)
    assert u == pytest.approx(0.004138595752854951, rel=1e-9)
    assert correlation(final, y1.result_id, y2.result_id) == pytest.approx(-0.9304296, abs=1e-7)
    degrees = effective_degrees_of_freedom(final, predicted.result_id).value
    assert degrees == pytest.approx(9.0, abs=1e-9)


# GUM Table H.9: ten days, five observations each, of 10 V less the nominal value, in microvolt.
DAYS = [172.0, 116.0, 13.0, 144.0, 106.0, 31.0, 60.0, 125.0, 163.0, 41.0]
WITHIN = [60.0, 77.0, 111.0, 101.0, 67.0, 93.0, 80.0, 73.0, 88.0, 86.0]


def test_gum_h5_analysis_of_variance() -> None:
    result = nested_anova_of_summaries(DAYS, WITHIN, per_group=5)
    assert result.mean == pytest.approx(97.0, abs=0.5)  # 10.000 097 V
    assert result.deviation_of_means == pytest.approx(57.0, abs=0.5)
    assert result.between_mean_square_root == pytest.approx(128.0, abs=0.6)
    assert result.within_mean_square_root == pytest.approx(85.0, abs=0.5)
    # The GUM prints 2.25 from rounded pieces; its own table gives 2.26.
    assert result.f == pytest.approx(2.25, abs=0.03)
    assert result.critical_f(0.95) == pytest.approx(2.12, abs=0.005)
    assert result.critical_f(0.975) == pytest.approx(2.45, abs=0.005)
    assert 0.025 < result.p_value < 0.05
    assert result.between_deviation == pytest.approx(43.0, abs=0.6)
    assert result.standard_uncertainty == pytest.approx(18.0, abs=0.5)
    assert result.degrees_of_freedom == 9.0
    assert result.standard_uncertainty_without == pytest.approx(13.0, abs=0.5)
    assert result.degrees_of_freedom_without == 49.0


def test_iso_ts_28037_weighted_line_forward_and_inverse() -> None:
    fit = fit_weighted([1, 2, 3, 4, 5, 6], [3.3, 5.6, 7.1, 9.3, 10.7, 12.1], u_y=0.5)
    assert fit.parameters == pytest.approx([1.866667, 1.757143], abs=1e-6)
    assert fit.standard_uncertainties == pytest.approx([0.4654747, 0.1195229], abs=1e-6)
    assert fit.covariance[0, 1] == pytest.approx(-0.050, abs=1e-6)
    assert fit.chi_square == pytest.approx(1.665, abs=0.001)
    assert fit.p_value is not None
    assert fit.p_value > 0.05  # below the printed 95 % quantile, 9.488: accepted
    found = invert_fit(fit, 10.5, u_y=0.5)
    assert found.values[0] == pytest.approx(4.913, abs=0.001)
    assert found.standard_uncertainties[0] == pytest.approx(0.322, abs=0.001)


def test_pearson_with_yorks_weights() -> None:
    w_x = np.array([1000.0, 1000.0, 500.0, 800.0, 200.0, 80.0, 60.0, 20.0, 1.8, 1.0])
    w_y = np.array([1.0, 1.8, 4.0, 8.0, 20.0, 20.0, 70.0, 70.0, 100.0, 500.0])
    fit = fit_line_both(
        [0.0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4],
        [5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5],
        u_x=w_x**-0.5,
        u_y=w_y**-0.5,
    )
    assert fit.parameters == pytest.approx([5.47991022, -0.480533407], abs=5e-9)  # Neri, exact
    assert fit.standard_uncertainties[0] == pytest.approx(0.29193, abs=5e-6)  # Kalantar
    assert fit.standard_uncertainties[1] == pytest.approx(0.057617, abs=5e-7)
    assert fit.covariance[0, 1] == pytest.approx(-0.0162, abs=5e-5)
    assert fit.chi_square / 8.0 == pytest.approx(1.4833, abs=5e-5)


def test_thermometer_comparison_with_uncertainty_in_both() -> None:
    """Mathioulakis and Belessiotis, as recomputed with GTC and R."""
    reference = [0.1335, 9.9303, 19.8774, 29.8626, 39.8619, 49.8241, 59.7264, 69.6918, 79.6740, 89.7215]  # fmt: skip
    u_reference = [0.0106, 0.0107, 0.0108, 0.0110, 0.0113, 0.0115, 0.0098, 0.0101, 0.0104, 0.0107]
    shown = [0.0010, 10.0867, 20.2531, 30.3477, 40.6713, 50.8418, 60.9435, 71.1146, 81.3378, 91.5948]  # fmt: skip
    u_shown = [0.0175, 0.0186, 0.0183, 0.0186, 0.0188, 0.0191, 0.0202, 0.0204, 0.0210, 0.0217]
    fit = fit_line_both(shown, reference, u_x=u_shown, u_y=u_reference)
    assert fit.parameters[0] == pytest.approx(0.0991, abs=1e-4)
    assert fit.parameters[1] == pytest.approx(0.97839, abs=1e-5)
    assert fit.standard_uncertainties == pytest.approx([0.0123, 0.00024], abs=1e-4)
    assert fit.covariance[0, 1] == pytest.approx(-2.41e-6, abs=1e-8)


def uncertain(network: NetworkBuilder, step: Step) -> tuple[float, float]:
    """Return value and u of a result."""
    final = network.build()
    return final.result(step.result_id).value, standard_uncertainty(final, step.result_id)


def test_ea_4_02_s3_standard_resistor() -> None:
    ratio = mean_of_readings([1.0000104, 1.0000107, 1.0000106, 1.0000103, 1.0000105])
    network = NetworkBuilder()
    rectangular = Distribution.RECTANGULAR
    step = network.expression(
        "(rs + drd + drts) * rc * r - drtx",
        rs=network.leaf("R_S", 10000.053, 0.0025),
        drd=network.leaf("dR_D", 0.020, 0.010 / ROOT3, distribution=rectangular),
        drts=network.leaf("dR_TS", 0.0, 0.00275 / ROOT3, distribution=rectangular),
        rc=network.leaf("r_C", 1.0, 1e-6 / ROOT6, distribution=Distribution.TRIANGULAR),
        r=network.leaf(
            "r", ratio.estimate, ratio.standard_uncertainty,
            dof=ratio.degrees_of_freedom, evaluation=Evaluation.A,
        ),
        drtx=network.leaf("dR_TX", 0.0, 0.0055 / ROOT3, distribution=rectangular),
    )  # fmt: skip
    value, u = uncertain(network, step)
    assert value == pytest.approx(10000.1780007665, abs=1e-7)
    assert u == pytest.approx(0.008328, abs=5e-7)
    assert format_plus_minus(value, 2.0 * u, "Ohm") == "(10000.178 ± 0.017) Ohm"


def test_ea_4_02_s4_gauge_block_with_pooled_scatter() -> None:
    """Five readings today, mean -94 nm; s of 12 nm pooled over earlier gauges."""
    # The differences of the example have the printed mean; their own scatter plays no part.
    difference = mean_with_pooled(
        [-100e-6, -90e-6, -80e-6, -95e-6, -105e-6],
        standard_deviation=12e-6,
        degrees_of_freedom=math.inf,
    )
    assert difference.estimate == pytest.approx(-94e-6, rel=1e-12)
    network = NetworkBuilder()
    step = network.expression(
        "ls + drift + dl + dlc - 50 * 0.0000115 * dt - expansion - dlv",
        ls=network.leaf("l_S", 50.000_020, 15e-6),
        drift=network.leaf("dl_D", 0.0, 30e-6 / ROOT3),
        dl=network.leaf("dl", difference.estimate, difference.standard_uncertainty),
        dlc=network.leaf("dl_C", 0.0, 32e-6 / ROOT3),
        dt=network.leaf("dt", 0.0, 0.05 / ROOT3),
        # L times the product of two quantities of mean zero enters by its own u.
        expansion=network.leaf("L dalpha Dt", 0.0, 50.0 * 0.236e-6),
        dlv=network.leaf("dl_V", 0.0, 6.7e-6 / ROOT3),
    )
    value, u = uncertain(network, step)
    assert value == pytest.approx(49.999926, abs=5e-7)
    assert u == pytest.approx(3.64e-5, abs=1e-7)
    assert format_plus_minus(value, 2.0 * u, "mm") == "(49.999926 ± 0.000073) mm"


def test_quam_a1_cadmium_standard() -> None:
    network = NetworkBuilder()
    step = network.expression(
        "1000 * m * p / (flask + rep + temp)",
        m=network.leaf("m", 100.28, 0.05),
        p=network.leaf("P", 0.9999, 0.0001 / ROOT3),
        flask=network.leaf("V_flask", 100.0, 0.1 / ROOT6),
        rep=network.leaf("V_rep", 0.0, 0.02),
        temp=network.leaf("V_T", 0.0, 0.084 / ROOT3),
    )
    value, u = uncertain(network, step)
    assert value == pytest.approx(1002.7, abs=0.05)
    assert u == pytest.approx(0.835199, abs=1e-6)


def test_sandia_x_ray_fluorescence() -> None:
    network = NetworkBuilder()
    step = network.expression(
        "yu * x1 / x2",
        yu=network.leaf("Yu", 0.6978, 0.0026, dof=19.0),
        x1=network.leaf("X1", 0.182, 0.00093, dof=9.0),
        x2=network.leaf("X2", 0.1823, 0.00058, dof=19.0),
    )
    value, u = uncertain(network, step)
    final = network.build()
    assert value == pytest.approx(0.6967, abs=1e-4)
    assert u == pytest.approx(0.00494, abs=1e-5)
    degrees = effective_degrees_of_freedom(final, step.result_id).value
    assert degrees == pytest.approx(27.7, abs=0.5)
    expanded = expand(final, step.result_id, u, coverage_probability=0.95)
    assert expanded is not None
    assert expanded.expanded_uncertainty == pytest.approx(0.0101, abs=1e-4)


def test_nist_uncertainty_machine_stefan_boltzmann() -> None:
    network = NetworkBuilder()
    step = network.expression(
        "32 * pi^5 * planck * gas^4 * rydberg^4 / (15 * mass^4 * mu^4 * c^6 * alpha^8)",
        planck=network.leaf("h", 6.62606957e-34, 2.9e-41),
        gas=network.leaf("R", 8.3144621, 7.5e-6),
        rydberg=network.leaf("Rinf", 10973731.568539, 5.5e-5),
        mass=network.leaf("Ar_e", 5.4857990946e-4, 2.2e-13),
        mu=network.leaf("Mu", 0.001, 0.0),
        alpha=network.leaf("alpha", 7.2973525698e-3, 2.4e-12),
    )
    value, u = uncertain(network, step)
    assert value == pytest.approx(5.67037e-08, abs=1e-13)
    assert u == pytest.approx(2.05e-13, abs=1e-15)


def cube_resistance(**edges: Array) -> Array:
    """Return the resistance across the body diagonal of a cube of twelve resistors."""
    rows = np.stack(list(edges.values()))
    pairs = [(a, a ^ bit) for a in range(8) for bit in (1, 2, 4) if not a & bit]
    conductance = np.zeros((rows.shape[1], 8, 8))
    for (a, b), resistance in zip(pairs, rows, strict=True):
        g = 1.0 / resistance
        conductance[:, a, a] += g
        conductance[:, b, b] += g
        conductance[:, a, b] -= g
        conductance[:, b, a] -= g
    current = np.zeros(7)
    current[0] = 1.0
    # Corner 7 is earth: the potential of corner 0 at one ampere is the resistance.
    inside = conductance[:, :7, :7]
    potentials = np.linalg.solve(inside, np.broadcast_to(current[:, None], (len(inside), 7, 1)))
    return np.asarray(potentials[:, 0, 0])


def test_metas_resistor_cube_as_an_implicit_model() -> None:
    network = NetworkBuilder()
    edges = {f"r{k}": network.leaf(f"R{k}", 50.0, 0.1) for k in range(12)}
    step = network.function("demo.cube", cube_resistance, **edges)
    value, u = uncertain(network, step)
    assert value == pytest.approx(41.6666667, abs=1e-6)
    assert u == pytest.approx(0.028054180384339107, abs=1e-6)
    sensitivities = sorted(abs(a.sensitivity) for a in network.results[step.result_id].arguments)
    assert sensitivities == pytest.approx([1.0 / 36.0] * 6 + [1.0 / 9.0] * 6, rel=1e-7)


def test_two_devices_of_one_standard() -> None:
    network = NetworkBuilder()
    standard = network.leaf("S", 0.0, 3.0)
    first = network.expression("s + a", s=standard, a=network.leaf("a", 0.0, 4.0))
    second = network.expression("s + b", s=standard, b=network.leaf("b", 0.0, 12.0))
    difference = network.expression("x - y", x=first, y=second)
    mean = network.expression("(x + y) / 2", x=first, y=second)
    final = network.build()
    joint = covariance(final, [first.result_id, second.result_id])
    assert np.sqrt(np.diag(joint)) == pytest.approx([5.0, 12.36931687685298], abs=1e-12)
    assert joint[0, 1] == pytest.approx(9.0, abs=1e-12)
    assert correlation(final, first.result_id, second.result_id) == pytest.approx(
        0.1455213750217998, abs=1e-12
    )
    assert standard_uncertainty(final, difference.result_id) == pytest.approx(
        12.649110640673518, abs=1e-12
    )
    assert standard_uncertainty(final, mean.result_id) == pytest.approx(7.0, abs=1e-12)
