"""One demo for all tests of the documentation; each that runs commands works on a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from qtrace.cli.main import invoke


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that `qtrace demo` left; do not write into it."""
    folder = tmp_path_factory.mktemp("documented") / "demo"
    assert invoke(["demo", str(folder)]) == 0
    return folder
