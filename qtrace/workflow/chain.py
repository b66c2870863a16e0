"""Follow a chain of entangled links from its file to what is left from end to end.

Inside: `chain_from_file`.
"""

from __future__ import annotations

from pathlib import Path

from qtrace.exchange.chain_file import read_chain_file
from qtrace.metrics.teleportation.chain import follow_chain
from qtrace.metrics.teleportation.chain_records import ChainOutcome


def chain_from_file(file: Path) -> ChainOutcome:
    """Return what a chain file describes; no database is read, nothing is recorded.

    Raises:
        InputError: The file is wrong, with line and field.
    """
    return follow_chain(read_chain_file(file))
