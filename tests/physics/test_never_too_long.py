"""Never too long: simulated links inside their declared set, and the set violated."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from decoy_links import SEED, Judgement, Link, judge, link_generator, random_link

from qtrace.metrics.catalogue import protocol
from qtrace.physics.decoy.decoy_link_set import DeclaredSet, set_violations
from qtrace.physics.decoy.decoy_link_truth import SIMULATOR, Level, TrueDevice

LINKS = 100  # of the 1000 of `make validate-long`
LONG = Path(__file__).parents[1] / "long" / "never_too_long.toml"


@pytest.fixture(scope="module")
def judged() -> list[tuple[Link, Judgement]]:
    found = []
    for index in range(LINKS):
        generator = link_generator(index)
        link = random_link(generator)
        found.append((link, judge(link, generator)))
    return found


def test_inside_the_set_no_certified_length_is_too_long(
    judged: list[tuple[Link, Judgement]],
) -> None:
    assert not any(one.violations for _, one in judged)
    assert [index for index, (_, one) in enumerate(judged) if one.too_long] == []


def test_no_certified_figure_of_the_product_is_too_long(
    judged: list[tuple[Link, Judgement]],
) -> None:
    # Through the metrics of the protocols: what a user's recomputation gives.
    assert [(index, one.metrics_too_long) for index, (_, one) in enumerate(judged)] == [
        (index, []) for index in range(LINKS)
    ]
    for link, one in judged:
        assert {"set_varying_gamma", "set_varying_serfling"} <= set(one.metrics)
        if link.declared.varying:
            # The metric is the length of the physics, to rounding.
            assert one.metrics["set_varying_serfling"] == pytest.approx(
                one.certified, rel=1e-9, abs=1e-3
            )
        # The bounds over constant intensities, too, where they are proven.
        inside = not link.declared.varying and link.declared.mismatch == 0.0
        assert ("clopper_serfling" in one.metrics) == inside
    asked = [bound for _, one in judged for bound in one.metrics]
    assert min(asked.count(bound) for bound in set(asked) if "15" not in bound) >= 10
    with_key = [one for _, one in judged if one.metrics["set_varying_serfling"] > 0]
    assert len(with_key) >= 70  # else nothing was tried


def test_that_would_not_be_so_without_the_set(judged: list[tuple[Link, Judgement]]) -> None:
    # The links are hard enough to break a bound that takes the nominal values for true.
    assert sum(one.nominal_too_long for _, one in judged) >= 2
    # And the certified length is no mere zero: most links have a key.
    with_key = [one for _, one in judged if one.certified > 0]
    assert len(with_key) >= 70
    assert max(one.certified / one.true for one in with_key) > 0.9


def test_outside_the_set_it_is_said(judged: list[tuple[Link, Judgement]]) -> None:
    for index, (link, _) in enumerate(judged):
        factor = (0.9, 1.1)[index % 2]
        off = replace(
            link.device,
            levels=tuple(
                replace(one, intensity_factors=(factor, *one.intensity_factors[1:]))
                for one in link.device.levels
            ),
        )
        (found,) = set_violations(off, link.declared)
        assert found.startswith("intensity 1 reaches")


def test_each_way_out_of_the_set_is_named() -> None:
    inside = TrueDevice(
        intensities=(0.5, 0.1),
        probabilities=(0.6, 0.4),
        levels=(Level(0.5, (1.0, 1.01), (0.2, 0.198)), Level(0.5, (0.99, 1.0), (0.2, 0.2))),
        key_share=0.7,
        test_share=0.1,
        transmittances=(0.1,),
        misalignments=(0.01,),
        dark_probabilities=(1e-6, 1e-6),
    )
    declared = DeclaredSet((0.495, 0.1), (0.5, 0.101), mismatch=0.01)
    assert set_violations(inside, declared) == ()
    constant = replace(declared, varying=False)
    assert "declared constant" in set_violations(inside, constant)[0]
    matched = replace(declared, mismatch=0.005)
    assert set_violations(inside, matched) == ("the detectors differ by 0.01, declared 0.005",)
    darker = replace(inside, dark_probabilities=(1e-6, 0.9e-6))
    assert set_violations(darker, declared) == ("the detectors differ by 0.1, declared 0.01",)


def test_the_long_run_is_of_this_simulator_and_found_none() -> None:
    written = tomllib.loads(LONG.read_text(encoding="utf-8"))
    assert written["simulator"] == SIMULATOR
    assert written["seed"] == SEED
    assert written["links"] == 1000
    assert written["outside_declared_set"] == 0
    assert written["certified_too_long"] == 0
    assert written["metrics_too_long"] == 0
    assert {
        one.bound for name in ("bb84_two_decoy", "bb84_one_decoy") for one in protocol(name).proofs
    } == set(written["links_by_bound"])
    assert written["nominal_too_long"] > 20
