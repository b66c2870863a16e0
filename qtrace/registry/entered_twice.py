"""Certificates that stand behind inputs of several events.

Inside: `entered_twice`.
"""

from __future__ import annotations

from qtrace.laboratory.curve_names import folded
from qtrace.laboratory.draft import CalibrationDraft
from qtrace.registry.unit_of_work import ReadSession


def entered_twice(session: ReadSession, draft: CalibrationDraft) -> tuple[str, ...]:
    """Warn where a certificate stands behind inputs of other events, too; a curve counts once."""
    own = sorted(
        {
            (one.certificate.issuer, one.certificate.number)
            for one in draft.origins()
            if one.certificate is not None
        }
    )
    lines = (
        f"{issuer} {number} stands behind {folded(f'{label}/{name}')}, too: entered "
        "twice it is two independent inputs; record it once and refer to its result"
        for issuer, number in own
        for label, name in session.events.certified(issuer, number)
    )
    return tuple(dict.fromkeys(lines))
