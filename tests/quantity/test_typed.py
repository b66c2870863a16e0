"""What people type as a limit or a share becomes a number, or is refused by name."""

from __future__ import annotations

import pytest

from qtrace.errors import InputError, UnitError
from qtrace.quantity.typed import typed_number, typed_share


def test_quantities_come_in_the_unit_that_is_asked_for() -> None:
    assert typed_number("12.5 kHz", unit="Hz", where="--at-most") == 12500.0
    assert typed_number("95 %", unit="1", where="--at-most") == 0.95
    assert typed_number("", unit="Hz", where="--at-most") is None


@pytest.mark.parametrize("text", ["nan", "inf", "3,5", "3  Hz", "0x10", "Hz"])
def test_what_is_no_quantity_is_refused_at_its_option(text: str) -> None:
    with pytest.raises(InputError) as refused:
        typed_number(text, unit="Hz", where="--at-most")
    assert refused.value.where.startswith("--at-most")


def test_another_dimension_is_refused() -> None:
    with pytest.raises(UnitError, match="not in a unit of the result"):
        typed_number("3 W", unit="Hz", where="--at-least")


@pytest.mark.parametrize("text", ["0.02", "2%", "2 %", "2e-2"])
def test_a_share_has_two_spellings(text: str) -> None:
    assert typed_share(text, where="--risk") == pytest.approx(0.02)
    assert typed_share("", where="--risk") is None


@pytest.mark.parametrize("text", ["2", "-1 %", "nan", "2 % of", "%", "101 %", "0,02"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(InputError) as refused:
        typed_share(text, where="--risk")
    assert refused.value.where.startswith("--risk")
