"""A chain of entangled links for the terminal.

Inside: `chain_links_text`.
"""

from __future__ import annotations

from qtrace.metrics.teleportation.chain_records import ChainOutcome, Figure, LinkShare
from qtrace.report.columns import WIDTH, table, wrapped
from qtrace.report.printable import printable


def chain_links_text(outcome: ChainOutcome) -> str:
    """Return links, measurements, end-to-end figures, rates and what is not modelled."""
    chain = outcome.chain
    lines = wrapped(printable(f"{chain.chain_id}: {chain.title}".removesuffix(": ")), WIDTH)
    lines += wrapped(f"source: {chain.provenance}; {chain.source}", WIDTH)
    lines += ["", _links(outcome)]
    if outcome.nodes:
        lines += ["", _nodes(outcome)]
    lines += ["", _figures(outcome), ""]
    left = "F > 1/2: entanglement is left" if outcome.entangled else "F <= 1/2: none is shown"
    lines.append(left)
    lines += wrapped(_limit(outcome), WIDTH)
    lines += _rates(outcome)
    for note in outcome.notes:
        head, *rest = wrapped(note, WIDTH - 6)
        lines += [f"note: {head}", *(f"      {one}" for one in rest)]
    return "\n".join(lines)


def _links(outcome: ChainOutcome) -> str:
    def row(one: LinkShare) -> tuple[str, ...]:
        return (
            one.link_id,
            f"{one.fidelity:.4f}",
            _seconds(one.wait_s),
            f"{one.after_wait:.4f}",
            f"{one.so_far:.4f}",
            f"{one.loss:.4f}",
            f"{one.coefficient:.3f}",
            "" if one.u_part is None else f"{one.u_part:.4f}",
            one.tag,
        )

    heads = ("link", "F", "wait", "F after", "so far", "loss", "dF/dF", "u part", "source")
    return table(heads, [row(one) for one in outcome.links], right=(1, 2, 3, 4, 5, 6, 7))


def _nodes(outcome: ChainOutcome) -> str:
    rows = [
        (
            one.node_id,
            one.method.replace("_", " "),
            "" if one.efficiency is None else f"{one.efficiency:.4g}",
            f"{one.error:.4g}",
            f"{one.loss:.4f}",
        )
        for one in outcome.nodes
    ]
    return table(("node", "Bell measurement", "efficiency", "wrong", "loss"), rows, right=(2, 3, 4))


def _figures(outcome: ChainOutcome) -> str:
    per_basis = ", ".join(
        f"{basis} {value:.4f}" for basis, value in zip("xyz", outcome.visibilities, strict=True)
    )
    rows = [
        ("fidelity", *_figure(outcome.fidelity), _independent(outcome)),
        ("visibility, mean", *_figure(outcome.visibility), per_basis),
        ("QBER, mean", *_figure(outcome.error_rate), ""),
        ("CHSH, best settings", *_figure(outcome.chsh), _violation(outcome.chsh.value)),
        ("teleported, mean", *_figure(outcome.teleported), "classical 2/3"),
    ]
    return table(("end to end", "value", "u", ""), rows, right=(1, 2))


def _figure(one: Figure) -> tuple[str, str]:
    return f"{one.value:.4f}", "not known" if one.u is None else f"{one.u:.4f}"


def _violation(value: float) -> str:
    return "above 2" if value > 2.0 else "no violation"


def _independent(outcome: ChainOutcome) -> str:
    u, alone = outcome.fidelity.u, outcome.u_independent
    if u is None or alone is None or abs(u - alone) <= 1e-12:
        return ""
    return f"u if nothing were shared: {alone:.4f}"


def _limit(outcome: ChainOutcome) -> str:
    one = next(share for share in outcome.links if share.link_id == outcome.limiting)
    return (
        f"limiting link: {one.link_id}; were it perfect, F would be "
        f"{outcome.fidelity.value + one.loss:.4f}"
    )


def _rates(outcome: ChainOutcome) -> list[str]:
    rates = outcome.rates
    if rates is None:
        return []
    gain = rates.with_memory / rates.without_memory
    return [
        f"rate without memory: {rates.without_memory:.4g} /s",
        f"rate with memory:    {rates.with_memory:.4g} /s ({gain:.3g} times)",
    ]


def _seconds(seconds: float) -> str:
    if seconds == 0.0:
        return "0 s"
    for factor, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")):
        if seconds >= factor:
            return f"{seconds / factor:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
