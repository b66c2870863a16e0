"""One transaction with all repositories: for reading, or for writing with its ledger entry.

Inside: `ReadSession`, `UnitOfWork`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from qtrace.errors import InputError
from qtrace.ledger.entry import Entry, next_entry
from qtrace.registry.array_cache import fleet_at
from qtrace.registry.baselines import Baselines
from qtrace.registry.devices import Devices
from qtrace.registry.events import Events
from qtrace.registry.findings import Findings
from qtrace.registry.graph import network, walks
from qtrace.registry.laboratories import Laboratories
from qtrace.registry.ledger_store import LedgerStore
from qtrace.registry.links import Links
from qtrace.registry.plans import Plans
from qtrace.registry.programmes import Programmes
from qtrace.registry.recalls import Recalls
from qtrace.registry.row_digests import digests_of
from qtrace.registry.session import Session
from qtrace.registry.statements import Statements
from qtrace.registry.texts import time_text
from qtrace.uncertainty.fleet import FleetArrays
from qtrace.uncertainty.fleet_walks import with_walks
from qtrace.uncertainty.network import Network


class ReadSession:
    """All repositories inside one transaction; rows after `as_of` are hidden."""

    def __init__(self, connection: Connection, *, as_of: int | None = None) -> None:
        self._open(Session(connection, as_of=as_of))

    def _open(self, session: Session) -> None:
        self._session = session
        self.connection = session.connection
        self.devices = Devices(session)
        self.laboratories = Laboratories(session)
        self.programmes = Programmes(session)
        self.events = Events(session)
        self.links = Links(session)
        self.plans = Plans(session)
        self.baselines = Baselines(session)
        self.findings = Findings(session)
        self.recalls = Recalls(session)
        self.statements = Statements(session)
        self.ledger = LedgerStore(session)

    def network(self, result_ids: Iterable[int]) -> Network:
        """Return the network behind results; see `graph.network`."""
        return network(self.connection, result_ids)

    def fleet(self) -> FleetArrays:
        """Return all results as arrays, random walks among them; see `array_cache.fleet_at`."""
        return with_walks(fleet_at(self._session), walks(self._session))


class UnitOfWork(ReadSession):
    """A writing transaction: rows and the ledger entry that names their digests.

    It sees what it has written. `sequence` is the ledger entry that its rows carry.
    `recorded_at` is the text of the time of recording, `entry` the appended entry.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        recorded_at: datetime,
        actor: str,
        action: str,
        subject: str,
    ) -> None:
        self.recorded_at = time_text(recorded_at, "time of recording")
        self.actor, self.action, self.subject = actor, action, subject
        self.entry: Entry | None = None
        self._facts: dict[str, object] = {}
        self._head = LedgerStore(Session(connection)).head()
        # The entry itself follows last, when the rows are known; its number is wanted now.
        self.sequence = self._next({}).sequence
        self._open(Session(connection, sequence=self.sequence))

    def note(self, key: str, value: object) -> None:
        """Add a fact to the content of the ledger entry.

        Args:
            key: Any name but "rows"; a repeated key is an error.
            value: What canonical JSON can hold, without floats.

        Raises:
            InputError: The key is taken.
        """
        if key == "rows" or key in self._facts:
            raise InputError(
                f"the ledger entry already says '{key}'",
                next_step="note each fact once, and none under 'rows'",
            )
        self._facts[key] = value

    def close(self) -> Entry:
        """Append the ledger entry over all rows of this unit; `Database.write` calls this."""
        rows = digests_of(self.connection, self.sequence, tables=self._session.touched)
        self.entry = self._next({**self._facts, "rows": rows})
        self.ledger.append(self.entry)
        return self.entry

    def _next(self, content: dict[str, object]) -> Entry:
        return next_entry(
            self._head,
            recorded_at=self.recorded_at,
            actor=self.actor,
            action=self.action,
            subject=self.subject,
            content=content,
        )
