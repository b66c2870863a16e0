"""Baseline files: what is read, and what is refused with line and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from qtrace.errors import InputError, QtraceError
from qtrace.exchange.baseline_file import read_baseline_file, shipped_baselines

GOOD = """[[baseline]]
id = "B-1"
item = "timing.time_deviation"
kind = "time_deviation"
value = "5 ps"
u = "0.5 ps"
better = "lower"
title = "two-way"
source = "ours"
tag = "declared"
conditions = { averaging_time = "100 s" }
"""
CATEGORICAL = """[[baseline]]
id = "B-2"
item = "qkd.certified_key"
categorical = true
title = "public-key exchange"
source = "ours"
tag = "declared"
"""


def read(text: str) -> object:
    return read_baseline_file(text.encode(), name="b.toml")


def test_a_baseline_is_read_in_si_units() -> None:
    (found,) = read_baseline_file(GOOD.encode(), name="b.toml").baselines
    one = found.baseline
    assert one.value == pytest.approx(5e-12, rel=1e-15)
    assert one.standard_uncertainty == pytest.approx(0.5e-12, rel=1e-15)
    assert (one.text, one.compares, one.better) == ("5 ps", "value", "lower")
    assert one.conditions == (("averaging_time", "100 s"),)
    assert "b.toml" in str(found.place)


def test_an_uncertainty_that_is_left_out_stays_unknown() -> None:
    text = GOOD.replace('u = "0.5 ps"\n', "")
    assert read_baseline_file(text.encode()).baselines[0].baseline.standard_uncertainty is None


def test_a_bound_is_marked_as_one() -> None:
    text = GOOD.replace('tag = "declared"', 'tag = "declared"\nbound = true')
    assert read_baseline_file(text.encode()).baselines[0].baseline.bound
    assert not read_baseline_file(GOOD.encode()).baselines[0].baseline.bound
    found = read_baseline_file(Path("classical_2026")).baselines
    marked = {one.baseline.baseline_id for one in found if one.baseline.bound}
    assert marked == {"WHITE-RABBIT-LEVEL", "PTP-LEVEL"}
    for one in found:
        said = one.baseline.title.split(": ")[-1]
        assert said.startswith("below") == one.baseline.bound, "what says below is a bound"


def test_a_categorical_one_has_no_number() -> None:
    one = read_baseline_file(CATEGORICAL.encode()).baselines[0].baseline
    assert one.categorical
    assert (one.value, one.standard_uncertainty) == (None, None)


def test_a_measured_one_names_its_result() -> None:
    text = GOOD.replace('value = "5 ps"\nu = "0.5 ps"\n', 'result = "RUN/recomputation/x"\n')
    one = read_baseline_file(text.replace('"declared"', '"measured"').encode()).baselines[0]
    assert one.baseline.label == "RUN/recomputation/x"
    assert one.baseline.value is None
    assert not one.baseline.categorical


@pytest.mark.parametrize(
    ("was", "now", "named"),
    [
        ('id = "B-1"\n', "", "id"),
        ('"timing.time_deviation"', '"TDEV"', "item"),
        ('kind = "time_deviation"', 'kind = "time_deviatoin"', "time_deviation"),
        ('kind = "time_deviation"', 'kind = "time_interval"', "is a time_deviation, the baseline"),
        ('"5 ps"', '"5 km"', "value"),
        ('"5 ps"', '"5"', "value"),
        ('"5 ps"', '"-5 ps"', "value"),
        ('"0.5 ps"', '"-0.5 ps"', "u"),
        ('"0.5 ps"', '"5 %"', "u"),
        ('"lower"', '"less"', "better"),
        ('"declared"', '"hearsay"', "tag"),
        ('"declared"', '"measured"', "result"),
        ('tag = "declared"', 'tag = "declared"\nresult = "X/y"', "measured"),
        ('averaging_time = "100 s"', 'averaging_time = "100 km"', "averaging_time"),
        ('averaging_time = "100 s"', 'averging_time = "100 s"', "averaging_time"),
        ('source = "ours"\n', "", "source"),
        ('tag = "declared"', 'tag = "declared"\nlevel = 1', "level"),
        ('tag = "declared"', 'tag = "declared"\nbound = "yes"', "bound"),
        (
            'value = "5 ps"\nu = "0.5 ps"\nbetter = "lower"\ntitle = "two-way"\nsource = "ours"\n'
            'tag = "declared"',
            'result = "X/y"\nbetter = "lower"\ntitle = "two-way"\nsource = "ours"\n'
            'tag = "measured"\nbound = true',
            "bound",
        ),
        ('"lower"', '"higher"\ncompares = "uncertainty"', "better"),
    ],
)
def test_what_is_wrong_is_named(was: str, now: str, named: str) -> None:
    assert was in GOOD
    with pytest.raises(QtraceError) as caught:
        read(GOOD.replace(was, now))
    assert named in f"{caught.value.what} {caught.value.where} {caught.value.next_step}"
    assert "b.toml" in caught.value.where


@pytest.mark.parametrize("item", ["qkd.key_of_tomorrow", "detector.time_deviation_of_mine"])
def test_an_item_that_no_metric_gives_may_have_any_kind(item: str) -> None:
    text = GOOD.replace("timing.time_deviation", item)
    assert read_baseline_file(text.encode()).baselines[0].baseline.item == item


def test_a_kind_is_held_against_the_general_name_too() -> None:
    visibility = GOOD.replace("timing.time_deviation", "teleportation.interference_visibility")
    visibility = visibility.replace('"5 ps"', '"0.5"').replace('"0.5 ps"', '"0"')
    with pytest.raises(InputError, match="is a interference_visibility, the baseline a average"):
        read(visibility.replace('kind = "time_deviation"', 'kind = "average_fidelity"'))
    read(visibility.replace('kind = "time_deviation"', 'kind = "interference_visibility"'))


def test_a_number_beside_a_categorical_one_is_refused() -> None:
    with pytest.raises(InputError, match="value"):
        read(CATEGORICAL + 'value = "1"\n')


def test_an_id_given_twice_and_an_empty_file_are_refused() -> None:
    with pytest.raises(InputError, match="B-1"):
        read(GOOD + GOOD)
    with pytest.raises(InputError, match="no baseline"):
        read("")


def test_shipped_files_are_found_by_name() -> None:
    assert "classical_2026" in shipped_baselines()
    found = read_baseline_file(Path("classical_2026")).baselines
    by_id = {one.baseline.baseline_id: one.baseline for one in found}
    assert by_id["LOCAL-HIDDEN-VARIABLES"].value == 2.0
    assert by_id["CLASSICAL-FIDELITY-SIX-STATES"].value == pytest.approx(2.0 / 3.0, abs=1e-15)
    assert by_id["NO-CLONING-SIX-STATES"].value == pytest.approx(5.0 / 6.0, abs=1e-15)
    assert by_id["CLASSICAL-FIDELITY-TWO-BASES"].value == 0.75
    assert by_id["STANDARD-QUANTUM-LIMIT"].value == 1.0
    adev = by_id["WHITE-RABBIT-ADEV-1S"].value
    assert adev is not None
    # tau ADEV / sqrt(3), as its source says, to the two digits that are given.
    assert by_id["WHITE-RABBIT-TDEV-1S"].value == pytest.approx(adev / 3.0**0.5, rel=0.01)
    for one in by_id.values():
        if one.tag == "from_memory":
            assert one.standard_uncertainty is None, "a remembered number shows nothing"
    with pytest.raises(InputError, match="classical_2027") as caught:
        read_baseline_file(Path("classical_2027"))
    assert "classical_2026" in caught.value.next_step
