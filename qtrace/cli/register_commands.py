"""Commands that set up and register: init, key, laboratory, device, programme.

Inside: `add_to`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from qtrace.cli.settings import emit, emit_listing, workbench_of

FileArgument = Annotated[Path, typer.Argument(help="A file in the form that docs/files.md shows.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check only; write nothing.")]


def init(ctx: typer.Context) -> None:
    """Create the database, or bring its schema up to date."""
    from qtrace.workflow.initialise import initialise

    workbench = workbench_of(ctx)
    new = initialise(workbench)
    emit(
        ctx,
        "init/1",
        {"database": workbench.database_url, "device_classes": new},
        lambda: f"database ready: {workbench.database_url}\n{new} device classes added",
    )


def key_create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the key.")],
    *,
    person: Annotated[str, typer.Option(help="The person who signs with it.")],
    organisation: Annotated[str, typer.Option(help="For whom that person signs.")],
) -> None:
    """Make a signing key; the public part is what you hand to verifiers."""
    from qtrace.workflow.initialise import create_key

    path = create_key(workbench_of(ctx), name, person=person, organisation=organisation)
    emit(ctx, "key/1", {"public_key": str(path)}, lambda: f"public key: {path}")


def register_file(ctx: typer.Context, file: FileArgument, *, dry_run: DryRun = False) -> None:
    """Register the laboratories, devices, programmes and links of a file."""
    from qtrace.workflow.register import register

    added = register(workbench_of(ctx), file, dry_run=dry_run)
    document = {
        "laboratories": list(added.laboratories),
        "devices": list(added.devices),
        "programmes": list(added.programmes),
        "links": list(added.links),
        "ledger_entry": added.sequence,
    }

    def text() -> str:
        from qtrace.report.text import key_values

        pairs = [(name, ", ".join(ids)) for name, ids in document.items() if isinstance(ids, list)]
        done = "checked, nothing written" if dry_run else f"ledger entry {added.sequence}"
        return key_values([*((n, v) for n, v in pairs if v), ("recorded", done)])

    emit(ctx, "register/1", document, text)


def device_class_add(ctx: typer.Context, file: FileArgument, *, dry_run: DryRun = False) -> None:
    """Add a family of devices: its quantities, and the roles that it can have in a link."""
    from qtrace.workflow.initialise import add_device_class

    added = add_device_class(workbench_of(ctx), file, dry_run=dry_run)
    done = "checked, nothing written" if dry_run else "recorded"
    emit(ctx, "device-class/1", added, lambda: f"device class {added.class_id}: {done}")


def device_retire(
    ctx: typer.Context,
    device: Annotated[str, typer.Argument(help="Device id.")],
    *,
    reason: Annotated[str, typer.Option(help="Why.")],
) -> None:
    """Take a device out of service; its history stays."""
    from qtrace.workflow.register import retire

    sequence = retire(workbench_of(ctx), device, reason)
    emit(
        ctx,
        "device-status/1",
        {"device": device, "status": "retired", "reason": reason, "ledger_entry": sequence},
        lambda: f"{device} retired, ledger entry {sequence}",
    )


def show_device(
    ctx: typer.Context, device: Annotated[str, typer.Argument(help="Device id.")]
) -> None:
    """Show one device."""
    _show(ctx, "device", device)


def show_laboratory(
    ctx: typer.Context, laboratory: Annotated[str, typer.Argument(help="Laboratory id.")]
) -> None:
    """Show one laboratory with its capabilities."""
    _show(ctx, "laboratory", laboratory)


def _show(ctx: typer.Context, what: str, name: str) -> None:
    from qtrace.report.document_text import document_text
    from qtrace.workflow.showing import show

    record = show(workbench_of(ctx), what, name)
    emit(ctx, f"{what}/1", record, lambda: document_text(record))


PLURALS = {
    "laboratory": "laboratories",
    "device-class": "families of devices",
    "calibration": "calibrations, uses and recomputations",
    "certificate": "signed statements",
    "ledger": "entries of the ledger",
}


def list_command(what: str) -> Callable[[typer.Context], None]:
    """Return a command that lists one kind of record."""

    def command(ctx: typer.Context) -> None:
        from qtrace.workflow.listing import stored

        emit_listing(ctx, what, stored(workbench_of(ctx), what))

    command.__doc__ = f"List {PLURALS.get(what, what + 's')} on record."
    return command


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("init")(init)
    key = typer.Typer(help="Signing keys.", no_args_is_help=True)
    key.command("create")(key_create)
    laboratory = typer.Typer(help="Laboratories and their competence.", no_args_is_help=True)
    laboratory.command("add")(register_file)
    laboratory.command("show")(show_laboratory)
    device = typer.Typer(help="Devices.", no_args_is_help=True)
    device.command("add")(register_file)
    device.command("show")(show_device)
    device.command("retire")(device_retire)
    programme = typer.Typer(help="Calibration programmes of the owner.", no_args_is_help=True)
    programme.command("set")(register_file)
    device_class = typer.Typer(help="Families of devices.", no_args_is_help=True)
    device_class.command("add")(device_class_add)
    groups = {
        "key": key,
        "laboratory": laboratory,
        "device": device,
        "programme": programme,
        "device-class": device_class,
    }
    for name, group in groups.items():
        group.command("list")(list_command(name))
        app.add_typer(group, name=name)
