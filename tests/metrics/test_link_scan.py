"""A scan gives the metric on the model's counts: closed forms, cut-offs, blocks, declared widths."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from toy_protocol import METRICS, RELAYED, TOY, cut_off_km, expected_fraction

from qtrace.errors import InputError
from qtrace.exchange.run_file import read_run_file
from qtrace.exchange.run_template import run_template
from qtrace.metrics.catalogue import metric as metric_of
from qtrace.metrics.catalogue import protocol
from qtrace.metrics.entangled.bbm92 import BBM92
from qtrace.metrics.entangled.chsh_complete import CHSH_COMPLETE
from qtrace.metrics.link_scan import LinkScan
from qtrace.metrics.metric import ArgumentSource, MetricArgument
from qtrace.metrics.protocol import Protocol
from qtrace.metrics.scan_axis import MOST_POINTS, Axis, parse_axis, parse_setting, parse_values

LENGTH, CERTIFIED, PER_USE, QBER = METRICS
F = {"error_correction_efficiency": 1.16}
SIX_DIGITS = 2e-6  # to which cut-offs are bisected
ONE_ERROR = 1e-2  # one error more or less, where a block has a dozen: about 10 bit of 1200
FAR = Axis("distance_km", tuple(float(5 * k) for k in range(41)))


def scan(metric: object = PER_USE, protocol: Protocol = TOY, **settings: float) -> LinkScan:
    return LinkScan(protocol, metric, {**F, **settings})  # type: ignore[arg-type]


def test_each_point_is_the_closed_form() -> None:
    curve = scan().curve(FAR)
    for point in curve.points:
        assert point.figure == pytest.approx(expected_fraction(point.x), rel=1e-9, abs=1e-18)
        assert point.per_use == point.figure


def test_the_cut_off_is_where_the_closed_form_is_zero() -> None:
    (cut,) = scan().curve(FAR).cut_offs
    assert cut == pytest.approx(cut_off_km(), rel=SIX_DIGITS)
    assert 150 < cut < 180
    worse = scan(error_correction_efficiency=1.3).curve(FAR).cut_offs
    assert worse[0] == pytest.approx(cut_off_km(1.3), rel=SIX_DIGITS)


def test_the_limit_stands_beside_key_and_is_above_it() -> None:
    curve = scan().curve(FAR)
    assert curve.points[0].limit is None, "without loss there is no limit"
    for point in curve.points[1:]:
        assert point.limit == pytest.approx(-math.log2(1 - 10 ** (-0.02 * point.x)), rel=1e-9)
        assert point.per_use is not None
        assert point.per_use < point.limit
    assert all(one.limit is None for one in scan(protocol=RELAYED).curve(FAR).points)
    assert all(one.limit is None for one in scan(QBER).curve(FAR).points)


def test_a_length_is_given_per_use_and_its_counts_are_whole() -> None:
    point = scan(LENGTH, pulses=1e6).at("distance_km", 50.0)
    # 1e6 pulses at 1e-3 transmittance: 500.5 clicks in the key basis, 5.5 of them errors.
    assert point.figure is not None
    errors, agreements = round(0.5e6 * (1e-5 + 5e-7)), round(0.5e6 * (0.99e-3 + 5e-7))
    e = errors / (errors + agreements)
    h = -e * math.log2(e) - (1 - e) * math.log2(1 - e)
    assert point.figure == pytest.approx((errors + agreements) * (1 - 2.16 * h) - 1000.0, rel=1e-9)
    assert point.per_use == point.figure / 1e6
    assert point.figure < 0.0, "unclamped"


def test_a_block_is_the_counts_of_the_key_basis() -> None:
    blocks = parse_axis("block=1e3:1e7:9", log=True)
    curve = scan(LENGTH, distance_km=50.0).curve(blocks)
    for point in curve.points:
        assert point.figure is not None
        assert point.per_use is not None
        uses = point.figure / point.per_use
        assert uses == pytest.approx(point.x / (0.5 * (1e-3 + 1e-6)), rel=1e-9)
    rates = [point.per_use or 0.0 for point in curve.points]
    assert rates == sorted(rates), "larger blocks lose less"
    (cut,) = curve.cut_offs
    # h(e) as above: key begins where n (1 - 2.16 h) = 1000, but for whole counts.
    e = (0.01e-3 + 5e-7) / (1e-3 + 1e-6)
    h = -e * math.log2(e) - (1 - e) * math.log2(1 - e)
    assert cut == pytest.approx(1000.0 / (1 - 2.16 * h), rel=ONE_ERROR)


def test_the_width_of_the_declared_interval_costs_what_the_set_says() -> None:
    widths = Axis("u_mean_photon_number_1", (0.0, 0.02, 0.1))
    curve = scan(CERTIFIED, distance_km=50.0).curve(widths)
    none = curve.points[0].figure
    assert none == scan(LENGTH).at("distance_km", 50.0).figure
    for point in curve.points:
        assert point.figure == pytest.approx(none * (1 - point.x) / (1 + point.x), rel=1e-12)
    # A family is all intervals that begin so; a single name is said more exactly.
    family = scan(CERTIFIED, distance_km=50.0)
    assert family.at("u_mean_photon_number", 0.02).figure == curve.points[1].figure
    both = scan(CERTIFIED, distance_km=50.0, u_mean_photon_number_1=0.1)
    assert both.at("u_mean_photon_number", 0.02).figure == curve.points[2].figure
    set_edge = scan(CERTIFIED, distance_km=50.0, mean_photon_number_1_low=0.05)
    assert set_edge.at("u_mean_photon_number_1", 0.0).figure == pytest.approx(none / 2.0)
    with pytest.raises(InputError, match="no part"):
        scan(CERTIFIED, distance_km=50.0).at("u_mean_photon_number_1", 1.5)


def test_what_has_no_figure_says_why() -> None:
    dark = scan(LENGTH, dark_probability=0.0, detector_efficiency=0.0, distance_km=10.0)
    point = dark.at("block", 1e5)
    assert point.figure is None
    assert "nothing is detected" in point.reason

    def refuse(**_: float) -> float:
        raise InputError("too few")

    broken = LinkScan(TOY, replace(PER_USE, function=refuse), F)
    assert broken.at("distance_km", 1.0).reason == "too few"
    wild = LinkScan(TOY, replace(PER_USE, function=lambda **_: math.nan), F)
    assert "not finite" in wild.at("distance_km", 1.0).reason


def test_names_are_those_of_model_metric_and_set() -> None:
    known = scan(CERTIFIED).names()
    for name in ("distance_km", "block", "pulses", "u_mean_photon_number_1", *F):
        assert name in known
    scan(CERTIFIED).checked(("distance_km", "u_mean_photon_number"))
    for metric, name in ((CERTIFIED, "distance"), (LENGTH, "u_mean_photon_number_1")):
        with pytest.raises(InputError) as caught:
            scan(metric).checked((name,))
        assert caught.value.next_step


def test_what_is_missing_is_named() -> None:
    assert LinkScan(TOY, PER_USE).at("distance_km", 1.0) == scan().at("distance_km", 1.0), "default"
    assert LinkScan(TOY, PER_USE).assumed() == {}
    bare = LinkScan(replace(TOY, parameters=()), PER_USE)
    assert bare.assumed() == F
    assert bare.assumed(("error_correction_efficiency",)) == {}
    assert replace(bare, settings={"leak": 5.0}).assumed() == {}
    assert bare.at("distance_km", 1.0) == scan().at("distance_km", 1.0)
    other = MetricArgument("unheard_of", "qber", ArgumentSource.PARAMETER)
    asking = replace(PER_USE, arguments=(*PER_USE.arguments, other))
    with pytest.raises(InputError, match="unheard_of") as caught:
        scan(asking).at("distance_km", 1.0)
    assert "--set unheard_of" in caught.value.next_step
    with pytest.raises(InputError, match="how long"):
        scan().at("block", 1e5)
    with pytest.raises(InputError, match="no model of a link"):
        LinkScan(replace(BBM92, link_model=None), PER_USE).at("distance_km", 1.0)


def test_ranges_as_typed() -> None:
    assert parse_axis("distance_km=0:200:5", log=False).values == FAR.values
    assert parse_axis("x=0:1:0.1", log=False).values[-1] == 1.0
    assert parse_axis("x=0:1:0.3", log=False).values == (0.0, 0.3, 0.6, 0.9)
    log = parse_axis("block=1e4:1e10:13", log=True)
    assert (len(log.values), log.values[0], log.values[-1], log.log) == (13, 1e4, 1e10, True)
    assert log.values[2] == 1e5
    assert parse_values("block=1e5,1e7").values == (1e5, 1e7)
    assert parse_setting("distance_km=50") == ("distance_km", 50.0)


@pytest.mark.parametrize(
    "text",
    [
        "distance_km", "=0:1:1", "x=0:1", "x=0:1:1:1", "x=a:1:1", "x=1:0:1", "x=0:1:0", "x=0:1:-1",
        "x=0:1:2", "x=0:nan:1", "x=0:inf:1", f"x=0:{MOST_POINTS}:1", "x=0:1e308:1e-300",
    ],
)  # fmt: skip
def test_a_range_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_axis(text, log=False)
    assert caught.value.where.startswith("--over")


@pytest.mark.parametrize("text", ["x=0:10:3", "x=-1:10:3", "x=1:10:1", "x=1:10:2.5", "x=1:10:1e9"])
def test_a_range_in_ratios_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_axis(text, log=True)


@pytest.mark.parametrize("text", ["x", "x=", "x=1,1", "x=1,,2", "x=1,2,3,4,5,6,7", "=1"])
def test_a_list_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_values(text)
    if "=" not in text or text == "x=" or text.startswith("="):
        with pytest.raises(InputError):
            parse_setting(text)


def test_trials_of_a_model_are_complete_and_whole_for_a_p_value() -> None:
    """Fractions of expected counts neither leave a trial out nor a win that is none."""

    for name in ("p_value", "key_per_use", "certified_key_per_use"):
        settings = {"setting_bias": 1e-4} if name == "p_value" else {}
        one = LinkScan(CHSH_COMPLETE, metric_of(f"qkd.chsh_complete.{name}"), settings)
        points = [one.at("distance_km", x / 7) for x in range(60)]
        assert [point.reason for point in points] == [""] * 60


@pytest.mark.parametrize(
    ("name", "metric_id", "taken"),
    [
        ("bbm92", "key_rate_asymptotic", {"duration": 1000.0}),
        ("chsh", "p_value_fair_sampling", {"setting_bias": 1e-4}),
        ("chsh_complete", "p_value", {"setting_bias": 1e-4}),
    ],
)
def test_what_templates_state_need_not_be_set(
    name: str, metric_id: str, taken: dict[str, float]
) -> None:
    one = LinkScan(protocol(name), metric_of(f"qkd.{name}.{metric_id}"))
    assert one.at("distance_km", 5.0).figure is not None
    assert taken.items() <= one.assumed().items()
    held = replace(one, settings=dict.fromkeys(taken, 0.2))
    assert not taken.keys() & held.assumed().keys()
    run = read_run_file(run_template(protocol(name)).encode()).run
    stated = run.parameters | {"duration": (run.ended - run.started).total_seconds()}
    assert taken.items() <= stated.items()
