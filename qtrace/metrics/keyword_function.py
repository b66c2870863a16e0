"""A metric's function made from its arguments: what it takes is written once.

Inside: `keyword_function`, `Given`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.metric import MetricArgument, MetricFunction

Number = float | NDArray[np.float64]
Given = Mapping[str, Number]


def keyword_function(
    arguments: tuple[MetricArgument, ...], figure: Callable[[Given], Number]
) -> MetricFunction:
    """Return a function that takes exactly the arguments of a metric, by keyword.

    Args:
        arguments: Arguments of the metric; those with a default may miss.
        figure: The figure from the arguments by name.
    """
    signature = inspect.Signature(
        [
            inspect.Parameter(
                one.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if one.default is None else one.default,
            )
            for one in arguments
        ]
    )

    def function(**given: Number) -> Number:
        bound = signature.bind(**given)  # a TypeError names what misses or is unknown
        bound.apply_defaults()
        return figure(bound.arguments)

    function.__signature__ = signature  # type: ignore[attr-defined]
    function.__doc__ = figure.__doc__
    return function
