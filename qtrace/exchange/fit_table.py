"""One `[[fit]]` table of a calibration file: readings and the curve to be fitted to them.

Inside: `read_fit`, `METHODS`.
Source: ISO/TS 28037:2010, clauses 6 to 10 (which uncertainties belong to which method).
"""

from __future__ import annotations

from pathlib import Path

from qtrace.exchange.cell_rows import Cell, amount, read_rows
from qtrace.exchange.correlation_table import read_matrix
from qtrace.exchange.curve_table import Frame, read_frame
from qtrace.exchange.drift_table import read_bound
from qtrace.exchange.origin_table import read_origin
from qtrace.exchange.quantity_fields import quantity
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.curve_draft import FitDraft, ReadingDraft
from qtrace.quantity.value import QuantityValue

METHODS = ("ols", "wls", "gls", "wtls")
SCALES = ("stated", "scatter")
HIGHEST_ORDER = 8


def read_fit(table: TomlTable, *, folder: Path | None) -> FitDraft:
    """Read one fit.

    Args:
        table: The [[fit]] table.
        folder: Where a CSV file that it names is looked for.

    Raises:
        InputError: uncertainties that the method does not take or lacks, an order that is no
            order, what is missing or unknown.
        UnitError: a number of another dimension.
    """
    frame = read_frame(table)
    method = table.one_of("method", METHODS)
    order = _order(table, method)
    read = read_rows(table, "readings", columns=("x", "y", "u_y", "u_x"), least=2, folder=folder)
    readings = tuple(_reading(table, row, frame, method) for row in read.rows)
    matrix, decimals = None, 0
    if method == "gls":
        names = [f"reading {k + 1}" for k in range(len(readings))]
        matrix, decimals = read_matrix(table, names)
    expanded = table.has("x_origin")
    dimension = frame.argument_kind.dimension
    origin = (
        quantity(table, "x_origin", dimension=dimension, like=frame.argument) if expanded else None
    )
    unit = frame.argument_unit.code
    usual = "scatter" if method == "ols" else "stated"
    scale = table.one_of("scale", SCALES, usual)
    if method == "ols" and scale == "stated":
        raise table.error(
            "scale", "an ordinary fit has no stated u of its readings", next_step='method = "wls"'
        )
    draft = FitDraft(
        name=frame.name,
        measurand=frame.measurand,
        argument=frame.argument,
        argument_unit=unit,
        unit=frame.unit.code,
        method=method,
        scale=scale,
        order=order,
        x_origin=0.0 if origin is None else origin.si,
        x_origin_text=f"0 {unit}" if origin is None else origin.text,
        readings=readings,
        origin=read_origin(table),
        place=table.place(),
        matrix=matrix,
        decimals=decimals,
        on_lack_of_fit=table.one_of("lack_of_fit", ("refuse", "flag"), "refuse"),
        drift=read_bound(table, frame.kind),
    )
    table.optional_text("note")
    table.finish()
    return draft


def _order(table: TomlTable, method: str) -> int:
    """Return the order of the polynomial, 1 for a line."""
    if table.one_of("model", ("line", "polynomial")) == "line":
        return 1
    order = table.integer("order", least=0)
    if order > HIGHEST_ORDER:
        raise table.error(
            "order", f"order {order} is above {HIGHEST_ORDER}", next_step="tabulate a [[curve]]"
        )
    if method == "wtls" and order != 1:
        raise table.error(
            "method",
            "errors in both variables are fitted by a line only",
            next_step='write model = "line", or carry u of x into u of y and take "wls"',
        )
    return order


def _reading(table: TomlTable, row: dict[str, Cell], frame: Frame, method: str) -> ReadingDraft:
    wanted = {"ols": (), "wls": ("u_y",), "gls": ("u_y",), "wtls": ("u_y", "u_x")}[method]
    place = row["x"].place
    for name in ("u_y", "u_x"):
        if (name in row) != (name in wanted):
            has = "has" if name in row else "lacks"
            raise table.file.error(
                (*table.path, "method"),
                f'a reading {has} {name}, and the method is "{method}" ({place})',
                next_step="ols takes x and y; wls and gls also u_y; wtls u_y and u_x",
            )

    def read(name: str) -> QuantityValue:
        axis = frame.argument_kind if name in {"x", "u_x"} else frame.kind
        unit = frame.argument_unit if name in {"x", "u_x"} else frame.unit
        least = 0.0 if name.startswith("u") else None
        return amount(row[name], unit.code, dimension=axis.dimension, like=axis.title, least=least)

    x, y = read("x"), read("y")
    u_x = read("u_x").si if "u_x" in row else 0.0
    u_y = read("u_y").si if "u_y" in row else 0.0
    return ReadingDraft(x.si, y.si, u_x, u_y, x.text, y.text, place)
