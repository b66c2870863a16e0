"""The joint region of several results: from their covariance, and from draws.

Inside: `RegionAsked`, `region`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qtrace.metrics.catalogue import functions
from qtrace.quantity.units import parse_unit
from qtrace.registry.dossier import load_dossier
from qtrace.uncertainty.joint_region import StatedRegion, stated_region
from qtrace.uncertainty.monte_carlo import draw_chain
from qtrace.uncertainty.multivariate import Region, drawn_ellipsoid, drawn_rectangle, share_inside
from qtrace.workflow.workbench import Workbench


@dataclass(frozen=True, slots=True)
class RegionAsked:
    """A joint region, in the units of the results; draws only where they were asked for.

    `labels`, `values`, `standard_uncertainties` and `units` stand in the order asked. The shares
    are those of draws inside the regions by formula.
    """

    labels: tuple[str, ...]
    values: tuple[float, ...]
    standard_uncertainties: tuple[float, ...]
    units: tuple[str, ...]
    stated: StatedRegion
    drawn_ellipse: Region | None = None
    drawn_rectangle: Region | None = None
    share_in_ellipse: float | None = None
    share_in_rectangle: float | None = None
    draws: int = 0
    seed: int = 0


def region(
    workbench: Workbench, labels: tuple[str, ...], *, draws: int = 0, seed: int = 1
) -> RegionAsked:
    """Return the joint region of results at the workbench's coverage probability.

    Args:
        workbench: Settings and doors.
        labels: Labels EVENT/name of two or more results.
        draws: Monte Carlo draws over the chain, 0 for none.
        seed: Their seed.

    Raises:
        InputError: unknown results, fewer than two, one twice; too few draws for a region.
    """
    with workbench.read() as session:
        recorded = [session.events.result(label) for label in labels]
        ids = [one.result_id for one in recorded]
        dossier = load_dossier(session, ids)
    p = workbench.coverage_probability
    stated = stated_region(dossier.network, ids, coverage_probability=p)
    factors = [float(parse_unit(one.unit).factor) for one in recorded]
    asked = RegionAsked(
        tuple(one.label for one in recorded),
        tuple(float(v) / f for v, f in zip(stated.estimates, factors, strict=True)),
        tuple(float(u) / f for u, f in zip(stated.standard_uncertainties, factors, strict=True)),
        tuple(one.unit for one in recorded),
        stated,
    )
    if not draws or stated.unstated:  # draws would take what is not stated as independent
        return asked
    joint = draw_chain(dossier.network, ids, n=draws, seed=seed, functions=functions())
    rows = np.stack([joint.values[one] for one in ids])
    u = stated.standard_uncertainties
    covariance = stated.correlation * np.outer(u, u)
    inside = [
        None
        if factor is None
        else share_inside(rows, stated.estimates, covariance, factor=factor, rectangle=rectangle)
        for factor, rectangle in (
            (None if stated.ellipse is None else stated.ellipse.value, False),
            (stated.rectangle, True),
        )
    ]
    return RegionAsked(
        asked.labels,
        asked.values,
        asked.standard_uncertainties,
        asked.units,
        stated,
        drawn_ellipsoid(rows, p, about=(stated.estimates, covariance)),
        drawn_rectangle(rows, p, about=(stated.estimates, covariance)),
        inside[0],
        inside[1],
        draws,
        seed,
    )
