"""What a run declares besides its counts: intensities, parameters, moments, assumptions.

Inside: `Settings`, `read_settings`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from qtrace.exchange.quantity_fields import quantity
from qtrace.exchange.toml_table import TomlTable
from qtrace.metrics.net_key import AUTHENTICATION, MEASURED_PER_RUN, VERIFICATION
from qtrace.metrics.protocol import ParameterField, Protocol, SetParameter, Side, Source
from qtrace.quantity.kinds import kind

MEAN, PROBABILITY = "mean_photon_number", "probability"
SUM_TO_ONE = 1e-9  # probabilities are written as decimals; their sum is one but for rounding
BASES = ("x", "z")


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
    found.parameters.update(_parameters(root, protocol, planned=planned))
    if not planned:
        found.parameters.update(_net(root))
        found.moments.update(_moments(root, protocol))
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
        if run.has(name):
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
    names: dict[str, str] = {}
    for k, table in enumerate(tables, 1):
        name = table.identifier("name")
        mean = _not_negative(table, MEAN)
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
        before, total = mean, total + share
        table.finish()
    if abs(total - 1.0) > SUM_TO_ONE:
        raise tables[-1].error(
            PROBABILITY,
            f"the probabilities of the intensities{label} sum to {total:.10g}, not to 1",
            next_step="correct them",
        )
    column = f"intensity_{source.name}" if source.name else "intensity"
    found.names[column] = names


def _not_negative(table: TomlTable, key: str) -> float:
    number = table.number(key)
    if number < 0.0:
        raise table.error(
            key, f'"{key}" is {table.entered(key)}, below 0', next_step="correct the number"
        )
    return number


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


def _parameters(root: TomlTable, protocol: Protocol, *, planned: bool) -> dict[str, float]:
    fields = protocol.parameters
    if not root.has("parameters"):
        if protocol.one_of:
            raise root.error(
                "parameters",
                "the run declares no parameters",
                next_step="write [parameters] with " + ", ".join(one.name for one in fields),
            )
        return {}
    table = root.table("parameters")
    found = {one.name: _number(table, one) for one in fields if table.has(one.name)}
    for group in protocol.one_of:
        given = [name for name in group if name in found]
        to_be_measured = planned and not MEASURED_PER_RUN.isdisjoint(group)
        if len(given) > 1 or not (given or to_be_measured):
            raise table.error(
                given[-1] if given else "",
                f"{len(given)} of {' and '.join(group)} are given: exactly one is needed",
                next_step="a measured figure is better than a model",
            )
    _check_epsilons(table, protocol, found)
    table.finish()
    return found


def _check_epsilons(table: TomlTable, protocol: Protocol, found: Mapping[str, float]) -> None:
    """Refuse failure probabilities that come to one or more as the proof sums them."""
    total = next((m for m in protocol.metrics if m.metric_id.endswith(".epsilon_total")), None)
    if total is None or not all(one.name in found for one in total.arguments):
        return
    epsilon = float(total.function(**{one.name: found[one.name] for one in total.arguments}))
    if epsilon >= 1.0:
        raise table.error(
            "",
            f"the failure probabilities sum to {epsilon:g} as the proof counts them: that is no "
            "security",
            next_step="give failure probabilities such as 1e-10",
        )


def _number(table: TomlTable, one: ParameterField) -> float:
    read = quantity(table, one.name, dimension=kind(one.kind).dimension, like=one.title)
    low = read.si >= one.low if one.low_allowed else read.si > one.low
    high = read.si <= one.high if one.high_allowed else read.si < one.high
    if not (low and high):
        floor = f"{one.low:g} or more" if one.low_allowed else f"above {one.low:g}"
        ceiling = f"{one.high:g} at most" if one.high_allowed else f"below {one.high:g}"
        limits = floor if math.isinf(one.high) else f"{floor} and {ceiling}"
        raise table.error(
            one.name,
            f'"{one.name}" is {table.entered(one.name)}; {one.title} is {limits}',
            next_step="correct the number",
        )
    if one.whole and read.si != math.floor(read.si):
        raise table.error(one.name, f'"{one.name}" is {read.text}, not a whole number')
    return read.si


def _net(root: TomlTable) -> dict[str, float]:
    """Read [net]: the bits of key that the run itself used up."""
    if not root.has("net"):
        return {}
    table = root.table("net")
    names = (AUTHENTICATION, VERIFICATION)
    found = {name: float(table.integer(name, least=0)) for name in names if table.has(name)}
    table.finish()
    return found


def _moments(root: TomlTable, protocol: Protocol) -> dict[str, tuple[float, float]]:
    if not protocol.moments:
        return {}
    table = root.table("moments")
    found = {}
    for one in protocol.moments:
        value = _number(table, one)
        u = table.number(f"{one.name}_u") if table.has(f"{one.name}_u") else 0.0
        if u < 0.0:
            raise table.error(f"{one.name}_u", "u is not below zero")
        found[one.name] = (value, u)
    table.finish()
    return found


# -- what the proof may assume --------------------------------------------------------------------


def _assumptions(root: TomlTable, protocol: Protocol, found: Settings) -> None:
    """Read [assumption.NAME]: an interval or a limit, or why it is ideal."""
    known: Mapping[str, SetParameter] = {
        one.name: one for proof in protocol.proofs for one in proof.set_parameters
    }
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
