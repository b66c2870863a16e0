"""The shipped examples are readable, complete, honest about their source, and give the numbers.

Anchors: Reddy et al., APL Photonics 7, 051302 (2022), recomputed from the published readings;
Yin et al., Nature 582, 501 (2020).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from qtrace.exchange.calibration_file import read_calibration
from qtrace.exchange.device_file import shipped_device_classes
from qtrace.exchange.package_files import data_folder
from qtrace.exchange.register_file import Register, read_register_file
from qtrace.exchange.run_file import read_run_file
from qtrace.laboratory.draft import CalibrationDraft
from qtrace.laboratory.event import EndKind
from qtrace.quantity.value import parse_quantity
from qtrace.uncertainty.expression import compile_expression

EXAMPLES = data_folder() / "examples"
NIST = EXAMPLES / "nist_2022"
CALIBRATIONS = sorted(path for path in NIST.rglob("*.toml") if path.name != "register.toml")

D1 = 0.9377851731506629
D2 = 0.9489003931525424
MATRIX_FORM = 1e-9  # the matrix form repeats the published computation
ANCESTOR_FORM = 2e-5  # one mean range factor for both detectors instead of two

COMPARISONS = [
    ("d1_matrix", D1, 0.0035151649190041058),
    ("d2_matrix", D2, 0.0037783309695272643),
    ("d1_one_meter", D1, 0.0035919587924251734),
    ("d1_mean_of_ten", D1, 0.002465949805308368),
    ("d2_mean_of_ten", D2, 0.0025036778815050336),
    ("d1_one_meter_mean", D1, 0.0025742361975927748),
]


def by_label() -> dict[str, CalibrationDraft]:
    return {draft.event.label: draft for draft in map(read_calibration, CALIBRATIONS)}


def register() -> Register:
    return read_register_file(NIST / "register.toml")


def gradient_of(
    draft: CalibrationDraft, result_name: str, known: Mapping[str, tuple[float, dict[str, float]]]
) -> tuple[float, dict[str, float]]:
    """Return a result's value and its gradient by "EVENT/input", by the chain rule."""
    label = draft.event.label
    values: dict[str, tuple[float, dict[str, float]]] = {}
    for item in draft.inputs:
        if item.quantity is not None:
            values[item.name] = (item.quantity.estimate, {f"{label}/{item.name}": 1.0})
        else:
            values[item.name] = known[item.reference]
    for result in draft.results:
        expression = compile_expression(result.expression, names=frozenset(values))
        value, partials = expression.gradient({n: values[n][0] for n in expression.names})
        total: dict[str, float] = {}
        for name, partial in partials.items():
            for leaf, inner in values[name][1].items():
                total[leaf] = total.get(leaf, 0.0) + partial * inner
        values[result.name] = (value, total)
    return values[result_name]


def uncertainties(drafts: Mapping[str, CalibrationDraft]) -> dict[str, float]:
    return {
        f"{label}/{item.name}": item.quantity.standard_uncertainty
        for label, draft in drafts.items()
        for item in draft.inputs
        if item.quantity is not None
    }


@pytest.mark.parametrize("path", CALIBRATIONS, ids=lambda path: path.stem)
def test_each_calibration_is_read_without_a_warning(path: Path) -> None:
    draft = read_calibration(path)
    assert draft.warnings == ()
    assert any("date" in flag for flag in draft.event.flags), "unpublished dates are flagged"


@pytest.mark.parametrize(("name", "value", "u"), COMPARISONS)
def test_the_published_form_gives_the_published_numbers(name: str, value: float, u: float) -> None:
    draft = read_calibration(NIST / "comparison" / f"{name}.toml")
    computed, gradient = gradient_of(draft, "system_detection_efficiency", {})
    label = draft.event.label
    leaves = list(gradient)
    spread = np.array([gradient[x] * uncertainties({label: draft})[x] for x in leaves])
    correlation = np.eye(len(leaves))
    for block in draft.blocks:
        at = [leaves.index(f"{label}/{item}") for item in block.names]
        correlation[np.ix_(at, at)] = block.matrix
    assert computed == pytest.approx(value, rel=1e-14)
    assert math.sqrt(spread @ correlation @ spread) == pytest.approx(u, rel=MATRIX_FORM)


def test_the_shared_range_factor_gives_the_numbers_of_the_chain() -> None:
    drafts = by_label()
    u = uncertainties(drafts)
    known: dict[str, tuple[float, dict[str, float]]] = {}
    waiting = [label for label in drafts if label.startswith("CAL-")]
    while waiting:
        label = next(
            one
            for one in waiting
            if all(not i.reference or i.reference in known for i in drafts[one].inputs)
        )
        waiting.remove(label)
        for result in drafts[label].results:
            known[f"{label}/{result.name}"] = gradient_of(drafts[label], result.name, known)

    def covariance(first: str, second: str) -> float:
        shared = known[first][1].keys() & known[second][1].keys()
        return sum(known[first][1][x] * known[second][1][x] * u[x] ** 2 for x in shared)

    one = "CAL-2022-D1/system_detection_efficiency"
    two = "CAL-2022-D2/system_detection_efficiency"
    u_one, u_two = math.sqrt(covariance(one, one)), math.sqrt(covariance(two, two))
    assert known[one][0] == pytest.approx(D1, rel=1e-14)
    assert known[two][0] == pytest.approx(D2, rel=1e-14)
    assert u_one == pytest.approx(0.0035151649190, rel=ANCESTOR_FORM)
    assert u_two == pytest.approx(0.0037783309697, rel=ANCESTOR_FORM)
    # Correlations are published here with four digits.
    assert covariance(one, two) / (u_one * u_two) == pytest.approx(0.3954, abs=5e-5)
    dark = "CAL-2022-D1/dark_count_rate"
    u_dark = math.sqrt(covariance(dark, dark))
    assert covariance(one, dark) / (u_one * u_dark) == pytest.approx(-0.1998, abs=5e-5)


def test_own_parts_of_attenuators_and_range_factor_give_the_published_uncertainties() -> None:
    drafts = by_label()
    step = drafts["CAL-2022-RANGE"].inputs[0].quantity
    assert step is not None
    assert step.standard_uncertainty == 6.66735e-4
    for detector in ("D1", "D2"):
        published = {i.name: i.quantity for i in drafts[f"COMPARE-{detector}-MATRIX"].inputs}
        for k in (1, 2, 3):
            own = drafts[f"CAL-2022-ATT{k}-{detector}"].inputs[0].quantity
            whole = published[f"a{k}"]
            assert own is not None
            assert whole is not None
            assert own.estimate == whole.estimate
            total = math.hypot(own.standard_uncertainty, own.estimate * step.standard_uncertainty)
            assert total == pytest.approx(whole.standard_uncertainty, rel=1e-14)


def test_the_chain_of_d1_ends_everywhere_but_at_the_three_announced_breaks() -> None:
    drafts = {k: v for k, v in by_label().items() if k.startswith("CAL-") and "D2" not in k}
    calibrated = {(d.event.device_id, r.measurand.kind) for d in drafts.values() for r in d.results}
    gaps: set[tuple[str, str]] = set()
    for draft in drafts.values():
        assert draft.event.procedure
        assert draft.event.validation
        for name, origin in draft.event.origins.items():
            if origin.certificate is not None and not origin.certificate.available:
                gaps.add((draft.event.device_id, "certificate not available"))
            elif (
                origin.instrument and (origin.instrument, origin.instrument_kind) not in calibrated
            ):
                gaps.add((origin.instrument, "no calibration"))
            else:
                assert origin.end in {EndKind.COUNTING, EndKind.RATIO_ON_ONE_INSTRUMENT}, name
                assert origin.statement
    assert gaps == {
        ("CPM-1", "certificate not available"),
        ("COUNTER-1", "no calibration"),
        ("LASER-1", "no calibration"),
    }


def test_everything_that_the_calibrations_name_is_registered() -> None:
    devices = {item.record.device_id: item.record for item in register().devices}
    classes = {one.class_id: one for one in shipped_device_classes()}
    laboratories = {item.record.laboratory_id for item in register().laboratories}
    results = {f"{d.event.label}/{r.name}" for d in by_label().values() for r in d.results}
    for draft in by_label().values():
        assert draft.event.laboratory_id in laboratories
        device_class = classes[devices[draft.event.device_id].class_id]
        for result in draft.results:
            assert result.measurand.kind in device_class.kinds
        for origin in draft.event.origins.values():
            assert not origin.instrument or origin.instrument in devices
        for item in draft.inputs:
            assert not item.reference or item.reference in results


def test_comparisons_are_never_the_latest_calibration_of_their_device() -> None:
    drafts = by_label().values()
    in_use = {d.event.device_id: d.event for d in drafts if d.event.label.startswith("CAL-")}
    compared = [d.event for d in drafts if d.event.label.startswith("COMPARE-")]
    assert len(compared) == len(COMPARISONS)
    for event in compared:
        assert event.performed_at < in_use[event.device_id].performed_at
        assert "for comparison only: not the calibration in use" in event.flags


def test_programmes_of_one_year_cover_what_the_synthetic_run_uses() -> None:
    covered = {(p.record.device_id, p.record.kind) for p in register().programmes}
    assert all(p.record.interval_days == 365.25 for p in register().programmes)
    for draft in by_label().values():
        for result in draft.results:
            assert (draft.event.device_id, result.measurand.kind) in covered


def test_the_published_run_is_marked_for_what_it_is() -> None:
    draft = read_run_file(EXAMPLES / "yin_2020" / "run.toml")
    run = draft.run
    assert sum(run.counts.values()) == 3100
    assert run.counts["errors_z"] + run.counts["errors_x"] == 140
    assert (run.ended - run.started).total_seconds() == 3100.0
    assert run.ended < datetime(2019, 7, 1, tzinfo=UTC)
    assert (run.provenance, run.published["finite_length"]) == ("published", 372.0)
    assert "errors" in run.from_memory
    assert all(not role.device_id for role in run.roles)
    assert any("dates are ours" in note for note in run.notes)


@pytest.mark.parametrize("detector", ["D1", "D2"])
def test_a_forbidden_join_differs_in_device_wavelength_and_date(detector: str) -> None:
    run = read_run_file(EXAMPLES / "yin_2020" / f"forbidden_join_{detector.lower()}.toml").run
    (claimed,) = [role for role in run.roles if role.device_id]
    calibration = by_label()[f"CAL-2022-{detector}"]
    efficiency = calibration.results[1].measurand
    link = read_register_file(EXAMPLES / "yin_2020" / "link.toml").links[0].record
    assert claimed.device_id == f"SNSPD-{detector}"
    assert claimed.device_id not in {role.device_id for role in link.roles}
    used, calibrated = claimed.conditions["wavelength"], efficiency.condition("wavelength")
    assert parse_quantity(used).si == pytest.approx(810e-9, rel=1e-15)
    assert parse_quantity(calibrated).si == pytest.approx(1550.5e-9, rel=1e-15)
    assert run.ended < calibration.event.performed_at


def test_the_synthetic_run_can_be_drawn_again_from_its_seed() -> None:
    run = read_run_file(EXAMPLES / "synthetic_link" / "run.toml").run
    drawn = np.random.default_rng(20220501).binomial(500_000, 0.02, size=2)
    assert [run.counts["errors_z"], run.counts["errors_x"]] == drawn.tolist()
    assert sum(run.counts.values()) == 1_000_000
    assert run.provenance == "simulated"


def test_the_receivers_of_the_synthetic_run_are_used_as_they_were_calibrated() -> None:
    run = read_run_file(EXAMPLES / "synthetic_link" / "run.toml").run
    link = read_register_file(EXAMPLES / "synthetic_link" / "link.toml").links[0].record
    assert link.watermark == "SYNTHETIC"
    assert [r.device_id for r in link.roles] == [r.device_id for r in run.roles]
    for role in run.roles:
        calibration = by_label()[role.device_id.replace("SNSPD", "CAL-2022")]
        calibrated = dict(calibration.results[1].measurand.conditions)
        del calibrated["reference_plane"]
        assert role.conditions == calibrated
        assert 29 <= (run.started - calibration.event.performed_at).days <= 31


@pytest.mark.parametrize("folder", ["nist_2022", "yin_2020", "synthetic_link"])
def test_each_example_says_where_it_comes_from(folder: str) -> None:
    text = (EXAMPLES / folder / "source.md").read_text()
    assert re.search(r"(Ours|made up|from memory)", text)
