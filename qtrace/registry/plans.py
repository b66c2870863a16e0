"""Plans of runs, and when each was recorded.

Inside: `Plans`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from qtrace.laboratory.run_plan import RunPlan
from qtrace.registry.lookup import already_recorded, not_found
from qtrace.registry.session import Session
from qtrace.registry.tables import LEDGER_ENTRY, LINK, RUN_PLAN
from qtrace.registry.texts import json_text, parse_json, parse_time, time_text


@dataclass(frozen=True, slots=True)
class Plans:
    """Plans inside one transaction."""

    session: Session

    def add(self, plan: RunPlan, *, document_digest: str = "") -> None:
        """Record a plan.

        Raises:
            InputError: it is recorded already, or its link is unknown.
        """
        row = self.session.first(select(RUN_PLAN).where(RUN_PLAN.c.plan_id == plan.plan_id))
        if row is not None:
            raise already_recorded(
                "plan",
                plan.plan_id,
                recorded_as=f"a plan of link {row.link_id}",
                next_step="a plan is not changed: record another one under another id",
            )
        where = f"plan {plan.plan_id}"
        links = self.session.texts(select(LINK.c.link_id).order_by(LINK.c.link_id))
        if plan.link_id not in links:
            raise not_found(
                "link", plan.link_id, links, next_step="record it first: `qtrace link add FILE`"
            ).located(where)
        settings = {
            "parameters": plan.parameters,
            "assumptions": {k: [float(a), float(b)] for k, (a, b) in plan.assumptions.items()},
            "choices": plan.choices,
            "ideal_because": plan.ideal_because,
        }
        self.session.add(
            RUN_PLAN,
            {
                "plan_id": plan.plan_id,
                "link_id": plan.link_id,
                "planned_from": time_text(plan.planned_from, where),
                "planned_until": time_text(plan.planned_until, where),
                "protocol": plan.protocol,
                "bound": plan.bound,
                "rule": plan.rule,
                "tolerance": plan.tolerance,
                "stop_rule": plan.stop_rule,
                "settings_json": json_text(settings),
                "source": plan.source,
                "document_digest": document_digest,
                "blocks": plan.blocks,
                "block_size": plan.block_size,
            },
        )

    def all(self, link_id: str = "") -> tuple[RunPlan, ...]:
        """Return all plans, or those of one link, in order of recording."""
        query = select(RUN_PLAN).where(self.session.visible(RUN_PLAN)).order_by(RUN_PLAN.c.id)
        if link_id:
            query = query.where(RUN_PLAN.c.link_id == link_id)
        return tuple(_plan(row) for row in self.session.all(query))

    def by_id(self, plan_id: str) -> RunPlan:
        """Return one plan.

        Raises:
            InputError: it is unknown; close ids are named.
        """
        return _plan(self._row(plan_id))

    def recorded_at(self, plan_id: str) -> datetime:
        """Return when the ledger took a plan.

        Raises:
            InputError: it is unknown; close ids are named.
        """
        sequence = self._row(plan_id).recorded_in
        query = select(LEDGER_ENTRY.c.recorded_at).where(LEDGER_ENTRY.c.sequence == sequence)
        return parse_time(self.session.texts(query)[0])

    def _row(self, plan_id: str) -> Row[Any]:
        query = select(RUN_PLAN).where(
            RUN_PLAN.c.plan_id == plan_id, self.session.visible(RUN_PLAN)
        )
        row = self.session.first(query)
        if row is None:
            known = (plan.plan_id for plan in self.all())
            raise not_found("plan", plan_id, known, next_step="record it: `qtrace run plan FILE`")
        return row


def _plan(row: Row[Any]) -> RunPlan:
    settings = parse_json(row.settings_json)
    return RunPlan(
        plan_id=row.plan_id,
        link_id=row.link_id,
        planned_from=parse_time(row.planned_from),
        planned_until=parse_time(row.planned_until),
        protocol=row.protocol,
        bound=row.bound,
        blocks=int(row.blocks),
        block_size=int(row.block_size),
        stop_rule=row.stop_rule,
        rule=row.rule,
        tolerance=row.tolerance,
        parameters={name: float(number) for name, number in settings["parameters"].items()},
        assumptions={k: (float(a), float(b)) for k, (a, b) in settings["assumptions"].items()},
        choices=settings["choices"],
        source=row.source,
        ideal_because=settings["ideal_because"],
    )
