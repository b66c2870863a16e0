"""A measurand is a kind at stated conditions, whatever the order in which they were stated."""

from __future__ import annotations

from qtrace.quantity.measurand import Measurand

CONDITIONS = {"wavelength": "1550.5 nm", "reference_plane": "fibre splice"}


def test_the_order_of_the_conditions_does_not_matter() -> None:
    turned = dict(reversed(CONDITIONS.items()))
    assert Measurand.of("dead_time", CONDITIONS) == Measurand.of("dead_time", turned)


def test_another_condition_is_another_measurand() -> None:
    other = Measurand.of("dead_time", {**CONDITIONS, "wavelength": "810 nm"})
    assert Measurand.of("dead_time", CONDITIONS) != other


def test_a_condition_is_found_by_name_and_empty_where_not_stated() -> None:
    measurand = Measurand.of("dead_time", CONDITIONS)
    assert measurand.condition("reference_plane") == "fibre splice"
    assert measurand.condition("bias") == ""
