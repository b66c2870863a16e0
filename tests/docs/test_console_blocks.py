"""What the documentation shows is what happens: commands run, output is as printed.

In a console block a line with `$` is a command, a line of three dots stands for any lines, dots
inside a line for any text, and `[exit code N]` for the code if it is not 0.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from qtrace.cli.main import invoke

TOP = Path(__file__).parents[2]
DOCUMENTS = sorted([*TOP.glob("*.md"), *TOP.glob("docs/**/*.md"), *TOP.glob("benchmarks/*.md")])
EXIT_CODE = re.compile(r"\[exit code (\d)\]")


@dataclass(frozen=True, slots=True)
class Shown:
    """A command with the output and the exit code that a document shows for it."""

    command: str
    output: tuple[str, ...]
    exit_code: int


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def shown(block: str) -> list[Shown]:
    found: list[Shown] = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *output = part.rstrip("\n").split("\n")
        codes = [match for line in output if (match := EXIT_CODE.fullmatch(line))]
        lines = tuple(line for line in output if not EXIT_CODE.fullmatch(line))
        found.append(Shown(command, lines, int(codes[0][1]) if codes else 0))
    return found


def pattern(lines: tuple[str, ...]) -> str:
    """Return the expression that printed output must match as a whole."""
    parts = [
        r"(?:.*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r" *\n"
        for line in lines
    ]
    return "".join(parts)


def commands_of(document: Path) -> list[Shown]:
    text = document.read_text(encoding="utf-8")
    return [one for block in blocks(text, "console") for one in shown(block)]


def with_commands(word: str) -> list[Path]:
    return [
        path for path in DOCUMENTS if any(c.command.startswith(word) for c in commands_of(path))
    ]


def test_every_console_command_is_of_a_kind_that_is_checked() -> None:
    for document in DOCUMENTS:
        for one in commands_of(document):
            assert one.command.split()[0] in {"qtrace", "make"}, f"{document.name}: {one.command}"


@pytest.mark.parametrize("document", with_commands("make"), ids=lambda path: path.name)
def test_make_knows_its_targets(document: Path) -> None:
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    for one in commands_of(document):
        if one.command.startswith("make"):
            (target,) = one.command.split()[1:]
            assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


@pytest.mark.parametrize("document", with_commands("qtrace"), ids=lambda path: path.name)
def test_commands_print_what_is_shown(
    document: Path,
    demo: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(demo, tmp_path / "demo")
    monkeypatch.chdir(tmp_path / "demo")
    for name in ("QTRACE_DATABASE", "QTRACE_KEYS"):
        monkeypatch.delenv(name, raising=False)
    for one in commands_of(document):
        if not one.command.startswith("qtrace "):
            continue
        code = invoke(shlex.split(one.command)[1:])
        printed = capsys.readouterr()
        whole = printed.out + printed.err
        assert code == one.exit_code, f"$ {one.command}\n{whole}"
        if one.output:
            assert re.fullmatch(pattern(one.output), whole), f"$ {one.command}\n{whole}"


def test_the_shown_verification_by_other_software_runs(demo: Path) -> None:
    text = (TOP / "docs" / "verification.md").read_text(encoding="utf-8")
    (program,) = blocks(text, "python")
    assert "qtrace" not in re.sub(r'b?"[^"]*"', "", program), "it must do without qtrace"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=demo, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "DEMONSTRATED" in done.stdout


def test_that_program_notices_a_changed_byte(demo: Path, tmp_path: Path) -> None:
    text = (TOP / "docs" / "verification.md").read_text(encoding="utf-8")
    (program,) = blocks(text, "python")
    shutil.copytree(demo, tmp_path / "demo")
    bundle = tmp_path / "demo" / "bundles" / "synthetic-demonstration.json"
    bundle.write_bytes((tmp_path / "demo" / "tampered" / bundle.name).read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path / "demo",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "InvalidSignature" in done.stderr


def test_a_wrong_figure_in_a_document_would_be_noticed() -> None:
    assert re.fullmatch(pattern(("u = 1.2 ...", "...", "end")), "u = 1.2 (k = 2)\nx\ny\nend\n")
    assert not re.fullmatch(pattern(("u = 1.3 ...", "...", "end")), "u = 1.2 (k = 2)\nx\nend\n")
    assert not re.fullmatch(pattern(("u = 1.2",)), "u = 1.2\nand more\n")
