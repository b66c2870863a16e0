"""Everything that the counts of a run say, beside what was published of it.

Inside: `Compared`, `compare`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qtrace.errors import InputError
from qtrace.metrics.entangled.bbm92_report import (
    Bbm92Counts,
    Bbm92Parameters,
    Bbm92Report,
    bbm92_report,
)
from qtrace.physics.entangled.bbm92 import EpsilonSplit
from qtrace.workflow.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Compared:
    """A report on the counts of a run, with the published figures and what is from memory."""

    run_id: str
    report: Bbm92Report
    published: Mapping[str, float]
    from_memory: tuple[str, ...]


def compare(workbench: Workbench, run_id: str) -> Compared:
    """Return the report on a BBM92 run; nothing is recorded.

    Raises:
        InputError: unknown run, another protocol, or counts and parameters that are missing.
    """
    with workbench.read() as session:
        run = session.links.run(run_id)
        link = session.links.by_id(run.link_id)
    if link.protocol != "bbm92":
        raise InputError(
            f"a comparison is made for bbm92 runs; {link.link_id} runs {link.protocol}"
        )
    names = ("errors_z", "agreements_z", "errors_x", "agreements_x")
    parameters = (
        "error_correction_efficiency",
        "epsilon_sampling",
        "epsilon_correctness",
        "epsilon_privacy",
    )
    missing = [n for n in names if n not in run.counts]
    missing += [n for n in parameters if n not in run.parameters]
    if missing:
        raise InputError(f"run {run_id} does not give {', '.join(missing)}")
    report = bbm92_report(
        Bbm92Counts(*(run.counts[name] for name in names)),
        Bbm92Parameters(
            (run.ended - run.started).total_seconds(),
            run.parameters[parameters[0]],
            EpsilonSplit(*(run.parameters[name] for name in parameters[1:])),
            probability=workbench.coverage_probability,
        ),
    )
    return Compared(run_id, report, run.published, run.from_memory)
