"""GG02 as a protocol: certified figures over the set, what moves them, and what is declared."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.metrics.catalogue import metric, protocol
from qtrace.metrics.continuous.gg02_protocols import GG02_HETERODYNE, GG02_HOMODYNE
from qtrace.metrics.metric import ArgumentSource
from qtrace.metrics.protocol import Protocol
from qtrace.metrics.recompute import evaluate
from qtrace.physics.capacity import plob_bits_per_use
from qtrace.physics.continuous.gg02 import moments_of_link

BOTH = pytest.mark.parametrize("one", [GG02_HOMODYNE, GG02_HETERODYNE], ids=lambda one: one.name)
RECEIVER = {"receiver_efficiency": 0.6, "electronic_noise": 0.1}
BETA = {"reconciliation_efficiency": 0.95}
BLOCK = {
    "symbols_estimation": 5e8,
    "symbols_key": 5e8,
    "epsilon_estimation": 1e-10,
    "epsilon_smoothing": 1e-10,
    "epsilon_privacy": 1e-10,
}
SET = {
    "modulation_variance": (3.9, 4.1),
    "receiver_efficiency": (0.58, 0.62),
    "electronic_noise": (0.098, 0.102),
    "shot_noise_unit": (0.999, 1.001),
}
ROUNDING = 1e-9  # bits per symbol: noise is the difference of two moments


def moments(
    one: Protocol, *, t: float = 0.2, xi: float = 0.01, v_a: float = 4.0
) -> dict[str, float]:
    covariance, variance = moments_of_link(
        v_a,
        t,
        excess_noise_at_input=xi,
        **RECEIVER,
        heterodyne=one is GG02_HETERODYNE,
    )
    return {
        "modulation_variance": v_a,
        "covariance": float(covariance),
        "bob_variance": float(variance),
    }


def edges(box: dict[str, tuple[float, float]], *, trusted: bool) -> dict[str, float]:
    kept = {k: v for k, v in box.items() if trusted or k not in RECEIVER}
    kept.setdefault("reconciliation_efficiency", (0.95, 0.95))
    return {f"{k}_{end}": v[i] for k, v in kept.items() for i, end in enumerate(("low", "high"))}


def figure(one: Protocol, name: str, **arguments: float) -> float:
    return float(metric(f"qkd.{one.name}.{name}").function(**arguments))


def points(box: dict[str, tuple[float, float]], count: int) -> list[dict[str, float]]:
    axes = [np.linspace(*ends, count) for ends in box.values()]
    return [dict(zip(box, map(float, point), strict=True)) for point in product(*axes)]


def inside(one: Protocol, point: dict[str, float], name: str, **more: float) -> float:
    """Return the nominal figure of a device inside the set, the data being as they are."""
    measured = moments(one)
    ratio = point["modulation_variance"] / measured["modulation_variance"]
    measured["covariance"] *= ratio**0.5
    return figure(one, name, **measured | point, **BETA, **more)


@BOTH
def test_no_device_of_the_set_has_a_smaller_key(one: Protocol) -> None:
    least = figure(one, "certified_key_per_use_trusted", **moments(one), **edges(SET, trusted=True))
    grid = [inside(one, point, "key_per_use_trusted") for point in points(SET, 5)]
    assert min(grid) == pytest.approx(least, abs=1e-15)
    assert max(grid) > least + 1e-3


@BOTH
def test_no_device_of_a_wide_set_has_a_smaller_key(one: Protocol) -> None:
    wide = SET | {"modulation_variance": (0.5, 12.0), "receiver_efficiency": (0.45, 0.95)}
    least = figure(
        one, "certified_key_per_use_trusted", **moments(one), **edges(wide, trusted=True)
    )
    grid = [inside(one, point, "key_per_use_trusted") for point in points(wide, 6)]
    assert min(grid) >= least - 1e-15


@BOTH
@pytest.mark.parametrize("word", ["trusted", "untrusted"])
def test_the_certified_length_is_below_that_of_every_device_of_the_set(
    one: Protocol, word: str
) -> None:
    trusted = word == "trusted"
    least = figure(
        one,
        f"certified_length_leverrier2010_{word}",
        **moments(one),
        **BLOCK,
        **edges(SET, trusted=trusted),
    )
    box = {k: v for k, v in SET.items() if trusted or k not in RECEIVER}
    grid = [
        inside(one, point, f"key_length_leverrier2010_{word}", **BLOCK) for point in points(box, 3)
    ]
    assert least < min(grid)


@BOTH
def test_a_set_of_one_device_has_its_key(one: Protocol) -> None:
    nominal = {"modulation_variance": 4.0, **RECEIVER, "shot_noise_unit": 1.0}
    point = {k: (v, v) for k, v in nominal.items()}
    for word in ("trusted", "untrusted"):
        receiver = RECEIVER if word == "trusted" else {}
        plain = figure(one, f"key_per_use_{word}", **moments(one), **receiver, **BETA)
        certified = figure(
            one,
            f"certified_key_per_use_{word}",
            **moments(one),
            **edges(point, trusted=word == "trusted"),
        )
        assert certified == pytest.approx(plain, rel=1e-12)


@settings(max_examples=40, derandomize=True)
@given(
    st.sampled_from([GG02_HOMODYNE, GG02_HETERODYNE]),
    st.floats(1e-3, 0.9),
    st.floats(0.0, 0.05),
    st.floats(1e4, 1e12),
)
def test_untrusted_is_never_above_trusted(one: Protocol, t: float, xi: float, n: float) -> None:
    measured = moments(one, t=t, xi=xi)
    block = BLOCK | {"symbols_key": n, "symbols_estimation": n}
    for name, more in (("key_per_use", {}), ("key_length_leverrier2010", block)):
        trusted = figure(one, f"{name}_trusted", **measured, **RECEIVER, **BETA, **more)
        untrusted = figure(one, f"{name}_untrusted", **measured, **BETA, **more)
        symbols = n if more else 1.0
        assert untrusted <= trusted + ROUNDING * symbols
        certified = f"certified_{name.replace('key_length', 'length')}"
        bare = {k: v for k, v in SET.items() if k != "shot_noise_unit"}
        bare["shot_noise_unit"] = (1.0, 1.0)
        low = figure(
            one, f"{certified}_untrusted", **measured, **more, **edges(bare, trusted=False)
        )
        high = figure(one, f"{certified}_trusted", **measured, **more, **edges(bare, trusted=True))
        assert low <= high + ROUNDING * symbols


@BOTH
def test_widening_the_set_never_helps(one: Protocol) -> None:
    found = []
    for widen in (0.0, 0.5, 1.0, 1.5):
        box = {
            k: (np.mean(v) - widen * np.ptp(v) / 2, np.mean(v) + widen * np.ptp(v) / 2)
            for k, v in SET.items()
        }
        found.append(
            figure(
                one,
                "certified_key_per_use_trusted",
                **moments(one),
                **edges(box, trusted=True),
            )
        )
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 4


@BOTH
def test_the_receiver_limits_a_trusted_key_and_not_an_untrusted_one(one: Protocol) -> None:
    u = {"receiver_efficiency": 0.006, "electronic_noise": 0.001}
    _, parts = evaluate(
        metric(f"qkd.{one.name}.key_per_use_trusted"), {**moments(one), **RECEIVER, **BETA}, u
    )
    assert parts["receiver_efficiency"] < 0.0 < parts["electronic_noise"]
    untrusted = metric(f"qkd.{one.name}.key_per_use_untrusted")
    calibrated = [a.name for a in untrusted.arguments if a.source is ArgumentSource.CALIBRATION]
    assert calibrated == ["shot_noise_unit"]
    assert untrusted.influenced_by == "shot-noise unit of the receiver"


@BOTH
def test_the_link_model_is_the_link_that_the_figures_find(one: Protocol) -> None:
    model = one.link_model
    assert model is not None
    distance = np.array([0.0, 10.0, 25.0])
    cells = model.cells(distance_km=distance, **model.defaults)
    measured = {name: cells[name] for name in ("modulation_variance", "covariance", "bob_variance")}
    receiver = {name: model.defaults[name] for name in RECEIVER}
    found = metric(f"qkd.{one.name}.transmittance").function(
        **measured, receiver_efficiency=receiver["receiver_efficiency"]
    )
    expected = model.transmittance(distance_km=distance, **model.defaults)
    assert found == pytest.approx(expected, rel=1e-12)
    assert expected == pytest.approx(10 ** (-0.02 * distance), rel=1e-12)
    noise = metric(f"qkd.{one.name}.excess_noise_at_input").function(
        **measured, electronic_noise=receiver["electronic_noise"]
    )
    assert noise == pytest.approx(0.005, rel=1e-9)
    keys = metric(f"qkd.{one.name}.key_per_use_trusted").function(
        **measured, **receiver, reconciliation_efficiency=0.898
    )
    assert np.all(np.diff(keys) < 0.0)
    assert np.all(keys[1:] < np.asarray(plob_bits_per_use(expected[1:])))
    assert cells["symbols_estimation"] + cells["symbols_key"] == pytest.approx(1e10)


@BOTH
def test_each_proof_asks_for_the_arguments_of_its_figure(one: Protocol) -> None:
    for proof in one.proofs:
        certified = metric(proof.metric_id)
        names = {argument.name for argument in certified.arguments}
        edge_names = {name for part in proof.set_parameters for name in part.arguments()}
        written = {field.name for field in (*one.moments, *one.parameters)}
        assert edge_names <= names
        assert names <= edge_names | written
        assert metric(proof.estimate_id).differentiable
        assert "ollective" in proof.adversary
    finite = one.proof("leverrier2010_trusted")
    assert finite is not None
    assert any("coherent attacks" in line for line in finite.not_covered)
    assert any("larger" in line for line in finite.corrections)


def test_edges_the_wrong_way_round_are_refused() -> None:
    box = SET | {"receiver_efficiency": (0.62, 0.58)}
    with pytest.raises(InputError, match="receiver_efficiency is above the upper one"):
        figure(
            GG02_HOMODYNE,
            "certified_key_per_use_trusted",
            **moments(GG02_HOMODYNE),
            **edges(box, trusted=True),
        )


def test_a_set_that_the_data_contradict_is_refused() -> None:
    # 30 % more shot noise than assumed would leave Bob's noise below it.
    box = SET | {"shot_noise_unit": (1.0, 1.3)}
    with pytest.raises(InputError, match="below shot noise"):
        figure(
            GG02_HOMODYNE,
            "certified_key_per_use_trusted",
            **moments(GG02_HOMODYNE),
            **edges(box, trusted=True),
        )


def test_a_keyword_that_misses_or_is_not_known_is_an_error() -> None:
    function = metric("qkd.gg02_homodyne.mutual_information").function
    with pytest.raises(TypeError, match="bob_variance"):
        function(modulation_variance=4.0, covariance=1.0)
    with pytest.raises(TypeError, match="weather"):
        function(modulation_variance=4.0, covariance=1.0, bob_variance=1.5, weather=1.0)


def test_variances_below_shot_noise_are_outside_what_may_be_written() -> None:
    for name in ("gg02_homodyne", "gg02_heterodyne"):
        field = next(one for one in protocol(name).moments if one.name == "bob_variance")
        assert (field.low, field.low_allowed) == (1.0, True)


def test_epsilons_add_up() -> None:
    found = figure(
        GG02_HOMODYNE,
        "epsilon_total",
        epsilon_estimation=1e-10,
        epsilon_smoothing=2e-10,
        epsilon_privacy=3e-10,
    )
    assert found == pytest.approx(6e-10)


LIMITS = {
    "electronic_noise": 0.0,
    "receiver_efficiency": 1.0,
    "reconciliation_efficiency": 1.0,
    "symbols_estimation": 1.0,
    "symbols_key": 1.0,
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_legal_limit_does_not_lose_the_estimate(name: str) -> None:
    exact = {
        "modulation_variance": 18.5,
        "covariance": 5.0,
        "bob_variance": 2.5,
        "receiver_efficiency": 0.606,
        "electronic_noise": 0.041,
        "reconciliation_efficiency": 0.95,
        "symbols_estimation": 1e9,
        "symbols_key": 1e9,
        "epsilon_estimation": 1e-10,
        "epsilon_smoothing": 1e-10,
        "epsilon_privacy": 1e-10,
        "shot_noise_unit": 1.0,
    }
    at_limit = exact | {name: LIMITS[name]}
    tried = 0
    for one in protocol("gg02_homodyne").metrics:
        taken = {a.name: at_limit[a.name] for a in one.arguments if a.name in at_limit}
        if not one.differentiable or name not in taken or len(taken) < len(one.arguments):
            continue
        value, slopes = evaluate(one, taken, {"covariance": 1e-4})
        assert value == pytest.approx(float(one.function(**taken)), rel=1e-12)
        assert set(slopes) == set(taken)
        assert all(map(math.isfinite, slopes.values()))
        if name == "reconciliation_efficiency" and "symbols_key" not in taken:
            # beta times the shared information: the slope is the same everywhere.
            inner = one.function(**(taken | {name: 0.5}))
            assert slopes[name] == pytest.approx((value - float(inner)) / 0.5, rel=1e-6)
        tried += 1
    assert tried
