"""Figures of the three protocols: their forms agree, their intervals cover, names are complete."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.metrics.catalogue import METRICS, metric, protocol
from qtrace.metrics.recompute import evaluate

AREA = ("spin_squeezing", "sensor_network", "probe_sharing")
SHOTS = {"shots_network": 20.0, "shots_reference": 12.0}
DRAWS = 1500
SIMULATED = 4.0 * math.sqrt(0.95 * 0.05 / DRAWS)


def value(name: str, **arguments: float) -> float:
    found, _ = evaluate(metric(f"sensing.{name}"), arguments, {})
    return found


@pytest.mark.parametrize("name", AREA)
def test_ids_and_evidence_carry_the_area(name: str) -> None:
    form = protocol(name)
    assert form.area == "sensing"
    assert all(one.metric_id.startswith(f"sensing.{name}.") for one in form.metrics)
    assert form.no_security_outcome


def test_every_gain_is_named_by_its_reference() -> None:
    gains = [one for one in METRICS if one.result_kind.startswith(("variance_gain", "deviation_"))]
    assert len(gains) == 6
    assert all(one.named_by == ("reference",) for one in gains)
    assert protocol("sensor_network").named_by() == {"reference"}
    assert protocol("probe_sharing").named_by() == frozenset()


@given(st.floats(10.0, 1e8), st.floats(0.01, 10.0), st.floats(0.1, 1.0))
def test_the_forms_of_a_gain_agree(number: float, noise: float, seen: float) -> None:
    given_ = {
        "atom_number": number,
        "spin_variance": noise * number / 4.0,
        "spin_length": seen * number / 2.0,
    }
    gain = value("spin_squeezing.variance_gain", **given_)
    assert value("spin_squeezing.deviation_gain", **given_) ** 2 == pytest.approx(gain)
    level = value("spin_squeezing.variance_gain_level", **given_)
    assert 10.0 ** (level / 10.0) == pytest.approx(gain)
    assert value("spin_squeezing.wineland_parameter", **given_) * gain == pytest.approx(1.0)
    phase = value("spin_squeezing.phase_uncertainty", **given_)
    assert phase**2 * number * gain == pytest.approx(1.0)


@pytest.mark.parametrize("figure", ["variance_gain", "deviation_gain", "variance_gain_level"])
def test_intervals_of_gains_cover(figure: str) -> None:
    one = metric(f"sensing.sensor_network.{figure}")
    assert one.interval is not None
    generator = np.random.default_rng(5)
    truth = {"variance_gain": 3.0, "deviation_gain": math.sqrt(3.0)}.get(
        figure, 10.0 * math.log10(3.0)
    )
    hits = 0
    for _ in range(DRAWS):
        drawn = {
            "network_variance": float(np.var(generator.normal(0, 1e-3, 20), ddof=1)),
            "reference_variance": float(np.var(generator.normal(0, 3**0.5 * 1e-3, 12), ddof=1)),
            **SHOTS,
        }
        found = one.interval(drawn, 0.95)
        assert found.low < value(f"sensor_network.{figure}", **drawn) < found.high
        hits += found.low <= truth <= found.high
    assert hits / DRAWS == pytest.approx(0.95, abs=SIMULATED)


def test_a_gain_over_a_bad_reference_stands_beside_what_the_reference_is() -> None:
    """A sensor of four times projection noise, over a reference of nine times."""
    limit = 1.0 / (4 * 45_000)
    seen = {"network_variance": 4.0 * limit, "reference_variance": 9.0 * limit, **SHOTS}
    assert value("sensor_network.variance_gain", **seen) == pytest.approx(2.25)
    of = {"nodes": 4.0, "atom_number": 45_000.0}
    for figure, moment, shots, share in (
        ("reference_of_limit", "reference_variance", "shots_reference", 9.0),
        ("network_of_limit", "network_variance", "shots_network", 4.0),
    ):
        given_ = {moment: seen[moment], shots: SHOTS[shots], **of}
        assert value(f"sensor_network.{figure}", **given_) == pytest.approx(share)
        one = metric(f"sensing.sensor_network.{figure}")
        scatter = given_[moment] * math.sqrt(2.0 / (SHOTS[shots] - 1.0))
        found = one.own_interval(given_, {moment: scatter}, 0.95)
        assert found is not None
        assert 1.0 < found.low < share < found.high
        counted = one.own_interval(given_, {moment: scatter, "atom_number": 4500.0}, 0.95)
        assert counted is not None
        assert counted.low < found.low, "u of the number of atoms is in it"
        assert found.high < counted.high


def test_a_phase_becomes_a_frequency_at_one_second() -> None:
    clock = {"carrier_frequency": 1e9, "interrogation_time": 0.5, "cycle_time": 1.0}
    found = value("sensor_network.frequency_uncertainty", network_variance=1e-6, **clock)
    assert found == pytest.approx(1e-3 / (math.pi * 1e9))
    with pytest.raises(InputError, match="averaging time"):
        value(
            "sensor_network.frequency_uncertainty",
            network_variance=1e-6,
            **{**clock, "cycle_time": 2.0},
        )


def test_probes_that_were_checked_do_not_sense() -> None:
    checks = {"errors_x": 1.0, "agreements_x": 99.0, "errors_z": 3.0, "agreements_z": 97.0}
    assert value("probe_sharing.secure_probe_share", **checks) == pytest.approx(0.96)
    assert value("probe_sharing.sensing_probes", probes_shared=1000.0, **checks) == 800.0
    with pytest.raises(InputError, match="checked"):
        value("probe_sharing.sensing_probes", probes_shared=100.0, **checks)
    share = metric("sensing.probe_sharing.secure_probe_share")
    assert share.interval is not None
    found = share.interval(checks, 0.95)
    assert 0.80 < found.low < 0.96 < found.high < 1.0


def test_each_variance_has_its_own_shots() -> None:
    """F at 0.975 with 4 above and 40 below is 3.126, with 40 above and 4 below 8.411."""
    one = metric("sensing.sensor_network.variance_gain")
    assert one.interval is not None
    shots = {"shots_reference": 5.0, "shots_network": 41.0}
    found = one.interval({"reference_variance": 1.0, "network_variance": 1.0, **shots}, 0.95)
    assert (1.0 / found.low, found.high) == pytest.approx((3.126, 8.411), rel=1e-3)
