"""Procedures of entangled sensing: what they give, and what they refuse."""

from __future__ import annotations

import pytest

from qtrace.errors import InputError
from qtrace.exchange.reference_files import load_reference_documents
from qtrace.validation.given import CaseFileError, Given
from qtrace.validation.procedures import run_case
from qtrace.validation.sampling import Sampling
from qtrace.validation.sensing import (
    clock_instability,
    level_ratios,
    sensing_limits,
    squeezing_of_moments,
)

NONE = Sampling(0, 0)
SENSING = next(one for one in load_reference_documents() if one.document_id == "sensing")


def given(**data: object) -> Given:
    return Given(data, lambda path: path, "inputs")


def test_every_case_passes() -> None:
    assert len(SENSING.cases) == 8
    assert all(run_case(one).passed for one in SENSING.cases)


def test_levels_from_each_side() -> None:
    for data in ({"level": 4.5}, {"variance": 10**0.45}, {"deviation": 10**0.225}):
        found = level_ratios(given(**data), NONE)
        assert found["variance"].value == pytest.approx(2.8183829, rel=1e-7)
        assert found["deviation"].value == pytest.approx(1.6788040, rel=1e-7)
        assert found["level"].value == pytest.approx(4.5)
    with pytest.raises(CaseFileError):
        level_ratios(given(level=4.5, weather=1.0), NONE)


def test_moments_clocks_and_limits() -> None:
    found = squeezing_of_moments(given(number=100, variance=5.0, length=40.0), NONE)
    assert found["wineland"].value == 0.3125
    clock = {"carrier": 1.0, "interrogation": 1.0, "cycle": 1.0}
    one = clock_instability(given(phase=0.1, averaging=100.0, **clock), NONE)
    other = clock_instability(given(number=100.0, averaging=100.0, **clock), NONE)
    assert one["instability"].value == pytest.approx(other["instability"].value)
    with pytest.raises(InputError, match="shorter"):
        clock_instability(given(phase=0.1, averaging=0.1, **clock), NONE)
    assert set(sensing_limits(given(probes=4), NONE)) == {"independent", "heisenberg"}
