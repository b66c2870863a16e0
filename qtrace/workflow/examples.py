"""The shipped examples, copied to where a person can read and change them.

Inside: `copy_examples`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from qtrace.exchange.package_files import data_folder


def copy_examples(folder: Path, names: tuple[str, ...]) -> None:
    """Copy shipped example folders into a folder, which must not hold them yet."""
    for name in names:
        shutil.copytree(data_folder() / "examples" / name, folder / name)
