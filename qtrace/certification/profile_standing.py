"""How an attribute of a run stands: from its rows and from nothing else.

Inside: `AttributeStanding`, `StandingReason`, `standing_of_figures`, `standing_of_security`,
`standing_of_chains`.

Absence of evidence never passes: without a figure it is "not measured", without a baseline that
was declared beforehand "not shown". What is worse anywhere is said before what is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from qtrace.certification.profile_rows import NO_BASELINE, ProfileRow
from qtrace.certification.profile_security import SecurityStatement
from qtrace.metrics.advantage.statement import Advantage, Standing
from qtrace.metrics.attributes import Attribute, Weight

# Of these a broken chain leaves u, and with it any comparison, without ground.
NEEDS_CHAIN = frozenset({Attribute.ACCURACY, Attribute.SYNCHRONIZATION})
StandingReason = tuple["AttributeStanding", str]


class AttributeStanding(StrEnum):
    """How an attribute stands; none of these is a number."""

    IMPROVED = "improved over baseline"
    NOT_SHOWN = "not shown"
    WORSE = "worse than baseline"
    CATEGORICAL = "categorical"
    SHOWN = "shown"
    BROKEN = "broken"
    NOT_MEASURED = "not measured"


def is_of(row: ProfileRow, attribute: Attribute) -> bool:
    """Return whether a row is a figure of an attribute, not only a condition."""
    return any(one.attribute is attribute and one.weight is Weight.OF for one in row.bearings)


def standing_of_figures(attribute: Attribute, rows: Sequence[ProfileRow]) -> StandingReason:
    """Return how an attribute of figures stands against the baselines of its rows.

    Args:
        attribute: Any but security and traceability.
        rows: Figures and conditions that bear on it.
    """
    if not rows:
        return AttributeStanding.NOT_MEASURED, "no figure of this run bears on it"
    figures = [row for row in rows if is_of(row, attribute)]
    if not figures:
        return (
            AttributeStanding.NOT_MEASURED,
            "only what it rests on is on record, no figure of it",
        )
    compared = [(row, one) for row in figures for one in row.advantages]
    if not compared:
        whys = dict.fromkeys(row.no_baseline for row in figures if row.no_baseline)
        if len(whys) > 1:  # what nearly fits says more than that others have none at all
            whys.pop(NO_BASELINE, None)
        return AttributeStanding.NOT_SHOWN, "; ".join(whys) or NO_BASELINE
    worse = [one for _, one in compared if one.standing is Standing.WORSE]
    doubts = [
        (one, doubt)
        for row, one in compared
        if one.standing is Standing.BETTER and (doubt := _doubt(attribute, row, one))
    ]
    better = [one for _, one in compared if one.standing is Standing.BETTER]
    tally = f"{len(better)} better, {len(worse)} worse of {len(compared)} comparisons"
    if worse:
        return AttributeStanding.WORSE, f"{tally}; worse: {_names(worse)}"
    if len(better) > len(doubts):
        doubted = {id(one) for one, _ in doubts}
        sound = [one for one in better if id(one) not in doubted]
        counted = f"; {len(doubts)} not counted: {_texts(doubts)}" if doubts else ""
        return AttributeStanding.IMPROVED, f"{tally}: {_names(sound)}{counted}"
    if doubts:
        return AttributeStanding.NOT_SHOWN, f"{tally}, but: {_texts(doubts)}"
    return AttributeStanding.NOT_SHOWN, f"{tally}; {compared[0][1].reason}"


def _doubt(attribute: Attribute, row: ProfileRow, one: Advantage) -> str:
    """Return why a better figure earns nothing, or nothing."""
    if one.post_hoc:
        return "the baseline was declared after the run"
    if row.doubts:
        return "; ".join(row.doubts)
    if attribute in NEEDS_CHAIN and not row.unbroken:
        return f"the chain is broken ({row.breaks[0]}), so u is not established"
    return ""


def _names(found: Sequence[Advantage]) -> str:
    """Return each comparison by its baseline and confidence, each once."""
    lines = []
    for one in found:
        sure = "" if one.probability is None else f" at p {one.confidence:g}"
        lines.append(f"{one.baseline.title}{sure}")
    return ", ".join(dict.fromkeys(lines))


def _texts(doubts: Sequence[tuple[Advantage, str]]) -> str:
    return "; ".join(dict.fromkeys(text for _, text in doubts))


def standing_of_security(
    statement: SecurityStatement, rows: Sequence[ProfileRow]
) -> StandingReason:
    """Return how security stands: categorical where a proof stands, never by a probability."""
    if statement.shown:
        chosen = next(one for one in statement.proofs if one.chosen)
        return (
            AttributeStanding.CATEGORICAL,
            f"{chosen.title}, epsilon {statement.epsilon:.3g}, conditional on its set of devices",
        )
    if not rows and not statement.proofs:
        return AttributeStanding.NOT_MEASURED, "no figure of this run bears on it"
    return AttributeStanding.NOT_SHOWN, "; ".join(statement.reasons)


def standing_of_chains(rows: Sequence[ProfileRow]) -> StandingReason:
    """Return whether the chain of every figure is whole."""
    if not rows:
        return AttributeStanding.NOT_MEASURED, "the run has no figure whose chain could be shown"
    broken = [row for row in rows if not row.unbroken]
    if broken:
        breaks = dict.fromkeys(text for row in broken for text in row.breaks)
        return (
            AttributeStanding.BROKEN,
            f"{len(broken)} of {len(rows)} chains broken; {'; '.join(breaks)}",
        )
    ends = sorted({end.replace("_", " ") for row in rows for end in row.ends})
    return (
        AttributeStanding.SHOWN,
        f"all {len(rows)} chains unbroken, ending in {', '.join(ends) or 'nothing'}",
    )
