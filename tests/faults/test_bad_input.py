"""Bad input, as typed by a stranger: a clear error, exit code 2, and nothing written."""

from __future__ import annotations

import json

import pytest
from stranger import Laboratory, tables

CALIBRATION = """\
[calibration]
id = "CAL-X"
device = "CPM-1"
laboratory = "NIST-Boulder"
performed = 2021-06-02T08:00:00Z
procedure = "p"
validation = "v"

[input.x]
value = "1.01"
u = "0.001"
end = "defined_constant"

[input.y]
value = "1.02"
u = "0.002"
end = "defined_constant"

[[result]]
measurand = "indication_ratio"
conditions = { wavelength = "1550 nm" }
model = "x * y"
"""
CORRELATION = """\
[[correlation]]
names = ["x", "y", "z"]
matrix = {matrix}
reason = "r"

[input.z]
value = "1"
u = "0.1"
end = "defined_constant"

[[result]]"""


def correlated(matrix: str) -> tuple[str, str]:
    return ("[[result]]", CORRELATION.format(matrix=matrix))


CYCLE = """\
name = "a"
measurand = "indication_ratio"
model = "x * b"

[[result]]
name = "b"
measurand = "indication_ratio"
model = "y * a"
"""
FROM_MEASURAND = CALIBRATION.partition("[[result]]\n")[2]

# What is wrong; what to replace by what; line and field; words of what is wrong.
BAD_CALIBRATIONS: dict[str, tuple[tuple[str, str], str, str]] = {
    "a unit of another dimension": (
        ('u = "0.001"', 'u = "0.001 W"'),
        "line 11, field input.x.u",
        "of dimension kg m^2 s^-3; 1 is expected",
    ),
    "a result of another dimension": (
        ('value = "1.01"\nu = "0.001"', 'value = "1.01 W"\nu = "0.001 W"'),
        "line 22, field result[1].model",
        "indication_ratio has the dimension kg m^2 s^-3, expected 1",
    ),
    "a sum of different dimensions": (
        ('"x * y"', '"x * y + c"'),
        "line 22, field result[1].model, column 9",
        "cannot be added",
    ),
    "an unknown unit": (
        ('"1.01"', '"1.01 parsec"'),
        "line 10, field input.x.value",
        "unknown unit symbol 'parsec'",
    ),
    "u not a number": (('"0.001"', '"nan"'), "line 11, field input.x.u", "not a decimal number"),
    "u not a number in TOML's way": (
        ('"0.001"', "nan"),
        "line 11, field input.x.u",
        "not a decimal number",
    ),
    "u infinite": (('"0.001"', '"inf"'), "line 11, field input.x.u", "not a decimal number"),
    "u negative": (('"0.001"', '"-0.001"'), "line 11, field input.x.u", "negative"),
    "a matrix that is not symmetric": (
        correlated("[[1, 0.5, 0], [0.4, 1, 0], [0, 0, 1]]"),
        "field correlation[1].matrix",
        "symmetric",
    ),
    "a matrix that is not positive semidefinite": (
        correlated("[[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]"),
        "field correlation[1]",
        "semidefinite",
    ),
    "a coefficient above one": (
        correlated("[[1, 1.2, 0], [1.2, 1, 0], [0, 0, 1]]"),
        "field correlation[1].matrix",
        "1.2",
    ),
    "an unknown device": (
        ('"CPM-1"', '"CPM-9"'),
        "line 3, field calibration.device",
        "no device called 'CPM-9'",
    ),
    "an unknown laboratory": (
        ('"NIST-Boulder"', '"NIST-Bolder"'),
        "line 4, field calibration.laboratory",
        "no laboratory called 'NIST-Bolder'",
    ),
    "an unknown measurand": (
        ('"indication_ratio"', '"indication_ration"'),
        "line 20, field result[1].measurand",
        "unknown kind of quantity",
    ),
    "an unknown parent": (
        (
            'value = "1.01"\nu = "0.001"\nend = "defined_constant"',
            'result = "CAL-2022-RANG/range_factor"',
        ),
        "line 10, field input.x.result",
        "no result called 'CAL-2022-RANG/range_factor'",
    ),
    "results in a cycle": (
        (FROM_MEASURAND, CYCLE),
        "field result[1].model",
        "in a cycle: a -> b -> a",
    ),
    "performed after its recording": (
        ("2021-06-02", "2091-06-02"),
        "line 5, field calibration.performed",
        "lies after its recording",
    ),
    "a date without zone": (
        ("08:00:00Z", "08:00:00"),
        "line 5, field calibration.performed",
        "no time zone",
    ),
    "type A without n or dof": (
        ('u = "0.001"', 'u = "0.001"\ntype = "A"'),
        "field input.x",
        "type A without n or dof",
    ),
    "an id that is taken": (
        ('"CAL-X"', '"CAL-2022-D1"'),
        "line 2, field calibration.id",
        "recorded already",
    ),
    "a field that does not exist": (
        ('procedure = "p"', 'procedur = "p"'),
        "line 6, field calibration.procedur",
        "",
    ),
    "an input twice": (("[input.y]", "[input.x]"), "line 14", ""),
}


def refused(own: Laboratory, command: str, file: str, content: str | bytes) -> str:
    """Type the command with a bad file: exit code 2, nothing written, nothing on stdout."""
    before = tables(own)
    answer = own.qtrace(f"{command} {own.write(file, content)}")
    assert answer.code == 2, answer
    assert set(json.loads(answer.out)) == {"schema", "error"}  # an error, and no answer
    assert tables(own) == before
    assert answer.err.startswith("error: ")
    assert "Traceback" not in answer.err
    assert all(len(line) <= 80 for line in answer.err.splitlines())
    return answer.said


@pytest.mark.parametrize("fault", BAD_CALIBRATIONS)
def test_a_bad_calibration_is_refused_with_place_and_next_step(
    walked: Laboratory, fault: str
) -> None:
    (old, new), place, words = BAD_CALIBRATIONS[fault]
    assert old in CALIBRATION
    said = refused(walked, "calibration add", "bad.toml", CALIBRATION.replace(old, new, 1))
    assert f"bad.toml, {place}" in said or ("bad.toml" in said and place in said)
    assert words in said
    assert " next: " in said


def test_the_calibration_without_fault_is_taken(own: Laboratory) -> None:
    assert own.qtrace(f"calibration add {own.write('good.toml', CALIBRATION)}").code == 0


HOSTILE = (
    "__import__('os').system('touch owned')",
    "x.__class__.__mro__",
    "x[0]",
    "open(x)",
    "eval('1')",
    "exec",
    "(lambda: x)()",
    "x if x else y",
    "[x for x in y]",
    "x; y",
    "x = y",
    "x and y",
    "f'{x}'",
    "2 ** 9999999999",
    "1 / 0 * x",
    "x / (y - y)",
    "(" * 60 + "x" + ")" * 60,
    "-" * 30 + "x",
    "+".join(["x"] * 12000),
    "x * Ω",
    "ｘ * y",
    "x\u202e * y",
    "",
)


@pytest.mark.parametrize("model", HOSTILE, ids=range(len(HOSTILE)))
def test_an_expression_that_does_what_it_must_not_is_refused(
    walked: Laboratory, model: str
) -> None:
    text = CALIBRATION.replace('"x * y"', json.dumps(model, ensure_ascii=False))
    said = refused(walked, "calibration add", "bad.toml", text)
    assert "bad.toml, line" in said
    assert not (walked.folder / "owned").exists()


@pytest.mark.parametrize(
    "content",
    [
        CALIBRATION.encode()[:200],
        CALIBRATION.encode() + b"\xff\xfe",
        CALIBRATION.encode("utf-16"),
        b"",
        b"\x00" * 100,
        b'{"calibration": 1}',
    ],
    ids=["truncated", "bytes that are no UTF-8", "UTF-16", "empty", "zeros", "JSON"],
)
def test_a_file_that_is_no_calibration_is_refused(walked: Laboratory, content: bytes) -> None:
    for command in ("calibration add", "laboratory add", "run add", "link add"):
        assert "bad.toml" in refused(walked, command, "bad.toml", content)


def test_a_file_that_is_not_there_is_refused(walked: Laboratory) -> None:
    answer = walked.qtrace("calibration add nowhere.toml")
    assert answer.code == 2
    assert "nowhere.toml" in answer.said


BAD_RUNS: dict[str, tuple[tuple[str, str], str]] = {
    "errors above counts": (("errors_z = 9890", "errors_z = 500001"), "errors_z"),
    "negative counts": (("errors_z = 9890", "errors_z = -1"), "errors_z"),
    "counts that are no whole numbers": (("errors_z = 9890", "errors_z = 1.5"), "errors_z"),
    "dates reversed": (("ended = 2021-07-01T12:16:40Z", "ended = 2021-06-30T00:00:00Z"), "ended"),
    "a date without zone": (
        ("started = 2021-07-01T12:00:00Z", "started = 2021-07-01T12:00:00"),
        "no time zone",
    ),
    "a run of the future": (
        (
            "started = 2021-07-01T12:00:00Z\nended = 2021-07-01T12:16:40Z",
            "started = 2091-07-01T12:00:00Z\nended = 2091-07-01T12:16:40Z",
        ),
        "after its recording",
    ),
    "an unknown link": (('link = "LINK-SYNTHETIC"', 'link = "LINK-SINTHETIC"'), "LINK-SYNTHETIC"),
    "an unknown device": (('device = "SNSPD-D1"', 'device = "SNSPD-D3"'), "SNSPD-D3"),
    "a key of unknown fate": (
        ('key_disposition = "never_used"', 'key_disposition = "sold"'),
        "key_disposition",
    ),
    "another wavelength": (("1550.5 nm", "1310 nm"), "used at 1310 nm"),
    "another photon rate": (("2.4e5 /s", "2.4e7 /s"), "photon rate"),
    "before the calibration": (
        (
            "started = 2021-07-01T12:00:00Z\nended = 2021-07-01T12:16:40Z",
            "started = 2021-05-01T12:00:00Z\nended = 2021-05-01T12:16:40Z",
        ),
        "before it existed",
    ),
    "an id that is taken": (("RUN-NEW", "RUN-YIN-2020"), "RUN-YIN-2020"),
}


@pytest.mark.parametrize("fault", BAD_RUNS)
def test_a_bad_run_is_refused(walked: Laboratory, fault: str) -> None:
    (old, new), words = BAD_RUNS[fault]
    run = walked.read("input/synthetic_link/run.toml").replace("RUN-SYNTHETIC", "RUN-NEW")
    assert old in run
    said = refused(walked, "run add", "bad.toml", run.replace(old, new, 1))
    assert "bad.toml" in said
    assert words in said
    assert " next: " in said


BAD_REGISTERS: dict[str, tuple[str, str]] = {
    "a serial number twice": (
        '[[device]]\nid = "SNSPD-D9"\nclass = "snspd"\nmanufacturer = "NIST"\n'
        'model = "m"\nserial = "D1"\n',
        "D1",
    ),
    "a device id twice": (
        '[[device]]\nid = "SNSPD-D1"\nclass = "snspd"\nmanufacturer = "M"\n'
        'model = "m"\nserial = "new"\n',
        "SNSPD-D1",
    ),
    "an unknown class": (
        '[[device]]\nid = "X"\nclass = "snspb"\nmanufacturer = "M"\nmodel = "m"\nserial = "s"\n',
        "snspb",
    ),
    "a programme of an unknown device": (
        '[[programme]]\ndevice = "X"\nkind = "range_factor"\ninterval = "1 a"\n'
        'decided_by = "me"\nvalid_from = 2021-06-01T00:00:00Z\n',
        "X",
    ),
    "a laboratory twice": ('[[laboratory]]\nid = "NIST-Boulder"\nname = "n"\n', "NIST-Boulder"),
}


@pytest.mark.parametrize("fault", BAD_REGISTERS)
@pytest.mark.parametrize("after", ["", '[[laboratory]]\nid = "FINE"\nname = "fine"\n\n'])
def test_a_bad_register_leaves_nothing_of_the_file(
    walked: Laboratory, fault: str, after: str
) -> None:
    text, words = BAD_REGISTERS[fault]
    said = refused(walked, "laboratory add", "bad.toml", after + text)
    assert words in said
    assert "bad.toml, line" in said


def test_a_dry_run_of_a_register_finds_what_recording_would(walked: Laboratory) -> None:
    text, words = BAD_REGISTERS["a serial number twice"]
    before = tables(walked)
    answer = walked.qtrace(f"laboratory add --dry-run {walked.write('bad.toml', text)}")
    assert answer.code == 2
    assert words in answer.said
    assert tables(walked) == before


def test_dof_not_published_is_taken_infinite_and_flagged(own: Laboratory) -> None:
    text = CALIBRATION.replace('u = "0.001"', 'u = "0.001"\ntype = "A"\ndof = "not published"')
    done = own.qtrace(f"calibration add {own.write('c.toml', text)}")
    assert done.code == 0
    shown = own.qtrace("calibration show CAL-X").answer
    (x,) = [one for one in shown["inputs"] if one["name"] == "x"]
    assert x["degrees_of_freedom"] == "infinite"
    assert any("not published" in flag for flag in x["flags"])


@pytest.mark.parametrize(
    ("u", "words"),
    [
        ("10 /s", "below counting statistics: Poisson gives 31.62 /s"),
        ("150 /s", "above what the scatter gives: s/sqrt(n) = 47.43 /s"),
    ],
)
def test_u_that_contradicts_its_readings_is_warned_about_with_the_numbers(
    own: Laboratory, u: str, words: str
) -> None:
    text = CALIBRATION.replace("indication_ratio", "dark_count_rate").replace("CPM-1", "SNSPD-D1")
    text = text.replace(
        '"1.01"\nu = "0.001"\nend = "defined_constant"',
        f'"10000 /s"\nu = "{u}"\ntype = "A"\nn = 10\ns = "150 /s"\nu_of = "mean"\n'
        'reading_time = "1 s"\nend = "counting"',
    )
    done = own.qtrace(f"calibration add {own.write('c.toml', text)}")
    assert done.code == 0
    assert words in done.said
    assert "warning: " in done.err
    assert any(words in one for one in done.answer["warnings"])
    entry = own.ledger()[-1]
    assert words in json.loads(entry["content"])["warnings"][0]


def test_an_expired_parent_is_a_named_break_and_no_error(own: Laboratory) -> None:
    """The meter is calibrated for a year; D1 again five years later still traces."""
    late = own.read("input/nist_2022/d1.toml")
    late = late.replace("CAL-2022-D1", "CAL-2026-D1").replace(
        "performed = 2021-06-01T12:00:00Z", "performed = 2026-06-01T12:00:00Z"
    )
    assert own.qtrace(f"calibration add {own.write('late.toml', late)}").code == 0
    (traced,) = own.qtrace("trace CAL-2026-D1/system_detection_efficiency").answer
    expired = {one["subject"] for one in traced["chain"]["breaks"] if "expired" in one["name"]}
    assert "CAL-2022-METER/indication_ratio" in expired
    (reason,) = {
        one["reason"]
        for one in traced["chain"]["breaks"]
        if one["subject"] == "CAL-2022-METER/indication_ratio"
    }
    assert "2022-06-01" in reason


@pytest.mark.parametrize(
    "line",
    [
        "calibration withdraw NOTHING --reason x",
        "device retire NOTHING --reason x",
        "recompute RUN-NOTHING",
        "assess LINK-NOTHING --scheme strict-link",
        "assess LINK-SYNTHETIC --scheme strikt-link",
        "assess LINK-SYNTHETIC --scheme strict-link --run RUN-YIN-2020",
        "certify LINK-YIN-2020 --scheme demonstration-link --key lab",
        "trace NOTHING",
        "trace CAL-2022-D1/nothing",
        "certificate show QT-1999-00001",
        "ledger show 999",
        "ledger show 0",
        "ledger show 99999999999999999999",
        "trace CAL-2022-D1 --lines 0",
        "trace CAL-2022-D1 --monte-carlo 3",
        "trace CAL-2022-D1 --monte-carlo -5",
        "standard show ISO-0",
        "metric show detector.nothing",
        "key create lab --person P --organisation O",
        "key create ../evil --person P --organisation O",
        "audit",
        "certificate verify nowhere.json",
        "nonsense",
        "trace",
    ],
)
def test_a_command_about_nothing_says_so(walked: Laboratory, line: str) -> None:
    before = tables(walked)
    answer = walked.qtrace(line)
    assert answer.code == 2
    # A line that is no command leaves stdout empty; an error of ours is one document.
    assert answer.out == "" or set(json.loads(answer.out)) == {"schema", "error"}
    assert tables(walked) == before
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("as_of", "code", "words"),
    [
        ("yesterday", 2, "is no date"),
        ("2021-06-01T12:00:00", 2, "no zone"),
        ("2021-13-01", 2, "is no date"),
        ("2021-06-01", 0, ""),
        ("2099-01-01", 2, "future"),
    ],
)
def test_as_of_wants_a_date_that_has_been(
    walked: Laboratory, as_of: str, code: int, words: str
) -> None:
    answer = walked.qtrace(f"--as-of {as_of} device list")
    assert answer.code == code
    assert words in answer.said
    if code == 0:
        assert answer.answer == []  # nothing was known then


def test_the_past_cannot_be_written_to(walked: Laboratory) -> None:
    before = tables(walked)
    answer = walked.qtrace("--as-of 2025-01-01 device retire SNSPD-D2 --reason x")
    assert answer.code == 2
    assert tables(walked) == before
