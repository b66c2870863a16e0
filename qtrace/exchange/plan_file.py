"""Plan files: what a link is to record, and by which bound and rule it will be judged.

Inside: `PlanDraft`, `read_plan_file`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qtrace.exchange.run_settings import read_settings
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import root_table
from qtrace.laboratory.draft import Place
from qtrace.laboratory.run_plan import RunPlan
from qtrace.metrics.catalogue import PROTOCOLS, protocol
from qtrace.standards.decision_rule import DECISION_RULES


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan file as read: the plan, where it stands, and the digest of the file."""

    plan: RunPlan
    place: Place
    digest: str


def read_plan_file(source: Path | bytes, *, name: str = "") -> PlanDraft:
    """Read a plan file.

    Args:
        source: A path, or the bytes of a file.
        name: What to call the file in messages; by default the path.

    Raises:
        InputError: anything wrong, with file, line and field.
    """
    file = read_toml(source, name=name)
    root = root_table(file)
    table = root.table("plan")
    form = protocol(table.one_of("protocol", tuple(one.name for one in PROTOCOLS)))
    starts, ends = table.moment("planned_from"), table.moment("planned_until")
    if ends <= starts:
        raise table.error(
            "planned_until",
            '"planned_until" is not after "planned_from"',
            next_step="correct one of the two times",
        )
    bounds = tuple(one.bound for one in form.proofs)
    if bounds:
        table.one_of("bound", bounds)
    settings = read_settings(root, table, form, planned=True)
    plan = RunPlan(
        plan_id=table.identifier("id"),
        link_id=table.identifier("link"),
        planned_from=starts,
        planned_until=ends,
        protocol=form.name,
        bound=settings.choices.pop("bound", ""),
        blocks=table.integer("blocks", least=1),
        block_size=table.integer("block_size", least=1),
        stop_rule=table.text("stop_rule"),
        rule=table.one_of("rule", ("", *DECISION_RULES), ""),
        tolerance=table.optional_text("tolerance"),
        parameters=settings.parameters,
        assumptions=settings.assumptions,
        choices=settings.choices,
        ideal_because=settings.ideal_because,
        source=table.optional_text("source"),
    )
    table.finish()
    root.finish()
    return PlanDraft(plan, table.place(), file.digest)
