"""A run compared with its publication, for the terminal.

Inside: `comparison_text`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Protocol

from qtrace.metrics.entangled.bbm92_report import Bbm92Report, BoundOutcome, KeyLengths

WIDTH = 80


class ComparedRun(Protocol):
    """What of a comparison is printed."""

    @property
    def run_id(self) -> str:
        """The run."""

    @property
    def report(self) -> Bbm92Report:
        """Figures of its counts."""

    @property
    def published(self) -> Mapping[str, float]:
        """Published figures by name, in SI units."""

    @property
    def from_memory(self) -> tuple[str, ...]:
        """Parts that no source confirms."""


def _plus_minus(value: float, u: float | None, *, digits: int = 4) -> str:
    return f"{value:.{digits}f}" + (" (no u)" if u is None else f" +- {u:.{digits}f}")


def _lengths(name: str, lengths: KeyLengths) -> list[str]:
    gamma = "no value" if lengths.gamma_bits is None else f"{lengths.gamma_bits:.1f} bit"
    split = lengths.split
    return [
        name,
        f"  per basis: sampling {split.sampling:.3g}, correctness {split.correctness:.3g}, "
        f"privacy {split.privacy:.3g}",
        f"  sum over both bases {split.total:.3g}",
        f"  gamma bound of Lim 2014      {gamma}",
        f"  exact hypergeometric tail    {lengths.tail_bits:.1f} bit",
    ]


def _bound(outcome: BoundOutcome) -> list[str]:
    line = f"{outcome.name}: {outcome.bits} bit"
    wrapped = textwrap.wrap(outcome.reason, WIDTH - 2, initial_indent="  ", subsequent_indent="  ")
    return [line, *wrapped]


def comparison_text(compared: ComparedRun) -> str:
    """Return every figure of a run with every named bound, published figures beside."""
    report = compared.report
    low, high, p = report.qber_interval
    lines = [
        f"run {compared.run_id}: {report.errors} errors in {report.sifted} sifted bits",
        f"QBER               {_plus_minus(report.qber, report.qber_u)}",
        f"  exact {p:.0%} interval {low:.4f} ... {high:.4f} (Clopper-Pearson); "
        f"no key beyond {report.threshold_qber:.2%}",
        f"asymptotic key     {_plus_minus(report.key_fraction, report.key_fraction_u)} per bit",
        f"                   {_plus_minus(report.key_rate_bit_per_s, report.key_rate_u_bit_per_s)}"
        " bit/s",
        *_lengths("finite length, epsilons as declared with the run:", report.declared),
        *_lengths("finite length, epsilons that sum to the target:", report.to_target),
        *_bound(report.tomamichel_2012),
        *_bound(report.leverrier_2017),
    ]
    if compared.published:
        lines.append("published:")
        lines.extend(
            f"  {name.replace('_', ' ')}: {value:g}" for name, value in compared.published.items()
        )
        lines.append("  tolerance: none was set beforehand; the comparison is made in hindsight")
    if compared.from_memory:
        lines.append(f"from memory, confirmed in no source: {', '.join(compared.from_memory)}")
    lines.extend(f"note: {flag}" for flag in report.flags)
    return "\n".join(lines)
