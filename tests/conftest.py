"""Fixtures of the tests that use the product as a stranger does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings
from stranger import Laboratory, walk

MEASURED_DATA = "QTRACE_REFERENCE_DATA"

# How long an example takes is no property of the code: a busy machine is slower.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that measured data were not tried: a skipped test is easily overseen."""
    if not os.environ.get(MEASURED_DATA):
        terminalreporter.section("MEASURED DATA NOT TRIED")
        terminalreporter.write_line(
            f"{MEASURED_DATA} is unset: no test read the third-party measured files. Set it to their "
            "folder; where they come from stands in each test."
        )


@pytest.fixture(scope="session")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """The whole path, walked once; nobody may write into it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("QTRACE_DATABASE", "QTRACE_KEYS"):
            patch.delenv(name, raising=False)
        return walk(tmp_path_factory.mktemp("walked"))


@pytest.fixture
def own(walked: Laboratory, tmp_path: Path) -> Laboratory:
    """A copy of the walked laboratory that may be broken."""
    return walked.copy(tmp_path)
