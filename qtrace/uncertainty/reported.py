"""Results as they are reported: rounded, with known uncorrected bias listed and covered.

Inside: `BiasTreatment`, `Reported`, `report`.
Source: GUM 7.2.2 to 7.2.6, note to 6.3.1 and F.2.4.5; rounding: `quantity.notation`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from qtrace.errors import InputError
from qtrace.quantity.notation import decimal_text, format_plus_minus, round_uncertainty


class BiasTreatment(StrEnum):
    """What is done about a bias that is known and was not corrected."""

    REFUSE = "refuse"  # the result is not issued
    ENLARGE = "enlarge"  # U + |bias|, with the bias listed


@dataclass(frozen=True, slots=True)
class Reported:
    """A result ready to be printed, in the unit that is shown.

    `text` is the value with U to the same last digit; `expanded_uncertainty` is the number behind
    `uncertainty_text`: k u, plus |bias| where it was enlarged. `coverage_factor` is the k of k u
    and does not lead back from an enlarged U to u, which `standard_uncertainty` keeps.
    """

    text: str
    uncertainty_text: str
    value: float
    standard_uncertainty: float
    coverage_factor: float
    coverage_probability: float
    expanded_uncertainty: float
    bias: float
    note: str


def report(
    value: float,
    standard_uncertainty: float,
    *,
    unit_code: str,
    coverage_factor: float,
    coverage_probability: float,
    bias: float = 0.0,
    bias_treatment: BiasTreatment = BiasTreatment.REFUSE,
) -> Reported:
    """Round a result for its certificate: U to two digits, the value to the same place.

    Args:
        value: Estimate, in the unit shown.
        standard_uncertainty: Combined u, in the unit shown; positive.
        unit_code: Code of the unit shown; "" and "1" are not written.
        coverage_factor: k, at least 1.
        coverage_probability: p, between 0 and 1.
        bias: Known error (indicated minus true) that was not corrected, in the unit shown.
        bias_treatment: Whether a result with such a bias is refused or U enlarged.

    Returns:
        Texts and numbers, with a note that names the bias.

    Raises:
        InputError: a number that is none, or a bias that is not corrected and to be refused.

    Source: GUM 7.2.6 (digits); U + |b| as the simple sum of Phillips, Eberhardt and Parry,
    J. Res. NIST 102, 577 (1997) (sum from memory). GUM, note to 6.3.1: to be avoided, correct the
    result wherever that is possible; F.2.4.5 averages a curve instead (`mean_correction`).
    """
    _refuse_numbers(value, standard_uncertainty, coverage_factor, coverage_probability, bias)
    expanded = coverage_factor * standard_uncertainty
    note = ""
    if bias != 0.0:
        if bias_treatment is BiasTreatment.REFUSE:
            raise InputError(
                f"the result has a known bias of {bias:g} that was not corrected",
                next_step="apply the correction with its own uncertainty; only where that is "
                "impossible declare that U is to be enlarged",
            )
        note = (
            f"known bias {decimal_text(bias)} not corrected; U = {round_uncertainty(expanded)} "
            "is enlarged by its size"
        )
        expanded += abs(bias)
    return Reported(
        format_plus_minus(value, expanded, unit_code),
        round_uncertainty(expanded),
        value,
        standard_uncertainty,
        coverage_factor,
        coverage_probability,
        expanded,
        bias,
        note,
    )


def _refuse_numbers(value: float, u: float, k: float, p: float, bias: float) -> None:
    """Raise InputError for what cannot be printed as a measurement result."""
    if not all(math.isfinite(number) for number in (value, u, bias)):
        raise InputError("a reported value, uncertainty or bias is not a finite number")
    if not u > 0.0:
        raise InputError(
            f"u = {u} cannot be reported",
            next_step="an exact number has no certificate; a limit is reported as one",
        )
    if not (k >= 1.0 and math.isfinite(k)):
        raise InputError(f"a coverage factor is 1 or more, not {k}")
    if not 0.0 < p < 1.0:
        raise InputError(f"a coverage probability lies between 0 and 1, not {p}")
