"""Tomography: laws of the maximum likelihood, a published matrix, and what is refused."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tomography_coverage import coverage

from qtrace.errors import InputError
from qtrace.metrics.teleportation.tomography_report import COVERAGE
from qtrace.physics.states.density import (
    BELL_STATES,
    PAULI,
    check_state,
    projector,
    pure_fidelity,
    purity,
)
from qtrace.physics.states.process import check_process, choi_of_unitary, process_fidelity
from qtrace.physics.states.tomography import deviance, draw_counts, fit_counts, linear_inversion
from qtrace.physics.states.tomography_bootstrap import bootstrap, figure_of
from qtrace.physics.states.tomography_frame import (
    pauli_frame,
    process_frame,
    projector_frame,
    undetermined,
)

PAIR = pauli_frame(2)
EXACT = 1e-6  # what a gap of 1e-9 in the log-likelihood leaves of a mixed state
NEAR = 1e-4  # of a state at the boundary, where it leaves more
LONG = Path(__file__).parents[2] / "long" / "tomography_coverage_run.toml"
# James, Kwiat, Munro and White, PRA 64, 052312 (2001), section III, from memory.
JAMES = {
    "HH": 34749,
    "HV": 324,
    "VV": 35805,
    "VH": 444,
    "RH": 16324,
    "RV": 17521,
    "DV": 13441,
    "DH": 16901,
    "DR": 17932,
    "DD": 32028,
    "RD": 15132,
    "HD": 17238,
    "VD": 13171,
    "VL": 17170,
    "HL": 16722,
    "RL": 33586,
}
JAMES_LINEAR = [
    [0.4872, -0.0042 + 0.0114j, -0.0098 - 0.0178j, 0.5192 + 0.0380j],
    [-0.0042 - 0.0114j, 0.0045, 0.0271 - 0.0146j, -0.0648 - 0.0076j],
    [-0.0098 + 0.0178j, 0.0271 + 0.0146j, 0.0062, -0.0695 + 0.0134j],
    [0.5192 - 0.0380j, -0.0648 + 0.0076j, -0.0695 - 0.0134j, 0.5020],
]


def random_state(seed: int, *, rank: int = 4, size: int = 4) -> np.ndarray:
    generator = np.random.default_rng(seed)
    root = generator.normal(size=(size, rank)) + 1j * generator.normal(size=(size, rank))
    rho = root @ root.conj().T
    return rho / np.trace(rho).real


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), rank=st.integers(1, 4))
def test_exact_counts_give_the_state_back(seed: int, rank: int) -> None:
    rho = random_state(seed, rank=rank)
    counts = PAIR.chances(rho[None])[0].clip(0.0) * np.repeat(np.arange(1, 10) * 1e4, 4)
    found = fit_counts(PAIR, counts)
    check_state(found.matrices)
    assert np.max(np.abs(found.matrices[0] - rho)) < (EXACT if rank == 4 else NEAR)
    assert np.max(np.abs(linear_inversion(PAIR, counts) - rho)) < EXACT


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), rank=st.integers(1, 4), number=st.sampled_from([5, 50, 5000]))
def test_no_state_is_likelier_and_all_is_physical(seed: int, rank: int, number: int) -> None:
    rho = random_state(seed, rank=rank)
    generator = np.random.default_rng(seed)
    counts = draw_counts(PAIR, rho, np.full(9, number), draws=20, generator=generator)
    found = fit_counts(PAIR, counts)
    check_state(found.matrices)
    assert np.all(found.gap < 1e-4)
    truth = deviance(PAIR, counts, np.broadcast_to(rho, found.matrices.shape))
    assert np.all(found.deviance <= truth + 1e-3)  # twice the gap, with room for rounding


def test_bases_turned_with_the_state_give_the_same_figures() -> None:
    """Exchange of x, y, z in a cycle is a local unitary: counts relabelled, state turned."""
    rho = random_state(7, rank=2)
    counts = draw_counts(PAIR, rho, np.full(9, 300), draws=1, generator=np.random.default_rng(1))[
        0
    ].reshape(9, 4)
    cycle = str.maketrans("xyz", "yzx")
    place = [PAIR.settings.index(one.translate(cycle)) for one in PAIR.settings]
    turned = np.empty_like(counts)
    turned[place] = counts
    first, second = fit_counts(PAIR, counts.ravel()), fit_counts(PAIR, turned.ravel())
    assert np.allclose(
        np.linalg.eigvalsh(first.matrices), np.linalg.eigvalsh(second.matrices), atol=NEAR
    )
    unitary = (PAULI["i"] - 1j * (PAULI["x"] + PAULI["y"] + PAULI["z"])) / 2
    both = np.kron(unitary, unitary)
    moved = both @ first.matrices[0] @ both.conj().T
    assert np.max(np.abs(moved - second.matrices[0])) < NEAR


def test_one_qubit_outside_the_ball_ends_on_it() -> None:
    """The bounded fit of counts whose inversion lies outside the Bloch ball, by another program."""
    frame = pauli_frame(1)
    counts = [900, 100, 520, 480, 860, 140]
    rho = fit_counts(frame, counts).matrices[0]
    bloch = [np.trace(rho @ PAULI[one]).real for one in "xyz"]
    assert bloch == pytest.approx(
        [0.7486945146383004, 0.034609618270560805, 0.6620111011710341], rel=1e-5
    )
    assert purity(rho) == pytest.approx(1.0, abs=1e-9)
    assert np.linalg.eigvalsh(linear_inversion(frame, counts))[0] < 0.0


def test_published_linear_inversion_of_sixteen_projectors() -> None:
    frame = projector_frame(tuple(JAMES))
    found = linear_inversion(frame, list(JAMES.values()))
    assert np.max(np.abs(found - np.array(JAMES_LINEAR))) < 0.6e-4 * np.sqrt(2)
    check_state(fit_counts(frame, list(JAMES.values())).matrices)


def test_projectors_that_are_not_complete_together_find_the_state() -> None:
    rho = 0.9 * random_state(3) + 0.1 * np.eye(4) / 4
    frame = projector_frame(tuple(JAMES))
    counts = 1e5 * np.einsum("mij,ji->m", frame.measured, rho).real
    assert np.max(np.abs(fit_counts(frame, counts).matrices[0] - rho)) < EXACT


@pytest.mark.parametrize("name", ["identity", "pauli_y", "hadamard", "phase_s"])
def test_process_of_a_unitary_comes_back(name: str) -> None:
    target = choi_of_unitary(name)
    noisy = 0.9 * target + 0.1 * np.eye(4) / 2
    for sent in (("zp", "zm", "xp", "yp"), ("zp", "zm", "xp", "xm", "yp", "ym")):
        frame = process_frame([(one, basis) for one in sent for basis in "xyz"])
        found = fit_counts(frame, 1e4 * frame.chances(noisy[None])[0])
        check_process(found.matrices)
        assert process_fidelity(found.matrices[0], target) == pytest.approx(0.925, abs=EXACT)


def test_drawn_processes_are_processes() -> None:
    frame = process_frame()
    counts = draw_counts(
        frame,
        choi_of_unitary("identity"),
        np.full(18, 40),
        draws=100,
        generator=np.random.default_rng(2),
    )
    found = fit_counts(frame, counts)
    check_process(found.matrices)
    assert np.all(found.gap < 1e-4)


def test_missing_settings_are_named() -> None:
    assert undetermined(pauli_frame(2, ("xx", "yy", "zz"))) == ("xy", "xz", "yx", "yz", "zx", "zy")
    frame = process_frame([(a, b) for a in ("zp", "zm", "xp") for b in "xyz"])
    assert undetermined(frame) == ("y to x", "y to y", "y to z")
    counts = np.full(36, 10.0)
    counts[4:8] = 0.0  # xy
    with pytest.raises(InputError, match=r"nothing is known of xy\s"):
        fit_counts(PAIR, counts)
    with pytest.raises(InputError, match="negative"):
        fit_counts(PAIR, -counts)
    with pytest.raises(InputError, match="stands twice"):
        pauli_frame(2, ("xx", "xx"))
    with pytest.raises(InputError, match="no setting of 2 qubits"):
        pauli_frame(2, ("xw",))


def test_bootstrap_is_repeatable_and_sees_the_bias_at_the_boundary() -> None:
    target = BELL_STATES["phi_plus"]
    counts = draw_counts(
        PAIR, projector(target), np.full(9, 100), draws=1, generator=np.random.default_rng(4)
    )
    runs = [
        figure_of(
            bootstrap(PAIR, counts, draws=200, generator=np.random.default_rng(9)),
            lambda rho: pure_fidelity(rho, target),
            probability=0.95,
        )
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert runs[0].bias < 0.0
    assert runs[0].interval.low < runs[0].value < runs[0].interval.high


def test_coverage_that_the_report_states_is_the_simulated_one() -> None:
    stored = tomllib.loads(LONG.read_text(encoding="utf-8"))
    for place, said in COVERAGE.items():
        assert said == pytest.approx(stored["least"][place], abs=0.01), json.dumps(stored["least"])


def test_coverage_of_few_experiments_agrees_with_the_stored_run() -> None:
    stored = tomllib.loads(LONG.read_text(encoding="utf-8"))["v500_n100"]["inside"]
    found = coverage(0.5, 100, experiments=40)
    for name, share in found.covered[False].items():
        spread = 4.0 * np.sqrt(0.05 * 0.95 / 40)  # of 40 experiments at 95 %
        assert share > stored[name] - spread
