"""A small laboratory on a temporary SQLite file, for stories about the registry."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from qtrace.laboratory.baseline import Baseline
from qtrace.laboratory.device import Device, DeviceClass
from qtrace.laboratory.event import CertificateReference, EndKind, Event, EventKind, Origin
from qtrace.laboratory.laboratory import Competence, Laboratory, Route
from qtrace.laboratory.link import Declaration, Link, RoleUse, Run
from qtrace.laboratory.programme import CalibrationProgramme
from qtrace.laboratory.recording import NewArgument, NewResult, RecordedEvent
from qtrace.laboratory.run_plan import RunPlan
from qtrace.quantity.measurand import Measurand
from qtrace.registry.database import Database
from qtrace.registry.findings import DecisionRecord, FindingRecord
from qtrace.registry.recalls import DecisionEventRecord, RecallRecord
from qtrace.registry.statements import PublicKeyRecord, StatementRecord
from qtrace.registry.unit_of_work import UnitOfWork
from qtrace.uncertainty.inputs import (
    BlockKind,
    CorrelationBlock,
    Distribution,
    Evaluation,
    InputQuantity,
)
from qtrace.uncertainty.results import Model, ModelKind

PERFORMED = datetime(2021, 6, 1, 12, tzinfo=UTC)
IN_ORDER = np.array([[1.0, 0.25], [0.25, 1.0]])
AS_ENTERED = np.array([[1.0, 0.3], [0.3, 1.0]])


def event(label: str, device_id: str = "D1", **changes: object) -> Event:
    """Return an event of a device; `changes` override its fields."""
    fields: dict[str, object] = {
        "event_id": 0,
        "label": label,
        "kind": EventKind.CALIBRATION,
        "device_id": device_id,
        "laboratory_id": "LAB",
        "performed_at": PERFORMED,
        **changes,
    }
    return Event(**fields)  # type: ignore[arg-type]


def quantity(name: str, estimate: float = 1.0, u: float = 0.1, **changes: object) -> InputQuantity:
    """Return an input quantity of unit one."""
    return InputQuantity(0, name, estimate, u, "1", **changes)  # type: ignore[arg-type]


def result(name: str, *arguments: NewArgument, value: float = 1.0, u: float = 0.1) -> NewResult:
    """Return a linear result of unit one."""
    measurand = Measurand.of("transmittance", {"wavelength": "1550.5 nm"})
    model = Model(ModelKind.LINEAR)
    return NewResult(name, measurand, model, value, "1", u, arguments)


def a_run(run_id: str = "R1", **changes: object) -> Run:
    fields: dict[str, object] = {
        "run_id": run_id,
        "link_id": "L1",
        "started": PERFORMED,
        "ended": PERFORMED + timedelta(seconds=1000),
        "counts": {"errors_z": 70, "agreements_z": 1480},
        "parameters": {"f_ec": 1.19, "eps_cor": 1e-10, "duration": 1000.0},
        "roles": (
            RoleUse("receiver_a", "D1", {"wavelength": "1550.5 nm"}),
            RoleUse("receiver_b", "", {}, "not registered"),
        ),
        "key_disposition": "never_used",
        "provenance": "simulated",
        "source": "seeded",
        "from_memory": ("counts",),
        "published": {"finite_bits": 372.0},
        "notes": ("a note",),
        "planned": True,
        **changes,
    }
    return Run(**fields)  # type: ignore[arg-type]


def a_finding(assessment: str, requirement_id: str, subject_id: str = "L1") -> FindingRecord:
    content = {"outcome": "MET", "margin": 0.25, "reasons": ["ä"]}
    return FindingRecord(assessment, "link", subject_id, "std", "strict", requirement_id, content)


@dataclass
class World:
    """A database with a clock that ticks once per unit of work."""

    path: Path
    database: Database
    now: datetime = datetime(2022, 1, 1, tzinfo=UTC)
    recorded: dict[str, RecordedEvent] = field(default_factory=dict)
    event = staticmethod(event)
    quantity = staticmethod(quantity)
    result = staticmethod(result)
    a_run = staticmethod(a_run)
    a_finding = staticmethod(a_finding)
    correlated = IN_ORDER
    as_entered = AS_ENTERED
    performed = PERFORMED

    @contextmanager
    def writes(self, action: str = "register", subject: str = "laboratory") -> Iterator[UnitOfWork]:
        self.now += timedelta(minutes=1)
        with self.database.write(
            recorded_at=self.now, actor="ann", action=action, subject=subject
        ) as unit:
            yield unit

    def registers(self) -> World:
        """Record a class, three devices, a laboratory, a programme, a link and its run."""
        with self.writes() as unit:
            unit.devices.add_class(DeviceClass("snspd", "detector", ("efficiency",), ("receiver",)))
            for name in ("METER", "D1", "D2"):
                unit.devices.add(Device(name, "snspd", "maker", "m1", f"SN-{name}", "1.0", "new"))
            scope = Competence(
                "transmittance",
                Route.ACCREDITED,
                0.0,
                1.0,
                0.01,
                relative=True,
                valid_from=PERFORMED,
                valid_until=PERFORMED + timedelta(days=365),
                reference="S1",
            )
            unit.laboratories.add(Laboratory("LAB", "A laboratory", "US", (scope,)))
            unit.programmes.add(
                CalibrationProgramme("D1", "transmittance", 365.0, "owner", PERFORMED)
            )
            limit = Declaration("efficiency_mismatch", 0.05, "1", "5 %", "target")
            unit.links.add(
                Link(
                    "L1",
                    "a link",
                    "bbm92",
                    ("A", "B"),
                    "SYNTHETIC",
                    (limit,),
                    {"st": "x"},
                    "s",
                    (RoleUse("receiver_a", "D1"),),
                )
            )
        return self

    def runs(self, run_id: str = "R1") -> World:
        with self.writes("run add", run_id) as unit:
            unit.links.add_run(a_run(run_id), document_digest="ab" * 32)
        return self

    def calibrates_meter(self) -> RecordedEvent:
        """Record event CAL-METER: one input `cf`, one result `factor`."""
        with self.writes("calibrate", "CAL-METER") as unit:
            certificate = CertificateReference("NMI", "N-1", Route.NMI_CAPABILITY, available=False)
            origin = Origin(EndKind.NMI_CERTIFICATE, "held elsewhere", certificate=certificate)
            recorded = unit.events.record(
                event("CAL-METER", "METER", origins={"cf": origin}),
                [quantity("cf", 1.01375, 0.0014, degrees_of_freedom=1.0)],
                results=[result("factor", NewArgument("cf", 1.0, input_name="cf"), value=1.01375)],
            )
        self.recorded["CAL-METER"] = recorded
        return recorded

    def calibrates(self, device_id: str) -> RecordedEvent:
        """Record event CAL-<device>: two results that share the meter and a correlated pair."""
        factor = self.recorded["CAL-METER"].result_ids["factor"]
        label = f"CAL-{device_id}"
        inputs = [
            quantity(
                "counts",
                244355.7,
                600.3848016064364,
                evaluation=Evaluation.A,
                degrees_of_freedom=9.0,
                text="244355.7 /s",
                flags=("u of one reading",),
            ),
            quantity("dark", 11.3, 0.5, distribution=Distribution.COUNTS),
            quantity("power", 1e-9, 1e-12, distribution=Distribution.RECTANGULAR),
        ]
        block = CorrelationBlock(0, BlockKind.ENSEMBLE, (2, 1), IN_ORDER, AS_ENTERED, 9.0, "pair")
        rate = NewResult(
            "photon_rate",
            Measurand.of("photon_rate", {"wavelength": "1550.5 nm"}),
            Model(ModelKind.FUNCTION, "detector.photon_rate", "1"),
            240385.65169742,
            "s^-1",
            607.9635910662,
            (
                NewArgument("power", 2.4e14, input_name="power"),
                NewArgument("factor", 2.4e5, parent_id=factor),
            ),
        )
        efficiency = NewResult(
            "system_detection_efficiency",
            Measurand.of("system_detection_efficiency", {"reference_plane": "splice"}),
            Model(ModelKind.EXPRESSION, "(counts - dark) / photon_rate"),
            0.9377851731506629,
            "1",
            0.003515164919,
            (
                NewArgument("counts", 4e-6, input_name="counts"),
                NewArgument("dark", -4e-6, input_name="dark"),
                NewArgument("photon_rate", -3.9e-6, own_result_name="photon_rate"),
            ),
            interval=(0.93, 0.944, 0.95),
            interval_method="t",
            flags=("few counts",),
        )
        with self.writes("calibrate", label) as unit:
            recorded = unit.events.record(
                event(label, device_id, state="as_left", flags=("date ours",)),
                inputs,
                [block],
                [rate, efficiency],
            )
        self.recorded[label] = recorded
        return recorded

    def everything(self, *, recalls: bool = True) -> World:
        """Put at least one row into every table; without recalls into all of the first schema."""
        self.registers().runs()
        self.calibrates_meter()
        self.calibrates("D1")
        with self.writes("certify", "DOC-1") as unit:
            unit.devices.retire("D2", "broken", effective_at=PERFORMED)
            unit.events.withdraw("CAL-METER", "wrong factor", withdrawn_at=PERFORMED)
            unit.findings.add("A-1", [a_finding("A-1", "REQ-1"), a_finding("A-1", "REQ-2")])
            unit.findings.add_decision(
                DecisionRecord("DOC-1", "link", "L1", "strict", "REFUSED", "decl", {"why": ["x"]})
            )
            unit.statements.add_key(
                PublicKeyRecord("k1", "Ann", "Lab", "release", b"\x01" * 32, PERFORMED)
            )
            unit.statements.add(
                StatementRecord("DOC-1", '{"a":1}', "application/x", "cd" * 32, "k1", b"\x7b" * 64)
            )
            if recalls:
                unit.plans.add(a_plan())
                unit.baselines.add(a_baseline())
                meter = unit.events.by_label("CAL-METER").event_id
                fields = ("withdrawn", "wrong factor", {"shift": "0.1"}, {"documents": ["DOC-1"]})
                unit.recalls.add(RecallRecord("RECALL-1", "CAL-METER", meter, *fields, PERFORMED))
                unit.recalls.add_decision_event(
                    DecisionEventRecord("DOC-1", "MAINTAINED", "stands", PERFORMED, "RECALL-1")
                )
        return self


def a_plan() -> RunPlan:
    """Return a plan of the link of the world."""
    return RunPlan(
        "PLAN-1", "L1", PERFORMED, PERFORMED, "bbm92", "gamma", 3, 1000, "after three blocks"
    )


def a_baseline(**changes: object) -> Baseline:
    """Return a baseline of a proportion; `changes` override its fields."""
    fields: dict[str, object] = {
        "baseline_id": "BASE-1",
        "item": "teleportation.average_fidelity",
        "kind": "average_fidelity",
        "value": 2.0 / 3.0,
        "standard_uncertainty": 0.0,
        "better": "higher",
        "title": "measure and prepare",
        "source": "computed",
        "tag": "computed",
        "conditions": (("state_set", "uniform"),),
        "text": "0.6666666666666666",
        **changes,
    }
    return Baseline(**fields)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a new registry, made once: tests work on copies."""
    path = tmp_path_factory.mktemp("empty") / "registry.sqlite"
    Database.open(str(path), create=True)
    return path


@pytest.fixture(scope="session")
def full_file(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a registry with rows in every table, made once: tests work on copies."""
    path = tmp_path_factory.mktemp("full") / "registry.sqlite"
    shutil.copy(empty_file, path)
    World(path, Database.open(str(path))).everything()
    return path


@pytest.fixture
def world(tmp_path: Path, empty_file: Path) -> World:
    path = tmp_path / "registry.sqlite"
    shutil.copy(empty_file, path)
    return World(path, Database.open(str(path)))


@pytest.fixture
def full_world(tmp_path: Path, full_file: Path) -> World:
    """A world with rows in every table; the last unit of work was `certify DOC-1`."""
    path = tmp_path / "full.sqlite"
    shutil.copy(full_file, path)
    return World(path, Database.open(str(path)), datetime(2023, 1, 1, tzinfo=UTC))


class Tamper(Protocol):
    """Changes a table behind the registry's back."""

    def __call__(self, path: Path, table: str, *statements: str) -> None: ...


@pytest.fixture
def tamper() -> Tamper:
    """Return a function that changes a table with its triggers off, and puts them back."""

    def change(path: Path, table: str, *statements: str) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            triggers = connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?",
                (table,),
            ).fetchall()
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement)
            for _, sql in triggers:
                connection.execute(sql)

    return change
