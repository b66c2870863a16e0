"""Findings grouped for reading: one line per requirement, one per cause of silence.

Inside: `grouped_lines`.
"""

from __future__ import annotations

from collections.abc import Iterable

from qtrace.standards.finding import Finding, Outcome

NO_EVIDENCE_PREFIX = "no evidence of "
BREAK_PREFIX = "chain break: "


def grouped_lines(findings: Iterable[Finding]) -> list[str]:
    """Return findings as lines: explained silence, what was judged, the rest of the silence.

    The same requirement about several subjects is one line; requirements without evidence, or
    not applicable, are one line per cause.
    """
    judged: dict[tuple[str, str, str], list[Finding]] = {}
    silent: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        if finding.outcome in {Outcome.NO_EVIDENCE, Outcome.NOT_APPLICABLE}:
            cause = tuple(r for r in finding.reasons if not r.startswith(NO_EVIDENCE_PREFIX))
            silent.setdefault((finding.outcome.value, *cause), []).append(finding)
        else:
            key = (finding.requirement_id, finding.outcome.value, "; ".join(finding.reasons))
            judged.setdefault(key, []).append(finding)
    explained = [v for k, v in silent.items() if len(k) > 1 and k[0] == Outcome.NO_EVIDENCE]
    rest = [group for group in silent.values() if group not in explained]
    return [
        *map(_silent_line, explained),
        *map(_judged_line, judged.values()),
        *map(_silent_line, rest),
    ]


def _words(outcome: str) -> str:
    return outcome.replace("_", " ")


def _unique(texts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(text for text in texts if text))


def _judged_line(group: list[Finding]) -> str:
    first = group[0]
    side = f" ({first.guard_side})" if first.guard_side else ""
    about = _unique(finding.subject for finding in group)
    broken = [r.removeprefix(BREAK_PREFIX) for r in first.reasons if r.startswith(BREAK_PREFIX)]
    others = [r for r in first.reasons if not r.startswith(BREAK_PREFIX)]
    if broken:
        others.append(f"chain breaks: {'; '.join(broken)}")
    why = f": {'; '.join(others)}" if others else ""
    return f"{first.requirement_id} {_words(first.outcome)}{side}, {about}. {first.title}{why}"


def _silent_line(group: list[Finding]) -> str:
    ids = _unique(finding.requirement_id for finding in group)
    about = _unique(finding.subject for finding in group)
    causes = [r for r in group[0].reasons if not r.startswith(NO_EVIDENCE_PREFIX)]
    why = f": {'; '.join(causes)}" if causes else ""
    where = f" about {about}" if about else ""
    joint = " for" if about else ":"
    return f"{_words(group[0].outcome)}{where}{joint} {ids}{why}"
