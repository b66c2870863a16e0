"""A document of format 1 was handed out; whoever holds it must be able to verify it for ever."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from stranger import Laboratory

FROZEN = Path(__file__).parent / "v1"
# The files themselves are frozen: a test that verifies whatever lies there would prove nothing.
DIGESTS = {
    "demonstrated.json": "7b20bf4e972ab5fa651421eedcb462a3693922bb3dec935ee8d24c2d1462254a",
    "refused.json": "13e5ee8e42a4f09681226b8f7d40d586d9b1bed4459194bd7dd198af10732550",
    "key.pub.json": "2dec8fb472a958e57eddaaa76751e75710d8463d5f863338f28c012530eab0c6",
}


@pytest.mark.parametrize("name", DIGESTS)
def test_the_frozen_files_are_the_frozen_files(name: str) -> None:
    assert hashlib.sha256((FROZEN / name).read_bytes()).hexdigest() == DIGESTS[name]


@pytest.mark.parametrize(
    ("name", "word"), [("demonstrated.json", "DEMONSTRATED"), ("refused.json", "REFUSED")]
)
def test_a_bundle_of_format_1_verifies_for_ever(tmp_path: Path, name: str, word: str) -> None:
    stranger = Laboratory(tmp_path)  # no database, nothing but the two files
    line = f"certificate verify {FROZEN / name} --key {FROZEN / 'key.pub.json'}"
    answer = stranger.qtrace(line)
    assert answer.code == 0
    assert answer.answer["headline"] == "CONSISTENT, SIGNED BY Tester (Laboratory)"
    assert answer.answer["decision"]["word"] == word
    text = stranger.qtrace(line, text=True)
    assert text.out.startswith("CONSISTENT, SIGNED BY Tester (Laboratory)\n")
    assert "cannot be concluded" in text.out


def test_a_frozen_bundle_still_cannot_be_changed(tmp_path: Path) -> None:
    data = (FROZEN / "refused.json").read_bytes().replace(b'"actor":"', b'"actor":"x', 1)
    stranger = Laboratory(tmp_path)
    answer = stranger.qtrace(f"certificate verify {stranger.write('t.json', data)}")
    assert answer.code == 3
