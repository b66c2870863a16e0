"""Answers about conformity and equivalence for the terminal.

Inside: `conformity_text`, `equivalence_text`.
"""

from __future__ import annotations

import math
from typing import Protocol

from qtrace.certification.evidence import ResultStatement
from qtrace.report.figures import DASH, degrees, estimate, measured, percent, risk, uncertainty
from qtrace.report.text import key_values
from qtrace.standards.conformity import ConformityAnswer, GlobalFigures
from qtrace.uncertainty.comparison import Comparison, Sharing
from qtrace.uncertainty.risk import SpecificRisk

ZONES = {
    "accepted": "within the acceptance limits",
    "guard_inside": "within tolerance, beyond an acceptance limit",
    "guard_outside": "beyond tolerance, by no more than the guard band",
    "rejected": "beyond tolerance by more than the guard band",
}
MOST_SHARED = 5


def _between(low: float, high: float, unit: str) -> str:
    if math.isinf(low):
        return f"at most {estimate(high, unit)}"
    if math.isinf(high):
        return f"at least {estimate(low, unit)}"
    if low > high:
        return f"none: {estimate(low, unit)} and {estimate(high, unit)} have crossed"
    return f"{estimate(low, unit)} to {estimate(high, unit)}"


def _parts(low: float, high: float, unit: str) -> str:
    """Write two widths, once where they are the same."""
    largest = uncertainty(max(low, high), unit)
    if uncertainty(min(low, high), unit) == largest or not low or not high:
        return largest
    return f"{uncertainty(low, unit)} below, {uncertainty(high, unit)} above"


def _risk(part: float) -> str:
    """Write a probability; one near 1 with the digits that tell it from 1."""
    return f"{part:.6f}".rstrip("0") if 0.99 < part < 0.9999995 else risk(part)


def _fails(specific: SpecificRisk) -> str:
    """Write the consumer's risk; of draws with its standard error, or by the rule of three.

    Source: of n draws without a hit the 95 % upper bound of the share is 3 / n, and 1 / n is
    what a share of none has as its standard error here.
    """
    if not specific.standard_error:
        return _risk(specific.fails)
    if specific.fails == 0.0:
        return f"no draw, at 95 % below {risk(3.0 * specific.standard_error)},"
    return f"{_risk(specific.fails)} (standard error {risk(specific.standard_error)})"


def conformity_text(answer: ConformityAnswer) -> str:
    """Return zone, words, limits and risks; each risk says of what it is a part."""
    unit = answer.unit
    k = "" if answer.coverage_factor is None else f", k = {answer.coverage_factor:.3f}"
    specific = answer.specific
    ratio = DASH if answer.ratio is None else f"{answer.ratio:.3g} (half the tolerance over U)"
    rows = [
        ("result", f"{answer.label} = {measured(answer.value, answer.standard_uncertainty, unit)}"),
        (
            "U",
            f"{_parts(answer.expanded_below, answer.expanded_above, unit)}"
            f" (p = {percent(answer.coverage_probability)}{k})",
        ),
        *_bias_rows(answer),
        ("tolerance", _between(answer.low, answer.high, unit)),
        *([("u of limits", uncertainty(answer.limit_u, unit))] if answer.limit_u else []),
        ("rule", answer.rule),
        ("guard band", _parts(answer.guard_low, answer.guard_high, unit)),
        ("acceptance", _between(answer.acceptance_low, answer.acceptance_high, unit)),
        ("TUR", ratio),
        ("", ""),
        ("this rule says", answer.words),
        ("zone", ZONES[answer.zone]),
        ("", ""),
        ("of this item", specific.basis),
        ("does not conform", f"{_fails(specific)} = consumer's risk of accepting it"),
        ("conforms", f"{_risk(specific.conforms)} = producer's risk of rejecting it"),
    ]
    if answer.specific_with_prior is not None:
        fails = _risk(answer.specific_with_prior.fails)
        rows.append(("with the prior", f"does not conform: {fails}"))
    if answer.over_all_items is not None:
        rows.extend(_global_rows(answer.over_all_items, unit))
    lines = [key_values(rows)]
    lines.extend(f"note: {flag}" for flag in answer.flags)
    return "\n".join(lines)


def _bias_rows(answer: ConformityAnswer) -> list[tuple[str, str]]:
    """Say what a known error in the value does to all figures below it."""
    if not answer.known_bias:
        return []
    error = estimate(answer.known_bias, answer.unit)
    return [("known error", f"{error}, not corrected: in U; taken off in the risks")]


def _global_rows(found: GlobalFigures, unit: str) -> list[tuple[str, str]]:
    return [
        ("", ""),
        (
            "of all such items",
            f"prior {found.prior}: mean {estimate(found.prior_mean, unit)}, "
            f"sigma {uncertainty(found.prior_spread, unit)}",
        ),
        ("in tolerance", f"{percent(found.true_in_tolerance)} true"),
        ("", f"{percent(found.observed_in_tolerance)} observed, with measurement scatter"),
        ("accepted", percent(found.accepted)),
        ("consumer's risk", f"{percent(found.consumer)} of all are wrongly accepted"),
        ("", f"{percent(found.consumer_of_accepted)} of the accepted do not conform"),
        ("producer's risk", f"{percent(found.producer)} of all are wrongly rejected"),
        ("", f"{percent(found.producer_of_rejected)} of the rejected conform"),
    ]


class ComparedResults(Protocol):
    """What of a comparison is printed."""

    @property
    def first(self) -> ResultStatement:
        """The first result."""

    @property
    def second(self) -> ResultStatement:
        """The second result."""

    @property
    def comparison(self) -> Comparison:
        """Difference and E_n, in the unit of the first."""

    @property
    def shared(self) -> tuple[tuple[str, float], ...]:
        """Common inputs and their covariance, in the square of that unit."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What differs between the measurands."""


_INDEPENDENT = {
    Sharing.NOTHING: "holds: they share nothing",
    Sharing.INPUTS: "NOT VALID here: they share what is named below",
    Sharing.UNKNOWN: "NOT VALID here: what they share is not stated",
}


def equivalence_text(compared: ComparedResults) -> str:
    """Return the difference, E_n with what is shared, and what independence would claim."""
    found = compared.comparison
    unit = compared.first.unit
    rows = []
    for one, bias in zip((compared.first, compared.second), found.known_biases, strict=True):
        rows.append((one.label, f"{measured(one.value, one.standard_uncertainty, one.unit)}"))
        if bias:
            rows.append(("its known error", f"{estimate(bias, unit)}, taken off below"))
    rows += [
        ("correlation", f"r = {found.correlation:.4f}"),
        ("difference", f"{estimate(found.difference, unit)}"),
        ("its u, sharing kept", f"{uncertainty(found.u_difference, unit)}"),
        (
            "its U",
            f"{uncertainty(found.expanded_difference, unit)} (p = "
            f"{percent(found.coverage_probability)}, k = {found.coverage_factor:.3f}, "
            f"nu = {degrees(found.degrees_of_freedom)})",
        ),
        ("its u if independent", f"{uncertainty(found.independent_u, unit)}"),
    ]
    if found.ratio is not None and found.relative_u_ratio is not None:
        rows += [
            ("ratio", f"{found.ratio:.6g}"),
            ("its relative u", f"{found.relative_u_ratio:.3%}, sharing kept"),
            ("the same if independent", f"{found.independent_relative_u_ratio or 0.0:.3%}"),
        ]
    rows += [
        (
            "E_n",
            f"{found.normalised_error:.3g}: {'agree' if found.agree else 'DO NOT AGREE'}",
        ),
        (
            "E_n if independent",
            f"{found.independent_error:.3g}, {_INDEPENDENT[found.sharing]}",
        ),
    ]
    if any(found.known_biases):
        rows += [
            ("difference as stated", estimate(found.stated_difference, unit)),
            ("E_n as stated", f"{found.stated_error:.3g}, known errors in U: not judged"),
        ]
    lines = [key_values(rows)]
    lines.extend(_shared_lines(compared))
    lines.extend(f"note: {reason}" for reason in found.reasons)
    lines.extend(f"the measurands differ in {remark}" for remark in compared.remarks)
    return "\n".join(lines)


def _shared_lines(compared: ComparedResults) -> list[str]:
    """Return the common inputs with their part of the covariance, the largest first."""
    if not compared.shared:
        return []
    whole = sum(part for _, part in compared.shared)
    lines = [f"shared: {len(compared.shared)} input quantities"]
    for owner, part in compared.shared[:MOST_SHARED]:
        share = f"{part / whole:.1%} of their covariance" if whole else ""
        lines.append(f"  {owner}  {share}".rstrip())
    return lines
