"""The attribute profile of a run.

Inside: `profile_run`.
"""

from __future__ import annotations

from collections.abc import Sequence

from qtrace.certification.profile import Profile
from qtrace.registry.held_baselines import held_baselines
from qtrace.registry.run_profiles import run_profiles
from qtrace.workflow.workbench import Workbench


def profile_run(
    workbench: Workbench, run_id: str, *, confidence: float = 0.95, baselines: Sequence[str] = ()
) -> Profile:
    """Return the attribute profile of the latest recomputation of a run; nothing is recorded.

    Args:
        workbench: Settings and doors.
        run_id: A recomputed run.
        confidence: p of each statement against a baseline, above 0.5 and below 1.
        baselines: Ids of those to hold figures against; all on record where empty.

    Raises:
        InputError: unknown run or baseline, a run that is not recomputed, no such confidence.
    """
    with workbench.read() as session:
        found = run_profiles(
            session,
            [run_id],
            coverage_probability=workbench.coverage_probability,
            baselines=held_baselines(session, baselines),
            confidence=confidence,
            asked=bool(baselines),
        )
    return found[run_id].profile
