from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.laboratory.event import EndKind, EventKind, Origin, Withdrawal
from qtrace.laboratory.laboratory import Route
from qtrace.laboratory.recording import NewArgument, RecordedEvent
from qtrace.quantity.measurand import Measurand
from qtrace.uncertainty.inputs import BlockKind, CorrelationBlock, Distribution, Evaluation

if TYPE_CHECKING:
    from tests.registry.conftest import World


def test_an_event_comes_back_as_it_was_recorded(full_world: World) -> None:
    with full_world.database.read() as reader:
        event = reader.events.by_label("CAL-D1")
        meter = reader.events.by_label("CAL-METER")
    assert event == full_world.event(
        "CAL-D1", event_id=event.event_id, state="as_left", flags=("date ours",)
    )
    origin = meter.origins["cf"]
    assert origin.end is EndKind.NMI_CERTIFICATE
    assert origin.certificate.route is Route.NMI_CAPABILITY
    assert not origin.certificate.available


def test_every_field_of_an_event_and_its_origins_survives(world: World) -> None:
    world.registers().runs()
    event = world.event(
        "USE-1",
        kind=EventKind.USE,
        route=Route.OTHER,
        procedure="P",
        validation="V",
        run_id="R1",
        source="S",
        document_digest="ef" * 32,
        origins={
            "a": Origin(EndKind.COUNTING, "counted"),
            "b": Origin(instrument="COUNTER", instrument_kind="time_base_frequency"),
        },
    )
    with world.writes() as unit:
        recorded = unit.events.record(event)
    with world.database.read() as reader:
        found = reader.events.by_label("USE-1")
        assert reader.events.of_run("R1") == (found,)
    assert found == world.event(
        "USE-1",
        event_id=recorded.event_id,
        kind=EventKind.USE,
        route=Route.OTHER,
        procedure="P",
        validation="V",
        run_id="R1",
        source="S",
        document_digest="ef" * 32,
        origins=event.origins,
    )


def test_an_event_may_have_no_device_laboratory_or_run(world: World) -> None:
    statement = world.event("LASER", device_id="", laboratory_id="", kind=EventKind.STATEMENT)
    with world.writes() as unit:
        unit.events.record(statement, [world.quantity("wavelength")])
    with world.database.read() as reader:
        found = reader.events.by_label("LASER")
    assert (found.device_id, found.laboratory_id, found.run_id) == ("", "", "")


def test_inputs_come_back_as_they_were_recorded(full_world: World) -> None:
    with full_world.database.read() as reader:
        counts, dark, power = reader.events.inputs_of("CAL-D1")
        (meter_input,) = reader.events.inputs_of("CAL-METER")
    assert counts.standard_uncertainty == 600.3848016064364  # bit for bit
    assert counts.evaluation is Evaluation.A
    assert (counts.text, counts.flags) == ("244355.7 /s", ("u of one reading",))
    assert dark.distribution is Distribution.COUNTS
    assert power.distribution is Distribution.RECTANGULAR
    assert power.degrees_of_freedom == math.inf
    assert meter_input.degrees_of_freedom == 1.0


def test_a_block_keeps_both_matrices_and_the_order_of_its_members(full_world: World) -> None:
    with full_world.database.read() as reader:
        (block,) = reader.events.blocks_of("CAL-D1")
        ids = {item.name: item.input_id for item in reader.events.inputs_of("CAL-D1")}
        assert reader.events.blocks_of("CAL-METER") == ()
    assert block.input_ids == (ids["dark"], ids["counts"])
    assert block.kind is BlockKind.ENSEMBLE
    assert (block.degrees_of_freedom, block.reason) == (9.0, "pair")
    np.testing.assert_array_equal(block.correlation, full_world.correlated)
    np.testing.assert_array_equal(block.correlation_entered, full_world.as_entered)


def test_results_are_found_by_label_event_device_and_id(full_world: World) -> None:
    with full_world.database.read() as reader:
        events = reader.events
        result = events.result("CAL-D1/system_detection_efficiency")
        assert result.label == "CAL-D1/system_detection_efficiency"
        assert result.measurand == Measurand.of(
            "system_detection_efficiency", {"reference_plane": "splice"}
        )
        assert result.interval == (0.93, 0.944, 0.95)
        assert (result.interval_method, result.flags) == ("t", ("few counts",))
        rate, efficiency = events.results_of("CAL-D1")
        assert efficiency == result
        assert rate.interval is None
        assert events.results_of_device("D1") == (rate, efficiency)
        assert events.results_of_device("D1", "photon_rate") == (rate,)
        assert events.results_of_device("D2") == ()
        assert events.recorded_results([rate.result_id, 999]) == {rate.result_id: rate}
        assert events.stored_values([result.result_id]) == {
            result.result_id: (0.9377851731506629, 0.003515164919)
        }
        assert events.result_ids() == tuple(
            found.result_id for found in (events.result("CAL-METER/factor"), rate, efficiency)
        )


def test_a_label_may_hold_a_slash(world: World) -> None:
    world.registers()
    with world.writes() as unit:
        unit.events.record(world.event("2021/7"), results=[world.result("gain")])
    with world.database.read() as reader:
        assert reader.events.result("2021/7/gain").event_label == "2021/7"


def test_an_input_knows_its_owner(full_world: World) -> None:
    with full_world.database.read() as reader:
        (cf,) = reader.events.inputs_of("CAL-METER")
        assert reader.events.input_owner([cf.input_id, 999]) == {cf.input_id: ("CAL-METER", "cf")}


def test_events_behind_a_result_and_events_that_depend_on_one(full_world: World) -> None:
    with full_world.database.read() as reader:
        efficiency = reader.events.result("CAL-D1/system_detection_efficiency")
        behind = reader.events.behind([efficiency.result_id])
        after = reader.events.depending_on("CAL-METER")
        assert reader.events.of_device("METER") == (behind[0],)
        assert reader.events.all() == behind
    assert [event.label for event in behind] == ["CAL-METER", "CAL-D1"]
    assert [event.label for event in after] == ["CAL-METER", "CAL-D1"]


def test_an_input_of_a_statement_is_shared_by_reference(world: World) -> None:
    world.registers()
    with world.writes() as unit:
        laser = unit.events.record(
            world.event("LASER", device_id="", kind=EventKind.STATEMENT),
            [world.quantity("wavelength")],
        )
        shared = NewArgument("wavelength", 2.0, input_id=laser.input_ids["wavelength"])
        for label in ("E1", "E2"):
            unit.events.record(world.event(label), results=[world.result("r", shared)])
    with world.database.read() as reader:
        ids = [reader.events.result(f"{label}/r").result_id for label in ("E1", "E2")]
        network = reader.network(ids)
        assert [event.label for event in reader.events.behind(ids[:1])] == ["LASER", "E1"]
    assert list(network.inputs) == [laser.input_ids["wavelength"]]
    assert {network.results[i].arguments[0].input_id for i in ids} == set(network.inputs)


def test_measurands_and_models_are_stored_once(full_world: World) -> None:
    full_world.recorded["CAL-METER"] = recorded_event(full_world, "CAL-METER", "factor")
    full_world.calibrates("D2")
    with full_world.database.read() as reader:
        counts = [
            reader.connection.exec_driver_sql(
                f"SELECT count(*) FROM {table}"  # noqa: S608 - our own names
            ).scalar_one()
            for table in ("measurand", "model", "result")
        ]
    assert counts == [3, 3, 5]


def recorded_event(world: World, label: str, name: str) -> RecordedEvent:
    with world.database.read() as reader:
        result_id = reader.events.result(f"{label}/{name}").result_id
        return RecordedEvent(reader.events.by_label(label).event_id, {}, {name: result_id})


def test_a_withdrawal_is_a_row_beside_the_event(full_world: World) -> None:
    with full_world.database.read() as reader:
        assert reader.events.withdrawals() == (
            Withdrawal("CAL-METER", "wrong factor", full_world.performed),
        )
    with full_world.database.read(as_of=4) as reader:
        assert reader.events.withdrawals() == ()
    with (
        pytest.raises(InputError, match="withdrawal of CAL-METER is already recorded"),
        full_world.writes() as unit,
    ):
        unit.events.withdraw("CAL-METER", "again", withdrawn_at=full_world.performed)


def test_unknown_names_come_with_close_ones(full_world: World) -> None:
    with full_world.database.read() as reader:
        with pytest.raises(InputError) as caught:
            reader.events.by_label("CAL-METRE")
        assert "did you mean CAL-METER" in caught.value.next_step
        with pytest.raises(InputError) as caught:
            reader.events.result("CAL-METER/facto")
        assert "did you mean CAL-METER/factor" in caught.value.next_step
        with pytest.raises(InputError) as caught:
            reader.events.results_of("zzz")
        assert "qtrace calibration list" in caught.value.next_step
        with pytest.raises(InputError):
            reader.events.inputs_of("zzz")


def nothing_new(world: World) -> bool:
    with world.database.read() as reader:
        return (
            reader.events.labels() == ("CAL-METER", "CAL-D1") and len(reader.ledger.entries()) == 5
        )


def own(name: str, **source: object) -> NewArgument:
    return NewArgument(name, 1.0, **source)


REFUSED = {
    "label taken": (lambda w: (w.event("CAL-D1"),), "CAL-D1 is already recorded as the calib"),
    "no label": (lambda w: (w.event(""),), "needs a label"),
    "unknown device": (lambda w: (w.event("E", "D3"),), "no device called 'D3'"),
    "unknown laboratory": (lambda w: (w.event("E", laboratory_id="LUB"),), "no laboratory called"),
    "unknown run": (lambda w: (w.event("E", run_id="R2"),), "no run called 'R2'"),
    "time without zone": (
        lambda w: (w.event("E", performed_at=datetime(2021, 6, 1)),),  # noqa: DTZ001 - the fault
        "has no zone",
    ),
    "input twice": (
        lambda w: (w.event("E"), [w.quantity("a"), w.quantity("a")]),
        "stands twice: a",
    ),
    "result twice": (
        lambda w: (w.event("E"), [], [], [w.result("r"), w.result("r")]),
        "stands twice: r",
    ),
    "argument twice": (
        lambda w: (
            w.event("E"),
            [w.quantity("a")],
            [],
            [w.result("r", own("a", input_name="a"), own("a", input_name="a"))],
        ),
        "stands twice: a",
    ),
    "NaN estimate": (lambda w: (w.event("E"), [w.quantity("a", math.nan)]), "nan is not a number"),
    "infinite u": (lambda w: (w.event("E"), [w.quantity("a", u=math.inf)]), "inf is not a number"),
    "negative u": (lambda w: (w.event("E"), [w.quantity("a", u=-0.1)]), "-0.1 is negative"),
    "no freedom": (
        lambda w: (w.event("E"), [w.quantity("a", degrees_of_freedom=0.0)]),
        "cannot be degrees",
    ),
    "NaN freedom": (
        lambda w: (w.event("E"), [w.quantity("a", degrees_of_freedom=math.nan)]),
        "nan cannot be degrees",
    ),
    "NaN value": (
        lambda w: (w.event("E"), [], [], [w.result("r", value=math.nan)]),
        "nan is not a number",
    ),
    "negative u of a result": (
        lambda w: (w.event("E"), [], [], [w.result("r", u=-1.0)]),
        "is negative",
    ),
    "NaN sensitivity": (
        lambda w: (
            w.event("E"),
            [w.quantity("a")],
            [],
            [w.result("r", NewArgument("a", math.nan, input_name="a"))],
        ),
        "nan is not a number",
    ),
    "unknown input": (
        lambda w: (
            w.event("E"),
            [w.quantity("power")],
            [],
            [w.result("r", own("p", input_name="powr"))],
        ),
        "no input of this event called 'powr'",
    ),
    "later result": (
        lambda w: (
            w.event("E"),
            [],
            [],
            [w.result("r", own("s", own_result_name="s")), w.result("s")],
        ),
        "no earlier result of this event called 's'",
    ),
    "unknown parent": (
        lambda w: (w.event("E"), [], [], [w.result("r", own("p", parent_id=99))]),
        "no result with id 99",
    ),
    "unknown shared input": (
        lambda w: (w.event("E"), [], [], [w.result("r", own("p", input_id=99))]),
        "no input quantity with id 99",
    ),
    "no source": (lambda w: (w.event("E"), [], [], [w.result("r", own("p"))]), "exactly one"),
    "two sources": (
        lambda w: (w.event("E"), [], [], [w.result("r", own("p", parent_id=1, input_id=1))]),
        "exactly one",
    ),
    "control character": (lambda w: (w.event("E", flags=("a\x07b",)),), "control"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_refused_and_nothing_is_written(full_world: World, case: str) -> None:
    arguments, message = REFUSED[case]
    with pytest.raises(InputError, match=message) as caught, full_world.writes() as unit:
        unit.events.record(*arguments(full_world))
    assert caught.value.exit_code == 2
    assert caught.value.next_step
    assert nothing_new(full_world)


def block(*positions: int, matrix: object = None) -> CorrelationBlock:
    square = np.eye(len(positions)) if matrix is None else np.asarray(matrix, dtype=float)
    return CorrelationBlock(0, BlockKind.DECLARED, positions, square, square)


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ([block(1, 3)], "names inputs"),
        ([block(0, 1)], "names inputs"),
        ([block(1, 1)], "names an input twice"),
        ([block(1, 2), block(2)], "stands in two correlations"),
        ([block(1, 2, matrix=[[1.0]])], "2 x 2 finite numbers"),
        ([block(1, 2, matrix=[[1.0, math.nan], [math.nan, 1.0]])], "2 x 2 finite numbers"),
    ],
)
def test_a_wrong_block_is_refused(
    full_world: World, blocks: list[CorrelationBlock], message: str
) -> None:
    inputs = [full_world.quantity("a"), full_world.quantity("b")]
    with pytest.raises(InputError, match=message), full_world.writes() as unit:
        unit.events.record(full_world.event("E"), inputs, blocks)
    assert nothing_new(full_world)


def test_a_recorded_input_is_not_recorded_twice(full_world: World) -> None:
    with full_world.database.read() as reader:
        inputs = reader.events.inputs_of("CAL-METER")
    with pytest.raises(InputError, match="cannot be recorded again"), full_world.writes() as unit:
        unit.events.record(full_world.event("E"), inputs)


def test_numpy_numbers_are_stored_as_plain_doubles(world: World) -> None:
    world.registers()
    with world.writes() as unit:
        inputs = [world.quantity("a", np.float64(0.1), np.float32(0.5))]
        unit.events.record(world.event("E"), inputs)
    with world.database.read() as reader:
        (found,) = reader.events.inputs_of("E")
    assert (found.estimate, found.standard_uncertainty) == (0.1, 0.5)
