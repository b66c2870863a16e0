"""Moments as written: complete with their u, judged against it, or refused by field."""

from __future__ import annotations

import math

import pytest

from qtrace.errors import InputError
from qtrace.laboratory.figure_flags import disqualifying
from qtrace.metrics.protocol import WrittenMoments
from qtrace.metrics.sensing.spin_moments import (
    network_doubts,
    network_moments,
    spin_doubts,
    spin_moments,
)


def written(
    variance: tuple[float, float] = (2000.0, 100.0),
    length: tuple[float, float] = (20_000.0, 50.0),
    *,
    devices: tuple[str, ...] = (),
    **parameters: float,
) -> WrittenMoments:
    moments = {"spin_variance": variance, "spin_length": length}
    return WrittenMoments(moments, parameters, {}, frozenset(devices))


def test_the_larger_u_counts() -> None:
    from_shots = 2000.0 * 499 / 497 * math.sqrt(2 / 495)
    found = spin_moments(written(atom_number=45_000, shots=500))
    assert found["spin_variance"] == (2000.0, pytest.approx(from_shots))
    found = spin_moments(written((2000.0, 300.0), atom_number=45_000, shots=500))
    assert found["spin_variance"] == (2000.0, 300.0)
    assert found["spin_length"] == (20_000.0, 50.0)


@pytest.mark.parametrize(
    ("given", "where"),
    [
        (written((2000.0, 0.0), atom_number=45_000), "spin_variance"),
        (written(length=(2e4, 0.0), atom_number=45_000), "spin_length"),
        (written(), "spin_length"),
        (written(atom_number=45_000, shots=5), "shots"),
        (written(length=(23_000.0, 50.0), atom_number=45_000), "spin_length"),
        (written((0.01, 0.001), atom_number=45_000), "spin_variance"),
    ],
)
def test_what_is_missing_or_impossible_is_refused(given: WrittenMoments, where: str) -> None:
    with pytest.raises(InputError) as caught:
        spin_moments(given)
    assert caught.value.where == where


def test_a_contrast_just_above_one_is_chance() -> None:
    found = spin_moments(written(length=(22_550.0, 50.0), atom_number=45_000))
    flags = spin_doubts({"atom_number": (45_000.0, 0.0), **found})
    assert len(flags) == 1
    assert "by less than its u explains" in flags[0]
    assert not disqualifying(flags)


def test_a_calibrated_number_judges_later() -> None:
    """With a device on record the file passes, and the figures are flagged."""
    found = spin_moments(written(length=(30_000.0, 50.0), devices=("ensemble",)))
    flags = spin_doubts({"atom_number": (45_000.0, 500.0), **found})
    assert disqualifying(flags)
    wide = spin_doubts({"atom_number": (45_000.0, 9000.0), **found})
    assert not disqualifying(wide), "a number that is known to a fifth leaves it open"


def test_squeezing_between_both_limits_is_flagged_and_below_disqualified() -> None:
    known = {"atom_number": (4.0, 0.0), "spin_length": (1.0, 0.01)}
    (flag,) = spin_doubts({**known, "spin_variance": (0.07, 0.001)})
    assert "2/(N+2)" in flag
    assert disqualifying(spin_doubts({**known, "spin_variance": (0.05, 0.0005)}))
    assert not spin_doubts({**known, "spin_variance": (0.2, 0.001)})


def test_few_shots_are_said() -> None:
    assert (
        "skew" in network_doubts({"shots_network": (50.0, 0.0), "shots_reference": (1e4, 0.0)})[0]
    )
    assert not network_doubts({"shots_network": (500.0, 0.0)})
    moments = {"spin_variance": (2000.0, 1.0), "spin_length": (2e4, 1.0)}
    assert (
        "skew" in spin_doubts({"atom_number": (45_000.0, 0.0), "shots": (20.0, 0.0), **moments})[0]
    )
    assert spin_doubts(moments) == ()


@pytest.mark.parametrize(
    ("parameters", "where"),
    [
        ({"shots_reference": 500.0}, "network_variance"),
        ({"shots_network": 500.0}, "reference_variance"),
        ({"shots_network": 3.0, "shots_reference": 500.0}, "shots_network"),
        (
            {
                "shots_network": 500.0,
                "shots_reference": 500.0,
                "cycle_time": 0.1,
                "interrogation_time": 0.2,
            },
            "cycle_time",
        ),
    ],
)
def test_a_network_without_its_shots_is_refused(parameters: dict[str, float], where: str) -> None:
    moments = {"network_variance": (1e-6, 0.0), "reference_variance": (3e-6, 0.0)}
    with pytest.raises(InputError) as caught:
        network_moments(WrittenMoments(moments, parameters, {}, frozenset()))
    assert caught.value.where == where
