"""A case study as somebody runs it, and what must be true of any of them.

Inside: `Walk`, `walk_case`, `check_walk`, `check_profile`.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from stranger import Laboratory

from qtrace.cli.main import invoke

NEVER_SAID = ("conforms to", "unconditionally", "certified secure")


@dataclass(frozen=True, slots=True)
class Walk:
    """What a case study left in its folder, and what it printed."""

    folder: Path
    out: str

    @property
    def said(self) -> str:
        """Return everything printed on one line, as an eye reads over line breaks."""
        return re.sub(r"\s+", " ", self.out)

    @property
    def compared(self) -> str:
        """Return what stands under "What was told, and what was found here", on one line."""
        return self.said.partition("What was told, and what was found here")[2]

    @property
    def bench(self) -> Laboratory:
        return Laboratory(self.folder)


def walk_case(name: str, factory: pytest.TempPathFactory) -> Walk:
    """Run a case study in a new folder."""
    folder = factory.mktemp("case") / name
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        code = invoke(["demo", str(folder), "--case", name])
    assert code == 0, out.getvalue()[-3000:]
    return Walk(folder, out.getvalue())


def check_walk(walk: Walk) -> None:
    """Check what holds for every case: announced, narrow, honest, left where it is said."""
    assert "every step ended as announced" in walk.out
    assert [line for line in walk.out.splitlines() if len(line) > 80 and line[0] != " "] == []
    for head in ("simulated: ", "published: ", "outcome:   DEMONSTRATION at most"):
        assert head in walk.out.partition("=" * 80)[0], head
    assert not [word for word in NEVER_SAID if word in walk.said]
    _every_outcome_is_a_demonstration(walk)
    left = re.findall(r"(?m)^  .{32}(\S+)$", walk.out.partition("left in ")[2])
    assert len(left) >= 5
    assert all(Path(path).exists() for path in left)
    audit = walk.bench.qtrace("audit --all")
    assert audit.code == 0
    assert audit.answer["findings"] == []


def check_profile(walk: Walk, run: str, standings: dict[str, str]) -> dict[str, Any]:
    """Check how attributes of a run stand, and that drawing and page were left; return them."""
    found = walk.bench.qtrace(f"profile {run}").answer
    attributes = {one["attribute"]: one for one in found["attributes"]}
    assert {name: attributes[name]["standing"] for name in standings} == standings
    assert found["demonstration"] == ["simulated"]
    for name in ("chain/profile.svg", "reports/profile.html"):
        text = (walk.folder / name).read_text(encoding="utf-8")
        assert "DEMONSTRATION" in text
        assert "#15803d" not in text, "a DEMONSTRATION is never green"
    return attributes


def _every_outcome_is_a_demonstration(walk: Walk) -> None:
    bundles = sorted((walk.folder / "bundles").glob("*.json"))
    assert bundles
    for path in bundles:
        name = path.relative_to(walk.folder)
        done = walk.bench.qtrace(f"certificate verify {name} --key keys/demo.pub.json")
        assert done.code == 0, done.said
        assert "DEMONSTRATION" in json.dumps(done.answer)
    assert walk.out.count("no more than a DEMONSTRATION because:") == len(bundles)
