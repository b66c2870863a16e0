"""All curves and fits of a calibration file, checked against its inputs and results.

Inside: `has_curves`, `read_curves`, `names_used`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qtrace.exchange.curve_table import read_curve
from qtrace.exchange.fit_table import read_fit
from qtrace.exchange.result_table import result_name
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.curve_draft import CurveDraft, FitDraft
from qtrace.laboratory.draft import InputDraft


def has_curves(root: TomlTable) -> bool:
    """Return whether a file holds curves or fits, so that it needs no inputs or results."""
    return bool(root.tables("curve") or root.tables("fit"))


def read_curves(
    root: TomlTable, inputs: Sequence[InputDraft], *, folder: Path | None
) -> tuple[tuple[CurveDraft, ...], tuple[FitDraft, ...]]:
    """Read every [[curve]] and [[fit]] of a file.

    Args:
        root: The file.
        inputs: Its inputs, which curves may name as shared effects.
        folder: Where CSV files are looked for.

    Raises:
        InputError: a name that stands twice, an effect or a curve of this file that is not there.
    """
    curves = tuple(read_curve(table, folder=folder) for table in root.tables("curve"))
    fits = tuple(read_fit(table, folder=folder) for table in root.tables("fit"))
    lines = {one.name: one.place.line for one in inputs}
    for table in (*root.tables("curve"), *root.tables("fit"), *root.tables("result")):
        name = result_name(table)
        if name in lines:
            raise table.error(
                "name" if table.has("name") else "measurand",
                f'the name "{name}" is used twice; it is also in line {lines[name]}',
                next_step='give it another name = "..."',
            )
        lines[name] = table.place().line
    known = {one.name for one in inputs if one.curve is None}
    for curve, table in zip(curves, root.tables("curve"), strict=True):
        for effect, inner in zip(curve.effects, table.tables("effects"), strict=True):
            if effect.input_name not in known:
                raise inner.error(
                    "input",
                    f'there is no input "{effect.input_name}" in this file',
                    next_step="inputs here: " + (", ".join(sorted(known)) or "none"),
                )
    _own_curves(root, inputs, {one.name for one in curves} | {one.name for one in fits})
    return curves, fits


def _own_curves(root: TomlTable, inputs: Sequence[InputDraft], own: set[str]) -> None:
    """Refuse an input at a curve of this file, or at another input, that is not there."""
    names = {one.name for one in inputs}
    for one in inputs:
        if one.curve is None:
            continue
        path = ("input", one.name)
        if "/" not in one.curve.reference and one.curve.reference not in own:
            raise root.file.error(
                (*path, "curve"),
                f'there is no curve "{one.curve.reference}" in this file',
                next_step="curves here: "
                + (", ".join(sorted(own)) or "none")
                + '; one of another event is "EVENT/curve"',
            )
        if one.curve.at_name and one.curve.at_name not in names:
            raise root.file.error(
                (*path, "inverse_of" if one.curve.inverse else "at"),
                f'there is no input "{one.curve.at_name}" in this file',
                next_step="inputs here: " + ", ".join(sorted(names)),
            )


def names_used(inputs: Sequence[InputDraft], curves: Sequence[CurveDraft]) -> frozenset[str]:
    """Return the inputs that curves, or other inputs, use."""
    effects = {effect.input_name for curve in curves for effect in curve.effects}
    return frozenset(effects | {one.curve.at_name for one in inputs if one.curve is not None})
