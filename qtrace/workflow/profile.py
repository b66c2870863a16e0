"""The attribute profile of a run.

Inside: `profile_run`.
"""

from __future__ import annotations

from qtrace.certification.profile import Profile
from qtrace.laboratory.link import Run
from qtrace.metrics.advantage.statement import Advantage
from qtrace.registry.run_profiles import Items, run_profiles
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.chain import Dossier
from qtrace.workflow.workbench import Workbench


def profile_run(workbench: Workbench, run_id: str) -> Profile:
    """Return the attribute profile of the latest recomputation of a run; nothing is recorded.

    Raises:
        InputError: unknown run, or one that is not recomputed yet.
    """
    with workbench.read() as session:
        found = run_profiles(
            session,
            [run_id],
            coverage_probability=workbench.coverage_probability,
            advantages=_advantages,
        )
    return found[run_id].profile


def _advantages(
    _session: ReadSession, _run: Run, _dossier: Dossier, _items: Items
) -> tuple[dict[int, tuple[Advantage, ...]], dict[int, str]]:
    """Return how results stand against the baselines on record, and why others do not.

    The one place where baselines enter: without a register of them there is none on record.
    """
    return {}, {}
