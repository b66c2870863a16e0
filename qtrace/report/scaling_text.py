"""A scaling fit for the terminal: exponent, what it is told from, points beside the limit.

Inside: `scaling_text`, `shown_sentences`.
"""

from __future__ import annotations

import math

from qtrace.metrics.sensing.scaling_statement import ScalingStatement
from qtrace.physics.sensing.scaling import Relation
from qtrace.report.columns import WIDTH, table, wrapped
from qtrace.report.figures import measured, percent
from qtrace.report.printable import printable


def _fold(head: str, text: str) -> list[str]:
    body = wrapped(text, WIDTH - len(head))
    return [f"{head if k == 0 else ' ' * len(head)}{line}".rstrip() for k, line in enumerate(body)]


def shown_sentences(done: ScalingStatement) -> list[str]:
    """Return what the exponent is told from, at the probability of its interval."""
    fit = done.fit
    return [
        f"u {one.relation.value} that of {one.name} (exponent {one.exponent:g}) at "
        f"{percent(fit.probability)}"
        for one in fit.comparisons
    ]


def scaling_text(done: ScalingStatement) -> str:
    """Return the fit, its statements, its points and its doubts, in 80 columns."""
    fit, series = done.fit, done.series
    lines = [printable(f"{series.series_id}: {series.title}".removesuffix(": "))]
    what = series.quantity.replace("_", " ")
    lines += _fold("data      ", f"{what} against {series.counted.value}; {series.provenance}")
    if series.source:
        lines += _fold("source    ", series.source)
    low, high = fit.interval
    freedom = "" if math.isinf(fit.degrees_of_freedom) else f", nu = {fit.degrees_of_freedom:g}"
    lines += _fold("exponent  ", f"{measured(fit.exponent, fit.exponent_u)}{freedom}")
    lines += _fold("          ", f"[{low:.4f}, {high:.4f}] at {percent(fit.probability)}")
    if fit.chi_square is not None and fit.goodness is not None:
        lines += _fold(
            "fit       ",
            f"chi-square {fit.chi_square:.3g} with {len(series.points) - 2} degrees of freedom; "
            f"larger with probability {fit.goodness:.2g}",
        )
    for one, sentence in zip(fit.comparisons, shown_sentences(done), strict=True):
        told = one.relation is not Relation.COMPATIBLE
        lines += _fold("shown     " if told else "not shown ", sentence)
    rows = [
        (
            f"{one.number:g}",
            measured(one.uncertainty, one.u, series.unit),
            f"{one.fitted:.4g}",
            "" if one.over_limit_db is None else f"{one.over_limit_db:+.2f} dB",
        )
        for one in done.points
    ]
    heads: tuple[str, ...] = ("N", what, "fitted", "over 1/sqrt N")
    shown = len(heads) if any(row[3] for row in rows) else len(heads) - 1
    body = [row[:shown] for row in rows]
    lines += ["", table(heads[:shown], body, right=tuple(range(shown)))]
    if any(row[3] for row in rows):
        lines += _fold(
            "",
            "dB of variances over the standard quantum limit of as many probes at full contrast",
        )
    if done.doubts:
        lines.append("")
    for doubt in done.doubts:
        lines += _fold("doubt:  ", doubt)
    return "\n".join(lines)
