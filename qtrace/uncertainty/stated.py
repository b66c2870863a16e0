"""Uncertainties that others state: certificates with U, what they share, what they leave out.

Inside: `StatedUncertainty`, `from_certificate`, `last_digit`, `rounding_uncertainty`,
`remainder`, `UnknownCorrelation`, `unknown_correlation`.

A certificate seldom says everything; what is assumed in its place is said in `flags`, so that
whoever reads the budget sees it.
Source: JCGM 100:2008 (GUM), 4.3.3, 4.3.4, F.2.2.1, G.3; EA-4/02 M:2022, section 5 (k = 2);
clauses from memory.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from qtrace.errors import InputError

# "k = 2 for approximately 95 %" is the convention for a normal distribution, not t with 60
# degrees of freedom; 0.9545 is what it exactly covers.
CONVENTIONAL_K = 2.0
CONVENTIONAL_P = (0.95, 0.954, 0.9545, 0.955)
# k and its t quantile agree within this where k was printed with two decimals.
K_ROUNDING = 0.005
K_AGREEMENT = 0.01  # relative: degrees of freedom are truncated before k is taken
REMAINDER_ROUNDING = 1e-9  # relative: the shared part may equal the whole, rounding apart
ROUND_OFF = 1e-9  # relative: half a digit as a double
MOST_DEGREES = 1e6  # degrees of freedom above this are infinite for any k that is printed


@dataclass(frozen=True, slots=True)
class StatedUncertainty:
    """What a certificate's U means: u in SI units, its degrees of freedom, what was assumed.

    `rounding` is the standard uncertainty that rounding U adds, contained in
    `standard_uncertainty`; `coverage_factor` is the k that U was divided by.
    """

    standard_uncertainty: float
    degrees_of_freedom: float
    coverage_factor: float
    rounding: float = 0.0
    flags: tuple[str, ...] = ()


def from_certificate(
    expanded: float,
    *,
    k: float | None = None,
    probability: float | None = None,
    degrees_of_freedom: float | None = None,
    half_last_digit: float = 0.0,
    half_digit_of_k: float = K_ROUNDING,
) -> StatedUncertainty:
    """Return the standard uncertainty that a certificate states.

    Args:
        expanded: U, in SI units.
        k: Coverage factor, where stated.
        probability: Coverage probability, where stated.
        degrees_of_freedom: Effective degrees of freedom, where stated.
        half_last_digit: Half a unit of the last digit of U, in SI units; 0 keeps no rounding.
        half_digit_of_k: Half a unit of the last digit of k as printed.

    Returns:
        u = sqrt((U / k)^2 + (half digit / (sqrt(3) k))^2): the mean of u^2 over all U that
        would be printed so. Without degrees of freedom they follow from k and p (the t whose
        quantile k is, a whole number of them where one lies within the rounding of k: degrees of
        freedom are truncated before k is taken); k alone, and p alone, leave them infinite and
        are flagged.

    Raises:
        InputError: neither k nor probability, or one of the numbers is none.

    Source: GUM 4.3.3 (U with k), 4.3.4 (U with p, normal), G.3.2 (t); rounding: GUM F.2.2.1
        (half a digit, rectangular).
    """
    _check_statement(expanded, k, probability, degrees_of_freedom, half_last_digit)
    divisor, dof, note = _meaning(
        k, probability, degrees_of_freedom, half_digit_of_k=half_digit_of_k
    )
    rounding = rounding_uncertainty(half_last_digit) / divisor
    u = math.hypot(expanded / divisor, rounding)
    return StatedUncertainty(u, dof, divisor, rounding, (note,) if note else ())


def _meaning(
    k: float | None,
    probability: float | None,
    degrees_of_freedom: float | None,
    *,
    half_digit_of_k: float,
) -> tuple[float, float, str]:
    """Return (k, degrees of freedom, what was assumed) from what is stated."""
    dof = math.inf if degrees_of_freedom is None else degrees_of_freedom
    if k is None:
        normal = degrees_of_freedom is None
        return (
            _t_quantile(probability or 0.0, dof),
            dof,
            f"U stated for p = {probability:g} without k or degrees of freedom: taken as normal"
            if normal
            else "",
        )
    if probability is None:
        unknown = degrees_of_freedom is None
        note = f"k = {k:g} stated without p: degrees of freedom taken infinite"
        return k, dof, note if unknown else ""
    if degrees_of_freedom is None:
        degrees, note = _implied_degrees(k, probability)
        return k, _whole(degrees, k, probability, half_digit=half_digit_of_k), note
    agreed = _t_quantile(probability, dof)
    if abs(agreed - k) <= K_ROUNDING + K_AGREEMENT * agreed:
        return k, dof, ""
    return (
        k,
        dof,
        f"k = {k:g} is not that of t with {dof:g} degrees of freedom for p = {probability:g} "
        f"({agreed:.3g})",
    )


def _check_statement(
    expanded: float,
    k: float | None,
    probability: float | None,
    degrees_of_freedom: float | None,
    half_last_digit: float,
) -> None:
    if not (math.isfinite(expanded) and expanded >= 0.0):
        raise InputError(
            f"an expanded uncertainty is a finite number from 0, not {expanded:g}",
            next_step="correct U",
        )
    if k is None and probability is None:
        raise InputError(
            "U without k and without coverage probability says nothing",
            next_step="add k, or p, as the certificate states them",
        )
    if k is not None and not 0.0 < k < math.inf:
        raise InputError(f"the coverage factor {k:g} is not above zero", next_step="correct k")
    if probability is not None and not 0.0 < probability < 1.0:
        raise InputError(
            f"a coverage probability lies between 0 and 1, not {probability:g}",
            next_step="write 0.95 or 95 %",
        )
    if degrees_of_freedom is not None and not degrees_of_freedom >= 1.0:
        raise InputError(
            f"{degrees_of_freedom:g} degrees of freedom are below 1",
            next_step="give the effective degrees of freedom of the certificate",
        )
    if not (math.isfinite(half_last_digit) and half_last_digit >= 0.0):
        raise InputError(f"half a digit of U is {half_last_digit:g}")


def _t_quantile(probability: float, degrees_of_freedom: float) -> float:
    from scipy.special import ndtri, stdtrit

    upper = (1.0 + probability) / 2.0
    if math.isinf(degrees_of_freedom):
        return float(ndtri(upper))
    return float(stdtrit(degrees_of_freedom, upper))


def _implied_degrees(k: float, probability: float) -> tuple[float, str]:
    """Return the degrees of freedom whose t quantile k is, with what must be said of it."""
    from scipy.special import stdtridf

    normal = _t_quantile(probability, math.inf)
    if k == CONVENTIONAL_K and probability in CONVENTIONAL_P:
        return math.inf, (
            f"k = 2 for p = {probability:g} is read as the normal convention: degrees of freedom "
            "taken infinite"
        )
    if k < normal - K_ROUNDING:
        return math.inf, (
            f"k = {k:g} is below {normal:.3g}, the normal one for p = {probability:g}: the "
            "certificate's distribution is not normal (a bounded component dominates)"
        )
    if k <= normal + K_ROUNDING:
        return math.inf, ""
    if k > _t_quantile(probability, 1.0) + K_ROUNDING:
        raise InputError(
            f"no degrees of freedom from 1 on give k = {k:g} for p = {probability:g}",
            next_step="check k and p against the certificate",
        )
    # stdtridf returns the degrees of freedom for which the distribution function at k is p.
    degrees = max(1.0, float(stdtridf((1.0 + probability) / 2.0, k)))
    if degrees > MOST_DEGREES:
        return math.inf, ""
    return degrees, ""


def _whole(degrees: float, k: float, probability: float, *, half_digit: float) -> float:
    """Return the whole degrees of freedom that print this k, else those that were solved for it.

    Source: GUM G.4.1 with Table G.2: k is taken for the next lower integer, then printed.
    """
    if math.isinf(degrees):
        return degrees
    away, nearest = min(
        (abs(_t_quantile(probability, float(n)) - k), n)
        for n in {max(1, math.floor(degrees)), math.ceil(degrees)}
    )
    return float(nearest) if away <= half_digit * (1.0 + ROUND_OFF) else degrees


def last_digit(text: str) -> float:
    """Return one unit of the last digit of a decimal number as printed: "0.004" gives 0.001.

    Args:
        text: Digits with an optional point, sign and exponent; zeros at the end count as digits.

    Raises:
        InputError: the text is no finite decimal number.
    """
    try:
        exponent = Decimal(text).as_tuple().exponent
    except ArithmeticError:
        exponent = "n"
    if not isinstance(exponent, int):
        raise InputError(f"{text!r} is no decimal number", next_step="write digits, e.g. 0.0040")
    return float(Decimal(1).scaleb(exponent))


def rounding_uncertainty(half_last_digit: float) -> float:
    """Return the standard uncertainty of a rounded number: half the last digit over sqrt(3).

    Source: GUM F.2.2.1 (u = 0.29 of the resolution), 4.3.7.
    """
    return half_last_digit / math.sqrt(3.0)


def remainder(certificate: float, shared: float, *, where: str = "") -> float:
    """Return what is left of a certificate's u after a part that it shares with others.

    Args:
        certificate: u of the certificate, the shared part contained, in SI units.
        shared: c u_shared: the shared part as it enters this quantity, in SI units.
        where: The certificate, for the error.

    Returns:
        u_own with u_own^2 = u_cert^2 - (c u_shared)^2, in SI units; 0 where they are equal.

    Raises:
        InputError: the certificate claims less than the source it rests on.

    Source: GUM Eq. 10, solved for one component.
    """
    if not (0.0 <= certificate < math.inf and 0.0 <= abs(shared) < math.inf):
        raise InputError(
            f"u = {certificate:g} and a shared part of {shared:g} are no uncertainties",
            where=where,
        )
    difference = (certificate - abs(shared)) * (certificate + abs(shared))
    if difference < -REMAINDER_ROUNDING * certificate**2:
        raise InputError(
            f"the certificate claims less than its source: u = {certificate:.6g}, but the part it "
            f"shares is {abs(shared):.6g} already",
            where=where,
            next_step="check the sensitivity and the shared u; if both are right, the certificate "
            "cannot be used",
        )
    return math.sqrt(max(0.0, difference))


@dataclass(frozen=True, slots=True)
class UnknownCorrelation:
    """u of a sum whose terms correlate in an unknown way: taken independent, and at most.

    No correlation matrix gives more than `bound`, so `larger` is never too small.
    """

    independent: float
    bound: float

    @property
    def larger(self) -> float:
        """The figure that decides."""
        return max(self.independent, self.bound)


def unknown_correlation(contributions: Sequence[float]) -> UnknownCorrelation:
    """Return both figures for contributions c_i u_i of one certificate, signs not needed.

    Args:
        contributions: c_i u_i in the SI unit of the result, shape (n,).

    Source: GUM 5.2.2, Eq. 13 with r = 0, and the bound sum |c_i u_i| that it reaches for
        r_ij = sign(c_i c_j) (GUM 5.2.2, note 1).
    """
    return UnknownCorrelation(
        math.hypot(*contributions), math.fsum(abs(one) for one in contributions)
    )
