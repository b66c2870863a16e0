"""The form of a result: asked for in the file, computed from its data, carried into its use."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from scipy.stats import norm

from qtrace.errors import InputError
from qtrace.laboratory.draft import FormDraft
from qtrace.laboratory.event import RecordedResult
from qtrace.quantity.kinds import kind
from qtrace.quantity.measurand import Measurand
from qtrace.traceability.detection import detection_of
from qtrace.traceability.forms import (
    StatedForm,
    asked_again,
    drift_reach,
    form_at_use,
    refuse_as_parent,
    stated_form,
)
from qtrace.traceability.level_conversion import level_conversion
from qtrace.traceability.stated_value import outward, stated_value
from qtrace.uncertainty.distributions import TypeB, gamma_counts
from qtrace.uncertainty.evaluation import evaluate_model
from qtrace.uncertainty.inputs import Distribution, InputQuantity
from qtrace.uncertainty.network import Network
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result

K = 1.6448536269514722
DRAWN = 0.02  # of u: five standard deviations of a 95 % quantile of 2e5 draws
RATE = kind("dark_count_rate")
ISOLATION = kind("isolation")


def counts(name: str, n: int, seconds: float) -> InputQuantity:
    made = gamma_counts(n, exposure=seconds)
    return taken(name, made, ("prior: Jeffreys",), unit="/s")


def taken(name: str, made: TypeB, flags: tuple[str, ...] = (), *, unit: str = "1") -> InputQuantity:
    return InputQuantity(
        0,
        name,
        made.estimate,
        made.standard_uncertainty,
        unit,
        made.distribution,
        flags=flags,
        parameters=made.parameters,
    )


def network(model: str, *inputs: InputQuantity) -> Network:
    """Return a network of one result; its inputs have no ids of their own, as before recording."""
    values = {one.name: one.estimate for one in inputs}
    u = {one.name: one.standard_uncertainty for one in inputs}
    made = Model(ModelKind.EXPRESSION, model)
    value, gradient = evaluate_model(made, values, u, functions={})
    arguments = tuple(
        Argument(one.name, gradient.get(one.name, 0.0), None, k + 1) for k, one in enumerate(inputs)
    )
    return Network(
        {1: Result(1, value, made, arguments)}, {k + 1: one for k, one in enumerate(inputs)}, ()
    )


def stated(asked: FormDraft, net: Network, kind_: object = RATE) -> StatedForm:
    return stated_form(asked, net, 1, kind=kind_, unit="/s", functions={})  # type: ignore[arg-type]


def test_nothing_asked_is_an_estimate() -> None:
    assert stated(FormDraft(), network("d", counts("d", 0, 10.0))) == StatedForm()


def test_a_limit_of_one_count_is_exact_unless_the_posterior_is_asked_for() -> None:
    net = network("d", counts("d", 0, 250.0))
    exact = stated(FormDraft("upper_limit"), net)
    assert exact.interval == (0.0, pytest.approx(-math.log(0.05) / 250.0), 0.95)
    assert exact.method == "exact, Garwood (Poisson)"
    posterior = stated(FormDraft("upper_limit", method="posterior"), net)
    assert posterior.interval is not None
    assert posterior.interval[1] * 250.0 == pytest.approx(1.92, abs=0.005)
    assert posterior.method == "quantile of the posterior of the counts"


def test_a_limit_of_several_inputs_comes_from_draws() -> None:
    x = InputQuantity(0, "x", 173.0, 3.0, "dB")
    y = InputQuantity(0, "y", 0.0, 4.0, "dB")
    found = stated(FormDraft("lower_limit", 0.9), network("x + y", x, y), ISOLATION)
    assert found.interval is not None
    assert found.interval[0] == pytest.approx(173.0 - norm.ppf(0.9) * 5.0, abs=DRAWN * 5.0)
    assert found.interval[1] == 173.0  # the kind has no upper bound: the estimate stands there
    assert found == stated(FormDraft("lower_limit", 0.9), network("x + y", x, y), ISOLATION)
    with pytest.raises(InputError, match="no exact limit"):
        stated(FormDraft("lower_limit", 0.9, "exact"), network("x + y", x, y), ISOLATION)


def test_an_interval_only_has_both_ends() -> None:
    found = stated(FormDraft("interval_only"), network("d", counts("d", 4, 1.0)))
    # Garwood's table for four events: 1.09 to 10.24.
    assert found.interval == (pytest.approx(1.09, abs=5e-3), pytest.approx(10.24, abs=5e-3), 0.95)


def test_draws_without_a_value_give_no_limit() -> None:
    x = InputQuantity(0, "x", 1.0, 1.0, "1")
    y = InputQuantity(0, "y", 1.0, 0.1, "1")
    with pytest.raises(InputError, match="no finite value for"):
        stated(FormDraft("upper_limit"), network("sqrt(x) * y", x, y))


GROSS, BACKGROUND = counts("g", 31, 10.0), counts("b", 290, 100.0)
BELOW = FormDraft("below_detection_limit", gross="g")


def test_what_is_not_detected_has_threshold_and_limit() -> None:
    net = network("(g - b) * w", GROSS, BACKGROUND, InputQuantity(0, "w", 2.0, 0.1, "1"))
    found = stated(BELOW, net)
    assert found.form == "below_detection_limit"
    assert found.interval is not None
    r0 = 290.5 / 100.0
    u0 = 2.0 * math.sqrt(r0 / 10.0 + r0 / 100.0)
    assert found.interval[0] == pytest.approx(K * u0, rel=1e-4)  # Jeffreys' half in 290
    u_rel = 0.1 / 2.0
    limit = (2.0 * found.interval[0] + K**2 * 2.0 / 10.0) / (1.0 - K**2 * u_rel**2)
    assert found.interval[1] == pytest.approx(limit, rel=1e-6)
    assert "alpha 0.05, beta 0.05" in found.method


def test_what_is_detected_is_not_below_the_limit() -> None:
    net = network("g - b", counts("g", 61, 10.0), BACKGROUND)
    with pytest.raises(InputError, match="it was detected: 3"):
        stated(BELOW, net)
    (flag,) = stated(FormDraft(gross="g"), net).flags
    assert flag.startswith("detected: decision threshold 0.93 /s, detection limit 2.1")
    (flag,) = stated(FormDraft(gross="g"), network("g - b", GROSS, BACKGROUND)).flags
    assert flag.startswith("not detected: ")


@pytest.mark.parametrize(
    ("model", "gross", "why"),
    [
        ("b - g", "g", "no straight line that rises"),
        ("g^2 - b^2", "g", "no straight line that rises"),
        ("g - b", "x", "no own input"),
        ("(g - b) * w", "w", "no number of counts"),
    ],
)
def test_detection_is_tested_only_where_it_can_be(model: str, gross: str, why: str) -> None:
    net = network(model, GROSS, BACKGROUND, InputQuantity(0, "w", 2.0, 0.1, "1"))
    with pytest.raises(InputError, match=why):
        detection_of(net, 1, gross, alpha=0.05, beta=0.05, functions={})


def recorded(form: str, interval: tuple[float, float, float] | None, method: str) -> RecordedResult:
    return RecordedResult(
        1, "CAL-1", "dark", Measurand("dark_count_rate"), "/s", form, interval, method
    )


def test_a_record_says_how_it_was_asked_for() -> None:
    for asked, net in (
        (FormDraft("upper_limit", 0.9), network("d", counts("d", 2, 5.0))),
        (FormDraft("upper_limit", 0.9, "posterior"), network("d", counts("d", 2, 5.0))),
        (replace(BELOW, alpha=0.01), network("g - b", GROSS, BACKGROUND)),
    ):
        made = stated(asked, net)
        again = asked_again(recorded(made.form, made.interval, made.method))
        assert stated(again, net) == made
    with pytest.raises(InputError, match="does not say in which counts"):
        asked_again(recorded("below_detection_limit", (1.0, 2.0, 0.95), "felt so"))


def test_a_limit_in_use_is_moved_by_the_whole_drift() -> None:
    rate = InputQuantity(0, "r", 0.0, 1e-3, "/s^2", Distribution.RECTANGULAR)
    reach = 10.0 * drift_reach(rate)
    assert reach == pytest.approx(10.0 * math.sqrt(3.0) * 1e-3)
    upper = form_at_use(recorded("upper_limit", (0.0, 1.0, 0.95), "m"), reach)
    assert upper.interval == (0.0, 1.0 + reach, 0.95)
    lower = form_at_use(recorded("lower_limit", (1.0, 2.0, 0.95), "m"), reach)
    assert lower.interval == (1.0 - reach, 2.0, 0.95)
    both = form_at_use(recorded("interval_only", (1.0, 2.0, 0.95), "m"), reach)
    assert both.interval == (1.0 - reach, 2.0 + reach, 0.95)
    assert form_at_use(recorded("upper_limit", (0.0, 1.0, 0.95), "m"), 0.0).flags == ()
    assert upper.flags
    assert form_at_use(recorded("estimate", None, ""), reach) == StatedForm()
    assert drift_reach(None) == 0.0


def test_a_limit_is_no_parent() -> None:
    refuse_as_parent("CAL-1/dark", "estimate")
    with pytest.raises(InputError) as refused:
        refuse_as_parent("CAL-1/dark", "upper_limit")
    assert 'as = "posterior"' in refused.value.next_step


def test_a_large_conversion_is_said_and_a_small_one_is_not() -> None:
    def said(u_db: float, model: str = "power_ratio_of_level(-x)") -> str:
        x = InputQuantity(0, "x", 30.0, u_db, "dB")
        return level_conversion(network(model, x), 1, frozenset({"x"}))

    assert "69 % of the value" in said(3.0)
    assert said(0.21) == ""  # 4.8 %
    assert said(0.22)  # 5.1 %
    assert said(0.4, "amplitude_ratio_of_level(x)") == ""  # 4.6 %
    assert said(3.0, "x + x") == ""  # no conversion at all
    ratio = InputQuantity(0, "r", 1e-3, 1e-4, "1")
    assert "10 %" in level_conversion(network("level_of_power_ratio(r)", ratio), 1, frozenset())


def test_limits_are_rounded_to_the_side_where_they_hold() -> None:
    assert outward(0.0119829, up=True) == "0.012"
    assert outward(1.2341, up=True) == "1.24"
    assert outward(1.2341, up=False) == "1.23"
    assert outward(-1.2341, up=False) == "-1.24"
    assert outward(999.6, up=True) == "1000"
    assert outward(1.23, up=True) == "1.23"
    assert outward(0.0, up=True) == "0"
    dark = recorded("upper_limit", (0.0, 0.0119829, 0.95), "m")
    assert stated_value(dark, value=0.002, u=0.0028) == "< 0.012 /s"
    assert stated_value(replace(dark, form="estimate"), value=0.002, u=0.0028) == "0.0020(28) /s"
    assert stated_value(replace(dark, form="lower_limit"), value=1.0, u=0.1) == "> 0 /s"
    assert stated_value(replace(dark, form="interval_only"), value=1.0, u=1.0) == "[0, 0.012] /s"
    below = replace(dark, form="below_detection_limit")
    assert stated_value(below, value=1.0, u=1.0) == "not detected"
