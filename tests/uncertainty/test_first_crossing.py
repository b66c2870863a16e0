"""Where a falling curve first passes a level."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qtrace.uncertainty.first_crossing import first_fall


def test_the_first_of_several_crossings_is_found_exactly() -> None:
    assert first_fall(np.cos, 0.5, upto=50.0) == pytest.approx(math.pi / 3.0, rel=1e-12)
    assert first_fall(np.cos, 0.5, upto=50.0, start=2.0 * math.pi) == pytest.approx(
        7.0 * math.pi / 3.0, rel=1e-12
    )


def test_below_from_the_start_and_never_below() -> None:
    assert first_fall(lambda t: -t, 0.5, upto=1.0) == 0.0
    assert first_fall(lambda t: 1.0 - t, -1.0, upto=1.0) is None
    assert first_fall(lambda t: 1.0 + t, 0.5, upto=1.0) is None
