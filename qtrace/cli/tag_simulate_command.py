"""The command `tags simulate`.

Inside: `tags_simulate`, `add_to_tags`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qtrace.cli.register_commands import FileArgument
from qtrace.cli.settings import emit, note


def tags_simulate(
    ctx: typer.Context,
    file: FileArgument,
    *,
    seed: Annotated[int, typer.Option(help="Of the generator: the same gives the same tags.")],
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path(),
) -> None:
    """Draw time tags of a detector or of a synchronization that is known, with a truth file."""
    from qtrace.workflow.simulate_tags import simulate_tags

    done = simulate_tags(file, seed=seed, out=out, progress=note)

    def text() -> str:
        from qtrace.report.simulated_tag_text import simulated_tag_rows
        from qtrace.report.text import key_values

        return key_values(
            simulated_tag_rows(
                done.files, truth_file=done.truth_file, simulator=done.simulator, seed=done.seed
            )
        )

    emit(ctx, "simulated-tags/1", done, text)


def add_to_tags(tags: typer.Typer) -> None:
    """Add this command to the group `tags`."""
    tags.command("simulate")(tags_simulate)
