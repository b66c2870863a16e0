"""A joint region for the terminal.

Inside: `region_text`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Protocol

from qtrace.report.columns import table
from qtrace.report.figures import measured, percent
from qtrace.uncertainty.joint_region import StatedRegion
from qtrace.uncertainty.multivariate import Region


class AskedRegion(Protocol):
    """What of a joint region is printed."""

    @property
    def labels(self) -> Sequence[str]:
        """Labels of the results."""

    @property
    def values(self) -> Sequence[float]:
        """Estimates, in the units of the results."""

    @property
    def standard_uncertainties(self) -> Sequence[float]:
        """Their u."""

    @property
    def units(self) -> Sequence[str]:
        """Their units."""

    @property
    def stated(self) -> StatedRegion:
        """The region by formula."""

    @property
    def drawn_ellipse(self) -> Region | None:
        """The ellipsoid of the draws."""

    @property
    def drawn_rectangle(self) -> Region | None:
        """The rectangle of the draws."""

    @property
    def share_in_ellipse(self) -> float | None:
        """Share of draws in the ellipsoid by formula."""

    @property
    def share_in_rectangle(self) -> float | None:
        """Share of draws in the rectangle by formula."""

    @property
    def draws(self) -> int:
        """Number of draws."""

    @property
    def seed(self) -> int:
        """Their seed."""


def region_text(asked: AskedRegion) -> str:
    """Return results with their correlations, and the factors of both regions."""
    numbers = [str(k + 1) for k in range(len(asked.labels))]
    rows = []
    for k, label in enumerate(asked.labels):
        value = measured(asked.values[k], asked.standard_uncertainties[k], asked.units[k])
        r = [f"{asked.stated.correlation[k, j]:.4f}" for j in range(k + 1)]
        rows.append((numbers[k], label, value, *r, *[""] * (len(numbers) - k - 1)))
    right = tuple(range(3, 3 + len(numbers)))
    lines = [table(("", "result", "value(u)", *(f"r {n}" for n in numbers)), rows, right=right)]
    stated = asked.stated
    lines.append(f"joint regions, p = {percent(stated.coverage_probability)}:")
    if stated.ellipse is not None:
        lines.append(
            f"  ellipse    k = {stated.ellipse.value:.4f}  ({stated.ellipse.reference.value}"
            f"{_inside(asked.share_in_ellipse)})"
        )
    if stated.rectangle is not None:
        lines.append(
            f"  rectangle  k = {stated.rectangle:.4f}  ("
            f"{'Bonferroni' if stated.unstated else 'Sidak'}, at least p"
            f"{_inside(asked.share_in_rectangle)})"
        )
    if stated.unstated:
        lines.extend(textwrap.wrap(stated.reason, 78, initial_indent="  ", subsequent_indent="  "))
        lines.append("  r takes them as independent, as draws would: none are made, no ellipse")
    elif stated.reason:
        lines.append(f"  by formula not all: {stated.reason}")
    for name, drawn in (("ellipse  ", asked.drawn_ellipse), ("rectangle", asked.drawn_rectangle)):
        if drawn is not None:
            lines.append(
                f"  {name}  k = {drawn.factor:.4f}  (from {asked.draws} draws, seed {asked.seed})"
            )
    if stated.reason and asked.drawn_ellipse is None and not stated.unstated:
        lines.append("  --monte-carlo N draws them")
    lines.append("ellipse: (eta - y)' U^-1 (eta - y) <= k^2; rectangle: y_j +- k u_j, all at once")
    return "\n".join(lines)


def _inside(share: float | None) -> str:
    return "" if share is None else f"; {percent(share)} of the draws lie inside"
