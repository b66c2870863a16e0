"""Where the files that travel with qtrace lie: data, templates, migrations.

Inside: `data_folder`, `template_folder`. In an installed package they lie below `_data`; in a
checkout they lie at its top.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from qtrace.errors import SetupError


def data_folder() -> Path:
    """Return the folder with standards, schemes, device classes and examples."""
    return _folder("data")


def template_folder() -> Path:
    """Return the folder with the templates of reports."""
    return _folder("templates")


def _folder(name: str) -> Path:
    package = Path(str(files("qtrace")))
    for folder in (package / "_data" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise SetupError(
        f"the folder {name} of qtrace is missing",
        where=str(package),
        next_step="install qtrace again",
    )
