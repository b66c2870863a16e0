"""What a network offers from one node to another, for the terminal.

Inside: `network_text`.
"""

from __future__ import annotations

from typing import Protocol

from qtrace.metrics.network.offers import (
    MUST_BE_TRUSTED,
    SWAPPING_NEED_NOT,
    ClockOffer,
    KeyOffer,
    PairOffer,
)
from qtrace.metrics.network.paths import MOST_NODES
from qtrace.report.columns import WIDTH, wrapped
from qtrace.report.figures import measured, uncertainty
from qtrace.report.printable import printable
from qtrace.report.supply_text import rate_text
from qtrace.report.text import key_values

NONE = "none stated"
NO_U = "not stated on every hop, so none for the path"


class NetworkAnswerText(Protocol):
    """What of an answer is printed."""

    @property
    def network_id(self) -> str:
        """The file."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def start(self) -> str:
        """First node."""

    @property
    def end(self) -> str:
        """Last node."""

    @property
    def named(self) -> bool:
        """Whether the path was named, not searched."""

    @property
    def searched(self) -> tuple[tuple[str, int], ...]:
        """Paths looked at, by type of link."""

    @property
    def key(self) -> KeyOffer | None:
        """Fastest path of key."""

    @property
    def key_fewest_trusted(self) -> KeyOffer | None:
        """Path of key that trusts fewest nodes, where it is another one."""

    @property
    def clocks(self) -> ClockOffer | None:
        """Path of least u between clocks."""

    @property
    def pairs(self) -> PairOffer | None:
        """Path of highest fidelity."""


def network_text(answer: NetworkAnswerText) -> str:
    """Return what a network offers, attribute by attribute, at most 80 columns wide."""
    head = f"{answer.network_id}: {answer.title}".removesuffix(": ")
    way = f"from {answer.start} to {answer.end}"
    how = "along the path named" if answer.named else f"all paths, up to {MOST_NODES} nodes"
    looked = ", ".join(f"{number} of {name}" for name, number in answer.searched)
    top = wrapped(printable(head), WIDTH) + wrapped(f"{way}; {how}: {looked}", WIDTH)
    parts = ["\n".join(top)]
    if answer.key is None:
        parts.append("SECURITY: no path of qkd links")
    else:
        parts.append(_key(answer.key, "SECURITY: key relayed over trusted nodes"))
    if answer.key_fewest_trusted is not None:
        parts.append(_key(answer.key_fewest_trusted, "the path that trusts fewest nodes"))
    if answer.clocks is None:
        parts.append("SYNCHRONIZATION: no path of synchronization links")
    else:
        parts.append(_clocks(answer.clocks))
    if answer.pairs is None:
        parts.append("ENTANGLEMENT: no path of swapping links")
    else:
        parts.append(_pairs(answer.pairs))
    return "\n\n".join(parts)


def _key(one: KeyOffer, title: str) -> str:
    rate = "none on every hop" if one.rate_bits_per_s is None else rate_text(one.rate_bits_per_s)
    epsilon = "none on every hop, so none for the path"
    if one.epsilon is not None:
        epsilon = f"{one.epsilon:.3g}, the sum of the hops, for one block of each"
    trusted = f"{', '.join(one.trusted_nodes)}: {MUST_BE_TRUSTED}" if one.trusted_nodes else "none"
    lines = [
        ("path", _way(one.path, one.links)),
        ("standing", f"not shown: no proof that stands for {', '.join(one.not_shown)}")
        if one.not_shown
        else ("standing", "categorical: a proof stands for every hop"),
        ("key", f"{rate}, the least of the hops"),
        ("limited by", one.limited_by),
        ("epsilon", epsilon),
        ("must be trusted", trusted),
        *(("need not be", f"{link}, {part}: {why}") for link, part, why in one.untrusted),
        ("probability", "none exists: who is trusted is a decision, not a chance"),
    ]
    return _part(title, lines, one.doubts)


def _clocks(one: ClockOffer) -> str:
    u = one.standard_uncertainty_s
    lines = [
        ("path", _way(one.path, one.links)),
        (f"{one.path[-1]} - {one.path[0]}", measured(one.offset_s, u, "s")),
        ("u", NO_U if u is None else uncertainty(u, "s")),
        ("limited by", one.limited_by),
    ]
    alone = one.as_independent_s
    if u is not None and alone is not None and uncertainty(u, "s") != uncertainty(alone, "s"):
        lines.append(
            ("shared", f"ignoring what the hops share would claim u = {uncertainty(alone, 's')}")
        )
    most = dict(one.deviations_at_most)
    for tau, value in one.deviations:
        told = f"{value:.3g} s"
        if len(one.links) > 1:
            told += f" if links are independent; {most[tau]:.3g} s at most"
        lines.append((f"TDEV, {tau:g} s", told))
    if one.deviations and len(one.links) > 1:
        lines.append(
            (
                "TDEV rests on",
                "independent links assumed, added in quadrature: the noise of a clock between "
                "cancels in the sum, what all share adds; at most is the plain sum",
            )
        )
    if not one.deviations:
        lines.append(("TDEV", "no averaging time that every hop has"))
    return _part("SYNCHRONIZATION: offsets added along the path", lines, one.doubts)


def _pairs(one: PairOffer) -> str:
    u = one.standard_uncertainty
    nodes = f"{', '.join(one.swapping_nodes)}: {SWAPPING_NEED_NOT}"
    lines = [
        ("path", _way(one.path, one.links)),
        ("fidelity", f"{measured(one.fidelity, u)}, of Werner pairs"),
        ("at least", f"{one.fidelity_at_least:.4g}, whatever the errors of these pairs are"),
        ("entanglement", _left(one)),
        ("u", NO_U if u is None else uncertainty(u)),
        *(_shared_pairs(one)),
        ("limited by", one.limited_by),
        ("teleports with", f"average fidelity {one.teleported:.4g}, if these are Werner pairs"),
        ("rests on", "swaps without error or loss, all outcomes used: a real chain gives less"),
        *((("need not be trusted", nodes),) if one.swapping_nodes else ()),
    ]
    return _part("ENTANGLEMENT: pairs swapped along the path", lines, one.doubts)


def _left(one: PairOffer) -> str:
    """Return what is certain of the entanglement, and what holds for Werner pairs alone."""
    if one.entangled:
        return "certain: above 1/2 by twice its u, for pairs of any errors"
    if one.entangled_if_werner:
        return "only if these are Werner pairs; not shown of others, or without u"
    return "none is shown: 1/2 at most, if these are Werner pairs"


def _shared_pairs(one: PairOffer) -> tuple[tuple[str, str], ...]:
    if one.standard_uncertainty is None or one.as_independent is None or len(one.links) < 2:
        return ()
    alone = uncertainty(one.as_independent)
    return (
        (
            "shared",
            "recorded hops by their covariance, declared ones added linearly; independent hops "
            f"would claim u = {alone}",
        ),
    )


def _way(path: tuple[str, ...], links: tuple[str, ...]) -> str:
    return f"{' - '.join(path)} by {', '.join(links)}"


def _part(title: str, lines: list[tuple[str, str]], doubts: tuple[str, ...]) -> str:
    told = [*lines, *(("doubt", text) for text in doubts)]
    return f"{title}\n{key_values((name, printable(text)) for name, text in told)}"
