"""What a run declares besides its counts: intensities, parameters, moments, assumptions.

Inside: `Settings`, `read_settings`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from qtrace.exchange.run_consistency import check_intensities
from qtrace.exchange.run_parameters import read_moments, read_net, read_parameters
from qtrace.exchange.toml_table import TomlTable
from qtrace.metrics.protocol import Protocol, SetParameter, Side, Source
from qtrace.quantity.kinds import kind

MEAN, PROBABILITY = "mean_photon_number", "probability"
SUM_TO_ONE = 1e-9  # probabilities are written as decimals; their sum is one but for rounding
BASES = ("x", "z")
# Decoy states tell single photons from others; at this mean the first are 1 pulse in 2000, and
# the powers and exponentials of the proofs soon leave the range of doubles.
MOST_PHOTONS = 10.0


@dataclass(slots=True)
class Settings:
    """What was read, under the names of the metrics' arguments; `names` for the count table."""

    parameters: dict[str, float] = field(default_factory=dict)
    moments: dict[str, tuple[float, float]] = field(default_factory=dict)
    assumptions: dict[str, tuple[float, float]] = field(default_factory=dict)
    ideal_because: dict[str, str] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)


def read_settings(
    root: TomlTable, run: TomlTable, protocol: Protocol, *, planned: bool = False
) -> Settings:
    """Read what a protocol asks for from a run file.

    Args:
        root: The outermost table.
        run: Its table [run].
        protocol: What is asked for.
        planned: Read a plan: what only the run can measure (a leak, moments) is not in it.

    Raises:
        InputError: intensities unordered or equal, probabilities that do not sum to one, a key
            basis that is not named, parameters out of range or missing, an assumption that the
            proof does not know, an interval that does not hold its nominal value.
    """
    found = Settings()
    _names(run, protocol, found)
    for source in protocol.sources:
        _intensities(root, source, protocol, found)
    named = run.has("protocol")  # a bbm92 run may leave it out, and parameters with it
    found.parameters.update(
        read_parameters(
            root,
            protocol,
            planned=planned,
            named=named,
            bound=found.choices.get("bound", ""),
        )
    )
    if not planned:
        found.parameters.update(read_net(root))
        found.moments.update(read_moments(root, protocol))
    _assumptions(root, protocol, found)
    return found


def _names(run: TomlTable, protocol: Protocol, found: Settings) -> None:
    """Read which basis gives the key and which bound was chosen; note names of key columns."""
    keys = {one.name: one.values for one in (protocol.table.keys if protocol.table else ())}
    found.names.update({name: {v: v for v in values} for name, values in keys.items()})
    if keys.get("basis") == ("key", "test"):
        if not run.has("key_basis"):
            raise run.error(
                "key_basis",
                "the key basis is not named",
                next_step='write key_basis = "z" or "x": papers differ in which one gives the key',
            )
        basis = run.one_of("key_basis", BASES)
        other = BASES[1 - BASES.index(basis)]
        found.names["basis"] = {basis: "key", other: "test"}
        found.choices["key_basis"] = basis
    bounds = tuple(one.bound for one in protocol.proofs)
    if bounds and run.has("bound"):
        found.choices["bound"] = run.one_of("bound", bounds)
    for name, words in protocol.choices.items():
        if run.has(name) or name in protocol.named_by():
            found.choices[name] = run.one_of(name, words)


def _intensities(root: TomlTable, source: Source, protocol: Protocol, found: Settings) -> None:
    """Read the [[intensity]] tables of a source, in falling order of mean photon number."""
    tables = [one for one in root.tables("intensity") if one.optional_text("source") == source.name]
    label = f" of source {source.name}" if source.name else ""
    if len(tables) != source.intensities:
        raise root.error(
            "intensity",
            f"{protocol.name} has {source.intensities} intensities{label}, {len(tables)} are given",
            next_step="write one [[intensity]] table for each",
        )
    before = math.inf
    total = 0.0
    sets: list[tuple[float, float]] = []
    names: dict[str, str] = {}
    for k, table in enumerate(tables, 1):
        name = table.identifier("name")
        mean = _not_negative(table, MEAN)
        _dim(table, MEAN, mean)
        share = 1.0 if source.intensities == 1 else _probability(table)
        if mean >= before:
            raise table.error(
                MEAN,
                f"the mean photon number {mean:g} of {name} is not below that before, {before:g}",
                next_step="order the intensities from the largest to the smallest; no two equal",
            )
        if name in names:
            raise table.error("name", f"the intensity {name!r} stands twice")
        names[name] = str(k)
        suffix = f"{source.name}{k}"
        found.parameters[f"{MEAN}_{suffix}"] = mean
        if source.intensities > 1:
            found.parameters[f"{PROBABILITY}_{suffix}"] = share
        found.choices[f"intensity_{suffix}"] = name
        if table.has("interval"):
            found.assumptions[f"{MEAN}_{suffix}"] = _interval(table, MEAN, mean)
            _dim(table, "interval", found.assumptions[f"{MEAN}_{suffix}"][1])
        sets.append(found.assumptions.get(f"{MEAN}_{suffix}", (mean, mean)))
        before, total = mean, total + share
        table.finish()
    if abs(total - 1.0) > SUM_TO_ONE:
        raise tables[-1].error(
            PROBABILITY,
            f"the probabilities of the intensities{label} sum to {total:.10g}, not to 1",
            next_step="correct them",
        )
    check_intensities(tables, sets, protocol=protocol, bound=found.choices.get("bound", ""))
    column = f"intensity_{source.name}" if source.name else "intensity"
    found.names[column] = names


def _not_negative(table: TomlTable, key: str) -> float:
    number = table.number(key)
    if number < 0.0:
        raise table.error(
            key, f'"{key}" is {table.entered(key)}, below 0', next_step="correct the number"
        )
    return number


def _dim(table: TomlTable, key: str, mean: float) -> None:
    """Refuse a mean photon number that is no weak pulse."""
    if mean > MOST_PHOTONS:
        raise table.error(
            key,
            f"{mean:g} photons in a pulse on average are above {MOST_PHOTONS:g}: single photons "
            "are then rare, and no decoy-state proof gives key from such pulses",
            next_step="give photons per pulse at the output of the source; signals are below 1",
        )


def _probability(table: TomlTable) -> float:
    number = table.number(PROBABILITY)
    if not 0.0 < number < 1.0:
        raise table.error(
            PROBABILITY,
            f'"{PROBABILITY}" is {table.entered(PROBABILITY)}, not between 0 and 1',
            next_step="correct it; an intensity that is never sent has no table",
        )
    return number


def _interval(table: TomlTable, kind_name: str, nominal: float | None) -> tuple[float, float]:
    key = "interval"
    texts = table.cells(key)
    try:
        numbers = [float(text) for text in texts]
    except ValueError:
        numbers = []
    if len(numbers) != 2 or not all(map(math.isfinite, numbers)) or numbers[0] > numbers[1]:
        raise table.error(
            key,
            f'"{key}" is no interval',
            next_step=f"write {key} = [0.495, 0.505], the smaller first",
        )
    if nominal is not None and not numbers[0] <= nominal <= numbers[1]:
        raise table.error(
            key,
            f"the interval {numbers[0]:g} to {numbers[1]:g} does not hold the nominal {nominal:g}",
            next_step="correct one of the two",
        )
    _possible(table, key, numbers, kind_name)
    return numbers[0], numbers[1]


def _possible(table: TomlTable, key: str, edges: Iterable[float], kind_name: str) -> None:
    """Refuse an edge that the quantity cannot have."""
    of = kind(kind_name)
    low = -math.inf if of.lower is None else of.lower
    high = math.inf if of.upper is None else of.upper
    for edge in edges:
        if not low <= edge <= high:
            raise table.error(
                key,
                f"{edge:g} is no {of.title}, which lies between {low:g} and {high:g}",
                next_step="correct the number",
            )


# -- what the proof may assume --------------------------------------------------------------------


def _assumptions(root: TomlTable, protocol: Protocol, found: Settings) -> None:
    """Read [assumption.NAME]: an interval or a limit, or why it is ideal."""
    known: Mapping[str, SetParameter] = protocol.assumptions()
    for name, table in root.named_tables("assumption").items():
        if name not in known:
            raise table.error(
                "",
                f"no proof of {protocol.name} asks for {name!r}",
                next_step="assumptions: " + (", ".join(sorted(known)) or "none"),
            )
        one = known[name]
        if table.has("ideal_because"):
            found.ideal_because[name] = table.text("ideal_because")
        elif not one.modelled:
            raise table.error(
                "ideal_because",
                f"the proof has no term for {one.title}: an interval cannot be used",
                next_step='write ideal_because = "why it is zero", or leave it out: '
                "then nothing is proven for this device",
            )
        else:
            found.assumptions[name] = _edges(table, one, _nominal(found, name))
        table.finish()


def _nominal(found: Settings, name: str) -> float | None:
    moment = found.moments.get(name)
    return found.parameters.get(name) if moment is None else moment[0]


def _edges(table: TomlTable, one: SetParameter, nominal: float | None) -> tuple[float, float]:
    ideal = 0.0 if one.ideal is None else one.ideal
    if one.side is Side.BOTH:
        return _interval(table, one.kind, nominal)
    key = "at_most" if one.side is Side.UPPER else "at_least"
    edge = table.number(key)
    low, high = (ideal, edge) if one.side is Side.UPPER else (edge, ideal)
    if low > high:
        raise table.error(key, f'"{key}" is {edge:g}, beyond the ideal {ideal:g}')
    _possible(table, key, (edge,), one.kind)
    return low, high
