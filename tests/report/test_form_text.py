"""Limits, intervals and non-detection as people read them; never a U beside them."""

from __future__ import annotations

from dataclasses import replace

from qtrace.certification.evidence import ResultStatement
from qtrace.report.case_rows import result_rows
from qtrace.report.documents import document_of
from qtrace.report.form_text import full_form, short_form, states_no_u
from qtrace.report.text import results_table

DARK = ResultStatement(
    1,
    "CAL-1/dark",
    "dark_count_rate",
    (),
    0.002,
    "/s",
    0.0028,
    0.0055,
    1.96,
    0.95,
    float("inf"),
    "Welch-Satterthwaite",
    0.0028,
)
UPPER = replace(
    DARK,
    form="upper_limit",
    interval=(0.0, 0.0119829, 0.95),
    interval_method="exact, Garwood (Poisson)",
)
BELOW = replace(DARK, form="below_detection_limit", interval=(3.098, 6.593, 0.95))
FEW = replace(
    DARK,
    interval=(2e-6, 0.0102, 0.95),
    interval_method="Monte Carlo",
    linear_refused="rests on fewer than 10 counts: dark (0)",
)


def test_each_form_reads_as_what_it_claims() -> None:
    assert full_form(DARK) == "0.0020(28) /s"
    assert full_form(UPPER) == "< 0.012 /s (upper limit, 95 %)"
    assert full_form(replace(UPPER, form="lower_limit", interval=(3.0, 9.0, 0.9))) == (
        "> 3 /s (lower limit, 90 %)"
    )
    assert full_form(replace(UPPER, form="interval_only")) == "[0, 0.012] /s (interval, 95 %)"
    assert full_form(BELOW) == ("not detected; decision threshold 3.1 /s, detection limit 6.6 /s")
    level = replace(DARK, value=173.0, standard_uncertainty=3.0, unit="dB")
    assert short_form(level) == "173.0(30) dB"


def test_a_proven_bound_without_interval_reads_as_before() -> None:
    proven = replace(DARK, form="lower_limit")
    assert short_form(proven) == "0.0020(28) /s"
    assert not states_no_u(proven)
    assert "given as lower limit" in results_table([proven])


def test_no_u_stands_beside_a_limit_or_few_counts() -> None:
    for one in (UPPER, BELOW, FEW):
        (row,) = result_rows([one])
        assert (row.expanded, row.k, row.p, row.nu) == ("–", "–", "–", "–")
    (row,) = result_rows([DARK])
    assert row.expanded == "0.0055 /s"


def test_the_table_says_form_method_and_reason() -> None:
    text = " ".join(results_table([UPPER, FEW]).split())
    assert "< 0.012 /s (upper limit, 95 %), exact, Garwood (Poisson)" in text
    assert "interval [2e-06, 0.0102] /s at 95 %, Monte Carlo" in text
    assert "no U: rests on fewer than 10 counts: dark (0)" in text
    bounded = replace(DARK, bounded_interval=(0.0, 0.006, 0.95), bounded_method="cut at zero")
    assert "within its physical bounds [0, 0.006] /s at 95 %, cut at zero" in results_table(
        [bounded]
    )
    assert max(map(len, results_table([UPPER, BELOW, FEW, bounded]).splitlines())) <= 80


def test_json_carries_form_interval_and_method() -> None:
    document = document_of(UPPER)
    assert document["form"] == "upper_limit"
    assert document["interval"] == ["0", "0.0119829", "0.95"]
    assert document["interval_method"] == "exact, Garwood (Poisson)"


def test_what_is_claimed_is_the_limit_and_not_the_posterior() -> None:
    assert DARK.claimed == 0.002
    assert UPPER.claimed == 0.0119829
    assert BELOW.claimed == 6.593
    assert replace(UPPER, form="lower_limit").claimed == 0.0
    assert replace(UPPER, form="interval_only").claimed is None
