"""The files that travel with qtrace are found, in a checkout and in an installed package."""

from __future__ import annotations

from pathlib import Path

import pytest

from qtrace.errors import SetupError
from qtrace.exchange import package_files
from qtrace.exchange.package_files import data_folder, template_folder


def test_data_and_templates_are_found() -> None:
    assert (data_folder() / "examples" / "nist_2022" / "register.toml").is_file()
    assert template_folder().is_dir()


def test_files_inside_the_package_come_first_and_missing_ones_are_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "qtrace"
    package.mkdir()
    monkeypatch.setattr(package_files, "files", lambda _name: package)
    with pytest.raises(SetupError, match="folder data of qtrace is missing"):
        data_folder()
    (tmp_path / "data").mkdir()
    assert data_folder() == tmp_path / "data"
    (package / "_data" / "data").mkdir(parents=True)
    assert data_folder() == package / "_data" / "data"
