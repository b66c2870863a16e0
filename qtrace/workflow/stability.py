"""Look at the stability of a record in a file: estimators, intervals, noise. Nothing is recorded.

Inside: `StabilityQuestion`, `look_at_stability`.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from pathlib import Path

from qtrace.certification.sync_report import StabilityAnswer, StabilityRow
from qtrace.errors import InputError
from qtrace.exchange.phase_file import DATA, PhaseData, read_phase
from qtrace.metrics.timing.stability_readings import NOISES, seconds_text
from qtrace.physics.timing.deviations import Deviations, decade_factors, octave_factors
from qtrace.physics.timing.estimators import ESTIMATORS, WITHOUT_INTERVAL
from qtrace.physics.timing.stability_intervals import with_intervals
from qtrace.quantity.kinds import kind
from qtrace.quantity.value import parse_quantity

USUAL = ("oadev", "mdev", "tdev", "mtie")


@dataclass(frozen=True, slots=True)
class StabilityQuestion:
    """What is asked of a file, as typed."""

    interval: str
    estimators: str = ",".join(USUAL)
    factors: str = "octave"
    data: str = "phase"
    unit: str = "s"
    direction: str = ""
    since_mjd: float = -math.inf
    gaps: str = "complete"


def look_at_stability(file: Path, question: StabilityQuestion) -> StabilityAnswer:
    """Return the deviations of the record in a file.

    Raises:
        InputError: anything wrong in file or question.
    """
    if question.data not in DATA:
        raise InputError(f"{question.data!r} is neither phase nor frequency", where="--data")
    record = read_phase(
        file,
        interval_s=_seconds(question.interval, "--interval"),
        data=question.data,
        unit_s=_seconds(f"1 {question.unit}", "--unit"),
        direction=question.direction,
        since_mjd=question.since_mjd,
    )
    if not question.estimators.replace(",", " ").strip():
        raise InputError("no estimator is named", where="--estimators", next_step="write tdev,mtie")
    rows: list[StabilityRow] = []
    for name in [part.strip() for part in question.estimators.split(",") if part.strip()]:
        rows += _rows(name, record, question)
    given = int((record.phase_s == record.phase_s).sum())
    return StabilityAnswer(
        record.name,
        record.digest,
        len(record.phase_s),
        len(record.phase_s) - given,
        record.interval_s,
        record.note,
        tuple(rows),
    )


def _seconds(text: str, where: str) -> float:
    read = parse_quantity(text)
    if read.unit.dimension != kind("duration").dimension or not read.si > 0.0:
        raise InputError(f"{text!r} is no time above zero", where=where, next_step='write "1 s"')
    return read.si


def _factors(name: str, question: StabilityQuestion, samples: int) -> list[int]:
    if question.factors in {"octave", "decade"}:
        made = octave_factors if question.factors == "octave" else decade_factors
        return [int(one) for one in made(samples, kind=name)]
    try:
        return sorted({int(part) for part in question.factors.split(",")})
    except ValueError:
        raise InputError(
            f"{question.factors!r} are no averaging factors",
            where="--factors",
            next_step="write octave, decade, or numbers: 1,2,10",
        ) from None


def _rows(name: str, record: PhaseData, question: StabilityQuestion) -> list[StabilityRow]:
    """Return the rows of one estimator."""
    if name not in ESTIMATORS:
        close = difflib.get_close_matches(name, ESTIMATORS, n=3)
        raise InputError(
            f"no estimator is called {name!r}",
            where="--estimators",
            next_step=f"did you mean {', '.join(close)}?" if close else ", ".join(ESTIMATORS),
        )
    factors = _factors(name, question, len(record.phase_s))
    found: Deviations = ESTIMATORS[name](
        record.phase_s, interval_s=record.interval_s, factors=factors, gaps=question.gaps
    )
    judged = None if name in WITHOUT_INTERVAL else with_intervals(found, record.phase_s)
    rows = []
    for k in range(len(found.tau_s)):
        if not found.terms[k]:
            continue  # not one complete term at this averaging time
        if not math.isfinite(found.value[k]):
            raise InputError(
                f"{name} at factor {int(found.factors[k])} is no number: the squares of these "
                "values leave the range of doubles",
                where=record.name,
                next_step="look for an outlier, or give the record in another unit",
            )
        known = judged is not None and math.isfinite(judged.low[k])
        noise = NOISES.get(int(judged.alpha[k]), "") if judged is not None else ""
        rows.append(
            StabilityRow(
                name,
                seconds_text(float(found.tau_s[k])),
                float(found.value[k]),
                kind(found.quantity).unit,
                float(judged.low[k]) if judged is not None and known else None,
                float(judged.high[k]) if judged is not None and known else None,
                float(judged.dof[k]) if judged is not None and known else None,
                f"{noise}, {int(found.terms[k])} terms".strip(", "),
            )
        )
    return rows
