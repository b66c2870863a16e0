"""Figures of a relay that measures Bell states, from counts and intensities.

Inside: `TABLE`, `SOURCES`, `qber`, `single_pair_yield`, `phase_error`, `key_per_use`,
`key_per_use_closed`, `key_length_chernoff`, `key_length_curty2014`, `key_length_closed`,
`epsilon_total`.
Keyword arguments, numbers or arrays; nothing is clamped at zero key. The same functions give the
certified figures: with `mean_photon_number_a1_low` and `_high` for `mean_photon_number_a1`.
Source: as the formulas in `qtrace.physics.relay.mdi` and `qtrace.physics.relay.mdi_analytic`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.protocol import CountTable, Source, TableKey
from qtrace.metrics.relay.relay_rows import Rows, continued_below_vacuum, read_rows
from qtrace.physics.entropy import binary_entropy
from qtrace.physics.relay import mdi as physics
from qtrace.physics.relay.mdi import Deviations, OutcomeEstimate, OutcomeTables
from qtrace.physics.relay.mdi_analytic import pair_errors_upper, pairs_lower
from qtrace.physics.relay.pair_program import CellBounds, PairProgram
from qtrace.physics.relay.photon_classes import IntensitySet

Number = float | NDArray[np.float64]
Array = NDArray[np.float64]

INTENSITIES = ("1", "2", "3")
OUTCOMES = ("1", "2")
TABLE = CountTable(
    (
        TableKey("basis", ("key", "test")),
        TableKey("intensity_a", INTENSITIES),
        TableKey("intensity_b", INTENSITIES),
        TableKey("outcome", OUTCOMES),
    )
)
SOURCES = (Source("a", 3, role="source_a"), Source("b", 3, role="source_b"))
SPLIT = float(len(OUTCOMES))  # each Bell state takes an equal part of the declared epsilons


def _cells(rows: Rows, what: str, basis: str) -> Array:
    """Return counts as (outcome, rows, i, j)."""
    return np.stack(
        [
            rows.table(
                tuple(
                    tuple(f"{what}_{basis}_{i}_{j}_{k}" for j in INTENSITIES) for i in INTENSITIES
                )
            )
            for k in OUTCOMES
        ]
    )


def _sifted(rows: Rows, basis: str) -> tuple[Array, Array]:
    """Return all counts and the errors of a basis."""
    errors = _cells(rows, "errors", basis)
    return errors + _cells(rows, "agreements", basis), errors


def _means(rows: Rows, name: str) -> tuple[Array, Array]:
    """Return intensities and probabilities of a source, (rows, 3)."""
    source = next(one for one in SOURCES if one.name == name)
    means = np.stack([rows.columns[one] for one in source.arguments("mean_photon_number")], -1)
    return means, rows.probabilities(source.arguments("probability"))


def _figure(figure: Callable[[Rows], Array], arguments: dict[str, Number]) -> Number:
    return continued_below_vacuum(figure, read_rows(arguments, TABLE.names()))


def _error_rate(errors: Array, counts: Array) -> Array:
    return np.divide(errors, counts, out=np.zeros_like(errors), where=counts > 0.0)


def _leak(rows: Rows, counts: Array, errors: Array) -> Array:
    """Return the modelled leak of key bits; 0 where the leak was measured for all of them."""
    efficiency = rows.columns["error_correction_efficiency"]
    return np.asarray(efficiency * counts * binary_entropy(_error_rate(errors, counts)))


def qber(**arguments: Number) -> Number:
    """Return the error rate of the key basis at the strongest intensities."""
    cells = [np.asarray(arguments[f"{w}_key_1_1_{k}"]) for w in ("errors", "agreements")
             for k in OUTCOMES]  # fmt: skip
    errors, agreements = cells[0] + cells[1], cells[2] + cells[3]
    rate: Number = errors / (errors + agreements)
    return rate


def epsilon_total(*, epsilon_secrecy: Number, epsilon_correctness: Number) -> Number:
    """Return the failure probability of the key of both Bell states. Source: union bound."""
    return epsilon_secrecy + epsilon_correctness


def _gains(rows: Rows, basis: str) -> tuple[Array, Array]:
    """Return gains and error gains of a basis, both Bell states together, (rows, 3, 3)."""
    _, of_a = _means(rows, "a")
    _, of_b = _means(rows, "b")
    chosen = of_a[:, :, None] * of_b[:, None, :] * _sent(rows, basis)[:, None, None]
    counts, errors = (part.sum(axis=0) for part in _sifted(rows, basis))
    return counts / chosen, errors / chosen


def _sent(rows: Rows, basis: str) -> Array:
    """Return the number of pulse pairs of a basis."""
    key_a, key_b = rows.columns["probability_key_a"], rows.columns["probability_key_b"]
    both = key_a * key_b if basis == "key" else (1.0 - key_a) * (1.0 - key_b)
    sent: Array = rows.columns["pulses"] * both
    return sent


def single_pair_yield(**arguments: Number) -> Number:
    """Return the least yield of pairs of single photons in the key basis, in closed form."""

    def figure(rows: Rows) -> Array:
        return pairs_lower(_gains(rows, "key")[0], _means(rows, "a")[0], _means(rows, "b")[0])

    return _figure(figure, arguments)


def _phase_error(rows: Rows) -> Array:
    gains, errors = _gains(rows, "test")
    means = _means(rows, "a")[0], _means(rows, "b")[0]
    pairs, wrong = pairs_lower(gains, *means), pair_errors_upper(errors, *means)
    rate = np.divide(wrong, pairs, out=np.full_like(pairs, 0.5), where=pairs > 0.0)
    return np.minimum(rate, 0.5)


def phase_error(**arguments: Number) -> Number:
    """Return the largest error rate of such pairs in the test basis, in closed form; up to 1/2."""
    return _figure(_phase_error, arguments)


def key_per_use_closed(**arguments: Number) -> Number:
    """Return secret bits per pulse pair without limit of size, in closed form; unclamped."""

    def figure(rows: Rows) -> Array:
        (a, of_a), (b, of_b) = _means(rows, "a"), _means(rows, "b")
        gains, _ = _gains(rows, "key")
        both = _sent(rows, "key") * of_a[:, 0] * of_b[:, 0] * a[:, 0] * b[:, 0]
        single = pairs_lower(gains, a, b) * both * np.exp(-a[:, 0] - b[:, 0])
        return _asymptotic(rows, single, _phase_error(rows))

    return _figure(figure, arguments)


def _asymptotic(rows: Rows, single: Array, phase: Array) -> Array:
    measured = rows.leak_is_measured()
    counts, errors = (part.sum(axis=0)[:, 0, 0] for part in _sifted(rows, "key"))
    leak = rows.columns["leak"] if measured else _leak(rows, counts, errors)
    bits: Array = single * (1.0 - binary_entropy(phase)) - leak
    return bits / rows.columns["pulses"]


def key_per_use(**arguments: Number) -> Number:
    """Return secret bits per pulse pair without limit of size, by linear programme; unclamped.

    Counts are taken as expected values; where no yields fit them exactly they are widened by as
    little as makes them fit.
    """
    solved: dict[str, float] = {}

    def bound(rows: Rows, row: int, table: Array, *, goal: str) -> float:
        """Return pairs of single photons: least in the key, least or most in the test."""
        a, b = rows.source(row, "a", 3), rows.source(row, "b", 3)
        sent = float(_sent(rows, "key" if goal == "key" else "test")[row])
        label = repr((a, b, sent, goal, table.tobytes()))
        if label not in solved:
            cells = CellBounds(table, table, float(table.sum()), sent)
            one = PairProgram(a, b, cells=cells, elastic=True)
            pairs = one.weights(1, 1)
            if goal == "key":
                pairs = one.in_cell(0, 0, photons_a=1, photons_b=1)
            solved[label] = one.maximum(pairs) if goal == "most" else one.minimum(pairs)
        return solved[label]

    def figure(rows: Rows) -> Array:
        key = _sifted(rows, "key")[0].sum(axis=0)
        test, errors = (part.sum(axis=0) for part in _sifted(rows, "test"))
        single, phase = np.zeros(len(key)), np.full(len(key), 0.5)
        for row in range(len(key)):
            single[row] = bound(rows, row, key[row], goal="key")
            pairs = bound(rows, row, test[row], goal="least")
            if pairs > 0.0:
                phase[row] = min(bound(rows, row, errors[row], goal="most") / pairs, 0.5)
        return _asymptotic(rows, single, phase)

    return _figure(figure, arguments)


def _finite(how: Callable[[Number], Deviations], arguments: dict[str, Number]) -> Number:
    """Return the sum of the lengths of both Bell states by linear programme."""
    solved: dict[str, OutcomeEstimate] = {}

    def estimate(rows: Rows, row: int, tables: OutcomeTables) -> OutcomeEstimate:
        a, b = rows.source(row, "a", 3), rows.source(row, "b", 3)
        epsilon = float(rows.epsilon("epsilon_secrecy")[row]) / SPLIT
        deviations = how(epsilon)
        found = []
        for name in ("key", "test", "test_errors"):
            table = getattr(tables, name)
            label = repr((name, a, b, epsilon, table.tobytes()))
            if label not in solved:
                solved[label] = _part(name, table, sources=(a, b), deviations=deviations)
            found.append(solved[label])
        key, pairs, errors = found
        phase = physics.phase_error_rate(
            key.single, pairs.single, errors.single, log_inverse=deviations.log_inverse
        )
        return OutcomeEstimate(key.vacuum, key.single, float(phase))

    def figure(rows: Rows) -> Array:
        def estimates(tables: OutcomeTables) -> OutcomeEstimate:
            every = [
                estimate(
                    rows,
                    row,
                    OutcomeTables(tables.key[row], tables.test[row], tables.test_errors[row]),
                )
                for row in range(len(tables.key))
            ]
            return OutcomeEstimate(
                *(np.array([getattr(one, n) for one in every]) for n in OutcomeEstimate.__slots__)
            )

        return _lengths(rows, how, estimates)

    return _figure(figure, arguments)


def _part(
    name: str, table: Array, *, sources: tuple[IntensitySet, IntensitySet], deviations: Deviations
) -> OutcomeEstimate:
    """Return one bound of a table; `single` holds it, `vacuum` only that of the key."""
    a, b = sources
    if name == "key":
        vacuum, single = physics.key_parts(a, b, table=table, deviations=deviations)
        return OutcomeEstimate(vacuum, single, 0.5)
    bound = physics.tested_pairs if name == "test" else physics.tested_errors
    return OutcomeEstimate(0.0, bound(a, b, table=table, deviations=deviations), 0.5)


def _lengths(
    rows: Rows,
    how: Callable[[Number], Deviations],
    estimates: Callable[[OutcomeTables], OutcomeEstimate],
) -> Array:
    """Return the lengths of both Bell states together; one never announced makes no key."""
    measured = rows.leak_is_measured()
    (key, key_errors), (test, test_errors) = _sifted(rows, "key"), _sifted(rows, "test")
    share = how(rows.epsilon("epsilon_secrecy") / SPLIT).share
    total = np.zeros(key.shape[1])
    for k in range(len(OUTCOMES)):
        length = physics.outcome_length(
            estimates(OutcomeTables(key[k], test[k], test_errors[k])),
            leak=_leak(rows, key[k, :, 0, 0], key_errors[k, :, 0, 0]) if not measured else 0.0,
            share=share,
            epsilon_correctness=rows.epsilon("epsilon_correctness") / SPLIT,
        )
        total = total + np.where(key[k, :, 0, 0] > 0.0, length, 0.0)
    return total - rows.columns["leak"] if measured else total


def key_length_chernoff(**arguments: Number) -> Number:
    """Return the secret length, deviations by the exact form of Chernoff's bound; unclamped."""
    return _finite(physics.squared_deviations, arguments)


def key_length_curty2014(**arguments: Number) -> Number:
    """Return the secret length, deviations and epsilons as Curty et al. published; unclamped."""
    return _finite(physics.published_deviations, arguments)


def key_length_closed(**arguments: Number) -> Number:
    """Return the secret length in closed form, deviations as in `key_length_chernoff`; unclamped.

    Never longer than that one, and for many rows at once: stability, scans.
    """

    def figure(rows: Rows) -> Array:
        (a, of_a), (b, of_b) = _means(rows, "a"), _means(rows, "b")
        epsilon = rows.epsilon("epsilon_secrecy") / SPLIT

        def estimates(tables: OutcomeTables) -> OutcomeEstimate:
            return physics.estimate_outcome_closed(
                a,
                b,
                probabilities_a=of_a,
                probabilities_b=of_b,
                tables=tables,
                deviations=physics.squared_deviations(epsilon[:, None, None]),
            )

        return _lengths(rows, physics.squared_deviations, estimates)

    return _figure(figure, arguments)
