"""A tomography for the terminal: the matrix, figures with intervals, bias, and what they cover.

Inside: `tomography_text`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from qtrace.metrics.teleportation.tomography_report import TomographyReport
from qtrace.report.columns import WIDTH, table, wrapped
from qtrace.report.figures import percent
from qtrace.report.printable import printable

SMALLEST = 1e-300


class TomographyText(Protocol):
    """What of a tomography is printed."""

    @property
    def tomography_id(self) -> str:
        """The file."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def provenance(self) -> str:
        """Measured, published or simulated."""

    @property
    def source(self) -> str:
        """Where the counts come from."""

    @property
    def seed(self) -> int:
        """Of the bootstrap."""

    @property
    def report(self) -> TomographyReport:
        """What was found."""


def tomography_text(found: TomographyText) -> str:
    """Return matrix, figures, goodness of fit, and what the intervals cover."""
    one = found.report
    lines = [printable(f"{found.tomography_id}: {found.title}".removesuffix(": "))]
    origin = f"{found.provenance}; {found.source}".removesuffix("; ")
    lines += _fold("counts     ", f"{one.counts}, {origin}")
    if found.provenance != "measured":
        lines += _fold("           ", "DEMONSTRATION: these data were not measured here")
    lines += _fold("target     ", one.target)
    lines += ["", f"{one.matrix}, real part", *_matrix(one.real)]
    lines += ["", f"{one.matrix}, imaginary part", *_matrix(one.imaginary)]
    lines += ["", "eigenvalues  " + "  ".join(f"{value:.4g}" for value in one.eigenvalues), ""]
    lines.append(_figures(one))
    lines.append("")
    if one.entanglement_p_value is not None:
        lines += _fold(
            "entangled  ",
            f"p-value {_p_value(one.entanglement_p_value)} against every separable state "
            "(fidelity at most 1/2); pairs are taken to be alike",
        )
    lines += _fold("covers     ", one.covers)
    lines += _fold("fit        ", _fit(one))
    lines += _fold("linear     ", _linear(one))
    lines += _fold(
        "search     ",
        f"no {one.of} has a log-likelihood larger by more than {one.gap:.1g}, proven by duality; "
        f"{one.draws} draws, seed {found.seed}",
    )
    return "\n".join(lines)


def _fold(head: str, text: str) -> list[str]:
    body = wrapped(text, WIDTH - len(head))
    return [f"{head if k == 0 else ' ' * len(head)}{line}".rstrip() for k, line in enumerate(body)]


def _matrix(rows: Sequence[Sequence[float]]) -> list[str]:
    return ["  " + "".join(f"{round(value, 4) + 0.0:10.4f}" for value in row) for row in rows]


def _figures(one: TomographyReport) -> str:
    rows = [
        (
            figure.name,
            f"{figure.value:.5f}",
            f"{figure.low:.5f}",
            f"{figure.high:.5f}",
            "unbiased" if figure.bias is None else f"{figure.bias:+.5f}",
            figure.method,
        )
        for figure in one.figures
    ]
    level = percent(one.probability)
    heads = ("figure", "value", f"{level} from", "to", "bias of fit", "interval")
    return table(heads, rows, right=(1, 2, 3, 4))


def _fit(one: TomographyReport) -> str:
    text = (
        f"likelihood ratio {one.deviance:.4g} with {one.left_over} degrees of freedom left; "
        f"p-value {one.fit_p_value:.3g} from the draws"
    )
    if one.fit_p_value_chi_square is not None:
        text += f", {one.fit_p_value_chi_square:.3g} from chi-square"
        text += " (not valid at the boundary)" if one.at_boundary else ""
    if one.fit_p_value < 0.01:
        text += (
            f": NO {one.of} of this model explains the counts; bases, drifts or accidental counts "
            "are not as declared, and no interval above covers that"
        )
    return text


def _p_value(value: float) -> str:
    return f"{value:.3g}" if value > SMALLEST else f"below {SMALLEST:g}"


def _linear(one: TomographyReport) -> str:
    text = f"linear inversion gives {one.linear_fidelity:.5f} and "
    if one.linear_least_eigenvalue >= 0.0:
        return text + f"a {one.of}: its least eigenvalue is {one.linear_least_eigenvalue:.3g}"
    return text + f"no {one.of}: it has the eigenvalue {one.linear_least_eigenvalue:.3g}"
