"""Run files: disjoint counts, honest times, and refusals with file, line, field."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.exchange.run_file import RunDraft, read_run_file
from qtrace.metrics.catalogue import metric

BAD = "# <- bad"
GOOD = """\
[run]
id = "RUN"
link = "LINK"
started = 2021-07-01T12:00:00Z
ended = 2021-07-01T12:16:40Z
duration = "1000 s"
provenance = "simulated"
key_disposition = "never_used"
from_memory = ["errors"]
notes = ["a note"]

[counts]
sifted_z = 500
errors_z = 10
agreements_x = 480
errors_x = 20

[parameters]
error_correction_efficiency = 1.16
epsilon_sampling = 1e-10
epsilon_correctness = 1e-10
epsilon_privacy = 1e-10

[published]
asymptotic_rate = "0.43 bit/s"
finite_length = 372

[[role]]
role = "receiver_a"
device = "SPD-1"
conditions = { wavelength = "1550.5 nm" }

[[role]]
role = "receiver_b"
described_as = "not registered"
"""


def read(text: str) -> RunDraft:
    return read_run_file(text.encode(), name="run.toml")


def test_a_good_file_is_read_with_counts_as_disjoint_cells() -> None:
    draft = read(GOOD)
    run = draft.run
    assert run.counts == {"errors_z": 10, "agreements_z": 490, "errors_x": 20, "agreements_x": 480}
    assert run.ended == datetime(2021, 7, 1, 12, 16, 40, tzinfo=UTC)
    assert run.published == {"asymptotic_rate": 0.43, "finite_length": 372.0}
    assert (run.provenance, run.key_disposition, run.planned) == ("simulated", "never_used", False)
    assert run.from_memory == ("errors",)
    assert run.roles[0].conditions == {"wavelength": "1550.5 nm"}
    assert run.roles[1].described_as == "not registered"
    assert str(draft.field_places["role:receiver_a"]) == "run.toml, line 30, field role[1].device"
    assert str(draft.field_places["link"]) == "run.toml, line 3, field run.link"


def test_the_parameters_are_those_that_the_finite_key_takes() -> None:
    run = read(GOOD).run
    wanted = {one.name for one in metric("qkd.bbm92.finite_length_gamma").arguments}
    assert wanted == set(run.counts) | set(run.parameters)


@given(errors=st.integers(0, 10**9), sifted=st.integers(0, 10**9))
def test_cells_never_hold_more_errors_than_sifted_bits(errors: int, sifted: int) -> None:
    text = GOOD.replace("sifted_z = 500", f"sifted_z = {sifted}")
    text = text.replace("errors_z = 10", f"errors_z = {errors}")
    if errors > sifted:
        with pytest.raises(InputError, match=f"{errors} errors among {sifted} sifted bits"):
            read(text)
    else:
        counts = read(text).run.counts
        assert counts["errors_z"] + counts["agreements_z"] == sifted


@pytest.mark.parametrize(
    ("old", "new", "what", "field"),
    [
        ("errors_z = 10", f"errors_z = 501  {BAD}", "501 errors among 500", "counts.errors_z"),
        ("errors_z = 10", f"errors_z = -1  {BAD}", "-1 is below 0", "counts.errors_z"),
        ("errors_z = 10", f"errors_z = 10.0  {BAD}", 'field "errors_z" is 10.0', "errors_z"),
        ("errors_z = 10", f"error_z = 10  {BAD}", '"errors_z" is missing', "counts.error_z"),
        (
            "sifted_z = 500",
            f"agreements_z = 490\nsifted_z = 500  {BAD}",
            "the same thing twice",
            "counts.sifted_z",
        ),
        ("12:16:40Z", f"11:16:40Z  {BAD}", '"ended" is not after "started" (line 4)', "run.ended"),
        ("12:16:40Z", f"12:16:40  {BAD}", "no time zone", "run.ended"),
        (
            '"1000 s"',
            f'"990 s"  {BAD}',
            "not that between the times of the run, 1000 s",
            "duration",
        ),
        ('"1000 s"', f'"1000"  {BAD}', "s is expected", "run.duration"),
        ('"simulated"', f'"invented"  {BAD}', "not one of the words", "run.provenance"),
        ('"never_used"', f'"used"  {BAD}', "not one of the words", "run.key_disposition"),
        (
            "= 1.16",
            f"= 0.9  {BAD}",
            "is 1 or more and below 10",
            "error_correction_efficiency",
        ),
        ("epsilon_privacy = 1e-10", f"epsilon_privacy = 0  {BAD}", "above 0", "epsilon_privacy"),
        ("epsilon_privacy = 1e-10", f"epsilon_privacy = 1  {BAD}", "below 1", "epsilon_privacy"),
        ("epsilon_privacy", f"epsilon_privcy = 1e-10  {BAD}\n#", "did you mean", "epsilon_privcy"),
        ('device = "SPD-1"', f'instrument = "SPD-1"  {BAD}', "has one of device", "role[1].device"),
        ('"1550.5 nm"', '"1550.5 s"', "m is expected", "role[1].conditions.wavelength"),
    ],
)
def test_bad_input_is_refused_with_file_line_and_field(
    old: str, new: str, what: str, field: str
) -> None:
    assert GOOD.count(old) == 1
    text = GOOD.replace(old, new)
    with pytest.raises(InputError) as caught:
        read(text)
    error = caught.value
    assert what in error.what
    place, _, named = error.where.partition(", field ")
    assert named.endswith(field)
    assert place.startswith("run.toml, line ")
    if BAD in text and "device" not in field:
        assert place == f"run.toml, line {text[: text.index(BAD)].count(chr(10)) + 1}"
    assert error.next_step


def test_a_run_without_any_count_is_refused() -> None:
    text = GOOD
    for number in ("500", "10", "480", "20"):
        text = text.replace(f"= {number}\n", "= 0\n")
    with pytest.raises(InputError, match="all counts are 0") as caught:
        read(text)
    assert caught.value.where == "run.toml, line 12, field counts"


def test_without_a_written_duration_the_times_of_the_run_stand() -> None:
    run = read(GOOD.replace('duration = "1000 s"\n', "")).run
    assert (run.ended - run.started).total_seconds() == 1000.0


@pytest.mark.parametrize(("epsilon", "sums"), [("0.17", True), ("0.16", False)])
def test_failure_probabilities_that_sum_to_one_are_no_security(epsilon: str, *, sums: bool) -> None:
    """Three of them over two bases: 6 x 0.17 = 1.02."""
    text = GOOD.replace("= 1e-10", f"= {epsilon}")
    if not sums:
        assert read(text).run.parameters["epsilon_privacy"] == float(epsilon)
        return
    with pytest.raises(InputError, match=r"sum to 1\.02 as the proof counts them") as caught:
        read(text)
    assert caught.value.where.startswith("run.toml, line 18")
