"""An uncertainty that contradicts its own readings is warned about, with the numbers."""

from __future__ import annotations

import math

import pytest

from qtrace.exchange.calibration_file import read_calibration
from qtrace.exchange.input_checks import ROUNDING

HEAD = """\
[calibration]
id = "C"
device = "D"
laboratory = "L"
route = "accredited"
performed = 2021-06-01T12:00:00Z
[[result]]
measurand = "count_rate"
model = "x"
[input.x]
"""
COUNTED = 'end = "counting"\nreading_time = "1 s"\n'


def warnings(body: str, *, head: str = HEAD) -> tuple[str, ...]:
    return read_calibration((head + body).encode(), name="w.toml").warnings


def counted(u: float, *, s: str, n: int = 10, u_of: str = "mean", value: str = "10000 /s") -> str:
    scatter = f's = "{s} /s"\n' if s else ""
    return (
        f'value = "{value}"\nu = "{u!r} /s"\ntype = "A"\nn = {n}\nu_of = "{u_of}"\n'
        f"{scatter}{COUNTED}"
    )


# 10000 counts in a second: 100 /s for one reading, 31.62 /s for the mean of ten.
@pytest.mark.parametrize(
    ("u", "s", "u_of"),
    [
        (100.0, "", "reading"),
        (31.62, "", "mean"),
        (500.0, "", "reading"),  # excess noise is no contradiction while s is not given
        (150.0, "150", "reading"),
        (math.hypot(150, 100), "150", "reading"),  # both added, as published by some
        (47.4, "150", "mean"),
        (31.62, "80", "mean"),  # scatter below Poisson by chance; Poisson taken
    ],
)
def test_consistent_uncertainties_raise_no_warning(u: float, s: str, u_of: str) -> None:
    assert warnings(counted(u, s=s, u_of=u_of)) == ()


def test_u_below_counting_statistics_is_warned_about() -> None:
    (line,) = warnings(counted(50.0, s="", u_of="reading"))
    assert line == (
        "w.toml, line 10, field input.x: u = 50 /s is below counting statistics: "
        "Poisson gives 100 /s for one reading"
    )


def test_u_of_a_mean_below_counting_statistics_is_warned_about() -> None:
    (line,) = warnings(counted(10.0, s=""))
    assert "Poisson gives 31.62 /s for the mean of 10 readings" in line


def test_the_reading_time_counts() -> None:
    longer = counted(10.0, s="", u_of="reading").replace('"1 s"', '"100 s"')
    assert warnings(longer) == ()  # 1e6 counts, 1000 of noise, 10 /s
    assert warnings(longer.replace('"100 s"', '"25 s"'))[0].endswith(
        "Poisson gives 20 /s for one reading"
    )


def test_u_that_forgets_to_divide_by_the_root_of_n_is_warned_about() -> None:
    (line,) = warnings(counted(150.0, s="150"))
    assert "u = 150 /s is above what the scatter gives: s/sqrt(n) = 47.43 /s" in line


def test_u_smaller_than_the_scatter_is_warned_about_twice_if_poisson_says_so_too() -> None:
    lines = warnings(counted(20.0, s="150"))
    assert len(lines) == 2
    assert "below counting statistics" in lines[0]
    assert "u = 20 /s is below what the scatter gives" in lines[1]


def test_without_counting_only_the_scatter_speaks() -> None:
    body = (
        'value = "5 mW"\nu = "2 uW"\ntype = "A"\nn = 4\ns = "0.01 mW"\nend = "defined_constant"\n'
    )
    head = HEAD.replace("count_rate", "optical_power")
    (line,) = warnings(body, head=head)
    assert line == (
        "w.toml, line 10, field input.x: u = 0.002 mW is below what the scatter gives: "
        "s/sqrt(n) = 0.005 mW for the mean of 4 readings"
    )


@pytest.mark.parametrize("inside", [True, False])
def test_rounding_to_two_digits_is_allowed_for_and_no_more(*, inside: bool) -> None:
    slack = ROUNDING * (0.99 if inside else 1.01)
    assert (warnings(counted(100.0 * (1 - slack), s="", u_of="reading")) == ()) is inside


def test_an_input_from_nowhere_is_warned_about() -> None:
    (line,) = warnings('value = "1 /s"\nu = "1 /s"\n')
    assert "nothing says where this input comes from" in line


def test_an_input_that_no_result_uses_is_warned_about() -> None:
    body = 'value = "1 /s"\nu = "1 /s"\nend = "counting"\n[input.y]\nresult = "A/b"\n'
    (line,) = warnings(body)
    assert line == 'w.toml, line 15, field input.y.result: no result uses the input "y"'


def test_an_in_house_step_without_procedure_is_warned_about() -> None:
    body = 'value = "1 /s"\nu = "1 /s"\nend = "counting"\n'
    (line,) = warnings(body, head=HEAD.replace('route = "accredited"\n', 'procedure = "p"\n'))
    assert "in-house step without procedure and validation" in line


def test_percent_of_a_plain_number_is_warned_about_as_absolute() -> None:
    body = 'value = "0.5"\nu = "1 %"\nend = "counting"\n'
    (line,) = warnings(body, head=HEAD.replace("count_rate", "transmittance"))
    assert line == (
        "w.toml, line 12, field input.x.u: u = 1 % is read as absolute; "
        "a part of the value is u_relative"
    )
