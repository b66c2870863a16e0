"""Twin fields with coherent key pulses: protocol, metrics and proof; without limit of size.

Inside: `TF_CAL`, `TF_CAL_METRICS`, `TABLE`, `SOURCES`, `qber`, `phase_error`, `key_per_use`,
`expected_cells`, `DEFAULTS`.
Key pulses have one intensity and the phases 0 and pi, clicks are errors or agreements; test pulses
have three intensities and random phases, all their clicks count. One outcome per detector.
Source: Curty, Azuma and Lo, npj Quantum Information 5, 64 (2019); see
`qtrace.physics.relay.tf_cal`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.metric import Metric, MetricArgument
from qtrace.metrics.protocol import CountTable, LinkModel, Proof, Protocol, Source, TableKey
from qtrace.metrics.relay.relay_arguments import (
    LEAK,
    LEAK_FIELDS,
    NOT_MODELLED,
    PROGRAMME_DRAWS,
    PULSES,
    PULSES_FIELD,
    calibrated,
    counted,
    field_of,
    intensity_sets,
    interval,
    parameter,
)
from qtrace.metrics.relay.relay_rows import MEAN, Rows, continued_below_vacuum, read_rows
from qtrace.physics.relay import tf_cal as physics
from qtrace.physics.relay.pair_program import LARGEST, CellBounds, PairProgram
from qtrace.physics.relay.photon_classes import emission_limits
from qtrace.physics.relay.twin_field import coherent_gain, interference, phase_random_gain

Array = NDArray[np.float64]
Number = float | Array

INTENSITIES, OUTCOMES = ("1", "2", "3"), ("1", "2")
TESTS = tuple(f"test_{i}_{j}" for i in INTENSITIES for j in INTENSITIES)
TABLE = CountTable((TableKey("setting", ("key", *TESTS)), TableKey("outcome", OUTCOMES)))
SUMMED = tuple(f"{setting}_{k}" for setting in TESTS for k in OUTCOMES)  # all clicks count
TEST_SOURCES = (Source("a", 3, role="source_a"), Source("b", 3, role="source_b"))
KEY_SOURCES = (Source("key_a", 1, role="source_a"), Source("key_b", 1, role="source_b"))
SOURCES = (*TEST_SOURCES, *KEY_SOURCES)
BOUNDED = 4  # yields of up to so many photons are bounded by the programme, all others by 1
PHOTONS = 6  # largest photon number in the sum; the rest is bounded by a series


def qber(**arguments: Number) -> Number:
    """Return the error rate of the key pulses at both detectors."""
    errors = sum(np.asarray(arguments[f"errors_key_{k}"], dtype=float) for k in OUTCOMES)
    right = sum(np.asarray(arguments[f"agreements_key_{k}"], dtype=float) for k in OUTCOMES)
    rate: Number = errors / (errors + right)
    return rate


def _sent(rows: Rows, setting: str) -> Array:
    a, b = rows.columns["probability_key_a1"], rows.columns["probability_key_b1"]
    both = a * b if setting == "key" else (1.0 - a) * (1.0 - b)
    sent: Array = rows.columns["pulses"] * both
    return sent


# What was solved, by what it was solved for: the figures of a run ask for the same programmes.
_SOLVED: dict[str, Array] = {}
MOST_SOLVED = 4096  # tables of 7 x 7 numbers: 2 MB


def _yields(rows: Rows, row: int, outcome: str) -> Array:
    """Return upper limits of the yields of one detector in one row."""
    a, b = rows.source(row, "a", 3), rows.source(row, "b", 3)
    names = [[f"test_{i}_{j}_{outcome}" for j in INTENSITIES] for i in INTENSITIES]
    table = sum(
        rows.table(tuple(tuple(f"{cell}_{n}" for n in line) for line in names))[row]
        for cell in TABLE.cells
    )
    counts = np.asarray(table, dtype=np.float64)
    sent = float(_sent(rows, "test")[row])
    label = repr((a, b, sent, counts.tobytes()))
    if label in _SOLVED:
        return _SOLVED[label]
    if len(_SOLVED) >= MOST_SOLVED:
        _SOLVED.clear()
    cells = CellBounds(counts, counts, float(counts.sum()), sent)
    program = PairProgram(a, b, cells=cells, elastic=True)
    least_a, least_b = emission_limits(a, LARGEST)[0], emission_limits(b, LARGEST)[0]
    yields = np.ones((PHOTONS + 1, PHOTONS + 1))
    for n in range(BOUNDED + 1):
        for m in range(n % 2, BOUNDED + 1 - n, 2):
            emitted = sent * least_a[n] * least_b[m]
            events = program.maximum(program.weights(n, m))
            yields[n, m] = min(1.0, events / emitted) if emitted > 0.0 else 1.0
    _SOLVED[label] = yields
    return yields


def _amplitudes(rows: Rows, row: int, side: str) -> Array:
    name = f"{MEAN}key_{side}1"
    edges = ("_low", "_high") if f"{name}_low" in rows.columns else ("", "")
    low, high = (float(rows.columns[name + edge][row]) for edge in edges)
    return physics.amplitude_limits(low, high, PHOTONS)


def _detectors(rows: Rows) -> list[tuple[Array, Array, Array]]:
    """Return gain, error rate and phase error of each detector, by rows."""
    found = []
    for k in OUTCOMES:
        errors = rows.columns[f"errors_key_{k}"]
        clicks = errors + rows.columns[f"agreements_key_{k}"]
        gain = clicks / _sent(rows, "key")
        phase = np.full(gain.shape, 0.5)
        for row in range(gain.size):
            yields = _yields(rows, row, k)
            of_a, of_b = (_amplitudes(rows, row, side) for side in ("a", "b"))
            phase[row] = physics.phase_error_bound(yields, of_a, of_b, gain[row])
        rate = np.divide(errors, clicks, out=np.zeros_like(errors), where=clicks > 0.0)
        found.append((gain, rate, phase))
    return found


def phase_error(**arguments: Number) -> Number:
    """Return the largest phase error rate of the key, both detectors together; up to 1/2."""

    def figure(rows: Rows) -> Array:
        every = _detectors(rows)
        clicks = sum((gain for gain, _, _ in every), start=np.zeros(every[0][0].shape))
        bad = sum((gain * phase for gain, _, phase in every), start=np.zeros(clicks.shape))
        return np.divide(bad, clicks, out=np.full_like(bad, 0.5), where=clicks > 0.0)

    return continued_below_vacuum(figure, read_rows(arguments, TABLE.names(), summed=SUMMED))


def key_per_use(**arguments: Number) -> Number:
    """Return secret bits per pulse pair, all settings counted, no limit of size; unclamped."""

    def figure(rows: Rows) -> Array:
        measured = rows.leak_is_measured()
        efficiency = rows.columns["error_correction_efficiency"] * (not measured)
        bits = np.zeros(efficiency.shape)
        for gain, rate, phase in _detectors(rows):
            bits = bits + physics.key_per_use(
                gain, rate, phase, error_correction_efficiency=efficiency
            )
        chosen = _sent(rows, "key") / rows.columns["pulses"]
        return np.asarray(bits * chosen - measured * rows.columns["leak"] / rows.columns["pulses"])

    return continued_below_vacuum(figure, read_rows(arguments, TABLE.names(), summed=SUMMED))


DEFAULTS: Mapping[str, float] = MappingProxyType(
    {
        "attenuation_db_per_km": 0.2,
        "relay_position": 0.5,
        "detection_efficiency": 0.85,
        "dark_probability": 1e-7,
        "phase_mismatch": 0.14,
        "polarization_mismatch": 0.0,
        "pulses": 1e15,
        "probability_key_a1": 0.5,
        "probability_key_b1": 0.5,
        **{
            f"{name}{source}{k}": value
            for source, levels in (
                ("a", ((1, 0.2, 0.4), (2, 0.02, 0.3), (3, 1e-4, 0.3))),
                ("b", ((1, 0.2, 0.4), (2, 0.02, 0.3), (3, 1e-4, 0.3))),
            )
            for k, mean, chosen in levels
            for name, value in ((MEAN, mean), ("probability_", chosen))
        },
        f"{MEAN}key_a1": 0.018,
        f"{MEAN}key_b1": 0.018,
    }
)


def expected_cells(*, distance_km: Number, **fields: Number) -> dict[str, Array]:
    """Return the expected counts of all cells, the two detectors alike.

    Args:
        distance_km: Length of fibre between the two sources.
        **fields: The fields of `DEFAULTS`, all of them.

    Source: gains as in `twin_field`.
    """
    loss_db = np.asarray(fields["attenuation_db_per_km"]) * np.asarray(distance_km)
    part, efficiency = np.asarray(fields["relay_position"]), fields["detection_efficiency"]
    arm_a = efficiency * 10.0 ** (-loss_db * part / 10.0)
    arm_b = efficiency * 10.0 ** (-loss_db * (1.0 - part) / 10.0)
    dark, angle = fields["dark_probability"], fields["polarization_mismatch"]
    in_key = fields["probability_key_a1"], fields["probability_key_b1"]
    gain, errors = coherent_gain(
        arm_a * fields[f"{MEAN}key_a1"],
        arm_b * fields[f"{MEAN}key_b1"],
        dark=dark,
        visibility=interference(fields["phase_mismatch"], angle),
    )
    pairs = np.asarray(fields["pulses"] * in_key[0] * in_key[1])
    cells: dict[str, Array] = {}
    for k in OUTCOMES:
        cells[f"errors_key_{k}"] = np.asarray(pairs * errors)
        cells[f"agreements_key_{k}"] = np.asarray(pairs * (gain - errors))
    tested = fields["pulses"] * (1.0 - in_key[0]) * (1.0 - in_key[1])
    for i in INTENSITIES:
        for j in INTENSITIES:
            clicks = phase_random_gain(
                arm_a * fields[f"{MEAN}a{i}"],
                arm_b * fields[f"{MEAN}b{j}"],
                dark=dark,
                polarization_mismatch=angle,
            )
            chosen = tested * fields[f"probability_a{i}"] * fields[f"probability_b{j}"]
            for k in OUTCOMES:
                cells[f"errors_test_{i}_{j}_{k}"] = np.zeros(np.shape(clicks))
                cells[f"agreements_test_{i}_{j}_{k}"] = np.asarray(chosen * clicks)
    return cells


def transmittance(*, distance_km: Number, attenuation_db_per_km: Number, **_: Number) -> Array:
    """Return the transmittance of the whole fibre, detectors left out."""
    loss = np.asarray(attenuation_db_per_km) * np.asarray(distance_km)
    return np.asarray(10.0 ** (-loss / 10.0), dtype=np.float64)


COUNTS = counted(TABLE)
MODES = tuple(
    parameter(name, "probability") for one in KEY_SOURCES for name in one.arguments("probability")
)
CALIBRATED = tuple(
    argument
    for one in SOURCES
    for argument in calibrated(one, intensity="key" if one in KEY_SOURCES else "")
)
SETS = tuple(argument for one in SOURCES for argument in interval(one))
PUBLISHED = "Curty, Azuma and Lo, npj Quantum Information 5, 64 (2019)"
INFLUENCE = "mean photon numbers of both sources, key and test pulses"


def _metric(name: str, title: str, *, kind: str, arguments: tuple[MetricArgument, ...]) -> Metric:
    certified = name.startswith("certified")
    functions = {"qber": qber, "phase_error": phase_error}
    return Metric(
        metric_id=f"qkd.tf_cal.{name}",
        version="1",
        title=title,
        result_kind=kind,
        unit="1" if kind == "qber" else "bit",
        arguments=arguments,
        function=functions.get(name, key_per_use),
        influenced_by="none: counts in, bits out" if name == "qber" else INFLUENCE,
        source=PUBLISHED,
        differentiable=not certified,
        interval_by="none: the set is declared" if certified else "propagation of uncertainty",
    )


TF_CAL_METRICS: tuple[Metric, ...] = (
    _metric(
        "qber",
        "error rate of the key pulses",
        kind="qber",
        arguments=tuple(one for one in COUNTS if "_key_" in one.name),
    ),
    _metric(
        "phase_error",
        "largest phase error rate of the key pulses",
        kind="qber",
        arguments=(*COUNTS, *CALIBRATED, *MODES, PULSES),
    ),
    _metric(
        "key_per_use",
        "secret bits per pulse pair, no limit of size",
        kind="key_per_use",
        arguments=(*COUNTS, *CALIBRATED, *MODES, PULSES, *LEAK),
    ),
    _metric(
        "certified_key_per_use",
        "smallest secret bits per pulse pair over the set, no limit of size",
        kind="key_rate_certified",
        arguments=(*COUNTS, *SETS, *MODES, PULSES, *LEAK),
    ),
)

TF_CAL = Protocol(
    name="tf_cal",
    title="twin-field distribution with coherent key pulses (Curty, Azuma, Lo)",
    metrics=TF_CAL_METRICS,
    proofs=(
        Proof(
            bound="asymptotic",
            title="yields by linear programme, counts taken as expected values",
            metric_id="qkd.tf_cal.certified_key_per_use",
            estimate_id="qkd.tf_cal.key_per_use",
            source=PUBLISHED,
            adversary="coherent attacks, relay included",
            regime="asymptotic",
            set_parameters=(
                *intensity_sets(*SOURCES),
                *(one for one in NOT_MODELLED if one.name != "state_preparation_error"),
            ),
            not_covered=(
                "statistical fluctuations of the counts",
                "flaws of the sources: phases of the key pulses other than 0 and pi, residual "
                "phases of the test pulses, side channels, correlations between pulses",
                "key intensities that change from pulse to pulse: one value within the set",
            ),
            stability_draws=PROGRAMME_DRAWS,
        ),
    ),
    table=TABLE,
    sources=SOURCES,
    parameters=(
        PULSES_FIELD,
        field_of("probability_key_a1", "probability that source a sends a key pulse"),
        field_of("probability_key_b1", "probability that source b sends a key pulse"),
        *LEAK_FIELDS,
    ),
    one_of=(("leak", "error_correction_efficiency"),),
    link_model=LinkModel(
        defaults=DEFAULTS,
        cells=expected_cells,
        transmittance=transmittance,
        uses="pulses",
        source=f"{PUBLISHED}, channel model [from memory]",
        repeater=True,
    ),
)
