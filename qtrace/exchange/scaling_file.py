"""Scaling files: uncertainties of a sensor at several numbers of probes or nodes.

Inside: `read_scaling_file`.
"""

from __future__ import annotations

from pathlib import Path

from qtrace.errors import InputError
from qtrace.exchange.quantity_fields import positive
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import TomlTable, root_table
from qtrace.metrics.sensing.scaling_statement import PHASE, Counted, ScalingSeries
from qtrace.physics.sensing.scaling import MOST_CONFIDENCE, ScalingPoint, fit_scaling
from qtrace.physics.sensing.shot_scatter import variance_uncertainty
from qtrace.quantity.dimension import Dimension
from qtrace.quantity.kinds import kind

QUANTITIES = (PHASE, "frequency_uncertainty")
PROVENANCES = ("measured", "published", "simulated")
USUAL_CONFIDENCE = 0.95
MOST = 2**53
MOST_PHASE = 10.0  # rad


def read_scaling_file(source: Path | bytes, *, name: str = "") -> ScalingSeries:
    """Read a scaling file.

    Args:
        source: A path, or the bytes of a file.
        name: What to call the file in messages; by default the path.

    Raises:
        InputError: Anything that is wrong, with file, line and field: N not whole or below one,
            fewer than three different N, an u that is not above zero.
    """
    file = read_toml(source, name=name)
    root = root_table(file)
    table = root.table("scaling")
    quantity = table.one_of("quantity", QUANTITIES)
    counted = table.choice("counts", Counted)
    probability = table.number("confidence") if table.has("confidence") else USUAL_CONFIDENCE
    if not 0.0 < probability <= MOST_CONFIDENCE:
        raise table.error(
            "confidence",
            f'"confidence" is {probability!r}, not between 0 and 1 - 1e-9',
            next_step="write for example confidence = 0.95",
        )
    rows = root.tables("point")
    points = tuple(_point(one, dimension=kind(quantity).dimension) for one in rows)
    for row, one in zip(rows, points, strict=True):
        if quantity == PHASE and one.uncertainty > MOST_PHASE:
            raise row.error(
                "u",
                f"a phase uncertainty of {one.uncertainty:.3g} rad is above {MOST_PHASE:g} rad: a "
                "phase that is not known at all has pi/sqrt(3)",
                next_step="correct the number or its unit",
            )
    series = ScalingSeries(
        series_id=table.identifier("id"),
        title=table.optional_text("title"),
        quantity=quantity,
        unit=kind(quantity).unit,
        counted=counted,
        probes_per_node=_probes_per_node(table, counted),
        points=points,
        probability=probability,
        provenance=table.one_of("provenance", PROVENANCES),
        source=table.optional_text("source"),
        digest=file.digest,
    )
    table.finish()
    root.finish()
    try:
        fit_scaling(points, probability=probability)
    except InputError as error:
        raise root.error("point", error.what, next_step=error.next_step) from None
    return series


def _probes_per_node(table: TomlTable, counted: Counted) -> float:
    if not table.has("probes_per_node"):
        return 0.0
    if counted is Counted.PROBES:
        raise table.error(
            "probes_per_node",
            "N counts probes here, not nodes",
            next_step='leave it out, or write counts = "nodes"',
        )
    return float(_whole(table, "probes_per_node", least=1))


def _point(table: TomlTable, *, dimension: Dimension) -> ScalingPoint:
    number = _whole(table, "N", least=1)
    u = positive(table, "u", dimension=dimension, like="the uncertainty").si
    if table.has("shots") and table.has("u_of_u"):
        raise table.error(
            "u_of_u", '"shots" and "u_of_u" say the same thing twice', next_step="keep one"
        )
    relative = None
    if table.has("shots"):
        shots = _whole(table, "shots", least=2)
        try:
            # Half the relative u of the variance is that of its root.
            relative = variance_uncertainty(1.0, shots) / 2.0
        except InputError as error:
            raise table.error("shots", error.what, next_step=error.next_step) from None
    elif table.has("u_of_u"):
        own = positive(table, "u_of_u", dimension=dimension, like="the uncertainty")
        relative = own.si / u
    table.finish()
    return ScalingPoint(float(number), u, relative)


def _whole(table: TomlTable, key: str, *, least: int) -> int:
    number = table.integer(key, least=least)
    if number > MOST:
        raise table.error(key, f"{number} is beyond 2^53", next_step="correct the number")
    return number
