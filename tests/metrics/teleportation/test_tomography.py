"""The protocol of state tomography: its figures, intervals that can be computed again, arrays."""

from __future__ import annotations

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.metrics.catalogue import metric, protocol
from qtrace.metrics.recompute import evaluate
from qtrace.metrics.teleportation.tomography import STATE_TOMOGRAPHY, TARGETS, _drawn
from qtrace.physics.states.density import BELL_STATES, projector
from qtrace.physics.states.tomography_frame import pauli_frame

AREA = "teleportation.state_tomography"


def arguments(metric_id: str, counts: np.ndarray, target: str = "psi_minus") -> dict[str, float]:
    given = dict(zip(pauli_frame(2).names, map(float, counts), strict=True))
    given["target"] = float(TARGETS.index(target))
    return {a.name: given[a.name] for a in metric(metric_id).arguments}


def werner_counts(visibility: float, number: float) -> np.ndarray:
    frame = pauli_frame(2)
    rho = visibility * projector(BELL_STATES["psi_minus"]) + (1 - visibility) * np.eye(4) / 4
    return frame.chances(rho[None])[0] * number


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fidelity_direct", 0.85),
        ("fidelity_ml", 0.85),
        ("purity", (1 + 3 * 0.64) / 4),
        ("concurrence", 0.7),
    ],
)
def test_expected_counts_of_a_werner_state_give_its_figures(name: str, value: float) -> None:
    one = metric(f"{AREA}.{name}")
    given = arguments(one.metric_id, werner_counts(0.8, 1000))
    found, gradient = evaluate(one, given, dict.fromkeys(given, 10.0))
    assert found == pytest.approx(value, abs=1e-6)
    assert bool(gradient) == one.differentiable == (name == "fidelity_direct")
    assert one.interval is not None
    first, second = one.interval(given, 0.95), one.interval(given, 0.95)
    assert first == second
    assert first.low < value < first.high


def test_all_probabilities_and_figures_take_one_set_of_draws() -> None:
    given = arguments(f"{AREA}.fidelity_ml", werner_counts(0.7, 500))
    before = _drawn.cache_info().misses
    for name in ("fidelity_ml", "purity", "concurrence"):
        one = metric(f"{AREA}.{name}")
        assert one.interval is not None
        wide, narrow = (one.interval(given, p) for p in (0.99, 0.5))
        assert wide.low < narrow.low < narrow.high < wide.high
    assert _drawn.cache_info().misses == before + 1


def test_arrays_of_counts_give_arrays() -> None:
    one = metric(f"{AREA}.fidelity_ml")
    given = arguments(one.metric_id, werner_counts(0.8, 1000))
    given["pp_xx"] = np.array([50.0, 60.0, 70.0])  # type: ignore[assignment]
    assert np.shape(one.function(**given)) == (3,)


def test_p_value_and_another_target() -> None:
    one = metric(f"{AREA}.entanglement_p_value")
    counts = werner_counts(0.8, 1000)
    assert one.function(**arguments(one.metric_id, counts)) < 1e-10
    assert one.function(**arguments(one.metric_id, counts, "phi_plus")) == 1.0
    wrong = arguments(one.metric_id, counts) | {"target": 7.0}
    with pytest.raises(InputError, match="place of no target"):
        one.function(**wrong)


def test_protocol_is_in_the_catalogue() -> None:
    assert protocol("state_tomography") is STATE_TOMOGRAPHY
    assert STATE_TOMOGRAPHY.area == "teleportation"
