"""Hops whose figures somebody states, and nobody measured here.

Inside: `DeclaredFigures`, `declared_key`, `declared_clock`, `declared_pair`.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.metrics.network.offers import ClockHop, KeyHop, PairHop
from qtrace.metrics.network.paths import Edge

DECLARED = "declared, no record stands behind it"
NO_U = "no u stated"


@dataclass(frozen=True, slots=True)
class DeclaredFigures:
    """Figures that somebody states of a link, in SI units; None where nothing is stated."""

    source: str
    key_rate_bits_per_s: float | None = None
    epsilon: float | None = None
    offset_s: float | None = None
    offset_u_s: float | None = None
    deviations: tuple[tuple[float, float], ...] = ()
    fidelity: float | None = None
    fidelity_u: float | None = None


def declared_key(edge: Edge, figures: DeclaredFigures) -> KeyHop:
    """Return the key of a link as it is declared."""
    doubts = [_said(figures)]
    if figures.epsilon is None:
        doubts.append("no epsilon stated")
    return KeyHop(edge, figures.key_rate_bits_per_s, figures.epsilon, (), tuple(doubts))


def declared_clock(edge: Edge, figures: DeclaredFigures) -> ClockHop:
    """Return the difference of two clocks as it is declared."""
    doubts = [_said(figures)]
    if figures.offset_u_s is None:
        doubts.append(NO_U)
    return ClockHop(
        edge,
        figures.offset_s or 0.0,
        figures.offset_u_s,
        None,
        dict(figures.deviations),
        "",
        tuple(doubts),
    )


def declared_pair(edge: Edge, figures: DeclaredFigures) -> PairHop:
    """Return the pairs of a link as they are declared."""
    doubts = [_said(figures)]
    if figures.fidelity_u is None:
        doubts.append(NO_U)
    return PairHop(edge, figures.fidelity or 0.0, figures.fidelity_u, tuple(doubts))


def _said(figures: DeclaredFigures) -> str:
    return f"{DECLARED} ({figures.source})"
