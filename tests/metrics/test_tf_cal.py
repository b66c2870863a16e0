"""Twin fields from a table of clicks: decoys against known yields, the set, bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.metrics.catalogue import metric
from qtrace.metrics.recompute import evaluate
from qtrace.metrics.relay import tf_cal as figures
from qtrace.metrics.relay.tf_cal import DEFAULTS, TF_CAL, expected_cells
from qtrace.physics.entropy import binary_entropy
from qtrace.physics.relay.tf_cal import amplitude_limits, phase_error_bound
from qtrace.physics.relay.twin_field import coherent_gain, interference, pair_yield

MODELLED = {"error_correction_efficiency": 1.16}
SOLVER = 1e-5  # relative, of the programme and its widening by a hundredth of a deviation


def run(distance_km: float, **changed: float) -> dict[str, float]:
    fields = {**DEFAULTS, **changed}
    cells = expected_cells(distance_km=distance_km, **fields)
    used = {k: v for k, v in fields.items() if k.startswith(("mean", "prob")) or k == "pulses"}
    return {**{name: float(np.round(value)) for name, value in cells.items()}, **used}


def with_set(given: dict[str, float], width: float) -> dict[str, float]:
    means = {k: v for k, v in given.items() if k.startswith("mean")}
    edges = {f"{k}_low": v * (1 - width) for k, v in means.items()}
    edges |= {f"{k}_high": v * (1 + width) for k, v in means.items()}
    return {**{k: v for k, v in given.items() if k not in means}, **edges}


def test_phase_error_lies_above_that_of_known_yields_and_not_far() -> None:
    arm = 0.85 * 10 ** (-0.2 * 100.0 / 10.0)
    numbers = range(13)
    known = np.array(
        [
            [pair_yield(n, m, transmittance_a=arm, transmittance_b=arm, dark=1e-7) for m in numbers]
            for n in numbers
        ]
    )
    amplitudes = amplitude_limits(0.018, 0.018, 12)
    gain, _ = coherent_gain(0.018 * arm, 0.018 * arm, dark=1e-7, visibility=interference(0.14, 0.0))
    best = float(phase_error_bound(known, amplitudes, amplitudes, gain))
    ours = float(figures.phase_error(**run(200.0)))
    assert best < ours < 1.6 * best


def test_rate_falls_with_the_root_of_the_transmittance_and_passes_plob() -> None:
    rates = [float(figures.key_per_use(**run(d), **MODELLED)) for d in (100.0, 150.0, 200.0, 300.0)]
    assert rates[0] / rates[1] == pytest.approx(math.sqrt(10.0), rel=0.05)
    # A quarter of the pairs are key pairs; PLOB counts every use, and is passed all the same.
    assert rates[3] > -math.log2(1.0 - 10 ** (-0.2 * 300.0 / 10.0))
    assert TF_CAL.link_model is not None
    assert TF_CAL.link_model.repeater


def test_a_wider_set_and_more_errors_give_less() -> None:
    given = run(200.0)
    rates = [
        float(figures.key_per_use(**with_set(given, w), **MODELLED)) for w in (0.0, 0.005, 0.02)
    ]
    assert rates[0] == pytest.approx(float(figures.key_per_use(**given, **MODELLED)), rel=SOLVER)
    assert rates[0] > rates[1] > rates[2]
    worse = {**given, "errors_key_1": 2 * given["errors_key_1"]}
    assert float(figures.key_per_use(**worse, **MODELLED)) < rates[0]


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_mis_set_pulses_inside_the_set_never_certify_more_than_their_true_rate(sign: float) -> None:
    nominal = {k: v for k, v in DEFAULTS.items() if k.startswith("mean")}
    off = {k: v * (1 + 0.005 * sign * (1 if "key" in k else -1)) for k, v in nominal.items()}
    true = run(150.0, **off)
    declared = with_set({**true, **nominal}, 0.005)
    assert float(figures.key_per_use(**declared, **MODELLED)) < float(
        figures.key_per_use(**true, **MODELLED)
    )


def test_sides_may_be_exchanged() -> None:
    given = run(150.0, relay_position=0.4)
    turned = dict(given)
    for name, value in given.items():
        parts = name.split("_")
        if parts[1:2] == ["test"]:
            parts[2], parts[3] = parts[3], parts[2]
            turned["_".join(parts)] = value
    assert turned != given
    assert float(figures.key_per_use(**turned, **MODELLED)) == pytest.approx(
        float(figures.key_per_use(**given, **MODELLED)), rel=1e-4
    )


def test_every_metric_has_a_value_and_the_rate_a_budget() -> None:
    given = run(200.0)
    whole = {**given, **with_set(given, 0.001), **MODELLED, "leak": 0.0}
    for one in TF_CAL.metrics:
        value = one.function(**{a.name: whole[a.name] for a in one.arguments})
        assert np.isfinite(value), one.metric_id
    u = {k: 0.01 * v for k, v in given.items() if k.startswith("mean")}
    value, slopes = evaluate(metric("qkd.tf_cal.key_per_use"), {**given, **MODELLED}, u)
    assert value > 0.0
    assert slopes["mean_photon_number_key_a1"] != 0.0
    assert slopes["mean_photon_number_a2"] != 0.0
    assert 0.0 < float(figures.qber(**given)) < 0.05


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"errors_key_1": -5.0}, "no count"),
        ({"probability_b2": 0.9}, "do not sum to 1"),
        ({"mean_photon_number_a2": 0.9}, "do not fall"),
        ({"leak": 10.0}, "both given"),
        ({"error_correction_efficiency": 0.0}, "not given"),
    ],
)
def test_bad_input_is_refused(changed: dict[str, float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        figures.key_per_use(**{**run(100.0), **MODELLED, **changed})


def test_rate_counts_every_pair_of_pulses() -> None:
    """By hand from the error rates: key clicks over all pairs, less both entropies."""
    given = run(150.0)
    clicks = sum(v for k, v in given.items() if "_key_" in k and k.startswith(("err", "agr")))
    qber, phase = (float(f(**given)) for f in (figures.qber, figures.phase_error))
    left = 1.0 - 1.16 * float(binary_entropy(qber)) - float(binary_entropy(phase))
    rate = float(figures.key_per_use(**given, **MODELLED))
    assert rate == pytest.approx(clicks / given["pulses"] * left, rel=1e-6)


def test_no_errors_in_the_test_rows_leave_the_budget_of_counts() -> None:
    given = {**run(200.0), **MODELLED}
    u = {k: max(v, 0.5) ** 0.5 for k, v in given.items() if k.startswith(("err", "agr"))}
    value, slopes = evaluate(metric("qkd.tf_cal.phase_error"), _own("phase_error", given), u)
    assert given["errors_test_1_1_1"] == 0.0
    assert value > 0.0
    assert len(slopes) > 0
    assert np.all(np.isfinite(list(slopes.values())))


def _own(name: str, given: dict[str, float]) -> dict[str, float]:
    taken = {one.name for one in metric(f"qkd.tf_cal.{name}").arguments}
    return {k: v for k, v in given.items() if k in taken}
