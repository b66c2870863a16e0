"""Baselines on record, with when the ledger took them and the results that measured ones name.

Inside: `held_baselines`.
"""

from __future__ import annotations

from collections.abc import Sequence

from qtrace.certification.run_advantages import RecordedBaselineAt
from qtrace.registry.unit_of_work import ReadSession


def held_baselines(session: ReadSession, asked: Sequence[str] = ()) -> list[RecordedBaselineAt]:
    """Return the baselines to hold figures against, with the results that they name.

    Args:
        session: An open session.
        asked: Ids; all on record where empty.

    Raises:
        InputError: an unknown baseline, or one that names an unknown result.
    """
    chosen = (
        [session.baselines.by_id(one) for one in dict.fromkeys(asked)]
        if asked
        else session.baselines.all()
    )
    return [
        RecordedBaselineAt(
            one.baseline,
            one.recorded_at,
            session.events.result(one.baseline.label).result_id if one.baseline.label else 0,
        )
        for one in chosen
    ]
