"""Checked probes: share, exact interval, what is left to sense."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.proportions import clopper_pearson
from qtrace.physics.sensing.secure_share import (
    ProbeCheck,
    probes_left,
    secure_share,
    secure_share_interval,
)

CHECKS = (
    st.tuples(st.integers(0, 300), st.integers(0, 300)).filter(any).map(lambda p: ProbeCheck(*p))
)


def test_by_hand() -> None:
    x, z = ProbeCheck(2, 98), ProbeCheck(1, 199)
    assert secure_share(x, z) == pytest.approx(0.975)
    found = secure_share_interval(x, z, probability=0.95)
    parts = [clopper_pearson(k, n, probability=0.975) for k, n in ((2, 100), (1, 200))]
    assert found.low == pytest.approx(1.0 - sum(one.high for one in parts))
    assert found.high == pytest.approx(1.0 - sum(one.low for one in parts))
    assert probes_left(10_000, x, z) == 9700


def test_it_covers_what_it_says() -> None:
    generator = np.random.default_rng(3)
    for ex, ez, n in ((0.0, 0.0, 20), (0.01, 0.05, 60), (0.2, 0.2, 40)):
        hits = 0
        for failed in zip(
            generator.binomial(n, ex, 2000), generator.binomial(n, ez, 2000), strict=True
        ):
            x, z = (ProbeCheck(int(k), n - int(k)) for k in failed)
            low, high, _ = secure_share_interval(x, z, probability=0.9)
            hits += low <= 1.0 - ex - ez <= high
        assert hits / 2000 >= 0.9


@given(CHECKS, CHECKS)
def test_the_share_lies_inside(x: ProbeCheck, z: ProbeCheck) -> None:
    found = secure_share_interval(x, z, probability=0.95)
    assert found.low <= max(0.0, secure_share(x, z)) <= found.high <= 1.0


def test_no_failure_is_no_certainty() -> None:
    clean = ProbeCheck(0, 10)
    assert secure_share(clean, clean) == 1.0
    assert secure_share_interval(clean, clean, probability=0.95).low < 0.4


@pytest.mark.parametrize("x", [ProbeCheck(0, 0), ProbeCheck(-1, 5)])
def test_a_basis_without_checks_is_refused(x: ProbeCheck) -> None:
    with pytest.raises(InputError, match="basis x"):
        secure_share(x, ProbeCheck(0, 5))


def test_more_checked_than_shared_is_refused() -> None:
    some = ProbeCheck(0, 10)
    for shared in (19, 30.5):
        with pytest.raises(InputError) as caught:
            probes_left(shared, some, some)
        assert caught.value.where == "probes_shared"
