"""Published case of twin fields with coherent states: infinitely many decoys, above PLOB."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from qtrace.physics.relay.tf_cal import amplitude_limits, key_per_use, phase_error_bound
from qtrace.physics.relay.twin_field import coherent_gain, interference, pair_yield

CASES = json.loads((Path(__file__).parent / "qkd_tf.json").read_text())["cases"]
LARGEST = 12  # photons: beyond it the amplitudes are below 1e-15


@pytest.mark.parametrize("case", CASES, ids=lambda one: str(one["id"]))
def test_gain_errors_and_rate(case: dict[str, dict[str, float]]) -> None:
    given, expected, rtol = case["inputs"], case["expected"], case["rtol"]
    arm, mean = math.sqrt(given["eta_total"]), given["alpha2"]
    gain, errors = coherent_gain(
        mean * arm,
        mean * arm,
        dark=given["p_d"],
        visibility=interference(given["phi"], given["theta"]),
    )
    yields = np.array(
        [
            [
                pair_yield(
                    n,
                    m,
                    transmittance_a=arm,
                    transmittance_b=arm,
                    dark=given["p_d"],
                    polarization_mismatch=given["theta"],
                )
                for m in range(LARGEST + 1)
            ]
            for n in range(LARGEST + 1)
        ]
    )
    amplitudes = amplitude_limits(mean, mean, LARGEST)
    phase = phase_error_bound(yields, amplitudes, amplitudes, gain)
    rate = 2.0 * key_per_use(gain, errors / gain, phase, error_correction_efficiency=given["f"])
    ours = {"pXX": gain, "eX": errors / gain, "eZ": phase, "R": rate}
    assert {name: float(value) for name, value in ours.items()} == pytest.approx(expected, rel=rtol)
    assert float(rate) > -math.log2(1.0 - given["eta_total"])  # a relay passes the bound of PLOB
