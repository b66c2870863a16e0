"""Case study: direct communication among 15 users, of whose 105 links a few were looked at.

Inside: `QSDC_NETWORK`.
"""

from __future__ import annotations

from pathlib import Path

from qtrace.cli.demo_advantage import PROFILE_LEFT, declared, held
from qtrace.cli.demo_cases import KEY, SETTING_UP, Ask, Case, Compared, closing_steps, stated
from qtrace.cli.demo_dates import last
from qtrace.cli.demo_timing import Chapter, Step

FOLDER = "input/qsdc_network"
USERS = 15
LINKS = USERS * (USERS - 1) // 2
SHOWN = ("U01-U02", "U01-U08", "U03-U11", "U07-U15")
SHORT, UNSEEN = "U05-U09", "U02-U14"
SHORT_S = 12.0  # 1200 pairs at 100 per second, as of the other links
TOLD_FIDELITY = 0.95
SCHEME = "--scheme direct-check"
LEVEL = "QN-SEPARABLE-PAIRS"


def _file(pair: str) -> str:
    return f"{FOLDER}/run_{pair.lower().replace('-', '_')}.toml"


def _certify(pair: str, *, expect: int = 0, why: str = "") -> Step:
    line = f"certify QN-{pair} {SCHEME} --key demo --bundle bundles/{pair.lower()}.json"
    return Step(f"{line} --report reports/{pair.lower()}.html", why, expect)


def _while_the_short_run_lasts() -> None:
    last(Path(_file(SHORT)), SHORT_S)


_RECORD = Chapter(
    f"1. {USERS} users make {LINKS} links; counts of {len(SHOWN) + 1} are here",
    (
        Step(
            f"link add {FOLDER}/links.toml",
            "Six of them on record, one of these without a run: it stands for all others.",
        ),
        declared(
            "The level: pairs that are not entangled, made by light and a telephone, have a "
            "fidelity of 1/2 at most.",
            f"{FOLDER}/baselines.toml",
        ),
        declared("And what a key by computers rests on, for what it is worth here."),
        *(Step(f"run add {_file(pair)}") for pair in SHOWN),
        Step(
            f"run add {_file(SHORT)}",
            "Four runs are of May 2026, before any baseline. The demo has dated this one by the "
            f"clock and waited its {SHORT_S:.0f} s: its baseline was declared before it began.",
            before=_while_the_short_run_lasts,
        ),
    ),
)
_FIGURES = Chapter(
    "2. Fidelity and what pairs could carry, from errors in three bases",
    (
        *(Step(f"recompute RUN-QN-{pair}") for pair in (*SHOWN, SHORT)),
        Step(
            f"run key RUN-QN-{SHOWN[0]}",
            "A capacity estimate is no security statement; no check mode is evaluated.",
        ),
    ),
)
_HELD = Chapter(
    "3. Better than pairs that are not entangled; of secrecy nothing is shown",
    (
        Step(
            f"metric advantage RUN-QN-{SHOWN[0]} --baseline {LEVEL}",
            "Far above 1/2, but post hoc: the run was over when the level was declared. Exit code "
            "5: not established.",
            5,
        ),
        *held(
            f"RUN-QN-{SHORT}",
            "Declared before: 1200 pairs are enough for 1/2, and not for the 0.95 that is asked "
            "below. Exit code 0: better.",
            "No security: no figure of such a link is a certified key, so that there is nothing "
            "to hold against computers.",
            baselines=(LEVEL,),
        ),
        Step(
            f"metric advantage RUN-QN-{SHORT} --baseline COMPUTATIONAL-KEY-EXCHANGE",
            "Asked for all the same: nothing is compared. Exit code 1: not shown.",
            1,
        ),
        Step(
            f"network show {FOLDER}/network.toml --from U02 --to U08",
            "No run of U02 and U08 is here. Swapped at U01 their pairs could have 0.948: a model "
            "over two recorded runs, that judges no link.",
        ),
    ),
)
_JUDGED = Chapter(
    "4. Judged and sealed, link by link",
    (
        *(step for pair in SHOWN for step in (Step(f"assess QN-{pair} {SCHEME}"), _certify(pair))),
        Step(f"assess QN-{SHORT} {SCHEME}"),
        _certify(
            SHORT,
            expect=1,
            why="0.959 is above 0.95, but 1200 pairs do not show it: the interval begins at 0.92.",
        ),
        Step(
            f"assess QN-{UNSEEN} {SCHEME}",
            "A link without a run is not judged, and inherits nothing from its neighbours.",
            2,
        ),
    ),
)


def _compare(ask: Ask) -> tuple[Compared, ...]:
    lows, values, capacities = [], [], []
    for pair in (*SHOWN, SHORT):
        event = f"RUN-QN-{pair}/recomputation"
        fidelity = stated(ask, f"{event}/fidelity")
        values.append(float(fidelity["value"]))
        lows.append(float(fidelity["interval"][0]))
        capacities.append(float(stated(ask, f"{event}/capacity_estimate")["value"]))
    shown = sum(low >= TOLD_FIDELITY for low in lows)
    return (
        Compared(
            "fidelity between any two users after 40 km",
            "> 95 %",
            f"{100.0 * min(values):.1f} % to {100.0 * max(values):.1f} %; shown at 95 % for "
            f"{shown} of {len(lows)} links measured",
            f"of declared counts. {len(lows)} of {LINKS} links were measured: of "
            f"{LINKS - len(lows)} nothing is known, and absence of evidence is not a pass",
        ),
        Compared(
            "rate of information",
            "> 1 kbit/s",
            f"not recomputed; a pair could carry {min(capacities):.2f} bit to "
            f"{max(capacities):.2f} bit",
            "published only: a fidelity tells no rate; 1 kbit/s would need some 600 pairs per "
            "second and link, all of them used, after checks that take their own",
        ),
        Compared(
            "security",
            "direct, secret messages",
            "not evaluated",
            "no figure here says anything of an eavesdropper",
        ),
    )


QSDC_NETWORK = Case(
    name="qsdc-network",
    title="pairs for direct communication among 15 users, 40 km",
    simulated="all counts; users and links are made up. No message and no eavesdropper is "
    "simulated.",
    published="more than 95 % fidelity between any two of 15 users, more than 1 kbit/s (Qi et al., "
    "Light Sci. Appl. 10, 183, 2021, as a survey tells; from memory, no abstract was found). They "
    "are compared with, never computed from.",
    examples=("qsdc_network",),
    chapters=(
        SETTING_UP, _RECORD, _FIGURES, _HELD, _JUDGED,
        closing_steps(
            f"bundles/{SHOWN[0].lower()}.json",
            Step(
                f"certificate verify bundles/{SHORT.lower()}.json --key {KEY}",
                "A refusal is sealed like any other decision.",
            ),
        ),
    ),
    compare=_compare,
    left=PROFILE_LEFT,
)  # fmt: skip
