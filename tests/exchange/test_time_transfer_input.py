"""Inputs of calibration files from CGGTTS and Circular T: values, signs, flags, refusals.

Anchors: Circular T 229, row AOS, as printed (-17.6 ns at MJD 54099; 1.5, 5.1, 5.3 ns); the made-up
link of data/examples/utc_link, whose truth is in `cggtts_writer`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from cggtts_writer import CLOCK_NS, DELAYS, EPOCHS, NOISE_NS, Track, cggtts_bytes, example_files

from qtrace.errors import InputError
from qtrace.exchange.calibration_file import read_calibration
from qtrace.exchange.circular_t_file import read_circular_t
from qtrace.exchange.occurrence_files import read_statement
from qtrace.exchange.package_files import data_folder
from qtrace.exchange.time_transfer_input import UNCALIBRATED
from qtrace.laboratory.draft import InputDraft
from qtrace.laboratory.event import Origin
from qtrace.uncertainty.inputs import Distribution, Evaluation

NS = 1e-9
EXAMPLE = data_folder() / "examples" / "utc_link"
HEAD = """\
[calibration]
id = "CAL-1"
device = "CLOCK-1"
laboratory = "LAB-A"
performed = 2023-11-11T12:00:00Z
procedure = "common view"
validation = "travelling receiver"

[input.x]
"""
TAIL = """
[[result]]
measurand = "time_scale_difference"
model = "x"
"""
LINK = {
    "cggtts": '"site.259"',
    "cggtts_b": '"xlab.259"',
    "signal": '"L1C"',
    "ionosphere": '"measured"',
    "elevation_least": '"20 deg"',
    "instrument": '"RX-1"',
    "instrument_kind": '"local_delay_difference"',
}
CIRCULAR = """\
[[circular_t]]
issue = "229"
laboratory = "AOS"
mjd = 54099
utc_minus_utck = "-17.6 ns"
u_a = "1.5 ns"
u_b = "5.1 ns"
u = "5.3 ns"

[[circular_t]]
issue = "229"
laboratory = "AOS"
mjd = 54104
utc_minus_utck = "-12.1 ns"
u_a = "1.5 ns"
u_b = "5.1 ns"
u = "5.3 ns"
"""
DAY = {"circular_t": '"t.toml"', "laboratory": '"AOS"', "mjd": "54099", "part": '"u"'}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in example_files().items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "t.toml").write_text(CIRCULAR, encoding="utf-8")
    return tmp_path


def read(folder: Path, fields: dict[str, str], **change: str | None) -> InputDraft:
    fields = {**fields, **{key: value for key, value in change.items() if value is not None}}
    fields = {key: value for key, value in fields.items() if change.get(key, "") is not None}
    body = "\n".join(f"{key} = {value}" for key, value in fields.items())
    path = folder / "calibration.toml"
    path.write_text(HEAD + body + "\n" + TAIL, encoding="utf-8")
    return read_calibration(path).inputs[0]


def warnings_of(folder: Path) -> tuple[str, ...]:
    """Return what the file that was read last is warned of."""
    return read_calibration(folder / "calibration.toml").warnings


def test_the_files_of_the_example_are_those_of_the_writer() -> None:
    for name, data in example_files().items():
        assert (EXAMPLE / name).read_bytes() == data


def test_a_link_is_the_first_clock_minus_the_second(folder: Path) -> None:
    found = read(folder, LINK)
    assert found.quantity is not None
    # Of 24 epochs with about 4.7 satellites each, two stations with their own noise.
    expected_u = NOISE_NS * (2 / (EPOCHS * 4.7)) ** 0.5
    assert found.quantity.estimate / NS == pytest.approx(CLOCK_NS, abs=3 * expected_u)
    assert found.quantity.standard_uncertainty / NS == pytest.approx(expected_u, rel=0.4)
    assert found.quantity.degrees_of_freedom == EPOCHS - 1
    assert found.quantity.evaluation is Evaluation.A
    assert found.quantity.unit == "ns"
    assert warnings_of(folder) == ()
    said = " ".join(found.quantity.flags)
    assert "CLOCK OF THE SITE (SITE) minus UTC(XLAB) (XLAB)" in said
    assert "calibration 1001-2023" in said
    assert "24 epochs" in said
    assert "SHA-256" in said
    turned = read(folder, LINK, cggtts='"xlab.259"', cggtts_b='"site.259"')
    assert turned.quantity is not None
    assert turned.quantity.estimate == pytest.approx(-found.quantity.estimate)


def test_all_in_view_and_one_reading(folder: Path) -> None:
    view = read(folder, LINK, view='"all"', centre='"median"', rejection="4").quantity
    assert view is not None
    assert view.estimate / NS == pytest.approx(CLOCK_NS, abs=2.0)
    one = read(folder, LINK, u_of='"reading"').quantity
    mean = read(folder, LINK).quantity
    assert one is not None
    assert mean is not None
    assert one.standard_uncertainty == pytest.approx(
        mean.standard_uncertainty * EPOCHS**0.5, rel=1e-9
    )


def test_an_uncalibrated_signal_is_refused_unless_asked_for(folder: Path) -> None:
    bare = DELAYS.replace("33.0", " 0.0")
    tracks = [
        Track(satellite=f"G{s:02d}", time=f"{h:02d}0000", refsys=f"{-100 + 7 * s + h * h % 5}")
        for h in range(8)
        for s in range(3)
    ]
    (folder / "bare.259").write_bytes(cggtts_bytes(tracks, delays=bare))
    fields = {**LINK, "cggtts": '"bare.259"', "cggtts_b": '"bare.259"'}
    with pytest.raises(InputError, match=r"GPS C1 is 0\.0 ns: it was not calibrated") as caught:
        read(folder, fields)
    assert "signal" in caught.value.where
    with pytest.raises(InputError, match="beside an uncalibrated signal"):
        read(folder, fields, uncalibrated='"flag"')
    found = read(folder, fields, uncalibrated='"flag"', instrument=None, instrument_kind=None)
    assert found.quantity is not None
    assert found.quantity.flags[0].startswith(UNCALIBRATED)
    assert found.origin is not None
    assert found.origin == Origin()
    assert any("its chain will show a break" in one for one in warnings_of(folder))
    assert any("the same file" in one for one in warnings_of(folder))
    with pytest.raises(InputError, match="both signals are calibrated"):
        read(folder, LINK, uncalibrated='"flag"')


@pytest.mark.parametrize(
    ("change", "says", "field"),
    [
        ({"value": '"3 ns"'}, "gives the value and its u", "value"),
        ({"dof": "4"}, "gives the value and its u", "dof"),
        ({"type": '"B"'}, "gives the value and its u", "type"),
        ({"cggtts_b": None}, "one station alone", "cggtts"),
        ({"ionosphere": None}, "ionosphere", "ionosphere"),
        ({"signal": '"L2C"'}, "no signal", "cggtts"),
        ({"cggtts": '"../site.259"'}, "not the name of a file", "cggtts"),
        ({"cggtts": '"none.259"'}, "cannot be read", "cggtts"),
        ({"elevation_least": '"20 m"'}, "of dimension", "elevation_least"),
        ({"elevation_least": "20"}, "no angle", "elevation_least"),
        ({"elevation_least": '"89 deg"'}, "no satellites above", "cggtts"),
        ({"mjd": "60259"}, 'belongs to "circular_t"', "mjd"),
        ({"part": '"u"'}, 'belongs to "circular_t"', "part"),
        ({"rejection": "0"}, "leaves nothing", "cggtts"),
        ({"viev": '"all"'}, "viev", "viev"),
    ],
)
def test_what_does_not_belong_to_a_link_is_refused(
    folder: Path, change: dict[str, str | None], says: str, field: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(folder, LINK, **change)
    assert says in caught.value.what
    assert field in caught.value.where
    assert "line" in caught.value.where


def test_a_damaged_link_is_refused_with_both_places(folder: Path) -> None:
    data = (folder / "site.259").read_bytes()
    (folder / "site.259").write_bytes(data.replace(b"-1629", b"-1630"))
    with pytest.raises(InputError, match="checksum") as caught:
        read(folder, LINK)
    assert "site.259, line 20" in caught.value.where
    assert "calibration.toml" in caught.value.where


def test_a_link_belongs_beside_a_file() -> None:
    body = "\n".join(f"{key} = {value}" for key, value in LINK.items())
    with pytest.raises(InputError, match="beside this one"):
        read_calibration((HEAD + body + "\n" + TAIL).encode())


# -- Circular T -----------------------------------------------------------------------------------


def test_circular_t_has_the_other_sign(folder: Path) -> None:
    whole = read(folder, DAY, end='"defined_constant"').quantity
    assert whole is not None
    assert whole.estimate == pytest.approx(17.6 * NS)
    assert (whole.standard_uncertainty, whole.evaluation) == (pytest.approx(5.3 * NS), Evaluation.B)
    own = read(folder, DAY, part='"u_a"').quantity
    assert own is not None
    assert own.estimate == pytest.approx(17.6 * NS)
    assert (own.standard_uncertainty, own.evaluation) == (pytest.approx(1.5 * NS), Evaluation.A)
    assert own.distribution is Distribution.NORMAL
    shared = read(folder, DAY, part='"u_b"').quantity
    assert shared is not None
    assert (shared.estimate, shared.standard_uncertainty) == (0.0, pytest.approx(5.1 * NS))
    assert shared.evaluation is Evaluation.B
    assert "UTC(AOS) minus UTC at MJD 54099" in own.flags[0]


def test_the_shared_part_is_a_statement(folder: Path) -> None:
    path = folder / "statement.toml"
    path.write_text(
        '[statement]\nid = "S-1"\nperformed = 2007-02-15T00:00:00Z\nsource = "Circular T 229"\n'
        '[input.u_b]\ncircular_t = "t.toml"\nlaboratory = "AOS"\npart = "u_b"\n'
        'end = "assessed_bound"\nstatement = "Circular T 229"\n',
        encoding="utf-8",
    )
    (found,) = read_statement(path).inputs
    assert found.quantity is not None
    assert found.quantity.standard_uncertainty == pytest.approx(5.1 * NS)


def test_the_csv_form_says_the_same(folder: Path) -> None:
    rows = read_circular_t(folder / "t.toml")
    (folder / "t.csv").write_text(
        "issue,laboratory,mjd,utc_minus_utck,u_a,u_b,u\n"
        "229,AOS,54099,-17.6 ns,1.5 ns,5.1 ns,5.3 ns\n229,AOS,54104,-12.1 ns,1.5 ns,5.1 ns,5.3 ns\n",
        encoding="utf-8",
    )
    table = read_circular_t(folder / "t.csv")
    values = [(o.laboratory, o.mjd, o.utc_minus_utck.si, o.u_a_s, o.u_b_s, o.u_s) for o in rows]
    assert values == [
        (o.laboratory, o.mjd, o.utc_minus_utck.si, o.u_a_s, o.u_b_s, o.u_s) for o in table
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"mjd": "54100"}, "no row at MJD 54100"),
        ({"laboratory": '"PTB"'}, "no row of PTB"),
        ({"part": '"U"'}, "not one of the words"),
        ({"part": None}, "part"),
        ({"u": '"1 ns"'}, "gives the value and its u"),
        ({"signal": '"L1C"'}, 'belongs to "cggtts"'),
        ({"circular_t": '"none.toml"'}, "cannot be read"),
        ({"cggtts": '"site.259"'}, "both CGGTTS and Circular T"),
    ],
)
def test_what_does_not_belong_to_a_circular_is_refused(
    folder: Path, change: dict[str, str | None], says: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(folder, DAY, **change)
    assert says in caught.value.what


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('u = "5.3 ns"', 'u = "6.3 ns"', "not what u_a and u_b give"),
        ("mjd = 54104", "mjd = 54099", "stands twice"),
        ('"-17.6 ns"', '"-17.6 m"', "of dimension"),
        ("issue", "number", "issue"),
    ],
)
def test_a_wrong_copy_of_a_circular_is_refused(folder: Path, old: str, new: str, says: str) -> None:
    (folder / "t.toml").write_text(CIRCULAR.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read(folder, DAY)
    assert says in caught.value.what
