"""Bell-state measurements: limits of linear optics, and efficiencies above them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.states.bell_measurement import (
    bell_efficiency,
    certain_limit,
    check_bell_efficiency,
    exceeds_limit,
    linear_optics_limit,
)


@pytest.mark.parametrize(
    ("identified", "ancillary", "limit"),
    [(1, 0, 0.25), (2, 0, 0.5), (4, 2, 0.75), (4, 6, 0.875), (3, 2, 0.75), (1, 2, 0.25)],
)
def test_limits(identified: int, ancillary: int, limit: float) -> None:
    assert linear_optics_limit(identified, ancillary_photons=ancillary) == pytest.approx(limit)


@given(identified=st.integers(1, 4), ancillary=st.integers(1, 40))
def test_no_limit_is_above_one_or_what_is_identified(identified: int, ancillary: int) -> None:
    found = linear_optics_limit(identified, ancillary_photons=ancillary)
    assert 0.0 < found < 1.0 or found == identified / 4
    assert found <= identified / 4


def test_what_is_certain_with_ancillae_is_a_quarter_for_each_state() -> None:
    assert (
        certain_limit(4, ancillary_photons=2) == 1.0 > linear_optics_limit(4, ancillary_photons=2)
    )
    assert certain_limit(2) == linear_optics_limit(2) == 0.5
    with pytest.raises(InputError, match="tells 2 Bell states apart"):
        certain_limit(3)


def test_more_than_two_states_need_ancillary_photons() -> None:
    with pytest.raises(InputError, match="tells 2 Bell states apart") as caught:
        linear_optics_limit(3)
    assert "ancillary" in caught.value.next_step
    with pytest.raises(InputError, match="5 of four"):
        linear_optics_limit(5, ancillary_photons=2)
    with pytest.raises(InputError, match="cannot be"):
        linear_optics_limit(1, ancillary_photons=-1)


def test_efficiency() -> None:
    assert bell_efficiency(50, 200) == 0.25
    for identified, arriving in ((3, 2), (-1, 2), (0, 0)):
        with pytest.raises(InputError, match="cannot be"):
            bell_efficiency(identified, arriving)


def test_above_the_limit_is_refused_only_beyond_scatter() -> None:
    assert check_bell_efficiency(52, 200, limit=0.25) == pytest.approx(0.26)
    assert not exceeds_limit(52, 200, 0.25)
    with pytest.raises(InputError, match=r"0\.3 is above 0\.25"):
        check_bell_efficiency(6000, 20_000, limit=0.25)
