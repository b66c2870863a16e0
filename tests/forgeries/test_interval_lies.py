"""A validly signed lie about an interval: the figure is right, the interval is too good."""

from __future__ import annotations

import pytest
from forgeries.forger import Forger
from stranger import DEMONSTRATION, Laboratory

from qtrace.errors import IntegrityError

QBER = ("RUN-SYNTHETIC/recomputation", "qber")


def _narrower(payload: dict) -> None:
    (found,) = [
        one
        for one in payload["case"]["dossier"]["results"].values()
        if (one["event_label"], one["name"]) == QBER
    ]
    low, high, p = (float(one) for one in found["interval"])
    half = (high - low) / 4.0
    middle = (high + low) / 2.0
    kind = type(found["interval"])
    text = type(found["interval"][0])
    found["interval"] = kind(text(one) for one in (middle - half, middle + half, p))


def test_an_interval_that_the_counts_do_not_give_is_found(walked: Laboratory) -> None:
    forger = Forger.with_bundle((walked.folder / DEMONSTRATION).read_bytes())
    with pytest.raises(IntegrityError) as caught:
        forger.verify(forger.lie_with_conclusions(_narrower))
    assert "its arguments give the interval" in caught.value.what
