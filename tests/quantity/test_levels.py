"""The decibel is a scale of its own: never mixed with numbers, never converted by a unit."""

from __future__ import annotations

import pytest

from qtrace.errors import UnitError
from qtrace.quantity.dimension import DIMENSIONLESS, LEVEL, dimension_of, has_level
from qtrace.quantity.kinds import KINDS, kind
from qtrace.quantity.level_kinds import LEVEL_ROWS
from qtrace.quantity.notation import format_value
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import parse_quantity


def test_a_level_is_read_as_it_is_written() -> None:
    level = parse_quantity("173 dB")
    assert (level.si, level.unit.code, level.unit.dimension) == (173.0, "dB", LEVEL)
    assert LEVEL != DIMENSIONLESS
    assert parse_quantity("0.2 dB/km").si == pytest.approx(2e-4)  # per metre
    assert parse_unit("dB/km").dimension == dimension_of(dB=1, m=-1)
    assert format_value(173.0, 3.0, "dB") == "173.0(30) dB"


@pytest.mark.parametrize("code", ["dBm", "dBW", "mdB", "db", "DB", "Np"])
def test_levels_with_a_reference_and_look_alikes_are_refused(code: str) -> None:
    with pytest.raises(UnitError):
        parse_unit(code)


def test_whatever_holds_a_level_is_known_to() -> None:
    assert has_level(parse_unit("dB/km").dimension)
    assert has_level(parse_unit("dB").dimension)
    assert not has_level(parse_unit("/km").dimension)


def test_only_kinds_of_levels_have_the_unit_dB_and_say_of_what() -> None:  # noqa: N802 - a unit
    levels = {row.name for row in LEVEL_ROWS}
    for one in KINDS.values():
        assert (one.unit == "dB") == (one.name in levels) == (one.scale == "level")
        assert (one.level in {"power", "amplitude"}) == (one.name in levels)
    assert kind("optical_isolation").level == "power"
    assert kind("transmittance").scale == "linear"
