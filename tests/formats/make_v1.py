"""Makes the frozen bundle of format 1; run once, never again for that format.

    python tests/formats/make_v1.py

A later format gets a script and a folder of its own; the bundle of this one must verify for ever.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from stranger import DEMONSTRATION, PUBLIC_KEY, walk

FROZEN = Path(__file__).parent / "v1"


def main() -> None:
    if FROZEN.exists():
        sys.exit(f"{FROZEN} is frozen; a new format gets a new folder")
    with tempfile.TemporaryDirectory() as folder:
        laboratory = walk(Path(folder))
        FROZEN.mkdir()
        for name, what in (
            (DEMONSTRATION, "demonstrated.json"),
            ("bundles/yin.json", "refused.json"),
            (PUBLIC_KEY, "key.pub.json"),
        ):
            shutil.copyfile(laboratory.folder / name, FROZEN / what)


if __name__ == "__main__":
    main()
