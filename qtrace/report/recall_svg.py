"""Draw what rests on a recalled calibration as one stand-alone SVG; what changes is marked.

Inside: `draw_recall`.

What was recalled stands on top, and every arrow leads to what rests on it: results, then the
judgements. What colour says is also said by word.
"""

from __future__ import annotations

from collections.abc import Mapping

from qtrace.certification.consequence import Consequence
from qtrace.certification.recalled import Recalled, ResultImpact
from qtrace.report.chain_svg import Drawing, Look, draw
from qtrace.report.printable import printable
from qtrace.report.recall_text import before_and_after
from qtrace.traceability.chain import ChainNode

RECALLED, SHIFTED, SAME, CHANGED, STANDS, APART, MORE = (
    "recalled",
    "shifted",
    "same",
    "changed",
    "stands",
    "apart",
    "more",
)
LOOKS: Mapping[str, Look] = {
    RECALLED: Look(
        "#e8edf3", "#1f2937", 2.4, 5, "#111827", "#64748b", "RECALLED", "what is recalled"
    ),
    SHIFTED: Look(
        "#fff7e6", "#b45309", 1.6, 5, "#111827", "#b45309", "MOVES", "moves by over 1 % of its u"
    ),
    SAME: Look("#ffffff", "#64748b", 1.2, 5, "#111827", "#64748b", "", "stays within that"),
    CHANGED: Look(
        "#fdf0f0",
        "#b91c1c",
        2.2,
        0,
        "#7f1d1d",
        "#c93a3a",
        "CHANGES",
        "an outcome or the decision",
        banner=True,
    ),
    STANDS: Look(
        "#eaf7ee", "#15803d", 1.6, 16, "#14532d", "#2f9e56", "STANDS", "judgement that stands"
    ),
    APART: Look(
        "#f8fafc",
        "#64748b",
        1.2,
        16,
        "#334155",
        "#64748b",
        "UNTOUCHED",
        "rests on nothing of it",
        dashed=True,
    ),
    MORE: Look("#f8fafc", "#64748b", 1.2, 5, "#334155", "#64748b", "", "more", dashed=True),
}
MOST_BOXES = 60
NEGLIGIBLE = 0.01


def draw_recall(recalled: Recalled) -> str:
    """Return the drawing of a recall; the same for the same recall.

    Args:
        recalled: What `recall` gave; beyond 60 results the rest is counted in one box.
    """
    top = f"event:{recalled.calibration}"
    shown = recalled.results[:MOST_BOXES]
    labels = {one.label for one in shown}
    nodes = [ChainNode(top, RECALLED, recalled.calibration, (recalled.cause.replace("_", " "),))]
    nodes.extend(_result(one) for one in shown)
    edges = [(f"result:{b}", f"result:{a}") for a, b in recalled.edges if {a, b} <= labels]
    below = {child for _, child in edges}
    edges[:0] = [
        (top, f"result:{one.label}") for one in shown if f"result:{one.label}" not in below
    ]
    for one in recalled.judgements:
        key = f"judgement:{one.label}"
        nodes.append(_judgement(key, one))
        own = [r.label for r in shown if one.touched and r.run_id == one.run_id]
        edges.extend((f"result:{label}", key) for label in own)
        if one.touched and not own:
            edges.append((top, key))
    hidden = len(recalled.results) - len(shown)
    if hidden:
        nodes.append(ChainNode("more", MORE, f"{hidden} more results", ()))
        edges.append((top, "more"))
    changed = sum(one.changes for one in recalled.judgements)
    return draw(
        Drawing(
            f"Recall of {printable(recalled.calibration)}",
            f"{len(recalled.results)} results evaluated again, {changed} of "
            f"{len(recalled.judgements)} judgements change",
            not recalled.changes,
            tuple(nodes),
            tuple(edges),
            {node.key: node.kind for node in nodes},
            LOOKS,
            "an arrow leads to what rests on it",
        )
    )


def _result(one: ResultImpact) -> ChainNode:
    before, after = before_and_after(one)
    moves = bool(one.fault) or abs(one.exact) > NEGLIGIBLE * one.u_before
    lines = (before, f"now {one.fault or after}") if moves else (before,)
    return ChainNode(f"result:{one.label}", SHIFTED if moves else SAME, one.label, lines)


def _judgement(key: str, one: Consequence) -> ChainNode:
    kind = CHANGED if one.changes else STANDS if one.touched else APART
    lines = [f"{one.link_id}, {one.scheme_id}"]
    if one.decision_before != one.decision_after:
        lines.append(f"{one.decision_before} to {one.decision_after}")
    elif one.decision_before:
        lines.append(one.decision_before)
    lines.extend(f"{f.requirement_id} {f.subject}: {f.before} to {f.after}" for f in one.flips)
    if one.event:
        lines.append(one.event)
    return ChainNode(key, kind, one.label, tuple(line.replace("_", " ") for line in lines))
