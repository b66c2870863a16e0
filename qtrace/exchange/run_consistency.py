"""Numbers of a run that are possible each, and impossible together: refused where they are read.

Inside: `check_intensities`, `check_moments`, `check_sum`, `COUNT_LIMIT`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from qtrace.errors import InputError
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.link import RoleUse
from qtrace.metrics.continuous.gg02_protocols import GG02_HETERODYNE, GG02_HOMODYNE
from qtrace.metrics.decoy.bb84_asymptotic import BB84_ASYMPTOTIC
from qtrace.metrics.decoy.bb84_two_decoy import BB84_TWO_DECOY
from qtrace.metrics.protocol import Protocol
from qtrace.physics.continuous.gg02 import attribute, channel_from_moments

COUNT_LIMIT = 2**53  # above it a double no longer holds every whole number
UNIT, RECEIVER = "shot_noise_unit", "receiver"
VARYING = "set_varying"  # these bounds have a weaker condition of their own
_MEAN = "mean_photon_number"
_SUMMED = (BB84_TWO_DECOY.name, BB84_ASYMPTOTIC.name)
_COHERENT = (GG02_HOMODYNE.name, GG02_HETERODYNE.name)

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
    moments: Mapping[str, tuple[float, float]],
    assumptions: Mapping[str, Edges],
    roles: Sequence[RoleUse],
) -> None:
    """Refuse moments of coherent states that no passive channel gives.

    The unit may be anywhere in the set that is declared for it; where a receiver is on record
    its calibration brings the unit, and the moments are judged when the figures are computed.

    Raises:
        InputError: with the line of the moment.

    Source: as `channel_from_moments` and `attribute`.
    """
    calibrated = any(one.role == RECEIVER and one.device_id for one in roles)
    if protocol.name not in _COHERENT or calibrated:
        return
    values = {name: value for name, (value, _) in moments.items()}
    low, high = assumptions.get(UNIT, (1.0, 1.0))
    heterodyne = protocol.name == GG02_HETERODYNE.name

    def noise() -> None:
        channel_from_moments(**values, shot_noise_unit=low)

    def slope() -> None:
        # With Bob's variance as large as it must be, only the covariance is judged.
        wide = {**values, "bob_variance": 1e9}
        attribute(
            channel_from_moments(**wide, shot_noise_unit=high),
            receiver_efficiency=1.0,
            electronic_noise=0.0,
            heterodyne=heterodyne,
        )

    table = root.table("moments")
    _located(table, "covariance", slope)
    _located(table, "bob_variance", noise)


def _located(table: TomlTable, field: str, judge: Callable[[], None]) -> None:
    try:
        judge()
    except InputError as error:
        raise table.error(field, error.what, next_step=error.next_step) from None


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
