"""Arguments that the metrics of BBM92 share.

Inside: `Number`, `COUNTS_ONLY`, `cells`, `parameter`, `EFFICIENCY`, `LEAK`, `EPSILONS`,
`OVERLAP`, `KEY_BASES`, `ONE_BASIS`, `counts_metric`.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument, MetricFunction

Number = float | NDArray[np.float64]

COUNTS_ONLY = "none: counts in, bits out"


def cells() -> tuple[MetricArgument, ...]:
    """Return the four disjoint cells of a run."""
    counts = ArgumentSource.COUNTS
    return (
        MetricArgument("errors_z", "error_count", counts),
        MetricArgument("agreements_z", "agreement_count", counts),
        MetricArgument("errors_x", "error_count", counts),
        MetricArgument("agreements_x", "agreement_count", counts),
    )


def parameter(name: str, kind: str, default: float | None = None) -> MetricArgument:
    """Return an argument that is declared with the run."""
    return MetricArgument(name, kind, ArgumentSource.PARAMETER, default=default)


# Exactly one of both is given; 0 stands for "not given".
EFFICIENCY = parameter("error_correction_efficiency", "error_correction_efficiency", 0.0)
LEAK = parameter("leak", "leak", 0.0)
EPSILONS = tuple(
    parameter(f"epsilon_{name}", "failure_probability")
    for name in ("sampling", "correctness", "privacy")
)
OVERLAP = parameter("basis_overlap", "basis_overlap")
# Part of the two bases that gives key: both, unless the bound takes key from Z alone.
KEY_BASES = parameter("key_basis_share", "probability", 1.0)
ONE_BASIS = MappingProxyType({KEY_BASES.name: 0.5})


def counts_metric(
    name: str,
    title: str,
    kind_and_unit: tuple[str, str],
    *,
    arguments: tuple[MetricArgument, ...],
    function: MetricFunction,
    source: str,
    stepped_by: str = "",
) -> Metric:
    """Return a metric that no calibration can influence.

    `stepped_by` is empty, or says by which route a figure without derivative gets an interval.
    """
    kind, unit = kind_and_unit
    return Metric(
        metric_id=f"qkd.bbm92.{name}",
        version="1",
        title=title,
        result_kind=kind,
        unit=unit,
        arguments=arguments,
        function=function,
        influenced_by=COUNTS_ONLY,
        source=source,
        differentiable=not stepped_by,
        interval_by=stepped_by or "propagation of uncertainty",
    )
