"""Does the linear interval of the GUM stand up to the propagation of distributions?

Inside: `Verdict`, `Validation`, `compare_intervals`, `validate_result`.

Intervals are compared, never standard uncertainties: equal u with other tails is no agreement.
Source: JCGM 101:2008, clause 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qtrace.errors import InputError
from qtrace.uncertainty.coverage import effective_degrees_of_freedom, expand
from qtrace.uncertainty.drawn_figure import DrawnFigure, numerical_tolerance
from qtrace.uncertainty.network import Network, standard_uncertainty

Ends = tuple[float, float]


class Verdict(StrEnum):
    """What clause 8 says of the GUM interval."""

    VALIDATED = "VALIDATED"  # both ends agree within the numerical tolerance
    NOT_VALIDATED = "NOT VALIDATED"  # an end does not, or the GUM gives no interval


@dataclass(frozen=True, slots=True)
class Validation:
    """Both intervals, how far their ends lie apart, and what is allowed; all in one unit.

    `gum`, `d_low` and `d_high` are None where the GUM gives no interval; `reason` says why.
    `settled` is False where the scatter of the draws (2 s) could turn the verdict.
    """

    verdict: Verdict
    gum: Ends | None
    drawn: Ends
    d_low: float | None
    d_high: float | None
    tolerance: float
    digits: int
    settled: bool
    reason: str = ""


def compare_intervals(
    gum: Ends,
    drawn: Ends,
    *,
    tolerance: float,
    digits: int = 2,
    end_errors: Ends = (0.0, 0.0),
) -> Validation:
    """Compare the ends of two intervals with the numerical tolerance.

    Args:
        gum: y - U and y + U.
        drawn: Ends of the interval from draws, symmetric or shortest, of the same probability.
        tolerance: delta of u(y), see `numerical_tolerance`; the three share one unit.
        digits: Significant digits of u behind delta, kept for the reader.
        end_errors: Standard deviations s of the drawn ends. The supplement advises draws that
            are stable to delta / 5 (8.2, clause from memory).

    Returns:
        VALIDATED if neither |y - U - y_low| nor |y + U - y_high| is larger than delta.

    Raises:
        InputError: an interval is upside down.

    Source: JCGM 101:2008, 8.1.
    """
    for low, high in (gum, drawn):
        if not low <= high:
            raise InputError(f"{low:g} ... {high:g} is no interval")
    d_low, d_high = abs(gum[0] - drawn[0]), abs(gum[1] - drawn[1])
    slack = (2.0 * end_errors[0], 2.0 * end_errors[1])
    if d_low <= tolerance and d_high <= tolerance:
        verdict = Verdict.VALIDATED
        settled = d_low + slack[0] <= tolerance and d_high + slack[1] <= tolerance
    else:
        verdict = Verdict.NOT_VALIDATED
        settled = d_low - slack[0] > tolerance or d_high - slack[1] > tolerance
    return Validation(verdict, gum, drawn, d_low, d_high, tolerance, digits, settled)


def validate_result(
    network: Network, result_id: int, figure: DrawnFigure, *, digits: int = 2
) -> Validation:
    """Return the verdict of clause 8 on the GUM interval of a result, in SI units.

    Args:
        network: Holds the result and its ancestors.
        result_id: The result.
        figure: What draws of the same chain say; its coverage probability is used.
        digits: Significant digits of u taken as meaningful.

    Returns:
        The verdict. delta is that of the linear u, or of the drawn u where the linear one is 0.

    Source: JCGM 101:2008, 8.1; y and U by JCGM 100:2008, 6.2 and G.6.4.
    """
    u = standard_uncertainty(network, result_id)
    interval = figure.interval
    drawn = (interval.low, interval.high)
    errors = (figure.standard_errors.low, figure.standard_errors.high)
    scale = u if u > 0.0 else (figure.standard_uncertainty or 0.0)
    tolerance = numerical_tolerance(scale, digits)
    expanded = expand(network, result_id, u, coverage_probability=interval.coverage_probability)
    if expanded is None:
        why = effective_degrees_of_freedom(network, result_id).reason
        return Validation(
            Verdict.NOT_VALIDATED,
            None,
            drawn,
            None,
            None,
            tolerance,
            digits,
            settled=True,
            reason=f"the GUM gives no interval here: {why or 'too few degrees of freedom'}",
        )
    y, U = network.result(result_id).value, expanded.expanded_uncertainty
    return compare_intervals(
        (y - U, y + U), drawn, tolerance=tolerance, digits=digits, end_errors=errors
    )
