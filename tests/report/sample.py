"""A small case with everything that a report shows: two detectors, one synthetic run.

Inside: `sample_case`, `sample_conclusions`, `sample_head`, `nist_chain`, `DIGEST`, `ENTRY`.
Figures of the detectors are those published with APL Photonics 7, 051302 (2022), shortened.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from builders import Leaf, NetworkBuilder, Source, Step

from qtrace.certification.case import (
    AppliedStandard,
    CaseFile,
    DeviceInRole,
    DocumentEvidence,
    Figure,
)
from qtrace.certification.conclude import Conclusions, conclude
from qtrace.certification.scheme import Scheme, scheme_from_dict
from qtrace.certification.statement import DocumentHead, title_of
from qtrace.laboratory.device import Device
from qtrace.laboratory.event import (
    CertificateReference,
    EndKind,
    Event,
    EventKind,
    Origin,
    RecordedResult,
)
from qtrace.laboratory.laboratory import Laboratory, Route
from qtrace.laboratory.link import Declaration, Link, RoleUse, Run
from qtrace.laboratory.programme import CalibrationProgramme
from qtrace.metrics.catalogue import functions
from qtrace.metrics.run_figures import run_results
from qtrace.metrics.run_inputs import run_inputs
from qtrace.quantity.measurand import Measurand
from qtrace.standards.pack import StandardPack, pack_from_dict
from qtrace.traceability.chain import Chain, Dossier
from qtrace.uncertainty.evaluation import ModelFunction
from qtrace.uncertainty.inputs import Distribution, Evaluation, InputQuantity
from qtrace.uncertainty.results import Argument

DATA = Path(__file__).parents[2] / "data"
DIGEST = "4b" * 32
ENTRY = "entry 17 of 2026-03-02T10:15:00.000000Z"
CALIBRATED = datetime(2021, 6, 1, 12, tzinfo=UTC)
USED = datetime(2021, 7, 1, 12, tzinfo=UTC)
# A calibration speaks of the firmware that it was made with, and of no other.
FIRMWARE = {"firmware": "fw 1.2"}
PLANE = {
    **FIRMWARE,
    "reference_plane": "fibre connector at the cryostat",
    "wavelength": "1550.5 nm",
    "photon_rate": "240000 /s",
    "polarization": "maximum",
}
_RATIO = Origin(
    end=EndKind.RATIO_ON_ONE_INSTRUMENT,
    statement="two readings of the monitor meter; linearity budget of the same day",
)
_TIME_BASE = Origin(
    end=EndKind.COUNTING,
    statement="detection events counted",
    instrument="COUNTER-1",
    instrument_kind="time_base_frequency",
)
_RANGE = 6.66735e-4

# device: P0 and u, transmittances and u, counts and u, dark counts and u
DETECTORS = {
    "D1": (
        (9.8581527120938e-05, 3.42584e-08),
        ((7.95242672e-4, 6.00638e-7), (7.74197833e-4, 5.84144e-7), (8.23553832e-4, 6.20992e-7)),
        (244355.7, 600.3848),
        (18925.6, 168.8083),
    ),
    "D2": (
        (9.907738779838279e-05, 3.48296e-08),
        ((7.93759646e-4, 6.00931e-7), (7.70613832e-4, 5.81708e-7), (8.21732261e-4, 6.20238e-7)),
        (254297.4, 653.3962),
        (27038.6, 247.4159),
    ),
}


class _Bench:
    """Records events, inputs and results of the sample, one call each."""

    def __init__(self) -> None:
        self.network = NetworkBuilder()
        self.events: dict[str, Event] = {}
        self.results: dict[int, RecordedResult] = {}
        self.owner: dict[int, tuple[str, str]] = {}

    def event(self, label: str, device: str, *, run_id: str = "") -> None:
        kind = EventKind.CALIBRATION
        if run_id:
            kind = EventKind.USE if device else EventKind.RECOMPUTATION
        self.events[label] = Event(
            len(self.events) + 1,
            label,
            kind,
            device,
            "" if run_id else "NIST-BOULDER",
            USED if run_id else CALIBRATED,
            procedure="substitution against a calibrated meter",
            validation="comparison of both runs of the data set",
            run_id=run_id,
            source="APL Photonics 7, 051302 (2022)",
            flags=() if run_id else ("published data", "date assumed, not published"),
        )

    def leaf(
        self,
        label: str,
        name: str,
        x: float,
        u: float,
        *,
        origin: Origin,
        dof: float = math.inf,
        unit: str = "1",
    ) -> Leaf:
        evaluation = Evaluation.B if math.isinf(dof) else Evaluation.A
        leaf = self.network.leaf(name, x, u, dof=dof, evaluation=evaluation, unit=unit)
        self.own(label, name, leaf, origin)
        return leaf

    def own(self, label: str, name: str, leaf: Leaf, origin: Origin) -> None:
        self.owner[leaf.input_id] = (label, name)
        self.events[label].origins[name] = origin

    def result(
        self,
        label: str,
        kind: str,
        text: str,
        *,
        unit: str = "1",
        conditions: Mapping[str, str] | None = None,
        **sources: Source,
    ) -> Step:
        step = self.network.expression(text, **sources)
        self.record(step, label, kind, unit=unit, conditions=conditions)
        return step

    def record(
        self,
        step: Step,
        label: str,
        kind: str,
        *,
        unit: str = "1",
        name: str = "",
        conditions: Mapping[str, str] | None = None,
    ) -> None:
        self.results[step.result_id] = RecordedResult(
            step.result_id, label, name or kind, Measurand.of(kind, dict(conditions or {})), unit
        )


def _shared(bench: _Bench) -> dict[str, Step]:
    """Record what both detectors rest on: range factor, meter and switch."""
    bench.event("RANGE-2021", "MONITOR-1")
    factor = bench.leaf("RANGE-2021", "range_change", 1.0, _RANGE, origin=_RATIO)
    bench.event("METER-2021", "METER-1")
    certificate = CertificateReference("NIST", "not published", Route.NMI_CAPABILITY, False)
    reading = bench.leaf(
        "METER-2021",
        "reading_over_true",
        1.01375,
        0.001395,
        origin=Origin(certificate=certificate),
        dof=1.0,
    )
    bench.event("SWITCH-2021", "SWITCH-1")
    ratio = bench.leaf("SWITCH-2021", "ratio", 1.6010127498885889, 1.28823e-4, origin=_RATIO)
    return {
        "F": bench.result("RANGE-2021", "range_factor", "x", x=factor),
        "CF": bench.result("METER-2021", "indication_ratio", "x", x=reading),
        "R": bench.result("SWITCH-2021", "power_ratio", "x", x=ratio),
    }


def _detector(bench: _Bench, name: str, shared: Mapping[str, Step]) -> tuple[Step, Step]:
    """Record attenuators, photon rate, dark counts and efficiency of one detector."""
    power, transmittances, counts, dark = DETECTORS[name]
    steps = dict(shared)
    for k, (a, u) in enumerate(transmittances, start=1):
        label = f"ATT{k}-{name}"
        bench.event(label, f"VOA-{k}")
        own = math.sqrt(u**2 - (a * _RANGE) ** 2)
        leaf = bench.leaf(label, "own_part", a, own, origin=_RATIO)
        steps[f"a{k}"] = bench.result(label, "transmittance", "own * F", own=leaf, F=shared["F"])
    label = f"NIST-2022-{name}"
    bench.event(label, f"SNSPD-{name}")
    laser = Origin(
        end=EndKind.ASSESSED_BOUND,
        statement="wavelength as set; bound of the maker",
        instrument="LASER-1",
        instrument_kind="wavelength",
    )
    wavelength = bench.leaf(label, "wavelength", 1.5505e-6, 1e-12, origin=laser, unit="nm")
    monitor = bench.leaf(label, "P0", power[0], power[1], origin=_RATIO, unit="mW")
    clicks = bench.leaf(label, "counts", *counts, origin=_TIME_BASE, dof=9.0, unit="/s")
    darks = bench.leaf(label, "dark_counts", *dark, origin=_TIME_BASE, dof=9.0, unit="/s")
    rate = bench.result(
        label,
        "photon_rate",
        "P0 * wavelength / (6.62607015e-34 * 299792458) * a1 * a2 * a3 / (R * CF)",
        unit="/s",
        P0=monitor,
        wavelength=wavelength,
        a1=steps["a1"],
        a2=steps["a2"],
        a3=steps["a3"],
        R=steps["R"],
        CF=steps["CF"],
    )
    dark_rate = bench.result(label, "dark_count_rate", "x", unit="/s", conditions=FIRMWARE, x=darks)
    efficiency = bench.result(
        label,
        "system_detection_efficiency",
        "(counts - dark) / rate",
        conditions=PLANE,
        counts=clicks,
        dark=dark_rate,
        rate=rate,
    )
    return efficiency, dark_rate


def _in_use(bench: _Bench, role: str, name: str, steps: tuple[Step, Step]) -> tuple[Step, Step]:
    label = f"RUN-2021/use/{role}"
    bench.event(label, f"SNSPD-{name}", run_id="RUN-2021")
    drift = bench.network.leaf(
        "drift_rate", 0.0, 1e-10, distribution=Distribution.RECTANGULAR, unit="/s"
    )
    bound = Origin(end=EndKind.ASSESSED_BOUND, statement="drift bound declared with the device")
    bench.own(label, "drift_rate", drift, bound)
    elapsed = (USED - CALIBRATED).total_seconds()
    used = bench.network.linear(
        {steps[0]: 1.0, drift: elapsed}, value=bench.network.value(steps[0])
    )
    bench.record(used, label, "system_detection_efficiency", conditions=PLANE)
    dark = bench.network.linear({steps[1]: 1.0})
    bench.record(dark, label, "dark_count_rate", unit="/s", conditions=FIRMWARE)
    return used, dark


def _run() -> Run:
    return Run(
        "RUN-2021",
        "SYNTHETIC-1",
        USED,
        USED.replace(hour=18),
        {
            "errors_z": 5000,
            "agreements_z": 245_000,
            "errors_x": 5010,
            "agreements_x": 244_990,
        },
        {
            "error_correction_efficiency": 1.16,
            "epsilon_sampling": 1e-10,
            "epsilon_correctness": 1e-10,
            "epsilon_privacy": 1e-10,
        },
        (
            RoleUse("receiver_a", "SNSPD-D1", PLANE),
            RoleUse("receiver_b", "SNSPD-D2", PLANE),
        ),
        "never_used",
        "simulated",
        source="seeded model of this project, seed 20230101",
        from_memory=("after-pulse probability of the model",),
        published={"qber": 0.0201},
        notes=("Dates of the calibrations are assumed.",),
    )


def _run_figures(bench: _Bench, run: Run) -> dict[str, Step]:
    """Record the metrics of the run from its counts."""
    label = "RUN-2021/recomputation"
    bench.event(label, "", run_id="RUN-2021")
    inputs, origins = run_inputs(run)
    ids: dict[str, int] = {}
    for quantity in inputs:
        ids[quantity.name] = len(bench.network.inputs) + 1
        _take_input(bench, quantity, ids[quantity.name])
        bench.own(label, quantity.name, Leaf(ids[quantity.name]), origins[quantity.name])
    figures, _ = run_results(run, "bbm92", inputs)
    steps: dict[str, Step] = {}
    for one in figures:
        step = bench.network.add(
            one.value,
            one.model,
            tuple(
                Argument(a.name, a.sensitivity, input_id=ids[a.input_name]) for a in one.arguments
            ),
        )
        bench.results[step.result_id] = RecordedResult(
            step.result_id,
            label,
            one.name,
            one.measurand,
            one.unit,
            one.form,
            one.interval,
            one.interval_method,
            one.flags,
        )
        steps[one.name] = step
    return steps


def _take_input(bench: _Bench, quantity: InputQuantity, input_id: int) -> None:
    bench.network.inputs[input_id] = replace(quantity, input_id=input_id)


def _packs() -> tuple[StandardPack, ...]:
    return tuple(
        pack_from_dict(tomllib.loads(path.read_text(encoding="utf-8")), where=str)
        for path in sorted((DATA / "standards").glob("*.toml"))
    )


def sample_scheme(name: str = "demonstration_link") -> Scheme:
    """Return a scheme that travels with the project."""
    path = DATA / "schemes" / f"{name}.toml"
    return scheme_from_dict(tomllib.loads(path.read_text(encoding="utf-8")), where=str)


def _standards() -> tuple[AppliedStandard, ...]:
    return tuple(
        AppliedStandard(
            pack.standard_id,
            pack.title,
            pack.edition,
            "9c" * 32,
            pack.requirements,
            f"{pack.supersedes} is superseded by {pack.standard_id}" if pack.supersedes else "",
            pack.notice,
        )
        for pack in _packs()
        # The link runs without a plan, and compares no clocks.
        if not pack.standard_id.startswith(("KEY", "ITU-T", "SYNC"))
    )


def _link() -> Link:
    return Link(
        "SYNTHETIC-1",
        "entanglement link on paper with two real detectors",
        "bbm92",
        ("site A", "site B"),
        "SYNTHETIC",
        (
            Declaration("efficiency_mismatch", 0.05, "1", "5 %", "security target, section 3"),
            Declaration("qber_abort", 0.0981, "1", "9.81 %", "security target, section 4"),
            Declaration("epsilon_total", 1e-9, "1", "1e-9", "security target, section 5"),
            Declaration("dark_count_rate", 30000.0, "/s", "30000 /s", "security target"),
        ),
        source="this project",
    )


@cache
def sample_case() -> CaseFile:
    """Return the case: D1 and D2 in a run watermarked SYNTHETIC."""
    bench = _Bench()
    shared = _shared(bench)
    made = {name: _detector(bench, name, shared) for name in DETECTORS}
    roles = {"receiver_a": "D1", "receiver_b": "D2"}
    used = {role: _in_use(bench, role, name, made[name]) for role, name in roles.items()}
    figures: list[Figure] = []
    for role, (efficiency, dark) in used.items():
        figures.append(Figure("detector.system_detection_efficiency", role, efficiency.result_id))
        figures.append(Figure("detector.dark_count_rate", role, dark.result_id))
    run = _run()
    for name, step in _run_figures(bench, run).items():
        figures.append(Figure(f"qkd.bbm92.{name}", "SYNTHETIC-1", step.result_id))
    ratio = bench.result(
        "RUN-2021/recomputation",
        "efficiency_ratio",
        "a / b",
        a=used["receiver_a"][0],
        b=used["receiver_b"][0],
    )
    figures.append(Figure("detector.efficiency_ratio", "receiver_a/receiver_b", ratio.result_id))
    devices = tuple(
        DeviceInRole(
            role,
            Device(
                f"SNSPD-{name}", "snspd", "NIST", "WSi", f"{name}-2021-07", FIRMWARE["firmware"]
            ),
        )
        for role, name in roles.items()
    )
    return CaseFile(
        _link(),
        run,
        (*devices, DeviceInRole("transmitter", None, "entangled photon source")),
        _dossier(bench),
        tuple(figures),
        (DocumentEvidence("qkd.security_proof", "SYNTHETIC-1", "proof-of-bbm92.pdf", ""),),
        _standards(),
        sample_scheme(),
    )


def _dossier(bench: _Bench) -> Dossier:
    since = datetime(2021, 1, 1, tzinfo=UTC)
    return Dossier(
        bench.network.build(),
        bench.results,
        bench.events,
        bench.owner,
        {"NIST-BOULDER": Laboratory("NIST-BOULDER", "NIST, Boulder", "US")},
        tuple(
            CalibrationProgramme(f"SNSPD-{name}", kind, 365.0, "quality manager", since)
            for name in DETECTORS
            for kind in ("system_detection_efficiency", "dark_count_rate")
        ),
    )


def sample_functions() -> Mapping[str, ModelFunction]:
    """Return the functions that the stored models name."""
    return functions()


@cache
def sample_conclusions() -> Conclusions:
    """Return what follows from the case."""
    return conclude(sample_case(), sample_functions())


def sample_head() -> DocumentHead:
    """Return the head of the document about the case."""
    decision = sample_conclusions().decision
    return DocumentHead(
        "QT-2026-0001",
        decision.attestation_kind,
        title_of(decision.attestation_kind, decision.word),
        datetime(2026, 3, 2, 10, 15, tzinfo=UTC),
        "R. Meyer",
        "Example laboratory",
        "qtrace 0.1.0",
        sample_case().link.watermark,
    )


def nist_chain() -> Chain:
    """Return the chain of D1's efficiency at its use in the run."""
    return sample_conclusions().chains[0]
