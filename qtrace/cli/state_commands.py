"""Commands about entangled pairs in files: metric chain, metric memory.

Inside: `metric_chain`, `metric_memory`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qtrace.cli.settings import emit, note


def metric_chain(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Chain file.")],
    *,
    svg: Annotated[Path | None, typer.Option(help="Draw it there.")] = None,
) -> None:
    """Follow entanglement along a chain of links joined by Bell-state measurements.

    What fidelity is left from end to end, and which link costs most. A model; nothing is recorded.
    """
    from qtrace.report.files import check_writable, write_text
    from qtrace.workflow.chain import chain_from_file

    if svg is not None:
        check_writable(svg, suffix=".svg")
    done = chain_from_file(file)
    if svg is not None:
        from qtrace.report.entanglement_svg import draw_chain_links

        write_text(svg, draw_chain_links(done))
        note(f"written: {svg}")

    def text() -> str:
        from qtrace.report.entanglement_text import chain_links_text

        return chain_links_text(done)

    emit(ctx, "metric-chain/1", done, text)


def metric_memory(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Storage file: counts by time of storage.")],
) -> None:
    """Fit the coherence time of a quantum memory to counts at several times of storage.

    Nothing is recorded.
    """
    from qtrace.workflow.storage import coherence_from_file

    done = coherence_from_file(file)

    def text() -> str:
        from qtrace.report.storage_text import storage_text

        return storage_text(done)

    emit(ctx, "metric-memory/1", done, text)
