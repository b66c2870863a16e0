"""Steps of the demo, and its chapters about time tags: two clocks, and a detector.

Inside: `Step`, `Chapter`, `clocks`, `detector`, `CLOCKS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

CLOCKS = "chain/sync.svg"  # where matplotlib is there


@dataclass(frozen=True, slots=True)
class Step:
    """One command line with what it is for and the exit code it should end with.

    `before` is done in the folder before the command runs, and said in `why`.
    """

    line: str
    why: str = ""
    expect: int = 0
    needs: str = ""  # a library without which the step is left out
    before: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """Steps under one heading."""

    title: str
    steps: tuple[Step, ...]


def clocks() -> Chapter:
    """Return the way from two tag files to an assessed synchronization link."""
    folder = "input/sync_link"
    return Chapter(
        "7. Two clocks compared by photon pairs, from SIMULATED time tags",
        (
            Step(
                f"tags simulate {folder}/simulation.toml --seed 20260501 --out {folder}",
                "No public tags of such a link exist: these are drawn, and marked so.",
            ),
            Step(f"laboratory add {folder}/register.toml"),
            *(
                Step(f"calibration add {folder}/{name}.toml")
                for name in ("tagger", "stations", "clock", "fibre")
            ),
            Step(f"link add {folder}/link.toml"),
            Step(f"run add {folder}/run.toml", "From two tag files to an assessed link: three."),
            Step("recompute RUN-SYNC"),
            Step("run sync RUN-SYNC"),
            Step(
                "assess SYNC-LINK --scheme sync-check",
                "What no document attests, and what the record is too short for, is not judged.",
            ),
            Step(f"run plot RUN-SYNC --out {CLOCKS}", needs="matplotlib"),
        ),
    )


def detector() -> Chapter:
    """Return the way from tag files to a calibrated detector."""
    folder = "input/detector_tags"
    return Chapter(
        "8. A detector calibrated from its time tags (simulated)",
        (
            Step(f"laboratory add {folder}/register.toml"),
            Step(f"calibration add {folder}/tagger.toml"),
            Step(
                f"calibration add {folder}/detector.toml",
                "Dark count rate, after-pulses and dead time, each reduced from a tag file.",
            ),
        ),
    )
