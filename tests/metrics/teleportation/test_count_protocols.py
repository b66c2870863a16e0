"""Protocols of counts and of a tone: figures, exact intervals and their coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.exchange.run_file import read_run_file
from qtrace.exchange.run_template import run_template
from qtrace.metrics.catalogue import metric, protocol
from qtrace.metrics.recompute import evaluate
from qtrace.metrics.run_figures import run_results
from qtrace.metrics.run_inputs import run_inputs
from qtrace.metrics.teleportation.dip import dip_interval
from qtrace.metrics.teleportation.swapping import BASES, swapped_interval
from qtrace.physics.states.swapping import swap_werner

SWAP = "teleportation.entanglement_swapping."
HOM = "teleportation.hom_visibility."
TONE = "teleportation.calibration_tone."
DECOY = "teleportation.teleport_decoy."


def swapped(errors: tuple[int, int, int], n: int = 200) -> dict[str, float]:
    found: dict[str, float] = {}
    for basis, bad in zip(BASES, errors, strict=True):
        found |= {f"errors_{basis}": float(bad), f"agreements_{basis}": float(n - bad)}
    return found


def spread(given: dict[str, float]) -> dict[str, float]:
    return {name: math.sqrt(max(value, 1.0)) for name, value in given.items()}


def test_fidelity_of_swapped_pairs() -> None:
    given = swapped((20, 25, 15))
    value, gradient = evaluate(metric(SWAP + "pair_fidelity"), given, spread(given))
    assert value == pytest.approx(1.0 - 0.5 * 60 / 200)
    variance = sum((gradient[name] * u) ** 2 for name, u in spread(given).items())
    binomial = sum(0.25 * e * (1.0 - e) / 200 for e in (0.1, 0.125, 0.075))
    assert variance == pytest.approx(binomial, rel=1e-6)
    low, high, probability = swapped_interval(given, 0.95)
    assert low < value < high
    assert probability == 0.95
    none = swapped_interval(swapped((0, 0, 0)), 0.95)
    assert none.high == 1.0
    assert none.low < 1.0


@pytest.mark.parametrize("n", [5, 30, 300])
@pytest.mark.parametrize("error", [0.0, 0.03, 0.2, 0.5])
def test_the_interval_of_the_fidelity_covers(n: int, error: float) -> None:
    rng = np.random.default_rng(5)
    truth = 1.0 - 1.5 * error
    drawn = rng.binomial(n, error, (400, 3))
    inside = 0
    for row in drawn:
        low, high, _ = swapped_interval(swapped((row[0], row[1], row[2]), n), 0.95)
        inside += low <= truth <= high
    # 400 draws at 0.95: three standard deviations are 0.033.
    assert inside / 400 >= 0.95 - 0.033


def test_prediction_and_bias() -> None:
    links = {"link_fidelity_1": 0.93, "link_fidelity_2": 0.95}
    predicted, _ = evaluate(metric(SWAP + "predicted_fidelity"), links, {})
    assert predicted == pytest.approx(float(swap_werner([0.93, 0.95])))
    with_error, _ = evaluate(
        metric(SWAP + "predicted_fidelity"), {**links, "measurement_error": 0.02}, {}
    )
    assert with_error == pytest.approx(float(swap_werner([0.93, 0.95, 0.98])))
    bias, _ = evaluate(metric(SWAP + "fidelity_bias"), {**swapped((20, 25, 15)), **links}, {})
    assert bias == pytest.approx(0.85 - predicted)


def test_a_calibrated_fidelity_of_one_still_has_a_derivative() -> None:
    links = {"link_fidelity_1": 1.0, "link_fidelity_2": 0.95}
    _, gradient = evaluate(metric(SWAP + "predicted_fidelity"), links, dict.fromkeys(links, 0.01))
    assert gradient["link_fidelity_1"] == pytest.approx((4 * 0.95 - 1) / 3)


def test_visibility_of_the_dip() -> None:
    given = {"coincidences_inside": 12.0, "coincidences_outside": 200.0}
    value, _ = evaluate(metric(HOM + "interference_visibility"), given, spread(given))
    assert value == pytest.approx(0.94)
    low, high, _ = dip_interval(given, 0.95)
    assert low < value < high <= 1.0
    longer, _ = evaluate(
        metric(HOM + "interference_visibility"), {**given, "exposure_ratio": 2.0}, {}
    )
    assert longer == pytest.approx(0.97)
    p, gradient = evaluate(metric(HOM + "p_value_classical"), given, {})
    assert p < 1e-12
    assert gradient == {}
    with pytest.raises(InputError, match="outside of the dip"):
        evaluate(metric(HOM + "interference_visibility"), {**given, "coincidences_outside": 0}, {})


def test_the_interval_of_the_dip_covers() -> None:
    rng = np.random.default_rng(9)
    for visibility, level in ((0.9, 40.0), (0.5, 100.0), (0.0, 15.0)):
        inside = 0
        for _ in range(400):
            given = {
                "coincidences_inside": float(rng.poisson(level * (1.0 - visibility))),
                "coincidences_outside": float(rng.poisson(level)),
            }
            low, high, _ = dip_interval(given, 0.95)
            inside += low <= visibility <= high
        assert inside / 400 >= 0.95 - 0.033  # three standard deviations of 400 draws


def test_a_tone_becomes_frequency_and_time() -> None:
    phase = {"phase_deviation": math.radians(0.3)}
    time = {"averaging_time": 1.0}
    carrier = {"carrier_frequency": 10e6}
    u = {"phase_deviation": 1e-3, "carrier_frequency": 1e-3, "averaging_time": 0.0}
    value, gradient = evaluate(metric(TONE + "frequency_offset"), phase | time, u)
    assert value == pytest.approx(0.833e-3, abs=5e-7)
    assert gradient["phase_deviation"] == pytest.approx(1.0 / (2.0 * math.pi))
    value, _ = evaluate(metric(TONE + "fractional_frequency"), phase | time | carrier, u)
    assert value == pytest.approx(0.833e-10, abs=5e-14)
    value, _ = evaluate(metric(TONE + "time_offset"), phase | carrier, u)
    assert value == pytest.approx(83.3e-12, abs=5e-14)


def test_a_tone_without_averaging_time_is_refused_with_the_field() -> None:
    text = run_template(protocol("calibration_tone"))
    assert 'averaging_time = "1 s"' in text
    with pytest.raises(InputError, match="averaging_time") as caught:
        read_run_file(text.replace('averaging_time = "1 s"\n', "").encode(), name="t.toml")
    assert "a phase alone is no frequency" in caught.value.what


def test_a_tone_in_degrees_is_read_in_radians() -> None:
    text = run_template(protocol("calibration_tone"))
    start = text.index("\nphase_deviation = ")
    end = text.index("\n", text.index("phase_deviation_u = "))
    text = f'{text[:start]}\nphase_deviation = "0.3 deg"\nphase_deviation_u = 0.001{text[end:]}'
    run = read_run_file(text.encode(), name="t.toml").run
    assert run.moments["phase_deviation"] == (pytest.approx(math.radians(0.3)), 0.001)
    results, _ = run_results(run, "calibration_tone", run_inputs(run, protocol(run.protocol))[0])
    found = {one.name: one for one in results}
    assert found["frequency_offset"].standard_uncertainty == pytest.approx(0.001 / (2.0 * math.pi))


def test_a_missing_state_is_refused() -> None:
    text = run_template(protocol("teleport_decoy"))
    rows = [line for line in text.splitlines() if not line.strip().startswith('["r"')]
    with pytest.raises(InputError, match="no row for state r"):
        read_run_file("\n".join(rows).encode(), name="t.toml")


def test_decoy_bound_is_a_lower_limit_below_its_asymptotic_form() -> None:
    run = read_run_file(run_template(protocol("teleport_decoy")).encode(), name="t.toml").run
    results, _ = run_results(run, "teleport_decoy", run_inputs(run, protocol(run.protocol))[0])
    found = {one.name: one for one in results}
    assert found["fidelity_lower_bound"].form == "lower_limit"
    assert found["asymptotic_fidelity"].form == "estimate", "it lies above the truth half the time"
    assert found["asymptotic_fidelity"].measurand.kind == "average_fidelity"
    assert found["fidelity_lower_bound"].value <= found["asymptotic_fidelity"].value
    states = [found[f"fidelity_lower_bound_{one}"].value for one in "hvdarl"]
    assert found["fidelity_lower_bound"].value == pytest.approx(float(np.mean(states)))
