from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qtrace.errors import InputError
from qtrace.laboratory.laboratory import Laboratory, Route

if TYPE_CHECKING:
    from tests.registry.conftest import World


def test_a_laboratory_comes_back_with_its_scope(full_world: World) -> None:
    with full_world.database.read() as reader:
        laboratory = reader.laboratories.by_id("LAB")
        assert reader.laboratories.all() == (laboratory,)
    (scope,) = laboratory.competences
    assert (laboratory.name, laboratory.country) == ("A laboratory", "US")
    assert (scope.kind, scope.route, scope.relative) == ("transmittance", Route.ACCREDITED, True)
    assert (scope.low, scope.high, scope.expanded_uncertainty) == (0.0, 1.0, 0.01)
    assert scope.valid_until - scope.valid_from == timedelta(days=365)
    assert scope.reference == "S1"


def test_competence_grows_by_rows(full_world: World) -> None:
    with full_world.database.read() as reader:
        (scope,) = reader.laboratories.by_id("LAB").competences
    later = replace(scope, kind="wavelength", relative=False)
    with full_world.writes() as unit:
        unit.laboratories.add_competences("LAB", (later,))
    with full_world.database.read() as reader:
        assert reader.laboratories.by_id("LAB").competences == (scope, later)
    with full_world.database.read(as_of=5) as reader:
        assert reader.laboratories.by_id("LAB").competences == (scope,)


def test_a_laboratory_is_recorded_once(full_world: World) -> None:
    with (
        pytest.raises(InputError, match="laboratory LAB is already recorded as A laboratory"),
        full_world.writes() as unit,
    ):
        unit.laboratories.add(Laboratory("LAB", "Another"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"low": math.nan}, "nan is not a number"),
        ({"high": math.inf}, "inf is not a number"),
        ({"low": 2.0}, "ck_competence_range"),
        ({"expanded_uncertainty": -1.0}, "ck_competence_expanded_uncertainty"),
    ],
)
def test_a_wrong_scope_is_refused_with_its_laboratory(
    full_world: World, change: dict[str, float], message: str
) -> None:
    with full_world.database.read() as reader:
        (scope,) = reader.laboratories.by_id("LAB").competences
    with pytest.raises(InputError, match=message), full_world.writes() as unit:
        unit.laboratories.add(Laboratory("LAB2", "Two", "", (replace(scope, **change),)))
    with full_world.database.read() as reader, pytest.raises(InputError, match="LAB2"):
        reader.laboratories.by_id("LAB2")


def test_unknown_laboratory_comes_with_close_ones(full_world: World) -> None:
    with full_world.database.read() as reader, pytest.raises(InputError) as caught:
        reader.laboratories.by_id("LABB")
    assert "did you mean LAB" in caught.value.next_step
