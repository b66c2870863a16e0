"""Every kind that a metric returns bears on an attribute, or on none for a reason."""

from __future__ import annotations

import pytest

from qtrace.metrics.attribute_rows import ON_NONE, ROWS
from qtrace.metrics.attributes import (
    ATTRIBUTES,
    Attribute,
    Weight,
    bearings_of,
    why_on_none,
)
from qtrace.metrics.catalogue import METRICS, PROTOCOLS
from qtrace.quantity.kinds import KINDS

RETURNED = sorted(
    {one.result_kind for one in METRICS}
    | {one.result_kind for form in PROTOCOLS for one in form.record_metrics}
)


@pytest.mark.parametrize("kind", RETURNED)
def test_what_a_metric_returns_bears_on_an_attribute_or_says_why_not(kind: str) -> None:
    assert bool(bearings_of(kind)) is not bool(why_on_none(kind))


def test_every_known_kind_stands_once_and_no_other() -> None:
    listed = [kind for row in ROWS for kind in row.kinds]
    listed += [kind for kinds, _ in ON_NONE for kind in kinds]
    assert len(listed) == len(set(listed))
    assert set(listed) <= set(KINDS)


def test_a_kind_that_nobody_mapped_bears_on_nothing_and_has_no_reason() -> None:
    assert bearings_of("no_such_kind") == ()
    assert why_on_none("no_such_kind") == ""


@pytest.mark.parametrize(
    ("kind", "attribute", "weight"),
    [
        ("time_deviation", Attribute.STABILITY, Weight.OF),
        ("time_scale_difference", Attribute.SYNCHRONIZATION, Weight.OF),
        ("time_scale_difference", Attribute.ACCURACY, Weight.OF),
        ("key_length_certified", Attribute.SECURITY, Weight.OF),
        ("qber", Attribute.SECURITY, Weight.CONDITION),
        ("key_length_finite", Attribute.SECURITY, Weight.CONDITION),
        ("wineland_parameter", Attribute.SENSITIVITY, Weight.OF),
        # Without the contrast it says nothing of what can be seen.
        ("kitagawa_ueda_parameter", Attribute.SENSITIVITY, Weight.CONDITION),
    ],
)
def test_bearings_that_matter(kind: str, attribute: Attribute, weight: Weight) -> None:
    assert weight in {one.weight for one in bearings_of(kind) if one.attribute is attribute}


def test_stability_says_nothing_of_accuracy() -> None:
    on = {one.attribute for one in bearings_of("time_deviation")}
    assert on == {Attribute.STABILITY}


def test_traceability_is_no_matter_of_kinds() -> None:
    assert all(Attribute.TRACEABILITY not in {a for a, _ in row.on} for row in ROWS)


def test_all_six_are_defined_and_accuracy_is_no_quantity() -> None:
    assert set(ATTRIBUTES) == set(Attribute)
    assert len(Attribute) == 6
    assert "not a quantity" in ATTRIBUTES[Attribute.ACCURACY].term
    assert "uncertainty" in ATTRIBUTES[Attribute.ACCURACY].shown_as
    assert "no probability" in ATTRIBUTES[Attribute.SECURITY].shown_as
