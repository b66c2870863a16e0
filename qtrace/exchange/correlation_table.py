"""One `[[correlation]]` table of a calibration file: declared, observed or unknown correlation.

Inside: `read_correlation`, `read_matrix`. Whether the matrix is positive semidefinite is judged
where it is repaired, in the uncertainty room; here it must be square, symmetric and between -1
and 1.
Source: JCGM 100:2008 (GUM), 5.2; Willink, Metrologia 44, 340 (2007) (ensembles).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.draft import BlockDraft
from qtrace.quantity.value import parse_number
from qtrace.uncertainty.inputs import BlockKind

# What 0, 1 and -1 alone are taken to be known to: as exact as a double.
_EXACT_DECIMALS = 15


def read_correlation(
    table: TomlTable, *, own: Collection[str], referenced: Collection[str], taken: Collection[str]
) -> BlockDraft:
    """Read one block of correlated inputs.

    Args:
        table: The [[correlation]] table.
        own: Names of the inputs that this file owns.
        referenced: Names of the inputs that are results of other events.
        taken: Names that an earlier block of the file holds.

    Returns:
        The block with its matrix as entered, shape (n, n).

    Raises:
        InputError: Unknown or repeated names; a matrix that is not n by n, not symmetric, with
            a diagonal other than 1, or with coefficients beyond -1 and 1; coefficients of what
            is said to be unknown.
    """
    names = _names(table, own=own, referenced=referenced, taken=taken)
    kind = table.choice("kind", BlockKind, BlockKind.DECLARED)
    degrees_of_freedom = None
    if table.has("dof"):
        degrees_of_freedom = table.number("dof")
        if degrees_of_freedom <= 0.0:
            raise table.error("dof", "dof is not above zero", next_step="correct the number")
        if degrees_of_freedom < 1.0:
            raise table.error("dof", "dof is below 1", next_step="correct the number")
    if kind is BlockKind.ENSEMBLE and degrees_of_freedom is None:
        raise table.error(
            "dof",
            "an ensemble without dof: how many readings there were is not said",
            next_step="add dof = number of joint readings minus 1",
        )
    if kind is BlockKind.UNKNOWN:
        _refuse_coefficients(table)
        texts = [["1" if one == other else "0" for other in names] for one in names]
    else:
        texts = _matrix_texts(table, len(names))
    matrix = _checked_matrix(table, texts, names)
    block = BlockDraft(
        names=names,
        matrix=matrix,
        decimals=_decimals(texts),
        kind=kind,
        place=table.place(),
        degrees_of_freedom=degrees_of_freedom,
        reason=table.optional_text("reason"),
    )
    table.finish()
    return block


def read_matrix(table: TomlTable, names: Sequence[str]) -> tuple[NDArray[np.float64], int]:
    """Read the `matrix` of a table; return it, shape (n, n), and the decimals it was printed with.

    Raises:
        InputError: not n by n for n names, not symmetric, or no correlation coefficients.
    """
    texts = _matrix_texts(table, len(names))
    return _checked_matrix(table, texts, tuple(names)), _decimals(texts)


def _refuse_coefficients(table: TomlTable) -> None:
    """Refuse numbers about a correlation that is said to be unknown."""
    for key in ("matrix", "dof"):
        if table.has(key):
            raise table.error(
                key,
                f'"{key}" of a correlation that is said to be unknown',
                next_step=f'leave "{key}" out: u is then taken at its bound; or declare the '
                "correlation",
            )


def _names(
    table: TomlTable, *, own: Collection[str], referenced: Collection[str], taken: Collection[str]
) -> tuple[str, ...]:
    names = table.texts("names")
    if len(names) < 2:
        raise table.error(
            "names",
            "a correlation is between two inputs or more",
            next_step='write names = ["first", "second"]',
        )
    for name in names:
        if name in referenced:
            raise table.error(
                "names",
                f'"{name}" is a result of another event, whose correlations follow from its chain',
                next_step="leave it out; only inputs that this file owns are declared correlated",
            )
        if name not in own:
            raise table.error(
                "names",
                f'there is no input "{name}" in this file',
                next_step="inputs here: " + ", ".join(sorted(own)),
            )
        if names.count(name) > 1 or name in taken:
            raise table.error(
                "names",
                f'"{name}" stands in a correlation twice',
                next_step="join the blocks that share an input into one matrix",
            )
    return names


def _matrix_texts(table: TomlTable, size: int) -> list[list[str]]:
    """Return the coefficients as written, size by size."""
    rows = table.rows("matrix")
    if len(rows) != size or any(len(row) != size for row in rows):
        shape = " + ".join(str(len(row)) for row in rows)
        raise table.error(
            "matrix",
            f"the matrix has {len(rows)} rows ({shape} coefficients) for {size} names",
            next_step=f"write {size} rows of {size} coefficients, in the order of the names",
        )
    return rows


def _checked_matrix(
    table: TomlTable, texts: list[list[str]], names: tuple[str, ...]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    size = len(names)
    matrix = np.eye(size)
    for i in range(size):
        for j in range(size):
            pair = f"{names[i]}, {names[j]}"
            path = (*table.path, "matrix", i, j)
            try:
                matrix[i, j] = parse_number(texts[i][j])
            except InputError as error:
                raise table.file.error(
                    path, f"{error.what}: {texts[i][j]!r} ({pair})", next_step=error.next_step
                ) from None
            if i == j and matrix[i, j] != 1.0:
                raise table.file.error(
                    path,
                    f"the diagonal at {names[i]} is {texts[i][j]}, not 1",
                    next_step="give correlation coefficients, not covariances",
                )
            if abs(matrix[i, j]) > 1.0:
                raise table.file.error(
                    path,
                    f"the coefficient of {pair} is {texts[i][j]}, beyond -1 and 1",
                    next_step="correct the coefficient",
                )
            if j < i and matrix[i, j] != matrix[j, i]:
                raise table.file.error(
                    path,
                    f"the matrix is not symmetric: {pair} is {texts[i][j]} below the diagonal "
                    f"and {texts[j][i]} above it",
                    next_step="write the same coefficient at both places",
                )
    return matrix


def _decimals(texts: list[list[str]]) -> int:
    """Return how many decimal places the coefficients were rounded to, as far as a double goes."""
    decimals = 0
    for row in texts:
        for text in row:
            number = Decimal(text)
            exponent = number.as_tuple().exponent
            if number not in {0, 1, -1} and isinstance(exponent, int):
                decimals = max(decimals, -exponent)
    return min(decimals, _EXACT_DECIMALS) if decimals else _EXACT_DECIMALS
