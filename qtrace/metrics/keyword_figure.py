"""Functions whose keywords are those of a metric: for figures with many arguments.

Inside: `Given`, `keyword_function`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.metric import MetricArgument, MetricFunction

Number = float | NDArray[np.float64]
Given = Mapping[str, Number]


def keyword_function(
    arguments: tuple[MetricArgument, ...], compute: Callable[[Given], Number]
) -> MetricFunction:
    """Return a function that takes exactly these keywords and hands them on by name.

    Defaults are filled in; a keyword that misses or is not known is a TypeError, as for any
    function.

    Args:
        arguments: Of the metric.
        compute: Takes all arguments by name.
    """
    signature = Signature(
        [
            Parameter(
                one.name,
                Parameter.KEYWORD_ONLY,
                default=Parameter.empty if one.default is None else one.default,
            )
            for one in arguments
        ]
    )

    def function(**given: Number) -> Number:
        bound = signature.bind(**given)
        bound.apply_defaults()
        return compute(bound.arguments)

    function.__signature__ = signature  # type: ignore[attr-defined]
    return function
