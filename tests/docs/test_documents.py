"""Documents hold together: links resolve, figures are those of the code, words are allowed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from qtrace import __version__
from qtrace.certification.recheck import (
    SENSITIVITY_TOLERANCE,
    UNCERTAINTY_TOLERANCE,
    VALUE_TOLERANCE,
)
from qtrace.certification.verification import ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE
from qtrace.report.html import OVERCLAIMS

TOP = Path(__file__).parents[2]
MARKDOWN = sorted(
    [*TOP.glob("*.md"), *TOP.glob("docs/**/*.md"), *TOP.glob("benchmarks/*.md")],
)
FOLDERS = ("qtrace", "tests", "docs", "data", "migrations", "templates", "benchmarks", ".ci")
TEXT_FILES = sorted(
    path
    for path in [*TOP.glob("*"), *(p for one in FOLDERS for p in (TOP / one).rglob("*"))]
    if path.is_file()
    and "__pycache__" not in path.parts
    and path.suffix not in {".png", ".db", ".pyc", ".npy"}
    and path.name not in {"LICENSE", ".coverage"}
)
# Reports must not say signature either; other files may.
PROMISES = frozenset(OVERCLAIMS) - {"signature"}
# Files that ban these words must spell them.
MAY_SPELL_OVERCLAIMS = {
    "qtrace/report/html.py",
    "tests/demo_walks.py",
    "tests/report/test_html.py",
    "tests/standards/test_pack.py",
}
# Where anybody may look: publishers, standards, package pages, and names made for examples.
PUBLIC_HOSTS = {
    "arxiv.org",
    "doi.org",
    "example.com",
    "keepachangelog.com",
    "pypi.org",
    "semver.org",
    "toml.io",
    "www.apache.org",
    "www.w3.org",
}
# Folders of somebody's machine; what a repository names must be inside it, or a system's own.
MACHINE_PATH = re.compile(
    r"(?<![\w.~/<}*-])/(?:home|root|work|Users|mnt|media|srv|opt|tmp)/[\w.-]+"
)
FORMAT_NAME = re.compile(r"qtrace/[a-z-]+/\d+")
DOCUMENT_NAME = re.compile(r"(?<![\w*-])([A-Za-z][\w-]*\.md)\b")
LARGEST_PICTURE = 300_000
MACHINE_SETTING = re.compile(r"\bfile:/+|\bindex[-]url\b")
DECISION_PARTS = ("Context", "Decision", "Rejected", "Consequence")


def relative(path: Path) -> str:
    return path.relative_to(TOP).as_posix()


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("document", MARKDOWN, ids=relative)
def test_links_resolve(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        found = document.parent / path if path else document
        assert found.exists(), target
        if anchor:
            assert anchor in anchors(found.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("document", MARKDOWN, ids=relative)
def test_named_places_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    tops = "|".join(re.escape(one) for one in FOLDERS)
    for place in re.findall(rf"`((?:{tops})/[\w./-]*)`", text):
        if not FORMAT_NAME.fullmatch(place):
            assert (TOP / place).exists(), place


def test_documents_that_files_refer_to_exist() -> None:
    known = {path.name for path in TEXT_FILES}
    unknown = {
        (relative(path), name)
        for path in TEXT_FILES
        for name in DOCUMENT_NAME.findall(path.read_text(encoding="utf-8"))
        if name not in known
    }
    assert unknown == set()


def test_every_document_can_be_reached_from_the_readme() -> None:
    waiting, seen = [TOP / "README.md"], set()
    while waiting:
        document = waiting.pop()
        if document in seen:
            continue
        seen.add(document)
        for target in re.findall(r"\]\(([^)\s#]+)\)", document.read_text(encoding="utf-8")):
            found = (document.parent / target).resolve()
            if found.suffix == ".md":
                waiting.append(found)
    decisions = set((TOP / "docs" / "decisions").glob("*.md"))
    assert set(MARKDOWN) - seen - decisions == set()
    assert decisions & seen, "the README leads to the decisions"


def test_the_changelog_has_the_version_of_the_project() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (TOP / "CHANGELOG.md").read_text(encoding="utf-8")
    first = re.findall(r"^## \[([^\]]+)\]", changelog, flags=re.MULTILINE)[0]
    assert first == project["version"] == __version__


def test_the_documented_tolerances_are_those_of_the_code() -> None:
    text = (TOP / "docs" / "verification.md").read_text(encoding="utf-8")
    table = {
        row[0].strip(): (row[1].strip(), row[2].strip())
        for row in re.findall(r"^\|([^|]+)\|([^|]+)\|([^|]+)\|[^|]+\|$", text, flags=re.MULTILINE)
    }
    relative_and_absolute = (f"{RELATIVE_TOLERANCE:.0e}", f"{ABSOLUTE_TOLERANCE:.0e}")
    stated = {
        name: tuple(f"{float(one):.0e}" if one else "" for one in row)
        for name, row in table.items()
        if row[0][:1].isdigit()
    }
    assert stated == {
        "figures among the conclusions": relative_and_absolute,
        "values of stored models": (f"{VALUE_TOLERANCE:.0e}", ""),
        "sensitivities": (f"{SENSITIVITY_TOLERANCE:.0e}", ""),
        "standard uncertainties": (f"{UNCERTAINTY_TOLERANCE:.0e}", ""),
    }


def test_the_documented_recipe_has_the_steps_of_the_verification() -> None:
    text = (TOP / "docs" / "verification.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\d+\. \*\*(\w+)\*\*", text, flags=re.MULTILINE)
    code = (TOP / "qtrace" / "certification" / "verification.py").read_text(encoding="utf-8")
    assert set(documented) == set(re.findall(r'\bStep\(\s*"(\w+)"', code))


def words_of(drawing: Path) -> list[str]:
    texts = ET.parse(drawing).getroot().iter("{http://www.w3.org/2000/svg}text")  # noqa: S314 - ours
    return sorted(" ".join("".join(one.itertext()).split()) for one in texts)


def test_the_picture_of_the_chain_is_up_to_date(demo: Path) -> None:
    picture = TOP / "docs" / "pictures" / "d1-chain.svg"
    drawn = demo / "chain" / "d1-efficiency.svg"
    assert words_of(picture) == words_of(drawn), "draw it again: make pictures"


def test_pictures_are_small_and_shown() -> None:
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    pages = [page.read_text(encoding="utf-8") for page in (TOP / "docs").glob("*.md")]
    pictures = sorted((TOP / "docs" / "pictures").iterdir())
    assert pictures
    for picture in pictures:
        assert picture.stat().st_size < LARGEST_PICTURE
        in_page = f"](pictures/{picture.name})"
        assert relative(picture) in readme or any(in_page in page for page in pages)


def test_the_word_signature_stays_in_the_bundles(demo: Path) -> None:
    places = {
        path.relative_to(demo).parts[0]
        for path in demo.rglob("*")
        if path.is_file() and b"signature" in path.read_bytes().lower()
    }
    assert places == {"bundles", "tampered"}


@pytest.mark.parametrize("path", sorted((TOP / "docs" / "decisions").glob("*.md")), ids=relative)
def test_a_decision_is_short_and_whole(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.match(rf"# {path.name[:4]}\. \w", text)
    assert tuple(re.findall(r"^\*\*(\w+)\.\*\*", text, flags=re.MULTILINE)) == DECISION_PARTS
    assert len(text.splitlines()) <= 24


def test_decisions_are_numbered_without_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted((TOP / "docs/decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_nothing_is_claimed_that_nobody_can_keep() -> None:
    said = {
        (relative(path), phrase)
        for path in TEXT_FILES
        if relative(path) not in MAY_SPELL_OVERCLAIMS
        for phrase in PROMISES
        if phrase in " ".join(path.read_text(encoding="utf-8").lower().split())
    }
    assert said == set()


def traces_of_a_machine(text: str) -> list[str]:
    """Return paths, hosts and registries of somebody's machine that a text names."""
    hosts = set(re.findall(r"\bhttps?://([\w.-]+)", text)) - PUBLIC_HOSTS
    return [*MACHINE_PATH.findall(text), *sorted(hosts), *MACHINE_SETTING.findall(text)]


def test_no_file_names_the_place_where_it_was_made() -> None:
    traces = {
        relative(path): found
        for path in TEXT_FILES
        if (found := traces_of_a_machine(path.read_text(encoding="utf-8")))
    }
    assert traces == {}


@pytest.mark.parametrize("parts", [("see /", "home/me"), ("http:", "//a.local/"), ("file", "://x")])
def test_such_a_place_would_be_noticed(parts: tuple[str, str]) -> None:
    assert traces_of_a_machine("".join(parts))
