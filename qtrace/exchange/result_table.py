"""The `[[result]]` tables of a calibration file, and the order in which they are computed.

Inside: `read_result`, `in_dependency_order`, `read_unit`, `read_drift`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from qtrace.errors import QtraceError, UnitError
from qtrace.exchange.bias_table import read_bias
from qtrace.exchange.drift_table import read_coefficients, read_drift
from qtrace.exchange.form_fields import read_form
from qtrace.exchange.input_table import check_name
from qtrace.exchange.quantity_fields import conditions, known_kind
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.draft import ResultDraft
from qtrace.metrics.catalogue import metric
from qtrace.quantity.kinds import Kind
from qtrace.quantity.measurand import Measurand
from qtrace.quantity.units import dimension_text, parse_unit
from qtrace.uncertainty.expression import compile_expression


def result_name(table: TomlTable) -> str:
    """Return the name of a result: its own, or that of its kind of quantity."""
    return table.text("name") if table.has("name") else known_kind(table, "measurand").name


def read_result(table: TomlTable) -> ResultDraft:
    """Read one [[result]] table.

    Args:
        table: The table.

    Returns:
        The draft; its place is that of the model.

    Raises:
        InputError: Unknown kind, condition or field; model and metric both or neither.
        UnitError: A unit that does not fit the kind of the result.
    """
    kind = known_kind(table, "measurand")
    name = result_name(table)
    check_name(table, "name" if table.has("name") else "measurand", name)
    if table.has("model") == table.has("metric"):
        both = "both" if table.has("model") else "neither of"
        raise table.error(
            "model",
            f'result "{name}" has {both} "model" and "metric"',
            next_step='write one of them, e.g. model = "(counts - dark) / photon_rate"',
        )
    way = "model" if table.has("model") else "metric"
    written = table.text(way)
    table.optional_text("note")
    stated = conditions(table)
    bias, bias_source = read_bias(table, kind)
    draft = ResultDraft(
        name=name,
        measurand=Measurand.of(kind.name, stated),
        place=table.place(way),
        expression=written if way == "model" else "",
        metric=written if way == "metric" else "",
        unit=read_unit(table, kind),
        drift=read_drift(table.table("drift"), kind) if table.has("drift") else None,
        uncorrected_bias=bias,
        bias_source=bias_source,
        stated=read_form(table),
        coefficients=read_coefficients(table, kind, stated),
        state=table.one_of("state", ("", "as_found", "as_left"), ""),
    )
    table.finish()
    return draft


def in_dependency_order(
    results: Sequence[ResultDraft],
    tables: Sequence[TomlTable],
    *,
    inputs: Mapping[str, str],
) -> tuple[tuple[ResultDraft, ...], frozenset[str]]:
    """Sort results so that each stands after those that it uses.

    Args:
        results: Results in the order of the file.
        tables: Their tables, in the same order, for messages.
        inputs: Input names, with the name of the result of this file that each one refers to,
            or "".

    Returns:
        The sorted results, and the names of all inputs and results that they use.

    Raises:
        InputError: A model does not compile or uses an unknown name, a metric is unknown, or
            results use each other in a cycle (the cycle is named).
    """
    names = frozenset(inputs) | {result.name for result in results}
    by_name = {result.name: result for result in results}
    uses: dict[str, list[str]] = {}
    used: set[str] = set()
    for result, table in zip(results, tables, strict=True):
        arguments = _arguments(result, table, names=names)
        used.update(arguments)
        # An input may be another name for a result of this file.
        uses[result.name] = [
            parent for name in arguments if (parent := inputs.get(name) or name) in by_name
        ]
    order = _sorted_names(uses, {r.name: t for r, t in zip(results, tables, strict=True)})
    return tuple(by_name[name] for name in order), frozenset(used)


def _arguments(result: ResultDraft, table: TomlTable, *, names: frozenset[str]) -> Collection[str]:
    """Return the names that a result uses."""
    way = "model" if result.expression else "metric"
    try:
        if result.expression:
            return compile_expression(result.expression, names=names).names
        # A metric finds its arguments by their names.
        return [one.name for one in metric(result.metric).arguments if one.name in names]
    except QtraceError as error:
        where = f"{table.place(way)}, {error.where}" if error.where else str(table.place(way))
        raise type(error)(error.what, where=where, next_step=error.next_step) from None


def _sorted_names(uses: Mapping[str, Sequence[str]], tables: Mapping[str, TomlTable]) -> list[str]:
    """Sort by dependence, the order of the file kept otherwise; refuse a cycle."""
    order: list[str] = []
    waiting = list(uses)
    while waiting:
        ready = next((n for n in waiting if all(p in order for p in uses[n])), None)
        if ready is None:
            cycle = _cycle(waiting, uses)
            raise tables[cycle[0]].error(
                "model",
                "results depend on each other in a cycle: " + " -> ".join([*cycle, cycle[0]]),
                next_step="one of them must be computed from inputs alone",
            )
        order.append(ready)
        waiting.remove(ready)
    return order


def _cycle(waiting: Sequence[str], uses: Mapping[str, Sequence[str]]) -> list[str]:
    """Return one cycle: each name uses the next, the last one the first."""
    path: list[str] = []
    name = waiting[0]
    while name not in path:
        path.append(name)
        name = next(parent for parent in uses[name] if parent in waiting)
    return path[path.index(name) :]


def read_unit(table: TomlTable, kind: Kind) -> str:
    """Return the unit in which the result is shown; it must fit its kind."""
    if not table.has("unit"):
        return ""
    code = table.optional_text("unit")
    try:
        unit = parse_unit(code)
    except UnitError as error:
        raise UnitError(
            error.what, where=f"{table.place('unit')}, {error.where}", next_step=error.next_step
        ) from None
    if unit.dimension != kind.dimension:
        raise UnitError(
            f'unit "{code}" has dimension {dimension_text(unit.dimension)}, but {kind.name} has '
            f"{dimension_text(kind.dimension)}",
            where=str(table.place("unit")),
            next_step=f"choose a unit like {kind.unit}",
        )
    return code
