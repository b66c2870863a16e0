"""The catalogue: every metric says what it is, what it needs, and what can influence it."""

from __future__ import annotations

import inspect

import pytest

from qtrace.errors import InputError
from qtrace.metrics.catalogue import METRICS, functions, metric
from qtrace.metrics.metric import ArgumentSource, Metric
from qtrace.quantity.kinds import kind

EVERY = pytest.mark.parametrize("one", METRICS, ids=lambda one: one.metric_id)

PROMISED = {
    "detector.photon_rate",
    "detector.system_detection_efficiency",
    "detector.dark_count_rate",
    "detector.efficiency_at_rate",
    "detector.efficiency_ratio",
    "detector.efficiency_mismatch",
    "qkd.bbm92.qber",
    "qkd.bbm92.key_fraction_asymptotic",
    "qkd.bbm92.key_rate_asymptotic",
    "qkd.bbm92.finite_length_gamma",
    "qkd.bbm92.finite_length_tail",
}


def test_what_was_promised_is_there() -> None:
    assert {one.metric_id for one in METRICS} >= PROMISED


def test_ids_are_unique() -> None:
    assert len({one.metric_id for one in METRICS}) == len(METRICS)


@EVERY
def test_the_function_takes_exactly_the_arguments_declared(one: Metric) -> None:
    parameters = inspect.signature(one.function).parameters
    if [p.kind for p in parameters.values()] == [inspect.Parameter.VAR_KEYWORD]:
        return  # a table of many cells: the tests of its protocol call it with what is declared
    assert list(parameters) == [argument.name for argument in one.arguments]
    for argument in one.arguments:
        parameter = parameters[argument.name]
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        default = None if parameter.default is parameter.empty else parameter.default
        assert argument.default == default


@EVERY
def test_kinds_and_unit_are_known(one: Metric) -> None:
    assert kind(one.result_kind).unit == one.unit
    for argument in one.arguments:
        kind(argument.kind)


@EVERY
def test_what_can_influence_it_agrees_with_where_its_arguments_come_from(one: Metric) -> None:
    # A certified figure takes the set that calibrations support, not the calibrations.
    if "certified" in one.result_kind:
        return
    sources = {argument.source for argument in one.arguments}
    calibrated = {ArgumentSource.CALIBRATION, ArgumentSource.RESULT}
    assert one.influenced_by.startswith("none: ") == calibrated.isdisjoint(sources)


@EVERY
def test_a_source_is_named(one: Metric) -> None:
    assert one.source
    assert one.title
    assert one.interval_by


def test_only_a_rate_depends_on_the_clock_among_the_figures_of_a_key() -> None:
    clocked = [
        m.metric_id for m in METRICS if "qkd" in m.metric_id and "time base" in m.influenced_by
    ]
    assert clocked == ["qkd.bbm92.key_rate_asymptotic"]


def test_steps_have_no_derivative_and_say_by_what_route_they_get_an_interval() -> None:
    stepped = {m.metric_id: m.interval_by for m in METRICS if not m.differentiable}
    # A certified figure is a minimum over a set; a p-value or a tail comes from whole counts.
    said = (".certified_", "p_value", "_tail")
    plain = {name for name in stepped if not any(mark in name for mark in said)}
    assert plain == {
        "detector.efficiency_mismatch",
        "sensing.probe_sharing.sensing_probes",
        "teleportation.state_tomography.concurrence",
        "teleportation.state_tomography.fidelity_ml",
        "teleportation.state_tomography.purity",
    }
    assert "resampling" in stepped["qkd.bbm92.finite_length_tail"]
    assert "efficiency_ratio" in stepped["detector.efficiency_mismatch"]


def test_counts_enter_as_disjoint_cells() -> None:
    for one in METRICS:
        kinds = {argument.kind for argument in one.arguments}
        assert "sifted_count" not in kinds
        assert ("error_count" in kinds) == ("agreement_count" in kinds)


def test_functions_are_found_under_id_and_version() -> None:
    table = functions()
    assert len(table) == len(METRICS)
    assert table["qkd.bbm92.qber@1"] is metric("qkd.bbm92.qber").function


def test_an_argument_is_found_by_its_name() -> None:
    one = metric("qkd.bbm92.key_rate_asymptotic")
    clock = one.argument("time_base_frequency")
    assert clock is not None
    assert clock.role == "counter"
    assert clock.source is ArgumentSource.CALIBRATION
    assert one.argument("weather") is None


def test_a_slip_of_the_pen_gets_a_suggestion() -> None:
    with pytest.raises(InputError, match=r"no metric 'qkd.bbm92.qbar'") as caught:
        metric("qkd.bbm92.qbar")
    assert "qkd.bbm92.qber" in caught.value.next_step


def test_an_unknown_word_points_to_the_list() -> None:
    with pytest.raises(InputError) as caught:
        metric("zzz")
    assert "metric list" in caught.value.next_step
