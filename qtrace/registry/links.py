"""Links and their runs.

Inside: `Links`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, select

from qtrace.errors import InputError
from qtrace.laboratory.link import Declaration, Link, RoleUse, Run
from qtrace.laboratory.run_files import RunFile
from qtrace.registry.lookup import already_recorded, not_found
from qtrace.registry.session import Session
from qtrace.registry.tables import DEVICE, LINK, RUN
from qtrace.registry.texts import json_text, parse_json, parse_time, text_list, time_text


@dataclass(frozen=True, slots=True)
class Links:
    """Links and runs inside one transaction."""

    session: Session

    def add(self, link: Link) -> None:
        """Record a link.

        Raises:
            InputError: The link is recorded already; the device of a role is unknown; a
                declared value is not finite.
        """
        row = self.session.first(select(LINK).where(LINK.c.link_id == link.link_id))
        if row is not None:
            raise already_recorded(
                "link",
                link.link_id,
                recorded_as=f"'{row.title}'",
                next_step=f"look at it: `qtrace link show {link.link_id}`",
            )
        self._check_roles(link.roles, f"link {link.link_id}")
        declarations = [{**asdict(item), "value": float(item.value)} for item in link.declarations]
        self.session.add(
            LINK,
            {
                "link_id": link.link_id,
                "title": link.title,
                "protocol": link.protocol,
                "endpoint_a": link.endpoints[0],
                "endpoint_b": link.endpoints[1],
                "watermark": link.watermark,
                "declarations_json": json_text(declarations),
                "documents_json": json_text(link.documents),
                "roles_json": json_text([asdict(use) for use in link.roles]),
                "source": link.source,
            },
        )

    def all(self) -> tuple[Link, ...]:
        """Return all links in order of their ids."""
        query = select(LINK).where(self.session.visible(LINK)).order_by(LINK.c.link_id)
        return tuple(_link(row) for row in self.session.all(query))

    def by_id(self, link_id: str) -> Link:
        """Return one link.

        Raises:
            InputError: It is unknown; close ids are named.
        """
        known = {link.link_id: link for link in self.all()}
        if link_id not in known:
            raise not_found("link", link_id, known, next_step="list: `qtrace link list`")
        return known[link_id]

    def add_run(self, run: Run, *, document_digest: str = "") -> None:
        """Record a run of a link.

        Args:
            run: Its link and the devices in its roles are recorded.
            document_digest: Digest of the file that it was read from.

        Raises:
            InputError: The run is recorded already; link or device unknown; it ends before
                it starts; a parameter is not finite.
        """
        where = f"run {run.run_id}"
        row = self.session.first(select(RUN).where(RUN.c.run_id == run.run_id))
        if row is not None:
            raise already_recorded(
                "run",
                run.run_id,
                recorded_as=f"a run of link {row.link_id}, started {row.started}",
                next_step=f"look at it: `qtrace run show {run.run_id}`",
            )
        self._check_run(run, where)
        self.session.add(RUN, _run_values(run, document_digest, where=where))

    def runs(self, link_id: str = "") -> tuple[Run, ...]:
        """Return all runs, or those of one link, in the order of recording."""
        query = select(RUN).where(self.session.visible(RUN)).order_by(RUN.c.id)
        if link_id:
            query = query.where(RUN.c.link_id == link_id)
        return tuple(_run(row) for row in self.session.all(query))

    def run(self, run_id: str) -> Run:
        """Return one run.

        Raises:
            InputError: It is unknown; close ids are named.
        """
        return _run(self._run_row(run_id))

    def run_digest(self, run_id: str) -> str:
        """Return the digest of the file that a run was read from, empty where none was given.

        Raises:
            InputError: The run is unknown; close ids are named.
        """
        return str(self._run_row(run_id).document_digest)

    def _run_row(self, run_id: str) -> Row[Any]:
        query = select(RUN).where(RUN.c.run_id == run_id, self.session.visible(RUN))
        row = self.session.first(query)
        if row is None:
            known = (run.run_id for run in self.runs())
            raise not_found("run", run_id, known, next_step="list: `qtrace run list`")
        return row

    def _check_run(self, run: Run, where: str) -> None:
        links = self.session.texts(select(LINK.c.link_id).order_by(LINK.c.link_id))
        if run.link_id not in links:
            raise not_found(
                "link", run.link_id, links, next_step="record it first: `qtrace link add FILE`"
            ).located(where)
        self._check_roles(run.roles, where)
        if time_text(run.started, where) > time_text(run.ended, where):
            raise InputError(
                f"the run ends ({run.ended.isoformat()}) before it starts "
                f"({run.started.isoformat()})",
                where=where,
                next_step="exchange or correct the two times",
            )

    def _check_roles(self, roles: tuple[RoleUse, ...], where: str) -> None:
        devices = self.session.texts(select(DEVICE.c.device_id).order_by(DEVICE.c.device_id))
        for use in roles:
            if use.device_id and use.device_id not in devices:
                raise not_found(
                    "device",
                    use.device_id,
                    devices,
                    next_step="record it first, or describe it with `described_as`",
                ).located(f"{where}, role {use.role}")


def _link(row: Row[Any]) -> Link:
    return Link(
        link_id=row.link_id,
        title=row.title,
        protocol=row.protocol,
        endpoints=(row.endpoint_a, row.endpoint_b),
        watermark=row.watermark,
        declarations=tuple(
            Declaration(**{**item, "value": float(item["value"])})
            for item in parse_json(row.declarations_json)
        ),
        documents=parse_json(row.documents_json),
        source=row.source,
        roles=_roles(row.roles_json),
    )


def _run_values(run: Run, document_digest: str, *, where: str) -> dict[str, object]:
    return {
        "run_id": run.run_id,
        "link_id": run.link_id,
        "started": time_text(run.started, f"{where}, started"),
        "ended": time_text(run.ended, f"{where}, ended"),
        "key_disposition": run.key_disposition,
        "provenance": run.provenance,
        "counts_json": json_text({name: int(count) for name, count in run.counts.items()}),
        "parameters_json": json_text(_doubles(run.parameters)),
        "roles_json": json_text([asdict(use) for use in run.roles]),
        "from_memory_json": json_text(list(run.from_memory)),
        "published_json": json_text(_doubles(run.published)),
        "notes_json": json_text(list(run.notes)),
        "source": run.source,
        "planned": run.planned,
        "protocol": run.protocol,
        "choices_json": json_text(run.choices),
        "moments_json": json_text({k: [float(v), float(u)] for k, (v, u) in run.moments.items()}),
        "assumptions_json": json_text(
            {name: [float(low), float(high)] for name, (low, high) in run.assumptions.items()}
        ),
        "ideal_because_json": json_text(run.ideal_because),
        "plan_id": run.plan_id,
        "status": run.status,
        "files_json": json_text([asdict(one) for one in run.files]),
        "document_digest": document_digest,
    }


def _run(row: Row[Any]) -> Run:
    return Run(
        run_id=row.run_id,
        link_id=row.link_id,
        started=parse_time(row.started),
        ended=parse_time(row.ended),
        counts=parse_json(row.counts_json),
        parameters=_doubles(parse_json(row.parameters_json)),
        roles=_roles(row.roles_json),
        key_disposition=row.key_disposition,
        provenance=row.provenance,
        source=row.source,
        from_memory=text_list(row.from_memory_json),
        published=_doubles(parse_json(row.published_json)),
        notes=text_list(row.notes_json),
        planned=bool(row.planned),
        protocol=row.protocol,
        choices=parse_json(row.choices_json),
        moments=_pairs(parse_json(row.moments_json)),
        assumptions=_pairs(parse_json(row.assumptions_json)),
        ideal_because=parse_json(row.ideal_because_json),
        plan_id=row.plan_id,
        status=row.status,
        files=tuple(_file(one) for one in parse_json(row.files_json)),
    )


def _file(stored: dict[str, Any]) -> RunFile:
    # JSON does not tell 22200.0 s from 22200, and a bundle writes the two differently.
    return RunFile(**stored | {"span_s": float(stored["span_s"])})


def _pairs(numbers: dict[str, list[float]]) -> dict[str, tuple[float, float]]:
    return {name: (float(pair[0]), float(pair[1])) for name, pair in numbers.items()}


def _roles(text: str) -> tuple[RoleUse, ...]:
    return tuple(RoleUse(**use) for use in parse_json(text))


def _doubles(numbers: dict[str, float]) -> dict[str, float]:
    # Canonical JSON writes 1.0 as 1; what comes back is a double again.
    return {name: float(number) for name, number in numbers.items()}
