"""Werner relations: there and back, and the published three-way match."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.entangled.chsh import LOCAL_LIMIT
from qtrace.physics.entangled.werner import (
    accidental_free_visibility,
    chsh_of_visibility,
    error_rate_of_visibility,
    fidelity_of_visibility,
    visibility_of_chsh,
    visibility_of_error_rate,
)

ROUNDING = 1e-12  # relative
QUIET = settings(max_examples=40, derandomize=True, deadline=None)


@QUIET
@given(st.floats(0.0, 1.0))
def test_there_and_back(visibility: float) -> None:
    error = error_rate_of_visibility(visibility)
    assert visibility_of_error_rate(error) == pytest.approx(visibility, abs=ROUNDING)
    assert visibility_of_chsh(chsh_of_visibility(visibility)) == pytest.approx(
        visibility, abs=ROUNDING
    )


def test_the_limits_of_a_violation() -> None:
    visibility = visibility_of_chsh(LOCAL_LIMIT)
    assert visibility == pytest.approx(0.7071, abs=5e-5)
    assert fidelity_of_visibility(visibility) == pytest.approx(0.7803, abs=5e-5)


def test_accidentals_subtracted_flatter_the_visibility() -> None:
    raw = visibility_of_error_rate(80 / 1000)
    assert accidental_free_visibility(80, 920, 0) == pytest.approx(raw, rel=ROUNDING)
    # 100 accidentals, 50 of them errors: 30 errors of 900 are left.
    assert accidental_free_visibility(80, 920, 100) == pytest.approx(1 - 60 / 900, rel=ROUNDING)
    with pytest.raises(InputError, match="leave no counts"):
        accidental_free_visibility(80, 920, 1000)
