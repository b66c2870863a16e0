"""The report of a key reads in 80 columns, and never says one number for two."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from qtrace.certification.key_report import AssumptionReport, CertifiedFigure, KeyReport
from qtrace.laboratory.figure_flags import IMPOSSIBLE
from qtrace.metrics.catalogue import PROTOCOLS
from qtrace.metrics.net_key import Block, NetKey, net_key
from qtrace.metrics.protocol import Proof
from qtrace.report.key_text import key_text, planned_text

START = datetime(2021, 7, 1, 12, tzinfo=UTC)
CALIBRATED = AssumptionReport(
    "mean_photon_number_1", "mean photon number of intensity 1, the same in every round", True,
    0.4704, 0.4896, True, "RUN-WITH-A-LONG-NAME/use/source/mean_photon_number_signal",
    0.479, 0.004, 0.9907, 4608123.4,
)  # fmt: skip
BARE = AssumptionReport(
    "overlap", "the overlap of the two bases", True, 0.5, 0.5, False, "", None, None, None, None
)
IDEAL = AssumptionReport(
    "phase", "visibility of interference between pulses; 0 where phases are fully random", False,
    0.0, 0.0, False, "", None, None, None, None,
)  # fmt: skip
FIGURE = CertifiedFigure(
    "hoeffding_gamma", "Hoeffding's inequality, gamma of Lim et al. (2014)", "qkd.x.certified",
    "Lim et al., PRA 89, 022307 (2014), Eqs. 1 to 5", "general (coherent) attacks", "finite", True,
    107851495.9, "bit", 119400000.0, 1200000.0,
    (("CALIBRATION-OF-THE-METER-2021", 7.8e5), ("CAL-SOURCE", 5e5)),
    (107190525.0, 108543607.0, 0.95), (CALIBRATED, BARE, IDEAL), 0.984773,
    ("the overlap of the two bases",), (), ("few counts: read the exact interval, not U",),
    ("detectors: blinding, time shift, back-flash, dead time and after-pulses that link rounds",),
    ("arXiv:2405.16578 (fixed length and acceptance test): not included",),
    "mean photon numbers of the source",
)  # fmt: skip
REPORT = KeyReport("RUN", "bb84_two_decoy", 1.01e-10, "", (FIGURE,), "discarded", "measured")


def text_of(**changes: object) -> str:
    return key_text(replace(REPORT, figures=(replace(FIGURE, **changes),)))  # type: ignore[arg-type]


def flat(text: str) -> str:
    return " ".join(text.split())


def line(text: str, name: str) -> str:
    (found,) = [one for one in text.splitlines() if one.startswith(name)]
    return found.removeprefix(name).strip()


def test_three_figures_stand_on_three_lines() -> None:
    text = key_text(REPORT)
    assert text.startswith("run RUN, protocol bb84_two_decoy, measured data, key discarded")
    assert line(text, "l_certified") == "107851495 bit", "whole bits, rounded down"
    assert line(text, "epsilon").startswith("1.01e-10 for this block, given the 3 assumptions")
    assert line(text, "assumption_coverage").startswith("0.984773 by calibrations; never added")
    assert "107190525 to 108543607 bit" in line(text, "l_interval")
    assert "stability under repetition, not security" in flat(text)
    assert "CALIBRATION-OF-THE-METER-2021 (7.8e+05 bit); CAL-SOURCE" in flat(text)
    assert "rests on no calibration: the overlap" in flat(text)


def test_every_line_fits_80_columns() -> None:
    long = replace(
        FIGURE, bound="b" * 40, title="word " * 40, not_proven=("phase",), violated=("v " * 60,)
    )
    for report in (REPORT, replace(REPORT, figures=(long, long), run_id="R" * 40)):
        assert max(map(len, key_text(report).splitlines())) <= 80


@pytest.mark.parametrize(
    "proof", [one for form in PROTOCOLS for one in form.proofs], ids=lambda one: one.bound
)
def test_the_words_of_every_proof_fit(proof: Proof) -> None:
    assumptions = tuple(
        replace(CALIBRATED, name=one.name, title=one.title, modelled=one.modelled)
        for one in proof.set_parameters
    )
    text = text_of(
        bound=proof.bound, title=proof.title, source=proof.source, adversary=proof.adversary,
        regime=proof.regime, assumptions=assumptions, not_covered=proof.not_covered,
        corrections=proof.corrections,
        unit="bit",
    )  # fmt: skip
    assert max(map(len, text.splitlines())) <= 80
    for said in (*proof.not_covered, *proof.corrections):
        assert flat(said) in flat(text)


def test_no_key_shows_the_length_before_the_clamp() -> None:
    text = text_of(value=-1234.56)
    assert line(text, "l_certified") == "0 bit: no key (unclamped -1234.56)"


def test_what_is_not_proven_comes_before_the_number() -> None:
    text = flat(text_of(not_proven=("a", "b")))
    assert "l_certified NOT PROVEN FOR THIS DEVICE: 2 assumptions without a term" in text
    assert text.index("NOT PROVEN") < text.index("107851495")
    one = flat(text_of(violated=("light: calibrated 0.5 is outside 0.47 to 0.49",)))
    assert "SET VIOLATED: light: calibrated 0.5 is outside" in one
    assert "computed as if inside: 107851495 bit" in one


def test_a_late_bound_is_not_said_to_be_planned() -> None:
    assert "planned before the run" in flat(key_text(REPORT))
    late = flat(text_of(flags=("post_hoc: no plan was on record before the run",)))
    assert "planned before the run:" not in late.replace("no plan was on record before", "")
    assert "flag: post_hoc" in late
    assert "not chosen by the run" in flat(text_of(chosen=False))


def test_what_no_calibration_can_influence_says_so() -> None:
    text = text_of(limited_by=(), influenced_by="none: counts in, bits out")
    assert "no calibration can influence this figure" in flat(text)
    assert "could be influenced by: mean photon" in flat(text_of(limited_by=()))


def test_an_asymptotic_figure_has_no_epsilon_and_a_scheme_without_proof_says_why() -> None:
    text = flat(text_of(regime="asymptotic", value=0.00123456, nominal=0.0013, nominal_u=1e-5))
    assert "epsilon none" in text
    assert "0.00123456 bit" in text
    nothing = replace(REPORT, figures=(), no_security_outcome="a capacity is no statement")
    assert "NOT_EVALUABLE: a capacity is no statement" in key_text(nothing)


# -- plans ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Planned:
    link_id: str
    plan_id: str
    bound: str
    stop_rule: str
    blocks: tuple[Block, ...]
    totals: NetKey
    not_proven: tuple[str, ...]


def planned(*, of: int | None = 3, authentication: float | None = 256.0) -> str:
    hour = timedelta(hours=1)
    blocks = (
        Block("RUN-1", START, START + hour, False, 1e6, 1e-10, authentication, 64.0, 0.0),
        Block("RUN-2", START + hour, START + 2 * hour, True, None, 0.0, None, None, 0.0),
        Block("RUN-3", START + 3 * hour, START + 4 * hour, False, None, 0.0, 0.0, 0.0, 12.5),
    )
    totals = net_key(blocks, planned_blocks=of)
    return planned_text(
        Planned("LINK", "PLAN", "gamma", "after three blocks or when it is dark, whichever "
                "comes first in the time span", blocks, totals, ("post_hoc: x",))
    )  # fmt: skip


def test_a_plan_shows_all_its_runs_and_the_whole_time() -> None:
    text = planned()
    assert max(map(len, text.splitlines())) <= 80
    assert line(text, "blocks") == "3, of which 1 aborted"
    assert line(text, "wall time").startswith("14400 s, of which 10800 s in runs")
    assert "aborted" in next(one for one in text.splitlines() if one.startswith("RUN-2"))
    assert "not recomputed" in next(one for one in text.splitlines() if one.startswith("RUN-3"))
    assert line(text, "net key") == "999668 bit", "1e6 - 256 - 64 - 12.5, rounded"
    assert "flag: post_hoc: x" in text


def test_what_lacks_makes_every_word_gross() -> None:
    for text in (planned(of=None), planned(of=4), planned(authentication=None)):
        assert "net key" not in text
        assert "net rate" not in text
        assert "gross key" in text
        assert "gross because:" in text


def test_data_that_cannot_be_give_no_figure() -> None:
    flag = f"{IMPOSSIBLE}: S = 4 is above 2 sqrt 2"
    text = flat(text_of(flags=(flag,)))
    assert "NONE, IMPOSSIBLE DATA; computed as if they were sound" in text
    assert f"flag: {flag}" in text
