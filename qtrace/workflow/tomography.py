"""Tomography of a file of counts: state or process, with a witness beside it.

Inside: `FileTomography`, `tomography`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from qtrace.errors import InputError
from qtrace.exchange.tomography_file import PROCESS, read_tomography_file
from qtrace.metrics.teleportation.tomography_report import (
    TomographyReport,
    process_report,
    state_report,
)

SEED = 20_010_052


@dataclass(frozen=True, slots=True)
class FileTomography:
    """A tomography, and the file that it is of."""

    tomography_id: str
    title: str
    provenance: str
    source: str
    digest: str
    seed: int
    settings: tuple[str, ...]
    report: TomographyReport


def tomography(file: Path, *, draws: int = 1000, seed: int = SEED) -> FileTomography:
    """Return the tomography of a file; nothing is recorded, no database is read.

    Args:
        file: Tomography file.
        draws: Of the bootstrap.
        seed: Of the bootstrap, PCG64.

    Raises:
        InputError: a file that is wrong, or counts from which nothing follows.
    """
    if seed < 0:
        raise InputError(f"the seed {seed} is negative", where="--seed", next_step="give 0 or more")
    plan = read_tomography_file(file)
    make = process_report if plan.of == PROCESS else partial(state_report, expected=plan.expected)
    try:
        report = make(
            plan.frame,
            np.array(plan.counts, dtype=np.float64),
            target=plan.target,
            draws=draws,
            generator=np.random.default_rng(seed),
        )
    except InputError as error:
        raise error.located(str(file)) from None
    return FileTomography(
        plan.tomography_id,
        plan.title,
        plan.provenance,
        plan.source,
        plan.digest,
        seed,
        plan.frame.settings,
        report,
    )
