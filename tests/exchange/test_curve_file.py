"""Curves and fits in calibration files: read as they were meant, or refused with their place."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from qtrace.errors import InputError, UnitError
from qtrace.exchange.calibration_file import read_calibration
from qtrace.exchange.csv_file import read_csv
from qtrace.laboratory.curve_draft import CurveDraft, FitDraft
from qtrace.laboratory.draft import CalibrationDraft
from qtrace.ledger.digest import file_digest
from qtrace.quantity.kinds import kind

EXACT = 1e-12  # a few roundings of closed forms
HEAD = """\
[calibration]
id = "C"
device = "D"
laboratory = "L"
route = "accredited"
performed = 2021-06-01T12:00:00Z
[input.scale]
value = 1
u = 0.002
end = "counting"
"""
CURVE = """\
[[curve]]
name = "eta"
measurand = "system_detection_efficiency"
conditions = { polarization = "maximum" }
argument = "wavelength"
argument_unit = "nm"
points = [[1545, 0.93, 0.002], ["1.55 um", "93.6 %", "0.2 %"], [1555, 0.94, 0.003]]
interpolant = "pchip"
"""
FIT = """\
[[fit]]
name = "line"
measurand = "responsivity"
argument = "power"
argument_unit = "mW"
model = "line"
method = "wls"
readings = [[1, 0.93, 0.01], [2, "940 mA/W", 0.01], [3, 0.95, 0.01]]
"""


def read(*parts: str) -> CalibrationDraft:
    return read_calibration("".join((HEAD, *parts)).encode(), name="c.toml")


def curve(text: str = CURVE, *more: str) -> CurveDraft:
    return read(text, *more).curves[0]


def fit(text: str = FIT) -> FitDraft:
    return read(text).fits[0]


def fault(*parts: str) -> InputError:
    with pytest.raises(InputError) as caught:
        read(*parts)
    assert caught.value.next_step
    assert caught.value.where.startswith("c.toml")
    return caught.value


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} must stand once"
    return text.replace(old, new)


def test_points_are_in_si_whatever_their_units() -> None:
    found = curve()
    assert [one.argument for one in found.points] == [1545e-9, 1550e-9, 1555e-9]
    assert [one.value for one in found.points] == [0.93, 0.936, 0.94]
    assert [one.standard_uncertainty for one in found.points] == [0.002, 0.002, 0.003]
    assert [one.name for one in found.points] == ["1545", "1550", "1555"]
    assert found.points[1].argument_text == "1550 nm"
    assert found.interpolant == "pchip/1"
    assert dict(found.measurand.conditions) == {"polarization": "maximum"}


def test_a_spectral_responsivity_has_its_kind_and_unit() -> None:
    assert kind("spectral_responsivity").unit == "A/W"
    found = curve(
        changed(
            changed(CURVE, "system_detection_efficiency", "spectral_responsivity"),
            '[[1545, 0.93, 0.002], ["1.55 um", "93.6 %", "0.2 %"], [1555, 0.94, 0.003]]',
            '[[850, 0.4524, 0.0004], [855, "455.1 mA/W", "0.0005 A/W"]]',
        )
    )
    assert found.points[1].value == 0.4551


def test_expanded_uncertainties_keep_their_rounding() -> None:
    text = changed(CURVE, '"93.6 %", "0.2 %"', "0.936, 0.004")
    found = curve(text + 'uncertainty = "U"\nk = 2\n')
    # Half a unit of the last digit, 0.0005, is rectangular beside U / k.
    wanted = math.hypot(0.004, 0.0005 / math.sqrt(3.0)) / 2.0
    assert found.points[1].standard_uncertainty == pytest.approx(wanted, rel=EXACT)
    relative = curve(text + 'uncertainty = "U_relative"\nuncertainty_unit = "%"\nk = 2\n')
    assert relative.points[1].standard_uncertainty == pytest.approx(0.936e-2 * wanted, rel=EXACT)


def test_what_is_shared_is_read_with_its_sensitivities() -> None:
    more = (
        'effects = [{ input = "scale", absolute = [0.1, "20 %", 0.3] }]\n'
        'common_u_relative = "0.1 %"\nu_of_points = "all"\ncorrelation = "unknown"\n'
        'interpolation_error = { u = 0.001, correlation_length = "2 nm", source = "table" }\n'
        'drift = { bound = "0.2 %/a", source = "history" }\n'
    )
    found = curve(CURVE + more)
    assert found.effects[0].sensitivities == (0.1, 0.2, 0.3)
    assert not found.effects[0].relative
    assert (found.common, found.includes_shared, found.correlation) == (0.001, True, "unknown")
    assert found.error is not None
    assert (found.error.standard_uncertainty, found.error.correlation_length) == (0.001, 2e-9)
    assert found.drift is not None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[1555, 0.94, 0.003]", "[1550, 0.94, 0.003]", "stands twice"),
        ("[1555, 0.94, 0.003]", "[1549, 0.94, 0.003]", "runs downward"),
        ("[1555, 0.94, 0.003]", '[1555, "nan", 0.003]', "not a decimal number"),
        ("[1555, 0.94, 0.003]", "[1555, 0.94, -0.003]", "negative"),
        ("[1555, 0.94, 0.003]", "[1555, 0.94]", "has 2 numbers"),
        ("[1555, 0.94, 0.003]", '["1555 W", 0.94, 0.003]', "dimension"),
        ("[1555, 0.94, 0.003]", '[1555, "0.94 A/W", 0.003]', "dimension"),
        (', ["1.55 um", "93.6 %", "0.2 %"], [1555, 0.94, 0.003]', "", "1 point gives no curve"),
        ('interpolant = "pchip"', 'interpolant = "akima"', "not one of the words"),
        ('argument = "wavelength"', 'argument = "colour"', "not one of the words"),
        ('argument_unit = "nm"', 'argument_unit = "W"', "no unit of vacuum wavelength"),
        ('{ polarization = "maximum" }', '{ wavelength = "1550 nm" }', "is the argument"),
        ('name = "eta"', 'name = "scale"', "used twice"),
        ('name = "eta"', 'name = "e@1"', "not a name"),
        ('interpolant = "pchip"', 'interpolant = "pchip"\nk = 2', 'belong to "U"'),
        ('interpolant = "pchip"', 'interpolant = "pchip"\nuncertainty = "U"', "without k"),
        ('interpolant = "pchip"', 'interpolant = "pchip"\ncolour = 1', "unknown field"),
        (
            'interpolant = "pchip"',
            'interpolant = "pchip"\neffects = [{ input = "nobody", relative = 1 }]',
            'no input "nobody"',
        ),
        (
            'interpolant = "pchip"',
            'interpolant = "pchip"\neffects = [{ input = "scale", relative = [1, 2] }]',
            "2 sensitivities for 3 points",
        ),
        (
            'interpolant = "pchip"',
            'interpolant = "pchip"\ncorrelation = "declared"\nmatrix = [[1, 0], [0, 1]]',
            "2 rows",
        ),
        (
            'interpolant = "pchip"',
            'interpolant = "pchip"\nu_of_points = "all"',
            "none is declared",
        ),
        (
            'interpolant = "pchip"',
            'interpolant = "pchip"\ncommon_u_relative = "-1 %"',
            "negative",
        ),
        (
            'interpolant = "pchip"',
            'interpolant = "pchip"\n'
            'interpolation_error = { u = 1, correlation_length = "0 nm", source = "x" }',
            "not above zero",
        ),
    ],
)
def test_bad_curves_are_refused_with_their_place(old: str, new: str, says: str) -> None:
    assert says in fault(changed(CURVE, old, new)).diagnostics()


def test_a_unit_of_another_kind_stays_a_unit_error() -> None:
    with pytest.raises(UnitError):
        read(changed(CURVE, "[1555, 0.94", '["1555 W", 0.94'))


USE = '[input.x]\ncurve = "eta"\nat = "1551 nm"\n'


def test_an_input_at_a_curve() -> None:
    use = read(CURVE, USE, 'at_u = "0.1 nm"\nat_statement = "setting"\n').inputs[1].curve
    assert use is not None
    assert (use.reference, use.at, use.at_u) == ("eta", 1551e-9, 0.1e-9)
    named = read(CURVE, '[input.x]\ncurve = "X-1/eta"\nat = "scale"\n').inputs[1].curve
    assert named is not None
    assert named.at_name == "scale"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (USE.replace('"eta"', '"theta"'), 'no curve "theta" in this file'),
        (USE.replace('"eta"', '"a/b/c"'), "does not name a curve"),
        (USE.replace('at = "1551 nm"', ""), 'neither or both of "at"'),
        (USE + 'inverse_of = "0.93"\n', 'neither or both of "at"'),
        (USE + 'at_u = "0.1 W"\n', "dimension"),
        (USE + 'at_u = "-0.1 nm"\n', "negative"),
        (USE.replace('"1551 nm"', '"scale"') + 'at_u = "0.1 nm"\n', "its own uncertainty"),
        (USE.replace('"1551 nm"', '"nobody"'), 'no input "nobody"'),
        (USE.replace('"1551 nm"', '"x"'), "an input at itself"),
        (USE + "value = 1\n", "unknown field"),
    ],
)
def test_bad_uses_are_refused(text: str, says: str) -> None:
    assert says in fault(CURVE, text).diagnostics()


def test_a_fit_is_read_with_its_units() -> None:
    found = fit(FIT + 'x_origin = "2 mW"\nlack_of_fit = "flag"\n')
    assert [one.x for one in found.readings] == [1e-3, 2e-3, 3e-3]
    assert [one.y for one in found.readings] == [0.93, 0.94, 0.95]
    assert (found.method, found.scale, found.order) == ("wls", "stated", 1)
    assert (found.x_origin, found.on_lack_of_fit) == (2e-3, "flag")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('method = "wls"', 'method = "ols"', "has u_y"),
        ('method = "wls"', 'method = "wtls"', "lacks u_x"),
        ('method = "wls"', 'method = "gls"', '"matrix" is missing'),
        ('method = "wls"', 'method = "lad"', "not one of the words"),
        ('model = "line"', 'model = "polynomial"', '"order" is missing'),
        ('model = "line"', 'model = "polynomial"\norder = 9', "above 8"),
        ("[3, 0.95, 0.01]", "[3, 0.95, -0.01]", "negative"),
        ("[3, 0.95, 0.01]", '[3, "0.95 V", 0.01]', "dimension"),
        ('name = "line"', 'name = "scale"', "used twice"),
    ],
)
def test_bad_fits_are_refused_with_their_place(old: str, new: str, says: str) -> None:
    assert says in fault(changed(FIT, old, new)).diagnostics()


# A table as a laboratory sends it: a byte that is no UTF-8 in the head, empty columns behind.
TABLE = (
    b'"Responsivity of a diode",,,,\r\nTemperature: 22 \xb0C,,,,\r\n'
    b"Wavelength [nm],[A/W],U_rel (k = 2) [%],,\r\n"
    b"850,0.4524,0.20,,\r\n855,0.4551,0.20,,\r\n860,0.4578,0.20,,\r\n"
)
FROM_TABLE = """\
[[curve]]
measurand = "spectral_responsivity"
argument = "wavelength"
argument_unit = "nm"
table = "diode.csv"
encoding = "latin-1"
first_line = 4
columns = { argument = 1, value = 2, U_relative = 3, ignored = [4, 5] }
uncertainty_unit = "%"
k = 2
interpolant = "linear"
"""


def from_folder(folder: Path, text: str = FROM_TABLE, table: bytes = TABLE) -> CurveDraft:
    (folder / "diode.csv").write_bytes(table)
    path = folder / "c.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return read_calibration(path).curves[0]


def test_a_table_beside_the_file_is_read(tmp_path: Path) -> None:
    found = from_folder(tmp_path)
    assert [one.value for one in found.points] == [0.4524, 0.4551, 0.4578]
    wanted = 0.4524 * math.hypot(0.002, 0.00005 / math.sqrt(3.0)) / 2.0
    assert found.points[0].standard_uncertainty == pytest.approx(wanted, rel=EXACT)
    assert found.points[2].place.line == 6
    assert file_digest(TABLE) in found.note
    assert found.note in read_calibration(tmp_path / "c.toml").event.flags


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('encoding = "latin-1"\n', "", "diode.csv, line 2, byte 17"),
        ('encoding = "latin-1"\n', "", 'encoding = "latin-1"'),
        (", ignored = [4, 5]", "", "nothing is said about column 4, 5"),
        (", ignored = [4, 5]", "", "diode.csv, line 4, field column 4"),
        ("[4, 5]", "[4, 6]", "column 6 is asked for"),
        ("[4, 5]", "[3, 5]", "stands for two things"),
        ("first_line = 4", "first_line = 3", "not a decimal number"),
        ("first_line = 4", "first_line = 30", "begin on 30"),
        ("argument = 1, ", "", "column of argument"),
        ("U_relative = 3", "value_u = 3", "stands in no column"),
        ('"diode.csv"', '"../diode.csv"', "no file beside this one"),
        ('"diode.csv"', '"other.csv"', "cannot be read"),
    ],
)
def test_a_table_that_is_not_told_whole_is_refused(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    with pytest.raises(InputError) as caught:
        from_folder(tmp_path, changed(FROM_TABLE, old, new))
    assert says in caught.value.diagnostics()


def test_a_short_row_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        from_folder(tmp_path, table=TABLE.replace(b"855,0.4551,0.20,,", b"855,0.4551,0.20"))
    assert "diode.csv, line 5" in caught.value.diagnostics()


def test_a_table_without_a_folder_is_refused() -> None:
    assert "no file beside this one" in fault(FROM_TABLE).diagnostics()


def test_lines_are_counted_from_the_first_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a;b\n1;2\n3;4\n\n", encoding="utf-8")
    table = read_csv(path, first_line=2, separator="semicolon")
    assert [(row.line, row.cells) for row in table.rows] == [(2, ("1", "2")), (3, ("3", "4"))]
