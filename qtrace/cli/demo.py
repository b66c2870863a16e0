"""The demo: the whole path on real input, or one case study; each step a command as typed.

Inside: `CHAPTERS`, `CASES`, `case_named`, `run_demo`, `run_case`.

The steps are run by the same entry as typed commands, inside the folder, so that every printed
line can be typed there again. A step announces the exit code it should end with.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shlex
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import typer

from qtrace.cli.demo_cases import KEY, SETTING_UP, Case, Compared
from qtrace.cli.demo_qsdc_network import QSDC_NETWORK
from qtrace.cli.demo_sensor_network import SENSOR_NETWORK
from qtrace.cli.demo_smart_grid import SMART_GRID
from qtrace.cli.demo_sync_75km import SYNC_75KM
from qtrace.cli.demo_teleportation import TELEPORTATION
from qtrace.cli.demo_timing import CLOCKS, Chapter, Step, clocks, detector
from qtrace.errors import InputError, IntegrityError

EXAMPLES = ("nist_2022", "yin_2020", "synthetic_link", "sync_link", "detector_tags")
D1 = "CAL-2022-D1/system_detection_efficiency"
D2 = "CAL-2022-D2/system_detection_efficiency"
COPY = "recalled.db"  # where the recall is confirmed
Invoke = Callable[[list[str]], int]
CASES = (SYNC_75KM, SENSOR_NETWORK, SMART_GRID, QSDC_NETWORK, TELEPORTATION)
UNTIDY = ("QTRACE_ACTOR", "QTRACE_DATABASE", "QTRACE_KEYS")


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


def case_named(name: str) -> Case:
    """Return a case study.

    Raises:
        InputError: there is none of that name.
    """
    found = next((one for one in CASES if one.name == name), None)
    if found is None:
        raise InputError(
            f"{name!r} is no case study",
            where="--case",
            next_step=f"choose one of: {', '.join(one.name for one in CASES)}",
        )
    return found


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
    with _inside(folder):
        surprises = _walk(EXAMPLES, CHAPTERS, invoke)
    left = (
        ("chain of D1's efficiency (SVG)", "chain/d1-efficiency.svg"),
        ("what the recall touches (SVG)", "chain/recall.svg"),
        ("database with the recall", COPY),
        *([("two clocks (SVG)", CLOCKS)] if (folder / CLOCKS).exists() else []),
    )
    _closing(folder, surprises, left=left, seconds=time.monotonic() - began)
    return 1 if surprises else 0


def run_case(case: Case, folder: Path, invoke: Invoke) -> int:
    """Run a case study in a folder, and compare it with what was told.

    Args:
        case: From `CASES`.
        folder: New or empty.
        invoke: Runs one command line in this process and returns its exit code.

    Returns:
        0 if every step ended as announced, 1 otherwise.

    Raises:
        InputError: the folder is not new or empty.
    """
    began = time.monotonic()
    with _inside(folder):
        _told("CASE ", f"{case.name}: {case.title}")
        _told("simulated: ", case.simulated)
        _told("published: ", case.published)
        _told("outcome:   ", "DEMONSTRATION at most, whatever the figures are")
        surprises = _walk(case.examples, case.chapters, invoke)
        typer.echo(f"\n{'=' * 80}\nWhat was told, and what was found here\n{'=' * 80}")
        for one in () if surprises else case.compare(lambda line: _asked(line, invoke)):
            _say(one)
    left = tuple(one for one in case.left if (folder / one[1]).exists())
    _closing(folder, surprises, left=left, seconds=time.monotonic() - began)
    return 1 if surprises else 0


def _walk(examples: tuple[str, ...], chapters: tuple[Chapter, ...], invoke: Invoke) -> list[str]:
    """Copy the input and run all steps; return the lines that did not end as announced."""
    from qtrace.workflow.examples import copy_examples

    surprises: list[str] = []
    copy_examples(Path("input"), examples)
    for chapter in chapters:
        typer.echo(f"\n{'=' * 80}\n{chapter.title}\n{'=' * 80}")
        surprises.extend(step.line for step in chapter.steps if not _run(step, invoke))
    return surprises


def _asked(line: str, invoke: Invoke) -> object:
    """Return what a command answers in JSON, without showing it."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        invoke(["--json", *shlex.split(line)])
    answer: object = json.loads(said.getvalue())["answer"]
    return answer


def _told(head: str, text: str) -> None:
    typer.echo(textwrap.fill(text, 80, initial_indent=head, subsequent_indent=" " * len(head)))


def _say(one: Compared) -> None:
    """Print a figure of a publication beside what was found."""
    typer.echo(one.figure)
    for head, text in (("told", one.told), ("here", one.found), ("so", one.verdict)):
        _told(f"  {head:6}", text)


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Work inside a new or empty folder, free of settings of the caller's environment."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            "the demo wants a new or empty folder", where=str(folder), next_step="name another one"
        )
    folder.mkdir(parents=True, exist_ok=True)
    before = Path.cwd()
    kept = {name: os.environ.pop(name) for name in UNTIDY if name in os.environ}
    # Ledger entries name who acted and travel in bundles: not the login of whoever looks on.
    os.environ["QTRACE_ACTOR"] = "demo"
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        del os.environ["QTRACE_ACTOR"]
        os.environ.update(kept)


def _run(step: Step, invoke: Invoke) -> bool:
    """Print and run one step; return whether it ended as announced."""
    if step.needs and find_spec(step.needs) is None:
        typer.echo(f"# left out, {step.needs} is not installed: qtrace {step.line}")
        return True
    if step.why:
        typer.echo("")
        typer.echo(textwrap.fill(step.why, 80, initial_indent="# ", subsequent_indent="# "))
    typer.echo(_typed(step.line))
    if "tampered/" in step.line:
        _tamper()
    if COPY in step.line and not Path(COPY).exists():
        Path(COPY).write_bytes(Path("qtrace.db").read_bytes())
    if step.before is not None:
        step.before()
    code = invoke(shlex.split(step.line))
    if step.expect or code:
        announced = "as announced" if code == step.expect else f"ANNOUNCED WAS {step.expect}"
        typer.echo(f"[exit code {code}, {announced}]")
    return code == step.expect


def _typed(line: str) -> str:
    """Return a command as it would be typed, continued by a backslash before options."""
    words = f"$ qtrace {line}".split(" --")
    rows = [words[0]]
    for word in words[1:]:
        if len(rows[-1]) + len(word) + 5 <= 80:
            rows[-1] += f" --{word}"
        else:
            rows[-1] += " \\"
            rows.append(f"    --{word}")
    return "\n".join(rows)


def _tamper() -> None:
    """Change one byte of the sealed payload in a copy of the bundle."""
    data = bytearray(Path("bundles/synthetic-demonstration.json").read_bytes())
    place = data.index(b'"payload":"') + len(b'"payload":"') + 2000
    data[place] = ord("A") if data[place] != ord("A") else ord("B")
    Path("tampered").mkdir(exist_ok=True)
    Path("tampered/synthetic-demonstration.json").write_bytes(data)


def _closing(
    folder: Path, surprises: list[str], *, left: tuple[tuple[str, str], ...], seconds: float
) -> None:
    """Say where everything is; `left` holds (what, where) beyond what each demo leaves."""
    typer.echo(f"\n{'=' * 80}")
    typer.echo(f"left in {folder}:")
    for what, where in (
        ("database", "qtrace.db"),
        ("signed bundles (JSON)", "bundles/"),
        ("reports (HTML)", "reports/"),
        *left,
        ("input files", "input/"),
        ("public key", KEY),
    ):
        typer.echo(f"  {what:32}{folder / where}")
    if surprises:
        typer.echo("NOT AS ANNOUNCED:")
        for line in surprises:
            typer.echo(f"  qtrace {line}")
    else:
        typer.echo(f"every step ended as announced, in {seconds:.1f} s")
