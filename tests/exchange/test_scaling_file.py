"""Scaling files: read, or refused by line and field; what is said of them."""

from __future__ import annotations

import pytest

from qtrace.errors import InputError
from qtrace.exchange.package_files import data_folder
from qtrace.exchange.scaling_file import read_scaling_file
from qtrace.metrics.sensing.scaling_statement import NO_GAIN, state_scaling
from qtrace.report.scaling_picture import scaling_picture
from qtrace.report.scaling_text import scaling_text
from qtrace.report.scan_picture import decades

EXAMPLE = (data_folder() / "examples" / "sensor_network" / "scaling.toml").read_text("utf-8")


def read(text: str) -> object:
    return read_scaling_file(text.encode(), name="s.toml")


def test_the_example() -> None:
    series = read_scaling_file(EXAMPLE.encode())
    assert [one.number for one in series.points] == [1, 2, 3, 4]
    assert series.points[0].uncertainty == pytest.approx(2.09624e-3)
    assert series.points[0].relative_u == pytest.approx(499 / 497 * (2 / 495) ** 0.5 / 2)
    said = state_scaling(series)
    assert said.points[0].over_limit_db == pytest.approx(7.04, abs=0.005)
    assert NO_GAIN not in said.doubts
    assert max(map(len, scaling_text(said).splitlines())) <= 80
    assert len(scaling_picture(said).lines) == 4


@pytest.mark.parametrize(("numbers", "marks"), [((1, 2, 3, 4), (1, 2)), ((3, 6, 12), (5, 10))])
def test_the_axis_has_no_mark_beyond_the_last_number(
    numbers: tuple[int, ...], marks: tuple[int, ...]
) -> None:
    """A mark at 5 beside N = 4 reads as a fifth node."""
    text = EXAMPLE.partition("[[point]]")[0] + "".join(
        f'[[point]]\nN = {n}\nu = "{1.0 / n} rad"\n' for n in numbers
    )
    low, high = scaling_picture(state_scaling(read_scaling_file(text.encode()))).x
    assert low < numbers[0]
    assert high > numbers[-1]
    assert tuple(decades(low, high)) == marks


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('quantity = "phase_uncertainty"\n', "", "quantity"),
        ('counts = "nodes"\n', "", "counts"),
        ('provenance = "simulated"\n', "", "provenance"),
        ("N = 2", "N = 2.5", "N"),
        ("N = 2", "N = 0", "N"),
        ("N = 2", "N = -2", "N"),
        ('u = "1.19538 mrad"', 'u = "0 mrad"', '"u"'),
        ('u = "1.19538 mrad"', 'u = "-1 mrad"', '"u"'),
        ('u = "1.19538 mrad"', 'u = "nan mrad"', "u"),
        ('u = "1.19538 mrad"', 'u = "1 Hz"', "u"),
        ("confidence = 0.95", "confidence = 95", "confidence"),
        ("shots = 500", "shots = 3", "shots"),
        ("N = 4", "N = 4\nshot = 1", "shot"),
        ('counts = "nodes"', 'counts = "probes"', "probes_per_node"),
    ],
)
def test_wrong_files_are_refused_by_field(old: str, new: str, said: str) -> None:
    assert old in EXAMPLE
    with pytest.raises(InputError) as caught:
        read(EXAMPLE.replace(old, new, 1))
    assert said in f"{caught.value.what} {caught.value.where}"
    assert "s.toml, line" in caught.value.where


def test_two_numbers_show_no_scaling() -> None:
    head, *rows = EXAMPLE.split("[[point]]")
    with pytest.raises(InputError, match="2 different N"):
        read("[[point]]".join([head, *rows[:2]]))
    mixed = EXAMPLE.replace("shots = 500", "", 1)
    with pytest.raises(InputError, match="some do not"):
        read(mixed)


def test_what_is_impossible_or_no_gain_is_said() -> None:
    probes = EXAMPLE.replace('counts = "nodes"\nprobes_per_node = 45000', 'counts = "probes"')
    said = state_scaling(read_scaling_file(probes.encode()))
    assert sum("impossible data" in one for one in said.doubts) == 4
    above = probes
    for milli in ("2.09624", "1.19538", "0.749293", "0.616061"):
        above = above.replace(f'"{milli} mrad"', f'"{float(milli)} rad"')
    said = state_scaling(read_scaling_file(above.encode()))
    assert NO_GAIN in said.doubts, "u falls nearly as 1/N and starts above 1/sqrt N"
    steep = EXAMPLE.replace('"0.616061 mrad"', '"0.2 mrad"').replace('"0.749293', '"0.4')
    doubts = " ".join(state_scaling(read_scaling_file(steep.encode())).doubts)
    assert "faster than 1/N" in doubts or "enlarged" in doubts
