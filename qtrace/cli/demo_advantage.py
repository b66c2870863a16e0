"""Steps of the case studies about baselines: declared first, held against, shown in a profile.

Inside: `SHIPPED`, `declared`, `held`, `PROFILE_LEFT`.
"""

from __future__ import annotations

from collections.abc import Sequence

from qtrace.cli.demo_timing import Step

SHIPPED = "classical_2026"
SVG, PAGE = "chain/profile.svg", "reports/profile.html"
PROFILE_LEFT = (("profile of attributes (SVG)", SVG),)


def declared(why: str, file: str = SHIPPED) -> Step:
    """Return the step that puts baselines on record; it stands before the run of a case."""
    return Step(f"baseline add {file}", why)


def held(
    run: str, why: str, profile: str, *, baselines: Sequence[str] = (), expect: int = 0
) -> tuple[Step, Step]:
    """Return the steps that hold a run against baselines, and show what it shows.

    Args:
        run: The recomputed run.
        why: What its standing is, in a sentence.
        profile: What its profile says, in a sentence.
        baselines: Those of `metric advantage`; all on record where empty.
        expect: Exit code of `metric advantage`.
    """
    named = "".join(f" --baseline {one}" for one in baselines)
    return (
        Step(f"metric advantage {run}{named}", why, expect),
        Step(f"profile {run} --svg {SVG} --html {PAGE}", profile),
    )
