"""An attribute profile for the terminal, at most 80 columns wide.

Inside: `profile_text`.
"""

from __future__ import annotations

from qtrace.certification.profile import AttributeProfile, Profile
from qtrace.metrics.attributes import Attribute
from qtrace.report.columns import WIDTH, Note, table, wrapped
from qtrace.report.printable import printable
from qtrace.report.profile_lines import (
    FigureLine,
    demonstration_line,
    figure_lines,
    security_lines,
)
from qtrace.report.text import key_values


def profile_text(profile: Profile) -> str:
    """Return a profile: how each attribute stands, then the figures that say so."""
    head = (
        f"run {profile.run_id} on link {profile.link_id}, protocol "
        f"{profile.protocol or 'not named'}, {profile.provenance} data"
    )
    top = wrapped(printable(head), WIDTH)
    if line := demonstration_line(profile):
        top += wrapped(line, WIDTH)
    rows = [(one.attribute.value, one.standing.value, one.reason) for one in profile.attributes]
    parts = ["\n".join(top), table(("attribute", "standing", "because"), rows)]
    parts += [_attribute(one, profile) for one in profile.attributes]
    if profile.left_out:
        listed = [f"- {name}: {why}" for name, why in profile.left_out]
        body = [line for text in listed for line in wrapped(printable(text), WIDTH)]
        parts.append("\n".join(["bears on none of them:", *body]))
    parts.append(
        "\n".join(
            wrapped(
                "Attributes are not added up, and none has a mark: their figures have no common "
                "unit. All points and flags: --json.",
                WIDTH,
            )
        )
    )
    return "\n\n".join(parts)


def _attribute(one: AttributeProfile, profile: Profile) -> str:
    lines = [f"{one.attribute.value.upper()}: {one.standing.value}"]
    lines += [f"  {x}" for x in wrapped(f"{one.text.definition}; {one.text.term}", WIDTH - 2)]
    if not one.figures and not one.conditions:
        return "\n".join(lines)
    lines += [f"  {x}" for x in wrapped(f"not said: {one.text.not_said}", WIDTH - 2)]
    if one.attribute is Attribute.SECURITY:
        lines.append(key_values(security_lines(profile.security)))
    if one.attribute is Attribute.TRACEABILITY:
        lines.append(_chains(figure_lines(one.figures)))
    elif one.figures:
        lines.append(_figures(one))
    if one.conditions:
        told = [f"{x.name} {x.value}{_many(x)}" for x in figure_lines(one.conditions)]
        lines += wrapped(f"rests on: {'; '.join(told)}", WIDTH)
    return "\n".join(lines)


def _figures(one: AttributeProfile) -> str:
    rows: list[tuple[str, ...] | Note] = []
    lines = figure_lines(one.figures)
    accurate = one.attribute is Attribute.ACCURACY
    # What is the same for all is said once below.
    marks = set(lines[0].marks).intersection(*(x.marks for x in lines))
    against = {x.against for x in lines}
    for x in lines:
        middle = (x.bias, x.u) if accurate else (x.interval,)
        rows.append((f"{x.name}{_many(x)}", x.value, *middle, x.chain))
        own = [mark for mark in x.marks if mark not in marks]
        if own:
            rows.append(Note(f"marked: {', '.join(own)}"))
        if len(against) > 1:
            rows += [Note(text) for text in x.against]
    heads = ("known bias", "u") if accurate else ("interval",)
    right = (1, 2, 3) if accurate else (1, 2)
    text = table(("figure", "value(u)", *heads, "chain"), rows, right=right)
    after = [f"marked, all: {', '.join(sorted(marks))}"] if marks else []
    if len(against) == 1:
        after += [f"baseline: {text}" for text in lines[0].against]
    folded = [line for said in after for line in wrapped(said, WIDTH)]
    return "\n".join([text, *folded])


def _chains(lines: tuple[FigureLine, ...]) -> str:
    """Return the chain of each figure; points of one series are said once."""
    rows: list[tuple[str, ...]] = []
    seen: set[tuple[str, str]] = set()
    for x in lines:
        name = x.name.partition(",")[0]
        says = "; ".join(x.breaks) if x.breaks else x.ends
        if (name, says) not in seen:
            seen.add((name, says))
            rows.append((f"{name}{_many(x)}", x.chain, says or "no end: a bare number"))
    return table(("figure", "chain", "ends, or breaks"), rows)


def _many(one: FigureLine) -> str:
    return f" ({one.points} points)" if one.points > 2 else ""
