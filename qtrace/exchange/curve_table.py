"""One `[[curve]]` table of a calibration file: points, what they share, how to interpolate.

Inside: `read_curve`, `Frame`, `read_frame`, `INTERPOLANT_NAMES`.
Source: JCGM 100:2008 (GUM), 4.3.3 (U with k), F.1.2.3 (common effects).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from qtrace.errors import InputError
from qtrace.exchange.cell_rows import Cell, amount, read_rows
from qtrace.exchange.correlation_table import read_matrix
from qtrace.exchange.curve_shared import read_common, read_effects, read_error
from qtrace.exchange.drift_table import read_bound
from qtrace.exchange.input_table import check_name
from qtrace.exchange.origin_table import read_origin
from qtrace.exchange.quantity_fields import CONDITION_KINDS, conditions, known_kind, positive
from qtrace.exchange.result_table import read_unit, result_name
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.curve_draft import CurveDraft, PointDraft
from qtrace.quantity.kinds import Kind, kind
from qtrace.quantity.measurand import Measurand
from qtrace.quantity.notation import decimal_text
from qtrace.quantity.units import DIMENSIONLESS, Unit, parse_unit
from qtrace.quantity.value import in_unit
from qtrace.uncertainty.interpolation import INTERPOLANTS, LEAST_POINTS
from qtrace.uncertainty.stated import from_certificate, last_digit

INTERPOLANT_NAMES = tuple(name.partition("/")[0] for name in INTERPOLANTS)
WAYS = ("u", "u_relative", "U", "U_relative")
CORRELATIONS = ("independent", "unknown", "declared")


@dataclass(frozen=True, slots=True)
class Frame:
    """What curves and fits have in common: names, kinds and units of both axes."""

    name: str
    kind: Kind
    measurand: Measurand
    argument: str
    argument_kind: Kind
    argument_unit: Unit
    unit: Unit


def read_frame(table: TomlTable) -> Frame:
    """Read name, measurand, conditions, argument and the units of both axes.

    Raises:
        InputError: an unknown kind, an argument that is no condition, or one stated twice.
    """
    own = known_kind(table, "measurand")
    name = result_name(table)
    check_name(table, "name" if table.has("name") else "measurand", name)
    argument = table.one_of("argument", tuple(CONDITION_KINDS))
    stated = conditions(table)
    if argument in stated:
        raise table.error(
            "conditions",
            f'"{argument}" is the argument of the curve and stated as a condition, too',
            next_step="leave the condition out: each point has its own",
        )
    argument_kind = kind(CONDITION_KINDS[argument])
    code = read_unit(table, own) or own.unit
    return Frame(
        name,
        own,
        Measurand.of(own.name, stated),
        argument,
        argument_kind,
        _argument_unit(table, argument_kind),
        parse_unit(code),
    )


def _argument_unit(table: TomlTable, wanted: Kind) -> Unit:
    """Return the unit in which arguments are written where they are bare, and shown."""
    code = table.text("argument_unit") if table.has("argument_unit") else wanted.unit
    try:
        unit = parse_unit(code)
    except InputError as error:
        raise table.error("argument_unit", error.what, next_step=error.next_step) from None
    if unit.dimension != wanted.dimension:
        raise table.error(
            "argument_unit",
            f'"{code}" is no unit of {wanted.title}',
            next_step=f"choose a unit like {wanted.unit}",
        )
    return unit


def read_curve(table: TomlTable, *, folder: Path | None) -> CurveDraft:
    """Read one curve.

    Args:
        table: The [[curve]] table.
        folder: Where a CSV file that it names is looked for.

    Raises:
        InputError: fewer than two points, arguments that do not ascend, a negative u, what is
            missing, contradictory or unknown; with file, line and field or column.
        UnitError: a number of another dimension.
    """
    frame = read_frame(table)
    points, note = _points(table, frame, folder)
    correlation = table.one_of("correlation", CORRELATIONS, "independent")
    matrix, decimals = None, 0
    if correlation == "declared":
        matrix, decimals = read_matrix(table, [point.name for point in points])
    common, common_text, includes = read_common(table)
    draft = CurveDraft(
        name=frame.name,
        measurand=frame.measurand,
        argument=frame.argument,
        argument_unit=frame.argument_unit.code,
        unit=frame.unit.code,
        interpolant=f"{table.one_of('interpolant', INTERPOLANT_NAMES)}/1",
        points=points,
        origin=read_origin(table),
        place=table.place(),
        effects=read_effects(table, len(points)),
        common=common,
        common_text=common_text,
        includes_shared=includes,
        correlation=correlation,
        matrix=matrix,
        decimals=decimals,
        error=read_error(table, frame.kind, frame.argument_kind),
        drift=read_bound(table, frame.kind),
        note=f"curve {frame.name}: {note}" if note else "",
    )
    table.optional_text("note")
    table.finish()
    return draft


def _points(
    table: TomlTable, frame: Frame, folder: Path | None
) -> tuple[tuple[PointDraft, ...], str]:
    """Read the points and check that they make a curve."""
    way = _way(table)
    read = read_rows(table, "points", columns=("argument", "value", way), least=3, folder=folder)
    stated = _Stated(table, way, frame)
    points = tuple(stated.point(row) for row in read.rows)
    if len(points) < LEAST_POINTS:
        raise table.error(
            "points",
            f"{len(points)} point gives no curve",
            next_step="give at least two points, or write a [[result]]",
        )
    for before, after in pairwise(points):
        if after.argument <= before.argument:
            what = "stands twice" if after.argument == before.argument else "runs downward"
            raise InputError(
                f"the argument {after.argument_text} {what}: before it stands "
                f"{before.argument_text}",
                where=str(after.place),
                next_step="sort the points by their arguments, each argument once",
            )
    return points, read.note


def _way(table: TomlTable) -> str:
    """Return how the third number of a point states the uncertainty."""
    if not table.has("table"):
        return table.one_of("uncertainty", WAYS, "u")
    inner = table.table("columns")
    ways = [way for way in WAYS if inner.has(way)]
    if len(ways) != 1:
        raise inner.error(
            "",
            "the uncertainty stands in no column, or in two",
            next_step=f"name one of {', '.join(WAYS)}",
        )
    return ways[0]


class _Stated:
    """How the numbers of a row are to be read."""

    def __init__(self, table: TomlTable, way: str, frame: Frame) -> None:
        self.way, self.frame = way, frame
        self.expanded = way.startswith("U")
        self.relative = way.endswith("relative")
        usual = "1" if self.relative else frame.unit.code
        self.unit = table.optional_text("uncertainty_unit", usual) or "1"
        self.k = positive(table, "k", dimension=DIMENSIONLESS).si if table.has("k") else None
        self.p = positive(table, "p", dimension=DIMENSIONLESS).si if table.has("p") else None
        self.exact = table.boolean("U_exact", default=False)
        if self.expanded and self.k is None and self.p is None:
            raise table.error(
                "k", f'"{way}" without k and without p', next_step="add k, or p, as it is printed"
            )
        if not self.expanded and (self.k is not None or self.p is not None or self.exact):
            raise table.error(
                "k" if self.k is not None else "p",
                f'"k", "p" and "U_exact" belong to "U", not to "{way}"',
                next_step='write uncertainty = "U", or leave them out',
            )

    def point(self, row: dict[str, Cell]) -> PointDraft:
        """Return one point in SI."""
        frame = self.frame
        argument = amount(
            row["argument"],
            frame.argument_unit.code,
            dimension=frame.argument_kind.dimension,
            like=frame.argument,
        )
        value = amount(
            row["value"], frame.unit.code, dimension=frame.kind.dimension, like=frame.kind.name
        )
        u, dof, flags = self.uncertainty(row[self.way], value.si)
        number = decimal_text(in_unit(argument.si, frame.argument_unit))
        text = f"{number} {frame.argument_unit.code}" if frame.argument_unit.code != "1" else number
        return PointDraft(
            argument.si,
            value.si,
            u,
            text,
            value.text,
            number,
            row["argument"].place,
            dof,
            flags,
        )

    def uncertainty(self, cell: Cell, value: float) -> tuple[float, float, tuple[str, ...]]:
        """Return u, its degrees of freedom and what was assumed."""
        dimension = DIMENSIONLESS if self.relative else self.frame.kind.dimension
        read = amount(cell, self.unit, dimension=dimension, like="the uncertainty", least=0.0)
        scale = abs(value) if self.relative else 1.0
        if not self.expanded:
            return read.si * scale, math.inf, ()
        digit = 0.0 if self.exact else last_digit(read.text.partition(" ")[0])
        half = digit * float(read.unit.factor) / 2.0 * scale if read.si > 0.0 else 0.0
        try:
            stated = from_certificate(
                read.si * scale, k=self.k, probability=self.p, half_last_digit=half
            )
        except InputError as error:
            raise error.located(str(cell.place)) from None
        return stated.standard_uncertainty, stated.degrees_of_freedom, stated.flags
