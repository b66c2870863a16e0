"""Register files: laboratories, devices, programmes, links; refused with file, line, field."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qtrace.errors import InputError
from qtrace.exchange.device_file import read_device_class, shipped_device_classes
from qtrace.exchange.register_file import Register, read_register_file
from qtrace.laboratory.laboratory import Route

BAD = "# <- bad"
GOOD = """\
[[laboratory]]
id = "LAB"
name = "A laboratory"
country = "NO"

[[laboratory.competence]]
kind = "indication_ratio"
route = "accredited"
low = 0.5
high = 2.0
U_relative = "0.5 %"
valid_from = 2020-01-01T00:00:00Z
valid_until = 2025-01-01T00:00:00Z
reference = "scope 17"

[[device]]
id = "PM-1"
class = "power_meter"
manufacturer = "Maker"
model = "M"
serial = "1"

[[device]]
id = "PM-2"
class = "power_meter"
manufacturer = "Maker"
model = "M"
serial = "2"

[[programme]]
device = "PM-1"
kind = "indication_ratio"
interval = "1 a"
decided_by = "head of calibration"
valid_from = 2020-06-01T00:00:00+02:00

[[link]]
id = "LINK"
title = "A link"
protocol = "bbm92"
endpoints = ["A", "B"]
watermark = "SYNTHETIC"
documents = { security_target = "ST-1" }

[[link.role]]
role = "receiver_a"
device = "PM-1"

[[link.role]]
role = "receiver_b"
described_as = "unknown"

[[link.declaration]]
name = "efficiency_mismatch"
value = "5 %"
source = "ST-1"
"""


def read(text: str) -> Register:
    return read_register_file(text.encode(), name="r.toml")


def test_every_table_becomes_a_record_in_si_with_its_place() -> None:
    register = read(GOOD)
    competence = register.laboratories[0].record.competences[0]
    assert (competence.low, competence.high, competence.expanded_uncertainty) == (0.5, 2.0, 0.005)
    assert (competence.relative, competence.route) == (True, Route.ACCREDITED)
    assert [item.record.serial for item in register.devices] == ["1", "2"]
    assert str(register.devices[1].place_of("serial")) == "r.toml, line 28, field device[2].serial"
    programme = register.programmes[0].record
    assert programme.interval_days == 365.25
    assert programme.valid_from == datetime(2020, 5, 31, 22, tzinfo=UTC)
    link = register.links[0].record
    assert link.endpoints == ("A", "B")
    assert link.watermark == "SYNTHETIC"
    assert link.documents == {"security_target": "ST-1"}
    (declaration,) = link.declarations
    assert (declaration.value, declaration.unit, declaration.text) == (0.05, "%", "5 %")
    assert [(role.role, role.device_id) for role in link.roles] == [
        ("receiver_a", "PM-1"),
        ("receiver_b", ""),
    ]


@pytest.mark.parametrize(
    ("old", "new", "what", "field"),
    [
        ('id = "LAB"', f'id = "L A B"  {BAD}', "is not an id", "laboratory[1].id"),
        ('country = "NO"', f'land = "NO"  {BAD}', 'unknown field "land"', "laboratory[1].land"),
        ('"accredited"', f'"in_house"  {BAD}', "no recorded competence", "competence[1].route"),
        ("high = 2.0", f"high = 0.2  {BAD}", "runs downward", "competence[1].high"),
        ("high = 2.0", f'high = "2 W"  {BAD}', "1 is expected", "competence[1].high"),
        ('U_relative = "0.5 %"', f'U_relative = "-1 %"  {BAD}', "not above zero", "U_relative"),
        (
            "2025-01-01T00:00:00Z",
            f"2019-01-01T00:00:00Z  {BAD}",
            '"valid_until" is not after "valid_from"',
            "laboratory[1].competence[1].valid_until",
        ),
        ('serial = "2"', f'serial = "1"  {BAD}', "in line 21 and in line 28", "device[2].serial"),
        ('id = "PM-2"', f'id = "PM-1"  {BAD}', "in line 17 and in line 24", "device[2].id"),
        ('interval = "1 a"', f'interval = "1 m"  {BAD}', "s is expected", "programme[1].interval"),
        ('interval = "1 a"', f'interval = "0 a"  {BAD}', "not above zero", "programme[1].interval"),
        (
            "2020-06-01T00:00:00+02:00",
            f"2020-06-01T00:00:00  {BAD}",
            "no time zone",
            "programme[1].valid_from",
        ),
        ('["A", "B"]', f'["A", "A"]  {BAD}', "two different endpoints", "link[1].endpoints"),
        ('"SYNTHETIC"', f'"synthetic"  {BAD}', "not one of", "link[1].watermark"),
        ('value = "5 %"', f'value = "5 dBm"  {BAD}', "is a level", "declaration[1].value"),
        ('role = "receiver_b"', 'role = "receiver_a"', "in line 46 and in line 50", "role[2].role"),
        (
            'described_as = "unknown"',
            f'described_as = "unknown"\ndevice = "PM-2"  {BAD}',
            "one of device and described_as",
            "link[1].role[2].device",
        ),
        ("[[programme]]", f"[[program]]  {BAD}", 'did you mean "programme"', "program"),
    ],
)
def test_bad_input_is_refused_with_file_line_and_field(
    old: str, new: str, what: str, field: str
) -> None:
    assert GOOD.count(old) == 1
    text = GOOD.replace(old, new)
    with pytest.raises(InputError) as caught:
        read(text)
    error = caught.value
    assert what in error.what
    place, _, named = error.where.partition(", field ")
    assert named.endswith(field)
    if BAD in text:
        assert place == f"r.toml, line {text[: text.index(BAD)].count(chr(10)) + 1}"
    assert error.next_step


def test_two_programmes_from_one_day_are_refused_with_both_lines() -> None:
    start = GOOD.index("[[programme]]")
    programme = GOOD[start : GOOD.index("[[link]]")]
    with pytest.raises(InputError, match="is given twice: in line 30 and in line 37"):
        read(GOOD[:start] + programme + programme)


def test_a_file_with_nothing_to_register_is_refused() -> None:
    with pytest.raises(InputError, match="holds nothing to register") as caught:
        read("# empty\n")
    assert caught.value.where == "r.toml, line 1"


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        ('[device_class]\nid = "x"\ntitle = "X"\n', "without kinds", "line 1, field"),
        (
            '[device_class]\nid = "x"\ntitle = "X"\nkinds = [\n  "dead_tim",\n]\n',
            "unknown kind of quantity",
            "line 5, field device_class.kinds[1]",
        ),
        ('[class]\nid = "x"\n', '"device_class" is missing', "line 1, field"),
    ],
)
def test_a_wrong_device_class_is_refused(text: str, what: str, where: str) -> None:
    with pytest.raises(InputError) as caught:
        read_device_class(text.encode(), name="c.toml")
    assert what in caught.value.what
    assert where in caught.value.where


def test_the_shipped_device_classes_can_be_read_and_have_different_ids() -> None:
    ids = [one.class_id for one in shipped_device_classes()]
    assert {"snspd", "power_meter", "optical_switch", "attenuator", "laser", "counter"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_capability_for_a_level_is_an_amount_in_its_scale() -> None:
    text = (
        '[[laboratory]]\nid = "LAB-L"\nname = "L"\ncountry = "NO"\n'
        '[[laboratory.competence]]\nkind = "insertion_loss"\nroute = "accredited"\n'
        'low = "0 dB"\nhigh = "60 dB"\nU_relative = "1 %"\n'
        "valid_from = 2020-01-01T00:00:00Z\nvalid_until = 2025-01-01T00:00:00Z\n"
        'reference = "scope"\n'
    )
    with pytest.raises(InputError, match="a part of it means nothing"):
        read_register_file(text.encode())
    right = text.replace('U_relative = "1 %"', 'U = "0.05 dB"')
    (laboratory,) = read_register_file(right.encode()).laboratories
    assert laboratory.record.competences[0].expanded_uncertainty == 0.05
