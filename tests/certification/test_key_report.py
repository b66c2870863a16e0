"""What a run proves: set, coverage, cost and the calibration that limits, by closed forms.

A made-up proof: length = 1000 x 2 - 500 y at the estimate, and the smallest over the intervals of
x and y as certified figure, so that each number of the report can be written down.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from builders import NetworkBuilder

from qtrace.certification.key_report import CertifiedFigure, key_report
from qtrace.errors import InputError
from qtrace.laboratory.event import Event, EventKind, RecordedResult
from qtrace.laboratory.link import Run
from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument
from qtrace.metrics.protocol import Proof, Protocol, SetParameter, Side
from qtrace.quantity.measurand import Measurand
from qtrace.traceability.chain import Dossier
from qtrace.uncertainty.results import Argument, Model, ModelKind

U_METER, U_OWN = 0.03, 0.01
START = datetime(2021, 7, 1, 12, tzinfo=UTC)
GAUSS = 1e-6  # the integral over the box is numerical


def length(*, x: Any, y: Any) -> Any:
    return 1000.0 * x - 500.0 * y


def certified(*, x_low: Any, x_high: Any, y_low: Any, y_high: Any) -> Any:
    return 1000.0 * x_low - 500.0 * y_high + 0.0 * (x_high + y_low)


def _metric(name: str, kind: str, function: Any, source: ArgumentSource, *names: str) -> Metric:
    arguments = tuple(MetricArgument(one, "mean_photon_number", source, "source") for one in names)
    return Metric(
        f"qkd.made.{name}", "1", name, kind, "bit", arguments, function, "the source", "made up",
        differentiable=name == "length",
    )  # fmt: skip


KIND = "mean_photon_number"
MADE = Protocol(
    "made",
    "made for this test",
    (
        _metric("length", "key_length_finite", length, ArgumentSource.CALIBRATION, "x", "y"),
        _metric(
            "certified", "key_length_certified", certified, ArgumentSource.PARAMETER,
            "x_low", "x_high", "y_low", "y_high",
        ),
    ),
    (
        Proof(
            "bound", "a bound", "qkd.made.certified", "qkd.made.length", "made up", "nobody",
            "finite",
            (
                SetParameter("x", KIND, "light x", "made up"),
                SetParameter("y", KIND, "light y", "made up"),
                SetParameter("z", KIND, "leak z", "made up", 0.0, Side.UPPER, modelled=False),
            ),
        ),
    ),
)  # fmt: skip
RUN = Run(
    "RUN", "L", START, START, {}, {"x": 2.0, "y": 1.0}, (), "discarded", "simulated",
    protocol="made", choices={"bound": "bound"},
    assumptions={"x": (1.9, 2.1), "y": (0.95, 1.05)}, ideal_because={"z": "shielded"},
)  # fmt: skip


METERS = ("METER-A", "METER-B")


def recomputed(*, shared: bool, flags: tuple[str, ...] = (), x_best: float = 2.0) -> Dossier:
    """Return a round of recomputation: x and y measured with one meter, or each with its own."""
    made = NetworkBuilder()
    a, b = (made.leaf(one, 0.0, U_METER) for one in METERS)
    own = [made.leaf(f"own_{one}", 0.0, U_OWN) for one in "xy"]
    x = made.linear({a: 1.0, own[0]: 1.0}, value=x_best)
    y = made.linear({a if shared else b: 1.0, own[1]: 1.0}, value=1.0)
    edges = [made.leaf(one, at, 0.0) for one, at in EDGES.items()]
    nominal = made.add(
        1000.0 * x_best - 500.0,
        Model(ModelKind.FUNCTION, "qkd.made.length", "1"),
        (Argument("x", 1000.0, x.result_id), Argument("y", -500.0, y.result_id)),
    )
    smallest = made.add(
        certified(**EDGES),
        Model(ModelKind.FUNCTION, "qkd.made.certified", "1"),
        tuple(
            Argument(one, 0.0, input_id=edge.input_id)
            for one, edge in zip(EDGES, edges, strict=True)
        ),
    )
    owners = [*METERS, "CAL", "CAL", *["RUN/recomputation"] * 4]
    kinds = dict.fromkeys((*METERS, "CAL"), EventKind.CALIBRATION)
    kinds["RUN/recomputation"] = EventKind.RECOMPUTATION
    events = {
        label: Event(k, label, of, "", "", START, run_id="RUN" if "RUN" in label else "")
        for k, (label, of) in enumerate(kinds.items())
    }
    named = ((x, "CAL", "x"), (y, "CAL", "y"), (nominal, "RUN/recomputation", "length"),
             (smallest, "RUN/recomputation", "certified"))  # fmt: skip
    results = {
        step.result_id: RecordedResult(
            step.result_id, label, name, Measurand(KIND), "1",
            flags=flags if name == "certified" else (),
        )
        for step, label, name in named
    }  # fmt: skip
    inputs = {k: (owner, made.inputs[k].name) for k, owner in enumerate(owners, 1)}
    return Dossier(made.build(), results, events, inputs)


EDGES = {"x_low": 1.9, "x_high": 2.1, "y_low": 0.95, "y_high": 1.05}


def figure(dossier: Dossier, run: Run = RUN) -> CertifiedFigure:
    (one,) = key_report(run, MADE, dossier).figures
    return one


def within(half_width: float, u: float) -> float:
    return math.erf(half_width / (u * math.sqrt(2.0)))


U = math.hypot(U_METER, U_OWN)


def test_the_certified_figure_its_estimate_and_its_u() -> None:
    one = figure(recomputed(shared=True))
    assert one.value == pytest.approx(1900.0 - 525.0)
    assert one.nominal == pytest.approx(1500.0)
    # Errors of the meter move x and y together: 1000 - 500 of them remain.
    assert one.nominal_u == pytest.approx(
        math.hypot(500.0 * U_METER, math.hypot(1000, 500) * U_OWN)
    )
    apart = figure(recomputed(shared=False))
    assert apart.nominal_u == pytest.approx(math.hypot(1000.0, 500.0) * U)


def test_a_meter_that_cancels_does_not_limit() -> None:
    """Shared, the meter brings 15 and the calibration 11.2; apart, the meters bring 30 and 15."""
    assert [
        (label, round(part, 2)) for label, part in figure(recomputed(shared=True)).limited_by
    ] == [
        ("METER-A", 15.0),
        ("CAL", 11.18),
    ]
    apart = figure(recomputed(shared=False)).limited_by
    assert [label for label, _ in apart] == ["METER-A", "METER-B", "CAL"]
    assert [part for _, part in apart] == pytest.approx([30.0, 15.0, 11.1803], rel=1e-5)
    u = figure(recomputed(shared=False)).nominal_u
    assert u is not None
    assert math.hypot(*(part for _, part in apart)) == pytest.approx(u), "parts make up the whole"


def test_coverage_of_one_is_the_normal_integral_and_of_both_not_the_product() -> None:
    one, apart = figure(recomputed(shared=True)), figure(recomputed(shared=False))
    single = [a.coverage for a in one.assumptions[:2]]
    assert single == pytest.approx([within(0.1, U), within(0.05, U)], abs=GAUSS)
    product = within(0.1, U) * within(0.05, U)
    assert apart.assumption_coverage == pytest.approx(product, abs=1e-4)
    assert one.assumption_coverage is not None
    # y is the tighter one, and where it is inside x mostly is, too.
    assert product + 1e-3 < one.assumption_coverage <= within(0.05, U) + GAUSS


def test_the_cost_of_a_set_is_what_one_point_would_gain() -> None:
    x, y, z = figure(recomputed(shared=True)).assumptions
    assert (x.cost, y.cost) == (pytest.approx(100.0), pytest.approx(25.0))
    assert (z.cost, z.coverage, z.support) == (None, None, "shielded")
    undeclared = replace(RUN, assumptions={})
    x, *_ = figure(recomputed(shared=True), undeclared).assumptions
    assert (x.low, x.high, x.declared, x.cost) == (2.0, 2.0, False, None)


def test_what_is_not_argued_for_is_not_proven_and_what_is_outside_violates_the_set() -> None:
    assert figure(recomputed(shared=True)).not_proven == ()
    silent = replace(RUN, ideal_because={})
    flags = ("not proven for this device: leak z", "not proven for this device: light x: far out")
    one = figure(recomputed(shared=True, flags=flags), silent)
    assert one.not_proven == ("leak z",)
    assert one.violated == ("light x: far out",)


def test_a_value_outside_has_little_coverage() -> None:
    one = figure(recomputed(shared=True, x_best=2.2))
    assert one.assumptions[0].coverage == pytest.approx(
        0.5 * (math.erf(0.3 / U / math.sqrt(2)) - math.erf(0.1 / U / math.sqrt(2))), abs=GAUSS
    )


def test_the_chosen_bound_and_missing_rounds_are_said() -> None:
    assert figure(recomputed(shared=True)).chosen
    assert not figure(recomputed(shared=True), replace(RUN, choices={})).chosen
    dossier = recomputed(shared=True)
    calibrations = {i: one for i, one in dossier.results.items() if one.event_label == "CAL"}
    with pytest.raises(InputError, match="no certified figure of run RUN") as caught:
        key_report(RUN, MADE, replace(dossier, results=calibrations))
    assert "qtrace recompute RUN" in caught.value.next_step


def test_no_counts_no_scatter() -> None:
    assert figure(recomputed(shared=True)).stability is None
