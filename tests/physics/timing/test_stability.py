"""Deviations against published series, plain definitions and laws; large offsets; gaps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stability_series import ESTIMATORS, REFERENCE, SERIES, by_definition, frequency

from qtrace.errors import InputError
from qtrace.physics.timing.deviations import decade_factors, octave_factors
from qtrace.physics.timing.phase_gaps import phase_of_frequency
from qtrace.physics.timing.stability import adev, hdev, mdev, oadev, ohdev, tdev

EXPECTED = 1e-9  # relative: the promise; reached are a few 1e-14
PRINTED = 5e-7  # relative: seven printed digits
STABLE32 = 5e-5  # relative: five printed digits
SMALL = ("adev", "oadev", "mdev", "hdev", "ohdev")


@pytest.mark.parametrize("series", SERIES)
def test_every_expected_value_and_its_terms(series: str) -> None:
    phase = phase_of_frequency(frequency(series), interval_s=1.0)
    for factor, row in REFERENCE[series]["expected"].items():
        for kind, (value, terms) in row.items():
            found = ESTIMATORS[kind](phase, interval_s=1.0, factors=[int(factor)])
            assert found.value[0] == pytest.approx(value, rel=EXPECTED), (kind, factor)
            assert found.terms[0] == terms, (kind, factor)
            assert found.kind == kind
            assert found.tau_s[0] == float(factor)


@pytest.mark.parametrize("series", SERIES)
def test_published_values_to_the_printed_digits(series: str) -> None:
    phase = phase_of_frequency(frequency(series), interval_s=1.0)
    compared = 0
    for factor, row in REFERENCE[series]["published"].items():
        for name, value in row.items():
            kind = name.split("_", maxsplit=1)[0]
            if kind not in ESTIMATORS or "endpoint_matched" in name:
                continue
            white = {"bias_corrected_for": 0} if "bias_corr" in name or kind == "htotdev" else {}
            found = ESTIMATORS[kind](phase, interval_s=1.0, factors=[int(factor)], **white)
            accuracy = STABLE32 if "stable32" in name else PRINTED
            assert found.value[0] == pytest.approx(value, rel=accuracy), (name, factor)
            compared += 1
    assert compared >= 24


def test_the_interval_scales_time_and_frequency() -> None:
    y = frequency("thousand")
    slow = phase_of_frequency(y, interval_s=10.0)
    fast = phase_of_frequency(y, interval_s=1.0)
    for kind, power in (("adev", 0), ("mdev", 0), ("ohdev", 0), ("totdev", 0), ("tdev", 1)):
        one = ESTIMATORS[kind](fast, interval_s=1.0, factors=[1, 7])
        ten = ESTIMATORS[kind](slow, interval_s=10.0, factors=[1, 7])
        np.testing.assert_allclose(ten.value, one.value * 10.0**power, rtol=1e-12)
        np.testing.assert_allclose(ten.tau_s, one.tau_s * 10.0)
    assert one.record_s == 1000.0


def test_a_second_of_offset_and_a_ppm_do_not_hide_100_fs() -> None:
    # 1e6 samples: the offsets are 1e13 times the noise; plain sums of phase are wrong by 1 or more.
    generator = np.random.default_rng(20_240_601)
    noise = 1e-13 * generator.standard_normal(1_000_000)
    factors = [1, 64, 4096, 262_144]
    truth = mdev(noise, interval_s=1.0, factors=factors)
    given_s = noise + 1.0 + 1e-6 * np.arange(1_000_000)
    found = mdev(given_s, interval_s=1.0, factors=factors)
    np.testing.assert_allclose(found.value, truth.value, rtol=1e-3)
    # What is lost was lost when the phase was rounded to double precision, not here: the same
    # input summed in extended precision gives the same.
    index = np.arange(1_000_000, dtype=np.longdouble)
    exact = given_s.astype(np.longdouble)
    exact -= exact[0]
    exact -= index * (exact[-1] / (len(exact) - 1))
    sums = np.concatenate((np.zeros(1, np.longdouble), np.cumsum(exact)))
    for factor, value in zip(factors, found.value, strict=True):
        steps = (
            sums[3 * factor :]
            - 3 * sums[2 * factor : len(sums) - factor]
            + 3 * sums[factor : len(sums) - 2 * factor]
            - sums[: len(sums) - 3 * factor]
        )
        whole = float(np.sqrt(np.mean(steps**2) / 2) / np.longdouble(factor) ** 2)
        assert value == pytest.approx(whole, rel=1e-6)


@given(
    st.lists(st.integers(-1000, 1000), min_size=13, max_size=40),
    st.sets(st.integers(0, 39), max_size=8),
    st.integers(1, 4),
)
@settings(max_examples=60, deadline=None)  # the first call compiles
def test_gaps_leave_out_what_is_incomplete(values: list[int], holes: set[int], factor: int) -> None:
    phase = np.array(values, dtype=float)
    phase[[hole for hole in holes if hole < len(phase)]] = math.nan
    for kind in SMALL:
        value, terms = by_definition(phase, kind=kind, factor=factor)
        found = ESTIMATORS[kind](phase, interval_s=1.0, factors=[factor], most_missing=1.0)
        assert found.terms[0] == terms
        assert found.value[0] == pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True)


def test_a_gap_is_not_closed_up() -> None:
    phase = np.cumsum(np.random.default_rng(3).standard_normal(400))
    holed = phase.copy()
    holed[100:140] = math.nan
    closed = holed[~np.isnan(holed)]
    kept = oadev(holed, interval_s=1.0, factors=[8])
    assert kept.terms[0] < 400 - 16
    assert kept.missing == 40
    assert kept.samples == 400
    assert kept.value[0] != pytest.approx(
        oadev(closed, interval_s=1.0, factors=[8]).value[0], rel=1e-3
    )
    with pytest.raises(
        InputError, match="40 of 400 phase samples are missing, the first at index 100"
    ):
        oadev(holed, interval_s=1.0, factors=[8], gaps="refuse")
    with pytest.raises(InputError, match=r"share of 0\.05"):
        tdev(holed, interval_s=1.0, most_missing=0.05)


@given(
    st.lists(st.floats(-1e-6, 1e-6), min_size=20, max_size=60),
    st.floats(-1e-3, 1e-3),
    st.floats(-1e-6, 1e-6),
    st.floats(0.1, 1e3),
)
@settings(max_examples=60, deadline=None)  # the first call compiles
def test_offset_and_slope_do_not_matter_and_scale_does(
    values: list[float], offset: float, slope: float, scale: float
) -> None:
    phase = np.array(values)
    moved = phase + offset + slope * np.arange(len(phase))
    rounding = 1e-15 * (abs(offset) + abs(slope) * len(phase) + 1e-6) * 10.0
    for kind in (*SMALL, "tdev", "totdev"):
        base = ESTIMATORS[kind](phase, interval_s=1.0, factors=[1, 3])
        shifted = ESTIMATORS[kind](moved, interval_s=1.0, factors=[1, 3])
        scaled = ESTIMATORS[kind](scale * phase, interval_s=1.0, factors=[1, 3])
        np.testing.assert_allclose(shifted.value, base.value, rtol=1e-6, atol=rounding)
        np.testing.assert_allclose(scaled.value, scale * base.value, rtol=1e-9, atol=1e-18 * scale)


def test_hadamard_is_blind_to_drift_and_allan_is_not() -> None:
    drift = 1e-9 * np.arange(300.0) ** 2
    assert ohdev(drift, interval_s=1.0, factors=[5]).value[0] < 1e-18
    assert hdev(drift, interval_s=1.0, factors=[5]).value[0] < 1e-18
    # Second difference of a t^2 is 2 a tau^2: the deviation is sqrt(2) a tau.
    assert adev(drift, interval_s=1.0, factors=[5]).value[0] == pytest.approx(
        math.sqrt(2.0) * 1e-9 * 5.0, rel=1e-9
    )


def test_factors_reach_as_far_as_the_record() -> None:
    assert octave_factors(1001).tolist() == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert octave_factors(1001, kind="mtie").tolist()[-1] == 512
    assert octave_factors(1001, kind="mdev", least_terms=300).tolist()[-1] == 128
    assert decade_factors(1001).tolist() == [1, 2, 4, 10, 20, 40, 100, 200]
    assert mdev(np.zeros(12), interval_s=1.0).factors.tolist() == [1, 2, 4]
    assert mdev(np.zeros(12), interval_s=1.0, factors=[4]).terms[0] == 1


@pytest.mark.parametrize(
    ("phase", "changes", "message"),
    [
        (np.zeros(2), {}, "too short for mdev"),
        (np.zeros(30), {"factors": [11]}, "factor 11 does not fit 30"),
        (np.zeros(30), {"factors": [0]}, "factor 0 does not fit"),
        (np.zeros(30), {"factors": [1.5]}, "whole numbers"),
        (np.zeros(30), {"factors": []}, "whole numbers"),
        (np.zeros(30), {"interval_s": 0.0}, "no spacing"),
        (np.zeros(30), {"interval_s": math.nan}, "no spacing"),
        (np.zeros((5, 6)), {}, "one row"),
        (np.zeros(30, dtype=complex), {}, "one row"),
        (np.array([0.0, math.inf, 0.0, 1.0]), {}, "infinite"),
        (np.zeros(30), {"gaps": "fill"}, "no way to treat gaps"),
        (np.full(30, math.nan), {}, "30 of 30 phase samples are missing"),
    ],
)
def test_bad_input_is_refused(phase: np.ndarray, changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        mdev(phase, **({"interval_s": 1.0} | changes))


def test_integer_phase_is_taken() -> None:
    whole = np.array([0, 3, 1, 4, 1, 5, 9, 2, 6], dtype=np.int64)
    assert oadev(whole, interval_s=1.0, factors=[1]).value[0] == pytest.approx(
        by_definition(whole.astype(float), kind="oadev", factor=1)[0]
    )
