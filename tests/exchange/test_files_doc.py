"""docs/files.md shows files that are read without a warning, and names every field."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from qtrace.exchange.calibration_file import read_calibration
from qtrace.exchange.device_file import read_device_class
from qtrace.exchange.quantity_fields import CONDITION_KINDS
from qtrace.exchange.register_file import read_register_file
from qtrace.exchange.run_file import PARAMETERS, read_run_file
from qtrace.laboratory.event import EndKind
from qtrace.laboratory.laboratory import Route

TEXT = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
READERS: dict[str, Callable[..., object]] = {
    "Calibration": read_calibration,
    "Register": read_register_file,
    "Run": read_run_file,
    "Device class": read_device_class,
}


def examples() -> list[tuple[str, str]]:
    """Return (heading, example) for each example of the document."""
    parts = re.split(r"^## (.+)$", TEXT, flags=re.MULTILINE)[1:]
    return [
        (heading, block)
        for heading, part in zip(parts[::2], parts[1::2], strict=True)
        for block in re.findall(r"```toml\n(.*?)```", part, flags=re.DOTALL)
    ]


@pytest.mark.parametrize(("heading", "example"), examples(), ids=lambda text: text[:12])
def test_each_example_is_read(heading: str, example: str) -> None:
    READERS[heading](example.encode(), name="files.md")


def test_each_kind_of_file_has_an_example() -> None:
    assert {heading for heading, _ in examples()} == set(READERS)


def test_the_calibration_example_raises_no_warning() -> None:
    assert read_calibration(dict(examples())["Calibration"].encode()).warnings == ()


def test_every_word_of_the_tables_is_documented() -> None:
    words = [*EndKind, *Route, *CONDITION_KINDS, *PARAMETERS]
    assert [word for word in words if word not in TEXT] == []
