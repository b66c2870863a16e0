"""The NIST 2022 detector calibrations, in five forms, against the published numbers.

Source: Reddy et al., APL Photonics 7, 051302 (2022), supplementary data, recomputed from the raw
readings; detectors D1 and D2, 1550.5 nm, polarization of maximum count rate. The single set of
meter coefficients and the mean of ten readings are our own re-analysis of the same data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from builders import Leaf, NetworkBuilder, Source, Step

from qtrace.uncertainty.budget import budget, step_shares
from qtrace.uncertainty.coverage import coverage_factor, effective_degrees_of_freedom, expand
from qtrace.uncertainty.monte_carlo import draw_chain, summarize
from qtrace.uncertainty.network import (
    correlation,
    independent_parents_uncertainty,
    standard_uncertainty,
    tree_uncertainty,
)

EXACT = 1e-9  # the same data and the same formula, in doubles
FACTOR_FORM = 2e-5  # one factor F stands for three slightly different pairwise coefficients
PRINTED_4 = 5e-5  # a coefficient printed with four decimals
WAVELENGTH_M = 1.5505e-6
U_FACTOR = 6.66735e-4
RATE = "power * wavelength / (h * c) * a1 * a2 * a3 / (switch * meter)"
EFFICIENCY = f"(counts - dark) / ({RATE})"
MATRIX_NAMES = ("power", "a1", "a2", "a3", "switch", "meter")


@dataclass(frozen=True, slots=True)
class Readings:
    """Estimates and standard uncertainties of one detector's calibration, in SI units."""

    x: dict[str, float]
    u: dict[str, float]
    u_mean: dict[str, float]  # of the mean of ten readings: max(s / sqrt(n), Poisson)
    correlation: tuple[tuple[float, float, float], float]  # (a1,a2), (a1,a3), (a2,a3); (P, a3)
    value: float
    standard_uncertainty: float
    independent: float
    u_of_mean: float
    degrees: float


D1 = Readings(
    x={
        "power": 9.8581527120938e-05,
        "a1": 0.000795242672239575,
        "a2": 0.0007741978326391195,
        "a3": 0.0008235538323073965,
        "switch": 1.6010127498885889,
        "meter": 1.01375,
        "counts": 244355.7,
        "dark": 18925.6,
    },
    u={
        "power": 3.4258405914603957e-08,
        "a1": 6.00638124813081e-07,
        "a2": 5.841440847527121e-07,
        "a3": 6.209920161737949e-07,
        "switch": 0.00012882279525721607,
        "meter": 0.001394999999999924,
        "counts": 600.3848016064364,
        "dark": 168.80829363511734,
    },
    u_mean={"counts": 156.31880884909532, "dark": 43.50356307246568},
    correlation=((0.780517336082, 0.780313256795, 0.78141603031), -0.000531413469),
    value=0.9377851731506629,
    standard_uncertainty=0.0035151649190041058,
    independent=0.0031639651455145947,
    u_of_mean=0.002465949805308368,
    degrees=21.43,
)
D2 = Readings(
    x={
        "power": 9.907738779838279e-05,
        "a1": 0.0007937596463578813,
        "a2": 0.0007706138323750937,
        "a3": 0.0008217322614417664,
        "switch": 1.6010127498885889,
        "meter": 1.01375,
        "counts": 254297.4,
        "dark": 27038.6,
    },
    u={
        "power": 3.4829616258900694e-08,
        "a1": 6.009309917373595e-07,
        "a2": 5.817084736511097e-07,
        "a3": 6.202382010958337e-07,
        "switch": 0.00012882279525721607,
        "meter": 0.001394999999999924,
        "counts": 653.3962350672064,
        "dark": 247.41592511396675,
    },
    u_mean={"counts": 159.4670498880568, "dark": 58.460277111898804},
    correlation=((0.777956552233, 0.777700662293, 0.780051902097), -0.00011327795),
    value=0.9489003931525424,
    standard_uncertainty=0.0037783309695272643,
    independent=0.0034459468342960893,
    u_of_mean=0.0025036778815050336,
    degrees=22.18,
)
# D1 (coefficients to 14 digits) with the non-linearity coefficients of the monitor meter kept as one set of variables.
ONE_METER_U = {
    "a1": 6.005212640693967e-07,
    "a2": 5.840332491793257e-07,
    "a3": 6.208669646663142e-07,
    "switch": 0.0005717779048873225,
}
ONE_METER_MATRIX = np.array(
    [
        [1.0, -0.460156035742502, -0.45983214605923745, -0.4599261732387727, 0.98982094115976, 0.0],
        [-0.460156035742502, 1.0, 0.995250619821428, 0.9949977982767578, -0.4563798769395, 0.0],
        [-0.45983214605923745, 0.995250619821428, 1.0, 0.9958849791774838, -0.45604414356947, 0.0],
        [-0.4599261732387727, 0.9949977982767578, 0.9958849791774838, 1.0, -0.45559787679263, 0.0],
        [0.98982094115976, -0.4563798769395, -0.45604414356947, -0.45559787679263, 1.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
    ]
)
DOF = {"meter": 1.0, "counts": 9.0, "dark": 9.0}


def published_matrix(readings: Readings) -> np.ndarray:
    """Return the six coefficients of a published matrix in their places."""
    (a12, a13, a23), p3 = readings.correlation
    matrix = np.eye(6)
    for i, j, r in ((1, 2, a12), (1, 3, a13), (2, 3, a23), (0, 3, p3)):
        matrix[i, j] = matrix[j, i] = r
    return matrix


def leaves_of(
    network: NetworkBuilder, readings: Readings, *, dof: dict[str, float] = DOF
) -> dict[str, Source]:
    """Enter the eight published inputs, and the wavelength without uncertainty."""
    leaves: dict[str, Source] = {
        name: network.leaf(name, x, readings.u[name], dof=dof.get(name, math.inf))
        for name, x in readings.x.items()
    }
    leaves["wavelength"] = network.leaf("wavelength", WAVELENGTH_M, 0.0, unit="m")
    return leaves


@dataclass(frozen=True, slots=True)
class Detector:
    """The results of one detector in a network."""

    efficiency: int
    dark: int
    rate: int


def detector(network: NetworkBuilder, sources: dict[str, Source]) -> Detector:
    """Add efficiency, dark count rate and photon rate of one calibration event."""
    in_rate = {name: sources[name] for name in (*MATRIX_NAMES, "wavelength")}
    efficiency = network.expression(EFFICIENCY, **sources)
    dark = network.expression("dark", dark=sources["dark"])
    rate = network.expression(RATE, **in_rate)
    return Detector(efficiency.result_id, dark.result_id, rate.result_id)


def matrix_form(
    network: NetworkBuilder,
    readings: Readings,
    *,
    matrix: np.ndarray | None = None,
    dof: dict[str, float] = DOF,
) -> Detector:
    """Enter a detector as published: one event with all inputs and one block."""
    sources = leaves_of(network, readings, dof=dof)
    members = [leaf for name in MATRIX_NAMES if isinstance(leaf := sources[name], Leaf)]
    network.correlate(members, published_matrix(readings) if matrix is None else matrix)
    return detector(network, sources)


def factor_form(
    network: NetworkBuilder, *, u_factor: float = U_FACTOR
) -> tuple[Detector, Detector]:
    """Enter both detectors with one range factor, one switch, one meter, six attenuators."""
    factor = network.leaf("F", 1.0, u_factor)
    range_factor = network.expression("f", f=factor)
    switch = network.expression("s", s=network.leaf("switch", D1.x["switch"], D1.u["switch"]))
    meter = network.expression(
        "m", m=network.leaf("meter", D1.x["meter"], D1.u["meter"], dof=DOF["meter"])
    )
    made = []
    for readings in (D1, D2):
        sources = leaves_of(network, readings)
        sources |= {"switch": switch, "meter": meter}
        for name in ("a1", "a2", "a3"):
            a, u = readings.x[name], readings.u[name]
            own = network.leaf(name, a, math.sqrt(u**2 - (a * u_factor) ** 2))
            sources[name] = network.expression("own * f", own=own, f=range_factor)
        made.append(detector(network, sources))
    return made[0], made[1]


@pytest.mark.parametrize("readings", [D1, D2], ids=["D1", "D2"])
def test_the_matrix_form_gives_the_published_efficiency(readings: Readings) -> None:
    network = NetworkBuilder()
    made = matrix_form(network, readings)
    final = network.build()

    assert final.result(made.efficiency).value == pytest.approx(readings.value, rel=EXACT)
    u = standard_uncertainty(final, made.efficiency)
    assert u == pytest.approx(readings.standard_uncertainty, rel=EXACT)


@pytest.mark.parametrize("readings", [D1, D2], ids=["D1", "D2"])
def test_one_range_factor_gives_the_published_efficiency_within_its_rounding(
    readings: Readings,
) -> None:
    network = NetworkBuilder()
    both = factor_form(network)
    made = both[0] if readings is D1 else both[1]
    final = network.build()

    assert final.result(made.efficiency).value == pytest.approx(readings.value, rel=EXACT)
    u = standard_uncertainty(final, made.efficiency)
    assert u == pytest.approx(readings.standard_uncertainty, rel=FACTOR_FORM)


def test_three_digits_of_the_range_factor_would_not_do() -> None:
    """What the tolerance above is worth: u_F written as 6.67e-4 already costs 7.3e-5 in u."""
    network = NetworkBuilder()
    first, _ = factor_form(network, u_factor=6.67e-4)
    u = standard_uncertainty(network.build(), first.efficiency)
    assert u / D1.standard_uncertainty - 1.0 == pytest.approx(7.3e-5, abs=1e-6)


def test_ignoring_the_sharing_claims_too_small_an_uncertainty() -> None:
    network = NetworkBuilder()
    first, second = factor_form(network)
    final = network.build()

    claimed = tree_uncertainty(final, first.efficiency)
    assert claimed == pytest.approx(0.0031639651, rel=1e-7)  # printed with eight digits
    assert claimed == pytest.approx(D1.independent, rel=EXACT)
    assert tree_uncertainty(final, second.efficiency) == pytest.approx(D2.independent, rel=EXACT)
    assert claimed < standard_uncertainty(final, first.efficiency)


def test_the_detectors_are_correlated_through_meter_switch_and_factor() -> None:
    network = NetworkBuilder()
    first, second = factor_form(network)
    final = network.build()

    assert correlation(final, first.efficiency, second.efficiency) == pytest.approx(
        0.3954, abs=PRINTED_4
    )
    # Entered as two imported events they share nothing, and nothing is invented.
    apart = NetworkBuilder()
    one, other = matrix_form(apart, D1), matrix_form(apart, D2)
    assert correlation(apart.build(), one.efficiency, other.efficiency) == 0.0


@pytest.mark.parametrize("form", ["matrix", "factor"])
def test_an_efficiency_is_correlated_with_its_own_dark_counts(form: str) -> None:
    network = NetworkBuilder()
    if form == "matrix":
        first, second = matrix_form(network, D1), matrix_form(network, D2)
    else:
        first, second = factor_form(network)
    final = network.build()

    assert correlation(final, first.efficiency, first.dark) == pytest.approx(-0.1998, abs=PRINTED_4)
    assert correlation(final, second.efficiency, second.dark) == pytest.approx(
        -0.273,
        abs=5e-4,  # printed with three decimals
    )
    assert correlation(final, first.efficiency, second.dark) == 0.0


def test_the_ratio_of_the_detectors_gains_from_what_they_share() -> None:
    network = NetworkBuilder()
    first, second = factor_form(network)
    ratio = network.expression(
        "one / other", one=Step(first.efficiency), other=Step(second.efficiency)
    ).result_id
    final = network.build()
    value = final.result(ratio).value

    assert value == pytest.approx(0.988286, abs=5e-7)
    assert standard_uncertainty(final, ratio) / value == pytest.approx(0.00425, abs=5e-6)
    # Ignoring all sharing, inside each detector too: independent parts of independent parts.
    tree = math.hypot(D1.independent / D1.value, D2.independent / D2.value)
    assert tree_uncertainty(final, ratio) / value == pytest.approx(tree, rel=EXACT)
    # Ignoring only what the two detectors share, each with its right u:
    apart = independent_parents_uncertainty(final, ratio)
    assert apart / value == pytest.approx(0.00547, abs=5e-6)


@pytest.mark.parametrize(("readings", "k"), [(D1, 2.080), (D2, 2.074)], ids=["D1", "D2"])
@pytest.mark.parametrize("form", ["matrix", "factor"])
def test_degrees_of_freedom_and_coverage_factor(readings: Readings, k: float, form: str) -> None:
    """The meter's one degree of freedom sits in the matrix with zeros: it keeps its own."""
    network = NetworkBuilder()
    if form == "matrix":
        made = matrix_form(network, readings)
    else:
        made = factor_form(network)[0 if readings is D1 else 1]
    final = network.build()

    degrees = effective_degrees_of_freedom(final, made.efficiency).value
    assert degrees == pytest.approx(readings.degrees, abs=5e-3)
    u = standard_uncertainty(final, made.efficiency)
    expanded = expand(final, made.efficiency, u, coverage_probability=0.95)
    assert expanded is not None
    assert expanded.coverage_factor == pytest.approx(k, abs=5e-4)
    assert expanded.expanded_uncertainty == pytest.approx(expanded.coverage_factor * u)
    assert expanded.coverage_probability == 0.95
    # At p = 95.45 %, where the published k = 2 stands for infinitely many degrees.
    assert coverage_factor(0.9545, math.inf) == pytest.approx(2.0, abs=1e-4)


def test_the_photon_rate_and_its_uncertainty() -> None:
    network = NetworkBuilder()
    made = matrix_form(network, D1)
    final = network.build()
    assert final.result(made.rate).value == pytest.approx(240385.65169742, rel=EXACT)
    published = standard_uncertainty(final, made.rate)
    assert published == pytest.approx(607.9635910662, rel=EXACT)

    shared = NetworkBuilder()
    first, _ = factor_form(shared)
    lower = 1.0 - standard_uncertainty(shared.build(), first.rate) / published
    assert lower == pytest.approx(4.6e-6, abs=1e-7)


def test_one_set_of_meter_coefficients_makes_the_uncertainty_larger() -> None:
    readings = replace(D1, u=D1.u | ONE_METER_U)
    network = NetworkBuilder()
    made = matrix_form(network, readings, matrix=ONE_METER_MATRIX)
    u = standard_uncertainty(network.build(), made.efficiency)
    assert u == pytest.approx(0.0035919588, rel=2e-8)  # printed with eight digits
    assert u == pytest.approx(0.0035919587924251734, rel=EXACT)

    mean = replace(readings, u=readings.u | D1.u_mean)
    network = NetworkBuilder()
    made = matrix_form(network, mean, matrix=ONE_METER_MATRIX)
    u = standard_uncertainty(network.build(), made.efficiency)
    assert u == pytest.approx(0.0025742361975927748, rel=EXACT)


@pytest.mark.parametrize("readings", [D1, D2], ids=["D1", "D2"])
def test_the_mean_of_ten_readings_is_better_than_one(readings: Readings) -> None:
    mean = replace(readings, u=readings.u | readings.u_mean)
    network = NetworkBuilder()
    made = matrix_form(network, mean)
    final = network.build()
    u = standard_uncertainty(final, made.efficiency)
    assert u == pytest.approx(readings.u_of_mean, rel=EXACT)
    assert final.result(made.efficiency).value == pytest.approx(readings.value, rel=EXACT)


def test_counts_and_meter_lead_the_budget_and_the_factor_is_one_line() -> None:
    network = NetworkBuilder()
    first, _ = factor_form(network)
    final = network.build()
    lines = budget(final, first.efficiency)

    assert [line.name for line in lines[:3]] == ["counts", "F", "meter"]
    assert sum(line.share for line in lines) == pytest.approx(1.0, abs=1e-12)
    factor = next(line for line in lines if line.name == "F")
    # It enters three times, and so counts three times its own uncertainty, not sqrt(3) times.
    assert factor.contribution == pytest.approx(3.0 * U_FACTOR * D1.value, rel=EXACT)
    assert "wavelength" in {line.name for line in lines}
    steps = step_shares(final, first.efficiency)
    assert max(steps, key=lambda step: steps[step]) == first.efficiency


def test_draws_through_the_whole_chain_agree_with_the_published_simulation() -> None:
    """The published 400000 trials gave 0.0035171; all draws there were normal, as here."""
    network = NetworkBuilder()
    first = matrix_form(network, D1, dof={})
    draws = draw_chain(network.build(), [first.efficiency], n=200_000, seed=20220513, functions={})
    summary = summarize(draws, first.efficiency)

    five_sigma = 5.0 / math.sqrt(2 * 200_000)
    assert summary.standard_uncertainty == pytest.approx(0.003517087272883412, rel=five_sigma)
    assert summary.mean == pytest.approx(0.9377897805318859, abs=5 * 0.0035 / math.sqrt(200_000))


def test_draws_keep_the_correlation_of_the_detectors() -> None:
    network = NetworkBuilder()
    first, second = factor_form(network)
    normal = {
        i: replace(quantity, degrees_of_freedom=math.inf) for i, quantity in network.inputs.items()
    }
    network.inputs = normal
    ids = [first.efficiency, second.efficiency]
    draws = draw_chain(network.build(), ids, n=200_000, seed=7, functions={})

    five_sigma = 5.0 * (1.0 - 0.3954**2) / math.sqrt(200_000)
    drawn = np.corrcoef(draws.values[ids[0]], draws.values[ids[1]])[0, 1]
    assert drawn == pytest.approx(0.3954, abs=five_sigma + 1e-3)  # 1e-3: second order


def test_two_readings_of_the_meter_leave_quantiles_only_for_the_efficiency() -> None:
    network = NetworkBuilder()
    made = matrix_form(network, D1)
    draws = draw_chain(
        network.build(), [made.efficiency, made.dark], n=20_000, seed=1, functions={}
    )
    efficiency, dark = summarize(draws, made.efficiency), summarize(draws, made.dark)

    assert efficiency.standard_uncertainty is None
    assert efficiency.mean is None
    assert "1 degrees of freedom" in efficiency.note
    assert efficiency.low < D1.value < efficiency.high
    # The dark counts have nine degrees of freedom of their own and keep their moments.
    assert dark.standard_uncertainty is not None
    assert dark.note == ""
