"""Laboratories and what they are competent to calibrate.

Inside: `Laboratories`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from qtrace.laboratory.laboratory import Competence, Laboratory, Route
from qtrace.registry.lookup import already_recorded, not_found
from qtrace.registry.session import Session
from qtrace.registry.tables import COMPETENCE, LABORATORY
from qtrace.registry.texts import finite, json_text, parse_json, parse_time, time_text


@dataclass(frozen=True, slots=True)
class Laboratories:
    """Laboratories inside one transaction."""

    session: Session

    def add(self, laboratory: Laboratory) -> None:
        """Record a laboratory with its competences.

        Raises:
            InputError: The laboratory is recorded already; a bound is not finite.
        """
        known = {item.laboratory_id: item for item in self.all()}
        if laboratory.laboratory_id in known:
            raise already_recorded(
                "laboratory",
                laboratory.laboratory_id,
                recorded_as=known[laboratory.laboratory_id].name,
                next_step=f"look at it: `qtrace laboratory show {laboratory.laboratory_id}`",
            )
        self.session.add(
            LABORATORY,
            {
                "laboratory_id": laboratory.laboratory_id,
                "name": laboratory.name,
                "country": laboratory.country,
            },
        )
        self.add_competences(laboratory.laboratory_id, laboratory.competences)

    def add_competences(self, laboratory_id: str, competences: tuple[Competence, ...]) -> None:
        """Record further competences of a laboratory.

        Raises:
            InputError: The laboratory is unknown; a bound is not finite.
        """
        self.by_id(laboratory_id)
        rows = [_competence_values(laboratory_id, competence) for competence in competences]
        self.session.add_all(COMPETENCE, rows)

    def all(self) -> tuple[Laboratory, ...]:
        """Return all laboratories in order of their ids."""
        competences: dict[str, list[Competence]] = {}
        query = select(COMPETENCE).where(self.session.visible(COMPETENCE)).order_by(COMPETENCE.c.id)
        for row in self.session.all(query):
            competences.setdefault(row.laboratory_id, []).append(_competence(row))
        query = (
            select(LABORATORY)
            .where(self.session.visible(LABORATORY))
            .order_by(LABORATORY.c.laboratory_id)
        )
        return tuple(
            Laboratory(
                row.laboratory_id,
                row.name,
                row.country,
                tuple(competences.get(row.laboratory_id, ())),
            )
            for row in self.session.all(query)
        )

    def by_id(self, laboratory_id: str) -> Laboratory:
        """Return one laboratory.

        Raises:
            InputError: It is unknown; close ids are named.
        """
        known = {item.laboratory_id: item for item in self.all()}
        if laboratory_id not in known:
            raise not_found(
                "laboratory", laboratory_id, known, next_step="list: `qtrace laboratory list`"
            )
        return known[laboratory_id]


def _competence_values(laboratory_id: str, competence: Competence) -> dict[str, object]:
    where = f"laboratory {laboratory_id}, competence {competence.kind}"
    return {
        "laboratory_id": laboratory_id,
        "kind": competence.kind,
        "route": competence.route.value,
        "low": finite(competence.low, f"{where}, low"),
        "high": finite(competence.high, f"{where}, high"),
        "expanded_uncertainty": finite(
            competence.expanded_uncertainty, f"{where}, expanded uncertainty"
        ),
        "relative": competence.relative,
        "valid_from": time_text(competence.valid_from, f"{where}, valid from"),
        "valid_until": time_text(competence.valid_until, f"{where}, valid until"),
        "reference": competence.reference,
        "conditions_json": json_text(dict(competence.conditions)),
    }


def _competence(row: Row[Any]) -> Competence:
    return Competence(
        kind=row.kind,
        route=Route(row.route),
        low=row.low,
        high=row.high,
        expanded_uncertainty=row.expanded_uncertainty,
        relative=bool(row.relative),
        valid_from=parse_time(row.valid_from),
        valid_until=parse_time(row.valid_until),
        reference=row.reference,
        conditions=tuple(sorted(parse_json(row.conditions_json).items())),
    )
