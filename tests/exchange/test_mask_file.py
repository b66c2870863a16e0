"""Masks from files: those of ITU-T that travel with the product, own ones, mistakes."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from qtrace.errors import InputError
from qtrace.exchange.mask_file import read_masks
from qtrace.physics.timing.mask import mask_value

ITU_T = Path(__file__).parents[2] / "data" / "masks" / "itu_t.toml"
MASK = """
[[mask]]
id = "LAB-1"
quantity = "time_deviation"
source = "laboratory note 7, page 3"
segments = [[1, 100, 1e-12, 0], [100, inf, 0, 1e-14]]
"""
LIMIT = """
[[limit]]
id = "LAB-TE"
quantity = "maximum_absolute_time_error"
limit_s = 5e-12
source = "laboratory note 7, page 4"
"""


def test_an_own_mask() -> None:
    found = read_masks((MASK + LIMIT).encode(), name="own.toml")
    mask = found.masks["LAB-1"]
    assert mask.segments == ((1.0, 100.0, 1e-12, 0.0), (100.0, math.inf, 0.0, 1e-14))
    assert mask.confidence == "user"
    assert mask.reference == ""
    assert found.limits["LAB-TE"].limit_s == 5e-12
    assert len(found.digest) > 20


@pytest.mark.parametrize(
    ("name", "tau_s", "limit_s"),
    [
        ("G.811-PRC-TDEV", 10.0, 3e-9),
        ("G.811-PRC-TDEV", 500.0, 15e-9),
        ("G.811-PRC-MTIE", 1000.0, 300e-9),
        ("G.811-PRC-MTIE", 10_000.0, 390e-9),
        ("G.8272-PRTC-A-MTIE", 100.0, 52.5e-9),
        ("G.8272-PRTC-A-MTIE", 1e5, 100e-9),
        ("G.8272-PRTC-A-TDEV", 1e4, 30e-9),
        ("G.8272-PRTC-B-MTIE", 60.0, 40e-9),
        ("G.8272-PRTC-B-TDEV", 200.0, 2e-9),
        ("G.8272.1-ePRTC-MTIE", 0.5, 4e-9),
        ("G.8272.1-ePRTC-MTIE", 100.0, 15.004e-9),
        ("G.8272.1-ePRTC-MTIE", 1e6, 30e-9),
        ("G.8272.1-ePRTC-TDEV", 1e5, 3.33333e-9),
        ("G.8273.2-C-DTE-LOW-MTIE", 1000.0, 10e-9),
        ("G.8273.2-A-DTE-LOW-TDEV", 100.0, 4e-9),
    ],
)
def test_itu_t(name: str, tau_s: float, limit_s: float) -> None:
    found = read_masks(ITU_T)
    assert float(mask_value(found.masks[name], tau_s)) == pytest.approx(limit_s, rel=1e-9)


def test_itu_t_says_what_was_not_checked() -> None:
    found = read_masks(ITU_T)
    assert len(found.masks) == 14
    assert len(found.limits) == 13
    for row in (*found.masks.values(), *found.limits.values()):
        assert row.confidence == "secondary"
        assert "edition not checked" in row.source
        assert row.reference
        assert (row.reference == "UTC") == ("PRTC" in row.name)
    assert found.limits["G.8273.2-B-CTE"].limit_s == 20e-9
    assert found.limits["G.8272-PRTC-B-TE"].limit_s == 40e-9
    assert found.limits["G.8273.2-D-TE-LOW"].limit_s == 5e-9


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('source = "laboratory note 7, page 3"\n', "", 'field "source" is missing'),
        ('source = "laboratory note 7, page 3"', 'source = " "', "is empty"),
        ("time_deviation", "time_deviatoin", 'did you mean "time_deviation"'),
        ("[1, 100, 1e-12, 0]", "[1, 100, 1e-12]", "segment 1 has 3 numbers"),
        ("[1, 100, 1e-12, 0]", "[100, 1, 1e-12, 0]", "does not follow"),
        ("[100, inf", "[50, inf", "segment 2 from 50 s"),
        ("[1, 100, 1e-12, 0]", "[-1, 100, 1e-12, 0]", "does not follow"),
        ("1e-12, 0]", "0, 0]", "has the limit 0"),
        ("1e-12, 0]", "-1e-12, 0]", "has the limit"),
        ("1e-12, 0]", "inf, 0]", "has the limit inf"),
        ("1e-12, 0]", "nan, 0]", "is not a number"),
        ("1e-12, 0]", '"abc", 0]', "'abc' is not a number"),
        ("segments = [[1, 100, 1e-12, 0], [100, inf, 0, 1e-14]]", "segments = []", "no segment"),
        ("segments =", "segment =", 'line 6 has "segment"'),
        ('id = "LAB-1"', 'id = "LAB-1"\nunit = "ns"', 'unknown field "unit"'),
        ('id = "LAB-1"', 'id = "LAB-1"\nconfidence = "sure"', "not one of the words"),
        ("limit_s = 5e-12", "limit_s = 0", "is no limit"),
        ("limit_s = 5e-12", "limit_s = inf", "is no limit"),
        ('id = "LAB-TE"', 'id = "LAB-1"', "given twice"),
        ('quantity = "maximum_absolute', 'quantity = "time_', "not one of the words"),
    ],
)
def test_mistakes_are_named(old: str, new: str, message: str) -> None:
    text = MASK + LIMIT
    assert old in text
    with pytest.raises(InputError) as caught:
        read_masks(text.replace(old, new, 1).encode(), name="own.toml")
    assert message in caught.value.diagnostics()
    assert "own.toml" in caught.value.where


def test_nothing_and_twice() -> None:
    with pytest.raises(InputError, match="holds no mask"):
        read_masks(b"", name="empty.toml")
    with pytest.raises(InputError, match="given twice"):
        read_masks((MASK + MASK).encode(), name="own.toml")
    with pytest.raises(InputError, match="cannot be read"):
        read_masks(Path("no-such-mask.toml"))
