"""The coherence of a quantum memory for the terminal.

Inside: `storage_text`.
"""

from __future__ import annotations

from typing import Protocol

from qtrace.physics.states.memory import CoherenceFit
from qtrace.report.columns import WIDTH, table, wrapped
from qtrace.report.printable import printable


class StoredPoint(Protocol):
    """What of a time of storage is printed."""

    @property
    def time_s(self) -> float:
        """Time of storage."""

    @property
    def counts(self) -> int:
        """Counts at it."""

    @property
    def visibility(self) -> float:
        """Visibility counted."""

    @property
    def low(self) -> float:
        """Lower end of its interval."""

    @property
    def high(self) -> float:
        """Upper end of its interval."""

    @property
    def fitted(self) -> float:
        """Visibility of the fit."""


class Coherence(Protocol):
    """What of a fitted series is printed."""

    @property
    def series_id(self) -> str:
        """The file."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def provenance(self) -> str:
        """Where the counts come from."""

    @property
    def source(self) -> str:
        """In words."""

    @property
    def fit(self) -> CoherenceFit:
        """The fit."""

    @property
    def points(self) -> tuple[StoredPoint, ...]:
        """Times of storage."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know."""


def storage_text(done: Coherence) -> str:
    """Return the points with exact intervals, the fit and how well it holds."""
    fit = done.fit
    lines = wrapped(printable(f"{done.series_id}: {done.title}".removesuffix(": ")), WIDTH)
    lines += wrapped(f"source: {done.provenance}; {done.source}", WIDTH)
    rows = [
        (
            f"{one.time_s:.6g}",
            str(one.counts),
            f"{one.visibility:.4f}",
            f"{one.low:.4f} to {one.high:.4f}",
            f"{one.fitted:.4f}",
        )
        for one in done.points
    ]
    heads = ("time / s", "counts", "visibility", "95 % (Clopper-Pearson)", "fitted")
    lines += ["", table(heads, rows, right=(0, 1, 2, 4)), ""]
    word = "exp(-t/T)" if fit.decay.value == "exponential" else "exp(-(t/T)^2)"
    lines += [
        f"shape:               {fit.decay.value}, V {word}, maximum likelihood",
        f"coherence time T:    {fit.coherence_time_s:.6g} s, u {fit.u_coherence_time_s:.2g} s",
        f"visibility V at 0 s: {fit.visibility:.4f}, u {fit.u_visibility:.4f}, "
        f"correlation {fit.correlation:.2f}",
        f"goodness of fit:     deviance {fit.deviance:.4g} for {fit.degrees_of_freedom} degrees of "
        f"freedom, p {fit.p_value:.3g}",
    ]
    for note in done.notes:
        head, *rest = wrapped(note, WIDTH - 6)
        lines += [f"note: {head}", *(f"      {one}" for one in rest)]
    return "\n".join(lines)
