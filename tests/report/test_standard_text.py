"""Packs as text: a mask reads in one line for each range, and no line is too wide."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from qtrace.certification.codec import encode
from qtrace.report.document_text import WIDTH, document_text
from qtrace.report.standard_text import standard_text
from qtrace.standards.pack import pack_from_dict

FOLDER = Path(__file__).parents[2] / "data" / "standards"
FILES = sorted(FOLDER.glob("*.toml"))


def shown(path: Path) -> str:
    pack = pack_from_dict(tomllib.loads(path.read_text(encoding="utf-8")), where=str)
    return standard_text(encode(pack))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_pack_fits_a_page_of_eighty_columns(path: Path) -> None:
    assert max(map(len, shown(path).splitlines())) <= WIDTH


def test_a_mask_reads_like_its_table() -> None:
    lines = [line.strip() for line in shown(FOLDER / "itu_t_g811.toml").splitlines()]
    for wanted in (
        "limit over the averaging time tau:",
        "- 0.1 s < tau <= 100 s: 3 ns",
        "- 100 s < tau <= 1000 s: 0.03 ns/s x tau",
        "- 1000 s < tau <= 10000 s: 30 ns",
        "judged on: the upper end of its interval, at 5 degrees of freedom or more",
        "must reach: each range above",
        "limit over the observation interval tau:",
        "- 1000 s < tau: 290 ns + 0.01 ns/s x tau",
        "judged on: the maximum of the record, whose length is named",
    ):
        assert wanted in lines
    assert not any("segments" in line or "infinite" in line for line in lines)


def test_a_declared_mask_names_its_declaration_and_its_reach() -> None:
    text = shown(FOLDER / "sync_link_2026.toml")
    assert "declaration: time_deviation" in text
    assert "- 1 s < tau: 100 ps" in text
    assert "must reach: 100 s" in text


def test_a_pack_without_masks_is_shown_as_any_record() -> None:
    path = FOLDER / "nist_ir_8486r1.toml"
    pack = pack_from_dict(tomllib.loads(path.read_text(encoding="utf-8")), where=str)
    assert standard_text(encode(pack)) == document_text(encode(pack))
