"""Heralding efficiencies, their covariance, accidentals; reference case and simulated pairs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.physics.tags.heralding import (
    Cells,
    coincidence_ratio,
    count_cells,
    heralding,
    true_pairs,
)

# Analytic case "klyshko": S1 = 100000, S2 = 80000, C = 12000, A = 60.
N1, N2, C, A = 100_000, 80_000, 12_000, 60
CASE = Cells(C, N1 - C, N2 - C, A, 1, (0, 1))


def test_the_analytic_case() -> None:
    plain = heralding(Cells(C, N1 - C, N2 - C, 0, 1, (0, 1)))
    assert plain.first.value == pytest.approx(0.15, rel=1e-9)
    assert plain.second.value == pytest.approx(0.12, rel=1e-9)
    assert plain.pairs.value == pytest.approx(666_666.666_666_666_6, rel=1e-9)
    ratio = coincidence_ratio(CASE)
    assert ratio.value == pytest.approx(199.0, rel=1e-9)
    assert ratio.value + 1.0 == pytest.approx(200.0, rel=1e-9)


def test_a_clean_efficiency_is_binomial() -> None:
    found = heralding(Cells(C, N1 - C, N2 - C, 0, 10, (0, 1)))
    # C is contained in S2: sqrt(eta (1 - eta) / S2), not sqrt(1/C + 1/S2) eta.
    binomial = math.sqrt(0.15 * 0.85 / N2)
    assert found.first.u == pytest.approx(binomial, rel=2e-3)
    careless = 0.15 * math.sqrt(1 / C + 1 / N2)
    assert careless > 1.15 * found.first.u


def test_paths_and_background_divide_and_subtract() -> None:
    found = heralding(CASE, background=(1000.0, 2000.0), path=(0.8, 1.0), u_path=(0.008, 0.0))
    t = true_pairs(C, A, (N1, N2))
    assert t + A * (1 - t / N1) * (1 - t / N2) == pytest.approx(C, rel=1e-12)
    assert found.first.value == pytest.approx(t / (N2 - 2000.0) / 0.8, rel=1e-12)
    bare = heralding(CASE, background=(1000.0, 2000.0))
    assert found.first.u == pytest.approx(
        math.hypot(bare.first.u / 0.8, found.first.value * 0.01), rel=1e-12
    )
    assert found.covariance[0, 1] == pytest.approx(bare.covariance[0, 1] / 0.8)
    assert "of the detector, path 0.8" in found.first.notes[0]
    assert "of the arm" in found.second.notes[0]


def test_simulated_pairs_are_covered_with_their_covariance() -> None:
    generator = np.random.default_rng(51)
    span, number, eta = 1e12, 20_000, (0.2, 0.1)
    values, inside, stated = [], np.zeros(2), 0.0
    for _ in range(150):
        n = generator.poisson(number)
        t = generator.uniform(0, span, n)
        dark = (generator.poisson(2_000), generator.poisson(1_000))
        arms = [
            np.sort(
                np.concatenate(
                    [
                        t[generator.random(n) < eta[k]] + generator.normal(0, 100, 1),
                        generator.uniform(0, span, dark[k]),
                    ]
                )
            ).astype(np.int64)
            for k in (0, 1)
        ]
        # A window of 20 us makes one accidental in ten coincidences.
        cells = count_cells(*arms, window_ps=(-(10**7), 10**7), shift_ps=2 * 10**7)
        found = heralding(
            cells, background=(2e3, 1e3), u_background=(math.sqrt(2e3), math.sqrt(1e3))
        )
        values.append((found.first.value, found.second.value))
        u = np.sqrt(np.diag(found.covariance))
        inside += np.abs(np.array(values[-1]) - eta) < 1.96 * u
        stated += found.covariance[0, 1] / u[0] / u[1] / 150
    assert cells.accidentals / cells.shifts > 0.1 * (cells.coincidences)
    assert np.all(inside >= 133)  # 142.5 of 150, u 2.7
    assert np.all(np.abs(np.mean(values, axis=0) - eta) < 4 * u / math.sqrt(150))
    correlation = np.corrcoef(np.array(values).T)[0, 1]
    assert correlation == pytest.approx(stated, abs=0.2)


def test_a_tag_is_in_one_coincidence_at_most() -> None:
    a = np.array([0, 5, 100, 200], dtype=np.int64)
    b = np.array([3, 4, 110, 300], dtype=np.int64)
    cells = count_cells(a, b, window_ps=(-10, 11), shift_ps=1_000)
    # 0 and 3 choose each other; 5 chooses 3, which is taken; 100 and 110 are ten apart.
    assert (cells.coincidences, cells.only_first, cells.only_second) == (2, 2, 2)
    assert (cells.singles_first, cells.singles_second) == (4, 4)
    assert count_cells(a, b, window_ps=(-10, 10), shift_ps=1_000).coincidences == 1


def test_fewer_coincidences_than_accidentals_are_a_negative_result() -> None:
    found = heralding(Cells(50, 1_000, 1_000, 600, 10, (0, 1)))
    assert found.first.value < 0.0
    assert any("negative" in note for note in found.first.notes)


def test_what_gives_no_ratio_is_refused() -> None:
    with pytest.raises(InputError, match="no upper limit"):
        coincidence_ratio(Cells(10, 1, 1, 0, 10, (0, 1)))
    with pytest.raises(InputError, match="0 coincidences"):
        heralding(Cells(0, 10, 10, 0, 10, (0, 1)))
    tags = np.array([1, 2], dtype=np.int64)
    with pytest.raises(InputError, match="moved 10 times by 5 ps"):
        count_cells(tags, tags, window_ps=(0, 10), shift_ps=5)
