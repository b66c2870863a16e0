"""Numbers of a run that are possible each, and impossible together: refused where they are read.

Inside: `check_intensities`, `check_moments`, `check_counts`, `check_sum`, `COUNT_LIMIT`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from qtrace.errors import InputError
from qtrace.exchange.toml_table import TomlTable
from qtrace.metrics.decoy.bb84_asymptotic import BB84_ASYMPTOTIC
from qtrace.metrics.decoy.bb84_two_decoy import BB84_TWO_DECOY
from qtrace.metrics.protocol import Protocol, WrittenMoments

COUNT_LIMIT = 2**53  # above it a double no longer holds every whole number
VARYING = "set_varying"  # these bounds have a weaker condition of their own
_MEAN = "mean_photon_number"
_SUMMED = (BB84_TWO_DECOY.name, BB84_ASYMPTOTIC.name)

Edges = tuple[float, float]


def check_intensities(
    tables: Sequence[TomlTable], sets: Sequence[Edges], *, protocol: Protocol, bound: str
) -> None:
    """Refuse sets of intensities that overlap, and a signal that is not above both decoys together.

    Args:
        tables: The [[intensity]] tables of one source, in falling order.
        sets: Lower and upper edge of each, equal where no interval is declared.
        protocol: Whose bound it is.
        bound: The bound that was chosen; empty where none was.

    Raises:
        InputError: with the line of the intensity that is wrong.

    Source: the bounds on single photons need mu1 > mu2 + mu3, Ma et al., PRA 72, 012326 (2005),
        and Lim et al., PRA 89, 022307 (2014).
    """
    for table, (one, other) in zip(tables[1:], pairwise(sets), strict=True):
        if one[0] <= other[1]:
            field = "interval" if table.has("interval") else _MEAN
            raise table.error(
                field,
                f"the intensity reaches {other[1]:g}, and that before begins at {one[0]:g}: their "
                "intervals overlap",
                next_step="give intervals with a gap, or intensities that lie further apart",
            )
    if protocol.name not in _SUMMED:
        return
    signal, *decoys = (edges for edges in sets)
    together = sum(high for _, high in decoys)
    if signal[0] <= together and not bound.startswith(VARYING):
        raise tables[0].error(
            _MEAN,
            f"the signal of {signal[0]:g} is not above both decoys together, {together:g}, "
            "intervals included",
            next_step="the two-decoy bound needs mu1 > mu2 + mu3; use weaker decoys",
        )


def check_moments(
    root: TomlTable,
    protocol: Protocol,
    *,
    written: WrittenMoments,
) -> dict[str, tuple[float, float]]:
    """Return the moments with their u's; refuse those that the protocol says nothing can have.

    Args:
        root: The outermost table.
        protocol: Its `check_moments` judges; one without it takes moments as they are.
        written: What the file says.

    Raises:
        InputError: with the line of the moment or parameter.
    """
    if protocol.check_moments is None:
        return dict(written.moments)
    try:
        return protocol.check_moments(written)
    except InputError as error:
        raise _placed(root, ("moments", "parameters"), error) from None


def check_counts(
    root: TomlTable,
    protocol: Protocol,
    *,
    counts: Mapping[str, int],
    parameters: Mapping[str, float],
) -> None:
    """Refuse counts that the protocol says nothing can give beside the parameters of the run.

    Args:
        root: The outermost table.
        protocol: Its `check_counts` judges; one without it takes counts as they are.
        counts: Disjoint cells.
        parameters: In SI units.

    Raises:
        InputError: with the line of the parameter, or of [counts].
    """
    if protocol.check_counts is None:
        return
    try:
        protocol.check_counts(counts, parameters)
    except InputError as error:
        raise _placed(root, ("counts", "parameters"), error) from None


def _placed(root: TomlTable, names: Sequence[str], error: InputError) -> InputError:
    """Return an error at the field of one of some tables that it names, or at the first table."""
    tables = [root.table(name) for name in names if root.has(name)]
    table = next((one for one in tables if one.has(error.where)), tables[0])
    field = error.where if table.has(error.where) else ""
    return table.error(field, error.what, next_step=error.next_step)


def check_sum(
    table: TomlTable, cells: Mapping[str, int], *, first: str, values: Sequence[str]
) -> None:
    """Refuse counts that no double holds once they are added up.

    Args:
        table: [counts].
        cells: Counts by name, cell_value_... .
        first: The first column that says what a row is about, such as basis.
        values: Its values in the names of cells.

    Raises:
        InputError: the cells of one value come to more than 2^53.
    """
    for value in values:
        total = sum(n for name, n in cells.items() if name.split("_")[1] == value)
        if total > COUNT_LIMIT:
            raise table.error(
                "",
                f"the counts of {first} {value} come to {total}, beyond 2^53: sums of them would "
                "not be exact",
                next_step="split the run into blocks",
            )
