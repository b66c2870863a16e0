"""The name of a picture says what is in it: --svg into a file of another format is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from stranger import Laboratory

from qtrace.exchange.package_files import data_folder

EXAMPLES = data_folder() / "examples"
CHAIN = EXAMPLES / "entanglement_chain" / "satellite_and_fibre.toml"
SCALING = EXAMPLES / "sensor_network" / "scaling.toml"
DRAWN = (("metric chain", CHAIN), ("metric scaling", SCALING))


@pytest.mark.parametrize(("command", "file"), DRAWN)
@pytest.mark.parametrize("name", ["x.png", "x", "svg", "x.svg.html"])
def test_another_name_is_refused_and_nothing_written(
    tmp_path: Path, command: str, file: Path, name: str
) -> None:
    made = Laboratory(tmp_path)
    made.write("in.toml", file.read_bytes())
    done = made.qtrace(f"{command} in.toml --svg {name}")
    assert done.code == 2
    assert "SVG is what would be written" in done.said
    assert ".svg" in done.said
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(("command", "file"), DRAWN)
@pytest.mark.parametrize("name", ["x.svg", "X.SVG"])
def test_its_own_name_is_written(tmp_path: Path, command: str, file: Path, name: str) -> None:
    made = Laboratory(tmp_path)
    made.write("in.toml", file.read_bytes())
    done = made.qtrace(f"{command} in.toml --svg {name}")
    assert done.code == 0, done.said
    assert (tmp_path / name).read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize(
    "command",
    [
        "profile RUN --svg p.png",
        "metric scan bb84 --metric qkd.bb84.key_rate --svg p.png",
        "metric scan bb84 --metric qkd.bb84.key_rate --png p.svg",
    ],
)
def test_the_other_commands_with_pictures_ask_the_same(tmp_path: Path, command: str) -> None:
    done = Laboratory(tmp_path).qtrace(command)
    assert done.code == 2
    assert "is what would be written" in done.said
