"""One `[input.NAME]` table of a calibration file: an own input quantity, or a reference.

Inside: `read_input`, `check_name`.
Limits and counts are read in `assigned_table`, readings in `readings_table`, time transfer in
`time_transfer_input`, what is stated beside a value in `stated_table`.
Source: JCGM 100:2008 (GUM), 4.2 (type A), 4.3 (type B).
"""

from __future__ import annotations

import re
from dataclasses import replace

from qtrace.errors import QtraceError
from qtrace.exchange.assigned_table import read_assigned
from qtrace.exchange.curve_input import read_curve_use
from qtrace.exchange.input_checks import Readings, contradictions
from qtrace.exchange.origin_table import read_origin
from qtrace.exchange.quantity_fields import positive, quantity
from qtrace.exchange.readings_table import read_readings
from qtrace.exchange.reference_table import (
    is_statement,
    read_reference,
    read_shared,
    read_statement_reference,
)
from qtrace.exchange.stated_table import (
    WAYS,
    StatedInput,
    Statistics,
    read_scatter,
    read_stated,
    read_statistics,
)
from qtrace.exchange.time_transfer_input import read_time_transfer, type_of_time_transfer
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.draft import InputDraft
from qtrace.quantity.kinds import kind
from qtrace.quantity.units import DIMENSIONLESS
from qtrace.quantity.value import QuantityValue
from qtrace.uncertainty.expression import compile_expression
from qtrace.uncertainty.inputs import Distribution, Evaluation, InputQuantity
from qtrace.uncertainty.results import BESIDE_MODEL

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


def read_input(name: str, table: TomlTable) -> tuple[InputDraft, tuple[str, ...]]:
    """Read one input quantity, or a reference to a result.

    Args:
        name: Name of the input, as the models use it.
        table: The table [input.NAME].

    Returns:
        The draft and the warnings about it, each with its place.

    Raises:
        InputError: Anything missing, contradictory or unknown in the table.
    """
    check_name(table, "", name)
    if table.has("curve"):
        return read_curve_use(name, table), ()
    if table.has("result"):
        return read_reference(name, table), ()
    if is_statement(table):
        return read_statement_reference(name, table), ()
    usual = Evaluation.A if table.has("readings") else type_of_time_transfer(table)
    evaluation = table.choice("type", Evaluation, usual)
    value, statistics, stated, warnings = _uncertainty(table, evaluation)
    assigned = stated.assigned
    u = assigned.standard_uncertainty
    origin = read_origin(table)
    readings = Readings(
        u=u,
        u_of=statistics.u_of,
        s=statistics.s,
        n=statistics.n,
        counts=_counts_per_reading(table, value, is_counting=origin.end == "counting"),
        per_count=_per_count(table, value),
        value=value,
    )
    table.optional_text("note")
    flags = (*table.texts("flags"), *statistics.flags, *stated.flags)
    draft = InputDraft(
        name=name,
        place=table.place(),
        quantity=InputQuantity(
            input_id=0,
            name=name,
            estimate=assigned.estimate,
            standard_uncertainty=u,
            unit=value.unit.code,
            distribution=assigned.distribution,
            evaluation=evaluation,
            degrees_of_freedom=assigned.degrees_of_freedom,
            text=value.text,
            flags=flags,
            parameters=assigned.parameters,
        ),
        origin=origin,
    )
    if draft.quantity is not None and table.has("shared"):
        draft = replace(draft, shared=read_shared(table, draft.quantity, origin))
    table.finish()
    return draft, (*warnings, *_warnings(table, value, readings, draft))


def _uncertainty(
    table: TomlTable, evaluation: Evaluation
) -> tuple[QuantityValue, Statistics, StatedInput, tuple[str, ...]]:
    """Read value and uncertainty: from readings, from limits or counts, or as stated."""
    series = read_readings(table, evaluation)
    if series is not None:
        return series.value, series.statistics, series.stated, series.warnings
    transfer = read_time_transfer(table)
    if transfer is not None:
        return transfer.value, transfer.statistics, transfer.stated, transfer.warnings
    distribution = table.choice("distribution", Distribution, Distribution.NORMAL)
    statistics = read_statistics(table, evaluation)
    dof = statistics.degrees_of_freedom
    found = read_assigned(table, distribution, degrees_of_freedom=dof)
    value = quantity(table, "value") if found is None else found.value
    statistics = read_scatter(table, statistics, value)
    if found is None:
        stated = read_stated(table, value, distribution=distribution, statistics=statistics)
        if stated.assigned.estimate != value.si:
            note = f"{value.text} as found; the estimate is the mean within the bounds"
            stated = replace(stated, flags=(*stated.flags, note))
        return value, statistics, stated, ()
    for key in (*WAYS, "k", "U_exact", "s"):
        if table.has(key):
            raise table.error(
                key,
                f'the uncertainty is stated twice: by the distribution and by "{key}"',
                next_step="keep one of the two",
            )
    assigned = replace(found.assigned, degrees_of_freedom=dof)
    alike: tuple[str, ...] = ()
    if assigned.standard_uncertainty == 0.0:
        alike = (f"{table.place()}: its limits leave it no width: u = 0",)
    return value, statistics, StatedInput(assigned, found.flags), alike


def check_name(table: TomlTable, key: str, name: str) -> None:
    """Refuse a name that models cannot use, such as that of a constant."""
    if not _NAME.fullmatch(name):
        raise table.error(
            key,
            f"{name!r} is not a name for a model",
            next_step="use letters, digits and _, beginning with a letter, at most 40 characters",
        )
    if name in BESIDE_MODEL:
        raise table.error(
            key,
            f"{name!r} is kept for what stands beside a model",
            next_step="choose another name",
        )
    try:
        compile_expression(name, names=frozenset({name}))
    except QtraceError as error:
        raise table.error(key, error.what, next_step="choose another name") from None


def _counts_per_reading(
    table: TomlTable, value: QuantityValue, *, is_counting: bool
) -> float | None:
    """Return the expected number of events in one reading, where it was counting."""
    per_count = _per_count(table, value)
    if not is_counting or per_count is None or value.si < 0.0:
        return None
    return value.si / per_count


def _per_count(table: TomlTable, value: QuantityValue) -> float | None:
    """Return what one event adds to the value in SI: 1/T for a rate, 1 for a number."""
    if table.has("reading_time"):
        time_s = positive(table, "reading_time", dimension=kind("duration").dimension).si
        if value.unit.dimension != kind("count_rate").dimension:
            raise table.error(
                "reading_time",
                f"a reading time belongs to a rate, but the value is {value.text}",
                next_step='give the value in "/s", or leave the reading time out',
            )
        return 1.0 / time_s
    return 1.0 if value.unit.dimension == DIMENSIONLESS else None


def _warnings(
    table: TomlTable, value: QuantityValue, readings: Readings, draft: InputDraft
) -> tuple[str, ...]:
    warnings = [f"{table.place()}: {line}" for line in contradictions(readings)]
    origin = draft.origin
    if origin is not None and not (origin.end or origin.instrument or origin.certificate):
        warnings.append(
            f"{table.place()}: nothing says where this input comes from (end, instrument or "
            "certificate); its chain will show a break"
        )
    if table.has("u") and "%" in table.entered("u") and "%" not in value.text:
        warnings.append(
            f"{table.place('u')}: u = {table.entered('u')} is read as absolute; "
            "a part of the value is u_relative"
        )
    return tuple(warnings)
