"""A key beside PLOB: from the loss that a run declares, from a calibration, or not at all."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from qtrace.exchange.run_file import read_run_file
from qtrace.exchange.run_template import run_template
from qtrace.laboratory.link import RoleUse, Run
from qtrace.metrics.calibrated_uses import calibrated_uses
from qtrace.metrics.capacity_figures import ChannelLoss, beside_plob_of, declared_loss
from qtrace.metrics.catalogue import metric, protocol
from qtrace.physics.capacity import BesidePlob

LENGTH = metric("qkd.bb84_two_decoy.certified_length_hoeffding_gamma")
BB84 = protocol("bb84_two_decoy")


def run(**parameters: float) -> Run:
    started = datetime(2026, 1, 1, tzinfo=UTC)
    return Run("R", "L", started, started, {}, parameters, (), "discarded", "simulated")


def test_a_length_is_divided_by_the_uses_and_compared_at_the_declared_loss() -> None:
    loss = {"channel_transmittance": 0.1, "channel_transmittance_u": 0.002}
    found = beside_plob_of(BB84, run(**loss), metric=LENGTH, value=1e6, uses=1e9)
    assert found.reason == ""
    assert found.comparison is not None
    assert found.key_per_use == 1e-3
    assert found.comparison.bound == pytest.approx(-math.log2(0.9), rel=1e-12)
    assert found.comparison.interval.low == pytest.approx(-math.log2(1 - 0.096), rel=1e-12)
    assert found.comparison.interval.high == pytest.approx(-math.log2(1 - 0.104), rel=1e-12)
    assert found.comparison.place is BesidePlob.BELOW


def test_a_calibrated_loss_stands_before_the_declared_one_and_its_interval_decides() -> None:
    given = run(channel_transmittance=0.5)
    known = ChannelLoss(0.1, 0.01, "CAL-FIBRE")
    value = -math.log2(1 - 0.1) * 1e9
    found = beside_plob_of(BB84, given, metric=LENGTH, value=value, calibrated=known, uses=1e9)
    assert found.loss is known
    assert found.comparison is not None
    assert found.comparison.place is BesidePlob.WITHIN
    above = beside_plob_of(BB84, given, metric=LENGTH, value=2e9, uses=1e9)
    assert above.comparison is not None
    assert above.comparison.place is BesidePlob.ABOVE
    assert above.comparison.flag
    assert declared_loss(given) == ChannelLoss(0.5, 0.0, "declared with the run, taken as exact")


def test_a_node_in_the_middle_knows_no_limit() -> None:
    given = run(channel_transmittance=1e-6, pulses=1e12)
    one = metric("qkd.tf_cal.certified_key_per_use")
    found = beside_plob_of(protocol("tf_cal"), given, metric=one, value=1e-3)
    assert found.comparison is not None
    assert found.comparison.place is BesidePlob.NO_LIMIT
    assert found.comparison.flag == ""


def test_what_cannot_be_compared_says_why() -> None:
    lost = {"channel_transmittance": 0.1}
    cases = (
        (beside_plob_of(BB84, run(), metric=LENGTH, value=1.0, uses=1.0), "not on record"),
        (beside_plob_of(BB84, run(**lost), metric=LENGTH, value=1.0), "how many uses"),
        (
            beside_plob_of(
                BB84, run(**lost), metric=metric("qkd.bb84_two_decoy.qber_key"), value=0.1
            ),
            "no key",
        ),
    )
    for found, said in cases:
        assert found.comparison is None
        assert said in found.reason


def test_a_run_file_may_declare_the_loss_and_a_channel_may_bring_it() -> None:
    text = run_template(BB84).replace(
        "[parameters]", "[parameters]\nchannel_transmittance = 0.3\nchannel_transmittance_u = 0.01"
    )
    draft = read_run_file(text.encode(), name="run.toml")
    assert declared_loss(draft.run) == ChannelLoss(0.3, 0.01, "declared with the run")
    uses = calibrated_uses(BB84, draft.run, RoleUse("channel", "FIBRE-1"), always=("other",))
    assert [(one.kind, one.argument) for one in uses] == [("transmittance", "")]
