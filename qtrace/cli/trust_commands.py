"""Commands about trust: certify, certificate, audit, ledger.

Inside: `add_to`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qtrace.cli.register_commands import list_command
from qtrace.cli.settings import NEGATIVE, NOT_ESTABLISHED, emit, note, workbench_of

if TYPE_CHECKING:
    from qtrace.workflow.workbench import Workbench


def certify(
    ctx: typer.Context,
    link: Annotated[str, typer.Argument(help="Link id.")],
    *,
    scheme: Annotated[str, typer.Option(help="Scheme of the assessment.")],
    key: Annotated[str, typer.Option(help="Name of the signing key.")],
    run: Annotated[str, typer.Option(help="A run of the link; the latest if not given.")] = "",
    bundle: Annotated[Path | None, typer.Option(help="Write the signed bundle (JSON).")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the report (HTML).")] = None,
) -> None:
    """Decide under a scheme and sign the statement. Exit code 1 where refused."""
    from qtrace.report.files import check_writable, write_bytes, write_text
    from qtrace.workflow.certify import certify as run_certify

    for place in (bundle, report):
        if place is not None:
            check_writable(place)  # the decision stays on record, whatever happens to files
    done = run_certify(workbench_of(ctx), link, scheme_id=scheme, key_name=key, run_id=run)
    if bundle is not None:
        write_bytes(bundle, done.bundle.to_bytes())
        note(f"bundle: {bundle}")
    if report is not None:
        from qtrace.report.html import render_report

        entry = done.bundle.entry
        html = render_report(
            done.head,
            done.case,
            done.conclusions,
            payload_digest=done.bundle.envelope.payload_digest,
            ledger_entry=f"{entry.sequence}, {entry.digest}",
        )
        write_text(report, html)
        note(f"report: {report}")
    decision = done.conclusions.decision

    def text() -> str:
        from qtrace.report.decision_text import decision_text

        return decision_text(done.head, decision, done.conclusions.findings, done.case.scheme)

    document = {"document": done.head, "decision": decision}
    emit(ctx, "decision/1", document, text)
    if done.refused:
        raise typer.Exit(NEGATIVE)


def certificate_verify(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The bundle (JSON).")],
    *,
    key: Annotated[Path | None, typer.Option(help="Public key that you trust.")] = None,
) -> None:
    """Verify a bundle offline: seal, ledger entry, arithmetic, conclusions.

    Exit code 5 where the signer is unknown because no key was given.
    """
    from qtrace.workflow.verify import verify

    done = verify(file, key=key)
    document = {
        "headline": done.headline,
        "established": done.established,
        "document": done.head,
        "decision": done.conclusions.decision,
        "steps": done.steps,
        "other_rules": done.other_rules,
        "payload_digest": done.payload_digest,
    }

    def text() -> str:
        from qtrace.report.decision_text import verification_text

        return verification_text(done)

    emit(ctx, "verification/1", document, text)
    if not done.established:
        raise typer.Exit(NOT_ESTABLISHED)


def certificate_show(
    ctx: typer.Context, number: Annotated[str, typer.Argument(help="Document number.")]
) -> None:
    """Show the payload of an issued statement, its status and what happened to it since."""
    from qtrace.report.document_text import document_text
    from qtrace.workflow.showing import show

    record = show(workbench_of(ctx), "certificate", number)
    shown = {
        "document": record["document"],
        "status": record["status"],
        "decision_events": record["decision_events"],
        "decision": record["conclusions"]["decision"],
    }
    emit(ctx, "statement/1", record, lambda: document_text(shown))


def certificate_export(
    ctx: typer.Context,
    number: Annotated[str, typer.Argument(help="Document number.")],
    *,
    output: Annotated[Path, typer.Option(help="Where to write the bundle (JSON).")],
) -> None:
    """Write the bundle of an issued statement again, byte for byte."""
    from qtrace.report.files import write_bytes
    from qtrace.workflow.showing import export

    write_bytes(output, export(workbench_of(ctx), number))
    emit(ctx, "export/1", {"bundle": str(output)}, lambda: f"bundle: {output}")


def _whole(ctx: typer.Context) -> Workbench:
    """Return the workbench of a check that looks at everything there is, whatever the date.

    Raises:
        InputError: --as-of was given. Answering for that date would look as if it had been used.
    """
    from qtrace.errors import InputError

    workbench = workbench_of(ctx)
    if workbench.as_of is not None:
        raise InputError(
            "an audit looks at everything there is, not at the records of a date",
            where="--as-of",
            next_step="leave --as-of out",
        )
    return workbench


def audit(
    ctx: typer.Context,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Audit the whole database.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Reduce raw files again, too: slow.")] = False,
) -> None:
    """Recompute everything stored and compare. Exit code 3 where anything is wrong."""
    from dataclasses import replace

    from qtrace.errors import InputError, IntegrityError
    from qtrace.workflow.audit import audit as run_audit

    if not everything:
        raise InputError("say what to audit", next_step="qtrace audit --all")
    done = run_audit(_whole(ctx))
    reduced = 0
    if raw:
        from qtrace.workflow.reduce_again import reduce_again

        reduced, more = reduce_again(_whole(ctx))
        done = replace(done, findings=(*done.findings, *more))

    def text() -> str:
        from qtrace.report.decision_text import audit_text

        lines = [f"{reduced} runs reduced again from their raw files"] if raw else []
        return "\n".join([*lines, audit_text(done)])

    emit(ctx, "audit/1", done, text)
    if done.findings:
        raise typer.Exit(IntegrityError.exit_code)


def ledger_verify(ctx: typer.Context) -> None:
    """Check the chain of ledger entries and the rows under them, without recomputation."""
    from qtrace.errors import IntegrityError
    from qtrace.workflow.audit import check_ledger

    entries, found = check_ledger(_whole(ctx))

    def text() -> str:
        lines = [str(one) for one in found] or [f"{entries} entries, chain and rows whole"]
        return "\n".join(lines)

    emit(ctx, "ledger-check/1", {"entries": entries, "findings": found}, text)
    if found:
        raise typer.Exit(IntegrityError.exit_code)


def ledger_show(
    ctx: typer.Context,
    sequence: Annotated[int, typer.Argument(min=1, max=2**53, help="Number of the entry.")],
) -> None:
    """Show one ledger entry."""
    from qtrace.report.document_text import document_text
    from qtrace.workflow.showing import show

    record = show(workbench_of(ctx), "ledger", str(sequence))
    emit(ctx, "entry/1", record, lambda: document_text(record))


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("certify")(certify)
    certificate = typer.Typer(help="Signed statements.", no_args_is_help=True)
    certificate.command("list")(list_command("certificate"))
    certificate.command("show")(certificate_show)
    certificate.command("export")(certificate_export)
    certificate.command("verify")(certificate_verify)
    app.add_typer(certificate, name="certificate")
    app.command("audit")(audit)
    ledger = typer.Typer(help="The hash-linked ledger.", no_args_is_help=True)
    ledger.command("list")(list_command("ledger"))
    ledger.command("show")(ledger_show)
    ledger.command("verify")(ledger_verify)
    app.add_typer(ledger, name="ledger")
