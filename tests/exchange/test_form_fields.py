"""The form of a result in a calibration file: what it needs, and what does not belong to it."""

from __future__ import annotations

import pytest

from qtrace.errors import InputError, UnitError
from qtrace.exchange.calibration_file import read_calibration
from qtrace.laboratory.draft import CalibrationDraft, FormDraft

HEAD = """\
[calibration]
id = "CAL-F"
device = "SPD-1"
laboratory = "LAB-A"
performed = 2021-06-02T12:00:00Z
route = "accredited"

[input.gross]
distribution = "gamma"
counts = 3
time = "10 s"
end = "counting"

[input.level]
value = "31.0 dB"
u = "0.2 dB"
end = "counting"

[input.old]
result = "CAL-E/dark_count_rate"
{old}

[[result]]
measurand = "dark_count_rate"
model = "gross + old"
"""
LEVEL = '\n[[result]]\nmeasurand = "attenuation_level"\nmodel = "level"\n'


def read(fields: str, *, old: str = "", more: str = LEVEL) -> CalibrationDraft:
    text = HEAD.format(old=old) + fields + more
    return read_calibration(text.encode(), name="f.toml")


def test_a_result_is_an_estimate_where_nothing_is_said() -> None:
    assert [one.stated for one in read("").results] == [FormDraft(), FormDraft()]


@pytest.mark.parametrize(
    ("fields", "draft"),
    [
        ('form = "upper_limit"', FormDraft("upper_limit")),
        ('form = "lower_limit"\np = 0.9', FormDraft("lower_limit", 0.9)),
        (
            'form = "interval_only"\nlimit_method = "posterior"',
            FormDraft("interval_only", method="posterior"),
        ),
        (
            'form = "below_detection_limit"\ngross = "gross"\nalpha = 0.01\nbeta = 0.1',
            FormDraft("below_detection_limit", gross="gross", alpha=0.01, beta=0.1),
        ),
        ('gross = "gross"', FormDraft(gross="gross")),
    ],
)
def test_each_form_is_read_with_what_it_needs(fields: str, draft: FormDraft) -> None:
    assert read(fields + "\n").results[0].stated == draft


@pytest.mark.parametrize(
    ("fields", "why", "field"),
    [
        ('form = "at_most"', "not one of the words", "form"),
        ('form = "below_detection_limit"', "nothing says in which counts", "form"),
        ("p = 0.9", "does not belong to the form", "p"),
        ('limit_method = "exact"', "does not belong to the form", "limit_method"),
        ('form = "upper_limit"\ngross = "gross"', "does not belong to the form", "gross"),
        ("alpha = 0.05", "does not belong to the form", "alpha"),
        ('form = "upper_limit"\np = 1', "not a probability", "p"),
        ('form = "upper_limit"\np = 95', "not a probability", "p"),
        ('gross = "gross"\nalpha = 0.6', "not a probability", "alpha"),
        ('form = "upper_limit"\nlimit_method = "guess"', "not one of the words", "limit_method"),
    ],
)
def test_what_does_not_belong_is_refused_with_its_place(fields: str, why: str, field: str) -> None:
    with pytest.raises(InputError, match=why) as refused:
        read(fields + "\n")
    assert f"result[1].{field}" in refused.value.where


def test_a_limit_is_taken_as_posterior_by_word_only() -> None:
    def taken(old: str) -> bool:
        return next(one for one in read("", old=old).inputs if one.name == "old").as_posterior

    assert not taken("")
    assert taken('as = "posterior"')
    with pytest.raises(InputError, match="not one of the words"):
        taken('as = "estimate"')


def test_a_level_is_written_in_dB_with_its_u_in_dB() -> None:  # noqa: N802 - a unit
    draft = read("")
    level = next(one.quantity for one in draft.inputs if one.name == "level")
    assert level is not None
    assert (level.estimate, level.standard_uncertainty, level.unit) == (31.0, 0.2, "dB")
    for wrong, why in (
        ('u = "1 %"', "dimension"),
        ('u_relative = "1 %"', "is a level: a part of it means nothing"),
        ('U_relative = "1 %"\nk = 2', "is a level: a part of it means nothing"),
    ):
        text = (HEAD.format(old="") + LEVEL).replace('u = "0.2 dB"', wrong)
        with pytest.raises(InputError, match=why):
            read_calibration(text.encode())


def test_the_drift_of_a_level_is_an_amount_and_its_unit_a_level() -> None:
    drift = LEVEL + 'drift = { bound = "0.2 dB/a", source = "history" }\n'
    assert read("", more=drift).results[1].drift is not None
    with pytest.raises(InputError, match="a part of it means nothing"):
        read("", more=drift.replace("0.2 dB/a", "0.2 %/a"))
    with pytest.raises(UnitError, match="dimension"):
        read("", more=LEVEL + 'unit = "1"\n')
