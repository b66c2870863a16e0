"""Case study: key for the measurements of a smart grid, from a plan to what it is enough for.

Inside: `SMART_GRID`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from qtrace.cli.demo_advantage import PROFILE_LEFT, declared, held
from qtrace.cli.demo_cases import SETTING_UP, Ask, Case, Compared, closing_steps, stated
from qtrace.cli.demo_dates import last, rewrite
from qtrace.cli.demo_timing import Chapter, Step

FOLDER = "input/smart_grid"
BUNDLE = "bundles/smart-grid.json"
RUN_S = 15.0  # as long as the simulated run lasts
MONTH = timedelta(days=30)


def _before_the_plan() -> None:
    now = datetime.now(UTC)
    rewrite(Path(FOLDER, "plan.toml"), planned_from=now, planned_until=now + timedelta(days=1))


def _before_the_calibration() -> None:
    rewrite(Path(FOLDER, "counter.toml"), performed=datetime.now(UTC) - MONTH)


def _while_the_run_lasts() -> None:
    last(Path(FOLDER, "run.toml"), RUN_S)


_RECORD = Chapter(
    "1. A substation and its control centre: 21 km of fibre, one source of pairs",
    (
        Step(f"laboratory add {FOLDER}/register.toml"),
        Step(
            f"calibration add {FOLDER}/counter.toml",
            "Made up, too; the demo has dated it a month back.",
            before=_before_the_calibration,
        ),
    ),
)
_KEY = Chapter(
    "2. A bound chosen before the run, and what the run proves by it",
    (
        Step(
            f"run plan {FOLDER}/plan.toml",
            "Bound, failure probabilities, devices and blocks go into the ledger first.",
            before=_before_the_plan,
        ),
        declared(
            "What it is held against: a level is recorded before the run, or it is post hoc. For "
            "security that is no number but an assumption about computers.",
        ),
        Step(
            f"run add {FOLDER}/run.toml",
            "A plan recorded after the run began is post_hoc, and a run must have ended before it "
            "is recorded: the demo has dated the run by the clock and waited its 15 s.",
            before=_while_the_run_lasts,
        ),
        Step("recompute SG-RUN"),
        Step("run key SG-RUN"),
        Step("run net SG-PLAN"),
    ),
)
_HELD = Chapter(
    "3. A proof in place of an assumption about computers",
    held(
        "SG-RUN",
        "Better, without a probability: a proof names its epsilon, its devices, the nodes that "
        "are trusted and what it does not cover. Exit code 0: each statement says better.",
        "Security is categorical, and all else is not measured by this run.",
    ),
)
_SUPPLY = Chapter(
    "4. What the key is enough for",
    (
        Step(
            f"metric supply {FOLDER}/one_time_pad.toml --run SG-RUN",
            "4 kbit/s of phasors under a one-time pad take more key than there is: exit code 1.",
            1,
        ),
        Step(
            f"metric supply {FOLDER}/rekeying.toml --run SG-RUN",
            "AES-256 with new keys each second both ways, and a fresh tag for each message of "
            "MQTT: enough, were it measured. Simulated counts confirm no supply: exit code 5.",
            5,
        ),
        Step(
            f"network show {FOLDER}/network.toml --from CC --to S2",
            "A second substation behind the first, by a link that is only declared: the first one "
            "must be trusted with the key, and without a proof on every hop nothing is shown.",
        ),
    ),
)
_JUDGED = Chapter(
    "5. Judged and sealed",
    (
        Step("assess SG-LINK --scheme key-check"),
        Step(
            f"certify SG-LINK --scheme key-check --key demo --bundle {BUNDLE} "
            "--report reports/smart-grid.html"
        ),
    ),
)


def _epsilon(ask: Ask) -> float:
    (one,) = ask("metric advantage SG-RUN")["rows"]
    return float(one["security"]["epsilon"])


def _compare(ask: Ask) -> tuple[Compared, ...]:
    qber = float(stated(ask, "SG-RUN/recomputation/qber")["value"])
    totals = ask("run net SG-PLAN")["totals"]
    rate = float(totals["rate_bit_per_s"])
    return (
        Compared(
            "rate of key",
            "about 1 kbit/s",
            f"{rate / 1e3:.2f} kbit/s net, at an error rate of {100.0 * qber:.1f} %",
            "of declared counts: shows that the figure is possible, not that it was reached; no "
            "key rate was seen in the paper",
        ),
        Compared(
            "data of a phasor unit",
            "about 4 kbit/s",
            "demand of a one-time pad beyond 4 kbit/s: NOT MET",
            "1 kbit/s of key does not hide 4 kbit/s of data with a secrecy that does not rest on "
            "AES",
        ),
        Compared(
            "replacing the key of AES",
            "within a second",
            f"one key of 256 bit every {256.0 / rate:.2f} s, of both ways every "
            f"{512.0 / rate:.2f} s",
            "so it is, where nothing else takes key; with AES the secrecy is that of AES, not "
            "that of information theory as told",
        ),
        Compared(
            "secure by quantum physics",
            "information-theoretic, told",
            "a key by a proof at epsilon "
            f"{_epsilon(ask):.1e}, both ends trusted: better than an assumption about computers",
            "categorical: no probability says that a proof is better; devices opened from outside, "
            "such as by blinding, are not covered",
        ),
        Compared(
            "what the keys do",
            "authenticate and encrypt",
            "authentication of MQTT and keys of AES fit together",
            "the paper itself tells of authentication only",
        ),
    )


SMART_GRID = Case(
    name="smart-grid",
    title="key for the measurements of a smart grid over 21 km of utility fibre",
    simulated="all counts; devices and calibration are made up. No real utility is shown.",
    published="about 1 kbit/s of key against 4 kbit/s of phasor data, keys replaced within a "
    "second (a survey, of Alshowkan et al., Sci. Rep. 12, 12731, 2022; in the paper no key rate "
    "was seen). They are compared with, never computed from.",
    examples=("smart_grid",),
    chapters=(SETTING_UP, _RECORD, _KEY, _HELD, _SUPPLY, _JUDGED, closing_steps(BUNDLE)),
    compare=_compare,
    left=PROFILE_LEFT,
)
