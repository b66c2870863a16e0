"""Audit everything stored: recompute, compare, report; bad data never raises.

Inside: `audit`, `check_ledger`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from qtrace.certification.audit_findings import Audited, AuditFinding
from qtrace.certification.codec import encode
from qtrace.certification.conclude import conclude
from qtrace.certification.recheck import recheck_uncertainties, recheck_uses, recheck_values
from qtrace.certification.shipped import scheme_digest
from qtrace.certification.verification import differences, verify_bundle
from qtrace.errors import QtraceError
from qtrace.exchange.pack_files import load_schemes, load_standards
from qtrace.ledger.canonical import parse_canonical
from qtrace.ledger.entry import Entry
from qtrace.ledger.verify import verify_entries
from qtrace.metrics.catalogue import functions
from qtrace.registry.database import Database
from qtrace.registry.dossier import load_dossier
from qtrace.registry.run_records import load_case
from qtrace.registry.statement_bundles import stored_bundle
from qtrace.registry.unit_of_work import ReadSession
from qtrace.registry.verification import verify_rows
from qtrace.workflow.workbench import DEFAULT_COVERAGE, Workbench

# What reading or computing on damaged rows can raise.
BROKEN = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)


class _OtherRulesError(Exception):
    """An assessment was made by rules that are not at hand; that is no fault of the record."""


def audit(workbench: Workbench) -> Audited:
    """Recompute everything stored and compare it with what is stored.

    The order is that of trust: ledger, rows under it, arithmetic, conclusions, documents.
    Each check collects its findings; one that fails on broken data is itself a finding.
    """
    database = Database.open(workbench.database_url, read_only=True)
    with _reading(database) as session:
        entries = session.ledger.entries()
        found = _records(session, entries)
        results = 0
        try:
            results = _arithmetic(session, found)
        except (QtraceError, *BROKEN) as error:
            found.append(AuditFinding("arithmetic", 0, f"cannot be recomputed: {error}"))
        found.extend(_raw_files(workbench, session))
    assessments = [entry for entry in entries if entry.action == "assess"]
    other_rules = 0
    for entry in assessments:
        try:
            found.extend(_guarded("assessment", entry, _assessment, database))
        except _OtherRulesError:
            other_rules += 1
    certified = [entry for entry in entries if entry.action == "certify"]
    for entry in certified:
        found.extend(_guarded("document", entry, _document, database))
    redrawn = len(assessments) - other_rules
    return Audited(
        len(entries), results, redrawn, other_rules, len(certified), findings=tuple(found)
    )


def check_ledger(workbench: Workbench) -> tuple[int, tuple[AuditFinding, ...]]:
    """Check the ledger's chain and the rows under it; return the number of entries, too."""
    with _reading(Database.open(workbench.database_url, read_only=True)) as session:
        entries = session.ledger.entries()
        return len(entries), tuple(_records(session, entries))


@contextmanager
def _reading(database: Database, *, as_of: int | None = None) -> Iterator[ReadSession]:
    """Open a session that reads damaged texts, too: each is a finding, not the end."""
    with database.read(as_of=as_of) as session:
        _take_any_text(session)
        yield session


def _take_any_text(session: ReadSession) -> None:
    # Bytes that are no UTF-8 come as lone surrogates, which no canonical text may hold.
    driver = session.connection.connection.driver_connection
    driver.text_factory = lambda data: data.decode("utf-8", "surrogateescape")  # type: ignore[union-attr]


def _records(session: ReadSession, entries: tuple[Entry, ...]) -> list[AuditFinding]:
    """Compare ledger with itself and with the rows that its entries name."""
    found = [
        AuditFinding("ledger", fault.sequence, fault.what) for fault in verify_entries(entries)
    ]
    found.extend(
        AuditFinding("rows", fault.sequence, f"{fault.table}: {fault.what}".strip(": "))
        for fault in verify_rows(session.connection)
    )
    _take_any_text(session)
    return found


def _guarded(
    check: str,
    entry: Entry,
    look: Callable[[Database, Entry], Iterable[str]],
    database: Database,
) -> list[AuditFinding]:
    """Run one check on one entry; what breaks it is reported like what it finds."""
    try:
        return [AuditFinding(check, entry.sequence, what) for what in look(database, entry)]
    except QtraceError as error:
        where = f" ({error.where})" if error.where else ""
        return [AuditFinding(check, entry.sequence, f"{error.what}{where}")]
    except BROKEN as error:
        return [AuditFinding(check, entry.sequence, f"cannot be read: {error!r}")]


def _arithmetic(session: ReadSession, found: list[AuditFinding]) -> int:
    """Re-evaluate every stored model and every cached uncertainty; return how many."""
    ids = session.events.result_ids()
    dossier = load_dossier(session, ids)
    network = dossier.network
    labels = {k: one.label for k, one in dossier.results.items()}
    stored = {k: u for k, (_, u) in session.events.stored_values(ids).items()}
    wrong = [
        *recheck_values(network, labels, functions()),
        *recheck_uses(dossier),
        *recheck_uncertainties(network, labels, stored),
    ]
    found.extend(AuditFinding("arithmetic", 0, str(one)) for one in wrong)
    return len(ids)


def _raw_files(workbench: Workbench, session: ReadSession) -> list[AuditFinding]:
    """Look whether the raw files of all runs are there and whole."""
    raw = workbench.raw_files()
    found = []
    try:
        runs = session.links.runs()
    except (QtraceError, *BROKEN):
        return []  # the rows check has said so
    for one in {one.digest: one for run in runs for one in run.files}.values():
        try:
            raw.checked(one.digest, one.name)
        except QtraceError as error:
            found.append(AuditFinding("raw files", 0, f"{error.what} ({error.where})"))
    return found


def _assessment(database: Database, entry: Entry) -> list[str]:
    """Draw the conclusions again from the records as they were known then."""
    note = parse_canonical(entry.content.encode())
    scheme = {one.scheme_id: one for one in load_schemes()}.get(note["scheme"])
    if scheme is None or scheme_digest(scheme) != note["scheme_digest"]:
        raise _OtherRulesError
    standards = load_standards(scheme)
    if {one.standard_id: one.digest for one in standards} != note["standards"]:
        raise _OtherRulesError
    with _reading(database, as_of=entry.sequence) as session:
        stored = [dict(one.content) for one in session.findings.of_assessment(note["assessment"])]
        case = load_case(
            session,
            entry.subject,
            run_id=note["run"],
            scheme=scheme,
            standards=standards,
            coverage_probability=DEFAULT_COVERAGE,
        )
    return differences(stored, encode(conclude(case, functions()).findings), "findings")


def _document(database: Database, entry: Entry) -> list[str]:
    """Verify a stored document like a stranger, then compare its records with the database."""
    note = parse_canonical(entry.content.encode())
    with _reading(database) as session:
        bundle = stored_bundle(session, note["document"])
    verified = verify_bundle(bundle.to_bytes(), trusted=bundle.key, functions=functions())
    case = verified.case
    with _reading(database, as_of=entry.sequence) as session:
        now = load_case(
            session,
            entry.subject,
            run_id=case.run.run_id,
            scheme=case.scheme,
            standards=case.standards,
            coverage_probability=case.coverage_probability,
        )
        decision = session.findings.decision(note["document"])
    return [
        # Stored records come back exactly; only what is computed may differ by rounding.
        *differences(encode(case), encode(now), "case", exact=True),
        *differences(
            dict(decision.content), encode(verified.conclusions.decision), "decision on record"
        ),
    ]
