"""Integrals of smooth pieces, to rounding: what risks and joint probabilities are made of.

Inside: `integrate`, `nodes_between`, `around`.
Source: composite Gauss-Legendre quadrature (Abramowitz and Stegun, 25.4.30).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
NODES = 24  # of one piece; a normal density over two standard deviations needs fewer
# Standard deviations at which a normal density is cut into pieces; beyond the last it is 1e-19.
STEPS = (-9.0, -6.5, -4.5, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.5, 6.5, 9.0)


def around(middle: float, u: float) -> Array:
    """Return where a normal density about a value is cut into pieces, shape (13,)."""
    return middle + u * np.array(STEPS)


def nodes_between(breakpoints: Iterable[float] | Array) -> tuple[Array, Array]:
    """Return nodes and weights over all pieces between breakpoints.

    Args:
        breakpoints: Finite numbers in any order, the ends of the integral among them.

    Returns:
        Nodes and weights, shape (24 pieces,); empty where the ends coincide.
    """
    edges = np.unique(np.fromiter(breakpoints, dtype=np.float64))
    if len(edges) < 2:
        return np.empty(0), np.empty(0)
    nodes, weights = _rule()
    half = np.diff(edges)[:, np.newaxis] / 2.0
    middle = (edges[:-1] + edges[1:])[:, np.newaxis] / 2.0
    return (middle + half * nodes).ravel(), (half * weights).ravel()


@cache
def _rule() -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return nodes, weights


def integrate(function: Callable[[Array], Array], breakpoints: Iterable[float] | Array) -> float:
    """Return the integral from the smallest to the largest breakpoint.

    Args:
        function: Of an array of shape (n,); smooth between neighbouring breakpoints.
        breakpoints: Finite numbers in any order.
    """
    nodes, weights = nodes_between(breakpoints)
    return float(weights @ function(nodes)) if len(nodes) else 0.0
