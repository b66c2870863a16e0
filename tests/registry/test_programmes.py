from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qtrace.errors import InputError
from qtrace.laboratory.programme import CalibrationProgramme

if TYPE_CHECKING:
    from tests.registry.conftest import World


def test_a_new_decision_stands_beside_the_old_one(full_world: World) -> None:
    first = CalibrationProgramme("D1", "transmittance", 365.0, "owner", full_world.performed)
    later = replace(first, interval_days=180.0, valid_from=first.valid_from + timedelta(days=1))
    with full_world.writes() as unit:
        unit.programmes.add(later)
        # Its ledger entry, and with it the time of its recording, follows last.
        assert [one.recorded_at is None for one in unit.programmes.all()] == [False, True]
    with full_world.database.read() as reader:
        found = reader.programmes.all()
        assert [replace(one, recorded_at=None) for one in found] == [first, later]
        times = [one.recorded_at for one in found]
        assert times == sorted(times)
        assert times[0] != times[1]
        assert reader.programmes.of_device("D1") == found
        assert reader.programmes.of_device("D2") == ()
    with full_world.database.read(as_of=5) as reader:
        assert reader.programmes.all() == found[:1]


@pytest.mark.parametrize(
    ("device_id", "interval", "message"),
    [
        ("D7", 365.0, "no device called 'D7'"),
        ("D1", 0.0, "0 days is none"),
        ("D1", -1.0, "-1 days is none"),
        ("D1", math.nan, "nan is not a number"),
    ],
)
def test_a_wrong_programme_is_refused(
    full_world: World, device_id: str, interval: float, message: str
) -> None:
    programme = CalibrationProgramme(device_id, "k", interval, "owner", full_world.performed)
    with pytest.raises(InputError, match=message), full_world.writes() as unit:
        unit.programmes.add(programme)
    with full_world.database.read() as reader:
        assert len(reader.programmes.all()) == 1
