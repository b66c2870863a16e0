"""The wheel is enough: built, installed beside nothing of the checkout, it runs the demo.

The dependencies are lent by the running environment through a path file; only qtrace itself is
installed. A path file inside the lent folder is not read again, so an editable install of the
checkout stays invisible; the first test makes sure of that.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from qtrace import __version__

TOP = Path(__file__).parents[2]
TRAVELLING = ("data", "migrations", "templates")
ASK = """
import json, pathlib, qtrace
from qtrace.exchange.package_files import data_folder, template_folder
from qtrace.registry.migration import migrations_folder
places = [pathlib.Path(qtrace.__file__).parent, data_folder(), template_folder(), \
migrations_folder()]
print(json.dumps([str(one) for one in places]))
"""


@dataclass(frozen=True, slots=True)
class Installed:
    """A wheel in an environment of its own, and a folder far from the checkout."""

    wheel: Path
    folder: Path
    environment: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program of that environment, in the far folder, free of our settings."""
        program, *arguments = command
        return subprocess.run(
            [str(self.environment / "bin" / program), *arguments],
            cwd=self.folder,
            env={"PATH": os.defpath, "HOME": str(self.folder), "USER": "stranger"},
            capture_output=True,
            text=True,
            check=False,
        )


def run_here(*command: str) -> None:
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    top = tmp_path_factory.mktemp("wheel")
    out, environment, folder = top / "out", top / "environment", top / "elsewhere"
    folder.mkdir()
    run_here(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(TOP)
    )
    (wheel,) = out.glob("*.whl")
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    run_here(
        *(sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)),
        *("install", "--quiet", "--no-deps", "--no-index", str(wheel)),
    )
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return Installed(wheel, folder, environment)


def travelling_files() -> set[str]:
    """Return the files below data, migrations and templates, as they stand in the checkout."""
    return {
        path.relative_to(TOP).as_posix()
        for top in TRAVELLING
        for path in (TOP / top).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_every_file_that_travels(installed: Installed) -> None:
    names = zipfile.ZipFile(installed.wheel).namelist()
    inside = {name.removeprefix("qtrace/_data/") for name in names if "/_data/" in name}
    assert inside == travelling_files()
    assert any(name.startswith("data/examples/nist_2022/") for name in inside)


def test_the_wheel_holds_nothing_else(installed: Installed) -> None:
    names = zipfile.ZipFile(installed.wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"qtrace", f"qtrace_metrology-{__version__}.dist-info"}
    assert "qtrace/py.typed" in names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".db")]


def test_everything_is_read_from_the_wheel(installed: Installed) -> None:
    done = installed.run("python", "-c", ASK)
    assert done.returncode == 0, done.stderr
    for place in json.loads(done.stdout):
        assert Path(place).is_relative_to(installed.environment), place
        assert not Path(place).is_relative_to(TOP), place


def test_the_demo_runs_far_from_the_checkout(installed: Installed) -> None:
    done = installed.run("qtrace", "demo", "world")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert "every step ended as announced" in done.stdout
    for word in ("REFUSED", "SYNTHETIC", "DEMONSTRATION", "0.9378(35)"):
        assert word in done.stdout
    world = installed.folder / "world"
    left = {path.relative_to(world).as_posix() for path in world.rglob("*") if path.is_file()}
    assert {
        "qtrace.db",
        "chain/d1-efficiency.svg",
        "bundles/yin-strict.json",
        "bundles/synthetic-strict.json",
        "bundles/synthetic-demonstration.json",
        "reports/yin-strict.html",
        "reports/synthetic-strict.html",
        "reports/synthetic-demonstration.html",
        "keys/demo.pub.json",
    } <= left
    assert str(TOP) not in done.stdout + done.stderr


def test_a_folder_that_is_not_empty_is_left_alone(installed: Installed) -> None:
    full = installed.folder / "full"
    full.mkdir()
    (full / "thesis.txt").write_text("years of work", encoding="utf-8")
    done = installed.run("qtrace", "demo", "full")
    assert done.returncode == 2
    assert "new or empty folder" in done.stderr
    assert [path.name for path in full.iterdir()] == ["thesis.txt"]
