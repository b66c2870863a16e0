"""Decoy-bounded fidelity: below the truth of a known channel, and how often it fails."""

from __future__ import annotations

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.physics.decoy.decoy_asymptotic import Gain, vacuum_weak_yields
from qtrace.physics.states.decoy_fidelity import asymptotic_fidelity, single_photon_fidelity

MEANS = (0.5, 0.1, 0.001)
PULSES = (4e9, 3e9, 3e9)
ETA, DARK, WRONG = 1e-5, 1e-8, 0.08
TRUE_E1 = (0.5 * DARK + WRONG * ETA) / (DARK + ETA)


def expected() -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return detections and wrong ones of a channel of Poisson pulses and no more."""
    seen = tuple(n * (DARK + 1.0 - np.exp(-ETA * m)) for n, m in zip(PULSES, MEANS, strict=True))
    bad = tuple(
        n * (0.5 * DARK + WRONG * (1.0 - np.exp(-ETA * m)))
        for n, m in zip(PULSES, MEANS, strict=True)
    )
    return seen, bad


def test_endless_counts_bound_the_truth_closely() -> None:
    seen, bad = expected()
    found = asymptotic_fidelity(seen, bad, pulses=PULSES, means=MEANS)  # type: ignore[arg-type]
    assert found < 1.0 - TRUE_E1
    assert found == pytest.approx(1.0 - TRUE_E1, abs=0.015)  # what more photons cost the bound


def test_it_is_the_bound_of_the_key_protocol() -> None:
    seen, bad = expected()
    gains = [Gain(s / n, b / n) for s, b, n in zip(seen, bad, PULSES, strict=True)]
    yields = vacuum_weak_yields(gains[0], gains[1], gains[2], means=MEANS)
    found = asymptotic_fidelity(seen, bad, pulses=PULSES, means=MEANS)  # type: ignore[arg-type]
    assert found == pytest.approx(1.0 - float(yields.single_error_rate), abs=1e-12)


def test_the_finite_bound_holds_and_grows_with_counts() -> None:
    rng = np.random.default_rng(11)
    seen, bad = expected()
    bounds = []
    for _ in range(200):
        wrong = rng.poisson(bad)
        whole = wrong + rng.poisson(np.array(seen) - np.array(bad))
        bounds.append(
            single_photon_fidelity(
                tuple(whole), tuple(wrong), pulses=PULSES, means=MEANS, epsilon=0.05
            )
        )
    assert sum(one > 1.0 - TRUE_E1 for one in bounds) <= 10  # 5 % of 200, and far fewer
    many = single_photon_fidelity(
        tuple(100 * s for s in seen),  # type: ignore[arg-type]
        tuple(100 * b for b in bad),  # type: ignore[arg-type]
        pulses=tuple(100 * n for n in PULSES),  # type: ignore[arg-type]
        means=MEANS,
        epsilon=0.05,
    )
    assert np.mean(bounds) < many < 1.0 - TRUE_E1


def test_nothing_certain_is_zero() -> None:
    found = single_photon_fidelity(
        (10, 3, 1), (1, 1, 0), pulses=(1e6, 1e6, 1e6), means=MEANS, epsilon=1e-10
    )
    assert found == 0.0


def test_wrong_input_is_refused() -> None:
    good, pulses = (100, 30, 3), (1e6, 1e6, 1e6)
    with pytest.raises(InputError, match="do not fall"):
        asymptotic_fidelity(good, (1, 1, 1), pulses=pulses, means=(0.1, 0.5, 0.0))
    with pytest.raises(InputError, match="cannot be"):
        asymptotic_fidelity(good, (101, 1, 1), pulses=pulses, means=MEANS)
    with pytest.raises(InputError, match="cannot be"):
        asymptotic_fidelity(good, (1, 1, 1), pulses=(50, 1e6, 1e6), means=MEANS)
