"""All that is said of one tomography: the matrix, its figures, their coverage, a witness beside.

Inside: `TomographyFigure`, `TomographyReport`, `state_report`, `process_report`, `COVERAGE`.
Source: as the formulas in `qtrace.physics.states`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.proportions import Interval, clopper_pearson
from qtrace.physics.states.density import (
    BELL_STATES,
    concurrence,
    negativity,
    pure_fidelity,
    purity,
    state_fidelity,
)
from qtrace.physics.states.fidelity import average_from_process
from qtrace.physics.states.process import (
    chi_matrix,
    choi_of_unitary,
    process_fidelity,
)
from qtrace.physics.states.tomography import checked_counts, linear_inversion
from qtrace.physics.states.tomography_bootstrap import Bootstrap, bootstrap, figure_of, fit_p_value
from qtrace.physics.states.tomography_frame import INPUT_STATES, OUTCOMES, Frame
from qtrace.physics.states.witness import (
    parities,
    witness_fidelity,
    witness_interval,
    witness_p_value,
)

Array = NDArray[np.float64]
Matrix = NDArray[np.complex128]
Figures = dict[str, tuple[Callable[[Matrix], Array], tuple[float, float]]]

# Measured by tests/long/tomography_coverage_run.py, of intervals that claim 95 %: the least share
# over its states and all figures, at the boundary of the states and away from it.
LEAST_SIMULATED, SETTINGS_SIMULATED = 100.0, 9  # counts a setting, settings
COVERAGE: Mapping[str, float] = {"boundary": 0.7687, "inside": 0.9149}


@dataclass(frozen=True, slots=True)
class TomographyFigure:
    """One figure; `bias` is what the fit adds to it, None where it is unbiased by design."""

    name: str
    value: float
    low: float
    high: float
    bias: float | None
    method: str


@dataclass(frozen=True, slots=True)
class TomographyReport:
    """One tomography: `real` and `imaginary` are the state, or chi over 1, X, Y, Z."""

    of: str
    target: str
    matrix: str
    real: tuple[tuple[float, ...], ...]
    imaginary: tuple[tuple[float, ...], ...]
    eigenvalues: tuple[float, ...]
    figures: tuple[TomographyFigure, ...]
    probability: float
    entanglement_p_value: float | None
    gap: float
    deviance: float
    left_over: int
    fit_p_value: float
    fit_p_value_chi_square: float | None
    at_boundary: bool
    covers: str
    linear_fidelity: float
    linear_least_eigenvalue: float
    counts: int
    draws: int


def state_report(
    frame: Frame,
    counts: Array,
    *,
    target: str,
    draws: int,
    generator: np.random.Generator,
    probability: float = 0.95,
    expected: Matrix | None = None,
) -> TomographyReport:
    """Return the tomography of one or two qubits.

    Args:
        frame: What was measured.
        counts: One table of counts.
        target: A Bell state, or one of the six states of `INPUT_STATES` for one qubit.
        draws: Of the bootstrap.
        generator: Random source, handed in.
        probability: Two-sided, of all intervals.
        expected: A density matrix to compare with, of the same shape; None for none.

    Raises:
        InputError: counts or settings from which no state follows.
    """
    pair = frame.operators.shape[-1] == 4
    aim = BELL_STATES[target] if pair else np.array(INPUT_STATES[target], dtype=np.complex128)
    figures: Figures = {
        "fidelity_ml": (lambda rho: pure_fidelity(rho, aim), (0.0, 1.0)),
        "purity": (purity, (0.25 if pair else 0.5, 1.0)),
    }
    if pair:
        figures["concurrence"] = (concurrence, (0.0, 1.0))
        figures["negativity"] = (negativity, (0.0, 0.5))
    if expected is not None:
        figures["fidelity_expected"] = (lambda rho: state_fidelity(rho, expected), (0.0, 1.0))
    found = bootstrap(frame, counts, draws=draws, generator=generator)
    direct, p_value = _direct(frame, counts, target, probability)
    linear = linear_inversion(frame, counts)
    return _report(
        found,
        ("state", target, "rho"),
        found.fit.matrices[0],
        (*direct, *_figures(found, figures, probability)),
        linear=(float(pure_fidelity(linear, aim)), linear),
        p_value=p_value,
        counts=counts,
        probability=probability,
    )


def process_report(
    frame: Frame,
    counts: Array,
    *,
    target: str,
    draws: int,
    generator: np.random.Generator,
    probability: float = 0.95,
) -> TomographyReport:
    """Return the tomography of a process of one qubit; arguments as `state_report`.

    Raises:
        InputError: counts or settings from which no process follows.
    """
    aim = choi_of_unitary(target)
    figures: Figures = {
        "process_fidelity_ml": (lambda choi: process_fidelity(choi, aim), (0.0, 1.0)),
        "average_fidelity_ml": (
            lambda choi: np.asarray(average_from_process(process_fidelity(choi, aim))),
            (1.0 / 3.0, 1.0),
        ),
    }
    found = bootstrap(frame, counts, draws=draws, generator=generator)
    linear = linear_inversion(frame, counts)
    return _report(
        found,
        ("process", target, "chi over 1, X, Y, Z"),
        chi_matrix(found.fit.matrices[0]),
        _figures(found, figures, probability),
        linear=(float(process_fidelity(linear, aim)), linear),
        p_value=None,
        counts=counts,
        probability=probability,
    )


def _figures(
    found: Bootstrap, figures: Figures, probability: float
) -> tuple[TomographyFigure, ...]:
    made = []
    for name, (figure, limits) in figures.items():
        one = figure_of(found, figure, probability=probability, limits=limits)
        low, high = one.interval.low, one.interval.high
        made.append(TomographyFigure(name, one.value, low, high, one.bias, "bootstrap"))
    return tuple(made)


def _direct(
    frame: Frame, counts: Array, target: str, probability: float
) -> tuple[tuple[TomographyFigure, ...], float | None]:
    """Return the fidelity without a fit, where the settings give it, and the p-value of pairs."""
    frame, table = checked_counts(frame, counts)
    given = dict(zip(frame.names, table[0], strict=True))
    if frame.operators.shape[-1] == 2:
        axis, sign = target[0], target[1]
        if f"p_{axis}" not in given:
            return (), None
        right, wrong = given[f"{sign}_{axis}"], given[f"{'m' if sign == 'p' else 'p'}_{axis}"]
        exact = clopper_pearson(round(right), round(right + wrong), probability=probability)
        return (_exact(right / (right + wrong), exact),), None
    if not {"xx", "yy", "zz"} <= set(frame.settings):
        return (), None
    rows = {s: [given[f"{cell}_{s}"] for cell in OUTCOMES[2]] for s in ("xx", "yy", "zz")}
    seen = parities(target, rows)
    whole = witness_interval(seen, probability=probability)
    # A fidelity lies within 0 and 1: what is cut off holds no state, and coverage stays.
    interval = Interval(max(0.0, whole.low), min(1.0, whole.high), whole.probability)
    return (_exact(float(witness_fidelity(seen)), interval),), witness_p_value(seen)


def _exact(value: float, interval: Interval) -> TomographyFigure:
    return TomographyFigure("fidelity_direct", value, interval.low, interval.high, None, "exact")


def _report(
    found: Bootstrap,
    names: tuple[str, str, str],
    matrix: Matrix,
    figures: tuple[TomographyFigure, ...],
    *,
    linear: tuple[float, Matrix],
    p_value: float | None,
    counts: Array,
    probability: float,
) -> TomographyReport:
    share, chi_square = fit_p_value(found)
    held = 2.0 if names[0] == "process" else 1.0
    return TomographyReport(
        *names,
        tuple(tuple(float(one) for one in row) for row in matrix.real),
        tuple(tuple(float(one) for one in row) for row in matrix.imag),
        tuple(float(one) / held for one in np.linalg.eigvalsh(found.fit.matrices[0])[::-1]),
        figures,
        probability,
        p_value,
        float(max(found.fit.gap.max(), found.drawn.gap.max())),
        float(found.fit.deviance[0]),
        found.left_over,
        share,
        chi_square,
        found.at_boundary,
        _covers(
            names[0],
            at_boundary=found.at_boundary,
            direct=any(one.bias is None for one in figures),
            counts=float(np.sum(counts)) / SETTINGS_SIMULATED,
        ),
        linear[0],
        float(np.linalg.eigvalsh(linear[1])[0]) / held,
        int(np.sum(counts)),
        len(found.drawn.gap),
    )


def _covers(of: str, *, at_boundary: bool, direct: bool, counts: float) -> str:
    """Return what the bootstrap intervals cover, as simulated; the exact one always covers.

    Nothing was simulated below `LEAST_SIMULATED` counts a setting, and nothing is said there.
    """
    place = "boundary" if at_boundary else "inside"
    lead = (
        "an eigenvalue is not told from zero, so the fit is biased and its intervals are not sure "
        "to cover"
        if at_boundary
        else "no eigenvalue is near zero"
    )
    beside = (
        "; fidelity_direct covers, rely on it"
        if direct
        else "; no direct estimate stands beside, as these settings give none"
    )
    if of == "process":
        return f"{lead}; for processes coverage was not simulated{beside}"
    if counts < LEAST_SIMULATED:
        return f"{lead}; with so few counts coverage was not simulated{beside}"
    return (
        f"{lead}; for pairs at nine settings 95 % intervals of fidelity_ml, purity and "
        f"concurrence covered {100.0 * COVERAGE[place]:.0f} % at least in simulation{beside}"
    )
