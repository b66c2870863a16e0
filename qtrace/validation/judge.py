"""Compare a figure of ours with the printed one.

Inside: `Verdict`, `Comparison`, `compare_figure`, `refused_figure`, `DRAWN_FACTOR`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from qtrace.errors import InputError
from qtrace.uncertainty.stated import last_digit
from qtrace.validation.case import Basis, Figure, PrintedFigure

# Standard deviations of a difference between two drawn figures that chance may make. The first
# supplement takes 2 for one figure against its tolerance (JCGM 101:2008, 7.9.4); with some
# hundred drawn figures compared, 3 leaves chance few of them.
DRAWN_FACTOR = 3.0
# A printed half is a half, though no binary fraction says so.
ROUNDING = 1e-9


class Verdict(StrEnum):
    """What the comparison of one figure says."""

    PASS = "PASS"  # noqa: S105 - within the tolerance of a figure that was read in a source
    PASS_MEMORY = "PASS (memory)"  # noqa: S105 - within it, but the figure is from memory
    PASS_COMPUTED = "PASS (computed)"  # noqa: S105 - agrees with another computation, not a print
    EXPLAINED = "DIFF (explained)"  # differs as the data say, by the reason they give
    DIFF = "DIFF"  # differs, and nothing explains it


_PASSED = {
    Basis.READ: Verdict.PASS,
    Basis.MEMORY: Verdict.PASS_MEMORY,
    Basis.COMPUTED: Verdict.PASS_COMPUTED,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line of the table: printed, ours, difference (ours less printed), and the verdict.

    `ours` and `difference` are None where the product refused; `reason` says why then.
    """

    printed: PrintedFigure
    value: float
    ours: float | None
    difference: float | None
    tolerance: float
    scatter: float
    verdict: Verdict
    reason: str

    @property
    def passed(self) -> bool:
        """Return whether nothing is left unexplained."""
        return self.verdict is not Verdict.DIFF


def printed_value(text: str) -> tuple[float, float]:
    """Return a printed number and half a unit of its last digit.

    Args:
        text: Decimal text; "inf" is infinity and leaves no tolerance.

    Raises:
        InputError: the text is no number.
    """
    if text in {"inf", "-inf"}:
        return float(text), 0.0
    half = last_digit(text) / 2.0
    return float(text), half


def compare_figure(
    printed: PrintedFigure, ours: Figure, *, draws: int = 0, printed_draws: int = 0
) -> Comparison:
    """Judge one figure.

    The tolerance is half a unit of the last printed digit, or what the data state with a reason.
    Where the figure was drawn, the scatter of our draws and of those behind the print is added,
    `DRAWN_FACTOR` times.

    Args:
        printed: What is printed.
        ours: What this product finds, in the same unit.
        draws: Our number of draws, 0 where nothing was drawn.
        printed_draws: The number behind the print, 0 where that was not drawn.

    Source: JCGM 101:2008, 7.9.2 (numerical tolerance: half a unit of the last digit taken as
    meaningful), 7.9.4 (scatter of block figures).
    """
    value, half = printed_value(printed.text)
    tolerance = half if printed.tolerance is None else printed.tolerance
    scatter = 0.0
    if ours.scatter > 0.0:
        behind = draws / printed_draws if printed_draws else 0.0
        scatter = DRAWN_FACTOR * ours.scatter * math.sqrt(1.0 + behind)
    allowed = tolerance + scatter
    difference = 0.0 if ours.value == value else ours.value - value
    reason = printed.because
    if _within(difference, allowed, value):
        verdict = _PASSED[printed.basis]
    elif printed.explained:
        instead, instead_half = printed_value(printed.instead)
        left = 0.0 if ours.value == instead else ours.value - instead
        as_said = _within(left, instead_half + scatter, instead)
        verdict = Verdict.EXPLAINED if as_said else Verdict.DIFF
        reason = printed.explained
        if not as_said:
            reason = f"explained would be {printed.instead}, not this: {printed.explained}"
    else:
        verdict = Verdict.DIFF
        reason = f"differs by more than {allowed:.3g}; nothing in the data explains it"
    return Comparison(printed, value, ours.value, difference, allowed, scatter, verdict, reason)


def refused_figure(printed: PrintedFigure, what: str) -> Comparison:
    """Return the line of a figure that the product did not give, with its words."""
    value, half = printed_value(printed.text)
    return Comparison(printed, value, None, None, half, 0.0, Verdict.DIFF, f"refused: {what}")


def check_printed(printed: PrintedFigure) -> None:
    """Check that a printed figure can be judged.

    Raises:
        InputError: texts that are no numbers, a tolerance without reason or none, a reason for
            a difference without the figure that we must get, or the reverse.
    """
    printed_value(printed.text)
    if printed.tolerance is not None:
        if not 0.0 <= printed.tolerance < math.inf:
            raise InputError(f"{printed.tolerance:g} is no tolerance")
        if not printed.because:
            raise InputError(
                f"the tolerance of {printed.name} is given without a reason",
                next_step='say why in because = "..."',
            )
    if bool(printed.explained) != bool(printed.instead):
        raise InputError(
            f"{printed.name} has an explanation without the figure to expect, or the reverse",
            next_step='give both: explained = "..." and instead = "..."',
        )
    if printed.instead:
        printed_value(printed.instead)
    if printed.basis is Basis.READ and not printed.read_in:
        raise InputError(
            f"{printed.name} is called read, and no source is named",
            next_step="name it in read_in, or say memory or computed",
        )


def _within(difference: float, tolerance: float, value: float) -> bool:
    """Return whether a difference is no larger than a tolerance, float rounding aside."""
    if not math.isfinite(difference):
        return False
    slack = ROUNDING * tolerance + 4.0 * math.ulp(value if math.isfinite(value) else 0.0)
    return abs(difference) <= tolerance + slack
