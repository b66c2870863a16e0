"""What a metric is: a named, versioned figure with its arguments and its function.

Inside: `ArgumentSource`, `MetricArgument`, `Metric`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.proportions import Interval

MetricFunction = Callable[..., float | NDArray[np.float64]]
# From all arguments by name, in SI units, and a two-sided probability, to an interval that rests
# on no linear form.
IntervalFunction = Callable[[Mapping[str, float], float], Interval]
# The same, with the standard uncertainties of the arguments beside their values.
SpreadInterval = Callable[[Mapping[str, float], Mapping[str, float], float], Interval]


class ArgumentSource(StrEnum):
    """Where an argument comes from."""

    CALIBRATION = "calibration"  # a result with a chain to the SI
    COUNTS = "counts"  # what was counted in the run
    PARAMETER = "parameter"  # declared with the run or the protocol
    TAGS = "tags"  # reduced from time tags, or from a series of offsets
    RESULT = "result"  # an earlier figure of the same run
    MOMENTS = "moments"  # measured second moments of a run with continuous variables


@dataclass(frozen=True, slots=True)
class MetricArgument:
    """One argument: its keyword, kind, source, and the role of the device behind it.

    `default` is the estimate where the argument is not given; None: it must be given. A
    default stands for "not corrected", never for "known": the missing calibration is a break.
    `conditions` are those of the calibrated result: intensity "1" and the like. Where a
    calibration is missing, a parameter declared under the same name stands in, as a break.
    """

    name: str
    kind: str
    source: ArgumentSource
    role: str = ""
    default: float | None = None
    conditions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """A performance figure; `function` takes the arguments by keyword, numbers or arrays.

    `unit` is the code of the unit in which `function` returns. `influenced_by` says which
    calibrations can influence the figure. Where `differentiable` is false there is no partial
    derivative; `interval_by` then says by which other route an interval is given, or none.
    `interval` is that route where it is a function of the arguments alone: the same arguments
    give the same interval, so that a stranger can compute it again (draws fix their seed).
    `spread_interval` stands in its place where the u of calibrated arguments widens it.
    `named_by` are choices of a run that the figure means nothing without, such as the reference
    of a gain: they become conditions of what is measured.
    """

    metric_id: str
    version: str
    title: str
    result_kind: str
    unit: str
    arguments: tuple[MetricArgument, ...]
    function: MetricFunction
    influenced_by: str
    source: str
    differentiable: bool = True
    interval_by: str = "propagation of uncertainty"
    interval: IntervalFunction | None = None
    spread_interval: SpreadInterval | None = None
    named_by: tuple[str, ...] = ()

    def own_interval(
        self, values: Mapping[str, float], spread: Mapping[str, float], probability: float
    ) -> Interval | None:
        """Return the interval that the metric brings itself, None where it brings none.

        Args:
            values: Arguments by name, in SI units.
            spread: Their standard uncertainties.
            probability: Two-sided.
        """
        if self.spread_interval is not None:
            return self.spread_interval(values, spread, probability)
        return None if self.interval is None else self.interval(values, probability)

    @property
    def key(self) -> str:
        """Return id and version, as models that are functions are stored: id@version."""
        return f"{self.metric_id}@{self.version}"

    def argument(self, name: str) -> MetricArgument | None:
        """Return one argument, or None where the metric has none of that name."""
        return next((one for one in self.arguments if one.name == name), None)
