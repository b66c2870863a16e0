"""The demo: the whole path on real input, each step the command that a user would type.

Inside: `CHAPTERS`, `run_demo`.
"""

from __future__ import annotations

import time
from pathlib import Path

from qtrace.cli.demo_cases import KEY, SETTING_UP
from qtrace.cli.demo_timing import CLOCKS, Chapter, Step, clocks, detector
from qtrace.cli.demo_walk import COPY, Invoke, close, inside, walk
from qtrace.errors import InputError, IntegrityError

EXAMPLES = ("nist_2022", "yin_2020", "synthetic_link", "sync_link", "detector_tags")
D1 = "CAL-2022-D1/system_detection_efficiency"
D2 = "CAL-2022-D2/system_detection_efficiency"


def _nist() -> tuple[Step, ...]:
    folder = "input/nist_2022"
    names = ("meter", "switch", "range")
    attenuators = (f"att{k}_{d}" for d in ("d1", "d2") for k in (1, 2, 3))
    return (
        Step(f"laboratory add {folder}/register.toml", "laboratory, ten devices, programmes"),
        *(Step(f"calibration add {folder}/{name}.toml") for name in (*names, *attenuators)),
        Step(
            f"calibration add {folder}/d1.toml",
            "The published u of the counts is that of one reading, not of the mean of ten.",
        ),
        Step(f"calibration add {folder}/d2.toml"),
    )


def _comparison() -> tuple[Step, ...]:
    folder = "input/nist_2022/comparison"
    rows = (
        (
            "d1_matrix",
            "As published: all eight inputs in one event, correlations declared as a matrix. u "
            "differs by 2e-6 from the form above, where one shared range factor makes them.",
        ),
        ("d2_matrix", "The same for D2; there the difference is 1.3e-5."),
        (
            "d1_one_meter",
            "Re-evaluated: the monitor meter's nonlinearity kept as ONE set of coefficients for "
            "all readings, the switch included; the published code makes them anew each time.",
        ),
        (
            "d1_mean_of_ten",
            "Re-evaluated: u of the mean of ten readings, which is what the value is.",
        ),
        ("d2_mean_of_ten", "The same for D2."),
        ("d1_one_meter_mean", "Both at once."),
    )
    return tuple(Step(f"calibration add --dry-run {folder}/{name}.toml", why) for name, why in rows)


def _recall() -> Chapter:
    scheme = "--scheme receiver-check"
    copy = f"--database {COPY}"
    recall = 'recall CAL-2022-METER --cause error_in_certificate --shift "-0.5 %"'
    return Chapter(
        "6. The shared meter was wrong by half a per cent: a recall",
        (
            Step(
                f"assess LINK-SYNTHETIC {scheme}", "Are the receivers what was ordered? They are."
            ),
            Step(
                f"certify LINK-SYNTHETIC {scheme} --key demo "
                "--bundle bundles/synthetic-specification.json"
            ),
            Step(
                f"{recall} --graph chain/recall.svg",
                "Suppose NIST writes that the factor of the meter was too high. What would change? "
                "Nothing is recorded; exit code 1 says that a decision would.",
                1,
            ),
            Step(
                f'{copy} {recall} --confirm --reason "letter of the issuer (made up)"',
                "Confirmed, here on a copy of the database, so that yours stays as it is: decision "
                "events in the ledger. The sealed documents are not touched.",
                1,
            ),
            Step(f"{copy} certificate list", "The run of 2020 does not rest on that meter."),
            Step(f"{copy} audit --all"),
        ),
    )


CHAPTERS = (
    SETTING_UP,
    Chapter("1. A real detector calibration: NIST, Reddy et al. (2022), D1 and D2", _nist()),
    Chapter("1b. The same readings evaluated in other ways (nothing is recorded)", _comparison()),
    Chapter(
        "2. The chain of D1's efficiency: three breaks, and who it is correlated with",
        (
            Step(
                f"trace {D1} --with {D2} --with CAL-2022-D1/dark_count_rate "
                "--monte-carlo 200000 --graph chain/d1-efficiency.svg",
                "D1 and D2 share transfer meter, switch and range factor, so they stay correlated.",
            ),
            Step("metric list", "Which calibrations can influence which figure."),
        ),
    ),
    Chapter(
        "3. A published run: 1120 km, Yin et al. (2020). Its counts are from memory",
        (
            Step("link add input/yin_2020/link.toml"),
            Step(
                "run add input/yin_2020/forbidden_join_d1.toml",
                "Joining D1 to this run must fail: device, wavelength and date do not fit.",
                InputError.exit_code,
            ),
            Step("run add input/yin_2020/run.toml"),
            Step("recompute RUN-YIN-2020"),
            Step("run compare RUN-YIN-2020"),
            Step("assess LINK-YIN-2020 --scheme strict-link"),
            Step(
                "certify LINK-YIN-2020 --scheme strict-link --key demo "
                "--bundle bundles/yin-strict.json --report reports/yin-strict.html",
                "Its detectors are not on record: REFUSED is the honest answer.",
                1,
            ),
        ),
    ),
    Chapter(
        "4. A SYNTHETIC link with D1 and D2 as its receivers",
        (
            Step("link add input/synthetic_link/link.toml"),
            Step("run add input/synthetic_link/run.toml"),
            Step("recompute RUN-SYNTHETIC"),
            Step(
                "trace RUN-SYNTHETIC/recomputation/efficiency_ratio --no-chain --lines 5",
                "What both detectors share cancels in their ratio: compare its u with what taking "
                "them as independent would claim.",
            ),
            Step("assess LINK-SYNTHETIC --scheme strict-link"),
            Step(
                "certify LINK-SYNTHETIC --scheme strict-link --key demo "
                "--bundle bundles/synthetic-strict.json --report reports/synthetic-strict.html",
                "Under the strict scheme a broken chain refuses.",
                1,
            ),
            Step("assess LINK-SYNTHETIC --scheme demonstration-link"),
            Step(
                "certify LINK-SYNTHETIC --scheme demonstration-link --key demo "
                "--bundle bundles/synthetic-demonstration.json "
                "--report reports/synthetic-demonstration.html",
                "Under the demonstration scheme the breaks are listed.",
            ),
        ),
    ),
    Chapter(
        "5. What a stranger can check",
        (
            Step(
                "certificate verify bundles/synthetic-demonstration.json",
                "Without a key from elsewhere nobody knows who signed: exit code 5.",
                5,
            ),
            Step(f"certificate verify bundles/synthetic-demonstration.json --key {KEY}"),
            Step(
                "certificate verify tampered/synthetic-demonstration.json",
                "One changed byte in a copy of the bundle: exit code 3.",
                IntegrityError.exit_code,
            ),
            Step("audit --all"),
        ),
    ),
    _recall(),
    clocks(),
    detector(),
)


def run_demo(folder: Path, invoke: Invoke) -> int:
    """Run all steps of the main demo in a folder.

    Args:
        folder: New or empty.
        invoke: Runs one command line in this process and returns its exit code.

    Returns:
        0 if every step ended as announced, 1 otherwise.

    Raises:
        InputError: the folder is not new or empty.
    """
    began = time.monotonic()
    with inside(folder):
        surprises = walk(EXAMPLES, CHAPTERS, invoke)
    left = (
        ("chain of D1's efficiency (SVG)", "chain/d1-efficiency.svg"),
        ("what the recall touches (SVG)", "chain/recall.svg"),
        ("database with the recall", COPY),
        *([("two clocks (SVG)", CLOCKS)] if (folder / CLOCKS).exists() else []),
    )
    close(folder, surprises, left=left, seconds=time.monotonic() - began)
    return 1 if surprises else 0
