"""The command `qtrace`: global options, groups of commands, errors to exit codes.

Inside: `app`, `run`. Only typer and the standard library are imported here; everything heavy
is imported inside the commands, so that `qtrace --help` answers at once.
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from qtrace import __version__
from qtrace.cli import (
    baseline_commands,
    calibration_commands,
    claim_commands,
    conformity_commands,
    fleet_commands,
    link_commands,
    occurrence_commands,
    profile_command,
    recall_commands,
    register_commands,
    run_commands,
    standard_commands,
    tag_commands,
    trust_commands,
    validation_commands,
)
from qtrace.cli.settings import Settings, folded
from qtrace.errors import QtraceError

EXIT_CODES = """
Exit codes: 0 done and positive; 1 done, the judgement is negative; 2 usage or bad input;
3 integrity (a digest, seal, ledger or history is wrong); 4 environment (no database, key
missing); 5 consistent but not established (signer unknown); 70 a fault of qtrace itself.
"""

FAULT_CODE = 70
FAULT = (
    "error: qtrace met something that it was not made for ({})\n"
    "  next:  run `qtrace audit --all`: records that were changed do this; else report the lines "
    "above, they are a fault of qtrace"
)

ERROR_SCHEMA = "qtrace/error/1"


class _Application(TyperGroup):
    """The outermost group: the only place where an error and the global options are both known."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        try:
            return super().invoke(ctx)
        except QtraceError as error:
            typer.echo(folded(error.diagnostics()), err=True)
            if isinstance(ctx.obj, Settings) and ctx.obj.json_output:
                typer.echo(_error_document(error))
            raise typer.Exit(error.exit_code) from error


def _error_document(error: QtraceError) -> str:
    """Return an error as one line of JSON, in ASCII: a file name may hold what is no text."""
    fields = {
        "what": error.what,
        "where": error.where,
        "next": error.next_step,
        "exit_code": error.exit_code,
    }
    return json.dumps({"schema": ERROR_SCHEMA, "error": fields}, sort_keys=True)


app = typer.Typer(
    name="qtrace",
    cls=_Application,
    help="From the SI to the verdict: traceability, uncertainty and signed statements for "
    "quantum links.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (
    register_commands,
    calibration_commands,
    conformity_commands,
    recall_commands,
    fleet_commands,
    occurrence_commands,
    link_commands,
    baseline_commands,
    run_commands,
    tag_commands,
    standard_commands,
    profile_command,
    trust_commands,
    validation_commands,
    claim_commands,
):
    module.add_to(app)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"qtrace {__version__}")
        raise typer.Exit


@app.callback()
def settings(
    ctx: typer.Context,
    *,
    database: Annotated[
        str, typer.Option(help="Database file or URL.", envvar="QTRACE_DATABASE")
    ] = "",
    keys: Annotated[str, typer.Option(help="Folder of keys.", envvar="QTRACE_KEYS")] = "",
    actor: Annotated[
        str, typer.Option(help="Who acts; the login name if not given.", envvar="QTRACE_ACTOR")
    ] = "",
    as_of: Annotated[str, typer.Option(help="Look at the records as known on that date.")] = "",
    json_output: Annotated[
        bool, typer.Option("--json", help="One JSON document on standard output.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keep the global options for the command that follows."""
    del version
    ctx.obj = Settings(database, keys, actor, as_of, json_output)


@app.command()
def demo(
    ctx: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help="A new or empty folder.")] = None,
    *,
    case: Annotated[str, typer.Option(help="One case study instead; see --list.")] = "",
    listed: Annotated[bool, typer.Option("--list", help="List the case studies.")] = False,
) -> None:
    """Walk the whole path on real input, or one case study.

    Every step is printed as the command that you would type, and then run. Case studies:
    sync-75km, sensor-network, smart-grid, qsdc-network, teleportation.
    """
    from qtrace.cli.demo_command import demo_command

    demo_command(ctx, folder, invoke, case=case, listed=listed)


def run() -> None:
    """Run the command line; turn errors into messages and exit codes, here and only here."""
    sys.exit(invoke(sys.argv[1:]))


def invoke(arguments: list[str]) -> int:
    """Run one command line in this process.

    Returns:
        The exit code.
    """
    try:
        app(arguments, prog_name="qtrace")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(bool(stop.code))
    except Exception as error:  # noqa: BLE001 - a traceback would end with 1: a negative judgement
        traceback.print_exc()
        typer.echo(folded(FAULT.format(type(error).__name__)), err=True)
        return FAULT_CODE
    return 0
